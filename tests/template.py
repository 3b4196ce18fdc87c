"""The databases of the tests: copies of one that is migrated and empty, and of streets that are played once.

Migrating takes 2 seconds of CPU with its process, a copy none to speak of. The migrated database of each kind is kept in var/tests/ under
a digest of all that decides what the migrations make: the migrations, what of Hege they import, and Django.
"""

from __future__ import annotations

import ast
import datetime as dt
import fcntl
import hashlib
import os
import pickle
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, TypeVar
from unittest.mock import patch

import django
import psycopg
import time_machine
from django.conf import settings
from django.db import connection
from django.db.transaction import atomic

from hege.kernel import clock, written
from tests.postgres import program

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / "var" / "tests"
T = TypeVar("T")


@cache
def digest() -> str:
    """What the migrations are made of, in twelve letters."""
    waiting, read = sorted((ROOT / "hege").glob("**/migrations/*.py")), dict[Path, bytes]()
    waiting += [*_files("hege.kernel.street_keys"), *_files("hege.kernel.migrating")]
    while waiting:
        path = waiting.pop()
        if path not in read:
            read[path] = path.read_bytes()
            waiting += [found for name in _imported(read[path]) for found in _files(name)]
    whole = hashlib.sha256(django.__version__.encode())
    for path in sorted(read):
        whole.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + read[path] + b"\0")
    return whole.hexdigest()[:12]


