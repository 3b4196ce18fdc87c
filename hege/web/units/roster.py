"""The shops of one's part of the street, as far as the roster tells: who rents, behind which master meter."""

from __future__ import annotations

from typing import Any

from django.db.models import CharField, OuterRef, Q, QuerySet, Subquery

from hege.kernel.periods import holds_on
from hege.metering.models import Connection, SupplyPoint
from hege.places.models import Tenancy, Unit
from hege.places.queries import path_filter
from hege.web.access import Desk


def units_of(desk: Desk, verb: str = "units.see") -> QuerySet[Any]:
    """The units a person may see for a verb, by code, each with its ``tenant`` and the meter it draws from today."""
    running = holds_on(desk.today)
    tenancies = Tenancy.objects.filter(running, street=desk.street, unit=OuterRef("pk"))
    connections = Connection.objects.filter(running, street=desk.street, unit=OuterRef("pk"))
    return (
        Unit.objects.filter(_within(desk.paths(verb), running, desk), street=desk.street)
        .select_related("place")
        .annotate(
            tenant=Subquery(tenancies.values("party__name")[:1], output_field=CharField()),
            point_code=Subquery(connections.values("point__code")[:1], output_field=CharField()),
            point_name=Subquery(connections.values("point__name")[:1], output_field=CharField()),
        )
        .order_by("code")
    )


def _within(paths: tuple[str, ...], running: Q, desk: Desk) -> Q:
    """A unit lies where its own place is; one without a place, where the meter it draws from is."""
    if "" in paths:
        return Q()
    behind = Connection.objects.filter(path_filter("point__place__path", paths), running, street=desk.street)
    return path_filter("place__path", paths) | Q(place__isnull=True, pk__in=behind.values("unit_id"))


def behind_point(units: QuerySet[Any], point: SupplyPoint) -> QuerySet[Any]:
    """Those that draw from a supply point today."""
    return units.filter(point_code=point.code)


def searched(units: QuerySet[Any], words: str) -> QuerySet[Any]:
    """Those whose code, name or tenant has the words in it."""
    if not words:
        return units
    return units.filter(Q(code__icontains=words) | Q(name__icontains=words) | Q(tenant__icontains=words))


def tenancies_of(unit: Unit) -> list[Tenancy]:
    """All who ever rented a unit, the latest first."""
    rows = Tenancy.objects.filter(street=unit.street_id, unit=unit)
    return list(rows.select_related("party").order_by("-from_on"))
