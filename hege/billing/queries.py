"""Reads over bills and what is needed to share them."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from heapq import nsmallest
from typing import Any, NamedTuple

from django.db.models import Count, Exists, Max, Min, OuterRef, Q, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from hege.attachments.models import Attachment
from hege.billing.chart import TransactionKind
from hege.billing.models import Allocation, Bill, BillComponent, MethodChoice, Payment, Share
from hege.billing.rules import (
    Basis,
    Beside,
    ComponentKind,
    Doubt,
    Method,
    Occupant,
    Price,
    Printed,
    ShareLine,
    Tolerance,
    corrected_by,
    doubts_about,
    share,
)
from hege.billing.tariff.queries import prices_of
from hege.kernel.grouped import grouped
from hege.kernel.prepared import prepared
from hege.kernel.refused import Refused
from hege.ledger.models import Transaction
from hege.ledger.rules import TRANSACTIONS, Level
from hege.metering.models import Connection, Meter, Reading, SupplyPoint
from hege.metering.queries import Behind, indexes_of, runs_of, sub_meters_behind
from hege.metering.rules import DAY, Index, measured, unread, volume
from hege.people.models import Street
from hege.places.models import Tenancy


def standing_bills(street: Street) -> QuerySet[Bill]:
    """Bills that have not been reversed."""
    return Bill.objects.filter(street=street, transaction__reversed_by__isnull=True)


def _waiting(street: Street) -> QuerySet[Bill]:
    """Bills that stand and have no standing allocation."""
    standing = Allocation.objects.filter(street=street, bill=OuterRef("pk"), transaction__reversed_by__isnull=True)
    return standing_bills(street).filter(~Exists(standing))


def unshared_bills(street: Street) -> QuerySet[Bill]:
    """Bills without a standing allocation, oldest first."""
    return (
        _waiting(street)
        .select_related("point__book", "transaction", "street")
        .prefetch_related("components")
        .order_by("point__code", "from_on", "pk")
    )


def waiting_to_be_shared(street: Street, bills: Sequence[Bill]) -> list[Bill]:
    """Those of some bills that are neither reversed nor shared, in their order; two queries, by keys alone: one that joins
    all of it took minutes where the database had not counted its tables yet."""
    allocated = _allocated(street, [bill.pk for bill in bills])
    back = set(_taken_back(street, [*(bill.transaction_id for bill in bills), *(by for _bill, by in allocated)]))
    shared = {bill for bill, by in allocated if by not in back}
    return [bill for bill in bills if bill.transaction_id not in back and bill.pk not in shared]


@prepared
def _allocated(street: Street, bills: Sequence[int]) -> QuerySet[Allocation, tuple[int, int]]:
    return Allocation.objects.filter(street=street, bill__pk__in=bills).values_list("bill_id", "transaction_id")


@prepared
def _taken_back(street: Street, transactions: Sequence[int]) -> QuerySet[Transaction, int]:
    return Transaction.objects.filter(street=street, reverses__pk__in=transactions).values_list(
        "reverses_id", flat=True
    )


def components_of_bills(street: Street, bills: Iterable[Bill]) -> dict[int, dict[ComponentKind, int]]:
    """The printed components of some bills in fen, by the bill's key, in the order of the kinds; one query."""
    rows = BillComponent.objects.filter(street=street, bill__in=[bill.pk for bill in bills])
    have: dict[int, dict[str, int]] = defaultdict(dict)
    for bill, kind, fen in rows.values_list("bill_id", "kind", "amount_fen"):
        have[bill][kind] = fen
    return {bill: {kind: fens[kind] for kind in ComponentKind if kind in fens} for bill, fens in have.items()}


def current_allocation(bill: Bill) -> Allocation | None:
    """The allocation of a bill that stands and has not been replaced: the latest, as dependents are reversed first."""
    return (
        Allocation.objects.filter(street=bill.street_id, bill=bill, transaction__reversed_by__isnull=True)
        .order_by("-pk")
        .first()
    )


def method_on(point: SupplyPoint, day: dt.date) -> Method:
    """The sharing method in force for periods that begin on a day. Raises ``Refused`` when none was ever chosen."""
    return _in_force(point, _chosen(point.street, [point.pk])[point.pk], day)


def _chosen(street: Street, point_ids: Iterable[int]) -> dict[int, list[tuple[dt.date, str]]]:
    """From which day on which method was chosen for some supply points, the earliest first; one query."""
    rows = MethodChoice.objects.filter(street=street, point__in=list(point_ids)).order_by("from_on", "pk")
    return grouped((point, (on, method)) for point, on, method in rows.values_list("point_id", "from_on", "method"))


