"""Where spreadsheets come in: bytes in, one table out, or a refusal in words. Nothing of a file is run or fetched.

Three formats come in: ``.xlsx`` and ``.xls``, read in a process of its own (``hege.imports.workbook``), and ``.csv``.
What the bytes are decides, not the name.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from collections.abc import Callable

from django.utils.translation import gettext as _

from hege.imports import child
from hege.imports.cells import Cell, shown, visible
from hege.imports.kinds import guess_kinds
from hege.imports.rules import SHOWN, Table, few
from hege.imports.workbook import MOST_CELLS, MOST_COLUMNS, MOST_ROWS, TOO_LONG, TOO_WIDE, ZIP, column_letters
from hege.kernel.refused import Refused

MOST_BYTES = 20 * 1024 * 1024
TITLE_ROWS = 20

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
#: How other things begin that people send by mistake: what they are.
STRANGERS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf", "7z"),
    (b"\x1f\x8b", "gzip"),
    (b"MZ", "EXE"),
    (b"\x7fELF", "ELF"),
    (b"SQLite format 3", "SQLite"),
)
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def check_size(size: int) -> None:
    """Refuse a file that is too large before it is read. ``size`` in bytes."""
    if size > MOST_BYTES:
        raise Refused(
            _("文件有 %(size)s MB，最多 %(most)d MB；请按月份或总表拆成几个文件。")
            % {"size": f"{size / 1048576:.0f}", "most": MOST_BYTES // 1048576}
        )


def read_table(content: bytes) -> Table:
    """The first sheet that shows and is not the notes, as a table. Raises ``Refused`` for anything else than a sheet."""
    check_size(len(content))
    if not content.strip():
        raise Refused(_("文件是空的。"))
    for magic, name in STRANGERS:
        if content.startswith(magic):
            raise Refused(_("这是 %(name)s 文件，不是表格；请给 .xlsx、.xls 或 .csv。") % {"name": name})
    return _from_workbook(content) if content.startswith((ZIP, OLE)) else _from_csv(content)


# -- text --------------------------------------------------------------------------------------------------------------


def _from_csv(content: bytes) -> Table:
    text = _decode(content)
    if re.match(r"\s*<(?:!doctype|html|table|\?xml)", text[:200], re.IGNORECASE):
        raise Refused(_("这是网页或 XML 格式，只是名字像表格；请用 Excel 或 WPS 打开，另存为 .xlsx。"))
    first = text.split("\n", 1)[0]
    comma = max(",\t;", key=first.count)
    rows: list[list[Cell]] = []
    cells = 0
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=comma, strict=True):
            rows.append([*row])
            cells += len(row)
            if len(rows) > MOST_ROWS + 1:
                raise Refused(_(TOO_LONG) % {"most": f"{MOST_ROWS:,}"})
            if len(row) > MOST_COLUMNS or cells > MOST_CELLS:
                raise Refused(_(TOO_WIDE) % {"most": MOST_COLUMNS})
    except csv.Error as problem:
        raise Refused(
            _("第 %(row)d 行附近的引号不成对，读不下去：%(reason)s") % {"row": len(rows) + 1, "reason": problem}
        ) from problem
    return _as_table(rows)


def _decode(content: bytes) -> str:
    """UTF-8 with or without BOM, else GB18030 (which holds GBK and GB2312); strict, so nothing is silently replaced."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise Refused(_("这是 UTF-16 文本；请另存为“CSV UTF-8”。"))
    if b"\x00" in content:
        raise Refused(_("这不是表格文件：里面有空字符（NUL）。请给 .xlsx、.xls 或 .csv。"))
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if CONTROL.search(text[:65536]):
            break
        return text.removeprefix("\ufeff")  # GB18030 writes a mark of its own in front, as UTF-8 does
    raise Refused(_("认不出文字编码；请另存为“CSV UTF-8”或 GBK 编码的 CSV，或直接给 .xlsx。"))


