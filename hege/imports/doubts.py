"""One payment may come on two papers: rows of a file that may be money booked from another one, and what a person says."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from hege.billing.actions import PaymentDraft
from hege.billing.chart import TransactionKind
from hege.billing.models import Payment
from hege.imports.kind import Doubt, Kind
from hege.imports.queries import each_in
from hege.imports.rules import series
from hege.kernel.calendar import DAY
from hege.kernel.clock import day_of
from hege.kernel.money import yuan
from hege.kernel.spelling import fold
from hege.ledger.models import Evidence
from hege.people.models import Street


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


def same_money(file: Kind[Any], kind: TransactionKind, rows: Sequence[tuple[Any, Any]]) -> dict[int, int]:
    """Ask about rows that may be a payment booked from another paper; answers the transactions of those said to be the same.

    Same ends, same sum, a day apart at most, from another file or by hand, with a number of another source or none: two
    numbers of one source are two payments. One row meets one payment, the nearest in days; a payment that a row of
    this file is already meets nobody else, so that two equal rows of one file stay two. ``rows`` are rows not booked
    yet, each with where its money belongs.
    """
    said = file.run.answers
    found = _meetings(file, kind, rows)
    added: dict[int, int] = {}
    for row, _whose in rows:
        met = found.get(row.number)
        if met is None:
            if row.number in said.same:
                file.fault_at(row.number, "", "", _("这一行没有要问的：找不到可能是同一笔的付款，请重新预览"))
            continue
        seen = said.seen.get(row.number, met.transaction_id) == met.transaction_id
        if seen and row.number in said.same:
            added[row.number] = met.transaction_id
        elif not seen or row.number not in said.both:
            mine = _shown(row.on, row.amount_fen, row.means, row.voucher)
            file.doubts.append(Doubt(row.number, "payment", mine, _stands(met), met.transaction_id))
    return added


def _meetings(file: Kind[Any], kind: TransactionKind, rows: Sequence[tuple[Any, Any]]) -> dict[int, Booked]:
    if not rows:
        return {}
    by_ends: dict[tuple[Any, ...], list[Booked]] = defaultdict(list)
    days, books = [row.on for row, _whose in rows], {whose.point.book_id for _row, whose in rows}
    near = _standing(file.run.street, kind, books, min(days) - DAY, max(days) + DAY)
    for payment in map(Booked._make, each_in(near, "amount_fen", (row.amount_fen for row, _whose in rows))):
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
            if not source or source != series(p.voucher)
        ]
    numbers: dict[int, set[str]] = defaultdict(set)
    papers = Evidence.objects.filter(street=file.run.street, source_row__isnull=False)
    documents = papers.values_list("transaction_id", "document")
    for transaction_id, document in each_in(documents, "transaction_id", (pair[2] for pair in pairs)):
        numbers[transaction_id].add(series(document))
    found: dict[int, Booked] = {}
    taken: set[int] = set()
    for _apart, number, transaction_id, source, payment in sorted(pairs, key=lambda pair: pair[:3]):
        if (
            number not in found
            and transaction_id not in taken
            and (not source or source not in numbers[transaction_id])
        ):
            found[number] = payment
            taken.add(transaction_id)
    return found


def look_alike(draft: PaymentDraft, *, street: Street) -> str | None:
    """The standing payment that one written down by hand may be, in words (同一笔？); None where none is like it.

    Same ends and sum, a day apart at most; one with the same number is it, one with another of the same source is not.
    """
    near = _standing(street, draft.kind, {draft.point.book_id}, draft.on - DAY, draft.on + DAY)
    for payment in map(Booked._make, near.filter(amount_fen=draft.amount_fen)):
        ends = (payment.point_id, payment.tenancy_id)
        if ends != (draft.point.pk, draft.tenancy.pk if draft.tenancy else None):
            continue
        both = draft.voucher and payment.voucher and series(draft.voucher) == series(payment.voucher)
        if not both or fold(draft.voucher) == fold(payment.voucher):
            return _stands(payment)
    return None


def _standing(
    street: Street, kind: TransactionKind, books: Collection[int], first: dt.date, last: dt.date
) -> QuerySet[Payment, tuple[Any, ...]]:
    """Payments in these books between two days, both included, that were not reversed; the values of ``Booked``."""
    return Payment.objects.filter(
        street=street,
        transaction__kind=kind,
        transaction__book_id__in=books,
        transaction__effective_on__range=(first, last),
        transaction__reversed_by__isnull=True,
    ).values_list(
        "transaction_id", "point_id", "tenancy_id", "amount_fen", "transaction__effective_on", "voucher", "means",
        "transaction__source_row__row_number", "transaction__source_row__file__name",
        "transaction__source_row__file__sha256", "transaction__recorded_at",
    )  # fmt: skip


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
