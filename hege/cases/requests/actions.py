"""Requests (申请): another due day, a hold until a day, the voiding of a case. One person asks with a reason, another decides.

What is agreed to is done at once by the one who agrees, and is told on the timeline; who asked finds it at their bell.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from hege.cases.actions import go_on_with_task, resume_case, suspend_case, tell, void_case
from hege.cases.models import Case, CaseRequest, Report, Task
from hege.cases.queries import (
    case_telling,
    coordinators_of,
    holds_over,
    in_whose_name,
    leads_of,
    standing_of,
    task_telling,
    tasks_of,
    waiting_request,
)
from hege.cases.reports.actions import unmerge_report
from hege.cases.rules import (
    CaseState,
    LineKind,
    RequestKind,
    RequestState,
    TaskState,
    check_due_day,
    check_due_may_move,
    check_hold_day,
    check_may_be_held,
    check_may_be_voided,
    check_may_decide,
    check_not_held,
    has_come,
    moves_at_once,
)
from hege.cases.tasks.actions import lock_thing
from hege.kernel.calendar import working_days_between
from hege.kernel.checks import check_words
from hege.kernel.clock import day_of
from hege.kernel.database import atomic
from hege.kernel.refused import Refused, Stale
from hege.kernel.saying import Saying, Words
from hege.outbox import actions as outbox
from hege.outbox.rules import Event
from hege.people.models import Party, Role, Street, User
from hege.people.queries import acting_for
from hege.places.queries import workday_calendar

#: By what it is told that something is asked for, and that it was decided.
EVENTS: Mapping[RequestKind, tuple[Event, Event]] = {
    RequestKind.DUE: (Event.DUE_ASKED, Event.DUE_DECIDED),
    RequestKind.HOLD: (Event.HOLD_ASKED, Event.HOLD_DECIDED),
    RequestKind.VOID: (Event.VOID_ASKED, Event.VOID_DECIDED),
}
#: The lines of asking, and of a no.
LINES: Mapping[RequestKind, tuple[LineKind, LineKind]] = {
    RequestKind.DUE: (LineKind.TASK_DUE_ASKED, LineKind.TASK_DUE_REFUSED),
    RequestKind.HOLD: (LineKind.HOLD_ASKED, LineKind.HOLD_REFUSED),
    RequestKind.VOID: (LineKind.VOID_ASKED, LineKind.VOID_REFUSED),
}


# -- asking ------------------------------------------------------------------------------------------------------------


@atomic
def ask_due(task: Task, *, due_on: dt.date, reason: str, by: User | None, at: dt.datetime) -> CaseRequest:
    """The party asks for another day for its task (申请改期): an earlier one holds at once, a later one waits for a yes."""
    said = check_words(reason)
    about = _About(task)
    locked = about.the_task
    _check_may_be(RequestKind.DUE, about, waits=waiting_request(locked) is not None)
    check_due_day(due_on, due_on=locked.due_on, today=day_of(at), is_workday=workday_calendar(locked.street_id))
    asked = about.request(RequestKind.DUE, said, by=by, at=at)
    asked.was_due_on, asked.due_on = locked.due_on, due_on
    if moves_at_once(due_on, due_on=locked.due_on):
        asked.state, asked.decided_by, asked.decided_at = RequestState.AGREED, by, at
        asked.save()
        _move_due(locked, asked, said, by=by, on_behalf=asked.on_behalf, at=at)
        return asked
    text = f"{locked.title}：{asked.was_due_on} → {due_on}。{said}"
    return _wait(about, asked, text, by=by, at=at, due_on=due_on)


@atomic
def ask_hold(thing: Task | Case, *, until_on: dt.date, reason: str, by: User | None, at: dt.datetime) -> CaseRequest:
    """Who has a task, or leads a case, asks that it hangs until a day (申请缓办): on that day it goes on by itself."""
    said = check_words(reason)
    about = _About(thing)
    _check_may_be(RequestKind.HOLD, about, waits=waiting_request(about.thing) is not None)
    check_hold_day(until_on, today=day_of(at), is_workday=workday_calendar(about.case.street_id))
    asked = about.request(RequestKind.HOLD, said, by=by, at=at)
    asked.until_on = until_on
    words = Saying(_("到 %(until)s 恢复办理。%(why)s"), until=until_on, why=said)
    return _wait(about, asked, about.named(words), by=by, at=at, until_on=until_on)


@atomic
def ask_void(case: Case, *, reason: str, by: User | None, at: dt.datetime) -> CaseRequest:
    """Somebody asks that a case counts no more that was opened by mistake or twice (申请作废)."""
    said = check_words(reason)
    about = _About(case, own=True)
    _check_may_be(RequestKind.VOID, about, waits=waiting_request(about.case) is not None)
    return _wait(about, about.request(RequestKind.VOID, said, by=by, at=at), said, by=by, at=at)


# -- deciding ----------------------------------------------------------------------------------------------------------


@atomic
def agree_request(thing: Task | Case, *, shown: int | None = None, by: User | None, at: dt.datetime) -> CaseRequest:
    """Somebody else agrees (同意): what was asked for is done. Other packages' open things: ``procedures.agree_request``.

    ``shown``: the number of the request that the page showed; ``Stale`` where another waits by now.
    """
    about = _About(thing)
    asked = _waiting(about, shown=shown, by=by, at=at)
    kind, today, calendar = RequestKind(asked.kind), day_of(at), workday_calendar(about.case.street_id)
    _check_may_be(kind, about, waits=False)
    asked.state, asked.decided_by, asked.decided_at = RequestState.AGREED, by, at
    asked.save(update_fields=["state", "decided_by", "decided_at"])
    if kind is RequestKind.DUE and asked.due_on is not None:
        check_due_day(asked.due_on, due_on=about.the_task.due_on, today=today, is_workday=calendar)
        _move_due(about.the_task, asked, asked.reason, by=by, on_behalf="", at=at)
    elif kind is RequestKind.HOLD and asked.until_on is not None:
        check_hold_day(asked.until_on, today=today, is_workday=calendar)
        _hold(about, asked, by=by, at=at)
    else:
        for report in Report.objects.filter(street=about.case.street_id, case=about.case).order_by("pk"):
            unmerge_report(report, reason=asked.reason, by=by, at=at)
        void_case(about.case, reason=asked.reason, by=by, at=at)
    _tell_asker(about, asked, at=at)
    return asked


@atomic
def refuse_request(
    thing: Task | Case, *, reason: str, shown: int | None = None, by: User | None, at: dt.datetime
) -> CaseRequest:
    """Somebody else does not agree (不同意), with the reason; everything stays as it is. ``shown``: as for a yes."""
    said = check_words(reason)
    about = _About(thing)
    asked = _waiting(about, shown=shown, by=by, at=at)
    asked.state, asked.decided_by, asked.decided_at = RequestState.REFUSED, by, at
    asked.decision = said[:300]
    asked.save(update_fields=["state", "decided_by", "decided_at", "decision"])
    _tell_asker(about, asked, at=at)
    _asks, line = LINES[RequestKind(asked.kind)]
    tell(about.case, line, about.named(said), by=by, at=at, **about.data, reason=said)
    return asked


# -- what hangs goes on ------------------------------------------------------------------------------------------------


@atomic
def resume_task(task: Task, *, reason: str = "", by: User | None, at: dt.datetime) -> Task:
    """Go on with a task that was hung up (恢复办理): its due day moves by the working days it stood still, which the line tells.

    No ``reason`` is needed where the hold has come to its day.
    """
    locked = _About(task, own=True).the_task
    check_not_held(CaseState(locked.case.state))
    if locked.held_on is None:
        raise Refused(_("这项任务没有缓办，不用恢复。"))
    said = reason.strip() if has_come(locked.held_until, today=day_of(at)) else check_words(reason)
    stood = go_on_with_task(locked, on=day_of(at))
    words = Saying(
        _("%(what)s：停走 %(n)s 个工作日，期限顺延到 %(day)s。%(why)s"), what=locked.title, n=stood, day=locked.due_on,
        why=said or Saying(_("缓办到期。")),
    )  # fmt: skip
    tell(
        locked.case, LineKind.TASK_RESUME, words, by=by, at=at, task=locked.pk, due_on=locked.due_on, days=stood,
        reason=said,
    )  # fmt: skip
    return locked


@atomic
def end_holds(street: Street, *, on: dt.date, by: User | None, at: dt.datetime) -> None:
    """Go on with what hangs until this day or one before (缓办到期); its people and the coordinators find it at their bell."""
    cases, tasks = holds_over(street, on=on)
    leads = leads_of(street, [case.pk for case in cases])
    told = []
    for case in cases:
        resumed = resume_case(case, by=by, at=at)
        to = _people_of(leads.get(case.pk), street, on=on) | set(coordinators_of(case, but=None, on=on))
        told.append(case_telling(resumed, Event.HOLD_OVER, to=to, round=str(on)))
    for task in tasks:
        went_on = resume_task(task, by=by, at=at)
        to = _people_of(task.party, street, on=on) | set(coordinators_of(task.case, but=None, on=on))
        told.append(task_telling(went_on, Event.HOLD_OVER, to=to, round=str(on)))
    outbox.tell(street, told, at=at)


# -- inside ------------------------------------------------------------------------------------------------------------


class _About:
    """What a request is about, locked: a task with its case, or a case as a whole; and whose it is.

    ``own``: it is asked for in one's own name, whoever has the thing.
    """

    def __init__(self, thing: Task | Case, *, own: bool = False) -> None:
        self.task, self.case = lock_thing(thing)
        self._own = own

    @property
    def thing(self) -> Task | Case:
        return self.task or self.case

    @property
    def the_task(self) -> Task:
        if self.task is None:
            raise ValueError("asked of a case as a whole")
        return self.task

    @property
    def party(self) -> Party | None:
        """Who has the task, or leads the case."""
        return self.task.party if self.task else leads_of(self.case.street, [self.case.pk]).get(self.case.pk)

    @property
    def held(self) -> bool:
        """Whether the task hangs by itself."""
        return self.task is not None and self.task.held_on is not None

    @property
    def data(self) -> dict[str, Any]:
        """What the trail says it is about."""
        return {"task": self.task.pk, "due_on": self.task.due_on} if self.task else {}

    def named(self, words: Words) -> Words:
        """Words on a line of the case: a task is named before them."""
        if self.task is None:
            return words
        return Saying(_("%(what)s：%(said)s"), what=self.task.title, said=words)

    def request(self, kind: RequestKind, reason: str, *, by: User | None, at: dt.datetime) -> CaseRequest:
        """A request as it begins, not saved. Raises ``Refused`` for another office's people."""
        on_behalf = "" if self._own else in_whose_name(self.party, by, on=day_of(at))
        about = {"task": self.task} if self.task else {"case": self.case}
        return CaseRequest(
            street=self.case.street,
            kind=kind,
            reason=reason[:300],
            asked_by=by,
            asked_at=at,
            on_behalf=on_behalf,
            **about,
        )

    def telling(self, event: Event, *, to: set[int], again: str) -> Any:
        if self.task:
            return task_telling(self.task, event, to=to, round=again)
        return case_telling(self.case, event, to=to, round=again)


