"""No number of people under five is said, and none can be had back from a sum: against somebody who tries every table."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hege.programme.figures.rules import FEWEST, Hidden, Masked, masked

pytestmark = pytest.mark.once
FEW, APART = Hidden.FEW, Hidden.APART


@pytest.mark.parametrize(
    ("counts", "shown", "total"),
    [
        ((30, 12, 6), [30, 12, 6], 48),
        ((30, 12, 3), [30, APART, FEW], 45),  # else 45 - 30 - 12
        ((30, 12, 3, 2), [30, 12, FEW, FEW], 47),  # 3 and 2, or 1 and 4
        ((30, 12, 4, 4), [30, APART, FEW, FEW], 50),  # 8 is 4 and 4 alone
        ((3,), [FEW], FEW),
        ((2, 2, 0), [FEW, FEW, FEW], FEW),
        ((0, 0, 0), [0, 0, 0], 0),
        ((9, 0), [9, FEW], 9),
        ((4, 4), [APART, APART], 8),
        ((), [], 0),
    ],
)
def test_small_parts_are_not_said_and_not_left_over(counts: tuple[int, ...], shown: list[object], total: object):
    found = masked(dict(enumerate(counts)))
    assert [found.parts[n] for n in range(len(counts))] == shown
    assert found.total == total


def test_where_everybody_came_not_even_the_sum_is_said():
    """3 of 3 places and 20 of 20: 23 together would say that all came."""
    assert masked({"a": 3, "b": 20}, {"a": 3, "b": 20}) == Masked({"a": FEW, "b": 20}, APART)
    assert masked({"a": 3, "b": 20}, {"a": 6, "b": 25}) == Masked({"a": FEW, "b": APART}, 23)


def tables(found: Masked[int], most: dict[int, int]) -> list[tuple[int, ...]]:
    """Every table that somebody who reads this one has to think possible."""
    apart_is_many = FEW in found.parts.values()
    fields = []
    for key, shown in found.parts.items():
        if shown is FEW:
            fields.append(range(min(FEWEST - 1, most[key]) + 1))
        elif shown is APART:
            fields.append(range(FEWEST if apart_is_many else 0, most[key] + 1))
        else:
            assert isinstance(shown, int)
            fields.append(range(shown, shown + 1))
    rows = product(*fields)
    if isinstance(found.total, int):
        return [row for row in rows if sum(row) == found.total]
    return list(rows)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 3)), min_size=1, max_size=4))
def test_whoever_tries_every_table_learns_no_small_number(rows: list[tuple[int, int]]):
    counts = {n: count for n, (count, _more) in enumerate(rows)}
    most = {n: count + more for n, (count, more) in enumerate(rows)}
    found = masked(counts, most)
    possible = tables(found, most)
    assert tuple(counts.values()) in possible
    for n, count in counts.items():
        assert found.parts[n] in (count, FEW, APART)
        if 0 < count < FEWEST and found.total is not FEW:
            assert found.parts[n] in (FEW, APART)
            assert len({row[n] for row in possible}) > 1
    assert found.total is FEW or not 0 < sum(counts.values()) < FEWEST
