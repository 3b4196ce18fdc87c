"""An agreement keeps a deferral, its breach ends it; the daily run does all of it once."""

from __future__ import annotations

import datetime as dt
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db.transaction import savepoint, savepoint_rollback

from hege.arrears.actions import set_threshold
from hege.arrears.cutoff import actions as cutoff
from hege.arrears.cutoff.models import CutoffNotice, Deferral, UtilityConsent
from hege.arrears.cutoff.queries import awaits_consent, cutoff_state
from hege.arrears.cutoff.rules import (
    ConditionDraft,
    ConditionKind,
    Consent,
    CutoffStep,
    DeferralState,
    Delivery,
    LapseReason,
)
from hege.arrears.early_warning.models import EarlyWarning
from hege.arrears.models import Threshold
from hege.arrears.queries import thresholds_of
from hege.arrears.rules import ThresholdKind
from hege.billing.actions import reverse_transaction
from hege.billing.chart import TransactionKind
from hege.cases.actions import file_case
from hege.kernel.calendar import DAY
from hege.kernel.clock import at_noon
from hege.kernel.refused import Refused
from hege.mediation.agreements import actions as mediation
from hege.mediation.dossier.actions import open_file, record_session, tell_rights
from hege.mediation.models import Agreement
from hege.mediation.rules import AgreementForm, AgreementState, FileSource
from hege.procedures.actions import keep_watch
from hege.trail.models import TrailLine
from tests.agreements import agree as come_to_terms
from tests.cast import Cast, Row, make_row

pytestmark = pytest.mark.once

DEMANDED, NOTICED, DEFERRED = dt.date(2026, 3, 2), dt.date(2026, 3, 18), dt.date(2026, 3, 19)
AGREED, UNTIL = dt.date(2026, 3, 25), dt.date(2026, 4, 1)
SCHEDULE = [(dt.date(2026, 4, 10), 10_000), (dt.date(2026, 5, 10), 20_000)]


@pytest.fixture
def deferral(cast: Cast, row: Row) -> Deferral:
    """30,000 fen overdue, a notice, put off until 1 April on one condition that is met, all within a case."""
    row.bill(fen=30_000)
    case = file_case(
        row.street, title="总表欠费", summary="", point=row.point, by=cast.coordinator, at=at_noon(DEMANDED)
    )
    asked = cutoff.demand_payment(
        row.point,
        how=Delivery.IN_PERSON,
        proof="签收单",
        delivered_on=DEMANDED,
        case=case,
        by=None,
        at=at_noon(DEMANDED),
    )
    given = cutoff.give_notice(
        asked.notice, how=Delivery.POSTED, proof="照片", served_at=at_noon(NOTICED), by=None, at=at_noon(NOTICED)
    )
    made = cutoff.defer_cutoff(
        given, until=UNTIL, conditions=[ConditionDraft(ConditionKind.OTHER, AGREED, text="开户主会")], by=None,
        at=at_noon(DEFERRED),
    )  # fmt: skip
    cutoff.fulfil_condition(made.conditions.get(), on=AGREED, evidence="纪要", by=None, at=at_noon(AGREED))
    return made


def sign(cast: Cast, deferral: Deferral, *, on: dt.date = AGREED, fen: int = 30_000) -> Agreement:
    """The agent agrees in the mediator's hearing; the utility has said nothing about the water yet."""
    at = at_noon(on)
    file = open_file(
        cast.street, source=FileSource.OWN_INITIATIVE, subject="水费", summary="代收未缴", applicants=[cast.utility],
        respondents=[cast.agent_party], point=deferral.notice.point, mediator=cast.mediator, by=cast.mediator, at=at,
    )  # fmt: skip
    file = tell_rights(file, by=cast.mediator, at=at)
    record_session(file, text="愿意分期", by=cast.mediator, at=at)
    return come_to_terms(
        file, form=AgreementForm.ORAL, debtor=cast.agent_party, debt_fen=fen,
        instalments=SCHEDULE if fen == 30_000 else [(SCHEDULE[0][0], fen)], facts="代收未缴", terms="分期付清", agreed_on=on, by=cast.mediator, at=at,
    )  # fmt: skip


