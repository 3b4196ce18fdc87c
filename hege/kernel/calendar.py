"""Working-day arithmetic (工作日计算) over a calendar that is handed in; periods are half-open.

Statutory holidays are law and known for ever; shifts and make-up days wait for the State Council's yearly notice.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate

from lunar_python import Lunar

IsWorkday = Callable[[dt.date], bool]
DAY = dt.timedelta(days=1)
SATURDAY = 5
#: The Measures on Holidays (国务院《全国年节及纪念日放假办法》) as they stand since 1 January 2025.
LAW_SINCE = 2025
#: A notice moves working days within this many days of a statutory holiday.
REACH = 7


def is_weekday(day: dt.date) -> bool:
    """Monday to Friday: what a day is taken for that no holiday and no notice names."""
    return day.weekday() < SATURDAY


@cache
def statutory_days(year: int) -> Mapping[dt.date, str]:
    """The statutory holidays (法定节假日) of a year from 2025 on by name, thirteen days where none coincide (art. 2).

    New Year 1 day, Spring Festival 4 from its eve, Qingming 1, Labour Day 2, Dragon Boat 1, Mid-Autumn 1, National
    Day 3. Before 2025 none: the published calendar of those years stands as it is.
    """
    if year < LAW_SINCE:
        return {}
    spring = _solar(Lunar.fromYmd(year, 1, 1))
    days = {dt.date(year, 1, 1): "元旦"}
    days |= {spring + n * DAY: "春节" for n in (-1, 0, 1, 2)}
    days[_solar(Lunar.fromYmd(year, 2, 1).getJieQiTable()["清明"].getLunar())] = "清明节"
    days |= {dt.date(year, 5, n): "劳动节" for n in (1, 2)}
    days[_solar(Lunar.fromYmd(year, 5, 5))] = "端午节"
    days[_solar(Lunar.fromYmd(year, 8, 15))] = "中秋节"
    return days | {dt.date(year, 10, n): "国庆节" for n in (1, 2, 3)}


def _solar(lunar: Lunar) -> dt.date:
    day = lunar.getSolar()
    return dt.date(day.getYear(), day.getMonth(), day.getDay())


@dataclass(frozen=True, slots=True)
class Calendar:
    """A street's working calendar: a day is a working day or not, and certain or not. Callable as ``IsWorkday``.

    ``notices``: the days a notice or the office has named, True for working; ``confirmed``: the years whose notice is
    in. Without either it is Monday to Friday less the statutory holidays.
    """

    notices: Mapping[dt.date, bool] = field(default_factory=dict)
    confirmed: Container[int] = ()
    #: The working days of a year until each of its days, counted once a year is asked for.
    _counted: dict[int, list[int]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __call__(self, day: dt.date) -> bool:
        return self.is_workday(day)

    def is_workday(self, day: dt.date) -> bool:
        """Whether offices work on a day, as far as is known. No notice makes a statutory holiday a working day."""
        if day in statutory_days(day.year):
            return False
        said = self.notices.get(day)
        return is_weekday(day) if said is None else said

    def is_certain(self, day: dt.date) -> bool:
        """Whether no notice can still make a working day a day off.

        Uncertain is a weekday within seven days of a statutory holiday of a year that is not confirmed; the last days
        of December hang on the next year's notice.
        """
        if not self.is_workday(day) or day.year < LAW_SINCE - 1:
            return True
        return all(
            year in self.confirmed or all(abs((holiday - day).days) > REACH for holiday in statutory_days(year))
            for year in {day.year, (day + REACH * DAY).year}
        )

    def working_days(self, start: dt.date, end: dt.date) -> int:
        """``working_days_between`` of this calendar, whose years are counted once: lists ask for many terms."""
        if end < start:
            return -self.working_days(end, start)
        whole = sum(self._until(dt.date(year, 12, 31)) for year in range(start.year, end.year))
        return whole + self._until(end) - self._until(start)

    def _until(self, day: dt.date) -> int:
        """Working days of a year up to and including a day of it."""
        if day.year not in self._counted:
            days = range(_first(day.year), dt.date(day.year, 12, 31).toordinal() + 1)
            self._counted[day.year] = list(accumulate(self.is_workday(dt.date.fromordinal(n)) for n in days))
        return self._counted[day.year][day.toordinal() - _first(day.year)]

    def last_day_of(self, due_on: dt.date) -> dt.date:
        """The last day that is in time for a due day, as far as is known: what pages show (Civil Code art. 203)."""
        return last_day_of(due_on, self)

    def in_time_until(self, due_on: dt.date) -> dt.date:
        """The last day on which nobody can say that a due day has passed.

        The first certain working day from it on, and the uncertain days that follow: nothing passes on one of those.
        What ends, lapses or breaches by itself and what refuses a right asks this day. Once the notice is in it is
        ``last_day_of``.
        """
        day = due_on
        while not (self.is_workday(day) and self.is_certain(day)):
            day += DAY
        while not self.is_certain(day + DAY):
            day += DAY
        return day

    def has_passed(self, due_on: dt.date, on: dt.date) -> bool:
        """Whether a due day is over for good, seen on a day."""
        return on > self.in_time_until(due_on)

    def first_not_passed(self, on: dt.date) -> dt.date:
        """The earliest due day that has not passed on a day: for filters, ``due_on__lt=first_not_passed(on)`` has passed."""
        while not self.is_certain(on):
            on -= DAY
        return self._last_workday(on - DAY) + DAY

    def waits(self, due_on: dt.date, on: dt.date) -> bool:
        """Whether a due day is over as far as is known, and only waits for a year to be confirmed: pages say so."""
        return on > self.last_day_of(due_on) and not self.has_passed(due_on, on)

    def first_in_time(self, on: dt.date) -> dt.date:
        """The earliest due day of work that is not late on a day: for filters, ``due_on__lt=first_in_time(on)`` is late."""
        return self.first_not_passed(self._last_workday(on))

    def is_late(self, due_on: dt.date, on: dt.date) -> bool:
        """Whether work is late (逾期): a certain working day has begun since its last day in time.

        What is due on a Friday is not late on Saturday and Sunday, when nobody works, and late on Monday.
        """
        return due_on < self.first_in_time(on)

    def days_left(self, due_on: dt.date, on: dt.date) -> int:
        """Working days left after a day up to and including the last day in time; below zero exactly where it is late."""
        left = self.working_days(on, self.last_day_of(due_on))
        return min(-1, left) if self.is_late(due_on, on) else max(0, left)

    def _last_workday(self, on: dt.date) -> dt.date:
        while not (self.is_workday(on) and self.is_certain(on)):
            on -= DAY
        return on


def _first(year: int) -> int:
    return dt.date(year, 1, 1).toordinal()


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