def _check_may_be(kind: RequestKind, about: _About, *, waits: bool) -> None:
    """Whether it may be asked for, and agreed to, as the thing stands now."""
    case, task = CaseState(about.case.state), TaskState(about.task.state) if about.task else None
    if kind is RequestKind.VOID:
        check_may_be_voided(case, waits=waits, open_tasks=[t.title for t in tasks_of(about.case).unfinished()])
    elif kind is RequestKind.HOLD:
        check_may_be_held(case, task=task, waits=waits, held=about.held)
    else:
        check_due_may_move(case, task=TaskState(about.the_task.state), waits=waits, held=about.held)


def _wait(
    about: _About, asked: CaseRequest, words: Words, *, by: User | None, at: dt.datetime, **data: Any
) -> CaseRequest:
    """Save what waits for somebody's yes; those who decide find it at their bell, not who asks."""
    asked.save()
    kind = RequestKind(asked.kind)
    (event, _decided), (line, _no) = EVENTS[kind], LINES[kind]
    to = set(coordinators_of(about.case, but=by, on=day_of(at)))
    outbox.tell(about.case.street, [about.telling(event, to=to, again=f"request {asked.pk}")], at=at)
    more = {**about.data, **data, "reason": asked.reason}
    tell(about.case, line, words, by=by, at=at, on_behalf=asked.on_behalf, **more)
    return asked


