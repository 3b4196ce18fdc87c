"""停水程序: the list, one procedure, its steps from the demand to the restored water, and its deferral on conditions."""

from __future__ import annotations

from functools import partial
from operator import attrgetter
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from hege.arrears.cutoff import actions
from hege.arrears.cutoff.models import CutoffNotice, Deferral, DeferralCondition, Demand
from hege.arrears.cutoff.queries import affected_by, agreement_to_keep, notices_of, payable_fen
from hege.arrears.cutoff.rules import CutoffStep, DeferralState
from hege.arrears.queries import thresholds_of
from hege.arrears.rules import ThresholdKind
from hege.kernel.money import yuan
from hege.kernel.several import several
from hege.places.models import UnitUse
from hege.web.access import Desk, opens
from hege.web.action_page import Act, Text, perform, sent, sent_with_files, verb
from hege.web.cutoffs import forms
from hege.web.cutoffs.page import CutoffList, CutoffPage
from hege.web.files import bringing, takes_files
from hege.web.pages import or_404, page, part
from hege.web.shared.kept_files import files_shown
from hege.web.shared.scope import point_or_404


def notice_or_404(desk: Desk, notice_id: str) -> CutoffNotice:
    """The procedure, where this person may see its master meter."""
    rows = notices_of(desk.street, paths=desk.paths("cutoffs.see")).prefetch_related(None)
    return or_404(rows.select_related("point__street", "case__street").filter(public_id=notice_id).first())


def notice_act(notice: CutoffNotice, desk: Desk, title: Text, done: Any, **more: Any) -> Act:
    """The page of one verb of a procedure."""
    here = notice.point.name, desk.to("cutoffs:detail", notice.public_id)
    return Act(title, done, [(_("停水程序"), desk.to("cutoffs:index")), here], **more)


@opens("cutoffs.see")
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The cut-off procedures of one's part of the street, the nearest clock first."""
    found = CutoffList(desk, request.GET.get("show", ""))
    return page(request, "cutoffs/index.html", {"list": found, "rows": part(request, found.ordered)})


@opens("cutoffs.see")
def detail(request: HttpRequest, desk: Desk, notice_id: str) -> HttpResponse:
    """One procedure: steps with days and law, whom it affects, deferrals with conditions, history."""
    notice = notice_or_404(desk, notice_id)
    files = files_shown(desk, "cutoffs", [notice.pk])[notice.pk]
    context = {"c": CutoffPage(notice, desk), "n": notice, "uses": dict(UnitUse.choices), "files": files}
    return page(request, "cutoffs/detail.html", context)


