"""Reads over supply points, meters and the water that ran through them."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from hege.kernel.grouped import grouped
from hege.kernel.prepared import prepared
from hege.kernel.refused import Refused
from hege.metering.models import Meter, PointRole, Reading, SupplyPoint
from hege.metering.rules import DAY, Index, MeterKind, PointRoleKind, ReadingMethod, Run, run_on
from hege.people.models import Party, Street


def exchanges(meters: Iterable[Meter]) -> list[Meter]:
    """Those of some meters that were put in where another was taken out, on the same day (换表)."""
    rows = list(meters)
    ended = {(meter.kind, meter.unit_id, meter.ended_on) for meter in rows if meter.ended_on}
    return [meter for meter in rows if (meter.kind, meter.unit_id, meter.started_on) in ended]


def the_point(street: Street, number: str) -> SupplyPoint:
    """A supply point by its code or by the number of any master meter it ever had. Raises ``Refused``."""
    for point in _points_called(street, number):
        return point
    raise Refused(_("没有总表 %(number)s。"), number=number, field="总表表号")


@prepared
def _points_called(street: Street, number: str) -> QuerySet[SupplyPoint]:
    called = Q(code=number) | Q(meters__number=number, meters__kind=MeterKind.MASTER)
    rows = SupplyPoint.objects.filter(called, street=street).select_related("book", "place", "street__trail_head")
    return rows.distinct().order_by("pk")[:1]


def the_meter(street: Street, number: str) -> Meter:
    """A meter of either kind by its number. Raises ``Refused``."""
    meter = (
        Meter.objects.filter(street=street, number=number).select_related("point", "unit", "street__trail_head").first()
    )
    if meter is None:
        raise Refused(_("没有 %(number)s 这块表。"), number=number, field="表号")
    return meter


def the_reading(meter: Meter, day: dt.date) -> Reading:
    """What counts as the reading of a meter on a day, the last correction if there are any. Raises ``Refused``."""
    found = Reading.objects.filter(street=meter.street, meter=meter, read_on=day, corrected_by__isnull=True)
    reading: Reading | None = found.first()
    if reading is None:
        raise Refused(
            _("表 %(number)s 在 %(day)s 没有抄表记录。"), number=meter.number, day=day.isoformat(), field="抄表日期"
        )
    return reading


def role_holder(point: SupplyPoint, kind: PointRoleKind, *, on: dt.date) -> Party | None:
    """Who is account holder or agent of a supply point on a day; else the last one there was before, else the first."""
    roles = list(
        PointRole.objects.filter(street=point.street_id, point=point, kind=kind)
        .select_related("party")
        .order_by("from_on")
    )
    started = [r for r in roles if r.from_on <= on]
    chosen = started[-1] if started else (roles[0] if roles else None)
    return chosen.party if chosen else None


def indexes_of(
    meters: Iterable[Meter], *, without: Reading | None = None, coming: Iterable[Reading] = ()
) -> dict[int, list[Index]]:
    """Each meter's indexes in order from first to last, rollovers added up, corrections in place of what they correct.

    One query. ``without`` leaves out a reading that is about to be corrected, ``coming`` are such as are not written
    yet. The last index of a meter taken
    out counts on the day it went, also where it was read the day before.
    """
    wanted = {m.pk: m for m in meters}
    streets = {m.street_id for m in wanted.values()}
    there = _standing_readings([*streets], [*wanted], 0 if without is None else without.pk)
    return indexes_by(wanted.values(), [*there, *((r.read_on, r.meter_id, r.litres, r.method) for r in coming)])


def indexes_by(meters: Iterable[Meter], readings: Iterable[tuple[dt.date, int, int, str]]) -> dict[int, list[Index]]:
    """``indexes_of`` some meters by readings that are at hand: day, meter, litres, method, in the order they were written."""
    wanted = {m.pk: m for m in meters}
    in_order = sorted(readings, key=itemgetter(0))
    read = grouped(
        (meter, Index(read_on + DAY, litres, method == "estimated")) for read_on, meter, litres, method in in_order
    )
    out: dict[int, list[Index]] = {}
    for pk, meter in wanted.items():
        indexes = [Index(meter.started_on, meter.started_litres), *read[pk]]
        if meter.ended_on is not None and meter.ended_litres is not None:
            indexes = [i for i in indexes if i.boundary < meter.ended_on]
            indexes.append(Index(meter.ended_on, meter.ended_litres))
        out[pk] = run_on(indexes, digits=meter.digits)
    return out


@prepared
def _standing_readings(
    streets: Sequence[int], meters: Sequence[int], without: int
) -> QuerySet[Reading, tuple[dt.date, int, int, str]]:
    rows = Reading.objects.filter(street__pk__in=streets, meter__pk__in=meters, corrected_by__isnull=True)
    return rows.exclude(pk=without).order_by("pk").values_list("read_on", "meter_id", "litres", "method")


def sub_meters_behind(
    street: Street, point_ids: Iterable[int], *, from_on: dt.date, until_on: dt.date
) -> dict[int, list[Meter]]:
    """The unit meters behind some supply points that ran on any day of a half-open period, by point key; one query."""
    meters = Meter.objects.filter(
        Q(ended_on__isnull=True) | Q(ended_on__gt=from_on),
        street=street, point__in=list(point_ids), kind=MeterKind.SUB, unit__isnull=False, started_on__lt=until_on,
    )  # fmt: skip
    in_order = meters.select_related("unit").order_by("unit__code", "started_on", "pk")
    return grouped((meter.point_id, meter) for meter in in_order)


class Behind(NamedTuple):
    """The meters of one supply point and what was read of them: its masters, and the units' sub-meters behind it."""

    masters: list[Run]
    subs: list[Run]


