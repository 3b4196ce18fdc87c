"""Working-day arithmetic (工作日计算) over a calendar that is handed in; periods are half-open."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

IsWorkday = Callable[[dt.date], bool]
DAY = dt.timedelta(days=1)


def add_working_days(start: dt.date, days: int, is_workday: IsWorkday) -> dt.date:
    """The working day that is ``days`` working days after ``start``; the start itself never counts.

    ``days`` = 0 gives ``start`` moved forward to a working day. A term counts from the day after
    (Civil Code art. 201) and ends on a working day (art. 203).
    """
    if days < 0:
        raise ValueError("days must not be negative")
    day = start
    while days > 0:
        day += DAY
        if is_workday(day):
            days -= 1
    while not is_workday(day):
        day += DAY
    return day


def last_day_of(due_on: dt.date, is_workday: IsWorkday) -> dt.date:
    """The last day that is still in time for a due day: the next working day when it is none (Civil Code art. 203)."""
    return add_working_days(due_on, 0, is_workday)


def working_days_between(start: dt.date, end: dt.date, is_workday: IsWorkday) -> int:
    """Working days after ``start`` up to and including ``end``; negative when ``end`` lies before ``start``."""
    if end < start:
        return -working_days_between(end, start, is_workday)
    count, day = 0, start
    while day < end:
        day += DAY
        count += is_workday(day)
    return count


def overlap_days(a_from: dt.date, a_until: dt.date | None, b_from: dt.date, b_until: dt.date) -> int:
    """Days that two half-open periods share; ``None`` means still open."""
    start = max(a_from, b_from)
    end = b_until if a_until is None else min(a_until, b_until)
    return max(0, (end - start).days)
