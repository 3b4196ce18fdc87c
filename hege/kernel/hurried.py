"""A write that is not worth waiting for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from hege.kernel.database import connection


@contextmanager
def not_waiting() -> Iterator[None]:
    """What is written within gives up at once where somebody else writes to an SQLite file, instead of waiting for them.

    Raises ``OperationalError`` then. PostgreSQL locks rows: there nobody need wait.
    """
    if connection.vendor != "sqlite":
        yield
        return
    connection.ensure_connection()
    plain = connection.connection.execute("PRAGMA busy_timeout").fetchone()[0]
    connection.connection.execute("PRAGMA busy_timeout = 0")
    try:
        yield
    finally:
        connection.connection.execute(f"PRAGMA busy_timeout = {plain}")
