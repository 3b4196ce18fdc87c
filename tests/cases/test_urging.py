"""Urging: who is told, what the case keeps, when it may be done again, and several at once."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError
from django.db.transaction import atomic

from hege.cases.actions import suspend_case
from hege.cases.models import Task, TimelineLine, Urging
from hege.cases.queries import Urged, late_cases, late_tasks, things_among, urged
from hege.cases.rules import CaseState, LineKind, TaskState, check_urgeable, check_urging_arrives
from hege.cases.tasks.actions import answer_task, return_task, urge, urge_all
from hege.kernel.refused import Refused, allows
from hege.outbox.models import Message
from hege.outbox.rules import Channel, Event
from hege.people.models import Membership, Role, User
from hege.trail.models import TrailLine
from tests.cases.conftest import AT, ON, Desk, days_later
from tests.cast import Cast

pytestmark = pytest.mark.once


@pytest.mark.parametrize("task", TaskState)
def test_a_task_is_urged_about_while_somebody_is_to_answer_it(task: TaskState):
    may = allows(check_urgeable, case=CaseState.HANDLING, task=task, urged_today=False)
    assert may is (task in {TaskState.OPEN, TaskState.SIGNED})
    for resting in (CaseState.SUSPENDED, CaseState.CLOSED, CaseState.REVISITED):
        assert not allows(check_urgeable, case=resting, task=task, urged_today=False)


@pytest.mark.parametrize("case", CaseState)
def test_a_case_is_urged_about_while_its_lead_has_it(case: CaseState):
    with_the_lead = {CaseState.DISPATCHED, CaseState.SIGNED, CaseState.HANDLING, CaseState.REWORKED}
    assert allows(check_urgeable, case=case, task=None, urged_today=False) is (case in with_the_lead)
    assert not allows(check_urgeable, case=case, task=None, urged_today=True)


def test_what_reaches_nobody_says_how_it_was_done():
    check_urging_arrives("水务公司", people=1, words="")
    check_urging_arrives("水务公司", people=0, words="电话催过。")
    with pytest.raises(Refused, match="“水务公司”没有人用本系统") as refusal:
        check_urging_arrives("水务公司", people=0, words="")
    assert refusal.value.field == "words"


@pytest.mark.both
def test_the_offices_people_are_told_and_the_case_keeps_the_words(desk: Desk):
    cast, task = desk.cast, desk.task()
    made = urge(task, words=" 请今天答复。 ", by=cast.coordinator, at=days_later(1))
    assert (made.party, made.on, made.words, made.told) == (cast.office, days_later(1).date(), "请今天答复。", 1)
    bell = Message.objects.get(event=Event.URGED)
    assert (bell.user, bell.channel, bell.number, bell.link) == (
        cast.clerk, Channel.BELL, task.case.number, f"/310117006/cases/tasks/{task.public_id}/",
    )  # fmt: skip
    line = TimelineLine.objects.get(kind=LineKind.URGE)
    assert (line.text, line.by, line.internal) == ("城建中心 · 装分表：请今天答复。", cast.coordinator, False)
    assert TrailLine.objects.get(verb="urge").data["told"] == 1
    task.refresh_from_db()
    assert (task.due_on, task.case.version) == (dt.date(2026, 3, 9), task.case.version)


@pytest.mark.both
def test_one_person_urges_once_a_day_and_each_time_is_counted(desk: Desk):
    cast, task = desk.cast, desk.task()
    urge(task, by=cast.coordinator, at=AT)
    with pytest.raises(Refused, match="今天已经催办过"):
        urge(task, by=cast.coordinator, at=AT)
    urge(task, by=cast.grid_worker, at=AT)
    urge(task, by=cast.coordinator, at=days_later(1))
    key = task.case_id, task.pk
    asked: dict[str, Any] = {"tasks": [task.pk], "cases": [task.case_id]}
    assert urged(desk.street, **asked, by=cast.grid_worker, on=days_later(1).date()) == {
        key: Urged(3, days_later(1).date(), today=False)
    }
    assert urged(desk.street, **asked, by=cast.grid_worker, on=ON)[key].today
    assert Message.objects.filter(event=Event.URGED).count() == 3
    row: dict[str, Any] = {"case": task.case, "task": task, "party": cast.office, "told": 1, "at": AT}
    with pytest.raises(IntegrityError), atomic():
        Urging.objects.create(street=desk.street, by=cast.coordinator, on=ON, **row)


def test_a_case_is_urged_about_to_who_leads_it_and_apart_from_its_tasks(desk: Desk):
    cast, task = desk.cast, desk.task()
    urge(task, by=cast.coordinator, at=AT)
    urge(task.case, by=cast.coordinator, at=AT)
    with pytest.raises(Refused, match="今天已经催办过"):
        urge(task.case, by=cast.coordinator, at=AT)
    assert [m.about for m in Message.objects.filter(event=Event.URGED).order_by("pk")] == ["cases.task", "cases.case"]
    counted = urged(desk.street, tasks=[task.pk], cases=[task.case_id], by=cast.coordinator, on=ON)
    assert counted == {(task.case_id, task.pk): Urged(1, ON, True), (task.case_id, None): Urged(1, ON, True)}
    row: dict[str, Any] = {"case": task.case, "party": cast.office, "told": 1, "at": AT}
    with pytest.raises(IntegrityError), atomic():
        Urging.objects.create(street=desk.street, by=cast.coordinator, on=ON, **row)


def test_where_nobody_can_be_told_it_is_written_how_they_were_urged(desk: Desk):
    task = desk.task(party=desk.cast.utility)
    with pytest.raises(Refused, match="没有人用本系统"):
        urge(task, by=desk.cast.coordinator, at=AT)
    made = urge(task, words="打电话给李工，答应明天回话。", by=desk.cast.coordinator, at=AT)
    assert (made.told, Message.objects.filter(event=Event.URGED).exists()) == (0, False)
    row: dict[str, Any] = {"case": task.case, "task": task, "party": desk.cast.utility, "told": 0, "at": AT}
    with pytest.raises(IntegrityError), atomic():
        Urging.objects.create(street=desk.street, by=None, on=ON, **row)


def test_who_urges_is_not_told_of_it_themselves(desk: Desk):
    second = User.objects.create_user("second-clerk", full_name="第二个经办人")
    Membership.objects.create(
        street=desk.street, user=second, role=Role.CLERK, party=desk.cast.office, from_on=dt.date(2026, 1, 1)
    )
    urge(desk.task(), by=second, at=AT)
    assert Message.objects.get(event=Event.URGED).user == desk.cast.clerk


def test_nobody_is_urged_in_a_case_that_hangs_or_about_what_is_done(desk: Desk):
    task = desk.task()
    suspend_case(task.case, reason="等汛期过后施工。", by=desk.cast.coordinator, at=AT)
    for thing in (task, task.case):
        with pytest.raises(Refused, match="缓办"):
            urge(thing, by=desk.cast.coordinator, at=AT)
    done = answer_task(desk.task(), answer="好了。", by=desk.cast.clerk, at=AT)
    with pytest.raises(Refused, match="已经了结或退回"):
        urge(done, by=desk.cast.coordinator, at=AT)


@pytest.mark.both
def test_of_several_those_are_urged_that_may_be_and_the_rest_says_why(desk: Desk):
    cast = desk.cast
    first, asked, back = desk.task(), desk.task(party=None), desk.task()
    silent = desk.task(party=cast.utility)
    urge(asked, by=cast.coordinator, at=AT)
    return_task(back, reason="退。", by=cast.clerk, at=AT)
    made = urge_all([silent, back, asked, first, first.case], by=cast.coordinator, at=AT)
    assert [(u.task, u.case) for u in made.done] == [(None, first.case), (first, first.case)]
    left: dict[object, str] = {thing: str(no) for thing, no in made.left}
    assert left.keys() == {silent, back, asked}
    assert "没有人用本系统" in left[silent]
    assert "今天已经催办过" in left[asked]
    assert "已经了结或退回" in left[back]
    with pytest.raises(Refused, match="今天已经催办过"):
        urge_all([first, first.case], by=cast.coordinator, at=AT)
    with pytest.raises(Refused, match="先勾选"):
        urge_all([], by=cast.coordinator, at=AT)


@pytest.mark.both
def test_what_is_late_waits_for_somebody_else(desk: Desk, other_cast: Cast):
    task = desk.task(days=1)
    back = return_task(desk.task(days=1), reason="退。", by=None, at=AT)
    asked: dict[str, Any] = {"before": dt.date(2026, 3, 10), "most": 9}
    assert late_tasks(desk.street, **asked) == [task]
    assert late_tasks(desk.street, party=desk.cast.utility, **asked) == []
    assert late_tasks(desk.street, before=task.due_on, most=9) == []
    assert late_cases(desk.street, **asked) == [task.case, back.case]
    ids = [task.public_id, task.case.public_id, "nothing"]
    assert things_among(desk.street, ids) == [task, task.case]
    assert things_among(other_cast.street, ids) == []
    assert late_tasks(other_cast.street, **asked) == late_cases(other_cast.street, **asked) == []
    assert Task.objects.filter(street=other_cast.street).count() == 0
