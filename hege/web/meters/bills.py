"""A utility bill beside our split of it: what went in, what each shop got, and the proof that it adds up."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from hege.arrears.queries import thresholds_of
from hege.arrears.rules import tolerance_of
from hege.billing.models import Allocation, Bill, Share
from hege.billing.queries import components_of, current_allocation, doubts_of, method_on, share_lines
from hege.billing.rules import ComponentKind, expected_fen, in_force, named_prices, off_tariff, says
from hege.billing.tariff.queries import price_of, tariffs_of
from hege.kernel.refused import Refused
from hege.metering.models import SupplyPoint
from hege.places.queries import workday_calendar
from hege.web.jinja import daylong
from hege.web.marks import Chip


def bills_of(point: SupplyPoint) -> QuerySet[Any]:
    """The bills of a supply point, newest period first, with ``shared`` and ``taken_back`` marked; one query."""
    standing = Allocation.objects.filter(
        street=point.street_id, bill=OuterRef("pk"), transaction__reversed_by__isnull=True
    )
    bills: QuerySet[Any] = (
        Bill.objects.filter(street=point.street_id, point=point)
        .annotate(
            shared=Exists(standing),
            taken_back=Q(transaction__reversed_by__isnull=False),
        )
        .order_by("-from_on", "-pk")
    )
    return bills


def standing_of(bill: Bill, *, shared: bool) -> Chip:
    """Whether a bill stands, and is shared."""
    if bill.taken_back:  # type: ignore[attr-defined]  # annotated by ``bills_of``
        return Chip(_("已冲正"), "red", "x")
    return Chip(_("已分摊"), "green", "circle-check") if shared else Chip(_("未分摊"), "amber", "alert-triangle")


def due_chip(bill: Bill, today: dt.date) -> Chip:
    """Its due day, red once it has passed."""
    passed = workday_calendar(bill.street).has_passed(bill.due_on, today)
    return Chip(_("应缴日 %(day)s") % {"day": daylong(bill.due_on)}, "red" if passed else "", "calendar-event")


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
    """A bill beside what the price lists of its period give: their names, and what they make it, in fen by component."""

    names: str
    from_on: dt.date
    sample: bool
    spans: int
    computed: dict[ComponentKind, int]
    gaps: dict[ComponentKind, int]


def priced(bill: Bill) -> Priced | None:
    """The bill by the price lists of its days; ``None`` for a credit, and where a day has none; two queries."""
    tariffs = tariffs_of(bill.street) if bill.amount_fen >= 0 else []
    prices = [price_of(t) for t in tariffs]
    spans = in_force(prices, bill.from_on, bill.until_on)
    if spans is None:
        return None
    computed = expected_fen(bill.volume_litres, spans)
    used = [price for price, _days in spans]
    sample = any(t.sample for t, p in zip(tariffs, prices, strict=True) if p in used)
    return Priced(
        named_prices(used), used[0].from_on, sample, len(spans), computed, off_tariff(components_of(bill), computed)
    )


def doubts_about_bill(bill: Bill) -> list[str]:
    """What is to be asked about a bill that stands (账单疑点), in words."""
    found = doubts_of(
        bill.street, [bill.point_id], tolerance=tolerance_of(thresholds_of(bill.street)),
        wanted=lambda b: b.number == bill.number,
    )  # fmt: skip
    return [says(doubt) for doubt in found.get(bill.point_id, [])]


def why_unshared(bill: Bill) -> str:
    """What is missing to share a bill (未分摊的原因), in the words of the rule; empty when nothing is."""
    try:
        share_lines(bill, method_on(bill.point, bill.from_on))
    except Refused as refusal:
        return str(refusal)
    return ""
