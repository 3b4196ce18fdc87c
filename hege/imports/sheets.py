"""Where spreadsheets come in: bytes in, sheets out and the table of one, or a refusal in words. Nothing of it is run.

Three formats come in: ``.xlsx`` and ``.xls``, read in a process of its own (``hege.imports.workbook``), and ``.csv``.
What the bytes are decides, not the name.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from django.utils.translation import gettext as _

from hege.imports.cells import Cell, NoValue, heading_key
from hege.imports.finding import find_table
from hege.imports.kinds import KINDS, guess_kinds, propose
from hege.imports.layouts import FileKind
from hege.imports.presets import PRESETS
from hege.imports.rules import Sheet, Table
from hege.imports.synonyms import SERIAL, SYNONYMS
from hege.imports.workbook import MOST_CELLS, MOST_COLUMNS, MOST_ROWS, TOO_LONG, TOO_WIDE, ZIP
from hege.kernel import limited
from hege.kernel.refused import Refused

MOST_BYTES = 20 * 1024 * 1024
FIRST_LINES = 40
#: Of who reads a workbook: 200,000 rows take half of the memory.
LIMITS = limited.Limits(memory=1536 << 20, cpu_seconds=60, seconds=120)

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
_PADDING = re.compile(r"\t+(?=\"?[,;]|\s*$)", re.MULTILINE)  # behind a cell, so that Excel takes it for a text
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def check_size(size: int) -> None:
    """Refuse a file that is too large before it is read. ``size`` in bytes."""
    if size > MOST_BYTES:
        raise Refused(
            _("文件有 %(size)s MB，最多 %(most)d MB；请按月份或总表拆成几个文件。")
            % {"size": f"{size / 1048576:.0f}", "most": MOST_BYTES // 1048576}
        )


def read_table(content: bytes, sheet: str = "") -> Table:
    """The table of a file: of the sheet that is named, else of the first whose headings are known.

    Raises ``Refused`` for anything else than a table.
    """
    return open_table(content, sheet)[1]


def open_table(content: bytes, name: str = "", kind: FileKind | None = None) -> tuple[Sheet, Table]:
    """The sheet that is read, and its table: see ``table_of``."""
    return table_of(read_sheets(content), name, kind)


def table_of(sheets: Sequence[Sheet], name: str = "", kind: FileKind | None = None) -> tuple[Sheet, Table]:
    """The sheet among some and its table: the sheet of a name, else the first that is a file of the kind, or of any."""
    wanted = [sheet for sheet in sheets if sheet.name == name] if name else sheets
    if not wanted:
        there = _("、").join(sheet.name for sheet in sheets)
        raise Refused(_("文件里没有工作表“%(name)s”；有：%(there)s。") % {"name": name, "there": there}, field="sheet")
    found: list[tuple[int, Sheet, Table]] = []
    refused = None
    for sheet in wanted:
        if sheet.refused:
            raise Refused(sheet.refused)
        try:
            table = find_table(sheet, known_headings)
        except Refused as refusal:
            refused = refused or refusal
            continue
        found.append((_fitness(table, kind), sheet, table))
        if found[-1][0] == FITS:
            break
    if not found:
        raise refused or Refused(_("表是空的。"))
    _fits, sheet, table = max(found, key=lambda one: one[0])
    others = [other for other in sheets if other is not sheet and (other.rows or other.refused)]
    _tell_others(table, others, chosen=bool(name), first=sheet is sheets[0])
    return sheet, table


FITS = 2


def _fitness(table: Table, kind: FileKind | None) -> int:
    """2 for a table that is a file of a kind, 1 for one whose headings are known, else 0."""
    fits = propose(table, kind).whole if kind else bool(guess_kinds(table))
    return FITS if fits else int(known_headings(table.header) > 1)


def find_again(sheet: Sheet, table: Table, rows: list[list[Cell]]) -> Table:
    """The table of a sheet with other cells in its rows: sums are proved by what stands there now."""
    again = find_table(replace(sheet, rows=rows), known_headings)
    if table.others:
        again.others, again.notices = table.others, [*again.notices, table.notices[-1]]
    return again


def _tell_others(table: Table, others: Sequence[Sheet], *, chosen: bool, first: bool) -> None:
    told = _("导入的是第一张对得上的工作表“%(name)s”；未导入：%(others)s。")
    if chosen:
        told = _("导入的是选定的工作表“%(name)s”；未导入：%(others)s。")
    elif first:
        told = _("只导入第一张工作表“%(name)s”；未导入：%(others)s。")
    table.others = [sheet.name for sheet in others]
    if table.others:
        table.notices.append(told % {"name": table.sheet, "others": _("、").join(table.others)})


def known_headings(row: Sequence[Cell]) -> int:
    """How many headings of a row are words some kind of file has for a column."""
    return len(_words().intersection(map(heading_key, row)))


@cache
def _words() -> frozenset[str]:
    """The words of every kind for its columns, those of offices and of known statements among them."""
    words = [word for kind in KINDS.values() for c in kind.layout.columns for word in (c.name, *c.aliases)]
    words += [word.text for fields in SYNONYMS.values() for said in fields.values() for word in said]
    words += [word for preset in PRESETS for word in preset.columns]
    return SERIAL.union(map(heading_key, words))


def read_sheets(content: bytes) -> list[Sheet]:
    """The sheets that show and are no notes; a text is one without a name. Raises ``Refused`` for anything else."""
    check_size(len(content))
    if not content.strip():
        raise Refused(_("文件是空的。"))
    for magic, name in STRANGERS:
        if content.startswith(magic):
            raise Refused(_("这是 %(name)s 文件，不是表格；请给 .xlsx、.xls 或 .csv。") % {"name": name})
    return _from_workbook(content) if content.startswith((ZIP, OLE)) else [Sheet("", _from_csv(content))]


# -- text --------------------------------------------------------------------------------------------------------------


def _from_csv(content: bytes) -> list[list[Cell]]:
    text = _decode(content)
    if re.match(r"\s*<(?:!doctype|html|table|\?xml)", text[:200], re.IGNORECASE):
        raise Refused(_("这是网页或 XML 格式，只是名字像表格；请用 Excel 或 WPS 打开，另存为 .xlsx。"))
    said = re.match(r"sep=(.)\r?\n", text)
    first = _PADDING.sub("", "\n".join(text.split("\n", FIRST_LINES)[:FIRST_LINES]))
    comma = said[1] if said else max(",\t;", key=first.count)
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
    return rows


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


# -- workbooks ---------------------------------------------------------------------------------------------------------

_KINDS: dict[str, Callable[[str], Cell]] = {
    "date": dt.date.fromisoformat,
    "datetime": dt.datetime.fromisoformat,
    "time": dt.time.fromisoformat,
    "timedelta": lambda text: dt.timedelta(seconds=float(text)),
}


def _from_workbook(content: bytes) -> list[Sheet]:
    sheets: list[tuple[Sheet, dict[str, Any]]] = []
    for line in _taken_apart(content).splitlines():
        said = json.loads(line)
        if isinstance(said, dict):
            sheets.append((_begun(said), said))
            continue
        rows = sheets[-1][0].rows
        for row, apart in said:
            for column, kind, text in apart:
                row[column] = _KINDS[kind](text)
            rows.append(row)
    for sheet, said in sheets:
        _mark_valueless(sheet.rows, said)
    return [sheet for sheet, _said in sheets]


def _taken_apart(content: bytes) -> bytes:
    try:
        return limited.run("hege.imports.workbook", content, LIMITS)
    except limited.Ended:
        raise Refused(
            _("打开这个文件要用的内存或时间大得不正常，已停止；请用 Excel 另存为 .xlsx 再导入，太大的请拆成几个文件。")
        ) from None


def _begun(said: dict[str, Any]) -> Sheet:
    """A sheet without its rows. Raises ``Refused`` where the whole file is refused."""
    text = said.get("refused")
    refused = _(text) % said["values"] if text else ""
    if refused and "sheet" not in said:
        raise Refused(refused)
    if refused:
        return Sheet(said["sheet"], [], refused=refused)
    seen = {name: said[name] for name in ("merged", "hidden_rows", "hidden_columns", "formulas")}
    return Sheet(said["sheet"], [], numbers_are_dates=not said["from_1904"], **seen)


def _mark_valueless(rows: list[list[Cell]], said: dict[str, Any]) -> None:
    """Put a word where calamine leaves a cell empty that is none: an error, a formula nobody computed."""
    wrong = _("是错误值（如 #N/A、#VALUE!），请改正后再导入")
    for row, column, text in said.get("errors", ()):
        if row < len(rows) and column < len(rows[row]):
            rows[row][column] = NoValue(text or "#N/A", wrong)
    unknown = _("是公式，文件里没有存它的结果；请用 Excel 打开再存一次，或全选后“选择性粘贴—数值”")
    for row, column in said.get("unstored", ()):
        if row < len(rows) and column < len(rows[row]) and rows[row][column] in (None, ""):
            rows[row][column] = NoValue(_("（公式）"), unknown)