def _in_force(point: SupplyPoint, chosen: list[tuple[dt.date, str]], day: dt.date) -> Method:
    if not chosen:
        raise Refused(_("总表 %(code)s 还没有定分摊方式。"), code=point.code)
    return Method(next((method for on, method in reversed(chosen) if on <= day), chosen[0][1]))


def components_of(bill: Bill) -> dict[ComponentKind, int]:
    """A bill's printed components in fen, in the order of the kinds."""
    have = {ComponentKind(c.kind): c.amount_fen for c in bill.components.all()}
    return {kind: have[kind] for kind in ComponentKind if kind in have}


def _bases(street: Street, bills: Sequence[Bill], *, beside: Iterable[Bill] = ()) -> list[Basis]:
    """What each of some bills is weighed by: its own period and volume; a credit (红字) by those of the bills it corrects; a
    query where there is a credit.

    A credit's volume is what it takes back, often nothing: no sum to set sub-meters against. It corrects the
    standing bills whose periods share days with its own, all together, else the latest before; where there is
    none it stands for itself. So a credit falls on whom the water was charged to, whatever volume it names.
    ``beside`` are bills that stand as soon as these do.
    """
    credited = {bill.point_id for bill in bills if bill.amount_fen < 0}
    standing = standing_bills(street).filter(point__in=credited, amount_fen__gt=0).order_by("from_on", "pk")
    charges = [*standing, *(b for b in beside if b.amount_fen > 0)] if credited else []
    charged = grouped((b.point_id, b) for b in sorted(charges, key=lambda b: b.from_on))
    return [_basis(bill, charged[bill.point_id] if bill.amount_fen < 0 else []) for bill in bills]


def _basis(bill: Bill, charged: Sequence[Bill]) -> Basis:
    corrected = corrected_by(bill, charged)
    if not corrected:
        return Basis(bill.from_on, bill.until_on, bill.volume_litres)
    return Basis(corrected[0].from_on, max(b.until_on for b in corrected), sum(b.volume_litres for b in corrected))


class ToSplit(NamedTuple):
    """A bill to be split, written or not yet, and its printed components in fen; without a method, by its supply point's."""

    bill: Bill
    components_fen: Mapping[ComponentKind, int]
    method: Method | None = None


class Split(NamedTuple):
    """How a bill is split, from the data there is now, and by what."""

    method: Method
    basis: Basis
    components_fen: Mapping[ComponentKind, int]
    lines: list[ShareLine]


def splits_of(
    street: Street, asked: Sequence[ToSplit], *, beside: Iterable[Bill] = (), coming: Iterable[Reading] = ()
) -> list[Split | Refused]:
    """How each of some bills of a street is split, or why it cannot be, naming all that is missing; six queries for any number.

    ``beside`` are bills and ``coming`` readings that are not written yet.
    """
    bases = _bases(street, [one.bill for one in asked], beside=beside)
    chosen = _chosen(street, {one.bill.point_id for one in asked if one.method is None})
    found: list[Split | Refused] = []
    weighed: list[_Weighed] = []
    for one, basis in zip(asked, bases, strict=True):
        try:
            method = one.method or _in_force(one.bill.point, chosen[one.bill.point_id], one.bill.from_on)
        except Refused as refusal:
            found.append(refusal)
            continue
        weighed.append(_Weighed(one.bill.point_id, method, basis))
        found.append(Split(method, basis, one.components_fen, []))
    behind = iter(_occupants_behind(street, weighed, coming=coming))
    return [one if isinstance(one, Refused) else _shared(one, next(behind)) for one in found]


def _shared(split: Split, occupants: Sequence[Occupant]) -> Split | Refused:
    try:
        lines = share(
            split.method, occupants, components_fen=split.components_fen, **split.basis._asdict()
        )  # fmt: skip
    except Refused as refusal:
        return refusal
    return split._replace(lines=lines)


def split_of(bill: Bill, method: Method | None = None, *, coming: Iterable[Reading] = ()) -> Split:
    """How one bill is split by a method, else by its supply point's. Raises ``Refused`` naming all that is missing."""
    (found,) = splits_of(bill.street, [ToSplit(bill, components_of(bill), method)], coming=coming)
    if isinstance(found, Refused):
        raise found
    return found