def _waiting(about: _About, *, shown: int | None, by: User | None, at: dt.datetime) -> CaseRequest:
    """The request that waits, for somebody who may decide on it and was shown this one."""
    asked = waiting_request(about.thing)
    if asked is None:
        raise Refused(_("没有等审批的申请。"))
    if shown not in (None, asked.pk):
        raise Stale(_("您看的那份申请已经有人答复，现在等审批的是另一份，请刷新后再看。"))
    party = about.party
    acts_for = standing_of(by, about.case.street, on=day_of(at)).acts_for
    own = party is not None and party.pk in acts_for
    check_may_decide(asked_by=asked.asked_by_id, by=by.pk if by else None, own=own)
    return asked


def _tell_asker(about: _About, asked: CaseRequest, *, at: dt.datetime) -> None:
    """Who asked, and those who act for whose it is, find the answer at their bell."""
    to = _people_of(about.party, about.case.street, on=day_of(at)) | (
        {asked.asked_by_id} if asked.asked_by_id else set()
    )
    _asks, event = EVENTS[RequestKind(asked.kind)]
    outbox.tell(about.case.street, [about.telling(event, to=to, again=f"request {asked.pk}")], at=at)


def _people_of(party: Party | None, street: Street, *, on: dt.date) -> set[int]:
    return set(acting_for(party.pk, street, on=on, but=[Role.AGENT])) if party else set()