@takes_files(forms.DemandForm)
@opens("cutoffs.notify")
def demand(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """Record a demand for what is overdue at a master meter: opens the procedure, or adds a second demand."""
    point = point_or_404(desk, code, "cutoffs.see")
    form = forms.DemandForm(*sent_with_files(request), point=point, desk=desk, initial={"delivered_on": desk.today})

    def done(made: Demand) -> str:
        return _("已记下催缴 %(sum)s 元。") % {"sum": yuan(made.overdue_fen)}

    def onward(made: Demand) -> str:
        return desk.to("cutoffs:detail", made.notice.public_id)

    meter = point.name, desk.to("meters:detail", point.code)
    lead = _("催缴的是到期没缴的账单。送达以后，合理期限满了才能发停水通知。")
    act = Act(_("登记催缴"), done, [(_("总表台账"), desk.to("meters:index")), meter], lead, onward=onward)
    action = bringing(actions.demand_payment, about=attrgetter("notice"))
    return perform(request, act, form, action, point)


@takes_files(forms.WrittenForm)
@opens("cutoffs.notify")
def notify(request: HttpRequest, desk: Desk, notice_id: str) -> HttpResponse:
    """Record the written notice; whom it affects is frozen with it."""
    notice = notice_or_404(desk, notice_id)
    hours = thresholds_of(desk.street, on=desk.today)[ThresholdKind.NOTICE_HOURS]
    count = {"n": len(affected_by(notice, on=desk.today)), "hours": hours}
    lead = _("通知列明受影响的 %(n)s 户，送达满 %(hours)s 小时以后才能停水。") % count
    act = notice_act(notice, desk, _("登记停水通知"), _("已登记停水通知。"), lead=lead)
    form = forms.WrittenForm(*sent_with_files(request), thing=notice)
    return perform(request, act, form, bringing(actions.give_notice), notice)


@opens("cutoffs.notify")
def cut(request: HttpRequest, desk: Desk, notice_id: str) -> HttpResponse:
    """Record that the utility has cut the water: the button says whom it leaves without."""
    notice = notice_or_404(desk, notice_id)
    number = len(affected_by(notice, on=desk.today))
    title = ngettext("对 %(num)s 户停水", "对 %(num)s 户停水", number) % {"num": number}
    lead = _("水务公司停水后在这里登记。通知期限没有满、账已缴清，或者有没被告知的商铺，都不能停。")
    act = notice_act(notice, desk, title, _("已登记停水。"), lead=lead, danger=True)
    return perform(request, act, forms.CutForm(sent(request), thing=notice), actions.cut_water, notice)


@opens("cutoffs.notify")
def restore(request: HttpRequest, desk: Desk, notice_id: str) -> HttpResponse:
    """Record that water runs again."""
    notice = notice_or_404(desk, notice_id)
    number = len(notice.affected_units)
    title = ngettext("给 %(num)s 户恢复供水", "给 %(num)s 户恢复供水", number) % {"num": number}
    act = notice_act(notice, desk, title, _("已登记恢复供水。"))
    return perform(request, act, forms.RestoreForm(sent(request), thing=notice), actions.restore_water, notice)


notice_verb = partial(verb, notice_act, notice_or_404)
withdraw = notice_verb("cutoffs.notify", actions.withdraw_notice, forms.WhyForm, _("撤回停水程序"), _("已撤回。"))
clear = notice_verb(
    "cutoffs.notify", actions.clear_notice, forms.WordsForm, _("登记结清"), _("已结清，不再停水。"),
    lead=_("账上欠水司的钱全部到账才能结清。"),
)  # fmt: skip


def _deferred(made: Deferral) -> str:
    return _("已暂缓到 %(day)s。") % {"day": made.last_day.isoformat()}


def _page_of(notice: CutoffNotice, desk: Desk) -> dict[str, Any]:
    """The page on which a cut is put off: beside the form, what is owed and by how many."""
    owed = {"sum": yuan(payable_fen(notice, on=desk.today)), "n": len(affected_by(notice, on=desk.today))}
    return {"template": "cutoffs/defer.html", "notice": notice, "owed": owed}


@opens("cutoffs.defer")
def defer(request: HttpRequest, desk: Desk, notice_id: str) -> HttpResponse:
    """Put the cut off until a day, on conditions."""
    notice = notice_or_404(desk, notice_id)
    act, form = notice_act(notice, desk, _("暂缓停水"), _deferred), forms.DeferralForm(sent(request), thing=notice)
    return perform(request, act, form, actions.defer_cutoff, notice, **_page_of(notice, desk))


def _running(notice: CutoffNotice) -> Deferral:
    """The deferral in the books; whether it still holds is for the action to judge, under its lock."""
    rows = Deferral.objects.filter(street=notice.street_id, notice=notice, state=DeferralState.RUNNING)
    deferral = or_404(rows.prefetch_related("conditions").first())
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
    lead = several("已经续过 %(n)s 次。") % {"n": old.renewals}
    act = notice_act(notice, desk, _("暂缓续期"), _deferred, lead=lead)
    form = forms.DeferralForm(sent(request), thing=notice, conditions=open_ones)
    return perform(request, act, form, actions.renew_deferral, old, **_page_of(notice, desk))


@opens("cutoffs.consent")
def consent(request: HttpRequest, desk: Desk, notice_id: str) -> HttpResponse:
    """Record what the utility agrees to: to wait for the agreement in force, or to restore water that is cut."""
    notice = notice_or_404(desk, notice_id)
    form = forms.ConsentForm(sent(request), thing=notice)
    if notice.state == CutoffStep.CUT:
        lead = _("水务公司书面同意先恢复供水的，在这里登记；恢复供水的期限从同意那天起算。")
        act = notice_act(notice, desk, _("登记水务公司同意恢复供水"), _("已登记。"), lead=lead)
        return perform(request, act, form, actions.agree_to_restore, notice)
    running = _running(notice)
    agreement = or_404(agreement_to_keep(running))
    lead = _("签了调解协议，暂缓停水不会自己延长。水务公司书面同意以后在这里登记，暂缓才延续到最后一期可以付款的那天。")
    act = notice_act(notice, desk, _("登记水务公司的同意"), _("已登记，暂缓随协议延续。"), lead=lead)
    return perform(request, act, form, partial(actions.keep_by_agreement, agreement=agreement), running)


@opens("cutoffs.defer")
def lift(request: HttpRequest, desk: Desk, notice_id: str) -> HttpResponse:
    """Lift the deferral for good: nothing is owed, or an agreement stands over the debt."""
    notice = notice_or_404(desk, notice_id)
    running = _running(notice)
    lead = _("欠水司的钱已经结清，或者有生效的调解协议管住全部逾期的欠款，才能解除。")
    act = notice_act(notice, desk, _("解除暂缓，不再停水"), _("已解除，不再停水。"), lead=lead)
    return perform(request, act, forms.WordsForm(sent(request), thing=notice), actions.clear_deferral, running)


@takes_files(forms.FulfilForm)
@opens("cutoffs.watch")
def fulfil(request: HttpRequest, desk: Desk, condition_id: int) -> HttpResponse:
    """A condition in words was met, by a document. Money is judged by the ledger alone."""
    rows = DeferralCondition.objects.select_related("deferral__notice", "street")
    condition = get_object_or_404(rows, street=desk.street, pk=condition_id)
    notice = condition.deferral.notice = notice_or_404(desk, condition.deferral.notice.public_id)
    lead = condition.text or condition.get_kind_display()
    act = notice_act(notice, desk, _("条件已达成"), _("已记下。"), lead=lead)
    form = forms.FulfilForm(*sent_with_files(request), thing=notice, initial={"on": desk.today})
    return perform(request, act, form, bringing(actions.fulfil_condition, about=lambda _met: notice), condition)