def frozen_weights(lines: Iterable[ShareLine]) -> list[list[Any]]:
    """The weights of a split as an allocation keeps them: unit code, tenancy key, exact weight."""
    return [[line.unit_code, line.tenancy_id, str(line.weight)] for line in lines]


def shared_otherwise(
    street: Street, point_ids: Iterable[int], *, from_on: dt.date, until_on: dt.date, coming: Iterable[Reading] = ()
) -> list[Bill]:
    """Bills of some points and days, shared by estimated readings, that the readings there are now would share otherwise,
    or would with those that are ``coming``."""
    rows = (
        standing_bills(street)
        .filter(point__in=list(point_ids), from_on__lt=until_on, until_on__gt=from_on)
        .filter(Exists(Share.objects.filter(street=street, allocation__bill=OuterRef("pk"), estimated=True)))
        .select_related("point", "street")
        .prefetch_related("components")
        .order_by("point__code", "from_on", "pk")
    )
    found = [(bill, current_allocation(bill)) for bill in rows]
    return [bill for bill, allocation in found if allocation and is_outdated(bill, allocation, coming=coming)]


def is_outdated(bill: Bill, allocation: Allocation, *, coming: Iterable[Reading] = ()) -> bool:
    """Whether sharing a bill again would weigh its shops otherwise than its allocation did: a reading, an area or a
    tenancy was put right meanwhile."""
    try:
        return bool(
            allocation.inputs["weights"]
            != frozen_weights(split_of(bill, Method(allocation.method), coming=coming).lines)
        )
    except Refused:  # what it was shared by is no longer enough: there is nothing to compare with
        return False


def shared_by_reading(reading: Reading) -> list[tuple[Bill, Allocation]]:
    """The bills shared by sub-meters whose period reaches between the readings before and after this one, oldest
    first: what was read on its day has weighed in them. None for a master meter: its index shares nothing."""
    if reading.meter.unit_id is None:
        return []
    beside = Reading.objects.filter(street=reading.street_id, meter=reading.meter_id, corrected_by__isnull=True)
    before = beside.filter(read_on__lt=reading.read_on).aggregate(day=Max("read_on"))["day"]
    after = beside.filter(read_on__gt=reading.read_on).aggregate(day=Min("read_on"))["day"]
    bills = standing_bills(reading.street).filter(point=reading.meter.point_id).select_related("point", "street")
    bills = bills.filter(until_on__gte=before or reading.meter.started_on).prefetch_related("components")
    bills = bills.filter(from_on__lte=after + DAY) if after else bills
    found = [(bill, current_allocation(bill)) for bill in bills.order_by("from_on", "pk")]
    return [(b, a) for b, a in found if a is not None and a.method in (Method.SUB_METER, Method.MIXED)]


class _Weighed(NamedTuple):
    """Which supply point's shops are to be weighed, by what and for which days."""

    point_id: int
    method: Method
    basis: Basis


class _Spell(NamedTuple):
    """Days of a unit with a tenancy."""

    tenancy_id: int
    code: str
    area_sqm: Decimal | None
    from_on: dt.date
    until_on: dt.date | None


def _occupants_behind(
    street: Street, asked: Sequence[_Weighed], *, coming: Iterable[Reading] = ()
) -> Iterator[list[Occupant]]:
    """Who was behind some supply points in some days, each with area and metered litres; four queries for any number."""
    if not asked:
        return
    first, last = min(one.basis.from_on for one in asked), max(one.basis.until_on for one in asked)
    points = {one.point_id for one in asked}
    drawing = Connection.objects.filter(street=street, point__in=points).overlapping(first, last)
    connected = grouped(
        (point, (unit, from_on, until_on))
        for point, unit, from_on, until_on in drawing.values_list("point_id", "unit_id", "from_on", "until_on")
    )
    tenancies = Tenancy.objects.filter(street=street, unit__in=drawing.values("unit_id")).overlapping(first, last)
    in_order = tenancies.order_by("unit__code", "from_on").values_list(
        "unit_id", "pk", "unit__code", "unit__area_sqm", "from_on", "until_on"
    )
    spells = grouped((unit, _Spell(pk, code, area, on, end)) for unit, pk, code, area, on, end in in_order)
    metered = {one.point_id for one in asked if one.method in (Method.SUB_METER, Method.MIXED)}
    subs = sub_meters_behind(street, metered, from_on=first, until_on=last) if metered else {}
    ours = {m.pk for meters in subs.values() for m in meters}
    indexes = indexes_of(
        [m for meters in subs.values() for m in meters], coming=[r for r in coming if r.meter_id in ours]
    ) if ours else {}  # fmt: skip
    for one in asked:
        meters = subs[one.point_id] if one.point_id in metered else []
        yield _occupants(one, connected[one.point_id], spells, meters, indexes)


