"""Which master meters a person sees: his part of the grid, and a collecting agent only his own."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import Http404

from hege.kernel.periods import not_over
from hege.metering.models import PointRole, SupplyPoint
from hege.metering.rules import PointRoleKind
from hege.places.queries import path_filter
from hege.web.access import Desk


def points_of(desk: Desk, verb: str = "meters.see") -> QuerySet[SupplyPoint]:
    """The master meters (总表) a person may see for a verb, by code."""
    points = SupplyPoint.objects.filter(path_filter("place__path", desk.paths(verb)), street=desk.street)
    parties = desk.party_ids(verb)
    if parties is not None:
        mine = PointRole.objects.filter(
            not_over(desk.today),
            street=desk.street,
            kind=PointRoleKind.AGENT,
            party_id__in=parties,
            from_on__lte=desk.today,
        )
        points = points.filter(pk__in=mine.values("point_id"))
    return points.order_by("code")


def point_or_404(desk: Desk, code: str, verb: str = "meters.see") -> SupplyPoint:
    """One master meter by its code, with place and street; 404 outside of what the person may see."""
    point = points_of(desk, verb).select_related("place", "street__trail_head", "book").filter(code=code).first()
    if point is None:
        raise Http404
    return point
