"""What the pages of 案件 show: the rows of the list, one case, one task, which verbs are open now, and a new case's beginning."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable
from itertools import groupby
from typing import Any, NamedTuple

from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from hege.arrears.cutoff.queries import cutoff_state
from hege.arrears.early_warning.models import EarlyWarning
from hege.arrears.early_warning.queries import warnings_of_street
from hege.arrears.early_warning.sentences import says, waiting
from hege.arrears.queries import who_holds_the_money
from hege.cases import queries, rules
from hege.cases.models import Case, CaseParty, CaseQuerySet, Report, Task, TaskLink, TimelineLine
from hege.cases.rules import CaseState, PartyRole, TaskState
from hege.conferences.models import Decision
from hege.conferences.queries import conferences_shown, promises_shown
from hege.kernel.calendar import Calendar
from hege.kernel.prepared import prepared
from hege.kernel.refused import allows
from hege.kernel.several import several
from hege.mediation.queries import agreements_of_case, files_of_case
from hege.outbox.models import Message
from hege.outbox.queries import told_about
from hege.outbox.rules import Channel
from hege.places.queries import workday_calendar
from hege.web.access import Desk
from hege.web.cases.pictures import pictures_of
from hege.web.jinja import day, daylong, dots, instant
from hege.web.marks import TONES, Button, Chip, Line, Text
from hege.web.shared.issued import Issued
from hege.web.shared.kept_files import Shown, files_shown
from hege.web.shared.picture import picture, squares
from hege.web.shared.requests import shown_request
from hege.web.shared.sayings import words_of
from hege.web.shared.urging import Urges
from hege.web.stretch import Order

TABS: dict[str, Text] = {
    "": _("在办"),
    "late": _("逾期"),
    "check": _("等核查"),
    "followed": _("我关注的"),
    "closed": _("已结案"),
    "all": _("全部"),
}
LONGEST_TITLE = 120
MOST_TOLD = 100  # messages a case's page looks back on


def shown(rows: CaseQuerySet, tab: str, desk: Desk, *, calendar: Calendar) -> tuple[CaseQuerySet, Order]:
    """The rows of one tab and their order: the earliest due day on top, those without a clock last; of what is finished what
    was finished last, of all what was filed last."""
    match tab:
        case "late":
            return rows.late(desk.today, calendar), Order("due_on")
        case "check":
            return rows.filter(state__in=[CaseState.FEEDBACK, CaseState.CHECKING]), Order("due_on")
        case "followed":
            return rows.filter(follows__user=desk.user, follows__on=True), Order("due_on")
        case "closed":
            return rows.filter(state__in=sorted(rules.FINISHED)), Order("state_at", latest=True)
        case "all":
            return rows, Order("filed_at", latest=True)
        case _other:
            return rows.unfinished(), Order("due_on")


@prepared
def case_lines(keys: list[int]) -> CaseQuerySet:
    """What lines of the list tell of these cases."""
    return Case.objects.filter(pk__in=keys).with_lead().with_reports().select_related("point")


class Way(NamedTuple):
    """A step of a case: the right it needs, the state it leads to, its button, which is also the heading of its page."""

    right: str
    to: CaseState
    label: Text
    icon: str


#: By the word for each in its address; the first open one is the page's filled button.
WAYS: dict[str, Way] = {
    "dispatch": Way("cases.dispatch", CaseState.DISPATCHED, _("派遣"), "arrow-right"),
    "sign": Way("cases.handle", CaseState.SIGNED, _("签收"), "check"),
    "contact": Way("cases.handle", CaseState.HANDLING, _("先行联系"), "phone"),
    "feedback": Way("cases.handle", CaseState.FEEDBACK, _("处理反馈"), "check"),
    "check": Way("cases.check", CaseState.CHECKING, _("核查通过"), "circle-check"),
    "close": Way("cases.close", CaseState.CLOSED, _("结案"), "circle-check"),
    "revisit": Way("cases.revisit", CaseState.REVISITED, _("回访"), "phone"),
    "reopen": Way("cases.dispatch", CaseState.REOPENED, _("重新打开"), "history"),
    "rework": Way("cases.check", CaseState.REWORKED, _("退回返工"), "history"),
    "return": Way("cases.handle", CaseState.RETURNED, _("退单"), "history"),
    "hold": Way("cases.handle", CaseState.SUSPENDED, _("申请缓办"), "hourglass"),
    "void": Way("cases.open", CaseState.VOIDED, _("申请作废"), "x"),
}


class CasePage:
    """One case as its page shows it: its parts, and the money of the master meter it is about."""

    def __init__(self, case: Case, desk: Desk) -> None:
        self.case, self.desk, self.today = case, desk, desk.today
        self.state = CaseState(case.state)
        self.finished = self.state in rules.FINISHED
        self.calendar, self.lead = workday_calendar(case.street_id), queries.lead_of(case)
        self.parties, self.tasks = queries.parties_now(case, on=self.today), queries.tasks_shown(case)
        self.conferences, self.decisions = conferences_shown(case), promises_shown(case)
        self.report_count = Report.objects.filter(street=case.street, case=case).count()
        sees = desk.may("mediation.see")
        self.files = files_of_case(case.street, case) if sees else []
        self.agreements = agreements_of_case(case.street, case) if sees else []
        if case.point:
            case.point.street = case.street
        self.cutoff: Any = cutoff_state(case.point, on=self.today, calendar=self.calendar) if case.point else None
        self.holding = who_holds_the_money(case.point, on=self.today) if case.point else None
        self.picture = picture(self.holding) if self.holding else None
        self.squares = squares(self.holding) if self.holding else []
        self.told = told_lines(
            told_about(case.street, case.number, "cases.case", "cases.task", "conferences.decision", most=MOST_TOLD)
        )
        self._standing = queries.standing(desk.memberships)
        own = self.lead is not None and self.lead.party_id in self._standing.acts_for
        self.asked = shown_request(queries.waiting_request(case), desk, own=own, to=self.href)
        for task in self.tasks:
            task.case = case
        self.urges = Urges(desk, [case, *filter(self.runs, self.tasks)], desk.to("cases:detail", case.public_id))

    @property
    def buttons(self) -> list[Button]:
        """What this person may do now, the likeliest first and filled; last, where its lead is late, to urge them."""
        if allows(rules.resumes_to, state=self.state, held_from=self.case.held_from):
            resume = Button(_("恢复办理"), self.href("resume"), "arrow-right", main=True)
            return [*([resume] if self.desk.may("cases.dispatch") else []), self._follow]
        steps = rules.open_steps(self.state, apart=self._apart, speaks=self._speaks) - self._not_asked_for
        ways = [(name, way) for name, way in WAYS.items() if way.to in steps and self.desk.may(way.right)]
        sent = {"sign": {"version": self.case.version}}
        decides = self.asked is not None and bool(self.asked.buttons)  # then the yes is the one filled button
        urge = self.urges.button(self.case, at_once=False) if self._late(self.case.due_on) else None
        return [
            *(
                Button(way.label, self.href(name), way.icon, main=n == 0 and not decides, hidden=sent.get(name))
                for n, (name, way) in enumerate(ways)
            ),
            *([urge._replace(icon="bell")] if urge else []),
            self._follow,
        ]

    @property
    def _follow(self) -> Button:
        """To be told what happens here, or no more."""
        if queries.follows(self.desk.user, self.case):
            return Button(_("取消关注"), self.href("unfollow"), "eye", hidden={})
        return Button(_("关注"), self.href("follow"), "eye", hidden={})

    @property
    def _not_asked_for(self) -> set[CaseState]:
        """What cannot be asked for now: a request waits, it is not theirs to ask, or somebody still has a task."""
        waits = self.asked is not None
        theirs = self.lead is None or self._speaks
        hold = theirs and allows(rules.check_may_be_held, case=self.state, task=None, waits=waits)
        tasks = [task.title for task in self.tasks if self.runs(task)]
        void = allows(rules.check_may_be_voided, case=self.state, waits=waits, open_tasks=tasks)
        return {state for state, may in ((CaseState.SUSPENDED, hold), (CaseState.VOIDED, void)) if not may}

    def _late(self, due_on: dt.date | None) -> bool:
        return due_on is not None and self.calendar.has_passed(due_on, self.today)

    def verb(self, task: Task) -> Button:
        """The one likely verb of a task in the list: to urge, where it is late, or to look at it."""
        urge = self.urges.button(task, at_once=True) if self._late(task.due_on) else None
        return urge or Button(_("打开"), self.desk.to("cases:task", task.public_id))

    @property
    def chips(self) -> list[Chip]:
        """How far it is, its clock, who leads, and what went wrong."""
        case = self.case
        tone = "" if self.state is CaseState.VOIDED else "green" if self.finished else "water"
        chips = [Chip(case.get_state_display(), tone)]
        if case.held_until is not None:
            chips.append(hold_chip(case.held_until))
        elif case.due_on is not None and not self.finished:
            left = queries.days_left(case, self.today, self.calendar)
            chips.append(clock_chip(_("办理期限 %(day)s，剩 %(n)s 个工作日"), case.due_on, left))
        if self.lead:
            chips.append(Chip(_("牵头 %(who)s") % {"who": self.lead.party.name}))
        if case.bounces:
            chips.append(Chip(several("退回过 %(n)s 次") % {"n": case.bounces}, "amber"))
        if said := self.urges.said(case):
            chips.append(Chip(said))
        if self.state is CaseState.REVISITED and case.satisfied is False:
            chips.append(Chip(_("回访不满意"), "red", "alert-triangle"))
        if case.reopenings:
            chips.append(Chip(several("重开过 %(n)s 次") % {"n": case.reopenings}, "amber"))
        if self.cutoff and self.cutoff.last_day:
            href = self.desk.to("cutoffs:detail", self.cutoff.notice.public_id)
            chips.append(Chip(_("暂缓停水到 %(day)s") % {"day": day(self.cutoff.last_day)}, "amber", "hourglass", href))
        return chips

    def may_add(self, right: str, name: str, rule: Callable[..., object] = rules.check_not_finished) -> str:
        """Where something is added to the case; empty where this person may not, or the case takes nothing new."""
        may = self.desk.may(right) and allows(rule, state=self.state)
        return self.desk.to(name, self.case.public_id) if may else ""

    @property
    def add_task(self) -> str:
        """Where a task is added."""
        return self.may_add("cases.dispatch", "cases:add_task", rules.check_takes_tasks)

    def may_end(self, part: CaseParty) -> bool:
        """Whether a party may be taken off."""
        leaves = allows(rules.check_not_the_lead, role=PartyRole(part.role))
        return self.desk.may("cases.dispatch") and leaves and allows(rules.check_not_finished, state=self.state)

    @cached_property
    def papers(self) -> Issued:
        """What was issued for its meetings and in its cut-off procedure."""
        return Issued(self.desk, self.case, ("conference__case", "notice__case"))

    @staticmethod
    def runs(task: Task) -> bool:
        return task.state not in rules.TASK_FINISHED

    @property
    def _speaks(self) -> bool:
        """Whether this person may do the lead's part, as one of its own or by writing it down."""
        return self.lead is not None and self._standing.may_speak_for(self.lead.party_id)

    @property
    def _apart(self) -> bool:
        """Whether they neither handled the case nor act for an office that does."""
        own = [p for p in self.parties if p.role in rules.HANDLING_ROLES and p.party_id in self._standing.acts_for]
        handlers = queries.handlers_of(self.case)
        return allows(rules.check_not_own_case, by=self.desk.user.pk, handlers=handlers) and not own

    def href(self, name: str) -> str:
        return self.desk.to(f"cases:{name}", self.case.public_id)

    def left_of(self, decision: Decision) -> int:
        """Working days left of a promise, below zero where it is late."""
        left = self.calendar.days_left(decision.due_on, self.today)
        return left if decision.late(self.today, self.calendar) else max(0, left)

    @property
    def ahead(self) -> list[Line]:
        """What is still to come, the furthest on top: the case's own clock, open tasks, promises, the end of a deferral."""
        coming = [(task.due_on, f"{task.party.name}{_('：')}{task.title}") for task in self.tasks if self.runs(task)]
        coming += [(d.due_on, f"{d.lead.name}{_('：')}{d.measure}") for d in self.decisions]
        if self.case.held_until:
            coming.append((self.case.held_until, str(_("缓办到期，时限接着走"))))
        elif self.case.due_on and not self.finished:
            coming.append((self.case.due_on, str(_("办理期限到"))))
        if self.cutoff and self.cutoff.last_day:
            coming.append((self.cutoff.last_day, str(_("暂缓停水到期"))))
        ahead = sorted((row for row in coming if row[0] >= self.today), reverse=True)
        return [Line(text, daylong(on), "next") for on, text in ahead]

    @cached_property
    def lines(self) -> list[Line]:
        """What happened, newest first; the same thing done many times in a row is one line with its count."""
        out = []
        rows = queries.whole_timeline(self.case)
        files = pictures_of(self.case, self.desk, rows)
        for (text, who, internal), same in groupby(rows, lambda row: (_told(row), _who(row), row.internal)):
            last, *earlier = same
            brought = [file for row in (last, *earlier) for file in files[row.pk]]
            proof = _("证据 %(what)s") % {"what": last.document} if last.document else ""
            note = dots([instant(last.at), who or _("系统"), proof])
            out.append(Line(text, note, internal=internal, times=1 + len(earlier), files=brought))
        return out


