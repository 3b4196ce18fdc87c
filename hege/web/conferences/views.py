"""联席会议: the list, one round on one page, calling, holding and signing it, and what each party promised there."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from hege.cases.queries import parties_of
from hege.conferences import actions
from hege.conferences.models import Conference, Decision
from hege.conferences.queries import snapshot_of, the_conference, the_decision
from hege.kernel import clock
from hege.kernel.several import several
from hege.web.access import Desk, opens
from hege.web.action_page import Act, Text, perform, sent, verb
from hege.web.cases.views import case_act, case_or_404
from hege.web.conferences import forms
from hege.web.conferences.page import ConferenceList, ConferencePage, missed
from hege.web.forms import Form
from hege.web.pages import form_page, or_404, page, part, refusals_to
from hege.web.shared.kept_files import files_shown


def conference_or_404(desk: Desk, conference_id: str) -> Conference:
    """The conference, where this person may see it."""
    return or_404(the_conference(desk.street, conference_id, paths=desk.paths("conferences.see")))


def round_name(conference: Conference) -> str:
    """What a round is called: 第 3 次联席会议."""
    return _("第 %(n)s 次联席会议") % {"n": conference.round}


def crumbs_of(conference: Conference, desk: Desk) -> list[tuple[Text, str]]:
    """List, case, round."""
    return [
        (_("联席会议"), desk.to("conferences:index")),
        (conference.case.number, desk.to("cases:detail", conference.case.public_id)),
        (round_name(conference), desk.to("conferences:detail", conference.public_id)),
    ]


def conference_act(conference: Conference, desk: Desk, title: Text, done: Text, **more: Any) -> Act:
    """The page of one verb of a conference."""
    return Act(title, done, crumbs_of(conference, desk), **more)


@opens("conferences.see")
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The conferences of one's part of the street, worst first, and the promises that are late or wait."""
    found = ConferenceList(desk, request.GET.get("show", ""))
    return page(request, "conferences/index.html", {"list": found, "rows": part(request, found.ordered)})


@opens("conferences.see")
def detail(request: HttpRequest, desk: Desk, conference_id: str) -> HttpResponse:
    """One round: agenda, who came, what was promised and how it stands, the signed minutes."""
    conference = conference_or_404(desk, conference_id)
    shown = ConferencePage(conference, desk)
    files = files_shown(desk, "decisions", [promise.decision.pk for promise in shown.decisions])
    context = {"c": shown, "crumbs": crumbs_of(conference, desk)[:-1], "files": files}
    return page(request, "conferences/detail.html", context)


@opens("conferences.see")
def minutes(request: HttpRequest, desk: Desk, conference_id: str) -> HttpResponse:
    """The signed minutes as a paper: what was frozen, with its hash."""
    conference = conference_or_404(desk, conference_id)
    c = ConferencePage(conference, desk)
    or_404(c.minutes)
    return page(request, "conferences/minutes.html", {"c": c, "crumbs": crumbs_of(conference, desk)})


@opens("conferences.call")
def call(request: HttpRequest, desk: Desk, case_id: str) -> HttpResponse:
    """Call the next round about a case and invite the parties; those of the case are ticked already."""
    case = case_or_404(desk, case_id)
    asked = [row.party_id for row in parties_of(case, on=desk.today)]
    form = forms.CallForm(sent(request), desk=desk, initial={"parties": asked, "agenda": case.title})
    act = case_act(
        case, desk, _("召集联席会议"), lambda made: _("已召集%(round)s。") % {"round": round_name(made)},
        button=_("召集"), lead=case.title, onward=lambda made: desk.to("conferences:detail", made.public_id),
        undo=lambda made: desk.to("conferences:cancel", made.public_id),
    )  # fmt: skip
    return perform(request, act, form, actions.call_conference, case)


