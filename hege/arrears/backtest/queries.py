"""All that was ever written down of one supply point, each row with the day at whose end it was known; read once, not by day."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from operator import attrgetter
from typing import Any, NamedTuple

from django.db.models import Q, Sum

from hege.arrears.backtest.rules import (
    ALWAYS,
    Admission,
    BillKnown,
    Charge,
    DeferralKnown,
    Doubts,
    Entry,
    Fired,
    MeterKnown,
    Progress,
    ReadingKnown,
    Record,
    Stated,
    days_that_matter,
    first_fired,
)
from hege.arrears.cutoff.models import CutoffNotice, Deferral
from hege.arrears.early_warning.queries import procedure_of
from hege.arrears.early_warning.rules import CutProcedure
from hege.arrears.queries import owners_of, threshold_table
from hege.arrears.rules import BillSeen, ThresholdTable
from hege.billing.chart import WATER, AccountKind, TransactionKind
from hege.billing.models import Acknowledgement, Bill, BillComponent, Tariff
from hege.billing.queries import doubts_among
from hege.billing.rules import ComponentKind, Doubt, Printed
from hege.billing.tariff.queries import price_of, tariffs_of
from hege.kernel import seal
from hege.kernel.calendar import Calendar
from hege.kernel.clock import day_of
from hege.kernel.grouped import grouped
from hege.ledger.models import BalanceAssertion, Evidence, Transaction, Transfer
from hege.ledger.rules import REVERSAL, EvidenceKind, Level, Side, Statement, proven
from hege.metering.models import Meter, Reading, SupplyPoint
from hege.metering.queries import Behind, indexes_by, meters_at, runs_by
from hege.metering.rules import MeterKind
from hege.people.models import Street
from hege.places.queries import workday_calendar
from hege.trail.models import TrailLine


class View(StrEnum):
    """Which knowledge a day is judged by: what had been written down by its end, or all that is written down now of the days until it."""

    KNOWN_THEN = "known_then"
    AS_IF_KNOWN = "as_if_known"


@dataclass(frozen=True, slots=True)
class Knowledge:
    """From which day's end a row counts as known, by one view, from the instant it was written down."""

    view: View

    def known(self, at: dt.datetime | None) -> dt.date:
        return day_of(at) if self.view is View.KNOWN_THEN and at is not None else ALWAYS

    def gone(self, at: dt.datetime | None) -> dt.date | None:
        """The same of what took a row back, where anything did."""
        return None if at is None else self.known(at)


class Past(NamedTuple):
    """One supply point to be walked again, with what its days are judged by."""

    record: Record
    table: ThresholdTable
    calendar: Calendar


class Backtest(NamedTuple):
    """The first day of each kind of signal by one view (预警回看), and over which days was looked."""

    view: View
    began_on: dt.date | None
    until_on: dt.date
    fired: list[Fired]


def backtest(
    point: SupplyPoint, *, on: dt.date, view: View, progress: Progress = lambda _done, _total: None
) -> Backtest:
    """When each kind of signal would have fired first, up to a day; some twenty queries, however many days are walked."""
    past = past_of(point, view=view)
    return backtest_of(past, on=on, view=view, progress=progress)


def backtest_of(past: Past, *, on: dt.date, view: View, progress: Progress = lambda _done, _total: None) -> Backtest:
    """``backtest`` of what has been read."""
    days = days_that_matter(*past, until_on=on)
    return Backtest(view, past.record.began_on, on, first_fired(*past, days=days, progress=progress))


def past_of(point: SupplyPoint, *, view: View) -> Past:
    """Read it all; money of the point's own book, water of its own meters."""
    street, by = point.street, Knowledge(view)
    calendar, table = workday_calendar(street), threshold_table(street)
    if view is View.AS_IF_KNOWN:
        table = ThresholdTable([row._replace(recorded_at=None) for row in table.rows])
    transactions = list(_transactions(point))
    meters, readings = meters_at(street, [point.pk]), _readings(point, by)
    known_on = {row.pk: by.known(row.recorded_at) for row in transactions}
    record = Record(
        owners=owners_of(street, [point.book_id])[point.book_id],
        entries=[Entry(*row, known_on[row[0]]) for row in _entries(point)],
        levels=levels_of(transactions, words_of(point, WATER.needs_evidence), by),
        bills=[*_bills(point, calendar, by), *_openings(point, by)],
        charges=_charges(point, transactions, known_on),
        meters=[_meter(meter) for meter in sorted(meters, key=attrgetter("number"))],
        readings=readings,
        admissions=_admissions(point, by),
        stated=_stated(point, by),
        deferrals=_deferrals(point),
        cuts=_cuts(point),
        doubts=_doubts(street, point, table, meters, readings, by),
    )
    return Past(record, table, calendar)


