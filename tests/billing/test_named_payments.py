"""Payments are applied as they are booked: named, unnamed, taken back, proven later, derived at an upgrade; and told."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.core.management import call_command

from hege.billing.actions import reverse_transaction, state_evidence
from hege.billing.applying.models import Application, Designation
from hege.billing.applying.queries import application_faults, applied_payments, debts_of
from hege.billing.applying.rules import Debt, DebtKind, check_clear, read_named
from hege.billing.chart import TransactionKind
from hege.imports.actions import import_file
from hege.imports.layouts import FileKind
from hege.integrity.queries import faults
from hege.kernel.refused import Refused
from hege.ledger.models import Transaction
from hege.ledger.rules import EvidenceKind, Side
from hege.procedures.actions import derive_applications
from tests.cast import NOW, make_row
from tests.integrity.tampering import tamper

pytestmark = pytest.mark.once
REMITTANCE, RECEIPT, DIRECT = TransactionKind.REMITTANCE, TransactionKind.RECEIPT, TransactionKind.DIRECT_PAYMENT


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(f"2026-{text}")


@pytest.fixture
def billed(row):
    """Two bills of 300 yuan over three shops, due 6 February and 6 March."""
    row.bill("JAN", fen=300_00)
    row.bill("FEB", fen=300_00, from_on=day("02-01"), until_on=day("03-01"))
    return row


def open_fen(row, on: str, *, known_at=None, shop: int | None = None) -> dict[str, int]:
    tenancy = None if shop is None else row.tenancies[shop].pk
    rows = debts_of(row.point, on=day(on), known_at=known_at)
    return {r.debt.code.partition(":")[2]: r.open_fen for r in rows if r.tenancy_id == tenancy}


@pytest.mark.both
def test_named_or_by_law_each_fen_meets_one_debt_in_each_relation(billed, street):
    billed.pay(REMITTANCE, 250_00, on=day("03-02"), named=["bill:FEB"])
    billed.pay(REMITTANCE, 100_00, on=day("03-03"))
    billed.pay(DIRECT, 60_00, on=day("03-04"), unit=0)
    assert open_fen(billed, "03-01") == {"JAN": 300_00, "FEB": 300_00}
    assert open_fen(billed, "03-05") == {"JAN": 140_00, "FEB": 50_00}
    assert open_fen(billed, "03-05", shop=0) == {"JAN": 40_00, "FEB": 100_00}
    for row in applied_payments(billed.point):
        assert sum(row.met.values()) + row.left_fen == row.fen
    assert list(faults(street)) == []


@pytest.mark.both
def test_a_payment_taken_back_takes_back_what_it_met_and_what_was_known_stays(billed, street):
    first = billed.pay(REMITTANCE, 300_00, on=day("02-01"))
    billed.pay(REMITTANCE, 200_00, on=day("02-10"))
    assert open_fen(billed, "04-01") == {"JAN": 0, "FEB": 100_00}
    reverse_transaction(first, reason="登记错", by=None, at=NOW + dt.timedelta(days=2))
    assert open_fen(billed, "04-01") == {"JAN": 100_00, "FEB": 300_00}
    assert open_fen(billed, "04-01", known_at=NOW) == {"JAN": 0, "FEB": 100_00}
    assert sum(Application.objects.filter(transaction=first).values_list("amount_fen", flat=True)) == 0
    assert list(faults(street)) == []


def test_what_is_not_proven_meets_nothing_until_it_is(billed):
    said = billed.pay(REMITTANCE, 300_00, on=day("02-01"), confirmed=False)
    assert open_fen(billed, "04-01")["JAN"] == 300_00
    state_evidence(
        said, side=Side.THIRD, kind=EvidenceKind.UTILITY_RECORD, supports=True, stated_on=day("02-02"), by=None, at=NOW
    )
    assert open_fen(billed, "04-01")["JAN"] == 0


def test_paid_ahead_meets_a_bill_booked_later_and_a_later_bill_of_an_earlier_day_is_met_first(row):
    row.pay(REMITTANCE, 500_00, on=day("01-15"))
    row.pay(RECEIPT, 150_00, on=day("01-15"), unit=1)
    row.bill("FEB", fen=300_00, from_on=day("02-01"), until_on=day("03-01"))
    assert open_fen(row, "04-01") == {"FEB": 0}
    row.bill("JAN", fen=300_00)
    assert open_fen(row, "04-01") == {"JAN": 0, "FEB": 100_00}
    assert open_fen(row, "04-01", shop=1) == {"JAN": 0, "FEB": 50_00}
    assert list(application_faults(row.street)) == []


def test_a_credit_pays_the_bill_whose_days_it_corrects(billed):
    billed.bill("JAN-R", fen=-60_00)
    assert open_fen(billed, "04-01") == {"JAN": 240_00, "FEB": 300_00}
    assert open_fen(billed, "04-01", shop=2) == {"JAN": 80_00, "FEB": 100_00}


@pytest.mark.parametrize(
    ("named", "says"),
    [
        ("bill:NO-SUCH", "账上没有“NO-SUCH”"),
        ("bill:OTHERS", "“OTHERS”是别的户的"),
        ("bill:JAN", "“JAN”到付款当天已经付清"),
        ("bill:BACK", "账上没有“BACK”"),
        ("bill:LATER", "账上没有“LATER”"),
    ],
)
def test_a_payment_named_for_what_it_cannot_pay_is_refused_in_words_and_nothing_is_booked(billed, street, named, says):
    billed.pay(REMITTANCE, 300_00, on=day("02-01"), named=["bill:JAN"])
    back = billed.bill("BACK", fen=0, from_on=day("03-01"), until_on=day("04-01"))
    for transaction in Transaction.objects.filter(kind__in=["share", "bill"], document_digest__gt="").order_by("-pk"):
        if transaction.pk == back.transaction_id or transaction.depends_on_id == back.transaction_id:
            reverse_transaction(transaction, reason="登记错", by=None, at=NOW)
    billed.bill("LATER", fen=30_00, from_on=day("04-01"), until_on=day("05-01"))
    make_row(street, code="ZB-2").bill("OTHERS", fen=10_00)
    before = Transaction.objects.count()
    with pytest.raises(Refused) as refused:
        billed.pay(REMITTANCE, 10_00, on=day("03-10"), named=[named])
    assert says in str(refused.value)
    assert refused.value.field == "named"
    assert (Transaction.objects.count(), Designation.objects.count()) == (before, 1)


def test_a_shop_names_its_own_share(billed):
    billed.pay(RECEIPT, 100_00, on=day("03-10"), unit=0, named=["bill:FEB"])
    assert open_fen(billed, "04-01", shop=0) == {"JAN": 100_00, "FEB": 0}
    assert open_fen(billed, "04-01", shop=1) == {"JAN": 100_00, "FEB": 100_00}


@pytest.mark.both
def test_a_street_of_an_earlier_release_gets_its_applications_once_marked_as_derived(billed, street):
    billed.pay(REMITTANCE, 350_00, on=day("03-10"))
    billed.pay(RECEIPT, 80_00, on=day("03-10"), unit=0)
    wanted = sorted(Application.objects.values_list("tenancy", "debt", "on", "amount_fen"), key=str)
    tamper("DELETE FROM billing_application")
    assert derive_applications(street, by=None, at=NOW) == len(wanted)
    rows = Application.objects.all()
    assert sorted(rows.values_list("tenancy", "debt", "on", "amount_fen"), key=str) == wanted
    assert set(rows.values_list("derived", flat=True)) == {True}
    assert derive_applications(street, by=None, at=NOW) == 0
    assert list(application_faults(street)) == []


def test_an_application_changed_behind_our_back_is_named(billed, street):
    billed.pay(REMITTANCE, 300_00, on=day("02-01"))
    tamper("UPDATE billing_application SET amount_fen = 29999")
    (fault,) = application_faults(street)
    assert "the utility) bill:JAN 2026-02-01" in fault
    assert "kept 299.99, applied again 300.00" in fault


# -- read from words ---------------------------------------------------------------------------------------------------

DEBTS = [
    Debt("bill:SW-202602", DebtKind.BILL, day("03-02"), day("03-20"), 1, period=day("02-01")),
    Debt("bill:SW-202603", DebtKind.BILL, day("04-02"), day("04-20"), 1, period=day("03-01")),
    Debt("bill:SW-202503", DebtKind.BILL, day("01-02"), day("01-20"), 1, period=dt.date(2025, 3, 1)),
    Debt("instalment:2026-0001/2", DebtKind.INSTALMENT, day("03-01"), day("05-31"), 1),
]


@pytest.mark.parametrize(
    ("words", "named", "unclear"),
    [
        ("SW-202603", ["bill:SW-202603"], []),
        ("ＳＷ－202603", ["bill:SW-202603"], []),
        ("付3月账单", ["bill:SW-202603"], []),
        ("3月份水费", ["bill:SW-202603"], []),
        ("2025年3月", ["bill:SW-202503"], []),
        ("2月、3月", ["bill:SW-202602", "bill:SW-202603"], []),
        ("第2期", ["instalment:2026-0001/2"], []),
        ("2026-0001/2", ["instalment:2026-0001/2"], []),
        ("7月账单", [], ["7月账单"]),
        ("第9期", [], ["第9期"]),
        ("水费", [], ["水费"]),
        ("", [], []),
    ],
)
def test_what_a_payers_words_name(words, named, unclear):
    assert read_named(words, DEBTS, day("04-15")) == (named, unclear)


def test_words_that_name_nothing_are_asked_back():
    check_clear([])
    with pytest.raises(Refused, match="认不出“水费”是哪张账单或哪一期"):
        check_clear(["水费"])


def remitted(row, *lines: str, dry_run: bool = False):
    content = "\n".join(["日期,总表表号,金额,凭证号,证据,指定用途", *lines]).encode()
    return import_file(row.street, FileKind.REMITTANCES, "x.csv", content, by=None, at=NOW, dry_run=dry_run)


def test_a_file_names_what_each_payment_is_for(billed):
    done = remitted(billed, "2026-03-10,ZB-1,100.00,V1,已证实,2月账单", "2026-03-11,ZB-1,50.00,V2,已证实,")
    assert (done.faults, done.booked) == ([], 2)
    assert open_fen(billed, "04-01") == {"JAN": 250_00, "FEB": 200_00}
    said = Designation.objects.get()
    assert (said.debt, said.words) == ("bill:FEB", "2月账单")


def test_a_file_that_names_what_is_not_there_is_stopped_with_the_cell_and_the_reason(billed):
    done = remitted(billed, "2026-03-10,ZB-1,100.00,V1,已证实,X-1", "2026-03-10,ZB-1,20.00,V2,已证实,12月")
    assert [(f.row, f.column, f.value) for f in done.faults] == [(2, "指定用途", "X-1"), (3, "指定用途", "12月")]
    assert "认不出“X-1”是哪张账单或哪一期" in done.faults[0].reason
    assert Transaction.objects.filter(kind="remittance").count() == 0


# -- from outside ------------------------------------------------------------------------------------------------------


def test_debts_and_payments_are_told_from_outside(billed, capsys):
    billed.pay(REMITTANCE, 100_00, on=day("03-01"), voucher="V1", named=["bill:FEB"])
    billed.pay(RECEIPT, 100_00, on=day("02-11"), voucher="V2", unit=0)
    call_command("debts", "ZB-1", "--on", "2026-03-10", "--json")
    rows = json.loads(capsys.readouterr().out)
    first = {"debt": "bill:JAN", "relation": "utility", "due_on": "2026-02-06", "last_day": "2026-02-06", "fen": 300_00}
    assert rows[0] == {**first, "met_fen": 0, "moved_fen": 0, "open_fen": 300_00, "late_days": 32}
    assert [(r["debt"], r["open_fen"], r["late_days"]) for r in rows if r["relation"] == "shop:ZB-1-01"] == [
        ("bill:JAN", 0, 0), ("bill:FEB", 100_00, 4),
    ]  # fmt: skip
    call_command("debts", "ZB-1", "--on", "2026-03-10", "--known", "2026-11-22", "--json")
    assert json.loads(capsys.readouterr().out) == []
    call_command("payments", "ZB-1", "--json")
    paid = json.loads(capsys.readouterr().out)
    assert [(p["voucher"], p["on"], p["fen"], p["named"], p["applications"]) for p in paid] == [
        ("V2", "2026-02-11", 100_00, [], [{"debt": "bill:JAN", "fen": 100_00}]),
        ("V1", "2026-03-01", 100_00, ["bill:FEB"], [{"debt": "bill:FEB", "fen": 100_00}]),
    ]
    call_command("debts", "ZB-1", "--on", "2026-03-10")
    assert "utility bill:JAN　300.00 / 0.00 / 0.00 / 300.00　2026-02-06　32" in capsys.readouterr().out
