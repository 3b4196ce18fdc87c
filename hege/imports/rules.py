"""From a sheet to rows: headings matched, every cell read, every bad one named. Nothing here reads the database."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.utils.translation import gettext as _

from hege.imports.cells import BadCell, Cell, NoValue, shown
from hege.imports.layouts import Column, Layout
from hege.kernel.refused import Refused
from hege.kernel.spelling import fold

SHOWN = 5  # of many things of a sort in a sentence
KEY_LENGTH = 110  # of 120, so that a corrected row has room for its number


def few(things: Sequence[object], more: str) -> str:
    """Things for a sentence: the first few, and ``more`` with how many there are in all where there are others."""
    named = _("、").join(map(str, things[:SHOWN]))
    return named + more % {"n": len(things)} if len(things) > SHOWN else named


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one cell: the row as numbered in the sheet, the heading, what is there, what is wanted."""

    row: int
    column: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet as it came: all its cells, and what its markup says. Rows and columns of the lists count from 0.

    ``formulas`` are cells whose stored result is read, ``merged`` blocks are top, left, bottom, right. ``refused`` says
    why a sheet beside others could not be read.
    """

    name: str
    rows: list[list[Cell]]
    merged: Sequence[Sequence[int]] = ()
    hidden_rows: Sequence[int] = ()
    hidden_columns: Sequence[int] = ()
    formulas: Sequence[tuple[int, int]] = ()
    numbers_are_dates: bool = False
    refused: str = ""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A row that is no row of the table: its number as the sheet counts, the sort of row it is, what is said of it.

    ``sort`` is one of "title", "blank", "heading", "total", "tail". Of a total ``said`` tells the sums that were checked.
    """

    row: int
    sort: str
    text: str
    said: str = ""


