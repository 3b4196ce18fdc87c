"""Which tables hold anything, and what PostgreSQL's planner knows of them. Its own service counts each within a minute or so; who reads everything before that
gets plans made for tables of nothing: minutes for a street of a day."""

from __future__ import annotations

from collections.abc import Iterable

from hege.kernel.database import connection

#: Tables of fewer bytes are read in an instant by any plan.
SMALL = 128 * 1024
#: Those that nobody has counted, and that whoever asks may have counted: their owner.
UNCOUNTED = """
    SELECT c.oid::regclass::text FROM pg_class c
    WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace AND pg_relation_size(c.oid) > %s
      AND pg_has_role(c.relowner, 'USAGE') AND NOT pg_is_in_recovery()
      AND NOT EXISTS (SELECT 1 FROM pg_stats s WHERE s.schemaname = current_schema() AND s.tablename = c.relname)
"""


def count_uncounted() -> None:
    """Let PostgreSQL count the larger tables that it has not counted yet; elsewhere, and where all are, nothing."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute(UNCOUNTED, [SMALL])
        tables = [table for (table,) in cursor.fetchall()]
        if tables:
            cursor.execute(f"ANALYZE {', '.join(tables)}")


def filled(tables: Iterable[str]) -> set[str]:
    """Those of these tables that hold a row, in one statement."""
    asked = [f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {table})" for table in sorted(set(tables))]  # noqa: S608 - ours
    if not asked:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(asked))
        return {table for (table,) in cursor.fetchall()}
