"""The reader of workbooks, run by ``hege.kernel.limited``: an ``.xlsx`` or ``.xls`` on its standard input, JSON lines out.

It knows nothing of the house and loads none of it, so that it starts quickly and has nothing to lose. Before calamine,
which builds a whole grid in memory, sees a workbook, its true unpacked size, its declared and true corner and its markup
are looked at. Each sheet that shows begins with a line that says what it is, or why it cannot be read: a text of the
catalogue and its values; each line after it holds rows, ``[cells, [[column, type, text], …]]`` for what JSON has no
word for. Caps on cells and text hold for all sheets together. A line that names no sheet refuses the whole file.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import re
import struct
import sys
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from python_calamine import CalamineError, CalamineSheet, PasswordError, SheetTypeEnum, SheetVisibleEnum, load_workbook

MOST_UNPACKED = 400 * 1024 * 1024
MOST_RATIO = 200  # a real sheet packs 5 to 40 times; a bomb 1,000 times
RATIO_COUNTS_FROM = 20 * 1024 * 1024
MOST_PARTS = 2000
MOST_ROWS = 200_000
MOST_COLUMNS = 200
MOST_CELLS = 6_000_000
MOST_MERGED = 200_000
MOST_TEXT = 200 * 1024 * 1024  # a short text can stand in millions of cells
ROWS_A_LINE = 500

ZIP = b"PK\x03\x04"
NOTES_SHEET = "说明"


class No(Exception):
    """No such sheet: a text of the catalogue and its values."""

    def __init__(self, text: str, **values: Any) -> None:
        super().__init__(text)
        self.text, self.values = text, values


def _(text: str) -> str:
    """Marks a text for the catalogue; whoever hears of it translates."""
    return text


DAMAGED = _("文件已损坏，打不开；请重新导出或用 Excel 另存一次。")
LOCKED = _("文件有密码；请取消密码后另存再导入。")
ABNORMAL = _("这个文件解压后大得不正常（可能是压缩炸弹），已拒收。")
TOO_WIDE = _("列数超过 %(most)d 列；请只留表头里的各列，删去右边的空列。")
TOO_LONG = _("行数超过 %(most)s 行，请拆成几个文件。")
TOGETHER = _("这个文件的几张工作表合起来太大，请拆成几个文件。")


class Seen(NamedTuple):
    """What calamine does not tell of a sheet. Rows and columns count from 0."""

    from_1904: bool
    hidden_rows: list[int]
    hidden_columns: list[int]
    merged: list[list[int]]  # top, left, bottom, right
    padded: dict[tuple[int, int], int]  # a number that its format shows with leading zeros: how many digits
    formulas: list[list[int]]  # row, column
    unstored: list[list[int]]  # those of them that nobody has computed
    errors: list[tuple[int, int, str]]  # row, column, what is shown: #N/A


def check_corner(rows: int, columns: int, left: int = MOST_CELLS) -> None:
    """Refuse a sheet that reaches, or says it reaches, further than a reader can lay out; ``left`` cells are left for it."""
    if rows > MOST_ROWS + 1:
        raise No(TOO_LONG, most=f"{MOST_ROWS:,}")
    if columns > MOST_COLUMNS or rows * columns > MOST_CELLS:
        raise No(TOO_WIDE, most=MOST_COLUMNS)
    if rows * columns > left:
        raise No(TOGETHER)


def check_merged(merged: Sequence[Sequence[int]]) -> None:
    """Refuse merges over so many cells that whoever gives each of them an object has no memory left."""
    if sum((bottom - top + 1) * (right - left + 1) for top, left, bottom, right in merged) > MOST_MERGED:
        raise No(_("数据区有合并的单元格，请取消合并后逐行填写"))


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


# -- .xlsx -------------------------------------------------------------------------------------------------------------


class Zipped:
    """An ``.xlsx``: its parts, unpacked under one cap, and what their markup says."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.parts = self._unpack()
        if "xl/workbook.xml" not in self.parts:
            if "xl/workbook.bin" in self.parts or "mimetype" in self.parts:
                raise No(_("这种表格格式不收；请另存为 .xlsx。"))
            raise No(_("这是压缩包，不是表格；请解压后给 .xlsx、.xls 或 .csv。"))
        for name, data in self.parts.items():
            if name.endswith((".xml", ".rels")) and (_DOCTYPE.search(data) or data[:2] in (b"\xff\xfe", b"\xfe\xff")):
                raise No(_("文件里有表格软件不会写出的内容（实体声明），已拒收；请用 Excel 另存一次。"))

    def _unpack(self) -> dict[str, bytes]:
        """The parts a reader will unpack. The sizes a zip declares are not believed: each part is inflated here, under
        one cap for all, and must then be as long as declared. Some programs write the names with backslashes.
        """
        try:
            archive = zipfile.ZipFile(io.BytesIO(self.content))
            members = archive.infolist()
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as problem:
            raise No(DAMAGED) from problem
        names = [member.filename.replace("\\", "/") for member in members]
        if len(members) > MOST_PARTS or len(set(names)) != len(members):
            raise No(_("这个文件里的部件太多或重名，不像正常的表格，已拒收。"))
        left = min(MOST_UNPACKED, max(RATIO_COUNTS_FROM, len(self.content) * MOST_RATIO))
        parts: dict[str, bytes] = {}
        for name, member in zip(names, members, strict=True):
            if member.flag_bits & 1:
                raise No(LOCKED)
            declared, member.file_size = member.file_size, left + 2**20  # so that reading stops at our cap
            try:
                with archive.open(member) as part:
                    data = part.read(left + 1)
            except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, OSError, RuntimeError) as problem:
                raise No(DAMAGED) from problem
            left -= len(data)
            if left < 0:
                raise No(ABNORMAL)
            if len(data) != declared:
                raise No(DAMAGED)
            parts[name] = data
        if any("\\" in member.filename for member in members):
            self.content = _zip_of(parts)
        return {name: data for name, data in parts.items() if name.startswith("xl/") or name == "mimetype"}

    def look(self, place: int, left: int) -> Seen:
        """Look at a sheet's markup before it is read: formulas, error values, and how far out its corner lies.

        One cell at XFD1048576 would make a reader lay out 17 billion cells, so the corner is found here first.
        """
        sheet = self._sheet(place)
        columns, rows = set(), set()
        for column, row in _ADDRESS.findall(sheet):
            columns.add(column)
            rows.add(row)
        if any(len(r) >= 12 for r in rows):
            raise No(TOO_LONG, most=f"{MOST_ROWS:,}")
        check_corner(
            max((int(r) for r in rows if r), default=0),
            max((column_number(c.decode("ascii")) for c in columns if c), default=0),
            left,
        )
        formulas, unstored = _formulas(sheet)
        errors = [(*_place(tag), _value_of(inside)) for tag, inside in _ERROR.findall(sheet)]
        hidden = [
            column - 1
            for tag in _COLUMN.findall(sheet[:100_000])
            if _says_yes(tag, b"hidden")
            for column in range(int(_said(tag, b"min") or 1), min(int(_said(tag, b"max") or 0), MOST_COLUMNS) + 1)
        ]
        merged = []
        for a, b, c, d in _MERGED.findall(sheet):
            merged.append([int(b) - 1, column_number(a.decode()) - 1, int(d) - 1, column_number(c.decode()) - 1])
        check_merged(merged)
        book = self.parts["xl/workbook.xml"][:100_000]
        from_1904 = bool(re.search(rb"date1904\s*=\s*[\"'](?:1|true)", book))
        return Seen(from_1904, _hidden_rows(sheet), hidden, merged, self._padded(sheet), formulas, unstored, errors)

    def _sheet(self, place: int) -> bytes:
        """A sheet's markup, by the workbook's own table of parts."""
        targets = {}
        for tag in _RELATION.findall(self.parts.get("xl/_rels/workbook.xml.rels", b"")):
            path = _said(tag, b"Target").decode("utf-8", "replace").replace("\\", "/")
            targets[_said(tag, b"Id")] = path.lstrip("/") if path.startswith("/") else f"xl/{path}"
        for number, tag in enumerate(_SHEET.findall(self.parts["xl/workbook.xml"])):
            found = re.search(rb"\s(?:\w+:)?id\s*=\s*[\"']([^\"']*)", tag)
            if number == place and found and targets.get(found[1], "") in self.parts:
                return self.parts[targets[found[1]]]
        raise No(DAMAGED)

    def _padded(self, sheet: bytes) -> dict[tuple[int, int], int]:
        styles = self.parts.get("xl/styles.xml", b"")
        digits = {
            _said(tag, b"numFmtId"): len(_said(tag, b"formatCode"))
            for tag in _FORMAT.findall(styles)
            if re.fullmatch(rb"00+", _said(tag, b"formatCode"))
        }
        found = re.search(rb"<(?:\w+:)?cellXfs[\s>].*?</(?:\w+:)?cellXfs>", styles, re.DOTALL)
        formats = [_said(tag, b"numFmtId") for tag in _XF.findall(found[0])] if found and digits else []
        wanted = {str(place).encode(): digits[number] for place, number in enumerate(formats) if number in digits}
        if not wanted:
            return {}
        padded = {}
        for tag in _PLAIN_CELL.findall(sheet):
            address = _ADDRESS.search(tag)
            if address and address[1] and address[2] and _said(tag, b"s") in wanted:
                padded[int(address[2]) - 1, column_number(address[1].decode()) - 1] = wanted[_said(tag, b"s")]
        return padded


