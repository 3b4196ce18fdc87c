"""Reads over the alliance, its stations and what is known at gates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db.models import Count, Prefetch, Q, QuerySet, Sum

from hege.cases.models import Report
from hege.cases.rules import ReportState
from hege.kernel.periods import not_over
from hege.people.models import Street
from hege.places.models import Place
from hege.places.queries import path_filter
from hege.programme.alliance.models import AllianceUnit, GateFact, Offering, Station, StreetMap
from hege.programme.alliance.rules import LOOK_AGAIN_AFTER, GateFactKind, OfferingKind

# -- units ---------------------------------------------------------------------------------------------------------------


def alliance_units(street: Street) -> QuerySet[AllianceUnit]:
    """Every unit there is or was, with its party and what it brings; the longest in it first."""
    brings = Offering.objects.filter(street=street).order_by("kind", "from_on", "pk")
    rows: QuerySet[AllianceUnit] = AllianceUnit.objects.filter(street=street)
    named = rows.select_related("party", "street__trail_head")
    return named.prefetch_related(Prefetch("offerings", queryset=brings)).order_by("from_on", "pk")


def the_alliance_unit(street: Street, public_id: str) -> AllianceUnit | None:
    """One unit by its public id."""
    return alliance_units(street).filter(public_id=public_id).first()


def units_on(street: Street, day: dt.date) -> QuerySet[AllianceUnit]:
    """Those that are in the alliance on a day, by name."""
    rows = AllianceUnit.objects.filter(street=street).on(day)
    found: QuerySet[AllianceUnit] = rows.select_related("party").order_by("party__name")
    return found


def counts_of_units(street: Street, *, on: dt.date) -> dict[str, int]:
    """How many units there are by a day: those not over, and those that have left; one query."""
    running = not_over(on)
    return AllianceUnit.objects.filter(street=street).aggregate(
        running=Count("pk", filter=running), ended=Count("pk", filter=~running)
    )


def brought(street: Street, *, on: dt.date) -> dict[OfferingKind, tuple[int, int]]:
    """What the alliance has on a day: of each kind how many, and of money how much in fen; one query."""
    rows = Offering.objects.filter(street=street).on(on)
    totals = rows.order_by().values_list("kind").annotate(n=Count("pk"), fen=Sum("amount_fen"))
    found = {OfferingKind(kind): (n, fen or 0) for kind, n, fen in totals}
    return {kind: found.get(kind, (0, 0)) for kind in OfferingKind}


# -- stations ------------------------------------------------------------------------------------------------------------


def stations_of(street: Street, *, paths: Iterable[str] = ("",)) -> QuerySet[Station]:
    """A street's stations in these parts of the grid, closed ones too."""
    rows = Station.objects.filter(path_filter("place__path", paths), street=street)
    return rows.select_related("place", "unit__party", "looked_by", "street__trail_head").order_by("name", "pk")


def stations_to_look_at(street: Street, *, on: dt.date) -> QuerySet[Station]:
    """Those that nobody has looked at for long by a day."""
    return stations_of(street).filter(closed_at__isnull=True, looked_on__lte=on - LOOK_AGAIN_AFTER)


def map_of(street: Street) -> StreetMap | None:
    """The lines that the maps of a street are drawn with."""
    return StreetMap.objects.filter(street=street).order_by("-pk").first()


# -- gates of estates ----------------------------------------------------------------------------------------------------

#: What the report of a fact has to be for the fact to be told.
FOUND_TRUE = Q(report__state=ReportState.ACCEPTED)


def facts_of(street: Street, *, paths: Iterable[str] = ("",)) -> QuerySet[GateFact]:
    """What stands on the sheets for the gates in these parts of the grid, in the order of a sheet."""
    rows = GateFact.objects.standing().filter(path_filter("place__path", paths), street=street)
    return rows.select_related("place", "looked_by", "report", "street__trail_head").order_by("place__path", "pk")


def numbered(facts: Iterable[GateFact]) -> list[tuple[int, GateFact]]:
    """The facts of one estate from the gate to the building, each with the number it has on the sheet and its map."""
    order = {kind: n for n, kind in enumerate(GateFactKind.values)}
    return list(enumerate(sorted(facts, key=lambda fact: (order[fact.kind], fact.pk)), 1))


def facts_told(place: Place) -> QuerySet[GateFact]:
    """What everybody is told at the gate of an estate: what its report still bears out."""
    return facts_of(place.street).filter(FOUND_TRUE, place=place)


def facts_to_look_at(street: Street, *, on: dt.date) -> QuerySet[GateFact]:
    """Those whose day for the next look has come."""
    return facts_of(street).filter(next_look_on__lte=on)


def estates_told(street: Street, *, on: dt.date) -> QuerySet[Place]:
    """The estates of which anything is told on a day, by name."""
    told = GateFact.objects.standing().filter(FOUND_TRUE, street=street)
    rows: QuerySet[Place] = Place.objects.filter(street=street).not_over(on)
    return rows.filter(pk__in=told.values("place")).order_by("name")


def reports_for_gate(place: Place) -> QuerySet[Report]:
    """The reports of an estate, or of the part of the grid around it, that were found true: the newest first."""
    around = [place.path[: n + 1] for n, sign in enumerate(place.path) if sign == "/"]
    near = Q(place__path__startswith=place.path) | Q(place__path__in=around)
    rows = Report.objects.filter(near, street=place.street_id, state=ReportState.ACCEPTED)
    return rows.order_by("-submitted_at", "-pk")
