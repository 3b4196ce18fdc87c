"""The terms of arrears and cut-off over the holidays of 2026 and 2027, as tables to check by hand, the article beside each.

2026 is published (国办发明电〔2025〕7号): New Year 1–3 January (4 January worked), Spring Festival 15–23 February (14 and 28
worked), Qingming 4–6 April, Labour Day 1–5 May (9 May worked), Dragon Boat 19–21 June, Mid-Autumn 25–27 September, National
Day 1–7 October (20 September and 10 October worked). Of 2027 only the law's own days are known: 1 January (Friday), Spring
Festival from its eve 5–8 February, Qingming 5 April. Around them a weekday may still be made a day off: it waits.
"""

from __future__ import annotations

import datetime as dt

import pytest

from hege.arrears.cutoff.rules import ConditionKind, ConditionSeen, judge_deferral, not_before, term_ends_on
from hege.arrears.rules import overdue_from, restore_due_at
from hege.kernel.calendar import DAY, Calendar
from hege.kernel.clock import SHANGHAI

OFF = [
    ("2026-01-01", 3),
    ("2026-02-15", 9),
    ("2026-04-04", 3),
    ("2026-05-01", 5),
    ("2026-06-19", 3),
    ("2026-09-25", 3),
    ("2026-10-01", 7),
]
WORKED = ["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"]
NOTICE = {
    **{dt.date.fromisoformat(first) + n * DAY: False for first, days in OFF for n in range(days)},
    **dict.fromkeys(map(dt.date.fromisoformat, WORKED), True),
}
PUBLISHED = Calendar(NOTICE, confirmed=range(2000, 2027))
#: As if the notice of 2027 had moved nothing: the law's days alone, and the days beside them certain.
CONFIRMED = Calendar(NOTICE, confirmed=range(2000, 2028))


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def instant(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("due", "overdue", "once_confirmed"),
    [
        # a bill is overdue the day after its last day in time; a day off moves to the next working day (Civil Code 203)
        ("2026-02-13", "2026-02-14", "2026-02-14"),  # Friday
        ("2026-02-14", "2026-02-15", "2026-02-15"),  # a Saturday that is worked
        ("2026-02-15", "2026-02-25", "2026-02-25"),  # Spring Festival: paid in time on Tuesday the 24th
        ("2026-02-23", "2026-02-25", "2026-02-25"),
        ("2026-05-01", "2026-05-07", "2026-05-07"),  # Labour Day: Wednesday the 6th
        ("2026-09-27", "2026-09-29", "2026-09-29"),
        ("2026-10-01", "2026-10-09", "2026-10-09"),  # National Day: Thursday the 8th
        ("2026-11-28", "2026-12-01", "2026-12-01"),  # a plain Saturday
        ("2026-12-25", "2027-01-12", "2026-12-26"),  # seven days before 1 January: only the notice makes it certain
        ("2027-01-01", "2027-01-12", "2027-01-05"),  # New Year's Day: Monday the 4th, once confirmed
        ("2027-02-06", "2027-02-17", "2027-02-10"),  # Spring Festival to the 8th: Tuesday the 9th, once confirmed
        ("2027-04-05", "2027-04-14", "2027-04-07"),  # Qingming, a Monday
    ],
)
def test_a_bill_is_overdue_after_its_last_day_in_time(due: str, overdue: str, once_confirmed: str):
    assert PUBLISHED.in_time_until(day(due)) + DAY == day(overdue)
    assert overdue_from(CONFIRMED.in_time_until(day(due)), 0, CONFIRMED) == day(once_confirmed)
    assert overdue_from(day(due), 0, CONFIRMED) == day(once_confirmed), "the rule moves a day off by itself too"


