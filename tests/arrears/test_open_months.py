"""Warnings look at the open months alone: what they say is what the whole history would say."""

from __future__ import annotations

import datetime as dt

import pytest

from hege.arrears.early_warning import queries
from hege.arrears.early_warning.queries import findings
from hege.arrears.early_warning.rules import WarningKind
from hege.billing.actions import reverse_transaction
from hege.billing.chart import TransactionKind
from tests.cast import NOW, Row

pytestmark = pytest.mark.once

#: On the last days of months: while all is held, some of it, and long after anything moved.
DAYS = [dt.date(2026, month, 28) for month in (2, 3, 4, 5, 6, 8, 12)]


@pytest.fixture
def lived(row: Row) -> Row:
    """Five bills; receipts of five months, claims and one taken back among them; less and less is passed on, then some at once."""
    for month in range(1, 6):
        row.bill(f"B-{month}", fen=30_000, from_on=dt.date(2026, month, 1), until_on=dt.date(2026, month + 1, 1))
        for unit in range(3):
            day = dt.date(2026, month + 1, 4 + unit)
            row.pay(TransactionKind.RECEIPT, 9_000 + unit, on=day, unit=unit, confirmed=unit + month != 4)
        row.pay(TransactionKind.REMITTANCE, 24_000 - 4_000 * month, on=dt.date(2026, month + 1, 20))
    wrong = row.pay(TransactionKind.RECEIPT, 5_000, on=dt.date(2026, 3, 9), unit=0)
    reverse_transaction(wrong, reason="登记错", by=None, at=NOW)
    row.pay(TransactionKind.DIRECT_PAYMENT, 2_000, on=dt.date(2026, 4, 2), unit=1)
    row.pay(TransactionKind.REMITTANCE, 30_000, on=dt.date(2026, 8, 20))
    return row


@pytest.mark.both
@pytest.mark.parametrize("months", [(0, 12_000), (1, 2, 12_000), queries.MONTHS_LOOKED_AT])
def test_a_few_months_say_what_the_whole_history_says(lived: Row, months: tuple[int, ...], monkeypatch):
    monkeypatch.setattr(queries, "MONTHS_LOOKED_AT", (12_000,))
    whole = [findings(lived.street, on=on) for on in DAYS]
    monkeypatch.setattr(queries, "MONTHS_LOOKED_AT", months)
    assert [findings(lived.street, on=on) for on in DAYS] == whole
    kinds = {finding.kind for found in whole for _point, finding in found}
    assert {WarningKind.HELD_TOO_OLD, WarningKind.REMITTED_RATIO, WarningKind.PAYABLE_GROWING} <= kinds
