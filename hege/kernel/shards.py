"""Several databases of one site (分库): each shard holds some streets whole, with their people, sessions and keys, and knows
nothing of the others. With one database there are none, and nothing here costs anything (docs/adr/0042-shards.md).

Which shard is asked is said once, by who knows the street: ``within``. Where nobody has, no database answers.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections, models

from hege.kernel.database import asked, here


def shard_of(code: str) -> str | None:
    """The shard that holds a street, by its division code; the one that says most of the code. None where none does."""
    found = [(len(begin), name) for name, codes in settings.SHARDS.items() for begin in codes if code.startswith(begin)]
    return max(found)[1] if found else None


def current() -> str:
    """The shard that is asked; empty where there is one database, or where nobody has said which."""
    name = here.get().removesuffix(settings.READ_FROM)
    return "" if name == DEFAULT_DB_ALIAS else name


def folder() -> Path:
    """Where files that belong to rows are kept: below the data folder, apart for each shard."""
    name, data = current(), Path(settings.DATA_DIR)
    return data.joinpath("shards", name) if name else data


def of_keys() -> str:
    """What the purpose of a key has to say beside, so that no key opens anything in another shard. Nothing in the first one:
    what an office had printed and sent before there were several stays good there."""
    name = current() or settings.SHARD_KEYS
    return f" of {name}" if name and name != next(iter(settings.SHARDS), "") else ""


@contextmanager
def within(name: str) -> Iterator[None]:
    """Ask the database of a shard. No transaction spans two: ``RuntimeError`` while one is open in another."""
    if name not in settings.SHARDS:
        raise KeyError(f"{name} is no shard of HEGE_DATABASES")
    if current() not in ("", name) and asked().in_atomic_block:
        raise RuntimeError(f"a transaction is open in {current()}: none spans two shards")
    before = here.set(name)
    try:
        yield
    finally:
        here.reset(before)


def each_in_turn() -> Iterator[str]:
    """Every shard, asked while it is at hand; once, without a name, where there is one database."""
    for name in settings.SHARDS:
        with within(name):
            yield name
    if not settings.SHARDS:
        yield ""


def replica_of(name: str) -> str | None:
    """The copy of a shard's database that may be read from, where one is named."""
    return name + settings.READ_FROM if name + settings.READ_FROM in connections.settings else None


def answers(alias: str) -> bool:
    """Whether a database can be asked."""
    try:
        connections[alias].ensure_connection()
    except DatabaseError:
        return False
    return True


@contextmanager
def reading_from(replica: str) -> Iterator[None]:
    """Ask the copy of the shard's database; who would write within is a defect: ``RuntimeError``."""
    before = here.set(replica)
    try:
        yield
    finally:
        here.reset(before)


class Router:
    """Django's question which database a row is in: the one that is asked, and never another than its own."""

    def db_for_read(self, _model: type[models.Model], **hints: Any) -> str:
        return _held(here.get(), hints)

    def db_for_write(self, _model: type[models.Model], **hints: Any) -> str:
        name = _held(here.get(), hints)
        if name.endswith(settings.READ_FROM):
            raise RuntimeError(f"a write while {name} is read from")
        return name

    def allow_relation(self, one: models.Model, other: models.Model, **_hints: Any) -> bool:
        return None in (_whose(one), _whose(other)) or _whose(one) == _whose(other)

    def allow_migrate(self, db: str, _app_label: str, **_hints: Any) -> bool:
        return not db.endswith(settings.READ_FROM) and db != DEFAULT_DB_ALIAS


def _held(name: str, hints: dict[str, Any]) -> str:
    """``name``, if the row in question is from that shard or new."""
    row = hints.get("instance")
    whose = _whose(row) if isinstance(row, models.Model) else None
    if whose is not None and whose != name.removesuffix(settings.READ_FROM):
        raise RuntimeError(f"a row of {whose} was asked about in {name}")
    return name


def _whose(row: models.Model) -> str | None:
    known = row._state.db
    return None if known is None else known.removesuffix(settings.READ_FROM)
