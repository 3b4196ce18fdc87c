"""What the pages of 网格 show: the tree with what lies in each part, one part with its shops and meters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import Count, QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from hege.imports.geojson import Shape, drawing, kept_shape
from hege.kernel.refused import allows
from hege.metering.models import SupplyPoint
from hege.places.models import Place, Unit
from hege.places.queries import places_within
from hege.places.rules import check_closable, check_standing
from hege.procedures.queries import left_in
from hege.trail.models import TrailLine
from hege.trail.queries import of
from hege.web.access import Desk
from hege.web.marks import Button


def place_or_404(desk: Desk, place_id: int, verb: str = "places.see") -> Place:
    """One part of the grid, where the person may see it for a verb."""
    rows = places_within(desk.street, desk.paths(verb)).select_related("street__trail_head", "parent")
    found: Place = get_object_or_404(rows, street=desk.street, pk=place_id)
    return found


class Branch(NamedTuple):
    """A part of the grid in the tree: how deep it lies, and how many units and master meters lie in it alone."""

    place: Place
    depth: int
    units: int
    points: int


def tree(desk: Desk) -> list[Branch]:
    """The parts of one's part of the grid that stand today or later, from the top down; three queries."""
    places = list(places_within(desk.street, desk.paths("places.see")))
    shown = [p for p in places if p.until_on is None or p.until_on > desk.today]
    least = min((p.path.count("/") for p in shown), default=0)
    units, points = (_by_place(model.objects.filter(street=desk.street)) for model in (Unit, SupplyPoint))
    return [Branch(p, p.path.count("/") - least, units[p.pk], points[p.pk]) for p in shown]


def _by_place(rows: QuerySet[Any]) -> Counter[int]:
    counts = rows.filter(place__isnull=False).order_by().values_list("place_id").annotate(n=Count("pk"))
    return Counter(dict(counts))


class Sketch(NamedTuple):
    """Outlines drawn on the page: the sheet, and of each its name, path and where the name stands."""

    width: int
    height: int
    shapes: list[tuple[str, str, int, int]]


def sketch(named: Iterable[tuple[str, Shape | None]]) -> Sketch | None:
    """Named outlines beside each other; None where nothing is drawn."""
    shown = [(name, shape) for name, shape in named if shape]
    drawn = drawing([shape for _name, shape in shown])
    if drawn is None:
        return None
    shapes = [(name, *placed) for (name, _shape), placed in zip(shown, drawn.paths, strict=True)]
    return Sketch(drawn.width, drawn.height, shapes)


def drawn(branches: Iterable[Branch]) -> Sketch | None:
    """The outlines of a tree, the larger parts under the smaller ones."""
    return sketch((b.place.name, kept_shape(b.place.polygon)) for b in branches)


class PlacePage:
    """One part of the grid: what lies in it, what it was called before, what may be done to it."""

    def __init__(self, place: Place, desk: Desk) -> None:
        self.place, self.desk = place, desk

    @property
    def crumbs(self) -> list[tuple[str, str]]:
        return [(_("网格"), self.desk.to("places:index")), (self.place.name, self._to("detail"))]

    @cached_property
    def below(self) -> QuerySet[Place]:
        rows = Place.objects.filter(street=self.place.street_id, parent=self.place)
        return rows.not_over(self.desk.today).order_by("code")

    @cached_property
    def former_names(self) -> list[TrailLine]:
        """The lines that gave it another name, the latest first."""
        return list(of(self.place, street=self.desk.street).filter(verb="rename_place").order_by("-seq"))

    @property
    def buttons(self) -> list[Button]:
        place = self.place
        if not self.desk.may("places.change") or not allows(check_standing, until_on=place.until_on):
            return []
        found = [
            Button(_("加下级网格"), self.desk.to("places:new") + f"?parent={place.pk}", "plus"),
            Button(_("改名"), self._to("rename"), "edit"),
        ]
        if allows(check_closable, **left_in(place, on=self.desk.today)):
            found.append(Button(_("关闭"), self._to("close"), "x"))
        found.append(Button(_("放总表"), self._to("locate_meters"), "droplet"))
        found.append(Button(_("放商铺"), self._to("locate_units"), "map-pin", main=True))
        return found

    def _to(self, name: str) -> str:
        return self.desk.to(f"places:{name}", self.place.pk)
