"""What the tables of a page say (读出表格): headings and rows, money as money, days as days.

A list is one thing, told on a page and in a workbook alike: who adds a column to the page has it in the workbook.
"""

from __future__ import annotations

import datetime as dt
import re
from contextlib import suppress
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from hege.exports.tables import Fen, Sheet
from hege.kernel.clock import SHANGHAI

#: What stands in a cell and is none of its words: pictures, and verbs.
UNREAD = frozenset({"svg", "script", "style", "template", "form", "button", "select", "textarea"})
#: Within a cell these begin something else.
APART = frozenset({"small", "br", "p", "div", "li", "a", "span", "b", "dd", "dt"})
_SPACES = re.compile(r"\s+")
_MONEY = re.compile(r"[-−+]?\d[\d,]*\.\d\d", re.ASCII)
_COUNT = re.compile(r"[-−]?(?:0|[1-9]\d{0,2}(?:,\d{3})+|[1-9]\d{0,8})", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d", re.ASCII)


@dataclass
class Cell:
    """One cell while it is read."""

    number: bool
    parts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return _SPACES.sub(" ", "".join(self.parts)).strip()

    @property
    def value(self) -> Any:
        """What the words are: an amount, a count, a day, an instant, or the words."""
        said = self.text
        plain = said.replace(",", "").replace("−", "-").replace("+", "")
        if self.number and _MONEY.fullmatch(said):
            return Fen(plain.replace(".", ""))
        if self.number and _COUNT.fullmatch(said):
            return int(plain)
        with suppress(ValueError):  # looks like a day and is none
            if _INSTANT.fullmatch(said):
                return dt.datetime.fromisoformat(said).replace(tzinfo=SHANGHAI)
            if _DAY.fullmatch(said):
                return dt.date.fromisoformat(said)
        return said


@dataclass
class Read:
    """One table of a page."""

    has_verb: bool
    caption: str = ""
    headings: list[Cell] = field(default_factory=list)
    rows: list[list[Cell]] = field(default_factory=list)

    @property
    def sheet(self) -> Sheet:
        """Without the column of verbs, and those that say nothing at all."""
        width = max(map(len, [self.headings, *self.rows]))
        columns = [
            n for n in range(width - self.has_verb) if any(len(row) > n and row[n].text for row in self.columned)
        ]
        headings = [(self.headings[n].text if n < len(self.headings) else "", self._width(n)) for n in columns]
        rows = [[row[n].value if n < len(row) else "" for n in columns] for row in self.rows]
        return Sheet(self.caption, headings, rows)

    @property
    def columned(self) -> list[list[Cell]]:
        return [self.headings, *self.rows]

    def _width(self, n: int) -> int:
        return min(60, max(8, *(2 * len(row[n].text) + 2 for row in self.columned if n < len(row))))


class Tables(HTMLParser):
    """The office's tables of a page (``hg-table``), and what its heading says."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.title, self.tables = Cell(number=False), list[Read]()
        self._table: Read | None = None
        self._cell: Cell | None = None
        self._caption: Cell | None = None
        self._heading = False
        self._unread = 0
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        classes = (dict(attrs).get("class") or "").split()
        self._unread += tag in UNREAD
        if tag == "h1":
            self._cell = self.title
        elif tag == "table" and "hg-table" in classes:
            self._table = Read("has-verb" in classes)
            self.tables.append(self._table)
        elif self._table is not None:
            self._within(tag, classes, self._table)
        if tag in APART and self._cell:
            self._cell.parts.append(" ")

    def _within(self, tag: str, classes: list[str], table: Read) -> None:
        if tag == "caption":
            self._cell = self._caption = Cell(number=False)
        elif tag == "thead":
            self._heading = True
        elif tag == "tfoot":  # sums of what stands above: a table makes its own
            self._table = None
        elif tag == "tr" and not self._heading:
            table.rows.append([])
        elif tag in ("th", "td"):
            self._cell = Cell("num" in classes)
            (table.headings if self._heading else table.rows[-1]).append(self._cell)

    def handle_endtag(self, tag: str) -> None:
        self._unread -= tag in UNREAD
        if tag == "caption" and self._table and self._caption:
            self._table.caption = self._caption.text
        if tag in ("th", "td", "caption", "h1"):
            self._cell = None
        elif tag == "thead":
            self._heading = False
        elif tag == "table":
            self._table = None
        if tag in APART and self._cell:
            self._cell.parts.append(" ")

    def handle_data(self, data: str) -> None:
        if self._cell is not None and not self._unread:
            self._cell.parts.append(data)


def sheets_of(html: str) -> tuple[str, list[Sheet]]:
    """What a page is called, and its tables that have a row."""
    read = Tables(html)
    return read.title.text, [table.sheet for table in read.tables if table.rows]
