"""The agreement: signed, confirmed, met by the ledger and by nothing else, breached when late."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError
from django.db.transaction import atomic

from hege.billing.actions import reverse_transaction, state_evidence
from hege.billing.chart import TransactionKind
from hege.cases.actions import file_case
from hege.kernel.clock import at_noon
from hege.kernel.mutability import Immutable
from hege.kernel.refused import Refused
from hege.ledger.models import Transaction
from hege.ledger.rules import EvidenceKind, Side
from hege.mediation.agreements import actions as mediation
from hege.mediation.dossier.actions import record_session, tell_rights
from hege.mediation.models import Agreement, AgreementText, Dossier, Instalment
from hege.mediation.queries import (
    agreements_due,
    agreements_of,
    breached,
    confirmation_due,
    confirmations_due,
    documents_of,
    instalments,
    intact,
    performed,
    records_of,
    signatures_of,
    the_agreement,
)
from hege.mediation.rules import (
    AgreementForm,
    AgreementState,
    Confirmation,
    DocumentState,
    FileState,
    SignerKind,
)
from hege.places.actions import seed_calendar
from hege.places.models import CalendarDay, DayKind
from hege.trail import queries as trail
from hege.web.shared.sayings import words_of
from tests.cast import Cast, make_row
from tests.mediation.conftest import AT, ON, SCHEDULE, Room

pytestmark = pytest.mark.once

D = dt.date
FIRST, SECOND, THIRD = (day for day, _fen in SCHEDULE)
DAY = dt.timedelta(days=1)


# -- signing -----------------------------------------------------------------------------------------------------------


@pytest.mark.both
def test_an_agreement_is_signed_over_a_debt_with_a_schedule(room: Room, agreement: Agreement):
    assert (agreement.state, agreement.effective_on, agreement.point) == (AgreementState.PERFORMING, ON, room.row.point)
    assert [(i.due_on, i.amount_fen) for i in agreement.instalments.order_by("number")] == SCHEDULE
    assert [s.kind for s in signatures_of(agreement)] == [
        SignerKind.PARTY,
        SignerKind.PARTY,
        SignerKind.MEDIATOR,
        SignerKind.COMMITTEE,
    ]
    assert agreement.file.state == FileState.AGREED
    assert documents_of(agreement.file).get(kind="agreement").state == DocumentState.PRESENT
    assert the_agreement(room.cast.street, agreement.public_id) == agreement


def test_an_agreement_takes_effect_with_its_last_seal(room: Room, file: Dossier):
    later = at_noon(ON + 3 * DAY)
    agreement = room.agree(file=file, sealed_on=ON + 3 * DAY, at=later)
    assert agreement.effective_on == ON + 3 * DAY


def test_an_oral_agreement_is_written_down_by_the_mediator(room: Room):
    agreement = room.agree(form=AgreementForm.ORAL, signed=None, mediator_signed_on=None, sealed_on=None)
    assert (agreement.form, agreement.effective_on) == (AgreementForm.ORAL, ON)
    assert not signatures_of(agreement).exists()


def test_no_agreement_without_rights_and_a_session(room: Room):
    with pytest.raises(Refused, match="尚未告知"):
        room.agree(file=room.file(FileState.REGISTERED))
    with pytest.raises(Refused, match="调解记录"):
        room.agree(file=room.file(FileState.RIGHTS_TOLD))
    with pytest.raises(Refused, match="调解记录"):
        room.agree(file=room.file(FileState.INVESTIGATING))


@pytest.mark.parametrize(
    ("wishes", "field"),
    [
        ({"debt_fen": 999_99}, "instalments"),
        ({"instalments": []}, "instalments"),
        ({"debt_fen": 0, "instalments": []}, "debt_fen"),
        ({"sealed_on": None}, "sealed_on"),
        ({"mediator_signed_on": None}, "mediator_signed_on"),
        ({"signed": {}}, "signed"),
        ({"facts": " "}, "facts"),
        ({"terms": " "}, "terms"),
        ({"mediator_signed_on": ON + DAY}, "signed"),
        ({"sealed_on": ON + DAY}, "signed"),
        ({"sealed_on": ON - DAY}, "agreed_on"),
    ],
)
def test_what_an_agreement_must_have(room: Room, wishes: dict[str, object], field: str):
    with pytest.raises(Refused) as refusal:
        room.agree(**wishes)  # type: ignore[arg-type]
    assert refusal.value.field == field
    assert not Agreement.objects.exists()


def test_the_debtor_is_a_party_and_the_meter_is_named(room: Room):
    with pytest.raises(Refused) as refusal:
        room.agree(debtor=room.cast.office)
    assert refusal.value.field == "debtor"
    file = room.file()
    file.point = None
    file.save(update_fields=["point"])
    with pytest.raises(Refused) as refusal:
        room.agree(file=file)
    assert refusal.value.field == "point"


@pytest.mark.both
def test_one_payment_does_not_meet_two_agreements(room: Room):
    room.agree()
    with pytest.raises(Refused, match="履行中") as refusal:
        room.agree()
    assert refusal.value.field == "point"
    with pytest.raises(IntegrityError), atomic():
        Agreement.objects.create(
            street=room.cast.street,
            file=room.file(),
            point=room.row.point,
            debtor=room.row.agent,
            form=AgreementForm.ORAL,
            effective_on=ON,
            debt_fen=1,
        )


def again(room: Room, on: D, **wishes: object) -> Agreement:
    """A further agreement over the same meter, in a mediation of its own, over 500 yuan in one part."""
    signed = {room.cast.utility: on, room.row.agent: on}
    facts = {"agreed_on": on, "signed": signed, "mediator_signed_on": on, "sealed_on": on, "at": at_noon(on)}
    schedule = {"debt_fen": 500_00, "instalments": [(D(2026, 5, 29), 500_00)]}
    return room.agree(**{**facts, **schedule, **wishes})  # type: ignore[arg-type]


def met_fen(agreement: Agreement, on: D) -> int:
    return sum(row.met_fen for row in instalments(agreement, on=on))


def test_a_new_agreement_takes_over_from_a_broken_one_and_counts_the_payments_from_its_day_on(
    room: Room, agreement: Agreement
):
    old = agreement
    room.pay(100_00, FIRST)
    day = FIRST + 2 * DAY
    new = again(room, day)  # nobody had marked the breach: the ledger says so
    old.refresh_from_db()
    assert (old.state, old.breached_on, new.state) == (AgreementState.SUPERSEDED, day, AgreementState.PERFORMING)
    room.pay(500_00, day, named=f"instalment:{new.file.number}/1")
    assert (met_fen(old, D(2026, 6, 1)), met_fen(new, D(2026, 6, 1))) == (100_00, 500_00)
    assert [row.agreement for row in agreements_due(room.cast.street, day)] == [new]
    with pytest.raises(Refused, match="还有分期"):
        mediation.mark_performed(old, by=None, at=at_noon(day))


def test_a_breach_that_was_none_is_no_reason_for_a_new_agreement(room: Room, agreement: Agreement):
    old = agreement
    mediation.mark_breached(old, by=None, at=at_noon(FIRST + DAY))
    room.pay(300_00, FIRST)
    with pytest.raises(Refused, match="履行中"):
        again(room, FIRST + 2 * DAY)


def test_a_new_agreement_does_not_reach_behind_the_one_before_it(room: Room):
    signed = {room.cast.utility: FIRST, room.row.agent: FIRST}
    old = room.agree(agreed_on=FIRST, signed=signed, mediator_signed_on=FIRST, sealed_on=FIRST, at=at_noon(FIRST))
    room.pay(1_000_00, SECOND)
    mediation.mark_performed(old, by=None, at=at_noon(SECOND))
    with pytest.raises(Refused, match="2026-04-01") as refusal:
        again(room, SECOND)
    assert refusal.value.field == "agreed_on"
    again(room, SECOND + DAY)
    old.refresh_from_db()
    assert old.state == AgreementState.PERFORMED


def test_a_performed_agreement_whose_payment_is_taken_back_makes_way_for_the_one_that_followed(
    room: Room, agreement: Agreement
):
    old = agreement
    room.pay(1_000_00, FIRST)
    mediation.mark_performed(old, by=None, at=at_noon(FIRST))
    new = again(room, FIRST + DAY)
    reverse_transaction(Transaction.objects.get(kind=TransactionKind.REMITTANCE), reason="退票。", by=None, at=AT)
    assert mediation.restate_agreement(old, by=None, at=at_noon(SECOND)).state == AgreementState.SUPERSEDED
    assert mediation.restate_agreement(new, by=None, at=at_noon(SECOND)).state == AgreementState.PERFORMING


@pytest.mark.both
def test_a_state_that_is_taken_back_is_told_with_its_reason(room: Room):
    case = file_case(room.cast.street, title="水费", summary="", point=room.row.point, by=room.cast.coordinator, at=AT)
    file = room.open(case=case)
    tell_rights(file, by=None, at=AT)
    room.session(file)
    old = room.agree(file=file)
    mediation.mark_breached(old, by=None, at=at_noon(FIRST + DAY))
    room.pay(300_00, FIRST)
    back = mediation.restate_agreement(old, by=None, at=at_noon(FIRST + 3 * DAY))
    assert (back.state, back.breached_on) == (AgreementState.PERFORMING, None)
    line = case.timeline.order_by("pk").last()
    assert line is not None
    assert "履行中：补录的款项证明各期都按时到账" in words_of(line)
    assert trail.of(back, street=room.cast.street)[0].verb == "restate_agreement"


@pytest.mark.parametrize("form", AgreementForm)
def test_nobody_agrees_before_the_first_mediation(room: Room, form: AgreementForm):
    file = room.open()
    tell_rights(file, by=None, at=AT)
    record_session(file, text="双方到场。", held_on=ON + DAY, by=None, at=at_noon(ON + DAY))
    with pytest.raises(Refused, match="第一次调解（2026-03-03）") as refusal:
        room.agree(file=file, form=form, at=at_noon(ON + DAY))
    assert refusal.value.field == "agreed_on"


@pytest.mark.parametrize(
    ("due", "paid", "on", "is_late"),
    [
        (D(2026, 9, 30), None, D(2026, 10, 1), True),
        (D(2026, 10, 1), None, D(2026, 10, 8), False),
        (D(2026, 10, 1), None, D(2026, 10, 9), True),
        (D(2026, 10, 1), D(2026, 10, 8), D(2026, 10, 9), False),  # the first working day after the holiday
        (D(2026, 10, 5), D(2026, 10, 9), D(2026, 10, 9), True),
        (D(2026, 10, 8), D(2026, 10, 8), D(2026, 10, 9), False),
        (D(2026, 10, 10), D(2026, 10, 10), D(2026, 10, 12), False),  # a Saturday that is worked moves nothing
        (D(2026, 10, 10), D(2026, 10, 12), D(2026, 10, 12), True),
        (D(2026, 10, 11), D(2026, 10, 12), D(2026, 10, 12), False),
    ],
)
def test_an_instalment_due_in_the_holiday_is_in_time_on_the_working_day_after_it(
    room: Room, due: D, paid: D | None, on: D, is_late: bool
):
    seed_calendar(room.cast.street, [2026])
    agreement = room.agree(debt_fen=100, instalments=[(due, 100)])
    if paid:
        room.pay(100, paid, named=f"instalment:{agreement.file.number}/1")
    assert instalments(agreement, on=on)[0].late is is_late
    assert breached(agreement, on) is is_late


def test_another_streets_meter_has_no_part(room: Room, other_cast: Cast):
    with pytest.raises(ValueError, match="another street"):
        room.agree(point=make_row(other_cast.street).point)


@pytest.mark.both
def test_what_was_signed_is_never_changed(agreement: Agreement):
    for row in (agreement.text, agreement.instalments.first(), signatures_of(agreement).first()):
        with pytest.raises(Immutable):
            row.save()  # type: ignore[union-attr]
    with pytest.raises(Immutable):
        Instalment.objects.all().delete()
    assert AgreementText.objects.get().terms == "分三期汇入水司账户。"


def test_a_debt_changed_behind_its_back_breaks_the_hash(room: Room, agreement: Agreement):
    read = the_agreement(room.cast.street, agreement.public_id)
    assert read is not None
    assert intact(read)
    read.debt_fen -= 1
    assert not intact(read)


# -- instalments -------------------------------------------------------------------------------------------------------


def state_on(agreement: Agreement, on: D) -> list[tuple[int, bool, bool]]:
    return [(row.met_fen, row.met, row.late) for row in instalments(agreement, on=on)]


def test_an_instalment_due_on_new_years_day_waits_for_the_years_notice(room: Room):
    """1 January 2027 is off by law (art. 203: the next working day); which day that is, the notice of 2027 says."""
    agreement = room.agree(debt_fen=100, instalments=[(D(2027, 1, 1), 100)])
    days = (D(2027, 1, 2), D(2027, 1, 5), D(2027, 1, 11), D(2027, 1, 12))
    assert [instalments(agreement, on=day)[0].late for day in days] == [False, False, False, True]
    CalendarDay.objects.create(
        street=room.cast.street, day=D(2027, 1, 1), kind=DayKind.REST, source="通知"
    )  # the notice of 2027 is in and names no other day
    assert [instalments(agreement, on=day)[0].late for day in days] == [False, True, True, True]


def test_confirmed_payments_fill_instalments_in_order(room: Room, agreement: Agreement):
    room.pay(300_00, D(2026, 3, 9))
    room.pay(100_00, D(2026, 3, 20), direct=True)
    assert state_on(agreement, D(2026, 3, 8)) == [(0, False, False)] * 3
    assert state_on(agreement, FIRST) == [(300_00, True, False), (0, False, False), (0, False, False)]
    assert state_on(agreement, D(2026, 3, 20))[1] == (100_00, False, False)
    assert state_on(agreement, SECOND + DAY)[1] == (100_00, False, True)


def test_a_claim_meets_nothing_until_the_utility_confirms_it(room: Room, agreement: Agreement):
    room.pay(300_00, D(2026, 3, 9), confirmed=False)
    assert state_on(agreement, FIRST + DAY)[0] == (0, False, True)
    state_evidence(
        Transaction.objects.get(kind=TransactionKind.REMITTANCE),
        side=Side.PAYEE,
        kind=EvidenceKind.UTILITY_RECORD,
        supports=True,
        stated_on=D(2026, 3, 12),
        by=None,
        at=AT,
    )
    assert state_on(agreement, FIRST + DAY)[0] == (300_00, True, False)


def test_a_payment_that_was_taken_back_meets_nothing(room: Room, agreement: Agreement):
    room.pay(300_00, D(2026, 3, 9))
    reverse_transaction(Transaction.objects.get(kind=TransactionKind.REMITTANCE), reason="退票。", by=None, at=AT)
    assert state_on(agreement, FIRST)[0] == (0, False, False)


def test_money_of_before_the_agreement_or_to_the_agent_or_for_another_meter_meets_nothing(
    room: Room, agreement: Agreement
):
    room.pay(300_00, ON - DAY)
    room.row.pay(TransactionKind.RECEIPT, 300_00, on=D(2026, 3, 9), unit=0)
    elsewhere = make_row(room.cast.street, code="ZB-2")
    elsewhere.pay(TransactionKind.REMITTANCE, 300_00, on=D(2026, 3, 9))
    assert state_on(agreement, FIRST)[0] == (0, False, False)
    room.pay(300_00, ON)  # the day of effect counts
    assert state_on(agreement, FIRST)[0] == (300_00, True, False)


@pytest.mark.parametrize(("on", "left"), [(ON, 8), (FIRST, 0), (FIRST + DAY, -1)])
def test_days_left_are_calendar_days(on: D, left: int, agreement: Agreement):
    assert instalments(agreement, on=on)[0].days_left == left


def test_breached_when_late_and_paying_afterwards_does_not_undo_it(room: Room, agreement: Agreement):
    assert not breached(agreement, FIRST)
    assert breached(agreement, FIRST + DAY)
    room.pay(300_00, FIRST + DAY)
    assert not breached(agreement, FIRST)
    assert breached(agreement, FIRST + 2 * DAY)
    assert not instalments(agreement, on=FIRST + 2 * DAY)[0].overdue


def test_a_breach_is_marked_when_the_ledger_says_so(room: Room, agreement: Agreement):
    with pytest.raises(Refused, match="没有违约"):
        mediation.mark_breached(agreement, by=room.cast.mediator, at=at_noon(FIRST))
    agreement = mediation.mark_breached(agreement, by=room.cast.mediator, at=at_noon(FIRST + DAY))
    assert (agreement.state, agreement.breached_on) == (AgreementState.BREACHED, FIRST + DAY)
    with pytest.raises(Refused):
        mediation.mark_breached(agreement, by=None, at=at_noon(FIRST + DAY))
    room.pay(1_000_00, FIRST + 2 * DAY)
    done = mediation.mark_performed(agreement, by=room.cast.mediator, at=at_noon(FIRST + 2 * DAY))
    assert done.state == AgreementState.PERFORMED


def test_performed_is_marked_when_every_instalment_is_met(room: Room, agreement: Agreement):
    room.pay(999_99, FIRST)
    with pytest.raises(Refused, match="还有分期"):
        mediation.mark_performed(agreement, by=room.cast.mediator, at=at_noon(FIRST))
    room.pay(1, SECOND)
    assert performed(agreement, SECOND)
    agreement = mediation.mark_performed(agreement, by=room.cast.mediator, at=at_noon(SECOND))
    assert (agreement.state, agreement.performed_on) == (AgreementState.PERFORMED, SECOND)
    assert documents_of(agreement.file).get(kind="performance").state == DocumentState.PRESENT
    with pytest.raises(Refused):
        mediation.mark_performed(agreement, by=None, at=at_noon(SECOND))


# -- confirmation ------------------------------------------------------------------------------------------------------


def apply(room: Room, agreement: Agreement, on: D, **wishes: object) -> Agreement:
    facts: dict[str, object] = {"court": "松江区人民法院", "applicants": [room.cast.utility, room.row.agent]}
    return mediation.apply_for_confirmation(
        agreement,
        applied_on=on,
        by=room.cast.mediator,
        at=at_noon(on),
        **{**facts, **wishes},  # type: ignore[arg-type]
    )


def test_the_court_confirms_what_both_asked_for_in_time(room: Room, agreement: Agreement):
    agreement = apply(room, agreement, D(2026, 4, 1))
    assert (agreement.confirmation, agreement.applied_on) == (Confirmation.APPLIED, D(2026, 4, 1))
    agreement = mediation.record_confirmation(
        agreement,
        confirmed=True,
        decided_on=D(2026, 4, 10),
        ruling="（2026）民特 1 号",
        by=None,
        at=at_noon(D(2026, 4, 10)),
    )
    assert (agreement.confirmation, agreement.ruling) == (Confirmation.CONFIRMED, "（2026）民特 1 号")
    assert documents_of(agreement.file).get(kind="confirmation").text == "松江区人民法院\n（2026）民特 1 号"


def test_the_thirty_first_day_is_too_late(room: Room, agreement: Agreement):
    with pytest.raises(Refused, match="已过") as refusal:
        apply(room, agreement, D(2026, 4, 2))
    assert refusal.value.field == "applied_on"


def test_one_side_alone_is_not_heard(room: Room, agreement: Agreement):
    with pytest.raises(Refused, match="共同"):
        apply(room, agreement, ON, applicants=[room.cast.utility])


def test_a_court_is_named_and_a_day_is_not_in_the_future(room: Room, agreement: Agreement):
    with pytest.raises(Refused) as refusal:
        apply(room, agreement, ON, court=" ")
    assert refusal.value.field == "court"
    with pytest.raises(Refused, match="晚于今天"):
        mediation.apply_for_confirmation(agreement, court="法院", applicants=[], applied_on=ON + DAY, by=None, at=AT)


def test_a_court_decides_once_and_after_it_was_asked(room: Room, agreement: Agreement):
    with pytest.raises(Refused):
        mediation.record_confirmation(agreement, confirmed=True, decided_on=ON, ruling="1", by=None, at=AT)
    agreement = apply(room, agreement, D(2026, 3, 5))
    with pytest.raises(Refused) as refusal:
        mediation.record_confirmation(
            agreement, confirmed=True, decided_on=ON, ruling="1", by=None, at=at_noon(D(2026, 3, 6))
        )
    assert refusal.value.field == "decided_on"
    agreement = mediation.record_confirmation(
        agreement, confirmed=False, decided_on=D(2026, 3, 6), ruling="驳回", by=None, at=at_noon(D(2026, 3, 6))
    )
    assert agreement.confirmation == Confirmation.REJECTED
    with pytest.raises(Refused):
        apply(room, agreement, D(2026, 3, 7))


@pytest.mark.parametrize(("on", "left"), [(ON, 30), (D(2026, 4, 1), 0), (D(2026, 4, 2), None)])
def test_the_confirmation_clock_is_shown(room: Room, on: D, left: int | None, agreement: Agreement):
    due = confirmation_due(agreement, on=on)
    assert (due.days_left if due else None) == left
    assert [row.days_left for row in confirmations_due(room.cast.street, on)] == ([] if left is None else [left])


def test_the_clock_stops_when_confirmation_is_asked_for(room: Room, agreement: Agreement):
    agreement = apply(room, agreement, ON)
    assert confirmation_due(agreement, on=ON) is None
    assert confirmations_due(room.cast.street, ON) == []


# -- afterwards --------------------------------------------------------------------------------------------------------


def test_what_was_performed_late_is_not_marked_broken_by_hand(room: Room, agreement: Agreement):
    room.pay(1_000_00, FIRST + 2 * DAY)
    done = mediation.mark_performed(agreement, by=room.cast.mediator, at=at_noon(FIRST + 2 * DAY))
    with pytest.raises(Refused, match="履行中的才登记违约"):
        mediation.mark_breached(done, by=room.cast.mediator, at=at_noon(FIRST + 2 * DAY))
    assert mediation.restate_agreement(done, by=None, at=at_noon(FIRST + 3 * DAY)).state == AgreementState.PERFORMED


@pytest.mark.both
def test_a_return_visit_is_on_record(agreement: Agreement):
    record = mediation.record_return_visit(
        agreement, visited_on=FIRST, text="首期已付，双方满意。", satisfied=True, by=None, at=at_noon(FIRST)
    )
    assert (record.satisfied, records_of(agreement.file).last()) == (True, record)
    assert documents_of(agreement.file).get(kind="return_visit").happened_on == FIRST
    for day in (ON - DAY, FIRST + DAY):
        with pytest.raises(Refused) as refusal:
            mediation.record_return_visit(
                agreement, visited_on=day, text="看看。", satisfied=True, by=None, at=at_noon(FIRST)
            )
        assert refusal.value.field == "visited_on"
    with pytest.raises(Refused):
        mediation.record_return_visit(agreement, visited_on=ON, text="", satisfied=True, by=None, at=at_noon(FIRST))


def test_a_board_of_agreements_takes_four_queries_however_many(
    room: Room, django_assert_num_queries, agreement: Agreement
):
    for code in ("ZB-2", "ZB-3"):
        room.agree(point=make_row(room.cast.street, code=code).point)
    room.pay(300_00, D(2026, 3, 9))
    with django_assert_num_queries(4):
        board = agreements_due(room.cast.street, SECOND + DAY)
        assert [(row.met_fen, row.left_fen, row.breached) for row in board] == [
            (0, 1_000_00, True),
            (0, 1_000_00, True),
            (300_00, 700_00, True),
        ]
        assert {row.agreement.debtor.name for row in board} == {"二房东"}
    following = board[-1].following
    assert following is not None
    assert (following.due_on, following.overdue) == (SECOND, True)


def test_a_performed_agreement_leaves_the_board(room: Room, agreement: Agreement):
    room.pay(1_000_00, FIRST)
    (row,) = agreements_due(room.cast.street, FIRST)
    assert (row.following, row.left_fen) == (None, 0)
    mediation.mark_performed(agreement, by=None, at=at_noon(FIRST))
    assert agreements_due(room.cast.street, FIRST) == []


@pytest.mark.both
def test_another_street_does_not_see_an_agreement(room: Room, other_cast: Cast, agreement: Agreement):
    assert list(agreements_of(room.cast.street, point=room.row.point)) == [agreement]
    assert the_agreement(other_cast.street, agreement.public_id) is None
    assert agreements_due(other_cast.street, FIRST) == []