def _meter(m: Meter) -> MeterKnown:
    verified_on = m.verified_on or m.started_on
    return MeterKnown(m.pk, m.number, MeterKind(m.kind), m.diameter_mm, verified_on, m.started_on, m.ended_on)


class Written(NamedTuple):
    """A transaction: of what kind, written down when, what it reverses; the bill it shares, or whose share it takes back."""

    pk: int
    kind: str
    recorded_at: dt.datetime
    reverses_id: int | None
    shares_bill: int | None = None
    unshares_bill: int | None = None


#: A statement beside a transaction, and when it was written down.
Word = tuple[int, str, str, bool, dt.datetime]


def _transactions(point: SupplyPoint) -> Iterable[Written]:
    rows = Transaction.objects.filter(street=point.street_id, book=point.book_id).order_by("pk")
    values = rows.values_list(
        "pk", "kind", "recorded_at", "reverses_id", "allocation__bill_id", "reverses__allocation__bill_id"
    )
    return (Written(*row) for row in values)


def words_of(point: SupplyPoint, kinds: Collection[str]) -> list[Word]:
    """What was said for and against the transactions of some kinds, in the order it was said; one query."""
    rows = Evidence.objects.filter(
        street=point.street_id, transaction__book=point.book_id, transaction__kind__in=[*kinds]
    )
    said = rows.order_by("pk").values_list("transaction_id", "side", "kind", "supports", "recorded_at")
    return list(said)


def levels_of(
    transactions: Iterable[Written], words: Iterable[Word], by: Knowledge
) -> dict[int, list[tuple[dt.date, bool]]]:
    """From which days on each transaction that needs evidence was confirmed or not; a reversal is what its original is. In their order."""
    said = grouped(
        (pk, (by.known(at), Statement(Side(side), EvidenceKind(kind), yes))) for pk, side, kind, yes, at in words
    )
    levels: dict[int, list[tuple[dt.date, bool]]] = {}
    for t in transactions:
        if t.kind in WATER.needs_evidence:
            here = said.get(t.pk, [])
            levels[t.pk] = [(by.known(t.recorded_at), False)] + [
                (day, proven([word for _day, word in here[: n + 1]]) is Level.CONFIRMED)
                for n, (day, _word) in enumerate(here)
            ]
        elif t.kind == REVERSAL and t.reverses_id in levels:
            levels[t.pk] = levels[t.reverses_id]
    return levels


def _entries(point: SupplyPoint) -> Iterable[tuple[int, int, int, int, dt.date]]:
    rows = Transfer.objects.filter(street=point.street_id, transaction__book=point.book_id)
    return rows.order_by("pk").values_list("transaction_id", "debit_id", "credit_id", "amount_fen", "effective_on")


def _bills(point: SupplyPoint, calendar: Calendar, by: Knowledge) -> list[BillKnown]:
    rows = list(
        Bill.objects.filter(street=point.street_id, point=point).values_list(
            "pk", "number", "from_on", "until_on", "volume_litres", "amount_fen", "previous_litres", "current_litres",
            "issued_on", "due_on", "transaction__recorded_at", "transaction__reversed_by__recorded_at",
        )
    )  # fmt: skip
    parts: dict[int, dict[ComponentKind, int]] = defaultdict(dict)
    of_bills = BillComponent.objects.filter(street=point.street_id, bill__point=point)
    kinds = {kind.value: kind for kind in ComponentKind}
    for bill, kind, fen in of_bills.values_list("bill_id", "kind", "amount_fen"):
        parts[bill][kinds[kind]] = fen
    found = []
    for pk, number, from_on, until_on, litres, fen, before, after, issued_on, due_on, at, taken_back_at in rows:
        have = {kind: parts[pk][kind] for kind in ComponentKind if kind in parts[pk]}
        printed = Printed(number, from_on, until_on, litres, have, fen, before, after)
        seen = BillSeen(number, issued_on, calendar.in_time_until(due_on), fen)
        found.append(BillKnown(pk, seen, printed, by.known(at), by.gone(taken_back_at)))
    return found


def _openings(point: SupplyPoint, by: Knowledge) -> list[BillKnown]:
    rows = Transfer.objects.filter(
        street=point.street_id, book=point.book_id, transaction__kind=TransactionKind.OPENING,
        credit__kind=AccountKind.PAYABLE,
    )  # fmt: skip
    sums = rows.values_list(
        "transaction_id", "effective_on", "transaction__reason", "transaction__recorded_at",
        "transaction__reversed_by__recorded_at",
    ).annotate(fen=Sum("amount_fen")).order_by()  # fmt: skip
    return [
        BillKnown(-pk, BillSeen(document, day, day, fen, opening=True), None, by.known(at), by.gone(taken_back_at))
        for pk, day, document, at, taken_back_at, fen in sums
    ]


