"""The run sheet of an activity and its report: no award without approval, published by another, pictures of who agreed."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from hege.kernel.clock import at_noon
from hege.kernel.refused import Refused, Stale
from hege.members.actions import set_consents
from hege.members.rules import ConsentKind
from hege.programme.thanks.actions import give_thanks
from hege.programme.thanks.ceremonies import queries
from hege.programme.thanks.ceremonies.actions import publish_report, write_run_sheet
from hege.programme.thanks.ceremonies.rules import MOST_PARTS, Part, SheetDraft, check_parts
from hege.programme.thanks.models import RunSheet
from tests.programme.activities.evening import another, at
from tests.programme.seasons.year import at as instant
from tests.programme.thanks.season import Grateful

PARTS = [Part(570, "致敬奋斗：纪实短片", "主持人"), Part(600, "点赞先锋"), Part(600, "赋能送暖")]


class TestParts:
    pytestmark = pytest.mark.once

    @pytest.mark.parametrize(
        ("parts", "field"),
        [
            ([], "parts"),
            ([Part(600, "点赞"), Part(599, "致敬")], "parts"),
            ([Part(600, "")], "parts"),
            ([Part(600, "全国先锋")], "parts"),
            ([Part(600, "点赞", "人" * 41)], "parts"),
            ([Part(600, "点赞\u202e")], "parts"),
            ([Part(600, "点赞")] * (MOST_PARTS + 1), "parts"),
            ([Part(600, "表彰先锋")], "approval_no"),
            ([Part(600, "颁奖")], "approval_no"),
        ],
    )
    def test_a_wrong_part_names_its_field(self, parts: list[Part], field: str) -> None:
        with pytest.raises(Refused) as no:
            check_parts(parts, approval_no="")
        assert no.value.field == field

    def test_the_three_parts_of_the_ceremony_are_taken(self) -> None:
        assert check_parts(PARTS, approval_no="") == PARTS
        assert check_parts([Part(600, "表彰先锋")], approval_no="沪评组〔2025〕7号")


@pytest.mark.django_db
class TestReport:
    pytestmark = pytest.mark.once

    def write(self, grateful: Grateful, who: str = "clerk", **said: Any) -> RunSheet:
        draft = SheetDraft(**{"parts": PARTS, "words": "坐满了。"} | said)
        return write_run_sheet(grateful.evening.now, draft=draft, **grateful.who(who))

    def test_another_publishes_it_and_a_change_hides_it_again(self, grateful: Grateful):
        sheet = self.write(grateful)
        with pytest.raises(Refused):
            publish_report(sheet, **grateful.who("clerk"))
        publish_report(sheet, **grateful.who("coordinator"))
        found = self.shown(grateful)
        assert found is not None
        assert queries.came_of(found) == 1
        with pytest.raises(Refused):
            publish_report(found, **grateful.who("coordinator"))
        self.write(grateful, words="又改了。")
        assert self.shown(grateful) is None

    def shown(self, grateful: Grateful) -> RunSheet | None:
        activity = grateful.evening.activity
        return queries.shown_report(activity.street.code, activity.public_id)

    def test_nothing_is_published_before_the_end_or_without_words(self, grateful: Grateful):
        with pytest.raises(Refused):
            publish_report(self.write(grateful, words=" "), **grateful.who("coordinator"))
        early = write_run_sheet(
            grateful.evening.now, draft=SheetDraft(PARTS, words="写早了"), by=grateful.evening.staff, at=at(12)
        )
        with pytest.raises(Refused):
            publish_report(early, by=grateful.evening.cast.coordinator, at=at(20))

    def test_who_saw_an_older_sheet_is_told_so(self, grateful: Grateful):
        sheet = self.write(grateful)
        said = {"draft": SheetDraft(PARTS), **grateful.who("clerk")}
        for version in (0, sheet.version + 1):
            with pytest.raises(Stale):
                write_run_sheet(grateful.evening.now, version=version, **said)
        assert write_run_sheet(grateful.evening.now, version=sheet.version, **said).version == 2

    def test_where_nobody_signs_up_heads_are_counted(self, grateful: Grateful):
        fair = another(grateful.evening, capacity=None, party_max=1)
        sheet = write_run_sheet(fair.now, draft=SheetDraft(PARTS, came=120), **grateful.who("clerk"))
        assert queries.came_of(sheet) == 120

    def test_those_thanked_that_day_are_named_only_where_they_agreed(self, grateful: Grateful):
        thanks = grateful.shown()
        day = dt.date(2026, 2, 3)
        ceremony = another(grateful.evening, starts_at=instant(2026, 2, 3, 9), ends_at=instant(2026, 2, 3, 11)).activity
        assert queries.thanked_on(ceremony) == []
        give_thanks(thanks, by=grateful.evening.cast.coordinator, at=at_noon(day))
        assert [one.named for one in queries.thanked_on(ceremony)] == [False]
        consents = dict.fromkeys(ConsentKind, True)
        set_consents(grateful.evening.members[0], consents=consents, by=None, at=at_noon(day))
        assert [one.named for one in queries.thanked_on(ceremony)] == [True]

    def test_who_takes_pictures_learns_how_many_did_not_agree(self, grateful: Grateful):
        activity = grateful.evening.activity
        assert queries.pictured(activity) == (1, 1)
        consents = dict.fromkeys(ConsentKind, True)
        set_consents(grateful.evening.members[0], consents=consents, **grateful.who("clerk"))
        assert queries.pictured(activity) == (0, 1)
