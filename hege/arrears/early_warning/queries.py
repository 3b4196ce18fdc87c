"""What the rules need to know of every supply point of a street, in a constant number of queries."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from operator import attrgetter
from typing import Any, NamedTuple

from django.db.models import Max, Min, Q, QuerySet, Sum, prefetch_related_objects

from hege.arrears.cutoff.models import CutoffNotice, Deferral
from hege.arrears.early_warning.models import EarlyWarning, EarlyWarningQuerySet
from hege.arrears.early_warning.rules import (
    Asserted,
    CutProcedure,
    CutSeen,
    DeferralSeen,
    Finding,
    MeterSeen,
    PointHistory,
    WarningKind,
    booked_fen,
    cut_seen,
    looks_before,
    overdue_bills,
    warnings_of,
)
from hege.arrears.queries import OpenMonths, flows_of, points_by_payable, threshold_table, utility_flows
from hege.arrears.rules import (
    BillSeen,
    Flow,
    ThresholdKind,
    ThresholdRow,
    ThresholdTable,
    overdue_from,
)
from hege.billing.applying.queries import paid_of_bills
from hege.billing.chart import AccountKind, TransactionKind
from hege.billing.models import Bill
from hege.billing.queries import doubts_of, standing_bills
from hege.kernel.calendar import DAY, Calendar
from hege.kernel.clock import day_of, start_of
from hege.kernel.grouped import grouped, summed
from hege.kernel.prepared import Fixed, prepared
from hege.ledger.models import BalanceAssertion, Transfer
from hege.metering.models import Meter, SupplyPoint
from hege.metering.rules import MeterKind
from hege.people.models import Street
from hege.places.queries import path_filter, workday_calendar

#: Supply points whose history is held at once.
SOME_POINTS = 50
#: How many months before a day's own its warnings look at, day by day: at first, and where more is needed; in the end all there were.
MONTHS_LOOKED_AT = (3, 12, 12 * dt.MAXYEAR)


class PointFinding(NamedTuple):
    """A warning and the supply point it is about."""

    point: SupplyPoint
    finding: Finding


def findings(street: Street, *, on: dt.date, points: Collection[SupplyPoint] | None = None) -> list[PointFinding]:
    """Everything a street is to be warned of at the end of a day (预警), by point code; reads only, no query per point."""
    return list(each_finding(street, on=on, points=points))


def each_finding(
    street: Street, *, on: dt.date, points: Collection[SupplyPoint] | None = None
) -> Iterator[PointFinding]:
    """``findings`` one by one. Some points at a time: what is held is their open months, not the street's history."""
    wanted = (
        list(SupplyPoint.objects.filter(street=street).select_related("street").order_by("code"))
        if points is None
        else list(points)
    )
    yield from _judged(street, wanted, threshold_table(street), on=on)


def _judged(
    street: Street, wanted: Sequence[SupplyPoint], table: ThresholdTable, *, on: dt.date
) -> Iterator[PointFinding]:
    thresholds, is_workday = table.on(on), workday_calendar(street)
    for start in range(0, len(wanted), SOME_POINTS):
        some = wanted[start : start + SOME_POINTS]
        histories = history_of(street, some, table, on=on)
        for point in some:
            for finding in warnings_of(histories[point.pk], thresholds, on, is_workday):
                yield PointFinding(point, finding)


class Moved(NamedTuple):
    """What another value from a day gone by would say of the last day it judges (会动什么): warnings that would come, those that
    would go; at how many of the street's supply points that was looked at."""

    on: dt.date
    gained: list[PointFinding]
    lost: list[PointFinding]
    looked_at: int
    points: int


