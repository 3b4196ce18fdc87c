"""The door for spreadsheets: bytes in, one table out, or a refusal in words. Nothing of a file is run or fetched.

Three formats come in: ``.xlsx`` and ``.xls`` (read by calamine, which computes no formula and follows no link) and
``.csv``. What the bytes are decides, not the name. Before a reader that builds a whole grid in memory sees a
workbook, its true unpacked size, its corner cell and its markup are looked at: see ``_inspect_xlsx``.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Sequence
from typing import NamedTuple

from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineSheet, PasswordError, SheetTypeEnum, SheetVisibleEnum, load_workbook

from hege.imports.cells import Cell, shown
from hege.imports.rules import Table
from hege.kernel.refused import Refused

MOST_BYTES = 20 * 1024 * 1024
MOST_UNPACKED = 400 * 1024 * 1024
MOST_RATIO = 200  # a real sheet packs 5 to 40 times; a bomb 1,000 times
RATIO_COUNTS_FROM = 20 * 1024 * 1024
MOST_PARTS = 2000
MOST_ROWS = 200_000
MOST_COLUMNS = 200
MOST_CELLS = 6_000_000

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
NOTES_SHEET = "说明"
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
    if content.startswith(ZIP):
        return _from_xlsx(content)
    if content.startswith(OLE):
        return _from_xls(content)
    return _from_csv(content)


# -- text --------------------------------------------------------------------------------------------------------------


def _from_csv(content: bytes) -> Table:
    text = _decode(content)
    if re.match(r"\s*<(?:!doctype|html|table|\?xml)", text[:200], re.IGNORECASE):
        raise Refused(_("这是网页或 XML 格式，只是名字像表格；请用 Excel 或 WPS 打开，另存为 .xlsx。"))
    first = text.split("\n", 1)[0]
    comma = max(",\t;", key=first.count)
    rows: list[list[Cell]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=comma, strict=True):
            rows.append([*row])
            if len(rows) > MOST_ROWS + 1:
                raise _too_many_rows()
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


def _as_table(rows: list[list[Cell]], *, shift: int = 0) -> Table:
    """Headings are the first row with anything in it; ``shift`` is how many rows the sheet has above ``rows``."""
    at = next((i for i, row in enumerate(rows) if any(shown(c).strip() for c in row)), None)
    if at is None:
        raise Refused(_("表是空的。"))
    if at + 1 >= len(rows) or not any(shown(c).strip() for row in rows[at + 1 :] for c in row):
        raise Refused(_("表里只有表头，没有数据。"))
    return Table(rows[at], rows[at + 1 :], first_row=shift + at + 2)


def _too_many_rows() -> Refused:
    return Refused(_("行数超过 %(most)s 行，请拆成几个文件。") % {"most": f"{MOST_ROWS:,}"})


# -- .xlsx -------------------------------------------------------------------------------------------------------------


def _from_xlsx(content: bytes) -> Table:
    parts = _open_zip(content)
    if "xl/workbook.xml" not in parts:
        if "xl/workbook.bin" in parts or "mimetype" in parts:
            raise Refused(_("这种表格格式不收；请另存为 .xlsx。"))
        raise Refused(_("这是压缩包，不是表格；请解压后给 .xlsx、.xls 或 .csv。"))
    from_1904 = bool(re.search(rb"date1904\s*=\s*[\"'](?:1|true)", parts["xl/workbook.xml"][:100_000]))
    table = _by_calamine(content, parts)
    table.numbers_are_dates = not from_1904
    return table


def _open_zip(content: bytes) -> dict[str, bytes]:
    """Unpack the parts of a workbook that a reader will unpack, counting what truly comes out.

    The sizes a zip declares are not believed: each part is inflated here first, under one cap for all, and must
    then be as long as declared.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as problem:
        raise Refused(_("文件已损坏，打不开；请重新导出或用 Excel 另存一次。")) from problem
    if len(members) > MOST_PARTS or len({m.filename for m in members}) != len(members):
        raise Refused(_("这个文件里的部件太多或重名，不像正常的表格，已拒收。"))
    left = min(MOST_UNPACKED, max(RATIO_COUNTS_FROM, len(content) * MOST_RATIO))
    parts: dict[str, bytes] = {}
    with archive:
        for member in members:
            if member.flag_bits & 1:
                raise Refused(_("文件有密码；请取消密码后另存再导入。"))
            declared, member.file_size = member.file_size, left + 2**20  # so that reading stops at our cap
            try:
                with archive.open(member) as part:
                    data = part.read(left + 1)
            except (
                zipfile.BadZipFile,
                zlib.error,
                EOFError,
                ValueError,
                NotImplementedError,
                OSError,
                RuntimeError,
            ) as bad:
                raise Refused(_("文件已损坏，打不开；请重新导出或用 Excel 另存一次。")) from bad
            left -= len(data)
            if left < 0:
                raise Refused(_("这个文件解压后大得不正常（可能是压缩炸弹），已拒收。"))
            if len(data) != declared:
                raise Refused(_("文件已损坏，打不开；请重新导出或用 Excel 另存一次。"))
            if member.filename.startswith("xl/"):
                parts[member.filename] = data
            elif member.filename == "mimetype":
                parts["mimetype"] = data
    return parts


