"""The way of a case: each step by whom, each refusal, each clock."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from hege.cases import actions as cases
from hege.cases.models import Case, CaseParty, NumberSeries, TimelineLine
from hege.cases.queries import handlers_of, lead_of, parties_of, timeline
from hege.cases.reports.actions import record_visit
from hege.cases.rules import NEXT_CASE, CaseState, LineKind, PartyRole, PaysHow, ReceiptsHeld
from hege.cases.tasks.actions import answer_task, cancel_task, return_task
from hege.kernel.clock import at_noon
from hege.kernel.mutability import Immutable
from hege.kernel.refused import Refused, Stale
from hege.outbox.models import Message
from hege.outbox.rules import Event
from hege.people.models import Membership, Party, Role, User
from hege.trail import queries as trail
from hege.web.shared.sayings import words_of
from tests.cases.conftest import AT, ON, Desk, days_later
from tests.cast import Cast, Row, first_broken

pytestmark = pytest.mark.once

D = dt.date


@pytest.mark.both
def test_a_case_goes_its_way_to_the_re_visit(desk: Desk):
    case = desk.case(CaseState.REVISITED)
    kinds = [line.kind for line in timeline(case, internal=True).order_by("pk")]
    assert kinds == [
        LineKind.FILE,
        LineKind.DISPATCH,
        LineKind.SIGN,
        LineKind.CONTACT,
        LineKind.FEEDBACK,
        LineKind.CHECK,
        LineKind.CLOSE,
        LineKind.REVISIT,
    ]
    assert [line.verb for line in trail.of(case, street=desk.street).order_by("seq")] == kinds
    assert (case.version, case.satisfied, case.checked_by) == (8, True, desk.cast.checker)
    assert first_broken(desk.street) is None


@pytest.mark.parametrize("state", CaseState)
def test_every_state_can_be_reached_by_actions(case_in: Callable[[CaseState], Case], state: CaseState):
    assert case_in(state).state == state


MOVES = {
    CaseState.DISPATCHED: "_dispatch",
    CaseState.SIGNED: "_sign",
    CaseState.HANDLING: "_contact",
    CaseState.FEEDBACK: "_feedback",
    CaseState.CHECKING: "_check",
    CaseState.CLOSED: "_close",
    CaseState.REVISITED: "_revisit",
    CaseState.RETURNED: "_return",
    CaseState.SUSPENDED: "_hold",
    CaseState.VOIDED: "_void",
    CaseState.REWORKED: "_rework",
    CaseState.REOPENED: "_reopen",
}


@pytest.mark.parametrize("state", CaseState)
def test_no_action_makes_a_move_that_the_table_does_not_allow(desk: Desk, state: CaseState):
    case = desk.case(state)
    for to, verb in MOVES.items():
        if to not in NEXT_CASE[state] or state is CaseState.SUSPENDED:
            with pytest.raises(Refused):
                getattr(desk, verb)(case)
    case.refresh_from_db()
    assert case.state == state


def test_numbers_count_per_street_and_year(desk: Desk, other_cast: Cast):
    first, second = desk.case(), desk.case()
    theirs = cases.file_case(other_cast.street, title="别处", by=other_cast.coordinator, at=AT)
    later = cases.file_case(desk.street, title="明年", by=None, at=at_noon(D(2027, 1, 1)))
    assert [c.number for c in (first, second, theirs, later)] == ["2026-0001", "2026-0002", "2026-0001", "2027-0001"]
    assert NumberSeries.objects.get(street=desk.street, series="case", year=2026).last == 2


def test_the_year_of_a_number_is_the_years_of_shanghai(desk: Desk):
    new_year = dt.datetime(2026, 12, 31, 16, 0, tzinfo=dt.UTC)
    assert cases.file_case(desk.street, title="元旦", by=None, at=new_year).number == "2027-0001"


def test_a_case_needs_a_title(desk: Desk):
    with pytest.raises(Refused) as refusal:
        cases.file_case(desk.street, title=" ", by=desk.cast.coordinator, at=AT)
    assert refusal.value.field == "title"


def test_a_case_is_linked_to_its_supply_point(desk: Desk, row: Row):
    case = cases.file_case(desk.street, title="总表欠费", point=row.point, by=desk.cast.coordinator, at=AT)
    assert list(row.point.cases.all()) == [case]


def test_a_point_of_another_street_is_no_part_of_a_case(row: Row, other_cast: Cast):
    with pytest.raises(ValueError, match="another street"):
        cases.file_case(other_cast.street, title="别处", point=row.point, by=None, at=AT)


# -- clocks ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dispatched", "days", "due"),
    [
        (D(2026, 2, 12), 5, D(2026, 2, 26)),
        (D(2026, 9, 24), 5, D(2026, 10, 9)),
        (D(2026, 2, 12), 15, D(2026, 3, 11)),
    ],
)
def test_the_clock_of_a_case_knows_holidays_and_make_up_days(desk: Desk, dispatched: D, days: int, due: D):
    case = cases.dispatch_case(desk.case(), lead=desk.cast.office, days=days, by=None, at=at_noon(dispatched))
    assert (case.dispatched_on, case.due_on) == (dispatched, due)


def test_the_clock_starts_on_the_day_it_is_in_shanghai(desk: Desk):
    before_midnight = dt.datetime(2026, 3, 2, 15, 59, 59, 999999, tzinfo=dt.UTC)
    after_midnight = dt.datetime(2026, 3, 2, 16, 0, tzinfo=dt.UTC)
    monday = cases.dispatch_case(desk.case(), lead=desk.cast.office, days=1, by=None, at=before_midnight)
    tuesday = cases.dispatch_case(desk.case(), lead=desk.cast.office, days=1, by=None, at=after_midnight)
    assert (monday.due_on, tuesday.due_on) == (D(2026, 3, 3), D(2026, 3, 4))


def test_waiting_to_sign_wins_no_time(desk: Desk):
    case = cases.sign_for(desk.case(CaseState.DISPATCHED), by=desk.cast.clerk, at=days_later(4))
    assert case.due_on == D(2026, 3, 9)
    assert case.contact_due_on == D(2026, 3, 3)


def test_a_bounce_wins_no_time_and_is_counted(desk: Desk):
    case = desk.case(CaseState.RETURNED)
    assert (case.bounces, case.state_reason) == (1, "不属本单位职责。")
    case = cases.dispatch_case(case, lead=desk.cast.utility, days=30, by=desk.cast.coordinator, at=days_later(3))
    assert (case.dispatched_on, case.due_on) == (ON, D(2026, 3, 9))
    lead = lead_of(case)
    assert lead is not None
    assert lead.party == desk.cast.utility


@pytest.mark.both
def test_who_refuses_a_case_is_named(desk: Desk):
    line = timeline(desk.case(CaseState.RETURNED), internal=False).first()
    assert line is not None
    assert line.text == "城建中心：不属本单位职责。"


@pytest.mark.both
def test_a_hold_stops_the_clocks_and_a_resumption_goes_on_where_it_was(desk: Desk):
    case = desk.case(CaseState.HANDLING)
    task = desk.task(case)
    case = cases.suspend_case(case, reason="等汛期过后。", by=desk.cast.coordinator, at=days_later(2))
    assert (case.held_from, case.holds) == (CaseState.HANDLING, 1)
    case = cases.resume_case(case, reason="可以施工。", by=desk.cast.coordinator, at=days_later(9))
    task.refresh_from_db()
    assert (case.state, case.held_on) == (CaseState.HANDLING, None)
    assert case.due_on == task.due_on == D(2026, 3, 16)  # five working days later


def test_only_a_held_case_is_resumed(desk: Desk):
    with pytest.raises(Refused, match="没有缓办"):
        cases.resume_case(desk.case(), reason="继续。", by=desk.cast.coordinator, at=AT)


def test_rework_has_a_term_of_its_own_and_is_counted(desk: Desk):
    case = desk.case(CaseState.REWORKED)
    assert (case.reworks, case.due_on, case.checked_by) == (1, D(2026, 3, 5), None)
    assert cases.give_feedback(case, text="已补。", by=desk.cast.clerk, at=AT).state == CaseState.FEEDBACK


def test_a_reopened_case_is_dispatched_with_a_new_clock_and_this_is_counted(desk: Desk):
    case = desk.case(CaseState.REOPENED)
    assert (case.reopenings, case.due_on, case.closed_at) == (1, None, None)
    case = cases.dispatch_case(case, lead=desk.cast.office, days=5, by=desk.cast.coordinator, at=days_later(7))
    assert case.due_on == D(2026, 3, 16)


@pytest.mark.parametrize("days", [0, 300])
def test_a_term_out_of_bounds_is_refused(desk: Desk, days: int):
    with pytest.raises(Refused):
        cases.dispatch_case(desk.case(), lead=desk.cast.office, days=days, by=desk.cast.coordinator, at=AT)


# -- not the same person -----------------------------------------------------------------------------------------------


def test_handlers_are_those_who_signed_contacted_fed_back_or_worked_on_tasks(desk: Desk):
    case = desk.case(CaseState.HANDLING)
    task = desk.task(case)
    answer_task(task, answer="已装。", by=desk.cast.grid_worker, at=AT)
    assert handlers_of(case) == {desk.cast.clerk.pk, desk.cast.grid_worker.pk}


@pytest.mark.parametrize(
    ("state", "act"),
    [
        (CaseState.FEEDBACK, lambda case, by: cases.inspect_case(case, finding="好。", by=by, at=AT)),
        (CaseState.FEEDBACK, lambda case, by: cases.send_back_case(case, reason="不好。", days=3, by=by, at=AT)),
        (CaseState.CHECKING, lambda case, by: cases.close_case(case, text="结。", by=by, at=AT)),
        (CaseState.CLOSED, lambda case, by: cases.revisit_case(case, satisfied=True, text="好。", by=by, at=AT)),
    ],
)
def test_nobody_checks_closes_or_re_visits_their_own_handling(desk: Desk, state: CaseState, act):
    case = desk.case(state)
    with pytest.raises(Refused, match="另一个人"):
        act(case, desk.cast.clerk)
    with pytest.raises(Refused, match="具体的人"):
        act(case, None)
    assert act(case, desk.cast.checker).state != state


def test_a_coordinator_who_handled_a_case_cannot_close_it_after_a_reopening(desk: Desk):
    case = desk.case(CaseState.REOPENED)
    case = desk._dispatch(case)
    case = cases.sign_for(case, by=desk.cast.coordinator, at=AT)
    case = desk._check(desk._feedback(desk._contact(case)))
    with pytest.raises(Refused, match="另一个人"):
        desk._close(case)


def test_a_case_does_not_close_over_an_open_task(desk: Desk):
    case = desk.case(CaseState.HANDLING)
    task = desk.task(case)
    case = desk._check(desk._feedback(case))
    with pytest.raises(Refused, match="装分表"):
        desk._close(case)
    task = return_task(task, reason="不归我们。", by=desk.cast.clerk, at=AT)
    with pytest.raises(Refused, match="装分表"):  # a returned task is still to be done by somebody
        desk._close(case)
    cancel_task(task, reason="并入区里改造。", by=desk.cast.coordinator, at=AT)
    assert desk._close(case).state == CaseState.CLOSED


# -- words and versions ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "act"),
    [
        (CaseState.SIGNED, lambda case: cases.first_contact(case, text="", by=None, at=AT)),
        (CaseState.HANDLING, lambda case: cases.give_feedback(case, text="", by=None, at=AT)),
        (CaseState.FEEDBACK, lambda case: cases.inspect_case(case, finding="", by=None, at=AT)),
        (CaseState.FEEDBACK, lambda case: cases.send_back_case(case, reason="", days=3, by=None, at=AT)),
        (CaseState.CHECKING, lambda case: cases.close_case(case, text="", by=None, at=AT)),
        (CaseState.CLOSED, lambda case: cases.revisit_case(case, satisfied=True, text="", by=None, at=AT)),
        (CaseState.CLOSED, lambda case: cases.reopen_case(case, reason="", by=None, at=AT)),
        (CaseState.SIGNED, lambda case: cases.return_case(case, reason="", by=None, at=AT)),
        (CaseState.SIGNED, lambda case: cases.suspend_case(case, reason="", by=None, at=AT)),
        (CaseState.SUSPENDED, lambda case: cases.resume_case(case, reason="", by=None, at=AT)),
        (CaseState.FILED, lambda case: cases.add_note(case, text="", by=None, at=AT)),
    ],
)
def test_what_needs_words_is_refused_without(desk: Desk, state: CaseState, act):
    with pytest.raises(Refused, match="请写明"):
        act(desk.case(state))


def test_a_page_that_believed_another_version_is_stale(desk: Desk):
    case = desk.case(CaseState.SIGNED)
    seen = case.version
    cases.first_contact(case, text="已联系。", by=desk.cast.clerk, at=AT, version=seen)
    with pytest.raises(Stale):
        cases.return_case(case, reason="退。", by=desk.cast.clerk, at=AT, version=seen)


def test_a_refusal_leaves_no_trace(desk: Desk):
    case = desk.case()
    lines = TimelineLine.objects.count()
    with pytest.raises(Refused):
        desk._close(case)
    with pytest.raises(Refused):
        cases.suspend_case(desk._hold(case), reason="再挂。", by=desk.cast.coordinator, at=AT)
    assert TimelineLine.objects.count() == lines + 1
    assert Case.objects.get(pk=case.pk).holds == 1


def test_the_timeline_is_never_changed(desk: Desk):
    line = timeline(desk.case(), internal=True).first()
    assert line is not None
    line.text = "改写"
    with pytest.raises(Immutable):
        line.save()
    with pytest.raises(Immutable):
        TimelineLine.objects.filter(pk=line.pk).delete()


@pytest.mark.both
def test_a_note_is_for_the_offices_unless_said_otherwise(desk: Desk):
    case = desk.case()
    cases.add_note(case, text="注意情绪。", by=desk.cast.clerk, at=AT)
    cases.add_note(case, text="周一公示。", internal=False, document="照片", by=desk.cast.clerk, at=AT)
    assert [line.text for line in timeline(case, internal=False) if line.kind == LineKind.NOTE] == ["周一公示。"]
    assert timeline(case, internal=True).filter(kind=LineKind.NOTE).count() == 2


# -- parties -----------------------------------------------------------------------------------------------------------


def test_dispatch_names_lead_and_assisting_parties(desk: Desk):
    parts = parties_of(desk.case(CaseState.DISPATCHED), on=ON)
    assert {(p.party.name, p.role, p.inside) for p in parts} == {
        ("城建中心", PartyRole.LEAD, True),
        ("水务公司", PartyRole.ASSISTING, False),
    }


def test_a_party_comes_in_and_goes_out_by_half_open_days(desk: Desk):
    case = desk.case()
    part = cases.add_party(case, party=desk.cast.agent_party, role=PartyRole.AGENT, by=None, at=AT)
    cases.end_party(part, until_on=ON + dt.timedelta(days=3), reason="已搬走。", by=None, at=days_later(3))
    on = [day for day in range(-1, 5) if parties_of(case, on=ON + dt.timedelta(days=day)).exists()]
    assert on == [0, 1, 2]


def test_a_party_in_a_role_is_there_once(desk: Desk):
    case = desk.case()
    first = cases.add_party(case, party=desk.cast.agent_party, role=PartyRole.AGENT, by=None, at=AT)
    assert cases.add_party(case, party=desk.cast.agent_party, role=PartyRole.AGENT, by=None, at=AT) == first
    cases.end_party(first, reason="误加。", by=None, at=AT)
    again = cases.add_party(case, party=desk.cast.agent_party, role=PartyRole.AGENT, by=None, at=AT)
    assert (again, again.until_on) == (first, None)  # ended the day it began: it goes on
    assert CaseParty.objects.count() == 1


def test_the_lead_is_changed_by_dispatch_alone(desk: Desk):
    case = desk.case(CaseState.DISPATCHED)
    with pytest.raises(Refused) as refusal:
        cases.add_party(case, party=desk.cast.utility, role=PartyRole.LEAD, by=None, at=AT)
    assert refusal.value.field == "role"
    lead = lead_of(case)
    assert lead is not None
    with pytest.raises(Refused, match="牵头单位"):
        cases.end_party(lead, reason="换人。", by=None, at=AT)


@pytest.mark.both
def test_a_party_with_an_open_task_stays(desk: Desk):
    case = desk.case(CaseState.HANDLING)
    task = desk.task(case, party=desk.cast.utility)
    part = parties_of(case).get(party=desk.cast.utility)
    with pytest.raises(Refused, match="装分表"):
        cases.end_party(part, reason="退出。", by=None, at=AT)
    cancel_task(task, reason="不做了。", by=None, at=AT)
    ended = cases.end_party(part, reason="退出。", by=None, at=AT)
    with pytest.raises(Refused, match="已退出"):
        cases.end_party(ended, reason="再退。", by=None, at=AT)


def test_a_part_does_not_end_before_it_began(desk: Desk):
    part = cases.add_party(desk.case(), party=desk.cast.agent_party, role=PartyRole.AGENT, by=None, at=AT)
    with pytest.raises(Refused):
        cases.end_party(part, until_on=ON - dt.timedelta(days=1), reason="退出。", by=None, at=AT)


def test_a_party_of_another_street_has_no_part(desk: Desk, other_cast: Cast):
    stranger = Party.objects.get(street=other_cast.street, name="水务公司")
    with pytest.raises(ValueError, match="another street"):
        cases.add_party(desk.case(), party=stranger, role=PartyRole.UTILITY, by=None, at=AT)
    with pytest.raises(ValueError, match="another street"):
        cases.dispatch_case(desk.case(), lead=stranger, days=5, by=None, at=AT)


def test_one_party_has_one_part_in_a_role_at_a_time(desk: Desk):
    case = desk.case()
    part = cases.add_party(case, party=desk.cast.agent_party, role=PartyRole.AGENT, by=None, at=AT)
    cases.end_party(part, until_on=ON + dt.timedelta(days=9), reason="月底退出。", by=None, at=AT)
    with pytest.raises(Refused, match="2026-03-11"):
        cases.add_party(case, party=desk.cast.agent_party, role=PartyRole.AGENT, by=None, at=days_later(2))
    again = cases.add_party(case, party=desk.cast.agent_party, role=PartyRole.AGENT, by=None, at=days_later(9))
    assert (again == part, again.from_on) == (False, ON + dt.timedelta(days=9))


def test_an_end_still_to_come_may_be_moved_nearer(desk: Desk):
    part = cases.add_party(desk.case(), party=desk.cast.agent_party, role=PartyRole.AGENT, by=None, at=AT)
    part = cases.end_party(part, until_on=ON + dt.timedelta(days=9), reason="月底退出。", by=None, at=AT)
    with pytest.raises(Refused, match="只能改早"):
        cases.end_party(part, until_on=ON + dt.timedelta(days=9), reason="再写一次。", by=None, at=AT)
    part = cases.end_party(part, until_on=ON + dt.timedelta(days=5), reason="写错了。", by=None, at=AT)
    assert part.until_on == ON + dt.timedelta(days=5)
    with pytest.raises(Refused, match="已退出"):
        cases.end_party(part, until_on=ON, reason="早退了。", by=None, at=days_later(5))


def test_nobody_joins_a_closed_case(desk: Desk):
    with pytest.raises(Refused, match="请先重新打开"):
        cases.add_party(desk.case(CaseState.CLOSED), party=desk.cast.agent_party, role=PartyRole.AGENT, by=None, at=AT)


def test_nobody_is_taken_off_a_closed_case(desk: Desk):
    case = desk.case(CaseState.CLOSED)
    part = parties_of(case).get(party=desk.cast.utility)
    with pytest.raises(Refused, match="请先重新打开"):
        cases.end_party(part, reason="退出。", by=None, at=AT)


# -- who acts for whom -------------------------------------------------------------------------------------------------

STEPS = [
    (CaseState.DISPATCHED, lambda case, by: cases.sign_for(case, by=by, at=AT)),
    (CaseState.SIGNED, lambda case, by: cases.first_contact(case, text="已联系。", by=by, at=AT)),
    (CaseState.HANDLING, lambda case, by: cases.give_feedback(case, text="办好了。", by=by, at=AT)),
    (CaseState.SIGNED, lambda case, by: cases.return_case(case, reason="不归我们。", by=by, at=AT)),
]


@pytest.mark.parametrize(("state", "act"), STEPS)
def test_only_the_leads_own_people_act_for_it(desk: Desk, state: CaseState, act):
    case = desk.case(state)
    for stranger in (desk.cast.agent, desk.cast.checker):
        with pytest.raises(Refused, match="“城建中心”的人办理，或者由召集人、网格员代为登记"):
            act(case, stranger)
    act(case, desk.cast.clerk)
    line = timeline(case, internal=True).first()
    assert line is not None
    assert line.on_behalf == ""


@pytest.mark.parametrize(("state", "act"), STEPS)
def test_who_keeps_the_streets_book_writes_down_what_the_lead_did_in_its_name(desk: Desk, state: CaseState, act):
    case = desk.case(state)
    act(case, desk.cast.grid_worker)
    line = timeline(case, internal=True).first()
    assert line is not None
    assert (line.by, line.on_behalf) == (desk.cast.grid_worker, "城建中心")
    assert trail.of(case, street=desk.street)[0].on_behalf == "城建中心"


@pytest.mark.both
def test_who_acts_for_an_office_that_handles_a_case_does_not_check_it(desk: Desk):
    case = desk.case(CaseState.FEEDBACK)
    party = Party.objects.get(street=desk.street, name="水务公司")  # assists
    Membership.objects.create(street=desk.street, user=desk.cast.checker, role=Role.CLERK, party=party, from_on=ON)
    with pytest.raises(Refused, match="您代表“水务公司”办理这个案件"):
        desk._check(case)
    part = parties_of(case).get(party=party, role=PartyRole.ASSISTING)
    cases.end_party(part, reason="不再配合。", by=desk.cast.coordinator, at=AT)
    assert desk._check(case).state == CaseState.CHECKING


def test_a_case_is_checked_again_when_its_checker_has_handled_it_since(desk: Desk, row: Row):
    case = desk.case(CaseState.CHECKING)
    record_visit(
        row.units[0], visited_on=ON, pays_how=PaysHow.TO_AGENT, receipts_held=ReceiptsHeld.ALL, case=case,
        by=desk.cast.checker, at=AT,
    )  # fmt: skip
    with pytest.raises(Refused, match="重新核查"):
        desk._close(case)


def test_a_re_visit_says_whether_they_are_content(desk: Desk):
    case = cases.revisit_case(
        desk.case(CaseState.CLOSED), satisfied=False, text="还在漏。", by=desk.cast.checker, at=AT
    )
    line = timeline(case, internal=True).first()
    assert line is not None
    assert words_of(line) == "当事人不满意：还在漏。"
    assert desk._reopen(case).state == CaseState.REOPENED


def test_a_first_dispatch_needs_its_days_and_one_after_a_return_does_not(desk: Desk):
    with pytest.raises(Refused) as refusal:
        cases.dispatch_case(desk.case(), lead=desk.cast.office, by=desk.cast.coordinator, at=AT)
    assert refusal.value.field == "days"
    case = desk.case(CaseState.RETURNED)
    assert (
        cases.dispatch_case(case, lead=desk.cast.utility, by=desk.cast.coordinator, at=days_later(1)).due_on
        == case.due_on
    )


def test_a_note_asks_somebody_who_sees_the_case(desk: Desk):
    case, cast = desk.case(CaseState.HANDLING), desk.cast
    line = cases.add_note(case, text="收据对得上吗？", whom=cast.clerk, by=cast.coordinator, at=AT)
    assert (line.text, line.internal) == (f"@{cast.clerk.full_name} 收据对得上吗？", True)
    bell = Message.objects.get(event=Event.ASKED)
    assert (bell.user, bell.number, bell.link) == (cast.clerk, case.number, f"/310117006/cases/{case.public_id}/")
    cases.add_note(case, text="还有呢？", whom=cast.clerk, by=cast.coordinator, at=AT)
    assert Message.objects.filter(event=Event.ASKED).count() == 2
    for other in (cast.agent, User.objects.create_user("nobody-here", full_name="外人")):
        with pytest.raises(Refused, match="看不到这个案件") as refusal:
            cases.add_note(case, text="看看。", whom=other, by=cast.coordinator, at=AT)
        assert refusal.value.field == "whom"