def _occupants(
    asked: _Weighed,
    connected: Sequence[tuple[int, dt.date, dt.date | None]],
    spells: Mapping[int, Sequence[_Spell]],
    meters: Sequence[Meter],
    indexes: dict[int, list[Index]],
) -> list[Occupant]:
    """Those of one supply point in the days of its bill."""
    a, b = asked.basis.from_on, asked.basis.until_on
    metered = asked.method in (Method.SUB_METER, Method.MIXED)
    running = [m for m in meters if metered and m.started_on < b and (m.ended_on is None or m.ended_on > a)]
    of_unit = grouped((meter.unit_id, meter) for meter in running)
    codes = {m.unit_id: m.unit.code for m in running if m.unit is not None}
    found = []
    for unit, from_on, until_on in connected:
        start, end = max(a, from_on), min(b, until_on or b)
        if start >= end:
            continue
        for spell, x, y in _spells(spells[unit], start, end, gaps=bool(of_unit[unit])):
            ran = _litres(of_unit[unit], indexes, x, y)
            if spell is not None:
                found.append(Occupant(spell.tenancy_id, spell.code, x, y, spell.area_sqm, *ran))
            else:
                found.append(Occupant(None, codes[unit], x, y, None, *ran))
    return found


def _spells(
    tenancies: Sequence[_Spell], start: dt.date, end: dt.date, *, gaps: bool
) -> list[tuple[_Spell | None, dt.date, dt.date]]:
    """A unit's days cut by its tenancies; days without one count only where a meter shows water ran (``gaps``)."""
    out: list[tuple[_Spell | None, dt.date, dt.date]] = []
    day = start
    for tenancy in tenancies:
        x, y = max(start, tenancy.from_on), min(end, tenancy.until_on or end)
        if x >= y:
            continue
        if gaps and x > day:
            out.append((None, day, x))
        out.append((tenancy, x, y))
        day = y
    if gaps and day < end:
        out.append((None, day, end))
    return out


class _Ran(NamedTuple):
    """What ran through a unit's meters in some days, in the order of ``Occupant``'s last fields."""

    litres: int | None
    estimated: bool
    unread: tuple[tuple[str, dt.date], ...]


def _litres(meters: list[Meter], indexes: dict[int, list[Index]], start: dt.date, end: dt.date) -> _Ran:
    """Litres through a unit's meters in some days; None where no meter covers them or a reading is missing."""
    total, estimated, day = 0, False, start
    missing: list[tuple[str, dt.date]] = []
    for meter in meters:
        x, y = max(start, meter.started_on), min(end, meter.ended_on or end)
        if x >= y or x > day:
            continue
        ran, day = volume(indexes[meter.pk], x, y), y
        if ran is None:
            missing += [(meter.number, edge) for edge in unread(indexes[meter.pk], x, y)]
            continue
        # A true-up below an earlier estimate is water nobody drew in these days: a weight, so never below zero.
        total, estimated = total + max(0, ran.litres), estimated or ran.estimated
    if missing or not meters or day < end:
        return _Ran(None, estimated=False, unread=tuple(missing))
    return _Ran(total, estimated, unread=())


def printed(bill: Bill) -> Printed:
    """A bill as the rules of doubt see it; its components are to be fetched with it."""
    return Printed(
        bill.number, bill.from_on, bill.until_on, bill.volume_litres, components_of(bill), bill.amount_fen,
        bill.previous_litres, bill.current_litres,
    )  # fmt: skip


def _printed(street: Street, points: Sequence[int], issued_by: dt.date) -> dict[int, list[Printed]]:
    """``printed`` of the bills of some supply points that stand and were issued by the end of a day, by point key; two
    queries, and no object for each row."""
    rows = _printed_at(street, points, issued_by)
    parts: dict[int, dict[str, int]] = {row[1]: {} for row in rows}
    for bill, kind, fen in _parts_of(street, [*parts]):
        parts[bill][kind] = fen
    kinds = [(kind, kind.value) for kind in ComponentKind]
    found: dict[int, list[Printed]] = defaultdict(list)
    for point, pk, number, from_on, until_on, litres, fen, before, after in rows:
        have = {kind: parts[pk][word] for kind, word in kinds if word in parts[pk]}
        found[point].append(Printed(number, from_on, until_on, litres, have, fen, before, after))
    return found


