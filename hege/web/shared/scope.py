"""Which master meters and shops a person sees: those of their part of the grid, and a collecting agent only their own meters."""

from __future__ import annotations

from typing import Any

from django.db.models import CharField, OuterRef, Q, QuerySet, Subquery

from hege.kernel.periods import holds_on
from hege.metering.models import Connection, PointRole, SupplyPoint
from hege.metering.rules import PointRoleKind
from hege.people.models import Party
from hege.places.models import Tenancy, Unit
from hege.places.queries import path_filter
from hege.search.queries import holding
from hege.web.access import Desk
from hege.web.pages import or_404


def points_of(desk: Desk, verb: str = "meters.see") -> QuerySet[SupplyPoint]:
    """The master meters (总表) a person may see for a verb, by code."""
    points = SupplyPoint.objects.filter(path_filter("place__path", desk.paths(verb)), street=desk.street)
    parties = desk.party_ids(verb)
    if parties is not None:
        agents = PointRole.objects.filter(street=desk.street, kind=PointRoleKind.AGENT, party_id__in=parties)
        mine = agents.on(desk.today)
        points = points.filter(pk__in=mine.values("point_id"))
    return points.order_by("code")


def point_or_404(desk: Desk, code: str, verb: str = "meters.see") -> SupplyPoint:
    """One master meter by its code, with place and street; 404 outside of what the person may see."""
    rows = points_of(desk, verb).select_related("place", "street__trail_head", "book")
    return or_404(rows.filter(code=code).first())


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


def with_words(units: QuerySet[Any], desk: Desk, words: str) -> QuerySet[Any]:
    """Those of ``units_of`` whose code, name or tenant has the words in it."""
    named = Tenancy.objects.filter(
        holds_on(desk.today), street=desk.street, party__in=holding(desk.street, Party, words)
    ).values("unit_id")
    return units.filter(Q(pk__in=holding(desk.street, Unit, words)) | Q(pk__in=named))
