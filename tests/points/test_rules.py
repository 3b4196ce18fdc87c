"""What a deed is worth, which lot is eaten first, what a rule may say: cases to check by hand."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hege.kernel.refused import Refused
from hege.points.rules import (
    FIRST_RULE,
    POINT_MILESTONES,
    LotLeft,
    Rule,
    check_reversible,
    check_rule,
    eaten,
    milestone,
    worth,
)

pytestmark = pytest.mark.once
DAY = dt.date(2025, 12, 18)
LATER = dt.date(2026, 1, 31)


@pytest.mark.parametrize(
    ("that_day", "that_season", "points"), [(0, 0, 10), (20, 20, 10), (21, 21, 0), (30, 30, 0), (0, 290, 10), (0, 291, 0)]
)  # fmt: skip
def test_a_deed_is_worth_its_value_or_nothing(that_day: int, that_season: int, points: int):
    assert worth(FIRST_RULE, that_day=that_day, that_season=that_season) == points


def test_what_ends_first_is_eaten_first_and_the_older_of_two():
    lots = [LotLeft(3, 10, LATER), LotLeft(2, 10, LATER), LotLeft(9, 5, dt.date(2025, 12, 31)), LotLeft(1, 50, DAY)]
    assert eaten(lots, 18, on=DAY) == [(9, 5), (2, 10), (3, 3)]


def test_a_lot_whose_day_is_over_holds_nothing():
    with pytest.raises(Refused, match="要 1 分，现有 0 分"):
        eaten([LotLeft(1, 50, DAY)], 1, on=DAY)
    assert eaten([LotLeft(1, 50, DAY)], 1, on=DAY - dt.timedelta(days=1)) == [(1, 1)]


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(-3, 60)), max_size=8),
    st.integers(1, 120),
)
def test_eaten_takes_all_that_is_asked_and_leaves_no_earlier_lot_unfinished(said: list[tuple[int, int]], points: int):
    lots = [LotLeft(n, left, DAY + dt.timedelta(days=days)) for n, (left, days) in enumerate(said)]
    there = sum(lot.remaining for lot in lots if lot.expires_on > DAY)
    if there < points:
        with pytest.raises(Refused):
            eaten(lots, points, on=DAY)
        return
    parts = eaten(lots, points, on=DAY)
    by_pk = {lot.pk: lot for lot in lots}
    assert sum(part for _pk, part in parts) == points
    assert all(0 < part <= by_pk[pk].remaining for pk, part in parts)
    for (pk, part), (after, _part) in pairwise(parts):
        assert part == by_pk[pk].remaining, "a later lot is begun while an earlier one holds something"
        assert by_pk[pk].expires_on <= by_pk[after].expires_on


@pytest.mark.parametrize(
    ("rule", "from_on", "field"),
    [
        (Rule(0, 30, 300, 365), LATER, "per_deed"),
        (Rule(1_001, 2_000, 3_000, 365), LATER, "per_deed"),
        (Rule(10, 9, 300, 365), LATER, "day_cap"),
        (Rule(10, 30, 29, 365), LATER, "season_cap"),
        (Rule(10, 30, 300, 29), LATER, "life_days"),
        (Rule(10, 30, 300, 1_101), LATER, "life_days"),
        (Rule(10, 30, 300, 365), DAY, "from_on"),
        (Rule(10, 30, 300, 365), dt.date(2026, 1, 1), "from_on"),
    ],
)
def test_a_rule_that_cannot_be_kept_names_its_field(rule: Rule, from_on: dt.date, field: str):
    with pytest.raises(Refused) as no:
        check_rule(rule, from_on=from_on, latest_on=dt.date(2026, 1, 1), today=DAY)
    assert no.value.field == field


def test_a_rule_at_its_limits_is_taken():
    check_rule(Rule(1, 1, 1, 30), from_on=dt.date(2026, 1, 2), latest_on=dt.date(2026, 1, 1), today=DAY)
    check_rule(Rule(1_000, 100_000, 100_000, 1_100), from_on=DAY + dt.timedelta(days=1), latest_on=None, today=DAY)


@pytest.mark.parametrize(("points", "step"), [(0, 0), (9, 0), (10, 10), (99, 50), (300, 300), (10_000, 300)])
def test_milestones(points: int, step: int):
    assert milestone(points, POINT_MILESTONES) == step


def test_what_may_be_taken_back():
    check_reversible(kind="spend", reversible=("spend", "minutes"), is_reversed=False)
    with pytest.raises(Refused, match="不能单独冲正"):
        check_reversible(kind="earn", reversible=("spend", "minutes"), is_reversed=False)
    with pytest.raises(Refused, match="已经冲正"):
        check_reversible(kind="spend", reversible=("spend", "minutes"), is_reversed=True)
