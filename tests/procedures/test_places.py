"""What runs by itself over activities: an offer lapses, who came is added up; run twice it changes nothing."""

from __future__ import annotations

import datetime as dt

from hege.cli.work import keep_places
from hege.kernel.clock import day_of
from hege.procedures.actions import keep_programme
from hege.programme.activities import actions
from hege.programme.activities.models import Signup, Strike
from hege.programme.activities.queries import streets_to_keep
from hege.programme.activities.rules import Presence, SignupState
from hege.trail.models import TrailLine
from tests.programme.activities.conftest import evening  # noqa: F401  # a fixture
from tests.programme.activities.evening import BEFORE, END, Evening

S = SignupState
CLOSED = END + dt.timedelta(minutes=30)


def waiting(evening: Evening) -> dt.datetime:  # noqa: F811  # the fixture
    """Somebody is asked, another waits; when the offer is over."""
    for n, party in ((0, 3), (1, 2), (2, 2), (3, 2)):
        evening.sign_up(n, party)
    actions.cancel_signup(evening.signup(1), by=None, at=BEFORE)
    return BEFORE + dt.timedelta(hours=12)


def test_the_worker_asks_the_next_when_an_offer_is_over_and_adds_up_what_is(evening: Evening):  # noqa: F811
    over = waiting(evening)
    assert list(streets_to_keep(over - dt.timedelta(seconds=1))) == []
    assert list(streets_to_keep(over)) == [evening.street]
    keep_places(over)
    assert evening.states() == {0: S.CONFIRMED, 1: S.CANCELLED, 2: S.LAPSED, 3: S.OFFERED}
    assert list(streets_to_keep(over)) == []
    keep_places(CLOSED)
    assert evening.signup(0).presence == Presence.ABSENT
    assert list(streets_to_keep(CLOSED)) == []
    lines = TrailLine.objects.count()
    keep_places(CLOSED)
    assert (TrailLine.objects.count(), Strike.objects.count()) == (lines, 1)


def test_the_daily_run_does_the_same_once(evening: Evening):  # noqa: F811
    over = waiting(evening)
    keep_programme(evening.street, on=day_of(over), by=None, at=over)
    assert evening.states()[3] == S.OFFERED
    for _twice in range(2):
        keep_programme(evening.street, on=day_of(CLOSED), by=None, at=CLOSED)
        assert Strike.objects.count() == 1
    assert Signup.objects.filter(settled_at=CLOSED).count() == 1
