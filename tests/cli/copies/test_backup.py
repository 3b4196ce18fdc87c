"""A copy taken while Hege runs, put back, is the same book and verifies."""

from __future__ import annotations

import datetime as dt
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection

from hege.cli.copies import postgresql
from hege.cli.copies.program import database_kind
from hege.cli.copies.restoring import restore_from
from hege.kernel import clock
from hege.kernel.mutability import append_only_models
from hege.kernel.refused import Refused
from hege.people.models import Organisation, Street
from hege.trail.models import TrailHead, Witness
from tests.cast import first_broken

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def test_a_restored_copy_is_the_book_as_it_was_and_verifies(street: Street, tmp_path: Path, capsys):
    call_command("backup", tmp_path / "copy")
    Street.objects.filter(pk=street.pk).update(name="改过的名字")
    call_command("restore", tmp_path / "copy", "--force")
    assert Street.objects.get().name == "九里亭街道"
    assert "恢复" in capsys.readouterr().out


def test_a_backup_prints_the_end_of_the_trail_it_holds_and_keeps_it_as_a_witness(
    street: Street, tmp_path: Path, capsys
):
    end = TrailHead.objects.get(street=street)
    call_command("backup", tmp_path / "copy")
    assert f"310117006 1 {end.hash} " in capsys.readouterr().out
    (kept,) = Witness.objects.all()
    assert (kept.seq, kept.hash, kept.note) == (1, end.hash, "copy")
    assert first_broken(street) is None


def test_a_backup_counts_though_it_cannot_be_put_on_the_trail(street: Street, tmp_path: Path, capsys):
    with time_machine.travel(clock.now() - dt.timedelta(hours=1)):
        call_command("backup", tmp_path / "copy")
    assert (tmp_path / "copy").exists()
    assert "没能记在留痕上" in capsys.readouterr().err


def test_rows_of_history_are_still_guarded_after_a_restore(street: Street, tmp_path: Path):
    call_command("backup", tmp_path / "copy")
    call_command("restore", tmp_path / "copy", "--force")
    assert append_only_models()
    with pytest.raises(DatabaseError, match="append-only"), connection.cursor() as cursor:
        cursor.execute("DELETE FROM trail_trailline")


def test_a_database_that_holds_a_street_is_not_overwritten_by_mistake(street: Street, tmp_path: Path):
    call_command("backup", tmp_path / "copy")
    with pytest.raises(CommandError, match="--force"):
        call_command("restore", tmp_path / "copy")


def test_a_backup_never_overwrites_a_file(street: Street, tmp_path: Path):
    (tmp_path / "copy").write_text("of value")
    with pytest.raises(CommandError, match="已存在"):
        call_command("backup", tmp_path / "copy")
    assert (tmp_path / "copy").read_text() == "of value"


