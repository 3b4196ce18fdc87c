"""A file's own sheet as its sender knows it, with what each column is taken for, why, and what that makes of the rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

from django.utils.translation import gettext as _

from hege.imports import queries
from hege.imports.cells import Cell, heads_of, shown
from hege.imports.columns import WHY, ColumnMapping, Question, as_said, in_words, sender_of, ways
from hege.imports.kind import Answers
from hege.imports.kinds import KINDS, propose
from hege.imports.layouts import BY_VOUCHER, Column, FileKind, Layout, Words
from hege.imports.models import RememberedMapping, StagedFile
from hege.imports.rules import LeftOut, Table, read_rows
from hege.imports.sheets import read_sheets, table_of
from hege.kernel.personal import mask
from hege.kernel.refused import Refused
from hege.kernel.several import several
from hege.people.models import Street

SHOWN_TITLES, SHOWN_ROWS, SHOWN_LINES, SAMPLES = 3, 5, 40, 2
LONGEST_SHOWN = 60  # signs of a cell
TAKEN_AS_READ = frozenset({"own", "preset", "serial"})


@dataclass(frozen=True, slots=True)
class ColumnChoice:
    """One column of the sheet: its heading, some of its cells, what it is taken for, why, and whether that needs eyes."""

    at: int
    head: str
    samples: list[str]
    said: str
    why: Words
    asks: bool


class Constant(NamedTuple):
    """A field without a column, the same in every row: what is said of it, and whether nothing goes without."""

    name: str
    column: Column
    text: str
    missing: bool

    @property
    def told(self) -> bool:
        """Whether there is something to read or to fill in."""
        return bool(self.text) or self.missing


class SheetLine(NamedTuple):
    """One line of the sheet as it is shown: its number or numbers, the cells or one text across, what is said of it."""

    sort: str  # title, heading, row, gap, total, tail
    number: str
    cells: list[str] = []
    text: str = ""
    said: str = ""


class Wrong(NamedTuple):
    """Something to mend: in words, and where on the page."""

    text: str
    href: str


@dataclass
class SheetPage:
    """What the page of a file's columns shows. ``refused`` says why it cannot be read so far."""

    street: Street
    file: StagedFile
    sheets: list[str] = field(default_factory=list)
    table: Table | None = None
    mapping: ColumnMapping | None = None
    refused: str = ""

    def __post_init__(self) -> None:
        self.answers = Answers.of(self.file.answers)
        self.kind = FileKind(self.file.kind) if self.file.kind else None
        try:
            sheets = read_sheets(bytes(self.file.content))
            self.sheets = [sheet.name for sheet in sheets if sheet.rows or sheet.refused]
            _sheet, self.table = table_of(sheets, self.answers.sheet, self.kind)
            self.mapping = self.proposed(self.answers)
            self.kind = self.mapping.kind
        except Refused as refused:
            self.refused = str(refused)

    def proposed(self, answers: Answers) -> ColumnMapping:
        """What the columns are, with what somebody says. Raises ``Refused`` where it fits no kind."""
        assert self.table is not None, "asked of a sheet that has a table"
        remembered = queries.memories(self.street)
        return propose(self.table, self.kind, answers=answers, remembered=remembered, name=self.file.name)

    @property
    def layout(self) -> Layout:
        """The headings of the kind it is taken for."""
        assert self.kind is not None
        return KINDS[self.kind].layout

    # -- what was found

    @cached_property
    def numbers(self) -> list[int]:
        """The numbers of the rows of the table, as the sheet counts."""
        table = self.table
        return [number for number, row in enumerate(table.rows, table.first_row) if row] if table else []

    @property
    def title(self) -> str:
        """What was found, in a sentence."""
        if self.mapping is None:
            return _("这张表还认不出来")
        if self.changed:
            return self.changed.text
        if wrong := len(self.wrong):
            return several("还差 %(n)d 处，补上就读得出") % {"n": wrong}
        told = {"rows": len(self.numbers), "n": sum(column.asks for column in self.columns)}
        if told["n"]:
            return several("%(rows)d 行读得出，%(n)d 列请您看一眼", "rows") % told
        return several("%(rows)d 行读得出，每列都对好了", "rows") % told

    @property
    def span(self) -> str:
        """From which row to which the table goes."""
        first, last = self.numbers[0], self.numbers[-1]
        return f"{first}–{last}" if first != last else str(first)

    @property
    def totals(self) -> list[LeftOut]:
        """The rows with sums that were proved and left out."""
        return [left for left in self.table.left_out if left.sort == "total"] if self.table else []

    @property
    def above(self) -> int:
        """How many rows stand above the headings."""
        return self.table.first_row - 2 if self.table else 0

    @cached_property
    def remembered(self) -> RememberedMapping | None:
        """What was remembered and is used here."""
        memory = self.mapping.remembered if self.mapping else None
        if memory is None:
            return None
        known = queries.remembered_mappings(self.street)
        return known.filter(kind=memory.kind, sender=memory.sender, headings=memory.headings).first()

    @property
    def sender(self) -> str:
        """Who sent it, as the lines above its headings say."""
        return mask(sender_of(self.table)) if self.table else ""

    @property
    def worth_remembering(self) -> bool:
        """Whether anything is said here that the next file would not say by itself."""
        return self.mapping is not None and not {*self.mapping.why.values()} <= {*TAKEN_AS_READ, "none", "other"}

    # -- the columns

    @cached_property
    def columns(self) -> list[ColumnChoice]:
        """Each column with what it is taken for."""
        mapping, table = self.mapping, self.table
        if mapping is None or table is None:
            return []
        asked = {question.head for question in mapping.questions if mapping_asks(mapping, question)}
        doubled = {place for name in mapping.doubled for place in mapping.places(name)}
        heads = heads_of(table.header)
        out = []
        for at, head in enumerate(heads):
            why = mapping.why.get(at, "none")
            asks = at in doubled or (head in asked and why != "person")
            said = as_said(self.layout, mapping.picks.get(at))
            out.append(ColumnChoice(at, head, self._samples(at), said, WHY[why], asks))
        return out

    def _samples(self, at: int) -> list[str]:
        table, found = self.table, dict[str, None]()
        for row in table.rows[:200] if table else ():
            text = _masked(row[at]).strip() if len(row) > at else ""
            if text:
                found[text] = None
            if len(found) == SAMPLES:
                break
        return [*found]

    @property
    def choices(self) -> list[tuple[str, str]]:
        """Everything a column may be, in words."""
        return [(word, in_words(word)) for word in ways(self.layout)]

    @property
    def ways(self) -> list[str]:
        """The same as they are said."""
        return ways(self.layout)

    @property
    def questions(self) -> list[Question]:
        """What is asked in words."""
        return self.mapping.questions if self.mapping else []

    @property
    def constants(self) -> list[Constant]:
        """The fields that no column is and that nobody is asked about elsewhere."""
        mapping = self.mapping
        if mapping is None:
            return []
        asked = {question.field for question in mapping.questions if not question.head}
        said = {name: "" if text == BY_VOUCHER else text for name, text in mapping.constants.items()}
        return [
            Constant(name, column, said.get(name, ""), name in mapping.missing)
            for name, column in self.layout.named()
            if not mapping.places(name) and column.name not in asked
        ]

    # -- what is wrong

    @cached_property
    def wrong(self) -> list[Wrong]:
        """Everything that keeps the file from being read, all at once."""
        mapping, table = self.mapping, self.table
        if mapping is None or table is None:
            return []
        heads, name_of = heads_of(table.header), self.layout.heading
        out = [Wrong(fault.reason, "#sheet-card") for fault in table.faults]
        for name in mapping.doubled:
            places = mapping.places(name)
            told = {"heads": _("、").join(f"“{heads[at]}”" for at in places), "field": name_of[name]}
            words = _("%(heads)s都认作“%(field)s”：只留一列，别的选“不要”") % told
            out.append(Wrong(words, f"#column-{places[-1]}" if places else "#sheet-card"))
        for name in mapping.missing:
            words = _("还没有哪一列是“%(field)s”：在它那一列上选，或在下面写每行都一样的") % {"field": name_of[name]}
            out.append(Wrong(words, f"#constant-{name}"))
        out += [
            Wrong(_("没有“%(word)s”这样的列，请重新选") % {"word": word}, "#sheet-card") for word in mapping.strange
        ]
        opens = [question for question in mapping.open if question is not self.changed]
        return [*out, *(Wrong(question.text, f"#question-{question.code}") for question in opens)]

    @property
    def changed(self) -> Question | None:
        """That this sender's headings are not those of last time: to send the form is to have looked at each column."""
        return next((question for question in self.questions if question.code == "changed"), None)

    # -- the sheet

    @cached_property
    def lines(self) -> list[SheetLine]:
        """The sheet as it stands: titles, headings, the first rows, what is alike in one line, sums and tails."""
        table = self.table
        if table is None:
            return []
        heading = SheetLine("heading", str(table.first_row - 1), [shown(cell) for cell in table.header])
        return [*self._titles(table), heading, *self._rows(table)][:SHOWN_LINES]

    def _titles(self, table: Table) -> Iterator[SheetLine]:
        above = [left for left in table.left_out if left.row < table.first_row - 1 and left.sort != "blank"]
        yield from (_left(left) for left in above[:SHOWN_TITLES])
        if rest := above[SHOWN_TITLES:]:
            number = f"{rest[0].row}–{rest[-1].row}"
            yield SheetLine("gap", number, text=several("还有 %(n)d 行标题和说明，不读") % {"n": len(rest)})

    def _rows(self, table: Table) -> Iterator[SheetLine]:
        out = {left.row: left for left in table.left_out}
        shown_rows, alike = 0, list[int]()
        for number, row in enumerate(table.rows, table.first_row):
            if row and shown_rows < SHOWN_ROWS:
                shown_rows += 1
                cells = [_masked(cell) for cell in row]
                yield SheetLine("row", str(number), cells + [""] * (len(table.header) - len(cells)))
            elif row:
                alike.append(number)
            elif number in out and out[number].sort != "blank":
                yield from _alike(alike)
                alike = []
                yield _left(out[number])
        yield from _alike(alike)
        last = table.first_row + len(table.rows)
        yield from (_left(left) for left in table.left_out if left.row >= last and left.sort != "blank")

    @cached_property
    def figures(self) -> set[int]:
        """The columns whose first cells are numbers: they stand at the right."""
        first = [row for row in self.table.rows[:SHOWN_ROWS] if row] if self.table else []
        width = len(self.table.header) if self.table else 0
        return {at for at in range(width) if first and all(_is_figure(row[at]) for row in first if len(row) > at)}

    @cached_property
    def read_as(self) -> tuple[list[str], list[dict[str, str]], list[str]]:
        """The first rows as they will be stored: the headings, the rows, and what cannot be read in them."""
        if self.mapping is None or self.table is None or not self.mapping.whole:
            return [], [], []
        few = replace(self.table, rows=self.table.rows[: SHOWN_ROWS * 3], faults=[])
        read = read_rows(self.layout, few, self.mapping)
        told = (self.layout.told(row).items() for row in read.rows[:SHOWN_ROWS])
        rows = [{name: mask(words) for name, words in row} for row in told]
        heads = list(dict.fromkeys(name for row in rows for name in row if name))
        where = _("第 %(row)d 行“%(column)s”是“%(value)s”：%(reason)s")
        faults = [
            where % {"row": f.row, "column": f.column, "value": mask(f.value), "reason": f.reason}
            for f in read.faults[:SHOWN_ROWS]
        ]
        return heads, rows, faults

    # -- what was said

    def said(self, posted: Mapping[str, str], asked: Mapping[str, str], constants: Mapping[str, str]) -> Answers:
        """What a form says beside what was said before: columns by heading, answers to questions about a column, constants.

        A column that was left as it was shown is not said, so that its choice keeps telling where it comes from; a
        question is answered also by what held already. Where something said would move another column, that one stays
        as it was shown.
        """
        shown_as = self._as_said(self.mapping)
        changed = {head: text for head, text in posted.items() if text != shown_as.get(head, text)}
        answered = {head: text for head, text in asked.items() if head not in changed}
        columns = {**self.answers.columns, **(posted if self.changed else changed), **answered}
        kept = self._constants(constants)
        moved = self._as_said(self.proposed(replace(self.answers, columns=columns, constants=kept)))
        given = {*answered.values()}
        columns |= {
            h: text for h, text in posted.items() if moved.get(h) != text and not {h, text} & {*answered, *given}
        }
        return replace(self.answers, columns=columns, constants=kept)

    def _constants(self, posted: Mapping[str, str]) -> dict[str, str]:
        """The constants that differ from what is proposed, and the answers to questions about a field."""
        proposed = self.mapping.constants if self.mapping else {}
        shown_as = {self.layout.heading[name]: text for name, text in proposed.items()}
        asked = {question.field for question in self.questions if not question.head}
        said = {name: text for name, text in posted.items() if text != shown_as.get(name, "") or name in asked}
        return {name: text for name, text in {**self.answers.constants, **said}.items() if text}

    def _as_said(self, mapping: ColumnMapping | None) -> dict[str, str]:
        if mapping is None or self.table is None:
            return {}
        heads = heads_of(self.table.header)
        return {head: as_said(self.layout, mapping.picks.get(at)) for at, head in enumerate(heads)}


