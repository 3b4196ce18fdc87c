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

from hege.billing.chart import WATER, EventKind
from hege.billing.queries import events_of
from hege.kernel.clock import day_of
from hege.ledger.rules import Level
from hege.metering.models import SupplyPoint
from hege.web.jinja import daylong

#: Tab of the list -> the kinds of events under it; the empty tab shows all.
KINDS: dict[str, tuple[EventKind, ...]] = {
    "": (),
    "receipt": (EventKind.RECEIPT,),
    "remittance": (EventKind.REMITTANCE,),
    "direct": (EventKind.DIRECT_PAYMENT,),
    "bill": (EventKind.BILL, EventKind.SHARE, EventKind.OPENING, EventKind.LATE_FEE),
    "reversal": (EventKind.REVERSAL,),
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
MILESTONES = (EventKind.OPENING, EventKind.BILL, EventKind.REMITTANCE, EventKind.LATE_FEE, EventKind.REVERSAL)


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event as a line: what, who, how much in fen, how well proven, whether taken back."""

    pk: int
    kind: EventKind
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
        arrived = self.kind in (EventKind.REMITTANCE, EventKind.DIRECT_PAYMENT) and self.level == Level.CONFIRMED
        return "green" if arrived else ""

    @property
    def over(self) -> bool:
        """Taken back, or a taking back: nothing more is said about it."""
        return self.reversed or self.kind is EventKind.REVERSAL

    @property
    def when(self) -> str:
        """The day, and how well it is proven."""
        level = Level(self.level).label if self.level else ""
        return " · ".join(part for part in (daylong(self.on), self.who, str(level)) if part)

    @property
    def late(self) -> bool:
        """Whether it was learnt more than a month after it happened."""
        return (day_of(self.recorded_at) - self.on).days > 31


def money_events(point: SupplyPoint) -> QuerySet[Any]:
    """The events of a supply point, newest first, without the contents of the files they came from."""
    return events_of(point).defer("source_row__file__content", "source_row__raw").prefetch_related("entries")


def of_kind(events: QuerySet[Any], kind: str, level: str, shop: str) -> QuerySet[Any]:
    """The events under a tab, at a level, of one shop; unknown words leave the list as it is."""
    kinds = KINDS.get(kind, ())
    if kinds:
        events = events.filter(kind__in=kinds)
    if level == Level.CONFIRMED:
        events = events.filter(kind__in=WATER.needs_evidence, open_claim__isnull=True)
    elif level in (Level.CLAIMED, Level.CONTESTED):
        events = events.filter(open_claim__level=level)
    if shop:
        events = events.filter(payment__tenancy__unit__code=shop)
    return events


def standing(events: QuerySet[Any]) -> QuerySet[Any]:
    """Those neither taken back nor a taking back."""
    return events.filter(Q(reversed_by__isnull=True) & ~Q(kind=EventKind.REVERSAL))


def rows(events: Iterable[Any]) -> list[EventRow]:
    """Events as lines."""
    return [row(event) for event in events]


def row(event: Any) -> EventRow:
    """One event as a line."""
    kind = EventKind(event.kind)
    what, who, note = _words(event, kind)
    return EventRow(
        pk=event.pk,
        kind=kind,
        on=event.effective_on,
        recorded_at=event.recorded_at,
        what=what,
        who=who,
        fen=_fen(event),
        note=note,
        level=level_of(event),
        reversed=hasattr(event, "reversed_by"),
    )


def level_of(event: Any) -> str:
    """How well an event is proven, from its projection; empty for those that need no evidence."""
    if event.kind not in WATER.needs_evidence:
        return ""
    return str(event.open_claim.level) if hasattr(event, "open_claim") else str(Level.CONFIRMED.value)


def _fen(event: Any) -> int:
    if hasattr(event, "bill"):
        return int(event.bill.amount_fen)
    return sum(entry.amount_fen for entry in event.entries.all())


def _words(event: Any, kind: EventKind) -> tuple[str, str, str]:
    if hasattr(event, "bill"):
        bill = event.bill
        period = f"{bill.from_on.isoformat()} – {bill.last_day.isoformat()}"
        return _("账单 %(number)s") % {"number": bill.number}, _("水司"), period
    if hasattr(event, "allocation"):
        number = event.allocation.bill.number
        return _("分摊账单 %(number)s") % {"number": number}, "", str(event.allocation.get_method_display())
    if hasattr(event, "payment"):
        paid = event.payment
        who = paid.tenancy.unit.name if paid.tenancy else (paid.agent.name if paid.agent else "")
        how = _("、").join(part for part in (paid.means, paid.voucher) if part)
        return str(kind.label), who, how
    return str(kind.label), "", event.reason


def milestones(point: SupplyPoint, *, on: dt.date, limit: int = 6) -> Sequence[EventRow]:
    """The last bills, remittances, late fees and reversals up to a day, newest first; two queries."""
    events = money_events(point).filter(kind__in=MILESTONES, effective_on__lte=on)
    return rows(events[:limit])
