"""An evening played at random against a small model of its own: who has a place, who waits, who is asked, who is struck.

The model knows no rows and no rules of ours: lists, sums and hours. HEGE_EXAMPLES sets the number of runs.
"""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import connection
from django.db.transaction import atomic, set_rollback
from hypothesis import given, settings
from hypothesis import strategies as st

from hege.kernel.refused import Refused
from hege.programme.activities import actions
from hege.programme.activities.models import Signup, Strike
from tests.cast import first_broken
from tests.programme.activities.evening import END, START, Evening, at, make_evening
from tests.standing import standing

PLACES, PEOPLE, STEPS = 5, 7, 14
who = st.integers(0, PEOPLE - 1)


@standing
def played(cast: Any) -> Evening:
    return make_evening(cast, members=PEOPLE)


@dataclass
class One:
    """What the model knows of somebody: "has" a place, "waits", is "asked" until an hour, or is "out"."""

    who: int
    party: int
    turn: int
    stands: str = "out"
    until: dt.datetime | None = None
    asked: int = 0


@dataclass
class Model:
    """Places, a list, a clock."""

    now: dt.datetime
    people: dict[int, One] = field(default_factory=dict)
    turns: int = 0

    @property
    def taken(self) -> int:
        return sum(one.party for one in self.people.values() if one.stands in ("has", "asked"))

    def pass_on(self) -> None:
        for one in self.people.values():
            if one.stands == "asked" and one.until is not None and (one.until <= self.now or self.now >= START):
                one.stands = "out"
        left = (START - self.now).total_seconds() / 3600
        if left < 3.5:
            return
        for one in sorted(self.people.values(), key=lambda one: one.turn):
            if one.stands == "waits" and one.party <= PLACES - self.taken:
                one.stands, one.asked = "asked", one.asked + 1
                one.until = min(self.now + dt.timedelta(hours=12), START - dt.timedelta(hours=3))

    def sign_up(self, n: int, party: int) -> bool:
        self.pass_on()
        one = self.people.get(n)
        stands = one.stands if one else "out"
        fits = party <= PLACES - self.taken
        waits = (START - self.now).total_seconds() / 3600 >= 3.5
        if self.now >= START or stands in ("has", "asked") or not (fits or (waits and stands != "waits")):
            return False
        if one is None:
            one = self.people[n] = One(n, party, 0)
            self.turns += 1
            one.turn = self.turns
        elif not fits:
            self.turns += 1
            one.turn = self.turns
        one.party, one.stands = party, "has" if fits else "waits"
        return True

    def cancel(self, n: int) -> bool:
        one = self.people.get(n)
        if one is None or one.stands == "out" or self.now >= START:
            return False
        one.stands = "out"
        self.pass_on()
        return True

    def answer(self, n: int, offer: int, *, yes: bool) -> bool:
        one = self.people.get(n)
        if one is None or one.stands != "asked" or one.asked != offer or one.until is None or self.now >= one.until:
            return False
        one.stands = "has" if yes else "out"
        if not yes:
            self.pass_on()
        return True


#: How the product calls what the model knows.
CALLED = {
    "confirmed": "has", "waiting": "waits", "offered": "asked", "cancelled": "out", "declined": "out", "lapsed": "out",
}  # fmt: skip


