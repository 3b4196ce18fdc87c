"""Splitting and rounding: hand-checkable cases, then properties."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hege.kernel.money import split, to_fen, yuan
from hege.kernel.refused import Refused


def test_47_equal_shares_of_the_papers_bill_sum_to_it_exactly():
    parts = split(9_993_173, [1] * 47)
    assert sum(parts) == 9_993_173
    assert set(parts) == {212_620, 212_621}
    assert parts.count(212_621) == 9_993_173 - 47 * 212_620 == 33


def test_ties_go_to_the_earlier_weight():
    assert split(100, [1, 1, 1]) == [34, 33, 33]


def test_the_largest_remainder_gets_the_fen():
    assert split(10, [Fraction(1), Fraction(2), Fraction(4)]) == [1, 3, 6]


def test_a_credit_is_split_like_a_charge_with_its_sign():
    assert split(-100, [1, 1, 1]) == [-34, -33, -33]


def test_nobody_with_a_weight_is_refused():
    with pytest.raises(Refused, match="没有可分摊的权重"):
        split(100, [0, 0])


def test_a_negative_weight_is_a_bug():
    with pytest.raises(ValueError, match="negative"):
        split(100, [1, -1])


WEIGHTS = st.lists(st.integers(0, 10**9) | st.fractions(0, 10**6), min_size=1, max_size=60).filter(any)


@given(total=st.integers(-(10**12), 10**12), weights=WEIGHTS)
def test_parts_sum_to_the_total_and_stay_within_a_fen_of_the_exact_part(total, weights):
    parts = split(total, weights)
    assert sum(parts) == total
    whole = sum(weights)
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - Fraction(total) * Fraction(weight) / Fraction(whole)) < 1
        assert weight or part == 0


@pytest.mark.parametrize(
    ("amount", "fen"), [("0.005", 1), ("0.0049", 0), ("-0.005", -1), ("34523.658", 3_452_366), ("65408.07", 6_540_807)]
)
def test_an_amount_is_rounded_half_up_to_the_fen(amount, fen):
    assert to_fen(Decimal(amount)) == fen


@pytest.mark.parametrize(
    ("fen", "text"),
    [(9_993_173, "99,931.73"), (0, "0.00"), (-5, "-0.05"), (100, "1.00"), (-123_456_789, "-1,234,567.89")],
)
def test_fen_read_as_yuan(fen, text):
    assert yuan(fen) == text