@prepared
def _printed_at(street: Street, points: Sequence[int], issued_by: dt.date) -> QuerySet[Bill, tuple[Any, ...]]:
    rows = standing_bills(street).filter(point__pk__in=points, issued_on__lte=issued_by)
    return rows.values_list(
        "point_id", "pk", "number", "from_on", "until_on", "volume_litres", "amount_fen", "previous_litres", "current_litres",
    )  # fmt: skip


@prepared
def _parts_of(street: Street, bills: Sequence[int]) -> QuerySet[BillComponent, tuple[int, str, int]]:
    return BillComponent.objects.filter(street=street, bill__pk__in=bills).values_list("bill_id", "kind", "amount_fen")


def doubts_of(
    street: Street,
    point_ids: Iterable[int],
    *,
    tolerance: Callable[[dt.date], Tolerance],
    wanted: Callable[[Printed], bool] = lambda _bill: True,
    coming: Mapping[int, Iterable[Printed]] | None = None,
    readings: Iterable[Reading] = (),
    issued_by: dt.date = dt.date.max,
) -> dict[int, list[Doubt]]:
    """What is to be asked about the wanted bills of some supply points (账单疑点), by point key, the oldest first.

    Each is judged by the ``tolerance`` of the last day of its period.
    ``coming`` are bills about to be booked, by point: they are judged as if they stood, and so is who follows them;
    ``readings`` are such as are not written yet.
    Seven queries for any number of points, two where no bill is wanted.
    """
    rows = _printed(street, [*point_ids], issued_by)
    for point, bills in (coming or {}).items():
        rows[point] += bills
    asked = {point: sorted(bills, key=lambda b: (b.from_on, b.until_on, b.number)) for point, bills in rows.items()}
    asked = {point: bills for point, bills in asked.items() if any(map(wanted, bills))}
    if not asked:
        return {}
    prices, behind = prices_of(street), runs_of(street, asked, coming=readings)
    return {
        point: doubts_among(bills, behind[point], prices, tolerance=tolerance, wanted=wanted)
        for point, bills in asked.items()
    }


def doubts_among(
    bills: Iterable[Printed],
    behind: Behind,
    prices: Sequence[Price],
    *,
    tolerance: Callable[[dt.date], Tolerance],
    wanted: Callable[[Printed], bool] = lambda _bill: True,
) -> list[Doubt]:
    """What is to be asked about the wanted ones of one supply point's bills, which are in the order of their periods."""
    charged: list[Printed] = []
    found: list[Doubt] = []
    for one in bills:
        if wanted(one):
            beside = _beside(one, charged, behind)._replace(prices=prices)
            found += doubts_about(one, beside, tolerance(one.until_on - DAY))
        if one.amount_fen >= 0:
            charged.append(one)
    return found


def _beside(bill: Printed, earlier: list[Printed], behind: Behind) -> Beside:
    """What a bill is held against, but for the price lists."""
    since = earlier[-1].from_on if earlier else bill.from_on
    return Beside(
        earlier=tuple(earlier),
        subs=measured(behind.subs, bill.from_on, bill.until_on),
        own=measured(behind.masters, bill.from_on, bill.until_on),
        exchanged=any(m.until_on is not None and since <= m.until_on <= bill.until_on for m in behind.masters),
    )


def transactions_of(point: SupplyPoint) -> QuerySet[Transaction]:
    """Everything that happened to a supply point's money, newest first, each with its paper."""
    return (
        Transaction.objects.filter(street=point.street_id, book=point.book_id)
        .select_related(
            "bill", "allocation__bill", "payment__tenancy__unit", "payment__agent", "open_claim", "reversed_by",
            "reverses", "by", "source_row__file",
        )
        .order_by("-effective_on", "-pk")
    )  # fmt: skip


class Graded(NamedTuple):
    """How many confirmed payments there are and of how much, and of those the ones whose paper is kept here as a picture
    or scan (有照片); in fen."""

    payments: int
    fen: int
    seen: int
    seen_fen: int


def confirmed_payments_of(street: Street) -> QuerySet[Any]:
    """The payments that stand confirmed, each with whether its paper is kept here (``is_seen``)."""
    kept = Attachment.objects.filter(street=street, about=TRANSACTIONS, about_id=OuterRef("transaction_id"))
    rows = Payment.objects.filter(
        street=street, transaction__open_claim__isnull=True, transaction__reversed_by__isnull=True
    )
    seen: QuerySet[Any] = rows.annotate(is_seen=Exists(kept.shown()))
    return seen


