"""A street many times over: each thing in it copied with all that hangs on it, by the database itself (SQLite).

What belongs to nobody in particular stays one: the grid, people and their posts, the calendar, a year's season.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from django.apps import apps
from django.db import connection, models
from django.db.backends.sqlite3.base import SQLiteCursorWrapper

from hege.people.models import Party, Street

#: Packages, and rows of others, of which a street has the one it has.
ONCE = {
    "places.Place",
    "places.CalendarDay",
    "trail.TrailHead",
    "credentials.IssuerKey",
    "seasons.Season",
    "seasons.Topic",
}
ONCE_PACKAGES = {"people", "search", "workspace"}
#: Words that are one of a few, although no choices are said with them.
STATES = {"kind", "state"}
#: Keys of copies: beyond all that were there, so far apart for each time.
APART = 1_000_000


def _copied() -> list[type[models.Model]]:
    return [
        model
        for model in apps.get_models()
        if "street" in {field.name for field in model._meta.concrete_fields}
        and model._meta.label not in ONCE
        and (model is Party or model._meta.app_label not in ONCE_PACKAGES)
    ]


def multiply(street: Street, first: int, last: int) -> None:
    """Copies ``first`` to ``last`` of all that is in a street."""
    copied = _copied()
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA ignore_check_constraints = 1")
        cursor.execute("PRAGMA defer_foreign_keys = 1")
        for model in copied:
            table = model._meta.db_table
            fields = model._meta.concrete_fields
            unique = _told_apart(model, copied)
            values = [_value(field, copied, apart=field.name in unique) for field in fields]
            columns = ", ".join(f'"{field.column}"' for field in fields)
            cursor.execute(
                f'WITH RECURSIVE k(n) AS (SELECT %s UNION ALL SELECT n + 1 FROM k WHERE n < %s) '
                f'INSERT INTO "{table}" ({columns}) SELECT {", ".join(values)} FROM "{table}" row, k '
                f"WHERE row.street_id = %s AND row.{model._meta.pk.column} < {APART}",
                [first, last, street.pk],
            )  # fmt: skip
        cursor.execute("PRAGMA ignore_check_constraints = 0")
        cursor.execute("ANALYZE")


def _value(field: Any, copied: list[type[models.Model]], *, apart: bool) -> str:
    column, moved = f'row."{field.column}"', f'row."{field.column}" + k.n * {APART}'
    if field.primary_key or (field.is_relation and field.related_model in copied):
        return moved
    if not apart:
        return column
    if isinstance(field, models.DateField):
        return f"date({column}, '-' || k.n || ' years')"
    return (
        moved
        if isinstance(field, models.IntegerField)
        else f"CASE {column} WHEN '' THEN '' ELSE {column} || 'c' || k.n END"
    )


def _told_apart(model: type[models.Model], copied: list[type[models.Model]]) -> set[str]:
    """The columns by which rows of a table differ, where no copied parent tells them apart."""
    groups = [[field.name] for field in model._meta.concrete_fields if field.unique and not field.primary_key]
    groups += [list(one.fields) for one in model._meta.constraints if isinstance(one, models.UniqueConstraint)]
    found = set[str]()
    for names in groups:
        fields: list[Any] = [model._meta.get_field(name) for name in names]
        if not any(field.is_relation and field.related_model in copied for field in fields):
            words = (models.CharField, models.TextField, models.IntegerField)
            plain = {f.name for f in fields if isinstance(f, words) and not f.choices and f.name not in STATES}
            found |= plain or {field.name for field in fields if isinstance(field, models.DateField)}
    return found


@contextmanager
def rows_read() -> Iterator[list[int]]:
    """Counts the rows that the database hands out."""
    count = [0]
    one, many, rest = (getattr(SQLiteCursorWrapper, name) for name in ("fetchone", "fetchmany", "fetchall"))

    def counted(fetched: Any) -> Any:
        count[0] += len(fetched)
        return fetched

    def fetchone(cursor: Any) -> Any:
        row = one(cursor)
        count[0] += row is not None
        return row

    with (
        patch.object(SQLiteCursorWrapper, "fetchone", fetchone, create=True),
        patch.object(SQLiteCursorWrapper, "fetchmany", lambda *args: counted(many(*args)), create=True),
        patch.object(SQLiteCursorWrapper, "fetchall", lambda cursor: counted(rest(cursor)), create=True),
    ):
        yield count