def moved_by(street: Street, row: ThresholdRow, *, today: dt.date) -> Moved:
    """Judge the last day of a value's time, or today, by it and without it; at the points that owe most, being a whole street's day twice."""
    table = threshold_table(street)
    until_on = table.until_on(row.kind, row.from_on)
    on = min(today, until_on - DAY) if until_on else today
    ranked = [total.point_id for total in points_by_payable(street, on=on)]
    found = SupplyPoint.objects.filter(street=street, pk__in=ranked[:SOME_POINTS]).select_related("street")
    points = sorted(found, key=attrgetter("code"))
    was, would = (
        {_key(f): f for f in _judged(street, points, judge, on=on)} for judge in (table, table.with_one_more(row))
    )
    gained, lost = ([f for key, f in one.items() if key not in other] for one, other in ((would, was), (was, would)))
    return Moved(on, gained, lost, len(points), len(ranked))


def _key(found: PointFinding) -> tuple[int, WarningKind, str]:
    return found.point.pk, found.finding.kind, found.finding.state_key


def _months_before(day: dt.date, months: int) -> dt.date:
    """The first day of the month so many months before a day's own; the first day there is where there is none."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return dt.date(year, month + 1, 1) if year >= dt.MINYEAR else dt.date.min + DAY


def history_of(
    street: Street, points: Sequence[SupplyPoint], table: ThresholdTable, *, on: dt.date
) -> dict[int, PointHistory]:
    """What the rules need to know of some supply points, by point key; the same queries for any number of them.

    Money is told day by day of the open months alone, and further back of those points whose rules ask for it.
    """
    thresholds, is_workday = table.on(on), workday_calendar(street)
    bills, open_bills = _bills(street, points, is_workday, on=on)
    paid = paid_of_bills(street, [p.book_id for p in points], on=on)
    since = _months_before(on, MONTHS_LOOKED_AT[0])
    told = OpenMonths(street, points, on=on, since=since)
    not_due = _charged(street, open_bills)
    stated = _assertions(street, points, told.told, on=on)
    meters = _meters(street, points, on=on)
    deferrals, cuts = _deferrals(street, points, on=on), cuts_of(street, points, on=on, table=table)
    doubted = on - thresholds[ThresholdKind.DOUBT_DAYS] * DAY
    recent = [point for (point,) in _lately_billed(street, [p.pk for p in points], on, doubted)]
    doubts = doubts_of(
        street, recent, tolerance=table.tolerance,
        wanted=lambda bill: bill.until_on > doubted, issued_by=on,
    )  # fmt: skip
    histories = {
        p.pk: PointHistory(
            bills=bills[p.pk],
            paid=paid.get(p.book_id, {}),
            flows=told.flows(p, since=since),
            money=told.money[p.pk],
            not_due=not_due,
            assertions=stated[p.book_id],
            meters=meters[p.pk],
            deferrals=deferrals[p.pk],
            doubts=doubts.get(p.pk, ()),
            cut=cuts.get(p.pk),
            since=since,
        )
        for p in points
    }
    for months in MONTHS_LOOKED_AT[1:]:
        left = [p for p in points if looks_before(histories[p.pk], thresholds, on, is_workday)]
        if left:
            since, until_on = _months_before(on, months), since
            told.tell_more(left, since=since, until_on=until_on)
            histories |= {p.pk: replace(histories[p.pk], flows=told.flows(p, since=since), since=since) for p in left}
    return histories


def _bills(
    street: Street, points: Sequence[SupplyPoint], calendar: Calendar, *, on: dt.date
) -> tuple[dict[int, list[BillSeen]], list[int]]:
    """Bills that stand, with opening balances as the oldest of them; and the keys of those not yet due."""
    seen: dict[int, list[BillSeen]] = defaultdict(list)
    open_bills = []
    for pk, point, number, issued_on, due_on, fen in _issued(street, [p.pk for p in points], on):
        last_on = calendar.in_time_until(due_on)
        seen[point].append(BillSeen(number, issued_on, last_on, fen))
        if last_on >= on:
            open_bills.append(pk)
    point_of = {p.book_id: p.pk for p in points}
    for book, day, document, fen in _openings(street, list(point_of), on):
        seen[point_of[book]].append(BillSeen(document, day, day, fen, opening=True))
    return seen, open_bills


@prepared
def _issued(street: Street, points: list[int], on: dt.date) -> QuerySet[Bill, tuple[Any, ...]]:
    rows = standing_bills(street).filter(point__pk__in=points, issued_on__lte=on)
    return rows.values_list("pk", "point_id", "number", "issued_on", "due_on", "amount_fen")


@prepared
def _openings(street: Street, books: list[int], on: dt.date) -> QuerySet[Transfer, tuple[Any, ...]]:
    rows = Transfer.objects.filter(
        street=street, book__pk__in=books, effective_on__lte=on,
        transaction__kind=TransactionKind.OPENING, transaction__reversed_by__isnull=True, credit__kind=AccountKind.PAYABLE,
    )  # fmt: skip
    sums: QuerySet[Transfer, tuple[Any, ...]] = rows.values_list("book_id", "effective_on").annotate(
        document=Min("transaction__reason"), fen=Sum("amount_fen")
    )
    return sums.order_by()


@prepared
def _lately_billed(street: Street, points: list[int], on: dt.date, since: dt.date) -> QuerySet[Bill, tuple[int]]:
    rows = standing_bills(street).filter(point__pk__in=points, issued_on__lte=on, until_on__gt=since).order_by()
    return rows.values_list("point_id").distinct()


def _charged(street: Street, bill_ids: Sequence[int]) -> dict[int, int]:
    """What some bills charge each tenancy as things stand, in fen by tenancy key."""
    return summed(
        (tenancy, charged)
        for debit, credit, fen in _moved_by(street, [*bill_ids])
        for tenancy, charged in ((debit, fen), (credit, -fen))
        if tenancy is not None
    )


@prepared
def _moved_by(street: Street, bills: Sequence[int]) -> QuerySet[Transfer, tuple[int | None, int | None, int]]:
    of_bills = Q(transaction__allocation__bill__pk__in=bills) | Q(transaction__reverses__allocation__bill__pk__in=bills)
    rows = Transfer.objects.filter(of_bills, street=street).values_list("debit__tenancy_id", "credit__tenancy_id")
    sums: QuerySet[Transfer, tuple[int | None, int | None, int]] = rows.annotate(fen=Sum("amount_fen")).order_by()
    return sums


def _assertions(
    street: Street, points: Sequence[SupplyPoint], of_utility: dict[int, list[Flow]], *, on: dt.date
) -> dict[int, list[Asserted]]:
    """What third records say, each beside our confirmed balance of its own day, by book key.

    ``of_utility``: all that moved to and from the utility, which is what most of them speak of.
    """
    books = [p.book_id for p in points]
    rows = _asserted(street, books, on)
    asked = {row.book_id for row in rows if row.tenancy_id is None and row.account_kind != AccountKind.PAYABLE}
    flows = of_utility | (flows_of(street, asked, on=on) if asked else {})
    positions = _positions(street, {(r.book_id, r.tenancy_id) for r in rows if r.tenancy_id is not None})
    out: dict[int, list[Asserted]] = defaultdict(list)
    for row in rows:
        kind = AccountKind(row.account_kind)
        position = None
        if row.tenancy_id is not None:
            position = sum(fen for day, fen in positions[row.book_id, row.tenancy_id] if day <= row.on)
        of_book = flows.get(row.book_id, ())
        booked = booked_fen(kind, row.amount_fen, row.on, flows=of_book, position=position)
        code = row.tenancy.unit.code if row.tenancy else ""
        out[row.book_id].append(Asserted(str(row.pk), row.document, kind, row.on, row.amount_fen, booked, code))
    return out


@prepared
def _asserted(street: Street, books: list[int], on: dt.date) -> QuerySet[BalanceAssertion]:
    rows = BalanceAssertion.objects.filter(street=street, book__pk__in=books, on__lte=on)
    return rows.select_related("tenancy__unit").order_by("on", "pk")


def _positions(
    street: Street, wanted: set[tuple[int, int | None]]
) -> dict[tuple[int, int | None], list[tuple[dt.date, int]]]:
    """How the accounts of some tenancies moved, confirmed, day by day; ``(book, tenancy)`` -> ``(day, fen)``."""
    out: dict[tuple[int, int | None], list[tuple[dt.date, int]]] = defaultdict(list)
    tenancies = {tenancy for _book, tenancy in wanted}
    if not tenancies:
        return out
    for side, sign in (("debit", 1), ("credit", -1)):
        rows = (
            Transfer.objects.filter(
                **{f"{side}__tenancy_id__in": tenancies, f"{side}__kind": AccountKind.TENANCY}, street=street
            )
            .values_list("book_id", f"{side}__tenancy_id", "effective_on")
            .annotate(fen=Sum("amount_fen"))
            .order_by()
        )
        for factor, some in ((sign, rows), (-sign, rows.filter(transaction__open_claim__street=street))):
            for book, tenancy, day, fen in some:
                out[book, tenancy].append((day, factor * fen))
    return out


def _meters(street: Street, points: Sequence[SupplyPoint], *, on: dt.date) -> dict[int, list[MeterSeen]]:
    """The meters in service on a day with their last reading until then."""
    return grouped(
        (point, MeterSeen(number, MeterKind(kind), diameter, verified_on or started_on, last or started_on))
        for point, number, kind, diameter, verified_on, started_on, last in _running(street, [p.pk for p in points], on)
    )


@prepared
def _running(street: Street, points: list[int], on: dt.date) -> QuerySet[Meter, tuple[Any, ...]]:
    rows = Meter.objects.filter(street=street, point__pk__in=points, started_on__lte=on)
    rows = rows.filter(Q(ended_on__isnull=True) | Q(ended_on__gt=on)).order_by("number")
    last = Max("readings__read_on", filter=Q(readings__read_on__lte=on))
    found: QuerySet[Meter, tuple[Any, ...]] = rows.annotate(last=last).values_list(
        "point_id", "number", "kind", "diameter_mm", "verified_on", "started_on", "last"
    )
    return found


def _deferrals(street: Street, points: Sequence[SupplyPoint], *, on: dt.date) -> dict[int, list[DeferralSeen]]:
    """The deferrals that protected at the end of a day, by point; one granted, lapsed or ended on another day counts so."""
    found = _protecting(street, [p.pk for p in points], on, start_of(on + DAY))
    return grouped((point, DeferralSeen(key, until_on)) for point, key, until_on in found)


@prepared
def _protecting(
    street: Street, points: list[int], on: dt.date, next_at: dt.datetime
) -> QuerySet[Deferral, tuple[Any, ...]]:
    rows = Deferral.objects.filter(street=street, notice__point__pk__in=points, from_on__lte=on)
    rows = rows.filter(Q(lapsed_on__isnull=True) | Q(lapsed_on__gt=on))
    rows = rows.filter(Q(ended_at__isnull=True) | Q(ended_at__gte=next_at))
    return rows.order_by("until_on").values_list("notice__point_id", "public_id", "until_on")


def overdue_fen(point: SupplyPoint, *, on: dt.date, demanded_on: dt.date | None = None) -> int:
    """What is overdue at one supply point at the end of a day, confirmed payments only, in fen.

    ``demanded_on``: of that only what was overdue on that day already, when it was demanded.
    """
    return sum(left for _bill, left in overdue_of(point, on=on, demanded_on=demanded_on))


def overdue_of(point: SupplyPoint, *, on: dt.date, demanded_on: dt.date | None = None) -> list[tuple[BillSeen, int]]:
    """The bills that make up ``overdue_fen``, the oldest due first, each with what is left of it, in fen."""
    table, calendar, by = threshold_table(point.street), workday_calendar(point.street_id), demanded_on or on
    bills, _open = _bills(point.street, [point], calendar, on=on)
    paid = paid_of_bills(point.street, [point.book_id], on=on).get(point.book_id, {})
    rows = overdue_bills(PointHistory(bills=bills[point.pk], paid=paid), table.on(on), on, calendar)
    grace = table.on(by)[ThresholdKind.OVERDUE_WORKING_DAYS]
    return [(bill, left) for bill, left in rows if overdue_from(bill.due_on, grace, calendar) <= by]


def cuts_of(
    street: Street, points: Sequence[SupplyPoint], *, on: dt.date, table: ThresholdTable | None = None
) -> dict[int, CutSeen]:
    """The supply points whose water was cut at the end of a day, by key: since when all that was demanded is paid, if it
    is, and since when the utility agrees to restore it. One query while nobody's is."""
    cut = _cut(street, [p.pk for p in points], start_of(on + DAY))
    if not cut:
        return {}
    prefetch_related_objects(cut, "demands", "consents")
    of = [n.point for n in cut]
    table, calendar = table or threshold_table(street), workday_calendar(street)
    bills, _open = _bills(street, of, calendar, on=on)
    paid = paid_of_bills(street, [p.book_id for p in of], on=on)
    return {
        n.point_id: cut_seen(
            procedure_of(n), bills[n.point_id], paid.get(n.point.book_id, {}), table=table, calendar=calendar, on=on
        )
        for n in cut
    }


