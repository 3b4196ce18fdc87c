"""The tables that a new database gets at once are those of every step, with all that stands in them; and none of them else."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.db.migrations import AddIndex, Migration, RunPython, RunSQL, SeparateDatabaseAndState
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Index

from hege.kernel import new_database
from hege.kernel.migrating import Executor
from hege.kernel.new_database import untold
from hege.kernel.schema import OfEach
from tests.conftest import ON_POSTGRES
from tests.postgres import program
from tests.template import postgres_database

pytestmark = [pytest.mark.django_db, pytest.mark.once]

MIGRATE = """
import os, django
django.setup()
from django.core.management import call_command
from hege.kernel import migrating, new_database
{before}
call_command("migrate", verbosity=0)
"""
BY_STEPS = "new_database.may_be_drawn = lambda connection, plan: False"
BROKEN_OFF = f"migrating.Executor.check_replacements = lambda self: os.kill(os.getpid(), {signal.SIGKILL:d})"
#: What is written while migrating and is another each time.
WHEN = {("django_migrations", "applied")}
#: A change, in the words of each database or of both.
PLANTED = (
    {"": "ALTER TABLE places_unit ADD COLUMN more integer"},
    {"": "DROP INDEX case_waiting_due"},
    {"": "DELETE FROM auth_permission WHERE id = 7"},
    {"": "DELETE FROM django_migrations WHERE app = 'trail'"},
    {
        "sqlite": "DROP TRIGGER trail_trailline_append_only_update",
        "postgresql": "DROP TRIGGER trail_trailline_append_only ON trail_trailline",
    },
    {
        "sqlite": "ALTER TABLE billing_bill RENAME COLUMN number TO numbers",
        "postgresql": "ALTER TABLE billing_bill DROP CONSTRAINT bill_period",
    },
    {
        "sqlite": "DROP TRIGGER search_entry_gone",
        "postgresql": "CREATE OR REPLACE FUNCTION hege_refuse_change() RETURNS trigger LANGUAGE plpgsql"
        " AS 'BEGIN RETURN NEW; END'",
    },
)


def begun(url: str, before: str = "") -> subprocess.Popen[bytes]:
    environment = {**os.environ, "HEGE_DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "hege.settings"}
    return subprocess.Popen([sys.executable, "-c", MIGRATE.format(before=before)], env=environment)


def migrated(url: str, before: str = "") -> str:
    assert begun(url, before).wait() == 0
    return url


@contextmanager
def empty(folder: Path, name: str) -> Iterator[str]:
    """The address of a database without a table."""
    if ON_POSTGRES:
        with postgres_database(connection.get_connection_params(), f"hege_new_{name}_{os.getpid()}") as url:
            yield url
    else:
        yield f"sqlite:///{folder / name}.sqlite3"


def opened(url: str) -> Any:
    database: Any = (
        psycopg.connect(url, autocommit=True) if ON_POSTGRES else sqlite3.connect(url.removeprefix("sqlite:///"))
    )
    return closing(database)


def everything(url: str) -> dict[str, Any]:
    """All that a database holds: each thing of its schema as it is defined, the rows of each table."""
    with opened(url) as database:
        return (_postgresql if ON_POSTGRES else _sqlite)(database, url)


def _postgresql(database: Any, url: str) -> dict[str, Any]:
    dump = [program("pg_dump"), "--schema-only", "--no-owner", url]
    text = subprocess.run(dump, check=True, capture_output=True, text=True).stdout
    found: dict[str, Any] = {}
    for entry in re.sub(r"^\\.*$", "", text, flags=re.MULTILINE).split("\n-- Name: ")[1:]:
        name, _newline, defined = entry.partition("\n")
        # Columns stand in another order where one was renamed: every statement of ours names them.
        found[name] = sorted(line.rstrip(",") for line in defined.splitlines()) if "Type: TABLE;" in name else defined
    tables = database.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    found["(sequences)"] = sorted(database.execute("SELECT sequencename, last_value FROM pg_sequences").fetchall())
    return found | {f"rows of {name}": _rows(database, name) for (name,) in tables}


def _sqlite(database: Any, url: str) -> dict[str, Any]:
    defined = database.execute("SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    found: dict[str, Any] = {
        f"{kind} {name} of {table}": sorted(_parts(sql)) if kind == "table" else sql
        for kind, name, table, sql in defined
    }
    return found | {f"rows of {name}": _rows(database, name) for kind, name, *_ in defined if kind == "table"}


def _parts(sql: str) -> Iterator[str]:
    """What a table is made of: its columns and rules, which stand in another order where it was made anew."""
    head, _bracket, inner = sql.partition("(")
    depth, begin = 0, 0
    yield head
    for at, sign in enumerate(inner):
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if (sign == "," and not depth) or depth < 0:
            yield inner[begin:at].strip()
            begin = at + 1
    yield inner[begin:]


def _rows(database: Any, table: str) -> list[Any]:
    # A table that was made anew stands among the sequences though it has never had a row.
    cursor = database.execute(f'SELECT * FROM "{table}"' + (" WHERE seq > 0" if table == "sqlite_sequence" else ""))
    names = [column[0] for column in cursor.description]
    rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return sorted(sorted((name, repr(row[name])) for name in names if (table, name) not in WHEN) for row in rows)


def differing(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    return [name for name in sorted(one.keys() | other.keys()) if one.get(name) != other.get(name)]


@pytest.mark.slow
@pytest.mark.both
def test_what_is_made_at_once_is_what_every_step_makes_and_what_is_changed_in_it_is_seen(tmp_path: Path):
    with empty(tmp_path, "at_once") as at_once, empty(tmp_path, "by_steps") as by_steps:
        both = [begun(at_once), begun(by_steps, BY_STEPS)]
        assert [one.wait() for one in both] == [0, 0]
        made = everything(at_once)
        assert differing(made, everything(by_steps)) == []
        assert len(made["rows of django_migrations"]) > 100
        for planted in PLANTED:
            with opened(at_once) as database:
                database.execute(planted.get("") or planted[connection.vendor])
                database.commit()
            before, made = made, everything(at_once)
            assert differing(made, before), planted


@pytest.mark.slow
@pytest.mark.both
def test_one_that_is_broken_off_leaves_a_database_without_a_table_and_the_next_one_makes_them(tmp_path: Path):
    with empty(tmp_path, "broken") as url:
        assert begun(url, BROKEN_OFF).wait() == -signal.SIGKILL
        assert not [name for name in everything(url) if name.startswith("rows of ")]
        migrated(url)
        assert "rows of trail_trailline" in everything(url)


@pytest.mark.slow
@pytest.mark.both
def test_of_several_at_once_one_makes_the_tables_and_none_fails(tmp_path: Path):
    with empty(tmp_path, "several") as url:
        several = [begun(url), begun(url)]
        assert [one.wait() for one in several] == [0, 0]


# -- when it is done ---------------------------------------------------------------------------------------------------


class Heir(OfEach):
    """A class that does not say for itself what a new database needs of it."""


UNTOLD = [
    Heir((), (), {}),
    RunPython(lambda apps, editor: None),
    RunSQL("UPDATE people_street SET name = ''"),
    SeparateDatabaseAndState(database_operations=[AddIndex("street", Index(fields=["code"], name="x"))]),
]


@pytest.fixture
def ways(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which way was gone."""
    gone: list[str] = []

    def way(name: str) -> Callable[..., None]:
        return lambda *said, **more: gone.append(name)

    monkeypatch.setattr(Executor, "_made_at_once", way("at once"))
    monkeypatch.setattr(MigrationExecutor, "migrate", way("by steps"))
    return gone


