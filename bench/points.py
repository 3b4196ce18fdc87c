"""What points cost with 20,000 members and 200,000 entries: ``python -m bench.points`` on an empty database of either kind.

Rounds, spendings and minutes go through the acts; of members, the rows alone, sealed by one line.
"""

from __future__ import annotations

import argparse
import datetime as dt
import logging
import os
import random
import sys
import time
from collections.abc import Callable
from functools import partial
from itertools import count

import django
from django.core.management import call_command
from django.db.transaction import atomic

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hege.settings")
    django.setup()

from bench.measure import Figure, count_rows, database_seconds, milliseconds, table
from hege.integrity.queries import faults
from hege.kernel import clock
from hege.kernel.calendar import DAY
from hege.ledger.models import Transfer
from hege.members.models import Member
from hege.members.rules import JoinedHow, MemberWork
from hege.people.models import Organisation, Street
from hege.points.actions import Served, add_minutes, earn, expire_points, spend
from hege.points.queries import counters_of, entries_of
from hege.trail.actions import record

MEMBERS, ENTRIES = 20_000, 200_000
MOST_SECONDS = 60  # of a proof
#: Of all entries: rounds and minutes by the many, spendings one by one.
SPENT = 0.05


def build(members: int, entries: int) -> Street:
    """A street of so many members with so many entries."""
    street, rows = _joined(members, clock.now() - 300 * DAY)
    fill(street, rows, entries)
    return street


def fill(street: Street, rows: list[Member], entries: int, *, spent: float = SPENT) -> None:
    """So many entries of some members: half of them of rounds, nearly half of minutes, some spendings."""
    at = clock.now() - 300 * DAY
    drawn, keys = random.Random("points"), [row.pk for row in rows]
    spends = int(entries * spent)
    rounds = [entries // 2 // 40] * 40
    for n, many in enumerate(rounds):
        of_round = drawn.sample(keys, k=min(len(keys), many))
        earn(street, dict.fromkeys(of_round, 10), key=f"bench round {n}", by=None, at=at + 7 * n * DAY)
    rich = drawn.sample(of_round, k=len(of_round))
    by_key = {row.pk: row for row in rows}
    for n in range(spends):
        member = by_key[rich[n % len(rich)]]
        spend(member, 1, key=f"bench claim {n}", by=None, at=at + 280 * DAY + n * dt.timedelta(seconds=1))
    left = entries - Transfer.objects.filter(street=street).count()
    for n in range(0, left, 2_000):
        served = [Served(drawn.choice(keys), 90, f"bench activity {n} {k}") for k in range(min(2_000, left - n))]
        add_minutes(street, served, by=None, at=at + n // 2_000 * DAY)


@atomic
def _joined(members: int, at: dt.datetime) -> tuple[Street, list[Member]]:
    organisation, _made = Organisation.objects.get_or_create(name="bench")
    street = Street.objects.create(organisation=organisation, code="310117990", name="骑手很多的街道")
    rows = Member.objects.bulk_create(
        Member(
            street=street, number=n, called=f"蜂{n}", work=MemberWork.FOOD_RIDER, joined_at=at, joined_how=JoinedHow.CARD
        )
        for n in range(1, members + 1)
    )  # fmt: skip
    record("join_member", rows[0], street=street, by=None, at=at, members=members)
    return street, rows


def figures(members: int = MEMBERS, entries: int = ENTRIES, *, runs: int = 100) -> list[Figure]:
    """The proof, a member's counters and entries, a spending, a round and a day's end among so many."""
    begun = time.perf_counter()
    street = build(members, entries)
    print(f"{members:,} members, {entries:,} entries, in {time.perf_counter() - begun:.0f} s", flush=True)
    count_rows()
    today, at = clock.today(), clock.now()
    some = list(Member.objects.filter(street=street).order_by("?")[:runs])
    rich = [member for member in some if counters_of(member, on=today).points > 1] or some[:0]
    number = count()

    def spent_by(member: Member) -> object:
        return spend(member, 1, key=f"bench {next(number)}", by=None, at=at)

    spends: list[Callable[[], object]] = [partial(spent_by, member) for member in rich]
    shown: list[Callable[[], object]] = [partial(counters_of, member, on=today) for member in some]
    listed: list[Callable[[], object]] = [partial(entries_of, member, most=50) for member in some]
    out = [
        milliseconds("a member's counters", shown, queries_at_most=1),
        milliseconds("a member's entries", listed, queries_at_most=1),
        milliseconds("a spending", spends),
        _once(
            "a round of all members", lambda: earn(street, dict.fromkeys(_keys(street), 10), key="all", by=None, at=at)
        ),
        _once("a proof of the street", lambda: _proven(street), at_most=MOST_SECONDS),
        _once("the end of every lot", lambda: expire_points(street, on=today + 400 * DAY, by=None, at=at + 400 * DAY)),
    ]
    _proven(street)
    return out


def _keys(street: Street) -> list[int]:
    return list(Member.objects.filter(street=street).values_list("pk", flat=True))


def _once(name: str, act: Callable[[], object], at_most: float | None = None) -> Figure:
    begun, busy = time.perf_counter(), time.process_time() + database_seconds()
    act()
    took, busy = time.perf_counter() - begun, time.process_time() + database_seconds() - busy
    return Figure(name, busy, "s", f"processor; {took:.1f} s on the clock", at_most=at_most)


def _proven(street: Street) -> None:
    if found := list(faults(street)):
        raise RuntimeError("\n".join(found[:20]))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.points", description=__doc__)
    parser.add_argument("--members", type=int, default=MEMBERS)
    parser.add_argument("--entries", type=int, default=ENTRIES)
    given = parser.parse_args()
    logging.disable(logging.ERROR)
    call_command("migrate", verbosity=0)
    done = figures(given.members, given.entries)
    print(table(done))
    sys.exit(any(figure.met is False for figure in done))