def procedure_of(notice: CutoffNotice) -> CutProcedure:
    """A notice by which water was cut, with its demands and the utility's consents to restore it, as the rules see it."""
    assert notice.cut_at is not None
    assert notice.served_at is not None
    return CutProcedure(
        notice.public_id, day_of(notice.cut_at), day_of(notice.restored_at) if notice.restored_at else None,
        day_of(notice.served_at), [d.delivered_on for d in notice.demands.all()],
        [c.said_on for c in notice.consents.all() if c.deferral_id is None],
    )  # fmt: skip


@prepared
def _cut(street: Street, points: list[int], next_at: dt.datetime) -> QuerySet[CutoffNotice]:
    rows = CutoffNotice.objects.filter(street=street, point__pk__in=points, cut_at__lt=next_at)
    return rows.filter(Q(restored_at__isnull=True) | Q(restored_at__gte=next_at)).select_related("point")


def warnings_of_street(street: Street, *, paths: Iterable[str] = ("",)) -> EarlyWarningQuerySet:
    """The warnings that ever fired in these parts of a street, newest first; narrow with ``holding`` or ``waiting``."""
    return (
        EarlyWarning.objects.filter(path_filter("point__place__path", paths), street=street)
        .select_related("point", "report__case", "acknowledged_by")
        .order_by("-fired_on", "-pk")
    )


