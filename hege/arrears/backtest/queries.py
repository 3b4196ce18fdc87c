"""All that was ever written down of one supply point, each row with the day at whose end it was known; read once, not by day."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from operator import attrgetter
from typing import Any, NamedTuple

from hege.arrears.backtest.rules import (
    ALWAYS,
    Admission,
    Applied,
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
from hege.arrears.rules import BillSeen, Owner, ThresholdTable
from hege.billing.applying.models import Application
from hege.billing.applying.queries import of_utility, parts_of_plans
from hege.billing.applying.rules import Met
from hege.billing.chart import WATER, AccountKind, TransactionKind
from hege.billing.models import Acknowledgement, Bill, BillComponent, Tariff
from hege.billing.queries import doubts_among
from hege.billing.rules import ComponentKind, Doubt, Price, Printed
from hege.billing.tariff.queries import price_of, tariffs_of
from hege.kernel import seal
from hege.kernel.calendar import Calendar
from hege.kernel.clock import day_of
from hege.kernel.grouped import grouped, summed
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


def backtest_of(
    past: Past,
    *,
    on: dt.date,
    view: View,
    progress: Progress = lambda _done, _total: None,
    first_alone: bool = False,
) -> Backtest:
    """``backtest`` of what has been read; ``first_alone``: of the first day alone on which anything fires."""
    days = days_that_matter(*past, until_on=on)
    fired = first_fired(*past, days=days, progress=progress, first_alone=first_alone)
    return Backtest(view, past.record.began_on, on, fired)


class Read(NamedTuple):
    """All rows of one supply point as they stand in the database, for either view: money of its own book, water of its own meters."""

    calendar: Calendar
    table: ThresholdTable
    owners: dict[int, Owner]
    transactions: list[Written]
    entries: list[tuple[int, int, int, int, dt.date]]
    words: list[Word]
    bills: list[tuple[Any, ...]]
    parts: list[tuple[int, str, int]]
    meters: list[Meter]
    readings: list[tuple[int, dt.date, int, str, dt.datetime, dt.datetime | None]]
    admissions: list[tuple[int, dt.date, int, dt.datetime]]
    stated: list[BalanceAssertion]
    deferrals: list[DeferralKnown]
    cuts: list[CutProcedure]
    prices: list[tuple[dt.datetime | None, Price]]
    applied: list[Application]
    plan_parts: dict[int, list[str]]


def read(point: SupplyPoint) -> Read:
    """Some nineteen queries; three more where water was cut."""
    street, book = point.street, point.book_id
    transactions = Transaction.objects.filter(street=street, book=book).order_by("pk")
    written = transactions.values_list(
        "pk", "kind", "recorded_at", "reverses_id", "allocation__bill_id", "reverses__allocation__bill_id", "reason"
    )
    entries = Transfer.objects.filter(street=street, transaction__book=book).order_by("pk")
    bills = Bill.objects.filter(street=street, point=point)
    readings = Reading.objects.filter(street=street, meter__point=point).order_by("pk")
    admissions = Acknowledgement.objects.filter(street=street, point=point).order_by("on", "pk")
    stated = BalanceAssertion.objects.filter(street=street, book=book).order_by("on", "pk")
    return Read(
        calendar=workday_calendar(street),
        table=threshold_table(street),
        owners=owners_of(street, [book])[book],
        transactions=[Written(*row) for row in written],
        entries=list(entries.values_list("transaction_id", "debit_id", "credit_id", "amount_fen", "effective_on")),
        words=words_of(point, WATER.needs_evidence),
        bills=list(bills.values_list(*BILL)),
        parts=list(
            BillComponent.objects.filter(street=street, bill__point=point).values_list("bill_id", "kind", "amount_fen")
        ),
        meters=meters_at(street, [point.pk]),
        readings=list(
            readings.values_list("meter_id", "read_on", "litres", "method", "recorded_at", "corrected_by__recorded_at")
        ),
        admissions=list(admissions.values_list("tenancy_id", "on", "amount_fen", "recorded_at")),
        stated=list(stated.select_related("tenancy__unit")),
        deferrals=_deferrals(point),
        cuts=_cuts(point),
        prices=_prices(street),
        applied=list(of_utility(street, [book]).select_related("transaction").order_by("pk")),
        plan_parts=parts_of_plans(street, [book]),
    )


#: What is read of a bill.
BILL = (
    "pk", "number", "from_on", "until_on", "volume_litres", "amount_fen", "previous_litres", "current_litres",
    "issued_on", "due_on", "transaction__recorded_at", "transaction__reversed_by__recorded_at",
)  # fmt: skip


def past_of(point: SupplyPoint, *, view: View) -> Past:
    """A supply point to be walked again by one view."""
    return seen_by(read(point), view=view)


def seen_by(rows: Read, *, view: View) -> Past:
    """What has been read, as one view knows it."""
    by, table = Knowledge(view), rows.table
    if view is View.AS_IF_KNOWN:
        table = ThresholdTable([row._replace(recorded_at=None) for row in table.rows])
    known_on = {row.pk: by.known(row.recorded_at) for row in rows.transactions}
    readings = [
        ReadingKnown(meter, on, litres, method, by.known(at), by.gone(put_right_at))
        for meter, on, litres, method, at, put_right_at in rows.readings
    ]
    record = Record(
        owners=rows.owners,
        entries=[Entry(*row, known_on[row[0]]) for row in rows.entries],
        levels=levels_of(rows.transactions, rows.words, by),
        bills=[*_bills(rows, by), *_openings(rows, by)],
        charges=_charges(rows, known_on),
        meters=[_meter(meter) for meter in sorted(rows.meters, key=attrgetter("number"))],
        readings=readings,
        admissions=[Admission(tenancy, on, fen, by.known(at)) for tenancy, on, fen, at in rows.admissions],
        stated=[_stated(row, by) for row in rows.stated],
        deferrals=rows.deferrals,
        cuts=rows.cuts,
        doubts=_doubts(rows, table, readings, by),
        applied=[_applied(row, by) for row in rows.applied],
        parts=rows.plan_parts,
    )
    return Past(record, table, rows.calendar)


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
    reason: str = ""


#: A statement beside a transaction, and when it was written down.
Word = tuple[int, str, str, bool, dt.datetime]


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


def _applied(row: Application, by: Knowledge) -> Applied:
    """What met a debt to the utility; what was derived later was known as soon as its payment was."""
    at = row.transaction.recorded_at if row.derived and row.transaction else row.recorded_at
    return Applied(Met(row.transaction_id, row.plan_id, row.debt, row.on), row.amount_fen, by.known(at))


def _bills(rows: Read, by: Knowledge) -> list[BillKnown]:
    parts: dict[int, dict[ComponentKind, int]] = defaultdict(dict)
    kinds = {kind.value: kind for kind in ComponentKind}
    for bill, kind, fen in rows.parts:
        parts[bill][kinds[kind]] = fen
    found = []
    for pk, number, from_on, until_on, litres, fen, before, after, issued_on, due_on, at, taken_back_at in rows.bills:
        have = {kind: parts[pk][kind] for kind in ComponentKind if kind in parts[pk]}
        printed = Printed(number, from_on, until_on, litres, have, fen, before, after)
        seen = BillSeen(number, issued_on, rows.calendar.in_time_until(due_on), fen)
        found.append(BillKnown(pk, seen, printed, by.known(at), by.gone(taken_back_at)))
    return found


def _openings(rows: Read, by: Knowledge) -> list[BillKnown]:
    """Opening balances of what is owed to the utility: the oldest debts, due on their own day."""
    openings = {t.pk: t for t in rows.transactions if t.kind == TransactionKind.OPENING}
    taken_back = {t.reverses_id: t.recorded_at for t in rows.transactions if t.reverses_id in openings}
    owed = {pk for pk, owner in rows.owners.items() if owner.kind is AccountKind.PAYABLE}
    sums = summed(
        ((pk, day), fen) for pk, _debit, credit, fen, day in rows.entries if pk in openings and credit in owed
    )
    return [
        BillKnown(
            -pk, BillSeen(openings[pk].reason, day, day, fen, opening=True), None, by.known(openings[pk].recorded_at),
            by.gone(taken_back.get(pk)),
        )
        for (pk, day), fen in sums.items()
    ]  # fmt: skip


def _charges(rows: Read, known_on: Mapping[int, dt.date]) -> dict[int, list[Charge]]:
    """What shares and their corrections charge each tenancy, by the bill."""
    bill_of = {t.pk: bill for t in rows.transactions if (bill := t.shares_bill or t.unshares_bill) is not None}
    return grouped(
        (bill_of[pk], Charge(tenancy, sign * fen, known_on[pk]))
        for pk, debit, credit, fen, _on in rows.entries
        if pk in bill_of
        for account, sign in ((debit, 1), (credit, -1))
        if (tenancy := rows.owners[account].tenancy_id) is not None
    )


def _stated(row: BalanceAssertion, by: Knowledge) -> Stated:
    code = row.tenancy.unit.code if row.tenancy else ""
    kind = AccountKind(row.account_kind)
    at = by.known(row.recorded_at)
    return Stated(str(row.pk), row.document, kind, row.on, row.amount_fen, row.tenancy_id, code, at)


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


def _prices(street: Street) -> list[tuple[dt.datetime | None, Price]]:
    """The price lists of a street, the newest first day first, each with when it was written down; None where nobody knows."""
    told = TrailLine.objects.filter(street=street, thing=seal.known_as(Tariff), verb="adopt_tariff")
    adopted = dict(told.values_list("thing_id", "at"))
    return [(adopted.get(str(tariff.pk)), price_of(tariff)) for tariff in tariffs_of(street)]


def _doubts(rows: Read, table: ThresholdTable, readings: Sequence[ReadingKnown], by: Knowledge) -> Doubts:
    """What is to be asked about bills, by the readings and price lists of which a day knew; asked anew only where any of it changed."""
    prices = [(by.known(at), price) for at, price in rows.prices]
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
            behind = next(iter(runs_by(rows.meters, indexes_by(rows.meters, here)).values()), Behind([], []))
            by_then = [price for since, price in prices if since <= day]
            in_order = sorted(bills, key=lambda b: (b.from_on, b.until_on, b.number))
            last["found"] = doubts_among(in_order, behind, by_then, tolerance=table.tolerance)
            last["state"] = state
        found: Sequence[Doubt] = last["found"]
        return found

    return ask
