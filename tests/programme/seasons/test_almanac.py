"""Terms and festivals against printed almanacs, and how a day moves to another year by them."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hege.kernel.calendar import statutory_days
from hege.programme.seasons.almanac import (
    REACH,
    TERMS,
    Festival,
    a_year_later,
    days_of,
    months_of,
    moved,
    moved_bound,
    nearest,
    next_after,
    occurrences,
    suggested_season,
)

pytestmark = pytest.mark.once
D = dt.date
#: As printed: the almanacs of 2025 to 2028 (紫金山天文台) and the State Council's notices of days off.
PRINTED = [
    (Festival.WINTER_BEGINS, D(2025, 11, 7)),
    (Festival.LIGHT_SNOW, D(2025, 11, 22)),
    (Festival.WINTER_SOLSTICE, D(2025, 12, 21)),
    (Festival.LABA, D(2026, 1, 26)),
    (Festival.SPRING_BEGINS, D(2026, 2, 4)),
    (Festival.NEW_YEARS_EVE, D(2026, 2, 16)),
    (Festival.SPRING_FESTIVAL, D(2026, 2, 17)),
    (Festival.LANTERN, D(2026, 3, 3)),
    (Festival.QINGMING, D(2026, 4, 5)),
    (Festival.SUMMER_BEGINS, D(2026, 5, 5)),
    (Festival.DRAGON_BOAT, D(2026, 6, 19)),
    (Festival.AUTUMN_BEGINS, D(2026, 8, 7)),
    (Festival.QIXI, D(2026, 8, 19)),
    (Festival.MID_AUTUMN, D(2026, 9, 25)),
    (Festival.DOUBLE_NINTH, D(2026, 10, 18)),
    (Festival.WINTER_BEGINS, D(2026, 11, 7)),
    (Festival.WINTER_SOLSTICE, D(2026, 12, 22)),
    (Festival.MID_AUTUMN, D(2025, 10, 6)),  # after a leap month
    (Festival.DOUBLE_NINTH, D(2025, 10, 29)),
    (Festival.NEW_YEARS_EVE, D(2027, 2, 5)),
    (Festival.SPRING_FESTIVAL, D(2027, 2, 6)),
    (Festival.NEW_YEARS_EVE, D(2028, 1, 25)),
    (Festival.SUMMER_BEGINS, D(2027, 5, 6)),
]
days = st.dates(D(2001, 1, 1), D(2095, 12, 31))


@pytest.mark.parametrize(("festival", "day"), PRINTED)
def test_a_festival_falls_on_the_day_that_is_printed(festival, day):
    assert festival in days_of(day.year)[day]


@pytest.mark.parametrize("year", range(2025, 2041))
def test_days_off_by_law_fall_on_the_same_days(year):
    """``kernel.calendar`` counts from other beginnings; where both name a day they name the same."""
    law = {name: [day for day, found in statutory_days(year).items() if found == name] for name in ("清明节", "端午节")}
    assert law == {
        "清明节": [day for day, found in days_of(year).items() if Festival.QINGMING in found],
        "端午节": [day for day, found in days_of(year).items() if Festival.DRAGON_BOAT in found],
    }


@pytest.mark.parametrize("year", [2000, 2022, 2023, 2033, 2034, 2099])
def test_a_year_has_each_term_once_in_its_order(year):
    """2033 is the year on which many calendars go wrong: its leap month follows the eleventh."""
    found = [term for day in sorted(days_of(year)) for term in days_of(year)[day] if term in TERMS]
    assert found == list(TERMS)


def test_a_lunar_festival_may_come_twice_in_a_year_or_not_at_all():
    assert occurrences(Festival.LABA, since=D(2022, 1, 1), until=D(2024, 1, 1)) == [D(2022, 1, 10), D(2022, 12, 30)]


@pytest.mark.parametrize(
    ("day", "festival", "to"),
    [
        (D(2026, 1, 26), Festival.LABA, D(2027, 1, 15)),
        (D(2026, 2, 16), Festival.NEW_YEARS_EVE, D(2027, 2, 5)),
        (D(2027, 2, 5), Festival.NEW_YEARS_EVE, D(2028, 1, 25)),  # before 立春 now
        (D(2025, 10, 4), Festival.MID_AUTUMN, D(2026, 9, 23)),  # two days before, as last year
        (D(2025, 12, 21), Festival.WINTER_SOLSTICE, D(2026, 12, 22)),
        (D(2026, 5, 1), Festival.LABOUR_DAY, D(2027, 5, 1)),
        (D(2022, 1, 10), Festival.LABA, D(2022, 12, 30)),  # the next one, though the year is the same
        (D(2022, 12, 30), Festival.LABA, D(2024, 1, 18)),
        (D(2025, 12, 18), None, D(2026, 12, 17)),  # a Thursday again
        (D(2024, 2, 29), None, D(2025, 2, 27)),
    ],
)
def test_an_activity_moves_by_its_festival_and_else_by_its_weekday(day, festival, to):
    assert moved(day, festival) == to


@given(day=days, festival=st.sampled_from(Festival), offset=st.integers(-REACH.days, REACH.days))
def test_as_far_from_the_festival_as_last_year_and_one_festival_on(day, festival, offset):
    before = nearest(festival, day)
    found = moved(before + dt.timedelta(days=offset), festival)
    after = found - dt.timedelta(days=offset)
    assert after == next_after(festival, before)
    assert occurrences(festival, since=before, until=after) == [before]  # none is left out
    assert 353 <= (after - before).days <= 385


@given(day=days)
def test_without_a_festival_the_weekday_stays_and_the_date_nearly(day):
    found = moved(day, None)
    assert found.weekday() == day.weekday()
    assert abs(found - a_year_later(day)) <= dt.timedelta(days=3)


@given(day=days, span=st.integers(1, 184), weeks=st.integers(0, 3))
def test_two_days_a_week_apart_keep_their_order(day, span, weeks):
    assert moved(day, None) < moved(day + dt.timedelta(days=7 * (1 + weeks)), None)
    assert moved_bound(day) <= moved_bound(day + dt.timedelta(days=span))


def test_a_season_begins_next_year_with_the_same_term_and_else_on_the_same_date():
    assert moved_bound(D(2026, 5, 5)) == D(2027, 5, 6)
    assert moved_bound(D(2025, 11, 21)) == D(2026, 11, 21)


def test_a_season_is_suggested_from_one_beginning_to_the_next():
    assert suggested_season(D(2025, 11, 7)) == (D(2025, 11, 7), D(2026, 2, 4))
    assert suggested_season(D(2025, 11, 8)) == (D(2026, 2, 4), D(2026, 5, 5))


@pytest.mark.parametrize(
    ("from_on", "until_on", "months"),
    [
        (D(2025, 11, 7), D(2026, 2, 4), [11, 12, 1]),
        (D(2026, 2, 4), D(2026, 5, 5), [2, 3, 4]),
        (D(2026, 5, 5), D(2026, 8, 7), [5, 6, 7]),
        (D(2026, 8, 7), D(2026, 11, 7), [8, 9, 10]),
        (D(2025, 11, 21), D(2026, 2, 4), [11, 12, 1]),
        (D(2026, 3, 30), D(2026, 4, 2), [3]),
    ],
)
def test_a_season_of_four_beginnings_is_told_by_three_months(from_on, until_on, months):
    assert [month.month for month in months_of(from_on, until_on)] == months
