"""调解协议: how the ledger sees its instalments, the court's confirmation, the visit after."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from hege.kernel import clock
from hege.mediation.agreements import actions
from hege.mediation.models import Agreement
from hege.mediation.queries import agreements_due, agreements_of, parties_of, the_agreement
from hege.mediation.rules import AGREEMENT_OVER
from hege.web.access import Desk, opens
from hege.web.action_page import Act, action_page
from hege.web.forms import Form
from hege.web.marks import Tab
from hege.web.mediation import forms
from hege.web.mediation.board import AgreementPage, DueRow, dues
from hege.web.mediation.paper import Paper
from hege.web.mediation.views import crumbs_of
from hege.web.pages import page

PAGE_SIZE = 50


def agreement_or_404(desk: Desk, agreement_id: str) -> Agreement:
    """The agreement, where this person may see it; a collecting agent sees their own alone."""
    agreement = the_agreement(desk.street, agreement_id, paths=desk.paths("agreements.see"))
    mine = desk.party_ids("agreements.see")
    if agreement is None or (mine is not None and agreement.debtor_id not in mine):
        raise Http404
    agreement.file.street = agreement.street
    return agreement


def agreement_crumbs(agreement: Agreement, desk: Desk) -> list[tuple[str, str]]:
    """File and agreement; who may not see the file starts at the agreements."""
    code = desk.street.code
    here = (_("协议"), reverse("mediation:agreement", args=(code, agreement.public_id)))
    if desk.may("mediation.see"):
        return [*crumbs_of(agreement.file), here]
    return [(_("调解协议"), reverse("mediation:agreements", args=(code,))), here]


def agreement_act(agreement: Agreement, desk: Desk, title: str | Promise, done: str | Promise, **more: Any) -> Act:
    """The page of one verb of an agreement."""
    crumbs = agreement_crumbs(agreement, desk)
    return Act(title=title, button=more.pop("button", title), done=done, back=crumbs[-1][1], crumbs=crumbs, **more)


@opens("agreements.see")
def agreements(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The agreements, the next instalment due first; those performed or superseded are hidden unless asked for."""
    paths, mine = desk.paths("agreements.see"), desk.party_ids("agreements.see")
    if request.GET.get("show") == "performed":
        over = agreements_of(desk.street, paths=paths).filter(state__in=AGREEMENT_OVER).select_related("street")
        found = dues(over if mine is None else over.filter(debtor_id__in=mine), desk.today)
    else:
        found = agreements_due(desk.street, desk.today, paths=paths)
        found = found if mine is None else [row for row in found if row.agreement.debtor_id in mine]
    rows = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    show, here = request.GET.get("show", ""), reverse("mediation:agreements", args=(desk.street.code,))
    ended = show == "performed"
    tabs = [
        Tab(_("下一期先到的在前"), here, current=not ended),
        Tab(_("已了结"), f"{here}?show=performed", current=ended),
    ]
    return page(request, "mediation/agreements.html", {"rows": rows, "show": show, "tabs": tabs, "shown": DueRow})


@opens("agreements.see")
def agreement(request: HttpRequest, desk: Desk, agreement_id: str) -> HttpResponse:
    """One agreement: what is due, what has arrived by the ledger, its words, signatures and clock."""
    found = agreement_or_404(desk, agreement_id)
    context = {"p": AgreementPage(found, desk), "a": found, "crumbs": agreement_crumbs(found, desk)[:-1]}
    return page(request, "mediation/agreement.html", context)


@opens("agreements.see")
def paper(request: HttpRequest, desk: Desk, agreement_id: str) -> HttpResponse:
    """The agreement as a paper to print and keep."""
    found = agreement_or_404(desk, agreement_id)
    context = {"paper": Paper.of_agreement(found, desk), "crumbs": agreement_crumbs(found, desk)}
    return page(request, "mediation/paper.html", context)


# -- afterwards --------------------------------------------------------------------------------------------------------


@opens("mediation.mediate")
def apply(request: HttpRequest, desk: Desk, agreement_id: str) -> HttpResponse:
    """The parties jointly ask the court to confirm, within thirty days."""
    found = agreement_or_404(desk, agreement_id)
    parties = list(parties_of(found.file))
    initial = {"applied_on": desk.today, "applicants": [row.party_id for row in parties]}
    form = forms.ApplyForm(request.POST or None, file=found.file, parties=parties, initial=initial)
    act = agreement_act(
        found, desk, _("申请司法确认"), _("已登记申请。"), lead=_("协议生效三十日内，由各方当事人共同申请。")
    )

    def do(said: Mapping[str, Any]) -> object:
        return actions.apply_for_confirmation(
            found, court=said["court"], applicants=list(said["applicants"]), applied_on=said["applied_on"],
            by=desk.user, at=clock.now(),
        )  # fmt: skip

    return action_page(request, act, form, do)


@opens("mediation.mediate")
def ruling(request: HttpRequest, desk: Desk, agreement_id: str) -> HttpResponse:
    """What the court decided."""
    found = agreement_or_404(desk, agreement_id)
    form = forms.RulingForm(request.POST or None, initial={"decided_on": desk.today})
    act = agreement_act(found, desk, _("登记司法确认结果"), _("已登记。"))
    return action_page(
        request, act, form, lambda said: actions.record_confirmation(found, **said, by=desk.user, at=clock.now())
    )


@opens("mediation.mediate")
def performed(request: HttpRequest, desk: Desk, agreement_id: str) -> HttpResponse:
    """All has arrived, says the ledger."""
    found = agreement_or_404(desk, agreement_id)
    act = agreement_act(found, desk, _("登记履行完毕"), _("已履行完毕。"), lead=_("账上每一期都到了水务公司才能登记。"))
    form = Form(request.POST if request.method == "POST" else None)
    return action_page(request, act, form, lambda _said: actions.mark_performed(found, by=desk.user, at=clock.now()))


@opens("mediation.mediate")
def breached(request: HttpRequest, desk: Desk, agreement_id: str) -> HttpResponse:
    """An instalment was late, says the ledger."""
    found = agreement_or_404(desk, agreement_id)
    lead = _("账上有一期没有按时到账。登记以后，由它维持的暂缓停水随每日核对失效。")
    act = agreement_act(found, desk, _("登记违约"), _("已登记违约。"), lead=lead, danger=True)
    form = Form(request.POST if request.method == "POST" else None)
    return action_page(request, act, form, lambda _said: actions.mark_breached(found, by=desk.user, at=clock.now()))


@opens("mediation.mediate")
def visit(request: HttpRequest, desk: Desk, agreement_id: str) -> HttpResponse:
    """Ask the parties how the agreement is being kept."""
    found = agreement_or_404(desk, agreement_id)
    form = forms.VisitForm(request.POST or None, initial={"visited_on": desk.today})
    act = agreement_act(found, desk, _("回访"), _("已记下回访。"))
    return action_page(
        request, act, form, lambda said: actions.record_return_visit(found, **said, by=desk.user, at=clock.now())
    )
