"""States of reports, cases and tasks, the moves between them, and who may not check their own work."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Set
from typing import Protocol

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from hege.kernel.calendar import IsWorkday, add_working_days, working_days_between
from hege.kernel.checks import check_move
from hege.kernel.refused import Refused
from hege.kernel.several import several

# -- reports -----------------------------------------------------------------------------------------------------------


class ReportKind(TextChoices):
    """Where a report comes from (来源)."""

    VISIT = "visit", _("走访摸排")
    PATROL = "patrol", _("网格巡查")
    WARNING = "warning", _("预警")
    SHOP = "shop", _("商铺上报")
    HOTLINE = "hotline", _("12345 热线")
    PUBLIC = "public", _("公众上报")


#: Seen by the street's own people or worked out from its own rows: may be accepted without another look on site.
SEEN_BY_US = frozenset({ReportKind.VISIT, ReportKind.PATROL, ReportKind.WARNING})
#: How many reports one shop may send in a day; a row of angry taps is one trouble, and a telephone is at hand.
SHOP_MOST_A_DAY = 5


def check_not_too_many(sent: int) -> None:
    """Refuse the sixth report of one shop within a day: the code hangs in public and anybody may scan it."""
    if sent >= SHOP_MOST_A_DAY:
        raise Refused(several("这家店今天已经报过 %(n)d 次，我们都收到了。急的话请直接打电话。"), n=sent)


class ReportState(TextChoices):
    """How far a report has come (上报)."""

    SUBMITTED = "submitted", _("已上报")
    VERIFYING = "verifying", _("核实中")
    ACCEPTED = "accepted", _("已受理")
    REJECTED = "rejected", _("不予受理")
    DUPLICATE = "duplicate", _("已并案")
    WITHDRAWN = "withdrawn", _("已撤回")


NEXT_REPORT: Mapping[ReportState, Set[ReportState]] = {
    ReportState.SUBMITTED: {
        ReportState.VERIFYING,
        ReportState.ACCEPTED,
        ReportState.REJECTED,
        ReportState.DUPLICATE,
        ReportState.WITHDRAWN,
    },
    ReportState.VERIFYING: {
        ReportState.ACCEPTED,
        ReportState.REJECTED,
        ReportState.DUPLICATE,
        ReportState.WITHDRAWN,
    },
    ReportState.ACCEPTED: {ReportState.DUPLICATE, ReportState.VERIFYING},
    ReportState.DUPLICATE: {ReportState.VERIFYING},
    ReportState.REJECTED: set(),
    ReportState.WITHDRAWN: set(),
}


class PaysHow(TextChoices):
    """How a shop pays its water (付费方式), as a survey visit found it."""

    TO_AGENT = "to_agent", _("交给代收人")
    TO_UTILITY = "to_utility", _("直接交水司")
    IN_RENT = "in_rent", _("含在租金里")
    NOT_PAYING = "not_paying", _("没有交")
    UNKNOWN = "unknown", _("说不清")


class ReceiptsHeld(TextChoices):
    """Which receipts a shop could show (收据留存)."""

    ALL = "all", _("齐全")
    SOME = "some", _("部分")
    NONE = "none", _("没有")


class ShortlySaid(TextChoices):
    """What most visits come to: whether a shop pays the agent, and which receipts it could show, in one answer."""

    ALL = "all", _("交了，收据齐全")
    SOME = "some", _("交了，收据不全")
    NONE = "none", _("交了，没有收据")
    NOT_PAYING = "not_paying", _("没有交")


#: The same in the two words a visit is kept in.
MEANS: Mapping[ShortlySaid, tuple[PaysHow, ReceiptsHeld]] = {
    ShortlySaid.ALL: (PaysHow.TO_AGENT, ReceiptsHeld.ALL),
    ShortlySaid.SOME: (PaysHow.TO_AGENT, ReceiptsHeld.SOME),
    ShortlySaid.NONE: (PaysHow.TO_AGENT, ReceiptsHeld.NONE),
    ShortlySaid.NOT_PAYING: (PaysHow.NOT_PAYING, ReceiptsHeld.NONE),
}


# -- cases -------------------------------------------------------------------------------------------------------------


class CaseState(TextChoices):
    """How far a case has come (案件状态)."""

    FILED = "filed", _("已立案")
    DISPATCHED = "dispatched", _("已派遣")
    SIGNED = "signed", _("已签收")
    HANDLING = "handling", _("处置中")
    FEEDBACK = "feedback", _("已反馈")
    CHECKING = "checking", _("已核查")
    CLOSED = "closed", _("已结案")
    REVISITED = "revisited", _("已回访")
    RETURNED = "returned", _("已退单")
    SUSPENDED = "on_hold", _("缓办")
    REWORKED = "reworked", _("返工")
    REOPENED = "reopened", _("重新打开")
    VOIDED = "voided", _("已作废")


#: Where a case may be hung up, and where it goes on from afterwards.
MAY_SUSPEND = frozenset(
    {
        CaseState.FILED,
        CaseState.DISPATCHED,
        CaseState.SIGNED,
        CaseState.HANDLING,
        CaseState.REWORKED,
        CaseState.REOPENED,
    }
)

NEXT_CASE: Mapping[CaseState, Set[CaseState]] = {
    CaseState.FILED: {CaseState.DISPATCHED, CaseState.SUSPENDED, CaseState.VOIDED},
    CaseState.DISPATCHED: {CaseState.SIGNED, CaseState.RETURNED, CaseState.SUSPENDED, CaseState.VOIDED},
    CaseState.SIGNED: {CaseState.HANDLING, CaseState.RETURNED, CaseState.SUSPENDED, CaseState.VOIDED},
    CaseState.HANDLING: {CaseState.FEEDBACK, CaseState.RETURNED, CaseState.SUSPENDED, CaseState.VOIDED},
    CaseState.FEEDBACK: {CaseState.CHECKING, CaseState.REWORKED, CaseState.VOIDED},
    CaseState.CHECKING: {CaseState.CLOSED, CaseState.REWORKED, CaseState.VOIDED},
    CaseState.CLOSED: {CaseState.REVISITED, CaseState.REOPENED},
    CaseState.REVISITED: {CaseState.REOPENED},
    CaseState.RETURNED: {CaseState.DISPATCHED, CaseState.VOIDED},
    CaseState.SUSPENDED: MAY_SUSPEND,
    CaseState.REWORKED: {CaseState.FEEDBACK, CaseState.SUSPENDED, CaseState.VOIDED},
    CaseState.REOPENED: {CaseState.DISPATCHED, CaseState.SUSPENDED, CaseState.VOIDED},
    CaseState.VOIDED: {CaseState.REOPENED},
}

#: States in which a case waits for somebody to lead it (待派遣).
TO_DISPATCH = frozenset(
    state for state, ways in NEXT_CASE.items() if CaseState.DISPATCHED in ways and state != CaseState.SUSPENDED
)

#: The clock of handling runs: somebody has the case and has not said yet that it is done.
BEING_HANDLED = frozenset(
    {CaseState.DISPATCHED, CaseState.SIGNED, CaseState.HANDLING, CaseState.RETURNED, CaseState.REWORKED}
)

#: Nothing more is done about these, unless they are opened again.
FINISHED = frozenset({CaseState.CLOSED, CaseState.REVISITED, CaseState.VOIDED})

#: Something may still be done about these, or they hang.
UNFINISHED = frozenset(CaseState) - FINISHED

#: The office itself has the next step; no clock of handling runs.
WAITS_FOR_US = frozenset(CaseState) - BEING_HANDLED - FINISHED - {CaseState.SUSPENDED}


class PartyRole(TextChoices):
    """What a party is in a case (案件角色)."""

    LEAD = "lead", _("牵头单位")
    ASSISTING = "assisting", _("配合单位")
    UTILITY = "utility", _("供水企业")
    HOLDER = "holder", _("账户名")
    AGENT = "agent", _("代收人")
    SHOP = "shop", _("商铺代表")
    HANDLER = "handler", _("承办人")
    CHECKER = "checker", _("核查人")
    MEDIATOR = "mediator", _("调解员")
    POLICE = "police", _("派出所")
    LAWYER = "lawyer", _("律师")
    OTHER = "other", _("其他")


class LineKind(TextChoices):
    """What a line of the timeline tells of (办理经过); also its verb on the trail."""

    FILE = "file_case", pgettext_lazy("办理经过", "立案")
    DISPATCH = "dispatch_case", _("派遣")
    SIGN = "sign_for_case", _("签收")
    CONTACT = "first_contact", _("先行联系")
    FEEDBACK = "feedback_case", _("处理反馈")
    CHECK = "check_case", _("核查")
    REWORK = "rework_case", _("退回返工")
    CLOSE = "close_case", _("结案")
    REVISIT = "revisit_case", _("回访")
    REOPEN = "reopen_case", _("重新打开")
    RETURN = "return_case", _("退单")
    HOLD = "hold_case", _("缓办")
    RESUME = "resume_case", _("恢复办理")
    HOLD_ASKED = "ask_hold", _("申请缓办")
    HOLD_REFUSED = "refuse_hold", _("不同意缓办")
    VOID_ASKED = "ask_void", _("申请作废")
    VOID_REFUSED = "refuse_void", _("不同意作废")
    VOID = "void_case", _("作废")
    PARTY_IN = "add_party", _("加入参与方")
    PARTY_OUT = "end_party", _("参与方退出")
    TASK = "add_task", _("交办任务")
    TASK_SIGN = "sign_task", _("任务签收")
    TASK_ANSWER = "answer_task", _("任务答复")
    TASK_RETURN = "return_task", _("任务退回")
    TASK_REDIRECT = "redirect_task", _("任务改派")
    TASK_CANCEL = "cancel_task", _("任务取消")
    URGE = "urge", _("催办")
    TASK_DUE_ASKED = "ask_task_due", _("申请改期")
    TASK_DUE = "move_task_due", _("任务改期")
    TASK_DUE_REFUSED = "refuse_task_due", _("不同意改期")
    TASK_PASS = "pass_task", _("任务转办")
    TASK_HOLD = "hold_task", _("任务缓办")
    TASK_RESUME = "resume_task", _("任务恢复办理")
    MERGE = "merge_report", _("并案")
    UNMERGE = "unmerge_report", _("拆分")
    NOTE = "add_note", _("备注")
    VISIT = "record_visit", _("走访")
    CONFERENCE = "conference", _("联席会议")
    DECISION = "decision", _("议定事项")
    PROMISE_KEPT = "fulfil_decision", _("议定事项")
    MEDIATION_OPENED = (
        "open_mediation",
        _("受理调解"),
    )  # a way to go, not yet handling: who registers it may still close
    MEDIATION = "mediation", _("调解")
    AGREEMENT = "agreement", _("协议")
    CUTOFF = "cutoff", _("停水程序")
    MONEY = "money", _("款项")
    METER = "meter", _("水表")


#: Whoever wrote such a line has handled the case. Dispatching, calling, minuting and noting are no handling.
HANDLED_BY = frozenset(
    {
        LineKind.SIGN,
        LineKind.CONTACT,
        LineKind.FEEDBACK,
        LineKind.TASK_SIGN,
        LineKind.TASK_ANSWER,
        LineKind.TASK_RETURN,
        LineKind.PROMISE_KEPT,
        LineKind.VISIT,
        LineKind.MEDIATION,
        LineKind.AGREEMENT,
    }
)

#: A party in such a role handles the case; its people check nothing of it.
HANDLING_ROLES = frozenset({PartyRole.LEAD, PartyRole.ASSISTING})


# -- tasks -------------------------------------------------------------------------------------------------------------


class TaskState(TextChoices):
    """How far a task has come (任务状态)."""

    OPEN = "open", _("待签收")
    SIGNED = "signed", _("办理中")
    DONE = "done", _("已完成")
    RETURNED = "returned", _("已退回")
    CANCELLED = "cancelled", _("已取消")


NEXT_TASK: Mapping[TaskState, Set[TaskState]] = {
    TaskState.OPEN: {TaskState.SIGNED, TaskState.RETURNED, TaskState.CANCELLED},
    TaskState.SIGNED: {TaskState.DONE, TaskState.RETURNED, TaskState.CANCELLED},
    TaskState.RETURNED: {TaskState.OPEN, TaskState.CANCELLED},
    TaskState.DONE: set(),
    TaskState.CANCELLED: set(),
}

#: Somebody is to answer these.
AWAITS_ANSWER = frozenset({TaskState.OPEN, TaskState.SIGNED})

#: Steps of a task its own party takes, or who keeps the street's book for it.
BY_ITS_PARTY = frozenset({TaskState.SIGNED, TaskState.DONE, TaskState.RETURNED})

#: A returned task is still to be done by somebody.
TASK_FINISHED = frozenset({TaskState.DONE, TaskState.CANCELLED})
TASK_UNFINISHED = frozenset(TaskState) - TASK_FINISHED

# Terms of the same district's 12345 rule in working days (青夏街〔2022〕22号): what the forms suggest. The terms
# themselves are data of each case and task, because they differ by city and change.
HANDLING_DAYS = 5
REWORK_DAYS = 3

URGING_LONGEST = 200  # characters

LINK_DAYS = 14
LINK_MOST_DAYS = 60


class NumberedCase(Protocol):
    """The case a report stands in."""

    number: str
    state: str


def open_report_steps(state: ReportState, *, kind: ReportKind, case: NumberedCase | None) -> Set[ReportState]:
    """Where a report may go next (来件下一步), rights aside; ``case`` is the one it stands in.

    A report by the public is looked at on site (核实) before it is accepted; our own may be accepted at once. One that
    stands in a case is taken out of that, while it is open, before it joins another; only then is it looked at afresh.
    """
    shut = set() if kind in SEEN_BY_US or state is not ReportState.SUBMITTED else {ReportState.ACCEPTED}
    if case is not None:
        shut.add(ReportState.DUPLICATE)
    if state is not ReportState.SUBMITTED and (case is None or case.state in FINISHED):
        shut.add(ReportState.VERIFYING)
    return NEXT_REPORT[state] - shut


def check_report_step(state: ReportState, to: ReportState, *, kind: ReportKind, case: NumberedCase | None) -> None:
    """Refuse a step that is not open to a report."""
    check_move(state, to, NEXT_REPORT)
    if to in open_report_steps(state, kind=kind, case=case):
        return
    if to is ReportState.ACCEPTED:
        raise Refused(_("公众上报要先到现场核实，再决定是否受理。"))
    if case is None:
        raise Refused(_("这条上报没有并入案件。"))
    if to is ReportState.DUPLICATE:
        raise Refused(_("这条来件已在案 %(number)s 里，请先从那里拆出。"), number=case.number)
    check_not_finished(CaseState(case.state))


def waits_for_case(state: ReportState, *, in_case: bool) -> bool:
    """Whether a case may be filed from a report: it was accepted, and stands in none."""
    return state is ReportState.ACCEPTED and not in_case


#: Steps nobody takes over a case that they, or an office they act for, have handled (办理与核查分离).
NOT_BY_HANDLERS = frozenset({CaseState.CHECKING, CaseState.REWORKED, CaseState.CLOSED, CaseState.REVISITED})
#: Steps the leading party takes, or who keeps the street's book for it.
BY_THE_LEAD = frozenset({CaseState.SIGNED, CaseState.HANDLING, CaseState.FEEDBACK, CaseState.RETURNED})


def open_steps(state: CaseState, *, apart: bool, speaks: bool) -> Set[CaseState]:
    """The steps a person may take from a state, rights aside: ``apart`` from those who handle it, ``speaks`` for the lead.

    None leads out of a hold: that is gone on with (``resumes_to``).
    """
    shut = (frozenset() if apart else NOT_BY_HANDLERS) | (frozenset() if speaks else BY_THE_LEAD)
    return frozenset() if state is CaseState.SUSPENDED else NEXT_CASE[state] - shut


def check_case_move(state: CaseState, to: CaseState, *, held_from: str) -> None:
    """Refuse a step the table does not allow, and every one out of a hold before it is gone on with.

    ``held_from``: the state a case that hangs goes on in; empty once it does.
    """
    if state is CaseState.SUSPENDED and held_from:
        raise Refused(_("案件在缓办，请先恢复办理。"))
    check_move(state, to, NEXT_CASE)


def resumes_to(state: CaseState, *, held_from: str) -> CaseState:
    """The state a case that was hung up goes on in (恢复办理)."""
    back = CaseState(held_from or CaseState.HANDLING)
    if state is not CaseState.SUSPENDED or back not in MAY_SUSPEND:
        raise Refused(_("案件没有缓办，不用恢复。"))
    return back


def check_not_own_case(by: int | None, handlers: Collection[int]) -> None:
    """Nobody checks, closes or re-visits their own handling (办理与核查分离); the system does none of these."""
    if by is None:
        raise Refused(_("核查、结案和回访要由具体的人办理。"))
    if by in handlers:
        raise Refused(_("您办理过这个案件，要由另一个人核查、结案和回访。"))


def check_not_of_handling_party(names: Collection[str]) -> None:
    """Nobody checks or closes what their own office leads or assists in (办理与核查分离); ``names`` are such offices."""
    if names:
        raise Refused(_("您代表“%(party)s”办理这个案件，要由另一个人核查、结案和回访。"), party="、".join(names))


def check_still_apart(checked_by: int | None, handlers: Collection[int]) -> None:
    """Who checked must not have handled the case since: it is checked again by somebody else before it closes."""
    if checked_by in handlers:
        raise Refused(_("核查人核查以后又办理过这个案件，请退回返工，由另一个人重新核查。"))


def check_not_finished(state: CaseState) -> None:
    """Nothing new begins in a closed case; it is opened again first, with a reason."""
    if state in FINISHED:
        raise Refused(_("案件已结案或作废，请先重新打开。"))


def check_takes_tasks(state: CaseState) -> None:
    """Nobody is asked for anything in a case that is closed or hangs."""
    if state in FINISHED or state is CaseState.SUSPENDED:
        raise Refused(_("案件已结案、作废或在缓办，不能交办任务。"))


def check_not_the_lead(role: PartyRole) -> None:
    """The lead is changed by handing the case on; every other party may leave it."""
    if role is PartyRole.LEAD:
        raise Refused(_("牵头单位要通过退单和再次派遣更换。"))


def check_may_be_asked(name: str, *, reads: bool) -> None:
    """Only who sees a case is asked in it: to nobody else would its link open."""
    if not reads:
        raise Refused(_("%(name)s看不到这个案件，请另选一位。"), name=name, field="whom")


def check_may_speak(party: str, *, own: bool, writes_down: bool) -> None:
    """Only a party's own people act for it; who keeps the street's book may write down what it said."""
    if not own and not writes_down:
        raise Refused(_("这一步由“%(party)s”的人办理，或者由召集人、网格员代为登记。"), party=party)


def check_no_open_tasks(titles: Collection[str]) -> None:
    """A case closes when each of its tasks is done or was cancelled with a reason; nothing is cancelled silently."""
    if titles:
        raise Refused(
            several("还有 %(n)d 项任务没有了结：%(titles)s。请先办完，或逐项写明理由取消。"),
            n=len(titles), titles="、".join(titles),
        )  # fmt: skip


#: About as many as a year has.
MOST_WORKING_DAYS = 250


def check_days(days: int, *, field: str = "days") -> None:
    """A term is one working day or more, and not beyond a year's worth."""
    if not 0 < days <= MOST_WORKING_DAYS:
        raise Refused(_("办理时限要在 1 到 %(most)d 个工作日之间。"), most=MOST_WORKING_DAYS, field=field)


