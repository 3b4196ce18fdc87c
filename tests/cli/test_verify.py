"""`hege verify`: silent on whole books, exit status 1 and the names of the faults otherwise."""

from __future__ import annotations

import datetime as dt
import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from hege.ledger.actions import AssertionDraft, assert_balances
from hege.ledger.rules import AccountKind
from tests.arrears.tampering import tamper
from tests.cast import NOW, Cast, Row


def verify(*arguments: str) -> tuple[str, int]:
    out = StringIO()
    try:
        call_command("verify", *arguments, stdout=out)
    except CommandError as error:
        return out.getvalue(), error.returncode
    return out.getvalue(), 0


def test_whole_books_are_verified(row: Row, other_cast: Cast):
    row.bill()
    said, status = verify("--json")
    assert json.loads(said) == {"verified": True, "faults": {"310117006": [], "310118107": []}}
    assert status == 0
    assert "✓" in verify("--street", "310117006")[0]


def test_a_tampered_row_gives_status_1_and_its_name(row: Row):
    bill = row.bill()
    assert tamper("UPDATE ledger_entry SET amount_fen = 1 WHERE event_id = %s", bill.event_id) == 1
    said, status = verify("--json")
    assert status == 1
    assert json.loads(said)["verified"] is False
    assert f"event {bill.event_id}: was changed after it was booked" in json.loads(said)["faults"]["310117006"]
    assert f"event {bill.event_id}" in verify()[0]


def test_a_failed_assertion_gives_status_1_too(row: Row):
    row.bill(fen=30_000)
    draft = AssertionDraft(row.point.book_id, AccountKind.PAYABLE, dt.date(2026, 1, 31), 29_999, document="对账单")
    assert_balances(row.street, [draft], by=None, at=NOW)
    said, status = verify()
    assert status == 1
    assert "difference -0.01" in said


def test_an_unknown_street_is_refused_in_words(row: Row):
    with pytest.raises(CommandError, match="999999999"):
        call_command("verify", "--street", "999999999")


@pytest.mark.django_db
def test_books_of_no_street_are_not_verified():
    with pytest.raises(CommandError, match="一个街道也没有") as failed:
        call_command("verify", "--json")
    assert failed.value.returncode == 1
