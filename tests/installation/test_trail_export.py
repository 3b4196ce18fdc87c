"""The trail in a second place: whole, added to, and what the chain is held against."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from hege.installation.trail_export import export_faults, export_trail
from hege.kernel import clock
from hege.kernel.refused import Refused
from hege.people.models import Street
from hege.trail.actions import record
from hege.trail.models import TrailLine, Upkeep, UpkeepKind
from tests.cast import Cast
from tests.integrity.tampering import tamper

pytestmark = pytest.mark.django_db


def exported(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for file in sorted(folder.iterdir()) for line in file.read_text("utf-8").splitlines()]


@pytest.fixture
def cast(cast: Cast) -> Cast:
    """A street of whose trail three lines are there."""
    for _line in range(3):
        act(cast.street)
    return cast


def act(street: Street) -> TrailLine:
    return record("amend_office", street, street=street, by=None, at=clock.now())


def test_every_line_goes_out_once_with_its_hash(cast: Cast, tmp_path: Path):
    export_trail(tmp_path, by=None, at=clock.now())
    assert export_trail(tmp_path, by=None, at=clock.now()) == {cast.street.code: 0}
    act(cast.street)
    assert export_trail(tmp_path, by=None, at=clock.now()) == {cast.street.code: 1}
    lines = TrailLine.objects.filter(street=cast.street).order_by("seq")
    assert [(line["seq"], line["hash"]) for line in exported(tmp_path)] == list(lines.values_list("seq", "hash"))
    assert {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()} == {0o600}
    assert list(export_faults(tmp_path)) == []


def test_a_chain_that_was_cut_or_written_anew_is_named_and_nothing_is_added(cast: Cast, tmp_path: Path):
    export_trail(tmp_path, by=None, at=clock.now())
    there = sorted(tmp_path.iterdir())
    last = TrailLine.objects.filter(street=cast.street).order_by("-seq").first()
    assert last is not None
    tamper("UPDATE trail_trailline SET hash = 'f' WHERE id = %s", last.pk)
    act(cast.street)
    with pytest.raises(Refused, match=f"第 {last.seq} 行和外送过的不一样：留痕被截断或改写过"):
        export_trail(tmp_path, by=None, at=clock.now())
    assert sorted(tmp_path.iterdir()) == there
    run = Upkeep.objects.filter(kind=UpkeepKind.EXPORT).latest("pk")
    assert (run.well, "改写过" in run.note) == (False, True)


def test_a_changed_line_and_a_missing_file_are_named_by_their_number(cast: Cast, tmp_path: Path):
    export_trail(tmp_path, by=None, at=clock.now())
    tamper("UPDATE trail_trailline SET verb = 'other' WHERE seq = 2")
    with pytest.raises(CommandError, match="对不上"):
        call_command("trail", to=tmp_path, check=True)
    assert [fault for fault in export_faults(tmp_path) if "第 2 行" in fault]
    (first,) = tmp_path.iterdir()
    act(cast.street)
    export_trail(tmp_path, by=None, at=clock.now())
    first.unlink()
    assert list(export_faults(tmp_path)) == [f"{cast.street.code}：缺少从第 1 行起的文件"]


def test_a_place_that_is_away_is_told_and_kept_as_a_run_that_failed(cast: Cast, tmp_path: Path):
    with pytest.raises(Refused, match=r"不能读 .*nowhere"):
        export_trail(tmp_path / "nowhere", by=None, at=clock.now())
    assert Upkeep.objects.filter(kind=UpkeepKind.EXPORT, well=False).count() == 1


def test_the_daily_run_sends_what_is_new(cast: Cast, tmp_path: Path, settings, capsys):
    settings.TRAIL_EXPORT_TO = str(tmp_path)
    call_command("daily")
    assert "留痕外送" in capsys.readouterr().out
    assert exported(tmp_path)[-1]["seq"] == TrailLine.objects.filter(street=cast.street).count()


def test_without_a_place_the_command_asks_for_one(settings):
    settings.TRAIL_EXPORT_TO = ""
    with pytest.raises(CommandError, match="HEGE_TRAIL_EXPORT_TO"):
        call_command("trail")