_DOCTYPE = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_FORMULA = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?f(?=[\s/>])")
_ERROR = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?c\s[^>]*?\bt\s*=\s*[\"']e[\"']")
_ADDRESS = re.compile(rb"\sr\s*=\s*[\"']([A-Za-z]*)(\d*)[\"']")


def _inspect_xlsx(sheet: bytes) -> None:
    """Look at a sheet's markup before it is read: entities, formulas, error values, and how far out its corner lies.

    One cell at XFD1048576 would make a reader lay out 17 billion cells, so the corner is found here first.
    """
    columns, rows = set(), set()
    for column, row in _ADDRESS.findall(sheet):
        columns.add(column)
        rows.add(row)
    tall = max((int(r) for r in rows if r and len(r) < 12), default=0)
    if any(len(r) >= 12 for r in rows) or tall > MOST_ROWS + 1:
        raise _too_many_rows()
    wide = max((column_number(c.decode("ascii")) for c in columns if c), default=0)
    if wide > MOST_COLUMNS or tall * wide > MOST_CELLS:
        raise Refused(_("列数超过 %(most)d 列；请只留表头里的各列，删去右边的空列。") % {"most": MOST_COLUMNS})
    _refuse_computed(
        [_cell_before(sheet, found.start()) for found in _FORMULA.finditer(sheet)],
        [_cell_before(sheet, found.end()) for found in _ERROR.finditer(sheet)],
    )


def _refuse_computed(formulas: Sequence[str], errors: Sequence[str]) -> None:
    """Refuse cells that hold a formula or an error value, by their addresses."""
    if formulas:
        raise Refused(
            _("%(cells)s 是公式，共 %(n)d 格；请全选后“选择性粘贴—数值”，再导入。")
            % {"cells": _("、").join(formulas[:5]), "n": len(formulas)}
        )
    if errors:
        raise Refused(
            _("%(cells)s 是错误值（如 #N/A、#VALUE!），共 %(n)d 格；请改正后再导入。")
            % {"cells": _("、").join(errors[:5]), "n": len(errors)}
        )


def _cell_before(sheet: bytes, at: int) -> str:
    found = _ADDRESS.findall(sheet[max(0, at - 400) : at])
    return (found[-1][0] + found[-1][1]).decode("ascii") if found else "?"


def column_number(letters: str) -> int:
    """A column's letters as a number: A -> 1, AA -> 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def column_letters(number: int) -> str:
    """A column's number as letters: 1 -> A, 27 -> AA."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _sheet_parts(parts: dict[str, bytes]) -> dict[str, bytes]:
    """Sheet name -> its markup, by the workbook's own table of parts; all worksheets where that table is odd."""
    book, relations = parts["xl/workbook.xml"], parts.get("xl/_rels/workbook.xml.rels", b"")
    targets = {}
    for tag in re.findall(rb"<(?:\w+:)?Relationship\s[^>]*>", relations):
        name, target = re.search(rb"\sId\s*=\s*[\"']([^\"']*)", tag), re.search(rb"\sTarget\s*=\s*[\"']([^\"']*)", tag)
        if name and target:
            path = target[1].decode("utf-8", "replace")
            targets[name[1]] = path.lstrip("/") if path.startswith("/") else f"xl/{path}"
    found: dict[str, bytes] = {}
    for place, tag in enumerate(re.findall(rb"<(?:\w+:)?sheet\s[^>]*>", book)):
        relation = re.search(rb"\s(?:\w+:)?id\s*=\s*[\"']([^\"']*)", tag)
        data = parts.get(targets.get(relation[1], "")) if relation else None
        if data is not None:
            found[str(place)] = data
    return found


# -- .xls --------------------------------------------------------------------------------------------------------------

_XLS_BOF = b"\x09\x08"
_XLS_FORMULA, _XLS_BOOLERR, _XLS_EOF, _XLS_FILEPASS = 0x0006, 0x0205, 0x000A, 0x002F


class _XlsCell(NamedTuple):
    record: int
    address: str


def _from_xls(content: bytes) -> Table:
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise Refused(_("文件有密码；请取消密码后另存再导入。"))
    computed = _xls_cells(content)
    _refuse_computed(
        [c.address for c in computed if c.record == _XLS_FORMULA],
        [c.address for c in computed if c.record == _XLS_BOOLERR],
    )
    table = _by_calamine(content, None)
    table.numbers_are_dates = True
    return table