def consent(deferral: Deferral, agreement: Agreement, *, on: dt.date = AGREED) -> None:
    """The utility writes that it waits for the agreement."""
    cutoff.keep_by_agreement(
        deferral, agreement=agreement, consent=Consent("营业所", on, "复函 7 号"), by=None, at=at_noon(on)
    )


def agree(cast: Cast, deferral: Deferral, *, on: dt.date = AGREED, fen: int = 30_000) -> Agreement:
    agreement = sign(cast, deferral, on=on, fen=fen)
    consent(deferral, agreement, on=on)
    return agreement


def watch(cast: Cast, on: dt.date) -> tuple[int, list[str]]:
    done = keep_watch(cast.street, on=on, by=None, at=at_noon(on))
    return len(done.breached), [d.lapse_reason for d in done.deferrals.lapsed]


def mended(cast: Cast, on: dt.date) -> list[Agreement]:
    return keep_watch(cast.street, on=on, by=None, at=at_noon(on)).mended


def test_signing_alone_leaves_the_deferral_as_it_was(cast: Cast, deferral: Deferral):
    agreement = sign(cast, deferral)
    deferral.refresh_from_db()
    assert (deferral.agreement, deferral.until_on) == (None, UNTIL)
    assert awaits_consent(agreement, on=AGREED) == deferral
    assert watch(cast, UNTIL) == (0, [LapseReason.EXPIRED])


def test_what_the_utility_wrote_is_kept_for_good(cast: Cast, deferral: Deferral):
    agreement = agree(cast, deferral)
    kept = UtilityConsent.objects.get()
    assert (kept.deferral, kept.agreement, kept.until_on) == (deferral, agreement, dt.date(2026, 5, 12))
    assert (kept.said_by, kept.said_on, kept.document) == ("营业所", AGREED, "复函 7 号")
    assert awaits_consent(agreement, on=AGREED) is None
    with pytest.raises(Refused, match="已经按这份协议延续"):
        consent(deferral, agreement)


@pytest.mark.both
def test_the_utilitys_consent_keeps_the_deferral_to_the_last_instalment(cast: Cast, row: Row, deferral: Deferral):
    agreement = agree(cast, deferral)
    deferral.refresh_from_db()
    assert (deferral.agreement, deferral.last_day) == (agreement, dt.date(2026, 5, 11)), "10 May is a Sunday"
    assert watch(cast, UNTIL) == (0, [])
    assert cutoff_state(row.point, on=SCHEDULE[0][0]).step is CutoffStep.DEFERRED
    case = deferral.notice.case
    assert case is not None
    kinds = list(case.timeline.order_by("pk").values_list("kind", flat=True))
    assert kinds.count("cutoff") == 5  # demand, notice, deferral, condition, agreement


def test_without_an_agreement_it_would_have_run_out(cast: Cast, deferral: Deferral):
    assert watch(cast, UNTIL) == (0, [LapseReason.EXPIRED])


def test_a_late_instalment_breaks_the_agreement_and_ends_the_deferral(cast: Cast, row: Row, deferral: Deferral):
    agreement = agree(cast, deferral)
    row.pay(TransactionKind.REMITTANCE, 9_999, on=dt.date(2026, 4, 10))
    assert watch(cast, dt.date(2026, 4, 10)) == (0, [])
    assert watch(cast, dt.date(2026, 4, 11)) == (1, [LapseReason.AGREEMENT_BREACHED])
    agreement.refresh_from_db()
    assert agreement.state == AgreementState.BREACHED
    assert cutoff_state(row.point, on=dt.date(2026, 4, 11)).step is CutoffStep.DEMANDED
    assert watch(cast, dt.date(2026, 4, 11)) == (0, [])


