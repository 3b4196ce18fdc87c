"""Reads over papers that were issued."""

from __future__ import annotations

from collections.abc import Iterable

from hege.papers.models import Paper, PaperQuerySet
from hege.people.models import Street
from hege.places.queries import path_filter


def papers_of(street: Street, *, paths: Iterable[str] = ("",)) -> PaperQuerySet:
    """The papers of these parts of a street, the latest first, each with whether it is void."""
    some = list(paths)
    here = path_filter("point__place__path", some) | path_filter("conference__case__place__path", some)
    rows: PaperQuerySet = Paper.objects.filter(here, street=street)
    return rows.select_related("street", "point", "unit", "conference__case", "by", "voided").order_by("-at", "-pk")


def the_paper(street: Street, public_id: str, *, paths: Iterable[str] = ("",)) -> Paper | None:
    """One paper by its public id, where it may be seen; None otherwise."""
    return papers_of(street, paths=paths).filter(public_id=public_id).first()


def paper_by_code(code: str) -> Paper | None:
    """The paper that bears a check code, of whatever street; None where none does."""
    return Paper.objects.filter(check_code=code).select_related("street", "voided").first()
