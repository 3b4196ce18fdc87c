"""What the proof and the warnings of a grown street cost: `hege verify` and `hege warn`, each in a process of its own, so that its
memory is its own too."""

from __future__ import annotations

import os
from collections.abc import Callable

from django.db import connection

from bench.apart import apart
from bench.measure import Figure, database_seconds
from hege.arrears.early_warning.queries import findings
from hege.integrity.queries import faults
from hege.kernel import clock
from hege.people.models import Street

MOST_SECONDS, MOST_MEGABYTES = 90, 300
WARN_MEGABYTES = 120


def figures(street: Street, *, most_seconds: int = MOST_SECONDS) -> list[Figure]:
    """Processor time of the program and of the database together, and the most memory the program held."""
    return [
        *_of("verify", street, lambda: _proven(street), most_seconds=most_seconds, most_megabytes=MOST_MEGABYTES),
        *_of("warn", street, lambda: findings(street, on=clock.today()), most_megabytes=WARN_MEGABYTES),
    ]


def _of(
    command: str,
    street: Street,
    here: Callable[[], object],
    *,
    most_megabytes: float,
    most_seconds: float | None = None,
) -> list[Figure]:
    before = database_seconds()
    if connection.in_atomic_block:
        program, memory = _here(here), 1.0
    else:
        run = apart(command, "--street", street.code)
        program, memory = run.cpu, run.megabytes
    database = database_seconds() - before
    return [
        Figure(
            f"hege {command}: processor time", program + database, "s", at_most=most_seconds,
            note=f"program {program:.0f} s, database {database:.0f} s",
        ),
        Figure(f"hege {command}: memory", memory, "MB", at_most=most_megabytes),
    ]  # fmt: skip


def _proven(street: Street) -> None:
    if found := list(faults(street)):
        raise RuntimeError("\n".join(found))


def _here(work: Callable[[], object]) -> float:
    """Within a test's transaction nobody else sees the street."""
    started = os.times()
    work()
    ended = os.times()
    return ended.user + ended.system - started.user - started.system + 0.01
