"""Which tests have to run on both databases: those that send a statement that no other test sends on PostgreSQL.

    .venv/bin/python -m tests.postgres -- .venv/bin/pytest -q -n 2 -p tests.statements

runs all that may ask PostgreSQL, and writes ``tests/left_to_sqlite.txt``: the tests that send it nothing, and are refused
nothing by it, that those do not which cost least together. What commits, what is marked ``both`` or ``postgres``, the nets over all pages and the
streets of releases run on it always; so does a test that is newer than the list.

    .venv/bin/pytest -q -p tests.statements -m "not browser"

runs the suite on SQLite, in one process, and names what no test sends that runs on PostgreSQL too, each with the test that
sends most of it: that one gets the mark ``both``. Rows sought by key and counted are left out: no database reads them in
its own way.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection

#: Tests that PostgreSQL is not asked by, one a line.
LEFT_TO_SQLITE = Path(__file__).parent / "left_to_sqlite.txt"
#: What PostgreSQL is asked by always, whatever else asks it the same.
ALWAYS = ("tests/web/test_", "tests/releases/", "tests/concurrency/")
#: What a database may read in its own way: more than one table, an order, a lock, a function, text that is compared.
OWN_WAY = re.compile(
    r"JOIN|FOR UPDATE|ORDER BY|DISTINCT|LIKE|REGEXP|CASE|OVER|ON CONFLICT|GROUP BY|RETURNING|SUM\(|EXISTS|UNION|WITH|JSON|::"
    r"|UPPER|COALESCE|\(SELECT|^INSERT|^UPDATE|^DELETE"
)
sent: dict[str, set[str]] = {}
seconds: dict[str, float] = {}
once: set[str] = set()
always: set[str] = set()
running = ""


@cache
def left_to_sqlite() -> frozenset[str]:
    """The tests that PostgreSQL need not see, by their names without parameters."""
    return frozenset(LEFT_TO_SQLITE.read_text(encoding="utf-8").split()) if LEFT_TO_SQLITE.exists() else frozenset()


def name_of(item: pytest.Item) -> str:
    """A test, whatever it is given."""
    return item.nodeid.partition("[")[0]


def shape(sql: str) -> str:
    """A statement without its values, however many there are."""
    sql = re.sub(r"\b\d+\b|'[^']*'|%s", "?", sql)
    sql = re.sub(r"\?(, \?)+", "?", sql)
    return re.sub(r"\(\?\)(, \(\?\))+", "(?)", sql)


def _note(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
    said = shape(str(sql))
    if running and OWN_WAY.search(said):
        sent.setdefault(running, set()).add(said)
    try:
        return execute(sql, params, many, context)
    except DatabaseError as refused:  # by a CHECK, a key, a trigger, a lock
        sent.setdefault(running, set()).add(f"{type(refused).__name__}: {shape(str(refused).partition(chr(10))[0])}")
        raise


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Note what a test and its fixtures send."""
    global running
    running = name_of(item)
    marker = item.get_closest_marker("django_db")
    if item.get_closest_marker("once") and not item.get_closest_marker("both"):
        once.add(running)
    commits = bool(marker and marker.kwargs.get("transaction"))
    if commits or any(map(item.get_closest_marker, ("both", "postgres"))) or running.startswith(ALWAYS):
        always.add(running)
    if _note not in connection.execute_wrappers:
        connection.execute_wrappers.append(_note)
    began = time.process_time()
    try:
        return (yield)
    finally:
        seconds[running] = seconds.get(running, 0.0) + time.process_time() - began


def pytest_sessionfinish(session: pytest.Session) -> None:
    """What a worker noted goes to the process that sums up."""
    if output := getattr(session.config, "workeroutput", None):
        output["noted"] = json.dumps(
            [{name: sorted(said) for name, said in sent.items()}, seconds, sorted(once), sorted(always)]
        )


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """What a worker noted has come."""
    theirs, took, of_once, of_always = json.loads(getattr(node, "workeroutput", {}).get("noted", "[{}, {}, [], []]"))
    for name, said in theirs.items():
        sent.setdefault(name, set()).update(said)
    for name, of_it in took.items():
        seconds[name] = seconds.get(name, 0.0) + of_it
    once.update(of_once)
    always.update(of_always)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """On PostgreSQL write the list; on SQLite name what is sent there alone, and by whom."""
    if getattr(terminalreporter.config, "workerinput", None) is not None:
        return
    if connection.vendor == "postgresql":
        wanted = chosen(sent, seconds, always)
        left = sorted(seconds.keys() - wanted)
        LEFT_TO_SQLITE.write_text("".join(f"{name}\n" for name in left), encoding="utf-8")
        spent = sum(seconds[name] for name in wanted), sum(seconds[name] for name in left)
        terminalreporter.write_line(
            f"on PostgreSQL {len(wanted)} tests of {spent[0]:.0f} s, on SQLite alone {len(left)} of {spent[1]:.0f} s"
        )
        return
    both = set[str]().union(*(said for test, said in sent.items() if test not in once))
    alone = {test: sent[test] - both for test in once & sent.keys()}
    while any(alone.values()):
        test = max(alone, key=lambda name: len(alone[name]))
        terminalreporter.write_line(f"on SQLite alone: {test} sends {len(alone[test])}, as {min(alone[test])[:160]}")
        alone = {name: said - alone[test] for name, said in alone.items()}


def chosen(sent: dict[str, set[str]], seconds: dict[str, float], always: set[str]) -> set[str]:
    """Tests that together send all that is sent: those that always run, then whichever sends most new for its seconds."""
    wanted = always & seconds.keys()
    known = set[str]().union(*(sent.get(name, set()) for name in wanted))
    while new := {name: len(said - known) for name, said in sent.items() if name not in wanted and said - known}:
        best = max(sorted(new), key=lambda name: new[name] / (seconds.get(name, 0.0) + 0.1))
        wanted.add(best)
        known |= sent[best]
    return wanted
