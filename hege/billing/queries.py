"""Reads over bills and what is needed to share them."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
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
    Printed,
    ShareLine,
    Tolerance,
    doubts_about,
    share,
)
from hege.billing.tariff.queries import prices_of
from hege.kernel.grouped import grouped
from hege.kernel.refused import Refused
from hege.ledger.models import Transaction
from hege.ledger.rules import TRANSACTIONS, Level
from hege.metering.models import Connection, Meter, Reading, SupplyPoint
from hege.metering.queries import Behind, indexes_of, runs_of, sub_meters_of
from hege.metering.rules import DAY, Index, measured, unread, volume
from hege.people.models import Street
from hege.places.models import Tenancy


def standing_bills(street: Street) -> QuerySet[Bill]:
    """Bills that have not been reversed."""
    return Bill.objects.filter(street=street, transaction__reversed_by__isnull=True)


def unshared_bills(street: Street) -> QuerySet[Bill]:
    """Bills without a standing allocation, oldest first."""
    standing = Allocation.objects.filter(street=street, bill=OuterRef("pk"), transaction__reversed_by__isnull=True)
    return (
        standing_bills(street)
        .filter(~Exists(standing))
        .select_related("point__book", "transaction", "street")
        .prefetch_related("components")
        .order_by("point__code", "from_on", "pk")
    )


def current_allocation(bill: Bill) -> Allocation | None:
    """The allocation of a bill that stands and has not been replaced: the latest, as dependents are reversed first."""
    return (
        Allocation.objects.filter(street=bill.street_id, bill=bill, transaction__reversed_by__isnull=True)
        .order_by("-pk")
        .first()
    )


def method_on(point: SupplyPoint, day: dt.date) -> Method:
    """The sharing method in force for periods that begin on a day. Raises ``Refused`` when none was ever chosen."""
    choice = (
        MethodChoice.objects.filter(street=point.street_id, point=point, from_on__lte=day)
        .order_by("-from_on", "-pk")
        .first()
        or MethodChoice.objects.filter(street=point.street_id, point=point).order_by("from_on", "pk").first()
    )
    if choice is None:
        raise Refused(_("总表 %(code)s 还没有定分摊方式。"), code=point.code)
    return Method(choice.method)


def components_of(bill: Bill) -> dict[ComponentKind, int]:
    """A bill's printed components in fen, in the order of the kinds."""
    have = {ComponentKind(c.kind): c.amount_fen for c in bill.components.all()}
    return {kind: have[kind] for kind in ComponentKind if kind in have}


def basis_of(bill: Bill, *, beside: Iterable[Bill] = ()) -> Basis:
    """What a bill is weighed by: its own period and volume; a credit (红字) by those of the bills it corrects.

    A credit's volume is what it takes back, often nothing: no sum to set sub-meters against. It corrects the
    standing bills whose periods share days with its own, all together, else the latest before; where there is
    none it stands for itself. So a credit falls on whom the water was charged to, whatever volume it names.
    ``beside`` are bills that stand as soon as this one does.
    """
    if bill.amount_fen >= 0:
        return Basis(bill.from_on, bill.until_on, bill.volume_litres)
    standing = standing_bills(bill.street).filter(point=bill.point_id, amount_fen__gt=0, from_on__lt=bill.until_on)
    coming = [b for b in beside if b.point_id == bill.point_id and b.amount_fen > 0 and b.from_on < bill.until_on]
    charged = sorted([*standing.order_by("from_on", "pk"), *coming], key=lambda b: b.from_on)
    corrected = [b for b in charged if b.until_on > bill.from_on] or charged[-1:]
    if not corrected:
        return Basis(bill.from_on, bill.until_on, bill.volume_litres)
    return Basis(corrected[0].from_on, max(b.until_on for b in corrected), sum(b.volume_litres for b in corrected))


def share_lines(bill: Bill, method: Method, *, coming: Iterable[Reading] = ()) -> list[ShareLine]:
    """How a bill is split by a method, from the data there is now. Raises ``Refused`` naming all that is missing."""
    return lines_of(bill, method, basis_of(bill), components_of(bill), coming=coming)


def lines_of(
    bill: Bill,
    method: Method,
    basis: Basis,
    components_fen: Mapping[ComponentKind, int],
    *,
    coming: Iterable[Reading] = (),
) -> list[ShareLine]:
    """The same of a bill that need not be written yet, from its basis and its components."""
    occupants = occupants_of(bill.point, method, basis, coming=coming)
    return share(method, occupants, components_fen=components_fen, **basis._asdict())


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
            allocation.inputs["weights"] != frozen_weights(share_lines(bill, Method(allocation.method), coming=coming))
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


