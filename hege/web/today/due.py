"""What is due, of whatever kind, as lines of one list: cases, tasks, promises, conditions, instalments, overdue bills."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from hege.arrears.cutoff.models import DeferralCondition
from hege.arrears.cutoff.queries import RunningDeferral
from hege.arrears.cutoff.rules import MONEY_CONDITIONS
from hege.arrears.early_warning.models import EarlyWarning
from hege.arrears.early_warning.rules import TraceKind
from hege.cases.queries import CaseDue, TaskDue
from hege.cases.rules import CaseState, RequestKind, TaskState
from hege.conferences.queries import CommitmentDue
from hege.kernel.calendar import Calendar, working_days_between
from hege.kernel.money import yuan
from hege.kernel.saying import told
from hege.kernel.several import several
from hege.mediation.queries import AgreementDue, InstalmentState
from hege.web.jinja import day, daylong
from hege.web.links import where
from hege.web.marks import When
from hege.web.shared.urging import Thing

NAMED_BILLS = 6  # overdue bills of one meter that are named by their numbers


@dataclass(frozen=True, slots=True)
class Due:
    """One line: until when, what, whose, how far, and the one likely verb. ``days_left`` are working days."""

    due_on: dt.date
    days_left: int
    title: str
    about: str
    who: str
    state: str
    tone: str
    verb: str
    href: str
    outside: bool = False
    note: str = ""
    #: What is late with somebody else, who may be urged about it.
    urges: Thing | None = None

    @property
    def late(self) -> bool:
        return self.days_left < 0

    def when(self, today: dt.date) -> When:
        """How urgent it is, in words; under it why it is in the list, or the day."""
        written = day(self.due_on) if self.due_on.year == today.year else daylong(self.due_on)
        note = self.note or (written if self.days_left <= 1 else several("剩 %(n)s 个工作日") % {"n": self.days_left})
        if self.late:
            return When(several("逾期 %(n)s 个工作日") % {"n": -self.days_left}, note, "red")
        if self.due_on == today:
            return When(_("今天"), note, "amber")
        if self.days_left == 1:
            return When(_("明天") if (self.due_on - today).days == 1 else _("下个工作日"), note)
        return When(day(self.due_on), note)


#: What a case waits for -> the one likely verb.
CASE_VERBS: dict[CaseState, str | Promise] = {
    CaseState.FILED: _lazy("派遣"),
    CaseState.RETURNED: _lazy("派遣"),
    CaseState.REOPENED: _lazy("派遣"),
    CaseState.FEEDBACK: _lazy("去核查"),
    CaseState.CHECKING: _lazy("结案"),
}


def of_case(row: CaseDue, code: str, today: dt.date) -> Due:
    """A case that waits for a step (案件)."""
    case = row.case
    return Due(
        due_on=case.due_on or today,
        days_left=row.days_left,
        title=case.title,
        about=_("案 %(number)s") % {"number": case.number},
        who=row.lead or _("还没有派遣"),
        state=several("退回过 %(n)d 次") % {"n": case.bounces} if case.bounces else str(case.get_state_display()),
        tone="amber" if case.bounces else "",
        verb=str(CASE_VERBS.get(CaseState(case.state), _("看案件"))),
        href=where("cases:detail", code, case.public_id),
        urges=case if row.late else None,
    )


def of_task(row: TaskDue, code: str) -> Due:
    """A task nobody has finished (任务)."""
    task = row.task
    state, tone = str(task.get_state_display()), "water" if task.state == TaskState.SIGNED else ""
    if task.bounces:
        state, tone = several("退回过 %(n)d 次") % {"n": task.bounces}, "amber"
    if row.asked:
        state, tone = _("申请缓办") if row.asked == RequestKind.HOLD else _("申请改期"), "amber"
    return Due(
        due_on=task.due_on,
        days_left=row.days_left,
        title=task.title,
        about=_("案 %(number)s") % {"number": task.case.number},
        who=task.party.name,
        state=state,
        tone=tone,
        verb=_("改派") if task.state == TaskState.RETURNED else _("看申请") if row.asked else _("看任务"),
        href=where("cases:task", code, task.public_id),
        outside=not task.party.inside,
        urges=task if row.late and not row.asked else None,
    )


def of_commitment(row: CommitmentDue, code: str) -> Due:
    """What was promised at a conference (议定事项); one that is reported waits for somebody else's confirmation."""
    one, conference = row.decision, row.decision.conference
    return Due(
        due_on=one.due_on,
        days_left=max(0, row.days_left) if row.reported else row.days_left,
        title=one.measure,
        about=_("案 %(case)s · 会议决定第 %(n)d 项") % {"case": conference.case.number, "n": one.number},
        who=one.lead.name,
        state=str(one.get_state_display()),
        tone="green" if row.reported else "",
        verb=_("去确认") if row.reported else _("看决定"),
        href=where("conferences:detail", code, conference.public_id),
        outside=not one.lead.inside,
    )


