"""案件: the list, one case on one page, and a page for each thing that may be done to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from hege.cases import actions
from hege.cases.models import Case, CaseParty
from hege.cases.queries import cases_of, days_left, the_case
from hege.cases.rules import PartyRole
from hege.kernel import clock
from hege.places.queries import top_of, workday_calendar
from hege.procedures import actions as procedures
from hege.web.access import Desk, opens
from hege.web.action_page import Act, action_page
from hege.web.cases import forms
from hege.web.cases.begin import begin
from hege.web.cases.board import TABS, CasePage, shown
from hege.web.forms import Form
from hege.web.jinja import daylong
from hege.web.pages import form_page, page, refusals_to

PAGE_SIZE = 50
Do = Callable[[Mapping[str, Any]], object]


def case_or_404(desk: Desk, case_id: str) -> Case:
    """The case, where this person may see it."""
    case = the_case(desk.street, case_id, paths=desk.paths("cases.see"), party_ids=desk.party_ids("cases.see"))
    if case is None:
        raise Http404
    return case


def case_act(case: Case, title: str | Promise, done: str | Promise, **more: Any) -> Act:
    """The page of one verb of a case: the button says what the heading says."""
    back = reverse("cases:detail", args=(case.street.code, case.public_id))
    crumbs = [(_("案件"), reverse("cases:index", args=(case.street.code,))), (case.number, back)]
    return Act(title=title, button=more.pop("button", title), done=done, back=back, crumbs=crumbs, **more)


@opens("cases.see")
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The cases of one's part of the street, worst first; closed ones are hidden unless asked for."""
    tab = request.GET.get("show", "")
    rows = cases_of(desk.street, paths=desk.paths("cases.see"), party_ids=desk.party_ids("cases.see"))
    calendar = workday_calendar(desk.street)
    cases = Paginator(shown(rows, tab, on=desk.today, calendar=calendar), PAGE_SIZE).get_page(request.GET.get("page"))
    here = reverse("cases:index", args=(desk.street.code,))
    tabs = [
        {"label": label, "href": f"{here}?show={t}" if t else here, "current": t == tab} for t, label in TABS.items()
    ]
    left = partial(days_left, on=desk.today, calendar=calendar)
    return page(request, "cases/index.html", {"cases": cases, "tab": tab, "tab_items": tabs, "left": left})


@opens("cases.see")
def detail(request: HttpRequest, desk: Desk, case_id: str) -> HttpResponse:
    """One case on one page: where it stands, the next clock, parties, tasks, conferences, mediation, money, timeline."""
    return page(request, "cases/detail.html", {"c": CasePage(case_or_404(desk, case_id), desk)})


@opens("cases.open")
def new(request: HttpRequest, desk: Desk) -> HttpResponse:
    """File a case, filled in with the report or the warning that led here; then on to the case."""
    known = begin(request, desk)
    form = forms.FileForm(request.POST or None, desk=desk, initial=known.initial)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        about, reports = said["point"], list(said["reports"])
        own = None if about or reports else top_of(desk.street, desk.paths("cases.open"))
        with refusals_to(form):
            made = procedures.open_case(
                desk.street, title=said["title"], summary=said["summary"], point=about, reports=reports, place=own,
                warning=known.warning, by=desk.user, at=clock.now(),
            )  # fmt: skip
            messages.success(request, _("已立案，案号 %(number)s。") % {"number": made.number})
            return redirect("cases:detail", desk.street.code, made.public_id)
    back = reverse("cases:index", args=(desk.street.code,))
    act = Act(title=_("立案"), button=_("立案"), done="", back=back, crumbs=[(_("案件"), back)])
    return form_page(request, "act.html", {"act": act, "form": form}, form)


@opens("cases.dispatch")
def dispatch(request: HttpRequest, desk: Desk, case_id: str) -> HttpResponse:
    """Hand the case to the party that leads; its clock starts now, or goes on after a return."""
    case = case_or_404(desk, case_id)
    form = forms.DispatchForm(request.POST or None, desk=desk, case=case)
    if forms.runs_on(case):
        day = {"day": daylong(case.due_on)}
        act = case_act(
            case,
            _("派遣"),
            _("已派遣，期限不变，还是 %(day)s。") % day,
            lead=_("退单不重新计时，期限还是 %(day)s。") % day,
        )
    else:
        act = case_act(case, _("派遣"), _("已派遣，期限从今天算。"))

    def do(said: Mapping[str, Any]) -> object:
        return actions.dispatch(
            case, lead=said["lead"], assisting=list(said["assisting"]), days=said.get("days"), text=said["text"],
            version=said["version"], by=desk.user, at=clock.now(),
        )  # fmt: skip

    return action_page(request, act, form, do)


@opens("cases.handle")
@require_POST
def sign(request: HttpRequest, desk: Desk, case_id: str) -> HttpResponse:
    """The leading party takes the case."""
    case = case_or_404(desk, case_id)
    act = case_act(case, _("签收"), _("已签收。"))
    form = forms.VersionForm(request.POST, case=case)
    return action_page(
        request, act, form, lambda said: actions.sign_for(case, version=said["version"], by=desk.user, at=clock.now())
    )


