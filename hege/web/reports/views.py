"""来件: the list, waiting first; one report; and taking one in, after a look at what may be the same trouble."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from hege.cases.models import Case, Report
from hege.cases.queries import the_case, the_report
from hege.cases.reports import actions
from hege.kernel import clock
from hege.places.queries import top_of
from hege.web.access import Desk, opens
from hege.web.pages import form_page, page, refusals_to
from hege.web.reports import forms
from hege.web.reports.board import ReportList, ReportPage, near

PAGE_SIZE = 50


def report_or_404(desk: Desk, report_id: str) -> Report:
    """The report, where this person may see it. Never with who made it."""
    report = the_report(desk.street, report_id, paths=desk.paths("reports.see"))
    if report is None:
        raise Http404
    return report


@opens("reports.see")
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The reports of one's part of the street, or those joined to one case; who has waited longest is on top."""
    found = ReportList(desk, request.GET.get("show", ""), request.GET.get("case", ""))
    rows = Paginator(found.ordered, PAGE_SIZE).get_page(request.GET.get("page"))
    return page(request, "reports/index.html", {"list": found, "rows": rows})


@opens("reports.see")
def detail(request: HttpRequest, desk: Desk, report_id: str) -> HttpResponse:
    """One report: what was said, about what, what was found, what may be the same, what was done."""
    report = report_or_404(desk, report_id)
    return page(request, "reports/detail.html", {"r": ReportPage(report, desk), "report": report})


@opens("reports.file")
def new(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Take a report in. The first time round, what may be the same trouble is shown and nothing is done."""
    initial = {"about": request.GET.get("about", "")}
    form = forms.ReportForm(request.POST or None, desk=desk, initial=initial)
    alike = None
    if request.method == "POST" and form.is_valid():
        joined = _wanted_case(desk, request.POST.get("join", ""))
        place = form.cleaned_data["place"]
        alike = near(desk, unit=form.unit, point=form.point, place=place)
        if joined is not None or not alike or form.cleaned_data["seen"]:
            with refusals_to(form):
                made = _take_in(form, desk, joined)
                messages.success(request, _("已登记来件。") if joined is None else _("已登记，并入案件。"))
                return redirect("reports:detail", desk.street.code, made.public_id)
    return form_page(request, "reports/new.html", {"form": form, "alike": alike}, form)


def _wanted_case(desk: Desk, case_id: str) -> Case | None:
    """The case somebody wants the new report joined to, if he may join reports."""
    if not case_id or not desk.may("reports.link"):
        return None
    return the_case(desk.street, case_id, paths=desk.paths("reports.see"))


@transaction.atomic
def _take_in(form: forms.ReportForm, desk: Desk, case: Case | None) -> Report:
    """File the report and, where wanted, join it: both or neither."""
    said, at = form.cleaned_data, clock.now()
    place = said["place"]
    if not (
        place or form.unit or form.point
    ):  # nowhere in particular: in the part of who takes it in, so that he sees it
        place = top_of(desk.street, desk.paths("reports.file"))
    report = actions.submit_report(
        desk.street, kind=said["kind"], text=said["text"], place=place, unit=form.unit, point=form.point,
        reference=said["reference"], reporter_name=said["reporter_name"], reporter_phone=said["reporter_phone"],
        by=desk.user, at=at,
    )  # fmt: skip
    return report if case is None else actions.merge_report(report, case, by=desk.user, at=at)
