"""The calendar by hand: the law's days, what a notice may still move, and what is late on which day."""

from __future__ import annotations

import datetime as dt

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hege.kernel.calendar import DAY, Calendar, add_working_days, statutory_days, working_days_between
from tests.cast import CERTAIN

D = dt.date
#: 《全国年节及纪念日放假办法》（2025-01-01 起施行）第二条, item by item. The lunar days as printed in the almanac.
LAW = [
    (2026, "（一）元旦，放假 1 天（1月1日）", "元旦", ["01-01"]),
    (2026, "（二）春节，放假 4 天（农历除夕、正月初一至初三）", "春节", ["02-16", "02-17", "02-18", "02-19"]),
    (2026, "（三）清明节，放假 1 天（农历清明当日）", "清明节", ["04-05"]),
    (2026, "（四）劳动节，放假 2 天（5月1日、2日）", "劳动节", ["05-01", "05-02"]),
    (2026, "（五）端午节，放假 1 天（农历端午当日）", "端午节", ["06-19"]),
    (2026, "（六）中秋节，放假 1 天（农历中秋当日）", "中秋节", ["09-25"]),
    (2026, "（七）国庆节，放假 3 天（10月1日至3日）", "国庆节", ["10-01", "10-02", "10-03"]),
    (2027, "（一）元旦", "元旦", ["01-01"]),
    (2027, "（二）春节", "春节", ["02-05", "02-06", "02-07", "02-08"]),
    (2027, "（三）清明节", "清明节", ["04-05"]),
    (2027, "（四）劳动节", "劳动节", ["05-01", "05-02"]),
    (2027, "（五）端午节", "端午节", ["06-09"]),
    (2027, "（六）中秋节", "中秋节", ["09-15"]),
    (2027, "（七）国庆节", "国庆节", ["10-01", "10-02", "10-03"]),
]


@pytest.mark.parametrize(("year", "article", "name", "days"), LAW)
def test_the_law_names_the_days_off_of_every_year(year: int, article: str, name: str, days: list[str]):
    assert [day for day, named in sorted(statutory_days(year).items()) if named == name] == [
        D.fromisoformat(f"{year}-{day}") for day in days
    ], article


@pytest.mark.parametrize("year", [2026, 2027])
def test_the_law_names_no_other_day(year: int):
    assert len(statutory_days(year)) == sum(len(days) for of, _article, _name, days in LAW if of == year) == 13


@pytest.mark.parametrize("year", [2025, 2026])
def test_the_published_years_keep_the_law(year: int):
    assert all(chinese_calendar.is_holiday(day) for day in statutory_days(year))


def test_before_the_law_the_published_year_stands():
    assert statutory_days(2024) == {}
    assert Calendar()(D(2024, 2, 9))  # the eve was a working day then


# -- 2027 before its notice: which days are certain, and what a due day means ------------------------------------------

OPEN_2027 = Calendar(confirmed={2026})


@pytest.mark.parametrize(
    ("day", "works", "certain"),
    [
        (D(2026, 12, 24), True, True),  # eight days before New Year
        (D(2026, 12, 25), True, False),  # seven: the notice of 2027 may reach back
        (D(2026, 12, 26), False, True),  # a week's end is a day off; made up, it only gives a day more
        (D(2026, 12, 31), True, False),
        (D(2027, 1, 1), False, True),  # New Year, by law
        (D(2027, 1, 4), True, False),
        (D(2027, 1, 8), True, False),  # seven days after
        (D(2027, 1, 11), True, True),
        (D(2027, 1, 29), True, False),  # seven days before the eve
        (D(2027, 2, 5), False, True),  # the eve, by law
        (D(2027, 2, 15), True, False),
        (D(2027, 2, 16), True, True),
        (D(2027, 3, 3), True, True),  # no holiday is near
    ],
)
def test_a_weekday_near_a_holiday_is_not_certain_before_the_notice(day: D, works: bool, certain: bool):
    assert (OPEN_2027.is_workday(day), OPEN_2027.is_certain(day)) == (works, certain)
    assert CERTAIN.is_certain(day)


