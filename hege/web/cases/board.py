"""What the pages of 案件 show: one case as its page needs it, the rows of the list, which verbs are open now."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, QuerySet
from django.urls import reverse
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext_lazy as _

from hege.arrears.cutoff.queries import cutoff_state
from hege.arrears.queries import who_holds_the_money
from hege.arrears.rules import Holding
from hege.cases.models import Case, CaseQuerySet, Report, Task, TimelineLine
from hege.cases.queries import Standing, days_left, handlers_of, lead_of, parties_of, standing, tasks_of, timeline
from hege.cases.rules import FINISHED, HANDLING_ROLES, NEXT_CASE, TASK_FINISHED, CaseState
from hege.conferences.models import Decision
from hege.conferences.queries import conferences_of, open_decisions
from hege.kernel.calendar import Calendar
from hege.mediation.queries import agreements_of, files_of
from hege.places.queries import workday_calendar
from hege.web.access import Desk
from hege.web.jinja import daylong
from hege.web.meters.picture import Picture, picture, squares

TABS: dict[str, str | Promise] = {
    "": _("在办"),
    "late": _("逾期"),
    "check": _("等核查"),
    "closed": _("已结案"),
    "all": _("全部"),
}


def shown(rows: CaseQuerySet, tab: str, *, on: dt.date, calendar: Calendar) -> QuerySet[Case]:
    """The rows of one tab, worst first: the earliest due day on top, those without a clock last."""
    match tab:
        case "late":
            rows = rows.late(on, calendar)
        case "check":
            rows = rows.filter(state__in=[CaseState.FEEDBACK, CaseState.CHECKING])
        case "closed":
            rows = rows.filter(state__in=FINISHED)
        case "all":
            pass
        case _other:
            rows = rows.unfinished()
    return (
        rows.with_lead()
        .annotate(report_count=Count("reports", distinct=True))
        .select_related("point", "place")
        .order_by(F("due_on").asc(nulls_last=True), "-pk")
    )


@dataclass(frozen=True, slots=True)
class Verb:
    """One thing that may be done now, by this person, to this case."""

    href: str
    label: str | Promise
    icon: str = ""
    post: bool = False


#: act -> (verb of the access table, the state it leads to, button, icon). The first open one is the page's filled button.
WAYS: list[tuple[str, str, CaseState, str | Promise, str]] = [
    ("dispatch", "cases.dispatch", CaseState.DISPATCHED, _("派遣"), "arrow-right"),
    ("sign", "cases.handle", CaseState.SIGNED, _("签收"), "check"),
    ("contact", "cases.handle", CaseState.HANDLING, _("先行联系"), "phone"),
    ("feedback", "cases.handle", CaseState.FEEDBACK, _("处理反馈"), "check"),
    ("check", "cases.check", CaseState.CHECKING, _("核查通过"), "circle-check"),
    ("close", "cases.close", CaseState.CLOSED, _("结案"), "circle-check"),
    ("revisit", "cases.revisit", CaseState.REVISITED, _("回访"), "phone"),
    ("reopen", "cases.dispatch", CaseState.REOPENED, _("重新打开"), "history"),
    ("rework", "cases.check", CaseState.REWORKED, _("退回返工"), "history"),
    ("return", "cases.handle", CaseState.RETURNED, _("退单"), "history"),
    ("hold", "cases.dispatch", CaseState.ON_HOLD, _("挂账"), "hourglass"),
]
NOT_BY_HANDLERS = {"check", "rework", "close", "revisit"}
BY_THE_LEAD = {"sign", "contact", "feedback", "return"}


class CasePage:
    """One case as its page shows it; every part is read once, when the template asks."""

    def __init__(self, case: Case, desk: Desk) -> None:
        self.case, self.desk, self.today = case, desk, desk.today

    @cached_property
    def verbs(self) -> list[Verb]:
        """What this person may do now, the likeliest first."""
        state = CaseState(self.case.state)
        if state is CaseState.ON_HOLD:
            return [self._verb("resume", _("恢复办理"), "arrow-right")] if self.desk.may("cases.dispatch") else []
        shut = (set() if self._apart else NOT_BY_HANDLERS) | (set() if self._speaks else BY_THE_LEAD)
        return [
            self._verb(name, label, icon)
            for name, verb, to, label, icon in WAYS
            if to in NEXT_CASE[state] and self.desk.may(verb) and name not in shut
        ]

    @cached_property
    def _standing(self) -> Standing:
        return standing(self.desk.memberships)

    @property
    def _speaks(self) -> bool:
        """Whether this person may do the lead's part, as one of its own or by writing it down."""
        return self.lead is not None and self._standing.may_speak_for(self.lead.party_id)

    @property
    def _apart(self) -> bool:
        """Whether he neither handled the case nor acts for an office that does: the rule of ``cases``."""
        handling = {part.party_id for part in self.parties if part.role in HANDLING_ROLES}
        return self.desk.user.pk not in handlers_of(self.case) and not handling & self._standing.acts_for

    def _verb(self, name: str, label: str | Promise, icon: str) -> Verb:
        return Verb(self.href(name), label, icon, post=name == "sign")

    def href(self, name: str, *args: Any) -> str:
        return reverse(f"cases:{name}", args=(self.desk.street.code, self.case.public_id, *args))

    @cached_property
    def days_left(self) -> int | None:
        """Working days left of the case's own clock."""
        return None if self.case.due_on is None else days_left(self.case, self.today, self.calendar)

    @cached_property
    def calendar(self) -> Calendar:
        return workday_calendar(self.case.street_id)

    def left_of(self, decision: Decision) -> int:
        """Working days left of a promise, below zero where it is late."""
        left = self.calendar.days_left(decision.due_on, self.today)
        return left if decision.late(self.today, self.calendar) else max(0, left)

    @cached_property
    def finished(self) -> bool:
        return CaseState(self.case.state) in FINISHED

    @property
    def unsatisfied(self) -> bool:
        """The re-visit found that the people concerned are not content: the case may have to be opened again."""
        return self.case.state == CaseState.REVISITED and self.case.satisfied is False

    @cached_property
    def lead(self) -> Any:
        return lead_of(self.case)

    @cached_property
    def parties(self) -> list[Any]:
        return list(parties_of(self.case, on=self.today))

    @cached_property
    def tasks(self) -> list[Any]:
        return list(tasks_of(self.case).select_related("party"))

    @cached_property
    def conferences(self) -> list[Any]:
        return list(conferences_of(self.case))

    @cached_property
    def decisions(self) -> list[Any]:
        return list(open_decisions(self.case))

    @cached_property
    def files(self) -> list[Any]:
        return list(files_of(self.case.street, case=self.case)) if self.desk.may("mediation.see") else []

    @cached_property
    def agreements(self) -> list[Any]:
        return list(agreements_of(self.case.street, case=self.case)) if self.desk.may("mediation.see") else []

    @cached_property
    def reports(self) -> dict[str, int]:
        """How many reports are joined here, by where they came from."""
        rows = Report.objects.filter(street=self.case.street, case=self.case).values_list("kind").order_by("kind")
        return dict(rows.annotate(n=Count("pk")))

    @cached_property
    def report_count(self) -> int:
        return sum(self.reports.values())

    @cached_property
    def holding(self) -> Holding | None:
        """Who holds the money of the master meter the case is about."""
        return None if self.case.point is None else who_holds_the_money(self.case.point, on=self.today)

    @cached_property
    def squares(self) -> list[dict[str, str]]:
        """One square a shop, by how its account stands."""
        return [] if self.holding is None else squares(self.holding)

    @cached_property
    def cutoff(self) -> Any:
        return None if self.case.point is None else cutoff_state(self.case.point, on=self.today)

    @cached_property
    def picture(self) -> Picture | None:
        """The bar of the money page, for the master meter the case is about."""
        return None if self.holding is None else picture(self.holding)

    @property
    def ahead(self) -> list[dict[str, str]]:
        """What is still to come, the furthest on top: the case's own clock, open tasks, promises, the end of a deferral."""
        coming = [(task.due_on, f"{task.party.name}{_('：')}{task.title}") for task in self.tasks if _open(task)]
        coming += [(d.due_on, f"{d.lead.name}{_('：')}{d.measure}") for d in self.decisions]
        if self.case.due_on and not self.finished:
            coming.append((self.case.due_on, str(_("办理期限到"))))
        if self.cutoff and self.cutoff.last_day:
            coming.append((self.cutoff.last_day, str(_("暂缓停水到期"))))
        ahead = sorted((row for row in coming if row[0] >= self.today), reverse=True)
        return [{"text": text, "note": daylong(on), "tone": "next"} for on, text in ahead]

    @cached_property
    def lines(self) -> list[Line]:
        """What happened, newest first; the same thing done many times in a row is one line with its count."""
        out: list[Line] = []
        for row in timeline(self.case, internal=True).select_related("by"):
            label, text = row.get_kind_display(), row.text
            said = label if not text or text == label else f"{label}{_('：')}{text}"
            line = Line(said, row.at, _who(row), row.document, internal=row.internal)
            if out and (out[-1].text, out[-1].who, out[-1].internal) == (line.text, line.who, line.internal):
                out[-1].times += 1
            else:
                out.append(line)
        return out


def _open(task: Task) -> bool:
    return task.state not in TASK_FINISHED


def _who(row: TimelineLine) -> str:
    """Who wrote a line, and for whom where he wrote down what somebody else did."""
    if row.by is None:
        return row.on_behalf
    if not row.on_behalf:
        return row.by.full_name
    return str(_("%(who)s代%(party)s登记") % {"who": row.by.full_name, "party": row.on_behalf})


@dataclass(slots=True)
class Line:
    """One line of the timeline as it is shown."""

    text: str
    at: dt.datetime
    who: str
    document: str
    internal: bool
    times: int = 1
