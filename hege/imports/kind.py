"""What a kind of file is: checked row by row, foreseen, booked. Each module of ``kinds`` makes one or a few of it."""

from __future__ import annotations

import datetime as dt
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, TypeVar

from django.utils.translation import gettext as _

from hege.imports.cells import Cell
from hege.imports.layouts import Layout, Words, worded
from hege.imports.queries import ON_THE_ROSTER, Lookup, ToCome, as_registered, totals
from hege.imports.rules import SHOWN, Fault, Read, few, mended_head, raw_row
from hege.kernel.spelling import fold
from hege.ledger.actions import Source
from hege.ledger.models import SourceFile
from hege.people.models import Street, User

T = TypeVar("T")
Row = TypeVar("Row")
Progress = Callable[[str, int, int], None]  # the phase, how much of it is done, of how much


@dataclass(frozen=True, slots=True)
class Change:
    """A cell that would change something on record: row, heading, what stands there, what would."""

    row: int
    column: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Told:
    """A reason for what is suggested, as plain values: its word in code (``matching.Why``), in words, what it rests on."""

    why: str
    said: str
    value: str = ""
    against: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person may answer: the answer (``Answers.lines``), in words, and what speaks for it."""

    code: str
    label: str
    reasons: tuple[Told, ...] = ()


@dataclass(frozen=True, slots=True)
class SeenLine:
    """A line of a statement that is not booked yet, and what becomes of it: "taken", "asked" or "aside".

    ``code`` is what is decided or suggested ("" where nobody knows), ``choices`` what it may be, best first; ``sure``
    says that ``accept`` takes the suggestion. ``into`` is whether the money came to the owner, None for neither.
    """

    row: int
    on: dt.date
    into: bool | None
    fen: int
    payer: str
    remark: str
    sort: str
    state: str
    code: str = ""
    sure: bool = False
    by_person: bool = False
    reasons: tuple[Told, ...] = ()
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Doubt:
    """A row a person is asked about before anything of the file is booked.

    ``ask`` is "payment" (the same payment as ``meets``, or another one?), "new" (really a new one beside ``meets``?), "line"
    (what is this line of a statement?), "firm" (the one that is there, or another of that name?) or "owner" (whose wallet or account is it? row 0); ``shown`` is the row itself,
    ``transaction_id`` the payment it meets, ``met`` a name of that payment that holds also where it is booked again: by the
    file and row it came from, else by its number. ``code`` is what is suggested, ``choices`` what may be answered, best
    first; ``sure`` says that ``accept`` takes it.
    """

    row: int
    ask: str
    shown: str
    meets: str
    transaction_id: int | None = None
    met: str = ""
    code: str = ""
    sure: bool = False
    reasons: tuple[Told, ...] = ()
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Answers:
    """What a person says of a file and of its rows, where it was asked or to set right what was proposed.

    ``same``, ``both``, ``new`` are rows asked about: the same payment, both are payments, really new; ``seen`` is the payment
    they were shown beside a row (``Doubt.met``), where it is known: an answer holds for no other. ``accept`` says yes to every one-to-one
    proposal. ``sheet`` is the name of the sheet to read, ``columns`` says by heading which of our columns it is ("" for
    none; "退租日期/last-day-in" where it is read in a certain way), ``constants`` what a column that the file does not have is
    in every row, ``cells`` what a cell should say, by row and heading, ``lines`` what a line of a statement is, by row.
    """

    same: frozenset[int] = frozenset()
    both: frozenset[int] = frozenset()
    new: frozenset[int] = frozenset()
    seen: Mapping[int, str] = field(default_factory=dict)
    accept: bool = False
    sheet: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    cells: Mapping[tuple[int, str], str] = field(default_factory=dict)
    lines: Mapping[int, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """What was said, as plain values; what was not said is left out."""
        said = {
            **{name: sorted(rows) for name, rows in (("same", self.same), ("both", self.both), ("new", self.new))},
            **{name: {str(n): word for n, word in rows.items()} for name, rows in (("seen", self.seen), ("lines", self.lines))},
            "columns": dict(self.columns), "constants": dict(self.constants), "accept": self.accept, "sheet": self.sheet,
            "cells": [[row, heading, text] for (row, heading), text in self.cells.items()],
        }  # fmt: skip
        return {name: value for name, value in said.items() if value}

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Answers:
        """The same read back. Raises ``ValueError``, ``TypeError`` or ``AttributeError`` where it is nothing of the sort."""
        same, both, new = (frozenset(map(int, said.get(name, ()))) for name in ("same", "both", "new"))
        seen, lines = ({int(n): str(word) for n, word in said.get(name, {}).items()} for name in ("seen", "lines"))
        columns, constants = (
            {str(key): str(word) for key, word in said.get(name, {}).items()} for name in ("columns", "constants")
        )
        cells = {(int(row), str(heading)): str(text) for row, heading, text in said.get("cells", ())}
        accept, sheet = bool(said.get("accept", False)), str(said.get("sheet", ""))
        return cls(same, both, new, seen, accept, sheet, columns, constants, cells, lines)


class Notices:
    """Remarks about rows, gathered so that one that holds for a thousand rows is one line."""

    def __init__(self, lines: Iterable[str] = ()) -> None:
        self._plain = list(lines)
        self._rows: dict[str, list[int]] = defaultdict(list)

    def add(self, text: Words, row: int | None = None) -> None:
        """A remark, about a row where it is about one."""
        if row is None:
            self._plain.append(str(text))
        else:
            self._rows[str(text)].append(row)

    def lines(self) -> list[str]:
        """Each remark once, with its rows."""
        out = list(dict.fromkeys(self._plain))
        for text, rows in self._rows.items():
            more = _(" 等 %(n)d 行") % {"n": len(rows)} if len(rows) > SHOWN else ""
            out.append(_("第 %(rows)s 行%(more)s：%(text)s") % {"rows": few(rows, ""), "more": more, "text": text})
        return out


@dataclass(frozen=True, slots=True)
class ImportRun:
    """A file that comes in: where to, its name and SHA-256, its cells, the day it comes in, what was said of its rows.

    ``facts`` are what lines above its headings say (微信昵称：…).
    """

    street: Street
    name: str
    sha256: str
    today: dt.date
    heads: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    first_row: int
    answers: Answers = field(default_factory=Answers)
    facts: Mapping[str, str] = field(default_factory=dict)

    def as_it_stood(self, number: int) -> dict[str, str]:
        """A row as it stood, by heading; beside a cell that a person set right what was said instead."""
        said = {mended_head(head): text for (row, head), text in self.answers.cells.items() if row == number}
        return {**raw_row(self.heads, self.rows[number - self.first_row]), **said}


def untold(_phase: str, _done: int, _of: int) -> None:
    """Where nobody waits to be told how far it is."""


@dataclass(frozen=True, slots=True)
class Booking:
    """Who books, when, from which kept file, None by hand; ``tell`` says how many rows are done."""

    by: User | None
    at: dt.datetime
    file: SourceFile | None
    tell: Callable[[int], None]

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


@dataclass
class Kind(ABC, Generic[Row]):
    """One kind of file, and what one file of it would do to the street.

    ``check`` says what is wrong, new, changed or booked already; ``book`` writes it and ``foresee`` says what would come
    of it. These two are called only without faults, and may add to the notices.

    ``new``, ``changed`` and ``same`` hold row numbers; of a row with a fault they say nothing. ``tell`` says how
    many of a hundred parts of the check are done. ``book_ids`` and ``meters`` (numbers) are what the file speaks of.
    ``known`` are the rows of ``same`` with the rows they were booked from, by file and day; ``met`` the transactions that
    rows of this file are already. ``doubts`` wait for a person's word: nothing is booked before. ``lines`` are those of a
    statement with what becomes of each, ``ends`` everything a line may be said to be.
    """

    layout: ClassVar[Layout]
    told_apart: ClassVar[tuple[str, ...]]  #: fields that together tell one row of a file from another
    counted: ClassVar[Mapping[str, tuple[Any, Mapping[str, Any]]]]  #: its totals: a model and which of its rows
    of_money: ClassVar[bool] = True  #: whether its totals hold the money of the books it touches

    run: ImportRun
    notices: Notices
    tell: Callable[[int], None]
    new: set[int] = field(default_factory=set)
    changed: set[int] = field(default_factory=set)
    same: set[int] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    book_ids: set[int] = field(default_factory=set)
    meters: set[str] = field(default_factory=set)
    known: dict[tuple[str, dt.date | None], list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))
    met: set[int] = field(default_factory=set)
    doubts: list[Doubt] = field(default_factory=list)
    lines: list[SeenLine] = field(default_factory=list)
    ends: list[Choice] = field(default_factory=list)

    @abstractmethod
    def check(self, rows: Sequence[Row]) -> None:
        """Check rows against what is on record."""

    @abstractmethod
    def book(self, booking: Booking) -> None:
        """Book what was checked, through the actions of the packages below."""

    def foresee(self) -> ToCome:
        """What booking would add to the totals: a record of the first sort counted for each new row."""
        return ToCome({next(iter(self.counted)): len(self.new)})

    def totals(self, to_come: ToCome | None = None) -> tuple[dict[str, Any], dict[str, Any]]:
        """How much there is of what the file speaks of, and how much there will be with what is to come."""
        books = self.book_ids if self.of_money else None
        return totals(self.run.street, self.counted, books, to_come or ToCome())

    def look(self, read: Read) -> None:
        """Check a file that was read, and say what else is wrong in its rows with a bad cell."""
        unclear = as_registered(self.run.street, self.layout, read)
        self.check(read.rows)
        checked, self.faults = self.faults, []
        self.check_half(read)
        self.faults = sorted([*read.faults, *unclear, *self.faults, *checked], key=lambda fault: fault.row)
        bad = {fault.row for fault in self.faults}
        self.new, self.changed, self.same = self.new - bad, self.changed - bad, self.same - bad
        self.doubts.sort(key=lambda doubt: doubt.row)
        self._tell_known()

    def check_half(self, read: Read) -> None:
        """What else is wrong in rows that have a bad cell: names nobody knows, numbers that stand twice, days to come."""
        if read.half:
            for name, (look_up, reason, in_file) in self.rostered(read).items():
                self._check_name(read.half, name, look_up, reason, in_file)
            self._check_twice(read)
            for row in read.half:
                self.check_cells(row)

    def rostered(self, read: Read) -> dict[str, tuple[Lookup, Words, set[str]]]:
        """The fields whose word must be on record: how it is looked up, what to say else, and what the file itself has."""
        return {
            name: (look_up, reason, set())
            for name, (look_up, reason) in ON_THE_ROSTER.items()
            if name in self.layout.fields
        }

    def check_cells(self, row: Any) -> None:
        """What a row's cells must fulfil each by itself, be another of them bad: its day is not after today."""
        for name in ("on", "read_on"):
            day = getattr(row, name, None)
            if day is not None and day > self.run.today:
                self.fault(row, name, _("晚于今天"))

    def _check_name(self, rows: Sequence[Any], name: str, look_up: Lookup, reason: Words, in_file: set[str]) -> None:
        words = {word for row in rows if (word := getattr(row, name))}
        known = look_up(self.run.street, words)
        for row in rows:
            word = getattr(row, name)
            if word and word not in known and word not in in_file:
                self.fault(row, name, reason)

    def _check_twice(self, read: Read) -> None:
        """Numbers that another row of the file has too; where both rows can be read, ``check`` says so itself."""
        bad = {row.number for row in read.half}
        first: dict[tuple[Any, ...], int] = {}
        for row in sorted([*read.rows, *read.half], key=lambda row: row.number):
            values = [getattr(row, name) for name in self.told_apart]
            key = tuple(fold(value) if isinstance(value, str) else value for value in values)
            if key[-1] is None or key[-1] == "":
                continue
            other = first.setdefault(key, row.number)
            if other != row.number and (row.number in bad or other in bad):
                reason = _("与第 %(row)d 行重复") % {"row": other}
                self.fault_at(row.number, self.layout.heading[self.told_apart[-1]], key[-1], reason)

    def source(self, number: int, key: str, digest: str) -> Source:
        """Where a booked line of this file comes from."""
        return Source(self.layout.kind.value, key, digest, self.run.as_it_stood(number), number)

    def _tell_known(self) -> None:
        """Name the rows that are booked already: in which file, in which of its rows, on which day they were."""
        for (file, day), rows in self.known.items():
            more, theirs = _(" 行等 %(n)d"), [row for _mine, row in rows if row]
            where = _("%(file)s 第 %(rows)s 行") % {"file": file, "rows": few(theirs, more)} if theirs else file
            named = {"mine": few([row for row, _row in rows], more), "where": where or _("手工登记"), "day": day or "—"}
            self.notices.add(_("第 %(mine)s 行已登记过，没有再登记：%(where)s，%(day)s 登记") % named)

    def ask_whether_new(self, row: int, shown: str, meets: str) -> None:
        """Ask about a row that would make something much like what stands, where nobody has said it is new."""
        if row not in self.run.answers.new:
            self.doubts.append(Doubt(row, "new", shown, meets))

    def fault(self, row: Any, name: str, reason: object) -> None:
        """A row that cannot be booked, by the field that says why."""
        self.fault_at(row.number, self.layout.heading[name], worded(name, getattr(row, name)), reason)

    def fault_at(self, row: int, column: str, value: object, reason: object) -> None:
        """A row that cannot be booked, by its number and the heading."""
        self.faults.append(Fault(row, column, str(value), str(reason)))

    def change(self, row: Any, name: str, before: object, after: object) -> None:
        """A cell that changes what is on record."""
        was = "" if before is None else str(before)
        self.changes.append(Change(row.number, self.layout.heading[name], was, str(after)))
