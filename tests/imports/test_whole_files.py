"""A file as a whole: all or nothing, once, without a trace when only looked at, in few queries however long."""

from __future__ import annotations

import openpyxl
import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from hege.arrears.early_warning.models import EarlyWarning
from hege.arrears.early_warning.rules import WarningKind
from hege.billing.models import Payment
from hege.imports import actions
from hege.imports.actions import import_file, preview_file
from hege.imports.kind import Answers
from hege.imports.layouts import FileKind
from hege.kernel.refused import Refused
from hege.ledger.models import SourceFile, SourceRow, Transaction
from hege.people.models import Street
from hege.trail.models import TrailLine
from tests.cast import first_broken, forget
from tests.imports.files import (
    NOW,
    RECEIPTS,
    UNITS,
    Row,
    bill,
    bring,
    csv_of,
    receipt,
    saved,
    taken,
    unit,
    where,
    xlsx_of,
)

pytestmark = [pytest.mark.slow, pytest.mark.once]
K = FileKind
HOSTILE = [
    "=1+1",
    "+cmd",
    "-2+3",
    "@sum",
    "\u202eabc",
    "🍜老王",
    "Ａ&Ｂ<小吃>",
    "'; DROP TABLE people_street; --",
    "\\x00",
    "{{7*7}}",
]


def test_a_file_with_one_bad_row_books_nothing(shops: Street):
    before = (Transaction.objects.count(), SourceFile.objects.count(), TrailLine.objects.count())
    outcome = bring(shops, K.RECEIPTS, receipt(), receipt("R-2", code="999"))
    assert (outcome.booked, outcome.refused, outcome.before, outcome.after) == (0, 1, {}, {})
    assert (Transaction.objects.count(), SourceFile.objects.count(), TrailLine.objects.count()) == before


def test_a_file_that_is_refused_while_it_is_booked_leaves_no_half_of_it(shops: Street, monkeypatch: pytest.MonkeyPatch):
    def no(*_street: object, **_what: object) -> None:
        raise Refused("不行")

    monkeypatch.setattr("hege.imports.actions.keep_watch", no)
    before = (Transaction.objects.count(), SourceFile.objects.count(), TrailLine.objects.count())
    with pytest.raises(Refused, match="不行"):
        bring(shops, K.RECEIPTS, receipt())
    assert (Transaction.objects.count(), SourceFile.objects.count(), TrailLine.objects.count()) == before


def test_faults_of_cells_and_of_the_record_are_told_together(shops: Street):
    outcome = bring(shops, K.RECEIPTS, receipt(amount="x"), receipt("R-2", code="999"), receipt("R-3"))
    assert where(outcome) == [(2, "金额"), (3, "商铺编号")]


def test_a_file_only_looked_at_leaves_no_trace_and_says_what_will_be(shops: Street):
    before = (Transaction.objects.count(), SourceFile.objects.count(), TrailLine.objects.count())
    seen = bring(shops, K.RECEIPTS, receipt(), dry_run=True)
    assert (Transaction.objects.count(), SourceFile.objects.count(), TrailLine.objects.count()) == before
    done = taken(shops, K.RECEIPTS, receipt())
    assert (seen.new, seen.booked, seen.before, seen.after) == (1, 0, done.before, done.after)


def test_the_same_file_again_books_nothing_and_says_when_it_came(shops: Street):
    first = taken(shops, K.RECEIPTS, receipt())
    again = taken(shops, K.RECEIPTS, receipt())
    assert (first.already_imported_on, again.already_imported_on) == (None, NOW)
    assert (again.nothing_to_do, again.booked, Payment.objects.count()) == (True, 0, 1)


def test_of_a_longer_file_only_the_new_rows_are_booked(shops: Street):
    taken(shops, K.RECEIPTS, receipt(), receipt("", code="002"))
    outcome = taken(shops, K.RECEIPTS, receipt("R-2"), receipt(), receipt("", code="002"))
    assert (outcome.new, outcome.same, Payment.objects.count()) == (1, 2, 3)


@pytest.mark.both
def test_a_booked_row_keeps_its_raw_cells_its_file_and_its_number(shops: Street):
    content = csv_of(RECEIPTS + ",附注", [[*receipt(amount="￥100.00"), "多出来的"]])
    outcome = import_file(shops, K.RECEIPTS, "三月.csv", content, by=None, at=NOW, dry_run=False)
    row = SourceRow.objects.select_related("file").get(source="receipts")
    assert row.file is not None
    assert (row.row_number, row.raw["金额"], row.raw["附注"]) == (2, "￥100.00", "多出来的")
    assert (row.file.name, bytes(row.file.content)) == ("三月.csv", content)
    assert outcome.ignored_columns == ["附注"]