_NAME = rb"<(?:[A-Za-z_][\w.-]*:)?"
_DOCTYPE = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_ANY_FORMULA = re.compile(_NAME + rb"f(?=[\s/>])")
_FORMULA = re.compile(
    _NAME + rb"c(\s[^>]*)>\s*" + _NAME + rb"f(?:\s[^>]*)?(?:(?<=/)>|(?<!/)>[^<]*</[^>]*>)\s*"
    rb"(?:" + _NAME + rb"v(?:\s[^>]*)?(?<!/)>([^<]*)<)?"
)
_ERROR = re.compile(_NAME + rb"c(\s[^>]*?\bt\s*=\s*[\"']e[\"'][^>]*)(?<!/)>(.*?)</(?:[\w.-]+:)?c>", re.DOTALL)
_VALUE = re.compile(_NAME + rb"v(?:\s[^>]*)?>([^<]*)<")
_ADDRESS = re.compile(rb"\sr\s*=\s*[\"']([A-Za-z]*)(\d*)[\"']")
_ROW = re.compile(_NAME + rb"row(?=[\s/>])[^>]*>")
_COLUMN = re.compile(_NAME + rb"col\s[^>]*>")
_MERGED = re.compile(
    _NAME + rb"mergeCell\s[^>]*?\bref\s*=\s*[\"']([A-Za-z]{1,3})(\d{1,7}):([A-Za-z]{1,3})(\d{1,7})[\"']"
)
_RELATION = re.compile(_NAME + rb"Relationship\s[^>]*>")
_SHEET = re.compile(_NAME + rb"sheet\s[^>]*>")
_FORMAT = re.compile(_NAME + rb"numFmt\s[^>]*>")
_XF = re.compile(_NAME + rb"xf(?=[\s/>])[^>]*>")
_PLAIN_CELL = re.compile(_NAME + rb"c(\s[^>]*)(?<!/)>\s*" + _NAME + rb"v>\d")


