"""A file comes in: looked at without a trace, or booked whole, once."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.db import IntegrityError
from django.db.transaction import atomic
from django.utils.translation import gettext as _

from hege.imports.kind import Answers, Booking, Change, Doubt, ImportRun, Kind, Notices, Progress, untold
from hege.imports.kinds import KINDS, guess_kind, read_as
from hege.imports.layouts import FileKind
from hege.imports.models import StagedFile
from hege.imports.queries import kept_file, points_touched
from hege.imports.rules import Fault, Read, heads_of
from hege.imports.sheets import check_size, read_table
from hege.kernel.clock import day_of
from hege.kernel.refused import Refused
from hege.ledger.actions import lock_books
from hege.ledger.models import SourceFile
from hege.people.models import Street, User
from hege.procedures.actions import keep_watch
from hege.trail import actions as trail
from hege.trail.queries import last_seq

STAGED_FOR = dt.timedelta(hours=4)
NOTHING_SAID = Answers()
MOST_STAGED = 5  # of one person


@dataclass(slots=True)
class Outcome:
    """What a file did, or would do. ``booked`` counts rows that were written: 0 when refused or only looked at.

    Totals are in fen for money and counts for records; empty when the file was refused.
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


@dataclass(slots=True)
class _Look:
    """What a file would do to the street as it stood when its trail was ``seq`` lines long."""

    file: Kind[Any]
    read: Read
    seq: int
    kept: SourceFile | None
    outcome: Outcome


def import_file(
    street: Street,
    kind: FileKind | None,
    filename: str,
    content: bytes,
    *,
    by: User | None,
    at: dt.datetime,
    dry_run: bool,
    progress: Progress = untold,
    answers: Answers = NOTHING_SAID,
) -> Outcome:
    """Bring a file in (导入): all of it or, with any bad row, nothing; a row that is booked already is left alone.

    Without a kind its headings say what it is. The file is read and checked without a lock; a dry run ends there,
    with the totals its rows would make. Rows in ``Outcome.doubts`` wait for a person's word (``answers``): as long as one
    does nothing is booked. Raises ``Refused`` where the file is no such table at all; bad rows are
    ``Outcome.faults``. Two imports of one street wait for each other, and what was written since the check is
    looked at again after the books are locked.
    """
    opened = _open(street, kind, filename, content, at=at, progress=progress, answers=answers)
    look = _look(*opened, dry_run=dry_run, progress=progress)
    if dry_run:
        return _foreseen(look)
    return look.outcome if look.outcome.stopped else _bring_in(look, content, by=by, at=at, progress=progress)


def preview_file(
    street: Street, kind: FileKind | None, filename: str, content: bytes, *, by: User | None, at: dt.datetime
) -> Outcome:
    """What ``import_file`` would do (预览); nothing is stored, nothing locked."""
    return import_file(street, kind, filename, content, by=by, at=at, dry_run=True)


def _open(
    street: Street,
    kind: FileKind | None,
    filename: str,
    content: bytes,
    *,
    at: dt.datetime,
    progress: Progress,
    answers: Answers,
) -> tuple[FileKind, ImportRun, Read]:
    """Read a file's rows. Asks the database nothing."""
    check_size(len(content))
    sha256 = hashlib.sha256(content).hexdigest()
    progress(_("读取表格"), 0, 1)
    table = read_table(content)
    kind = kind or guess_kind(table.header)
    read = read_as(kind, table, partial(progress, _("读取各行")))
    heads = heads_of(table.header)
    run = ImportRun(street, filename[-200:], sha256, day_of(at), heads, table.rows, table.first_row, answers)
    return kind, run, read


def _look(kind: FileKind, run: ImportRun, read: Read, *, dry_run: bool, progress: Progress) -> _Look:
    """Check every row against what is on record. Writes nothing; whoever books locks first or compares ``seq``."""
    seq = last_seq(run.street)  # read first: what is written from here on makes it another
    kept = kept_file(run.street, kind, run.sha256)
    file = KINDS[kind](run, Notices(read.notices), lambda done: progress(_("核对"), done, 100))
    file.tell(0)
    file.look(read)
    outcome = Outcome(
        kind, run.name, run.sha256, dry_run,
        rows=read.count, new=len(file.new), changed=len(file.changed), same=len(file.same),
        already_imported_on=kept.at if kept else None, ignored_columns=read.ignored,
        faults=file.faults, notices=file.notices.lines(), changes=file.changes, doubts=file.doubts,
    )  # fmt: skip
    return _Look(file, read, seq, kept, outcome)


