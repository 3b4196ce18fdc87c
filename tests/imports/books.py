"""Workbooks of both kinds from one description, odd ones too."""

from __future__ import annotations

import datetime as dt
import io
import struct
import zipfile
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import openpyxl
import xlwt
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from hege.imports.workbook import column_letters

Place = tuple[int, int]  # row and column, from 0
Rows = Sequence[Sequence[Any]]
DAY = "yyyy-mm-dd"


def new_book(
    rows: Rows,
    *,
    formats: Mapping[Place, str] | None = None,
    hidden_rows: Sequence[int] = (),
    hidden_columns: Sequence[int] = (),
    merged: tuple[int, int, int, int] | None = None,
    from_1904: bool = False,
    formatted_only: Place | None = None,
) -> bytes:
    """An ``.xlsx``. ``merged`` is top, left, bottom, right; ``formatted_only`` is a cell with a format and no value."""
    book = openpyxl.Workbook()
    if from_1904:
        book.epoch = CALENDAR_MAC_1904
    sheet = book.active
    assert sheet is not None
    for r, row in enumerate(rows):
        for c, value in enumerate(row):
            cell = sheet.cell(r + 1, c + 1, value)
            cell.number_format = (formats or {}).get((r, c), DAY if isinstance(value, dt.date) else "General")
    for r in hidden_rows:
        sheet.row_dimensions[r + 1].hidden = True
    for c in hidden_columns:
        sheet.column_dimensions[column_letters(c + 1)].hidden = True
    if merged:
        top, left, bottom, right = (n + 1 for n in merged)
        sheet.merge_cells(start_row=top, start_column=left, end_row=bottom, end_column=right)
    if formatted_only:
        sheet.cell(formatted_only[0] + 1, formatted_only[1] + 1).number_format = DAY
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def old_book(
    rows: Rows,
    *,
    formats: Mapping[Place, str] | None = None,
    hidden_rows: Sequence[int] = (),
    hidden_columns: Sequence[int] = (),
    merged: tuple[int, int, int, int] | None = None,
    from_1904: bool = False,
    formatted_only: Place | None = None,
) -> bytes:
    """The same as a ``.xls``."""
    book = xlwt.Workbook()
    book.dates_1904 = from_1904
    sheet = book.add_sheet("表")
    styles: dict[str, Any] = {}
    for r, row in enumerate(rows):
        for c, value in enumerate(row):
            style = (formats or {}).get((r, c), DAY if isinstance(value, dt.date) else "General")
            if value is not None:
                sheet.write(r, c, value, styles.setdefault(style, xlwt.easyxf(num_format_str=style)))
    for r in hidden_rows:
        sheet.row(r).hidden = True
    for c in hidden_columns:
        sheet.col(c).hidden = True
    if merged:
        top, left, bottom, right = merged
        sheet.merged_ranges.append((top, bottom, left, right))  # its own merge() writes blanks over what stands there
    if formatted_only:
        sheet.write(*formatted_only, "", xlwt.easyxf(num_format_str=DAY))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


BOOKS: dict[str, Callable[..., bytes]] = {"xlsx": new_book, "xls": old_book}


def claiming(content: bytes, rows: int, columns: int) -> bytes:
    """A ``.xls`` whose DIMENSIONS record says that its sheet is so large: twenty bytes that fell a reader."""
    at = content.index(struct.pack("<HH", 0x0200, 14))
    return content[: at + 4] + struct.pack("<IIHH", 0, rows, 0, columns) + content[at + 16 :]


def with_backslashes(content: bytes) -> bytes:
    """An ``.xlsx`` as some programs zip it."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            info = zipfile.ZipInfo("x")
            info.filename = name.replace("/", "\\")
            new.writestr(info, old.read(name))
    return out.getvalue()