def keeps_its_clock(state: CaseState, *, due_on: dt.date | None) -> bool:
    """Whether the clock of a case goes on through its next dispatch: it was returned, and a bounce wins no time."""
    return state is CaseState.RETURNED and due_on is not None


def due_on(dispatched_on: dt.date, days: int, is_workday: IsWorkday) -> dt.date:
    """The last day of a term: working days from dispatch, not from signing, so that waiting to sign wins nothing."""
    return add_working_days(dispatched_on, days, is_workday)


def after_suspension(due: dt.date, *, held_on: dt.date, resumed_on: dt.date, is_workday: IsWorkday) -> dt.date:
    """A due day after a hold (缓办): later by the working days that the case was hung up; never earlier."""
    return add_working_days(due, max(0, working_days_between(held_on, resumed_on, is_workday)), is_workday)


def check_period(from_on: dt.date, until_on: dt.date) -> None:
    """A half-open period does not end before it begins."""
    if until_on < from_on:
        raise Refused(_("截止日期不能早于开始日期。"), field="until_on")


def check_may_follow(*, reads: bool) -> None:
    """Who may not see a case is told nothing of it."""
    if not reads:
        raise Refused(_("您看不到这个案件，不能关注。"))


class Part(Protocol):
    """What the rule needs to know of a party's part in a case; periods are half-open."""

    @property
    def from_on(self) -> dt.date: ...
    @property
    def until_on(self) -> dt.date | None: ...