class Told(NamedTuple):
    """One thing people were told of a case: what, when, whom, and how far it came by each channel but the bell."""

    what: str
    at: dt.datetime
    whom: str
    sent: list[Chip]


def told_lines(rows: Iterable[Message]) -> list[Told]:
    """Messages as lines, the newest first: what was told to several people at once is one."""
    together = defaultdict[tuple[object, ...], list[Message]](list)
    for row in rows:
        together[row.at, row.event, row.about, row.about_id, row.round].append(row)
    lines = []
    for same in together.values():
        first, *_others = same = same[::-1]
        what = f"{first.get_event_display()}{_('（%(day)s）') % {'day': day(first.day)} if first.day else ''}"
        names = list(dict.fromkeys(row.user.full_name for row in same if row.user))
        outside = [row for row in same if row.channel != Channel.BELL]
        lines.append(
            Told(what, first.at, str(_("、")).join(names), [_sent(row, named=len(names) > 1) for row in outside])
        )
    return lines


def _sent(row: Message, *, named: bool) -> Chip:
    said = dots([row.user.full_name if named and row.user else "", row.get_channel_display(), row.get_state_display()])
    return Chip(said, *TONES[Message].get(row.state, ("", "")))


class TaskPage:
    """One task as its page shows it."""

    def __init__(self, task: Task, desk: Desk) -> None:
        self.task, self.desk = task, desk
        self.state = TaskState(task.state)
        self.urges = Urges(desk, [task])
        self._standing = queries.standing(desk.memberships)
        own = task.party_id in self._standing.acts_for
        self.asked = shown_request(
            queries.waiting_request(task), desk, own=own, to=lambda name: self._to(f"{name}_task")
        )

    def _to(self, name: str) -> str:
        return self.desk.to(f"cases:{name}", self.task.public_id)

    @property
    def files(self) -> list[Shown]:
        """What came back with the answer."""
        return files_shown(self.desk, "tasks", [self.task.pk])[self.task.pk]

    @property
    def chips(self) -> list[Chip]:
        task = self.task
        chips = [Chip(task.get_state_display(), "green" if self.state is TaskState.DONE else "water")]
        if task.held_until is not None:
            chips.append(hold_chip(task.held_until))
        elif self.state in rules.AWAITS_ANSWER:
            left = workday_calendar(self.desk.street).days_left(task.due_on, self.desk.today)
            chips.append(clock_chip(_("到 %(day)s，剩 %(n)s 个工作日"), task.due_on, left))
        if task.bounces:
            chips.append(Chip(several("退回过 %(n)s 次") % {"n": task.bounces}, "amber"))
        if moved := queries.due_moved(task):
            chips.append(Chip(several("改期过 %(n)s 次") % {"n": moved}, "amber"))
        if said := self.urges.said(task):
            chips.append(Chip(said))
        return chips

    @property
    def buttons(self) -> list[Button]:
        """What this person may do now: their office's answer, or the way on after a return."""
        speaks = self._standing.may_speak_for(self.task.party_id)
        steps = rules.open_task_steps(self.state, speaks=speaks)
        rows = [
            ("cases.handle", TaskState.SIGNED, Button(_("签收"), self._to("sign_task"), "check")),
            (
                "cases.handle",
                TaskState.DONE,
                Button(_("答复"), self._to("answer_task"), "check", main=not (self.asked and self.asked.buttons)),
            ),
            ("cases.handle", TaskState.RETURNED, Button(_("退回"), self._to("return_task"), "history")),
            ("cases.dispatch", TaskState.OPEN, Button(_("改派"), self._to("redirect_task"), "arrow-right", main=True)),
            ("cases.dispatch", TaskState.CANCELLED, Button(_("取消任务"), self._to("cancel_task"), "x")),
        ]
        found = [button for right, to, button in rows if to in steps and self.desk.may(right)]
        held = self.task.held_on is not None
        case, waits = CaseState(self.task.case.state), self.asked is not None
        facts = {"case": case, "task": self.state, "waits": waits, "held": held}
        if speaks and self.desk.may("cases.handle") and allows(rules.check_due_may_move, **facts):
            found.append(Button(_("申请改期"), self._to("ask_due"), "calendar-event"))
        own = self.task.party_id in self._standing.acts_for
        if self.desk.may("cases.handle") and allows(rules.check_passable, case=case, task=self.state, own=own):
            found.append(Button(_("转办"), self._to("pass_on"), "users-group"))
        if speaks and self.desk.may("cases.handle") and allows(rules.check_may_be_held, **facts):
            found.append(Button(_("申请缓办"), self._to("hold_task"), "hourglass"))
        if held and self.desk.may("cases.dispatch") and allows(rules.check_not_held, case=case):
            found.append(Button(_("恢复办理"), self._to("resume_task"), "arrow-right"))
        if urge := self.urges.button(self.task, at_once=False):
            found.append(urge._replace(icon="bell"))
        return found

    @property
    def may_link(self) -> str:
        """Where a link for a party without an account is made."""
        may = self.desk.may("cases.ask") and allows(rules.check_takes_links, state=self.state)
        return self._to("link") if may else ""

    @cached_property
    def links(self) -> list[tuple[TaskLink, Text]]:
        """The links that were made, and what became of each."""
        return [(link, _became(link)) for link in queries.links_of(self.task)]

    def may_revoke(self, link: TaskLink) -> bool:
        return self.desk.may("cases.ask") and allows(rules.check_revocable, link=link)


