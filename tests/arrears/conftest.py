"""Streets whose calendar of 2026 is in, so that no term of a test waits for the year's notice."""

from __future__ import annotations

import pytest

from hege.places.actions import seed_calendar


@pytest.fixture(autouse=True)
def notice_of_2026(request: pytest.FixtureRequest) -> None:
    """The State Council's notice for 2026 is known in the street of every test that has one."""
    if "street" in request.fixturenames:
        seed_calendar(request.getfixturevalue("street"), [2026])
