"""Holds until a day and the voiding of a case: who asks, who decides, how the clock counts, what comes free."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError
from django.db.transaction import atomic

from hege.cases.models import Case, CaseRequest, Task, TimelineLine
from hege.cases.queries import deciders_of, requests_to_decide, tasks_due, waiting_request
from hege.cases.reports.actions import merge_report, verify_report
from hege.cases.requests.actions import agree_request, ask_hold, end_holds, refuse_request, resume_task
from hege.cases.rules import (
    CaseState,
    LineKind,
    ReportState,
    RequestKind,
    RequestState,
    TaskState,
    check_hold_day,
    check_may_be_held,
    check_may_be_voided,
    who_decides,
)
from hege.cases.tasks.actions import answer_task, cancel_task, return_task, urge
from hege.conferences.actions import call_conference
from hege.kernel.refused import Refused, allows
from hege.outbox.models import Message
from hege.outbox.rules import Event
from hege.people.models import Membership, Role, User
from hege.places.queries import workday_calendar
from hege.procedures.actions import agree_request as agree
from hege.procedures.actions import ask_void, keep_watch
from tests.cases.conftest import AT, ON, Desk, days_later

pytestmark = pytest.mark.once

D = dt.date
DUE, UNTIL = D(2026, 3, 9), D(2026, 3, 12)  # a Monday in a week, the Thursday after it


def hold(desk: Desk, thing: Case | Task, until_on: dt.date = UNTIL, day: int = 1) -> CaseRequest:
    """A hold that the office asks for, and that the coordinator agrees to a day later."""
    ask_hold(thing, until_on=until_on, reason="等汛期过后施工。", by=desk.cast.clerk, at=days_later(day - 1))
    return agree_request(thing, by=desk.cast.coordinator, at=days_later(day))


def a_coordinator(desk: Desk) -> User:
    user = User.objects.create_user("second-coordinator", full_name="第二位召集人")
    Membership.objects.create(street=desk.street, user=user, role=Role.COORDINATOR, from_on=D(2026, 1, 1))
    return user


@pytest.mark.parametrize("state", CaseState)
def test_what_is_handled_may_be_held_and_what_is_open_voided(state: CaseState):
    held = {"filed", "dispatched", "signed", "handling", "reworked", "reopened"}
    over = {"closed", "revisited", "voided", "on_hold"}
    assert allows(check_may_be_held, case=state, task=None, waits=False) is (state in held)
    assert allows(check_may_be_voided, case=state, waits=False) is (state not in over)
    assert not allows(check_may_be_held, case=state, task=None, waits=True)
    assert not allows(check_may_be_voided, case=state, waits=True)
    assert not allows(check_may_be_voided, case=state, waits=False, open_tasks=["装分表"])


def test_a_hold_ends_on_a_working_day_to_come():
    for day, may in ((ON, False), (D(2026, 3, 3), True), (D(2026, 3, 7), False), (D(2999, 1, 4), False)):
        facts = {"today": ON, "is_workday": lambda on: on.weekday() < 5}
        assert allows(check_hold_day, until_on=day, **facts) is may


@pytest.mark.both
def test_a_case_hangs_by_the_yes_of_another_and_goes_on_on_its_day(desk: Desk):
    cast, case = desk.cast, desk.case(CaseState.HANDLING)
    task = desk.task(case)
    asked = ask_hold(case, until_on=UNTIL, reason="等汛期过后施工。", by=cast.clerk, at=AT)
    case.refresh_from_db()
    assert (case.state, asked.state, waiting_request(case)) == (CaseState.HANDLING, RequestState.WAITING, asked)
    assert Message.objects.get(event=Event.HOLD_ASKED).user == cast.coordinator
    (listed,) = requests_to_decide(desk.street, by=cast.coordinator, acts_for=(), paths=("",), most=9)
    assert listed == asked
    with pytest.raises(Refused, match="等审批"):
        ask_hold(case, until_on=UNTIL, reason="再问。", by=cast.clerk, at=AT)
    agree_request(case, by=cast.coordinator, at=days_later(1))  # Tuesday: what was used of the term stays used
    case.refresh_from_db()
    assert (case.state, case.held_on, case.held_until, case.due_on) == (CaseState.SUSPENDED, D(2026, 3, 3), UNTIL, DUE)
    assert Message.objects.get(event=Event.HOLD_DECIDED).user == cast.clerk
    assert not requests_to_decide(desk.street, by=cast.coordinator, acts_for=(), paths=("",), most=9)
    keep_watch(desk.street, on=D(2026, 3, 11), by=None, at=days_later(9))
    assert Case.objects.get(pk=case.pk).state == CaseState.SUSPENDED
    keep_watch(desk.street, on=D(2026, 3, 15), by=None, at=days_later(13))  # nobody looked on the day itself
    case.refresh_from_db()
    task.refresh_from_db()
    assert (case.state, case.held_from, case.held_on, case.held_until) == (CaseState.HANDLING, "", None, None)
    assert case.due_on == task.due_on == D(2026, 3, 18)  # seven working days from 3 to 12 March, and not one more
    line = TimelineLine.objects.get(kind=LineKind.RESUME)
    assert line.said is not None
    assert (line.said["of"]["n"], line.said["of"]["day"]) == (7, {"on": "2026-03-18"})
    told = Message.objects.filter(event=Event.HOLD_OVER).values_list("user", flat=True)
    assert set(told) == {cast.clerk.pk, cast.coordinator.pk}
    keep_watch(desk.street, on=D(2026, 3, 15), by=None, at=days_later(13))
    assert TimelineLine.objects.filter(kind=LineKind.RESUME).count() == 1


@pytest.mark.both
def test_a_task_hangs_alone(desk: Desk):
    cast, task = desk.cast, desk.task()
    hold(desk, task)
    task.refresh_from_db()
    assert (task.held_on, task.held_until, task.due_on, task.state) == (D(2026, 3, 3), UNTIL, DUE, TaskState.OPEN)
    assert Case.objects.get(pk=task.case_id).state == CaseState.HANDLING
    assert tasks_due(desk.street, on=ON, is_workday=workday_calendar(desk.street), within=99) == []
    with pytest.raises(Refused, match="这项任务在缓办"):
        urge(task, by=cast.coordinator, at=days_later(2))
    with pytest.raises(Refused, match="请写明"):
        resume_task(task, by=cast.coordinator, at=days_later(3))
    end_holds(desk.street, on=UNTIL, by=None, at=days_later(10))
    task.refresh_from_db()
    assert (task.held_on, task.held_until, task.due_on) == (None, None, D(2026, 3, 18))
    with pytest.raises(Refused, match="没有缓办"):
        resume_task(task, reason="接着办。", by=cast.coordinator, at=days_later(10))


@pytest.mark.parametrize(
    ("task_until", "case_until", "due"),
    [
        (D(2026, 3, 6), D(2026, 3, 12), D(2026, 3, 18)),  # 3 to 12 March, whichever stood still
        (D(2026, 3, 12), D(2026, 3, 6), D(2026, 3, 18)),
        (D(2026, 3, 5), D(2026, 3, 12), D(2026, 3, 18)),  # one ends where the other begins
    ],
)
def test_a_clock_that_hangs_twice_stands_still_once(desk: Desk, task_until: dt.date, case_until: dt.date, due: dt.date):
    task = desk.task()
    hold(desk, task, task_until)
    hold(desk, task.case, case_until, day=3)
    for day in sorted({task_until, case_until}):
        end_holds(desk.street, on=day, by=None, at=days_later((day - ON).days))
    task.refresh_from_db()
    assert (task.held_on, task.due_on) == (None, due)


def test_a_held_task_may_be_answered_or_given_back(desk: Desk):
    cast, (answered, returned) = desk.cast, (desk.task(), desk.task())
    for task in (answered, returned):
        hold(desk, task)
    answer_task(answered, answer="好了。", by=cast.clerk, at=days_later(3))
    return_task(returned, reason="不归我们。", by=cast.clerk, at=days_later(3))  # two working days later
    answered.refresh_from_db()
    returned.refresh_from_db()
    assert (answered.held_on, answered.due_on, returned.held_on, returned.due_on) == (None, DUE, None, D(2026, 3, 11))


def test_a_hold_is_decided_by_another_and_a_no_changes_nothing(desk: Desk):
    cast, case = desk.cast, desk.case(CaseState.HANDLING)
    assert (deciders_of(case, but=cast.coordinator, on=ON), "再任命一位" in str(who_decides(0))) == (set(), True)
    assert deciders_of(case, but=cast.clerk, on=ON) == {cast.coordinator.pk}
    ask_hold(case, until_on=UNTIL, reason="等汛期过后施工。", by=cast.coordinator, at=AT)
    for act in (
        lambda by: agree_request(case, by=by, at=AT),
        lambda by: refuse_request(case, reason="不行。", by=by, at=AT),
    ):
        with pytest.raises(Refused, match="另一位召集人"):
            act(cast.coordinator)
        with pytest.raises(Refused, match="代表办理这件事的单位"):
            act(cast.clerk)
    refused = refuse_request(case, reason="不用等。", by=a_coordinator(desk), at=AT)
    case.refresh_from_db()
    assert (case.state, refused.decision, waiting_request(case)) == (CaseState.HANDLING, "不用等。", None)
    assert TimelineLine.objects.get(kind=LineKind.HOLD_REFUSED).text == "不用等。"
    with pytest.raises(Refused, match="“城建中心”的人办理"):
        ask_hold(case, until_on=UNTIL, reason="等。", by=cast.checker, at=AT)
    with pytest.raises(IntegrityError), atomic():
        CaseRequest.objects.update(state=RequestState.AGREED, decided_by=cast.coordinator)
    late = ask_hold(case, until_on=UNTIL, reason="等汛期过后施工。", by=cast.clerk, at=AT)
    with pytest.raises(Refused, match="今天以后") as refusal:
        agree_request(case, by=cast.coordinator, at=days_later(10))
    assert (refusal.value.field, late.state) == ("until_on", RequestState.WAITING)


@pytest.mark.both
def test_a_voided_case_sets_its_reports_free(desk: Desk):
    cast, case = desk.cast, desk.case(CaseState.DISPATCHED)
    report = merge_report(
        verify_report(desk.report(), finding="属实。", by=cast.grid_worker, at=AT), case, by=cast.coordinator, at=AT
    )
    task = desk.task(case)
    with pytest.raises(Refused, match="装分表"):
        ask_void(case, reason="和上月的案件立重了。", by=cast.grid_worker, at=AT)
    cancel_task(task, reason="并入上月的案件。", by=cast.coordinator, at=AT)
    asked = ask_void(case, reason="和上月的案件立重了。", by=cast.grid_worker, at=AT)
    assert (asked.kind, asked.on_behalf) == (RequestKind.VOID, "")
    agree(case, by=cast.coordinator, at=days_later(1))
    case.refresh_from_db()
    report.refresh_from_db()
    assert (case.state, case.state_reason) == (CaseState.VOIDED, "和上月的案件立重了。")
    assert (report.state, report.case) == (ReportState.VERIFYING, None)
    assert Message.objects.filter(event=Event.VOID_DECIDED, user=cast.grid_worker).exists()
    assert case not in Case.objects.unfinished()


def test_a_case_with_a_conference_is_not_voided(desk: Desk):
    case = desk.case(CaseState.DISPATCHED)
    ask_void(case, reason="立重了。", by=desk.cast.grid_worker, at=AT)
    call_conference(case, agenda="怎么办", place="会议室", meets_on=DUE, parties=[], by=desk.cast.coordinator, at=AT)
    with pytest.raises(Refused, match="不能结案或作废"):
        agree(case, by=desk.cast.coordinator, at=AT)
    with pytest.raises(Refused, match="等审批"):
        ask_hold(case, until_on=UNTIL, reason="等。", by=desk.cast.clerk, at=AT)
