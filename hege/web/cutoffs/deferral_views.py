"""暂缓停水: putting a cut off on conditions, renewing it, lifting it, and conditions met by a document."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from hege.arrears.cutoff import actions
from hege.arrears.cutoff.models import CutoffNotice, Deferral, DeferralCondition
from hege.arrears.cutoff.queries import agreement_to_keep
from hege.arrears.cutoff.rules import ConditionDraft, CutoffStep, DeferralState
from hege.kernel import clock
from hege.web.access import Desk, opens
from hege.web.action_page import Act, action_page
from hege.web.cutoffs import forms
from hege.web.cutoffs.board import CutoffPage
from hege.web.cutoffs.views import notice_act, notice_or_404
from hege.web.pages import form_page, refusals_to

Decide = Callable[[forms.DeferralForm, list[ConditionDraft]], Deferral]


def _deferral_page(
    request: HttpRequest, act: Act, c: CutoffPage, initial: list[dict[str, Any]], decide: Decide
) -> HttpResponse:
    """The form of a deferral: until when, on whose word, and its conditions in rows."""
    form = forms.DeferralForm(request.POST or None, notice=c.notice)
    rows = forms.condition_rows(request.POST or None, initial)
    checked = [form.is_valid(), *(row.is_valid() for row in rows)]
    if request.method == "POST" and all(checked):
        with refusals_to(form):
            made = decide(form, [draft for row in rows if (draft := row.draft) is not None])
            messages.success(request, _("已暂缓到 %(day)s。") % {"day": made.last_day.isoformat()})
            return redirect(act.back)
    return form_page(request, "cutoffs/defer.html", {"act": act, "form": form, "rows": rows, "c": c}, form, *rows)


@opens("cutoffs.defer")
def defer(request: HttpRequest, desk: Desk, notice_id: str) -> HttpResponse:
    """Put the cut off until a day, on conditions."""
    notice = notice_or_404(desk, notice_id)

    def decide(form: forms.DeferralForm, conditions: list[ConditionDraft]) -> Deferral:
        return actions.defer_cutoff(
            notice, until=form.until, conditions=conditions, decision=form.cleaned_data["decision"], consent=form.consent,
            version=form.cleaned_data["version"], by=desk.user, at=clock.now(),
        )  # fmt: skip

    return _deferral_page(request, notice_act(notice, _("暂缓停水"), ""), CutoffPage(notice, desk), [], decide)


def _running(notice: CutoffNotice) -> Deferral:
    """The deferral in the books; whether it still holds is for the action to judge, under its lock."""
    rows = Deferral.objects.filter(street=notice.street_id, notice=notice, state=DeferralState.RUNNING)
    deferral = rows.prefetch_related("conditions").first()
    if deferral is None:
        raise Http404
    deferral.notice, deferral.street = notice, notice.street
    return deferral


@opens("cutoffs.defer")
def renew(request: HttpRequest, desk: Desk, notice_id: str) -> HttpResponse:
    """Follow the running deferral by another one; conditions not met yet are taken over to begin with."""
    notice = notice_or_404(desk, notice_id)
    old = _running(notice)
    open_ones = [
        {"kind": c.kind, "due_on": c.due_on, "fen": c.fen, "text": c.text}
        for c in sorted(old.conditions.all(), key=lambda c: (c.due_on, c.pk))
        if c.fulfilled_on is None
    ]

    def decide(form: forms.DeferralForm, conditions: list[ConditionDraft]) -> Deferral:
        return actions.renew_deferral(
            old, until=form.until, conditions=conditions, decision=form.cleaned_data["decision"], consent=form.consent,
            version=form.cleaned_data["version"], by=desk.user, at=clock.now(),
        )  # fmt: skip

    act = notice_act(notice, _("暂缓续期"), "", lead=_("已经续过 %(n)s 次。") % {"n": old.renewals})
    return _deferral_page(request, act, CutoffPage(notice, desk), open_ones, decide)


@opens("cutoffs.consent")
def consent(request: HttpRequest, desk: Desk, notice_id: str) -> HttpResponse:
    """Record what the utility agrees to: to wait for the agreement in force, or to restore water that is cut."""
    notice = notice_or_404(desk, notice_id)
    form = forms.ConsentForm(request.POST or None, notice=notice)
    if notice.state == CutoffStep.CUT:
        lead = _("水务公司书面同意先恢复供水的，在这里登记；恢复供水的期限从同意那天起算。")
        act = notice_act(notice, _("登记水务公司同意恢复供水"), _("已登记。"), lead=lead)
        return action_page(request, act, form, lambda said: _recorded(desk, form, actions.agree_to_restore, notice))
    running = _running(notice)
    agreement = agreement_to_keep(running)
    if agreement is None:
        raise Http404
    lead = _("签了调解协议，暂缓停水不会自己延长。水务公司书面同意以后在这里登记，暂缓才延续到最后一期可以付款的那天。")
    act = notice_act(notice, _("登记水务公司的同意"), _("已登记，暂缓随协议延续。"), lead=lead)
    keep = partial(actions.keep_by_agreement, agreement=agreement)
    return action_page(request, act, form, lambda said: _recorded(desk, form, keep, running))


def _recorded(desk: Desk, form: forms.ConsentForm, act: Callable[..., object], row: object) -> object:
    version = form.cleaned_data["version"]
    return act(row, consent=form.consent, version=version, by=desk.user, at=clock.now())


@opens("cutoffs.defer")
def lift(request: HttpRequest, desk: Desk, notice_id: str) -> HttpResponse:
    """Lift the deferral for good: nothing is owed, or an agreement stands over the debt."""
    notice = notice_or_404(desk, notice_id)
    running = _running(notice)
    form = forms.WordsForm(request.POST or None, notice=notice)
    lead = _("欠水司的钱已经结清，或者有生效的调解协议管住全部逾期的欠款，才能解除。")
    act = notice_act(notice, _("解除暂缓，不再停水"), _("已解除，不再停水。"), lead=lead)

    def do(said: Mapping[str, Any]) -> object:
        return actions.clear_deferral(running, **said, by=desk.user, at=clock.now())

    return action_page(request, act, form, do)


@opens("cutoffs.watch")
def fulfil(request: HttpRequest, desk: Desk, condition_id: int) -> HttpResponse:
    """A condition in words was met, by a document. Money is judged by the ledger alone."""
    condition = get_object_or_404(
        DeferralCondition.objects.select_related("deferral__notice", "street"), street=desk.street, pk=condition_id
    )
    notice = notice_or_404(desk, condition.deferral.notice.public_id)
    condition.deferral.notice = notice
    lead = condition.text or condition.get_kind_display()
    act = notice_act(notice, _("条件已达成"), _("已记下。"), lead=lead)
    form = forms.FulfilForm(request.POST or None, notice=notice, initial={"on": desk.today})
    return action_page(
        request, act, form, lambda said: actions.fulfil_condition(condition, **said, by=desk.user, at=clock.now())
    )
