"""First pages that are one list: what an office has to do by when, and what waits for a check since when.

Nobody is told here to urge somebody else: each line has the one verb that its reader may do.
"""

from __future__ import annotations

import datetime as dt
from abc import ABC, abstractmethod
from functools import cached_property
from typing import NamedTuple

from django.utils.translation import gettext as _

from hege.cases.queries import (
    CaseDue,
    TaskDue,
    case_days,
    checked_since,
    open_cases,
    task_days,
    tasks_due,
    to_check,
)
from hege.cases.rules import NEXT_CASE, WAITS_FOR_US, CaseState, TaskState
from hege.conferences.queries import CommitmentDue, commitments_due, to_confirm
from hege.honours.models import Honour
from hege.honours.rules import HonourState
from hege.kernel.calendar import Calendar, working_days_between
from hege.kernel.clock import at_noon, day_of, start_of
from hege.kernel.several import several
from hege.people.models import Role
from hege.places.queries import workday_calendar
from hege.programme.thanks.models import Thanks
from hege.programme.thanks.rules import ThanksState
from hege.web.access import Desk
from hege.web.jinja import day, instant
from hege.web.links import where
from hege.web.marks import When
from hege.web.today.due import Due
from hege.web.today.page import EVER

LONGEST = 100
#: Working days somebody may wait before it is marked.
LONG_WAIT = 2


class Line(NamedTuple):
    """One row: since or until when, what, who, how far, and the verb with where it is done."""

    when: When
    title: str
    href: str
    about: str
    who: str
    state: str
    tone: str
    verb: str
    does: str


class Beside(NamedTuple):
    """One line of a card beside the list."""

    text: str
    note: str
    href: str = ""


class Card(NamedTuple):
    """A card beside the list."""

    title: str
    lines: list[Beside]
    nothing: str


