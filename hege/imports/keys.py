"""Nothing is booked twice: which rows are new, which are booked already, which use a number for something else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from hege.imports.kind import Kind
from hege.imports.layouts import Words
from hege.imports.queries import BATCH, batches, each_in
from hege.imports.rules import content_again, content_of, digest_of, movement_key, voucher_key
from hege.kernel.clock import day_of
from hege.ledger.models import SourceRow
from hege.ledger.queries import BookedRow, booked_rows, free_key

SHOWN_CELLS = 4


class Candidate(NamedTuple):
    """A row that might be booked, its key and what its content digests to.

    ``shown`` is its voucher; ``movement`` is the digest of what makes a row without one the same money, "" for a bill.
    """

    row: Any
    key: str
    digest: str
    shown: str
    movement: str = ""


def candidates(
    rows: Sequence[Any], *, voucher: Callable[[Any], Sequence[str]], movement: Callable[[Any], Sequence[Any]]
) -> list[Candidate]:
    """Each row's key: its voucher, else its movement (the day, whose, how much) and which of the equal ones it is.

    A note, a means or a payee is no part of it: whoever adds one to a row means the same money.
    """
    out = []
    repeats: Counter[str] = Counter()
    for row in rows:
        digest = digest_of(content_of(row))
        moved = digest_of(movement(row))
        if row.voucher:
            out.append(Candidate(row, voucher_key(*voucher(row)), digest, row.voucher, moved))
            continue
        repeats[moved] += 1
        out.append(Candidate(row, movement_key(moved, repeats[moved]), digest, "", moved))
    return out


def pick_fresh(kind: Kind[Any], rows: Sequence[Candidate], *, name: str, mend: Words) -> list[Candidate]:
    """The rows not booked yet, each with its key; counts the others and faults those whose key is taken.

    ``name`` is the field of the number, ``mend`` what to do when one number stands for two things. A row
    whose transaction was reversed is new again under the next key, except from the very file it first came in.
    """
    first: dict[str, Candidate] = {}
    for c in rows:
        other = first.setdefault(c.key, c)
        if other is c:
            continue
        if other.digest == c.digest:
            kind.same.add(c.row.number)
            kind.notices.add(_("与第 %(row)d 行完全相同，只登记一次") % {"row": other.row.number}, c.row.number)
        else:
            reason = _("与第 %(row)d 行重复，内容却不同。%(mend)s") % {"row": other.row.number, "mend": mend}
            kind.fault(c.row, name, reason)
    there: dict[str, BookedRow] = {}
    street, source = kind.run.street, kind.layout.kind.value
    for done, lot in enumerate(batches(first)):
        kind.tell(60 + 40 * done * BATCH // len(first))
        there.update(booked_rows(street, source, lot))
    first, there = _seated(kind, first, there)
    fresh: list[Candidate] = []
    clashes: list[tuple[Candidate, BookedRow]] = []
    for c in first.values():
        row = there.get(c.key)
        if row is None:
            fresh.append(c)
            continue
        if row.reversed:
            if row.file_sha256 == kind.run.sha256 and row.digest == c.digest:
                kind.same.add(c.row.number)
                kind.notices.add(_("登记后已冲正，同一份文件不会再登记；请改正后另存再导入"), c.row.number)
                continue
            key, row = free_key(street, source, row.key)
            if row is None:
                kind.notices.add(_("原来的一笔已冲正，按本行重新登记"), c.row.number)
                fresh.append(c._replace(key=key))
                continue
        if row.digest == c.digest:
            _known(kind, c, row)
        else:
            clashes.append((c, row))
    _tell_clashes(kind, clashes, name=name, mend=mend)
    return fresh


def _seated(
    kind: Kind[Any], first: dict[str, Candidate], there: dict[str, BookedRow]
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
        found = booked_rows(kind.run.street, kind.layout.kind.value, [movement_key(moved, place) for moved in asked])
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
    return dict(sorted(seated.items(), key=lambda item: item[1].row.number)), there


def _known(kind: Kind[Any], c: Candidate, row: BookedRow) -> None:
    """A row that is booked already, to be named with where and when it was."""
    kind.same.add(c.row.number)
    if row.transaction_id is not None:
        kind.met.add(row.transaction_id)
    day = day_of(row.at) if row.at else None
    kind.known[row.file_name or "", day].append((c.row.number, row.row_number or 0))


def _tell_clashes(kind: Kind[Any], clashes: Sequence[tuple[Candidate, BookedRow]], *, name: str, mend: Words) -> None:
    kept = SourceRow.objects.filter(street=kind.run.street).values_list("pk", "raw")
    raw: dict[int, dict[str, str]] = dict(each_in(kept, "pk", (row.pk for _c, row in clashes)))
    for c, row in clashes:
        was, now = raw[row.pk], kind.run.as_it_stood(c.row.number)
        if content_again(kind.layout, was) == c.digest:
            _known(kind, c, row)
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
            kind.fault(c.row, name, reason)
        else:
            head = other[0] if other else kind.layout.heading[name]
            kind.fault_at(c.row.number, head, now.get(head, ""), reason)