def _became(link: TaskLink) -> Text:
    if link.used_at:
        return _("已凭它答复")
    if link.revoked_at:
        return _("已作废")
    return several("打开过 %(n)s 次") % {"n": link.opened} if link.opened else _("还没有打开过")


def hold_chip(until_on: dt.date) -> Chip:
    """That a clock stands still, and until when."""
    return Chip(_("时限停走，%(day)s 恢复办理") % {"day": day(until_on)}, "amber", "hourglass")


def clock_chip(in_time: Text, due_on: dt.date | None, left: int) -> Chip:
    """A clock of working days: ``in_time`` names the ``day`` and the ``n`` days left."""
    if left < 0:
        return Chip(several("逾期 %(n)s 个工作日") % {"n": -left}, "red", "hourglass")
    return Chip(str(in_time) % {"day": day(due_on), "n": left}, "amber", "hourglass")


def _told(row: TimelineLine) -> str:
    """What a line tells of, and the words that say more than that."""
    label, words = row.get_kind_display(), words_of(row)
    return label if words in ("", label) else f"{label}{_('：')}{words}"


def _who(row: TimelineLine) -> str:
    """Who wrote a line, and for whom where they wrote down what somebody else did."""
    if row.by is None:
        return row.on_behalf
    if not row.on_behalf:
        return row.by.full_name
    return str(_("%(who)s代%(party)s登记") % {"who": row.by.full_name, "party": row.on_behalf})


