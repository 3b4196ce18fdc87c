"""Nothing is booked twice: which rows are new, which are booked already, which use a number for something else.

One payment may come on two papers: of a row that may be money booked from another one a person is asked.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from hege.billing.actions import PaymentDraft
from hege.billing.chart import TransactionKind
from hege.billing.models import Payment
from hege.imports.columns import content_again
from hege.imports.kind import Doubt, Kind
from hege.imports.layouts import Words
from hege.imports.queries import BATCH, batches, each_in
from hege.imports.rules import content_of, digest_of, movement_key, series, voucher_key
from hege.kernel.calendar import DAY
from hege.kernel.clock import day_of
from hege.kernel.money import yuan
from hege.kernel.prepared import prepared
from hege.kernel.spelling import fold
from hege.ledger.models import Evidence, SourceRow
from hege.ledger.queries import BookedRow, booked_rows, free_key
from hege.people.models import Street

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
    of_clashes = each_in(lambda some: kept.filter(pk__in=some), (row.pk for _c, row in clashes))
    raw: dict[int, dict[str, str]] = dict(of_clashes)
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


# -- one payment on two papers -----------------------------------------------------------------------------------------


class Booked(NamedTuple):
    """A payment that stands: its numbers, and how it is shown beside a row."""

    transaction_id: int
    point_id: int
    tenancy_id: int | None
    amount_fen: int
    on: Any
    voucher: str
    means: str
    row_number: int | None
    file_name: str | None
    sha256: str | None
    at: Any
    source: str | None


def same_money(
    file: Kind[Any],
    kind: TransactionKind,
    rows: Sequence[tuple[Any, Any]],
    *,
    apart: Collection[str] = (),
    unsure: Collection[str] = (),
) -> dict[int, int]:
    """Ask about rows that may be a payment booked from another paper; answers the transactions of those said to be the same.

    Same ends, same sum, a day apart at most, from another file or by hand, with a number of another source or none: two
    numbers of one source are two payments. One row meets one payment, the nearest in days; a payment that a row of
    this file is already meets nobody else, so that two equal rows of one file stay two. ``rows`` are rows not booked
    yet, each with where its money belongs. ``apart`` are sources two of whose numbered lines are never the same money:
    what came into a wallet did not come to the bank. ``Answers.accept`` takes what fits one to one, but for what
    ``unsure`` sources told of: what left a wallet may have left the bank behind it, or not.
    """
    said = file.run.answers
    found, single = _meetings(file, kind, rows, apart, unsure)
    added: dict[int, int] = {}
    for row, _whose in rows:
        met = found.get(row.number)
        if met is None:
            if row.number in said.same:
                file.fault_at(row.number, "", "", _("这一行没有要问的：找不到可能是同一笔的付款，请重新预览"))
            continue
        name = _name(met)
        seen = said.seen.get(row.number, name) == name
        if seen and row.number in said.same:
            added[row.number] = met.transaction_id
        elif seen and row.number in said.both:
            continue
        elif said.accept and row.number in single and row.number not in said.seen:
            added[row.number] = met.transaction_id
        else:
            mine = _shown(row.on, row.amount_fen, row.means, row.voucher)
            one = row.number in single
            doubt = Doubt(row.number, "payment", mine, _stands(met), met.transaction_id, name, sure=one)
            file.doubts.append(doubt)
    return added


_NUMBERED = "~"  # stands for a number of a source whose lines are apart; no number's series is this


def _meetings(
    file: Kind[Any],
    kind: TransactionKind,
    rows: Sequence[tuple[Any, Any]],
    apart: Collection[str],
    unsure: Collection[str],
) -> tuple[dict[int, Booked], set[int]]:
    """The payment each row may be; and the rows that may be no other, and no other row of the file theirs."""
    if not rows:
        return {}, set()
    by_ends: dict[tuple[Any, ...], list[Booked]] = defaultdict(list)
    days, books = [row.on for row, _whose in rows], {whose.point.book_id for _row, whose in rows}
    near = partial(_standing, file.run.street, kind.value, list(books), min(days) - DAY, max(days) + DAY)
    for payment in map(Booked._make, each_in(near, (row.amount_fen for row, _whose in rows))):
        if payment.transaction_id not in file.met and payment.sha256 != file.run.sha256:
            by_ends[payment.point_id, payment.tenancy_id, payment.amount_fen].append(payment)
    pairs = []
    for row, whose in rows:
        tenancy = whose.tenancy.pk if whose.tenancy else None
        close = [p for p in by_ends.get((whose.point.pk, tenancy, row.amount_fen), ()) if abs(row.on - p.on) <= DAY]
        source = series(row.voucher) if close else ""
        pairs += [
            (abs(row.on - p.on), row.number, p.transaction_id, source, p)
            for p in close
            if not source or (source != series(p.voucher) and not (p.voucher and p.source in apart))
        ]
    numbers: dict[int, set[str]] = defaultdict(set)
    papers = Evidence.objects.filter(street=file.run.street, source_row__isnull=False)
    documents = papers.values_list("transaction_id", "document", "source_row__source")
    doubtful, told = {pair[2] for pair in pairs if pair[4].source in unsure}, [pair[2] for pair in pairs]
    for transaction_id, document, origin in each_in(lambda some: documents.filter(transaction__in=some), told):
        if origin in unsure:
            doubtful.add(transaction_id)
        numbers[transaction_id].add(_NUMBERED if document and origin in apart else series(document))
    pairs = [pair for pair in pairs if not pair[3] or not {pair[3], _NUMBERED} & numbers[pair[2]]]
    found: dict[int, Booked] = {}
    taken: set[int] = set()
    for _days, number, transaction_id, _source, payment in sorted(pairs, key=lambda pair: pair[:3]):
        if number not in found and transaction_id not in taken:
            found[number] = payment
            taken.add(transaction_id)
    of_row, of_payment = Counter(pair[1] for pair in pairs), Counter(pair[2] for pair in pairs)
    return found, {
        number
        for _days, number, transaction_id, *_rest in pairs
        if of_row[number] == of_payment[transaction_id] == 1 and transaction_id not in doubtful
    }


def look_alike(draft: PaymentDraft, *, street: Street) -> str | None:
    """The standing payment that one written down by hand may be, in words (同一笔？); None where none is like it.

    Same ends and sum, a day apart at most; one with the same number is it, one with another of the same source is not.
    """
    books, days = [draft.point.book_id], (draft.on - DAY, draft.on + DAY)
    for payment in map(Booked._make, _standing(street, draft.kind.value, books, *days, [draft.amount_fen])):
        ends = (payment.point_id, payment.tenancy_id)
        if ends != (draft.point.pk, draft.tenancy.pk if draft.tenancy else None):
            continue
        both = draft.voucher and payment.voucher and series(draft.voucher) == series(payment.voucher)
        if not both or fold(draft.voucher) == fold(payment.voucher):
            return _stands(payment)
    return None


@prepared
def _standing(
    street: Street, kind: str, books: Sequence[int], first: dt.date, last: dt.date, amounts: Sequence[int]
) -> QuerySet[Payment, tuple[Any, ...]]:
    """Payments of these amounts in these books between two days, both included, that were not reversed; the values of ``Booked``."""
    return Payment.objects.filter(
        street=street,
        amount_fen__in=amounts,
        transaction__kind=kind,
        transaction__book__pk__in=books,
        transaction__effective_on__range=(first, last),
        transaction__reversed_by__isnull=True,
    ).values_list(
        "transaction_id", "point_id", "tenancy_id", "amount_fen", "transaction__effective_on", "voucher", "means",
        "transaction__source_row__row_number", "transaction__source_row__file__name",
        "transaction__source_row__file__sha256", "transaction__recorded_at", "transaction__source_row__source",
    )  # fmt: skip


def _name(payment: Booked) -> str:
    """A payment's name in answers: by the file and row it was first booked from, so that it holds when that is done again."""
    if payment.sha256 and payment.row_number:
        return f"{payment.sha256[:12]}.{payment.row_number}"
    return f"t{payment.transaction_id}"


def _shown(on: object, fen: int, means: str, voucher: str) -> str:
    return _("%(on)s　%(sum)s 元　%(means)s　%(voucher)s") % {
        "on": on, "sum": yuan(fen), "means": means or _("未写方式"), "voucher": voucher or _("没有凭证号"),
    }  # fmt: skip


def _stands(payment: Booked) -> str:
    row = _(" 第 %(row)s 行") % {"row": payment.row_number} if payment.row_number else ""
    return _("%(shown)s（%(where)s，%(day)s 登记）") % {
        "shown": _shown(payment.on, payment.amount_fen, payment.means, payment.voucher),
        "where": (payment.file_name or _("手工登记")) + row,
        "day": day_of(payment.at),
    }
