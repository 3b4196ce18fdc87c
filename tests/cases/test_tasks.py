"""Tasks with their clock, and the links by which outsiders answer them."""

from __future__ import annotations

import datetime as dt

import pytest

from hege.cases import actions as cases
from hege.cases.models import TaskLink, TimelineLine
from hege.cases.queries import link_by_token, link_hash, links_of, the_task
from hege.cases.rules import CaseState, LineKind, PartyRole, TaskState
from hege.cases.tasks.actions import (
    add_task,
    answer_by_link,
    answer_task,
    cancel_task,
    make_link,
    open_link,
    redirect_task,
    return_task,
    revoke_link,
    sign_task,
)
from hege.kernel.refused import Refused
from hege.outbox.models import Message
from hege.outbox.rules import Event
from hege.trail import queries as trail
from hege.trail.models import TrailLine
from tests.cases.conftest import AT, ON, Desk, days_later
from tests.cast import Cast

pytestmark = pytest.mark.once

D = dt.date


def test_a_task_goes_from_open_to_done(desk: Desk):
    task = desk.task()
    assert (task.state, task.dispatched_on, task.due_on) == (TaskState.OPEN, ON, D(2026, 3, 9))
    task = sign_task(task, by=desk.cast.clerk, at=AT)
    task = answer_task(task, answer="装好 47 块。", document="清单", by=desk.cast.clerk, at=days_later(1))
    assert (task.state, task.answered_by, task.answer) == (TaskState.DONE, desk.cast.clerk, "装好 47 块。")
    assert the_task(desk.street, task.public_id) == task


def test_an_answer_signs_for_a_task_that_was_still_open(desk: Desk):
    task = answer_task(desk.task(), answer="好了。", by=desk.cast.clerk, at=AT)
    assert task.signed_at == task.finished_at == AT


def test_a_finished_task_is_finished(desk: Desk):
    task = answer_task(desk.task(), answer="好了。", by=desk.cast.clerk, at=AT)
    for act in (
        lambda: sign_task(task, by=None, at=AT),
        lambda: answer_task(task, answer="又好了。", by=None, at=AT),
        lambda: return_task(task, reason="退。", by=None, at=AT),
        lambda: cancel_task(task, reason="不做。", by=None, at=AT),
        lambda: redirect_task(task, party=desk.cast.utility, by=None, at=AT),
        lambda: make_link(task, by=None, at=AT),
    ):
        with pytest.raises(Refused):
            act()


def test_a_returned_task_bounces_on_the_same_clock(desk: Desk):
    task = desk.task()
    task = return_task(task, reason="应由水司装。", by=desk.cast.clerk, at=days_later(2))
    assert (task.state, task.bounces, task.reason) == (TaskState.RETURNED, 1, "应由水司装。")
    task = redirect_task(task, party=desk.cast.utility, by=desk.cast.coordinator, at=days_later(3))
    assert (task.state, task.party, task.due_on) == (TaskState.OPEN, desk.cast.utility, D(2026, 3, 9))


def test_a_task_goes_to_parties_of_the_case_only(desk: Desk, other_cast: Cast):
    case = desk.case(CaseState.HANDLING)
    with pytest.raises(Refused) as refusal:
        desk.task(case, party=desk.cast.agent_party)
    assert refusal.value.field == "party"
    with pytest.raises(ValueError, match="another street"):
        desk.task(case, party=other_cast.office)
    task = return_task(desk.task(case), reason="退。", by=None, at=AT)
    with pytest.raises(Refused):
        redirect_task(task, party=desk.cast.agent_party, by=None, at=AT)
    cases.add_party(case, party=desk.cast.agent_party, role=PartyRole.AGENT, by=None, at=AT)
    assert redirect_task(task, party=desk.cast.agent_party, by=None, at=AT).state == TaskState.OPEN


def test_no_task_goes_to_a_party_that_left(desk: Desk):
    case = desk.case(CaseState.HANDLING)
    part = cases.add_party(case, party=desk.cast.agent_party, role=PartyRole.AGENT, by=None, at=AT)
    cases.end_party(part, until_on=ON + dt.timedelta(days=1), reason="已搬走。", by=None, at=AT)
    assert desk.task(case, party=desk.cast.agent_party).party == desk.cast.agent_party
    with pytest.raises(Refused, match="不是本案的参与方"):
        add_task(case, party=desk.cast.agent_party, title="装分表", days=5, by=None, at=days_later(1))


