"""Which tests have to run on both databases: those that send a statement that no other test sends on PostgreSQL.

    .venv/bin/pytest -q -p tests.statements -m "not browser"

runs the suite on SQLite, in one process, and names what no test sends that runs on PostgreSQL too, each with the test that
sends most of it: that one gets the mark ``both``. Rows sought by key and counted are left out: no database reads them in
its own way.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection

#: What a database may read in its own way: more than one table, an order, a lock, a function, text that is compared.
OWN_WAY = re.compile(
    r"JOIN|FOR UPDATE|ORDER BY|DISTINCT|LIKE|REGEXP|CASE|OVER|ON CONFLICT|GROUP BY|RETURNING|SUM\(|EXISTS|UNION|WITH|JSON|::"
    r"|UPPER|COALESCE|\(SELECT|^INSERT|^UPDATE|^DELETE"
)
sent: dict[str, set[str]] = {}
once: set[str] = set()
running = ""


def shape(sql: str) -> str:
    """A statement without its values, however many there are."""
    sql = re.sub(r"\b\d+\b|'[^']*'|%s", "?", sql)
    sql = re.sub(r"\?(, \?)+", "?", sql)
    return re.sub(r"\(\?\)(, \(\?\))+", "(?)", sql)


def _note(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
    if running and OWN_WAY.search(said := shape(str(sql))):
        sent.setdefault(running, set()).add(said)
    return execute(sql, params, many, context)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Note what a test and its fixtures send."""
    global running
    running = item.nodeid.partition("[")[0]
    if item.get_closest_marker("once") and not item.get_closest_marker("both"):
        once.add(running)
    if _note not in connection.execute_wrappers:
        connection.execute_wrappers.append(_note)
    return (yield)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Name what is sent on SQLite alone, and by whom."""
    both = set[str]().union(*(said for test, said in sent.items() if test not in once))
    alone = {test: sent[test] - both for test in once & sent.keys()}
    while any(alone.values()):
        test = max(alone, key=lambda name: len(alone[name]))
        terminalreporter.write_line(f"on SQLite alone: {test} sends {len(alone[test])}, as {min(alone[test])[:160]}")
        alone = {name: said - alone[test] for name, said in alone.items()}
