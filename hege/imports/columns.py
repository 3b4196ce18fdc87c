"""Which column of a file is which of ours, and how its cells are read: proposed, said by a person, kept as JSON.

Nothing here reads the database and nothing is decided in silence: of every column it is said what it is taken for and
why, or that it is not used; what a person must look at is a question.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hege.imports import cells as c
from hege.imports.cells import BadCell, Cell, heading_key, heading_unit, heads_of, shown, visible
from hege.imports.layouts import BY_VOUCHER, OWNER, Column, FileKind, Layout, Words
from hege.imports.presets import Preset, preset_of
from hege.imports.rules import MENDED, Fault, Reader, Table, content_of, digest_of, few, read_rows
from hege.imports.synonyms import ABOVE, IMPLIED, LAST_DAY_IN, SERIAL, STILL_IN, SYNONYMS, Word
from hege.kernel.calendar import DAY

#: How a cell becomes the value, where the column's own way will not do: the word in JSON, what a person reads.
HOWS: dict[str, Words] = {
    "last-day-in": gettext_lazy("写的是最后在的一天，次日起不在"),
    "period": gettext_lazy("一格写明整个账期"),
    "year": gettext_lazy("只写年"),
    "month": gettext_lazy("只写月"),
    "day": gettext_lazy("只写日"),
    "in": gettext_lazy("只列收入"),
    "out": gettext_lazy("只列支出"),
    "litres": gettext_lazy("单位是升"),
    "account": gettext_lazy("写的是水司户号"),
    "join": gettext_lazy("与另一列连在一起"),
    "when-in": gettext_lazy("收入时是对方"),
    "when-out": gettext_lazy("支出时是对方"),
    "after-number": gettext_lazy("账号后面是户名"),
}

#: Where a choice comes from.
WHY: dict[str, Words] = {
    "own": gettext_lazy("名称相同"),
    "synonym": gettext_lazy("同义词"),
    "preset": gettext_lazy("认得这种账单"),
    "remembered": gettext_lazy("上次这样认"),
    "person": gettext_lazy("您选的"),
    "serial": gettext_lazy("序号，不用"),
    "other": gettext_lazy("已用另一列"),
    "none": gettext_lazy("没有对应"),
}
PARTS = ("year", "month", "day")
#: The two fields that one cell with a period gives.
PERIOD = ("from_on", "last_on")


@dataclass(frozen=True, slots=True)
class Pick:
    """What a column is: a field of the row, and how its cells are read ("" as the field's own column reads them)."""

    field: str
    how: str = ""

    @property
    def fields(self) -> tuple[str, ...]:
        """Every field the column gives a value to."""
        return PERIOD if self.how == "period" else (self.field,)


@dataclass(frozen=True, slots=True)
class Question:
    """What a person is asked of a file's columns. ``choices`` are what can be answered: the word and its sentence.

    ``head`` is the column asked about, whose answer goes to ``Answers.columns``; "" where ``field`` is asked about, whose
    answer goes to ``Answers.constants``. ``chosen`` is what holds until then; None where nothing is booked before an answer.
    """

    code: str
    head: str
    field: str
    text: str
    detail: str
    choices: tuple[tuple[str, str], ...]
    chosen: str | None


@dataclass(frozen=True, slots=True)
class Memory:
    """How a sender's columns were said to be once: what a ``RememberedMapping`` holds."""

    kind: FileKind
    sender: str
    headings: str
    columns: Mapping[str, str]
    constants: Mapping[str, str]
    file_name: str
    at: dt.datetime


@dataclass(slots=True)
class ColumnMapping:
    """Which column is which field. Columns count from 0; those not in ``picks`` are not read.

    ``constants`` say what a field without a column is in every row, as a person writes it. ``why`` tells of each column
    where its choice comes from (a word of ``WHY``). ``missing`` are fields that must have a column or a constant and have
    none, ``doubled`` fields that two columns are, ``strange`` what was said of columns or fields that are not there,
    ``above`` the constants that a line above the table says, with its word.
    """

    kind: FileKind
    picks: dict[int, Pick] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    why: dict[int, str] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    above: dict[str, str] = field(default_factory=dict)
    preset: Preset | None = None
    remembered: Memory | None = None

    @property
    def whole(self) -> bool:
        """Whether every column that must be there is, none twice, and nothing said is of another file."""
        return not self.missing and not self.doubled and not self.strange

    @property
    def open(self) -> list[Question]:
        """The questions that must be answered before anything is booked."""
        return [question for question in self.questions if question.chosen is None]

    def notices(self) -> list[str]:
        """What is taken for true where nobody was asked yet: never in silence."""
        told = [_("认作%(preset)s") % {"preset": self.preset.name}] if self.preset else []
        told += [
            _("各行的“%(word)s”取自表上面的一行：%(text)s") % {"word": word, "text": self.constants[name]}
            for name, word in self.above.items()
        ]
        for question in self.questions:
            answer = dict(question.choices).get(question.chosen or "")
            if answer:
                told.append(_("%(question)s现按“%(answer)s”读") % {"question": question.text, "answer": answer})
        return told

    def places(self, name: str) -> list[int]:
        """The columns a field is read from."""
        return [place for place, pick in sorted(self.picks.items()) if name in pick.fields]

    def unused(self, header: Sequence[Cell]) -> list[str]:
        """The headings of columns that are not read."""
        return [visible(cell) for place, cell in enumerate(header) if place not in self.picks and visible(cell)]

    def readers(self, layout: Layout, table: Table) -> list[Reader]:
        """What reads each field of a row, in their order."""
        return [_reader(self, layout, table, name, column) for name, column in layout.named()]


# -- reading -----------------------------------------------------------------------------------------------------------


def _last_day_in(parse: Callable[[Cell], Any]) -> Callable[[Cell], Any]:
    return lambda cell: None if (day := parse(cell)) is None else day + DAY


def _still_in(parse: Callable[[Cell], Any]) -> Callable[[Cell], Any]:
    """A day out, or a word that there is none yet."""
    return lambda cell: None if _no_day(cell) else parse(cell)


def _no_day(cell: Cell) -> bool:
    return visible(cell) in STILL_IN or c.is_stroke(cell)


def _after_number(parse: Callable[[Cell], Any]) -> Callable[[Cell], Any]:
    return lambda cell: parse(re.sub(r"\A[0-9A-Za-z*]{4,}[/／]", "", visible(cell)))


_IN_LITRES: dict[Callable[[Cell], Any], Callable[[Cell], Any]] = {
    c.litres_of: c.whole_litres_of,
    c.index_of: c.index_in_litres_of,
}


def _reader(mapping: ColumnMapping, layout: Layout, table: Table, name: str, column: Column) -> Reader:
    places = mapping.places(name)
    by_how = {mapping.picks[place].how: place for place in places}
    parse = c.serial_day_of if table.numbers_are_dates and column.parse is c.day_of else column.parse
    if name == "direction" and not places:
        return _Direction(column, _sums(mapping))
    if name == "amount_fen" and "direction" in layout.fields:
        return _Sum(column, _sums(mapping), _bare(mapping, table))
    if not places:
        return _Constant(mapping, name, column)
    if by_how.keys() <= {*PARTS}:
        return _DateParts(column, by_how)
    if "join" in by_how:
        return _Joined(column, places)
    if by_how.keys() & {"when-in", "when-out"}:
        return _OtherSide(column, by_how, _reader(mapping, layout, table, "direction", layout.column("direction")))
    if "period" in by_how:
        return Reader(column, places[0], _period_part(name), quiet=name == PERIOD[1])
    if name == "until_on":
        parse = _still_in(parse)
    if "last-day-in" in by_how:
        parse = _last_day_in(parse)
    elif "litres" in by_how:
        parse = _IN_LITRES[parse]
    elif "after-number" in by_how:
        parse = _after_number(parse)
    return Reader(column, places[0], parse)


def _period_part(name: str) -> Callable[[Cell], dt.date]:
    part = PERIOD.index(name)
    return lambda cell: c.period_of(cell)[part]


def _sums(mapping: ColumnMapping) -> dict[str, int]:
    """The columns of sums: by how, the column."""
    return {mapping.picks[place].how: place for place in mapping.places("amount_fen")}


def _bare(mapping: ColumnMapping, table: Table) -> set[str]:
    """Where the sign of a sum says nothing more: there is no column for the direction, or every sum out is below zero."""
    words, sums = mapping.places("direction"), _sums(mapping)
    if "" in sums and not words:
        return {""}
    out = []
    for cells in table.rows:
        try:
            going = "out" in sums or c.flow_of(cells[words[0]]) == c.OUT
            fen = _money(cells, sums.get("out", sums.get("", -1))) if going else None
        except (BadCell, IndexError):
            continue
        out += [fen] if fen else []
    return {"out", ""} if out and all(fen < 0 for fen in out) else set()


def _money(cells: Sequence[Cell], place: int) -> int | None:
    """The sum in a cell; None for an empty one or a stroke. Raises ``BadCell``."""
    cell = cells[place]
    return None if not visible(cell) or c.is_stroke(cell) else c.fen_of(cell)


class _Constant(Reader):
    """A field without a column: what its constant says, else what an empty cell means."""

    def __init__(self, mapping: ColumnMapping, name: str, column: Column) -> None:
        super().__init__(column, -1, column.parse)
        self.text = mapping.constants.get(name, "")
        self.vouchers = mapping.places("voucher")

    def value(self, number: int, cells: Sequence[Cell], faults: list[Fault]) -> Any:
        if self.text == BY_VOUCHER:
            return any(visible(cells[place]) for place in self.vouchers)
        return self.value_of(self.text, number, faults)


class _DateParts(Reader):
    """A day from a column for the year, one for the month, one for the day."""

    def __init__(self, column: Column, places: Mapping[str, int]) -> None:
        super().__init__(column, -1, column.parse)
        self.places = [places[part] for part in PARTS]

    def value(self, number: int, cells: Sequence[Cell], faults: list[Fault]) -> Any:
        parts = [visible(cells[place]).rstrip("年月日号") for place in self.places]
        return self.value_of("-".join(parts) if any(parts) else None, number, faults)


class _Joined(Reader):
    """A text from several columns, one behind the other."""

    def __init__(self, column: Column, places: Sequence[int]) -> None:
        super().__init__(column, -1, column.parse)
        self.places = places

    def value(self, number: int, cells: Sequence[Cell], faults: list[Fault]) -> Any:
        texts = (self.value_of(cells[place], number, faults) for place in self.places)
        return self.value_of(" ".join(dict.fromkeys(filter(None, texts))), number, faults)


class _OtherSide(Reader):
    """Who paid where money came in, who was paid where it went out, from a column for each."""

    def __init__(self, column: Column, places: Mapping[str, int], direction: Reader) -> None:
        super().__init__(column, -1, column.parse)
        self.places, self.direction = places, direction

    def value(self, number: int, cells: Sequence[Cell], faults: list[Fault]) -> Any:
        flow = self.direction.value(number, cells, [])  # what is wrong with it is told where it is read itself
        place = self.places.get("when-out" if flow == c.OUT else "when-in", -1)
        return self.value_of(cells[place] if place >= 0 else None, number, faults)


class _Sum(Reader):
    """The sum of a line of a statement, from one column or from one for money in and one for money out.

    A sum whose sign says nothing more, as ``bare`` has it, comes without it.
    """

    def __init__(self, column: Column, places: Mapping[str, int], bare: set[str]) -> None:
        super().__init__(column, -1, column.parse)
        self.places, self.bare = places, bare

    def value(self, number: int, cells: Sequence[Cell], faults: list[Fault]) -> Any:
        try:
            sums = {how: fen for how, place in self.places.items() if (fen := _money(cells, place)) is not None}
            moved = [abs(fen) if how in self.bare else fen for how, fen in sums.items() if fen]
            if len(moved) > 1:
                raise BadCell(_("收入、支出两栏都有数，只能有一个"))
            if not sums:
                raise BadCell(_("不能空着"))
        except BadCell as problem:
            told = _("、").join(filter(None, (visible(cells[place]) for place in self.places.values())))
            return self.fault(told, number, problem, faults)
        return moved[0] if moved else 0


class _Direction(Reader):
    """The direction of a line without a column for it: which column its sum stands in, else its sign."""

    def __init__(self, column: Column, places: Mapping[str, int]) -> None:
        super().__init__(column, -1, column.parse)
        self.places = places

    def value(self, number: int, cells: Sequence[Cell], faults: list[Fault]) -> Any:
        for how, place in self.places.items():
            try:
                fen = _money(cells, place)
            except BadCell:  # told by the sum
                return ""
            if fen:
                return {"in": c.IN, "out": c.OUT}.get(how) or (c.IN if fen > 0 else c.OUT)
        return ""


# -- kept and sent -----------------------------------------------------------------------------------------------------


def as_said(layout: Layout, pick: Pick | None) -> str:
    """A choice as ``Answers.columns`` and JSON have it: 退租日期/last-day-in, "" for a column that is not read."""
    if pick is None:
        return ""
    names = "+".join(layout.heading[name] for name in pick.fields)
    return f"{names}/{pick.how}" if pick.how else names


def in_words(said: str) -> str:
    """A choice as a person reads it: 退租日期（写的是最后在的一天，次日起不在）."""
    name, _slash, how = said.partition("/")
    return _("%(name)s（%(how)s）") % {"name": name, "how": HOWS[how]} if how in HOWS else name


def ways(layout: Layout) -> list[str]:
    """Everything a column of a kind may be, as it is said: each field as its own column reads it, then in other ways."""
    return [
        *(as_said(layout, Pick(name)) for name in layout.fields),
        *(
            as_said(layout, Pick(name, how))
            for name, column in layout.named()
            for how in _hows(layout, name, column)
            if how != "period" or {*PERIOD} <= {*layout.fields}
        ),
    ]


def _hows(layout: Layout, name: str, column: Column) -> tuple[str, ...]:
    """The ways in which cells of a field can be written beside its own."""
    if name == "amount_fen" and "direction" in layout.fields:
        return ("in", "out")
    if column.parse in _IN_LITRES:
        return ("litres",)
    if column.parse is c.day_of:
        return {"until_on": ("last-day-in",), PERIOD[0]: ("period",), "on": PARTS, "read_on": PARTS}.get(name, ())
    if name == "counterparty" and "direction" in layout.fields:
        return ("when-in", "when-out", "after-number")
    return {"master": ("account",), "remark": ("join",), "note": ("join",)}.get(name, ())


def as_json(layout: Layout, header: Sequence[Cell], mapping: ColumnMapping) -> dict[str, Any]:
    """A mapping as data: what is said back as ``Answers.columns`` and ``constants`` gives the same mapping."""
    heads = heads_of(header)
    return {
        "kind": mapping.kind.value,
        "columns": {head: as_said(layout, mapping.picks.get(place)) for place, head in enumerate(heads)},
        "constants": {layout.heading[name]: text for name, text in mapping.constants.items()},
        "why": {head: mapping.why.get(place, "none") for place, head in enumerate(heads)},
        "missing": [layout.heading[name] for name in mapping.missing],
        "doubled": [layout.heading[name] for name in mapping.doubled],
        "strange": mapping.strange,
        "preset": str(mapping.preset.name) if mapping.preset else "",
        "questions": [
            {
                "code": question.code,
                "heading": question.head,
                "field": question.field,
                "text": question.text,
                "detail": question.detail,
                "choices": dict(question.choices),
                "chosen": question.chosen,
            }
            for question in mapping.questions
        ],
    }


# -- proposing ---------------------------------------------------------------------------------------------------------

#: What lines above the headings call whoever wrote or sent the paper.
SENDERS = (
    "填表单位", "填报单位", "制表单位", "出具单位", "单位", "单位名称", "微信昵称", "姓名", "支付宝账户", "账户名称", "户名",
    "户主", "客户名称",
)  # fmt: skip


def sender_of(table: Table) -> str:
    """Who sent a paper, as the lines above its headings say; "" where they do not."""
    facts = {heading_key(name): text for name, text in table.facts.items()}
    return next((facts[name].strip("[]")[:120] for name in SENDERS if facts.get(name)), "")


def headings_digest(header: Sequence[Cell]) -> str:
    """SHA-256 of the headings: equal where a file has the same ones in the same order."""
    return hashlib.sha256("\n".join(map(heading_key, header)).encode("utf-8", "surrogatepass")).hexdigest()


def propose(
    layout: Layout,
    table: Table,
    *,
    columns: Mapping[str, str] | None = None,
    constants: Mapping[str, str] | None = None,
    remembered: Sequence[Memory] = (),
) -> ColumnMapping:
    """What each column of a file is, as one kind: what a person says, else what was remembered of this sender's equal
    headings, else what a known layout says, else the heading itself or a synonym of it.
    """
    draft = _Draft(layout, table)
    draft.say(columns or {}, constants or {})
    draft.remember(remembered)
    draft.take_preset()
    draft.take_own()
    draft.take_synonyms()
    draft.take_defaults()
    draft.check()
    return draft.mapping


class _Draft:
    """A mapping in the making; what is said first holds."""

    def __init__(self, layout: Layout, table: Table) -> None:
        self.layout, self.table = layout, table
        self.heads = heads_of(table.header)
        self.keys = [heading_key(cell) for cell in table.header]
        self.mapping = ColumnMapping(layout.kind)
        self.settled: set[int] = set()
        self.said: Mapping[str, str] = {}

    def settle(self, place: int, pick: Pick | None, why: str) -> None:
        """Say what a column is, or that it is not read."""
        self.settled.add(place)
        self.mapping.why[place] = why
        if pick is not None:
            self.mapping.picks[place] = self._by_unit(place, pick)

    def _by_unit(self, place: int, pick: Pick) -> Pick:
        if not pick.how and heading_unit(self.table.header[place]) in ("升", "l"):
            column = self.layout.column(pick.field)
            return Pick(pick.field, "litres") if column.parse in _IN_LITRES else pick
        return pick

    def taken(self, name: str) -> bool:
        """Whether a field has a column or a constant already."""
        return name in self.mapping.constants or bool(self.mapping.places(name))

    def say(self, columns: Mapping[str, str], constants: Mapping[str, str]) -> None:
        """What a person says."""
        self.said = columns
        self._columns(columns, "person", strange=True)
        self._constants(constants, strange=True)

    def _columns(self, columns: Mapping[str, str], why: str, *, strange: bool) -> None:
        known = {**{heading_key(head): place for place, head in reversed([*enumerate(self.heads)])},
                 **{head: place for place, head in enumerate(self.heads)}}  # fmt: skip
        for head, text in columns.items():
            place = known.get(head, known.get(heading_key(head), -1))
            pick = self._pick(text)
            if place < 0 or (text and pick is None):
                if strange:
                    self.mapping.strange.append(head if place < 0 else text)
            elif place not in self.settled:
                self.settle(place, pick, why)

    def _pick(self, text: str) -> Pick | None:
        word, _slash, how = text.partition("/")
        names = [self.layout.field_called(part) for part in word.split("+")]
        if how == "period":  # 账期起/period is enough
            known = {*names} <= {*PERIOD} <= {*self.layout.fields}
            return Pick(PERIOD[0], how) if known else None
        if not names[0] or len(names) > 1:
            return None
        known = not how or how in _hows(self.layout, names[0], self.layout.column(names[0]))
        return Pick(names[0], how) if known else None

    def _constants(self, constants: Mapping[str, str], *, strange: bool) -> None:
        for word, text in constants.items():
            if word == OWNER:
                continue
            name = self.layout.field_called(word)
            if name and text and not self.taken(name) and self._readable(name, text):
                self.mapping.constants[name] = text
            elif text and strange and not (name and self.taken(name)):
                self.mapping.strange.append(f"{word}={text}")

    def _readable(self, name: str, text: str) -> bool:
        try:
            return text == BY_VOUCHER or self.layout.column(name).parse(text) is not None
        except BadCell:
            return False

    def remember(self, remembered: Sequence[Memory]) -> None:
        """What was said of this sender's files of this kind: taken where the headings are the same, else asked about."""
        theirs = [m for m in remembered if m.kind is self.layout.kind and m.sender == sender_of(self.table)]
        digest = headings_digest(self.table.header)
        same = next((m for m in theirs if m.headings == digest), None)
        if same is not None:
            self.mapping.remembered = same
            self._columns(same.columns, "remembered", strange=False)
            self._constants(same.constants, strange=False)
        elif theirs and theirs[0].sender and not self.said:
            self.mapping.questions.append(_layout_changed(theirs[0], self.heads))

    def take_preset(self) -> None:
        """What a known layout says of its columns."""
        preset = preset_of(self.keys, self.layout.kind)
        if preset is None:
            return
        self.mapping.preset = preset
        for place, key in enumerate(self.keys):
            if key in preset.columns and place not in self.settled:
                word = preset.columns[key]
                pick = self._pick(word) if word else None
                if pick is None or pick.how or not self.mapping.places(pick.field):
                    self.settle(place, pick, "preset" if word else "none")
        self._constants(preset.constants, strange=False)

    def take_own(self) -> None:
        """Columns under a field's own name, else under one of its other names in our files."""
        names = {heading_key(column.name) for column in self.layout.columns}
        for name, column in self.layout.named():
            if self.taken(name):
                continue
            named = self._under({heading_key(column.name)})
            called = named or self._under({heading_key(alias) for alias in column.aliases} - names)
            if len(called) > 1:
                self.mapping.doubled.append(name)
            for place in called:
                self.settle(place, Pick(name), "own")

    def _under(self, words: set[str]) -> list[int]:
        return [place for place, key in enumerate(self.keys) if key in words and place not in self.settled]

    def take_synonyms(self) -> None:
        """Columns under words that offices use; of several the likelier one, and asked where they differ."""
        for name, words in SYNONYMS.get(self.layout.kind, {}).items():
            found = sorted(
                (rank, place)
                for rank, word in enumerate(words)
                for place in self._under({heading_key(word.text)})
                if not (word.how == "period" and any(map(self.taken, PERIOD)))
            )
            if self.taken(name):
                self._ask_beside(name, [place for _rank, place in found])
                continue
            if not found:
                continue
            rank, place = found[0]
            pick = Pick(name, words[rank].how)
            if pick.how in PARTS:
                self._take_parts(name, words)
                continue
            self.settle(place, pick, "synonym")
            if pick.how in ("in", "out"):
                self._take_other_side(name, words)
                continue
            for other, at in found[1:]:
                if pick.how == "join":
                    self.settle(at, pick, "synonym")
                elif other == rank:
                    self.mapping.doubled.append(name)
                    self.settle(at, pick, "synonym")
                elif at not in self.settled:
                    self.settle(at, None, "other")
                    self._ask_which(name, place, at)

    def _ask_beside(self, name: str, others: Sequence[int]) -> None:
        """A sum under our own plain word beside one under another: 金额 may be what was due, 实收金额 what was paid."""
        places = self.mapping.places(name)
        if name == "amount_fen" and len(places) == 1 and self.mapping.why[places[0]] == "own":
            for other in others:
                self.settle(other, None, "other")
                self._ask_which(name, places[0], other)

    def _take_parts(self, name: str, words: Sequence[Word]) -> None:
        """Year, month and day, where all three are there."""
        at = {
            word.how: places[0]
            for word in words
            if word.how in PARTS and (places := self._under({heading_key(word.text)}))
        }
        if len(at) == len(PARTS):
            for how, place in at.items():
                self.settle(place, Pick(name, how), "synonym")

    def _take_other_side(self, name: str, words: Sequence[Word]) -> None:
        """The column for the other direction."""
        have = {pick.how for pick in self.mapping.picks.values() if pick.field == name}
        for word in words:
            for place in self._under({heading_key(word.text)}):
                if word.how in {"in", "out"} - have:
                    self.settle(place, Pick(name, word.how), "synonym")
                    have.add(word.how)

    def _ask_which(self, name: str, place: int, other: int) -> None:
        """Two columns that are both called like one field: asked where they ever say different things."""
        column, rows = self.layout.column(name), enumerate(self.table.rows, self.table.first_row)
        row = next((number for number, cells in rows if _say_otherwise(column, cells, place, other)), None)
        if row is None:
            return
        heads = {"one": self.heads[place], "other": self.heads[other], "field": column.name, "row": row}
        cells = self.table.rows[row - self.table.first_row]
        says = {"a": shown(cells[place])[:40] or _("（空）"), "b": shown(cells[other])[:40] or _("（空）")}
        self.mapping.questions.append(
            Question(
                "which", self.heads[other], name,
                _("“%(one)s”和“%(other)s”，哪一列是%(field)s？") % heads,
                _("第 %(row)d 行前一列是“%(a)s”，后一列是“%(b)s”。") % {**heads, **says},
                (("", _("用“%(one)s”") % heads), (column.name, _("用“%(other)s”") % heads)),
                None if column.parse in (c.fen_of, c.index_of, c.litres_of) else "",
            )
        )  # fmt: skip

    def take_defaults(self) -> None:
        """What headings and kinds say beside their columns: 欠费余额 is owed to the utility; a receipt number is a receipt."""
        self._take_from_above()
        for place, pick in [*self.mapping.picks.items()]:
            for name, text in IMPLIED.get((self.layout.kind, self.keys[place]), {}).items():
                if pick.field != name and not self.taken(name):
                    self.mapping.constants[name] = text
        self._ask_last_days()
        if (
            self.layout.kind is FileKind.RECEIPTS
            and self.mapping.places("voucher")
            and not self.mapping.places("confirmed")
        ):
            self._ask_evidence()

    def _take_from_above(self) -> None:
        """What a line above the table says of every row: 户号：… over a list of bills."""
        facts = {heading_key(word): text for word, text in self.table.facts.items()}
        for name, words in ABOVE.items():
            if name not in self.layout.fields or self.taken(name):
                continue
            word = next((word for word in words if facts.get(heading_key(word))), "")
            if word and self._readable(name, facts[heading_key(word)]):
                self.mapping.constants[name] = facts[heading_key(word)]
                self.mapping.above[name] = word

    def _ask_last_days(self) -> None:
        for place, key in enumerate(self.keys):
            pick = self.mapping.picks.get(place)
            if pick is None or pick.field != "until_on" or key not in LAST_DAY_IN:
                continue
            if not pick.how and self.mapping.why[place] not in ("person", "remembered"):
                self.mapping.picks[place] = pick = Pick(pick.field, "last-day-in")
            self.mapping.questions.append(_last_day_question(self, place, pick))

    def _ask_evidence(self) -> None:
        chosen = self.mapping.constants.setdefault("confirmed", BY_VOUCHER)
        column = self.layout.column("confirmed")
        self.mapping.questions.append(
            Question(
                "evidence", "", column.name,
                _("没有“证据”一列：哪些收款算已证实？"),
                _("有收据号的一笔有签字的收据可查；没有的只有代收人自己一句话。"),
                (
                    (BY_VOUCHER, _("有收据号的算已证实，没有的算单方主张")),
                    ("单方主张", _("都算单方主张")),
                    ("已证实", _("都算已证实")),
                ),
                chosen,
            )
        )  # fmt: skip

    def check(self) -> None:
        """Say what is missing, and of every column that is not read why."""
        for name, column in self.layout.named():
            if (column.need or column.fill) and not self.taken(name):
                self.mapping.missing.append(name)
            places = self.mapping.places(name)
            hows = [self.mapping.picks[place].how for place in places]
            if {*hows} & {*PARTS} and {*hows} < {*PARTS}:
                self.mapping.missing.append(name)
            elif len(places) > 1 and not _goes_together(hows) and name not in self.mapping.doubled:
                self.mapping.doubled.append(name)
        for place, key in enumerate(self.keys):
            if place not in self.settled and self.heads[place]:
                self.mapping.why[place] = "serial" if key in SERIAL else "none"


def _say_otherwise(column: Column, cells: Sequence[Cell], one: int, other: int) -> bool:
    """Whether two cells of a row are both values of a field, and different ones."""
    try:
        values = [column.parse(cells[place]) for place in (one, other) if visible(cells[place])]
    except (BadCell, IndexError):
        return False
    return len({*values}) > 1 or (len(values) == 1 and bool(visible(cells[other])))


def _goes_together(hows: Sequence[str]) -> bool:
    """Whether several columns are one field: in and out, year and month and day, texts one behind the other."""
    apart = len({*hows}) == len(hows)
    pairs = ({"in", "out"}, {"when-in", "when-out"}, {*PARTS})
    return {*hows} == {"join"} or (apart and {*hows} in pairs)


def _last_day_question(draft: _Draft, place: int, pick: Pick) -> Question:
    head, column = draft.heads[place], draft.layout.column(pick.field)
    row, cell = next(
        (
            (number, cells[place])
            for number, cells in enumerate(draft.table.rows, draft.table.first_row)
            if len(cells) > place and visible(cells[place]) and not _no_day(cells[place])
        ),
        (None, None),
    )
    told = _("第 %(row)d 行写 %(day)s。") % {"row": row, "day": shown(cell)[:40]} if row else ""
    last, first = f"{column.name}/last-day-in", column.name
    return Question(
        "last-day", head, column.name,
        _("“%(head)s”那天，店还在不在？") % {"head": head},
        told + _("差一天，那天的水费就算到别人头上。"),
        ((last, _("那天还在，次日起不算")), (first, _("那天起就不在了"))),
        last if pick.how == "last-day-in" else first,
    )  # fmt: skip


def _layout_changed(memory: Memory, heads: Sequence[str]) -> Question:
    gone = [head for head in memory.columns if head not in heads]
    come = [head for head in heads if head not in memory.columns]
    more = _("等 %(n)d 列")
    parts = [
        word % {"heads": few(some, more)}
        for word, some in ((_("少了：%(heads)s"), gone), (_("多了：%(heads)s"), come))
        if some
    ] or [_("各列换了先后")]
    return Question(
        "changed", "", "",
        _("“%(sender)s”这次的表头和上次不一样，请看一遍每一列") % {"sender": memory.sender or memory.file_name},
        _("；").join(parts) + _("。"),
        (("yes", _("看过了，照现在这样对")),),
        None,
    )  # fmt: skip


def content_again(layout: Layout, raw: Mapping[str, str]) -> str:
    """The digest of a row that was kept as it stood, read once more; "" where it cannot be.

    A row booked before spellings were folded has the digest of one spelling.
    """
    was = {head: text for head, text in raw.items() if not head.endswith(MENDED)}
    was |= {bare: text for head, text in raw.items() if (bare := head.removesuffix(MENDED)) != head}
    table = Table([*was], [[*was.values()]])
    mapping = propose(layout, table)
    rows = read_rows(layout, table, mapping).rows if mapping.whole else []
    return digest_of(content_of(rows[0])) if rows else ""
