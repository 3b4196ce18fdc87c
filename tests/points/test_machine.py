"""Points of a street played at random beside a small model: after every step both say the same of every member.

The model keeps what each member got as a list of [left, first day without], and nothing of the ledger.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.db.transaction import atomic, set_rollback
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from hege.kernel.clock import at_noon
from hege.kernel.refused import Refused
from hege.ledger.models import Transaction
from hege.members.models import Member
from hege.points.actions import Served, add_minutes, earn, expire_points, give_back, reverse_entry, spend
from hege.points.chart import MINUTES, POINTS, EntryKind
from hege.points.models import Lot, LotUse
from hege.points.queries import Sums, counters_of, sums_of
from hege.points.rules import FIRST_RULE, GIVEN_BACK_FOR
from tests.points.conftest import wrong

STEPS = 25
FIRST = dt.date(2025, 12, 19)
LIFE = dt.timedelta(days=FIRST_RULE.life_days)
who = st.integers(0, 4)
NAMES = range(5)


class Pocket:
    """A member in the model: lots as [left, first day without, number], what each spending took, minutes by key."""

    def __init__(self) -> None:
        self.lots: list[list[Any]] = []
        self.minutes = 0

    def has(self, on: dt.date) -> int:
        return sum(left for left, until, _n in self.lots if until > on)


class PointsMachine(RuleBasedStateMachine):
    """Rounds, spendings, returns, ends and minutes of five members, on days that only grow."""

    riders: list[Member]

    def __init__(self) -> None:
        super().__init__()
        self.around = atomic()
        self.around.__enter__()
        self.street = self.riders[0].street
        self.day, self.rounds, self.lot = FIRST, 0, 0
        self.pockets = [Pocket() for _rider in self.riders]
        self.spent: dict[str, tuple[int, list[tuple[int, int]]]] = {}
        self.given_back: set[str] = set()
        self.served: dict[str, tuple[int, int]] = {}
        self.unserved: set[str] = set()
        self.sums = dict.fromkeys(("earned", "taken_back", "spent", "expired", "reversed"), 0)

    @property
    def by(self) -> Any:
        return {"by": None, "at": at_noon(self.day)}

    @rule(days=st.sampled_from([1, 7, 31, 100, FIRST_RULE.life_days]))
    def days_go_by(self, days: int) -> None:
        self.day += dt.timedelta(days=days)

    @rule(got=st.dictionaries(who, st.integers(1, 30), min_size=1, max_size=5), back=st.dictionaries(who, st.integers(1, 30), max_size=2))  # fmt: skip
    def a_round_is_posted(self, got: dict[int, int], back: dict[int, int]) -> None:
        """What is taken back never goes beyond what there is: the caller waits with it."""
        net = {n: got.get(n, 0) - back.get(n, 0) for n in {*got, *back}}
        net = {n: max(points, -self.pockets[n].has(self.day)) for n, points in net.items()}
        self.rounds += 1
        entry = earn(self.street, {self.riders[n].pk: p for n, p in net.items()}, key=f"{self.rounds}", **self.by)
        assert (entry is None) == (not any(net.values()))
        for n, points in sorted(net.items()):
            if points < 0:
                self.eat(n, -points)
                self.sums["taken_back"] -= points
        for n, points in sorted(net.items()):
            if points > 0:
                self.lot += 1
                self.pockets[n].lots.append([points, self.day + LIFE, self.lot])
                self.sums["earned"] += points

    def eat(self, n: int, points: int) -> list[tuple[int, int]]:
        parts = []
        for lot in sorted(self.pockets[n].lots, key=lambda lot: (lot[1], lot[2])):
            part = min(points, lot[0]) if lot[1] > self.day else 0
            if part:
                lot[0] -= part
                points -= part
                parts.append((lot[2], part))
        assert points == 0
        return parts

    @rule(n=who, points=st.integers(1, 40))
    def somebody_spends(self, n: int, points: int) -> None:
        key = f"claim {len(self.spent)}"
        try:
            with atomic():
                spend(self.riders[n], points, key=key, **self.by)
        except Refused:
            assert self.pockets[n].has(self.day) < points
            return
        assert self.pockets[n].has(self.day) >= points
        self.spent[key] = (n, self.eat(n, points))
        self.sums["spent"] += points

    @rule(which=st.integers(0, 9))
    def a_claim_comes_to_nothing(self, which: int) -> None:
        if not self.spent:
            return
        key = sorted(self.spent)[which % len(self.spent)]
        made = give_back(self.street, key=key, reason="作废", **self.by)
        assert (made is None) == (key in self.given_back)
        if made is None:
            return
        self.given_back.add(key)
        n, parts = self.spent[key]
        for number, part in parts:
            lot = next(lot for lot in self.pockets[n].lots if lot[2] == number)
            lot[0] += part
            lot[1] = max(lot[1], self.day + GIVEN_BACK_FOR)
            self.sums["reversed"] += part

    @rule()
    def a_day_ends_what_is_over(self) -> None:
        ended = expire_points(self.street, on=self.day, **self.by)
        over = [p for p in self.pockets if any(left and until <= self.day for left, until, _n in p.lots)]
        assert ended == len(over)
        for pocket in over:
            for lot in pocket.lots:
                if lot[1] <= self.day:
                    self.sums["expired"] += lot[0]
                    lot[0] = 0
        assert expire_points(self.street, on=self.day, **self.by) == 0

    @rule(n=who, minutes=st.integers(1, 300), again=st.booleans())
    def somebody_served(self, n: int, minutes: int, again: bool) -> None:
        key = sorted(self.served)[0] if again and self.served else f"activity {len(self.served)}"
        made = add_minutes(self.street, [Served(self.riders[n].pk, minutes, key)], **self.by)
        assert bool(made) == (key not in self.served)
        if made:
            self.served[key] = (n, minutes)
            self.pockets[n].minutes += minutes

    @rule(which=st.integers(0, 9))
    def an_entry_of_minutes_was_wrong(self, which: int) -> None:
        standing = sorted(self.served.keys() - self.unserved)
        if not standing:
            return
        key = standing[which % len(standing)]
        entry = Transaction.objects.get(street=self.street, source_row__key=key, kind=EntryKind.MINUTES)
        reverse_entry(entry, reason="登记错了", **self.by)
        self.unserved.add(key)
        n, minutes = self.served[key]
        self.pockets[n].minutes -= minutes

    @invariant()
    def both_say_the_same(self) -> None:
        for rider, pocket in zip(self.riders, self.pockets, strict=True):
            told = counters_of(rider, on=self.day)
            assert (told.points, told.minutes) == (pocket.has(self.day), pocket.minutes)
            ends = min((until for left, until, _n in pocket.lots if left and until > self.day), default=None)
            assert told.ends_on == ends
            assert told.ending == sum(left for left, until, _n in pocket.lots if until == ends)
        assert sums_of(self.street, POINTS.name, on=self.day) == Sums(**self.sums)
        assert sums_of(self.street, MINUTES.name, on=self.day).earned == sum(m for _n, m in self.served.values())

    def teardown(self) -> None:
        try:
            assert list(wrong(self.street)) == []
            left = sorted(lot[0] for pocket in self.pockets for lot in pocket.lots)
            assert sorted(Lot.objects.values_list("remaining", flat=True)) == left
        finally:
            set_rollback(True)
            self.around.__exit__(None, None, None)


@pytest.mark.slow
def test_points_played_at_random_keep_their_books(riders: list[Member]):
    PointsMachine.riders = riders
    runs = max(5, settings.get_profile("hege").max_examples // (2 if connection.vendor == "sqlite" else 5))
    run_state_machine_as_test(PointsMachine, settings=settings(stateful_step_count=STEPS, max_examples=runs))
    assert LotUse.objects.count() == 0, "every run is rolled back"