def check_no_overlap(party: str, role: str, *, from_on: dt.date, others: Collection[Part]) -> None:
    """A party has one part in a role at a time: a new one, open at its end, begins after every other has ended."""
    later = [p for p in others if p.until_on is None or (p.until_on > from_on and p.until_on > p.from_on)]
    if later:
        until = max((p.until_on for p in later if p.until_on is not None), default=from_on).isoformat()
        raise Refused(
            _("“%(party)s”作为%(role)s已登记到 %(until)s，那天起才能再加入；不对的话，先改退出日期。"),
            party=party, role=role, until=until, field="party",
        )  # fmt: skip


def check_may_end(until_on: dt.date | None, *, earlier: dt.date, today: dt.date) -> None:
    """A part that has ended has ended; an end still to come may be moved to an earlier day."""
    if until_on is None:
        return
    if until_on <= today:
        raise Refused(_("该参与方已退出。"))
    if earlier >= until_on:
        raise Refused(
            _("已登记从 %(until)s 起退出，只能改早，不能改晚。"), until=until_on.isoformat(), field="until_on"
        )


def open_task_steps(state: TaskState, *, speaks: bool) -> Set[TaskState]:
    """The steps a person may take with a task, rights aside; who ``speaks`` for its party answers it also unsigned."""
    steps = NEXT_TASK[state] | ({TaskState.DONE} if state in AWAITS_ANSWER else frozenset())
    return steps if speaks else steps - BY_ITS_PARTY


