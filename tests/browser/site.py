"""The demo street behind the real server, on loopback, for a browser: played once, copied for each test that writes."""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

from django.conf import settings

from hege.stories.street import PASSWORD

STREET = "310117006"
STARTS_WITHIN, PLAYED_WITHIN = 60, 300  # seconds, on a busy machine


def play(database: Path) -> None:
    """Play the demo street into a file, once for all processes of a run: the others wait for it."""
    lock = database.with_suffix(".lock")
    try:
        lock.touch(exist_ok=False)
    except FileExistsError:
        _wait_for(database)
        return
    made = database.with_suffix(".part")
    hege("demo", database=made)
    with closing(sqlite3.connect(made)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    made.rename(database)


def _wait_for(file: Path) -> None:
    until = time.monotonic() + PLAYED_WITHIN
    while not file.exists():
        assert time.monotonic() < until, f"{file} was not played within {PLAYED_WITHIN} s"
        time.sleep(0.2)


def environment(database: Path, url: str = "") -> dict[str, str]:
    """What a command over a database file is run with, or over another database beside whose files it would lie."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HEGE_")}
    return {
        **kept,
        "HEGE_DATABASE_URL": url or f"sqlite:///{database}",
        "HEGE_DATA_DIR": str(database.parent),
        "DJANGO_SETTINGS_MODULE": "tests.browser.settings",
        "PYTHONPATH": os.pathsep.join([str(settings.BASE_DIR), kept.get("PYTHONPATH", "")]),
        "PYTHONUTF8": "1",
    }


def hege(*words: str, database: Path, url: str = "", told: str | None = None) -> str:
    """Run a command over a database; ``told`` is what it reads. What it said."""
    command = [sys.executable, "-m", "hege.cli.main", *words]
    done = subprocess.run(
        command,
        env=environment(database, url),
        cwd=settings.BASE_DIR,
        input=told,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@dataclass
class Site:
    """A running server over a database file."""

    address: str
    database: Path
    pid: int = 0

    def one(self, sql: str, *values: Any) -> Any:
        """The first column of the first row of a read-only query."""
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as connection:
            row = connection.execute(sql, values).fetchone()
        return None if row is None else row[0]

    def url(self, path: str) -> str:
        return self.address + path

    def here(self, path: str = "") -> str:
        """An address of the first street."""
        return f"{self.address}/{STREET}/{path}"


@contextmanager
def served(
    database: Path, *, url: str = "", workers: int = 1, more: Mapping[str, str] = MappingProxyType({})
) -> Iterator[Site]:
    """The site, served by the server that offices use, until the block ends."""
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = database.with_suffix(".log").open("w")
    command = [sys.executable, "-m", "hege.cli.main", "serve", "--port", str(port), "--workers", str(workers)]
    server = subprocess.Popen(
        command, env={**environment(database, url), **more}, cwd=settings.BASE_DIR, stdout=log, stderr=log
    )
    site = Site(f"http://127.0.0.1:{port}", database, server.pid)
    try:
        _wait_until_it_answers(site, server)
        yield site
    finally:
        server.terminate()
        server.wait(timeout=60)
        log.close()


def _wait_until_it_answers(site: Site, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while True:
        try:
            with urlopen(site.url("/sign-in/"), timeout=STARTS_WITHIN / 2) as answer:
                assert answer.status == 200
                return
        except HTTPError:
            raise
        except OSError:
            assert server.poll() is None, site.database.with_suffix(".log").read_text()
            assert time.monotonic() < until, f"no answer within {STARTS_WITHIN} s"
            time.sleep(0.1)


def copied(template: Path, to: Path) -> Path:
    """A copy of the played street with its pictures; nothing has it open."""
    shutil.copy(template, to)
    shutil.copytree(template.with_name("attachments"), to.with_name("attachments"))
    return to


__all__ = ["PASSWORD", "STREET", "Site", "copied", "hege", "play", "served"]
