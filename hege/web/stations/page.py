"""What the office pages of 驿站与门口图 show: who is open, who wants to be looked at, what is known at which gate."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import Count, Min, Q, QuerySet
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hege.cases.rules import ReportState
from hege.kernel.refused import allows
from hege.places.models import Place
from hege.programme.alliance.models import GateFact, Station
from hege.programme.alliance.queries import facts_of, numbered, stations_of
from hege.programme.alliance.rules import Facility, check_from_report, check_not_ended, check_open, look_again_on
from hege.web.access import Desk
from hege.web.jinja import day, daylong
from hege.web.marks import Button, Chip, Tab, tabs
from hege.web.shared import hours
from hege.web.shared.map import Sheet, Spot
from hege.web.shared.whereabouts import DegreesField, map_of_place, map_of_street, position_of

TABS = {"": gettext_lazy("在用"), "closed": gettext_lazy("已撤")}


def seen(looked_on: dt.date, next_on: dt.date, today: dt.date) -> Chip:
    """When somebody looked last, and whether it is time again."""
    told = _("%(day)s 看过") % {"day": day(looked_on)}
    return Chip(_("%(told)s，该再看了") % {"told": told}, "amber", "clock") if next_on <= today else Chip(told, "green")


class StationRow:
    """One station."""

    def __init__(self, station: Station, desk: Desk, at: dt.datetime) -> None:
        self.station, self.desk, self.at = station, desk, at

    @property
    def is_closed(self) -> bool:
        return not allows(check_open, closed=self.station.closed_at is not None)

    @property
    def now(self) -> Chip:
        if self.is_closed:
            return Chip(_("已撤"))
        now = hours.now_at(self.station.hours, self.at)
        return Chip(now.text, "green" if now.is_open else "")

    @property
    def seen(self) -> Chip | None:
        """None once it is closed for good: nobody goes there any more."""
        if self.is_closed:
            return None
        return seen(self.station.looked_on, look_again_on(self.station.looked_on), self.desk.today)

    @property
    def facilities(self) -> list[str | Promise]:
        return [Facility(name).label for name in self.station.facilities]

    @property
    def week(self) -> list[hours.DaysLine]:
        return hours.week(self.station.hours)

    @property
    def href(self) -> str:
        return self.desk.to("stations:station", self.station.public_id)

    @property
    def whose(self) -> str:
        unit = self.station.unit
        return unit.party.name if unit else _("街道自己的")

    @property
    def degrees(self) -> str:
        """Its position as it is typed: longitude, latitude."""
        at = position_of(self.station)
        return _("没有登记") if at is None else _("，").join(DegreesField.write(part) for part in at)

    @property
    def buttons(self) -> list[Button]:
        if not self.desk.may("stations.change") or self.is_closed:
            return []
        return [
            Button(_("改"), self._to("amend"), "edit"),
            Button(_("撤掉"), self._to("close"), "x"),
            Button(_("去看过了"), self._to("look"), "check", main=True),
        ]

    @property
    def map(self) -> Sheet | None:
        at = position_of(self.station)
        spots = [Spot(1, self.station.name, at)] if at else []
        return map_of_street(self.desk.street, spots, chosen=self.station.place, on=self.desk.today)

    def _to(self, name: str) -> str:
        return self.desk.to(f"stations:{name}", self.station.public_id)


class Stations:
    """The stations of one's part of the street; those that want a look first."""

    def __init__(self, desk: Desk, tab: str, at: dt.datetime) -> None:
        self.desk, self.tab, self.at = desk, tab if tab in TABS else "", at

    @cached_property
    def _all(self) -> QuerySet[Station]:
        return stations_of(self.desk.street, paths=self.desk.paths("stations.see"))

    @cached_property
    def rows(self) -> list[StationRow]:
        rows = [StationRow(station, self.desk, self.at) for station in self._all]
        shown = [row for row in rows if row.is_closed == (self.tab == "closed")]
        return sorted(shown, key=lambda row: row.station.looked_on)

    @cached_property
    def counts(self) -> dict[str, int]:
        closed = Count("pk", filter=Q(closed_at__isnull=False))
        found = self._all.order_by().aggregate(n=Count("pk"), closed=closed)
        return {"": found["n"] - found["closed"], "closed": found["closed"]}

    @property
    def tabs(self) -> list[Tab]:
        return tabs(self.desk.to("stations:index"), TABS, self.tab, self.counts)

    @property
    def open_now(self) -> int:
        return sum(hours.now_at(row.station.hours, self.at).is_open for row in self.rows if not row.is_closed)


