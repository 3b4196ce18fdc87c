"""The office calendar: holidays, make-up days, and what is not known yet."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hege.kernel.calendar import add_working_days, is_weekday, statutory_days, working_days_between
from hege.people.models import Street
from hege.places.actions import CALENDAR_SOURCE, LAW_SOURCE, seed_calendar
from hege.places.models import CalendarDay, DayKind
from hege.places.queries import unconfirmed_years, workday_calendar
from tests.cast import forget

pytestmark = pytest.mark.once

D = dt.date


@pytest.fixture
def calendar(street: Street) -> Street:
    """2026 as published, 2027 as the law alone gives it."""
    forget(CalendarDay.objects.filter(street=street))
    seed_calendar(street, [2026, 2027])
    return street


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        (D(2026, 2, 12), 5, D(2026, 2, 26)),  # spring festival; Saturday 14 and 28 are made up
        (D(2026, 9, 24), 5, D(2026, 10, 9)),  # mid-autumn and national day
        (D(2026, 2, 12), 15, D(2026, 3, 11)),
        (D(2026, 11, 23), 1, D(2026, 11, 24)),
        (D(2026, 11, 27), 1, D(2026, 11, 30)),  # over a week's end and to a month's last day
        (D(2026, 11, 30), 1, D(2026, 12, 1)),  # over a month's end
        (D(2026, 1, 30), 20, D(2026, 3, 5)),  # over a February of 28 days
        (D(2026, 2, 13), 1, D(2026, 2, 14)),  # a Saturday on which offices work
        (D(2026, 10, 1), 0, D(2026, 10, 8)),  # no days from a holiday: the next working day
        (D(2026, 12, 31), 1, D(2027, 1, 4)),  # New Year's Day is off by law, whatever the notice of 2027 will say
    ],
)
def test_a_term_ends_on_the_working_day_that_the_calendar_says(calendar: Street, start: D, days: int, end: D):
    assert add_working_days(start, days, workday_calendar(calendar)) == end


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (D(2026, 2, 14), True),
        (D(2026, 2, 15), False),
        (D(2026, 2, 17), False),
        (D(2026, 10, 10), True),
        (D(2026, 11, 21), False),
        (D(2026, 11, 23), True),
        (D(2028, 2, 29), True),  # a Tuesday the table does not hold
    ],
)
def test_a_day_is_a_working_day_or_not(calendar: Street, day: D, works: bool):
    assert workday_calendar(calendar)(day) is works


def test_a_year_that_is_not_published_has_the_holidays_of_the_law_and_waits(calendar: Street):
    days = CalendarDay.objects.filter(street=calendar, day__year=2027)
    assert dict(days.values_list("day", "name")) == statutory_days(2027)
    assert not days.filter(confirmed=True).exists()
    assert unconfirmed_years(calendar, [D(2027, 3, 1), D(2026, 3, 2)]) == [2027]


def test_the_festival_has_its_chinese_name(calendar: Street):
    assert CalendarDay.objects.get(street=calendar, day=D(2026, 10, 1)).name == "国庆节"
    assert CalendarDay.objects.get(street=calendar, day=D(2026, 2, 14)).name == "春节"  # made up for it


def test_seeding_again_writes_nothing(calendar: Street):
    assert seed_calendar(calendar, [2026, 2027]) == 0


@pytest.mark.both
def test_what_waited_is_put_right_when_the_year_is_published(street: Street):
    forget(CalendarDay.objects.filter(street=street))
    law = [CalendarDay(street=street, day=day, kind=DayKind.REST, name=name, source=LAW_SOURCE, confirmed=False)
           for day, name in statutory_days(2026).items()]  # fmt: skip
    CalendarDay.objects.bulk_create(law)
    seed_calendar(street, [2026])
    assert unconfirmed_years(street, [D(2026, 10, 1)]) == []
    row = CalendarDay.objects.get(street=street, day=D(2026, 10, 1))
    assert (row.kind, row.confirmed, row.source) == (DayKind.REST, True, CALENDAR_SOURCE)
    assert not workday_calendar(street)(D(2026, 10, 7))


def test_what_the_office_has_edited_stays(calendar: Street):
    CalendarDay.objects.create(street=calendar, day=D(2026, 11, 23), kind=DayKind.REST, source="区里通知")
    seed_calendar(calendar, [2026])
    assert not workday_calendar(calendar)(D(2026, 11, 23))


def test_one_street_does_not_move_the_days_of_another(calendar: Street, other_street: Street):
    seed_calendar(other_street, [2026])
    CalendarDay.objects.create(street=calendar, day=D(2026, 11, 23), kind=DayKind.REST, source="区里通知")
    assert workday_calendar(other_street)(D(2026, 11, 23))


def test_a_leap_year_has_its_29th_of_february(street: Street):
    seed_calendar(street, [2024])
    assert add_working_days(D(2024, 2, 28), 1, workday_calendar(street)) == D(2024, 2, 29)


def test_the_calendar_takes_one_query(calendar: Street, django_assert_num_queries):
    with django_assert_num_queries(1):
        works = workday_calendar(calendar)
        assert add_working_days(D(2026, 1, 1), 200, works) > D(2026, 9, 1)


# -- the arithmetic itself, over any calendar that has a working day in each week --------------------------------------

days = st.dates(D(2020, 1, 1), D(2030, 12, 31))
terms = st.integers(0, 60)
holidays = st.frozensets(st.dates(D(2020, 1, 1), D(2031, 12, 31)), max_size=40)


@given(start=days, term=terms, rest=holidays)
def test_a_term_ends_on_a_working_day_and_counts_its_working_days(start: D, term: int, rest: frozenset[D]):
    def works(day: D) -> bool:
        return is_weekday(day) and day not in rest

    end = add_working_days(start, term, works)
    assert works(end)
    assert end >= start
    if term:
        assert working_days_between(start, end, works) == term


@given(start=days, first=terms, second=terms, rest=holidays)
def test_two_terms_in_a_row_are_one_long_term(start: D, first: int, second: int, rest: frozenset[D]):
    def works(day: D) -> bool:
        return is_weekday(day) and day not in rest

    if first and second:
        one_after_the_other = add_working_days(add_working_days(start, first, works), second, works)
        assert add_working_days(start, first + second, works) == one_after_the_other


@given(a=days, b=days)
def test_days_between_run_the_other_way_round(a: D, b: D):
    assert working_days_between(a, b, is_weekday) == -working_days_between(b, a, is_weekday)


def test_a_term_is_not_negative():
    with pytest.raises(ValueError, match="negative"):
        add_working_days(D(2026, 1, 1), -1, is_weekday)
