"""The hour at which things of a sample story happen."""

from __future__ import annotations

import datetime as dt

from hege.kernel import clock


def at_noon(day: dt.date) -> dt.datetime:
    """Noon of a day, as everywhere for things known by their day; now, when it is today and noon is still to come.

    So the demo plays at any hour, and nothing that has happened in it lies in the future.
    """
    noon, now = clock.at_noon(day), clock.now()
    return min(noon, now) if day == clock.day_of(now) else noon
