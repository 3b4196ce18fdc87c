"""Reads over the grid tree and the office calendar."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db.models import Count, Q, QuerySet

from hege.kernel.calendar import IsWorkday
from hege.people.models import Street
from hege.places.models import CalendarDay, DayKind, Place
from hege.places.rules import is_weekday

WEEKEND = (6, 7)


def workday_calendar() -> IsWorkday:
    """The office calendar (工作日历) as a function of a day, in one query; days it does not know are Monday–Friday.

    Only the exceptions are read: rest days in the week and make-up days at the week's end.
    """
    exceptions = CalendarDay.objects.filter(_exception())
    known = {day: kind == DayKind.WORK for day, kind in exceptions.values_list("day", "kind")}

    def is_workday(day: dt.date) -> bool:
        said = known.get(day)
        return is_weekday(day) if said is None else said

    return is_workday


def is_workday(day: dt.date) -> bool:
    """Whether offices work on one day; for more than one ask ``workday_calendar`` once."""
    kind = CalendarDay.objects.filter(day=day).values_list("kind", flat=True).first()
    return is_weekday(day) if kind is None else kind == DayKind.WORK


def unconfirmed_years(days: Iterable[dt.date]) -> list[int]:
    """The years of these days whose calendar is a guess or not there at all; one query, none for no day."""
    wanted = {day.year for day in days}
    known = {year: guessed for year, guessed in calendar_years().items() if year in wanted} if wanted else {}
    return sorted(year for year in wanted if known.get(year, 1))


def calendar_years() -> dict[int, int]:
    """The years the calendar holds, each with how many of its days are a guess; one query."""
    rows = CalendarDay.objects.values_list("day__year").order_by("day__year")
    return dict(rows.annotate(guessed=Count("pk", filter=Q(confirmed=False))))


def exceptions_in(year: int) -> list[CalendarDay]:
    """The days of a year that are not what their weekday says: rest days from Monday to Friday, made-up ones at the
    week's end."""
    rows = CalendarDay.objects.filter(_exception(), day__year=year)
    return list(rows.order_by("day"))


def _exception() -> Q:
    weekend = Q(day__iso_week_day__in=WEEKEND)
    return (weekend & Q(kind=DayKind.WORK)) | (~weekend & Q(kind=DayKind.REST))


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
