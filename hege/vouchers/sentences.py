"""What a voucher is worth, and when it may be used, in words that fit on a phone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from itertools import pairwise

from django.utils.translation import gettext as _

from hege.kernel.clock import SHANGHAI
from hege.kernel.money import yuan

EVERY_DAY = frozenset(range(7))
_MINUTES_A_DAY = 24 * 60


def weekday_said(day: int) -> str:
    """Monday is 0."""
    return (_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日"))[day]


def weekdays_said(days: Collection[int]) -> str:
    """``周一到周四、周六``; 每天 where none is left out."""
    if set(days) >= EVERY_DAY:
        return _("每天")
    runs: list[list[int]] = []
    for day in sorted(days):
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return _("、").join(_run_said(run) for run in runs)


def _run_said(run: Sequence[int]) -> str:
    if len(run) < 3:
        return _("、").join(map(weekday_said, run))
    return _("%(from)s到%(until)s") % {"from": weekday_said(run[0]), "until": weekday_said(run[-1])}


def hours_said(hours: Iterable[Sequence[int]]) -> str:
    """Pairs of minutes of a day as ``10:00–14:00、17:00–21:00``; empty for the whole day."""
    return _("、").join(f"{clock_said(a)}–{clock_said(b)}" for a, b in hours if b - a < _MINUTES_A_DAY)


def clock_said(minute: int) -> str:
    """A minute of the day as a clock shows it; midnight at its end is 24:00."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def when_said(weekdays: Collection[int], hours: Sequence[Sequence[int]]) -> str:
    """On which days of the week and at which hours."""
    return " ".join(filter(None, (weekdays_said(weekdays), hours_said(hours))))


def instant_said(at: dt.datetime) -> str:
    """To the second where it has one, as the time a batch is released at."""
    local = at.astimezone(SHANGHAI)
    return f"{local:%Y-%m-%d %H:%M:%S}" if local.second else f"{local:%Y-%m-%d %H:%M}"


def amount_said(fen: int) -> str:
    """Yuan without decimals where there are none, as people say a price."""
    return yuan(fen).removesuffix(".00")


def adjacent(hours: Sequence[Sequence[int]]) -> bool:
    """Whether pairs of minutes follow each other without overlapping."""
    return all(a[1] <= b[0] for a, b in pairwise(hours))
