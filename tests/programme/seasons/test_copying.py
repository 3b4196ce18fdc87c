"""Next year as this one was: by festival, into the season that then has the day, once."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from django.db import models

from hege.kernel.clock import SHANGHAI, day_of
from hege.kernel.refused import Refused, Stale
from hege.programme.seasons.actions import amend_season, cancel_activity, copy_year, plan_season
from hege.programme.seasons.almanac import Festival
from hege.programme.seasons.models import Activity, Season, Topic
from hege.programme.seasons.queries import the_year, year_copied
from hege.programme.seasons.rules import ActivityState, TopicDraft, topic_for, years
from tests.cast import Cast
from tests.programme.seasons.year import AT, SPRING, at, planned, published, winter

D = dt.date
LATER = at(2026, 9, 1, 9)


@pytest.fixture
def year(cast: Cast):
    """Two seasons with four activities, one of them called off."""
    by, and_by = cast.clerk, cast.coordinator
    season = winter(cast.street, by=by)
    spring = plan_season(cast.street, draft=SPRING, by=by, at=AT)
    talk = published(
        season,
        by=by,
        and_by=and_by,
        title="骑车",
        signup_opens_at=at(2025, 12, 10, 10),
        signup_closes_at=at(2025, 12, 18, 16),
    )
    models.QuerySet(Activity).filter(pk=talk.pk).update(taken=7, spent_fen=51_00)
    planned(
        season, by=by, number=3, title="腊八粥", starts_at=at(2026, 1, 26, 10), ends_at=at(2026, 1, 26, 12),
        festival=Festival.LABA,
    )  # fmt: skip
    planned(
        spring, by=by, number=4, title="团圆饭", starts_at=at(2026, 2, 16, 11), ends_at=at(2026, 2, 16, 13),
        festival=Festival.NEW_YEARS_EVE,
    )  # fmt: skip
    off = planned(season, by=by, title="取消的", starts_at=at(2026, 1, 8, 10), ends_at=at(2026, 1, 8, 11), number=3)
    cancel_activity(off, reason="讲师有事", by=by, at=AT)
    found = the_year(cast.street, D(2025, 12, 18))
    assert found is not None
    return found


def test_a_preview_writes_nothing_and_names_each_day(cast: Cast, year):
    plan = year_copied(cast.street, year)
    assert [(one.source.title, one.day, one.to, one.festival) for one in plan.activities] == [
        ("骑车", D(2025, 12, 18), D(2026, 12, 17), None),
        ("腊八粥", D(2026, 1, 26), D(2027, 1, 15), Festival.LABA),
        ("团圆饭", D(2026, 2, 16), D(2027, 2, 5), Festival.NEW_YEARS_EVE),
    ]
    assert [(one.draft.from_on, one.draft.until_on) for one in plan.seasons] == [
        (D(2026, 11, 7), D(2027, 2, 4)),
        (D(2027, 2, 4), D(2027, 5, 6)),
    ]
    assert Season.objects.filter(street=cast.street).count() == 2


def test_a_copy_waits_to_be_published_and_nobody_has_signed_up(cast: Cast, year):
    plan = year_copied(cast.street, year)
    chosen = [one.source.public_id for one in plan.activities]
    made = copy_year(cast.street, year=year, chosen=chosen, digest=plan.digest, by=cast.clerk, at=LATER)
    talk = made[0]
    assert (talk.title, talk.state, talk.taken, talk.spent_fen, talk.planned_by) == (
        "骑车", ActivityState.PLANNED, 0, 0, cast.clerk,
    )  # fmt: skip
    assert talk.starts_at.astimezone(SHANGHAI).time() == dt.time(19)
    assert talk.signup_opens_at == at(2026, 12, 9, 10)
    assert talk.signup_closes_at == at(2026, 12, 17, 16)
    assert [(one.topic.name, one.season.name) for one in made] == [
        ("暖身暖心", "暖冬·感恩季"), ("平安返乡", "暖冬·感恩季"), ("团圆守岁", "迎春·启程季"),
    ]  # fmt: skip
    assert Topic.objects.filter(street=cast.street, month_on=D(2027, 1, 1)).get().name == "平安返乡"


def test_copied_twice_is_copied_once(cast: Cast, year):
    chosen = [one.source.public_id for one in year_copied(cast.street, year).activities]
    copy_year(cast.street, year=year, chosen=chosen, by=cast.clerk, at=LATER)
    assert [one.there for one in year_copied(cast.street, year).activities] == [True, True, True]
    with pytest.raises(Refused) as refused:
        copy_year(cast.street, year=year, chosen=chosen, by=cast.clerk, at=LATER)
    assert refused.value.field == "chosen"
    assert Season.objects.filter(street=cast.street).count() == 4


def test_what_was_left_out_can_be_copied_later_into_the_season_that_is_there(cast: Cast, year):
    first, second, _third = year_copied(cast.street, year).activities
    copy_year(cast.street, year=year, chosen=[first.source.public_id], by=cast.clerk, at=LATER)
    (made,) = copy_year(cast.street, year=year, chosen=[second.source.public_id], by=cast.clerk, at=LATER)
    assert day_of(made.starts_at) == D(2027, 1, 15)
    assert Season.objects.filter(street=cast.street).count() == 4


def test_an_activity_goes_to_the_season_that_then_has_its_day(cast: Cast, year):
    """除夕 2028 falls on 25 January, before 立春: the spring's dinner is winter's then."""
    chosen = [one.source.public_id for one in year_copied(cast.street, year).activities]
    copy_year(cast.street, year=year, chosen=chosen, by=cast.clerk, at=LATER)
    following = the_year(cast.street, D(2027, 1, 1))
    assert following is not None
    plan = year_copied(cast.street, following)
    dinner = next(one for one in plan.activities if one.source.title == "团圆饭")
    assert dinner.to == D(2028, 1, 25)
    assert dinner.season is plan.seasons[0]
    assert dinner.topic is not None
    assert dinner.topic.name == "平安返乡"


def test_a_preview_that_has_been_overtaken_is_refused(cast: Cast, year):
    plan = year_copied(cast.street, year)
    activity = plan.activities[1].source
    cancel_activity(activity, reason="换地方", by=cast.clerk, at=LATER)
    with pytest.raises(Stale):
        copy_year(cast.street, year=year, chosen=[], digest=plan.digest, by=cast.clerk, at=LATER)


def test_another_streets_activities_are_not_copied(cast: Cast, other_cast: Cast, year):
    theirs = planned(winter(other_cast.street, by=other_cast.clerk), by=other_cast.clerk)
    made = copy_year(cast.street, year=year, chosen=[theirs.public_id], by=cast.clerk, at=LATER)
    assert made == []
    assert Activity.objects.filter(street=other_cast.street).count() == 1


def test_a_season_keeps_the_days_of_its_activities(cast: Cast, year):
    (season, _spring) = year.seasons
    said = replace(SPRING, name="暖冬", from_on=D(2025, 11, 7), topics=_topics(season))
    with pytest.raises(Refused, match="腊八粥"):
        amend_season(season, draft=replace(said, until_on=D(2026, 1, 20)), by=cast.clerk, at=AT)
    done = amend_season(season, draft=replace(said, until_on=D(2026, 2, 1)), by=cast.clerk, at=AT)
    assert (done.name, done.until_on, done.version) == ("暖冬", D(2026, 2, 1), 2)


def test_a_topic_is_renamed_and_never_left_out(cast: Cast, year):
    (season, _spring) = year.seasons
    topics = _topics(season)
    said = replace(SPRING, name=season.name, from_on=season.from_on, until_on=season.until_on, topics=topics)
    with pytest.raises(Refused, match="感恩启程"):
        amend_season(season, draft=replace(said, topics=topics[1:]), by=cast.clerk, at=AT)
    renamed = (topics[0]._replace(name="启程"), *topics[1:])
    amend_season(season, draft=replace(said, topics=renamed), by=cast.clerk, at=AT)
    assert Topic.objects.get(street=cast.street, season=season, number=1).name == "启程"


def _topics(season: Season) -> tuple[TopicDraft, ...]:
    rows = season.topics.filter(street=season.street).order_by("number")
    return tuple(TopicDraft(row.number, row.month_on, row.name) for row in rows)


@pytest.mark.once
def test_a_year_is_the_seasons_that_begin_within_it():
    begins = [D(2025, 11, 7), D(2026, 2, 4), D(2026, 5, 5), D(2026, 8, 7), D(2026, 11, 7), D(2027, 2, 4)]
    assert years(begins) == [[0, 1, 2, 3], [4, 5]]
    assert years([]) == []


@pytest.mark.once
def test_the_topic_of_the_same_name_goes_before_that_of_the_month():
    topics = SPRING.topics
    assert topic_for(topics, name="团圆守岁", day=D(2026, 4, 2)) is topics[0]
    assert topic_for(topics, name="另一个", day=D(2026, 4, 2)) is topics[2]
    assert topic_for(topics, name="另一个", day=D(2026, 1, 2)) is topics[0]
