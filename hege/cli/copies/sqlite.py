"""Copies of a SQLite database. Copying the live file loses what is still in its journal."""

from __future__ import annotations

import gzip
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from hege.cli.copies.bundle import DATABASE
from hege.cli.copies.figures import Figures, figures
from hege.cli.copies.ours import check_ours, without_street
from hege.cli.copies.scratch import Scratch
from hege.cli.copies.work import CHUNK
from hege.kernel import clock
from hege.kernel.database import connection
from hege.kernel.refused import Refused

VENDOR, NAME = "sqlite", "SQLite"
MAGIC = b"SQLite format 3\x00"
_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"


def _database() -> Path:
    return Path(str(connection.settings_dict["NAME"]))


def _reading(file: Path) -> closing[sqlite3.Connection]:
    return closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, isolation_level=None))


def _figures(database: sqlite3.Connection) -> Figures:
    return figures([name for (name,) in database.execute(_TABLES)], database.execute)


def dump(work: Path) -> tuple[Path, Figures]:
    """The database as it is at one instant, zipped, and its figures at that instant.

    All pages are read in one transaction, which keeps nobody from writing; then rows that were deleted are left behind.
    """
    raw, lean, packed = work / "raw", work / "lean", work / DATABASE[VENDOR]
    with closing(sqlite3.connect(_database(), isolation_level=None)) as living:
        living.execute("BEGIN")
        told = _figures(living)
        with closing(sqlite3.connect(raw)) as copy:
            living.backup(copy)
        living.execute("ROLLBACK")
    with closing(sqlite3.connect(raw)) as copy:
        copy.execute("VACUUM INTO ?", [str(lean)])
    raw.unlink()
    check(lean, named=lean)
    with lean.open("rb") as read, gzip.GzipFile(packed, "wb", compresslevel=1, mtime=0) as write:
        shutil.copyfileobj(read, write, CHUNK)
    lean.unlink()
    return packed, told


def unpack(part: Path, to: Path) -> None:
    """The SQLite file that a part of a copy is, zipped or, in earlier releases, as it is."""
    with part.open("rb") as copy:
        bare = copy.read(len(MAGIC)) == MAGIC
    with part.open("rb") if bare else gzip.open(part) as read, to.open("wb") as write:
        shutil.copyfileobj(read, write, CHUNK)
    to.chmod(0o600)


def check(file: Path, *, named: Path, with_street: bool = False) -> None:
    """``Refused`` where a file is damaged or not Hege's; ``named`` is how who asked knows it."""
    try:
        with _reading(file) as copy:
            answer = copy.execute("PRAGMA integrity_check").fetchone()[0]
            if answer != "ok":
                raise _damaged(named, answer)
            check_ours(named, {name for (name,) in copy.execute(_TABLES)})
            if with_street and not copy.execute("SELECT 1 FROM people_street LIMIT 1").fetchone():
                raise without_street(named)
    except sqlite3.DatabaseError as problem:
        raise _damaged(named, problem) from problem


def _damaged(file: Path, reason: object) -> Refused:
    return Refused(_("%(file)s 已损坏或者不是合格的数据库：%(reason)s"), file=file, reason=reason)


@contextmanager
def ready(part: Path, *, work: Path, named: Path) -> Iterator[Path]:
    """A part of a copy unpacked beside the database and looked through, to be put in its place."""
    fresh = _database().with_name(f".{_database().name}.restoring")
    _drop(fresh)
    try:
        unpack(part, fresh)
        check(fresh, named=named, with_street=True)
        with closing(sqlite3.connect(fresh)) as copy:
            copy.execute("PRAGMA journal_mode=WAL")
        with fresh.open("rb") as written:
            os.fsync(written.fileno())
        yield fresh
    finally:
        _drop(fresh)


def _drop(fresh: Path) -> None:
    for rest in (fresh, fresh.with_name(fresh.name + "-wal"), fresh.with_name(fresh.name + "-shm")):
        rest.unlink(missing_ok=True)


def take_the_place(fresh: Path, *, named: Path) -> Path | None:
    """Put a finished file where the database is, in one step: whoever opens it finds the old one or the new one.

    The old one keeps a second name, which holds the time, so that a second restore never takes the place of what the
    first one kept. Nobody else may have it open: its journal is folded in first, and it stays locked until it is replaced.
    """
    connection.close()
    database = _database()
    if not database.exists():
        fresh.replace(database)
        return None
    kept = database.with_name(f"{database.name}.before-restore-{clock.now():%Y%m%d-%H%M%S-%f}")
    if kept.exists():
        raise Refused(_("%(file)s 已存在，原数据库没有地方留存。请稍候再试。"), file=kept)
    with closing(sqlite3.connect(database, timeout=1, isolation_level=None)) as old:
        try:
            old.execute("PRAGMA journal_mode=DELETE")  # fails while any other connection is open
            old.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as problem:
            raise Refused(_("数据库正在使用，请先停止网站和定时任务，再恢复。")) from problem
        try:
            os.link(database, kept)
        except OSError:  # a file system without second names
            shutil.copyfile(database, kept)
            kept.chmod(0o600)
        fresh.replace(database)
    return kept


@contextmanager
def scratch(part: Path, *, work: Path, named: Path) -> Iterator[Scratch]:
    """A database of its own made from a part of a copy, to be proven."""
    file = work / "scratch.sqlite3"
    unpack(part, file)
    check(file, named=named)
    with _reading(file) as copy:
        found = _figures(copy)
    yield Scratch(f"sqlite:///{file}", found)
