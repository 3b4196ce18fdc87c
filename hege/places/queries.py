"""Reads over the grid tree and the office calendar."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Q, QuerySet

from hege.kernel.calendar import Calendar
from hege.kernel.prepared import prepared
from hege.people.models import Street
from hege.places.models import CalendarDay, DayKind, Place, Unit, UnitLink
from hege.places.rules import code_tokens, token_hash

WEEKEND = (6, 7)


def workday_calendar(street: Street | int) -> Calendar:
    """The calendar of a street (工作日历) in one query; callable as a function of a day, see ``kernel.calendar.Calendar``."""
    rows = _calendar_days(street)
    guessed = {day.year for day, _kind, confirmed in rows if not confirmed}
    return Calendar(
        {day: kind == DayKind.WORK for day, kind, _confirmed in rows},
        confirmed={day.year for day, _kind, _confirmed in rows} - guessed,
    )


@prepared
def _calendar_days(street: Street | int) -> QuerySet[CalendarDay, tuple[dt.date, str, bool]]:
    return CalendarDay.objects.filter(street=street).values_list("day", "kind", "confirmed")


def unconfirmed_years(street: Street, days: Iterable[dt.date]) -> list[int]:
    """The years of these days whose notice is not in; one query, none for no day."""
    wanted = {day.year for day in days}
    known = calendar_years(street) if wanted else {}
    return sorted(year for year in wanted if not known.get(year))


def calendar_years(street: Street) -> dict[int, bool]:
    """The years a street's calendar holds, and whether each is confirmed; one query."""
    return {year: not waiting for year, waiting in _calendar_years(street)}


@prepared
def _calendar_years(street: Street) -> QuerySet[CalendarDay, tuple[int, int]]:
    rows: Any = CalendarDay.objects.filter(street=street).values_list("day__year").order_by("day__year")
    counted: QuerySet[CalendarDay, tuple[int, int]] = rows.annotate(waiting=Count("pk", filter=Q(confirmed=False)))
    return counted


def exceptions_in(street: Street, year: int) -> list[CalendarDay]:
    """The days of a year that are not what their weekday says: rest days from Monday to Friday, made-up ones at the
    week's end."""
    weekend = Q(day__iso_week_day__in=WEEKEND)
    exception = (weekend & Q(kind=DayKind.WORK)) | (~weekend & Q(kind=DayKind.REST))
    return list(CalendarDay.objects.filter(exception, street=street, day__year=year).order_by("day"))


def places_within(street: Street, paths: Iterable[str] = ("",)) -> QuerySet[Place]:
    """The places in these parts of a street's tree, from the top down; ``("",)`` is the whole street."""
    return Place.objects.filter(path_filter("path", paths), street=street).order_by("path")


def top_of(street: Street, paths: Iterable[str]) -> Place | None:
    """The place with which somebody's part of the tree begins; None for the whole street."""
    parts = list(paths)
    return None if "" in parts else places_within(street, parts).first()


def path_filter(field: str, paths: Iterable[str]) -> Q:
    """A filter "lies in one of these parts of the tree" over a path field; no part at all lets nothing through."""
    wanted = list(paths)
    if "" in wanted:
        return Q()
    out = Q(pk__in=[])
    for path in wanted:
        out |= Q(**{f"{field}__startswith": path})
    return out


def unit_tokens(street: Street, units: Iterable[Unit]) -> dict[int, str]:
    """The secret in the code (二维码) that each unit has now, by unit; left out where its key is not at hand."""
    wanted = {unit.pk: unit for unit in units}
    links = UnitLink.objects.filter(street=street, unit__in=wanted, revoked_at=None)
    kept = dict(links.values_list("unit_id", "token_hash"))
    found: dict[int, str] = {}
    for pk, unit in wanted.items():
        for token in code_tokens(street.pk, pk, unit.link_serial):
            if token_hash(token) == kept.get(pk):
                found[pk] = token
    return found
