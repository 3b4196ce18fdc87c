"""联席会议: the list, one round on one page, and calling, inviting, holding, signing, cancelling."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from hege.cases.queries import parties_of
from hege.conferences import actions
from hege.conferences.models import Conference
from hege.conferences.queries import snapshot_of, the_conference
from hege.kernel import clock
from hege.web.access import Desk, opens
from hege.web.action_page import Act, action_page
from hege.web.cases.views import case_or_404
from hege.web.conferences import forms
from hege.web.conferences.board import ConferenceList, ConferencePage
from hege.web.pages import form_page, page, refusals_to

PAGE_SIZE = 50


def conference_or_404(desk: Desk, conference_id: str) -> Conference:
    """The conference, where this person may see it."""
    conference = the_conference(desk.street, conference_id, paths=desk.paths("conferences.see"))
    if conference is None:
        raise Http404
    return conference


def round_name(conference: Conference) -> str:
    """What a round is called: 第 3 次联席会议."""
    return _("第 %(n)s 次联席会议") % {"n": conference.round}


def crumbs_of(conference: Conference) -> list[tuple[str, str]]:
    """List, case, round."""
    code = conference.street.code
    return [
        (_("联席会议"), reverse("conferences:index", args=(code,))),
        (conference.case.number, reverse("cases:detail", args=(code, conference.case.public_id))),
        (round_name(conference), reverse("conferences:detail", args=(code, conference.public_id))),
    ]


def conference_act(conference: Conference, title: str | Promise, done: str | Promise, **more: Any) -> Act:
    """The page of one verb of a conference: the button says what the heading says."""
    crumbs = crumbs_of(conference)
    return Act(title=title, button=more.pop("button", title), done=done, back=crumbs[-1][1], crumbs=crumbs, **more)


@opens("conferences.see")
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The conferences of one's part of the street, worst first, and the promises that are late or wait."""
    found = ConferenceList(desk, request.GET.get("show", ""))
    rows = Paginator(found.ordered, PAGE_SIZE).get_page(request.GET.get("page"))
    return page(request, "conferences/index.html", {"list": found, "rows": rows})


@opens("conferences.see")
def detail(request: HttpRequest, desk: Desk, conference_id: str) -> HttpResponse:
    """One round: agenda, who came, what was promised and how it stands, the signed minutes."""
    conference = conference_or_404(desk, conference_id)
    context = {"c": ConferencePage(conference, desk), "crumbs": crumbs_of(conference)[:-1]}
    return page(request, "conferences/detail.html", context)


@opens("conferences.see")
def minutes(request: HttpRequest, desk: Desk, conference_id: str) -> HttpResponse:
    """The signed minutes as a paper: what was frozen, with its hash."""
    conference = conference_or_404(desk, conference_id)
    c = ConferencePage(conference, desk)
    if c.minutes is None:
        raise Http404
    return page(request, "conferences/minutes.html", {"c": c, "crumbs": crumbs_of(conference)})


@opens("conferences.call")
def call(request: HttpRequest, desk: Desk, case_id: str) -> HttpResponse:
    """Call the next round about a case and invite the parties; those of the case are ticked already."""
    case = case_or_404(desk, case_id)
    asked = [part.party_id for part in parties_of(case, on=desk.today)]
    initial = {"parties": asked, "agenda": case.title}
    form = forms.CallForm(request.POST or None, desk=desk, initial=initial)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        with refusals_to(form):
            made = actions.call_conference(
                case, meets_on=said["meets_on"], place=said["place"], agenda=said["agenda"],
                parties=list(said["parties"]), by=desk.user, at=clock.now(),
            )  # fmt: skip
            messages.success(request, _("已召集%(round)s。") % {"round": round_name(made)})
            return redirect("conferences:detail", desk.street.code, made.public_id)
    back = reverse("cases:detail", args=(desk.street.code, case.public_id))
    crumbs = [(_("案件"), reverse("cases:index", args=(desk.street.code,))), (case.number, back)]
    act = Act(title=_("召集联席会议"), button=_("召集"), done="", back=back, crumbs=crumbs, lead=case.title)
    return form_page(request, "act.html", {"act": act, "form": form}, form)


@opens("conferences.call")
def invite(request: HttpRequest, desk: Desk, conference_id: str) -> HttpResponse:
    """Invite more parties to a conference that is called."""
    conference = conference_or_404(desk, conference_id)
    invited = [row.party_id for row in ConferencePage(conference, desk).attendance]
    form = forms.InviteForm(request.POST or None, desk=desk, invited=invited)
    act = conference_act(conference, _("再请几家"), _("已邀请。"), button=_("邀请"))

    def do(said: Mapping[str, Any]) -> object:
        return actions.invite(conference, parties=list(said["parties"]), by=desk.user, at=clock.now())

    return action_page(request, act, form, do)


@opens("conferences.minute")
def hold(request: HttpRequest, desk: Desk, conference_id: str) -> HttpResponse:
    """It took place: tick who came, and who spoke for them."""
    conference = conference_or_404(desk, conference_id)
    c = ConferencePage(conference, desk)
    initial = {"held_on": conference.meets_on if not c.missed else None}
    form = forms.HoldForm(request.POST or None, desk=desk, invited=c.attendance, initial=initial)
    act = conference_act(conference, _("登记到会"), _("已登记召开，可以登记议定事项。"), button=_("会开过了，登记"))
    if request.method == "POST" and form.is_valid():
        with refusals_to(form):
            actions.record_meeting(
                conference, held_on=form.cleaned_data["held_on"], attended=form.attended, by=desk.user, at=clock.now()
            )
            messages.success(request, str(act.done))
            return redirect(act.back)
    return form_page(request, "conferences/hold.html", {"act": act, "form": form}, form)


@opens("conferences.minute")
def sign(request: HttpRequest, desk: Desk, conference_id: str) -> HttpResponse:
    """Sign the minutes: text, decisions and attendance are frozen."""
    conference = conference_or_404(desk, conference_id)
    form = forms.MinutesForm(request.POST or None, initial={"seen": " ".join(snapshot_of(conference).kept)})
    back = reverse("conferences:detail", args=(desk.street.code, conference.public_id))
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        with refusals_to(form):
            actions.sign_minutes(conference, text=said["text"], seen=said["seen"].split(), by=desk.user, at=clock.now())
            messages.success(request, _("纪要已签发。"))
            return redirect(back)
    frozen = snapshot_of(conference)
    if getattr(form, "stale", False):
        form.show(frozen.kept)
    lead = _("签发后正文、%(n)s 项议定事项和到会名单都不能再改。") % {"n": len(frozen.decisions)}
    act = conference_act(conference, _("签发纪要"), "", lead=lead)
    return form_page(request, "conferences/sign.html", {"act": act, "form": form, "frozen": frozen}, form)


@opens("conferences.call")
def cancel(request: HttpRequest, desk: Desk, conference_id: str) -> HttpResponse:
    """It does not take place; its number stays taken."""
    conference = conference_or_404(desk, conference_id)
    title = _("取消%(round)s") % {"round": round_name(conference)}
    act = conference_act(conference, title, _("已取消。"), danger=True)
    form = forms.WhyForm(request.POST or None)

    def do(said: Mapping[str, Any]) -> object:
        return actions.cancel_conference(conference, reason=said["reason"], by=desk.user, at=clock.now())

    return action_page(request, act, form, do)
