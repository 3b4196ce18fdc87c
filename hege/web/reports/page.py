"""What the pages of 来件 show: the list, waiting first; one report with its history; what may be the same trouble."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Case as Whether
from django.db.models import Count, F, IntegerField, Q, QuerySet, Value, When
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from hege.cases.models import WAITING, Case, Report
from hege.cases.queries import cases_of, reader_among, reports_of, shop_of
from hege.cases.rules import ReportKind, ReportState, open_report_steps, waits_for_case
from hege.kernel import clock
from hege.metering.models import SupplyPoint
from hege.places.models import Place, Unit
from hege.trail import queries as trail
from hege.trail.models import TrailLine
from hege.web import marks
from hege.web.access import Desk
from hege.web.jinja import dots, instant
from hege.web.marks import Button, Chip, Line, Tab, tabs
from hege.web.shared.kept_files import Shown, files_shown, may_see_pictures

#: Tab -> filter. What is settled is hidden unless asked for.
TABS: dict[str, tuple[str | Promise, Q]] = {
    "": (_("等着办"), WAITING),
    "joined": (_("已成案、已并案"), Q(case__isnull=False)),
    "refused": (_("没有受理"), Q(state__in=[ReportState.REJECTED, ReportState.WITHDRAWN])),
    "all": (_("全部"), Q()),
}
MOST_NEAR = 6
#: A report that has waited for more days than this is shown in red.
LATE_AFTER = 3
#: Reports of this many days count as near.
LATELY = dt.timedelta(days=90)

#: What was done to a report, in words; any other line of its trail is left out.
SAID: dict[str, str | Promise] = {
    "submit_report": _("登记"),
    "begin_verifying": _("开始核实"),
    "verify_report": _("核实属实，受理"),
    "reject_report": _("不予受理"),
    "withdraw_report": _("反映人撤回"),
    "merge_report": _("并入案件"),
    "unmerge_report": _("从案件拆出"),
    "look_up_reporter": _("查看反映人"),
}


def about(report: Report, desk: Desk) -> str:
    """What a report is about, in a name: the shop where this person may know it, else the master meter or the place."""
    spot = shop_of(report, for_members=desk.memberships) or report.point or report.place
    return spot.name if spot else ""


class ReportList:
    """The reports of one's part of the street: who waits longest is on top."""

    def __init__(self, desk: Desk, tab: str, case_id: str = "") -> None:
        self.desk, self.case_id = desk, case_id
        self.tab = "all" if case_id else tab if tab in TABS else ""
        rows = reports_of(desk.street, paths=desk.paths("reports.see"))
        self._rows: QuerySet[Report] = rows.filter(case__public_id=case_id) if case_id else rows

    @property
    def tabs(self) -> list[Tab]:
        labels = {tab: label for tab, (label, _q) in TABS.items()}
        return tabs(self.desk.to("reports:index"), labels, self.tab, self.counts)

    def row(self, report: Report) -> ReportRow:
        return ReportRow(report, self.desk, clock.now())

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many reports stand in each tab; one query."""
        names = {f"n_{tab}": Count("pk", filter=q) if q else Count("pk") for tab, (_label, q) in TABS.items()}
        found = self._rows.order_by().aggregate(**names)
        return {tab: found[f"n_{tab}"] for tab in TABS}

    @property
    def ordered(self) -> QuerySet[Report]:
        waits = Whether(When(WAITING, then=F("submitted_at")), default=None)
        return self._rows.filter(TABS[self.tab][1]).order_by(waits.asc(nulls_last=True), "-submitted_at", "-pk")


class ReportRow:
    """One report in the list."""

    def __init__(self, report: Report, desk: Desk, at: dt.datetime) -> None:
        self.report, self.desk, self.at = report, desk, at
        self.state, self.about = ReportState(report.state), about(report, desk)
        self.waits_for_case = waits_for_case(self.state, in_case=report.case is not None)

    @property
    def when(self) -> marks.When:
        """For how long it has waited; of one that is settled, when it came."""
        came = instant(self.report.submitted_at)
        if not self.waits_for_case and self.state not in (ReportState.SUBMITTED, ReportState.VERIFYING):
            return marks.When(came, _("来件"))
        days = (self.at - self.report.submitted_at).days
        waited = ngettext("%(num)s 天", "%(num)s 天", days) % {"num": days} if days else _("今天")
        return marks.When(waited, came, "red" if days > LATE_AFTER else "")

    @property
    def button(self) -> Button:
        steps = open_report_steps(self.state, kind=ReportKind(self.report.kind), case=self.report.case)
        looks = ReportState.VERIFYING in steps and self.report.case is None
        go = looks and self.desk.may("reports.verify")
        return Button(_("去核实") if go else _("看"), self.desk.to("reports:detail", self.report.public_id))


@dataclass(frozen=True, slots=True)
class Near:
    """What may be the same trouble: open cases first, then reports nobody has settled, each with what it is about."""

    cases: list[Case]
    reports: list[tuple[Report, str]]

    def __bool__(self) -> bool:
        return bool(self.cases or self.reports)


def near(
    desk: Desk, *, unit: Unit | None, point: SupplyPoint | None, place: Place | None, but: Report | None = None
) -> Near:
    """Open cases and reports of the same shop, master meter or place (同一件事？); two queries.

    Who may not learn which shops reported finds theirs by meter and place alone, like any other's.
    """
    if not (unit or point or place):
        return Near([], [])
    nothing = Q(pk__in=[])
    of_shop = Q(unit=unit) if unit else nothing
    of_point, of_place = Q(point=point) if point else nothing, Q(place=place) if place else nothing
    if unit is not None and reader_among(desk.memberships, unit.place) is None:
        of_shop &= ~Q(kind=ReportKind.SHOP)
    paths = desk.paths("reports.see")
    rows = reports_of(desk.street, paths=paths).filter(WAITING, of_shop | of_point | of_place)
    if but is not None:
        rows = rows.exclude(pk=but.pk).filter(submitted_at__gte=but.submitted_at - LATELY)
    first = Whether(
        When(of_shop, then=Value(0)), When(of_point, then=Value(1)), default=Value(2), output_field=IntegerField()
    )
    cases = cases_of(desk.street, paths=paths).unfinished().filter(of_point | of_place)
    reports = rows.annotate(first=first).order_by("first", "-submitted_at")[:MOST_NEAR]
    return Near(list(cases[:MOST_NEAR]), [(row, about(row, desk)) for row in reports])


class ReportPage:
    """One report as its page needs it."""

    def __init__(self, report: Report, desk: Desk) -> None:
        self.report, self.desk, self.state = report, desk, ReportState(report.state)
        #: The shop it is about, where this person may know it.
        self.shop = shop_of(report, for_members=desk.memberships)
        #: What may be the same trouble, while it is not joined to anything.
        self.near = Near([], [])
        self.steps = open_report_steps(self.state, kind=ReportKind(report.kind), case=report.case)
        if ReportState.DUPLICATE in self.steps:
            self.near = near(desk, unit=self.shop, point=report.point, place=report.place, but=report)

    @property
    def pictures(self) -> list[Shown]:
        """The pictures of it, and of the visit that made it, as far as they tell nobody who sent it."""
        visits = [visit.pk for visit in self.report.visits.all()]
        own = files_shown(self.desk, "reports", [self.report.pk]) if may_see_pictures(self.report, self.desk) else {}
        made = files_shown(self.desk, "visits", visits) if visits and self.desk.may("meters.see") else {}
        return [file for found in (own, made) for files in found.values() for file in files]

    @property
    def history(self) -> list[Line]:
        """Who did what to it, newest first, from the trail."""
        lines = [line for line in trail.of(self.report, street=self.desk.street) if line.verb in SAID]
        return [
            Line(
                SAID[line.verb],
                dots([self._who(line), instant(line.at), line.data.get("reason", "")]),
                "green" if line.verb in ("verify_report", "merge_report") else "",
                internal=line.verb == "look_up_reporter",
            )
            for line in lines
        ]

    def _who(self, line: TrailLine) -> object:
        """Who did it; of what the public reported not who wrote it down, which would tell by whom it did not come."""
        if line.verb == "submit_report" and self.report.kind == ReportKind.PUBLIC:
            return ""
        return line.by or _("没有账号的人")

    @property
    def chips(self) -> list[Chip]:
        case = self.report.case
        chips = [marks.state(self.report)]
        if case:
            href = self.desk.to("cases:detail", case.public_id)
            chips.append(Chip(_("案 %(number)s") % {"number": case.number}, "", "stack-2", href))
        if self.report.reference:
            chips.append(Chip(self.report.reference))
        return [*chips, Chip(_("反映人另存，不显示"), "", "eye-off")]

    @property
    def found(self) -> tuple[str, str | Promise]:
        """The colour of what was found, and what it is called: of one that was refused, the reason."""
        true = self.state in (ReportState.ACCEPTED, ReportState.DUPLICATE)
        seen = true or self.state is ReportState.VERIFYING
        return "green" if true else "amber", _("核实结果") if seen else _("理由")

    @property
    def buttons(self) -> list[Button]:
        """What this person may do now; filled is the next step."""
        r, joined = self.report, self.report.case is not None
        case = self.desk.to("cases:new") + f"?report={r.public_id}"
        steps = self.steps
        looks = ReportState.VERIFYING in steps and not joined
        parts = ReportState.VERIFYING in steps and joined
        accept = Button(_("属实，受理"), self._to("verify"), "check", main=not looks)
        rows = [
            (ReportState.WITHDRAWN in steps, "reports.verify", Button(_("反映人撤回"), self._to("withdraw"))),
            (ReportState.REJECTED in steps, "reports.verify", Button(_("不予受理"), self._to("reject"))),
            (parts, "reports.link", Button(_("从案件拆出"), self._to("unmerge"))),
            (ReportState.DUPLICATE in steps, "reports.link", Button(_("并案"), self._to("merge"), "stack-2")),
            (ReportState.ACCEPTED in steps, "reports.verify", accept),
            (looks, "reports.verify", Button(_("去核实"), self._to("begin"), "map-pin", main=True, hidden={})),
            (waits_for_case(self.state, in_case=joined), "cases.open", Button(_("立案"), case, "plus", main=True)),
        ]
        return [button for may, verb, button in rows if may and self.desk.may(verb)]

    def _to(self, name: str) -> str:
        return self.desk.to(f"reports:{name}", self.report.public_id)

    @property
    def may_ask(self) -> bool:
        return self.desk.may("reports.link") and reader_among(self.desk.memberships, self.report.place) is not None
