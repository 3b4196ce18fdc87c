"""A file comes in: looked at without a trace, or booked whole, once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.db import IntegrityError
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from hege.imports.kind import Answers, Booking, Progress, untold
from hege.imports.layouts import FileKind
from hege.imports.looking import NOTHING_SAID, Look, Outcome, foreseen, look_at, open_file
from hege.imports.memory import remember_mapping
from hege.imports.queries import points_touched
from hege.kernel.database import atomic
from hege.kernel.refused import Refused
from hege.ledger.actions import lock_books
from hege.ledger.models import SourceFile
from hege.people.models import Street, User
from hege.people.queries import locked_street
from hege.procedures.actions import keep_watch
from hege.trail import actions as trail
from hege.trail.queries import last_seq


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
    opened = open_file(street, kind, filename, content, at=at, progress=progress, answers=answers)
    look = look_at(opened, dry_run=dry_run, progress=progress)
    if dry_run:
        return foreseen(look)
    return look.outcome if look.outcome.stopped else bring_in(look, content, by=by, at=at, progress=progress)


def preview_file(
    street: Street,
    kind: FileKind | None,
    filename: str,
    content: bytes,
    *,
    by: User | None,
    at: dt.datetime,
    answers: Answers = NOTHING_SAID,
) -> Outcome:
    """What ``import_file`` would do (预览); nothing is stored, nothing locked."""
    return import_file(street, kind, filename, content, by=by, at=at, dry_run=True, answers=answers)


def bring_in(look: Look, content: bytes, *, by: User | None, at: dt.datetime, progress: Progress = untold) -> Outcome:
    """Book a file that was looked at, unless it is stopped by what was written since."""
    try:
        return _book(look, content, by=by, at=at, progress=progress)
    except IntegrityError:
        # Somebody booked one of these rows by another way since we looked: look again, and find it there.
        return _book(_again(look, progress), content, by=by, at=at, progress=progress)


def _again(look: Look, progress: Progress) -> Look:
    return look_at(look.opened, dry_run=look.outcome.dry_run, progress=progress)


@atomic
def _book(look: Look, content: bytes, *, by: User | None, at: dt.datetime, progress: Progress) -> Outcome:
    """Lock, look again where anything was written since, book. One import of a street at a time."""
    street = look.file.run.street
    locked_street(street.pk)
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
        progress(pgettext("登记了几行", "登记"), 0, of)
        _write(look, content, by=by, at=at, tell=lambda done: progress(pgettext("登记了几行", "登记"), done, of))
        touched = points_touched(street, file.book_ids, file.meters)
        keep_watch(street, on=file.run.today, points=touched, by=by, at=at)
        outcome.after = file.totals()[0]
    outcome.notices = file.notices.lines()
    return outcome


def _write(look: Look, content: bytes, *, by: User | None, at: dt.datetime, tell: Callable[[int], None]) -> None:
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
    if run.answers.columns or run.answers.constants:
        layout, opened = look.file.layout, look.opened
        remember_mapping(run.street, layout, opened.table, opened.mapping, file_name=run.name, by=by, at=at)
    said: dict[str, Any] = {name: getattr(outcome, name) for name in ("rows", "new", "changed", "same")}
    if run.answers.cells:
        said["cells"] = [[row, heading, text] for (row, heading), text in sorted(run.answers.cells.items())]
    trail.record("import_file", file, street=run.street, by=by, at=at, **named, **said)
