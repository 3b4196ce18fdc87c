"""A case and what is known only above it: the procedure at its meter, and all that keeps it open."""

from __future__ import annotations

import datetime as dt

import pytest

from hege.arrears.cutoff import actions as cutoff
from hege.arrears.cutoff.models import Demand
from hege.arrears.cutoff.rules import Delivery
from hege.cases import actions as cases
from hege.cases.models import Case
from hege.cases.queries import timeline
from hege.cases.rules import LineKind
from hege.conferences import actions as conferences
from hege.conferences.rules import ConferenceState
from hege.kernel.clock import at_noon
from hege.kernel.refused import Refused
from hege.mediation.agreements import actions as mediation
from hege.mediation.dossier.actions import open_file, record_session, tell_rights
from hege.mediation.models import Agreement
from hege.mediation.rules import FileSource
from hege.procedures import actions as procedures
from hege.trail import queries as trail
from hege.web.shared.sayings import words_of
from tests.agreements import agree
from tests.cast import Cast, Row

pytestmark = pytest.mark.once

ON = dt.date(2026, 3, 2)
AT = at_noon(ON)


def demand(row: Row, case: Case | None = None) -> Demand:
    """The utility asks for what is overdue."""
    return cutoff.demand_payment(
        row.point, how=Delivery.IN_PERSON, proof="签收单", delivered_on=ON, case=case, by=None, at=AT
    )


def procedure(case: Case) -> list[str]:
    """What a case tells of the cut-off procedure, oldest first."""
    return [words_of(line) for line in timeline(case, internal=True).filter(kind=LineKind.CUTOFF).order_by("pk")]


def checked(cast: Cast, row: Row) -> Case:
    """A case that is ready to be closed."""
    case = cases.file_case(cast.street, title="总表欠费", point=row.point, by=cast.coordinator, at=AT)
    case = cases.dispatch_case(case, lead=cast.office, days=5, by=cast.coordinator, at=AT)
    case = cases.sign_for(case, by=cast.clerk, at=AT)
    case = cases.first_contact(case, text="已联系。", by=cast.clerk, at=AT)
    case = cases.give_feedback(case, text="办好了。", by=cast.clerk, at=AT)
    return cases.inspect_case(case, finding="看过了。", by=cast.checker, at=AT)


def agreement(cast: Cast, row: Row, case: Case) -> Agreement:
    """The agent agrees to pay 300 yuan in a week."""
    file = open_file(
        cast.street, source=FileSource.OWN_INITIATIVE, subject="水费", summary="代收未交。",
        applicants=[cast.utility], respondents=[row.agent], case=case, mediator=cast.mediator, by=cast.mediator, at=AT,
    )  # fmt: skip
    file = tell_rights(file, by=cast.mediator, at=AT)
    record_session(file, text="双方到场。", by=cast.mediator, at=AT)
    return agree(
        file, debtor=row.agent, debt_fen=30_000, instalments=[(dt.date(2026, 3, 9), 30_000)], facts="欠费。",
        terms="一次付清。", agreed_on=ON, signed={cast.utility: ON, row.agent: ON}, mediator_signed_on=ON,
        sealed_on=ON, by=cast.mediator, at=AT,
    )  # fmt: skip


@pytest.mark.both
def test_a_procedure_that_runs_already_tells_the_new_case_of_itself(cast: Cast, row: Row):
    row.bill(fen=30_000)
    notice = demand(row).notice
    case = procedures.open_case(row.street, title="总表欠费", point=row.point, by=cast.grid_worker, at=AT)
    demand(row)
    assert procedure(case) == ["停水程序并入本案，现在是“已催缴”。", "催缴已送达（当面签收，3月2日）。"]
    assert "join_case" in [line.verb for line in trail.of(notice, street=row.street)]


def test_a_procedure_stays_with_the_case_it_tells(cast: Cast, row: Row):
    row.bill(fen=30_000)
    first = procedures.open_case(row.street, title="总表欠费", point=row.point, by=cast.grid_worker, at=AT)
    notice = demand(row, first).notice
    second = procedures.open_case(row.street, title="又一件", point=row.point, by=cast.grid_worker, at=AT)
    notice.refresh_from_db()
    assert (notice.case, procedure(second)) == (first, [])


def test_a_second_demand_that_names_the_case_brings_the_procedure_to_it(cast: Cast, row: Row):
    row.bill(fen=30_000)
    notice = demand(row).notice
    case = cases.file_case(row.street, title="总表欠费", point=row.point, by=cast.grid_worker, at=AT)
    demand(row, case)
    notice.refresh_from_db()
    assert notice.case == case
    assert len(procedure(case)) == 1


def test_a_case_closes_when_nothing_of_it_is_open(cast: Cast, row: Row):
    case = procedures.close_case(checked(cast, row), text="办结。", by=cast.coordinator, at=AT)
    assert case.closed_at == AT


def test_a_case_does_not_close_over_an_agreement_until_it_is_performed(cast: Cast, row: Row):
    case = checked(cast, row)
    signed = agreement(cast, row, case)
    late = at_noon(dt.date(2026, 3, 10))
    with pytest.raises(Refused, match="1 份调解协议没有履行完"):
        procedures.close_case(case, text="办结。", by=cast.coordinator, at=AT)
    mediation.mark_breached(signed, by=None, at=late)
    with pytest.raises(Refused, match="1 份调解协议没有履行完"):
        procedures.close_case(case, text="办结。", by=cast.coordinator, at=late)


@pytest.mark.parametrize("state", [ConferenceState.CALLED, ConferenceState.HELD])
def test_a_case_does_not_close_over_minutes_nobody_signed(cast: Cast, row: Row, state: ConferenceState):
    case, parties = checked(cast, row), [cast.office, cast.utility]
    called = conferences.call_conference(case, meets_on=ON, parties=parties, by=cast.coordinator, at=AT)
    if state is ConferenceState.HELD:
        called = conferences.record_meeting(
            called, held_on=ON, attended=[(party, "") for party in parties], by=cast.coordinator, at=AT
        )
    with pytest.raises(Refused, match="第 1 次联席会议还没有开完或没有签发纪要"):
        procedures.close_case(case, text="办结。", by=cast.coordinator, at=AT)


@pytest.mark.both
def test_no_mediation_is_opened_over_a_closed_case(cast: Cast, row: Row):
    case = procedures.close_case(checked(cast, row), text="办结。", by=cast.coordinator, at=AT)
    with pytest.raises(Refused, match="请先重新打开"):
        agreement(cast, row, case)


def test_who_mediates_has_handled_the_case(cast: Cast, row: Row):
    case = checked(cast, row)
    signed = agreement(cast, row, case)
    row.bill(fen=30_000)
    with pytest.raises(Refused, match="您办理过这个案件"):
        cases.close_case(case, text="办结。", by=cast.mediator, at=AT)
    assert signed.file.case == case
