"""What was owed at the end of each period of a supply point, now and as it was known on each of those evenings; three queries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from django.db.models import Q

from hege.arrears.backtest.queries import Knowledge, View, Word, Written, levels_of, words_of
from hege.arrears.backtest.rules import BillKnown, Entry, Record, Walk
from hege.arrears.forecast.rules import Forecast, PeriodEnd, ends_of, forecast
from hege.arrears.rules import BillSeen, Owner, ThresholdTable, payable_on
from hege.billing.chart import AccountKind, TransactionKind
from hege.billing.models import Bill
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
    """What a point's payable was made of until a day: what moved, what was said of it, the bills."""

    moved: Sequence[_Moved]
    words: Sequence[Word]
    bills: Sequence[tuple[int, dt.date, int, dt.datetime, dt.datetime | None]]


def _rows(point: SupplyPoint, on: dt.date) -> _Rows:
    street = point.street_id
    payable = Q(debit__kind=AccountKind.PAYABLE) | Q(credit__kind=AccountKind.PAYABLE)
    transfers = Transfer.objects.filter(payable, street=street, transaction__book=point.book_id, effective_on__lte=on)
    columns = ("transaction_id", "transaction__kind", "transaction__recorded_at", "transaction__reverses_id")
    moved = [
        _Moved(Written(*row[:4]), row[4] if row[6] == AccountKind.PAYABLE else -row[4], row[5])
        for row in transfers.order_by("pk").values_list(*columns, "amount_fen", "effective_on", "credit__kind")
    ]
    bills = Bill.objects.filter(street=street, point=point, issued_on__lte=on, amount_fen__gt=0).values_list(
        "pk", "issued_on", "amount_fen", "transaction__recorded_at", "transaction__reversed_by__recorded_at"
    )
    paid = (TransactionKind.REMITTANCE, TransactionKind.DIRECT_PAYMENT)
    return _Rows(moved, words_of(point, paid), list(bills))


def _walk(rows: _Rows, view: View) -> Walk:
    by = Knowledge(view)
    entries = [
        Entry(m.transaction.pk, *((OTHER, OWED) if m.fen > 0 else (OWED, OTHER)), abs(m.fen), m.on,
              by.known(m.transaction.recorded_at))
        for m in rows.moved
    ]  # fmt: skip
    bills = [
        BillKnown(pk, BillSeen("", issued_on, issued_on, fen), None, by.known(at), by.gone(taken_back_at))
        for pk, issued_on, fen, at, taken_back_at in rows.bills
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
