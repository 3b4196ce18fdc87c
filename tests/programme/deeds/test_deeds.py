"""Reporting as a member, and rounds: what is kept, what waits, what goes back, and what nobody learns."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError
from django.db.transaction import atomic

from hege.attachments.models import Attachment
from hege.attachments.preparing import Prepared, prepare
from hege.attachments.rules import Purpose
from hege.cases.models import Report, Reporter
from hege.cases.reports.actions import reject_report, unmerge_report
from hege.cases.rules import ReportKind
from hege.kernel.clock import at_noon
from hege.kernel.refused import Refused
from hege.kernel.saying import told
from hege.ledger.models import Transaction
from hege.outbox.models import Wish
from hege.people.models import Membership, Role
from hege.points.actions import set_point_rule, spend
from hege.points.queries import counters_of, entries_of
from hege.points.rules import FIRST_RULE
from hege.procedures.actions import open_case
from hege.programme.deeds.actions import post_round
from hege.programme.deeds.models import Deed, DeedPicture, Round
from hege.programme.deeds.queries import deeds_of, is_own, meetings, near_cases, round_faults, season_on, who_did
from hege.programme.deeds.rules import DeedStep, PointsStep
from hege.programme.seasons.models import Season
from hege.trail.models import TrailLine
from tests.attachments.files import picture
from tests.cast import Cast, first_broken
from tests.points.conftest import wrong
from tests.programme.deeds.conftest import MONDAY, TUESDAY, Watch, on

WEEK = dt.timedelta(days=7)


def photo(width: int = 320) -> Prepared:
    data = picture(size=(width, 240))
    return prepare("IMG_0001.jpg", len(data), lambda: data, purpose=Purpose.PHOTO)


def points(watch: Watch, day: dt.date = MONDAY) -> list[int]:
    return [counters_of(rider, on=day).points for rider in watch.riders]


def posted(watch: Watch, day: dt.date = MONDAY) -> Round | None:
    return post_round(watch.cast.street, **on(day))


# -- a report ------------------------------------------------------------------------------------------------------------


def test_a_report_is_one_by_the_public_and_names_nobody(watch: Watch):
    deed = watch.report(0, photos=[photo()])
    report = Report.objects.get()
    assert (report.kind, report.text, report.place) == (ReportKind.PUBLIC, "3 号门东侧：门口台阶结冰", watch.place)
    assert deed.report == report
    assert not Reporter.objects.exists()
    kept = Attachment.objects.get()
    assert (kept.by, kept.name, kept.on_behalf) == (None, "照片.jpg", "")
    (line,) = TrailLine.objects.filter(thing="cases.report")
    assert (line.verb, line.by, line.data["kind"]) == ("submit_report", None, "public")
    assert not TrailLine.objects.filter(thing__startswith="deeds").exists()
    assert first_broken(watch.cast.street) is None


def test_a_picture_is_enough_and_so_are_words(watch: Watch):
    assert watch.report(0, text="", where="", photos=[photo()]).report.text == "见照片。"
    assert watch.report(0, where="").report.text == "门口台阶结冰"
    with pytest.raises(Refused) as no:
        watch.report(0, text=" ")
    assert no.value.field == "text"


def test_the_same_picture_is_not_taken_again_from_anybody(watch: Watch):
    watch.report(0, photos=[photo()])
    for again in ([photo()], [photo(330), photo(330)]):
        with pytest.raises(Refused) as no, atomic():
            watch.report(1, photos=again)
        assert no.value.field == "photos"
    assert watch.report(1, photos=[photo(330), photo(340)]).pk
    assert DeedPicture.objects.count() == 3
    with pytest.raises(IntegrityError), atomic():
        DeedPicture.objects.create(street=watch.cast.street, deed=Deed.objects.all()[0], sha256=photo().sha256)


def test_too_many_reports_of_a_day_are_refused(watch: Watch):
    for _n in range(10):
        watch.report(0)
    with pytest.raises(Refused, match="10 件"):
        watch.report(0)
    watch.report(1)
    watch.report(0, day=TUESDAY + dt.timedelta(days=1))


def test_a_member_sees_at_once_how_far_each_report_has_come(watch: Watch):
    first, second, third = (watch.report(0, text=text) for text in ("一", "二", "三"))
    watch.verify(second)
    who: Any = {"by": watch.cast.grid_worker, "at": at_noon(TUESDAY)}
    reject_report(third.report, reason="不归街道管", **who)
    found = {mine.text[-1]: (mine.step, mine.points_step) for mine in deeds_of(watch.riders[0], most=9)}
    assert found == {
        "一": (DeedStep.RECEIVED, PointsStep.NONE),
        "二": (DeedStep.VERIFIED, PointsStep.WAITING),
        "三": (DeedStep.REFUSED, PointsStep.NONE),
    }
    assert deeds_of(watch.riders[1], most=9) == []
    assert first.public_id != first.report.public_id


def test_what_is_near_is_what_the_office_wrote_of_what_the_public_reported(watch: Watch):
    deed = watch.report(0, text="见 13800001234 的照片")
    watch.verify(deed)
    who: Any = {"by": watch.cast.coordinator, "at": at_noon(TUESDAY)}
    open_case(watch.cast.street, title="窨井盖松动", reports=[deed.report], place=watch.place, **who)
    open_case(watch.cast.street, title="某店欠费", place=watch.place, **who)
    assert [(case.title, case.state) for case in near_cases(watch.place, most=9)] == [("窨井盖松动", "已立案")]


# -- a round -------------------------------------------------------------------------------------------------------------


def test_two_wait_and_three_are_posted_together_once(watch: Watch):
    watch.verify(watch.report(0), watch.report(1))
    waited = posted(watch)
    assert waited is not None
    assert (waited.posted, points(watch)) == (False, [0, 0, 0, 0, 0])
    watch.verify(watch.report(2, day=MONDAY), day=MONDAY)
    assert posted(watch) is None, "the week has been looked at: who was verified since cannot be told by a posting"
    assert posted(watch, MONDAY + dt.timedelta(days=6)) is None
    assert deeds_of(watch.riders[0], most=1)[0].points_step is PointsStep.WAITING
    made = posted(watch, MONDAY + WEEK)
    assert made is not None
    assert (made.number, made.members, made.given, made.taken_back) == (1, 3, 30, 0)
    assert points(watch, MONDAY + WEEK) == [10, 10, 10, 0, 0]
    assert [told(e.words) for e in entries_of(watch.riders[0], most=9)] == ["第 1 轮"]
    assert deeds_of(watch.riders[0], most=1)[0][5:] == (DeedStep.VERIFIED, PointsStep.POSTED, 10, 1)
    assert posted(watch, MONDAY + WEEK) is None
    assert list(wrong(watch.cast.street)) == []
    assert first_broken(watch.cast.street) is None


def test_many_reports_of_two_members_wait_as_well(watch: Watch):
    watch.verify(*[watch.report(n % 2) for n in range(6)])
    made = posted(watch)
    assert made is not None
    assert not made.posted


def test_what_is_not_verified_gets_nothing(watch: Watch):
    watch.verify(watch.report(0), watch.report(1), watch.report(2))
    watch.report(3)
    posted(watch)
    assert points(watch) == [10, 10, 10, 0, 0]


def test_one_value_for_every_deed_up_to_the_cap_of_a_day(watch: Watch):
    watch.verify(*[watch.report(0) for _n in range(4)], watch.report(1), watch.report(2))
    posted(watch)
    assert points(watch) == [30, 10, 10, 0, 0]
    assert sorted(mine.points_step for mine in deeds_of(watch.riders[0], most=9)) == ["capped", *["posted"] * 3]


def test_a_report_counts_by_the_rule_of_its_day(watch: Watch):
    street = watch.cast.street
    set_point_rule(
        street, FIRST_RULE._replace(per_deed=20), from_on=TUESDAY + dt.timedelta(days=1), by=watch.cast.coordinator,
        at=at_noon(TUESDAY),
    )  # fmt: skip
    watch.verify(watch.report(0), watch.report(1), watch.report(2, day=TUESDAY + dt.timedelta(days=1)))
    posted(watch)
    assert points(watch)[:3] == [10, 10, 20]


def test_what_is_unverified_later_goes_back_in_a_later_round(watch: Watch):
    street = watch.cast.street
    deeds = [watch.report(n) for n in range(3)]
    watch.verify(*deeds)
    posted(watch)
    case = open_case(
        street,
        title="结冰",
        reports=[deeds[0].report],
        place=watch.place,
        by=watch.cast.coordinator,
        at=at_noon(MONDAY),
    )
    deeds[0].report.refresh_from_db()
    unmerge_report(deeds[0].report, reason="照片是去年的", by=watch.cast.coordinator, at=at_noon(MONDAY))
    assert case.pk
    assert deeds_of(watch.riders[0], most=1)[0].points_step is PointsStep.TO_TAKE_BACK
    posted(watch, MONDAY + WEEK)
    assert points(watch, MONDAY + WEEK)[:3] == [10, 10, 10], "too few: all wait, what goes back too"
    watch.verify(*[watch.report(n, day=MONDAY + WEEK) for n in (1, 2, 3)], day=MONDAY + WEEK)
    made = posted(watch, MONDAY + 2 * WEEK)
    assert made is not None
    assert (made.members, made.given, made.taken_back) == (4, 30, 10)
    assert points(watch, MONDAY + 2 * WEEK)[:4] == [0, 20, 20, 10]
    assert deeds_of(watch.riders[0], most=1)[0].points_step is PointsStep.TAKEN_BACK
    assert Transaction.objects.filter(kind="earn").count() == 2
    assert list(wrong(street)) == []


def test_who_has_spent_them_gives_them_back_when_there_are_some(watch: Watch):
    deeds = [watch.report(n) for n in range(3)]
    watch.verify(*deeds)
    posted(watch)
    spend(watch.riders[0], 6, key="claim 1", **on(MONDAY))
    Report.objects.filter(pk=deeds[0].report_id).update(state="verifying")
    watch.verify(*[watch.report(n, day=MONDAY) for n in (1, 2, 3)], day=MONDAY)
    posted(watch, MONDAY + WEEK)
    assert points(watch)[0] == 4
    watch.verify(*[watch.report(n, day=MONDAY + WEEK) for n in range(4)], day=MONDAY + WEEK)
    made = posted(watch, MONDAY + 2 * WEEK)
    assert made is not None
    assert points(watch)[0] == 4, "ten came, ten went"
    assert made.taken_back == 10
    assert list(wrong(watch.cast.street)) == []


def test_verified_anew_it_is_given_anew(watch: Watch):
    deeds = [watch.report(n) for n in range(3)]
    watch.verify(*deeds)
    posted(watch)
    Report.objects.filter(pk=deeds[0].report_id).update(state="verifying")
    watch.verify(*[watch.report(n, day=MONDAY) for n in (1, 2, 3)], day=MONDAY)
    posted(watch, MONDAY + WEEK)
    Report.objects.filter(pk=deeds[0].report_id).update(state="accepted")
    watch.verify(*[watch.report(n, day=MONDAY + WEEK) for n in (1, 2)], day=MONDAY + WEEK)
    posted(watch, MONDAY + 2 * WEEK)
    assert points(watch)[0] == 10
    assert deeds_of(watch.riders[0], most=1)[0].round == 3
    assert list(wrong(watch.cast.street)) == []


def test_a_member_who_left_gets_nothing_and_is_not_counted(watch: Watch):
    watch.verify(*[watch.report(n) for n in range(3)])
    rider = watch.riders[0]
    rider.called, rider.phone, rider.left_at = "", "", at_noon(TUESDAY)
    rider.save(update_fields=["called", "phone", "left_at"])
    made = posted(watch)
    assert made is not None
    assert not made.posted
    with pytest.raises(Refused, match="退出"):
        watch.report(0)


def test_the_database_keeps_a_round_of_two_out(watch: Watch):
    watch.verify(*[watch.report(n) for n in range(3)])
    made = posted(watch)
    assert made is not None
    with pytest.raises(IntegrityError), atomic():
        Round.objects.filter(pk=made.pk).update(members=2)


def test_a_deed_belongs_to_the_season_of_its_day_and_waits_beyond_it(watch: Watch):
    season = Season.objects.create(
        street=watch.cast.street,
        name="暖冬·感恩季",
        from_on=dt.date(2025, 11, 7),
        until_on=TUESDAY + dt.timedelta(days=1),
    )
    deed = watch.report(0)
    assert deed.season == season == season_on(watch.cast.street, TUESDAY)
    assert watch.report(0, day=TUESDAY + dt.timedelta(days=1)).season is None
    watch.verify(deed, watch.report(1, day=MONDAY), watch.report(2, day=MONDAY))
    posted(watch, MONDAY)
    assert points(watch)[:3] == [10, 10, 10]


# -- who it was ----------------------------------------------------------------------------------------------------------


def test_who_it_was_is_told_to_who_takes_reports_in_alone(watch: Watch, other_cast: Cast):
    deed, street = watch.report(0), watch.cast.street
    may = Membership.objects.get(street=street, role=Role.COORDINATOR)
    assert who_did(deed.report, for_member=may) == watch.riders[0]
    for member in (
        Membership.objects.get(street=street, role=Role.AUDITOR),
        Membership.objects.get(street=other_cast.street, role=Role.COORDINATOR),
    ):
        with pytest.raises(Refused):
            who_did(deed.report, for_member=member)


def test_nobody_gets_points_for_what_they_verified_themselves(watch: Watch):
    cast, rider = watch.cast, watch.riders[0]
    rider.phone = "13800001234"
    rider.save(update_fields=["phone"])
    Wish.objects.create(user=cast.grid_worker, phone="13800001234", at=at_noon(TUESDAY))
    deeds = [watch.report(n) for n in range(3)]
    assert is_own(deeds[0].report, cast.grid_worker)
    assert not is_own(deeds[1].report, cast.grid_worker)
    assert not is_own(deeds[0].report, cast.coordinator)
    assert not is_own(deeds[0].report, None)
    watch.verify(*deeds)
    made = posted(watch)
    assert made is not None
    assert not made.posted, "the first waits for another look, and two are too few"
    Report.objects.filter(pk=deeds[0].report_id).update(state="submitted")
    deeds[0].report.refresh_from_db()
    watch.verify(deeds[0], day=MONDAY, by=cast.coordinator)
    posted(watch, MONDAY + WEEK)
    assert points(watch)[:3] == [10, 10, 10]


def test_the_auditor_learns_how_often_one_meets_one_and_nobodys_name(watch: Watch):
    watch.verify(*[watch.report(0) for _n in range(3)], watch.report(1))
    watch.verify(watch.report(2), watch.report(2), by=watch.cast.coordinator)
    found = meetings(watch.cast.street, from_on=TUESDAY, until_on=MONDAY)
    assert [(row.verified, row.most_of_one) for row in found] == [(4, 3), (2, 0)]
    assert not [row for row in found if any(rider.called in str(row) for rider in watch.riders)]
    assert meetings(watch.cast.street, from_on=MONDAY, until_on=MONDAY + WEEK) == []


def test_a_round_that_says_other_than_its_entry_is_named(watch: Watch):
    watch.verify(*[watch.report(n) for n in range(3)])
    posted(watch)
    assert list(round_faults(watch.cast.street)) == []
    Round.objects.update(given=40)
    assert list(round_faults(watch.cast.street)) == ["round 1: is not what its entry gave"]
