"""How many wait at each entry of the side menu, within one's part of the street: one query for all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import QuerySet

from hege.arrears.early_warning.models import EarlyWarningQuerySet
from hege.arrears.early_warning.queries import warnings_of_street
from hege.cases.queries import cases_of, reports_of
from hege.kernel.counted import COUNTED, Counted, RowCount
from hege.people.models import Street
from hege.web.access import Desk


def _reports(desk: Desk) -> QuerySet[Any]:
    """Those nobody has decided on, or that wait for a case."""
    return reports_of(desk.street, paths=desk.paths("reports.see")).waiting()


def _cases(desk: Desk) -> QuerySet[Any]:
    """Those that are not closed."""
    return cases_of(desk.street, paths=desk.paths("cases.see"), party_ids=desk.party_ids("cases.see")).unfinished()


def _warnings(desk: Desk) -> QuerySet[Any]:
    """Those that hold and that nobody has taken up."""
    rows = warnings_of_street(desk.street, paths=desk.paths("warnings.see"))
    assert isinstance(rows, EarlyWarningQuerySet)
    return rows.waiting()


#: Thing -> the rows that wait there. Leave out what nobody counts.
WAITING: dict[str, Callable[[Desk], QuerySet[Any]]] = {"reports": _reports, "cases": _cases, "warnings": _warnings}


def waiting(desk: Desk, things: Iterable[str]) -> dict[str, Counted]:
    """How many wait at each of these things, for those that are counted at all; one query."""
    wanted = [thing for thing in things if thing in WAITING]
    if not wanted:
        return {}
    rows = (WAITING[thing](desk).select_related(None).order_by().values("pk")[: COUNTED + 1] for thing in wanted)
    found = Street.objects.filter(pk=desk.street.pk).values_list(*map(RowCount, rows)).get()
    return dict(zip(wanted, map(Counted.of, found), strict=True))
