"""The way to an agreement: particulars, authority, draft, print, signatures, record (草案 → 打印 → 签名 → 登记)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from hege.arrears.cutoff.queries import awaits_consent
from hege.cases.queries import parties_of as parts_of
from hege.kernel import clock
from hege.kernel.money import split
from hege.mediation.agreements import actions
from hege.mediation.models import AgreementDraft, Dossier, MediationParty
from hege.mediation.queries import (
    authorisations_of,
    committee_of,
    draft_of,
    latest_print,
    parties_of,
    payable_fen,
    print_signatures,
    stands_for,
)
from hege.mediation.rules import AgreementForm, PartySide
from hege.people.models import Party
from hege.web.access import Desk, opens
from hege.web.action_page import action_page
from hege.web.forms import Form
from hege.web.mediation import forms
from hege.web.mediation.paper import Paper
from hege.web.mediation.views import crumbs_of, file_act, file_or_404
from hege.web.pages import form_page, page, refusals_to


@opens("mediation.mediate")
def particulars(request: HttpRequest, desk: Desk, file_id: str, party_id: str) -> HttpResponse:
    """Who a party is, as the agreement names it."""
    file = file_or_404(desk, file_id)
    row = parties_of(file).filter(party__public_id=party_id).first()
    if row is None:
        raise Http404
    row.file = file
    form = forms.ParticularsForm(request.POST or None, row=row)
    title = _("%(who)s的基本情况") % {"who": row.party.name}
    lead = _("只印在协议书上，只给调解员看，不进留痕。")
    act = file_act(file, title, _("已记下。"), button=_("记下"), lead=lead)
    return action_page(
        request, act, form, lambda _said: actions.write_particulars(row, form.particulars, by=desk.user, at=clock.now())
    )


def _may_sign_for_others(file: Dossier, parties: list[MediationParty], desk: Desk) -> list[Party]:
    """Whom a party may send to sign: the other parties, and those who have a part in the case."""
    parts = list(parts_of(file.case, on=desk.today)) if file.case else []
    return list({party.pk: party for party in [*(row.party for row in parties), *(p.party for p in parts)]}.values())


@opens("mediation.mediate")
def authorise(request: HttpRequest, desk: Desk, file_id: str) -> HttpResponse:
    """Enter a written authority; the shops a delegate speaks for are offered and ticked."""
    file = file_or_404(desk, file_id)
    parties = list(parties_of(file))
    shops = {
        agent: [s.party for s in rows if s.party] for agent, rows in stands_for(file, parties, on=desk.today).items()
    }
    known = {a.party_id for a in authorisations_of(file)}
    offered = {party.pk: party for rows in shops.values() for party in rows if party.pk not in known}
    delegate = next(iter(shops), None)
    initial = {"agent": delegate, "parties": list(offered), "given_on": desk.today}
    form = forms.AuthoriseForm(
        request.POST or None,
        agents=_may_sign_for_others(file, parties, desk),
        principals=[*offered.values(), *(row.party for row in parties if row.party_id not in known)],
        initial=initial,
    )
    lead = _("一个人替别人签名，每一个被代的人都要有授权委托书（民法典第一百六十五条）；一份委托书可以列多户。")
    act = file_act(file, _("登记授权委托书"), _("已登记。"), button=_("登记"), lead=lead)
    return action_page(request, act, form, lambda said: actions.authorise(file, **said, by=desk.user, at=clock.now()))


# -- the draft ---------------------------------------------------------------------------------------------------------


def _plan(request: HttpRequest, debt_fen: int) -> tuple[forms.PlanForm, list[tuple[dt.date, int]]]:
    """Equal parts a month apart, when asked for in the address."""
    plan = forms.PlanForm(request.GET if "parts" in request.GET else None)
    if not plan.is_bound or not plan.is_valid() or debt_fen <= 0:
        return plan, []
    parts, first = plan.cleaned_data["parts"], plan.cleaned_data["first"]
    months = [_months_after(first, n) for n in range(parts)]
    return plan, list(zip(months, split(debt_fen, [1] * parts), strict=True))


def _months_after(day: dt.date, months: int) -> dt.date:
    """The same day some months on; the last day of a month that is too short."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    last = (dt.date(year + (month == 11), (month + 1) % 12 + 1, 1) - dt.timedelta(days=1)).day
    return dt.date(year, month + 1, min(day.day, last))


def _first_words(
    file: Dossier, standing: AgreementDraft | None, parties: list[MediationParty], payable: int, desk: Desk
) -> dict[str, Any]:
    """The draft as it stands; else the ledger's debt today."""
    if standing is not None:
        names = ("form", "debtor", "debt_fen", "counted_on", "difference", "facts", "terms", "statement", "committee")
        return {n: getattr(standing, n) for n in (*names, "manner", "payee", "bank", "account", "point")}
    debtor = next((row.party_id for row in parties if row.side == PartySide.RESPONDENT), None)
    return {
        "debt_fen": payable or None, "counted_on": desk.today, "debtor": debtor, "committee": committee_of(file),
    }  # fmt: skip