#: Its lead has the case and the next step: it may be urged.
WITH_THE_LEAD = BEING_HANDLED - {CaseState.RETURNED}


def check_urgeable(case: CaseState, *, task: TaskState | None, urged_today: bool, held: bool = False) -> None:
    """Who has a task, or without one (None) leads a case, is urged while it waits for them, by one person once a day (催办)."""
    check_not_held(case, task_held=held)
    if task is None and case not in WITH_THE_LEAD:
        raise Refused(_("案件不在牵头单位手里，不用催办。"))
    if task is not None and (task not in AWAITS_ANSWER or case in FINISHED):
        raise Refused(_("这项任务已经了结或退回，不用催办。"))
    if urged_today:
        raise Refused(_("您今天已经催办过，明天再催；急的话请打电话。"))


def check_passable(case: CaseState, *, task: TaskState, own: bool) -> None:
    """A task is handed to a colleague (转办) by its own office's people, while it is to be answered."""
    if task not in AWAITS_ANSWER or case in FINISHED:
        raise Refused(_("这项任务已经了结或退回，不用转办。"))
    if not own:
        raise Refused(_("转办由承办单位自己的人办理；换单位要先退回，再改派。"))


def check_colleague(name: str, party: str, *, of_office: bool, has_it: bool) -> None:
    """It goes to somebody who acts for the same office today and does not have it yet."""
    if not of_office:
        raise Refused(_("%(name)s今天不在“%(party)s”任职，请另选一位同事。"), name=name, party=party, field="whom")
    if has_it:
        raise Refused(_("这项任务已经在%(name)s手里。"), name=name, field="whom")


