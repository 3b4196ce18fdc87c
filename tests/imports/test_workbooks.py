"""Workbooks that go out: templates that can be filled in, and the sender's own sheet with a red column."""

from __future__ import annotations

import io

import openpyxl
import pytest

from hege.imports.actions import import_file, preview_file
from hege.imports.kind import Answers
from hege.imports.kinds import KINDS, read_as
from hege.imports.layouts import TEMPLATES, FileKind
from hege.imports.outgoing import marked_workbook, template_workbook
from hege.imports.sheets import read_table
from hege.people.models import Street
from tests.imports.files import HEADERS, NOW, RECEIPTS, computed, csv_of, names, receipt, saved, xls_of, xlsx_of

pytestmark = pytest.mark.once


@pytest.mark.parametrize("kind", TEMPLATES)
def test_a_template_reads_back_with_its_example_row_and_takes_it_for_no_real_one(kind: FileKind):
    table = read_table(template_workbook(kind))
    read = read_as(kind, table)
    assert (table.header, read.count, read.ignored) == (names(kind), 1, [])
    assert [(f.row, f.reason) for f in read.faults] == [(2, "这是模板里的示例行，请删去")]


@pytest.mark.parametrize("kind", TEMPLATES)
def test_a_template_has_every_heading_of_the_issue_notes_and_drop_downs(kind: FileKind):
    assert set(HEADERS[kind].split(",")) <= set(names(kind))
    book = openpyxl.load_workbook(io.BytesIO(template_workbook(kind)))
    assert book.sheetnames == [kind.label, "说明"]
    coded = [c for c in KINDS[kind].layout.columns if c.words]
    assert len(book.worksheets[0].data_validations.dataValidation) == len(coded)
    assert [book["说明"].cell(row + 4, 1).value for row in range(len(names(kind)))] == names(kind)


@pytest.mark.parametrize("kind", TEMPLATES)
def test_the_english_headings_are_understood_too(kind: FileKind):
    english = [c.aliases[0] for c in KINDS[kind].layout.columns if c.aliases]
    samples = [c.sample for c in KINDS[kind].layout.columns if c.aliases]
    samples[0] = f" {samples[0]}" if samples[0][:2] != "20" else "2026-03-06"  # not the example itself
    read = read_as(kind, read_table(csv_of(english, [samples])))
    assert (read.faults, read.ignored, len(read.rows)) == ([], [], 1)


ROWS = [receipt(), receipt("R-2", code="999", note="=2+3"), receipt("R-3", amount="1.234", payee="🍜")]


@pytest.mark.parametrize("make", [csv_of, xls_of, xlsx_of])
def test_the_sender_gets_their_own_rows_back_with_a_red_column(shops: Street, make):
    rows = ROWS if make is not xlsx_of else [ROWS[0], [*ROWS[1][:-1], "x"], ROWS[2]]
    content = make(RECEIPTS, rows)
    outcome = preview_file(shops, FileKind.RECEIPTS, "x", content, by=None, at=NOW)
    sheet = openpyxl.load_workbook(io.BytesIO(marked_workbook(FileKind.RECEIPTS, content, outcome.faults))).active
    assert sheet is not None
    assert sheet["I1"].value == "要改的地方"
    assert sheet["I2"].value is None
    assert "名册里没有" in str(sheet["I3"].value)
    assert sheet["I3"].font.color.rgb == "00B3261E"
    assert sheet["C4"].fill.fgColor.rgb == "00FCEBE9"
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    assert [sheet.cell(r, 2).value for r in (2, 3, 4)] == ["001", "999", "001"]


