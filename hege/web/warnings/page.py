"""What the pages of 预警 show: a warning with its sentence, its figures by name, and each piece of evidence with its address."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hege.arrears.cutoff.queries import running_notice
from hege.arrears.early_warning.models import EarlyWarning
from hege.arrears.early_warning.rules import TraceKind, WarningKind, WarningState, open_steps
from hege.arrears.early_warning.sentences import says, waiting
from hege.billing.models import Bill
from hege.kernel.several import several
from hege.web.access import Desk
from hege.web.jinja import daylong
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
    return [w for w in warnings if tab == ("ended" if w.ended_on else "" if w.state == WarningState.OPEN else w.state)]


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

        self.says, self.waiting = says(warning.finding), waiting(warning.finding)
        self.tone = "red" if self.kind in GRAVE else "amber"
        self.steps = open_steps(WarningState(warning.state), over=warning.ended_on is not None)
        #: For how long it has been so.
        self.held_for = several("%(n)d 天") % {"n": (desk.today - warning.since).days}

    @property
    def may_acknowledge(self) -> bool:
        return WarningState.ACKNOWLEDGED in self.steps and self.desk.may("warnings.acknowledge")

    @property
    def may_report(self) -> bool:
        return WarningState.REPORTED in self.steps and self.desk.may("warnings.acknowledge")

    @property
    def cutoff_id(self) -> str:
        """The cut-off procedure that runs at the meter; nothing where none does. One query."""
        notice = running_notice(self.row.point) if self.desk.may("cutoffs.see") else None
        return notice.public_id if notice else ""

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
        to, point = self.desk.to, self.row.point.code
        if bill_id is not None:
            return to("meters:bill", point, bill_id)
        if kind is TraceKind.RECEIPTS:
            return to("meters:money", point) + "?kind=receipt"
        if kind is TraceKind.PRICE and self.desk.may("settings.see"):
            return to("settings:index") + "#tariffs"
        if kind is TraceKind.METER:
            return to("meters:readings", point)
        return to("meters:money", point)

    @property
    def when(self) -> When:
        """For how long, and since when."""
        return When(self.held_for, _("%(day)s 起") % {"day": daylong(self.row.since)}, self.tone)