class RequestKind(TextChoices):
    """What one person asks for and another decides (申请)."""

    DUE = "due", _("改期")
    HOLD = "hold", _("缓办")
    VOID = "void", _("作废")


class RequestState(TextChoices):
    """What became of a request (申请)."""

    WAITING = "waiting", _("待审批")
    AGREED = "agreed", _("已同意")
    REFUSED = "refused", _("未同意")


def check_none_waits(waits: bool) -> None:  # noqa: FBT001  # the one thing it is told
    """One request about a thing at a time: what was asked first is decided first."""
    if waits:
        raise Refused(_("已有一份申请在等审批。"))


def check_not_held(case: CaseState, *, task_held: bool = False) -> None:
    """Nothing about a clock is asked for while it stands still."""
    if case is CaseState.SUSPENDED:
        raise Refused(_("案件在缓办，请先恢复办理。"))
    if task_held:
        raise Refused(_("这项任务在缓办，请先恢复办理。"))


def check_due_may_move(case: CaseState, *, task: TaskState, waits: bool, held: bool = False) -> None:
    """Another due day is asked for while the task is to be answered and its clock runs, one request at a time (改期)."""
    check_not_held(case, task_held=held)
    if task not in AWAITS_ANSWER or case in FINISHED:
        raise Refused(_("这项任务已经了结或退回，期限不再改。"))
    check_none_waits(waits)


