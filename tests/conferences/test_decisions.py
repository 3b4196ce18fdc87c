"""Promises: who leads, by when, with what evidence, and who confirms."""

from __future__ import annotations

import datetime as dt

import pytest

from hege.conferences import actions as conferences
from hege.conferences.queries import (
    commitments_due,
    decisions_of,
    open_decisions,
    the_decision,
)
from hege.conferences.rules import (
    NEXT_DECISION,
    ConferenceState,
    DecisionState,
    awaits,
    check_confirmed_by_another,
    check_invites,
    check_lead_speaks,
    check_records,
    open_decision_steps,
)
from hege.kernel.refused import Refused, allows
from hege.places.queries import workday_calendar
from tests.cast import CERTAIN, Cast
from tests.conferences.conftest import AT, DUE, ON, Table

pytestmark = pytest.mark.once

State = DecisionState
D = dt.date
MOVES = {"assigned": "reported cancelled", "reported": "done assigned cancelled", "done": "", "cancelled": ""}


@pytest.mark.parametrize("state", State)
def test_a_decision_moves_as_the_table_says(state: State):
    assert {to.value for to in NEXT_DECISION[state]} == set(MOVES[state.value].split())


@pytest.mark.parametrize(
    ("state", "speaks", "apart", "steps"),
    [
        (State.ASSIGNED, True, True, {State.REPORTED, State.CANCELLED}),
        (State.ASSIGNED, False, True, {State.CANCELLED}),
        (State.REPORTED, False, True, {State.DONE, State.ASSIGNED, State.CANCELLED}),
        (State.REPORTED, True, False, {State.CANCELLED}),
        (State.DONE, True, True, set()),
    ],
)
def test_its_lead_reports_a_promise_and_another_settles_it(state: State, speaks: bool, apart: bool, steps: set[State]):
    assert open_decision_steps(state, speaks=speaks, apart=apart) == steps


def test_parties_are_asked_before_a_conference_and_promises_written_down_after_it():
    assert [s for s in ConferenceState if allows(check_invites, state=s)] == [ConferenceState.CALLED]
    assert [s for s in ConferenceState if allows(check_records, state=s)] == [ConferenceState.HELD]


def test_a_conference_awaits_its_report_once_its_day_has_come_and_then_its_signature():
    day = D(2026, 3, 2)
    for state, today, step in [
        (ConferenceState.CALLED, day - dt.timedelta(days=1), None),
        (ConferenceState.CALLED, day, ConferenceState.HELD),
        (ConferenceState.HELD, day, ConferenceState.MINUTED),
        (ConferenceState.MINUTED, day, None),
        (ConferenceState.CANCELLED, day, None),
    ]:
        assert awaits(state, meets_on=day, today=today) is step


@pytest.mark.both
def test_a_promise_is_written_down_with_its_parties(table: Table):
    decision = table.decision()
    assert (decision.number, decision.state, decision.lead) == (1, State.ASSIGNED, table.cast.office)
    assert list(decision.assisting.all()) == [table.cast.utility]
    assert not decision.late(DUE, CERTAIN)
    assert decision.late(DUE + dt.timedelta(days=1), CERTAIN)
    assert table.decision(conference=decision.conference).number == 2
    assert list(open_decisions(table.case)) == list(decisions_of(decision.conference))


@pytest.mark.parametrize("state", [ConferenceState.CALLED, ConferenceState.MINUTED])
def test_promises_are_made_between_the_conference_and_its_minutes(table: Table, state: ConferenceState):
    with pytest.raises(Refused, match="纪要签发之前"):
        table.decision(conference=table.conference(state))


def test_a_promise_is_not_due_before_it_was_made(table: Table):
    with pytest.raises(Refused) as refusal:
        table.decision(due_on=ON - dt.timedelta(days=1))
    assert refusal.value.field == "due_on"
    assert table.decision(due_on=ON).due_on == ON


def test_the_lead_does_not_assist_itself_and_a_measure_has_words(table: Table, other_cast: Cast):
    held = table.conference(ConferenceState.HELD)
    office, day = table.cast.office, DUE
    with pytest.raises(Refused) as refusal:
        conferences.record_decision(held, lead=office, assisting=[office], measure="装表", due_on=day, by=None, at=AT)
    assert refusal.value.field == "assisting"
    with pytest.raises(Refused) as refusal:
        conferences.record_decision(held, lead=office, measure=" ", due_on=day, by=None, at=AT)
    assert refusal.value.field == "measure"
    with pytest.raises(ValueError, match="another street"):
        conferences.record_decision(held, lead=other_cast.office, measure="装表", due_on=day, by=None, at=AT)


@pytest.mark.both
def test_the_lead_reports_with_evidence_and_another_confirms(table: Table):
    decision = table.decision(State.DONE)
    assert (decision.evidence, decision.reported_by) == ("方案已报。", table.cast.clerk)
    assert (decision.confirmed_by, decision.done_on) == (table.cast.coordinator, ON)
    assert not open_decisions(table.case).exists()


def test_evidence_is_asked_for(table: Table):
    with pytest.raises(Refused) as refusal:
        conferences.fulfil_decision(table.decision(), party=table.cast.office, evidence=" ", by=None, at=AT)
    assert refusal.value.field == "evidence"


def test_only_the_lead_says_that_its_promise_was_kept(table: Table):
    decision = table.decision()
    with pytest.raises(Refused, match="牵头单位"):
        conferences.fulfil_decision(
            decision, party=table.cast.utility, evidence="做了。", by=table.cast.coordinator, at=AT
        )
    with pytest.raises(Refused, match="城建中心"):  # the agent acts for one party alone
        conferences.fulfil_decision(decision, party=table.cast.office, evidence="做了。", by=table.cast.agent, at=AT)


