"""A round of visits: which stops are left, and why."""

from __future__ import annotations

import datetime as dt

import pytest

from hege.arrears.rules import Standing, Stop, is_left

SINCE = dt.date(2026, 11, 1)
BEFORE, IN_IT = dt.date(2026, 10, 31), SINCE


def stop(standing: Standing | None, seen_on: dt.date | None) -> Stop:
    return Stop("S-1", "一号铺", standing, 0, seen_on)


@pytest.mark.parametrize(
    ("standing", "seen_on", "left"),
    [
        (Standing.PAID, None, True),
        (Standing.PAID, BEFORE, False),
        (Standing.UNPAID, BEFORE, False),
        (Standing.CLAIMED, BEFORE, True),
        (Standing.UNKNOWN, BEFORE, True),
        (Standing.UNKNOWN, IN_IT, False),
        (None, BEFORE, True),
        (Standing.CLAIMED, IN_IT, False),
    ],
)
def test_a_round_leads_to_who_was_never_seen_and_to_accounts_that_nobody_can_tell(
    standing: Standing | None, seen_on: dt.date | None, left: bool
):
    assert is_left(stop(standing, seen_on), since=SINCE) is left
