"""Posting: all or none, in one book, sealed."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError
from django.db.transaction import atomic

from hege.billing.actions import PaymentDraft, open_book, share_bills, take_payments
from hege.billing.chart import WATER, AccountKind, TransactionKind
from hege.billing.models import Allocation, Payment
from hege.kernel.refused import Refused
from hege.ledger.actions import (
    AssertionDraft,
    Draft,
    Source,
    assert_balances,
    lock_books,
    post_transactions,
    reverse_transaction,
)
from hege.ledger.models import Account, BalanceAssertion, Evidence, SourceRow, Transaction, Transfer
from hege.ledger.queries import booked_rows, faults, free_key, pair_sums
from hege.ledger.rules import EvidenceRow, Line, Ref, TransactionRow, TransferRow
from tests.cast import NOW, forget, make_row

ON = dt.date(2026, 2, 2)
BY: Any = {"by": None, "at": NOW}


def receipt(row, fen=100, *, source=None, confirmed=True):
    draft = PaymentDraft(TransactionKind.RECEIPT, row.point, ON, fen, confirmed, row.tenancies[0], source=source)
    return Transaction.objects.get(pk=take_payments(row.street, [draft], **BY)[0])


def source(key="K-1", digest="a" * 64):
    return Source("receipts", key, digest, {"凭证号": key})


def test_a_row_outside_the_table_is_never_posted(row):
    bad = Line(Ref(AccountKind.PAYABLE), Ref(AccountKind.UNEXPLAINED), 1)
    with pytest.raises(ValueError, match="not a pair"):
        post_transactions(row.street, [Draft(row.point.book_id, TransactionKind.BILL, ON, [bad])], chart=WATER, **BY)
    assert Transaction.objects.count() == Transfer.objects.count() == Account.objects.count() == 0


def test_a_transaction_may_have_no_rows(row):
    bill = row.bill(fen=0)
    assert bill.transaction.transfers.count() == 0
    assert list(faults(row.street, WATER)) == []


def test_one_bad_draft_posts_none_of_a_batch(row):
    good = PaymentDraft(TransactionKind.RECEIPT, row.point, ON, 5, True, row.tenancies[0])
    bad = PaymentDraft(TransactionKind.RECEIPT, row.point, ON, 0, True, row.tenancies[0])
    with pytest.raises(Refused, match="大于 0"):
        take_payments(row.street, [good, bad], **BY)
    assert Transaction.objects.count() == Payment.objects.count() == 0


def test_the_same_source_row_is_kept_once_even_past_the_first_check(row):
    receipt(row, source=source())
    with pytest.raises(IntegrityError), atomic():
        receipt(row, source=source())
    assert SourceRow.objects.count() == Transaction.objects.count() == 1


def test_another_street_has_keys_of_its_own(row, other_street):
    receipt(row, source=source())
    other = make_row(other_street)
    receipt(other, source=source())
    assert set(booked_rows(row.street, "receipts", ["K-1", "K-2"])) == {"K-1"}
    assert SourceRow.objects.count() == 2


def test_a_reversed_row_leaves_its_key_free_for_the_corrected_one(row):
    transaction = receipt(row, source=source())
    reverse_transaction(transaction, reason="金额登记错", **BY)
    assert free_key(row.street, "receipts", "K-1") == ("K-1~2", None)
    second = receipt(row, 120, source=source("K-1~2", "b" * 64))
    key, standing = free_key(row.street, "receipts", "K-1")
    assert (key, standing and standing.transaction_id) == ("K-1~2", second.pk)
    reverse_transaction(second, reason="又错", **BY)
    assert free_key(row.street, "receipts", "K-1") == ("K-1~3", None)


def test_a_book_of_another_street_is_never_locked(row, other_street):
    with pytest.raises(ValueError, match="another street"):
        lock_books(other_street, [row.point.book_id])


def test_balances_are_summed_to_a_day(row):
    row.bill(fen=300)
    receipt(row)
    payable = Account.objects.get(kind=AccountKind.PAYABLE)
    held = Account.objects.get(kind=AccountKind.AGENT)

    def balance(account, on):
        pairs = pair_sums(row.street, [row.point.book_id], chart=WATER, on=on)
        return sum(p.fen * ((p.debit_id == account.pk) - (p.credit_id == account.pk)) for p in pairs)

    assert balance(payable, dt.date(2026, 1, 30)) == 0
    assert (balance(payable, ON), balance(held, ON)) == (-300, 100)
    assert balance(held, ON - dt.timedelta(days=1)) == 0


def test_accounts_are_opened_once_in_each_book(row):
    other = make_row(row.street, code="ZB-2")
    for r in (row, other, row):
        receipt(r)
    assert Account.objects.count() == 4
    assert {a.book_id for a in Account.objects.all()} == {row.point.book_id, other.point.book_id}


def test_an_opening_is_unexplained_until_somebody_explains_it(row):
    transaction = open_book(row.point, on=ON, payable_fen=700, document="对账单", **BY)
    kinds = [
        (e.debit.kind, e.credit.kind, e.amount_fen) for e in transaction.transfers.select_related("debit", "credit")
    ]
    assert kinds == [("unexplained", "payable", 700)]


def test_a_receipt_without_any_agent_is_refused_in_words(row):
    forget(row.point.roles.all())
    with pytest.raises(Refused, match="没有登记代收人"):
        receipt(row)


def test_a_bill_that_was_taken_back_is_not_shared(row):
    bill = row.bill(fen=300)
    reverse_transaction(bill.allocations.get().transaction, reason="抄错", **BY)
    reverse_transaction(bill.transaction, reason="抄错", **BY)
    assert share_bills(row.street, [bill], **BY).allocations == []
    assert Allocation.objects.count() == 1
    assert list(faults(row.street, WATER)) == []


def test_an_assertion_posts_nothing(row):
    draft = AssertionDraft(row.point.book_id, AccountKind.PAYABLE, ON, 300, document="对账单", source=source())
    assert_balances(row.street, [draft], **BY)
    assert (BalanceAssertion.objects.count(), Transaction.objects.count(), SourceRow.objects.count()) == (1, 0, 1)


@pytest.mark.parametrize(
    ("model", "row", "others"),
    [
        (Transaction, TransactionRow, {"id", "street_id", "digest"}),
        (Transfer, TransferRow, {"id", "street_id", "book_id", "transaction_id", "effective_on"}),
        (Evidence, EvidenceRow, {"id", "street_id", "transaction_id", "source_row_id"}),
    ],
)
def test_every_column_of_the_ledger_is_named_in_its_row(model, row, others):
    """What the digest covers; the others are the row's place and what it hangs on, which other proofs compare."""
    assert {f.attname for f in model._meta.concrete_fields} == {*row._fields, *others}