def test_a_marked_workbook_comes_in_again_once_it_is_mended(shops: Street):
    content = xlsx_of(RECEIPTS, [receipt(), receipt("R-2", code="999")])
    outcome = preview_file(shops, FileKind.RECEIPTS, "x", content, by=None, at=NOW)
    book = openpyxl.load_workbook(io.BytesIO(marked_workbook(FileKind.RECEIPTS, content, outcome.faults)))
    assert book.active is not None
    book.active["B3"] = "002"
    out = io.BytesIO()
    book.save(out)
    again = preview_file(shops, FileKind.RECEIPTS, "x", out.getvalue(), by=None, at=NOW)
    assert (again.faults, again.new, again.ignored_columns) == ([], 2, ["要改的地方"])


def test_of_a_very_long_file_only_the_rows_to_mend_come_back(shops: Street, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("hege.imports.outgoing.MARKED_WHOLE", 2)
    content = csv_of(RECEIPTS, ROWS)
    outcome = preview_file(shops, FileKind.RECEIPTS, "x", content, by=None, at=NOW)
    sheet = openpyxl.load_workbook(io.BytesIO(marked_workbook(FileKind.RECEIPTS, content, outcome.faults))).active
    assert sheet is not None
    assert [row[0].value for row in sheet.iter_rows()] == ["行号", "3", "4"]


def test_the_reasons_stand_beside_their_rows_below_titles_and_on_the_sheet_that_was_read(shops: Street):
    book = openpyxl.load_workbook(io.BytesIO(xlsx_of(["目录"], [["收款登记"], ["说明"]])))
    sheet = book.create_sheet("收款")
    for row in (["三月收款"], [], RECEIPTS.split(","), receipt(), receipt("R-2", code="999"), ["合计", "", 200]):
        sheet.append(list(row))
    content = saved(book)
    outcome = preview_file(shops, FileKind.RECEIPTS, "x", content, by=None, at=NOW)
    assert [fault.row for fault in outcome.faults] == [5]
    marked = openpyxl.load_workbook(io.BytesIO(marked_workbook(FileKind.RECEIPTS, content, outcome.faults)))["收款"]
    assert [marked.cell(row, 9).value is not None for row in range(1, 7)] == [False, False, True, False, True, False]
    assert marked["B5"].fill.fgColor.rgb == "00FCEBE9"


def test_what_is_sent_back_of_a_former_workbook_has_every_row_where_it_was(shops: Street):
    content = xls_of(["三月收款"], [RECEIPTS.split(","), receipt(code="999"), ["合计", "", 100]])
    outcome = preview_file(shops, FileKind.RECEIPTS, "x", content, by=None, at=NOW)
    sheet = openpyxl.load_workbook(io.BytesIO(marked_workbook(FileKind.RECEIPTS, content, outcome.faults))).active
    assert sheet is not None
    assert [sheet.cell(row, 1).value for row in range(1, 5)] == ["三月收款", "日期", "2026-02-10", "合计"]
    assert [sheet.cell(row, 9).value is not None for row in range(1, 5)] == [False, True, True, False]


def test_formulas_come_back_as_their_values_so_that_they_come_in_again(shops: Street):
    content = computed(RECEIPTS, [["2026-02-10", "999", 100, "微信", "R-1", "", "", ""]], "C2")
    outcome = preview_file(shops, FileKind.RECEIPTS, "x", content, by=None, at=NOW)
    again = read_table(marked_workbook(FileKind.RECEIPTS, content, outcome.faults))
    assert again.rows[0][2] == 100


def test_a_column_that_a_person_named_is_marked_where_it_stands(shops: Street):
    content = xlsx_of("备注,谁家,日期,收了多少", [["", "001", "2026-03-05", "1.234"]])
    said = Answers(columns={"谁家": "商铺编号", "收了多少": "金额"})
    outcome = import_file(shops, FileKind.RECEIPTS, "x", content, by=None, at=NOW, dry_run=True, answers=said)
    assert [(f.row, f.column) for f in outcome.faults] == [(2, "金额")]
    sheet = openpyxl.load_workbook(io.BytesIO(marked_workbook(FileKind.RECEIPTS, content, outcome.faults, said))).active
    assert sheet is not None
    assert sheet["D2"].fill.fgColor.rgb == "00FCEBE9"
