"""`make demo`: people can sign in within seconds, while their street is still being filled."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

import pytest

from hege.people.models import Organisation, Street
from hege.stories.demo import Demo, is_half_played
from hege.stories.street import PASSWORD
from tests.cast import Cast

WITHIN = 300  # seconds, on a busy machine


@dataclass
class Shown:
    """A demo that is served from a database file; what it printed so far."""

    address: str
    log: Path

    def said(self, words: str) -> bool:
        return words in self.log.read_text(encoding="utf-8")

    def wait_for(self, words: str) -> None:
        until = time.monotonic() + WITHIN
        while not self.said(words):
            assert time.monotonic() < until, self.log.read_text(encoding="utf-8")
            time.sleep(0.1)

    def sign_in(self, username: str) -> str:
        """The address of the page somebody is led to."""
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        page = f"{self.address}/sign-in/"
        until = time.monotonic() + WITHIN
        while True:
            try:
                form = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', browser.open(page).read().decode()))
                break
            except OSError:
                assert time.monotonic() < until, self.log.read_text(encoding="utf-8")
                time.sleep(0.1)
        sent = urllib.parse.urlencode({**form, "username": username, "password": PASSWORD}).encode()
        return str(browser.open(urllib.request.Request(page, sent, {"Origin": self.address})).url)


def environment(database: Path) -> dict[str, str]:
    said = {"HEGE_DATABASE_URL": f"sqlite:///{database}", "HEGE_DATA_DIR": str(database.parent), "PYTHONUTF8": "1"}
    return {**os.environ, **said}


@contextmanager
def shown(database: Path) -> Iterator[Shown]:
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = database.with_name(f"{port}.log")  # what fills the first demo may still write when the second begins
    command = [sys.executable, "-m", "hege.cli.main", "demo", "--serve", "--port", str(port), "--workers", "1"]
    with log.open("w") as out:
        process = subprocess.Popen(command, env=environment(database), stdout=out, stderr=out)
    try:
        yield Shown(f"http://127.0.0.1:{port}", log)
    finally:
        process.terminate()
        process.wait(timeout=20)


@pytest.mark.slow
@pytest.mark.once
def test_people_sign_in_while_the_demo_is_filled_and_one_that_was_stopped_begins_anew(tmp_path: Path):
    database = tmp_path / "demo.sqlite3"
    with shown(database) as first:
        assert first.sign_in("coordinator-baihe") == f"{first.address}/310118110/"
        assert not first.said("都建好了")
    with shown(database) as second:
        second.wait_for("都建好了")
        assert second.said("上次的示例没有建完，从头再建")
        assert not second.said("ERROR")
        assert second.sign_in("coordinator") == f"{second.address}/310117006/"
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("SELECT count(*) FROM arrears_dailywatch").fetchone() == (3,)
    said = verified_by_two(database, status=0)
    assert (said["verified"], list(said["faults"])) == (True, ["310117006", "310118107", "310118110"])
    with closing(sqlite3.connect(database)) as connection:
        connection.execute(
            "UPDATE ledger_monthtotal SET fen = fen + 1 WHERE id = (SELECT min(id) FROM ledger_monthtotal)"
        )
        connection.commit()
    said = verified_by_two(database, status=1)
    assert {code: len(lines) for code, lines in said["faults"].items()} == {
        "310117006": 1,
        "310118107": 0,
        "310118110": 0,
    }


def verified_by_two(database: Path, *, status: int) -> Any:
    """What `hege verify` says of all streets, two at a time, each in a process of its own."""
    verify = [sys.executable, "-m", "hege.cli.main", "verify", "--jobs", "2", "--json"]
    done = subprocess.run(verify, env=environment(database), stdout=subprocess.PIPE, check=False)
    assert done.returncode == status
    return json.loads(done.stdout)


@pytest.mark.django_db
def test_an_offices_own_street_is_never_taken_for_a_demo_that_was_stopped():
    Demo(dt.date(2026, 11, 23), tell=lambda _step: None).begin()
    assert is_half_played()
    Street.objects.create(organisation=Organisation.objects.create(name="九里亭街道"), code="310117007", name="新桥镇")
    assert not is_half_played()


@pytest.mark.django_db
def test_a_street_that_nobody_has_watched_over_yet_is_no_demo(cast: Cast):
    assert not is_half_played()
