"""Changing rows behind Hege's back, as somebody with the database's password could: triggers off, on both databases."""

from __future__ import annotations

from typing import Any

from hege.kernel.database import connection


def tamper(sql: str, *values: Any) -> int:
    """Run one statement with all triggers off, inside the test's transaction; answers how many rows it changed."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL session_replication_role = replica")
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            for (name,) in cursor.fetchall():
                cursor.execute(f'DROP TRIGGER "{name}"')
        cursor.execute(sql, values)
        return int(cursor.rowcount)
