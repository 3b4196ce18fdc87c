"""Timing, counting, and the table they end in."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from django.db import connection
from django.test.utils import CaptureQueriesContext

TICK = os.sysconf("SC_CLK_TCK")
OF_TRANSACTIONS = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")  # not counted: within a test they are others


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured line: a median with its unit, what it may be at most (or at least), and how many queries it took,
    those that begin and end transactions left out."""

    name: str
    median: float
    unit: str
    note: str = ""
    best: float | None = None
    worst: float | None = None
    cpu: float | None = None
    queries: int | None = None
    at_most: float | None = None
    queries_at_most: int | None = None
    cpu_at_most: float | None = None

    @property
    def met(self) -> bool | None:
        """Whether the targets are met; ``None`` where there is none."""
        if self.at_most is None and self.queries_at_most is None and self.cpu_at_most is None:
            return None
        in_time = self.at_most is None or self.median <= self.at_most
        in_time = in_time and (self.cpu_at_most is None or (self.cpu or 0) <= self.cpu_at_most)
        return in_time and (self.queries_at_most is None or (self.queries or 0) <= self.queries_at_most)


def milliseconds(
    name: str,
    calls: Iterable[Callable[[], object]],
    *,
    note: str = "",
    at_most: float | None = None,
    queries_at_most: int | None = None,
    cpu_at_most: float | None = None,
) -> Figure:
    """The median of several calls in ms; the first is made once before, unmeasured, and its queries counted.

    ``cpu`` is what a call kept processors busy here and in the database, the mean of the calls: on a machine that
    others use it says what the median would be if they did not.
    """
    todo = list(calls)
    with CaptureQueriesContext(connection) as asked:
        todo[0]()
    queries = sum(not sql["sql"].startswith(OF_TRANSACTIONS) for sql in asked)  # now: the next request empties the log
    took = []
    busy = time.process_time() + database_seconds()
    for call in todo:
        started = time.perf_counter()
        call()
        took.append((time.perf_counter() - started) * 1000)
    busy = time.process_time() + database_seconds() - busy
    return Figure(
        name,
        statistics.median(took),
        "ms",
        note or f"{len(todo)} runs",
        best=min(took),
        worst=max(took),
        cpu=busy * 1000 / len(todo),
        queries=queries,
        at_most=at_most,
        queries_at_most=queries_at_most,
        cpu_at_most=cpu_at_most,
    )


def count_rows(*tables: str) -> None:
    """Let PostgreSQL count the rows that were just made, as a database in use has long ago; of some tables or of all.

    Within a transaction (a test) they are counted and nothing is cleared away. Without it a plan is made for a table of
    none: one query of an import took minutes.
    """
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute(f"{'ANALYZE' if connection.in_atomic_block else 'VACUUM (ANALYZE)'} {', '.join(tables)}")


def database_seconds() -> float:
    """Processor time of our connection's PostgreSQL process and of its helpers, where they run on this machine."""
    found = database_processes()
    if found is None:
        return 0.0
    own, server = found
    return processor_seconds(own)[0] + processor_seconds(server)[1]


def database_processes() -> tuple[int, int] | None:
    """Our connection's PostgreSQL process and the server's main one; None where they do not run on this machine."""
    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (own,) = cursor.fetchone()
    told = _told(own)
    return (own, int(told[1])) if told else None


def processor_seconds(pid: int) -> tuple[float, float]:
    """Processor time of a process, and of those it began that have ended; none where there is no such process."""
    told = [int(ticks) / TICK for ticks in _told(pid)[11:15]]
    return sum(told[:2]), sum(told[2:])


def _told(pid: int) -> list[str]:
    """What the kernel tells of a process, from its state on."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return []


def table(figures: Iterable[Figure]) -> str:
    """The figures in aligned columns, the way docs/performance.md quotes them."""
    head = ("measured", "median", "fastest", "slowest", "cpu", "queries", "target", "", "")
    rows = [head]
    for f in figures:
        target = [f"<= {f.at_most:g} {f.unit}"] if f.at_most is not None else []
        target += [f"<= {f.cpu_at_most:g} ms of cpu"] if f.cpu_at_most is not None else []
        target += [f"<= {f.queries_at_most} queries"] if f.queries_at_most is not None else []
        rows.append(
            (
                f.name,
                f"{_number(f.median)} {f.unit}",
                f"{_number(f.best)} {f.unit}" if f.best is not None else "",
                f"{_number(f.worst)} {f.unit}" if f.worst is not None else "",
                f"{_number(f.cpu)} {f.unit}" if f.cpu is not None else "",
                "" if f.queries is None else str(f.queries),
                ", ".join(target),
                {True: "met", False: "MISSED", None: ""}[f.met],
                f.note,
            )
        )
    widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
    return "\n".join("  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in rows)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}".rstrip("0").rstrip(".")
