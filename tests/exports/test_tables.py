"""The exported workbook: text stays text, also text that a spreadsheet would take for a formula."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from python_calamine import CalamineWorkbook

from hege.billing.chart import TransactionKind
from hege.exports.making import write
from hege.exports.rules import Wanted, What
from hege.exports.tables import untold
from tests.cast import Row

pytestmark = pytest.mark.django_db
MARCH = dt.date(2026, 3, 1)


def sheet(row: Row) -> list[list[object]]:
    out = io.BytesIO()
    write(row.street, Wanted(What.SHOPS, {"point": row.point.code, "on": MARCH.isoformat()}), out, untold)
    return [
        list(r) for r in CalamineWorkbook.from_filelike(io.BytesIO(out.getvalue())).get_sheet_by_index(0).to_python()
    ]


def test_the_workbook_holds_each_shops_account_in_yuan(row: Row):
    row.bill(fen=90_000)
    row.pay(TransactionKind.RECEIPT, 12_345, on=MARCH, unit=1)
    rows = {str(r[0]): r for r in sheet(row)[1:]}
    assert rows["ZB-1-02"][4:8] == [300.0, 123.45, 0.0, 176.55]


def test_a_shop_named_like_a_formula_stays_a_name(row: Row):
    row.units[0].name = '=HYPERLINK("http://x","y")'
    row.units[0].save()
    row.bill(fen=90_000)
    names = [r[1] for r in sheet(row)[1:]]
    assert '\'=HYPERLINK("http://x","y")' in names
