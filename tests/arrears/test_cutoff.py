"""The cut-off procedure played on rows: demand, notice, deferral, lapse, renewal, clearing, cut and restoring."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.db import IntegrityError
from django.db.transaction import atomic, savepoint, savepoint_rollback

from hege.arrears.actions import set_threshold
from hege.arrears.cutoff import actions as cutoff
from hege.arrears.cutoff.models import CutoffNotice, Deferral, Demand
from hege.arrears.cutoff.queries import Watched, affected_units, cutoff_state, notices_of, running_deferrals
from hege.arrears.cutoff.rules import (
    ConditionDraft,
    ConditionKind,
    Consent,
    CutoffStep,
    DeferralState,
    Delivery,
    LapseReason,
)
from hege.arrears.early_warning.queries import findings
from hege.arrears.early_warning.rules import WarningKind
from hege.arrears.rules import ThresholdKind
from hege.billing.actions import reverse_transaction, state_evidence
from hege.billing.chart import TransactionKind
from hege.kernel.calendar import DAY, Calendar
from hege.kernel.clock import at_noon
from hege.kernel.refused import Refused, Stale
from hege.ledger.rules import EvidenceKind, Side
from hege.metering.actions import connect_unit
from hege.places.actions import seed_calendar
from hege.places.models import UnitUse
from hege.trail import queries as trail
from tests.cast import Cast, Row, move_in, register_unit

pytestmark = pytest.mark.once

# The bill of January 2026: 30,000 fen, due on 6 February. Demanded 2 March, term to 17 March, notice 18 March noon,
# cut not before 20 March noon, deferred on 19 March until 1 April: 31 March is the last protected day.
DEMANDED, NOTICED, DEFERRED = dt.date(2026, 3, 2), dt.date(2026, 3, 18), dt.date(2026, 3, 19)
UNTIL = dt.date(2026, 4, 1)
BROKEN = dt.date(2026, 3, 26)  # the day after the condition of ``defer`` was due
CONSENT = Consent("营业所", DEFERRED, "复函 7 号")


def demand(row: Row, on: dt.date = DEMANDED) -> Demand:
    return cutoff.demand_payment(
        row.point, how=Delivery.IN_PERSON, proof="签收单 1", delivered_on=on, by=None, at=at_noon(on)
    )


def notice(row: Row) -> CutoffNotice:
    row.bill(fen=30_000)
    return cutoff.give_notice(
        demand(row).notice, how=Delivery.POSTED, proof="照片 3 张", served_at=at_noon(NOTICED), by=None,
        at=at_noon(NOTICED),
    )  # fmt: skip


def remit(fen: int, due: dt.date) -> ConditionDraft:
    return ConditionDraft(ConditionKind.REMIT_AT_LEAST, due, fen=fen)


def defer(row: Row, *conditions: ConditionDraft) -> Deferral:
    return cutoff.defer_cutoff(
        notice(row),
        until=UNTIL,
        conditions=conditions or [remit(10_000, dt.date(2026, 3, 25))],
        decision="第 11 次联席会议",
        by=None,
        at=at_noon(DEFERRED),
    )


def watch(row: Row, on: dt.date) -> Watched:
    return cutoff.watch_deferrals(row.street, on=on, by=None, at=at_noon(on))


def step(row: Row, on: dt.date) -> CutoffStep | None:
    return cutoff_state(row.point, on=on).step


# -- demand and notice -------------------------------------------------------------------------------------------------


def test_nobody_is_threatened_while_nothing_is_overdue(row: Row):
    row.bill(fen=30_000)
    with pytest.raises(Refused, match="没有逾期的账单"):
        demand(row, dt.date(2026, 2, 6))
    assert step(row, dt.date(2026, 2, 6)) is None


def test_a_demand_keeps_what_was_overdue_and_its_proof(row: Row):
    row.bill(fen=30_000)
    row.pay(TransactionKind.REMITTANCE, 1_000, on=dt.date(2026, 2, 20))
    made = demand(row)
    assert (made.overdue_fen, made.proof, made.notice.state) == (29_000, "签收单 1", CutoffStep.DEMANDED)
    assert cutoff_state(row.point, on=DEMANDED).demanded_on == DEMANDED
    assert trail.of(made.notice, street=row.street).first().verb == "demand_payment"  # type: ignore[union-attr]


def test_a_claimed_payment_does_not_shrink_what_is_overdue(row: Row):
    row.bill(fen=30_000)
    row.pay(TransactionKind.REMITTANCE, 30_000, on=dt.date(2026, 2, 20), confirmed=False)
    assert demand(row).overdue_fen == 30_000


def test_a_second_demand_joins_the_running_procedure(row: Row):
    row.bill(fen=30_000)
    first, second = demand(row), demand(row, dt.date(2026, 3, 5))
    assert first.notice == second.notice
    assert CutoffNotice.objects.count() == 1


def test_a_term_that_runs_is_as_long_as_it_was_when_the_demand_was_written_down(row: Row):
    row.bill(fen=30_000)
    made = demand(row)
    set_threshold(
        row.street, kind=ThresholdKind.DEMAND_TERM_DAYS, value=7, from_on=dt.date(2026, 3, 1), source="区里规定",
        reason="早就定了", by=None, at=at_noon(dt.date(2026, 3, 9)),
    )  # fmt: skip
    early = dt.date(2026, 3, 11)
    with pytest.raises(Refused, match="合理期限到 2026-03-17 为止"):
        cutoff.give_notice(
            made.notice, how=Delivery.POSTED, proof="照片", served_at=at_noon(early), by=None, at=at_noon(early)
        )


def test_a_second_demand_does_not_let_the_term_begin_earlier(row: Row):
    row.bill(fen=30_000)
    demand(row)
    with pytest.raises(Refused, match="2026-03-02") as refusal:
        cutoff.demand_payment(
            row.point, how=Delivery.MESSAGE, proof="短信", delivered_on=DEMANDED - DAY, by=None, at=at_noon(NOTICED)
        )
    assert refusal.value.field == "delivered_on"


def test_a_demand_of_before_the_last_procedure_ended_belongs_to_that_one(row: Row):
    row.bill(fen=30_000)
    cutoff.withdraw_notice(demand(row).notice, reason="已协商", by=None, at=at_noon(NOTICED))
    with pytest.raises(Refused, match="2026-03-18"):
        cutoff.demand_payment(
            row.point, how=Delivery.MESSAGE, proof="短信", delivered_on=NOTICED - DAY, by=None, at=at_noon(DEFERRED)
        )
    assert demand(row, NOTICED).notice.opened_on == NOTICED


def test_a_second_demand_makes_the_page_of_the_first_a_stale_one(row: Row):
    row.bill(fen=30_000)
    first = demand(row).notice
    told = {"how": Delivery.MESSAGE, "proof": "短信", "delivered_on": DEMANDED, "by": None, "at": at_noon(DEMANDED)}
    with pytest.raises(Stale):
        cutoff.demand_payment(row.point, version=0, **told)  # type: ignore[arg-type]  # a page that showed no procedure
    cutoff.demand_payment(row.point, version=first.version, **told)  # type: ignore[arg-type]
    with pytest.raises(Stale):
        cutoff.demand_payment(row.point, version=first.version, **told)  # type: ignore[arg-type]


def test_a_notice_freezes_whom_it_affects(row: Row):
    given = notice(row)
    assert [a.code for a in given.affected_units] == ["ZB-1-01", "ZB-1-02", "ZB-1-03"]
    assert given.not_before_at == at_noon(dt.date(2026, 3, 20))
    state = cutoff_state(row.point, on=NOTICED)
    assert (state.step, state.not_before_at) == (CutoffStep.NOTICED, given.not_before_at)


@pytest.mark.both
def test_a_cut_affects_who_draws_from_the_meter_on_that_day(row: Row, make_shops: Callable[..., Row]):
    connect_unit(row.units[0], point=make_shops(code="ZB-2").point, from_on=NOTICED, by=None, at=at_noon(NOTICED))
    on = [[a.code for a in affected_units(row.point, on=day)] for day in (NOTICED - DAY, NOTICED)]
    assert on == [["ZB-1-01", "ZB-1-02", "ZB-1-03"], ["ZB-1-02", "ZB-1-03"]]


def test_a_notice_may_name_a_later_hour_but_no_earlier_one(row: Row):
    row.bill(fen=30_000)
    asked = demand(row).notice
    early, late = at_noon(dt.date(2026, 3, 19)), at_noon(dt.date(2026, 3, 30))
    wishes = {
        "how": Delivery.POSTED,
        "proof": "照片",
        "served_at": at_noon(NOTICED),
        "by": None,
        "at": at_noon(NOTICED),
    }
    with pytest.raises(Refused, match="48 小时"):
        cutoff.give_notice(asked, not_before_at=early, **wishes)  # type: ignore[arg-type]
    given = cutoff.give_notice(asked, not_before_at=late, **wishes)  # type: ignore[arg-type]
    assert given.not_before_at == late


def test_a_kitchen_behind_the_meter_needs_a_filing_note(row: Row):
    row.units[0].use = UnitUse.CATERING
    row.units[0].save()
    with pytest.raises(Refused, match="ZB-1-01"):
        notice(row)
    assert [a.sensitive for a in affected_units(row.point, on=NOTICED)] == [True, False, False]


@pytest.mark.both
def test_one_procedure_runs_at_a_time_whatever_the_code_does(row: Row):
    given = notice(row)
    with pytest.raises(IntegrityError), atomic():
        CutoffNotice.objects.create(street=row.street, point=row.point, opened_on=DEMANDED)
    assert given.state == CutoffStep.NOTICED


def test_a_page_that_is_behind_is_told_so(row: Row):
    given = notice(row)
    with pytest.raises(Stale):
        cutoff.withdraw_notice(given, reason="已协商", version=given.version - 1, by=None, at=at_noon(DEFERRED))
    ended = cutoff.withdraw_notice(given, reason="已协商", version=given.version, by=None, at=at_noon(DEFERRED))
    assert ended.state == CutoffStep.WITHDRAWN
    assert step(row, DEFERRED) is None


# -- deferral ----------------------------------------------------------------------------------------------------------


def test_a_deferral_protects_through_its_last_day_even_before_the_daily_run(row: Row):
    made = defer(row)
    row.pay(TransactionKind.REMITTANCE, 10_000, on=dt.date(2026, 3, 25))
    state = cutoff_state(row.point, on=made.last_day)
    assert (state.step, state.last_day, len(state.conditions)) == (CutoffStep.DEFERRED, dt.date(2026, 3, 31), 1)
    assert step(row, UNTIL) is CutoffStep.DEMANDED


def test_a_money_condition_is_met_by_the_ledger_and_by_nothing_else(row: Row):
    made = defer(row)
    condition = made.conditions.get()
    with pytest.raises(Refused, match="已证实的缴款"):
        cutoff.fulfil_condition(condition, on=DEFERRED, evidence="口头", by=None, at=at_noon(DEFERRED))
    row.pay(TransactionKind.REMITTANCE, 10_000, on=dt.date(2026, 3, 24))
    assert watch(row, dt.date(2026, 3, 26)).lapsed == []
    condition.refresh_from_db()
    assert condition.fulfilled_on == dt.date(2026, 3, 24)


def test_a_claim_does_not_meet_a_condition_until_it_is_proven(row: Row):
    defer(row)
    claim = row.pay(TransactionKind.REMITTANCE, 10_000, on=dt.date(2026, 3, 24), confirmed=False)
    sid = savepoint()
    assert [d.lapse_reason for d in watch(row, dt.date(2026, 3, 26)).lapsed] == [LapseReason.CONDITION_BROKEN]
    savepoint_rollback(sid)
    state_evidence(
        claim, side=Side.THIRD, kind=EvidenceKind.UTILITY_RECORD, supports=True, stated_on=DEFERRED, by=None,
        at=at_noon(DEFERRED),
    )  # fmt: skip
    assert watch(row, dt.date(2026, 3, 26)).lapsed == []


def test_a_broken_condition_lapses_by_itself_and_a_cut_needs_a_new_notice(row: Row):
    made = defer(row)
    assert watch(row, dt.date(2026, 3, 25)).lapsed == []
    assert watch(row, dt.date(2026, 3, 26)).lapsed == [made]
    made.refresh_from_db()
    made.notice.refresh_from_db()
    assert (made.state, made.lapsed_on) == (DeferralState.LAPSED, dt.date(2026, 3, 26))
    assert made.notice.state == CutoffStep.DEMANDED
    assert cutoff_state(row.point, on=BROKEN).spent
    assert watch(row, dt.date(2026, 3, 26)) == Watched([], [])


@pytest.mark.parametrize("served", [NOTICED, dt.date(2026, 3, 25)])
def test_a_notice_after_a_lapse_is_not_dated_back(row: Row, served: dt.date):
    made = defer(row)
    watch(row, BROKEN)
    made.notice.refresh_from_db()
    told = {"how": Delivery.POSTED, "proof": "照片", "by": None}
    with pytest.raises(Refused, match="不能早于暂缓结束") as refusal:
        cutoff.give_notice(made.notice, served_at=at_noon(served), at=at_noon(BROKEN), **told)  # type: ignore[arg-type]
    assert refusal.value.field == "served_at"
    again = cutoff.give_notice(made.notice, served_at=at_noon(BROKEN), at=at_noon(BROKEN), **told)  # type: ignore[arg-type]
    assert again.not_before_at == at_noon(BROKEN + 2 * DAY)


def test_a_further_notice_never_makes_the_cut_an_earlier_one(row: Row):
    row.bill(fen=30_000)
    late, told = at_noon(dt.date(2026, 3, 30)), {"how": Delivery.POSTED, "proof": "照片", "by": None}
    first, second = at_noon(NOTICED), at_noon(DEFERRED)
    given = cutoff.give_notice(demand(row).notice, served_at=first, not_before_at=late, at=first, **told)  # type: ignore[arg-type]
    again = cutoff.give_notice(given, served_at=second, at=second, **told)  # type: ignore[arg-type]
    assert again.not_before_at == late


def test_a_payment_taken_back_unmeets_its_condition(row: Row):
    made = defer(row)
    paid = row.pay(TransactionKind.REMITTANCE, 10_000, on=dt.date(2026, 3, 20))
    watch(row, dt.date(2026, 3, 20))
    assert made.conditions.get().fulfilled_on == dt.date(2026, 3, 20)
    reverse_transaction(paid, reason="退票", by=None, at=at_noon(dt.date(2026, 3, 21)))
    assert watch(row, dt.date(2026, 3, 22)).lapsed == []
    kept = made.conditions.get()
    assert (kept.fulfilled_on, kept.evidence) == (None, "")
    assert [d.lapse_reason for d in watch(row, BROKEN).lapsed] == [LapseReason.CONDITION_BROKEN]


@pytest.mark.parametrize(
    ("said", "field"),
    [
        (Consent(" ", DEFERRED, "复函 7 号"), "said_by"),
        (Consent("营业所", DEFERRED, " "), "document"),
        (Consent("营业所", BROKEN, "复函 7 号"), "said_on"),  # not said yet
        (Consent("营业所", DEMANDED - DAY, "复函 7 号"), "said_on"),  # before the procedure began
    ],
)
def test_nobody_puts_the_cut_off_longer_without_the_utilitys_own_word(row: Row, said: Consent, field: str):
    made = defer(row)
    on = BROKEN - DAY
    with pytest.raises(Refused, match="水务公司") as refusal:
        cutoff.renew_deferral(
            made, until=UNTIL + DAY, conditions=[remit(1, UNTIL)], consent=said, by=None, at=at_noon(on)
        )
    assert refusal.value.field == field
    made.refresh_from_db()
    assert (made.state, made.until_on) == (DeferralState.RUNNING, UNTIL)


def renewed(made: Deferral) -> object:
    words = ConditionDraft(ConditionKind.OTHER, dt.date(2026, 4, 20), text="开户主会")
    return cutoff.renew_deferral(
        made, until=dt.date(2026, 5, 1), conditions=[words], consent=CONSENT, by=None, at=at_noon(BROKEN)
    )


def cleared(made: Deferral) -> object:
    return cutoff.clear_deferral(made, by=None, at=at_noon(BROKEN))


def fulfilled(made: Deferral) -> object:
    return cutoff.fulfil_condition(made.conditions.get(), on=DEFERRED, evidence="补写", by=None, at=at_noon(BROKEN))


@pytest.mark.parametrize("escape", [renewed, cleared, fulfilled])
def test_a_broken_condition_is_not_escaped_before_the_daily_run(row: Row, escape: Callable[[Deferral], object]):
    made = defer(row, ConditionDraft(ConditionKind.OTHER, BROKEN - DAY, text="开户主会"))
    with pytest.raises(Refused, match="条件到期未达成"):
        escape(made)
    made.refresh_from_db()
    assert (made.state, made.lapsed_on) == (DeferralState.LAPSED, BROKEN)
    assert CutoffNotice.objects.get().state == CutoffStep.DEMANDED
    assert watch(row, BROKEN).lapsed == []


def test_a_broken_condition_protects_nobody_even_before_the_daily_run(row: Row):
    defer(row)
    assert step(row, BROKEN - DAY) is CutoffStep.DEFERRED
    told = cutoff_state(row.point, on=BROKEN)
    assert (told.step, told.spent, told.deferral, told.not_before_at) == (CutoffStep.DEMANDED, True, None, None)


def test_a_condition_is_met_after_it_was_made_and_while_the_deferral_runs(row: Row):
    made = defer(row, ConditionDraft(ConditionKind.OTHER, dt.date(2026, 3, 25), text="开户主会"))
    with pytest.raises(Refused, match="不能早于暂缓开始") as refusal:
        cutoff.fulfil_condition(
            made.conditions.get(), on=DEFERRED - DAY, evidence="纪要", by=None, at=at_noon(DEFERRED)
        )
    assert refusal.value.field == "on"
    watch(row, BROKEN)
    with pytest.raises(Refused, match="已失效"):
        fulfilled(made)


@pytest.mark.parametrize(
    ("paid", "on", "lapsed"),
    [
        (None, dt.date(2026, 10, 1), False),
        (None, dt.date(2026, 10, 8), False),  # the first working day after the holiday is still in time
        (None, dt.date(2026, 10, 9), True),
        (dt.date(2026, 10, 8), dt.date(2026, 10, 9), False),
        (dt.date(2026, 10, 9), dt.date(2026, 10, 9), True),
    ],
)
def test_a_condition_due_in_the_holiday_may_be_met_on_the_working_day_after_it(
    row: Row, paid: dt.date | None, on: dt.date, lapsed: bool
):
    seed_calendar(row.street, [2026])
    made = cutoff.defer_cutoff(
        notice(row), until=dt.date(2026, 11, 1), conditions=[remit(10_000, dt.date(2026, 10, 1))], by=None,
        at=at_noon(DEFERRED),
    )  # fmt: skip
    if paid:
        row.pay(TransactionKind.REMITTANCE, 10_000, on=paid)
    assert watch(row, on).lapsed == ([made] if lapsed else [])


def test_a_page_behind_does_not_renew_lift_or_meet(row: Row):
    made = defer(row, ConditionDraft(ConditionKind.OTHER, dt.date(2026, 3, 25), text="开户主会"))
    shown = CutoffNotice.objects.get().version
    condition, at = made.conditions.get(), at_noon(DEFERRED)
    cutoff.fulfil_condition(condition, on=DEFERRED, evidence="纪要", version=shown, by=None, at=at)
    with pytest.raises(Stale):
        cutoff.fulfil_condition(condition, on=DEFERRED, evidence="纪要", version=shown, by=None, at=at)
    with pytest.raises(Stale):
        cutoff.clear_deferral(made, version=shown, by=None, at=at)
    with pytest.raises(Stale):
        cutoff.renew_deferral(
            made, until=UNTIL + DAY, conditions=[remit(1, UNTIL)], consent=CONSENT, version=shown, by=None, at=at
        )
    made.refresh_from_db()
    assert made.state == DeferralState.RUNNING


def test_a_deferral_lapses_when_its_day_has_come(row: Row):
    made = defer(row, ConditionDraft(ConditionKind.OTHER, DEFERRED, text="开户主会"))
    cutoff.fulfil_condition(made.conditions.get(), on=DEFERRED, evidence="纪要", by=None, at=at_noon(DEFERRED))
    assert watch(row, made.last_day).lapsed == []
    assert [d.lapse_reason for d in watch(row, UNTIL).lapsed] == [LapseReason.EXPIRED]


def test_it_warns_three_working_days_before_the_end(row: Row):
    words = ConditionDraft(ConditionKind.OTHER, dt.date(2026, 3, 31), text="开户主会")
    made = defer(row, words)
    thursday, friday = dt.date(2026, 3, 25), dt.date(2026, 3, 26)  # 27, 30, 31 March are left on the 26th
    assert watch(row, thursday).ending == []
    assert watch(row, friday).ending == [made]
    kinds = {f.finding.kind for f in findings(row.street, on=friday)}
    assert WarningKind.DEFERRAL_ENDING in kinds


def ending(row: Row, on: dt.date) -> list[str]:
    """The last days of the deferrals a day is warned of."""
    found = [f.finding for f in findings(row.street, on=on) if f.finding.kind is WarningKind.DEFERRAL_ENDING]
    return [f.evidence[0].on.isoformat() for f in found]


def test_a_day_gone_by_is_warned_of_the_deferral_it_knew(row: Row):
    set_threshold(
        row.street, kind=ThresholdKind.DEFERRAL_WARNING_DAYS, value=60, from_on=DEMANDED, source="区里规定", by=None,
        at=at_noon(DEMANDED),
    )  # fmt: skip
    made = defer(row)
    renewed = dt.date(2026, 3, 24)
    cutoff.renew_deferral(
        made,
        until=dt.date(2026, 5, 1),
        conditions=[remit(20_000, dt.date(2026, 4, 10))],
        consent=CONSENT,
        by=None,
        at=at_noon(renewed),
    )
    watch(row, dt.date(2026, 4, 13))  # lapses, as of the 11th
    days = (NOTICED, DEFERRED, renewed - DAY, renewed, dt.date(2026, 4, 10), dt.date(2026, 4, 11))
    first, second = ["2026-03-31"], ["2026-04-30"]
    assert [ending(row, day) for day in days] == [[], first, first, second, second, []]


@pytest.mark.parametrize(
    ("on", "lapsed"),
    [
        (dt.date(2027, 1, 1), False),  # its last day was New Year's Eve, which the notice of 2027 could take
        (dt.date(2027, 1, 7), False),
        (dt.date(2027, 1, 11), False),
        (dt.date(2027, 1, 12), True),
    ],
)
def test_nothing_lapses_by_itself_on_a_day_that_waits_for_the_notice(row: Row, on: dt.date, lapsed: bool):
    made = cutoff.defer_cutoff(
        notice(row), until=dt.date(2027, 1, 1), conditions=[remit(10_000, dt.date(2026, 12, 30))], by=None,
        at=at_noon(DEFERRED),
    )  # fmt: skip
    assert (watch(row, on).lapsed == [made]) is lapsed
    assert (cutoff_state(row.point, on=on).deferral is None) is lapsed


def test_the_board_counts_the_working_days_left(row: Row):
    made = defer(row)
    (found,) = running_deferrals(row.street, on=dt.date(2026, 3, 27), calendar=Calendar(confirmed=range(2020, 2030)))
    assert (found.deferral, found.working_days_left, found.last_day) == (made, 2, dt.date(2026, 3, 31))
    assert running_deferrals(row.street, on=UNTIL, calendar=Calendar(confirmed=range(2020, 2030))) == []


def test_the_board_does_not_call_a_broken_deferral_running_before_the_watch_has_written_it_down(row: Row):
    made = defer(row)
    days = (dt.date(2026, 3, 25), dt.date(2026, 3, 26))
    found = [running_deferrals(row.street, on=day, calendar=Calendar(confirmed=range(2020, 2030)))[0] for day in days]
    assert [(f.deferral, f.broken_on) for f in found] == [(made, None), (made, dt.date(2026, 3, 26))]


def test_a_renewal_is_a_deferral_of_its_own_and_is_counted(row: Row):
    made = defer(row)
    on = dt.date(2026, 3, 24)
    new = cutoff.renew_deferral(
        made,
        until=dt.date(2026, 5, 1),
        conditions=[remit(20_000, dt.date(2026, 4, 30))],
        consent=CONSENT,
        by=None,
        at=at_noon(on),
    )
    made.refresh_from_db()
    assert (made.state, new.renewals, new.renews, new.state) == (DeferralState.RENEWED, 1, made, DeferralState.RUNNING)
    assert watch(row, dt.date(2026, 3, 26)).lapsed == []  # the old condition went with the old deferral
    with pytest.raises(Refused, match="已续期"):
        cutoff.renew_deferral(made, until=UNTIL, conditions=[remit(1, on)], consent=CONSENT, by=None, at=at_noon(on))


def test_what_has_run_out_cannot_be_renewed(row: Row):
    made = defer(row)
    row.pay(TransactionKind.REMITTANCE, 10_000, on=dt.date(2026, 3, 25))
    with pytest.raises(Refused, match="暂缓到期"):
        cutoff.renew_deferral(
            made,
            until=dt.date(2026, 5, 1),
            conditions=[remit(1, dt.date(2026, 4, 2))],
            consent=CONSENT,
            by=None,
            at=at_noon(UNTIL),
        )
    made.refresh_from_db()
    assert made.state == DeferralState.LAPSED


def test_a_deferral_is_lifted_when_nothing_is_owed_any_more(row: Row):
    made = defer(row)
    on = dt.date(2026, 3, 24)
    with pytest.raises(Refused, match=r"300\.00 元"):
        cutoff.clear_deferral(made, by=None, at=at_noon(on))
    row.pay(TransactionKind.REMITTANCE, 30_000, on=on)
    assert cutoff.clear_deferral(made, by=None, at=at_noon(on)).state == DeferralState.CLEARED
    assert step(row, on) is None
    assert CutoffNotice.objects.get().state == CutoffStep.CLEARED


# -- cut and restored --------------------------------------------------------------------------------------------------


def test_water_is_cut_after_the_notice_and_restored_after_payment(row: Row):
    given = notice(row)
    noon = at_noon(dt.date(2026, 3, 20))
    with pytest.raises(Refused, match="期限还没有满"):
        cutoff.cut_water(given, cut_at=noon - dt.timedelta(milliseconds=1), by=None, at=noon)
    gone = cutoff.cut_water(given, cut_at=noon, by=None, at=noon)
    assert step(row, dt.date(2026, 3, 20)) is CutoffStep.CUT
    back = cutoff.restore_water(gone, restored_at=noon + dt.timedelta(hours=5), by=None, at=noon + dt.timedelta(days=1))
    assert back.state == CutoffStep.RESTORED
    assert step(row, dt.date(2026, 3, 21)) is None


def test_water_is_not_cut_while_deferred(row: Row):
    made = defer(row)
    noon = at_noon(dt.date(2026, 3, 21))
    with pytest.raises(Refused, match="暂缓停水"):
        cutoff.cut_water(made.notice, cut_at=noon, by=None, at=noon)
    assert step(row, dt.date(2026, 3, 21)) is CutoffStep.DEFERRED


def test_no_new_notice_goes_round_a_deferral(row: Row):
    made = defer(row)
    later = at_noon(dt.date(2026, 3, 21))
    with pytest.raises(Refused, match="正在暂缓"):
        cutoff.give_notice(made.notice, how=Delivery.POSTED, proof="照片", served_at=later, by=None, at=later)
    assert step(row, dt.date(2026, 3, 21)) is CutoffStep.DEFERRED


def test_water_is_not_cut_from_somebody_who_was_never_told(row: Row):
    given = notice(row)
    newcomer = register_unit(row.street, code="ZB-1-09", name="新店", by=None, at=at_noon(NOTICED))
    connect_unit(newcomer, point=row.point, from_on=dt.date(2026, 3, 19), by=None, at=at_noon(NOTICED))
    move_in(newcomer, operator="新店主", from_on=dt.date(2026, 3, 19), by=None, at=at_noon(NOTICED))
    noon = at_noon(dt.date(2026, 3, 20))
    with pytest.raises(Refused, match="ZB-1-09"):
        cutoff.cut_water(given, cut_at=noon, by=None, at=noon)
    again = cutoff.give_notice(given, how=Delivery.POSTED, proof="照片", served_at=noon, by=None, at=noon)
    assert [a.code for a in again.affected_units][-1] == "ZB-1-09"
    later = at_noon(dt.date(2026, 3, 22))
    assert cutoff.cut_water(again, cut_at=later, by=None, at=later).state == CutoffStep.CUT


def test_water_is_not_cut_over_a_paid_bill(row: Row):
    given = notice(row)
    row.pay(TransactionKind.DIRECT_PAYMENT, 30_000, on=dt.date(2026, 3, 19), unit=0)
    noon = at_noon(dt.date(2026, 3, 20))
    with pytest.raises(Refused, match="已经缴清"):
        cutoff.cut_water(given, cut_at=noon, by=None, at=noon)
    assert cutoff.clear_notice(given, by=None, at=noon).state == CutoffStep.CLEARED


def test_another_streets_procedures_are_not_seen(row: Row, other_cast: Cast):
    defer(row)
    assert not notices_of(other_cast.street).exists()
    assert running_deferrals(other_cast.street, on=DEFERRED, calendar=Calendar(confirmed=range(2020, 2030))) == []
    assert cutoff.watch_deferrals(other_cast.street, on=UNTIL, by=None, at=at_noon(UNTIL)).lapsed == []
    assert Deferral.objects.get().state == DeferralState.RUNNING