def an_executor(folder: Path) -> Executor:
    other: Any = connection.copy()
    other.settings_dict["NAME"] = str(folder / "other.sqlite3")
    return Executor(other)


def the_plan(executor: Executor, *, apps: Sequence[str] = ()) -> Any:
    leaves = executor.loader.graph.leaf_nodes()
    return executor.migration_plan([leaf for leaf in leaves if not apps or leaf[0] in apps])


def test_every_step_of_this_program_says_what_a_new_database_needs_of_it(tmp_path: Path):
    assert untold(migration for migration, _backwards in the_plan(an_executor(tmp_path))) == []


@pytest.mark.parametrize("operation", UNTOLD, ids=lambda operation: type(operation).__name__)
def test_a_step_that_does_not_say_has_every_step_taken(operation: Any, tmp_path: Path, ways: list[str]):
    executor = an_executor(tmp_path)
    plan = the_plan(executor)
    strange: Any = Migration("0001_strange", "people")
    strange.operations = [operation]
    node = executor.loader.graph.nodes["people", "0007_leader"]
    executor.loader.graph.nodes["people", "0007_leader"] = strange
    executor.migrate([], [(strange if one is node else one, back) for one, back in plan])
    assert ways == ["by steps"]


def test_of_an_empty_database_the_whole_is_made_at_once_and_a_part_or_a_pretence_by_steps(
    tmp_path: Path, ways: list[str]
):
    executor = an_executor(tmp_path)
    plan = the_plan(executor)
    executor.migrate([], plan, fake=False, fake_initial=False)
    executor.migrate([], the_plan(executor, apps=["people"]))
    executor.migrate([], plan, fake=True)
    executor.migrate([], plan, fake_initial=True)
    executor.migrate([], [(migration, True) for migration, _backwards in plan])
    assert ways == ["at once", *["by steps"] * 4]


@pytest.mark.parametrize("made", ["CREATE TABLE notes (text)", "CREATE VIEW one AS SELECT 1"])
def test_a_database_that_has_anything_is_left_to_the_steps(made: str, tmp_path: Path, ways: list[str]):
    executor = an_executor(tmp_path)
    plan = the_plan(executor)
    with executor.connection.cursor() as cursor:
        cursor.execute(made)
    assert not new_database.has_no_table(executor.connection)
    executor.migrate([], plan)
    assert ways == ["by steps"]
