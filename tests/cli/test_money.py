"""`hege money`: the two layers in whole fen, and the same for people in yuan."""

from __future__ import annotations

import datetime as dt
import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from hege.billing.actions import AcknowledgementDraft, acknowledge_debts
from hege.billing.chart import TransactionKind
from hege.places.actions import move_out
from tests.cast import NOW, Row, move_in

pytestmark = pytest.mark.once

TERMS = (
    "payable", "owed", "acknowledged", "unproven", "advances", "passed_over", "held", "fronted", "unshared", "common",
    "loss", "unexplained", "late_fees",
)  # fmt: skip


def money(*arguments: str) -> str:
    out = StringIO()
    call_command("money", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def lived(row: Row) -> Row:
    """Three shops charged 10,000 fen each: one paid too much to the agent, one paid the utility, one admits a part."""
    row.bill(fen=30_000)
    row.pay(TransactionKind.RECEIPT, 12_000, on=dt.date(2026, 2, 5), unit=0)
    row.pay(TransactionKind.DIRECT_PAYMENT, 11_000, on=dt.date(2026, 2, 6), unit=1)
    row.pay(TransactionKind.RECEIPT, 1_000, on=dt.date(2026, 2, 7), unit=2, confirmed=False)
    row.pay(TransactionKind.REMITTANCE, 5_000, on=dt.date(2026, 2, 8))
    acknowledge_debts(
        row.street, [AcknowledgementDraft(row.point, row.tenancies[2], dt.date(2026, 2, 9), 4_000)], by=None, at=NOW
    )
    return row


def test_both_layers_in_fen(lived: Row):
    answer = json.loads(money("ZB-1", "--on", "2026-02-28", "--json"))
    sure, every = answer["confirmed"], answer["with_claims"]
    assert [sure[t] for t in TERMS] == [14_000, 10_000, 4_000, 6_000, 2_000, 1_000, 7_000, 0, 0, 0, 0, 0, 0]
    assert [every[t] for t in TERMS] == [14_000, 9_000, 4_000, 5_000, 2_000, 1_000, 8_000, 0, 0, 0, 0, 0, 0]


def test_every_unit_by_its_code(lived: Row):
    units = json.loads(money("ZB-1", "--on", "2026-02-28", "--json"))["confirmed"]["units"]
    keys = ("code", "charged", "paid", "owed", "advance", "passed_over", "acknowledged")
    assert [tuple(u[k] for k in keys) for u in units] == [
        ("ZB-1-01", 10_000, 12_000, 0, 2_000, 0, 0),
        ("ZB-1-02", 10_000, 11_000, 0, 0, 1_000, 0),
        ("ZB-1-03", 10_000, 0, 10_000, 0, 0, 4_000),
    ]


@pytest.mark.parametrize(
    ("on", "payable", "held"),
    [("2026-01-30", 0, 0), ("2026-01-31", 30_000, 0), ("2026-02-05", 30_000, 12_000), ("2026-02-06", 19_000, 12_000)],
)
def test_it_is_the_state_at_the_end_of_the_day(lived: Row, on: str, payable: int, held: int):
    sure = json.loads(money("ZB-1", "--on", on, "--json"))["confirmed"]
    assert (sure["payable"], sure["held"]) == (payable, held)


@pytest.mark.both
@pytest.mark.parametrize("on", ["2026-01-01", "2026-02-05", "2026-02-06", "2026-02-07", "2026-02-08", "2026-02-28"])
def test_the_identity_holds_in_both_layers(lived: Row, on: str):
    answer = json.loads(money("ZB-1", "--on", on, "--json"))
    for layer in ("confirmed", "with_claims"):
        m = answer[layer]
        plus = sum(m[t] for t in ("owed", "held", "unshared", "common", "loss", "unexplained"))
        assert m["payable"] == plus - m["advances"] - m["passed_over"] - m["fronted"]


def test_a_tenant_who_comes_later_is_not_there_yet(row: Row):
    move_out(row.tenancies[0], until_on=dt.date(2026, 2, 1), by=None, at=NOW)
    row.tenancies[0] = move_in(row.units[0], operator="新店主", from_on=dt.date(2026, 2, 1), by=None, at=NOW)
    row.bill(fen=30_000)
    row.bill("B-2", fen=30_000, from_on=dt.date(2026, 2, 1), until_on=dt.date(2026, 3, 1))
    row.pay(TransactionKind.RECEIPT, 500, on=dt.date(2026, 1, 31), unit=0, confirmed=False)
    for on, there in (("2026-01-30", 3), ("2026-01-31", 4), ("2026-02-01", 4)):
        answer = json.loads(money("ZB-1", "--on", on, "--json"))
        assert [len(answer[layer]["units"]) for layer in ("confirmed", "with_claims")] == [there, there]


def test_as_known_then_differs_from_as_known_now(lived: Row):
    assert "300.00" in money("ZB-1", "--on", "2026-01-31")
    before = json.loads(money("ZB-1", "--on", "2026-01-31", "--known", "2026-11-22", "--json"))
    assert before["confirmed"]["payable"] == 0


def test_an_unknown_meter_is_refused_in_words(row: Row):
    with pytest.raises(CommandError, match="没有总表"):
        money("ZB-404", "--json")