def test_another_street_does_not_see_a_task(desk: Desk, other_cast: Cast):
    assert the_task(other_cast.street, desk.task().public_id) is None


@pytest.mark.parametrize("state", [CaseState.SUSPENDED, CaseState.CLOSED, CaseState.REVISITED])
def test_no_task_is_given_while_a_case_rests(desk: Desk, state: CaseState):
    with pytest.raises(Refused, match="不能交办"):
        desk.task(desk.case(state))


def test_a_task_needs_a_title_and_a_term(desk: Desk):
    case = desk.case(CaseState.HANDLING)
    with pytest.raises(Refused):
        add_task(case, party=desk.cast.office, title=" ", days=5, by=None, at=AT)
    with pytest.raises(Refused):
        desk.task(case, days=0)


def test_words_are_asked_for(desk: Desk):
    task = desk.task()
    with pytest.raises(Refused):
        answer_task(task, answer=" ", by=None, at=AT)
    with pytest.raises(Refused):
        return_task(task, reason="", by=None, at=AT)
    with pytest.raises(Refused):
        cancel_task(task, reason="", by=None, at=AT)


@pytest.mark.both
def test_a_task_is_done_by_its_partys_own_people_or_written_down_in_its_name(desk: Desk):
    case = desk.case(CaseState.HANDLING)
    acts = (
        lambda task, by: sign_task(task, by=by, at=AT),
        lambda task, by: return_task(task, reason="退。", by=by, at=AT),
        lambda task, by: answer_task(task, answer="好了。", by=by, at=AT),
    )
    for act in acts:
        task = desk.task(case, party=desk.cast.utility)
        with pytest.raises(Refused, match="“水务公司”的人办理"):
            act(task, desk.cast.clerk)
        done = act(task, desk.cast.grid_worker)
        assert TimelineLine.objects.latest("pk").on_behalf == "水务公司"
    assert done.answered_on_behalf == "水务公司"


# -- links -------------------------------------------------------------------------------------------------------------


def test_an_outsider_answers_a_task_by_a_link(desk: Desk):
    task = desk.task(party=desk.cast.utility)
    link, token = make_link(task, days=14, by=desk.cast.coordinator, at=AT)
    assert link_by_token(token, at=days_later(1)).task == task
    open_link(token, by=None, at=days_later(1))
    open_link(token, by=None, at=days_later(2))
    done = answer_by_link(token, answer="表已装。", document="照片", name="李工", by=None, at=days_later(2))
    assert (done.state, done.answered_by, done.answered_on_behalf) == (TaskState.DONE, None, "水务公司 李工")
    link.refresh_from_db()
    assert (link.opened, link.used_at) == (2, days_later(2))
    line = TimelineLine.objects.get(kind=LineKind.TASK_ANSWER)
    assert (line.by, line.on_behalf, line.document) == (None, "水务公司 李工", "照片")
    assert [t.verb for t in trail.of(link, street=desk.street)] == ["open_link", "open_link", "make_link"]
    assert TrailLine.objects.get(verb="answer_task").on_behalf == "水务公司 李工"


def test_what_comes_back_of_a_task_is_told_to_who_hands_tasks_on_each_time_and_not_to_who_did_it(desk: Desk):
    task = desk.task()
    return_task(task, reason="不归我们。", by=desk.cast.clerk, at=AT)
    for n in (1, 2):
        task = redirect_task(task, party=desk.cast.utility, by=desk.cast.coordinator, at=days_later(n))
        _link, token = make_link(task, by=desk.cast.coordinator, at=days_later(n))
        if n == 1:
            answer_by_link(token, answer="也不归我们。", returns=True, by=None, at=days_later(n))
    answer_by_link(token, answer="好了。", by=None, at=days_later(2))
    told = Message.objects.filter(event__in=[Event.TASK_ANSWERED, Event.TASK_RETURNED]).order_by("pk")
    assert list(told.values_list("event", "user")) == [
        (Event.TASK_RETURNED, desk.cast.coordinator.pk),
        (Event.TASK_RETURNED, desk.cast.coordinator.pk),
        (Event.TASK_ANSWERED, desk.cast.coordinator.pk),
    ]
    answer_task(desk.task(), answer="代为登记。", by=desk.cast.coordinator, at=AT)
    assert told.count() == 3


