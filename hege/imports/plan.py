"""What a file would do: counted, checked row by row, ready to be booked."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from hege.imports.cells import Cell
from hege.imports.layouts import FileKind
from hege.imports.rules import Fault, raw_row
from hege.ledger.actions import Source
from hege.ledger.models import SourceFile
from hege.ledger.rules import Line
from hege.people.models import Street, User

T = TypeVar("T")
SHOWN_ROWS = 5


@dataclass(frozen=True, slots=True)
class Change:
    """A cell that would change something on record: row, heading, what stands there, what would."""

    row: int
    column: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Doubt:
    """A row a person is asked about before anything of the file is booked.

    ``ask`` is "payment" (the same payment as ``meets``, or another one?) or "new" (really a new one beside
    ``meets``?); ``shown`` is the row itself, ``transaction_id`` the payment it meets.
    """

    row: int
    ask: str
    shown: str
    meets: str
    transaction_id: int | None = None


@dataclass(frozen=True, slots=True)
class Answers:
    """What a person says of rows he was asked about: the same payment, both are payments, really new.

    ``seen`` is the payment he was shown beside a row, where it is known: an answer holds for no other.
    """

    same: frozenset[int] = frozenset()
    both: frozenset[int] = frozenset()
    new: frozenset[int] = frozenset()
    seen: Mapping[int, int] = field(default_factory=dict)


class Notices:
    """Remarks about rows, gathered so that one that holds for a thousand rows is one line."""

    def __init__(self, lines: Collection[str] = ()) -> None:
        self._plain = list(lines)
        self._rows: dict[str, list[int]] = defaultdict(list)

    def add(self, text: str, row: int | None = None) -> None:
        """A remark, about a row where it is about one."""
        if row is None:
            self._plain.append(text)
        else:
            self._rows[text].append(row)

    def lines(self) -> list[str]:
        """Each remark once, with its rows."""
        out = list(dict.fromkeys(self._plain))
        for text, rows in self._rows.items():
            named = _("、").join(map(str, rows[:SHOWN_ROWS]))
            more = "" if len(rows) <= SHOWN_ROWS else _(" 等 %(n)d 行") % {"n": len(rows)}
            out.append(_("第 %(rows)s 行%(more)s：%(text)s") % {"rows": named, "more": more, "text": text})
        return out


def listed(rows: Sequence[str]) -> str:
    """Row numbers for a sentence: the first few, and how many there are in all."""
    named = _("、").join(rows[:SHOWN_ROWS])
    return named if len(rows) <= SHOWN_ROWS else named + _(" 行等 %(n)d") % {"n": len(rows)}


@dataclass(frozen=True, slots=True)
class ImportRun:
    """The file a plan is made for: its street and kind, its name and SHA-256, its cells, the day it comes in."""

    street: Street
    kind: FileKind
    name: str
    sha256: str
    today: dt.date
    heads: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    first_row: int
    answers: Answers = field(default_factory=Answers)

    def as_it_stood(self, number: int) -> dict[str, str]:
        """A row as it stood, by heading."""
        return raw_row(self.heads, self.rows[number - self.first_row])

    def source(self, number: int, key: str, digest: str) -> Source:
        """Where a booked line of this file comes from."""
        return Source(self.kind.value, key, digest, self.as_it_stood(number), number)


def in_silence(_done: int) -> None:
    """Where nobody waits to be told how far it is."""


@dataclass(frozen=True, slots=True)
class Booking:
    """Who books, when, from which kept file; ``tell`` says how many rows are done."""

    by: User | None
    at: dt.datetime
    file: SourceFile
    tell: Callable[[int], None] = in_silence

    def lots(
        self, rows: Sequence[T], size: int, *, book_of: Callable[[T], int], whole: bool = False
    ) -> Iterator[list[T]]:
        """Rows in lots of about a size, each told when it is done. Those of one book stay together, in their order:
        its accounts are then looked up once, however many lots there are. ``whole`` cuts no book in two.
        """
        order = sorted(rows, key=book_of)
        start = 0
        while start < len(order):
            end = min(start + size, len(order))
            while whole and end < len(order) and book_of(order[end]) == book_of(order[end - 1]):
                end += 1
            yield order[start:end]
            start = end
            self.tell(end)


Book = Callable[[Booking], None]


@dataclass(frozen=True, slots=True)
class ToCome:
    """What booking a plan would add: so many records by the name of their total, and lines of money by book."""

    records: Mapping[str, int] = field(default_factory=dict)
    lines: Sequence[tuple[int, Line]] = ()


@dataclass(slots=True)
class Plan:
    """What a file would do. ``steps`` do it, ``foresee`` says what would come of them; either may add to the notices
    and is called only without faults.

    ``new``, ``changed`` and ``same`` hold row numbers; of a row with a fault they say nothing. ``tell`` says how
    many of a hundred parts of the check are done. ``book_ids`` and ``meters`` (numbers) are what the file speaks of.
    ``known`` are the rows of ``same`` with the rows they were booked from, by file and day; ``met`` the transactions that
    rows of this file are already. ``doubts`` wait for a person's word: nothing is booked before.
    """

    notices: Notices
    new: set[int] = field(default_factory=set)
    changed: set[int] = field(default_factory=set)
    same: set[int] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    book_ids: set[int] = field(default_factory=set)
    meters: set[str] = field(default_factory=set)
    steps: list[Book] = field(default_factory=list)
    tell: Callable[[int], None] = in_silence
    foresee: Callable[[], ToCome] = ToCome
    known: dict[tuple[str, dt.date | None], list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))
    met: set[int] = field(default_factory=set)
    doubts: list[Doubt] = field(default_factory=list)

    def tell_known(self) -> None:
        """Name the rows that are booked already: in which file, in which of its rows, on which day they were."""
        for (file, day), rows in self.known.items():
            theirs = [str(row) for _mine, row in rows if row]
            where = _("%(file)s 第 %(rows)s 行") % {"file": file, "rows": listed(theirs)} if theirs else file
            named = {
                "mine": listed([str(row) for row, _row in rows]),
                "where": where or _("手工登记"),
                "day": day or "—",
            }
            self.notices.add(_("第 %(mine)s 行已登记过，没有再登记：%(where)s，%(day)s 登记") % named)

    def ask_whether_new(self, run: ImportRun, row: int, shown: str, meets: str) -> None:
        """Ask about a row that would make something much like what stands, where nobody has said it is new."""
        if row not in run.answers.new:
            self.doubts.append(Doubt(row, "new", shown, meets))

    def fault(self, row: int, column: str, value: Any, reason: object) -> None:
        """A row that cannot be booked, and why."""
        self.faults.append(Fault(row, column, "" if value is None else str(value), str(reason)))

    def change(self, row: int, column: str, before: object, after: object) -> None:
        """A cell that changes what is on record."""
        self.changes.append(Change(row, column, "" if before is None else str(before), str(after)))
