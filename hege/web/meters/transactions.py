"""What happened to a master meter's money, in words a reader understands: for lists, timelines and the page of one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hege.billing.chart import WATER, TransactionKind
from hege.billing.queries import transactions_of
from hege.kernel.clock import day_of
from hege.ledger.rules import Level
from hege.metering.models import SupplyPoint
from hege.web.jinja import daylong

#: Tab of the list -> the kinds of transactions under it; the empty tab shows all.
KINDS: dict[str, tuple[TransactionKind, ...]] = {
    "": (),
    "receipt": (TransactionKind.RECEIPT,),
    "remittance": (TransactionKind.REMITTANCE,),
    "direct": (TransactionKind.DIRECT_PAYMENT,),
    "bill": (TransactionKind.BILL, TransactionKind.SHARE, TransactionKind.OPENING, TransactionKind.LATE_FEE),
    "reversal": (TransactionKind.REVERSAL,),
}
#: What a tab of the list is called: kinds, and how well proven.
KIND_NAMES: dict[str, str | Promise] = {
    "": gettext_lazy("全部"),
    "receipt": gettext_lazy("交代收人"),
    "remittance": gettext_lazy("交水司"),
    "direct": gettext_lazy("直接交水司"),
    "bill": gettext_lazy("账单与分摊"),
    "reversal": gettext_lazy("冲正"),
}
LEVEL_NAMES: dict[str, str | Promise] = {
    Level.CONFIRMED: gettext_lazy("已证实"),
    Level.CLAIMED: gettext_lazy("单方说"),
    Level.CONTESTED: gettext_lazy("有争议"),
}
#: What stands in "lately" (最近): the shops' own receipts would drown the rest.
MILESTONES = (
    TransactionKind.OPENING,
    TransactionKind.BILL,
    TransactionKind.REMITTANCE,
    TransactionKind.LATE_FEE,
    TransactionKind.REVERSAL,
)


@dataclass(frozen=True, slots=True)
class TransactionRow:
    """One transaction as a line: what, who, how much in fen, how well proven, whether taken back."""

    pk: int
    kind: TransactionKind
    on: dt.date
    recorded_at: dt.datetime
    what: str
    who: str
    fen: int
    note: str
    level: str
    reversed: bool

    @property
    def tone(self) -> str:
        """The dot on the timeline: green for money that came to the utility, red for what was taken back."""
        if self.over:
            return "red"
        arrived = (
            self.kind in (TransactionKind.REMITTANCE, TransactionKind.DIRECT_PAYMENT) and self.level == Level.CONFIRMED
        )
        return "green" if arrived else ""

    @property
    def over(self) -> bool:
        """Taken back, or a taking back: nothing more is said about it."""
        return self.reversed or self.kind is TransactionKind.REVERSAL

    @property
    def when(self) -> str:
        """The day, and how well it is proven."""
        level = Level(self.level).label if self.level else ""
        return " · ".join(part for part in (daylong(self.on), self.who, str(level)) if part)

    @property
    def late(self) -> bool:
        """Whether it was learnt more than a month after it happened."""
        return (day_of(self.recorded_at) - self.on).days > 31


def money_transactions(point: SupplyPoint) -> QuerySet[Any]:
    """The transactions of a supply point, newest first, without the contents of the files they came from."""
    return transactions_of(point).defer("source_row__file__content", "source_row__raw").prefetch_related("transfers")


def of_kind(transactions: QuerySet[Any], kind: str, level: str, shop: str) -> QuerySet[Any]:
    """The transactions under a tab, at a level, of one shop; unknown words leave the list as it is."""
    kinds = KINDS.get(kind, ())
    if kinds:
        transactions = transactions.filter(kind__in=kinds)
    if level == Level.CONFIRMED:
        transactions = transactions.filter(kind__in=WATER.needs_evidence, open_claim__isnull=True)
    elif level in (Level.CLAIMED, Level.CONTESTED):
        transactions = transactions.filter(open_claim__level=level)
    if shop:
        transactions = transactions.filter(payment__tenancy__unit__code=shop)
    return transactions


def standing(transactions: QuerySet[Any]) -> QuerySet[Any]:
    """Those neither taken back nor a taking back."""
    return transactions.filter(Q(reversed_by__isnull=True) & ~Q(kind=TransactionKind.REVERSAL))


def rows(transactions: Iterable[Any]) -> list[TransactionRow]:
    """Transactions as lines."""
    return [row(transaction) for transaction in transactions]


def row(transaction: Any) -> TransactionRow:
    """One transaction as a line."""
    kind = TransactionKind(transaction.kind)
    what, who, note = _words(transaction, kind)
    return TransactionRow(
        pk=transaction.pk,
        kind=kind,
        on=transaction.effective_on,
        recorded_at=transaction.recorded_at,
        what=what,
        who=who,
        fen=_fen(transaction),
        note=note,
        level=level_of(transaction),
        reversed=hasattr(transaction, "reversed_by"),
    )


def level_of(transaction: Any) -> str:
    """How well a transaction is proven, from its projection; empty for those that need no evidence."""
    if transaction.kind not in WATER.needs_evidence:
        return ""
    return str(transaction.open_claim.level) if hasattr(transaction, "open_claim") else str(Level.CONFIRMED.value)


def _fen(transaction: Any) -> int:
    if hasattr(transaction, "bill"):
        return int(transaction.bill.amount_fen)
    return sum(transfer.amount_fen for transfer in transaction.transfers.all())


def _words(transaction: Any, kind: TransactionKind) -> tuple[str, str, str]:
    if hasattr(transaction, "bill"):
        bill = transaction.bill
        period = f"{bill.from_on.isoformat()} – {bill.last_day.isoformat()}"
        return _("账单 %(number)s") % {"number": bill.number}, _("水司"), period
    if hasattr(transaction, "allocation"):
        number = transaction.allocation.bill.number
        return _("分摊账单 %(number)s") % {"number": number}, "", str(transaction.allocation.get_method_display())
    if hasattr(transaction, "payment"):
        paid = transaction.payment
        who = paid.tenancy.unit.name if paid.tenancy else (paid.agent.name if paid.agent else "")
        how = _("、").join(part for part in (paid.means, paid.voucher) if part)
        return str(kind.label), who, how
    return str(kind.label), "", transaction.reason


def milestones(point: SupplyPoint, *, on: dt.date, limit: int = 6) -> Sequence[TransactionRow]:
    """The last bills, remittances, late fees and reversals up to a day, newest first; two queries."""
    transactions = money_transactions(point).filter(kind__in=MILESTONES, effective_on__lte=on)
    return rows(transactions[:limit])
