"""Streets whose calendar of 2026 is in, so that no term of a test waits for the year's notice."""

from __future__ import annotations

from hege.people.models import Street
from hege.places.actions import seed_calendar
from tests.cast import make_street
from tests.standing import standing


@standing
def street() -> Street:
    """The street of the tests; the State Council's notice for 2026 is known in it."""
    made = make_street()
    seed_calendar(made, [2026])
    return made