def runs_of(street: Street, point_ids: Iterable[int], *, coming: Iterable[Reading] = ()) -> dict[int, Behind]:
    """The times in service of all meters of some supply points with their indexes, by point key; two queries.

    ``coming`` are readings not written yet.
    """
    meters = meters_at(street, [*point_ids])
    ours = {m.pk for m in meters}
    return runs_by(meters, indexes_of(meters, coming=[r for r in coming if r.meter_id in ours]) if meters else {})


def runs_by(meters: Iterable[Meter], indexes: Mapping[int, list[Index]]) -> dict[int, Behind]:
    """The times in service of some meters with their indexes, by point key."""
    found: dict[int, Behind] = defaultdict(lambda: Behind([], []))
    for meter in meters:
        run = Run(meter.started_on, meter.ended_on, indexes[meter.pk])
        (found[meter.point_id].masters if meter.kind == MeterKind.MASTER else found[meter.point_id].subs).append(run)
    return found


@prepared
def meters_at(street: Street, points: Sequence[int]) -> QuerySet[Meter]:
    """Every meter that some supply points ever had, in the order in which they were put in; one query."""
    return Meter.objects.filter(street=street, point__pk__in=points).order_by("started_on", "pk")


def readings_of(point: SupplyPoint) -> QuerySet[Any]:
    """Every reading of the master meter and the meters behind it, newest first; ``corrected`` and ``estimated`` say which."""
    rows = Reading.objects.filter(street=point.street_id, meter__point=point).select_related("meter__unit")
    marked: QuerySet[Any] = rows.order_by("-read_on", "meter__kind", "meter__number", "-pk").annotate(
        corrected=Exists(Reading.objects.filter(street=point.street_id, corrects=OuterRef("pk"))),
        estimated=ExpressionWrapper(Q(method=ReadingMethod.ESTIMATED), output_field=BooleanField()),
    )
    return marked


def master_of(point: SupplyPoint, *, on: dt.date) -> Meter | None:
    """The master meter in service on a day, else the last one there was."""
    meters = Meter.objects.filter(street=point.street_id, point=point, kind=MeterKind.MASTER)
    return meters.filter(started_on__lte=on).order_by("-started_on").first() or meters.first()


def holders_of(point: SupplyPoint, *, on: dt.date) -> dict[str, Party]:
    """Who is account holder and who is agent of a supply point on a day, by ``PointRoleKind``; one query."""
    roles = PointRole.objects.filter(street=point.street_id, point=point).on(on)
    return {role.kind: role.party for role in roles.select_related("party").order_by("from_on")}