# -- a new case --------------------------------------------------------------------------------------------------------


def begin(request: HttpRequest, desk: Desk) -> tuple[dict[str, Any], EarlyWarning | None]:
    """What a new case is filled with, and the warning that becomes one of its reports.

    ``?report=`` or ``?warning=`` of the address, as far as this person may see it; else nothing.
    """
    report_id, warning_id = request.GET.get("report", ""), request.GET.get("warning", "")
    report = queries.the_report(desk.street, report_id, paths=desk.paths("reports.see")) if report_id else None
    if report is not None:
        return _of_report(report), None
    warning = None
    if warning_id and desk.may("warnings.acknowledge"):
        rows = warnings_of_street(desk.street, paths=desk.paths("warnings.acknowledge"))
        warning = rows.select_related("point", "report").filter(public_id=warning_id).first()
    return ({} if warning is None else _of_warning(warning)), warning


def _of_report(report: Report) -> dict[str, Any]:
    """The first sentence is the title, the whole is the summary."""
    title = report.text.splitlines()[0].split("。")[0][:LONGEST_TITLE]
    return {"title": title, "summary": report.text, "point": report.point_id, "reports": [report.pk]}


def _of_warning(warning: EarlyWarning) -> dict[str, Any]:
    title = f"{warning.point.name}：{warning.get_kind_display()}"[:LONGEST_TITLE]
    if warning.report is not None:
        return {**_of_report(warning.report), "title": title}
    finding = warning.finding
    return {"title": title, "summary": says(finding) + waiting(finding), "point": warning.point_id}
