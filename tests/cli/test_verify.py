"""`hege verify`: silent on whole books, exit status 1 and the names of the faults otherwise."""

from __future__ import annotations

import datetime as dt
import errno
import json
import re
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from hege.billing.chart import AccountKind, TransactionKind
from hege.ledger.actions import AssertionDraft, assert_balances
from hege.trail.models import Upkeep, UpkeepKind
from tests.cast import NOW, Cast, Row, another_seal_key, both_seal_keys, tell
from tests.integrity.tampering import tamper

pytestmark = pytest.mark.once


def verify(*arguments: str) -> tuple[str, int]:
    out = StringIO()
    try:
        call_command("verify", *arguments, stdout=out)
    except CommandError as error:
        return out.getvalue(), error.returncode
    return out.getvalue(), 0


@pytest.mark.both
def test_whole_books_are_verified(row: Row, other_cast: Cast):
    row.bill()
    tell(other_cast.street)
    said, status = verify("--json")
    none: dict[str, list[str]] = {"310117006": [], "310118107": []}
    assert json.loads(said) == {"verified": True, "faults": none, "unchecked": none}
    assert status == 0
    assert "✓" in verify("--street", "310117006")[0]


def test_a_tampered_row_gives_status_1_and_its_name(row: Row):
    bill = row.bill()
    assert tamper("UPDATE ledger_entry SET amount_fen = 1 WHERE event_id = %s", bill.transaction_id) == 1
    said, status = verify("--json")
    assert status == 1
    assert json.loads(said)["verified"] is False
    assert (
        f"transaction {bill.transaction_id}: was changed after it was booked" in json.loads(said)["faults"]["310117006"]
    )
    assert f"transaction {bill.transaction_id}" in verify()[0]


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


def test_lines_whose_key_is_missing_are_counted_and_neither_wrong_nor_clean(row: Row):
    with another_seal_key():
        row.bill()
    with both_seal_keys():
        row.pay(TransactionKind.REMITTANCE, 100, on=dt.date(2026, 2, 1))
    said, status = verify("--json")
    assert status == 2
    answer = json.loads(said)
    assert (answer["verified"], answer["faults"]["310117006"]) == (False, [])
    (what,) = answer["unchecked"]["310117006"]
    assert "cannot be checked: the key 0123456789ab is not at hand" in what
    assert verify()[0].startswith("310117006：? 没有发现问题，但有些行核对不了")


def test_a_printed_head_is_heard_from_the_command_line_and_from_a_file(row: Row, tmp_path: Path):
    row.bill()
    out = StringIO()
    call_command("head", stdout=out)
    mail = tmp_path / "mail.txt"
    mail.write_text(f"各位好，今天的末行：\n{out.getvalue()}", encoding="utf-8")
    assert verify("--witness", out.getvalue(), "--witness", str(mail))[1] == 0
    street, seq, digest, *_ = out.getvalue().split()
    said, status = verify("--witness", f"{street} {int(seq) + 1} {digest}", "--witness", f"{seq} {digest[::-1]}")
    assert status == 1
    assert f"witness 1 saw line {int(seq) + 1}, and the chain ends at line {seq}" in said
    assert f"witness 2 saw another line {seq}" in said


def test_a_printed_head_is_heard_in_a_folder_that_is_closed_to_the_account(row: Row, monkeypatch: pytest.MonkeyPatch):
    def closed(file: Path) -> bool:
        raise PermissionError(errno.EACCES, "Permission denied", str(file))

    row.bill()
    out = StringIO()
    call_command("head", stdout=out)
    monkeypatch.setattr(Path, "is_file", closed)
    assert verify("--witness", out.getvalue().strip())[1] == 0


def test_a_witness_that_says_nothing_is_refused(row: Row):
    with pytest.raises(CommandError, match="照抄 hege head"):
        call_command("verify", "--witness", "nothing.txt")


@pytest.mark.both
def test_each_time_everything_is_verified_is_kept_and_how_it_stood(row: Row):
    bill = row.bill()
    verify()
    assert tamper("UPDATE ledger_entry SET amount_fen = 1 WHERE event_id = %s", bill.transaction_id) == 1
    verify()
    verify("--street", "310117006")
    kept = list(Upkeep.objects.filter(kind=UpkeepKind.VERIFY).order_by("pk"))
    assert [(run.well, run.data["streets"], run.data["faults"] > 0) for run in kept] == [
        (True, 1, False),
        (False, 1, True),
    ]
    assert kept[0].note == ""
    assert re.fullmatch(r"[1-9]\d* 处问题，hege verify 逐条指出。", kept[1].note)
