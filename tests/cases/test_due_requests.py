"""Another due day for a task: who asks, who agrees, from when it holds."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError
from django.db.transaction import atomic

from hege.cases.actions import suspend_case
from hege.cases.models import CaseRequest, TimelineLine
from hege.cases.queries import due_moved, tasks_due, waiting_request
from hege.cases.requests.actions import agree_request, ask_due, refuse_request
from hege.cases.rules import (
    CaseState,
    LineKind,
    RequestState,
    TaskState,
    check_due_day,
    check_due_may_move,
    check_may_decide,
)
from hege.cases.tasks.actions import answer_task
from hege.kernel.refused import Refused, allows
from hege.outbox.models import Message
from hege.outbox.rules import Event
from hege.people.models import Membership, Role, User
from hege.places.queries import workday_calendar
from tests.cases.conftest import AT, ON, Desk, days_later

pytestmark = pytest.mark.once

D = dt.date
DUE, LATER, EARLIER = D(2026, 3, 9), D(2026, 3, 16), D(2026, 3, 5)


def ask(desk: Desk, task: Any, wanted: dt.date = LATER, by: User | None = None) -> CaseRequest:
    return ask_due(task, due_on=wanted, reason="等设备到货。", by=by or desk.cast.clerk, at=AT)


@pytest.mark.parametrize("task", TaskState)
def test_a_day_is_moved_while_the_task_is_to_be_answered(task: TaskState):
    may = allows(check_due_may_move, case=CaseState.HANDLING, task=task, waits=False)
    assert may is (task in {TaskState.OPEN, TaskState.SIGNED})
    assert not allows(check_due_may_move, case=CaseState.HANDLING, task=task, waits=True)
    assert not allows(check_due_may_move, case=CaseState.SUSPENDED, task=task, waits=False)


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        (DUE, "本来就是"),
        (D(2026, 3, 1), "早于今天"),
        (D(2026, 3, 14), "休息日"),
        (D(2999, 1, 4), "1 到 250 个工作日"),
        (D(2027, 5, 10), "1 到 250 个工作日"),
    ],
)
def test_a_new_day_is_another_working_day_to_come(wanted: dt.date, why: str):
    facts: dict[str, Any] = {"due_on": DUE, "today": ON, "is_workday": lambda day: day.weekday() < 5}
    with pytest.raises(Refused, match=why) as refusal:
        check_due_day(wanted, **facts)
    assert refusal.value.field == "due_on"
    for day in (ON, EARLIER, LATER):
        check_due_day(day, **facts)


def test_nobody_decides_for_themselves_or_their_office():
    for by, own, may in ((1, False, False), (None, False, False), (2, True, False), (2, False, True)):
        assert allows(check_may_decide, asked_by=1, by=by, own=own) is may
    assert allows(check_may_decide, asked_by=None, by=2, own=False)


@pytest.mark.both
def test_a_later_day_waits_for_a_coordinator_and_holds_from_then_on(desk: Desk):
    cast, task = desk.cast, desk.task()
    asked = ask(desk, task)
    task.refresh_from_db()
    assert (task.due_on, asked.state, waiting_request(task), due_moved(task)) == (DUE, RequestState.WAITING, asked, 0)
    assert Message.objects.get(event=Event.DUE_ASKED).user == cast.coordinator
    (row,) = tasks_due(desk.street, on=ON, is_workday=workday_calendar(desk.street), within=99)
    assert row.asked == "due"
    with pytest.raises(Refused, match="等审批"):
        ask(desk, task)
    agree_request(task, by=cast.coordinator, at=days_later(1))
    task.refresh_from_db()
    assert (task.due_on, task.days, waiting_request(task), due_moved(task)) == (LATER, 10, None, 1)
    assert Message.objects.get(event=Event.DUE_DECIDED).user == cast.clerk
    line = TimelineLine.objects.get(kind=LineKind.TASK_DUE)
    assert (line.text, line.by) == ("装分表：2026-03-09 → 2026-03-16。等设备到货。", cast.coordinator)
    with pytest.raises(Refused, match="没有等审批"):
        agree_request(task, by=cast.coordinator, at=days_later(1))


@pytest.mark.both
def test_an_earlier_day_holds_at_once(desk: Desk):
    task = desk.task()
    asked = ask(desk, task, EARLIER)
    task.refresh_from_db()
    assert (task.due_on, task.days, asked.state, waiting_request(task)) == (EARLIER, 3, RequestState.AGREED, None)
    assert not Message.objects.filter(event=Event.DUE_ASKED).exists()


def test_who_asks_does_not_agree_nor_does_who_acts_for_the_party(desk: Desk):
    cast, task = desk.cast, desk.task()
    ask(desk, task, by=cast.coordinator)
    assert not Message.objects.filter(event=Event.DUE_ASKED).exists()  # there is no other to tell
    for act in (
        lambda by: agree_request(task, by=by, at=AT),
        lambda by: refuse_request(task, reason="不行。", by=by, at=AT),
    ):
        with pytest.raises(Refused, match="另一位召集人"):
            act(cast.coordinator)
        with pytest.raises(Refused, match="代表办理这件事的单位"):
            act(cast.clerk)
    second = User.objects.create_user("second-coordinator", full_name="第二位召集人")
    Membership.objects.create(street=desk.street, user=second, role=Role.COORDINATOR, from_on=D(2026, 1, 1))
    assert agree_request(task, by=second, at=AT).decided_by == second
    with pytest.raises(IntegrityError), atomic():
        CaseRequest.objects.update(decided_by=cast.coordinator)


def test_a_refusal_keeps_the_day_and_says_why(desk: Desk):
    cast, task = desk.cast, desk.task(party=desk.cast.utility)
    asked = ask(desk, task, by=cast.grid_worker)
    assert asked.on_behalf == "水务公司"
    with pytest.raises(Refused):
        refuse_request(task, reason=" ", by=cast.coordinator, at=AT)
    refused = refuse_request(task, reason="设备已到货。", by=cast.coordinator, at=AT)
    task.refresh_from_db()
    assert (task.due_on, refused.state, refused.decision) == (DUE, RequestState.REFUSED, "设备已到货。")
    assert Message.objects.get(event=Event.DUE_DECIDED).user == cast.grid_worker
    assert ask(desk, task, by=cast.grid_worker).state == RequestState.WAITING


def test_what_was_done_meanwhile_is_not_put_off(desk: Desk):
    task = desk.task()
    ask(desk, task)
    suspend_case(task.case, reason="等汛期过后施工。", by=desk.cast.coordinator, at=AT)
    with pytest.raises(Refused, match="缓办"):
        agree_request(task, by=desk.cast.coordinator, at=AT)
    other = desk.task()
    ask(desk, other)
    answer_task(other, answer="好了。", by=desk.cast.clerk, at=AT)
    with pytest.raises(Refused, match="已经了结"):
        agree_request(other, by=desk.cast.coordinator, at=AT)
    with pytest.raises(Refused, match="“水务公司”的人办理"):
        ask(desk, desk.task(party=desk.cast.utility))