class OwnList(ABC):
    """What the template shows of either list."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.street, self.today, self.code = desk, desk.street, desk.today, desk.street.code

    @cached_property
    def calendar(self) -> Calendar:
        return workday_calendar(self.street)

    @property
    @abstractmethod
    def title(self) -> str:
        """The answer to the question of this page."""

    @property
    @abstractmethod
    def lead(self) -> str: ...

    @property
    @abstractmethod
    def heading(self) -> str: ...

    @property
    @abstractmethod
    def columns(self) -> list[str]: ...

    @cached_property
    @abstractmethod
    def rows(self) -> list[Line]: ...

    @property
    @abstractmethod
    def nothing(self) -> str: ...

    @property
    @abstractmethod
    def cards(self) -> list[Card]: ...


class OfficeList(OwnList):
    """A clerk's: the tasks, cases and promises of their own office, by due day."""

    @cached_property
    def offices(self) -> dict[int, str]:
        """The parties the clerk acts for, by key."""
        return {m.party.pk: m.party.name for m in self.desk.memberships if m.party is not None}

    @property
    def _who(self) -> str:
        return _("、").join(dict.fromkeys(self.offices.values()))

    @cached_property
    def _tasks(self) -> list[TaskDue]:
        paths, parties = self.desk.paths("cases.see"), tuple(self.offices)
        first = [task.pk for task in task_days(self.street, paths=paths, party_ids=parties, most=LONGEST)]
        if not first:
            return []
        return tasks_due(
            self.street,
            on=self.today,
            is_workday=self.calendar,
            within=EVER,
            paths=paths,
            party_ids=parties,
            only=first,
        )

    @cached_property
    def _cases(self) -> list[CaseDue]:
        paths, parties = self.desk.paths("cases.see"), tuple(self.offices)
        days = case_days(self.street, paths=paths, party_ids=parties, most=LONGEST)
        first = [case.pk for part in days for case in part]
        if not first:
            return []
        return open_cases(
            self.street, on=self.today, is_workday=self.calendar, paths=paths, party_ids=parties, only=first
        )

    @cached_property
    def _promises(self) -> list[CommitmentDue]:
        return commitments_due(
            self.street, self.today, self.calendar, within=EVER, paths=self.desk.paths("conferences.see"),
            party_ids=tuple(self.offices),
        )  # fmt: skip

    @cached_property
    def _dues(self) -> list[Due]:
        return sorted(self._things, key=lambda d: (d.days_left, d.due_on, d.title))

    @cached_property
    def _things(self) -> dict[Due, str]:
        """What is due, with the address of the thing itself."""
        code = self.code
        return {
            **{self._of_task(row): where("cases:task", code, row.task.public_id) for row in self._tasks},
            **{
                self._of_case(row): where("cases:detail", code, row.case.public_id)
                for row in self._cases
                if self._is_ours(row)
            },
            **{
                self._of_promise(row): where("conferences:detail", code, row.decision.conference.public_id)
                for row in self._promises
                if not row.reported
            },
        }

    def _is_ours(self, row: CaseDue) -> bool:
        return row.lead in self.offices.values() and row.case.state not in WAITS_FOR_US

    def _of_task(self, row: TaskDue) -> Due:
        task, signs = row.task, row.task.state == TaskState.OPEN
        name = "cases:sign_task" if signs else "cases:answer_task" if task.state == TaskState.SIGNED else "cases:task"
        return Due(
            due_on=task.due_on, days_left=row.days_left, title=task.title,
            about=_("案 %(number)s") % {"number": task.case.number}, who=_("经办 %(who)s") % {"who": task.handler.full_name} if task.handler else _("交办的任务"),
            state=several("退回过 %(n)d 次") % {"n": task.bounces} if task.bounces else str(task.get_state_display()),
            tone="amber" if task.bounces else "", verb=_("签收") if signs else _("答复"),
            href=where(name, self.code, task.public_id),
        )  # fmt: skip

    def _of_case(self, row: CaseDue) -> Due:
        case = row.case
        after = NEXT_CASE[CaseState(case.state)]
        ways = {
            CaseState.SIGNED: (_("签收"), "cases:detail"), CaseState.HANDLING: (_("先行联系"), "cases:contact"),
            CaseState.FEEDBACK: (_("处理反馈"), "cases:feedback"),
        }  # fmt: skip
        verb, name = next((ways[to] for to in ways if to in after), (_("看案件"), "cases:detail"))
        return Due(
            due_on=case.due_on or self.today, days_left=row.days_left, title=case.title,
            about=_("案 %(number)s") % {"number": case.number}, who=_("牵头的案件"),
            state=several("退回过 %(n)d 次") % {"n": case.bounces} if case.bounces else str(case.get_state_display()),
            tone="amber" if case.bounces else "", verb=verb, href=where(name, self.code, case.public_id),
        )  # fmt: skip

    def _of_promise(self, row: CommitmentDue) -> Due:
        one, case = row.decision, row.decision.conference.case
        return Due(
            due_on=one.due_on, days_left=row.days_left, title=one.measure,
            about=_("案 %(case)s · 会议决定第 %(n)d 项") % {"case": case.number, "n": one.number}, who=_("会上答应的"),
            state=str(one.get_state_display()), tone="", verb=_("报办完"),
            href=where("conferences:fulfil", self.code, one.pk),
        )  # fmt: skip

    @cached_property
    def rows(self) -> list[Line]:
        return [
            Line(d.when(self.today), d.title, self._things[d], d.about, d.who, d.state, d.tone, d.verb, d.href)
            for d in self._dues[:LONGEST]
        ]

    @property
    def title(self) -> str:
        if not self._dues:
            return _("手上没有要办的事")
        first = self._dues[0]
        what = {"what": first.title, "n": -first.days_left}
        if first.late:
            return several("先办“%(what)s”，逾期 %(n)s 个工作日") % what
        if first.due_on == self.today:
            return _("今天到期：%(what)s") % what
        return _("没有逾期的，先办“%(what)s”") % what

    @property
    def lead(self) -> str:
        late, today = sum(d.late for d in self._dues), sum(d.due_on == self.today for d in self._dues)
        said = {"who": self._who, "n": len(self._dues), "late": late, "today": today}
        return several("%(who)s手上 %(n)s 件：%(late)s 件逾期，%(today)s 件今天到期。") % said

    @property
    def heading(self) -> str:
        return _("%(who)s的事") % {"who": self._who}

    @property
    def columns(self) -> list[str]:
        return [_("期限"), _("办什么"), _("从哪里来"), _("到哪一步")]

    @property
    def nothing(self) -> str:
        return _("手上没有要办的事。")

    @property
    def cards(self) -> list[Card]:
        """What the office has done its part of, and somebody else is at."""
        others = [
            Beside(row.case.title, _("案 %(number)s") % {"number": row.case.number} + " · " + str(row.case.get_state_display()),
                   where("cases:detail", self.code, row.case.public_id))
            for row in self._cases if row.case.state in WAITS_FOR_US
        ]  # fmt: skip
        others += [
            Beside(p.decision.measure, str(p.decision.get_state_display()),
                   where("conferences:detail", self.code, p.decision.conference.public_id))
            for p in self._promises if p.reported
        ]  # fmt: skip
        return [Card(_("等别人的"), others[:LONGEST], _("没有在等别人的。"))]


