"""Planning, publishing by another, rescheduling, calling off: what each leaves in the row and on the trail."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from django.db import IntegrityError, models
from django.db.transaction import atomic

from hege.kernel.refused import Refused, RefusedAll, Stale
from hege.places.actions import add_place
from hege.places.models import PlaceLevel
from hege.programme.alliance.actions import close_station, leave_alliance, open_station
from hege.programme.seasons import actions
from hege.programme.seasons.actions import Rescheduled
from hege.programme.seasons.models import Activity, Season
from hege.programme.seasons.rules import ActivityState
from hege.trail.models import TrailLine
from tests.cast import Cast
from tests.programme.seasons.year import AT, DAY, WINTER, at, draft, planned, published, unit_of, winter


def _last_line(cast: Cast) -> TrailLine:
    line = TrailLine.objects.filter(street=cast.street).order_by("seq").last()
    assert line is not None
    return line


def test_a_season_has_its_topics(cast: Cast):
    season = winter(cast.street, by=cast.coordinator)
    assert list(season.topics.order_by("number").values_list("number", "name")) == [
        (1, "感恩启程"),
        (2, "暖身暖心"),
        (3, "平安返乡"),
    ]
    assert _last_line(cast).verb == "plan_season"


def test_an_overlapping_season_is_refused_and_nothing_is_kept(cast: Cast):
    winter(cast.street, by=cast.coordinator)
    with pytest.raises(Refused, match="暖冬·感恩季"):
        actions.plan_season(
            cast.street, draft=replace(WINTER, from_on=dt.date(2026, 2, 3), until_on=dt.date(2026, 3, 1), topics=()),
            by=cast.coordinator, at=AT,
        )  # fmt: skip
    assert Season.objects.filter(street=cast.street).count() == 1


def test_one_plans_and_another_publishes(cast: Cast):
    activity = planned(winter(cast.street, by=cast.coordinator), by=cast.coordinator)
    with pytest.raises(Refused, match="不能自己发布"):
        actions.publish_activity(activity, by=cast.coordinator, at=AT)
    done = actions.publish_activity(activity, by=cast.grid_worker, at=AT)
    assert (done.state, done.published_by, done.published_at) == (ActivityState.PUBLISHED, cast.grid_worker, AT)
    assert _last_line(cast).verb == "publish_activity"


def test_nothing_is_published_without_a_unit_in_charge(cast: Cast):
    season = winter(cast.street, by=cast.coordinator)
    activity = actions.plan_activity(
        season.topics.get(street=cast.street, number=2), draft=draft(), by=cast.clerk, at=AT
    )
    with pytest.raises(Refused, match="牵头单位"):
        actions.publish_activity(activity, by=cast.coordinator, at=AT)
    actions.amend_activity(activity, draft=draft(), unit=unit_of(cast.street, by=cast.clerk), by=cast.clerk, at=AT)
    assert actions.publish_activity(activity, by=cast.coordinator, at=AT).state == ActivityState.PUBLISHED


def test_a_unit_that_has_left_and_a_station_that_is_closed_are_refused_with_every_other_fault(cast: Cast):
    season, street = winter(cast.street, by=cast.coordinator), cast.street
    unit = leave_alliance(unit_of(street, by=cast.clerk), until_on=DAY, reason="换届", by=cast.clerk, at=AT)
    place = add_place(street, level=PlaceLevel.STREET, code="310117", name="街道", from_on=DAY, by=None, at=AT)
    station = open_station(
        street, name="驿站", place=place, address="路 1 号", facilities=[], hours={"1": [[0, 1440]]},
        by=cast.clerk, at=AT,
    )  # fmt: skip
    station = close_station(station, reason="拆了", by=cast.clerk, at=AT)
    topic = season.topics.get(street=street, number=2)
    with pytest.raises(RefusedAll) as refused:
        actions.plan_activity(topic, draft=draft(title=""), unit=unit, station=station, by=cast.clerk, at=AT)
    assert [one.field for one in refused.value.refusals] == ["title", "ally", "station"]


def test_a_unit_of_another_street_is_no_form_error(cast: Cast, other_cast: Cast):
    topic = winter(cast.street, by=cast.coordinator).topics.get(street=cast.street, number=2)
    theirs = unit_of(other_cast.street, by=other_cast.clerk)
    with pytest.raises(ValueError, match="another street"):
        actions.plan_activity(topic, draft=draft(), unit=theirs, by=cast.clerk, at=AT)


def test_who_changed_it_last_counts_as_who_planned_it(cast: Cast):
    activity = planned(winter(cast.street, by=cast.coordinator), by=cast.clerk)
    actions.amend_activity(activity, draft=draft(title="改过的"), unit=activity.unit, by=cast.coordinator, at=AT)
    with pytest.raises(Refused, match="不能自己发布"):
        actions.publish_activity(activity, by=cast.coordinator, at=AT)
    assert _last_line(cast).data["after"]["title"] == "改过的"


def test_the_table_holds_no_activity_that_its_planner_published(cast: Cast):
    activity = published(winter(cast.street, by=cast.coordinator), by=cast.clerk, and_by=cast.coordinator)
    with pytest.raises(IntegrityError), atomic():
        models.QuerySet(Activity).filter(pk=activity.pk).update(published_by=cast.clerk)


@pytest.mark.parametrize(("capacity", "taken"), [(30, 31), (None, 1)])
def test_the_table_holds_no_overfull_activity(cast: Cast, capacity, taken):
    activity = planned(winter(cast.street, by=cast.coordinator), by=cast.clerk)
    with pytest.raises(IntegrityError), atomic():
        models.QuerySet(Activity).filter(pk=activity.pk).update(capacity=capacity, taken=taken)


def test_rescheduling_raises_the_sequence_and_keeps_who_has_a_place(cast: Cast):
    activity = published(winter(cast.street, by=cast.coordinator), by=cast.clerk, and_by=cast.coordinator)
    models.QuerySet(Activity).filter(pk=activity.pk).update(taken=12)
    to = Rescheduled(at(2025, 12, 19, 19), at(2025, 12, 19, 20), "党群服务中心 1 楼", capacity=11)
    with pytest.raises(Refused, match="12"):
        actions.reschedule_activity(activity, to=to, reason="讲师有事", by=cast.coordinator, at=AT)
    moved = actions.reschedule_activity(
        activity, to=replace(to, capacity=40), reason="讲师有事", by=cast.coordinator, at=AT
    )
    assert (moved.starts_at, moved.capacity, moved.taken, moved.ics_sequence) == (to.starts_at, 40, 12, 1)
    line = _last_line(cast)
    assert (line.verb, line.data["reason"]) == ("reschedule_activity", "讲师有事")
    assert set(line.data["before"]) == {"starts_at", "ends_at", "where", "capacity"}


def test_rescheduling_to_the_same_is_refused(cast: Cast):
    activity = published(winter(cast.street, by=cast.coordinator), by=cast.clerk, and_by=cast.coordinator)
    same = Rescheduled(activity.starts_at, activity.ends_at, activity.where, capacity=activity.capacity)
    with pytest.raises(Refused, match="都没有变"):
        actions.reschedule_activity(activity, to=same, reason="没有", by=cast.coordinator, at=AT)


def test_what_is_called_off_says_why_and_stays_so(cast: Cast):
    activity = published(winter(cast.street, by=cast.coordinator), by=cast.clerk, and_by=cast.coordinator)
    with pytest.raises(Refused) as refused:
        actions.cancel_activity(activity, reason=" ", by=cast.coordinator, at=AT)
    assert refused.value.field == "reason"
    done = actions.cancel_activity(activity, reason="大雪", by=cast.coordinator, at=AT)
    assert (done.state, done.reason, done.ics_sequence) == (ActivityState.CANCELLED, "大雪", 1)
    with pytest.raises(Refused, match="已取消"):
        actions.publish_activity(activity, by=cast.coordinator, at=AT)


def test_a_page_that_is_behind_changes_nothing(cast: Cast):
    activity = planned(winter(cast.street, by=cast.coordinator), by=cast.clerk)
    actions.amend_activity(activity, draft=draft(title="改过的"), version=1, by=cast.clerk, at=AT)
    with pytest.raises(Stale):
        actions.publish_activity(activity, version=1, by=cast.coordinator, at=AT)


def test_what_was_spent_is_said_anew(cast: Cast):
    activity = planned(winter(cast.street, by=cast.coordinator), by=cast.clerk)
    actions.record_spending(activity, spent_fen=51_00, by=cast.clerk, at=AT)
    assert actions.record_spending(activity, spent_fen=52_00, by=cast.clerk, at=AT).spent_fen == 52_00
    assert _last_line(cast).data["before"] == {"spent_fen": 51_00, "version": 2}
    with pytest.raises(Refused) as refused:
        actions.record_spending(activity, spent_fen=-1, by=cast.clerk, at=AT)
    assert refused.value.field == "spent_fen"