def test_the_streets_own_people_may_write_down_what_the_lead_brought(table: Table):
    decision = conferences.fulfil_decision(
        table.decision(), party=table.cast.office, evidence="来函。", by=table.cast.grid_worker, at=AT
    )
    assert decision.state == State.REPORTED
    with pytest.raises(Refused, match="另一个人"):
        conferences.confirm_decision(decision, by=table.cast.grid_worker, at=AT)


def test_nobody_of_the_lead_confirms_its_own_promise(table: Table):
    decision = table.decision()
    decision = conferences.fulfil_decision(
        decision, party=table.cast.office, evidence="来函。", by=table.cast.coordinator, at=AT
    )
    with pytest.raises(Refused, match="另一个人"):
        conferences.confirm_decision(decision, by=table.cast.clerk, at=AT)
    with pytest.raises(Refused, match="具体的人"):
        conferences.confirm_decision(decision, by=None, at=AT)
    assert conferences.confirm_decision(decision, by=table.cast.checker, at=AT).state == State.DONE


def test_evidence_that_shows_nothing_is_sent_back_on_the_same_clock(table: Table):
    decision = conferences.send_back_decision(
        table.decision(State.REPORTED), reason="缺报价。", by=table.cast.coordinator, at=AT
    )
    assert (decision.state, decision.due_on, decision.reason) == (State.ASSIGNED, DUE, "缺报价。")
    with pytest.raises(Refused, match="还没有反馈"):
        conferences.send_back_decision(decision, reason="再退。", by=None, at=AT)
    with pytest.raises(Refused):
        conferences.send_back_decision(table.decision(State.REPORTED), reason="", by=None, at=AT)


def test_what_nobody_reported_is_not_confirmed(table: Table):
    with pytest.raises(Refused):
        conferences.confirm_decision(table.decision(), by=table.cast.checker, at=AT)


@pytest.mark.parametrize("state", [State.DONE, State.CANCELLED])
def test_a_settled_promise_is_settled(table: Table, state: State):
    decision = table.decision(state)
    with pytest.raises(Refused):
        conferences.fulfil_decision(decision, party=table.cast.office, evidence="又。", by=table.cast.clerk, at=AT)
    with pytest.raises(Refused):
        conferences.cancel_decision(decision, reason="不做。", by=table.cast.coordinator, at=AT)


def test_a_promise_falls_away_with_a_reason_only(table: Table):
    with pytest.raises(Refused):
        conferences.cancel_decision(table.decision(), reason=" ", by=table.cast.coordinator, at=AT)
    assert table.decision(State.CANCELLED).reason == "并入区里改造。"


def test_who_speaks_and_who_confirms():
    check_lead_speaks(party=1, lead=1)
    with pytest.raises(Refused):
        check_lead_speaks(party=2, lead=1)
    check_confirmed_by_another(by=5, reported_by=4, lead=1, acts_for={2})
    with pytest.raises(Refused):
        check_confirmed_by_another(by=5, reported_by=4, lead=1, acts_for={1})


# -- boards ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "left"),
    [(D(2026, 3, 3), []), (D(2026, 3, 4), [3]), (D(2026, 3, 8), [1]), (D(2026, 3, 9), [0]), (D(2026, 3, 11), [-2])],
)
def test_promises_are_due_in_working_days(table: Table, on: D, left: list[int]):
    table.decision()
    due = commitments_due(table.cast.street, on, workday_calendar(table.cast.street))
    assert [row.days_left for row in due] == left
    assert [row.late for row in due] == [days < 0 for days in left]


def test_days_left_know_the_holidays(table: Table):
    table.decision(due_on=D(2026, 10, 9))
    due = commitments_due(table.cast.street, D(2026, 9, 24), workday_calendar(table.cast.street), within=5)
    assert [row.days_left for row in due] == [5]


def test_a_reported_promise_waits_on_the_board_for_its_confirmation(table: Table):
    table.decision(State.REPORTED, due_on=D(2026, 6, 1))
    table.decision(State.DONE)
    (row,) = commitments_due(table.cast.street, ON, workday_calendar(table.cast.street))
    assert (row.reported, row.late) == (True, False)


def test_a_board_is_one_query_and_one_street(table: Table, other_cast: Cast, django_assert_num_queries):
    works = workday_calendar(table.cast.street)
    for _more in range(3):
        table.decision()
    with django_assert_num_queries(1):
        due = commitments_due(table.cast.street, DUE, works)
        assert {(d.decision.conference.case.number, d.decision.lead.name) for d in due} == {("2026-0001", "城建中心")}
    assert len(commitments_due(table.cast.street, DUE, works, party_ids=[table.cast.office.pk])) == 3
    assert commitments_due(table.cast.street, DUE, works, party_ids=[table.cast.utility.pk]) == []
    assert commitments_due(other_cast.street, DUE, works) == []


def test_decisions_with_their_parties_take_two_queries(table: Table, django_assert_num_queries):
    held = table.conference(ConferenceState.HELD)
    for _more in range(3):
        table.decision(conference=held)
    with django_assert_num_queries(2):
        assert [[p.name for p in d.assisting.all()] for d in decisions_of(held)] == [["水务公司"]] * 3


def test_another_street_does_not_see_a_promise(table: Table, other_cast: Cast):
    decision = table.decision()
    assert the_decision(table.cast.street, decision.pk) == decision
    assert the_decision(other_cast.street, decision.pk) is None
