"""Tickets for a rush on a demo street (放号): members with one-time links, tills with theirs, and vouchers for them to claim.

So anybody can load a site from outside, through the forms that its pages hold. No real street is given any.
"""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from hege.kernel.calendar import DAY
from hege.kernel.clock import day_of, start_of
from hege.kernel.database import atomic
from hege.kernel.refused import Refused
from hege.members.actions import join_many_with_cards
from hege.members.rules import MemberWork, card_tokens
from hege.people.models import Membership, Role, Street
from hege.stories.street import SAMPLE
from hege.vouchers.actions import approve_batch, draft_batch
from hege.vouchers.models import Batch, Merchant
from hege.vouchers.rules import Terms, Worth
from hege.vouchers.tills.actions import add_merchant, add_till
from hege.vouchers.tills.rules import link_tokens

#: So many vouchers, and so many tills of the one shop that takes them.
STOCK, TILLS = 500, 8
MOST, COST_FEN = 20_000, 1_200
SHOP = "抢券面馆（样例）"
#: Vouchers are claimed for so long, and used one day longer.
LASTS = 7 * DAY


class Tickets(NamedTuple):
    """What was made: the secrets of one-time links of members and of tills, and the batch."""

    cards: list[str]
    tills: list[str]
    batch: Batch


@atomic
def make_tickets(street: Street, count: int, *, stock: int = STOCK, at: dt.datetime) -> Tickets:
    """So many members more, and a batch of vouchers of which each may claim one; another call makes another batch.

    ``Refused`` where the street is no demo's.
    """
    if street.organisation.name != SAMPLE:
        raise Refused("只有示例街道能放号；这是一个真的街道，什么也没有做。")
    if not 0 < count <= MOST:
        raise Refused("一次放 1 到 %(most)d 个号。", most=MOST)
    clerk, coordinator = (_one(street, role) for role in (Role.CLERK, Role.COORDINATOR))
    assert clerk.party is not None  # the clerk of a demo acts for an office
    works = list(MemberWork)
    people = [(f"示例骑手{n % 10_000:04d}", works[n % len(works)]) for n in range(1, count + 1)]
    cards = join_many_with_cards(street, people=people, by=clerk.user, at=at)
    shop = Merchant.objects.filter(street=street, name=SHOP, until_on=None).first() or add_merchant(
        street, name=SHOP, by=clerk.user, at=at
    )
    shop.street = street
    made = draft_batch(
        street, terms=_terms(stock, day_of(at)), merchants=[shop], payer=clerk.party, by=clerk.user, at=at
    )
    links = [add_till(shop, label=f"手机{n}·{made.public_id}", by=clerk.user, at=at) for n in range(1, TILLS + 1)]
    return Tickets(
        [next(card_tokens(street.pk, card.public_id)) for card in cards],
        [next(link_tokens(street.pk, link.till_id, link.public_id)) for link in links],
        approve_batch(made, by=coordinator.user, at=at),
    )


def _one(street: Street, role: Role) -> Membership:
    return Membership.objects.select_related("user", "party").filter(street=street, role=role).order_by("pk")[0]


def _terms(stock: int, today: dt.date) -> Terms:
    """Free soup, at once and at every hour."""
    return Terms(
        title="抢券热汤面一碗", kind=Worth.FREE, stock=stock, cost_fen=COST_FEN, budget_fen=stock * COST_FEN, releases_at=start_of(today),
        claim_until_at=start_of(today + LASTS), use_from_on=today, use_until_on=today + LASTS + DAY,
    )  # fmt: skip
