"""Taking back: an exact mirror, once, with a reason, dependents first."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from hege.arrears.queries import who_holds_the_money
from hege.billing.actions import replace_allocation
from hege.billing.chart import WATER, TransactionKind
from hege.billing.rules import Method
from hege.kernel.refused import Refused
from hege.ledger.actions import reverse_transaction, state_evidence
from hege.ledger.models import OpenClaim, Transaction
from hege.ledger.queries import faults
from hege.ledger.rules import EvidenceKind, Side
from tests.cast import NOW

ON = dt.date(2026, 2, 2)
BY: Any = {"by": None, "at": NOW}


def rows(transaction):
    return [(e.debit_id, e.credit_id, e.amount_fen, e.effective_on) for e in transaction.transfers.order_by("pk")]


def test_a_reversal_mirrors_every_row_on_the_same_day(row):
    bill = row.bill(fen=300)
    share = bill.allocations.get().transaction
    mirror = reverse_transaction(share, reason="抄错", **BY)
    assert rows(mirror) == [(credit, debit, fen, on) for debit, credit, fen, on in rows(share)]
    assert (mirror.effective_on, mirror.reverses, mirror.reason) == (share.effective_on, share, "抄错")


@pytest.mark.parametrize("reason", ["", "  "])
def test_it_needs_a_reason(row, reason):
    transaction = row.pay(TransactionKind.RECEIPT, 5, on=ON, unit=0)
    with pytest.raises(Refused, match="理由"):
        reverse_transaction(transaction, reason=reason, **BY)
    assert Transaction.objects.count() == 1


def test_it_happens_once(row):
    transaction = row.pay(TransactionKind.RECEIPT, 5, on=ON, unit=0)
    reverse_transaction(transaction, reason="登记错", **BY)
    with pytest.raises(Refused, match="已经冲正过"):
        reverse_transaction(transaction, reason="登记错", **BY)


def test_a_reversal_is_not_reversed(row):
    mirror = reverse_transaction(row.pay(TransactionKind.RECEIPT, 5, on=ON, unit=0), reason="登记错", **BY)
    with pytest.raises(Refused, match="不能再冲正"):
        reverse_transaction(mirror, reason="登记错", **BY)


def test_dependents_go_first_from_the_last_to_the_first(row):
    bill = row.bill(fen=900)
    first = bill.allocations.get().transaction
    second = replace_allocation(bill, method=Method.AREA, decision="再议", **BY).transaction
    for blocked in (bill.transaction, first):
        with pytest.raises(Refused, match="请先冲正"):
            reverse_transaction(blocked, reason="抄错", **BY)
    for transaction in (second, first, bill.transaction):
        reverse_transaction(transaction, reason="抄错", **BY)
    assert who_holds_the_money(row.point, on=ON).with_claims.as_json()["payable"] == 0
    assert list(faults(row.street, WATER)) == []


@pytest.mark.parametrize("confirmed", [True, False])
def test_a_payment_taken_back_is_gone_from_both_layers(row, confirmed):
    row.bill(fen=300)
    before = who_holds_the_money(row.point, on=ON)
    transaction = row.pay(TransactionKind.RECEIPT, 100, on=ON, unit=0, confirmed=confirmed)
    reverse_transaction(transaction, reason="登记错", **BY)
    after = who_holds_the_money(row.point, on=ON)
    assert (after.confirmed.owed, after.confirmed.held) == (before.confirmed.owed, 0)
    assert (after.with_claims.owed, after.with_claims.held) == (before.with_claims.owed, 0)
    assert list(faults(row.street, WATER)) == []


def test_the_mirror_of_a_contested_claim_lies_in_the_claims_layer_with_it(row):
    transaction = row.pay(TransactionKind.RECEIPT, 100, on=ON, unit=0, confirmed=False)
    state_evidence(
        transaction, side=Side.PAYEE, kind=EvidenceKind.ORAL_WORD, supports=False, stated_on=ON, chart=WATER, **BY
    )
    mirror = reverse_transaction(transaction, reason="双方撤回", **BY)
    assert set(OpenClaim.objects.values_list("transaction_id", "level")) == {
        (transaction.pk, "contested"),
        (mirror.pk, "contested"),
    }


def test_a_credit_bill_is_taken_back_as_well(row):
    bill = row.bill(fen=-301)
    assert [u.charged for u in who_holds_the_money(row.point, on=ON).confirmed.units] == [-101, -100, -100]
    reverse_transaction(bill.allocations.get().transaction, reason="抄错", **BY)
    reverse_transaction(bill.transaction, reason="抄错", **BY)
    money = who_holds_the_money(row.point, on=ON).confirmed
    assert (money.payable, money.unshared, money.advances, money.difference) == (0, 0, 0, 0)


def test_what_was_known_before_it_was_taken_back_stays_readable(row):
    row.bill(fen=300)
    transaction = row.pay(TransactionKind.RECEIPT, 100, on=ON, unit=0)
    later = NOW + dt.timedelta(hours=1)
    reverse_transaction(transaction, reason="登记错", by=None, at=later)
    assert who_holds_the_money(row.point, on=ON, known_at=NOW).confirmed.held == 100
    assert who_holds_the_money(row.point, on=ON, known_at=later).confirmed.held == 0
