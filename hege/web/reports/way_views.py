"""What may be done to a report: look, accept or refuse, join and part, and learn who made it for a reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from hege.cases.models import Report
from hege.cases.queries import reader_among, reporter_of
from hege.cases.reports import actions
from hege.kernel import clock
from hege.web.access import Desk, opens
from hege.web.action_page import Act, action_page
from hege.web.forms import Form
from hege.web.pages import form_page, page, refusals_to
from hege.web.reports import forms
from hege.web.reports.views import report_or_404

#: A look at who reported lasts this long; after that, another reason is asked for.
LOOK_SECONDS = 300
SALT = "hege.web.reports.reporter"


def report_act(report: Report, title: str | Promise, done: str | Promise, **more: Any) -> Act:
    """The page of one verb of a report; what was said stands under the heading."""
    code = report.street.code
    back = reverse("reports:detail", args=(code, report.public_id))
    crumbs = [(_("来件"), reverse("reports:index", args=(code,))), (report.get_kind_display(), back)]
    more.setdefault("lead", report.text[:200])
    return Act(title=title, button=more.pop("button", title), done=done, back=back, crumbs=crumbs, **more)


@opens("reports.verify")
@require_POST
def begin(request: HttpRequest, desk: Desk, report_id: str) -> HttpResponse:
    """Somebody goes and looks."""
    report = report_or_404(desk, report_id)
    act = report_act(report, _("去核实"), _("已开始核实。"))
    form = Form(request.POST)
    return action_page(request, act, form, lambda _said: actions.begin_verifying(report, by=desk.user, at=clock.now()))


@opens("reports.verify")
def verify(request: HttpRequest, desk: Desk, report_id: str) -> HttpResponse:
    """Found true and taken up."""
    report = report_or_404(desk, report_id)
    form = forms.FindingForm(request.POST or None)
    act = report_act(report, _("属实，受理"), _("已受理，可以立案或者并案。"))
    return action_page(
        request, act, form, lambda said: actions.verify_report(report, **said, by=desk.user, at=clock.now())
    )


@opens("reports.verify")
def reject(request: HttpRequest, desk: Desk, report_id: str) -> HttpResponse:
    """Not taken up, with the reason."""
    report = report_or_404(desk, report_id)
    form = forms.WhyForm(request.POST or None)
    act = report_act(report, _("不予受理"), _("已记下，不予受理。"))
    return action_page(
        request, act, form, lambda said: actions.reject_report(report, **said, by=desk.user, at=clock.now())
    )


@opens("reports.verify")
def withdraw(request: HttpRequest, desk: Desk, report_id: str) -> HttpResponse:
    """The reporter takes it back."""
    report = report_or_404(desk, report_id)
    form = forms.WhyForm(request.POST or None)
    act = report_act(report, _("反映人撤回"), _("已撤回。"))
    return action_page(
        request, act, form, lambda said: actions.withdraw_report(report, **said, by=desk.user, at=clock.now())
    )


@opens("reports.link")
def merge(request: HttpRequest, desk: Desk, report_id: str) -> HttpResponse:
    """Join it to a root case: many reports, one case."""
    report = report_or_404(desk, report_id)
    initial = {"case": request.GET.get("case", "")}
    form = forms.MergeForm(request.POST or None, report=report, desk=desk, initial=initial)
    act = report_act(report, _("并案"), _("已并案。"), button=_("并进这件案"))

    def do(said: Mapping[str, Any]) -> object:
        return actions.merge_report(report, said["case"], by=desk.user, at=clock.now())

    return action_page(request, act, form, do)


@opens("reports.link")
def unmerge(request: HttpRequest, desk: Desk, report_id: str) -> HttpResponse:
    """Take it out of its case again; it is looked at afresh."""
    report = report_or_404(desk, report_id)
    if report.case is not None:
        report.case.street = report.street
    form = forms.WhyForm(request.POST or None)
    act = report_act(report, _("从案件拆出"), _("已拆出，重新核实。"))
    return action_page(
        request, act, form, lambda said: actions.unmerge_report(report, **said, by=desk.user, at=clock.now())
    )


@opens("reports.link")
def ask_reporter(request: HttpRequest, desk: Desk, report_id: str) -> HttpResponse:
    """Say why one has to know who it was; the look is put on the trail before anything is shown."""
    report = report_or_404(desk, report_id)
    member = reader_among(desk.memberships, report.place)
    if member is None:
        raise Http404
    form = forms.LookForm(request.POST or None)
    act = report_act(report, _("查看反映人"), "", button=_("留痕并查看"))
    if request.method == "POST" and form.is_valid():
        with refusals_to(form):
            reason = form.cleaned_data["reason"]
            actions.look_up_reporter(report, member=member, reason=reason, by=desk.user, at=clock.now())
            ticket = signing.dumps([report.pk, desk.user.pk], salt=SALT)
            return redirect("reports:shown_reporter", desk.street.code, report.public_id, ticket)
    return form_page(request, "act.html", {"act": act, "form": form}, form)


@opens("reports.link")
def reporter(request: HttpRequest, desk: Desk, report_id: str, ticket: str) -> HttpResponse:
    """Who it was, for some minutes after the look was put on the trail, to the one who looked alone."""
    report = report_or_404(desk, report_id)
    member = reader_among(desk.memberships, report.place)
    try:
        permitted = signing.loads(ticket, salt=SALT, max_age=LOOK_SECONDS) == [report.pk, desk.user.pk]
    except signing.BadSignature:
        permitted = False
    if member is None or not permitted:
        raise Http404
    act = report_act(report, _("反映人"), "")
    found = reporter_of(report, for_member=member)
    response = page(request, "reports/reporter.html", {"act": act, "found": found})
    response["Referrer-Policy"] = "no-referrer"
    return response
