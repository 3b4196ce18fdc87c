"""A street with some members, and what goes over an example of hypothesis and back again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from hege.kernel.clock import at_noon
from hege.ledger.queries import faults
from hege.members.actions import join_with_card
from hege.members.models import Member
from hege.members.rules import MemberWork
from hege.people.models import Street
from hege.points.chart import MINUTES, POINTS
from hege.points.queries import balance_faults, lot_faults
from tests.cast import Cast
from tests.standing import standing

JOINED = dt.date(2025, 11, 21)


def make_riders(cast: Cast, count: int = 5) -> list[Member]:
    """So many members of the street."""
    return [
        join_with_card(
            cast.street, called=f"蜂{n}", work=MemberWork.FOOD_RIDER, consents={}, by=cast.coordinator,
            at=at_noon(JOINED),
        )
        for n in range(count)
    ]  # fmt: skip


@standing
def riders(cast: Cast) -> list[Member]:
    """Five of them."""
    return make_riders(cast)


def wrong(street: Street) -> Iterator[str]:
    """What is wrong with both books, their counters and lots."""
    yield from faults(street, POINTS, MINUTES)
    yield from balance_faults(street)
    yield from lot_faults(street)