def of_conditions(d: RunningDeferral, code: str, today: dt.date, calendar: Calendar) -> Iterator[Due]:
    """What a deferral rests on and is not met yet (暂缓条件)."""
    for c in d.conditions:
        if c.fulfilled_on is None:
            state, tone = _condition_state(c, calendar, today)
            money = c.kind in MONEY_CONDITIONS
            meter = where("meters:detail", code, d.point.code)
            yield Due(
                due_on=calendar.last_day_of(c.due_on),
                days_left=calendar.days_left(c.due_on, today),
                title=str(c),
                about=_("暂缓停水 · %(meter)s") % {"meter": d.point.name},
                who=_("代收人") if money else _("各方"),
                state=state,
                tone=tone,
                verb=_("看账") if money else _("看条件"),
                href=meter if money else where("cutoffs:detail", code, d.deferral.notice.public_id),
                outside=True,
                note=_("暂缓条件"),
            )


def _condition_state(condition: DeferralCondition, calendar: Calendar, today: dt.date) -> tuple[str, str]:
    """How a condition stands, in a word and a tone."""
    if condition.fulfilled_on is not None:
        return _("已办"), "green"
    missing = _("未到账") if condition.kind in MONEY_CONDITIONS else _("未办")
    return missing, "red" if calendar.has_passed(condition.due_on, today) else "amber"


class ConditionLine(NamedTuple):
    """A condition in the card of its deferral, met ones too."""

    text: str
    due_on: dt.date
    state: str
    tone: str
    proof: str


def conditions_of(deferral: RunningDeferral, calendar: Calendar, today: dt.date) -> list[ConditionLine]:
    """The conditions of one deferral with how each stands."""
    waits = {True: _("等水司流水"), False: _("等证据")}
    return [
        ConditionLine(
            str(c),
            c.due_on,
            *_condition_state(c, calendar, today),
            told(c.evidence) or waits[c.kind in MONEY_CONDITIONS],
        )
        for c in deferral.conditions
    ]


def of_instalment(row: AgreementDue, part: InstalmentState, code: str, days_left: int) -> Due:
    """The next instalment of an agreement not performed yet (分期)."""
    agreement = row.agreement
    return Due(
        due_on=part.last_on,
        days_left=days_left,
        title=_("第 %(n)d 期 %(sum)s 元交到水司") % {"n": part.instalment.number, "sum": yuan(part.left_fen)},
        about=_("调解协议 · %(meter)s") % {"meter": agreement.point.name},
        who=agreement.debtor.name,
        state=_("已违约") if row.breached else _("未到账"),
        tone="red" if row.breached else "amber",
        verb=_("看协议"),
        href=where("mediation:agreement", code, agreement.public_id),
        outside=True,
        note=_("分期"),
    )


def of_bill_warning(w: EarlyWarning, code: str, today: dt.date, calendar: Calendar) -> Due:
    """A meter with overdue bills that nobody has taken up (账单逾期)."""
    numbers = [trace.number for trace in w.finding.evidence if trace.kind is TraceKind.BILL]
    more = several("等 %(n)d 张账单") % {"n": len(numbers)} if len(numbers) > NAMED_BILLS else ""
    named = {"bills": _("、").join(numbers[:NAMED_BILLS]) + more, "sum": yuan(w.figures.get("overdue_fen", 0))}
    return Due(
        due_on=w.since,
        days_left=-max(1, working_days_between(w.since, today, calendar)),
        title=_("%(meter)s账单逾期") % {"meter": w.point.name},
        about=_("%(bills)s · 逾期未缴 %(sum)s 元") % named,
        who=_("代收人"),
        state=str(w.get_state_display()),
        tone="amber",
        verb=_("看账"),
        href=where("meters:detail", code, w.point.code),
        outside=True,
    )