def _said(tag: bytes, name: bytes) -> bytes:
    found = re.search(rb"\s" + name + rb"\s*=\s*[\"']([^\"']*)", tag)
    return found[1] if found else b""


def _says_yes(tag: bytes, name: bytes) -> bool:
    return _said(tag, name) in (b"1", b"true")


def _place(tag: bytes) -> tuple[int, int]:
    """Row and column of a cell's tag. Cells that do not say where they stand are counted by calamine alone."""
    found = _ADDRESS.search(tag)
    if not found or not found[1] or not found[2]:
        raise No(_("有公式或错误值的格没有写明位置；请用 Excel 另存一次再导入。"))
    return int(found[2]) - 1, column_number(found[1].decode("ascii")) - 1


def _value_of(inside: bytes) -> str:
    found = _VALUE.search(inside)
    return found[1].decode("ascii", "replace") if found else ""


def _formulas(sheet: bytes) -> tuple[list[list[int]], list[list[int]]]:
    """The cells with a formula, and those of them whose result was not stored: a stored text may be empty."""
    formulas, unstored = [], []
    for tag, value in _FORMULA.findall(sheet):
        place = [*_place(tag)]
        formulas.append(place)
        if not value and _said(tag, b"t") != b"str":
            unstored.append(place)
    if len(formulas) != sum(1 for _found in _ANY_FORMULA.finditer(sheet)):
        raise No(DAMAGED)
    return formulas, unstored


