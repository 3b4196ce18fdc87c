"""What the proof of a street asks of the database grows with the street and no faster."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.db.models.sql import compiler
from django.db.transaction import atomic, set_rollback
from django.test.utils import CaptureQueriesContext

from bench.street import Size, build
from hege.integrity.queries import faults

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@contextmanager
def rows_fetched(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Counts the rows that come from the database, whoever asks."""
    count, plain = [0], compiler.cursor_iter

    def counted(*args: Any, **named: Any) -> Iterator[Any]:
        for rows in plain(*args, **named):
            count[0] += len(rows)
            yield rows

    with monkeypatch.context() as patch:
        patch.setattr(compiler, "cursor_iter", counted)
        yield count


def asked(size: Size, monkeypatch: pytest.MonkeyPatch) -> tuple[int, int]:
    """Statements and rows of a whole proof of a street of some size."""
    with atomic():
        street = build(size, workers=0)
        with CaptureQueriesContext(connection) as statements, rows_fetched(monkeypatch) as rows:
            assert list(faults(street)) == []
        set_rollback(True)
    return len(statements), rows[0]


def test_twice_the_months_are_as_many_statements_and_twice_the_rows_at_most(monkeypatch: pytest.MonkeyPatch):
    statements, rows = asked(Size(points=2, units=10, periods=4), monkeypatch)
    more_statements, more_rows = asked(Size(points=2, units=10, periods=8), monkeypatch)
    assert more_statements == statements
    assert rows > 1_000
    assert more_rows <= 2.1 * rows


def test_twice_the_meters_are_as_many_statements_and_twice_the_rows_at_most(monkeypatch: pytest.MonkeyPatch):
    statements, rows = asked(Size(points=2, units=10, periods=4), monkeypatch)
    more_statements, more_rows = asked(Size(points=4, units=10, periods=4), monkeypatch)
    assert more_statements == statements
    assert more_rows <= 2.1 * rows