def mapping_asks(mapping: ColumnMapping, question: Question) -> bool:
    """Whether a question about a column still needs eyes: nobody has answered it, now or before."""
    return bool(question.head) and mapping.remembered is None


def _is_figure(cell: Cell) -> bool:
    return isinstance(cell, int | float) and not isinstance(cell, bool)


def _masked(cell: Cell) -> str:
    """A cell as it is shown: columns that nobody reads hold telephones and identity numbers too."""
    return mask(shown(cell))[:LONGEST_SHOWN]


def _left(left: LeftOut) -> SheetLine:
    """A row that is none of the table's."""
    words = {
        "title": _("标题，不读"),
        "heading": _("又一行表头，不读"),
        "tail": _("落款，不读"),
        "total": _("合计行，不登记"),
    }
    sort = left.sort if left.sort in ("title", "total", "tail") else "title"
    return SheetLine(sort, str(left.row), text=mask(left.text), said=left.said or words.get(left.sort, ""))


def _alike(numbers: list[int]) -> Iterator[SheetLine]:
    if numbers:
        span = f"{numbers[0]}–{numbers[-1]}" if len(numbers) > 1 else str(numbers[0])
        yield SheetLine("gap", span, text=_("还有 %(n)d 行同样的") % {"n": len(numbers)})