@pytest.mark.both
def test_a_file_is_one_line_of_payments_on_an_unbroken_trail(shops: Street):
    taken(shops, K.RECEIPTS, *[receipt(f"R-{n}") for n in range(50)])
    assert TrailLine.objects.filter(verb="take_payments").count() == 1
    assert TrailLine.objects.filter(verb="import_file", data__kind="receipts").count() == 1
    assert first_broken(shops) is None


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("make", [csv_of, xlsx_of])
def test_hostile_texts_come_through_as_text(shops: Street, text: str, make):
    if make is xlsx_of and text.startswith("="):
        text = "'" + text  # as a formula it is refused, see sheets.py
    content = make(RECEIPTS, [receipt(note=text, payee=text)])
    import_file(shops, K.RECEIPTS, "x", content, by=None, at=NOW, dry_run=False)
    assert (Payment.objects.get().note, Payment.objects.get().counterparty) == (text, text)


def test_ten_million_fen_and_leading_zeros_are_kept(shops: Street):
    taken(shops, K.RECEIPTS, receipt("000123", amount="100,000.00"))
    paid = Payment.objects.get()
    assert (paid.voucher, paid.amount_fen) == ("000123", 10**7)


def test_other_kinds_and_other_streets_have_their_own_numbers(shops: Street, other_street: Street):
    from tests.imports.files import a_street

    a_street(other_street)
    taken(shops, K.RECEIPTS, receipt())
    assert taken(other_street, K.RECEIPTS, receipt()).new == 1
    assert taken(shops, K.DIRECT_PAYMENTS, ["2026-02-15", "ZB-1", "002", "5", "", "R-1", "", "", ""]).new == 1


def test_a_shop_of_another_street_is_nobody_here(shops: Street, other_street: Street):
    from tests.imports.files import MASTER

    taken(other_street, K.METERS, MASTER)
    taken(other_street, K.UNITS, unit("X-1"))
    assert where(bring(shops, K.RECEIPTS, receipt(code="X-1"))) == [(2, "商铺编号")]


def test_the_number_of_queries_does_not_grow_with_the_rows(shops: Street):
    def asked(count: int, start: int) -> int:
        rows = [receipt(f"R-{n}", code=f"00{1 + n % 3}") for n in range(start, start + count)]
        with CaptureQueriesContext(connection) as queries:
            taken(shops, K.RECEIPTS, *rows)
        return len([q for q in queries.captured_queries if "INSERT" not in q["sql"][:20]])

    asked(1, 0)
    assert asked(500, 1000) <= asked(10, 5000) + 4  # rows are looked up some hundreds at a time