def check_may_be_held(case: CaseState, *, task: TaskState | None, waits: bool, held: bool = False) -> None:
    """A case, or one task of it, is hung up (缓办) while somebody has it and its clock runs."""
    check_not_held(case, task_held=held)
    if task is None and case not in MAY_SUSPEND:
        raise Refused(_("案件现在是“%(state)s”，没有在走的时限，不用缓办。"), state=case.label)
    if task is not None and (task not in AWAITS_ANSWER or case in FINISHED):
        raise Refused(_("这项任务已经了结或退回，不用缓办。"))
    check_none_waits(waits)


def check_may_be_voided(case: CaseState, *, waits: bool, open_tasks: Collection[str] = ()) -> None:
    """A case that should not be there is voided (作废) while it is open, and when nobody has anything to do in it."""
    check_not_held(case)
    check_not_finished(case)
    check_none_waits(waits)
    check_no_open_tasks(open_tasks)


def _check_ahead(wanted: dt.date, *, today: dt.date, is_workday: IsWorkday, field: str) -> None:
    """A day to come is a working day, and within a year's worth of them."""
    far = (wanted - today).days > 2 * MOST_WORKING_DAYS  # which no counting is needed for
    if far or working_days_between(today, wanted, is_workday) > MOST_WORKING_DAYS:
        raise Refused(_("办理时限要在 1 到 %(most)d 个工作日之间。"), most=MOST_WORKING_DAYS, field=field)
    if not is_workday(wanted):
        raise Refused(_("这一天是休息日，请换成工作日。"), field=field)


