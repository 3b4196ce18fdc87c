"""What a file would do: opened, its rows held against what is on record, its totals foreseen. Nothing here writes."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from hege.imports.cells import heads_of, shown
from hege.imports.columns import ColumnMapping, as_json
from hege.imports.finding import filled
from hege.imports.kind import Answers, Change, Choice, Doubt, ImportRun, Kind, Notices, Progress, SeenLine, untold
from hege.imports.kinds import KINDS, propose, read_as
from hege.imports.layouts import FileKind
from hege.imports.queries import kept_file, memories
from hege.imports.rules import Fault, Read, Sheet, Table
from hege.imports.sheets import check_size, find_again, open_table
from hege.kernel.clock import day_of
from hege.kernel.refused import Refused
from hege.ledger.models import SourceFile
from hege.people.models import Street
from hege.trail.queries import last_seq

NOTHING_SAID = Answers()
SHOWN_READ = 5  # rows of which an outcome says what they were read as


@dataclass(slots=True)
class Outcome:
    """What a file did, or would do. ``booked`` counts rows that were written: 0 when refused or only looked at.

    Totals are in fen for money and counts for records; empty when the file was refused. ``table`` is what was found in
    the file, ``columns`` what each of its columns is (``columns.as_json``), ``read_as`` what its first good rows were read as, by heading, the row's number under "".
    """

    kind: FileKind
    file: str
    sha256: str
    dry_run: bool
    rows: int = 0
    new: int = 0
    changed: int = 0
    same: int = 0
    booked: int = 0
    already_imported_on: dt.datetime | None = None
    faults: list[Fault] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    ignored_columns: list[str] = field(default_factory=list)
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    table: Table | None = None
    columns: dict[str, Any] = field(default_factory=dict)
    read_as: list[dict[str, str]] = field(default_factory=list)
    lines: list[SeenLine] = field(default_factory=list)
    ends: list[Choice] = field(default_factory=list)

    @property
    def aside(self) -> dict[str, list[SeenLine]]:
        """The lines of a statement that are left aside, by the reason (``matching.Why``)."""
        found: dict[str, list[SeenLine]] = {}
        for seen in self.lines:
            if seen.state == "aside":
                found.setdefault(seen.reasons[0].why, []).append(seen)
        return found

    @property
    def refused(self) -> int:
        """How many rows have a fault."""
        return len({f.row for f in self.faults})

    @property
    def nothing_to_do(self) -> bool:
        """Whether every row is on record already."""
        return not self.faults and not self.new and not self.changed

    @property
    def stopped(self) -> bool:
        """Whether nothing of it can be booked as it is: a row is wrong, or waits for a person's word."""
        return bool(self.faults or self.doubts)


@dataclass(frozen=True, slots=True)
class Opened:
    """A file whose rows were read; nothing was asked of the database yet."""

    kind: FileKind
    run: ImportRun
    read: Read
    table: Table
    mapping: ColumnMapping


@dataclass(slots=True)
class Look:
    """What a file would do to the street as it stood when its trail was ``seq`` lines long."""

    file: Kind[Any]
    opened: Opened
    seq: int
    kept: SourceFile | None
    outcome: Outcome


def open_file(
    street: Street,
    kind: FileKind | None,
    filename: str,
    content: bytes,
    *,
    at: dt.datetime,
    progress: Progress = untold,
    answers: Answers = NOTHING_SAID,
) -> Opened:
    """Read a file's rows. Asks the database only what was remembered of columns. Raises ``Refused`` where it is no table,
    or none of the kind.
    """
    progress(_("读取表格"), 0, 1)
    laid = lay_out(street, kind, filename, content, answers=answers)
    table, mapping = laid.mended, laid.mapping
    read = read_as(mapping.kind, table, partial(progress, _("读取各行")), mapping=mapping)
    read.notices += laid.told
    sha256, heads = hashlib.sha256(content).hexdigest(), heads_of(table.header)
    rows = laid.sheet.rows[table.first_row - 1 :]
    run = ImportRun(street, filename[-200:], sha256, day_of(at), heads, rows, table.first_row, answers, table.facts)
    return Opened(mapping.kind, run, read, table, mapping)


class LaidOut(NamedTuple):
    """The table of a file as it came, the same with what was said of its cells, what each column is, what is told of it,
    and the sheet it stands on.
    """

    table: Table
    mended: Table
    mapping: ColumnMapping
    told: list[str]
    sheet: Sheet


def lay_out(
    street: Street, kind: FileKind | None, filename: str, content: bytes, *, answers: Answers = NOTHING_SAID
) -> LaidOut:
    """Find the table of a file and what its columns are, as far as can be said. Raises ``Refused`` where it has none."""
    check_size(len(content))
    sheet, table = open_table(content, answers.sheet, kind)
    mended, told = _mended(sheet, table, answers)
    mapping = propose(mended, kind, answers=answers, remembered=memories(street), name=filename)
    return LaidOut(table, mended, mapping, told, sheet)


def _mended(sheet: Sheet, table: Table, answers: Answers) -> tuple[Table, list[str]]:
    """The table with what somebody said of single cells, and what is told of each; the sheet itself stays as it came.

    Sums are proved again: a cell nobody could read was missing in them, or the sum itself was set right.
    """
    told, rows, heads = [], list(sheet.rows), heads_of(table.header)
    for (row, heading), text in sorted(answers.cells.items()):
        place, at = heads.index(heading) if heading in heads else -1, row - 1
        if place < 0 or not table.first_row <= row <= len(rows) or not filled(rows[at]):
            raise Refused(_("表里没有第 %(row)d 行的“%(column)s”，请重新选择文件。") % {"row": row, "column": heading})
        cells = rows[at] = [*rows[at], *([None] * (place + 1 - len(rows[at])))]
        said = {"row": row, "column": heading, "was": shown(cells[place])[:60], "now": text}
        told.append(_("第 %(row)d 行的“%(column)s”照您说的读作“%(now)s”，表里是“%(was)s”") % said)
        cells[place] = text
    return (find_again(sheet, table, rows) if told else table), told


def look_at(opened: Opened, *, dry_run: bool, progress: Progress = untold) -> Look:
    """Check every row against what is on record. Writes nothing; whoever books locks first or compares ``seq``."""
    run, read = opened.run, opened.read
    seq = last_seq(run.street)  # read first: what is written from here on makes it another
    kept = kept_file(run.street, opened.kind, run.sha256)
    file = KINDS[opened.kind](run, Notices(read.notices), lambda done: progress(_("核对"), done, 100))
    file.tell(0)
    file.look(read)
    outcome = Outcome(
        opened.kind, run.name, run.sha256, dry_run,
        rows=read.count, new=len(file.new), changed=len(file.changed), same=len(file.same),
        already_imported_on=kept.at if kept else None, ignored_columns=read.ignored,
        faults=file.faults, notices=file.notices.lines(), changes=file.changes, doubts=file.doubts,
        table=opened.table, columns=as_json(file.layout, opened.table.header, opened.mapping),
        read_as=[file.layout.told(row) for row in read.rows[:SHOWN_READ]], lines=file.lines, ends=file.ends,
    )  # fmt: skip
    return Look(file, opened, seq, kept, outcome)


def foreseen(look: Look) -> Outcome:
    """The outcome with the totals as they are and as the rows would make them, one read of the books for both."""
    outcome, file = look.outcome, look.file
    if not outcome.faults:
        outcome.before, outcome.after = file.totals(file.foresee())
        outcome.notices = file.notices.lines()
    return outcome
