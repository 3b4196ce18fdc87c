"""The sender's own workbook back, with a red column that says what is wrong with each row."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell as SheetCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from hege.imports.cells import Cell, shown
from hege.imports.kinds import KINDS, find_headings
from hege.imports.layouts import FileKind
from hege.imports.rules import Fault, Table
from hege.imports.sheets import read_table
from hege.imports.workbook import NOTES_SHEET, ZIP, column_letters

MARKED_WHOLE = 20_000
RED, PINK = Font(color="B3261E", bold=True), PatternFill("solid", fgColor="FCEBE9")


def marked_workbook(kind: FileKind, content: bytes, faults: Sequence[Fault]) -> bytes:
    """An ``.xlsx`` with the reasons beside the rows: the sender's own sheet as it looks, or the sender's rows where it is a
    ``.csv`` or ``.xls``. Of a very long file only the rows to be mended, with their numbers. Raises
    ``Refused`` as ``read_table`` does.
    """
    table = read_table(content)
    names = [column.name for column in KINDS[kind].layout.columns]
    places = dict(zip(names, find_headings(kind, table.header).places, strict=True))
    reasons: dict[int, list[Fault]] = defaultdict(list)
    for fault in faults:
        reasons[fault.row].append(fault)
    out = io.BytesIO()
    if len(table.rows) > MARKED_WHOLE:
        _bad_rows(table, reasons).save(out)
        return out.getvalue()
    if content.startswith(ZIP):
        book = load_workbook(io.BytesIO(content), keep_links=False)
        sheet = _first_sheet(book)
    else:
        book, sheet = _copied(table)
    _mark(sheet, table, places, reasons)
    book.save(out)
    return out.getvalue()


def _first_sheet(book: Any) -> Worksheet:
    visible = [s for s in book.worksheets if s.sheet_state == "visible"]
    sheet = next((s for s in visible if s.title.strip() != NOTES_SHEET), visible[0])
    assert isinstance(sheet, Worksheet)
    return sheet


def _copied(table: Table) -> tuple[Workbook, Worksheet]:
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    for number, cells in [(table.first_row - 1, table.header), *enumerate(table.rows, table.first_row)]:
        for place, cell in enumerate(cells, 1):
            if cell is not None and cell != "":
                _put(sheet.cell(number, place), shown(cell))
    return book, sheet


def _put(cell: Any, text: str) -> None:
    """Write a text as a text: openpyxl would take one that begins with = for a formula."""
    cell.value = text
    cell.data_type = "s"


def _mark(sheet: Worksheet, table: Table, places: dict[str, int], reasons: dict[int, list[Fault]]) -> None:
    column = max(sheet.max_column, len(table.header)) + 1
    sheet.column_dimensions[column_letters(column)].width = 60
    head = sheet.cell(table.first_row - 1, column)
    _put(head, _("要改的地方"))
    head.font = RED
    for row, faults in reasons.items():
        cell = sheet.cell(row, column)
        _put(cell, _told(faults))
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
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    _line(sheet, 1, [_("行号"), *table.header, _("要改的地方")])
    for line, row in enumerate(sorted(reasons)[:MARKED_WHOLE], 2):
        cells = table.rows[row - table.first_row] if row >= table.first_row else []
        padded = [*cells, *([None] * (len(table.header) - len(cells)))]
        _line(sheet, line, [str(row), *padded, _told(reasons[row])])
    return book


def _line(sheet: Worksheet, number: int, cells: Sequence[Cell]) -> None:
    for place, cell in enumerate(cells, 1):
        if cell is not None and cell != "":
            _put(sheet.cell(number, place), shown(cell))