class GateRow(NamedTuple):
    """An estate of which something is known: how many things, and when the first wants to be looked at again."""

    place: Place
    facts: int
    next_on: dt.date
    due: bool
    href: str

    @property
    def chip(self) -> Chip:
        if self.due:
            return Chip(_("该去看了"), "amber", "clock")
        return Chip(_("%(day)s 去看") % {"day": daylong(self.next_on)}, "green")


class Gates:
    """The estates of one's part of the street of which something is known, the first to be looked at first."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    @cached_property
    def rows(self) -> list[GateRow]:
        told = facts_of(self.desk.street, paths=self.desk.paths("stations.see")).select_related(None).order_by()
        counted = told.values_list("place").annotate(n=Count("pk"), next_on=Min("next_look_on"))
        found = {place: (n, next_on) for place, n, next_on in counted}
        places = Place.objects.filter(street=self.desk.street, pk__in=found)
        rows = [
            GateRow(
                place, *found[place.pk], due=found[place.pk][1] <= self.desk.today,
                href=self.desk.to("stations:gate", place.pk),
            )
            for place in places
        ]  # fmt: skip
        return sorted(rows, key=lambda row: (row.next_on, row.place.path))


class FactRow:
    """One thing known at a gate."""

    def __init__(self, number: int, fact: GateFact, desk: Desk) -> None:
        self.number, self.fact, self.desk = number, fact, desk

    @property
    def seen(self) -> Chip:
        return seen(self.fact.looked_on, self.fact.next_look_on, self.desk.today)

    @property
    def next(self) -> str:
        return daylong(self.fact.next_look_on)

    @property
    def doubt(self) -> Chip | None:
        """Where its report is no longer held for true, nobody outside is told it."""
        verified = ReportState(self.fact.report.state) is ReportState.ACCEPTED
        if allows(check_from_report, verified=verified, same_estate=True):
            return None
        return Chip(_("来件不再属实，外面看不到"), "red", "alert-triangle")

    @property
    def report_href(self) -> str:
        return self.desk.to("reports:detail", self.fact.report.public_id) if self.desk.may("reports.see") else ""

    @property
    def buttons(self) -> list[Button]:
        """To say that it is still so, and to take it off."""
        ended = self.fact.ended_at is not None
        if not self.desk.may("stations.change") or not allows(check_not_ended, ended=ended):
            return []
        ids = self.fact.place_id, self.fact.public_id
        return [
            Button(_("还是这样"), self.desk.to("stations:look_at_fact", *ids)),
            Button(_("拿掉"), self.desk.to("stations:end_fact", *ids)),
        ]


class GatePage:
    """The sheet for one estate's gate, as the office sees it."""

    def __init__(self, place: Place, desk: Desk) -> None:
        self.place, self.desk = place, desk

    @cached_property
    def facts(self) -> list[FactRow]:
        rows = numbered(facts_of(self.desk.street).filter(place=self.place))
        return [FactRow(number, fact, self.desk) for number, fact in rows]

    @property
    def map(self) -> Sheet | None:
        return map_of_place(self.place, spots_of((row.number, row.fact) for row in self.facts))

    @property
    def buttons(self) -> list[Button]:
        found = []
        if self.facts:
            found.append(Button(_("门口看到的样子"), self.shown_at, "eye"))
        if self.desk.may("stations.change"):
            found.append(Button(_("写一条"), self.desk.to("stations:add_fact", self.place.pk), "plus", main=True))
        return found

    @property
    def shown_at(self) -> str:
        return self.desk.to("nearby:gate", self.place.code)


def spots_of(rows: Iterable[tuple[int, GateFact]]) -> list[Spot]:
    """Those of some numbered facts that have a position, as they go on a map."""
    placed = [(number, fact, position_of(fact)) for number, fact in rows]
    return [Spot(number, fact.get_kind_display(), at) for number, fact, at in placed if at]