def occupants_of(point: SupplyPoint, method: Method, basis: Basis, *, coming: Iterable[Reading] = ()) -> list[Occupant]:
    """Who was behind a supply point in some days, with area and metered litres; few queries, no N+1."""
    a, b = basis.from_on, basis.until_on
    drawing = Connection.objects.filter(street=point.street_id, point=point).overlapping(a, b)
    connected = grouped(
        (unit_id, (max(a, from_on), min(b, until_on or b)))
        for unit_id, from_on, until_on in drawing.values_list("unit_id", "from_on", "until_on")
    )
    tenancies = Tenancy.objects.filter(street=point.street_id, unit_id__in=connected)
    in_order = tenancies.overlapping(a, b).select_related("unit").order_by("unit__code", "from_on")
    by_unit = grouped((tenancy.unit_id, tenancy) for tenancy in in_order)
    metered = method in (Method.SUB_METER, Method.MIXED)
    meters = sub_meters_of(point, from_on=a, until_on=b) if metered else []
    ours = {m.pk for m in meters}
    indexes = indexes_of(meters, coming=[r for r in coming if r.meter_id in ours])
    of_unit = grouped((meter.unit_id, meter) for meter in meters)
    codes = {m.unit_id: m.unit.code for m in meters if m.unit is not None}
    found = []
    for unit_id, spans in connected.items():
        for start, end in spans:
            for spell, x, y in _spells(by_unit[unit_id], start, end, gaps=bool(of_unit[unit_id])):
                ran = _litres(of_unit[unit_id], indexes, x, y)
                if spell is not None:
                    unit = spell.unit
                    found.append(Occupant(spell.pk, unit.code, x, y, unit.area_sqm, *ran))
                else:
                    found.append(Occupant(None, codes[unit_id], x, y, None, *ran))
    return found


def _spells(
    tenancies: list[Tenancy], start: dt.date, end: dt.date, *, gaps: bool
) -> list[tuple[Tenancy | None, dt.date, dt.date]]:
    """A unit's days cut by its tenancies; days without one count only where a meter shows water ran (``gaps``)."""
    out: list[tuple[Tenancy | None, dt.date, dt.date]] = []
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


def _printed(street: Street, bills: QuerySet[Bill]) -> dict[int, list[Printed]]:
    """``printed`` of many bills, by point key; two queries, and no object for each row."""
    rows = list(
        bills.values_list(
            "point_id", "pk", "number", "from_on", "until_on", "volume_litres", "amount_fen", "previous_litres",
            "current_litres",
        )
    )  # fmt: skip
    parts: dict[int, dict[str, int]] = {row[1]: {} for row in rows}
    components = BillComponent.objects.filter(street=street, bill__in=list(parts))
    for bill, kind, fen in components.values_list("bill_id", "kind", "amount_fen"):
        parts[bill][kind] = fen
    kinds = [(kind, kind.value) for kind in ComponentKind]
    found: dict[int, list[Printed]] = defaultdict(list)
    for point, pk, number, from_on, until_on, litres, fen, before, after in rows:
        have = {kind: parts[pk][word] for kind, word in kinds if word in parts[pk]}
        found[point].append(Printed(number, from_on, until_on, litres, have, fen, before, after))
    return found


def doubts_of(
    street: Street,
    point_ids: Iterable[int],
    *,
    tolerance: Tolerance,
    wanted: Callable[[Printed], bool] = lambda _bill: True,
    coming: Mapping[int, Iterable[Printed]] | None = None,
    readings: Iterable[Reading] = (),
    issued_by: dt.date | None = None,
) -> dict[int, list[Doubt]]:
    """What is to be asked about the wanted bills of some supply points (账单疑点), by point key, the oldest first.

    ``coming`` are bills about to be booked, by point: they are judged as if they stood, and so is who follows them;
    ``readings`` are such as are not written yet.
    Seven queries for any number of points, two where no bill is wanted.
    """
    standing = standing_bills(street).filter(point__in=list(point_ids))
    if issued_by is not None:
        standing = standing.filter(issued_on__lte=issued_by)
    rows = _printed(street, standing)
    for point, bills in (coming or {}).items():
        rows[point] += bills
    asked = {point: sorted(bills, key=lambda b: (b.from_on, b.until_on, b.number)) for point, bills in rows.items()}
    asked = {point: bills for point, bills in asked.items() if any(map(wanted, bills))}
    if not asked:
        return {}
    prices, behind = prices_of(street), runs_of(street, asked, coming=readings)
    found: dict[int, list[Doubt]] = {}
    for point, bills in asked.items():
        charged: list[Printed] = []
        found[point] = []
        for one in bills:
            if wanted(one):
                beside = _beside(one, charged, behind[point])._replace(prices=prices)
                found[point] += doubts_about(one, beside, tolerance)
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
