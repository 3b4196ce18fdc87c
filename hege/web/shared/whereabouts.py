"""Where a thing of the town lies, as it is typed, told and put on a map: degrees, distances, the grid under it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from hege.imports.geojson import kept_shape
from hege.people.models import Street
from hege.places.models import Place, PlaceLevel
from hege.programme.alliance.queries import map_of
from hege.programme.alliance.rules import MICRO, Position
from hege.web.forms import TypedField
from hege.web.shared.map import Area, Sheet, Spot, sheet

#: The parts of the grid that a map is drawn over: those large enough to tell one from another.
UNDER = (PlaceLevel.COMPREHENSIVE_GRID, PlaceLevel.RESIDENCE_GRID, PlaceLevel.BLOCK)


class DegreesField(TypedField):
    """A longitude or latitude typed in degrees, cleaned to millionths: ``121.2625``, ``１２１.２６２５``, ``121.262500°E``."""

    clean_type = int

    def read(self, text: str) -> int:
        text = re.sub(r"\s|°|[NEne]$", "", text)
        if not re.fullmatch(r"\d{1,3}(\.\d{1,15})?", text, re.ASCII):
            raise ValidationError(_("请写成小数的度，例如 121.262500，不要写度分秒。"))
        return int((Decimal(text) * MICRO).to_integral_value(ROUND_HALF_UP))

    @staticmethod
    def write(value: Any, /) -> str:
        return f"{value // MICRO}.{value % MICRO:06}"


def position_of(thing: Any) -> Position | None:
    """Where a row lies that has ``lon_e6`` and ``lat_e6``."""
    return None if thing.lon_e6 is None else (thing.lon_e6, thing.lat_e6)


def far_in_words(metres: int) -> str:
    """A distance as the crow flies, rounded as people say it: 350 米, 1.2 公里."""
    if metres < 1_000:
        return _("%(n)s 米") % {"n": max(10, -(-metres // 10) * 10)}
    return _("%(n)s 公里") % {"n": f"{(metres + 50) // 1_000}.{(metres + 50) % 1_000 // 100}"}


def map_of_street(street: Street, spots: Iterable[Spot], *, chosen: Place | None = None, on: dt.date) -> Sheet | None:
    """The parts of a street's grid under some spots, one chosen part drawn stronger; two queries."""
    rows = Place.objects.filter(street=street, polygon__isnull=False, level__in=UNDER).not_over(on).order_by("path")
    shown = [*rows, *([chosen] if chosen is not None and chosen.level not in UNDER else [])]
    areas = [
        Area(place.name, shape, chosen is not None and place.pk == chosen.pk)
        for place in shown
        if (shape := kept_shape(place.polygon))
    ]
    return _with_lines(street, areas, spots)


def map_of_place(place: Place, spots: Iterable[Spot]) -> Sheet | None:
    """One part of the grid, which the page names, under some spots."""
    shape = kept_shape(place.polygon)
    return _with_lines(place.street, [Area("", shape)] if shape else [], spots)


def _with_lines(street: Street, areas: Iterable[Area], spots: Iterable[Spot]) -> Sheet | None:
    kept = map_of(street)
    return sheet(areas, kept.lines if kept else (), spots, source=kept.source if kept else "")
