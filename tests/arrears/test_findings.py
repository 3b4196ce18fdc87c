"""Warnings read from rows: the same figures the books give, one street only, no query per point."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from hege.arrears.actions import set_threshold
from hege.arrears.early_warning.actions import acknowledge_warning, raise_report, record_warnings
from hege.arrears.early_warning.models import EarlyWarning, EarlyWarningQuerySet
from hege.arrears.early_warning.queries import findings, warnings_of_street
from hege.arrears.early_warning.rules import Finding, WarningKind, WarningState, check_step, open_steps
from hege.arrears.early_warning.sentences import says
from hege.arrears.models import Threshold
from hege.arrears.queries import thresholds_of
from hege.arrears.rules import ThresholdKind
from hege.billing.actions import open_book, replace_allocation, reverse_transaction, state_evidence
from hege.billing.chart import AccountKind, TransactionKind
from hege.billing.rules import Method
from hege.cases.rules import ReportKind
from hege.kernel.clock import at_noon
from hege.kernel.refused import Refused
from hege.ledger.actions import AssertionDraft, assert_balances
from hege.ledger.rules import EvidenceKind, Side
from hege.metering.actions import ReadingDraft, name_role, record_readings
from hege.metering.rules import MeterKind, PointRoleKind
from hege.places.actions import name_party
from hege.trail import queries as trail
from tests.cast import NOW, Cast, Row, install_meter, make_row

pytestmark = pytest.mark.once

# One bill of 30,000 fen for January, issued 31 January, due 15 February; three shops of 10,000 fen each.
DUE, OVERDUE = dt.date(2026, 2, 6), dt.date(2026, 2, 7)


def warned(row: Row, on: dt.date) -> dict[WarningKind, Finding]:
    return {f.kind: f for _point, f in findings(row.street, on=on)}


def receive(row: Row, *fens: int, on: dt.date = dt.date(2026, 2, 5), confirmed: bool = True) -> None:
    for unit, fen in enumerate(fens):
        row.pay(TransactionKind.RECEIPT, fen, on=on, unit=unit, confirmed=confirmed)


def test_nothing_is_said_about_a_bill_on_its_due_day(row: Row):
    row.bill(fen=30_000)
    assert warned(row, DUE) == {}


def test_an_unpaid_bill_is_overdue_the_next_day(row: Row):
    row.bill(fen=30_000)
    finding = warned(row, OVERDUE)[WarningKind.BILL_OVERDUE]
    assert (finding.since, finding.figures["overdue_fen"]) == (OVERDUE, 30_000)


def test_a_claimed_payment_keeps_no_warning_back_and_a_proven_one_does(row: Row):
    row.bill(fen=30_000)
    claim = row.pay(TransactionKind.REMITTANCE, 30_000, on=dt.date(2026, 2, 5), confirmed=False)
    assert WarningKind.BILL_OVERDUE in warned(row, OVERDUE)
    state_evidence(
        claim,
        side=Side.THIRD,
        kind=EvidenceKind.BANK_LINE,
        supports=True,
        stated_on=OVERDUE,
        by=None,
        at=NOW,
    )
    assert warned(row, OVERDUE) == {}


def test_a_reversed_bill_is_no_longer_overdue(row: Row):
    made = row.bill(fen=30_000)
    reverse_transaction(made.allocations.get().transaction, reason="开错", by=None, at=NOW)
    reverse_transaction(made.transaction, reason="开错", by=None, at=NOW)
    assert warned(row, OVERDUE) == {}


def test_shops_have_paid_the_agent_and_the_bill_is_overdue(row: Row):
    row.bill(fen=30_000)
    receive(row, 10_000, 10_000, 8_000)
    found = warned(row, OVERDUE)
    assert found[WarningKind.PAID_BUT_OVERDUE].figures["percent"] == 93
    assert found[WarningKind.PAID_BUT_OVERDUE].figures["held_fen"] == 28_000
    assert WarningKind.HELD_TOO_OLD not in found
    assert warned(row, dt.date(2026, 3, 8))[WarningKind.HELD_TOO_OLD].figures["old_fen"] == 28_000


def test_paying_the_utility_oneself_is_not_paying_the_agent(row: Row):
    row.bill(fen=30_000)
    for unit in range(2):
        row.pay(TransactionKind.DIRECT_PAYMENT, 10_000, on=dt.date(2026, 2, 5), unit=unit)
    row.pay(TransactionKind.DIRECT_PAYMENT, 8_000, on=dt.date(2026, 2, 5), unit=2)
    assert WarningKind.PAID_BUT_OVERDUE not in warned(row, OVERDUE)


def test_the_next_bill_does_not_hide_that_the_shops_paid_the_last_one(row: Row):
    row.bill(fen=30_000)
    receive(row, 10_000, 10_000, 10_000)
    row.bill("B-2", fen=60_000, from_on=dt.date(2026, 2, 1), until_on=dt.date(2026, 3, 1))
    assert warned(row, dt.date(2026, 3, 5))[WarningKind.PAID_BUT_OVERDUE].figures["charged_fen"] == 30_000
    assert WarningKind.PAID_BUT_OVERDUE not in warned(row, dt.date(2026, 3, 17))


def test_a_replaced_allocation_counts_as_it_stands_now(row: Row):
    row.bill(fen=30_000)
    receive(row, 10_000, 10_000, 10_000)
    later = row.bill("B-2", fen=90_000, from_on=dt.date(2026, 2, 1), until_on=dt.date(2026, 3, 1))
    replace_allocation(later, method=Method.AREA, decision="会议", by=None, at=NOW)
    assert warned(row, dt.date(2026, 3, 5))[WarningKind.PAID_BUT_OVERDUE].figures["paid_fen"] == 30_000


def test_nobody_has_a_word_for_the_debt_at_first(row: Row):
    row.bill(fen=30_000)
    figures = warned(row, OVERDUE)[WarningKind.UNPROVEN_SHARE_HIGH].figures
    assert (figures["unproven_fen"], figures["percent"], figures["shops"]) == (30_000, 100, 3)


def test_an_opening_balance_is_overdue_and_unexplained(row: Row):
    open_book(row.point, on=dt.date(2025, 12, 31), payable_fen=5_000, document="对账单", by=None, at=NOW)
    found = warned(row, dt.date(2026, 1, 1))
    assert found[WarningKind.BILL_OVERDUE].evidence[0].number == "对账单"
    assert found[WarningKind.UNPROVEN_SHARE_HIGH].figures["unproven_fen"] == 5_000


@pytest.mark.parametrize(
    ("kind", "unit", "right", "wrong"),
    [
        (AccountKind.PAYABLE, None, 25_000, 25_001),
        (AccountKind.AGENT, None, 7_000, 0),
        (AccountKind.TENANCY, 1, 8_000, 9_000),
    ],
)
def test_an_assertion_is_held_against_the_confirmed_balance_of_its_day(
    row: Row, kind: AccountKind, unit: int | None, right: int, wrong: int
):
    row.bill(fen=30_000)
    receive(row, 10_000, 2_000)
    receive(row, 0 + 500, confirmed=False)
    row.pay(TransactionKind.REMITTANCE, 5_000, on=dt.date(2026, 2, 6))
    row.pay(TransactionKind.REMITTANCE, 1_000, on=dt.date(2026, 2, 9))
    tenancy = None if unit is None else row.tenancies[unit].pk
    day = dt.date(2026, 2, 8)
    drafts = [AssertionDraft(row.point.book_id, kind, day, fen, tenancy_id=tenancy) for fen in (right, wrong)]
    assert_balances(row.street, drafts, by=None, at=NOW)
    found = [f for _p, f in findings(row.street, on=day) if f.kind is WarningKind.ASSERTION_FAILED]
    assert [f.figures["difference_fen"] for f in found] == [wrong - right]


def test_a_shop_in_credit_owes_nothing_and_its_paper_says_so(row: Row):
    row.bill(fen=30_000)
    receive(row, 12_000)
    draft = AssertionDraft(row.point.book_id, AccountKind.TENANCY, DUE, 0, tenancy_id=row.tenancies[0].pk)
    assert_balances(row.street, [draft], by=None, at=NOW)
    assert warned(row, DUE) == {}


@pytest.mark.parametrize(("counted", "differs"), [(0, []), (-5_000, []), (100, [100])])
def test_a_till_of_an_agent_who_fronted_money_is_counted_empty(row: Row, counted: int, differs: list[int]):
    row.bill(fen=30_000)
    row.pay(TransactionKind.REMITTANCE, 5_000, on=dt.date(2026, 2, 6))
    draft = AssertionDraft(row.point.book_id, AccountKind.AGENT, DUE, counted)
    assert_balances(row.street, [draft], by=None, at=NOW)
    found = [f for _p, f in findings(row.street, on=DUE) if f.kind is WarningKind.ASSERTION_FAILED]
    assert [f.figures["difference_fen"] for f in found] == differs


def test_what_one_agent_fronted_hides_nothing_of_what_another_holds(row: Row):
    row.bill(fen=30_000)
    row.pay(TransactionKind.REMITTANCE, 5_000, on=dt.date(2026, 2, 6))
    other = name_party(row.street, name="三房东")
    name_role(row.point, kind=PointRoleKind.AGENT, party=other, from_on=dt.date(2026, 2, 7), by=None, at=NOW)
    row.pay(TransactionKind.RECEIPT, 2_000, on=dt.date(2026, 2, 8), unit=0)
    draft = AssertionDraft(row.point.book_id, AccountKind.AGENT, dt.date(2026, 2, 8), 2_000)
    assert_balances(row.street, [draft], by=None, at=NOW)
    assert WarningKind.ASSERTION_FAILED not in warned(row, dt.date(2026, 2, 8))


def test_sub_meters_nobody_reads_and_old_meters_are_named(row: Row):
    sub = install_meter(
        row.point, number="FB-1", kind=MeterKind.SUB, unit=row.units[0], started_on=dt.date(2026, 1, 1),
        diameter_mm=20, verified_on=dt.date(2020, 2, 29), by=None, at=NOW,
    )  # fmt: skip
    found = warned(row, dt.date(2026, 3, 1))
    assert [t.number for t in found[WarningKind.METER_PAST_LIFE].evidence] == ["FB-1"]
    assert found[WarningKind.READINGS_MISSING].figures == {"meters": 1, "days": 59, "limit_days": 45}
    record_readings(row.street, [ReadingDraft(sub, dt.date(2026, 2, 28), 1_000)], by=None, at=NOW)
    assert WarningKind.READINGS_MISSING not in warned(row, dt.date(2026, 3, 1))


def test_an_office_sets_its_own_thresholds(row: Row):
    row.bill(fen=30_000)
    said: dict[str, Any] = {"kind": ThresholdKind.OVERDUE_WORKING_DAYS, "source": "区里规定", "by": None, "at": NOW}
    set_threshold(row.street, value=5, from_on=dt.date(2026, 2, 8), reason="区里早就定了", **said)
    assert WarningKind.BILL_OVERDUE in warned(row, dt.date(2026, 2, 7))
    assert WarningKind.BILL_OVERDUE not in warned(row, dt.date(2026, 2, 8))
    assert WarningKind.BILL_OVERDUE in warned(row, dt.date(2026, 2, 28))


def test_what_an_earlier_landing_had_set_holds_from_the_first_day_there_is(row: Row):
    row.bill(fen=30_000)
    old = Threshold(street=row.street, kind=ThresholdKind.OVERDUE_WORKING_DAYS, value=5)
    old.save_base(raw=True, force_insert=True)  # without a day or source, as the migration leaves it
    assert thresholds_of(row.street, on=dt.date.min)[ThresholdKind.OVERDUE_WORKING_DAYS] == 5
    assert WarningKind.BILL_OVERDUE not in warned(row, dt.date(2026, 2, 8))


def test_a_bill_to_be_asked_about_is_warned_of_with_its_figures_for_a_year(row: Row):
    row.bill("B-1", fen=30_000, until_on=dt.date(2026, 1, 31))
    row.bill("B-2", fen=30_000, from_on=dt.date(2026, 2, 1), until_on=dt.date(2026, 3, 1))
    finding = warned(row, dt.date(2026, 3, 1))[WarningKind.BILL_DOUBTED]
    assert says(finding) == "账单 B-2 之前缺 1 天没有账单（上一张 B-1）；请核对是否漏了一张。"
    assert (finding.state_key, finding.figures, [t.number for t in finding.evidence]) == (
        "days_missing B-2", {"days": 1}, ["B-2", "B-1"],
    )  # fmt: skip
    assert WarningKind.BILL_DOUBTED in warned(row, dt.date(2027, 2, 28))
    assert WarningKind.BILL_DOUBTED not in warned(row, dt.date(2027, 3, 1))


def test_a_bill_taken_back_is_asked_about_no_more(row: Row):
    row.bill("B-1", fen=30_000, until_on=dt.date(2026, 1, 31))
    odd = row.bill("B-2", fen=30_000, from_on=dt.date(2026, 2, 1), until_on=dt.date(2026, 3, 1))
    allocation = odd.allocations.get()
    for transaction in (allocation.transaction, odd.transaction):
        reverse_transaction(transaction, reason="重开", by=None, at=NOW)
    assert WarningKind.BILL_DOUBTED not in warned(row, dt.date(2026, 3, 1))


def test_a_street_hears_nothing_of_another(row: Row, other_cast: Cast):
    row.bill(fen=30_000)
    assert findings(other_cast.street, on=OVERDUE) == []


def test_a_hundred_points_cost_no_more_queries_than_one(
    row: Row, make_shops: Callable[..., Row], django_assert_max_num_queries: Any
):
    rows = [row, *(make_shops(code=f"ZB-{n}", shops=1) for n in range(2, 6))]
    for n, each in enumerate(rows):
        each.bill(f"B-{n}", fen=10_000)
    with django_assert_max_num_queries(24):
        found = findings(row.street, on=OVERDUE)
    assert len({p.code for p, f in found if f.kind is WarningKind.BILL_OVERDUE}) == 5


# -- fired, taken up, reported -----------------------------------------------------------------------------------------


def record(row: Row, on: dt.date) -> tuple[set[str], set[str]]:
    done = record_warnings(row.street, on=on, by=None, at=at_noon(on))
    return {w.kind for w in done.fired}, {w.kind for w in done.ended}


def holding(row: Row) -> set[str]:
    rows = warnings_of_street(row.street)
    assert isinstance(rows, EarlyWarningQuerySet)
    return set(rows.holding().values_list("kind", flat=True))


def test_a_warning_fires_once_for_its_state_and_ends_with_it(row: Row):
    row.bill(fen=30_000)
    assert record(row, OVERDUE) == ({"bill_overdue", "unproven_share_high"}, set())
    assert record(row, OVERDUE) == (set(), set())
    assert record(row, dt.date(2026, 2, 20)) == (set(), set())
    row.pay(TransactionKind.REMITTANCE, 30_000, on=dt.date(2026, 2, 20))
    assert record(row, dt.date(2026, 2, 20)) == (set(), {"bill_overdue", "unproven_share_high"})
    assert holding(row) == set()


@pytest.mark.both
def test_a_state_that_comes_back_is_the_same_warning(row: Row):
    row.bill(fen=30_000)
    record(row, OVERDUE)
    paid = row.pay(TransactionKind.REMITTANCE, 30_000, on=dt.date(2026, 2, 20))
    record(row, dt.date(2026, 2, 20))
    reverse_transaction(paid, reason="退票", by=None, at=NOW)
    assert record(row, dt.date(2026, 2, 21)) == (set(), set())
    assert holding(row) == {"bill_overdue", "unproven_share_high"}
    assert EarlyWarning.objects.count() == 2


def test_a_stored_warning_keeps_the_figures_of_the_last_run(row: Row):
    row.bill(fen=30_000)
    record(row, OVERDUE)
    row.pay(TransactionKind.REMITTANCE, 10_000, on=dt.date(2026, 2, 18))
    record(row, dt.date(2026, 2, 19))
    stored = EarlyWarning.objects.get(kind=WarningKind.BILL_OVERDUE)
    assert (stored.figures["overdue_fen"], stored.fired_on, stored.seen_on) == (20_000, OVERDUE, dt.date(2026, 2, 19))
    assert stored.finding.evidence[0].fen == 20_000


def test_warnings_seen_again_take_two_statements_on_another_day_and_none_on_the_same(row: Row, make_shops: Any):
    for n, each in enumerate([row, make_shops(code="ZB-2", shops=1), make_shops(code="ZB-3", shops=1)]):
        each.bill(f"B-{n}", fen=30_000)
    record(row, OVERDUE)
    assert written(row, OVERDUE) == 0
    later = OVERDUE + dt.timedelta(days=3)
    assert written(row, later) == 2
    assert set(EarlyWarning.objects.values_list("seen_on", flat=True)) == {later}
    assert EarlyWarning.objects.filter(kind=WarningKind.BILL_OVERDUE, figures__days=4).count() == 3


def written(row: Row, on: dt.date) -> int:
    """How many statements of a run write to warnings."""
    with CaptureQueriesContext(connection) as asked:
        record(row, on)
    return sum('UPDATE "arrears_earlywarning"' in q["sql"] for q in asked.captured_queries)


def test_acknowledging_needs_a_note_and_happens_once(cast: Cast, row: Row):
    row.bill(fen=30_000)
    record(row, OVERDUE)
    warning = EarlyWarning.objects.get(kind=WarningKind.BILL_OVERDUE)
    with pytest.raises(Refused):
        acknowledge_warning(warning, note=" ", by=cast.coordinator, at=NOW)
    done = acknowledge_warning(warning, note="已约代收人", by=cast.coordinator, at=NOW)
    assert (done.state, done.acknowledged_by, done.note) == (WarningState.ACKNOWLEDGED, cast.coordinator, "已约代收人")
    with pytest.raises(Refused, match="已知悉"):
        acknowledge_warning(warning, note="再次", by=cast.coordinator, at=NOW)
    assert trail.of(warning, street=row.street).first().verb == "acknowledge_warning"  # type: ignore[union-attr]


def test_nothing_is_made_of_a_warning_that_has_ended():
    state = WarningState
    assert open_steps(state.OPEN, over=False) == {state.ACKNOWLEDGED, state.REPORTED}
    assert open_steps(state.ACKNOWLEDGED, over=False) == {state.REPORTED}
    assert open_steps(state.OPEN, over=True) == open_steps(state.REPORTED, over=False) == set()
    with pytest.raises(Refused, match="已经结束"):
        check_step(state.OPEN, state.REPORTED, over=True)


def test_a_warning_becomes_a_report_that_says_what_waiting_costs(cast: Cast, row: Row):
    row.bill(fen=30_000)
    record(row, OVERDUE)
    warning = EarlyWarning.objects.get(kind=WarningKind.BILL_OVERDUE)
    report = raise_report(warning, by=cast.coordinator, at=NOW)
    assert (report.kind, report.point) == (ReportKind.WARNING, row.point)
    assert "300.00 元" in report.text
    assert "停水" in report.text
    warning.refresh_from_db()
    assert (warning.state, warning.report) == (WarningState.REPORTED, report)
    with pytest.raises(Refused):
        raise_report(warning, by=cast.coordinator, at=NOW)


def test_two_streets_warn_apart(row: Row, other_cast: Cast):
    other = make_row(other_cast.street)
    row.bill(fen=30_000)
    other.bill(fen=30_000)
    record(row, OVERDUE)
    assert {w.street for w in EarlyWarning.objects.all()} == {row.street}