def _said(
    request: HttpRequest, desk: Desk, case_id: str, form: type[Form], act: tuple[str, str], verb: Any
) -> HttpResponse:
    """A verb whose fields are exactly what its action is called with."""
    case = case_or_404(desk, case_id)
    filled = form(request.POST or None, case=case)
    return action_page(
        request, case_act(case, *act), filled, lambda said: verb(case, **said, by=desk.user, at=clock.now())
    )


@opens("cases.handle")
def contact(request: HttpRequest, desk: Desk, case_id: str) -> HttpResponse:
    """The people concerned have been spoken to."""
    act = (_("先行联系"), _("已记下联系情况。"))
    return _said(request, desk, case_id, forms.TextForm, act, actions.first_contact)


@opens("cases.handle")
def feedback(request: HttpRequest, desk: Desk, case_id: str) -> HttpResponse:
    """The leading party says what was done."""
    return _said(request, desk, case_id, forms.EvidenceForm, (_("处理反馈"), _("已反馈，等核查。")), actions.feedback)


@opens("cases.check")
def check(request: HttpRequest, desk: Desk, case_id: str) -> HttpResponse:
    """Somebody who did not handle it agrees."""
    return _said(request, desk, case_id, forms.FindingForm, (_("核查通过"), _("核查通过，可以结案。")), actions.inspect)


@opens("cases.check")
def rework(request: HttpRequest, desk: Desk, case_id: str) -> HttpResponse:
    """Somebody who did not handle it disagrees."""
    return _said(request, desk, case_id, forms.ReworkForm, (_("退回返工"), _("已退回返工。")), actions.rework)


@opens("cases.close")
def close(request: HttpRequest, desk: Desk, case_id: str) -> HttpResponse:
    """Close the case, when nothing of it is open."""
    return _said(request, desk, case_id, forms.TextForm, (_("结案"), _("已结案。")), procedures.close_case)


@opens("cases.revisit")
def revisit(request: HttpRequest, desk: Desk, case_id: str) -> HttpResponse:
    """Ask the people concerned afterwards."""
    return _said(request, desk, case_id, forms.RevisitForm, (_("回访"), _("已记下回访。")), actions.revisit)


@opens("cases.handle")
def return_case(request: HttpRequest, desk: Desk, case_id: str) -> HttpResponse:
    """The leading party says "not ours", by name and with the reason."""
    return _said(request, desk, case_id, forms.ReasonForm, (_("退单"), _("已退单，原因已记下。")), actions.return_case)


@opens("cases.dispatch")
def hold(request: HttpRequest, desk: Desk, case_id: str) -> HttpResponse:
    """Hang the case up; its clocks stand still."""
    return _said(request, desk, case_id, forms.ReasonForm, (_("缓办"), _("已缓办，时限停走。")), actions.suspend)


@opens("cases.dispatch")
def resume(request: HttpRequest, desk: Desk, case_id: str) -> HttpResponse:
    """Go on with a case that was hung up."""
    return _said(request, desk, case_id, forms.ReasonForm, (_("恢复办理"), _("已恢复办理。")), actions.resume)


@opens("cases.dispatch")
def reopen(request: HttpRequest, desk: Desk, case_id: str) -> HttpResponse:
    """Open a closed case again, with the reason."""
    return _said(request, desk, case_id, forms.ReasonForm, (_("重新打开"), _("已重新打开。")), actions.reopen)


@opens("cases.note")
def note(request: HttpRequest, desk: Desk, case_id: str) -> HttpResponse:
    """Write a note, for the offices or for everybody."""
    case = case_or_404(desk, case_id)
    form = forms.NoteForm(request.POST or None)

    def do(said: Mapping[str, Any]) -> object:
        return actions.add_note(case, text=said["text"], internal=said["internal"], by=desk.user, at=clock.now())

    return action_page(request, case_act(case, _("写备注"), _("已写下。")), form, do)


@opens("cases.dispatch")
def add_party(request: HttpRequest, desk: Desk, case_id: str) -> HttpResponse:
    """Bring a party into the case."""
    case = case_or_404(desk, case_id)
    form = forms.PartyForm(request.POST or None, desk=desk, case=case)

    def do(said: Mapping[str, Any]) -> object:
        role = PartyRole(said["role"])
        return actions.add_party(
            case, party=said["party"], role=role, version=said["version"], by=desk.user, at=clock.now()
        )

    return action_page(request, case_act(case, _("加入参与方"), _("已加入。")), form, do)


@opens("cases.dispatch")
def end_party(request: HttpRequest, desk: Desk, case_id: str, part_id: int) -> HttpResponse:
    """A party has no part in the case any more."""
    case = case_or_404(desk, case_id)
    part = get_object_or_404(
        CaseParty.objects.select_related("case", "party"), street=desk.street, case=case, pk=part_id
    )
    form = forms.EndPartyForm(request.POST or None)

    def do(said: Mapping[str, Any]) -> object:
        return actions.end_party(part, until_on=said["until_on"], reason=said["reason"], by=desk.user, at=clock.now())

    title = _("%(party)s 退出本案") % {"party": part.party.name}
    return action_page(request, case_act(case, title, _("已退出。")), form, do)
