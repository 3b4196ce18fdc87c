"""The shops behind one master meter, each with its account, its proof and its last visit, worst first."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hege.arrears.rules import Holding, UnitMoney
from hege.billing.chart import TransactionKind
from hege.billing.models import Payment
from hege.cases.models import SurveyVisit
from hege.ledger.rules import Level
from hege.metering.models import SupplyPoint

#: The tabs over the table of shops, as they stand in the address; the empty one shows all.
TABS: dict[str, str | Promise] = {
    "owing": _("还欠"),
    "acknowledged": _("书面承认"),
    "claimed": _("只有口述"),
    "unproven": _("没有证据"),
    "": _("全部"),
}


@dataclass(frozen=True, slots=True)
class ShopRow:
    """One tenancy: its confirmed account, what it only says, how often either, and who saw it last."""

    money: UnitMoney
    claimed: int
    receipts: int
    words: int
    contested: int
    visited_on: dt.date | None
    visited_by: str

    @property
    def to_agent(self) -> int:
        return self.money.paid - self.money.direct

    @property
    def unproven(self) -> int:
        """Owed, not admitted, and not even claimed to be paid."""
        return max(0, self.money.unproven - max(0, self.claimed))

    def fits(self, tab: str) -> bool:
        """Whether the row stands under a tab."""
        return {
            "owing": self.money.owed > 0,
            "acknowledged": self.money.acknowledged > 0,
            "claimed": self.claimed > 0,
            "unproven": self.unproven > 0,
        }.get(tab, True)


class PaymentCounts:
    """How many standing payments of which kind and level there are, in all and by tenancy; one query."""

    def __init__(self, point: SupplyPoint, *, on: dt.date, known_at: dt.datetime | None = None) -> None:
        rows = Payment.objects.filter(
            street=point.street_id,
            point=point,
            transaction__effective_on__lte=on,
            transaction__reversed_by__isnull=True,
        )
        if known_at is not None:
            rows = rows.filter(transaction__recorded_at__lte=known_at)
        self.all: Counter[tuple[str, str]] = Counter()
        self.of: dict[int, Counter[str]] = defaultdict(Counter)
        grouped = rows.values_list("tenancy_id", "transaction__kind", "transaction__open_claim__level")
        for tenancy_id, kind, level, number in grouped.annotate(n=Count("pk")).order_by():
            proven = level or Level.CONFIRMED.value
            self.all[kind, proven] += number
            if tenancy_id is not None:
                self.of[tenancy_id][proven] += number

    def n(self, *kinds: TransactionKind, level: Level = Level.CONFIRMED) -> int:
        """How many transactions of some kinds are at a level."""
        return sum(self.all[kind.value, level.value] for kind in kinds)

    def unproven(self, *kinds: TransactionKind) -> int:
        """How many transactions of some kinds are one side's word, or denied by the other."""
        return self.n(*kinds, level=Level.CLAIMED) + self.n(*kinds, level=Level.CONTESTED)


def last_visits(point: SupplyPoint, *, on: dt.date) -> dict[str, tuple[dt.date, str]]:
    """The latest visit (走访) to each unit behind a supply point, by unit code; one query."""
    visits = SurveyVisit.objects.filter(
        street=point.street_id, unit__connections__point=point, visited_on__lte=on
    ).order_by("visited_on", "pk")
    return {
        code: (day, name or "") for code, day, name in visits.values_list("unit__code", "visited_on", "by__full_name")
    }


def shop_rows(point: SupplyPoint, holding: Holding, counts: PaymentCounts) -> list[ShopRow]:
    """All tenancies behind a supply point, who owes most first, then who claims most, then by code."""
    visits = last_visits(point, on=holding.on)
    told = {u.tenancy_id: u for u in holding.with_claims.units}
    rows = []
    for unit in holding.confirmed.units:
        seen = visits.get(unit.code)
        levels = counts.of[unit.tenancy_id]
        here = seen is not None and _during(unit, seen[0])
        rows.append(
            ShopRow(
                money=unit,
                claimed=(told[unit.tenancy_id].paid if unit.tenancy_id in told else unit.paid) - unit.paid,
                receipts=levels[Level.CONFIRMED],
                words=levels[Level.CLAIMED],
                contested=levels[Level.CONTESTED],
                visited_on=seen[0] if seen and here else None,
                visited_by=seen[1] if seen and here else "",
            )
        )
    return sorted(rows, key=lambda r: (-r.money.owed, -r.claimed, r.money.code, r.money.from_on or dt.date.min))


def _during(unit: UnitMoney, day: dt.date) -> bool:
    return (unit.from_on is None or day >= unit.from_on) and (unit.until_on is None or day < unit.until_on)


def tab_counts(rows: Sequence[ShopRow]) -> dict[str, int]:
    """How many rows stand under each tab."""
    return {tab: sum(row.fits(tab) for row in rows) for tab in TABS}