def _xls_cells(content: bytes) -> list[_XlsCell]:
    """Formula and error cells of the worksheets, as far as their records lie in one piece (Excel and WPS write so).

    Best effort: where a stream is scattered over the file the walk ends early, and a formula reads as its last value,
    an error as an empty cell.
    """
    found = []
    for start in range(512, len(content) - 8, 64):
        if content[start : start + 2] != _XLS_BOF or content[start + 6 : start + 8] != b"\x05\x00":
            continue
        at = start
        while at + 4 <= len(content):
            record, size = (
                int.from_bytes(content[at : at + 2], "little"),
                int.from_bytes(content[at + 2 : at + 4], "little"),
            )
            if not record or size > 8228:
                break
            if record == _XLS_FILEPASS:
                raise Refused(_("文件有密码；请取消密码后另存再导入。"))
            # A cell of a truth or an error: its row, column, format and value, then 1 where it is an error.
            if record == _XLS_FORMULA or (record == _XLS_BOOLERR and content[at + 11 : at + 12] == b"\x01"):
                row, column = (int.from_bytes(content[at + p : at + p + 2], "little") for p in (4, 6))
                found.append(_XlsCell(record, f"{column_letters(column + 1)}{row + 1}"))
            at += 4 + size
        break
    return found


# -- both --------------------------------------------------------------------------------------------------------------


def _by_calamine(content: bytes, parts: dict[str, bytes] | None) -> Table:
    try:
        book = load_workbook(io.BytesIO(content))
        shown_sheets = [
            (place, meta.name)
            for place, meta in enumerate(book.sheets_metadata)
            if meta.typ is SheetTypeEnum.WorkSheet and meta.visible is SheetVisibleEnum.Visible
        ]
        wanted = [s for s in shown_sheets if s[1].strip() != NOTES_SHEET] or shown_sheets
        if not wanted:
            raise Refused(_("工作簿里没有可见的工作表。"))
        if parts is not None:
            _inspect_parts(parts, wanted[0][0])
        sheet = book.get_sheet_by_index(wanted[0][0])
        table = _from_sheet(sheet)
    except Refused:
        raise
    except PasswordError as problem:
        raise Refused(_("文件有密码；请取消密码后另存再导入。")) from problem
    except (CalamineError, ValueError, OSError, IndexError) as problem:
        raise Refused(_("文件已损坏，打不开；请重新导出或用 Excel 另存一次。")) from problem
    except BaseException as problem:
        if type(problem).__name__ != "PanicException":  # how a reader written in Rust gives up
            raise
        raise Refused(_("文件已损坏，打不开；请重新导出或用 Excel 另存一次。")) from problem
    if len(wanted) > 1:
        others = _("、").join(name for _place, name in wanted[1:])
        table.notices.append(
            _("只导入第一张工作表“%(name)s”；未导入：%(others)s。") % {"name": wanted[0][1], "others": others}
        )
    return table


def _inspect_parts(parts: dict[str, bytes], place: int) -> None:
    for name, data in parts.items():
        if name.endswith((".xml", ".rels")) and (_DOCTYPE.search(data) or data[:2] in (b"\xff\xfe", b"\xfe\xff")):
            raise Refused(_("文件里有表格软件不会写出的内容（实体声明），已拒收；请用 Excel 另存一次。"))
    sheet = _sheet_parts(parts).get(str(place))
    if sheet is None:
        raise Refused(_("文件已损坏，打不开；请重新导出或用 Excel 另存一次。"))
    _inspect_xlsx(sheet)


def _from_sheet(sheet: CalamineSheet) -> Table:
    if sheet.start is None or sheet.end is None:
        raise Refused(_("表是空的。"))
    if sheet.total_height > MOST_ROWS + 1:
        raise _too_many_rows()
    if sheet.total_width > MOST_COLUMNS:
        raise Refused(_("列数超过 %(most)d 列；请只留表头里的各列，删去右边的空列。") % {"most": MOST_COLUMNS})
    rows: list[list[Cell]] = [[*row] for row in sheet.to_python(skip_empty_area=False)]
    table = _as_table(rows)
    header_row = table.first_row - 2
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or []:
        cells = f"{column_letters(left + 1)}{top + 1}:{column_letters(right + 1)}{bottom + 1}"
        if top <= header_row <= bottom or bottom < header_row:
            raise Refused(_("表头有合并的单元格（%(cells)s）；请取消合并，每列一个表头。") % {"cells": cells})
        if any(shown(c).strip() for row in rows[top : bottom + 1] for c in row[left : right + 1]):
            table.merged_rows.append((top + 1, cells))
    return table
