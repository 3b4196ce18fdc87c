"""What is shown of the book of a master meter: what happened to its money, each fen with what proves it, and its bills."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hege.arrears.queries import threshold_table
from hege.billing.chart import WATER, TransactionKind
from hege.billing.models import Allocation, Bill, Share
from hege.billing.queries import (
    components_of,
    current_allocation,
    doubts_of,
    is_outdated,
    split_of,
    transactions_of,
)
from hege.billing.rules import ComponentKind, expected_fen, in_force, named_prices, off_tariff, says
from hege.billing.tariff.queries import price_of, tariffs_of
from hege.kernel.clock import day_of
from hege.kernel.refused import Refused, allows
from hege.ledger.rules import Level, check_arguable, check_reversible
from hege.metering.models import SupplyPoint
from hege.places.queries import workday_calendar
from hege.web.jinja import daylong
from hege.web.marks import Chip, Text

#: Tab of the list -> what it is called, and the kinds of transactions under it; the empty tab shows all.
KINDS: dict[str, tuple[Text, tuple[TransactionKind, ...]]] = {
    "": (gettext_lazy("全部"), tuple(TransactionKind)),
    "receipt": (gettext_lazy("交代收人"), (TransactionKind.RECEIPT,)),
    "remittance": (gettext_lazy("交水司"), (TransactionKind.REMITTANCE,)),
    "direct": (gettext_lazy("直接交水司"), (TransactionKind.DIRECT_PAYMENT,)),
    "bill": (
        gettext_lazy("账单与分摊"),
        (TransactionKind.BILL, TransactionKind.SHARE, TransactionKind.OPENING, TransactionKind.LATE_FEE),
    ),
    "reversal": (gettext_lazy("冲正"), (TransactionKind.REVERSAL,)),
}
LEVEL_NAMES: dict[str, Text] = {
    Level.CONFIRMED: gettext_lazy("已证实"),
    Level.CLAIMED: gettext_lazy("单方说"),
    Level.CONTESTED: gettext_lazy("有争议"),
}
#: What stands in "lately" (最近): the shops' own receipts would drown the rest.
MILESTONES = (
    TransactionKind.OPENING, TransactionKind.BILL, TransactionKind.REMITTANCE, TransactionKind.LATE_FEE,
    TransactionKind.REVERSAL,
)  # fmt: skip
ARRIVES = (TransactionKind.REMITTANCE, TransactionKind.DIRECT_PAYMENT)


class TransactionRow:
    """One transaction as a line: what, who, how much in fen, how well proven, whether taken back.

    ``level`` is empty for what needs no evidence; ``over``: taken back, or a taking back, nothing more is said about it.
    """

    def __init__(self, told: Any) -> None:
        self.pk, kind = told.pk, told.kind
        self.on: dt.date = told.effective_on
        self.recorded_at: dt.datetime = told.recorded_at
        self.level = told.level if kind in WATER.needs_evidence else ""
        self.reversed = hasattr(told, "reversed_by")
        self.over = not allows(check_reversible, kind=kind, is_reversed=self.reversed)
        self.arguable = allows(check_arguable, chart=WATER, kind=kind, is_reversed=self.reversed)
        self.arrived = kind in ARRIVES and self.level == Level.CONFIRMED
        self.what, self.who, self.note = _words(told)
        self._told = told

    @cached_property
    def fen(self) -> int:
        told = self._told
        return int(told.bill.amount_fen) if hasattr(told, "bill") else sum(t.amount_fen for t in told.transfers.all())

    @property
    def tone(self) -> str:
        """The dot on the timeline: green for money that came to the utility, red for what was taken back."""
        return "red" if self.over else "green" if self.arrived else ""

    @property
    def when(self) -> str:
        """The day, and how well it is proven."""
        level = Level(self.level).label if self.level else ""
        return " · ".join(part for part in (daylong(self.on), self.who, str(level)) if part)

    @property
    def late(self) -> bool:
        """Whether it was learnt more than a month after it happened."""
        return (day_of(self.recorded_at) - self.on).days > 31


def _words(told: Any) -> tuple[str, str, str]:
    if hasattr(told, "bill"):
        bill = told.bill
        period = f"{bill.from_on.isoformat()} – {bill.last_day.isoformat()}"
        return _("账单 %(number)s") % {"number": bill.number}, _("水司"), period
    if hasattr(told, "allocation"):
        number = told.allocation.bill.number
        return _("分摊账单 %(number)s") % {"number": number}, "", str(told.allocation.get_method_display())
    kind = str(TransactionKind(told.kind).label)
    if hasattr(told, "payment"):
        paid = told.payment
        who = paid.tenancy.unit.name if paid.tenancy else (paid.agent.name if paid.agent else "")
        return kind, who, _("、").join(part for part in (paid.means, paid.voucher) if part)
    return kind, "", told.reason


def money_transactions(point: SupplyPoint) -> QuerySet[Any]:
    """The transactions of a supply point, newest first, without the contents of the files they came from."""
    return transactions_of(point).defer("source_row__file__content", "source_row__raw").prefetch_related("transfers")


def chosen_of(transactions: QuerySet[Any], chosen: Mapping[str, str]) -> QuerySet[Any]:
    """The transactions of a ``kind`` of tab, at a ``level``, of one ``shop``; unknown words leave the list as it is."""
    if chosen["kind"] and chosen["kind"] in KINDS:
        transactions = transactions.filter(kind__in=KINDS[chosen["kind"]][1])
    if chosen["level"] == Level.CONFIRMED:
        transactions = transactions.filter(kind__in=WATER.needs_evidence, open_claim__isnull=True)
    elif chosen["level"] in (Level.CLAIMED, Level.CONTESTED):
        transactions = transactions.filter(open_claim__level=chosen["level"])
    if chosen["shop"]:
        transactions = transactions.filter(payment__tenancy__unit__code=chosen["shop"])
    return transactions


class Split:
    """One bill's standing allocation: its shares in the order of shops, and what they add up to by component, in fen."""

    def __init__(self, allocation: Allocation, components: dict[ComponentKind, int]) -> None:
        self.allocation, self.inputs = allocation, allocation.inputs
        rows = Share.objects.filter(street=allocation.street_id, allocation=allocation)
        named = rows.select_related("tenancy__unit", "tenancy__party")
        self.shares = sorted(named, key=lambda s: (s.tenancy is None, s.tenancy.unit.code if s.tenancy else "", s.pk))
        #: Σ of the shares by component: must equal the bill's own.
        self.sums = {kind: sum(int(s.parts_fen.get(kind.value, 0)) for s in self.shares) for kind in components}
        #: The bill less its shares, component by component; zero or it is wrong.
        self.difference = sum(abs(fen - self.sums[kind]) for kind, fen in components.items())


