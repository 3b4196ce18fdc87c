"""What keeps an installation well says that it has run."""

from __future__ import annotations

import datetime as dt

from hege.trail.actions import record_upkeep
from hege.trail.models import Upkeep, UpkeepKind
from tests.cast import NOW


def test_what_ran_is_kept_with_when_whether_it_went_well_and_its_figures(db):
    record_upkeep(
        UpkeepKind.DRILL, well=False, note="差一行", at=NOW, rows={"people_street": 1}, day=dt.date(2026, 11, 25)
    )
    (kept,) = Upkeep.objects.all()
    assert (kept.kind, kept.at, kept.well, kept.note) == ("drill", NOW, False, "差一行")
    assert kept.data == {"rows": {"people_street": 1}, "day": "2026-11-25"}


def test_a_long_note_is_cut_to_what_is_kept(db):
    record_upkeep(UpkeepKind.BACKUP, well=False, note="长" * 400, at=NOW)
    assert Upkeep.objects.get().note == "长" * 300
