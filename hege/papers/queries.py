"""Reads over papers that were issued."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache, reduce
from operator import or_

from django.db.models import Model, Q

from hege.kernel.prepared import prepared
from hege.papers.models import Paper, PaperQuerySet
from hege.people.models import Street
from hege.places.queries import path_filter


def papers_of(street: Street, *, paths: Iterable[str] = ("",)) -> PaperQuerySet:
    """The papers of these parts of a street, the latest first, each with whether it is void."""
    some = list(paths)
    here = path_filter("point__place__path", some) | path_filter("conference__case__place__path", some)
    rows: PaperQuerySet = Paper.objects.filter(here, street=street)
    return rows.select_related("street", "point", "unit", "conference__case", "by", "voided").order_by("-at", "-pk")


def issued_about(
    street: Street, thing: Model, ways: tuple[str, ...], *, paths: Iterable[str], most: int
) -> list[Paper]:
    """The last papers of these parts of a street about a thing, the latest first; ``ways``: how a paper leads to it, one of
    which it has to. About a meter are those of the meter itself, of no shop."""
    parts = list(paths)
    return _anywhere(ways, most)(street, thing) if "" in parts else _within(ways, most)(street, thing, parts)


@cache
def _anywhere(ways: tuple[str, ...], most: int) -> Callable[[Street, Model], list[Paper]]:
    @prepared
    def papers(street: Street, thing: Model) -> PaperQuerySet:
        return papers_of(street).filter(_about(ways, thing))[:most]

    return papers


@cache
def _within(ways: tuple[str, ...], most: int) -> Callable[[Street, Model, list[str]], list[Paper]]:
    @prepared
    def papers(street: Street, thing: Model, paths: list[str]) -> PaperQuerySet:
        return papers_of(street, paths=paths).filter(_about(ways, thing))[:most]

    return papers


def _about(ways: tuple[str, ...], thing: Model) -> Q:
    about = reduce(or_, (Q(**{way: thing}) for way in ways))
    return about & Q(unit__isnull=True) if ways == ("point",) else about


def the_paper(street: Street, public_id: str, *, paths: Iterable[str] = ("",)) -> Paper | None:
    """One paper by its public id, where it may be seen; None otherwise."""
    return papers_of(street, paths=paths).filter(public_id=public_id).first()


def paper_by_code(code: str) -> Paper | None:
    """The paper that bears a check code, of whatever street; None where none does."""
    return Paper.objects.filter(check_code=code).select_related("street", "voided").first()