class Priced(NamedTuple):
    """A bill beside what the price lists of its period give: their names, and what they make it, in fen by component."""

    names: str
    from_on: dt.date
    sample: bool
    spans: int
    computed: dict[ComponentKind, int]
    gaps: dict[ComponentKind, int]


class BillPage:
    """A utility bill of ``bills_of`` beside our split of it: what went in, what each shop got, the proof that it adds up."""

    def __init__(self, bill: Any, today: dt.date) -> None:
        self.bill, self.today = bill, today

    @cached_property
    def chips(self) -> list[Chip]:
        """Whether it stands and is shared; its due day, red once it has passed."""
        passed = workday_calendar(self.bill.street).has_passed(self.bill.due_on, self.today)
        due = Chip(_("应缴日 %(day)s") % {"day": daylong(self.bill.due_on)}, "red" if passed else "", "calendar-event")
        if self.bill.taken_back:
            return [Chip(_("已冲正"), "red", "x"), due]
        shared = Chip(_("已分摊"), "green", "circle-check")
        return [shared if self.split else Chip(_("未分摊"), "amber", "alert-triangle"), due]

    @cached_property
    def components(self) -> dict[ComponentKind, int]:
        return components_of(self.bill)

    @cached_property
    def split(self) -> Split | None:
        """How it is shared now, or ``None`` while it is not."""
        allocation = current_allocation(self.bill)
        return None if allocation is None else Split(allocation, self.components)

    @cached_property
    def outdated(self) -> bool:
        split = None if self.bill.taken_back else self.split
        return split is not None and is_outdated(self.bill, split.allocation)

    @cached_property
    def missing(self) -> str:
        """What is missing to share it (未分摊的原因), in the words of the rule; empty when nothing is."""
        try:
            if self.split is None:
                split_of(self.bill)
        except Refused as refusal:
            return str(refusal)
        return ""

    @cached_property
    def priced(self) -> Priced | None:
        """It by the price lists of its days; ``None`` for a credit, and where a day has none."""
        bill = self.bill
        tariffs = tariffs_of(bill.street) if bill.amount_fen >= 0 else []
        prices = [price_of(t) for t in tariffs]
        spans = in_force(prices, bill.from_on, bill.until_on)
        if spans is None:
            return None
        computed = expected_fen(bill.volume_litres, spans)
        used = [price for price, _days in spans]
        sample = any(t.sample for t, p in zip(tariffs, prices, strict=True) if p in used)
        gaps = off_tariff(self.components, computed)
        return Priced(named_prices(used), used[0].from_on, sample, len(spans), computed, gaps)

    @cached_property
    def doubts(self) -> list[str]:
        """What is to be asked about it while it stands (账单疑点), in words."""
        bill: Bill = self.bill
        if self.bill.taken_back:
            return []
        tolerance = threshold_table(bill.street).tolerance
        found = doubts_of(bill.street, [bill.point_id], tolerance=tolerance, wanted=lambda b: b.number == bill.number)
        return [says(doubt) for doubt in found.get(bill.point_id, [])]
