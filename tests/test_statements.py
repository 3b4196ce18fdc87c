"""Which tests PostgreSQL is asked by: together they send it all that the tests send."""

from __future__ import annotations

import pytest

from tests.statements import chosen, shape


def test_what_is_sent_is_sent_by_those_that_cost_least():
    sent = {"dear": {"a", "b", "c"}, "cheap": {"a", "b"}, "other": {"c"}, "locks": {"d"}, "same": {"d"}}
    seconds = {"dear": 9.0, "cheap": 0.1, "other": 0.1, "locks": 3.0, "same": 0.1, "quiet": 0.1}
    assert chosen(sent, seconds, {"locks"}) == {"cheap", "other", "locks"}


@pytest.mark.parametrize(
    ("said", "alike"),
    [
        ("SELECT x FROM t WHERE a IN (%s, %s) LIMIT 21", "SELECT x FROM t WHERE a IN (%s) LIMIT 1"),
        ("INSERT INTO t VALUES (%s, %s), (%s, %s)", "INSERT INTO t VALUES (%s)"),
        ("SELECT 'one'", "SELECT 'another'"),
    ],
)
def test_statements_that_differ_in_values_alone_are_one(said: str, alike: str):
    assert shape(said) == shape(alike)