def failed_assertions(street: Street, *, on: dt.date) -> Iterator[tuple[SupplyPoint, Asserted]]:
    """Every balance assertion that our confirmed rows do not bear out, with its point; some points at a time."""
    asserted = BalanceAssertion.objects.filter(street=street, on__lte=on).values("book_id")
    points = list(SupplyPoint.objects.filter(street=street, book_id__in=asserted).order_by("code"))
    for start in range(0, len(points), SOME_POINTS):
        some = points[start : start + SOME_POINTS]
        of_utility = utility_flows(street, [p.book_id for p in some], on=on)
        stated = _assertions(street, some, of_utility, on=on)
        yield from ((p, a) for p in some for a in stated[p.book_id] if a.stated_fen != a.booked_fen)


def holding_in(street: Street, paths: Iterable[str]) -> list[EarlyWarning]:
    """The warnings that hold in these parts of a street, the most pressing kind first, then the oldest; one query."""
    return _by_pressure(_holding(street, Fixed(tuple(paths))))


@prepared
def _holding(street: Street, paths: Fixed) -> EarlyWarningQuerySet:
    return warnings_of_street(street, paths=paths.value).holding()


def most_pressing(warnings: EarlyWarningQuerySet) -> list[EarlyWarning]:
    """Those that hold, the most pressing kind first, then the oldest."""
    return _by_pressure(warnings.holding())


def _by_pressure(warnings: Iterable[EarlyWarning]) -> list[EarlyWarning]:
    order = WarningKind.values
    return sorted(warnings, key=lambda w: (order.index(w.kind), w.since))
