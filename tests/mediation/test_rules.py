"""What the law asks, without a database."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import strategies as st

from hege.kernel.calendar import Calendar
from hege.kernel.refused import Refused, allows
from hege.mediation.rules import (
    FILE_FINISHED,
    NEXT_AGREEMENT,
    NEXT_CONFIRMATION,
    NEXT_FILE,
    NOT_BY_HAND,
    REQUIRED,
    SUPPLEMENTARY,
    AgreementForm,
    AgreementState,
    Confirmation,
    DocumentKind,
    DocumentState,
    FileState,
    SessionKind,
    check_breached,
    check_by_hand,
    check_confirmation,
    check_instalments,
    check_may_agree,
    check_performed,
    check_ready_to_agree,
    check_supplement,
    check_takes_supplements,
    confirmation_deadline,
    effective_on,
    late,
    next_on_paper,
    session_leads_to,
    standing,
)
from tests.cast import CERTAIN

D = dt.date
FILE_MOVES = {
    "registered": "rights_told terminated withdrawn",
    "rights_told": "investigating mediating terminated withdrawn",
    "investigating": "mediating failed terminated withdrawn",
    "mediating": "agreed failed terminated withdrawn",
    "agreed": "",
    "failed": "",
    "terminated": "",
    "withdrawn": "",
}


#: 1–7 October is the National Day holiday; 20 September and 10 October are worked.
AUTUMN_OF_2026 = Calendar(
    {D(2026, 9, 20): True, D(2026, 10, 10): True, **{D(2026, 10, day): False for day in range(1, 8)}},
    confirmed=range(2026, 2028),
)


@pytest.mark.parametrize("state", FileState)
def test_a_file_moves_as_the_table_says(state: FileState):
    assert {to.value for to in NEXT_FILE[state]} == set(FILE_MOVES[state.value].split())


@pytest.mark.parametrize(
    ("state", "moves"),
    [
        ("performing", "performed breached"),
        ("breached", "performed performing superseded"),
        ("performed", "performing breached superseded"),
        ("superseded", "performed"),
    ],
)
def test_an_agreement_moves_as_the_table_says(state: str, moves: str):
    assert {to.value for to in NEXT_AGREEMENT[AgreementState(state)]} == set(moves.split())


@pytest.mark.parametrize(
    ("state", "moves"),
    [("not_sought", "applied"), ("applied", "confirmed rejected"), ("confirmed", ""), ("rejected", "")],
)
def test_a_confirmation_moves_as_the_table_says(state: str, moves: str):
    assert {to.value for to in NEXT_CONFIRMATION[Confirmation(state)]} == set(moves.split())


def test_a_file_has_thirteen_documents_of_which_six_are_required():
    assert len(DocumentKind) == 13
    assert len(REQUIRED) == 6


@pytest.mark.parametrize(
    ("effective", "deadline"),
    [
        (D(2026, 3, 2), D(2026, 4, 1)),
        (D(2026, 1, 31), D(2026, 3, 2)),  # a February of 28 days
        (D(2028, 1, 31), D(2028, 3, 1)),  # a February of 29
        (D(2028, 1, 30), D(2028, 2, 29)),
        (D(2026, 12, 15), D(2027, 1, 14)),
        (D(2026, 8, 31), D(2026, 9, 30)),
        (D(2026, 9, 1), D(2026, 10, 8)),  # the thirtieth day is 1 October: the first working day after the holiday
        (D(2026, 9, 7), D(2026, 10, 8)),
        (D(2026, 9, 8), D(2026, 10, 8)),
        (D(2026, 9, 9), D(2026, 10, 9)),
        (D(2026, 9, 10), D(2026, 10, 10)),  # a Saturday that is worked
    ],
)
def test_confirmation_is_asked_for_within_thirty_calendar_days_and_to_a_working_day(effective: D, deadline: D):
    asked: dict[str, Any] = {"applicants": [1, 2], "parties": [1, 2], "calendar": AUTUMN_OF_2026}
    assert confirmation_deadline(effective, AUTUMN_OF_2026) == deadline
    check_confirmation(effective=effective, applied_on=deadline, **asked)
    with pytest.raises(Refused, match="已过"):
        check_confirmation(effective=effective, applied_on=deadline + dt.timedelta(days=1), **asked)


def test_confirmation_is_asked_for_jointly_and_not_before_effect():
    with pytest.raises(Refused, match="共同"):
        check_confirmation(
            effective=D(2026, 3, 2), applied_on=D(2026, 3, 3), applicants=[1], parties=[1, 2], calendar=CERTAIN
        )
    with pytest.raises(Refused, match="没有生效"):
        check_confirmation(
            effective=D(2026, 3, 2), applied_on=D(2026, 3, 1), applicants=[1, 2], parties=[1, 2], calendar=CERTAIN
        )


WRITTEN = {
    "signed": [D(2026, 3, 2), D(2026, 3, 4)],
    "mediator_signed_on": D(2026, 3, 3),
    "sealed_on": D(2026, 3, 5),
}


def test_a_written_agreement_takes_effect_with_its_last_signature_or_seal():
    assert effective_on(AgreementForm.WRITTEN, **WRITTEN) == D(2026, 3, 5)  # type: ignore[arg-type]
    late = {**WRITTEN, "signed": [D(2026, 3, 2), D(2026, 3, 9)]}
    assert effective_on(AgreementForm.WRITTEN, **late) == D(2026, 3, 9)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("missing", "field", "says"),
    [
        ({"unsigned": ["甲"]}, "signed", "还有 1 方当事人没有签名：甲。"),
        (
            {"unsigned": [f"{n} 号铺" for n in range(1, 48)]},
            "signed",
            "还有 47 方当事人没有签名：1 号铺、2 号铺、3 号铺等。",
        ),
        ({"mediator_signed_on": None}, "mediator_signed_on", "还缺调解员签名"),
        ({"sealed_on": None}, "sealed_on", "还缺调委会印章"),
    ],
)
def test_a_written_agreement_without_a_signature_or_seal_is_none(missing: dict[str, object], field: str, says: str):
    with pytest.raises(Refused, match=says) as refusal:
        effective_on(AgreementForm.WRITTEN, **{**WRITTEN, **missing})  # type: ignore[arg-type]
    assert refusal.value.field == field


def test_an_oral_agreement_takes_effect_when_agreed():
    assert effective_on(AgreementForm.ORAL, agreed_on=D(2026, 3, 2)) == D(2026, 3, 2)
    with pytest.raises(Refused, match="达成口头协议的日期"):
        effective_on(AgreementForm.ORAL)


A, B = D(2026, 3, 10), D(2026, 3, 31)


@pytest.mark.parametrize(
    ("schedule", "debt"),
    [
        ([], 100),
        ([(A, 100)], 0),
        ([(A, 100), (B, 0)], 100),
        ([(A, 150), (B, -50)], 100),
        ([(B, 50), (A, 50)], 100),
        ([(A, 50), (A, 50)], 100),
        ([(D(2026, 3, 1), 100)], 100),
        ([(A, 50), (B, 49)], 100),
        ([(A, 50), (B, 51)], 100),
    ],
)
def test_a_schedule_that_is_not_clear_is_refused(schedule: list[tuple[D, int]], debt: int):
    with pytest.raises(Refused):
        check_instalments(schedule, debt_fen=debt, effective_on=D(2026, 3, 2))


def test_a_schedule_may_begin_on_the_day_of_effect():
    check_instalments([(D(2026, 3, 2), 40), (B, 60)], debt_fen=100, effective_on=D(2026, 3, 2))


@pytest.mark.parametrize(
    ("met_on", "on", "is_late"),
    [
        (None, A, False),  # the due day itself is in time
        (None, A + dt.timedelta(days=1), True),
        (A, B, False),
        (A + dt.timedelta(days=1), B, True),  # paying afterwards does not undo it
    ],
)
def test_late_is_after_the_last_day(met_on: D | None, on: D, is_late: bool):
    assert late(in_time_until=A, met_on=met_on, on=on) is is_late


S = AgreementState


@pytest.mark.parametrize(
    ("state", "met", "is_late", "followed", "stands"),
    [
        (S.PERFORMING, False, False, False, S.PERFORMING),
        (S.PERFORMING, False, True, False, S.BREACHED),
        (S.PERFORMING, True, False, False, S.PERFORMING),  # that all is performed is for a person to write down
        (S.BREACHED, True, True, False, S.BREACHED),  # late, even if paid since
        (S.BREACHED, False, False, False, S.PERFORMING),  # a payment imported late came in time
        (S.BREACHED, False, True, True, S.SUPERSEDED),
        (S.PERFORMED, True, True, True, S.PERFORMED),
        (S.PERFORMED, False, False, False, S.PERFORMING),  # a payment was taken back
        (S.PERFORMED, False, True, False, S.BREACHED),
        (S.PERFORMED, False, True, True, S.SUPERSEDED),
        (S.SUPERSEDED, False, False, True, S.SUPERSEDED),
    ],
)
def test_the_ledger_moves_an_agreement_both_ways(state: S, met: bool, is_late: bool, followed: bool, stands: S):
    assert standing(state, met=met, late=is_late, followed=followed) is stands
    assert stands is state or stands in NEXT_AGREEMENT[state]


amounts = st.lists(st.integers(1, 10_000), min_size=1, max_size=6)
payments = st.lists(st.tuples(st.dates(D(2026, 1, 1), D(2026, 12, 31)), st.integers(1, 10_000)), max_size=8).map(sorted)


F = FileState
K = SessionKind


@pytest.mark.parametrize(
    ("state", "kind", "leads_to"),
    [
        (F.RIGHTS_TOLD, K.INVESTIGATION, F.INVESTIGATING),
        (F.RIGHTS_TOLD, K.MEDIATION, F.MEDIATING),
        (F.INVESTIGATING, K.INVESTIGATION, F.INVESTIGATING),
        (F.INVESTIGATING, K.MEDIATION, F.MEDIATING),
        (F.MEDIATING, K.INVESTIGATION, F.MEDIATING),
        *((ended, K.MEDIATION, None) for ended in sorted(FILE_FINISHED)),
    ],
)
def test_a_session_leads_on_and_what_has_ended_holds_none(state: F, kind: K, leads_to: F | None):
    if leads_to is None:
        assert not allows(session_leads_to, state=state, kind=kind, rights_told=True)
    else:
        assert session_leads_to(state, kind, rights_told=True) is leads_to
    assert not allows(session_leads_to, state=state, kind=kind, rights_told=False)


READY: dict[str, Any] = {
    "state": F.MEDIATING, "rights_told": True, "first_session_on": B, "on": B, "mediator": True,
}  # fmt: skip


def test_a_draft_is_written_once_the_parties_have_sat_down_with_a_mediator():
    assert allows(check_ready_to_agree, **READY)


@pytest.mark.parametrize(
    "lacking",
    [
        {"rights_told": False},
        {"first_session_on": None},
        {"on": B - dt.timedelta(days=1)},
        {"mediator": False},
        {"state": F.INVESTIGATING},
        {"state": F.AGREED},
    ],
)
def test_no_draft_is_written_where_one_of_it_is_lacking(lacking: dict[str, Any]):
    assert not allows(check_ready_to_agree, **{**READY, **lacking})


@pytest.mark.parametrize(
    ("form", "current", "signed", "next_"),
    [
        (AgreementForm.WRITTEN, False, False, "print"),
        (AgreementForm.WRITTEN, True, False, "sign"),
        (AgreementForm.WRITTEN, True, True, "record"),
        (AgreementForm.ORAL, False, False, "record"),
    ],
)
def test_a_draft_is_printed_then_signed_then_recorded(form: AgreementForm, current: bool, signed: bool, next_: str):
    assert next_on_paper(form, current=current, signed=signed) == next_


def test_the_ledger_says_what_was_broken_and_what_was_performed():
    assert allows(check_breached, state=AgreementState.PERFORMING, late=True)
    assert allows(check_performed, met=True)
    assert not allows(check_breached, state=AgreementState.PERFORMING, late=False)
    assert not allows(check_performed, met=False)


def test_a_breach_is_written_down_by_hand_while_an_agreement_is_performed():
    states = [state for state in AgreementState if allows(check_breached, state=state, late=True)]
    assert states == [AgreementState.PERFORMING]


def test_particulars_and_authority_are_taken_while_there_may_be_an_agreement():
    assert {state for state in FileState if not allows(check_may_agree, state=state)} == FILE_FINISHED
    with pytest.raises(Refused, match="请另行受理"):
        check_may_agree(FileState.FAILED)


def test_supplements_tell_of_an_agreement():
    assert [state for state in FileState if allows(check_takes_supplements, state=state)] == [FileState.AGREED]
    for kind in DocumentKind:
        assert allows(check_supplement, kind=kind, state=FileState.AGREED) is (kind in SUPPLEMENTARY)
        assert not allows(check_supplement, kind=kind, state=FileState.FAILED)


def test_no_paper_is_filed_by_hand_that_the_system_makes_or_that_never_came_into_being():
    hand = [kind for kind in DocumentKind if allows(check_by_hand, kind=kind, state=DocumentState.MISSING)]
    assert hand == [kind for kind in DocumentKind if kind not in NOT_BY_HAND]
    assert hand == [kind for kind in DocumentKind if allows(check_by_hand, kind=kind, state=DocumentState.PRESENT)]
    assert not [kind for kind in DocumentKind if allows(check_by_hand, kind=kind, state=DocumentState.NOT_NEEDED)]