def _imported(source: bytes) -> Iterator[str]:
    """The modules of Hege that a file imports, by any of the two ways."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith("hege."))
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("hege"):
            yield str(node.module)
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _files(module: str) -> list[Path]:
    path = ROOT / module.replace(".", "/")
    return [found for found in (path.with_suffix(".py"), path / "__init__.py") if found.is_file()]


def _kept(suffix: str, make: Callable[[Path], None]) -> Path:
    """The template of one kind, made by the first process that asks; the others wait for it."""
    KEPT.mkdir(parents=True, exist_ok=True)
    file = KEPT / f"migrated-{digest()}.{suffix}"
    with (KEPT / f"{suffix}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not file.exists():
            part = file.with_suffix(".part")
            part.unlink(missing_ok=True)
            make(part)
            for former in KEPT.glob(f"migrated-*.{suffix}"):
                former.unlink()
            part.rename(file)
    return file


def _migrate(url: str) -> None:
    environment = {**os.environ, "HEGE_DATABASE_URL": url, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
    command = [sys.executable, "-m", "hege.cli.main", "migrate", "-v", "0"]
    subprocess.run(command, env=environment, check=True)


# -- the databases of one process --------------------------------------------------------------------------------------


class Databases(ExitStack):
    """The databases of one test process; all are gone when it ends."""

    of_this_process: ClassVar[Databases]

    def __init__(self, folder: Path, shared: Path) -> None:
        """``folder`` is of this process, ``shared`` of all of its run."""
        super().__init__()
        Databases.of_this_process = self
        self.folder, self.shared, self.name = folder, shared, str(connection.settings_dict["NAME"])
        self.callback(use, self.name)
        self.played: dict[str, tuple[str, bytes, dt.datetime]] = {}
        self.empty = self.base = ""

    def copy(self, name: str) -> str:
        """A new database, migrated and empty: a file on SQLite, so that threads and processes see one."""
        if connection.vendor == "sqlite":
            return str(migrated_file(self.folder / f"{name}.sqlite3"))
        if not self.empty:
            server, self.empty = connection.get_connection_params(), f"test_{self.name}_empty_{os.getpid()}"
            self.enter_context(postgres_database(server, self.empty, sql=migrated_sql(server)))
        return self._copied(name, self.empty)

    def _copied(self, name: str, template: str) -> str:
        """A database on PostgreSQL that is of this process alone, as another is that nobody is connected to."""
        own = f"test_{self.name}_{name}_{os.getpid()}"
        self.enter_context(postgres_database(connection.get_connection_params(), own, template=template))
        return own

    @contextmanager
    def standing(
        self, name: str, play: Callable[[], T], wanted_next: Callable[[], bool] = lambda: False
    ) -> Iterator[tuple[T, written.Rows]]:
        """Stand on a street that many tests begin from: played once, then only connected to.

        Gives its things afresh, and the rows of it that no line of the trail speaks of yet. The next test stays connected
        if it wants the same street. The clock goes on from the instant it was played: what may be done within a quarter of
        an hour may be done however long the run is.
        """
        if name not in self.played:
            self.played[name] = self._found_or_played(name, play)
        database, things, at = self.played[name]
        use(database)
        try:
            with time_machine.travel(at):
                yield pickle.loads(things)
        finally:
            if not wanted_next():
                use(self.base)

    def _found_or_played(self, name: str, play: Callable[[], Any]) -> tuple[str, bytes, dt.datetime]:
        """A street as the first process of this run played it, that which asked, and a copy of it for each that asks."""
        own = f"street_{len(self.played)}"
        kept = self.shared / f"street-{hashlib.sha256(name.encode()).hexdigest()[:20]}"
        with kept.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (made := kept / "made").exists():
                (files := kept / "files").mkdir(parents=True, exist_ok=True)
                with patch.object(settings, "DATA_DIR", files):
                    database, things, at = self._played(own, play)
                use(self.base)
                if connection.vendor == "sqlite":
                    shutil.move(database, kept / "database")
                else:  # gone when this process ends: who asks later plays anew
                    self.callback(made.unlink)
                made.write_bytes(pickle.dumps((database, things, at)))
            database, things, at = pickle.loads(made.read_bytes())
            shutil.copytree(kept / "files", settings.DATA_DIR, dirs_exist_ok=True)
            if connection.vendor == "sqlite":
                return str(shutil.copyfile(kept / "database", self.folder / f"{own}.sqlite3")), things, at
            return self._copied(f"{own}_of_mine", database), things, at

    def _played(self, own: str, play: Callable[[], Any]) -> tuple[str, bytes, dt.datetime]:
        use(database := self.copy(own))
        with atomic():
            made = play(), written.pending()
            connection.run_on_commit.clear()  # what is not told yet is told of by the tests
        return database, pickle.dumps(made), clock.now()


def use(database: str) -> None:
    """Connect this process to a database from now on."""
    if connection.settings_dict["NAME"] == database:
        return
    connection.close()
    connection.settings_dict["NAME"] = settings.DATABASES["default"]["NAME"] = database


# -- SQLite ------------------------------------------------------------------------------------------------------------


def migrated_file(to: Path) -> Path:
    """Copy the migrated, empty SQLite database to a place where there is none."""
    return Path(shutil.copyfile(_kept("sqlite3", _migrated_file), to))


def _migrated_file(part: Path) -> None:
    _migrate(f"sqlite:///{part}")
    with closing(sqlite3.connect(part)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


# -- PostgreSQL --------------------------------------------------------------------------------------------------------


@contextmanager
def postgres_database(
    server: dict[str, Any], name: str, *, sql: bytes = b"", template: str = "template1"
) -> Iterator[str]:
    """A database of its own beside the others of a server, a copy of another, filled by a script; its address. It goes
    with the block."""
    where = _where(server)
    with psycopg.connect(**where, dbname="postgres", autocommit=True) as admin:
        admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        try:
            if sql:
                quiet = ["--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", "--output=/dev/null"]
                subprocess.run([program("psql"), *quiet], input=sql, env=_named(where, name), check=True)
            secret = f":{where['password']}" if "password" in where else ""
            yield f"postgres://{where['user']}{secret}@{where['host']}:{where['port']}/{name}"
        finally:
            admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _where(server: dict[str, Any]) -> dict[str, Any]:
    """How a server is reached, of all that a connection knows."""
    return {key: server[key] for key in ("host", "port", "user", "password") if server.get(key)}


def _named(where: dict[str, Any], database: str) -> dict[str, str]:
    """The environment in which PostgreSQL's programs find a database."""
    return {**os.environ, **{f"PG{key.upper()}": str(value) for key, value in where.items()}, "PGDATABASE": database}


def migrated_sql(server: dict[str, Any]) -> bytes:
    """The script that makes the migrated, empty PostgreSQL database."""

    where = _where(server)

    def make(part: Path) -> None:
        name = f"hege_migrating_{os.getpid()}"
        with postgres_database(server, name) as url:
            _migrate(url)
            dump = [program("pg_dump"), "--no-owner", f"--file={part}"]
            subprocess.run(dump, env=_named(where, name), check=True)

    with psycopg.connect(**where, dbname="postgres") as asked:
        version = asked.info.server_version // 10_000
    return _kept(f"{version}.sql", make).read_bytes()
