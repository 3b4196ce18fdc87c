"""What everybody is shown: which stations are open and near, and how one gets into an estate. It is about no person."""

from __future__ import annotations

import datetime as dt
from functools import cached_property

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hege.imports.geojson import kept_shape
from hege.kernel.clock import day_of
from hege.people.models import Street
from hege.places.models import Place, PlaceLevel
from hege.places.rules import covers
from hege.programme.alliance.models import GateFact, Station
from hege.programme.alliance.queries import estates_told, facts_told, numbered, stations_of
from hege.programme.alliance.rules import Facility, Position, distance_metres, look_again_on, open_now
from hege.web.jinja import daylong
from hege.web.links import in_full, where
from hege.web.pages import or_404
from hege.web.shared import hours
from hege.web.shared.map import Sheet, Spot, centre
from hege.web.shared.whereabouts import far_in_words, map_of_place, map_of_street, position_of

#: What one may say to be near: parts of the grid that people know by name.
KNOWN = (PlaceLevel.COMPREHENSIVE_GRID, PlaceLevel.RESIDENCE_GRID, PlaceLevel.BLOCK)
#: How many estates a page names before it leads to all of them.
SOME = 8


def street_or_404(town_code: str) -> Street:
    """The street of an address."""
    return or_404(Street.objects.filter(code=town_code).first())


class Near:
    """One station, and how far it is from where one says to be."""

    def __init__(self, station: Station, chosen: Place | None, here: Position | None, at: dt.datetime) -> None:
        self.station, self.at, self.number = station, at, 0
        self.is_within = chosen is not None and covers(chosen.path, station.place.path)
        spot = position_of(station)
        self.metres = distance_metres(here, spot) if here and spot else None

    @property
    def is_open(self) -> bool:
        return open_now(self.station.hours, self.at)

    @property
    def now(self) -> hours.Now:
        return hours.now_at(self.station.hours, self.at)

    @property
    def week(self) -> list[hours.DaysLine]:
        return hours.week(self.station.hours)

    @property
    def facilities(self) -> list[str | Promise]:
        return [Facility(name).label for name in self.station.facilities]

    @property
    def far(self) -> str:
        return "" if self.metres is None else far_in_words(self.metres)

    @property
    def looked(self) -> str:
        """Since when it is known to be so, where that is long ago."""
        if look_again_on(self.station.looked_on) > day_of(self.at):
            return ""
        return _("%(day)s 以后没有人去看过，可能变了") % {"day": daylong(self.station.looked_on)}

    @property
    def spot(self) -> Spot | None:
        at = position_of(self.station)
        return Spot(self.number, self.station.name, at, "is-open" if self.is_open else "") if at else None

    @property
    def order(self) -> tuple[object, ...]:
        """Open before closed, near before far, of unknown distance those within the chosen part first."""
        far = (0, self.metres) if self.metres is not None else (1, 0)
        return not self.is_open, far, not self.is_within, self.station.name


class Nearby:
    """The stations of a street, seen from a part of the grid or an estate where one says to be; nothing of it is kept."""

    def __init__(self, street: Street, asked: str, at: dt.datetime) -> None:
        self.street, self.at, self.on = street, at, day_of(at)
        self.chosen = next((place for place in self.choices if place.code == asked), None)

    @cached_property
    def choices(self) -> list[Place]:
        """Where one can say to be, from the top of the grid down, estates with a sheet among them; one query."""
        rows: QuerySet[Place] = Place.objects.filter(street=self.street).not_over(self.on)
        told = estates_told(self.street, on=self.on).order_by().values("pk")
        return list((rows.filter(level__in=KNOWN) | rows.filter(pk__in=told)).order_by("path"))

    @cached_property
    def here(self) -> Position | None:
        shape = kept_shape(self.chosen.polygon) if self.chosen else None
        return centre(shape) if shape else None

    @cached_property
    def rows(self) -> list[Near]:
        found = stations_of(self.street).filter(closed_at__isnull=True)
        rows = sorted((Near(row, self.chosen, self.here, self.at) for row in found), key=lambda row: row.order)
        for number, row in enumerate(rows, 1):
            row.number = number
        return rows

    @property
    def answer(self) -> str:
        """What one came to learn, in a sentence."""
        opened = [row for row in self.rows if row.is_open]
        if not self.rows:
            return _("这里还没有驿站")
        if not opened:
            return _("现在都关着")
        first = opened[0]
        if first.far:
            return _("最近的是%(name)s，%(far)s") % {"name": first.station.name, "far": first.far}
        told = ngettext("现在有 %(num)s 个开着", "现在有 %(num)s 个开着", len(opened)) % {"num": len(opened)}
        return str(told)

    @property
    def map(self) -> Sheet | None:
        return map_of_street(
            self.street, [spot for row in self.rows if (spot := row.spot)], chosen=self.chosen, on=self.on
        )

    @cached_property
    def estates(self) -> list[Place]:
        """Some estates with a sheet, those of the chosen part first."""
        rows = list(estates_told(self.street, on=self.on))
        path = self.chosen.path if self.chosen else ""
        return sorted(rows, key=lambda place: not covers(path, place.path))

    @property
    def some_estates(self) -> list[Place]:
        return self.estates[:SOME]


class Known:
    """One thing to know at a gate."""

    def __init__(self, number: int, fact: GateFact, on: dt.date) -> None:
        self.number, self.fact, self.on = number, fact, on

    @property
    def is_due(self) -> bool:
        return self.fact.next_look_on <= self.on

    @property
    def seen(self) -> str:
        """When somebody looked, and when somebody will again; or that it may no longer be so."""
        told = _("%(day)s 看过，该再去看了，可能变了") if self.is_due else _("%(day)s 看过，%(next)s 以前再去看")
        return told % {"day": daylong(self.fact.looked_on), "next": daylong(self.fact.next_look_on)}


class Gate:
    """The sheet for the gate of an estate: what is known, each with its number on the map, and when somebody looked."""

    def __init__(self, street: Street, estate_code: str, at: dt.datetime) -> None:
        self.street, self.on = street, day_of(at)
        rows: QuerySet[Place] = Place.objects.filter(street=street, code=estate_code).not_over(self.on)
        self.place = or_404(rows.select_related("street").order_by("-from_on").first())
        self.facts = [Known(number, fact, self.on) for number, fact in numbered(facts_told(self.place))]

    @property
    def map(self) -> Sheet | None:
        placed = [(known, position_of(known.fact)) for known in self.facts]
        spots = [Spot(known.number, known.fact.get_kind_display(), at) for known, at in placed if at]
        return map_of_place(self.place, spots)

    @property
    def address(self) -> str:
        """Where the sheet stands, whole, as its printed code says it."""
        return in_full(where("nearby:gate", self.street.code, self.place.code))

    @property
    def typed(self) -> str:
        """The same as people type it."""
        return self.address.partition("://")[2]

    @property
    def looked_on(self) -> dt.date | None:
        """The last day somebody looked at anything here."""
        return max((known.fact.looked_on for known in self.facts), default=None)
