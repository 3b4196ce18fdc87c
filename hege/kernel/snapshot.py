"""Many reads that see one state of the database, however long they take; nobody is kept from writing meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from hege.kernel.database import atomic, connection

READS = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"


@contextmanager
def one_snapshot() -> Iterator[None]:
    """A transaction of its own that only reads, and sees what was committed when it began.

    ``RuntimeError`` within another transaction, but that of a test.
    """
    begun: Any = connection.in_atomic_block
    if connection.vendor == "postgresql":
        with atomic(durable=True):
            if not begun:
                with connection.cursor() as cursor:
                    cursor.execute(READS)
            yield
        return
    waits: Any = connection
    usual, waits.transaction_mode = waits.transaction_mode, "DEFERRED"  # no lock that writers wait for
    try:
        with atomic(durable=True):
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT 1 FROM sqlite_schema LIMIT 1"
                )  # a transaction of SQLite sees what its first read sees
            yield
    finally:
        waits.transaction_mode = usual
