"""What stands in the side menu beside the entries: how many wait at each within one's part of the street, and one's
other streets; one query for all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Any, NamedTuple

from django.db.models import QuerySet

from hege.arrears.early_warning.queries import warnings_of_street
from hege.cases.queries import cases_of, reports_of
from hege.kernel.asked import Question
from hege.kernel.counted import COUNTED, Counted, RowCount
from hege.people.queries import streets_of
from hege.web.access import Desk


def _reports(desk: Desk) -> QuerySet[Any]:
    """Those nobody has decided on, or that wait for a case."""
    return reports_of(desk.street, paths=desk.paths("reports.see")).waiting()


def _cases(desk: Desk) -> QuerySet[Any]:
    """Those that are not closed."""
    return cases_of(desk.street, paths=desk.paths("cases.see"), party_ids=desk.party_ids("cases.see")).unfinished()


def _warnings(desk: Desk) -> QuerySet[Any]:
    """Those that hold and that nobody has taken up."""
    return warnings_of_street(desk.street, paths=desk.paths("warnings.see")).waiting()


#: Thing -> the rows that wait there; none of them by the instant. Leave out what nobody counts.
WAITING: dict[str, Callable[[Desk], QuerySet[Any]]] = {"reports": _reports, "cases": _cases, "warnings": _warnings}


class StreetLine(NamedTuple):
    """A street to change to."""

    code: str
    name: str


def around(desk: Desk) -> tuple[list[StreetLine], dict[str, Counted]]:
    """The person's streets, and how many wait at each thing that is counted and that he sees; one query."""
    counted, question = _question(_Sight(desk))
    rows = question.answer()
    counts = dict(zip(counted, map(Counted.of, rows[0][2:]), strict=True)) if rows else {}
    return [StreetLine(*row[:2]) for row in rows], counts


class _Sight:
    """A desk as far as it decides what is asked: two that see alike are the same."""

    def __init__(self, desk: Desk) -> None:
        self.desk = replace(desk, user=desk.memberships[0].user)  # kept: and of a request nothing may be
        posts = tuple((m.role, m.path, m.party_id) for m in desk.memberships)
        self.alike = (desk.user.pk, desk.street.pk, desk.today, desk.verb, posts)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Sight) and self.alike == other.alike

    def __hash__(self) -> int:
        return hash(self.alike)


@lru_cache(1024)
def _question(sight: _Sight) -> tuple[list[str], Question]:
    desk = sight.desk
    counts = {
        thing: RowCount(rows(desk).select_related(None).order_by().values("pk")[: COUNTED + 1])
        for thing, rows in WAITING.items()
        if desk.may(f"{thing}.see")
    }
    asked = streets_of(desk.user, on=desk.today).values_list("code", "name", *counts.values())
    return list(counts), Question.of(asked)
