"""今天: what a coordinator wants to know in the morning, in at most fourteen queries of its own."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Count, Min
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hege.arrears.cutoff.queries import RunningDeferral, running_deferrals
from hege.arrears.early_warning.queries import warnings_of_street
from hege.arrears.early_warning.rules import WarningKind, WarningState
from hege.arrears.models import EarlyWarning
from hege.arrears.queries import who_holds_the_money
from hege.cases.queries import CaseDue, TaskDue, open_cases, reports_of, tasks_due
from hege.conferences.queries import CommitmentDue, commitments_due
from hege.kernel.calendar import Calendar
from hege.kernel.clock import day_of
from hege.mediation.queries import AgreementDue, agreements_due
from hege.people.models import Role
from hege.places.queries import unconfirmed_years, workday_calendar
from hege.web.access import Desk
from hege.web.jinja import day
from hege.web.links import where
from hege.web.meters.picture import squares
from hege.web.today import due
from hege.web.today.due import Due
from hege.web.watched import Watched

EVER = 10_000
SOON, WEEK = 3, 5
SHOWN, ROOTS_SHOWN = 6, 3


@dataclass(frozen=True, slots=True)
class Silent:
    """A party that owes answers: how many, the longest late in working days, and its worst task."""

    name: str
    count: int
    worst: int
    bounces: int
    href: str
    outside: bool


class Board:
    """One person's morning. Parts he may not see are empty and ask the database nothing."""

    def __init__(self, desk: Desk, tab: str = "") -> None:
        self.desk, self.today, self.code = desk, desk.today, desk.street.code
        self.tab = tab if tab in ("week", "outside", "all") else ""

    @cached_property
    def _is_workday(self) -> Calendar:
        return workday_calendar(self.desk.street)

    @property
    def _mine_only(self) -> tuple[int, ...] | None:
        """A clerk sees the tasks of his own office, everybody else those of his part of the street."""
        if any(m.role != Role.CLERK for m in self.desk.memberships):
            return None
        return tuple(m.party_id for m in self.desk.memberships if m.party_id is not None)

    @cached_property
    def _tasks(self) -> list[TaskDue]:
        if not self.desk.may("cases.see"):
            return []
        return tasks_due(
            self.desk.street, on=self.today, is_workday=self._is_workday, within=EVER,
            paths=self.desk.paths("cases.see"), party_ids=self._mine_only,
        )  # fmt: skip

    @cached_property
    def _cases(self) -> list[CaseDue]:
        if not self.desk.may("cases.see"):
            return []
        return open_cases(
            self.desk.street, on=self.today, is_workday=self._is_workday, paths=self.desk.paths("cases.see"),
            party_ids=self._mine_only,
        )  # fmt: skip

    @cached_property
    def _promises(self) -> list[CommitmentDue]:
        if not self.desk.may("conferences.see"):
            return []
        return commitments_due(
            self.desk.street, self.today, self._is_workday, within=EVER, paths=self.desk.paths("conferences.see"),
            party_ids=self._mine_only,
        )  # fmt: skip

    @cached_property
    def deferrals(self) -> list[RunningDeferral]:
        """The cut-offs put off (暂缓停水): those whose conditions were broken on top, then the one that ends first."""
        if not self.desk.may("cutoffs.see"):
            return []
        paths = self.desk.paths("cutoffs.see")
        return running_deferrals(self.desk.street, on=self.today, calendar=self._is_workday, paths=paths)

    @cached_property
    def _agreements(self) -> list[AgreementDue]:
        if not self.desk.may("mediation.see"):
            return []
        return agreements_due(self.desk.street, self.today, paths=self.desk.paths("mediation.see"))

    @cached_property
    def warnings(self) -> list[EarlyWarning]:
        """The warnings that hold, most pressing kind first."""
        if not self.desk.may("warnings.see"):
            return []
        order = [kind.value for kind in WarningKind]
        rows = warnings_of_street(self.desk.street, paths=self.desk.paths("warnings.see")).filter(ended_on__isnull=True)
        return sorted(rows, key=lambda w: (order.index(w.kind), w.since))

    @property
    def waiting(self) -> list[EarlyWarning]:
        """Those nobody has taken up."""
        return [w for w in self.warnings if w.state == WarningState.OPEN]

    # -- 要办 -----------------------------------------------------------------------------------------------------------

    @cached_property
    def everything(self) -> list[Due]:
        """All that is open, worst first."""
        bills = [w for w in self.waiting if w.kind == WarningKind.BILL_OVERDUE] if self._mine_only is None else []
        rows = [
            *due.of_cases(self._cases, self.code, self.today),
            *due.of_tasks(self._tasks, self.code),
            *due.of_commitments(self._promises, self.code),
            *due.of_conditions(self.deferrals, self.code, self.today, self._is_workday),
            *due.of_agreements(self._agreements, self.code, self.today, self._is_workday),
            *due.of_bills(bills, self.code, self.today, self._is_workday),
        ]
        return sorted(rows, key=lambda r: (r.days_left, r.due_on, r.title))

    def under(self, tab: str) -> list[Due]:
        """The lines under a tab: late and soon, this week, waiting for others, or all."""
        if tab == "outside":
            return [r for r in self.everything if r.outside]
        most = {"": SOON, "week": WEEK}.get(tab, EVER)
        return [r for r in self.everything if r.days_left <= most]

    @property
    def rows(self) -> list[Due]:
        """What the list shows: no more than one look takes in, unless all are asked for."""
        found = self.under(self.tab)
        return found if self.tab == "all" else found[:SHOWN]

    @property
    def more(self) -> int:
        """How many lines stand under the tab beyond those shown."""
        return len(self.under(self.tab)) - len(self.rows)

    @property
    def late(self) -> list[Due]:
        return [r for r in self.everything if r.late]

    @property
    def for_today(self) -> list[Due]:
        return [r for r in self.everything if r.due_on == self.today]

    # -- 谁还没答 -------------------------------------------------------------------------------------------------------

    @cached_property
    def silent(self) -> list[Silent]:
        """Parties with tasks they have not answered, the longest late first."""
        by_party: dict[int, list[TaskDue]] = defaultdict(list)
        for row in self._tasks:
            by_party[row.task.party_id].append(row)
        found = [self._silence(rows) for rows in by_party.values()]
        return sorted(found, key=lambda s: (s.worst, -s.count, s.name))

    def _silence(self, rows: list[TaskDue]) -> Silent:
        worst = min(rows, key=lambda r: r.days_left)
        party, href = worst.task.party, where("cases:task", self.code, worst.task.public_id)
        bounces = max(r.task.bounces for r in rows)
        return Silent(party.name, len(rows), worst.days_left, bounces, href, not party.inside)

    # -- 同一个根 -------------------------------------------------------------------------------------------------------

    @property
    def roots(self) -> list[CaseDue]:
        """Open cases that several reports came down to, the most reports first."""
        if self._mine_only is not None:
            return []
        found = [row for row in self._cases if row.reported > 1 or row.case.point_id is not None]
        return sorted(found, key=lambda row: (-row.reported, -row.case.pk))[:ROOTS_SHOWN]

    @cached_property
    def squares(self) -> list[dict[str, str]]:
        """The shops behind the first root's meter, each by how its account stands."""
        point = self.roots[0].case.point if self.roots else None
        return [] if point is None else squares(who_holds_the_money(point, on=self.today))

    # -- tiles ----------------------------------------------------------------------------------------------------------

    @cached_property
    def _reports(self) -> tuple[int, dt.date | None]:
        if not self.desk.may("reports.see"):
            return 0, None
        rows = reports_of(self.desk.street, paths=self.desk.paths("reports.see")).waiting()
        found = rows.order_by().aggregate(n=Count("pk"), oldest=Min("submitted_at"))
        return found["n"], day_of(found["oldest"]) if found["oldest"] else None

    @cached_property
    def tiles(self) -> list[dict[str, Any]]:
        """Five figures, each a link, each with the worst of its group under it."""
        here = reverse("today:index", args=(self.code,))
        late, today, (reports, oldest) = self.late, self.for_today, self._reports
        silent = [s for s in self.silent if s.outside]
        kinds = Counter(str(WarningKind(w.kind).label) for w in self.waiting)
        return [
            {"n": len(late), "label": _("已逾期"), "href": f"{here}#due", "late": bool(late),
             "note": _("最久 %(n)d 个工作日") % {"n": max(-r.days_left for r in late)} if late else _("没有拖下的事")},
            {"n": len(today), "label": _("今天到期"), "href": f"{here}?show=week#due", "late": False,
             "note": today[0].title if today else _("今天没有到期的")},
            {"n": reports, "label": _("来件待核实"), "late": False,
             "href": where("reports:index", self.code) if self.desk.may("reports.see") else here,
             "note": _("最早 %(day)s") % {"day": day(oldest)} if oldest else _("没有待核实的")},
            {"n": sum(s.count for s in silent), "label": _("等单位回话"), "href": f"{here}?show=outside#due", "late": False,
             "note": _("%(who)s 最久") % {"who": silent[0].name} if silent else _("没有等外单位的")},
            {"n": len(self.waiting), "label": _("水费预警"), "href": where("warnings:index", self.code) or here, "late": False,
             "note": " · ".join(f"{name} {n}" for name, n in kinds.most_common(2)) or self.calm},
        ]  # fmt: skip

    @property
    def lead(self) -> str:
        """The day in one sentence."""
        said = []
        if self.late:
            said.append(ngettext("先办逾期的 %(n)d 件", "先办逾期的 %(n)d 件", len(self.late)) % {"n": len(self.late)})
        if self.deferrals:
            first = self.deferrals[0]
            text = _("%(meter)s的暂缓停水还剩 %(n)d 个工作日")
            if first.broken_on:
                text = _("%(meter)s的暂缓条件没有做到，不再暂缓停水")
            said.append(text % {"meter": first.point.name, "n": first.working_days_left})
        if self.for_today:
            said.append(_("今天有 %(n)d 件到期") % {"n": len(self.for_today)})
        if said:
            return _("；").join(said) + _("。")
        if self.desk.may("warnings.see"):
            return _("今天没有逾期和到期的事；水费预警%(when)s。") % {"when": self.watched.when}
        return _("今天没有逾期和到期的事。")

    @cached_property
    def watched(self) -> Watched:
        """As of when the warnings are known."""
        return Watched(self.desk.street)

    @property
    def calm(self) -> str:
        """That no warning waits, and as of when; nothing where warnings are not his to see."""
        return self.watched.calm(_("没有待处理的预警")) if self.desk.may("warnings.see") else ""

    @cached_property
    def guessed_years(self) -> list[int]:
        """Years without a confirmed calendar into which an open term falls, told to those who see to it."""
        if not self.desk.may("settings.see"):
            return []
        return unconfirmed_years(
            self.desk.street, [*(row.due_on for row in self.everything), *(d.last_day for d in self.deferrals)]
        )

    def conditions(self, deferral: RunningDeferral) -> list[due.ConditionLine]:
        """The conditions of a deferral with how each stands."""
        return due.conditions_of(deferral, self._is_workday, self.today)
