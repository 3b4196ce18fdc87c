"""What a case begins with: the report or the warning whose page sent somebody here, read from the address."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest

from hege.arrears.early_warning.models import EarlyWarning
from hege.arrears.early_warning.queries import warnings_of_street
from hege.arrears.early_warning.sentences import says, waiting
from hege.cases.models import Report
from hege.cases.queries import the_report
from hege.web.access import Desk

LONGEST_TITLE = 120


@dataclass(frozen=True, slots=True)
class Begin:
    """What the form of a new case is filled with, and the warning that becomes one of its reports."""

    initial: dict[str, Any] = field(default_factory=dict)
    warning: EarlyWarning | None = None


def begin(request: HttpRequest, desk: Desk) -> Begin:
    """What the address knows: ``?report=`` or ``?warning=``, as far as this person may see it; else nothing."""
    report_id, warning_id = request.GET.get("report", ""), request.GET.get("warning", "")
    report = the_report(desk.street, report_id, paths=desk.paths("reports.see")) if report_id else None
    if report is not None:
        return Begin(_of_report(report))
    if warning_id and desk.may("warnings.acknowledge"):
        rows = warnings_of_street(desk.street, paths=desk.paths("warnings.acknowledge"))
        warning = rows.select_related("point", "report").filter(public_id=warning_id).first()
        if warning is not None:
            return Begin(_of_warning(warning), warning)
    return Begin()


def _of_report(report: Report) -> dict[str, Any]:
    """The first sentence is the title, the whole is the summary."""
    title = report.text.splitlines()[0].split("。")[0][:LONGEST_TITLE]
    return {"title": title, "summary": report.text, "point": report.point_id, "reports": [report.pk]}


def _of_warning(warning: EarlyWarning) -> dict[str, Any]:
    if warning.report is not None:
        return {**_of_report(warning.report), "title": _title(warning)}
    finding = warning.finding
    return {"title": _title(warning), "summary": says(finding) + waiting(finding), "point": warning.point_id}


def _title(warning: EarlyWarning) -> str:
    return f"{warning.point.name}：{warning.get_kind_display()}"[:LONGEST_TITLE]
