"""The rows of each table of a city's files, one after the other, month by month."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import groupby, islice
from typing import Any, NamedTuple

from django.apps import apps

from hege.city.rules import Table
from hege.kernel.clock import day_of
from hege.people.models import Street
from hege.privacy.queries import field_at
from hege.trail.models import TrailHead

BATCH = 20_000  # rows that are in memory at a time, and that are read from the database at once


class Batch(NamedTuple):
    """Some rows of one table and month ("2026-01"; empty where a table has no months)."""

    month: str
    rows: list[tuple[Any, ...]]


def batches(street: Street, table: Table) -> Iterator[Batch]:
    """The rows of a street, month after month; no month comes twice."""
    for month, rows in groupby(_rows(street, table), key=lambda row: _month(row[0])):
        values = (row[1:] for row in rows)
        while some := list(islice(values, BATCH)):
            yield Batch(month, some)


def _rows(street: Street, table: Table) -> Iterator[tuple[Any, ...]]:
    """By a cursor of the server, so that they are never all in memory; the first value is the day they are ordered by."""
    order = table.month_of or "pk"
    rows = apps.get_model(table.model)._default_manager.filter(street=street, **dict(table.only)).order_by(order, "pk")
    yield from rows.values_list(order, *(column.path for column in table.columns)).iterator(BATCH)


def _month(day: Any) -> str:
    if isinstance(day, dt.datetime):
        day = day_of(day)
    return f"{day:%Y-%m}" if isinstance(day, dt.date) else ""


def sources_of(table: Table) -> dict[str, str]:
    """The field at the end of each path of a table, as ``app.Model.field``."""
    model = apps.get_model(table.model)
    fields = {column.path: field_at(model, column.path) for column in table.columns}
    return {path: f"{field.model._meta.label}.{field.name}" for path, field in fields.items()}


def ends_of_trails(streets: list[Street]) -> dict[str, dict[str, Any]]:
    """Where the trail of each street ends, by street code: what ties files to what the database said."""
    heads = TrailHead.objects.filter(street__in=streets).values_list("street__code", "seq", "hash")
    return {code: {"line": seq, "hash": digest} for code, seq, digest in heads}
