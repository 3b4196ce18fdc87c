"""How much of one shop's money has come to the utility, as far as it can be told."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hege.arrears.rules import reached

fen = st.integers(min_value=0, max_value=10**9)


def test_what_the_agent_passed_on_arrives_for_each_shop_by_what_it_paid():
    assert reached(212_621, 0, 8_124_010, 1_520_000) == (39_781, 172_840)


def test_what_was_paid_straight_to_the_utility_has_arrived():
    assert reached(0, 84_490, 5_000_000, 0) == (84_490, 0)


def test_all_has_arrived_once_the_agent_passed_on_as_much_as_was_taken():
    assert reached(100, 7, 300, 300) == (107, 0)
    assert reached(100, 0, 300, 900) == (100, 0)


def test_nothing_is_divided_by_when_nothing_was_collected():
    assert reached(0, 0, 0, 0) == (0, 0)


@given(paid=fen, direct=fen, others=fen, remitted=fen)
def test_the_two_parts_are_never_negative_and_sum_to_what_the_shop_paid(
    paid: int, direct: int, others: int, remitted: int
):
    arrived, held = reached(paid, direct, paid + others, remitted)
    assert arrived >= direct
    assert held >= 0
    assert arrived + held == paid + direct
