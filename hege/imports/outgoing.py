"""Workbooks that go out: a template to fill in, and the sender's own sheet with a red column that says what is wrong."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Sequence

import xlsxwriter
from django.utils.translation import gettext as _
from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell as SheetCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from hege.imports.cells import Cell, shown
from hege.imports.kind import Answers
from hege.imports.kinds import KINDS, NOTHING_SAID, propose
from hege.imports.layouts import FileKind
from hege.imports.rules import Fault, Sheet, Table
from hege.imports.sheets import open_table
from hege.imports.workbook import NOTES_SHEET, ZIP, column_letters

FILLED_ROWS, MARKED_WHOLE = 2000, 20_000
RED, PINK = Font(color="B3261E", bold=True), PatternFill("solid", fgColor="FCEBE9")


def template_workbook(kind: FileKind) -> bytes:
    """An ``.xlsx`` of a kind: headings, one example row, a drop-down for each coded column, and the notes sheet."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    dress = {"bold": True, "border": 1, "text_wrap": True, "valign": "top"}
    head, must = (book.add_format({**dress, "bg_color": colour}) for colour in ("#E8F1F8", "#D3E6F3"))
    text = book.add_format({"num_format": "@"})
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    layout = KINDS[kind].layout
    sheet, notes = book.add_worksheet(str(kind.label)[:31]), book.add_worksheet(NOTES_SHEET)
    for place, column in enumerate(layout.columns):
        sheet.set_column(place, place, max(12, 2 * len(column.name) + 4), text)
        sheet.write_string(0, place, column.name, must if column.fill else head)
        if column.sample:
            sheet.write_string(1, place, column.sample, text)
        if column.words:
            sheet.data_validation(1, place, FILLED_ROWS, place, {"validate": "list", "source": list(column.words)})
        notes.write_string(place + 3, 0, column.name, head)
        told = [_("必填") if column.fill else _("可空"), str(column.note), _("、").join(column.words)]
        notes.write_row(place + 3, 1, told, wrap)
    sheet.freeze_panes(1, 0)
    notes.set_column(0, 1, 14)
    notes.set_column(2, 3, 48)
    notes.write_string(0, 0, str(layout.note), wrap)
    notes.write_string(1, 0, _("第 2 行是示例，导入前请删去。列的先后不限，多余的列会被略过并列出。"), wrap)
    notes.write_row(2, 0, [_("表头"), _("是否必填"), _("怎么填"), _("只能填")], head)
    book.close()
    return out.getvalue()


def marked_workbook(kind: FileKind, content: bytes, faults: Sequence[Fault], answers: Answers = NOTHING_SAID) -> bytes:
    """An ``.xlsx`` with the reasons beside the rows: the sender's own sheet as it looks, or the sender's rows where it is a
    ``.csv`` or ``.xls``; formulas are their values, which would not come in again. Of a very long file only the rows to be
    mended, with their numbers. ``answers`` say which sheet was read and what its columns are. Raises ``Refused`` as
    ``read_table`` does.
    """
    sheet, table = open_table(content, answers.sheet, kind)
    reasons: dict[int, list[Fault]] = defaultdict(list)
    for fault in faults:
        reasons[fault.row].append(fault)
    if len(table.rows) > MARKED_WHOLE:
        book = _bad_rows(table, reasons)
    else:
        whole = content.startswith(ZIP)
        book = load_workbook(io.BytesIO(content), keep_links=False, data_only=True) if whole else _copied(sheet)
        mapping = propose(table, kind, answers=answers)
        places = {column.name: (mapping.places(name) or [-1])[0] for name, column in KINDS[kind].layout.named()}
        _mark(_same_sheet(book, sheet), table, places, reasons)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _same_sheet(book: Workbook, sheet: Sheet) -> Worksheet:
    return next((one for one in book.worksheets if one.title == sheet.name), book.worksheets[0])


def _copied(sheet: Sheet) -> Workbook:
    book = Workbook()
    for number, cells in enumerate(sheet.rows, 1):
        _line(book.worksheets[0], number, cells)
    return book


def _mark(sheet: Worksheet, table: Table, places: dict[str, int], reasons: dict[int, list[Fault]]) -> None:
    column = max(sheet.max_column, len(table.header)) + 1
    sheet.column_dimensions[column_letters(column)].width = 60
    _put(sheet, table.first_row - 1, column, _("要改的地方")).font = RED
    for row, faults in reasons.items():
        cell = _put(sheet, row, column, _told(faults))
        cell.font, cell.fill, cell.alignment = RED, PINK, Alignment(wrap_text=True, vertical="top")
        for fault in faults:
            place = places.get(fault.column, -1)
            target = sheet.cell(row, place + 1) if place >= 0 else None
            if isinstance(target, SheetCell):
                target.fill = PINK


def _told(faults: Sequence[Fault]) -> str:
    return _("；").join(_("%(column)s：%(reason)s") % {"column": f.column or "—", "reason": f.reason} for f in faults)


def _bad_rows(table: Table, reasons: dict[int, list[Fault]]) -> Workbook:
    book = Workbook()
    sheet = book.worksheets[0]
    _line(sheet, 1, [_("行号"), *table.header, _("要改的地方")])
    for line, row in enumerate(sorted(reasons)[:MARKED_WHOLE], 2):
        cells = table.rows[row - table.first_row] if row >= table.first_row else []
        padded = [*cells, *([None] * (len(table.header) - len(cells)))]
        _line(sheet, line, [str(row), *padded, _told(reasons[row])])
    return book


def _line(sheet: Worksheet, number: int, cells: Sequence[Cell]) -> None:
    for place, cell in enumerate(cells, 1):
        if cell is not None and cell != "":
            _put(sheet, number, place, shown(cell))


def _put(sheet: Worksheet, row: int, column: int, text: str) -> SheetCell:
    """Write a text as a text: openpyxl would take one that begins with = for a formula."""
    cell = sheet.cell(row, column)
    assert isinstance(cell, SheetCell)
    cell.value = text
    cell.data_type = "s"
    return cell
