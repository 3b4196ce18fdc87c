"""Nothing in a sample story lies in the future, at whatever hour it is played."""

from __future__ import annotations

import datetime as dt

import pytest

from hege.kernel import clock
from hege.kernel.clock import SHANGHAI
from hege.stories.hours import at_noon

TODAY = dt.date(2026, 11, 26)


@pytest.mark.parametrize(
    ("hour", "day", "stamped"),
    [
        (3, TODAY, "2026-11-26T03:00"),  # noon is still to come
        (15, TODAY, "2026-11-26T12:00"),
        (3, dt.date(2026, 11, 25), "2026-11-25T12:00"),
        (3, dt.date(2026, 11, 27), "2026-11-27T12:00"),  # a story that plays days to come keeps them
    ],
)
def test_what_happens_today_happens_by_now(monkeypatch: pytest.MonkeyPatch, hour: int, day: dt.date, stamped: str):
    now = dt.datetime.combine(TODAY, dt.time(hour), SHANGHAI)
    monkeypatch.setattr(clock, "now", lambda: now)
    assert at_noon(day) == dt.datetime.fromisoformat(stamped).replace(tzinfo=SHANGHAI)
