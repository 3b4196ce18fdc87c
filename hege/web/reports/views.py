"""来件: the list, one report, and what may be done to it: take in, look, accept or refuse, join and part, learn who made it."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from hege.cases.models import Case, Report
from hege.cases.queries import reader_among, reporter_of, the_case, the_report
from hege.cases.reports import actions
from hege.kernel import clock
from hege.kernel.database import atomic
from hege.places.queries import top_of
from hege.procedures import actions as procedures
from hege.programme.deeds.queries import who_did
from hege.web.access import Desk, opens
from hege.web.action_page import Act, Text, perform, sent, sent_with_files, verb
from hege.web.files import takes_files
from hege.web.forms import Form
from hege.web.pages import form_page, or_404, page, part, refusals_to
from hege.web.reports import forms
from hege.web.reports.page import Near, ReportList, ReportPage, near
from hege.web.shared.looking import check_look, look_ticket

#: A look at who reported lasts this long; after that, another reason is asked for.
SALT = "hege.web.reports.reporter"


def report_or_404(desk: Desk, report_id: str) -> Report:
    """The report, where this person may see it. Never with who made it."""
    report = or_404(the_report(desk.street, report_id, paths=desk.paths("reports.see")))
    if report.case is not None:
        report.case.street = report.street
    return report


@opens("reports.see")
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The reports of one's part of the street, or those joined to one case; who has waited longest is on top."""
    found = ReportList(desk, request.GET.get("show", ""), request.GET.get("case", ""))
    return page(request, "reports/index.html", {"list": found, "rows": part(request, found.ordered)})


@opens("reports.see")
def detail(request: HttpRequest, desk: Desk, report_id: str) -> HttpResponse:
    """One report: what was said, about what, what was found, what may be the same, what was done."""
    report = report_or_404(desk, report_id)
    return page(request, "reports/detail.html", {"r": ReportPage(report, desk), "report": report})


@takes_files(forms.ReportForm)
@opens("reports.file")
def new(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Take a report in. The first time round, what may be the same trouble is shown and nothing is done."""
    initial = {"about": request.GET.get("about", "")}
    form = forms.ReportForm(*sent_with_files(request), desk=desk, initial=initial)
    alike = None
    if request.method == "POST" and form.is_valid():
        joined = _wanted_case(desk, request.POST.get("join", ""))
        looked = joined is not None or form.cleaned_data["seen"]
        alike = None if looked else _alike(form, desk)
        if not alike:
            with refusals_to(form):
                made = _take_in(form, desk, joined)
                messages.success(request, _("已登记来件。") if joined is None else _("已登记，并入案件。"))
                return redirect("reports:detail", desk.street.code, made.public_id)
            alike = _alike(form, desk)
    return form_page(request, "reports/new.html", {"form": form, "alike": alike}, form)


def _alike(form: forms.ReportForm, desk: Desk) -> Near:
    return near(desk, unit=form.unit, point=form.point, place=form.cleaned_data["place"])


def _wanted_case(desk: Desk, case_id: str) -> Case | None:
    """The case somebody wants the new report joined to, if they may join reports."""
    if not case_id or not desk.may("reports.link"):
        return None
    return the_case(desk.street, case_id, paths=desk.paths("reports.see"))


@atomic
def _take_in(form: forms.ReportForm, desk: Desk, case: Case | None) -> Report:
    """File the report and, where wanted, join it: both or neither."""
    said, at = form.cleaned_data, clock.now()
    place = said["place"]
    if not (
        place or form.unit or form.point
    ):  # nowhere in particular: in the part of who takes it in, so that they see it
        place = top_of(desk.street, desk.paths("reports.file"))
    report = actions.submit_report(
        desk.street, kind=said["kind"], text=said["text"], place=place, unit=form.unit, point=form.point,
        reference=said["reference"], photos=said["photos"], reporter_name=said["reporter_name"], reporter_phone=said["reporter_phone"],
        by=desk.user, at=at,
    )  # fmt: skip
    return report if case is None else actions.merge_report(report, case, by=desk.user, at=at)


def report_act(report: Report, desk: Desk, title: Text, done: Text, **more: Any) -> Act:
    """The page of one verb of a report; what was said stands under the heading."""
    here = report.get_kind_display(), desk.to("reports:detail", report.public_id)
    return Act(title, done, [(_("来件"), desk.to("reports:index")), here], report.text[:200], **more)


@opens("reports.verify")
@require_POST
def begin(request: HttpRequest, desk: Desk, report_id: str) -> HttpResponse:
    """Somebody goes and looks."""
    report = report_or_404(desk, report_id)
    act = report_act(report, desk, _("去核实"), _("已开始核实。"))
    return perform(request, act, Form(request.POST), actions.begin_verifying, report)


report_verb = partial(verb, report_act, report_or_404)
verify = report_verb(
    "reports.verify", procedures.verify_report, forms.FindingForm, _("属实，受理"), _("已受理，可以立案或者并案。")
)
reject = report_verb("reports.verify", actions.reject_report, forms.WhyForm, _("不予受理"), _("已记下，不予受理。"))
withdraw = report_verb("reports.verify", actions.withdraw_report, forms.WhyForm, _("反映人撤回"), _("已撤回。"))
unmerge = report_verb("reports.link", actions.unmerge_report, forms.WhyForm, _("从案件拆出"), _("已拆出，重新核实。"))


@opens("reports.link")
def merge(request: HttpRequest, desk: Desk, report_id: str) -> HttpResponse:
    """Join it to a root case: many reports, one case."""
    report = report_or_404(desk, report_id)
    initial = {"case": request.GET.get("case", "")}
    form = forms.MergeForm(sent(request), report=report, desk=desk, initial=initial)
    act = report_act(
        report, desk, _("并案"), _("已并案。"), button=_("并进这件案"),
        undo=lambda made: desk.to("reports:unmerge", made.public_id),
    )  # fmt: skip
    return perform(request, act, form, procedures.merge_report, report)


@opens("reports.link")
def ask_reporter(request: HttpRequest, desk: Desk, report_id: str) -> HttpResponse:
    """Say why one has to know who it was; the look is put on the trail before anything is shown."""
    report = report_or_404(desk, report_id)
    member = or_404(reader_among(desk.memberships, report.place))

    def onward(_looked: object) -> str:
        return desk.to("reports:shown_reporter", report.public_id, look_ticket(report, desk, salt=SALT))

    act = report_act(report, desk, _("查看反映人"), "", button=_("留痕并查看"), onward=onward)
    look_up = partial(actions.look_up_reporter, member=member)
    return perform(request, act, forms.LookForm(sent(request)), look_up, report)


@opens("reports.link")
def reporter(request: HttpRequest, desk: Desk, report_id: str, ticket: str) -> HttpResponse:
    """Who it was, for some minutes after the look was put on the trail, to the one who looked alone."""
    report = report_or_404(desk, report_id)
    member = reader_among(desk.memberships, report.place)
    check_look(ticket, report, desk, salt=SALT)
    if member is None:
        raise Http404
    act = report_act(report, desk, _("反映人"), "")
    found, rider = reporter_of(report, for_member=member), who_did(report, for_member=member)
    response = page(request, "reports/reporter.html", {"act": act, "found": found, "rider": rider})
    response["Referrer-Policy"] = "no-referrer"
    return response
