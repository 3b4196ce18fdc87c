"""The payable of the next periods from that of the past ones: pure, in whole fen, with the error of its own past words.

Each period's end is the day before the next bill. What is owed then is said to go on by the mean change of the last periods.
It knows neither weather nor trade: what it is worth, its own past errors say.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any, NamedTuple

from hege.kernel.calendar import DAY

#: Of so many periods' ends at least anything is said; the mean is over so many of the last changes: of more, a debt that has been
#: paid off would go on being paid.
LEAST, MOST = 3, 3
#: How far is looked ahead, in periods.
AHEAD = 3
#: Of so many past errors at least a spread is said.
LEAST_ERRORS = 3


class PeriodEnd(NamedTuple):
    """What was owed to the utility, in fen, at the end of a period: on the day before the next bill."""

    on: dt.date
    payable_fen: int


class Expected(NamedTuple):
    """What is expected to be owed at the end of a coming period, in fen: between which sums it fell as often as not nine times of
    ten before (None: too few tries), how many past words of this reach there are, and by how much they were off on average.
    """

    on: dt.date
    payable_fen: int
    low_fen: int | None
    high_fen: int | None
    tried: int
    mean_error_fen: int | None

    @property
    def fell_short(self) -> bool:
        """Whether its past words were nearly always too low: more will be owed than it says."""
        return self.low_fen is not None and self.low_fen > self.payable_fen

    @property
    def went_too_far(self) -> bool:
        """Whether they were nearly always too high."""
        return self.high_fen is not None and self.high_fen < self.payable_fen

    def as_json(self) -> dict[str, Any]:
        """One row of ``hege warn --forecast --json``."""
        return self._asdict() | {"on": self.on.isoformat()}


@dataclass(frozen=True, slots=True)
class Forecast:
    """The last period's end that is known, how many there are, and what is expected of the next ones; none of too few."""

    ends: Sequence[PeriodEnd]
    expected: Sequence[Expected]

    @property
    def has_enough(self) -> bool:
        return len(self.ends) >= LEAST


def ends_of(issued: Sequence[dt.date], payable_on: Callable[[dt.date], int]) -> list[PeriodEnd]:
    """The ends of the periods that are over, from the days on which bills were issued: of the last bill's there is none yet."""
    starts = sorted(set(issued))
    return [PeriodEnd(day - DAY, payable_on(day - DAY)) for day in starts[1:]]


def goes_on(ends: Sequence[PeriodEnd], ahead: int) -> int:
    """What will be owed so many periods after the last end: the last sum and as many mean changes of the last periods, in fen;
    half a fen goes to the even one. A debt ends at nothing: what is paid off is not paid on."""
    last = [end.payable_fen for end in ends[-MOST - 1 :]]
    changes = [after - before for before, after in pairwise(last)]
    said = last[-1] + round(Fraction(ahead * sum(changes), len(changes)))
    return max(0, said) if last[-1] >= 0 else said


def errors_of(ends: Sequence[PeriodEnd], known: Callable[[PeriodEnd], Sequence[PeriodEnd]], ahead: int) -> list[int]:
    """By how much each past word of this reach was off, what came less what was said, in fen. ``known``: the ends as they were known
    on the evening of one of them."""
    out = []
    for n, end in enumerate(ends[:-ahead]):
        then = known(end)
        if len(then) >= LEAST and then[-1].on == end.on:
            out.append(ends[n + ahead].payable_fen - goes_on(then, ahead))
    return out


def forecast(ends: Sequence[PeriodEnd], known: Callable[[PeriodEnd], Sequence[PeriodEnd]]) -> Forecast:
    """What is expected of the next three periods; nothing of fewer than three period ends."""
    if len(ends) < LEAST:
        return Forecast(ends, [])
    return Forecast(ends, [_expected(ends, known, ahead) for ahead in range(1, AHEAD + 1)])


def _expected(ends: Sequence[PeriodEnd], known: Callable[[PeriodEnd], Sequence[PeriodEnd]], ahead: int) -> Expected:
    errors, said = sorted(errors_of(ends, known, ahead)), goes_on(ends, ahead)
    low = high = mean = None
    if errors:
        mean = round(Fraction(sum(map(abs, errors)), len(errors)))
    if len(errors) >= LEAST_ERRORS:
        left_out = len(errors) // 10  # at either end
        low, high = said + errors[left_out], said + errors[-1 - left_out]
    return Expected(coming_end(ends, ahead), said, low, high, len(errors), mean)


def coming_end(ends: Sequence[PeriodEnd], ahead: int) -> dt.date:
    """When a coming period will end: as long after the last end as the middle one of the past periods lasted."""
    days = sorted((after.on - before.on).days for before, after in pairwise(ends))
    return ends[-1].on + ahead * days[len(days) // 2] * DAY