def test_instalments_paid_in_time_keep_it_to_the_end_and_clear_it(cast: Cast, row: Row, deferral: Deferral):
    agree(cast, deferral)
    for day, fen in SCHEDULE:
        row.pay(TransactionKind.REMITTANCE, fen, on=day)
    assert watch(cast, dt.date(2026, 5, 10)) == (0, [])
    assert cutoff.clear_deferral(deferral, by=None, at=at_noon(dt.date(2026, 5, 10))).state == DeferralState.CLEARED
    assert CutoffNotice.objects.get().state == CutoffStep.CLEARED


def test_a_standing_agreement_lets_the_deferral_be_lifted_and_a_broken_one_does_not(cast: Cast, deferral: Deferral):
    agree(cast, deferral)
    sid = savepoint()
    with pytest.raises(Refused, match="调解协议违约"):
        cutoff.clear_deferral(deferral, by=None, at=at_noon(dt.date(2026, 4, 11)))
    savepoint_rollback(sid)
    assert cutoff.clear_deferral(deferral, by=None, at=at_noon(dt.date(2026, 4, 9))).state == DeferralState.CLEARED


@pytest.mark.parametrize(
    ("fen", "due_on", "said"),
    [
        (5_000, dt.date(2026, 4, 30), None),  # not due yet
        (5_000, dt.date(2026, 4, 2), "逾期的欠款有 350.00 元，协议只管 300.00 元"),
    ],
)
def test_a_bill_of_after_the_agreement_blocks_once_it_is_overdue(
    cast: Cast, row: Row, deferral: Deferral, fen: int, due_on: dt.date, said: str | None
):
    agree(cast, deferral)
    until = due_on - dt.timedelta(days=5)
    row.bill("B-2", fen=fen, from_on=dt.date(2026, 2, 1), until_on=until)
    at = at_noon(dt.date(2026, 4, 9))
    if said is None:
        assert cutoff.clear_deferral(deferral, by=None, at=at).state == DeferralState.CLEARED
    else:
        with pytest.raises(Refused, match=said):
            cutoff.clear_deferral(deferral, by=None, at=at)


def test_an_agreement_over_less_than_is_overdue_does_not_keep_the_deferral(cast: Cast, deferral: Deferral):
    with pytest.raises(Refused, match=r"协议只管 1\.00 元"):
        agree(cast, deferral, fen=100)
    deferral.refresh_from_db()
    assert (deferral.agreement, deferral.until_on) == (None, UNTIL)


def test_a_deferral_that_has_run_out_is_not_revived_by_an_agreement_before_the_daily_run(
    cast: Cast, deferral: Deferral
):
    with pytest.raises(Refused, match="暂缓到期"):
        agree(cast, deferral, on=UNTIL)
    assert UtilityConsent.objects.count() == 0


def test_a_day_to_come_is_looked_at_as_today(cast: Cast, row: Row, deferral: Deferral):
    agree(cast, deferral)
    done = keep_watch(cast.street, on=dt.date(2027, 1, 1), by=None, at=at_noon(UNTIL))
    assert (done.breached, done.deferrals.lapsed) == ([], [])
    assert {w.seen_on for w in EarlyWarning.objects.all()} == {UNTIL}
    deferral.refresh_from_db()
    assert deferral.state == DeferralState.RUNNING


def test_the_daily_run_takes_back_what_the_ledger_no_longer_bears_out(cast: Cast, row: Row, deferral: Deferral):
    agreement = agree(cast, deferral)
    paid = row.pay(TransactionKind.REMITTANCE, 30_000, on=AGREED)
    mediation.mark_performed(agreement, by=cast.mediator, at=at_noon(AGREED))
    reverse_transaction(paid, reason="退票", by=None, at=at_noon(dt.date(2026, 3, 26)))
    assert [a.state for a in mended(cast, dt.date(2026, 3, 26))] == [AgreementState.PERFORMING]
    assert mended(cast, dt.date(2026, 3, 26)) == []
    line = TrailLine.objects.get(verb="restate_agreement")
    assert (line.data["before"], line.data["state"]) == ("performed", "performing")
    assert watch(cast, dt.date(2026, 4, 11)) == (1, [LapseReason.AGREEMENT_BREACHED])