def test_a_link_answers_once(desk: Desk):
    _link, token = make_link(desk.task(), by=None, at=AT)
    answer_by_link(token, answer="好了。", by=None, at=AT)
    with pytest.raises(Refused, match="答复过"):
        answer_by_link(token, answer="又好了。", by=None, at=AT)
    with pytest.raises(Refused, match="答复过"):
        open_link(token, by=None, at=AT)


def test_an_outsider_may_give_a_task_back(desk: Desk):
    _link, token = make_link(desk.task(party=desk.cast.utility), by=None, at=AT)
    task = answer_by_link(token, answer="不归我们。", returns=True, by=None, at=AT)
    assert (task.state, task.bounces) == (TaskState.RETURNED, 1)


def test_a_refused_answer_does_not_use_the_link_up(desk: Desk):
    link, token = make_link(desk.task(), by=None, at=AT)
    with pytest.raises(Refused):
        answer_by_link(token, answer=" ", by=None, at=AT)
    link.refresh_from_db()
    assert link.used_at is None
    assert answer_by_link(token, answer="好了。", by=None, at=AT).state == TaskState.DONE


def test_only_the_hash_of_the_secret_is_kept(desk: Desk):
    link, token = make_link(desk.task(), by=None, at=AT)
    assert len(token) == 26
    assert link.token_hash == link_hash(token)
    kept = str(list(TaskLink.objects.values())) + str(list(TrailLine.objects.values("data")))
    assert token not in kept


@pytest.mark.parametrize("token", ["", "x" * 26, "\x00"])
def test_a_wrong_token_opens_nothing(desk: Desk, token: str):
    make_link(desk.task(), by=None, at=AT)
    with pytest.raises(Refused, match="没有这个链接"):
        link_by_token(token, at=AT)
    with pytest.raises(Refused, match="没有这个链接"):
        answer_by_link(token, answer="好了。", by=None, at=AT)


def test_a_link_ends_at_its_instant(desk: Desk):
    link, token = make_link(desk.task(), days=1, by=None, at=AT)
    assert link_by_token(token, at=link.expires_at - dt.timedelta(microseconds=1)) == link
    with pytest.raises(Refused, match="过期"):
        answer_by_link(token, answer="好了。", by=None, at=link.expires_at)


def test_a_revoked_link_opens_nothing(desk: Desk):
    link, token = make_link(desk.task(), by=None, at=AT)
    link = revoke_link(link, by=desk.cast.coordinator, at=AT)
    with pytest.raises(Refused, match="作废"):
        open_link(token, by=None, at=AT)
    with pytest.raises(Refused, match="已经作废"):
        revoke_link(link, by=desk.cast.coordinator, at=AT)


def test_there_is_one_key_at_a_time(desk: Desk):
    task = desk.task()
    _first, old = make_link(task, by=None, at=AT)
    _second, new = make_link(task, by=None, at=AT)
    with pytest.raises(Refused, match="作废"):
        link_by_token(old, at=AT)
    assert link_by_token(new, at=AT).task == task
    assert links_of(task).count() == 2


def test_the_old_partys_link_does_not_open_the_new_partys_task(desk: Desk):
    task = desk.task()
    _link, token = make_link(task, by=None, at=AT)
    task = return_task(task, reason="退。", by=desk.cast.clerk, at=AT)
    with pytest.raises(Refused):
        link_by_token(token, at=AT)
    redirect_task(task, party=desk.cast.utility, by=None, at=AT)
    with pytest.raises(Refused, match="作废"):
        link_by_token(token, at=AT)


def test_a_link_is_dead_once_its_task_is_settled_otherwise(desk: Desk):
    task = desk.task()
    _link, token = make_link(task, by=None, at=AT)
    cancel_task(task, reason="不做了。", by=None, at=AT)
    with pytest.raises(Refused, match="了结"):
        answer_by_link(token, answer="好了。", by=None, at=AT)


@pytest.mark.parametrize("days", [0, 61])
def test_a_link_is_not_made_for_ever(desk: Desk, days: int):
    with pytest.raises(Refused) as refusal:
        make_link(desk.task(), days=days, by=None, at=AT)
    assert refusal.value.field == "days"


def test_a_link_that_was_used_is_not_revoked(desk: Desk):
    task = desk.task(desk.case(CaseState.HANDLING), party=desk.cast.utility)
    link, token = make_link(task, by=desk.cast.coordinator, at=AT)
    answer_by_link(token, answer="已装好。", by=None, at=AT)
    with pytest.raises(Refused, match="不用作废"):
        revoke_link(link, by=desk.cast.coordinator, at=AT)