@dataclass(slots=True)
class Table:
    """The table found in a sheet: headings, rows of cells beside each other, the number of the first row as the sheet counts.

    A row that is left out stands in ``rows`` as an empty one, so that numbers hold, and is named in ``left_out``.
    ``facts`` are what lines above the headings say (填表单位：…), ``faults`` what is wrong with the table as a whole.
    ``others`` are the sheets of the file that are not read.
    """

    header: list[Cell]
    rows: list[list[Cell]]
    first_row: int = 2
    notices: list[str] = field(default_factory=list)
    merged_rows: list[tuple[int, str]] = field(default_factory=list)
    numbers_are_dates: bool = False
    sheet: str = ""
    left_out: list[LeftOut] = field(default_factory=list)
    facts: dict[str, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    others: list[str] = field(default_factory=list)


class Reader:
    """Reads one field of a row from one column; remembers the texts it has read, since names and days repeat.

    ``quiet`` leaves it to another field of the same cell to say what is wrong with it.
    """

    __slots__ = ("column", "parse", "place", "quiet", "seen")

    def __init__(self, column: Column, place: int, parse: Callable[[Cell], Any], *, quiet: bool = False) -> None:
        self.column, self.place, self.parse, self.quiet = column, place, parse, quiet
        self.seen: dict[Cell, Any] = {}

    def value(self, number: int, cells: Sequence[Cell], faults: list[Fault]) -> Any:
        """The value of the field in a row; None, and a fault, where its cell cannot be read."""
        return self.value_of(cells[self.place], number, faults)

    def value_of(self, cell: Cell, number: int, faults: list[Fault]) -> Any:
        """The value a cell has for this field."""
        text = cell.__class__ is str
        if text and cell in self.seen:
            return self.seen[cell]
        try:
            value = self._read(cell)
        except BadCell as problem:
            return None if self.quiet else self.fault(shown(cell)[:200], number, problem, faults)
        if text and len(self.seen) < 50_000:
            self.seen[cell] = value
        return value

    def fault(self, there: str, number: int, problem: BadCell, faults: list[Fault]) -> None:
        """Say what is wrong with what is there."""
        faults.append(Fault(number, self.column.name, there, str(problem)))

    def _read(self, cell: Cell) -> Any:
        if isinstance(cell, NoValue):
            raise BadCell(cell.reason)
        value = None if cell is None or (isinstance(cell, str) and not cell.strip()) else self.parse(cell)
        if value is not None and value != "":
            return value
        if self.column.fill:
            raise BadCell(_("不能空着"))
        return self.column.empty


class Mapped(Protocol):
    """Which column of a table is which field of a row (``columns.ColumnMapping``)."""

    def readers(self, layout: Layout, table: Table) -> list[Reader]:
        """What reads each field of a row, in their order."""

    def unused(self, header: Sequence[Cell]) -> list[str]:
        """The headings of columns that are not read."""


@dataclass(slots=True)
class Read:
    """The rows of a table as values, every cell that could not be read, the headings left out.

    ``half`` are the rows with a bad cell, so that all that is wrong in their other cells is told at once.
    """

    rows: list[Any]
    faults: list[Fault]
    ignored: list[str]
    notices: list[str]
    count: int
    half: list[Any]


def read_rows(
    layout: Layout, table: Table, mapping: Mapped, progress: Callable[[int, int], None] | None = None
) -> Read:
    """Turn each row of a table into its values. A bad cell is a fault, and None in its row; empty rows are skipped."""
    readers = mapping.readers(layout, table)
    samples = [(reader.place, reader.column.sample) for reader in readers if reader.place >= 0]
    first, example = samples[0] if samples else (-1, "")
    rows: list[Any] = []
    half: list[Any] = []
    faults = [
        *table.faults,
        *(Fault(row, "", cells, _("数据区有合并的单元格，请取消合并后逐行填写")) for row, cells in table.merged_rows),
    ]
    width, count, total = len(table.header), 0, len(table.rows)
    for number, cells in enumerate(table.rows, table.first_row):
        if progress and number % 2000 == 0:
            progress(number - table.first_row, total)
        if not any(
            cell is not None and cell != "" and not (isinstance(cell, str) and cell.isspace()) for cell in cells
        ):
            continue
        count += 1
        if len(cells) < width:
            cells = [*cells, *([None] * (width - len(cells)))]
        before = len(faults)
        if first >= 0 and cells[first] == example and all(shown(cells[at]).strip() == word for at, word in samples):
            faults.append(Fault(number, "", example, _("这是模板里的示例行，请删去")))
        row = layout.row(number, *[reader.value(number, cells, faults) for reader in readers])
        (rows if len(faults) == before else half).append(row)
    if not count:
        raise Refused(_("表里只有表头，没有数据。"))
    return Read(rows, faults, mapping.unused(table.header), list(table.notices), count, half)


def raw_row(heads: Sequence[str], cells: Sequence[Cell]) -> dict[str, str]:
    """A row as it stood under its headings, for the record; empty cells are left out."""
    return {
        head: cell if isinstance(cell, str) else shown(cell)
        for head, cell in zip(heads, cells, strict=False)
        if cell is not None and cell != ""
    }


MENDED = "（改为）"


def mended_head(head: str) -> str:
    """Where a kept row has what a person said a cell should say."""
    return f"{head}{MENDED}"


# -- what makes a booked row the same row ------------------------------------------------------------------------------


_ENCODE = json.JSONEncoder(ensure_ascii=False).encode


def digest_of(values: Sequence[Any]) -> str:
    """SHA-256 over a row's values (not over how they were written), so that 2026/3/5 and 2026-03-05 are the same."""
    text = _ENCODE([v if v.__class__ is int or v.__class__ is str else str(v) for v in values])
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


SHORT_NUMBER = 8  # digits; a notebook counts so far, a wallet or a bank writes longer ones


def series(number: str) -> str:
    """The source a number is one of, as far as its look tells: SJ-0007 and SJ-12 are of one, 4200… is of another.

    Letters and signs stay, digits do not; a long number of digits alone goes by its length and its first two. "" for
    no number. The -1, -2 behind a paper that pays for several shops is no part of it.
    """
    folded = fold(number) if number else ""
    if folded.isdecimal() and len(folded) > SHORT_NUMBER:
        return f"{len(folded)}:{folded[:2]}"
    return re.sub(r"(?:-9)+\Z", "", re.sub(r"[0-9]+", "9", folded))


_NUMBERS = ("voucher", "bill")


#: Columns that came later: where they are empty a row is what it was before them.
_LATER = frozenset({"operator", "named"})


def content_of(row: Any) -> Sequence[Any]:
    """A row's values without its number, and without an operator and a purpose (its last values) that it does not name.

    So that a row that was booked before files could name them is still the same row.
    """
    for name in _NUMBERS:
        number = getattr(row, name, "")
        if number and (folded := fold(number)) != number:
            row = row._replace(**{name: folded})
    named = [name for name in row._fields[1:] if name not in _LATER or getattr(row, name)]
    return tuple(getattr(row, name) for name in named)


def voucher_key(*parts: str) -> str:
    """The key of a row that has a voucher; ``~`` is kept for the numbering of corrected rows."""
    key = "|".join(map(fold, "|".join(parts).split("|"))).replace("~", "~~")
    return key if len(key) <= KEY_LENGTH else f"sha256:{hashlib.sha256(key.encode()).hexdigest()}"


def movement_key(movement: str, place: int) -> str:
    """The key of a row without a voucher: the digest of its movement, and which of several equal ones it is."""
    return f"sha256:{movement}#{place}"
