"""`hege warn`: what it prints, and that it writes nothing."""

from __future__ import annotations

import datetime as dt
import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from hege.arrears.early_warning.models import EarlyWarning
from hege.billing.chart import AccountKind, TransactionKind
from hege.ledger.actions import AssertionDraft, assert_balances
from hege.trail.models import TrailLine
from tests.cast import NOW, Cast, Row, make_row

pytestmark = pytest.mark.once


def warn(*arguments: str) -> str:
    out = StringIO()
    call_command("warn", *arguments, stdout=out)
    return out.getvalue()


def test_it_prints_each_warning_with_figures_and_evidence(row: Row):
    row.bill(fen=30_000)
    row.pay(TransactionKind.RECEIPT, 28_000, on=dt.date(2026, 2, 5), unit=0)
    answer = json.loads(warn("--on", "2026-02-16", "--json"))
    first = answer[0]
    assert {k: first[k] for k in ("street", "meter", "kind", "since")} == {
        "street": "310117006",
        "meter": "ZB-1",
        "kind": "bill_overdue",
        "since": "2026-02-07",
    }
    assert first["figures"]["overdue_fen"] == 30_000
    assert first["evidence"] == [{"kind": "bill", "number": "B-1", "on": "2026-02-06", "fen": 30_000}]
    assert first["says"].endswith("300.00 元。")
    assert first["waiting"].startswith("再等下去")


def test_it_knows_all_kinds_the_books_can_show(row: Row):
    for month in (1, 2, 3):
        row.bill(f"B-{month}", fen=30_000, from_on=dt.date(2026, month, 1), until_on=dt.date(2026, month + 1, 1))
        for unit in range(3):
            row.pay(TransactionKind.RECEIPT, 10_000, on=dt.date(2026, month + 1, 5), unit=unit)
        row.pay(TransactionKind.REMITTANCE, 9_000, on=dt.date(2026, month + 1, 10))
    wrong = AssertionDraft(row.point.book_id, AccountKind.PAYABLE, dt.date(2026, 3, 31), 1)
    assert_balances(row.street, [wrong], by=None, at=NOW)
    kinds = [w["kind"] for w in json.loads(warn("--on", "2026-04-20", "--json"))]
    assert kinds == [
        "bill_overdue",
        "paid_but_overdue",
        "held_too_old",
        "remitted_ratio",
        "payable_growing",
        "assertion_failed",
    ]


def test_figures_are_whole_numbers(row: Row):
    row.bill(fen=30_000)
    figures = [v for w in json.loads(warn("--on", "2026-03-16", "--json")) for v in w["figures"].values()]
    assert figures
    assert all(type(v) is int for v in figures)


def test_it_writes_nothing(row: Row):
    row.bill(fen=30_000)
    before = TrailLine.objects.count()
    assert "账单逾期" in warn("--on", "2026-02-16")
    assert (EarlyWarning.objects.count(), TrailLine.objects.count()) == (0, before)


def test_without_a_street_it_goes_through_all_and_with_one_through_that(row: Row, other_cast: Cast):
    row.bill(fen=30_000)
    make_row(other_cast.street, code="ZB-9").bill(fen=1_000)
    meters = {w["meter"] for w in json.loads(warn("--on", "2026-02-16", "--json"))}
    one = {w["meter"] for w in json.loads(warn("--on", "2026-02-16", "--street", "310118107", "--json"))}
    assert (meters, one) == ({"ZB-1", "ZB-9"}, {"ZB-9"})


def test_an_unknown_street_is_refused_in_words(row: Row):
    with pytest.raises(CommandError, match="999999999"):
        warn("--street", "999999999")


def test_a_calm_street_says_so(row: Row):
    assert json.loads(warn("--on", "2026-02-16", "--json")) == []
    assert "共 0 条预警" in warn("--on", "2026-02-16")
