"""All that is measured, in the order it is printed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import connection

from bench import (
    badges,
    booking,
    case,
    city,
    frame,
    matching,
    numbers,
    pictures,
    proof,
    reading,
    search,
    today,
    vouchers,
)
from bench import honours as roll
from bench.measure import Figure
from bench.street import Size
from hege.people.models import Street


def everything(street: Street, size: Size, given: Any) -> Iterator[list[Figure]]:
    """Each table as it is measured, by what was asked on the command line. The street is exported as it was made."""
    yield city.figures(street, size, streets=given.streets)
    counts = {name: getattr(given, name) for name in ("receipts", "lines", "reads", "writes", "cases", "honours")}
    yield from measure(street, size, **counts)
    yield from vouchers.tables(given, None)
    yield search.figures(given.cases, runs=given.reads)
    yield pictures.figures(runs=given.writes, shrunk=10 if given.small else 1)


def measure(
    street: Street, size: Size, *, receipts: int, lines: int, reads: int, writes: int, cases: int, honours: int
) -> Iterator[list[Figure]]:
    """Reads and the proof first, on tables as vacuumed; then the bookings, which make them longer; then the frame,
    numbers, badges, one case, open cases and the honour roll."""
    yield reading.figures(street, size, runs=reads)
    yield proof.figures(street)
    yield matching.figures(street, size, lines=lines, runs=max(1, writes))
    if connection.vendor == "postgresql":  # beside a COPY of the same rows, which SQLite has not
        yield booking.figures(street, size, receipts=receipts, runs=writes)
    yield frame.figures(runs=reads)
    yield numbers.figures()
    yield badges.figures(badges=reads * 10)
    yield case.figures(runs=reads)
    yield today.figures(cases, runs=max(1, reads // 10))
    yield roll.figures(honours, rows=honours // 5, runs=reads)
