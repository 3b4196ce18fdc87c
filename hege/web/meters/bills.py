"""A utility bill beside our split of it: what went in, what each shop got, and the proof that it adds up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from hege.billing.models import Allocation, Bill, Share, Tariff
from hege.billing.queries import components_of, current_allocation, method_on, share_lines
from hege.billing.rules import ComponentKind, bill_components, off_tariff
from hege.billing.tariff.queries import rates_of, tariff_on, tariffs_of
from hege.kernel.refused import Refused
from hege.metering.models import SupplyPoint


def bills_of(point: SupplyPoint) -> QuerySet[Any]:
    """The bills of a supply point, newest period first, with ``shared`` and ``taken_back`` marked; one query."""
    standing = Allocation.objects.filter(street=point.street_id, bill=OuterRef("pk"), event__reversed_by__isnull=True)
    bills: QuerySet[Any] = (
        Bill.objects.filter(street=point.street_id, point=point)
        .annotate(
            shared=Exists(standing),
            taken_back=Q(event__reversed_by__isnull=False),
        )
        .order_by("-from_on", "-pk")
    )
    return bills


@dataclass(frozen=True, slots=True)
class Split:
    """One bill's standing allocation: its shares in the order of shops, and what they add up to by component."""

    allocation: Allocation
    shares: list[Share]
    components: dict[ComponentKind, int]

    @property
    def sums(self) -> dict[ComponentKind, int]:
        """Σ of the shares by component, in fen: must equal the bill's own."""
        return {kind: sum(int(s.parts_fen.get(kind.value, 0)) for s in self.shares) for kind in self.components}

    @property
    def difference(self) -> int:
        """The bill less its shares, component by component, in fen; zero or it is wrong."""
        sums = self.sums
        return sum(abs(fen - sums[kind]) for kind, fen in self.components.items())

    @property
    def inputs(self) -> dict[str, Any]:
        """What the split was made from, frozen with it."""
        return dict(self.allocation.inputs)


def split_of(bill: Bill) -> Split | None:
    """How a bill is shared now, or ``None`` while it is not; three queries."""
    allocation = current_allocation(bill)
    if allocation is None:
        return None
    rows = Share.objects.filter(street=bill.street_id, allocation=allocation).select_related(
        "tenancy__unit", "tenancy__party"
    )
    shares = sorted(rows, key=lambda s: (s.tenancy is None, s.tenancy.unit.code if s.tenancy else "", s.pk))
    return Split(allocation, shares, components_of(bill))


@dataclass(frozen=True, slots=True)
class Priced:
    """A bill beside what the price list of its period gives: computed and printed less computed, in fen."""

    tariff: Tariff
    computed: dict[ComponentKind, int]
    gaps: dict[ComponentKind, int]

    @property
    def gap(self) -> int:
        """Printed less computed in all, in fen."""
        return sum(self.gaps.values())


def priced(bill: Bill) -> Priced | None:
    """The bill by the price list; ``None`` for a credit, and where no price list of its period is known; two queries."""
    tariff = tariff_on(tariffs_of(bill.street), bill.from_on) if bill.amount_fen >= 0 else None
    if tariff is None:
        return None
    rates = rates_of(tariff)
    computed = bill_components(bill.volume_litres, rates)
    return Priced(tariff, computed, off_tariff(bill.volume_litres, components_of(bill), rates))


def why_unshared(bill: Bill) -> str:
    """What is missing to share a bill (未分摊的原因), in the words of the rule; empty when nothing is."""
    try:
        share_lines(bill, method_on(bill.point, bill.from_on))
    except Refused as refusal:
        return str(refusal)
    return ""