class Played:
    """One run: both sides do the same, and say the same after each step."""

    def __init__(self, evening: Evening) -> None:
        self.evening, self.model = evening, Model(at(9, day=16))

    def step(self, happening: str, n: int, party: int, hours: int, *, yes: bool) -> None:
        getattr(self, happening)(n=n, party=party, hours=hours, yes=yes)
        self.both_say_the_same()

    def both(self, act: Callable[[], object], *, allowed: bool) -> None:
        try:
            with atomic():
                act()
        except Refused:
            assert not allowed, "refused, but the model would have done it"
        else:
            assert allowed, "done, but the model would have refused it"

    def one_of(self, n: int, *stands: str) -> One | None:
        """Somebody who stands so, if there is anybody."""
        some = [one for one in self.model.people.values() if one.stands in stands]
        return some[n % len(some)] if some else None

    @property
    def by(self) -> Any:
        return {"by": None, "at": self.model.now}

    # -- what can happen -----------------------------------------------------------------------------------------------

    def signs_up(self, *, n: int, party: int, **_: Any) -> None:
        before = copy.deepcopy(self.model)
        allowed = self.model.sign_up(n, party)
        if not allowed:
            self.model = before
        self.both(lambda: self.evening.sign_up(n, party, when=self.model.now), allowed=allowed)

    def cancels(self, *, n: int, **_: Any) -> None:
        one = self.one_of(n, "has") or self.one_of(n, "waits", "asked", "out")
        if one is not None:
            allowed = self.model.cancel(one.who)
            self.both(lambda: actions.cancel_signup(self.evening.signup(one.who), **self.by), allowed=allowed)

    def gives_up_waiting(self, *, n: int, **_: Any) -> None:
        if (one := self.one_of(n, "waits", "asked")) is not None:
            allowed = self.model.cancel(one.who)
            self.both(lambda: actions.cancel_signup(self.evening.signup(one.who), **self.by), allowed=allowed)

    def answers(self, *, n: int, yes: bool, **_: Any) -> None:
        if (one := self.one_of(n, "asked")) is not None:
            self.answer(one, one.asked, yes=yes)

    def sends_an_old_page(self, *, n: int, party: int, yes: bool, **_: Any) -> None:
        if some := [one for one in self.model.people.values() if one.asked]:
            one = some[n % len(some)]
            self.answer(one, max(1, one.asked - party // 2), yes=yes)

    def answer(self, one: One, offer: int, *, yes: bool) -> None:
        allowed = self.model.answer(one.who, offer, yes=yes)
        act = actions.take_offer if yes else actions.decline_offer
        self.both(lambda: act(self.evening.signup(one.who), offer=offer, **self.by), allowed=allowed)

    def time_goes_by(self, *, hours: int, **_: Any) -> None:
        self.model.now = min(self.model.now + dt.timedelta(hours=hours), START)
        self.model.pass_on()
        actions.lapse_offers(self.evening.street, by=None, at=self.model.now)
        assert actions.lapse_offers(self.evening.street, by=None, at=self.model.now) == 0

    # -- what must hold ------------------------------------------------------------------------------------------------

    def both_say_the_same(self) -> None:
        assert {n: CALLED[state] for n, state in self.evening.states().items()} == {
            n: one.stands for n, one in self.model.people.items()
        }
        assert self.evening.now.taken == self.evening.figures().taken == self.model.taken <= PLACES
        if self.model.now <= START - dt.timedelta(hours=3.5):
            waiting = Signup.objects.filter(activity=self.evening.activity, state="waiting")
            assert all(row.party > PLACES - self.model.taken for row in waiting)

    def it_ends(self) -> None:
        """Every other one with a place comes; who only waited, or gave the place back, is never struck."""
        self.time_goes_by(hours=1_000)
        has = [one for one in self.model.people.values() if one.stands == "has"]
        for one in has[::2]:
            self.evening.check_in(one.who, when=START)
        actions.close_attendances(self.evening.street, by=None, at=END + dt.timedelta(minutes=30))
        struck = set(Strike.objects.values_list("member", flat=True))
        assert struck == {self.evening.members[one.who].pk for one in has[1::2]}
        assert first_broken(self.evening.street) is None


HAPPENINGS = [
    "signs_up", "signs_up", "cancels", "cancels", "gives_up_waiting", "answers", "sends_an_old_page", "time_goes_by",
]  # fmt: skip
steps = st.tuples(st.sampled_from(HAPPENINGS), who, st.integers(1, 3), st.sampled_from([1, 2, 3, 12]), st.booleans())


@pytest.mark.slow
def test_an_evening_played_at_random_says_what_the_model_says(played: Evening):
    runs = max(8, settings.get_profile("hege").max_examples // (3 if connection.vendor == "sqlite" else 6))

    @settings(max_examples=runs)
    @given(st.permutations(range(PEOPLE)), st.lists(st.integers(1, 3), min_size=PEOPLE, max_size=PEOPLE), st.data())
    def play(order: list[int], parties: list[int], data: Any) -> None:
        with atomic():
            run = Played(played)
            for n, party in zip(order, parties, strict=True):
                run.step("signs_up", n, party, 0, yes=True)
            for happening, n, party, hours, yes in data.draw(st.lists(steps, min_size=STEPS, max_size=STEPS)):
                run.step(happening, n, party, hours, yes=yes)
            run.it_ends()
            set_rollback(True)

    play()
    assert Signup.objects.count() == 0, "every run is rolled back"
