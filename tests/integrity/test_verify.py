"""`hege verify` finds each kind of tampering and says nothing about whole books."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from hege.billing.actions import replace_allocation, reverse_transaction
from hege.billing.chart import AccountKind, TransactionKind
from hege.billing.models import Allocation, Bill, BillComponent, Payment, Share
from hege.billing.rules import Method
from hege.integrity.queries import faults
from hege.ledger.actions import AssertionDraft, assert_balances
from hege.ledger.models import Account, OpenClaim, Transaction, Transfer
from hege.people.models import Street
from hege.places.actions import found_street
from hege.trail.models import TrailLine
from tests.cast import NOW, Cast, Row, make_row
from tests.integrity.tampering import tamper

pytestmark = pytest.mark.slow


@pytest.fixture
def lived(row: Row) -> Row:
    """Bills shared and shared anew, receipts proven and claimed, remittances, a direct payment, a reversal."""
    row.bill(m3=123)
    second = row.bill("B-2", m3=77, from_on=dt.date(2026, 2, 1), until_on=dt.date(2026, 3, 1))
    replace_allocation(second, method=Method.AREA, decision="会议", by=None, at=NOW)
    row.pay(TransactionKind.RECEIPT, 20_000, on=dt.date(2026, 2, 5), unit=0)
    row.pay(TransactionKind.RECEIPT, 10_000, on=dt.date(2026, 2, 6), unit=1, confirmed=False)
    row.pay(TransactionKind.REMITTANCE, 5_000, on=dt.date(2026, 2, 20))
    row.pay(TransactionKind.DIRECT_PAYMENT, 3_000, on=dt.date(2026, 2, 21), unit=2)
    reverse_transaction(
        row.pay(TransactionKind.RECEIPT, 700, on=dt.date(2026, 2, 7), unit=2), reason="记错", by=None, at=NOW
    )
    return row


def found(street: Street) -> str:
    return "\n".join(faults(street))


def transfer(kind: TransactionKind) -> Transfer:
    made = Transfer.objects.filter(transaction__kind=kind).order_by("pk").first()
    assert made is not None
    return made


def test_whole_books_have_no_fault(lived: Row):
    assert found(lived.street) == ""


def test_an_empty_street_has_no_fault(db: None):
    new = {"code": "310117007", "name": "方松街道", "organisation": "方松街道", "admin": "first", "password": "x"}
    street = found_street(**new, by=None, at=NOW)
    assert found(street) == ""


def test_the_faults_of_one_street_are_not_told_of_another(lived: Row, other_cast: Cast):
    make_row(other_cast.street).bill()
    assert (
        tamper("UPDATE ledger_entry SET amount_fen = amount_fen + 1 WHERE id = %s", transfer(TransactionKind.BILL).pk)
        == 1
    )
    assert found(other_cast.street) == ""
    assert found(lived.street) != ""


def test_a_changed_amount_is_named_by_its_transaction(lived: Row):
    row = transfer(TransactionKind.RECEIPT)
    assert tamper("UPDATE ledger_entry SET amount_fen = amount_fen - 1 WHERE id = %s", row.pk) == 1
    said = found(lived.street)
    assert f"transaction {row.transaction_id}: was changed after it was booked" in said
    assert (
        f"payment {Payment.objects.get(transaction=row.transaction_id).pk}: is not what its transaction booked" in said
    )


def test_a_removed_row_is_named_by_its_transaction(lived: Row):
    row = transfer(TransactionKind.SHARE)
    assert tamper("DELETE FROM ledger_entry WHERE id = %s", row.pk) == 1
    said = found(lived.street)
    assert f"transaction {row.transaction_id}: was changed after it was booked" in said
    assert "its shares are not what was booked to the tenancies" in said


def test_a_transaction_and_its_digest_forged_together_break_the_seal_on_the_trail(lived: Row):
    row = transfer(TransactionKind.REMITTANCE)
    assert tamper("UPDATE ledger_event SET digest = %s WHERE id = %s", "0" * 64, row.transaction_id) == 1
    assert "the transactions it sealed are not the transactions that are there" in found(lived.street)


def test_a_transaction_nobody_recorded_is_named(lived: Row):
    row = transfer(TransactionKind.REMITTANCE)
    made = Transaction.objects.create(
        street=lived.street, book_id=row.book_id, kind=TransactionKind.REMITTANCE, effective_on=row.effective_on,
        recorded_at=NOW, digest="0" * 64,
    )  # fmt: skip
    assert f"transaction {made.pk}: no line of the trail speaks of it" in found(lived.street)


def test_money_moved_between_accounts_that_may_not_meet_is_named(lived: Row):
    row = transfer(TransactionKind.RECEIPT)
    unshared = Account.objects.get(book=row.book_id, kind=AccountKind.UNSHARED)
    assert tamper("UPDATE ledger_entry SET credit_id = %s WHERE id = %s", unshared.pk, row.pk) == 1
    assert f"transfer {row.pk}: its accounts are not a pair" in found(lived.street)


def test_money_moved_out_of_the_closed_set_breaks_the_identity_on_its_day(lived: Row):
    row = transfer(TransactionKind.REMITTANCE)
    stray = Account.objects.create(street=lived.street, book_id=row.book_id, kind=AccountKind.PAYABLE_LATE_FEE)
    assert tamper("UPDATE ledger_entry SET debit_id = %s WHERE id = %s", stray.pk, row.pk) == 1
    said = found(lived.street)
    assert "ZB-1 2026-02-20 (confirmed): the identity is 50.00 out" in said
    assert "ZB-1 2026-02-20 (with claims)" in said


def test_a_row_on_another_day_than_its_transaction_is_named(lived: Row):
    row = transfer(TransactionKind.BILL)
    assert tamper("UPDATE ledger_entry SET effective_on = %s WHERE id = %s", dt.date(2026, 1, 1), row.pk) == 1
    assert f"transfer {row.pk}: crosses books, or its day is not its transaction's" in found(lived.street)


def test_a_row_in_anothers_book_is_named(lived: Row, other_cast: Cast):
    row, stranger = transfer(TransactionKind.BILL), make_row(other_cast.street)
    assert tamper("UPDATE ledger_entry SET book_id = %s WHERE id = %s", stranger.point.book_id, row.pk) == 1
    assert f"transfer {row.pk}" in found(lived.street)
    assert f"transfer {row.pk}: is in a book of another street" in found(other_cast.street)


def test_an_account_of_another_streets_tenancy_is_named(lived: Row, other_cast: Cast):
    stranger = make_row(other_cast.street).tenancies[0]
    account = Account.objects.filter(street=lived.street, kind=AccountKind.TENANCY).first()
    assert account is not None
    assert tamper("UPDATE ledger_account SET tenancy_id = %s WHERE id = %s", stranger.pk, account.pk) == 1
    assert f"account {account.pk}: belongs to another street" in found(lived.street)


def test_a_reversal_that_is_no_mirror_is_named(lived: Row):
    row = transfer(TransactionKind.REVERSAL)
    assert tamper("UPDATE ledger_entry SET amount_fen = 699 WHERE id = %s", row.pk) == 1
    assert f"transaction {row.transaction_id}: is not the mirror" in found(lived.street)


@pytest.mark.parametrize(
    "sql",
    ["DELETE FROM ledger_openclaim WHERE event_id = %s", "DELETE FROM ledger_evidence WHERE event_id = %s"],
)
def test_a_level_that_is_not_what_the_evidence_says_is_named(lived: Row, sql: str):
    claim = OpenClaim.objects.get()
    proven = transfer(TransactionKind.REMITTANCE).transaction_id
    transaction = proven if "evidence" in sql else claim.transaction_id
    assert tamper(sql, transaction) == 1
    assert f"transaction {transaction}: its level is not what its evidence says" in found(lived.street)


def test_a_changed_line_of_the_trail_is_named(lived: Row):
    assert tamper("UPDATE trail_trailline SET verb = 'nothing' WHERE seq = 3 AND street_id = %s", lived.street.pk) == 1
    assert "trail 310117006: line 3 was changed" in found(lived.street)


def test_a_missing_line_of_the_trail_is_named(lived: Row):
    assert tamper("DELETE FROM trail_trailline WHERE seq = 3 AND street_id = %s", lived.street.pk) == 1
    assert "trail 310117006: line 3 is missing" in found(lived.street)


def test_a_cut_end_of_the_trail_is_named(lived: Row):
    last = TrailLine.objects.filter(street=lived.street).order_by("-seq")[0]
    assert tamper("DELETE FROM trail_trailline WHERE id = %s", last.pk) == 1
    assert "its end does not match its head" in found(lived.street)


def test_a_bill_that_says_another_amount_is_named(lived: Row):
    bill = Bill.objects.get(number="B-1")
    assert tamper("UPDATE billing_bill SET amount_fen = amount_fen + 100 WHERE id = %s", bill.pk) == 1
    said = found(lived.street)
    assert f"bill B-1 ({bill.pk}): says " in said
    assert "its shares do not sum to the bill" in said


def test_a_component_that_says_another_amount_is_named(lived: Row):
    part = BillComponent.objects.filter(bill__number="B-1").order_by("pk")[0]
    assert tamper("UPDATE billing_billcomponent SET amount_fen = amount_fen + 1 WHERE id = %s", part.pk) == 1
    said = found(lived.street)
    assert "its components add up to" in said
    assert "its frozen components are not the bill's" in said
    assert f"its shares of {part.kind} do not sum" in said


def test_a_bill_moved_to_another_day_is_named(lived: Row):
    bill = Bill.objects.get(number="B-2")
    assert tamper("UPDATE billing_bill SET issued_on = %s WHERE id = %s", dt.date(2026, 3, 5), bill.pk) == 1
    assert "bill B-2: its transaction is of another kind, book or day" in found(lived.street)


def test_one_fen_moved_between_two_shares_is_named(lived: Row):
    allocation = Allocation.objects.filter(bill__number="B-1").get()
    first, second = Share.objects.filter(allocation=allocation).order_by("pk")[:2]
    for share, fen in ((first, 1), (second, -1)):
        parts = {**share.parts_fen, "supply": share.parts_fen["supply"] + fen}
        assert tamper(
            "UPDATE billing_share SET amount_fen = %s, parts_fen = %s WHERE id = %s",
            share.amount_fen + fen,
            json.dumps(parts),
            share.pk,
        )
    said = found(lived.street)
    assert f"allocation {allocation.pk} of bill B-1: sharing its frozen inputs again gives other rows" in said
    assert "its shares are not what was booked to the tenancies" in said
    assert "do not sum" not in said


def test_a_share_that_is_not_its_parts_is_named(lived: Row):
    share = Share.objects.order_by("pk")[0]
    assert tamper("UPDATE billing_share SET amount_fen = amount_fen + 1 WHERE id = %s", share.pk) == 1
    assert "a share is not the sum of its parts" in found(lived.street)


def test_frozen_inputs_that_were_changed_give_other_rows(lived: Row):
    allocation = Allocation.objects.filter(bill__number="B-2", method=Method.AREA).get()
    inputs = allocation.inputs
    inputs["weights"][0][2] = "1"
    assert tamper("UPDATE billing_allocation SET inputs = %s WHERE id = %s", json.dumps(inputs), allocation.pk) == 1
    assert f"allocation {allocation.pk} of bill B-2: sharing its frozen inputs again" in found(lived.street)


def test_a_payment_credited_to_another_shop_is_named(lived: Row):
    payment = Payment.objects.filter(transaction__kind=TransactionKind.RECEIPT).order_by("pk")[0]
    assert tamper("UPDATE billing_payment SET tenancy_id = %s WHERE id = %s", lived.tenancies[2].pk, payment.pk) == 1
    assert f"payment {payment.pk}: is not what its transaction booked" in found(lived.street)


def test_a_payment_whose_row_was_taken_away_is_named(lived: Row):
    payment = Payment.objects.filter(transaction__kind=TransactionKind.REMITTANCE).get()
    transaction = payment.transaction_id
    assert tamper("DELETE FROM billing_payment WHERE id = %s", payment.pk) == 1
    assert f"transaction {transaction}: its payment is gone" in found(lived.street)


def test_an_assertion_that_fails_is_named_with_its_difference(lived: Row):
    draft = AssertionDraft(lived.point.book_id, AccountKind.AGENT, dt.date(2026, 2, 28), 14_999, document="现金盘点")
    (made,) = assert_balances(lived.street, [draft], by=None, at=NOW)
    assert found(lived.street) == (
        f"assertion {made.pk}: ZB-1 代收人往来 现金盘点 2026-02-28: stated 149.99, booked 150.00, difference -0.01"
    )