def check_due_day(wanted: dt.date, *, due_on: dt.date, today: dt.date, is_workday: IsWorkday) -> None:
    """A new due day is another one, still to come, a working day, and within a year's worth of them."""
    if wanted == due_on:
        raise Refused(_("期限本来就是这一天。"), field="due_on")
    if wanted < today:
        raise Refused(_("新的期限不能早于今天。"), field="due_on")
    _check_ahead(wanted, today=today, is_workday=is_workday, field="due_on")


def check_hold_day(until_on: dt.date, *, today: dt.date, is_workday: IsWorkday) -> None:
    """The day on which what was hung up goes on is a working day after today, within a year's worth of them."""
    if until_on <= today:
        raise Refused(_("恢复办理的日子要在今天以后。"), field="until_on")
    _check_ahead(until_on, today=today, is_workday=is_workday, field="until_on")


def stands_until(until_on: dt.date | None, *, today: dt.date) -> dt.date:
    """The day up to which a clock stood still that goes on today: a hold ends on its day, however late that is noticed."""
    return today if until_on is None else min(today, until_on)


def stood_still(
    *, own: tuple[dt.date, dt.date | None] | None, with_case: dt.date | None, on: dt.date
) -> list[tuple[dt.date, dt.date]]:
    """The half-open periods, no day twice, for which the clock of a task stood still that goes on ``on``.

    ``own``: its own hold; ``with_case``: since when its case hangs. None where its own hold began before that of the case
    and runs on: it takes that in.
    """
    if own is None:
        return [] if with_case is None else [(with_case, on)]
    held_on, until_on = own
    if with_case is not None and until_on is not None and until_on > on:
        return []
    until = stands_until(until_on, today=on)
    return [(held_on, until), *([] if with_case is None else [(max(with_case, until), on)])]


