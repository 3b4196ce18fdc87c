"""What a season and an activity have to be: each limit from both sides."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from hege.kernel.refused import Refused, RefusedAll, refusal_of
from hege.programme.seasons.almanac import Festival
from hege.programme.seasons.rules import (
    ActivityState,
    Places,
    Seats,
    TopicDraft,
    check_activity,
    check_amend,
    check_cancel,
    check_capacity,
    check_publish,
    check_reschedule,
    check_season,
    check_unit,
)
from tests.programme.seasons.year import WINTER, at, draft

pytestmark = pytest.mark.once
D = dt.date


@pytest.mark.parametrize(
    ("from_on", "until_on", "overlaps"),
    [
        (D(2025, 8, 7), D(2025, 11, 7), False),  # ends on the day on which ours begins
        (D(2025, 8, 7), D(2025, 11, 8), True),
        (D(2026, 2, 4), D(2026, 5, 5), False),
        (D(2026, 2, 3), D(2026, 5, 5), True),
        (D(2025, 12, 1), D(2025, 12, 2), True),
    ],
)
def test_two_seasons_share_no_day(from_on, until_on, overlaps):
    refused = refusal_of(check_season, draft=WINTER, taken=[(from_on, until_on, "另一季")])
    assert (refused is not None and refused.field == "from_on") is overlaps


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"name": "  "}, "name"),
        ({"name": "长" * 21}, "name"),
        ({"until_on": D(2025, 11, 7)}, "until_on"),
        ({"until_on": D(2026, 5, 11)}, "until_on"),
        ({"budget_fen": -1}, "budget_fen"),
        ({"topics": (TopicDraft(13, D(2025, 12, 1), "专题"),)}, "topics"),
        ({"topics": (TopicDraft(1, D(2026, 3, 1), "专题"),)}, "topics"),
        ({"topics": (TopicDraft(1, D(2025, 12, 1), ""),)}, "topics"),
        ({"topics": (TopicDraft(1, D(2025, 12, 1), "专题"), TopicDraft(1, D(2026, 1, 1), "专题"))}, "topics"),
        ({"topics": (TopicDraft(1, D(2025, 12, 1), "专题"), TopicDraft(2, D(2025, 12, 1), "专题"))}, "topics"),
    ],
)
def test_a_season_that_is_none_names_the_field(said, field):
    check_season(WINTER, [])
    with pytest.raises(Refused) as refused:
        check_season(replace(WINTER, **said), [])
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"title": ""}, "title"),
        ({"where": ""}, "where"),
        ({"words": "字" * 501}, "words"),
        ({"words": "第一行\n\u202e第二行"}, "words"),
        ({"title": "骑车\u200b"}, "title"),
        ({"ends_at": at(2025, 12, 18, 19)}, "ends_at"),
        ({"ends_at": at(2026, 1, 19, 19)}, "ends_at"),
        ({"starts_at": at(2025, 11, 6, 23, 59), "ends_at": at(2025, 11, 7, 9)}, "starts_at"),
        ({"starts_at": at(2026, 2, 4, 0), "ends_at": at(2026, 2, 4, 9)}, "starts_at"),
        ({"capacity": 0}, "capacity"),
        ({"capacity": 2, "party_max": 3}, "capacity"),
        ({"party_max": 0}, "party_max"),
        ({"party_max": 21}, "party_max"),
        ({"signup_closes_at": at(2025, 12, 18, 19, 1)}, "signup_closes_at"),
        ({"signup_opens_at": at(2025, 12, 18, 19)}, "signup_opens_at"),
        ({"budget_fen": 10_000_000_001}, "budget_fen"),
        ({"festival": Festival.LABA}, "festival"),
    ],
)
def test_an_activity_that_is_none_names_the_field(said, field):
    check_activity(draft(), season=WINTER)
    with pytest.raises(RefusedAll) as refused:
        check_activity(draft(**said), season=WINTER)
    assert [one.field for one in refused.value.refusals] == [field]


def test_every_fault_of_an_activity_is_told_at_once():
    with pytest.raises(RefusedAll) as refused:
        check_activity(draft(title="", capacity=0, ends_at=at(2025, 12, 18, 18)), season=WINTER)
    assert [one.field for one in refused.value.refusals] == ["title", "ends_at", "capacity"]


def test_an_activity_hangs_on_a_festival_within_fifteen_days():
    """冬至 is on 21 December 2025, 小雪 on 22 November."""
    check_activity(draft(festival=Festival.WINTER_SOLSTICE), season=WINTER)
    snow = {"festival": Festival.LIGHT_SNOW, "ends_at": at(2025, 12, 8, 12)}
    check_activity(draft(**snow, starts_at=at(2025, 12, 7, 12)), season=WINTER)
    with pytest.raises(RefusedAll, match="小雪"):
        check_activity(draft(**snow, starts_at=at(2025, 12, 8, 11)), season=WINTER)


def test_an_activity_may_begin_in_the_last_minute_of_its_season_and_end_after_it():
    check_activity(draft(starts_at=at(2026, 2, 3, 23, 59), ends_at=at(2026, 2, 4, 2)), season=WINTER)


def test_who_planned_does_not_publish():
    facts = {
        "state": ActivityState.PLANNED,
        "starts_at": at(2025, 12, 18, 19),
        "at": at(2025, 12, 1, 9),
        "has_unit": True,
    }
    assert refusal_of(check_publish, planned_by=1, by=2, **facts) is None
    assert refusal_of(check_publish, planned_by=1, by=2, **facts | {"has_unit": False}) is not None
    assert refusal_of(check_publish, planned_by=1, by=1, **facts) is not None
    assert refusal_of(check_publish, planned_by=1, by=2, **facts | {"at": facts["starts_at"]}) is not None
    assert refusal_of(check_publish, planned_by=1, by=2, **facts | {"state": ActivityState.CANCELLED}) is not None


def test_what_is_published_is_rescheduled_and_not_rewritten():
    start, end = at(2025, 12, 18, 19), at(2025, 12, 18, 21)
    assert refusal_of(check_amend, state=ActivityState.PLANNED) is None
    assert refusal_of(check_amend, state=ActivityState.PUBLISHED) is not None
    facts = {"planned_by": 1, "by": 2, "ends_at": end, "at": start}
    assert refusal_of(check_reschedule, state=ActivityState.PUBLISHED, **facts) is None
    assert refusal_of(check_reschedule, state=ActivityState.PLANNED, **facts) is not None
    assert refusal_of(check_reschedule, state=ActivityState.PUBLISHED, **facts | {"by": 1}) is not None
    assert refusal_of(check_reschedule, state=ActivityState.PUBLISHED, **facts | {"at": end}) is not None


def test_an_activity_is_called_off_until_it_is_over():
    end = at(2025, 12, 18, 21)
    before = end - dt.timedelta(seconds=1)
    assert refusal_of(check_cancel, state=ActivityState.PUBLISHED, ends_at=end, at=before) is None
    assert refusal_of(check_cancel, state=ActivityState.PUBLISHED, ends_at=end, at=end) is not None
    assert refusal_of(check_cancel, state=ActivityState.PLANNED, ends_at=end, at=end) is None
    assert refusal_of(check_cancel, state=ActivityState.CANCELLED, ends_at=end, at=before) is not None


def test_places_are_never_fewer_than_those_taken():
    assert refusal_of(check_capacity, capacity=7, taken=7) is None
    assert refusal_of(check_capacity, capacity=6, taken=7) is not None
    assert refusal_of(check_capacity, capacity=None, taken=7) is not None
    assert refusal_of(check_capacity, capacity=None, taken=0) is None


@pytest.mark.parametrize(
    ("said", "when", "seats"),
    [
        ({}, at(2025, 12, 1, 9), Seats.FREE),
        ({"taken": 30}, at(2025, 12, 1, 9), Seats.WAITING),
        ({"taken": 30, "waiting_list": False}, at(2025, 12, 1, 9), Seats.FULL),
        ({"opens_at": at(2025, 12, 1, 9)}, at(2025, 12, 1, 8, 59), Seats.NOT_YET),
        ({"opens_at": at(2025, 12, 1, 9)}, at(2025, 12, 1, 9), Seats.FREE),
        ({"closes_at": at(2025, 12, 18, 12)}, at(2025, 12, 18, 12), Seats.CLOSED),
        ({}, at(2025, 12, 18, 18, 59), Seats.FREE),
        ({}, at(2025, 12, 18, 19), Seats.CLOSED),
        ({}, at(2025, 12, 18, 20, 30), Seats.OVER),
        ({"capacity": None}, at(2025, 12, 18, 20), Seats.OPEN),
        ({"capacity": None}, at(2025, 12, 18, 20, 30), Seats.OVER),
        ({"state": ActivityState.CANCELLED}, at(2025, 12, 1, 9), Seats.CANCELLED),
    ],
)
def test_what_the_menu_says_of_places(said, when, seats):
    usual = Places(ActivityState.PUBLISHED, at(2025, 12, 18, 19), at(2025, 12, 18, 20, 30), 30, 5, waiting_list=True)
    assert replace(usual, **said).seats(when) is seats


def test_a_unit_in_charge_is_in_the_alliance_on_the_day():
    unit = {"from_on": D(2025, 11, 1), "until_on": D(2025, 12, 18)}
    assert refusal_of(check_unit, **unit, day=D(2025, 12, 17)) is None
    assert refusal_of(check_unit, **unit, day=D(2025, 12, 18)) is not None
    assert refusal_of(check_unit, **unit, day=D(2025, 10, 31)) is not None
    assert refusal_of(check_unit, **unit | {"until_on": None}, day=D(2099, 1, 1)) is None
