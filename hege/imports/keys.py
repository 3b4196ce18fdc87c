"""Nothing is booked twice: which rows are new, which are booked already, which use a number for something else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from django.utils.translation import gettext as _

from hege.imports.plan import Filing, Plan
from hege.imports.queries import batches
from hege.ledger.models import SourceRow
from hege.ledger.queries import BookedRow, booked_rows, free_key


class Candidate(NamedTuple):
    """A row that might be booked: its number, its key and what its content digests to."""

    number: int
    key: str
    digest: str
    shown: str


class Fresh(NamedTuple):
    """A row to be booked under a key."""

    number: int
    key: str
    digest: str


def pick_fresh(plan: Plan, filing: Filing, candidates: Sequence[Candidate], *, column: str, mend: str) -> list[Fresh]:
    """The rows not booked yet, each with its key; counts the others and faults those whose number is taken.

    ``column`` is the heading of the number, ``mend`` what to do when one number stands for two things. A row
    whose event was reversed is new again under the next key, except from the very file it first came in.
    """
    first: dict[str, Candidate] = {}
    for c in candidates:
        other = first.setdefault(c.key, c)
        if other is c:
            continue
        if other.digest == c.digest:
            plan.same += 1
            plan.notices.add(_("与第 %(row)d 行完全相同，只登记一次") % {"row": other.number}, c.number)
        else:
            plan.fault(
                c.number,
                column,
                c.shown,
                _("与第 %(row)d 行重复，内容却不同。%(mend)s") % {"row": other.number, "mend": mend},
            )
    there = booked_rows(filing.street, filing.kind.value, first)
    fresh: list[Fresh] = []
    clashes: list[tuple[Candidate, BookedRow]] = []
    for c in first.values():
        row = there.get(c.key)
        if row is None:
            fresh.append(Fresh(c.number, c.key, c.digest))
        elif not row.reversed:
            _same_or_clash(plan, c, row, clashes)
        elif row.file_sha256 == filing.sha256 and row.digest == c.digest:
            plan.same += 1
            plan.notices.add(_("登记后已冲销，同一份文件不会再登记；请改正后另存再导入"), c.number)
        else:
            _after_reversal(plan, filing, c, row, fresh, clashes)
    _tell_clashes(plan, filing, clashes, column=column, mend=mend)
    return fresh


def _same_or_clash(plan: Plan, c: Candidate, row: BookedRow, clashes: list[tuple[Candidate, BookedRow]]) -> None:
    if row.digest == c.digest:
        plan.same += 1
    else:
        clashes.append((c, row))


def _after_reversal(
    plan: Plan,
    filing: Filing,
    c: Candidate,
    row: BookedRow,
    fresh: list[Fresh],
    clashes: list[tuple[Candidate, BookedRow]],
) -> None:
    key, standing = free_key(filing.street, SourceRow(pk=row.pk, source=filing.kind.value, key=row.key))
    if standing is None:
        plan.notices.add(_("原来的一笔已冲销，按本行重新登记"), c.number)
        fresh.append(Fresh(c.number, key, c.digest))
        return
    later = booked_rows(filing.street, filing.kind.value, [standing.key])[standing.key]
    _same_or_clash(plan, c, later, clashes)


def _tell_clashes(
    plan: Plan, filing: Filing, clashes: Sequence[tuple[Candidate, BookedRow]], *, column: str, mend: str
) -> None:
    raw: dict[int, dict[str, str]] = {}
    for lot in batches(row.pk for _c, row in clashes):
        raw.update(SourceRow.objects.filter(street=filing.street, pk__in=lot).values_list("pk", "raw"))
    for c, row in clashes:
        was = _("，").join(f"{head} {text}" for head, text in raw[row.pk].items())[:160]
        where = _("%(file)s 第 %(row)s 行") % {"file": row.file_name or _("手工登记"), "row": row.row_number or "—"}
        plan.fault(
            c.number,
            column,
            c.shown,
            _("已登记过而内容不同（%(where)s：%(was)s）。%(mend)s") % {"where": where, "was": was, "mend": mend},
        )
