"""A task goes to a colleague of the same office, and who follows a case is told of it while they may see it."""

from __future__ import annotations

import datetime as dt

import pytest

from hege.cases import actions as cases
from hege.cases.models import CaseFollow, TimelineLine
from hege.cases.queries import follows
from hege.cases.rules import CaseState, LineKind, PartyRole, TaskState, check_passable
from hege.cases.tasks.actions import answer_task, pass_on_task, redirect_task, return_task
from hege.kernel.refused import Refused, allows
from hege.outbox.actions import read_all
from hege.outbox.models import Message
from hege.outbox.rules import Event
from hege.people.models import Membership, Party, Role, User
from tests.cases.conftest import AT, Desk, days_later
from tests.cast import Cast

pytestmark = pytest.mark.once

D = dt.date


def a_clerk(desk: Desk, name: str, party: Party, until_on: dt.date | None = None) -> User:
    user = User.objects.create_user(name, full_name=f"经办人{name}")
    Membership.objects.create(
        street=desk.street, user=user, role=Role.CLERK, party=party, from_on=D(2026, 1, 1), until_on=until_on
    )
    return user


@pytest.mark.parametrize("task", TaskState)
def test_what_is_to_be_answered_is_passed_on_by_its_own_people(task: TaskState):
    for own in (True, False):
        may = allows(check_passable, case=CaseState.HANDLING, task=task, own=own)
        assert may is (own and task in {TaskState.OPEN, TaskState.SIGNED})
    assert not allows(check_passable, case=CaseState.CLOSED, task=task, own=True)


@pytest.mark.both
def test_a_task_goes_to_a_colleague_and_both_are_told(desk: Desk):
    cast, task = desk.cast, desk.task()
    li, wang = a_clerk(desk, "李", cast.office), a_clerk(desk, "王", cast.office)
    Message.objects.all().delete()
    pass_on_task(task, whom=li, words="您熟悉这条街。", by=cast.clerk, at=AT)
    task.refresh_from_db()
    assert (task.handler, task.party, task.state) == (li, cast.office, TaskState.OPEN)
    assert Message.objects.get(event=Event.PASSED_ON).user == li
    line = TimelineLine.objects.get(kind=LineKind.TASK_PASS)
    assert (line.text, line.by, line.internal) == ("装分表 → 经办人李：您熟悉这条街。", cast.clerk, True)
    pass_on_task(task, whom=wang, by=cast.clerk, at=AT)
    assert Message.objects.get(event=Event.PASSED_AWAY).user == li
    assert (
        answer_task(task, answer="好了。", by=li, at=AT).answered_by == li
    )  # the office has it, whoever of it answers


def test_it_goes_to_nobody_without_the_post(desk: Desk):
    cast, task = desk.cast, desk.task()
    gone = a_clerk(desk, "走", cast.office, until_on=D(2026, 2, 1))
    elsewhere, li = a_clerk(desk, "水", cast.utility), a_clerk(desk, "李", cast.office)
    for whom in (gone, elsewhere, cast.coordinator):
        with pytest.raises(Refused, match="今天不在“城建中心”任职") as refusal:
            pass_on_task(task, whom=whom, by=cast.clerk, at=AT)
        assert refusal.value.field == "whom"
    for by in (elsewhere, cast.coordinator, cast.grid_worker):
        with pytest.raises(Refused, match="承办单位自己的人"):
            pass_on_task(task, whom=li, by=by, at=AT)
    pass_on_task(task, whom=li, by=cast.clerk, at=AT)
    with pytest.raises(Refused, match="已经在经办人李手里"):
        pass_on_task(task, whom=li, by=cast.clerk, at=AT)
    cases.add_party(task.case, party=cast.utility, role=PartyRole.UTILITY, by=cast.coordinator, at=AT)
    return_task(task, reason="不归我们。", by=li, at=AT)
    assert redirect_task(task, party=cast.utility, by=cast.coordinator, at=AT).handler is None


@pytest.mark.both
def test_who_follows_is_told_once_until_they_look(desk: Desk):
    cast, case = desk.cast, desk.case()
    cases.follow_case(case, by=cast.auditor, at=AT)
    cases.follow_case(case, by=cast.auditor, at=AT)
    cases.follow_case(case, by=cast.coordinator, at=AT)
    assert CaseFollow.objects.count() == 2
    told = Message.objects.filter(event=Event.FOLLOWED)
    for _time in range(2):
        cases.add_note(case, text="看过了。", by=cast.coordinator, at=AT)
    assert [m.user for m in told] == [cast.auditor]  # not who acts, and one message until it is read
    read_all(desk.street, until=told.get().pk, by=cast.auditor, at=AT)
    cases.add_note(case, text="又看过了。", by=cast.clerk, at=AT)
    assert sorted(m.user_id or 0 for m in told.all()) == sorted([cast.auditor.pk] * 2 + [cast.coordinator.pk])
    cases.unfollow_case(case, by=cast.coordinator, at=AT)
    assert (follows(cast.auditor, case), follows(cast.coordinator, case)) == (True, False)


def test_who_does_not_see_a_case_is_told_nothing(desk: Desk, other_cast: Cast):
    cast, case = desk.cast, desk.case()
    for user in (cast.agent, other_cast.coordinator):
        with pytest.raises(Refused, match="看不到这个案件"):
            cases.follow_case(case, by=user, at=AT)
    cases.follow_case(case, by=cast.checker, at=AT)
    Membership.objects.filter(user=cast.checker).update(until_on=D(2026, 3, 4))
    cases.add_note(case, text="看过了。", by=cast.coordinator, at=days_later(3))
    assert not Message.objects.filter(event=Event.FOLLOWED).exists()