class CheckList(OwnList):
    """A checker's: what is said to be done and waits for another pair of eyes, the longest waiting first."""

    def _since(self, on: dt.date, note: str) -> When:
        days = working_days_between(on, self.today, self.calendar)
        if on == self.today:
            return When(_("今天"), note)
        return When(several("%(n)s 个工作日") % {"n": days}, day(on), "amber" if days >= LONG_WAIT else "")

    @cached_property
    def _found(self) -> list[tuple[dt.datetime, Line]]:
        paths = self.desk.paths
        lines = []
        for case in to_check(self.street, paths=paths("cases.check"), most=LONGEST):
            came, here = {"when": instant(case.state_at)}, where("cases:detail", self.code, case.public_id)
            lines.append((case.state_at, Line(
                self._since(day_of(case.state_at), _("%(when)s 交来") % came), case.title, here,
                _("案 %(number)s") % {"number": case.number}, getattr(case, "lead", "") or "",
                several("退回过 %(n)d 次") % {"n": case.reworks} if case.reworks else _("说办好了"),
                "amber" if case.reworks else "", _("去核查"), here,
            )))  # fmt: skip
        for one in to_confirm(self.street, paths=paths("conferences.confirm"), most=LONGEST):
            on, case = one.reported_on or self.today, one.conference.case
            here = where("conferences:detail", self.code, one.conference.public_id)
            lines.append((at_noon(on), Line(
                self._since(on, ""), one.measure, here,
                _("案 %(case)s · 会议决定第 %(n)d 项") % {"case": case.number, "n": one.number}, one.lead.name,
                _("说办好了"), "", _("去确认"), here,
            )))  # fmt: skip
        return sorted(lines, key=lambda found: found[0])

    @cached_property
    def rows(self) -> list[Line]:
        return [line for _since, line in self._found[:LONGEST]]

    @property
    def title(self) -> str:
        if not self.rows:
            return _("没有等您核查的")
        return several("%(n)s 件等您去看，先看“%(what)s”") % {"n": len(self.rows), "what": self.rows[0].title}

    @property
    def lead(self) -> str:
        return _("办的人不能自己结案：您看过才算办完；看着没办好就退回，写一句缺什么。")

    @property
    def heading(self) -> str:
        return _("等我核查，等得久的在前")

    @property
    def columns(self) -> list[str]:
        return [_("等了多久"), _("去看什么"), _("谁办的"), _("怎么说")]

    @property
    def nothing(self) -> str:
        return _("现在没有等核查的：交来一件，这里就多一件。")

    @property
    def cards(self) -> list[Card]:
        """What else waits for a look, and what one has looked at this month."""
        month = start_of(self.today.replace(day=1))
        passed, back = checked_since(self.street, self.desk.user, month)
        mine = [
            Beside(_("核查通过"), several("%(n)s 件") % {"n": passed}),
            Beside(_("退回返工"), several("%(n)s 件") % {"n": back}),
        ]
        return [Card(_("也等人看"), self._else, _("别的没有等着看的。")), Card(_("您这个月"), mine, "")]

    @property
    def _else(self) -> list[Beside]:
        found = []
        if self.desk.may("honours.check"):
            n = Honour.objects.filter(street=self.street, state=HonourState.DRAFTED).count()
            found.append((n, _("荣誉榜上待核对的"), "honours:index"))
        if self.desk.may("thanks.review"):
            n = Thanks.objects.filter(street=self.street, state=ThanksState.PROPOSED).count()
            found.append((n, _("致谢待复核的"), "thanks:index"))
        return [Beside(text, several("%(n)s 件") % {"n": n}, where(name, self.code)) for n, text, name in found if n]


def own_list(desk: Desk) -> OwnList | None:
    """The list that is somebody's first page; none for whoever is more than a clerk of an office, or a checker."""
    if desk.roles == {Role.CHECKER}:
        return CheckList(desk)
    if desk.roles == {Role.CLERK} and any(m.party is not None for m in desk.memberships):
        return OfficeList(desk)
    return None
