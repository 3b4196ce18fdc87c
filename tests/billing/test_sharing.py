"""Bills are shared as they come, or say what is missing."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test.utils import CaptureQueriesContext

from hege.arrears.queries import who_holds_the_money
from hege.billing.actions import (
    BillDraft,
    choose_method,
    issue_bills,
    replace_allocation,
    reverse_transaction,
    share_bills,
)
from hege.billing.chart import TransactionKind
from hege.billing.models import Allocation, Share
from hege.billing.queries import split_of, standing_bills, unshared_bills
from hege.billing.rules import ComponentKind, Method
from hege.kernel.database import connection
from hege.kernel.refused import Refused
from hege.metering.actions import ReadingDraft, record_readings
from hege.metering.models import Meter
from hege.metering.rules import MeterKind, ReadingMethod
from hege.trail.models import TrailLine
from tests.cast import NOW, install_meter, move_in

pytestmark = pytest.mark.once

END = dt.date(2026, 3, 1)


def owed(row, on=END):
    return [u.owed for u in who_holds_the_money(row.point, on=on).confirmed.units]


def test_the_papers_bill_is_shared_among_47_shops_to_the_fen(make_shops):
    row = make_shops(shops=47)
    row.bill(m3=16_393)
    money = who_holds_the_money(row.point, on=END).confirmed
    assert money.payable == money.owed == money.unproven == 9_993_173
    assert sum(u.charged for u in money.units) == 9_993_173
    # each component by itself: 6,540,807 = 47 × 139,166 + 5, 3,452,366 = 47 × 73,454 + 28
    assert [u.charged for u in money.units[:6]] == [212_622, 212_622, 212_622, 212_622, 212_622, 212_621]


def draft(row, number: str, fen: int, month: int) -> BillDraft:
    from_on, until_on = dt.date(2026, month, 1), dt.date(2026, month + 1, 1)
    return BillDraft(
        point=row.point, number=number, from_on=from_on, until_on=until_on, volume_litres=10_000,
        components_fen={ComponentKind.OTHER: fen}, amount_fen=fen, due_on=until_on, issued_on=until_on,
    )  # fmt: skip


@pytest.mark.both
def test_bills_of_many_meters_are_split_together_as_each_alone_by_as_many_statements(street, make_shops):
    kinds = [Method.EQUAL, Method.AREA, Method.SUB_METER]
    rows = [make_shops(code=f"ZB-{n}", shops=n + 1, method=kinds[n % 3]) for n in range(9)]
    taken = []
    for month, some in enumerate((rows[:3], rows), 1):
        drafts = [draft(row, f"B-{row.point.code}-{month}", 1_000 + n, month) for n, row in enumerate(some)]
        with CaptureQueriesContext(connection) as asked:
            issued = issue_bills(street, drafts, by=None, at=NOW)
        taken.append(sum(not q["sql"].startswith("SAVEPOINT") for q in asked))
    assert taken[1] <= taken[0]  # the first opens the accounts
    assert set(issued.unshared) == {f"B-ZB-{n}-2" for n in (2, 5, 8)}
    alone = {a.bill_id: split_of(a.bill).lines for a in issued.allocations}
    for allocation in issued.allocations:
        kept = [(s.tenancy_id, s.amount_fen) for s in allocation.shares.order_by("pk")]
        assert kept == [(line.tenancy_id, line.amount_fen) for line in alone[allocation.bill_id]]
    lines = TrailLine.objects.filter(street=street, verb="share_bill")
    assert [len(line.data["bills"]) for line in lines.order_by("seq")] == [2, 6]


def test_nothing_is_owed_on_the_day_before_the_bill_was_issued(row):
    row.bill(fen=300)
    assert who_holds_the_money(row.point, on=dt.date(2026, 1, 30)).confirmed.payable == 0
    assert who_holds_the_money(row.point, on=dt.date(2026, 1, 31)).confirmed.payable == 300


@pytest.mark.both
def test_a_bill_without_sub_meter_readings_stays_unshared_and_says_which(street, row):
    choose_method(
        row.point, method=Method.SUB_METER, from_on=dt.date(2026, 1, 1), decision="第 2 次会议", by=None, at=NOW
    )
    meters = [
        install_meter(
            row.point, number=f"FB-{n}", kind=MeterKind.SUB, unit=unit, started_on=dt.date(2026, 1, 1), by=None, at=NOW
        )
        for n, unit in enumerate(row.units, 1)
    ]
    bill = row.bill(fen=600)
    assert who_holds_the_money(row.point, on=END).confirmed.unshared == 600
    again = share_bills(street, [bill], by=None, at=NOW)
    assert "FB-1" in again.unshared["B-1"]
    record_readings(
        street,
        [ReadingDraft(m, dt.date(2026, 1, 31), litres) for m, litres in zip(meters, (1000, 2000, 3000), strict=True)],
        by=None,
        at=NOW,
    )
    shared = share_bills(street, unshared_bills(street), by=None, at=NOW)
    assert shared.unshared == {}
    assert owed(row) == [100, 200, 300]


@pytest.fixture
def metered(street, make_shops):
    """Three shops shared by the mixed method: the first has a sub-meter that ran 40 m³ in January, the others 30 and 40 m²."""
    row = make_shops(method=Method.MIXED)
    meter = install_meter(
        row.point, number="FB-1", kind=MeterKind.SUB, unit=row.units[0], started_on=dt.date(2026, 1, 1), by=None, at=NOW
    )
    record_readings(street, [ReadingDraft(meter, dt.date(2026, 1, 31), 40_000)], by=None, at=NOW)
    return row


@pytest.mark.both
@pytest.mark.parametrize("volume", [-20, 0, -150])
def test_a_credit_falls_on_whom_the_water_was_charged_to_whatever_volume_it_names(metered, volume):
    metered.bill(fen=11_000, m3=110)
    assert owed(metered) == [4_000, 3_000, 4_000]
    metered.bill("B-1C", fen=-1_100, m3=volume)
    assert [s.amount_fen for s in Share.objects.filter(allocation__bill__number="B-1C")] == [-400, -300, -400]
    assert Allocation.objects.get(bill__number="B-1C").inputs["volume_litres"] == 110_000


def test_a_credit_over_two_months_is_weighed_by_both_bills(metered, street):
    record_readings(
        street, [ReadingDraft(Meter.objects.get(number="FB-1"), dt.date(2026, 2, 28), 50_000)], by=None, at=NOW
    )
    metered.bill(fen=7_000, m3=110)
    metered.bill("B-2", fen=7_000, m3=80, from_on=dt.date(2026, 2, 1), until_on=END)
    metered.bill("B-C", fen=-1_900, m3=0, until_on=END)
    assert [s.amount_fen for s in Share.objects.filter(allocation__bill__number="B-C")] == [-500, -600, -800]


def test_a_credit_for_days_no_bill_charged_is_weighed_by_the_bill_before(metered):
    metered.bill(fen=7_000, m3=110)
    metered.bill("B-C", fen=-1_100, m3=0, from_on=END, until_on=dt.date(2026, 4, 1))
    assert [s.amount_fen for s in Share.objects.filter(allocation__bill__number="B-C")] == [-400, -300, -400]


def test_a_credit_with_nothing_to_correct_stands_for_itself(metered):
    metered.bill("B-C", fen=-1_100, m3=-20)
    assert who_holds_the_money(metered.point, on=END).confirmed.unshared == -1_100
    metered.bill(fen=7_000, m3=110)
    assert share_bills(metered.street, unshared_bills(metered.street), by=None, at=NOW).unshared == {}


def test_readings_too_far_apart_leave_a_bill_unshared_and_an_estimate_is_said(metered, street):
    meter = Meter.objects.get(number="FB-1")
    record_readings(street, [ReadingDraft(meter, dt.date(2026, 4, 30), 60_000)], by=None, at=NOW)
    feb = metered.bill("B-2", fen=700, m3=110, from_on=dt.date(2026, 2, 1), until_on=END)
    assert "FB-1 缺 2026-03-01" in share_bills(street, [feb], by=None, at=NOW).unshared["B-2"]
    guess = ReadingDraft(meter, dt.date(2026, 2, 28), 50_000, ReadingMethod.ESTIMATED)
    record_readings(street, [guess], by=None, at=NOW)
    shared = share_bills(street, [feb], by=None, at=NOW)
    assert (shared.unshared, shared.estimated) == ({}, {"B-2": 1})


@pytest.mark.both
def test_another_streets_bills_are_not_seen(row, other_street):
    bill = row.bill(fen=300)
    assert [list(standing_bills(street)) for street in (row.street, other_street)] == [[bill], []]


def test_sharing_twice_shares_once(street, row):
    bill = row.bill(fen=300)
    assert share_bills(street, [bill], by=None, at=NOW).allocations == []
    assert Allocation.objects.count() == 1


def test_a_replaced_allocation_posts_only_the_difference_and_keeps_the_old_one(row):
    bill = row.bill(fen=900)
    assert owed(row) == [300, 300, 300]
    new = replace_allocation(bill, method=Method.AREA, decision="第 3 次联席会议", by=None, at=NOW)
    assert owed(row) == [200, 300, 400]
    assert new.corrects is not None
    assert sorted(new.transaction.transfers.values_list("amount_fen", flat=True)) == [100, 100]
    assert who_holds_the_money(row.point, on=END).confirmed.unshared == 0


def test_a_replaced_allocation_can_be_taken_back(row):
    bill = row.bill(fen=900)
    new = replace_allocation(bill, method=Method.AREA, decision="第 3 次联席会议", by=None, at=NOW)
    reverse_transaction(new.transaction, reason="会议决定撤回", by=None, at=NOW)
    assert owed(row) == [300, 300, 300]
    assert replace_allocation(bill, method=Method.AREA, decision="再议", by=None, at=NOW).corrects == new.corrects


def test_a_bill_with_shares_is_not_reversed_before_them(row):
    bill = row.bill(fen=300)
    with pytest.raises(Refused, match="请先冲正"):
        reverse_transaction(bill.transaction, reason="抄错", by=None, at=NOW)
    reverse_transaction(bill.allocations.get().transaction, reason="抄错", by=None, at=NOW)
    reverse_transaction(bill.transaction, reason="抄错", by=None, at=NOW)
    assert who_holds_the_money(row.point, on=END).confirmed.payable == 0


def test_a_new_tenant_never_inherits(street, row):
    from hege.places.actions import move_out

    row.bill(fen=300)
    move_out(row.tenancies[0], until_on=dt.date(2026, 2, 1), by=None, at=NOW)
    move_in(row.units[0], operator="新店主", from_on=dt.date(2026, 2, 1), by=None, at=NOW)
    row.bill("B-2", fen=300, from_on=dt.date(2026, 2, 1), until_on=END)
    money = who_holds_the_money(row.point, on=END).confirmed
    assert [(u.code, u.from_on, u.owed) for u in money.units][:2] == [
        ("ZB-1-01", dt.date(2026, 1, 1), 100),
        ("ZB-1-01", dt.date(2026, 2, 1), 100),
    ]


def test_overpaying_the_agent_is_an_advance_and_paying_the_utility_a_passed_over_claim(row):
    row.bill(fen=300)
    row.pay(TransactionKind.RECEIPT, 120, on=dt.date(2026, 2, 2), unit=0)
    row.pay(TransactionKind.DIRECT_PAYMENT, 130, on=dt.date(2026, 2, 2), unit=1)
    row.pay(TransactionKind.RECEIPT, 40, on=dt.date(2026, 2, 2), unit=1)
    money = who_holds_the_money(row.point, on=END).confirmed
    assert [(u.owed, u.advance, u.passed_over) for u in money.units] == [(0, 20, 0), (0, 0, 70), (100, 0, 0)]
    assert (money.payable, money.held, money.difference) == (170, 160, 0)


def test_a_claimed_receipt_counts_only_with_claims(row):
    row.bill(fen=300)
    row.pay(TransactionKind.RECEIPT, 100, on=dt.date(2026, 2, 2), unit=0, confirmed=False)
    holding = who_holds_the_money(row.point, on=END)
    assert (holding.confirmed.held, holding.confirmed.owed) == (0, 300)
    assert (holding.with_claims.held, holding.with_claims.owed) == (100, 200)
    assert holding.confirmed.difference == holding.with_claims.difference == 0


def test_it_says_what_was_known_then_and_what_is_known_now(row):
    row.bill(fen=300)
    row.pay(TransactionKind.RECEIPT, 100, on=dt.date(2026, 2, 2), unit=0)
    before = NOW - dt.timedelta(days=1)
    assert who_holds_the_money(row.point, on=END, known_at=before).confirmed.payable == 0
    assert who_holds_the_money(row.point, on=END, known_at=NOW) == who_holds_the_money(row.point, on=END)


def test_who_holds_the_money_asks_four_queries(row, django_assert_num_queries):
    row.bill(fen=300)
    point = row.point
    with django_assert_num_queries(4):
        who_holds_the_money(point, on=END)
