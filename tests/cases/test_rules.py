"""The tables of moves, written out once more by hand, and the rules that need no database."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from types import SimpleNamespace

import pytest

from hege.cases.rules import (
    NEXT_CASE,
    NEXT_REPORT,
    NEXT_TASK,
    CaseState,
    NumberedCase,
    PartyRole,
    ReportKind,
    ReportState,
    TaskState,
    after_suspension,
    check_case_move,
    check_days,
    check_link,
    check_link_days,
    check_no_open_tasks,
    check_not_own_case,
    check_not_the_lead,
    check_period,
    check_report_step,
    check_revocable,
    check_takes_links,
    check_takes_tasks,
    keeps_its_clock,
    open_report_steps,
    open_steps,
    open_task_steps,
    resumes_to,
    waits_for_case,
)
from hege.kernel.calendar import is_weekday
from hege.kernel.checks import check_move, check_same_street, check_words
from hege.kernel.refused import Refused, allows, refusal_of

D = dt.date

CASE_MOVES = {
    "filed": "dispatched on_hold voided",
    "dispatched": "signed returned on_hold voided",
    "signed": "handling returned on_hold voided",
    "handling": "feedback returned on_hold voided",
    "feedback": "checking reworked voided",
    "checking": "closed reworked voided",
    "closed": "revisited reopened",
    "revisited": "reopened",
    "voided": "reopened",
    "returned": "dispatched voided",
    "on_hold": "filed dispatched signed handling reworked reopened",
    "reworked": "feedback on_hold voided",
    "reopened": "dispatched on_hold voided",
}
REPORT_MOVES = {
    "submitted": "verifying accepted rejected duplicate withdrawn",
    "verifying": "accepted rejected duplicate withdrawn",
    "accepted": "duplicate verifying",
    "duplicate": "verifying",
    "rejected": "",
    "withdrawn": "",
}
TASK_MOVES = {
    "open": "signed returned cancelled",
    "signed": "done returned cancelled",
    "returned": "open cancelled",
    "done": "",
    "cancelled": "",
}


@pytest.mark.parametrize("state", CaseState)
@pytest.mark.parametrize("to", CaseState)
def test_a_case_moves_as_the_table_says_and_no_other_way(state: CaseState, to: CaseState):
    allowed = to.value in CASE_MOVES[state.value].split()
    assert (to in NEXT_CASE[state]) is allowed
    if not allowed:
        with pytest.raises(Refused, match=str(state.label)):
            check_move(state, to, NEXT_CASE)


@pytest.mark.parametrize("state", ReportState)
def test_a_report_moves_as_the_table_says(state: ReportState):
    assert {to.value for to in NEXT_REPORT[state]} == set(REPORT_MOVES[state.value].split())


@pytest.mark.parametrize("state", TaskState)
def test_a_task_moves_as_the_table_says(state: TaskState):
    assert {to.value for to in NEXT_TASK[state]} == set(TASK_MOVES[state.value].split())


@pytest.mark.parametrize("state", CaseState)
def test_every_state_but_the_first_can_be_reached(state: CaseState):
    assert state is CaseState.FILED or any(state in to for to in NEXT_CASE.values())


@pytest.mark.parametrize("kind", [ReportKind.SHOP, ReportKind.HOTLINE])
def test_the_publics_report_is_looked_at_on_site_first(kind: ReportKind):
    with pytest.raises(Refused, match="现场核实"):
        check_report_step(ReportState.SUBMITTED, ReportState.ACCEPTED, kind=kind, case=None)
    check_report_step(ReportState.VERIFYING, ReportState.ACCEPTED, kind=kind, case=None)


R = ReportState
RUNNING, CLOSED = (
    SimpleNamespace(number="1", state=CaseState.HANDLING),
    SimpleNamespace(number="2", state=CaseState.CLOSED),
)


@pytest.mark.parametrize(
    ("state", "kind", "case", "steps"),
    [
        (R.SUBMITTED, ReportKind.SHOP, None, {R.VERIFYING, R.REJECTED, R.DUPLICATE, R.WITHDRAWN}),
        (R.VERIFYING, ReportKind.SHOP, None, {R.ACCEPTED, R.REJECTED, R.DUPLICATE, R.WITHDRAWN}),
        (R.ACCEPTED, ReportKind.PATROL, None, {R.DUPLICATE}),
        (R.ACCEPTED, ReportKind.PATROL, RUNNING, {R.VERIFYING}),
        (R.DUPLICATE, ReportKind.PATROL, RUNNING, {R.VERIFYING}),
        (R.DUPLICATE, ReportKind.PATROL, CLOSED, set()),
    ],
)
def test_a_report_in_a_case_is_only_taken_out_of_it_while_that_is_open(
    state: ReportState, kind: ReportKind, case: NumberedCase | None, steps: set[ReportState]
):
    assert open_report_steps(state, kind=kind, case=case) == steps


@pytest.mark.parametrize("state", ReportState)
@pytest.mark.parametrize("case", [None, RUNNING, CLOSED])
def test_a_step_of_a_report_is_refused_exactly_where_it_is_not_open(state: ReportState, case: NumberedCase | None):
    kind = ReportKind.HOTLINE
    taken = {to for to in ReportState if not refusal_of(check_report_step, state=state, to=to, kind=kind, case=case)}
    assert taken == open_report_steps(state, kind=kind, case=case)


def test_a_case_is_filed_from_an_accepted_report_that_stands_in_none():
    assert waits_for_case(R.ACCEPTED, in_case=False)
    assert not waits_for_case(R.ACCEPTED, in_case=True)
    assert not waits_for_case(R.VERIFYING, in_case=False)


@pytest.mark.parametrize("kind", [ReportKind.VISIT, ReportKind.PATROL, ReportKind.WARNING])
def test_our_own_report_may_be_accepted_at_once(kind: ReportKind):
    check_report_step(ReportState.SUBMITTED, ReportState.ACCEPTED, kind=kind, case=None)
    with pytest.raises(Refused):
        check_report_step(ReportState.WITHDRAWN, ReportState.ACCEPTED, kind=kind, case=None)


def test_nobody_checks_their_own_handling():
    check_not_own_case(3, {1, 2})
    with pytest.raises(Refused, match="另一个人"):
        check_not_own_case(2, {1, 2})


def test_the_system_checks_nothing():
    with pytest.raises(Refused, match="具体的人"):
        check_not_own_case(None, set())


def test_open_tasks_are_named():
    check_no_open_tasks([])
    with pytest.raises(Refused, match="装分表、贴公示"):
        check_no_open_tasks(["装分表", "贴公示"])


def test_words_are_asked_for_and_trimmed():
    assert check_words("  已办。 ") == "已办。"
    with pytest.raises(Refused) as refusal:
        check_words(" \n", field="text")
    assert refusal.value.field == "text"


@pytest.mark.parametrize("days", [0, -1, 251])
def test_a_term_is_a_day_or_more_and_no_more_than_a_years(days: int):
    with pytest.raises(Refused):
        check_days(days)


@pytest.mark.parametrize("days", [0, 61])
def test_a_link_lives_days_and_not_for_ever(days: int):
    check_link_days(60)
    with pytest.raises(Refused):
        check_link_days(days)


def test_a_period_does_not_end_before_it_begins():
    check_period(D(2026, 3, 2), D(2026, 3, 2))
    with pytest.raises(Refused):
        check_period(D(2026, 3, 2), D(2026, 3, 1))


@pytest.mark.parametrize(
    ("due", "held", "resumed", "expected"),
    [
        (D(2026, 3, 9), D(2026, 3, 4), D(2026, 3, 4), D(2026, 3, 9)),  # resumed the same day: nothing is won
        (D(2026, 3, 9), D(2026, 3, 4), D(2026, 3, 6), D(2026, 3, 11)),  # two working days
        (D(2026, 3, 9), D(2026, 3, 6), D(2026, 3, 8), D(2026, 3, 9)),  # over a week's end: none
        (D(2026, 3, 9), D(2026, 3, 4), D(2026, 4, 1), D(2026, 4, 6)),  # twenty working days, over a month's end
    ],
)
def test_a_hold_moves_the_due_day_by_the_working_days_it_lasted(due: D, held: D, resumed: D, expected: D):
    assert after_suspension(due, held_on=held, resumed_on=resumed, is_workday=is_weekday) == expected


@dataclass
class Link:
    expires_at: dt.datetime = dt.datetime(2026, 3, 16, tzinfo=dt.UTC)
    used_at: dt.datetime | None = None
    revoked_at: dt.datetime | None = None


BEFORE = dt.datetime(2026, 3, 15, 23, 59, 59, 999999, tzinfo=dt.UTC)
AT_THE_END = dt.datetime(2026, 3, 16, tzinfo=dt.UTC)


@pytest.mark.parametrize("state", [TaskState.OPEN, TaskState.SIGNED])
def test_a_link_opens_a_task_until_its_last_instant(state: TaskState):
    check_link(Link(), task_state=state, at=BEFORE)
    with pytest.raises(Refused, match="过期"):
        check_link(Link(), task_state=state, at=AT_THE_END)


@pytest.mark.parametrize(
    ("link", "state", "why"),
    [
        (Link(used_at=BEFORE), TaskState.DONE, "答复过"),
        (Link(revoked_at=BEFORE), TaskState.OPEN, "作废"),
        (Link(), TaskState.CANCELLED, "了结"),
        (Link(), TaskState.DONE, "了结"),
        (Link(), TaskState.RETURNED, "了结"),
    ],
)
def test_a_dead_link_says_why(link: Link, state: TaskState, why: str):
    with pytest.raises(Refused, match=why):
        check_link(link, task_state=state, at=BEFORE)


def test_a_link_is_made_worthless_once_and_not_after_it_was_used():
    assert allows(check_revocable, link=Link())
    assert not allows(check_revocable, link=Link(revoked_at=BEFORE))
    assert not allows(check_revocable, link=Link(used_at=BEFORE))


@pytest.mark.parametrize("due_on", [None, dt.date(2026, 3, 2)])
def test_only_a_returned_case_keeps_its_clock(due_on: dt.date | None):
    kept = [state for state in C if keeps_its_clock(state, due_on=due_on)]
    assert kept == ([C.RETURNED] if due_on else [])


@dataclass
class Thing:
    street_id: int


def test_things_of_two_streets_never_meet():
    check_same_street(1, Thing(1), None, Thing(1))
    with pytest.raises(ValueError, match="another street"):
        check_same_street(1, Thing(1), Thing(2))


C = CaseState


@pytest.mark.parametrize(
    ("state", "apart", "speaks", "steps"),
    [
        (C.DISPATCHED, True, True, {C.SIGNED, C.RETURNED, C.SUSPENDED, C.VOIDED}),
        (C.DISPATCHED, True, False, {C.SUSPENDED, C.VOIDED}),
        (C.FEEDBACK, True, False, {C.CHECKING, C.REWORKED, C.VOIDED}),
        (C.FEEDBACK, False, True, {C.VOIDED}),
        (C.CHECKING, False, True, {C.VOIDED}),
        (C.CLOSED, False, True, {C.REOPENED}),
    ],
)
def test_who_handles_does_not_inspect_and_only_the_lead_signs(
    state: CaseState, apart: bool, speaks: bool, steps: set[CaseState]
):
    assert open_steps(state, apart=apart, speaks=speaks) == steps


def test_a_case_that_hangs_is_gone_on_with_before_anything_else():
    assert open_steps(C.SUSPENDED, apart=True, speaks=True) == set()
    with pytest.raises(Refused, match="请先恢复办理"):
        check_case_move(C.SUSPENDED, C.HANDLING, held_from="handling")
    check_case_move(C.SUSPENDED, C.HANDLING, held_from="")


@pytest.mark.parametrize("state", [state for state in C if state is not C.SUSPENDED])
def test_a_step_that_is_open_to_somebody_is_one_the_act_allows(state: CaseState):
    allowed = {to for to in C if allows(check_case_move, state=state, to=to, held_from="")}
    assert open_steps(state, apart=True, speaks=True) == allowed


@pytest.mark.parametrize(
    ("state", "held_from", "goes_on_in"),
    [
        (C.SUSPENDED, "signed", C.SIGNED),
        (C.SUSPENDED, "", C.HANDLING),
        (C.SUSPENDED, "closed", None),
        (C.SIGNED, "signed", None),
    ],
)
def test_a_case_goes_on_where_it_was_hung_up(state: CaseState, held_from: str, goes_on_in: CaseState | None):
    if goes_on_in is None:
        assert not allows(resumes_to, state=state, held_from=held_from)
    else:
        assert resumes_to(state, held_from=held_from) is goes_on_in


def test_nothing_is_asked_for_in_a_case_that_is_closed_or_hangs():
    refusing = {state for state in C if not allows(check_takes_tasks, state=state)}
    assert refusing == {C.CLOSED, C.REVISITED, C.VOIDED, C.SUSPENDED}


def test_the_lead_alone_does_not_leave_a_case():
    assert [role for role in PartyRole if not allows(check_not_the_lead, role=role)] == [PartyRole.LEAD]


T = TaskState


@pytest.mark.parametrize(
    ("state", "by_its_party", "by_others"),
    [
        (T.OPEN, {T.SIGNED, T.DONE, T.RETURNED}, {T.CANCELLED}),
        (T.SIGNED, {T.DONE, T.RETURNED}, {T.CANCELLED}),
        (T.RETURNED, set(), {T.OPEN, T.CANCELLED}),
        (T.DONE, set(), set()),
        (T.CANCELLED, set(), set()),
    ],
)
def test_a_task_is_answered_by_its_party_and_handed_on_by_others(
    state: TaskState, by_its_party: set[TaskState], by_others: set[TaskState]
):
    assert open_task_steps(state, speaks=True) == by_its_party | by_others
    assert open_task_steps(state, speaks=False) == by_others


def test_a_link_is_made_for_a_task_that_awaits_its_answer():
    assert {state for state in T if allows(check_takes_links, state=state)} == {T.OPEN, T.SIGNED}