def test_a_backup_is_readable_for_its_owner_only_and_leaves_no_scraps(street: Street, tmp_path: Path):
    call_command("backup", tmp_path / "copy")
    assert stat.S_IMODE((tmp_path / "copy").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["copy"]


@pytest.mark.parametrize("damage", ["cut", "foreign", "missing"])
def test_a_damaged_or_foreign_copy_changes_nothing(street: Street, tmp_path: Path, damage: str):
    copy = tmp_path / "copy"
    call_command("backup", copy)
    if damage == "cut":
        copy.write_bytes(copy.read_bytes()[: copy.stat().st_size // 2])
    elif damage == "foreign":
        copy.write_bytes(b"PK\x03\x04 no database at all")
    else:
        copy.unlink()
    with pytest.raises(CommandError):
        call_command("restore", copy, "--force")
    assert Street.objects.get().name == "九里亭街道"


def test_sqlite_keeps_the_former_database_and_refuses_while_another_process_uses_it(street: Street, tmp_path: Path):
    copy = tmp_path / "copy"
    call_command("backup", copy)
    if connection.vendor == "postgresql":  # replaced in one transaction; nothing to keep or to wait for
        call_command("restore", copy, "--force")
        assert Street.objects.count() == 1
        return
    database = Path(str(connection.settings_dict["NAME"]))
    with closing(sqlite3.connect(database)) as other:
        other.execute("SELECT count(*) FROM people_street").fetchone()
        with pytest.raises(CommandError, match="正在使用"):
            call_command("restore", copy, "--force")
    call_command("restore", copy, "--force")
    kept = [path for path in database.parent.iterdir() if path.name.startswith(f"{database.name}.before-restore-")]
    assert kept
    for path in kept:
        path.unlink()


def test_a_second_restore_leaves_what_the_first_one_kept(street: Street, tmp_path: Path, monkeypatch):
    if connection.vendor == "postgresql":
        return  # nothing is kept there
    copy, now = tmp_path / "copy", clock.now()
    call_command("backup", copy)
    database = Path(str(connection.settings_dict["NAME"]))
    monkeypatch.setattr(clock, "now", lambda: now)
    first = restore_from(copy, force=True)
    assert first
    was = first.read_bytes()
    with pytest.raises(Refused, match="已存在"):
        restore_from(copy, force=True)
    monkeypatch.setattr(clock, "now", lambda: now + dt.timedelta(seconds=1))
    second = restore_from(copy, force=True)
    assert second
    assert (first.read_bytes() == was, first != second, first.parent) == (True, True, database.parent)
    first.unlink()
    second.unlink()


def looks_like_a_copy(file: Path) -> Path:
    """A file that begins as a copy does: all that is read of it before the database is looked at."""
    file.write_bytes(database_kind().MAGIC)
    return file


@pytest.mark.parametrize(("kind", "of"), [("TABLE", "(id integer)"), ("VIEW", "AS SELECT 1 AS id")])
def test_a_table_of_another_application_is_not_dropped_by_mistake(tmp_path: Path, kind: str, of: str):
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE {kind} hospital_patients {of}")
        try:
            with pytest.raises(CommandError, match="--force"):
                call_command("restore", looks_like_a_copy(tmp_path / "copy"))
        finally:
            cursor.execute(f"DROP {kind} hospital_patients")


def test_one_row_of_ours_asks_for_force_too(tmp_path: Path):
    Organisation.objects.create(name="样例运行单位")
    with pytest.raises(CommandError, match="--force"):
        call_command("restore", looks_like_a_copy(tmp_path / "copy"))


def test_a_database_nobody_has_used_asks_for_no_force(tmp_path: Path):
    with pytest.raises(CommandError) as refused:  # the copy is no good; the database would have been
        call_command("restore", looks_like_a_copy(tmp_path / "copy"))
    assert "--force" not in str(refused.value)


def test_a_whole_copy_of_another_application_changes_nothing(street: Street, tmp_path: Path):
    copy = tmp_path / "copy"
    if connection.vendor == "postgresql":
        postgresql._run("pg_dump", "--format=custom", "--table=django_migrations", f"--file={copy}")
    else:
        with closing(sqlite3.connect(copy)) as other:
            other.execute("CREATE TABLE django_migrations (id integer)")
    with pytest.raises(CommandError, match="people_street"):
        call_command("restore", copy, "--force")
    assert Street.objects.get().name == "九里亭街道"


def test_a_copy_without_a_street_changes_nothing(tmp_path: Path):
    copy = tmp_path / "copy"
    call_command("backup", copy)
    organisation = Organisation.objects.create(name="样例运行单位")
    Street.objects.create(organisation=organisation, code="310117006", name="九里亭街道")
    with pytest.raises(CommandError, match="一个街道也没有"):
        call_command("restore", copy, "--force")
    assert Street.objects.get().name == "九里亭街道"


def test_sqlite_has_a_database_at_every_step_of_a_restore(street: Street, tmp_path: Path, monkeypatch):
    if connection.vendor == "postgresql":
        return  # replaced in one transaction
    copy = tmp_path / "copy"
    call_command("backup", copy)
    database = Path(str(connection.settings_dict["NAME"]))
    seen: list[tuple[bool, bool]] = []
    replace = Path.replace

    def watched(here: Path, there: Path) -> Path:
        before = database.exists()
        moved = replace(here, there)
        seen.append((before, database.exists()))
        return moved

    monkeypatch.setattr(Path, "replace", watched)
    kept = restore_from(copy, force=True)
    assert seen == [(True, True)]
    assert kept is not None
    assert Street.objects.get().name == "九里亭街道"
    kept.unlink()
