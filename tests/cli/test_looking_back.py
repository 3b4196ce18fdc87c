"""`hege warn --backtest` and `--forecast`: which signal fired first on which day, what is expected, in whole fen."""

from __future__ import annotations

import datetime as dt
import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from hege.billing.chart import TransactionKind
from hege.trail.models import TrailLine
from tests.cast import Row

pytestmark = pytest.mark.once


def warn(*arguments: str) -> str:
    out = StringIO()
    call_command("warn", *arguments, stdout=out)
    return out.getvalue()


def billed(row: Row, months: int) -> None:
    """Bills of 30,000 fen from January on, issued on each month's last day; of each 10,000 are passed on in the next month."""
    for month in range(1, months + 1):
        first, last = dt.date(2026, month, 1), dt.date(2026, month + 1, 1)
        row.bill(f"B-{month}", fen=30_000, from_on=first, until_on=last)
        row.pay(TransactionKind.REMITTANCE, 10_000, on=last + dt.timedelta(days=9))


def test_each_signal_has_its_first_day_and_what_was_owed_then_by_either_view(row: Row):
    billed(row, 4)
    lines = TrailLine.objects.count()
    told = json.loads(warn("--backtest", "ZB-1", "--on", "2026-06-30", "--as-if-known", "--json"))
    first = told[0]
    assert {name: first[name] for name in ("kind", "first_on", "payable_fen", "state_key")} == {
        "kind": "bill_overdue", "first_on": "2026-02-07", "payable_fen": 30_000, "state_key": "2026-02-06 B-1",
    }  # fmt: skip
    assert first["figures"]["overdue_fen"] == 30_000
    assert first["evidence"] == [{"kind": "bill", "number": "B-1", "on": "2026-02-06", "fen": 30_000}]
    assert [one["first_on"] for one in told] == sorted(one["first_on"] for one in told)
    # All was written down on 23 November: that evening the signals fire, and none before.
    assert json.loads(warn("--backtest", "ZB-1", "--on", "2026-11-22", "--json")) == []
    then = json.loads(warn("--backtest", "ZB-1", "--on", "2026-11-23", "--json"))
    assert (then[0]["kind"], then[0]["first_on"], then[0]["payable_fen"]) == ("bill_overdue", "2026-11-23", 80_000)
    assert "2026-02-07　〔账单逾期〕那天欠水司 300.00 元" in warn("--backtest", "ZB-1", "--as-if-known")
    assert TrailLine.objects.count() == lines


def test_what_is_expected_of_three_periods_with_the_error_of_its_past_words(row: Row):
    billed(row, 6)
    told = json.loads(warn("--forecast", "ZB-1", "--on", "2026-07-31", "--json"))
    # Ends on 27 February, 30 March, 29 April, 30 May, 29 June: 20,000 fen more each time, from 20,000 on.
    assert (told["periods"], told["from_on"], told["payable_fen"]) == (5, "2026-06-29", 100_000)
    assert told["tried_by"] == "as_if_known"  # on those evenings nothing was written down yet
    assert told["forecast"][0] == {
        "on": "2026-07-30", "payable_fen": 120_000, "low_fen": None, "high_fen": None, "tried": 2, "mean_error_fen": 0,
    }  # fmt: skip
    assert [e["payable_fen"] for e in told["forecast"]] == [120_000, 140_000, 160_000]
    assert "欠水司约 1,200.00 元，以往 2 次平均差 0.00 元" in warn("--forecast", "ZB-1", "--on", "2026-07-31")


def test_of_two_periods_nothing_is_said_but_why(row: Row):
    billed(row, 3)
    told = json.loads(warn("--forecast", "ZB-1", "--on", "2026-04-30", "--json"))
    assert (told["periods"], told["forecast"]) == (2, [])
    assert told["why_not"] == "不满 3 期（只有 2 期结束），说不出往后会怎样。"


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("--backtest", "没有这块"), "没有总表"),
        (("--as-if-known",), "一起用"),
        (("--backtest", "ZB-1", "--forecast", "ZB-1"), "分开问"),
    ],
)
def test_what_cannot_be_asked_is_said(row: Row, arguments: tuple[str, ...], why: str):
    with pytest.raises(CommandError, match=why):
        warn(*arguments)
