"""A table as a workbook: text as text, money as numbers with two decimals, days as days; row after row, however many."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any, BinaryIO, NamedTuple

from django.utils.translation import gettext as _
from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from hege.jobs import slate
from hege.kernel.cells import plain
from hege.kernel.clock import SHANGHAI

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WIDEST, TELL_EVERY = 60, 200
#: No cell is read as a formula, an address or a number because of how it begins.
SAFE = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
NOT_IN_A_NAME = re.compile(r"[\[\]:*?/\\']")
IN_MEMORY = 5000  # rows; of more, what is not written yet lies beside what is made
Tell = Callable[[str, int, int], None]  # what is being done, how much of it is done, of how much


def untold(_doing: str, _done: int, _total: int) -> None:
    """Where nobody waits to be told how far it is."""


class Fen(int):
    """An amount of money in fen, shown in yuan."""


class Sheet(NamedTuple):
    """One sheet: what it is called, each heading with the width of its column, the rows."""

    title: str
    headings: Sequence[tuple[object, int]]
    rows: Iterable[Sequence[Any]]


def write_table(
    out: BinaryIO,
    title: str,
    headings: Sequence[tuple[object, int]],
    rows: Iterable[Sequence[Any]],
    *,
    total: int,
    tell: Tell,
) -> None:
    """Write a workbook of one sheet: each heading with the width of its column, then the rows; says how many are written."""
    book = _workbook(out, total)
    _fill(book, title[:31], headings, rows, lambda number: tell(_("写进表格"), number, total))
    book.close()


def _workbook(out: BinaryIO, rows: int) -> Workbook:
    large = {"constant_memory": True, "tmpdir": str(slate.folder())}
    return Workbook(out, {**(large if rows > IN_MEMORY else {"in_memory": True}), **SAFE})


def write_sheets(out: BinaryIO, sheets: Iterable[Sheet], *, total: int) -> None:
    """Write a workbook of some sheets, of ``total`` rows; two of one name are told apart by a number."""
    book = _workbook(out, total)
    taken = set[str]()
    for number, sheet in enumerate(sheets, start=1):
        name = NOT_IN_A_NAME.sub(" ", sheet.title).strip()[:27] or str(number)
        name = name if name.casefold() not in taken else f"{name} {number}"
        taken.add(name.casefold())
        _fill(book, name, sheet.headings, sheet.rows, lambda _number: None)
    book.close()


def _fill(
    book: Workbook, name: str, headings: Sequence[tuple[object, int]], rows: Iterable[Sequence[Any]],
    tell: Callable[[int], None],
) -> None:  # fmt: skip
    bold = book.add_format({"bold": True})
    formats: dict[type, Any] = {
        kind: book.add_format({"num_format": said})
        for kind, said in ((Fen, "#,##0.00"), (dt.date, "yyyy-mm-dd"), (dt.datetime, "yyyy-mm-dd hh:mm"))
    }
    sheet = book.add_worksheet(name)
    for column, (heading, width) in enumerate(headings):
        sheet.set_column(column, column, min(width, WIDEST))
        sheet.write_string(0, column, str(heading), bold)
    sheet.freeze_panes(1, 0)
    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            _write(sheet, number, column, value, formats)
        if number % TELL_EVERY == 0:
            tell(number)


def _write(sheet: Worksheet, row: int, column: int, value: Any, formats: dict[type, Any]) -> None:
    if value is None or value == "":
        return
    form = formats.get(type(value))
    if isinstance(value, Fen):
        sheet.write_number(row, column, Decimal(value) / 100, form)
    elif isinstance(value, int):
        sheet.write_number(row, column, value)
    elif isinstance(value, dt.datetime):
        sheet.write_datetime(row, column, value.astimezone(SHANGHAI).replace(tzinfo=None), form)
    elif isinstance(value, dt.date):
        sheet.write_datetime(row, column, value, form)
    else:
        sheet.write_string(row, column, plain(str(value)))