def _charges(
    point: SupplyPoint, transactions: Iterable[Written], known_on: dict[int, dt.date]
) -> dict[int, list[Charge]]:
    """What shares and their corrections charge each tenancy, by the bill."""
    bill_of = {t.pk: t.shares_bill or t.unshares_bill for t in transactions}
    rows = Transfer.objects.filter(
        Q(transaction__allocation__isnull=False) | Q(transaction__reverses__allocation__isnull=False),
        street=point.street_id, transaction__book=point.book_id,
    )  # fmt: skip
    moved = rows.values_list("transaction_id", "debit__tenancy_id", "credit__tenancy_id", "amount_fen")
    return grouped(
        (bill, Charge(tenancy, sign * fen, known_on[pk]))
        for pk, debit, credit, fen in moved
        for tenancy, sign in ((debit, 1), (credit, -1))
        if tenancy is not None and (bill := bill_of[pk]) is not None
    )


def _readings(point: SupplyPoint, by: Knowledge) -> list[ReadingKnown]:
    rows = Reading.objects.filter(street=point.street_id, meter__point=point).order_by("pk")
    values = rows.values_list("meter_id", "read_on", "litres", "method", "recorded_at", "corrected_by__recorded_at")
    return [
        ReadingKnown(meter, on, litres, method, by.known(at), by.gone(put_right_at))
        for meter, on, litres, method, at, put_right_at in values
    ]


def _admissions(point: SupplyPoint, by: Knowledge) -> list[Admission]:
    rows = Acknowledgement.objects.filter(street=point.street_id, point=point).order_by("on", "pk")
    values = rows.values_list("tenancy_id", "on", "amount_fen", "recorded_at")
    return [Admission(tenancy, on, fen, by.known(at)) for tenancy, on, fen, at in values]


def _stated(point: SupplyPoint, by: Knowledge) -> list[Stated]:
    rows = BalanceAssertion.objects.filter(street=point.street_id, book=point.book_id).order_by("on", "pk")
    return [
        Stated(
            str(row.pk), row.document, AccountKind(row.account_kind), row.on, row.amount_fen, row.tenancy_id,
            row.tenancy.unit.code if row.tenancy else "", by.known(row.recorded_at),
        )
        for row in rows.select_related("tenancy__unit")
    ]  # fmt: skip


def _deferrals(point: SupplyPoint) -> list[DeferralKnown]:
    """Acts of the street: they were known on their own day."""
    rows = Deferral.objects.filter(street=point.street_id, notice__point=point).order_by("until_on")
    return [
        DeferralKnown(key, from_on, until_on, min(filter(None, (lapsed_on, at and day_of(at))), default=None))
        for key, from_on, until_on, lapsed_on, at in rows.values_list(
            "public_id", "from_on", "until_on", "lapsed_on", "ended_at"
        )
    ]


def _cuts(point: SupplyPoint) -> list[CutProcedure]:
    rows = CutoffNotice.objects.filter(street=point.street_id, point=point, cut_at__isnull=False)
    return [procedure_of(notice) for notice in rows.prefetch_related("demands", "consents")]


def _doubts(
    street: Street,
    point: SupplyPoint,
    table: ThresholdTable,
    meters: Sequence[Meter],
    readings: Sequence[ReadingKnown],
    by: Knowledge,
) -> Doubts:
    """What is to be asked about bills, by the readings and price lists of which a day knew; asked anew only where any of it changed."""
    told = TrailLine.objects.filter(street=street, thing=seal.known_as(Tariff), verb="adopt_tariff")
    adopted = {thing: by.known(at) for thing, at in told.values_list("thing_id", "at")}
    prices = [(adopted.get(str(tariff.pk), ALWAYS), price_of(tariff)) for tariff in tariffs_of(street)]
    changes = sorted(
        {day for day, _price in prices}
        | {r.known_on for r in readings}
        | {r.gone_on for r in readings if r.gone_on is not None}
    )
    last: dict[str, Any] = {}

    def ask(bills: Sequence[Printed], day: dt.date) -> Sequence[Doubt]:
        state = ([bill.number for bill in bills], sum(change <= day for change in changes))
        if last.get("state") != state:
            here = [
                (r.read_on, r.meter, r.litres, r.method)
                for r in readings
                if r.known_on <= day and (r.gone_on is None or r.gone_on > day)
            ]
            behind = runs_by(meters, indexes_by(meters, here)).get(point.pk, Behind([], []))
            by_then = [price for since, price in prices if since <= day]
            in_order = sorted(bills, key=lambda b: (b.from_on, b.until_on, b.number))
            last["found"] = doubts_among(in_order, behind, by_then, tolerance=table.tolerance)
            last["state"] = state
        found: Sequence[Doubt] = last["found"]
        return found

    return ask