@pytest.mark.parametrize(
    ("due", "working_days", "overdue"),
    [
        ("2026-02-13", 1, "2026-02-15"),  # the Saturday is worked
        ("2026-02-16", 1, "2026-02-26"),  # in time until the 24th, one working day more
        ("2026-10-01", 2, "2026-10-11"),  # in time until the 8th, then the 9th and the worked Saturday
    ],
)
def test_days_of_grace_count_from_the_last_day_in_time(due: str, working_days: int, overdue: str):
    assert overdue_from(day(due), working_days, PUBLISHED) == day(overdue)


@pytest.mark.parametrize(
    ("delivered", "ends", "once_confirmed"),
    [
        # the day of delivery does not count (Civil Code 201); the last day is a working day (203)
        ("2026-01-30", "2026-02-14", "2026-02-14"),
        ("2026-01-31", "2026-02-24", "2026-02-24"),  # the 15th is in the Spring Festival
        ("2026-09-16", "2026-10-08", "2026-10-08"),
        ("2026-12-08", "2026-12-23", "2026-12-23"),
        ("2026-12-09", "2026-12-25", "2026-12-24"),  # the 25th is within seven days of 1 January: nothing passes on it
        ("2026-12-17", "2027-01-11", "2027-01-04"),  # would end on New Year's Day 2027
        ("2027-01-22", "2027-02-16", "2027-02-09"),  # would end on 初一, Saturday 6 February 2027
    ],
)
def test_the_reasonable_period_of_fifteen_days(delivered: str, ends: str, once_confirmed: str):
    assert term_ends_on(day(delivered), 15, PUBLISHED) == day(ends)
    assert term_ends_on(day(delivered), 15, CONFIRMED) == day(once_confirmed)


@pytest.mark.parametrize(
    ("served", "hours", "earliest"),
    [
        # a term of hours runs by the clock from the hour it is served (Civil Code 201), over days off as well
        ("2026-02-13T16:00:00", 48, "2026-02-15T16:00:00"),
        ("2026-12-30T09:30:00", 48, "2027-01-01T09:30:00"),
        ("2027-02-04T12:00:00", 72, "2027-02-07T12:00:00"),
    ],
)
def test_a_notice_runs_by_the_hour(served: str, hours: int, earliest: str):
    assert not_before(instant(served), hours) == instant(earliest)


@pytest.mark.parametrize(
    ("paid", "agreed", "hours", "due"),
    [
        (None, None, 24, None),
        ("2026-02-13", None, 24, "2026-02-15T00:00:00"),  # counted from the end of the day: the books know no hour
        (None, "2026-02-12", 24, "2026-02-14T00:00:00"),
        ("2026-02-13", "2026-02-12", 24, "2026-02-14T00:00:00"),  # what came first
        ("2026-12-31", None, 48, "2027-01-03T00:00:00"),
    ],
)
def test_water_is_restored_so_many_hours_after_payment_or_agreement(
    paid: str | None, agreed: str | None, hours: int, due: str | None
):
    found = restore_due_at(
        paid_up_on=day(paid) if paid else None, agreed_on=day(agreed) if agreed else None, hours=hours
    )
    assert found == (instant(due) if due else None)


@pytest.mark.parametrize(
    ("calendar", "on", "lapses"),
    [
        # a condition due on New Year's Day 2027: no right is lost on a day that the notice could still make a day off
        (PUBLISHED, "2027-01-05", False),
        (PUBLISHED, "2027-01-11", False),
        (PUBLISHED, "2027-01-12", True),
        (CONFIRMED, "2027-01-04", False),  # the Monday is in time (Civil Code 203)
        (CONFIRMED, "2027-01-05", True),
    ],
)
def test_a_condition_due_on_new_years_day_2027(calendar: Calendar, on: str, lapses: bool):
    last_on = calendar.in_time_until(day("2027-01-01"))
    words = ConditionSeen(1, ConditionKind.OTHER, last_on, None, None)
    verdict = judge_deferral(
        from_on=day("2026-12-01"), until_on=day("2027-03-01"), conditions=[words], flows=(), on=day(on)
    )
    assert (verdict.lapse is not None) is lapses