@opens("conferences.minute")
def hold(request: HttpRequest, desk: Desk, conference_id: str) -> HttpResponse:
    """It took place: tick who came, and who spoke for them."""
    conference = conference_or_404(desk, conference_id)
    initial = {"held_on": None if missed(conference, desk) else conference.meets_on}
    form = forms.HoldForm(sent(request), thing=conference, desk=desk, initial=initial)
    done, button = _("已登记召开，可以登记议定事项。"), _("会开过了，登记")
    act = conference_act(conference, desk, _("登记到会"), done, button=button)
    return perform(request, act, form, actions.record_meeting, conference, template="conferences/hold.html")


@opens("conferences.minute")
def sign(request: HttpRequest, desk: Desk, conference_id: str) -> HttpResponse:
    """Sign the minutes: text, decisions and attendance are frozen."""
    conference = conference_or_404(desk, conference_id)
    form = forms.MinutesForm(sent(request), initial={"seen": " ".join(snapshot_of(conference).kept)})
    if request.method == "POST" and form.is_valid():
        with refusals_to(form):
            actions.sign_minutes(conference, **form.said, by=desk.user, at=clock.now())
            messages.success(request, _("纪要已签发。"))
            return redirect("conferences:detail", desk.street.code, conference.public_id)
    frozen = snapshot_of(conference)
    if getattr(form, "stale", False):
        form.show(frozen.kept)
    lead = several("签发后正文、%(n)s 项议定事项和到会名单都不能再改。") % {"n": len(frozen.decisions)}
    act = conference_act(conference, desk, _("签发纪要"), "", lead=lead)
    return form_page(request, "conferences/sign.html", {"act": act, "form": form, "frozen": frozen}, form)


@opens("conferences.call")
def cancel(request: HttpRequest, desk: Desk, conference_id: str) -> HttpResponse:
    """It does not take place; its number stays taken."""
    conference = conference_or_404(desk, conference_id)
    title = _("取消%(round)s") % {"round": round_name(conference)}
    act = conference_act(conference, desk, title, _("已取消。"), danger=True)
    return perform(request, act, forms.WhyForm(sent(request)), actions.cancel_conference, conference)


conference_verb = partial(verb, conference_act, conference_or_404)
invite = conference_verb(
    "conferences.call", actions.invite_parties, forms.InviteForm, _("再请几家"), _("已邀请。"), button=_("邀请")
)
add_decision = conference_verb(
    "conferences.minute", actions.record_decision, forms.DecisionForm, _("登记议定事项"), _("已登记。")
)


# -- promises ----------------------------------------------------------------------------------------------------------


def decision_or_404(desk: Desk, decision_id: int) -> Decision:
    """The promise, where this person may see its conference."""
    decision = or_404(the_decision(desk.street, decision_id, paths=desk.paths("conferences.see")))
    decision.conference.street = decision.conference.case.street = decision.street
    return decision


def decision_act(decision: Decision, desk: Desk, title: Text, done: Text, **more: Any) -> Act:
    """The page of one verb of a promise; the promise itself stands under the heading."""
    said = {"n": decision.number, "lead": decision.lead.name, "measure": decision.measure}
    lead = _("第 %(n)s 项 · %(lead)s：%(measure)s") % said
    return conference_act(decision.conference, desk, title, done, lead=lead, **more)


def _fulfil(decision: Decision, **said: Any) -> Decision:
    """On the word of its lead."""
    return actions.fulfil_decision(decision, party=decision.lead, **said)


decision_verb = partial(verb, decision_act, decision_or_404)
fulfil = decision_verb(
    "conferences.keep_promise", _fulfil, forms.KeptForm, _("反馈完成"), _("已反馈，等另一个人确认。")
)
confirm = decision_verb(
    "conferences.confirm", actions.confirm_decision, Form, _("确认完成"), _("已确认完成。"), button=_("看过证据，确认完成")
)  # fmt: skip
send_back = decision_verb(
    "conferences.confirm", actions.send_back_decision, forms.WhyForm, _("退回补办"), _("已退回，期限不变。")
)
cancel_decision = decision_verb(
    "conferences.minute", actions.cancel_decision, forms.WhyForm, _("取消这一项"), _("已取消。"), danger=True
)
