"""How many wait at each entry of the side menu: one query each, within one's part of the street."""

from __future__ import annotations

from collections.abc import Callable

from hege.arrears.early_warning.queries import warnings_of_street
from hege.arrears.models import EarlyWarningQuerySet
from hege.cases.queries import cases_of, reports_of
from hege.web.access import Desk


def waiting_reports(desk: Desk) -> int:
    """Reports nobody has decided on, or that wait for a case."""
    return reports_of(desk.street, paths=desk.paths("reports.see")).waiting().count()


def running_cases(desk: Desk) -> int:
    """Cases that are not closed."""
    rows = cases_of(desk.street, paths=desk.paths("cases.see"), party_ids=desk.party_ids("cases.see"))
    return rows.unfinished().count()


def waiting_warnings(desk: Desk) -> int:
    """Warnings that hold and that nobody has taken up."""
    rows = warnings_of_street(desk.street, paths=desk.paths("warnings.see"))
    assert isinstance(rows, EarlyWarningQuerySet)
    return rows.waiting().count()


COUNTS: dict[str, Callable[[Desk], int]] = {
    "reports": waiting_reports,
    "cases": running_cases,
    "warnings": waiting_warnings,
}
