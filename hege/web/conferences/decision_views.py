"""议定事项: what each party promised at a conference, and how it was kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from hege.conferences import actions
from hege.conferences.models import Decision
from hege.conferences.queries import the_decision
from hege.kernel import clock
from hege.web.access import Desk, opens
from hege.web.action_page import Act, action_page
from hege.web.conferences import forms
from hege.web.conferences.views import conference_act, conference_or_404
from hege.web.forms import Form


def decision_or_404(desk: Desk, decision_id: int) -> Decision:
    """The promise, where this person may see its conference."""
    decision = the_decision(desk.street, decision_id, paths=desk.paths("conferences.see"))
    if decision is None:
        raise Http404
    decision.conference.street = decision.conference.case.street = decision.street
    return decision


def decision_act(decision: Decision, title: str, done: str, **more: Any) -> Act:
    """The page of one verb of a promise; the promise itself stands under the heading."""
    lead = _("第 %(n)s 项 · %(lead)s：%(measure)s") % {
        "n": decision.number,
        "lead": decision.lead.name,
        "measure": decision.measure,
    }
    return conference_act(decision.conference, title, done, lead=lead, **more)


@opens("conferences.minute")
def add(request: HttpRequest, desk: Desk, conference_id: str) -> HttpResponse:
    """Write down what a party promised, before the minutes are signed."""
    conference = conference_or_404(desk, conference_id)
    form = forms.DecisionForm(request.POST or None, desk=desk)

    def do(said: Mapping[str, Any]) -> object:
        return actions.record_decision(
            conference, lead=said["lead"], assisting=list(said["assisting"]), measure=said["measure"],
            due_on=said["due_on"], evidence_required=said["evidence_required"], by=desk.user, at=clock.now(),
        )  # fmt: skip

    return action_page(request, conference_act(conference, _("登记议定事项"), _("已登记。")), form, do)


@opens("conferences.keep_promise")
def fulfil(request: HttpRequest, desk: Desk, decision_id: int) -> HttpResponse:
    """The lead party says that its promise was kept; somebody else confirms it."""
    decision = decision_or_404(desk, decision_id)
    form = forms.KeptForm(request.POST or None)

    def do(said: Mapping[str, Any]) -> object:
        return actions.fulfil_decision(
            decision, party=decision.lead, evidence=said["evidence"], document=said["document"],
            by=desk.user, at=clock.now(),
        )  # fmt: skip

    return action_page(request, decision_act(decision, _("反馈完成"), _("已反馈，等另一个人确认。")), form, do)


@opens("conferences.confirm")
def confirm(request: HttpRequest, desk: Desk, decision_id: int) -> HttpResponse:
    """Somebody else has seen the evidence and agrees."""
    decision = decision_or_404(desk, decision_id)
    act = decision_act(decision, _("确认完成"), _("已确认完成。"), button=_("看过证据，确认完成"))
    form = Form(request.POST if request.method == "POST" else None)

    def do(_said: Mapping[str, Any]) -> object:
        return actions.confirm_decision(decision, by=desk.user, at=clock.now())

    return action_page(request, act, form, do)


@opens("conferences.confirm")
def send_back(request: HttpRequest, desk: Desk, decision_id: int) -> HttpResponse:
    """The evidence does not show it; the due day stays what it was."""
    decision = decision_or_404(desk, decision_id)
    form = forms.WhyForm(request.POST or None)

    def do(said: Mapping[str, Any]) -> object:
        return actions.send_back_decision(decision, reason=said["reason"], by=desk.user, at=clock.now())

    return action_page(request, decision_act(decision, _("退回补办"), _("已退回，期限不变。")), form, do)


@opens("conferences.minute")
def cancel(request: HttpRequest, desk: Desk, decision_id: int) -> HttpResponse:
    """A promise falls away; it stays in the signed minutes."""
    decision = decision_or_404(desk, decision_id)
    form = forms.WhyForm(request.POST or None)
    act = decision_act(decision, _("取消这一项"), _("已取消。"), danger=True)

    def do(said: Mapping[str, Any]) -> object:
        return actions.cancel_decision(decision, reason=said["reason"], by=desk.user, at=clock.now())

    return action_page(request, act, form, do)