@pytest.mark.both
def test_a_row_booked_meanwhile_by_another_way_is_found_on_the_second_look(
    shops: Street, monkeypatch: pytest.MonkeyPatch
):
    calls = []
    plain = actions._book

    def stumbling(*args: object, **named: object) -> object:
        calls.append(1)
        if len(calls) == 1:
            raise IntegrityError("source_row_unique")
        return plain(*args, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(actions, "_book", stumbling)
    assert taken(shops, K.RECEIPTS, receipt()).new == 1
    assert len(calls) == 2


def test_a_long_file_tells_how_far_its_check_and_its_booking_are(shops: Street, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("hege.imports.kinds.payments.LOT", 10)
    monkeypatch.setattr("hege.imports.kinds.payments.TELL_EVERY", 10)
    told: list[tuple[str, int, int]] = []
    content = csv_of(RECEIPTS, [receipt(f"R-{n}", code=f"00{1 + n % 3}") for n in range(25)])
    import_file(shops, K.RECEIPTS, "x.csv", content, by=None, at=NOW, dry_run=False,
                progress=lambda *heard: told.append(heard))  # fmt: skip
    assert [done for phase, done, of in told if phase == "核对"] == [0, 0, 24, 48, 60]
    assert [(done, of) for phase, done, of in told if phase == "登记"] == [(0, 25), (10, 25), (20, 25), (25, 25)]
    assert Payment.objects.count() == 25


def test_a_file_that_is_no_such_table_raises(shops: Street):
    with pytest.raises(Refused, match="表头缺少"):
        preview_file(shops, K.BILLS, "x.csv", csv_of(RECEIPTS, [receipt()]), by=None, at=NOW)


def test_a_file_makes_the_warnings_of_the_meters_it_touched_and_of_no_other(shops: Street):
    taken(
        shops,
        K.METERS,
        ["ZB-2", "总表", "DN50", "", "2025-01-01", "2025-01-01", "0", "弄口", "某物业公司", "二房东", "等额"],
    )
    taken(shops, K.UNITS, unit("X-1", operator="赵六", master="ZB-2"))
    forget(EarlyWarning.objects.all())
    taken(shops, K.BILLS, bill("B-9", master="ZB-2"))
    overdue = EarlyWarning.objects.filter(kind=WarningKind.BILL_OVERDUE, ended_on__isnull=True)
    assert [w.point.code for w in overdue] == ["ZB-2"]
    taken(shops, K.REMITTANCES, ["2026-02-15", "ZB-2", "609.60", "转账", "T-9", "二房东", "已证实", ""])
    assert not overdue.all().exists()


@pytest.mark.both
def test_a_look_at_a_file_makes_no_warning(shops: Street):
    forget(EarlyWarning.objects.all())
    bring(shops, K.BILLS, bill("B-2", first="2026-02-01", last="2026-02-28", before="100", after="200"), dry_run=True)
    assert not EarlyWarning.objects.exists()


def test_the_watch_after_a_file_costs_the_same_for_one_row_and_fifty(shops: Street):
    taken(shops, K.RECEIPTS, receipt("R-0"))
    with CaptureQueriesContext(connection) as one:
        taken(shops, K.RECEIPTS, receipt("R-1"))
    with CaptureQueriesContext(connection) as fifty:
        taken(shops, K.RECEIPTS, *(receipt(f"S-{n}", amount=str(n + 1)) for n in range(50)))
    assert len(fifty) <= len(one) + 2


def with_total(*rows: Row, total: str) -> bytes:
    return csv_of(RECEIPTS, [*rows, ["合计", "", total, "", "", "", "", ""]])


@pytest.mark.both
@pytest.mark.parametrize(
    ("amount", "total", "cells"),
    [("1OO", "220", {(2, "金额"): "100"}), ("100", "200", {(4, "金额"): "220"}), ("110", "220", {(2, "金额"): "100"})],
)
def test_a_sum_is_proved_by_the_cells_as_a_person_set_them_right(
    shops: Street, amount: str, total: str, cells: dict[tuple[int, str], str]
):
    content = with_total(receipt(amount=amount), receipt("R-2", code="002", amount="120"), total=total)
    bad = import_file(shops, FileKind.RECEIPTS, "x", content, by=None, at=NOW, dry_run=True)
    assert any("相加却是" in fault.reason for fault in bad.faults)
    good = Answers(cells=cells)
    done = import_file(shops, FileKind.RECEIPTS, "x", content, by=None, at=NOW, dry_run=False, answers=good)
    assert (done.faults, done.booked) == ([], 2)
    assert [*Payment.objects.order_by("amount_fen").values_list("amount_fen", flat=True)] == [10000, 12000]


def test_the_sheet_that_is_a_file_of_the_kind_is_read_though_another_comes_first(shops: Street):
    book = openpyxl.Workbook()
    assert book.active is not None
    for sheet, rows in (
        (book.active, [UNITS.split(","), unit()]),
        (book.create_sheet("收款"), [RECEIPTS.split(","), receipt()]),
    ):
        for row in rows:
            sheet.append(list(row))
    seen = preview_file(shops, FileKind.RECEIPTS, "x", saved(book), by=None, at=NOW)
    assert (seen.faults, seen.new) == ([], 1)
    assert seen.notices[0] == "导入的是第一张对得上的工作表“收款”；未导入：Sheet。"


def test_a_cell_that_a_person_set_right_is_kept_beside_what_stood_there(shops: Street):
    bad = csv_of(RECEIPTS, [receipt(amount="12.O0")])
    said = Answers(cells={(2, "金额"): "12.00"})
    outcome = import_file(shops, K.RECEIPTS, "a.csv", bad, by=None, at=NOW, dry_run=False, answers=said)
    assert (outcome.booked, outcome.faults) == (1, [])
    assert any("读作“12.00”，表里是“12.O0”" in notice for notice in outcome.notices)
    raw = SourceRow.objects.get(street=shops, source="receipts").raw
    assert (raw["金额"], raw["金额（改为）"]) == ("12.O0", "12.00")
    assert import_file(shops, K.RECEIPTS, "b.csv", bad, by=None, at=NOW, dry_run=False, answers=said).same == 1
    assert taken(shops, K.RECEIPTS, receipt(amount="12.00")).same == 1