class Moved(NamedTuple):
    """Confirmed money that moved in a time, in fen: shops to agents, agents to the utility, shops to the utility."""

    taken: int
    passed: int
    direct: int


def moved_between(street: Street, first: dt.date, last: dt.date) -> Moved:
    """What was paid between two days, both counted; one query."""
    rows = Payment.objects.filter(
        street=street, transaction__open_claim__isnull=True, transaction__reversed_by__isnull=True,
        transaction__effective_on__range=(first, last),
    ).order_by()  # fmt: skip
    sums = dict(rows.values_list("transaction__kind").annotate(fen=Sum("amount_fen")))
    kinds = (TransactionKind.RECEIPT, TransactionKind.REMITTANCE, TransactionKind.DIRECT_PAYMENT)
    return Moved(*(sums.get(kind, 0) for kind in kinds))


def graded(payments: QuerySet[Any]) -> Graded:
    """How much of what is confirmed has its paper here: a word typed in a file is another thing."""
    found = payments.aggregate(
        payments=Count("pk"),
        fen=Sum("amount_fen", default=0),
        seen=Count("pk", filter=Q(is_seen=True)),
        seen_fen=Sum("amount_fen", filter=Q(is_seen=True), default=0),
    )
    return Graded(**found)


def sample_of(payments: QuerySet[Any], *, seed: str, size: int) -> QuerySet[Any]:
    """So many payments that nobody chose (抽样): those whose number together with the seed has the least SHA-256.

    The same seed draws the same ones again, for whoever checks the check.
    """

    def drawn(pk: int) -> str:
        return hashlib.sha256(f"{seed} {pk}".encode()).hexdigest()

    return payments.filter(pk__in=nsmallest(size, payments.values_list("pk", flat=True), key=drawn))


def standing_shares(point: SupplyPoint, tenancies: Iterable[Tenancy]) -> QuerySet[Share]:
    """The parts of bills that count today, newest period first: of allocations neither reversed nor corrected."""
    return (
        Share.objects.filter(
            street=point.street_id,
            tenancy__in=list(tenancies),
            allocation__bill__point=point,
            allocation__transaction__reversed_by__isnull=True,
            allocation__bill__transaction__reversed_by__isnull=True,
        )
        .exclude(allocation__corrections__transaction__reversed_by__isnull=True, allocation__corrections__isnull=False)
        .select_related("allocation__bill")
        .order_by("-allocation__bill__from_on", "-pk")
    )


def payments_of(point: SupplyPoint, tenancies: Iterable[Tenancy]) -> QuerySet[Payment]:
    """What some tenancies paid behind a supply point, newest first, with level and reversal at hand."""
    return (
        Payment.objects.filter(street=point.street_id, point=point, tenancy__in=list(tenancies))
        .select_related("transaction__open_claim", "transaction__reversed_by")
        .order_by("-transaction__effective_on", "-pk")
    )


def bills_of(point: SupplyPoint) -> QuerySet[Any]:
    """The bills of a supply point, newest period first, with ``shared`` and ``taken_back`` marked; one query."""
    standing = Allocation.objects.filter(
        street=point.street_id, bill=OuterRef("pk"), transaction__reversed_by__isnull=True
    )
    rows = Bill.objects.filter(street=point.street_id, point=point).order_by("-from_on", "-pk")
    bills: QuerySet[Any] = rows.annotate(shared=Exists(standing), taken_back=Q(transaction__reversed_by__isnull=False))
    return bills


def payment_counts(
    point: SupplyPoint, *, on: dt.date, known_at: dt.datetime | None = None
) -> Counter[tuple[int | None, str, str]]:
    """How many standing payments there are by tenancy key, kind and level; one query."""
    rows = Payment.objects.filter(
        street=point.street_id, point=point, transaction__effective_on__lte=on, transaction__reversed_by__isnull=True
    )
    if known_at is not None:
        rows = rows.filter(transaction__recorded_at__lte=known_at)
    grouped = rows.values_list("tenancy_id", "transaction__kind", "transaction__open_claim__level").order_by()
    counted = grouped.annotate(n=Count("pk"))
    return Counter({(tenancy, kind, level or Level.CONFIRMED.value): n for tenancy, kind, level, n in counted})
