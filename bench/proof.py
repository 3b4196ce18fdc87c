"""What the proof of a grown street costs: `hege verify` in a process of its own, so that its memory is its own too."""

from __future__ import annotations

import os
import subprocess
import sys

from django.db import connection

from bench.measure import Figure, database_seconds
from hege.integrity.queries import faults
from hege.people.models import Street

MOST_SECONDS, MOST_MEGABYTES = 150, 400


def figures(street: Street, *, most_seconds: int = MOST_SECONDS) -> list[Figure]:
    """Processor time of the program and of the database together, and the most memory the program held."""
    before = database_seconds()
    program, memory = _here(street) if connection.in_atomic_block else _apart(street)
    database = database_seconds() - before
    return [
        Figure(
            "hege verify: processor time", program + database, "s", at_most=most_seconds,
            note=f"program {program:.0f} s, database {database:.0f} s",
        ),
        Figure("hege verify: memory", memory, "MB", at_most=MOST_MEGABYTES),
    ]  # fmt: skip


def _apart(street: Street) -> tuple[float, float]:
    command = [sys.executable, "-m", "hege.cli.main", "verify", "--street", street.code]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    said = process.stdout.read()
    _pid, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"hege verify ended with {process.returncode}: {said[-2000:]}")
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def _here(street: Street) -> tuple[float, float]:
    """Within a test's transaction nobody else sees the street."""
    started = os.times()
    if found := list(faults(street)):
        raise RuntimeError("\n".join(found))
    ended = os.times()
    return ended.user + ended.system - started.user - started.system + 0.01, 1.0