def _as_table(rows: list[list[Cell]]) -> Table:
    """Headings are the first row with anything in it."""
    at = next((i for i, row in enumerate(rows) if any(shown(c).strip() for c in row)), None)
    if at is None:
        raise Refused(_("表是空的。"))
    if at + 1 >= len(rows) or not any(shown(c).strip() for row in rows[at + 1 :] for c in row):
        raise Refused(_("表里只有表头，没有数据。"))
    if not guess_kinds(Table(rows[at], [])):
        heads = next(
            (i for i in range(at + 1, min(at + TITLE_ROWS, len(rows))) if guess_kinds(Table(rows[i], []))), None
        )
        if heads is not None:
            told = _("第 %(title)d 行是标题，表头在第 %(heads)d 行；表头要在第一行，请删去它上面的标题行再导入。")
            raise Refused(told % {"title": at + 1, "heads": heads + 1})
    return Table(rows[at], rows[at + 1 :], first_row=at + 2)


# -- workbooks ---------------------------------------------------------------------------------------------------------

_KINDS: dict[str, Callable[[str], Cell]] = {
    "date": dt.date.fromisoformat,
    "datetime": dt.datetime.fromisoformat,
    "time": dt.time.fromisoformat,
    "timedelta": lambda text: dt.timedelta(seconds=float(text)),
}


def _from_workbook(content: bytes) -> Table:
    head, *lines = child.run("hege.imports.workbook", content).splitlines()
    sheet = json.loads(head)
    if refused := sheet.get("refused"):
        joined = {k: _("、").join(v) if isinstance(v, list) else v for k, v in sheet["values"].items()}
        raise Refused(_(refused) % joined)
    rows: list[list[Cell]] = []
    for line in lines:
        for row, apart in json.loads(line):
            for column, kind, text in apart:
                row[column] = _KINDS[kind](text)
            rows.append(row)
    table = _as_table(rows)
    table.numbers_are_dates = not sheet["from_1904"]
    _look_at_merged(table, rows, sheet["merged"])
    _tell_hidden(table, rows, sheet["hidden_rows"], sheet["hidden_columns"])
    first, *others = sheet["sheets"]
    if others:
        told = _("只导入第一张工作表“%(name)s”；未导入：%(others)s。")
        table.notices.append(told % {"name": first, "others": _("、").join(others)})
    return table


def _look_at_merged(table: Table, rows: list[list[Cell]], merged: list[list[int]]) -> None:
    header_row = table.first_row - 2
    for top, left, bottom, right in merged:
        cells = f"{column_letters(left + 1)}{top + 1}:{column_letters(right + 1)}{bottom + 1}"
        if top <= header_row:
            raise Refused(_("表头有合并的单元格（%(cells)s）；请取消合并，每列一个表头。") % {"cells": cells})
        if any(shown(c).strip() for row in rows[top : bottom + 1] for c in row[left : right + 1]):
            table.merged_rows.append((top + 1, cells))


def _tell_hidden(table: Table, rows: list[list[Cell]], hidden_rows: list[int], hidden_columns: list[int]) -> None:
    """Name what a filter hides from whoever looks at the sheet: it is read like the rest."""
    filled = [
        at for at in hidden_rows if table.first_row <= at + 1 <= len(rows) and any(shown(c).strip() for c in rows[at])
    ]
    if filled:
        text = _("第 %(rows)s 行在表里是隐藏的（可能被筛选掉了），也读了进来；不要的请删去。")
        table.notices.append(text % {"rows": few([at + 1 for at in filled], _(" 等 %(n)d 行"))})
    columns = [at for at in hidden_columns if at < len(table.header) and shown(table.header[at]).strip()]
    if columns:
        each = _("%(letters)s（%(heading)s）")
        named = _("、").join(
            each % {"letters": column_letters(at + 1), "heading": visible(table.header[at])} for at in columns[:SHOWN]
        )
        table.notices.append(_("%(columns)s列在表里是隐藏的，也读了进来。") % {"columns": named})
