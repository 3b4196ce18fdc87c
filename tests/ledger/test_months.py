"""Totals of months: kept with every posting, by effective day; a wrong one is named by verify and made anew by rebuild."""

from __future__ import annotations

import datetime as dt
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from hege.arrears.queries import money_by_point
from hege.billing.chart import WATER, TransactionKind
from hege.ledger.actions import rebuild_totals, reverse_transaction, state_evidence
from hege.ledger.models import Account, AccountTotal, MonthTotal
from hege.ledger.queries import faults
from hege.ledger.rules import EvidenceKind, Side
from hege.trail.models import TrailLine
from tests.cast import NOW

FEBRUARY, LATE = dt.date(2026, 2, 2), dt.date(2026, 1, 20)
BY: Any = {"by": None, "at": NOW}


def held(row, on: dt.date) -> int:
    return money_by_point(row.street, on=on)[row.point.pk].held


def totals(row) -> list[tuple[str, int, int]]:
    rows = MonthTotal.objects.filter(street=row.street, account__kind="agent").order_by("month_on")
    return [
        (f"{month:%m}", fen, unproven) for month, fen, unproven in rows.values_list("month_on", "fen", "unproven_fen")
    ]


def test_what_is_booked_late_is_in_every_balance_from_its_own_day_on(row):
    row.pay(TransactionKind.RECEIPT, 500, on=FEBRUARY, unit=0)
    row.pay(TransactionKind.RECEIPT, 70, on=LATE, unit=0)
    assert totals(row) == [("01", 70, 0), ("02", 500, 0)]
    days = [dt.date(2026, 1, 19), LATE, dt.date(2026, 1, 31), dt.date(2026, 2, 1), FEBRUARY, dt.date(2026, 2, 28)]
    assert [held(row, on) for on in (*days, dt.date.max)] == [0, 70, 70, 70, 570, 570, 570]


def test_what_is_taken_back_leaves_nothing_at_any_date(row):
    receipt = row.pay(TransactionKind.RECEIPT, 500, on=FEBRUARY, unit=0)
    reverse_transaction(receipt, reason="登记错", **BY)
    assert totals(row) == [("02", 0, 0)]
    assert list(faults(row.street, WATER)) == []


def test_a_claim_is_in_no_balance_until_it_is_proven_nor_once_it_is_denied(row):
    claim = row.pay(TransactionKind.RECEIPT, 500, on=FEBRUARY, unit=0, confirmed=False)
    assert totals(row) == [("02", 500, 500)]
    said: dict[str, Any] = {"side": Side.THIRD, "kind": EvidenceKind.BANK_LINE, "stated_on": FEBRUARY, "chart": WATER}
    for supports, unproven, fen in ((True, 0, 500), (True, 0, 500), (False, 500, 0), (False, 500, 0)):
        state_evidence(claim, supports=supports, **said, **BY)
        assert (totals(row), held(row, FEBRUARY)) == ([("02", 500, unproven)], fen)
    reverse_transaction(claim, reason="登记错", **BY)
    assert totals(row) == [("02", 0, 0)]
    assert list(faults(row.street, WATER)) == []


@pytest.mark.parametrize("wrong", ["fen", "unproven_fen", "gone", "slipped in"])
def test_a_wrong_total_is_named_and_made_anew(row, wrong):
    row.pay(TransactionKind.RECEIPT, 500, on=FEBRUARY, unit=0)
    before = totals(row)
    account = Account.objects.get(street=row.street, kind="agent")
    total = MonthTotal.objects.filter(street=row.street, account=account)
    if wrong == "gone":
        total.delete()
    elif wrong == "slipped in":
        MonthTotal.objects.create(
            street=row.street, account=account, month_on=LATE.replace(day=1), fen=1, unproven_fen=0
        )
    else:
        total.update(**{wrong: 7})
    month = "2026-01" if wrong == "slipped in" else "2026-02"
    named = f"account {account.pk}: its total of {month} is not what its entries add up to; hege rebuild makes it anew"
    assert list(faults(row.street, WATER)) == [named]
    out = StringIO()
    call_command("rebuild", "--street", row.street.code, stdout=out)
    assert "4" in out.getvalue()
    assert totals(row) == before
    assert list(faults(row.street, WATER)) == []
    assert TrailLine.objects.filter(street=row.street, verb="rebuild_totals").count() == 1


def test_a_wrong_total_of_an_account_is_named_and_made_anew_too(row):
    row.pay(TransactionKind.RECEIPT, 500, on=FEBRUARY, unit=0)
    total = AccountTotal.objects.get(street=row.street, account__kind="agent")
    assert (total.against, total.fen, held(row, FEBRUARY)) == ("tenancy", 500, 500)
    AccountTotal.objects.filter(pk=total.pk).update(against="payable")
    named = "account {}: its total against “{}” is not what its entries add up to; hege rebuild makes it anew"
    assert list(faults(row.street, WATER)) == [named.format(total.account_id, of) for of in ("payable", "tenancy")]
    rebuild_totals(row.street, **BY)
    assert list(faults(row.street, WATER)) == []


def test_another_street_keeps_its_own(row, other_cast):
    row.pay(TransactionKind.RECEIPT, 500, on=FEBRUARY, unit=0)
    assert rebuild_totals(other_cast.street, **BY) == 0
    assert held(row, FEBRUARY) == 500