@opens("mediation.mediate")
def draft(request: HttpRequest, desk: Desk, file_id: str) -> HttpResponse:
    """Write the draft: the sum comes from the ledger, the schedule must add up to it, the account is named."""
    file = file_or_404(desk, file_id)
    parties, standing = list(parties_of(file)), draft_of(file)
    payable = payable_fen(file.point, on=desk.today) if file.point else 0
    plan, planned = _plan(request, payable)
    if standing is not None and not planned:
        planned = [(dt.date.fromisoformat(day), fen) for day, fen in standing.schedule]
    about: dict[str, Any] = {"parties": parties, "point": file.point, "desk": desk}
    form = forms.DraftForm(request.POST or None, initial=_first_words(file, standing, parties, payable, desk), **about)
    rows = forms.instalment_rows(request.POST or None, planned)
    checked = [form.is_valid(), *(row.is_valid() for row in rows)]
    if request.method == "POST" and all(checked):
        with refusals_to(form):
            parts = [row.instalment for row in rows if row.instalment is not None]
            actions.draft_agreement(
                file, **{"point": file.point, **form.said}, instalments=parts, by=desk.user, at=clock.now()
            )
            messages.success(request, _("草案已存。下一步：打印出来，让各方签名。"))
            return redirect("mediation:file", desk.street.code, file.public_id)
    context = {
        "act": file_act(file, _("拟协议草案"), "", button=_("存草案")), "form": form, "rows": rows, "plan": plan, "file": file,
        "payable": payable, **_added_up(rows, planned),
    }  # fmt: skip
    return form_page(request, "mediation/draft.html", context, form, *rows)


def _added_up(rows: list[forms.InstalmentForm], planned: list[tuple[dt.date, int]]) -> dict[str, int]:
    """What the schedule adds up to, and how many of its rows are shown: those in use and one more."""
    typed = [row.instalment if row.is_bound and row.is_valid() else None for row in rows]
    total = sum(part[1] for part in typed if part) or sum(fen for _day, fen in planned)
    used = [n for n, row in enumerate(rows, start=1) if typed[n - 1] or (row.is_bound and row.errors)]
    return {"total": total, "shown": max(4, len(planned), max(used, default=0) + 1)}


# -- printed, signed, recorded -----------------------------------------------------------------------------------------


@opens("mediation.mediate")
def print_draft(request: HttpRequest, desk: Desk, file_id: str) -> HttpResponse:
    """Freeze the draft as the print that is going to be signed."""
    file = file_or_404(desk, file_id)
    form = Form(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        with refusals_to(form):
            actions.print_agreement(file, by=desk.user, at=clock.now())
            return redirect("mediation:print_paper", desk.street.code, file.public_id)
    lead = _("印上校验码，各方只能在这一稿上签名；草案、当事人情况或授权再改，要重新打印。")
    act = file_act(file, _("打印协议"), "", button=_("定稿打印"), lead=lead)
    return form_page(request, "act.html", {"act": act, "form": form}, form)


@opens("mediation.mediate")
def print_paper(request: HttpRequest, desk: Desk, file_id: str) -> HttpResponse:
    """The last print on paper, with lines to sign on."""
    file = file_or_404(desk, file_id)
    printed = latest_print(file)
    if printed is None:
        raise Http404
    context = {"paper": Paper.of_print(printed, file, desk), "crumbs": crumbs_of(file)}
    return page(request, "mediation/paper.html", context)


@opens("mediation.mediate")
def sign(request: HttpRequest, desk: Desk, file_id: str) -> HttpResponse:
    """Enter who has signed the print, and when."""
    file = file_or_404(desk, file_id)
    printed = latest_print(file)
    signed = list(print_signatures(printed)) if printed else []
    form = forms.SignForm(
        request.POST or None, parties=list(parties_of(file)), authorised=list(authorisations_of(file)), signed=signed
    )
    lead = _("照打印稿上的签名登记，没有签的空着，以后再登。") if printed else _("协议还没有打印，先打印再签名。")
    act = file_act(file, _("登记签名"), _("已登记签名。"), lead=lead)
    return action_page(
        request, act, form, lambda _said: actions.sign_agreement(file, **form.said, by=desk.user, at=clock.now())
    )


@opens("mediation.mediate")
def record(request: HttpRequest, desk: Desk, file_id: str) -> HttpResponse:
    """The committee has sealed it, or the parties have agreed by word of mouth: it stands."""
    file = file_or_404(desk, file_id)
    standing = draft_of(file)
    oral = standing is not None and standing.form == AgreementForm.ORAL
    kind, field = (forms.OralForm, "agreed_on") if oral else (forms.SealForm, "sealed_on")
    form = kind(request.POST or None, initial={field: desk.today})
    if request.method == "POST" and form.is_valid():
        with refusals_to(form):
            made = actions.record_agreement(file, **form.cleaned_data, by=desk.user, at=clock.now())
            messages.success(request, _("协议已登记，%(day)s 起生效。") % {"day": made.effective_on.isoformat()})
            if awaits_consent(made, on=desk.today):
                messages.warning(request, _("还没有登记水务公司的同意，暂缓停水仍按原来的日期和条件。"))
            return redirect("mediation:agreement", desk.street.code, made.public_id)
    lead = (
        _("口头协议自达成之日起生效，由调解员记录内容。")
        if oral
        else _("各方和调解员都签了名，盖上调委会印章，协议生效。")
    )
    act = file_act(file, _("登记协议"), "", button=_("登记生效"), lead=lead)
    return form_page(request, "act.html", {"act": act, "form": form}, form)