@pytest.mark.parametrize(
    ("due", "shown", "passes_after", "with_the_notice"),  # Civil Code art. 203: the next working day
    [
        (D(2026, 12, 22), D(2026, 12, 22), D(2026, 12, 22), D(2026, 12, 22)),
        (D(2026, 12, 26), D(2026, 12, 28), D(2027, 1, 11), D(2026, 12, 28)),  # a Saturday before the uncertain week
        (D(2026, 12, 31), D(2026, 12, 31), D(2027, 1, 11), D(2026, 12, 31)),
        (D(2027, 1, 1), D(2027, 1, 4), D(2027, 1, 11), D(2027, 1, 4)),
        (D(2027, 2, 6), D(2027, 2, 9), D(2027, 2, 16), D(2027, 2, 9)),
        (D(2027, 3, 6), D(2027, 3, 8), D(2027, 3, 8), D(2027, 3, 8)),  # a Saturday and nothing near
        (D(2026, 10, 1), D(2026, 10, 5), D(2026, 10, 5), D(2026, 10, 5)),  # confirmed, nothing named beyond the law
    ],
)
def test_a_due_day_passes_only_on_a_day_that_is_certain(due: D, shown: D, passes_after: D, with_the_notice: D):
    assert OPEN_2027.last_day_of(due) == shown
    assert OPEN_2027.in_time_until(due) == passes_after
    assert not OPEN_2027.has_passed(due, passes_after)
    assert OPEN_2027.has_passed(due, passes_after + DAY)
    assert OPEN_2027.waits(due, shown + DAY) is (passes_after > shown)
    assert CERTAIN.in_time_until(due) == with_the_notice


def test_no_term_of_thirty_days_from_2_december_ends_on_a_day_off():
    ends = [add_working_days(D(2026, 12, 2) + n * DAY + 30 * DAY, 0, OPEN_2027) for n in range(60)]
    assert ends[0] == D(2027, 1, 4)
    assert not any(end in statutory_days(2027) or not OPEN_2027(end) for end in ends)


# -- late: one rule for rows, filters and pages ------------------------------------------------------------------------

FRIDAY = D(2026, 3, 6)


@pytest.mark.parametrize(
    ("due", "on", "left"),
    [
        (FRIDAY, FRIDAY - DAY, 1),
        (FRIDAY, FRIDAY, 0),
        (FRIDAY, FRIDAY + DAY, 0),  # Saturday and Sunday: nobody works, nothing is late
        (FRIDAY, FRIDAY + 2 * DAY, 0),
        (FRIDAY, FRIDAY + 3 * DAY, -1),  # Monday
        (FRIDAY + DAY, FRIDAY + 3 * DAY, 0),  # due on Saturday: Monday is in time (art. 203)
        (FRIDAY + DAY, FRIDAY + 4 * DAY, -1),
        (D(2026, 2, 13), D(2026, 2, 15), 0),  # the Friday before Spring Festival
        (D(2026, 2, 16), D(2026, 2, 19), 1),  # due on the eve: all the holiday, and the Friday after it
        (D(2026, 2, 16), D(2026, 2, 20), 0),
        (D(2026, 2, 16), D(2026, 2, 23), -1),
    ],
)
def test_work_is_late_when_a_working_day_has_begun_since_its_last(due: D, on: D, left: int):
    assert CERTAIN.days_left(due, on) == left
    assert CERTAIN.is_late(due, on) is (left < 0)
    assert (due < CERTAIN.first_in_time(on)) is (left < 0)


def test_nothing_becomes_late_in_the_days_that_wait_for_the_notice():
    due = D(2026, 12, 31)
    assert [day for day in (D(2027, 1, 1) + n * DAY for n in range(12)) if OPEN_2027.is_late(due, day)] == [
        D(2027, 1, 12)
    ]


@given(due=st.dates(D(2026, 1, 1), D(2028, 3, 1)), apart=st.integers(-30, 30), open_year=st.booleans())
def test_rows_filters_and_figures_say_the_same(due: D, apart: int, *, open_year: bool):
    calendar, on = OPEN_2027 if open_year else CERTAIN, due + apart * DAY
    assert (calendar.days_left(due, on) < 0) is calendar.is_late(due, on)
    assert (due < calendar.first_not_passed(on)) is calendar.has_passed(due, on)
    assert calendar.has_passed(due, on) or not calendar.is_late(due, on)
    assert calendar.in_time_until(due) >= calendar.last_day_of(due) >= due


@given(
    start=st.dates(D(2023, 1, 1), D(2028, 12, 31)),
    end=st.dates(D(2023, 1, 1), D(2028, 12, 31)),
    open_year=st.booleans(),
)
def test_terms_by_years_counted_once_are_those_counted_day_by_day(start: D, end: D, *, open_year: bool):
    calendar = OPEN_2027 if open_year else CERTAIN
    assert calendar.working_days(start, end) == working_days_between(start, end, calendar)


def test_the_last_year_there_is_has_its_days_too():
    assert Calendar().working_days(D(9999, 1, 1), D.max) == working_days_between(D(9999, 1, 1), D.max, Calendar())
