"""How long others wait while a street of millions of entries is brought up to date, and which locks each migration takes.

``python -m tests.postgres -- python -m bench.upgrade [RELEASE] [--entries N]``: the frozen street of a release
(tests/releases) is filled up with copies of its own rows; migrations run one after the other on one connection while
another reads and writes without pause. Exit status 1 where anybody waited longer than two seconds.
"""

from __future__ import annotations

import argparse
import lzma
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import django
import psycopg
from django.conf import settings

RELEASES = Path(__file__).resolve().parents[1] / "tests" / "releases"
LONGEST_SECONDS = 2.0
#: What the second connection does again and again; what it writes is taken back.
ASKED = {
    "read entries": "SELECT count(*) FROM (SELECT 1 FROM ledger_entry LIMIT 100) AS few",
    "read people": "SELECT count(*) FROM people_user",
    "write an entry": "INSERT INTO ledger_entry (amount_fen, effective_on, book_id, credit_id, debit_id, street_id, event_id)"
    " SELECT amount_fen, effective_on, book_id, credit_id, debit_id, street_id, event_id FROM ledger_entry LIMIT 1",
    "write the trail's head": "UPDATE trail_trailhead SET seq = seq",
    "write a street": "UPDATE people_street SET name = name",
}
LOCKS = (
    "SELECT DISTINCT relation::regclass::text, mode FROM pg_locks JOIN pg_class ON pg_class.oid = relation"
    " WHERE pid = pg_backend_pid() AND relkind = 'r' AND relnamespace = 'public'::regnamespace"
    " AND mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock') ORDER BY 1, 2"
)


def fill(connection: psycopg.Connection, entries: int) -> None:
    """Copies of the street's own rows: a fourth as many transactions, as many lines of the trail as transactions."""
    connection.execute("SET session_replication_role = replica")  # rows point where their originals did
    for table, rows, own in (
        ("ledger_event", entries // 4, {"reverses_id": "NULL", "source_row_id": "NULL"}),
        ("trail_trailline", entries // 4, {"seq": "(SELECT max(seq) FROM trail_trailline) + n"}),
        ("ledger_entry", entries, {}),
    ):
        named = connection.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND column_name <> 'id'", [table]
        )
        columns = [str(row[0]) for row in named]
        where = "WHERE reverses_id IS NULL" if table == "ledger_event" else ""
        values = ", ".join(own.get(column, f"one.{column}") for column in columns)
        connection.execute(
            f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values}"
            f" FROM (SELECT * FROM {table} {where} LIMIT 1) AS one, generate_series(1, {rows}) AS n".encode()
        )
    connection.execute("SET session_replication_role = origin")
    connection.execute("ANALYZE")


def keep_asking(url: str, longest: dict[str, float], stop: threading.Event) -> None:
    """One statement after the other, each in a transaction of its own that is taken back."""
    with psycopg.connect(url) as connection:
        while not stop.is_set():
            for name, statement in ASKED.items():
                began = time.perf_counter()
                connection.execute(statement.encode())
                longest[name] = max(longest.get(name, 0), time.perf_counter() - began)
                connection.rollback()


def migrate() -> None:
    """Each migration that waits, with the seconds it took and the locks it held at its end on tables that were there."""
    from django.db import connection
    from django.db.backends.postgresql.schema import DatabaseSchemaEditor
    from django.db.migrations.executor import MigrationExecutor

    from hege.kernel.street_keys import carry

    held: list[tuple[str, str]] = []
    leave = DatabaseSchemaEditor.__exit__

    def look_and_leave(self: DatabaseSchemaEditor, *problem: object) -> None:
        if problem[0] is None:
            for statement in self.deferred_sql:
                self.execute(statement, None)
            self.deferred_sql.clear()
            with connection.cursor() as cursor:
                cursor.execute(LOCKS)
                held.extend(cursor.fetchall())
        leave(self, *problem)  # type: ignore[arg-type]

    DatabaseSchemaEditor.__exit__ = look_and_leave  # type: ignore[assignment,method-assign]
    executor = MigrationExecutor(connection)
    for migration, _backwards in executor.migration_plan(executor.loader.graph.leaf_nodes()):
        before = set(connection.introspection.table_names())
        held.clear()
        began = time.perf_counter()
        MigrationExecutor(connection).migrate([(migration.app_label, migration.name)])
        locks = ", ".join(f"{table} {mode.removesuffix('Lock')}" for table, mode in held if table in before)
        print(
            f"{time.perf_counter() - began:7.2f} s  {migration}: {locks or 'no lock that anybody waits for'}",
            flush=True,
        )
    began = time.perf_counter()
    astray = carry(connection)
    print(f"{time.perf_counter() - began:7.2f} s  keys that carry the street; astray: {len(astray)}", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.upgrade", description=__doc__)
    newest = sorted(path.name.removesuffix(".json.xz") for path in RELEASES.glob("*.json.xz"))[-1]
    parser.add_argument("release", nargs="?", default=newest)
    parser.add_argument("--entries", type=int, default=2_400_000)
    given = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hege.settings")
    django.setup()
    url = os.environ["HEGE_DATABASE_URL"]
    script = lzma.decompress((RELEASES / f"{given.release}.postgresql.sql.xz").read_bytes())
    quiet = ["--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", "--output=/dev/null"]
    subprocess.run(["psql", *quiet, url], input=script, check=True)
    with psycopg.connect(url, autocommit=True, options="-c search_path=public") as connection:
        began = time.perf_counter()
        fill(connection, given.entries)
    print(f"{given.release}, {given.entries:,} entries more in {time.perf_counter() - began:.0f} s", flush=True)
    assert settings.DATABASES["default"]["ENGINE"].endswith("postgresql")
    longest: dict[str, float] = {}
    stop = threading.Event()
    asking = threading.Thread(target=keep_asking, args=(url, longest, stop), daemon=True)
    asking.start()
    time.sleep(1)
    quiet_wait = max(longest.values())
    migrate()
    stop.set()
    asking.join(60)
    print(f"longest wait of others: {max(longest.values()):.2f} s (before it: {quiet_wait:.2f} s)")
    print(*(f"{seconds:7.2f} s  {name}" for name, seconds in longest.items()), sep="\n")
    return int(max(longest.values()) > LONGEST_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