def has_come(until_on: dt.date | None, *, today: dt.date) -> bool:
    """Whether a hold has come to its day: then it ends by itself, and nobody has to say why."""
    return until_on is not None and until_on <= today


def moves_at_once(wanted: dt.date, *, due_on: dt.date) -> bool:
    """An earlier day asks nobody; a later one waits for somebody else's yes."""
    return wanted < due_on


def check_may_decide(*, asked_by: int | None, by: int | None, own: bool) -> None:
    """Nobody agrees to what they asked for, nor to what an office they act for has to do."""
    if by is None or by == asked_by:
        raise Refused(_("申请不能由提出的人自己审批，请另一位召集人审批。"))
    if own:
        raise Refused(_("您代表办理这件事的单位，请另一位召集人审批。"))


def who_decides(others: int) -> str | Promise:
    """Who says yes or no to a request, told before it is made: another coordinator; ``others`` who may there are."""
    if others:
        return _("另一位召集人")
    return _("现在没有第二位召集人，没人能审批：请管理员在“人员与岗位”里再任命一位，申请一直等着他。")


def check_urging_arrives(party: str, *, people: int, words: str) -> None:
    """An urging reaches somebody's bell, or says how they were urged: nothing stands in a case as sent that went nowhere."""
    if not people and not words:
        raise Refused(
            _("“%(party)s”没有人用本系统，提醒发不到。请打电话、当面催或发链接，再写一句是怎么催的。"),
            party=party, field="words",
        )  # fmt: skip


class LinkFacts(Protocol):
    """What the rule needs to know of a task link."""

    @property
    def expires_at(self) -> dt.datetime: ...
    @property
    def used_at(self) -> dt.datetime | None: ...
    @property
    def revoked_at(self) -> dt.datetime | None: ...


def check_link_days(days: int) -> None:
    """A link for an outsider lives some days, not for ever."""
    if not 0 < days <= LINK_MOST_DAYS:
        raise Refused(_("链接有效期要在 1 到 %(most)d 天之间。"), most=LINK_MOST_DAYS, field="days")


def check_takes_links(state: TaskState) -> None:
    """A link is made for a task that awaits its answer."""
    if state not in AWAITS_ANSWER:
        raise Refused(_("这项任务已经了结或退回，不用再发链接。"))


def check_revocable(link: LinkFacts) -> None:
    """A link is made worthless once, and not after it was used: it opens nothing any more, and says what it was for."""
    if link.used_at is not None:
        raise Refused(_("已经凭这个链接答复过，它不能再用，不用作废；答复不对的，请另交办一项任务。"))
    if link.revoked_at is not None:
        raise Refused(_("这个链接已经作废。"))


def check_bears(link: LinkFacts, *, at: dt.datetime) -> None:
    """Whether a link still leads to what else its party is asked: used or not, while it is not over."""
    if link.revoked_at is not None:
        raise Refused(_("这个链接已作废，请向街道索取新的链接。"))
    if at >= link.expires_at:
        raise Refused(_("这个链接已过期，请向街道索取新的链接。"))


def check_link(link: LinkFacts, *, task_state: TaskState, at: dt.datetime) -> None:
    """Whether a link still opens its task; says why not. Half-open: at ``expires_at`` it is over."""
    if link.used_at is not None and link.revoked_at is None:
        raise Refused(_("已经通过这个链接答复过；如需补充，请与街道联系。"))
    check_bears(link, at=at)
    if task_state not in AWAITS_ANSWER:
        raise Refused(_("这项任务已经了结，不再需要答复。"))
