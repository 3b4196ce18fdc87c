"""A table as a workbook: text as text, money as numbers with two decimals, days as days; row after row, however many."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any, BinaryIO

from django.utils.translation import gettext as _
from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from hege.jobs import slate
from hege.kernel.cells import plain
from hege.kernel.clock import SHANGHAI

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WIDEST, TELL_EVERY = 60, 200
IN_MEMORY = 5000  # rows; of more, what is not written yet lies beside what is made
Tell = Callable[[str, int, int], None]  # what is being done, how much of it is done, of how much


def untold(_doing: str, _done: int, _total: int) -> None:
    """Where nobody waits to be told how far it is."""


class Fen(int):
    """An amount of money in fen, shown in yuan."""


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
    safe = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    large = {"constant_memory": True, "tmpdir": str(slate.folder())}
    book = Workbook(out, {**(large if total > IN_MEMORY else {"in_memory": True}), **safe})
    bold = book.add_format({"bold": True})
    formats: dict[type, Any] = {
        kind: book.add_format({"num_format": said})
        for kind, said in ((Fen, "#,##0.00"), (dt.date, "yyyy-mm-dd"), (dt.datetime, "yyyy-mm-dd hh:mm"))
    }
    sheet = book.add_worksheet(title[:31])
    for column, (heading, width) in enumerate(headings):
        sheet.set_column(column, column, min(width, WIDEST))
        sheet.write_string(0, column, str(heading), bold)
    sheet.freeze_panes(1, 0)
    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            _write(sheet, number, column, value, formats)
        if number % TELL_EVERY == 0:
            tell(_("写进表格"), number, total)
    book.close()


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