def _foreseen(look: _Look) -> Outcome:
    """The outcome with the totals as they are and as the rows would make them, one read of the books for both."""
    outcome, file = look.outcome, look.file
    if not outcome.faults:
        outcome.before, outcome.after = file.totals(file.foresee())
        outcome.notices = file.notices.lines()
    return outcome


def _bring_in(look: _Look, content: bytes, *, by: User | None, at: dt.datetime, progress: Progress) -> Outcome:
    try:
        return _book(look, content, by=by, at=at, progress=progress)
    except IntegrityError:
        # Somebody booked one of these rows by another way since we looked: look again, and find it there.
        return _book(_again(look, progress), content, by=by, at=at, progress=progress)


def _again(look: _Look, progress: Progress) -> _Look:
    return _look(look.outcome.kind, look.file.run, look.read, dry_run=False, progress=progress)


@atomic
def _book(look: _Look, content: bytes, *, by: User | None, at: dt.datetime, progress: Progress) -> Outcome:
    """Lock, look again where anything was written since, book. One import of a street at a time."""
    street = look.file.run.street
    Street.objects.select_for_update(no_key=True).get(code=street.code)
    lock_books(street, look.file.book_ids)
    while look.seq != last_seq(street):
        held = look.file.book_ids
        look = _again(look, progress)
        if look.file.book_ids <= held:
            break
        lock_books(street, look.file.book_ids)
    outcome, file = look.outcome, look.file
    if outcome.stopped:
        return outcome
    outcome.before = outcome.after = file.totals()[0]
    if not outcome.nothing_to_do:
        of = outcome.new + outcome.changed
        progress(_("登记"), 0, of)
        _write(look, content, by=by, at=at, tell=lambda done: progress(_("登记"), done, of))
        touched = points_touched(street, file.book_ids, file.meters)
        keep_watch(street, on=file.run.today, points=touched, by=by, at=at)
        outcome.after = file.totals()[0]
    outcome.notices = file.notices.lines()
    return outcome


def _write(look: _Look, content: bytes, *, by: User | None, at: dt.datetime, tell: Callable[[int], None]) -> None:
    run, outcome = look.file.run, look.outcome
    outcome.booked = outcome.new + outcome.changed
    named = {"kind": outcome.kind.value, "name": run.name, "sha256": run.sha256}
    file = look.kept or SourceFile.objects.create(
        street=run.street, **named, content=content, row_count=outcome.rows, booked_count=outcome.booked, by=by, at=at
    )
    try:
        look.file.book(Booking(by, at, file, tell))
    except Refused as refusal:  # a rule of the action that the check above does not know: still no half-import
        raise Refused(_("没有登记任何一行：%(reason)s") % {"reason": refusal}, field=refusal.field) from refusal
    counts = {name: getattr(outcome, name) for name in ("rows", "new", "changed", "same")}
    trail.record("import_file", file, street=run.street, by=by, at=at, **named, **counts)


@atomic
def stage_file(
    street: Street, kind: FileKind, filename: str, content: bytes, *, by: User, at: dt.datetime
) -> StagedFile:
    """Keep a file until its owner has seen what it would do (暂存): theirs alone, for a few hours, a few at a time.

    A second preview, in another tab, leaves the first one to be confirmed.
    """
    StagedFile.objects.filter(street=street, expires_at__lte=at).delete()
    waiting = StagedFile.objects.filter(street=street, owner=by).order_by("-created_at", "-pk")
    StagedFile.objects.filter(pk__in=[pk for (pk,) in waiting.values_list("pk")[MOST_STAGED - 1 :]]).delete()
    return StagedFile.objects.create(
        street=street,
        owner=by,
        kind=kind.value,
        name=filename[-200:],
        sha256=hashlib.sha256(content).hexdigest(),
        content=content,
        created_at=at,
        expires_at=at + STAGED_FOR,
    )


def import_staged(staged: StagedFile, *, by: User, at: dt.datetime, answers: Answers = NOTHING_SAID) -> Outcome | None:
    """Book a file that was looked at (确认导入), and let go of its bytes; None where it was booked so before."""
    content = bytes(staged.content)
    if not content:
        return None
    look = _look(
        *_open(staged.street, FileKind(staged.kind), staged.name, content, at=at, progress=untold, answers=answers),
        dry_run=False,
        progress=untold,
    )
    if look.outcome.stopped:
        return look.outcome
    with atomic():
        locked = StagedFile.objects.select_for_update().filter(street=staged.street, pk=staged.pk, owner=by).first()
        if locked is None or locked.expires_at <= at:
            raise Refused(_("这份文件已过了确认的时间，请重新选择。"))
        if not locked.content:
            return None
        outcome = _bring_in(look, content, by=by, at=at, progress=untold)
        if not outcome.stopped:
            locked.content = b""
            locked.save(update_fields=["content"])
    return outcome
