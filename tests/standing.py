"""Fixtures that many tests begin from: played once by each process into a database of its own, then only connected to."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from hege.kernel import written
from tests.template import Databases

PENDING = "rows that no line of the trail speaks of yet"


def standing(make: Callable[..., Any]) -> Any:
    """A fixture of rows that tests only begin from; it takes other such fixtures, and what a test does to it ends with it.

    The rows are there before the test's transaction begins. A test that commits gets them made for itself.
    """

    def found(_standing: dict[str, Any], db: None, **needed: Any) -> Any:
        for model, rows in _standing.pop(PENDING, {}).items():
            written.note(model, rows)
        return _standing[make.__name__] if make.__name__ in _standing else make(**needed)

    mine = [inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD) for name in ("_standing", "db")]
    found.__signature__ = inspect.Signature([*mine, *inspect.signature(make).parameters.values()])  # type: ignore[attr-defined]
    found.__doc__, found.plays = make.__doc__, make  # type: ignore[attr-defined]
    return pytest.fixture(name=make.__name__)(found)


@pytest.fixture(scope="class", autouse=True)
def _standing(request: pytest.FixtureRequest) -> Iterator[dict[str, Any]]:
    """The test stands on what its fixtures ask for. Of a wider scope than they, so that no transaction has begun."""
    plays = plays_of(request.node)
    if not plays:
        yield {}
        return
    databases: Databases = request.getfixturevalue("databases")
    request.getfixturevalue("django_db_setup")
    name = name_of(plays)
    with request.getfixturevalue("django_db_blocker").unblock():
        there = databases.standing(
            name, lambda: played(plays), lambda: name_of(plays_of(following.get("test"))) == name
        )
        made, pending = there.__enter__()
    yield {**made, PENDING: pending}
    with request.getfixturevalue("django_db_blocker").unblock():
        there.__exit__(None, None, None)


#: The test that this process runs after the one that ends.
following: dict[str, pytest.Item | None] = {}


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> None:
    """Know the next test before the street is left."""
    following["test"] = nextitem


def name_of(plays: dict[str, Callable[..., Any]]) -> str:
    """A street by what was played in it."""
    return " ".join(f"{make.__module__}.{make.__name__}" for make in plays.values())


def plays_of(item: Any) -> dict[str, Callable[..., Any]]:
    """What a test's fixtures ask for, by name; nothing for a test that commits."""
    if not isinstance(item, pytest.Function):
        return {}
    marker = item.get_closest_marker("django_db")
    if "transactional_db" in item.fixturenames or (marker and marker.kwargs.get("transaction")):
        return {}
    found: dict[str, Any] = {
        name: getattr(fixtures[-1].func, "plays", None) for name, fixtures in item._fixtureinfo.name2fixturedefs.items()
    }
    return {name: found[name] for name in sorted(found) if found[name]}


def played(plays: dict[str, Callable[..., Any]]) -> dict[str, Any]:
    """Make everything once, each after what it takes."""
    made: dict[str, Any] = {}

    def make(name: str) -> Any:
        if name not in made:
            made[name] = plays[name](**{needed: make(needed) for needed in inspect.signature(plays[name]).parameters})
        return made[name]

    for name in plays:
        make(name)
    return made
