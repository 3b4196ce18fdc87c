"""A batch of noodle soup as tests hand it round: who takes it, who pays, who claims."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from hege.kernel.clock import SHANGHAI, day_of
from hege.members.models import Member
from hege.members.rules import JoinedHow, MemberWork
from hege.people.models import Party, Street, User
from hege.vouchers.actions import approve_batch, draft_batch
from hege.vouchers.models import Batch, Merchant
from hege.vouchers.rules import Terms, Worth


def local(*parts: int) -> dt.datetime:
    """An instant as a clock in Shanghai shows it."""
    return dt.datetime(*parts, tzinfo=SHANGHAI).astimezone(dt.UTC)  # type: ignore[arg-type, misc]


#: 500 bowls of noodle soup, 12 yuan each to the shop; given out from 10:00 on 22 November 2025, eaten until the year's end.
SOUP = Terms(
    title="热汤面一碗", kind=Worth.FREE, stock=500, cost_fen=1200, budget_fen=500 * 1200,
    releases_at=local(2025, 11, 22, 10), claim_until_at=local(2025, 12, 20, 18),
    use_from_on=dt.date(2025, 11, 22), use_until_on=dt.date(2026, 1, 1),
    hours=((10 * 60, 14 * 60), (17 * 60, 21 * 60)),
)  # fmt: skip
FILM = replace(
    SOUP, title="电影票", kind=Worth.AMOUNT, value_fen=2000, cost_fen=1500, budget_fen=150_000, stock=100,
    weekdays=(0, 1, 2, 3), hours=(),
)  # fmt: skip
TYRES = replace(FILM, title="换轮胎", kind=Worth.PERCENT, percent=20, value_fen=3000, cost_fen=3000, budget_fen=300_000)
#: While soup is given out.
NOW = local(2025, 11, 22, 12)


def a_member(street: Street, number: int = 427, called: str = "早班的蜂") -> Member:
    """A member, past the forms of joining; the test tells the trail or rolls back."""
    return Member.objects.create(
        street=street,
        number=number,
        called=called,
        work=MemberWork.FOOD_RIDER,
        joined_at=NOW,
        joined_how=JoinedHow.CARD,
    )


def a_shop(street: Street, party: Party, name: str = "1 号面馆（样例）") -> Merchant:
    """A shop that takes vouchers."""
    return Merchant.objects.create(street=street, party=party, name=name, from_on=day_of(NOW))


def given_out(
    street: Street, *, shop: Merchant, payer: Party, by: User, other: User, at: dt.datetime = NOW, **changes: Any
) -> Batch:
    """A batch that was made by one and approved by another."""
    batch = draft_batch(street, terms=replace(SOUP, **changes), merchants=[shop], payer=payer, by=by, at=at)
    return approve_batch(batch, by=other, at=at)