def _hidden_rows(sheet: bytes) -> list[int]:
    if b"hidden" not in sheet:
        return []
    hidden, number = [], 0
    for tag in _ROW.findall(sheet):
        said = _said(tag, b"r")
        number = int(said) if said.isdigit() else number + 1
        if _says_yes(tag, b"hidden"):
            hidden.append(number - 1)
    return hidden


def _zip_of(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return out.getvalue()


# -- .xls --------------------------------------------------------------------------------------------------------------

BOF, EOF, FILEPASS, DATEMODE, BOUNDSHEET, FORMAT, XF = 0x0809, 0x000A, 0x002F, 0x0022, 0x0085, 0x041E, 0x00E0
DIMENSIONS, ROW, COLINFO, MERGED = 0x0200, 0x0208, 0x007D, 0x00E5
FORMULA, STRING, BOOLERR, NUMBER, RK, MULRK, BLANK, MULBLANK = (
    0x0006,
    0x0207,
    0x0205,
    0x0203,
    0x027E,
    0x00BD,
    0x0201,
    0x00BE,
)
LABEL, LABELSST, RSTRING = 0x0204, 0x00FD, 0x00D6
NUMBERS, MANY_CELLS = (NUMBER, RK, MULRK), {MULRK: 6, MULBLANK: 2}  # bytes of each cell
ONE_CELL = (FORMULA, BOOLERR, NUMBER, RK, BLANK, LABEL, LABELSST, RSTRING)
NO_NUMBER = b"\xff\xff"  # at the end of a formula's result
LAST_SECTOR, ROOT = 0xFFFFFFFA, 5
ERRORS = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A"}


class Sectors:
    """A compound file: streams scattered over sectors, and a table that says which sector follows which."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        shift, mini_shift = struct.unpack_from("<HH", content, 30)
        self.size, self.mini_size = 1 << min(shift, 12), 1 << min(mini_shift, 12)
        (first_entry,) = struct.unpack_from("<I", content, 48)
        self.cutoff, first_mini = struct.unpack_from("<II", content, 56)
        self.table = self._numbers(b"".join(self._sector(n) for n in self._blocks() if n < LAST_SECTOR))
        self.mini_table = self._numbers(self._joined(first_mini))
        self.streams = self._entries(self._joined(first_entry))

    def stream(self, *names: str) -> bytes:
        """The first stream there is of some names; short ones lie in small sectors within the root's stream."""
        start, long = next((self.streams[name] for name in names if name in self.streams), (LAST_SECTOR, 0))
        if not long:
            raise No(DAMAGED)
        if long >= self.cutoff or "" not in self.streams:
            return self._joined(start)[:long]
        small, size = self._joined(self.streams[""][0]), self.mini_size
        return b"".join(small[n * size : (n + 1) * size] for n in self._chain(start, self.mini_table))[:long]

    def _sector(self, number: int) -> bytes:
        return self.content[(number + 1) * self.size : (number + 2) * self.size]

    def _blocks(self) -> list[int]:
        """The sectors that hold the table: 109 named in the head, the rest in a chain of their own."""
        blocks = list(struct.unpack_from("<109I", self.content, 76))
        (more,) = struct.unpack_from("<I", self.content, 68)
        while more < LAST_SECTOR and len(blocks) <= len(self.content) // self.size:
            *named, more = self._numbers(self._sector(more))
            blocks += named
        return blocks

    def _chain(self, number: int, following: Sequence[int]) -> Iterator[int]:
        for _step in range(len(following)):
            if number >= len(following):
                return
            yield number
            number = following[number]

    def _joined(self, start: int) -> bytes:
        return b"".join(self._sector(n) for n in self._chain(start, self.table))

    def _numbers(self, data: bytes) -> tuple[int, ...]:
        return struct.unpack_from(f"<{len(data) // 4}I", data)

    def _entries(self, data: bytes) -> dict[str, tuple[int, int]]:
        """Where each stream starts and how long it is, by its name; the root's by ""."""
        found: dict[str, tuple[int, int]] = {}
        for at in range(0, len(data) - 127, 128):
            (length,) = struct.unpack_from("<H", data, at + 64)
            name = data[at : at + max(0, min(length, 64) - 2)].decode("utf-16-le", "replace").casefold()
            found.setdefault("" if data[at + 66] == ROOT else name, struct.unpack_from("<II", data, at + 116))
        return found


class Compound:
    """A ``.xls``: the records of its workbook stream."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        sectors = Sectors(content)
        if "encryptedpackage" in sectors.streams:
            raise No(LOCKED)
        self.records = sectors.stream("workbook", "book")
        self.sheets, self.from_1904, self.digits = self._globals()
        left = MOST_CELLS
        for start in self.sheets:  # calamine lays out every sheet of a workbook it opens
            for record, data in self._records(start):
                if record == DIMENSIONS and len(data) >= 8:
                    _top, rows, _left, columns = struct.unpack_from("<IIHH" if len(data) >= 12 else "<HHHH", data)
                    if rows > 2**16 or columns > 2**8:
                        raise No(DAMAGED)
                    check_corner(rows, columns if rows * columns > MOST_CELLS else 0)
                    left -= rows * columns
        if left < 0:
            raise No(TOGETHER)

    def _records(self, at: int) -> Iterator[tuple[int, bytes]]:
        """The records of one substream."""
        while at + 4 <= len(self.records):
            record, size = struct.unpack_from("<HH", self.records, at)
            if record == EOF:
                return
            yield record, self.records[at + 4 : at + 4 + size]
            at += 4 + size

    def _globals(self) -> tuple[list[int], bool, list[int]]:
        """Where each sheet begins, whether days count from 1904, and how many digits each cell format pads to."""
        sheets, from_1904, codes, formats = [], False, {}, []
        for record, data in self._records(0):
            if record == FILEPASS:
                raise No(LOCKED)
            if record == BOUNDSHEET:
                sheets.append(struct.unpack_from("<I", data)[0])
            elif record == DATEMODE:
                from_1904 = data[:2] == b"\x01\x00"
            elif record == FORMAT:
                text = re.search(rb"(?:0\0?){2,}\Z", data[4:])
                plain = text is not None and len(data) - 5 <= len(text[0]) + 1
                codes[data[:2]] = data[4:].count(b"0") if plain else 0
            elif record == XF:
                formats.append(data[2:4])
        return sheets, from_1904, [codes.get(number, 0) for number in formats]

    def look(self, place: int, left: int) -> Seen:
        """The same as of an ``.xlsx``, from the records of a sheet."""
        formulas: list[list[int]] = []
        unstored: list[list[int]] = []
        errors, padded = [], {}
        hidden_rows: list[int] = []
        hidden_columns: list[int] = []
        merged: list[list[int]] = []
        for record, data in self._records(self.sheets[place]):
            for row, column, style in _cells(record, data):
                check_corner(row + 1, column + 1, left)
                if error := _error_of(record, data):
                    errors.append((row, column, error))
                if record == FORMULA:
                    formulas.append([row, column])
                    if data[6] == 0 and data[12:14] == NO_NUMBER:  # a text, which follows where there is one
                        unstored.append([row, column])
                elif record in NUMBERS and style < len(self.digits) and self.digits[style]:
                    padded[row, column] = self.digits[style]
            if record == STRING and unstored and unstored[-1] == formulas[-1]:
                unstored.pop()
            if record == ROW and struct.unpack_from("<H", data, 12)[0] & 0x20:
                hidden_rows.append(struct.unpack_from("<H", data)[0])
            elif record == COLINFO and data[8] & 1:
                first, last = struct.unpack_from("<HH", data)
                hidden_columns += range(first, min(last, MOST_COLUMNS) + 1)
            elif record == MERGED:
                blocks = (struct.unpack_from("<HHHH", data, at) for at in range(2, len(data) - 7, 8))
                merged += ([top, left, bottom, right] for top, bottom, left, right in blocks)
        check_merged(merged)
        return Seen(self.from_1904, sorted(hidden_rows), hidden_columns, merged, padded, formulas, unstored, errors)


def _error_of(record: int, data: bytes) -> str:
    """The error value a cell of a record shows; "" for none."""
    if record == BOOLERR and data[7:8] == b"\x01":
        return ERRORS.get(data[6], "#")
    if record == FORMULA and data[6] == 2 and data[12:14] == NO_NUMBER:
        return ERRORS.get(data[8], "#")
    return ""


def _cells(record: int, data: bytes) -> Iterator[tuple[int, int, int]]:
    """Row, column and format of each cell of a record."""
    if record in ONE_CELL:
        row, column, style = struct.unpack_from("<HHH", data)
        yield row, column, style
    elif record in MANY_CELLS:
        row, first = struct.unpack_from("<HH", data)
        (last,) = struct.unpack_from("<H", data, len(data) - 2)
        width = MANY_CELLS[record]
        for column in range(first, last + 1):
            yield row, column, struct.unpack_from("<H", data, 4 + width * (column - first))[0]


# -- both --------------------------------------------------------------------------------------------------------------


def read(content: bytes) -> Iterator[str]:
    """The lines about a workbook. Raises ``No`` before the first."""
    with _in_words():
        file = Zipped(content) if content.startswith(ZIP) else Compound(content)
        book = load_workbook(io.BytesIO(file.content))
    shown = [
        (place, meta.name)
        for place, meta in enumerate(book.sheets_metadata)
        if meta.typ is SheetTypeEnum.WorkSheet and meta.visible is SheetVisibleEnum.Visible
    ]
    wanted = [s for s in shown if s[1].strip() != NOTES_SHEET] or shown
    if not wanted:
        raise No(_("工作簿里没有可见的工作表。"))
    left = MOST_CELLS
    for place, name in wanted:
        try:
            with _in_words():
                seen = file.look(place, left)
                rows = _rows_of(book.get_sheet_by_index(place), left)
        except No as no:
            yield json.dumps({"sheet": name, "refused": no.text, "values": no.values})
            continue
        left -= len(rows) * max(map(len, rows), default=0)
        for (row, column), digits in seen.padded.items():
            _pad(rows, row, column, digits)
        yield json.dumps({"sheet": name, **seen._replace(padded={})._asdict()})
        for start in range(0, len(rows), ROWS_A_LINE):
            yield json.dumps([_plain(row) for row in rows[start : start + ROWS_A_LINE]], ensure_ascii=False)


@contextmanager
def _in_words() -> Iterator[None]:
    """What a reader gives up over, as a refusal."""
    try:
        yield
    except PasswordError as problem:
        raise No(LOCKED) from problem
    except (CalamineError, ValueError, OSError, IndexError, struct.error) as problem:
        raise No(DAMAGED) from problem
    except BaseException as problem:
        if type(problem).__name__ != "PanicException":  # how a reader written in Rust gives up
            raise
        raise No(DAMAGED) from problem


def _rows_of(sheet: CalamineSheet, left: int) -> list[list[Any]]:
    if sheet.start is None or sheet.end is None:
        return []
    check_corner(sheet.total_height, sheet.total_width, left)
    return sheet.to_python(skip_empty_area=False)


def _pad(rows: list[list[Any]], row: int, column: int, digits: int) -> None:
    """A whole number as its format shows it: a code of three digits, 013, that is kept as 13."""
    cell = rows[row][column] if row < len(rows) and column < len(rows[row]) else None
    if isinstance(cell, int | float) and not isinstance(cell, bool) and 0 <= cell < 1e15 and cell == int(cell):
        rows[row][column] = f"{int(cell):0{digits}}"


def _plain(row: list[Any]) -> list[Any]:
    """A row whose days and times stand apart, since JSON has no word for them."""
    apart = []
    for column, cell in enumerate(row):
        if cell.__class__ not in _AS_IT_IS:
            row[column] = None
            text = str(cell.total_seconds()) if isinstance(cell, dt.timedelta) else cell.isoformat()
            apart.append([column, cell.__class__.__name__, text])
    return [row, apart]


_AS_IT_IS = (str, float, int, bool, type(None))


def main() -> None:
    """Read standard input, write lines; where there is no memory left, end without a word."""
    out, left = sys.stdout.buffer, MOST_TEXT
    try:
        for line in read(sys.stdin.buffer.read()):
            data = line.encode("utf-8", "surrogatepass") + b"\n"
            left -= len(data)
            if left < 0:
                sys.exit(3)
            out.write(data)
    except No as no:
        out.write(json.dumps({"refused": no.text, "values": no.values}).encode() + b"\n")
    except MemoryError:
        sys.exit(3)
    out.flush()
