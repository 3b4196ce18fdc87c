"""The trend of one point and the totals of a street: the same figures `who_holds_the_money` gives, at less cost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from hege.arrears.queries import money_totals, monthly, points_by_payable, who_holds_the_money
from hege.billing.actions import AcknowledgementDraft, acknowledge_debts, reverse_transaction
from hege.billing.chart import TransactionKind
from tests.cast import NOW, Cast, Row

pytestmark = pytest.mark.once


@pytest.fixture
def lived(row: Row) -> Row:
    """Three bills, receipts, remittances, an admission, a claim, a reversal."""
    for month in (1, 2, 3):
        row.bill(f"B-{month}", fen=30_000, from_on=dt.date(2026, month, 1), until_on=dt.date(2026, month + 1, 1))
    row.pay(TransactionKind.RECEIPT, 10_000, on=dt.date(2026, 2, 5), unit=0)
    row.pay(TransactionKind.RECEIPT, 4_000, on=dt.date(2026, 2, 28), unit=1)
    row.pay(TransactionKind.RECEIPT, 9_000, on=dt.date(2026, 3, 31), unit=2, confirmed=False)
    row.pay(TransactionKind.REMITTANCE, 6_000, on=dt.date(2026, 3, 1))
    reverse_transaction(
        row.pay(TransactionKind.REMITTANCE, 8_000, on=dt.date(2026, 3, 2)), reason="退票", by=None, at=NOW
    )
    acknowledge_debts(
        row.street, [AcknowledgementDraft(row.point, row.tenancies[2], dt.date(2026, 3, 15), 7_000)], by=None, at=NOW
    )
    return row


def test_every_month_end_says_what_the_books_say_on_that_day(lived: Row):
    ends = monthly(lived.point, on=dt.date(2026, 4, 10), months=5)
    assert [e.on.isoformat() for e in ends] == ["2025-12-31", "2026-01-31", "2026-02-28", "2026-03-31", "2026-04-10"]
    for end in ends:
        m = who_holds_the_money(lived.point, on=end.on).confirmed
        assert (end.payable, end.held, end.owed, end.acknowledged, end.unproven) == (
            m.payable,
            m.held,
            m.owed,
            m.acknowledged,
            m.unproven,
        )
    assert (ends[3].payable, ends[3].held, ends[3].acknowledged) == (84_000, 8_000, 7_000)


def test_the_trend_costs_four_queries_however_long_it_is(lived: Row, django_assert_num_queries: Any):
    with django_assert_num_queries(4):
        ends = monthly(lived.point, on=dt.date(2026, 2, 28), months=36)
    assert ends[-1].on == dt.date(2026, 2, 28)
    assert len(ends) == 36


def test_a_leap_february_ends_on_its_29th(row: Row):
    assert monthly(row.point, on=dt.date(2024, 3, 1), months=2)[0].on == dt.date(2024, 2, 29)


def test_a_streets_totals_are_the_sum_of_its_points(lived: Row, make_shops: Callable[..., Row], other_cast: Cast):
    second = make_shops(code="ZB-2", shops=2)
    second.bill("C-1", fen=90_000)
    second.pay(TransactionKind.REMITTANCE, 500, on=dt.date(2026, 2, 1))
    make_shops(code="ZB-3", shops=1)
    on = dt.date(2026, 3, 31)
    totals = money_totals(lived.street, on=on, worst=1)
    each = [who_holds_the_money(p, on=on).confirmed for p in (lived.point, second.point)]
    assert (totals.payable, totals.held, totals.fronted) == tuple(
        sum(getattr(m, name) for m in each) for name in ("payable", "held", "fronted")
    )
    assert (totals.points, totals.owing) == (3, 2)
    assert [w.code for w in totals.worst] == ["ZB-2"]
    assert money_totals(other_cast.street, on=on).points == 0


def test_the_list_of_points_puts_who_owes_most_first(
    lived: Row, make_shops: Callable[..., Row], django_assert_max_num_queries: Any
):
    make_shops(code="ZB-2", shops=1).bill("C-1", fen=90_000)
    make_shops(code="ZB-3", shops=1)
    with django_assert_max_num_queries(6):
        rows = points_by_payable(lived.street, on=dt.date(2026, 3, 31))
    assert [(r.code, r.payable) for r in rows] == [("ZB-2", 90_000), ("ZB-1", 84_000), ("ZB-3", 0)]
