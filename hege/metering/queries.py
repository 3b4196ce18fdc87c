"""Reads over supply points, meters and the water that ran through them."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hege.kernel.refused import Refused
from hege.metering.models import Meter, MeterQuerySet, PointRole, Reading, SupplyPoint
from hege.metering.rules import DAY, Index, MeterKind, PointRoleKind
from hege.people.models import Party, Street


def the_point(street: Street, number: str) -> SupplyPoint:
    """A supply point by its code or by the number of any master meter it ever had. Raises ``Refused``."""
    point = (
        SupplyPoint.objects.filter(street=street)
        .filter(Q(code=number) | Q(meters__number=number, meters__kind=MeterKind.MASTER))
        .select_related("book", "place", "street")
        .distinct()
        .first()
    )
    if point is None:
        raise Refused(_("没有总表 %(number)s。") % {"number": number}, field="总表表号")
    return point


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


def indexes_of(meters: Iterable[Meter]) -> dict[int, list[Index]]:
    """Each meter's indexes in order, rollovers added up, corrections in place of what they correct; one query."""
    wanted = {m.pk: m for m in meters}
    out: dict[int, list[Index]] = defaultdict(list)
    streets = {m.street_id for m in wanted.values()}
    rows = Reading.objects.filter(street_id__in=streets, meter_id__in=wanted, corrected_by__isnull=True)
    for reading in rows.order_by("meter_id", "read_on", "pk"):
        meter = wanted[reading.meter_id]
        litres = reading.litres + reading.rollovers * 10**meter.digits * 1000
        out[meter.pk].append(Index(reading.read_on + DAY, litres, reading.method == "estimated"))
    for meter in wanted.values():
        rows_of = out[meter.pk]
        if not rows_of or rows_of[0].boundary > meter.started_on:
            rows_of.insert(0, Index(meter.started_on, meter.started_litres))
        if meter.ended_on is not None and meter.ended_litres is not None and rows_of[-1].boundary < meter.ended_on:
            rows_of.append(Index(meter.ended_on, meter.ended_litres))
    return dict(out)


def sub_meters_of(point: SupplyPoint, *, from_on: dt.date, until_on: dt.date) -> list[Meter]:
    """The unit meters behind a supply point that ran on any day of a half-open period."""
    meters = Meter.objects.filter(street=point.street_id, point=point)
    assert isinstance(meters, MeterQuerySet)
    return list(
        meters.subs()
        .filter(unit__isnull=False, started_on__lt=until_on)
        .filter(Q(ended_on__isnull=True) | Q(ended_on__gt=from_on))
        .select_related("unit")
        .order_by("unit__code", "started_on", "pk")
    )