def test_a_file_that_comes_late_undoes_a_breach(cast: Cast, row: Row, deferral: Deferral):
    agreement = agree(cast, deferral)
    assert watch(cast, dt.date(2026, 4, 11)) == (1, [LapseReason.AGREEMENT_BREACHED])
    row.pay(TransactionKind.REMITTANCE, 10_000, on=dt.date(2026, 4, 10))
    assert mended(cast, dt.date(2026, 4, 15)) == [agreement]
    agreement.refresh_from_db()
    assert (agreement.state, agreement.breached_on) == (AgreementState.PERFORMING, None)


def test_a_deferral_that_has_lapsed_is_not_kept_by_anybody(cast: Cast, deferral: Deferral):
    cutoff.watch_deferrals(cast.street, on=UNTIL, by=None, at=at_noon(UNTIL))
    with pytest.raises(Refused, match="已失效"):
        agree(cast, deferral)
    assert UtilityConsent.objects.count() == 0


@pytest.mark.both
def test_the_daily_run_changes_nothing_the_second_time(cast: Cast, row: Row, deferral: Deferral):
    watch(cast, dt.date(2026, 3, 27))
    before = (TrailLine.objects.count(), list(EarlyWarning.objects.order_by("pk").values()))
    assert watch(cast, dt.date(2026, 3, 27)) == (0, [])
    assert (TrailLine.objects.count(), list(EarlyWarning.objects.order_by("pk").values())) == before


def test_hege_daily_runs_over_every_street(cast: Cast, row: Row, other_cast: Cast):
    row.bill(fen=30_000)
    make_row(other_cast.street).bill(fen=30_000)
    out = StringIO()
    call_command("daily", "--on", "2026-02-17", stdout=out)
    assert {w.street.code for w in EarlyWarning.objects.all()} == {"310117006", "310118107"}
    assert out.getvalue().count("新预警 2 条") == 2
    call_command("daily", "--on", "2026-02-17", "--street", "310117006", stdout=out)
    assert "新预警 0 条" in out.getvalue()


@pytest.mark.both
def test_an_offices_own_figure_is_added_to_and_on_the_trail(cast: Cast):
    said: dict[str, Any] = {"by": cast.administrator, "at": at_noon(DEFERRED)}
    held: dict[str, Any] = {"kind": ThresholdKind.HELD_DAYS, "source": "区里规定", **said}
    for value, day in ((20, DEFERRED), (25, DEFERRED), (25, DEFERRED), (40, DEFERRED + 7 * DAY)):
        set_threshold(cast.street, value=value, from_on=day, **held)
    assert [(t.value, t.from_on) for t in Threshold.objects.order_by("pk")] == [
        (20, DEFERRED), (25, DEFERRED), (40, DEFERRED + 7 * DAY),
    ]  # fmt: skip
    assert TrailLine.objects.filter(verb="set_threshold").count() == 3
    days = (DEFERRED - DAY, DEFERRED, DEFERRED + 6 * DAY, DEFERRED + 7 * DAY)
    assert [thresholds_of(cast.street, on=day)[ThresholdKind.HELD_DAYS] for day in days] == [30, 25, 25, 40]
    notice: dict[str, Any] = {"kind": ThresholdKind.NOTICE_HOURS, "from_on": DEFERRED, **said}
    for value, more, wrong in (
        (1, {"source": "区里规定"}, "不能小于"),
        (72, {"source": " "}, "依据"),
        (72, {"source": "区里规定", "from_on": DEFERRED - DAY}, "为什么"),
    ):
        with pytest.raises(Refused, match=wrong):
            set_threshold(cast.street, value=value, **{**notice, **more})
