"""Values by their key."""

from __future__ import annotations

from hege.kernel.grouped import grouped, summed


def test_values_stand_under_their_key_in_their_order_and_a_strange_key_has_none():
    found = grouped([("a", 2), ("b", 1), ("a", 1)])
    assert found == {"a": [2, 1], "b": [1]}
    assert found["c"] == []


def test_numbers_add_up_under_their_key_and_a_strange_key_has_nothing():
    found = summed([("a", 2), ("b", 1), ("a", -5)])
    assert found == {"a": -3, "b": 1}
    assert found["c"] == 0
