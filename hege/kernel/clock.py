"""The clock: instants are UTC, days are Shanghai days. Only pages, jobs and commands ask it; rules are told."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
#: What computers count seconds from.
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def now() -> dt.datetime:
    """The present instant, aware, in UTC."""
    return dt.datetime.now(dt.UTC)


def today() -> dt.date:
    """The present day in Shanghai."""
    return day_of(now())


def day_of(instant: dt.datetime) -> dt.date:
    """The Shanghai day an aware instant falls on."""
    return instant.astimezone(SHANGHAI).date()


def start_of(day: dt.date) -> dt.datetime:
    """The instant a Shanghai day begins, in UTC. Half-open: the day ends where the next begins."""
    return dt.datetime.combine(day, dt.time.min, SHANGHAI).astimezone(dt.UTC)


def at_noon(day: dt.date) -> dt.datetime:
    """Noon of a Shanghai day, in UTC: the instant given to things that are only known by their day."""
    return dt.datetime.combine(day, dt.time(12), SHANGHAI).astimezone(dt.UTC)
