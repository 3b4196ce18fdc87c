"""What is in a round, and how far a report has come: cases to check by hand."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hege.cases.rules import CaseState, ReportState
from hege.kernel.refused import Refused
from hege.points.rules import Rule
from hege.programme.deeds.rules import (
    LEAST_MEMBERS,
    MOST_A_DAY,
    DeedStep,
    PointsStep,
    ToTakeBack,
    Waiting,
    check_not_own,
    check_not_too_many,
    check_pictures,
    check_said,
    deed_step,
    plan_round,
    points_step,
    week_of,
)

pytestmark = pytest.mark.once
DAY = dt.date(2025, 12, 18)
RULE = Rule(10, 20, 30, 365)
A, B, C = 1, 2, 3


def plan(waiting: list[Waiting], gone: list[ToTakeBack] = [], **more: Any):  # noqa: B006  # never changed
    facts: dict[str, Any] = {"got": {}, "got_in_season": {}, "there": {}} | more
    return plan_round(waiting, gone, rules={w.reported_on: RULE for w in waiting}, **facts)


@pytest.mark.parametrize(
    ("report", "case", "step"),
    [
        (ReportState.SUBMITTED, None, DeedStep.RECEIVED),
        (ReportState.VERIFYING, None, DeedStep.RECEIVED),
        (ReportState.ACCEPTED, None, DeedStep.VERIFIED),
        (ReportState.DUPLICATE, CaseState.HANDLING, DeedStep.VERIFIED),
        (ReportState.ACCEPTED, CaseState.CLOSED, DeedStep.DONE),
        (ReportState.DUPLICATE, CaseState.REVISITED, DeedStep.DONE),
        (ReportState.ACCEPTED, CaseState.REOPENED, DeedStep.VERIFIED),
        (ReportState.REJECTED, None, DeedStep.REFUSED),
        (ReportState.WITHDRAWN, None, DeedStep.REFUSED),
    ],
)
def test_how_far_a_report_has_come(report: ReportState, case: CaseState | None, step: DeedStep):
    assert deed_step(report, case) is step


@pytest.mark.parametrize(
    ("report", "posted", "points", "back", "step"),
    [
        (ReportState.SUBMITTED, False, 0, False, PointsStep.NONE),
        (ReportState.ACCEPTED, False, 0, False, PointsStep.WAITING),
        (ReportState.ACCEPTED, True, 10, False, PointsStep.POSTED),
        (ReportState.ACCEPTED, True, 0, False, PointsStep.CAPPED),
        (ReportState.VERIFYING, True, 10, False, PointsStep.TO_TAKE_BACK),
        (ReportState.REJECTED, True, 10, True, PointsStep.TAKEN_BACK),
        (ReportState.REJECTED, True, 0, False, PointsStep.NONE),
        (ReportState.ACCEPTED, True, 10, True, PointsStep.WAITING),
    ],
)
def test_what_became_of_its_points(report: ReportState, posted: bool, points: int, back: bool, step: PointsStep):
    assert points_step(report, posted=posted, points=points, taken_back=back) is step


@pytest.mark.parametrize(("day", "monday"), [("2025-12-15", "2025-12-15"), ("2025-12-21", "2025-12-15")])
def test_a_week_begins_on_monday(day: str, monday: str):
    assert week_of(dt.date.fromisoformat(day)) == dt.date.fromisoformat(monday)


def test_every_deed_is_worth_the_same_up_to_the_caps():
    deeds = [Waiting(n, A, DAY, 7) for n in range(3)] + [
        Waiting(9, A, DAY + dt.timedelta(days=1), 7),
        Waiting(10, B, DAY, 7),
    ]
    found = plan(deeds)
    assert found.given == {0: 10, 1: 10, 2: 0, 9: 10, 10: 10}, "the third of a day passes the cap of a day"
    assert found.net == {A: 30, B: 10}
    again = plan(deeds, got={(A, DAY): 10}, got_in_season={(A, 7): 10})
    assert again.given == {0: 10, 1: 0, 2: 0, 9: 10, 10: 10}
    full = plan(deeds, got_in_season={(A, 7): 21})
    assert [full.given[n] for n in (0, 1, 2, 9)] == [0, 0, 0, 0]


def test_a_round_needs_three_who_get_something():
    two = [Waiting(1, A, DAY, None), Waiting(2, B, DAY, None)]
    assert not plan(two).enough
    assert not plan(two, [ToTakeBack(3, C, 10)], there={C: 10}).enough, "who gives back does not count"
    assert plan([*two, Waiting(3, C, DAY, None)]).enough
    assert LEAST_MEMBERS == 3


def test_nobody_gives_back_more_than_there_is():
    gone = [ToTakeBack(1, A, 10), ToTakeBack(2, A, 10)]
    assert plan([], gone, there={A: 15}).taken_back == [1]
    assert plan([Waiting(3, A, DAY, None)], gone, there={A: 10}).taken_back == [1, 2]
    assert plan([Waiting(3, A, DAY, None)], gone, there={A: 10}).net == {A: -10}


members, days = st.integers(1, 5), st.integers(0, 2)
deeds = st.lists(st.tuples(members, days, st.sampled_from([None, 7])), max_size=12)
gone = st.lists(st.tuples(members, st.sampled_from([10, 20])), max_size=4)


@given(deeds, gone, st.dictionaries(members, st.integers(0, 40)))
def test_a_round_gives_one_value_keeps_the_caps_and_leaves_nobody_below_nothing(
    said: list[tuple[int, int, int | None]], back: list[tuple[int, int]], there: dict[int, int]
):
    waiting = [Waiting(n, m, DAY + dt.timedelta(days=d), s) for n, (m, d, s) in enumerate(said)]
    taken = [ToTakeBack(100 + n, m, points) for n, (m, points) in enumerate(back)]
    found = plan(waiting, taken, there=there)
    assert set(found.given) == {w.pk for w in waiting}
    assert set(found.given.values()) <= {0, RULE.per_deed}
    for key, cap in (
        (lambda w: (w.member, w.reported_on), RULE.day_cap),
        (lambda w: (w.member, w.season), RULE.season_cap),
    ):
        sums: dict[Any, int] = {}
        for w in waiting:
            sums[key(w)] = sums.get(key(w), 0) + found.given[w.pk]
        assert all(points <= cap for points in sums.values())
    assert all(there.get(member, 0) + points >= 0 for member, points in found.net.items())
    assert 0 not in found.net.values()


def test_what_is_refused_and_at_which_field():
    check_said("", pictures=1)
    check_said("结冰", pictures=0)
    check_pictures(3)
    check_not_too_many(MOST_A_DAY - 1)
    check_not_own(same_person=False)
    for act, field in (
        (lambda: check_said(" ", pictures=0), "text"),
        (lambda: check_said("冰" * 1001, pictures=0), "text"),
        (lambda: check_pictures(4), "photos"),
        (lambda: check_not_too_many(MOST_A_DAY), None),
        (lambda: check_not_own(same_person=True), None),
    ):
        with pytest.raises(Refused) as no:
            act()
        assert no.value.field == field
