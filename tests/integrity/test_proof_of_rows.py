"""`hege verify` names what was changed in the books by what a reader looks for: the transaction, the paper, the file.

That a change of any column and a row gone are found at all is asked of every table in ``test_tampering``.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

import pytest
from django.db import models
from django.db.transaction import atomic, set_rollback

from hege.billing.actions import (
    AcknowledgementDraft,
    PaymentDraft,
    acknowledge_debts,
    replace_allocation,
    reverse_transaction,
    state_evidence,
    take_payments,
)
from hege.billing.chart import AccountKind, TransactionKind
from hege.billing.models import (
    Acknowledgement,
    Allocation,
    Bill,
    MethodChoice,
    Payment,
)
from hege.billing.rules import Method
from hege.integrity.queries import faults
from hege.ledger.actions import AssertionDraft, Source, assert_balances
from hege.ledger.models import (
    Account,
    BalanceAssertion,
    Evidence,
    OpenClaim,
    SourceFile,
    SourceRow,
    Transaction,
    Transfer,
)
from hege.ledger.rules import EvidenceKind, Side
from hege.metering.actions import ReadingDraft, correct_reading, record_readings
from hege.people.models import User
from hege.trail import actions as trail
from tests.cast import NOW, Row, make_row
from tests.integrity.tampering import tamper
from tests.standing import standing

pytestmark = [pytest.mark.slow, pytest.mark.once]
ON = dt.date(2026, 2, 28)


@standing
def lived(row: Row) -> Row:
    """Rows in every table of the books, and columns filled where they can be."""
    street = row.street
    who: dict[str, Any] = {"by": User.objects.create_user("hand"), "at": NOW}
    file = SourceFile.objects.create(
        street=street, kind="receipts", name="收款.csv", sha256=hashlib.sha256(b"R-1").hexdigest(), content=b"R-1",
        row_count=1, booked_count=1, **who,
    )  # fmt: skip
    trail.record("import_file", file, street=street, **who)
    row.bill(m3=123)
    replace_allocation(
        row.bill("B-2", m3=77, from_on=ON, until_on=dt.date(2026, 4, 1)), method=Method.AREA, decision="会议", **who
    )
    (receipt,) = take_payments(
        street,
        [
            PaymentDraft(
                TransactionKind.RECEIPT, row.point, ON, 9_000, False, row.tenancies[0], means="微信", voucher="R-1",
                counterparty="二房东", note="一月", source=Source("receipts", "R-1", "a" * 64, {"凭证号": "R-1"}, 1),
            )
        ],
        file=file,
        **who,
    )  # fmt: skip
    row.pay(TransactionKind.RECEIPT, 100, on=ON, unit=1, confirmed=False)
    row.pay(TransactionKind.DIRECT_PAYMENT, 300, on=ON, unit=2)
    row.pay(TransactionKind.REMITTANCE, 500, on=ON)
    reverse_transaction(row.pay(TransactionKind.REMITTANCE, 700, on=ON), reason="记错", **who)
    claim = Transaction.objects.get(pk=receipt)
    state_evidence(claim, side=Side.PAYEE, kind=EvidenceKind.ORAL_WORD, supports=False, stated_on=ON, **who)
    assert OpenClaim.objects.get(transaction=claim).level == "contested"
    acknowledge_debts(street, [AcknowledgementDraft(row.point, row.tenancies[1], ON, 4_000, "K-1")], **who)
    told = AssertionDraft(row.point.book_id, AccountKind.AGENT, ON, -500, document="现金盘点", note="两人在场")
    assert_balances(street, [told], **who)
    meter = row.point.meters.get()
    (read,) = record_readings(street, [ReadingDraft(meter, ON, 5_000, reader="王", note="晴")], **who)
    correct_reading(read, litres=6_000, reason="看错", **who)
    tamper("UPDATE ledger_entry SET amount_fen = 1 WHERE id = 0")  # triggers off here, not in every savepoint
    return row


def found(row: Row) -> str:
    return "\n".join(faults(row.street))


@pytest.mark.parametrize("model", [Acknowledgement, BalanceAssertion, Evidence, MethodChoice, SourceRow, OpenClaim])
def test_a_row_slipped_in_is_named(lived: Row, model: type[models.Model]):
    row = model._default_manager.filter(street=lived.street).order_by("-pk")[0]
    row.pk, row._state.adding = None, True
    for name in ("source_row_id", "transaction_id"):
        if hasattr(row, name):
            setattr(row, name, Transaction.objects.order_by("pk")[0].pk if name == "transaction_id" else None)
    if isinstance(row, SourceRow):
        row.key = "R-2"
    row.save()
    assert found(lived) != ""


def test_a_claim_moved_to_another_book_is_named(lived: Row):
    other = make_row(lived.street, code="ZB-2")
    claim = OpenClaim.objects.order_by("pk")[0]
    assert tamper("UPDATE ledger_openclaim SET book_id = %s WHERE id = %s", other.point.book_id, claim.pk) == 1
    assert f"transaction {claim.transaction_id}: its level is not what its evidence says" in found(lived)


def test_a_claim_made_confirmed_with_its_first_word_is_named(lived: Row):
    transaction = Transaction.objects.filter(kind=TransactionKind.RECEIPT).order_by("-pk")[0]
    assert tamper("UPDATE ledger_evidence SET kind = 'bank_line' WHERE event_id = %s", transaction.pk) == 1
    assert tamper("DELETE FROM ledger_openclaim WHERE event_id = %s", transaction.pk) == 1
    said = found(lived)
    assert f"transaction {transaction.pk}: was changed after it was booked" in said
    assert "its level is not" not in said


def test_a_later_word_taken_back_behind_our_back_is_named(lived: Row):
    later = Evidence.objects.get(supports=False)
    assert tamper("UPDATE ledger_evidence SET supports = %s WHERE id = %s", True, later.pk) == 1
    assert f"ledger.evidence {later.pk}: not what line" in found(lived)


def test_an_account_that_became_another_is_named_by_the_transactions_through_it(lived: Row):
    common = Account.objects.create(street=lived.street, book_id=lived.point.book_id, kind=AccountKind.COMMON)
    share = Transfer.objects.filter(transaction__kind=TransactionKind.SHARE).order_by("pk")[0]
    assert tamper("UPDATE ledger_entry SET debit_id = %s WHERE id = %s", common.pk, share.pk) == 1
    assert tamper("UPDATE ledger_account SET kind = 'loss' WHERE id = %s", common.pk) == 1
    assert f"transaction {share.transaction_id}: was changed after it was booked" in found(lived)


def test_an_account_that_is_gone_is_named_and_the_proof_goes_on(lived: Row):
    account = Account.objects.get(kind=AccountKind.UNSHARED)
    with atomic():
        assert tamper("DELETE FROM ledger_account WHERE id = %s", account.pk) == 1
        assert tamper("UPDATE billing_acknowledgement SET amount_fen = 1") == 1
        said = found(lived)
        set_rollback(True)
    assert f"account {account.pk}: rows move money through it, and it is gone or another street's" in said
    assert "billing.acknowledgement" in said


@pytest.mark.parametrize("last", [False, True])
def test_an_allocation_taken_away_with_its_shares_is_named_by_its_transaction(lived: Row, last: bool):
    statement = Allocation.objects.order_by("-pk" if last else "pk")[0]
    assert tamper("DELETE FROM billing_share WHERE allocation_id = %s", statement.pk) == 3
    assert tamper("DELETE FROM billing_allocation WHERE id = %s", statement.pk) == 1
    assert f"transaction {statement.transaction_id}: its allocation is gone" in found(lived)


def test_a_bill_taken_away_with_all_that_hangs_on_it_is_named_by_its_transactions(lived: Row):
    bill = Bill.objects.order_by("pk")[0]
    statement = bill.allocations.get()
    for table, key, pk in (
        ("billing_billcomponent", "bill_id", bill.pk),
        ("billing_share", "allocation_id", statement.pk),
        ("billing_allocation", "id", statement.pk),
        ("billing_bill", "id", bill.pk),
    ):
        assert tamper(f"DELETE FROM {table} WHERE {key} = %s", pk) > 0
    said = found(lived)
    assert f"transaction {bill.transaction_id}: its bill is gone" in said
    assert f"transaction {statement.transaction_id}: its allocation is gone" in said


def test_two_acknowledgements_of_one_file_are_named_by_the_line_that_wrote_them(lived: Row):
    drafts = [AcknowledgementDraft(lived.point, tenancy, ON, 5_000) for tenancy in lived.tenancies[:2]]
    first, second = acknowledge_debts(lived.street, drafts, by=None, at=NOW)
    assert tamper("UPDATE billing_acknowledgement SET amount_fen = 5001 WHERE id = %s", second.pk) == 1
    assert f"billing.acknowledgement {first.pk}-{second.pk}: not what line" in found(lived)


def test_a_table_that_cannot_be_read_is_named_and_the_proof_goes_on(lived: Row):
    allocation = Allocation.objects.order_by("pk")[0]
    assert tamper("UPDATE billing_allocation SET inputs = '{}' WHERE id = %s", allocation.pk) == 1
    assert tamper("UPDATE billing_payment SET voucher = 'X' WHERE voucher = 'R-1'") == 1
    said = found(lived)
    name = f"allocation {allocation.pk} of bill B-1"
    assert f"{name}: could not be checked to the end: KeyError 'components_fen'" in said
    assert f"payment {Payment.objects.get(voucher='X').pk}: was changed after it was booked" in said


def test_the_user_who_booked_is_part_of_the_seal(lived: Row):
    transaction = Transaction.objects.filter(by__isnull=False).order_by("pk")[0]
    other = User.objects.create_user("other")
    assert tamper("UPDATE ledger_event SET by_id = %s WHERE id = %s", other.pk, transaction.pk) == 1
    assert found(lived) == f"transaction {transaction.pk}: was changed after it was booked"
