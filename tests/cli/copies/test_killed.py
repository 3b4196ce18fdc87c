"""What a process that is killed in the middle leaves: the old database or the new one, never half; and no scraps for long."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from hege.cli.copies import postgresql
from hege.people.models import Street
from tests.cli.copies.machine import another_database, played
from tests.template import postgres_database

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

#: Restores again and again, each time killed one step later, until it comes through; answers the street's name after each.
KILLED_AT_EACH_STEP = """
import json, os, signal, sys
from pathlib import Path
import django
django.setup()
from django.db import connection
from hege.cli.copies.restoring import restore_from

copy, steps = Path(sys.argv[1]), ("os.rename", "os.link", "os.remove", "os.mkdir", "shutil.rmtree", "subprocess.Popen", "sqlite3.connect")

def asked(question):
    with connection.cursor() as cursor:
        cursor.execute(question)
        found = cursor.fetchone() if question.startswith("SELECT") else None
    connection.close()
    return found

def killed_at(step):
    left = [step]
    def hook(event, _args):
        if event in steps:
            left[0] -= 1
            if not left[0]:
                os.kill(os.getpid(), signal.SIGKILL)
    pid = os.fork()
    if not pid:
        sys.addaudithook(hook)
        try:
            restore_from(copy, force=True)
            os._exit(0)
        finally:
            os._exit(1)
    status = os.waitpid(pid, 0)[1]
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, status
    return os.WIFSIGNALED(status)

restore_from(copy, force=True)
asked("UPDATE people_street SET name = 'changed'")
told, step = [], 1
while killed_at(step):
    told.append([asked("SELECT name FROM people_street")[0], asked("SELECT count(*) FROM trail_trailline")[0]])
    step += 1
print(json.dumps([told, asked("SELECT name FROM people_street")[0]]))
"""


def test_a_restore_killed_at_any_step_leaves_the_old_database_or_the_new_one(street: Street, tmp_path: Path):
    stored = settings.DATA_DIR / "attachments" / "ab12"
    stored.parent.mkdir()
    stored.write_bytes(b"photo")
    call_command("backup", tmp_path / "copy")
    data = tmp_path / "data"
    with another_database(tmp_path) as url:
        told, at_last = played(KILLED_AT_EACH_STEP, tmp_path / "copy", url=url, data=data)
    names = [name for name, _lines in told]
    turn = names.index("九里亭街道")
    assert names == ["changed"] * turn + ["九里亭街道"] * (len(names) - turn)
    assert turn >= 5
    assert {lines for _name, lines in told} == {1}
    assert at_last == "九里亭街道"
    assert not (data / "copying").exists()
    assert (data / "attachments" / "ab12").read_bytes() == b"photo"


def test_what_a_killed_backup_left_is_gone_with_the_next(street: Street, tmp_path: Path):
    left = settings.DATA_DIR / "copying" / "drill"
    left.mkdir(parents=True)
    (left / "scratch.sqlite3").write_text("half")
    (tmp_path / ".copy.part").write_text("half")
    call_command("backup", tmp_path / "copy")
    assert [path.name for path in tmp_path.iterdir()] == ["copy"]
    assert [path.name for path in settings.DATA_DIR.iterdir()] == ["copying.lock"]


# -- PostgreSQL: the database a drill is held in -------------------------------------------------------------------------


def databases() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database")
        return {name for (name,) in cursor.fetchall()}


@pytest.mark.postgres
def test_the_database_a_killed_drill_left_is_gone_with_the_next(street: Street, tmp_path: Path):
    left = f"{postgresql.SCRATCH}{str(connection.settings_dict['NAME'])[:30]}_1"
    with closing(postgresql._connect("postgres")) as server:
        server.execute(f'CREATE DATABASE "{left}"')
    call_command("backup", tmp_path / "copy", drill=True)
    assert {name for name in databases() if name.startswith(left[:-1])} == set()  # other tests have theirs beside it


@pytest.mark.postgres
def test_a_drill_may_be_held_in_a_database_that_is_kept_for_it(street: Street, tmp_path: Path, settings, monkeypatch):
    name = f"hege_kept_for_drills_{os.getpid()}"
    with postgres_database(connection.get_connection_params(), name):
        settings.DRILL_DATABASE = name
        for number in (1, 2):  # the second finds what one that was killed left
            if number == 2:
                with closing(postgresql._connect(name)) as place:
                    place.execute(f"CREATE TABLE {postgresql.SCRATCH_MARK} ()")
                    place.execute("CREATE TABLE people_street ()")
            call_command("backup", tmp_path / f"copy{number}", drill=True)
            with closing(postgresql._connect(name)) as place:
                assert place.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)


@pytest.mark.postgres
def test_a_database_that_holds_anything_is_no_place_for_a_drill(street: Street, tmp_path: Path, settings):
    name = f"hege_kept_for_drills_{os.getpid()}"
    with postgres_database(connection.get_connection_params(), name, sql=b"CREATE TABLE patients (id integer)"):
        for place, sentence in (
            (name, "不是空的，没有动它"),
            (connection.settings_dict["NAME"], "就是正在用的数据库"),
            ("hege_nowhere", "连不上演练用的数据库"),
        ):
            settings.DRILL_DATABASE = place
            with pytest.raises(CommandError, match=sentence):
                call_command("backup", tmp_path / "copy", drill=True)
        with closing(postgresql._connect(name)) as there:
            assert there.execute("SELECT count(*) FROM patients").fetchone() == (0,)
    assert Street.objects.count() == 1


@pytest.mark.postgres
def test_who_may_make_no_database_is_told_what_a_drill_needs(street: Street, tmp_path: Path, settings, monkeypatch):
    role, plain = f"hege_no_createdb_{os.getpid()}", postgresql._connect

    def as_site(name: str) -> psycopg.Connection:
        place = plain(name)
        place.execute(f"SET ROLE {role}")
        return place

    with closing(plain("postgres")) as server:
        server.execute(f"CREATE ROLE {role}")
        monkeypatch.setattr(postgresql, "_connect", as_site)
        try:
            with pytest.raises(CommandError, match=r"CREATEDB.*HEGE_DRILL_DATABASE"):
                call_command("backup", tmp_path / "copy", drill=True)
            settings.DRILL_DATABASE = "postgres"  # stands, is empty, and belongs to somebody else
            with pytest.raises(CommandError, match="请用它的属主运行"):
                call_command("backup", tmp_path / "copy", drill=True)
        finally:
            server.execute(f"DROP ROLE {role}")
    assert not (tmp_path / "copy").exists()
