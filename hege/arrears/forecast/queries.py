"""What was owed at the end of each period of a supply point, now and as it was known on each of those evenings; one query."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from django.db.models import Q

from hege.arrears.backtest.queries import Knowledge, View, Word, Written, levels_of
from hege.arrears.backtest.rules import BillKnown, Entry, Record, Walk
from hege.arrears.forecast.rules import Forecast, PeriodEnd, ends_of, forecast
from hege.arrears.rules import BillSeen, Owner, ThresholdTable, payable_on
from hege.billing.chart import AccountKind, TransactionKind
from hege.kernel.calendar import Calendar
from hege.ledger.models import Transfer
from hege.metering.models import SupplyPoint

#: Two accounts stand for all: what is owed to the utility, and whatever is on the other side.
OWED, OTHER = 1, 2
OWNERS = {OWED: Owner(AccountKind.PAYABLE), OTHER: Owner(AccountKind.UNEXPLAINED)}


class Tried(NamedTuple):
    """A forecast whose past words were tried by one view."""

    view: View
    forecast: Forecast


def forecast_of(point: SupplyPoint, *, on: dt.date, view: View | None = None) -> Tried:
    """What is expected to be owed at the end of the next three periods, from those that are over on a day (预测).

    Its own past words are tried by what was known on their evenings; where no view is asked for and nothing was known then, because
    the books came later, by what is known of those days now.
    """
    rows = _rows(point, on)
    tried = Tried(view or View.KNOWN_THEN, _forecast(rows, view or View.KNOWN_THEN))
    if view is None and tried.forecast.has_enough and not any(e.tried for e in tried.forecast.expected):
        return Tried(View.AS_IF_KNOWN, _forecast(rows, View.AS_IF_KNOWN))
    return tried


class _Moved(NamedTuple):
    """What moved on the payable: the transaction, in fen (above zero: more is owed), on which day."""

    transaction: Written
    fen: int
    on: dt.date


class _Rows(NamedTuple):
    """What a point's payable was made of until a day: what moved, and what was said for and against it."""

    moved: Sequence[_Moved]
    words: Sequence[Word]


#: Of a transfer, its transaction and a statement beside that: what is read of each.
COLUMNS = (
    "pk", "transaction_id", "transaction__kind", "transaction__recorded_at", "transaction__reverses_id", "amount_fen",
    "effective_on", "credit__kind", "transaction__evidence__side", "transaction__evidence__kind",
    "transaction__evidence__supports", "transaction__evidence__recorded_at",
)  # fmt: skip


def _rows(point: SupplyPoint, on: dt.date) -> _Rows:
    payable = Q(debit__kind=AccountKind.PAYABLE) | Q(credit__kind=AccountKind.PAYABLE)
    transfers = Transfer.objects.filter(payable, street=point.street_id, transaction__book=point.book_id)
    moved: dict[int, _Moved] = {}
    words: list[Word] = []
    rows = transfers.filter(effective_on__lte=on).order_by("pk", "transaction__evidence__pk")
    for pk, *of, fen, day, credited, side, kind, supports, said_at in rows.values_list(*COLUMNS):
        transaction = Written(*of)
        moved[pk] = _Moved(transaction, fen if credited == AccountKind.PAYABLE else -fen, day)
        if side is not None:
            words.append((transaction.pk, side, kind, supports, said_at))
    return _Rows(list(moved.values()), words)


def _walk(rows: _Rows, view: View) -> Walk:
    by = Knowledge(view)
    entries = [
        Entry(m.transaction.pk, *((OTHER, OWED) if m.fen > 0 else (OWED, OTHER)), abs(m.fen), m.on,
              by.known(m.transaction.recorded_at))
        for m in rows.moved
    ]  # fmt: skip
    taken_back = {m.transaction.reverses_id: m.transaction.recorded_at for m in rows.moved if m.transaction.reverses_id}
    bills = [
        # A bill is booked on the day it was issued; when it is due does not matter here.
        BillKnown(t.pk, BillSeen("", day, day, fen), None, by.known(t.recorded_at), by.gone(taken_back.get(t.pk)))
        for t, fen, day in rows.moved
        if t.kind == TransactionKind.BILL and fen > 0
    ]
    levels = levels_of([m.transaction for m in rows.moved], rows.words, by)
    return Walk(Record(OWNERS, entries, levels, bills), ThresholdTable(), Calendar())


def _ends(walk: Walk) -> list[PeriodEnd]:
    """The ends of the periods that are over, as known on the day the walk is at."""
    issued = [b.seen.issued_on for b in walk.record.bills if b.stands(walk.on)]
    return ends_of(issued, lambda day: payable_on(walk.flows, day))


def _forecast(rows: _Rows, view: View) -> Forecast:
    now = _walk(rows, View.AS_IF_KNOWN)
    now.go_to(dt.date.max)
    ends, walk, known = _ends(now), _walk(rows, view), dict[dt.date, list[PeriodEnd]]()
    for end in ends:
        walk.go_to(end.on)
        there = any(b.stands(end.on) for b in walk.record.bills)
        known[end.on] = [*_ends(walk), PeriodEnd(end.on, walk.payable)] if there else []
    return forecast(ends, lambda end: known[end.on])