def _hold(about: _About, asked: CaseRequest, *, by: User | None, at: dt.datetime) -> None:
    if about.task is None:
        suspend_case(about.case, reason=asked.reason, until_on=asked.until_on, by=by, at=at)
        return
    about.task.held_on, about.task.held_until = day_of(at), asked.until_on
    about.task.save(update_fields=["held_on", "held_until"])
    words = Saying(_("%(until)s 恢复办理，时限从今天起停走。%(why)s"), until=asked.until_on, why=asked.reason)
    data = {**about.data, "until_on": asked.until_on, "reason": asked.reason}
    tell(about.case, LineKind.TASK_HOLD, about.named(words), by=by, at=at, **data)


def _move_due(task: Task, asked: CaseRequest, why: str, *, by: User | None, on_behalf: str, at: dt.datetime) -> None:
    task.due_on = asked.due_on or task.due_on
    task.days = max(1, working_days_between(task.dispatched_on, task.due_on, workday_calendar(task.street_id)))
    task.save(update_fields=["due_on", "days"])
    text = f"{task.title}：{asked.was_due_on} → {asked.due_on}。{why}"
    tell(
        task.case, LineKind.TASK_DUE, text, by=by, at=at, on_behalf=on_behalf, task=task.pk, due_on=task.due_on,
        reason=asked.reason,
    )  # fmt: skip
