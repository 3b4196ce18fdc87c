"""What may be done to a mediation file before and after an agreement."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from hege.cases.models import Case
from hege.cases.queries import parties_of as parts_of
from hege.cases.rules import PartyRole
from hege.kernel import clock
from hege.mediation.dossier import actions
from hege.mediation.models import Dossier
from hege.web.access import Desk, opens
from hege.web.action_page import Act, action_page
from hege.web.cases.views import case_or_404
from hege.web.forms import Form
from hege.web.mediation import forms
from hege.web.mediation.views import file_act, file_or_404
from hege.web.pages import form_page, refusals_to

End = Callable[..., Dossier]


def _first_guess(case: Case, desk: Desk) -> dict[str, Any]:
    """The utility against the agent, the shops as third party: what a debt of a master meter usually is."""
    parts: dict[str, list[int]] = {}
    for part in parts_of(case, on=desk.today):
        parts.setdefault(part.role, []).append(part.party_id)
    return {
        "summary": case.summary or case.title,
        "applicants": parts.get(PartyRole.UTILITY, []),
        "respondents": parts.get(PartyRole.AGENT, []),
        "thirds": parts.get(PartyRole.SHOP, []),
        "mediator": desk.user.pk,
    }


@opens("mediation.open")
def open_file(request: HttpRequest, desk: Desk, case_id: str) -> HttpResponse:
    """Register a mediation about a case, with the documents it is going to need."""
    case = case_or_404(desk, case_id)
    initial = _first_guess(case, desk)
    form = forms.OpenForm(request.POST or None, case=case, desk=desk, initial=initial)
    if request.method == "POST" and form.is_valid():
        with refusals_to(form):
            made = actions.open_file(
                desk.street, case=case, point=case.point, **form.cleaned_data, by=desk.user, at=clock.now()
            )
            messages.success(request, _("已受理，卷号 %(number)s。") % {"number": made.number})
            return redirect("mediation:file", desk.street.code, made.public_id)
    back = reverse("cases:detail", args=(desk.street.code, case.public_id))
    crumbs = [(_("案件"), reverse("cases:index", args=(desk.street.code,))), (case.number, back)]
    lead = _("人民调解不收费；有一方明确拒绝的，不能调解。")
    act = Act(title=_("受理调解"), button=_("受理"), done="", back=back, crumbs=crumbs, lead=lead)
    return form_page(request, "act.html", {"act": act, "form": form}, form)


@opens("mediation.mediate")
def rights(request: HttpRequest, desk: Desk, file_id: str) -> HttpResponse:
    """The parties were told their rights and duties and are willing."""
    file = file_or_404(desk, file_id)
    form = forms.RightsForm(request.POST or None, initial={"told_on": desk.today})
    lead = _("可以选调解员，可以接受、拒绝或者随时不调，可以公开也可以不公开（人民调解法第二十三条）。")
    act = file_act(file, _("告知权利义务"), _("已记下告知。"), lead=lead)
    return action_page(request, act, form, lambda said: actions.tell_rights(file, **said, by=desk.user, at=clock.now()))


@opens("mediation.mediate")
def session(request: HttpRequest, desk: Desk, file_id: str) -> HttpResponse:
    """Put an inquiry or a session on record."""
    file = file_or_404(desk, file_id)
    form = forms.SessionForm(request.POST or None, initial={"held_on": desk.today})
    act = file_act(file, _("写调解记录"), _("已记入卷宗。"), button=_("记入卷宗"))
    return action_page(
        request, act, form, lambda said: actions.record_session(file, **said, by=desk.user, at=clock.now())
    )


@opens("mediation.mediate")
def document(request: HttpRequest, desk: Desk, file_id: str) -> HttpResponse:
    """Put a paper into the file."""
    file = file_or_404(desk, file_id)
    initial = {"kind": request.GET.get("kind"), "happened_on": desk.today}
    archived = file.archived_on is not None
    form = forms.DocumentForm(request.POST or None, initial=initial, archived=archived)
    title, button = (_("补充文书"), _("登记补充")) if archived else (_("归入文书"), _("归入卷宗"))
    lead = _("卷宗已归档：已有的文书不再改，补充的另记一行，写明日期。") if archived else ""
    act = file_act(file, title, _("已归入卷宗。"), button=button, lead=lead)
    return action_page(
        request, act, form, lambda said: actions.file_document(file, **said, by=desk.user, at=clock.now())
    )


def _end(request: HttpRequest, desk: Desk, file_id: str, title: str, end: End, *, lead: str = "") -> HttpResponse:
    file = file_or_404(desk, file_id)
    form = forms.WhyForm(request.POST or None)
    act = file_act(file, title, _("已写进卷宗。"), lead=lead)

    def do(said: Mapping[str, Any]) -> object:
        return end(file, reason=said["reason"], by=desk.user, at=clock.now())

    return action_page(request, act, form, do)


@opens("mediation.mediate")
def fail(request: HttpRequest, desk: Desk, file_id: str) -> HttpResponse:
    """No agreement: the parties are told of the other ways open to them."""
    lead = _("调解不成的，要告知当事人可以仲裁、行政处理或者诉讼（人民调解法第二十六条）。")
    return _end(request, desk, file_id, _("调解不成"), actions.fail, lead=lead)


@opens("mediation.mediate")
def terminate(request: HttpRequest, desk: Desk, file_id: str) -> HttpResponse:
    """A party will not go on, or the matter belongs to somebody else."""
    return _end(request, desk, file_id, _("终止调解"), actions.terminate)


@opens("mediation.mediate")
def withdraw(request: HttpRequest, desk: Desk, file_id: str) -> HttpResponse:
    """The applicant takes it back."""
    return _end(request, desk, file_id, _("撤回申请"), actions.withdraw)


@opens("mediation.mediate")
def archive(request: HttpRequest, desk: Desk, file_id: str) -> HttpResponse:
    """Close the file: nothing of it changes any more."""
    file = file_or_404(desk, file_id)
    act = file_act(
        file,
        _("归档"),
        _("已归档。"),
        lead=_(
            "归档以后卷宗不能再改，只能补充履行凭证、回访记录和司法确认材料。必须的文书一份都不能缺，也不能是空的。封底由系统按卷内文书写成。"
        ),
    )
    form = Form(request.POST if request.method == "POST" else None)
    return action_page(request, act, form, lambda _said: actions.archive(file, by=desk.user, at=clock.now()))
