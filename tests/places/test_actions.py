"""A shop has one tenant at a time, whatever is put right afterwards."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from hege.kernel.refused import Refused
from hege.places.actions import move_out
from tests.cast import DAY, NOW, move_in

BY: Any = {"by": None, "at": NOW}
FEBRUARY, MARCH = dt.date(2026, 2, 1), dt.date(2026, 3, 1)


def test_a_new_tenant_waits_until_the_one_before_is_out(row):
    with pytest.raises(Refused, match="已有租户"):
        move_in(row.units[0], operator="新店主", from_on=FEBRUARY, **BY)
    move_out(row.tenancies[0], until_on=FEBRUARY, **BY)
    assert move_in(row.units[0], operator="新店主", from_on=FEBRUARY, **BY).until_on is None


def test_nobody_moves_out_before_moving_in(row):
    with pytest.raises(Refused, match="晚于入驻日期"):
        move_out(row.tenancies[0], until_on=DAY, **BY)


def test_the_day_out_may_be_put_right(row):
    move_out(row.tenancies[0], until_on=MARCH, **BY)
    assert move_out(row.tenancies[0], until_on=FEBRUARY, **BY).until_on == FEBRUARY


def test_the_day_out_may_not_reach_into_the_next_tenancy(row):
    move_out(row.tenancies[0], until_on=FEBRUARY, **BY)
    move_in(row.units[0], operator="新店主", from_on=FEBRUARY, **BY)
    with pytest.raises(Refused, match="已有别的租户"):
        move_out(row.tenancies[0], until_on=MARCH, **BY)
    assert move_out(row.tenancies[0], until_on=FEBRUARY, **BY).until_on == FEBRUARY
