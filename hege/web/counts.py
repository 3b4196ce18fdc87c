"""How many wait at each entry of the side menu, within one's part of the street: columns of whatever is asked for anyway."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet

from hege.arrears.early_warning.models import EarlyWarningQuerySet
from hege.arrears.early_warning.queries import warnings_of_street
from hege.cases.queries import cases_of, reports_of
from hege.kernel.counted import COUNTED, RowCount
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


def waiting(desk: Desk) -> dict[str, RowCount]:
    """How many wait at each thing that is counted and that this person sees, as columns of another query."""
    return {
        thing: RowCount(rows(desk).select_related(None).order_by().values("pk")[: COUNTED + 1])
        for thing, rows in WAITING.items()
        if desk.may(f"{thing}.see")
    }
