"""What an office sees of its shops' tills: who takes vouchers, what was refused, what waits to be decided, what stands out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import Count, Q, QuerySet, Sum

from hege.kernel.calendar import DAY
from hege.kernel.clock import start_of
from hege.kernel.refused import allows
from hege.people.models import Party
from hege.programme.settlements.queries import open_of
from hege.vouchers.models import Batch, BatchMerchant, Merchant, Redemption, Till, TillLink
from hege.vouchers.queries import merchants_of
from hege.vouchers.tills.queries import (
    conflicts_of,
    failures_of,
    open_link_of,
    redeemed_since,
    redemptions_of_shop,
    standing,
)
from hege.vouchers.tills.rules import ConflictState, Hour, check_reversal_by_office, outstanding_hours
from hege.web.access import Desk
from hege.web.shared.settled import below_nothing_said

#: How far back hours are compared, and refused scans counted.
LOOKED_BACK = 28 * DAY
HOURS_SHOWN = 10


class Shop(NamedTuple):
    """A line of the list of shops: its tills, and what it took in four weeks."""

    merchant: Merchant
    tills: int
    taken: int
    fen: int
    refused: int


@dataclass
class TillsPage:
    """The shops of a street and what is to be looked at."""

    desk: Desk
    at: dt.datetime

    @property
    def since(self) -> dt.datetime:
        return self.at - LOOKED_BACK

    @property
    def merchants(self) -> QuerySet[Merchant]:
        """Every shop that takes vouchers today, by name, each with how many tills of it are open."""
        open_tills = Count("tills", filter=Q(tills__ended_at__isnull=True))
        return merchants_of(self.desk.street, on=self.desk.today).annotate(open_tills=open_tills)

    def shops(self, merchants: Iterable[Any]) -> list[Shop]:
        """The lines of some of ``merchants``; two queries."""
        street, some = self.desk.street, list(merchants)
        taken = {
            row["merchant"]: row
            for row in standing(street).filter(used_at__gte=self.since, merchant__in=some).order_by().values("merchant")
            .annotate(n=Count("pk"), fen=Sum("owed_fen"))
        }  # fmt: skip
        refused = failures_of(street).filter(at__gte=self.since, till__merchant__in=some).order_by()
        wrong = dict(refused.values_list("till__merchant").annotate(n=Count("pk")).values_list("till__merchant", "n"))
        nothing = {"n": 0, "fen": 0}
        return [
            Shop(m, m.open_tills, taken.get(m.pk, nothing)["n"], taken.get(m.pk, nothing)["fen"], wrong.get(m.pk, 0))
            for m in some
        ]

    @cached_property
    def waiting(self) -> int:
        """How many conflicts nobody has decided."""
        return conflicts_of(self.desk.street, ConflictState.OPEN).count()

    @cached_property
    def hours(self) -> list[tuple[Hour, str]]:
        """The hours that stand out, with the shop's name."""
        found = outstanding_hours(redeemed_since(self.desk.street, self.since))[:HOURS_SHOWN]
        names = dict(
            Merchant.objects.filter(street=self.desk.street, pk__in=[h.shop for h in found]).values_list("pk", "name")
        )
        return [(hour, names.get(hour.shop, "")) for hour in found]


@dataclass
class ShopPage:
    """One shop: its tills, which vouchers it takes, what it took lately."""

    desk: Desk
    merchant: Merchant
    at: dt.datetime

    @cached_property
    def tills(self) -> Sequence[Till]:
        return list(Till.objects.filter(street=self.desk.street, merchant=self.merchant).order_by("ended_at", "label"))

    @cached_property
    def batches(self) -> list[tuple[Batch, dt.date]]:
        """The batches it takes, each with the last day of use."""
        rows = BatchMerchant.objects.filter(street=self.desk.street, merchant=self.merchant, ended_at__isnull=True)
        found = rows.select_related("batch__payer").order_by("-batch")
        return [(row.batch, row.batch.use_until_on - DAY) for row in found]

    @cached_property
    def taken(self) -> list[Redemption]:
        """What it took in four weeks, the last first."""
        since = start_of(self.desk.today) - LOOKED_BACK
        return list(redemptions_of_shop(self.merchant, from_at=since)[:50])

    @property
    def is_over(self) -> bool:
        return self.merchant.until_on is not None

    @cached_property
    def left(self) -> list[str]:
        """What a shop that takes no more has still to give back, in a sentence for each payer."""
        if not self.is_over:
            return []
        mine = {
            whose.payer: one for whose, one in open_of(self.desk.street).items() if whose.merchant == self.merchant.pk
        }
        payers = Party.objects.filter(street=self.desk.street, pk__in=mine).order_by("name", "pk")
        said = [below_nothing_said(mine[unit.pk].fen, payer=unit.name, is_over=True) for unit in payers]
        return [sentence for sentence in said if sentence]

    def may_reverse(self, redemption: Redemption) -> bool:
        """Whether somebody of the office may take it back."""
        is_reversed = hasattr(redemption, "reversal")
        return self.desk.may("tills.decide") and allows(
            check_reversal_by_office, is_reversed=is_reversed, reason="?"
        )  # any reason will do for a button


@dataclass
class LinkPage:
    """The link that opens a till, while it is good."""

    till: Till
    at: dt.datetime

    @cached_property
    def link(self) -> TillLink | None:
        return open_link_of(self.till, at=self.at)
