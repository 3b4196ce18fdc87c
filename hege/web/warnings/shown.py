"""A warning as a page shows it: its sentence, its figures by name, and each piece of evidence with its address."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hege.arrears.cutoff.queries import running_notice
from hege.arrears.early_warning.models import EarlyWarning
from hege.arrears.early_warning.rules import TraceKind, WarningKind, WarningState
from hege.arrears.early_warning.sentences import says, waiting
from hege.billing.models import Bill
from hege.web.access import Desk
from hege.web.jinja import daylong
from hege.web.links import where
from hege.web.marks import When

TABS: dict[str, str | Promise] = {
    "": gettext_lazy("待处理"),
    "acknowledged": gettext_lazy("已知悉"),
    "reported": gettext_lazy("已转来件"),
    "ended": gettext_lazy("已结束"),
}
#: What stands in red: money that is gone or water that is about to be.
GRAVE = frozenset({WarningKind.BILL_OVERDUE, WarningKind.PAID_BUT_OVERDUE, WarningKind.HELD_TOO_OLD})


def worst_first(warnings: Iterable[EarlyWarning]) -> list[EarlyWarning]:
    """The most pressing kind first, within it the oldest."""
    order = {kind.value: place for place, kind in enumerate(WarningKind)}
    return sorted(warnings, key=lambda w: (order[w.kind], w.since, w.pk))


def under(warnings: Iterable[EarlyWarning], tab: str) -> list[EarlyWarning]:
    """Those under a tab: waiting, taken note of, made a report, or over."""
    state = {"acknowledged": WarningState.ACKNOWLEDGED, "reported": WarningState.REPORTED}.get(tab, WarningState.OPEN)
    if tab == "ended":
        return [w for w in warnings if w.ended_on is not None]
    return [w for w in warnings if w.ended_on is None and w.state == state]


@dataclass(frozen=True, slots=True)
class Proof:
    """One piece of evidence: what, its number, its day, fen where it is about money, and where to see it."""

    what: str
    number: str
    on: dt.date
    fen: int | None
    href: str


class ShownWarning:
    """One warning with its words."""

    def __init__(self, warning: EarlyWarning, desk: Desk) -> None:
        self.row, self.desk = warning, desk
        self.kind = WarningKind(warning.kind)

    @property
    def grave(self) -> bool:
        return self.kind in GRAVE

    @property
    def says(self) -> str:
        return says(self.row.finding)

    @property
    def waiting(self) -> str:
        return waiting(self.row.finding)

    @property
    def open(self) -> bool:
        return self.row.ended_on is None and self.row.state == WarningState.OPEN

    @property
    def may_report(self) -> bool:
        return self.row.ended_on is None and self.row.report_id is None

    @property
    def href(self) -> str:
        return where("warnings:detail", self.desk.street.code, self.row.public_id)

    @property
    def meter_href(self) -> str:
        return where("meters:detail", self.desk.street.code, self.row.point.code)

    @property
    def cutoff_href(self) -> str:
        """The cut-off procedure that runs at the meter; nothing where none does. One query."""
        notice = running_notice(self.row.point) if self.desk.may("cutoffs.see") else None
        return where("cutoffs:detail", self.desk.street.code, notice.public_id) if notice else ""

    @property
    def report_href(self) -> str:
        return where("reports:detail", self.desk.street.code, self.row.report.public_id) if self.row.report else ""

    @property
    def evidence(self) -> list[Proof]:
        """The rows behind the warning, each with the page that shows it; one query for the bills."""
        traces = self.row.finding.evidence
        numbers = {t.number for t in traces if t.kind is TraceKind.BILL}
        bills = Bill.objects.filter(street=self.desk.street, point=self.row.point_id, number__in=numbers)
        bill_ids = dict(bills.values_list("number", "pk")) if numbers else {}
        return [
            Proof(str(t.kind.label), t.number, t.on, t.fen, self._where(t.kind, bill_ids.get(t.number))) for t in traces
        ]

    def _where(self, kind: TraceKind, bill_id: int | None) -> str:
        street, point = self.desk.street.code, self.row.point.code
        if bill_id is not None:
            return where("meters:bill", street, point, bill_id)
        if kind is TraceKind.RECEIPTS:
            return where("meters:money", street, point) + "?kind=receipt"
        if kind is TraceKind.PRICE and self.desk.may("settings.see"):
            return where("settings:index", street) + "#tariffs"
        if kind is TraceKind.METER:
            return where("meters:readings", street, point)
        return where("meters:money", street, point)

    @property
    def when(self) -> When:
        """For how long, and since when."""
        since = _("%(day)s 起") % {"day": daylong(self.row.since)}
        return When(self.held_for, since, "red" if self.grave else "amber")

    @property
    def held_for(self) -> str:
        """For how long it has been so."""
        return _("%(n)d 天") % {"n": (self.desk.today - self.row.since).days}
