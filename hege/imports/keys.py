"""Nothing is booked twice: which rows are new, which are booked already, which use a number for something else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from hege.imports.plan import ImportRun, Plan
from hege.imports.queries import BATCH, batches
from hege.imports.rules import content_again, content_of, digest_of, movement_key, voucher_key
from hege.kernel.clock import day_of
from hege.ledger.models import SourceRow
from hege.ledger.queries import BookedRow, booked_rows, free_key

SHOWN_CELLS = 4


class Candidate(NamedTuple):
    """A row that might be booked: its number, its key and what its content digests to.

    ``shown`` is its voucher; ``movement`` is the digest of what makes a row without one the same money, "" for a bill.
    """

    number: int
    key: str
    digest: str
    shown: str
    movement: str = ""


class Fresh(NamedTuple):
    """A row to be booked under a key."""

    number: int
    key: str
    digest: str


def candidates(
    rows: Sequence[Any], *, voucher: Callable[[Any], Sequence[str]], movement: Callable[[Any], Sequence[Any]]
) -> list[Candidate]:
    """Each row's key: its voucher, else its movement (the day, whose, how much) and which of the equal ones it is.

    A note, a means or a payee is no part of it: whoever adds one to a row has the same money before him.
    """
    out = []
    repeats: Counter[str] = Counter()
    for row in rows:
        digest = digest_of(content_of(row))
        moved = digest_of(movement(row))
        if row.voucher:
            out.append(Candidate(row.number, voucher_key(*voucher(row)), digest, row.voucher, moved))
            continue
        repeats[moved] += 1
        out.append(Candidate(row.number, movement_key(moved, repeats[moved]), digest, "", moved))
    return out


def pick_fresh(plan: Plan, run: ImportRun, rows: Sequence[Candidate], *, column: str, mend: str) -> list[Fresh]:
    """The rows not booked yet, each with its key; counts the others and faults those whose key is taken.

    ``column`` is the heading of the number, ``mend`` what to do when one number stands for two things. A row
    whose transaction was reversed is new again under the next key, except from the very file it first came in.
    """
    first: dict[str, Candidate] = {}
    for c in rows:
        other = first.setdefault(c.key, c)
        if other is c:
            continue
        if other.digest == c.digest:
            plan.same.add(c.number)
            plan.notices.add(_("与第 %(row)d 行完全相同，只登记一次") % {"row": other.number}, c.number)
        else:
            plan.fault(
                c.number,
                column,
                c.shown,
                _("与第 %(row)d 行重复，内容却不同。%(mend)s") % {"row": other.number, "mend": mend},
            )
    there: dict[str, BookedRow] = {}
    for done, lot in enumerate(batches(first)):
        plan.tell(60 + 40 * done * BATCH // len(first))
        there.update(booked_rows(run.street, run.kind.value, lot))
    first, there = _seated(run, first, there)
    fresh: list[Fresh] = []
    clashes: list[tuple[Candidate, BookedRow]] = []
    for c in first.values():
        row = there.get(c.key)
        if row is None:
            fresh.append(Fresh(c.number, c.key, c.digest))
        elif not row.reversed:
            _same_or_clash(plan, c, row, clashes)
        elif row.file_sha256 == run.sha256 and row.digest == c.digest:
            plan.same.add(c.number)
            plan.notices.add(_("登记后已冲正，同一份文件不会再登记；请改正后另存再导入"), c.number)
        else:
            _after_reversal(plan, run, c, row, fresh, clashes)
    _tell_clashes(plan, run, clashes, column=column, mend=mend)
    return fresh


def _seated(
    run: ImportRun, first: dict[str, Candidate], there: dict[str, BookedRow]
) -> tuple[dict[str, Candidate], dict[str, BookedRow]]:
    """Equal movements in another order than they were booked in: each row that is on record takes its own place."""
    odd: dict[str, list[Candidate]] = {}
    for key, c in first.items():
        if not c.shown and key in there and there[key].digest != c.digest:
            odd[c.movement] = []
    if not odd:
        return first, there
    for c in first.values():
        if not c.shown and c.movement in odd:
            odd[c.movement].append(c)
    there, seated = dict(there), {key: c for key, c in first.items() if c.shown or c.movement not in odd}
    place, asked = 1, list(odd)
    while asked:  # every place of these movements that was ever taken
        found = booked_rows(run.street, run.kind.value, [movement_key(moved, place) for moved in asked])
        there.update(found)
        asked = [moved for moved in asked if movement_key(moved, place) in found]
        place += 1
    for moved, rows in odd.items():
        places = [movement_key(moved, n) for n in range(1, len(rows) + place)]
        later = []
        for c in rows:
            own = next((k for k in places if k in there and there[k].digest == c.digest), None)
            if own is None:
                later.append(c)
            else:
                places.remove(own)
                seated[own] = c._replace(key=own)
        seated.update({key: c._replace(key=key) for key, c in zip(places, later, strict=False)})
    return dict(sorted(seated.items(), key=lambda item: item[1].number)), there


def _same_or_clash(plan: Plan, c: Candidate, row: BookedRow, clashes: list[tuple[Candidate, BookedRow]]) -> None:
    if row.digest == c.digest:
        _known(plan, c.number, row)
    else:
        clashes.append((c, row))


def _known(plan: Plan, number: int, row: BookedRow) -> None:
    """A row that is booked already, to be named with where and when it was."""
    plan.same.add(number)
    if row.transaction_id is not None:
        plan.met.add(row.transaction_id)
    day = day_of(row.at) if row.at else None
    plan.known[row.file_name or "", day].append((number, row.row_number or 0))


def _after_reversal(
    plan: Plan,
    run: ImportRun,
    c: Candidate,
    row: BookedRow,
    fresh: list[Fresh],
    clashes: list[tuple[Candidate, BookedRow]],
) -> None:
    key, standing = free_key(run.street, run.kind.value, row.key)
    if standing is None:
        plan.notices.add(_("原来的一笔已冲正，按本行重新登记"), c.number)
        fresh.append(Fresh(c.number, key, c.digest))
        return
    _same_or_clash(plan, c, standing, clashes)


def _tell_clashes(
    plan: Plan, run: ImportRun, clashes: Sequence[tuple[Candidate, BookedRow]], *, column: str, mend: str
) -> None:
    raw: dict[int, dict[str, str]] = {}
    for lot in batches(row.pk for _c, row in clashes):
        raw.update(SourceRow.objects.filter(street=run.street, pk__in=lot).values_list("pk", "raw"))
    for c, row in clashes:
        was, now = raw[row.pk], run.as_it_stood(c.number)
        if content_again(run.kind, was) == c.digest:
            _known(plan, c.number, row)
            continue
        other = [head for head in {**was, **now} if was.get(head, "") != now.get(head, "")]
        where = _("%(file)s 第 %(row)s 行") % {"file": row.file_name or _("手工登记"), "row": row.row_number or "—"}
        cells = [
            _("%(column)s原为“%(was)s”，现为“%(now)s”")
            % {"column": head, "was": was.get(head, "")[:60], "now": now.get(head, "")[:60]}
            for head in other[:SHOWN_CELLS]
        ]
        reason = _("已登记过而内容不同（%(where)s）：%(cells)s。%(mend)s") % {
            "where": where,
            "cells": _("；").join(cells),
            "mend": mend if c.shown else _("同一笔要补证据，请在这一笔的页面上“举证”；确是另一笔，请填凭证号。"),
        }
        if c.shown:
            plan.fault(c.number, column, c.shown, reason)
        else:
            head = other[0] if other else column
            plan.fault(c.number, head, now.get(head, ""), reason)
