"""The programme's year plays to its end on both databases: vouchers, rounds and hours add up, and nothing tells who reported;
each of its days is told afterwards as it stood when it was over."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from itertools import groupby

import pytest

from hege.integrity.queries import faults
from hege.kernel.calendar import DAY
from hege.kernel.clock import day_of
from hege.points.chart import MINUTES, POINTS
from hege.points.queries import sums_of
from hege.programme.deeds.models import Round
from hege.programme.figures.queries import as_of
from hege.programme.seasons.almanac import days_of
from hege.programme.seasons.rules import LONGEST_SEASON
from hege.programme.thanks.models import Thanks
from hege.programme.thanks.rules import ThanksState
from hege.stories.programme import LAST_ON, MIDDLE_OF_WINTER, Programme, _activity, _month, _seasons
from hege.stories.programme_year import ACTIVITIES, BATCHES, DEEDS, SEASONS, WITHOUT_FESTIVAL
from hege.stories.street import set_stage
from tests.programme.figures.counts import counted, keyed


@pytest.mark.once
def test_the_year_has_four_seasons_twelve_topics_and_more_than_twenty_activities():
    numbers = [number for season in SEASONS for number, _month_of, _name in season.topics]
    assert (len(SEASONS), numbers) == (4, list(range(1, 13)))
    assert len(ACTIVITIES) >= 20
    months = {month for season in SEASONS for _number, month, _name in season.topics}
    assert {plan.on.month for plan in ACTIVITIES} == months


@pytest.mark.once
@pytest.mark.parametrize(
    "today", [dt.date(2026, 11, 29), dt.date(2027, 3, 31), dt.date(2028, 2, 29), dt.date(2027, 8, 1)]
)
def test_a_demo_of_any_day_stands_in_winter_with_topics_in_their_seasons(today: dt.date):
    shift = today - MIDDLE_OF_WINTER
    seasons = list(_seasons(shift))
    assert seasons[0].from_on <= today < seasons[0].until_on
    months = [topic.month_on for season in seasons for topic in season.topics]
    assert len(set(months)) == 12
    assert months == sorted(months)
    for season in seasons:
        assert season.until_on - season.from_on <= LONGEST_SEASON
        first, last = season.from_on.replace(day=1), season.until_on - dt.timedelta(days=1)
        assert all(first <= topic.month_on <= last for topic in season.topics)
    assert _month(2025, 12, shift) == today.replace(day=1)


@pytest.mark.once
@pytest.mark.parametrize("today", [dt.date(2026, 11, 30), dt.date(2027, 7, 1), dt.date(2028, 1, 15)])
def test_an_activity_of_a_demo_is_on_its_festival_or_is_not_called_by_it(today: dt.date):
    shift = today - MIDDLE_OF_WINTER
    of_month = {month: n for n, season in enumerate(SEASONS) for _number, month, _name in season.topics}
    drafts = list(_seasons(shift))
    made = [(plan, _activity(plan, drafts[of_month[plan.on.month]], shift)) for plan in ACTIVITIES]
    for plan, draft in made:
        season, on = drafts[of_month[plan.on.month]], day_of(draft.starts_at)
        assert season.from_on <= on < season.until_on
        if plan.on <= MIDDLE_OF_WINTER:
            assert on == plan.on + shift
        elif draft.festival:
            assert on > today
            assert draft.festival in days_of(on.year)[on]
        assert draft.title == (
            plan.title if draft.festival is plan.festival else WITHOUT_FESTIVAL.get(plan.title, plan.title)
        )
    kept = {draft.title for _plan, draft in made if draft.festival}
    assert ("冬至吃碗热汤圆" in kept) == (today.month in (11, 12))
    assert _activity(ACTIVITIES[5], drafts[0], dt.timedelta(0)).festival is ACTIVITIES[5].festival


@pytest.mark.slow
@pytest.mark.both
@pytest.mark.django_db
def test_the_year_ends_with_every_voucher_told_of_rounds_of_three_and_clean_books():
    stage = set_stage(
        code="310118107", name="华新镇", grid="网格", residence="居委", block="街区", premises="沿街",
        since=dt.date(2025, 1, 1), years=range(2025, 2028), suffix="",
    )  # fmt: skip
    story = Programme(stage)
    story.until_the_launch()
    seen = {}
    for day, of_day in groupby(story.events(), key=lambda event: event[0]):
        for _day, _order, do in of_day:
            do()
        seen[day] = counted(stage.street)
    found = story.proven()
    assert found.claims == found.redeemed + found.ended + found.held
    assert found.redeemed >= 2 * len(BATCHES)
    assert found.held == 0
    assert found.told == []
    posted = Round.objects.filter(street=stage.street, number__isnull=False)
    assert posted.count() >= 2
    assert all(one.members >= 3 for one in posted)
    points, minutes = (sums_of(stage.street, chart.name, on=LAST_ON) for chart in (POINTS, MINUTES))
    assert 0 < points.spent < points.earned <= 10 * len(DEEDS)
    assert minutes.earned > 0
    assert minutes.spent == minutes.expired == 0
    states = Counter(Thanks.objects.filter(street=stage.street).values_list("state", flat=True))
    assert states == {ThanksState.GIVEN: 4, ThanksState.REVOKED: 1, ThanksState.PROPOSED: 1}
    assert list(faults(stage.street)) == []
    stood = None
    for day in (min(seen) + n * DAY for n in range((LAST_ON - min(seen)).days + 40)):
        stood = seen.get(day, stood)
        assert keyed(as_of(stage.street, day)) == stood, day
