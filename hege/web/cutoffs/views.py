"""停水程序: the list, one procedure, and its steps from the demand to the restored water."""

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
from django.utils.translation import ngettext

from hege.arrears.cutoff import actions
from hege.arrears.cutoff.models import CutoffNotice
from hege.arrears.cutoff.queries import notices_of
from hege.kernel import clock
from hege.kernel.money import yuan
from hege.places.models import UnitUse
from hege.web.access import Desk, opens
from hege.web.action_page import Act, action_page
from hege.web.cutoffs import forms
from hege.web.cutoffs.board import CutoffList, CutoffPage
from hege.web.meters.scope import point_or_404
from hege.web.pages import form_page, page, refusals_to

PAGE_SIZE = 50


def notice_or_404(desk: Desk, notice_id: str) -> CutoffNotice:
    """The procedure, where this person may see its master meter."""
    rows = notices_of(desk.street, paths=desk.paths("cutoffs.see")).prefetch_related(None)
    notice = rows.select_related("point__street", "case__street").filter(public_id=notice_id).first()
    if notice is None:
        raise Http404
    return notice


def crumbs_of(notice: CutoffNotice) -> list[tuple[str, str]]:
    """List, meter's procedure."""
    code = notice.street.code
    return [
        (_("停水程序"), reverse("cutoffs:index", args=(code,))),
        (notice.point.name, reverse("cutoffs:detail", args=(code, notice.public_id))),
    ]


def notice_act(notice: CutoffNotice, title: str | Promise, done: str | Promise, **more: Any) -> Act:
    """The page of one verb of a procedure: the button says what the heading says."""
    crumbs = crumbs_of(notice)
    return Act(title=title, button=more.pop("button", title), done=done, back=crumbs[-1][1], crumbs=crumbs, **more)


@opens("cutoffs.see")
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The cut-off procedures of one's part of the street, the nearest clock first."""
    found = CutoffList(desk, request.GET.get("show", ""))
    rows = Paginator(found.ordered, PAGE_SIZE).get_page(request.GET.get("page"))
    return page(request, "cutoffs/index.html", {"list": found, "rows": rows})


@opens("cutoffs.see")
def detail(request: HttpRequest, desk: Desk, notice_id: str) -> HttpResponse:
    """One procedure: steps with days and law, whom it affects, deferrals with conditions, history."""
    notice = notice_or_404(desk, notice_id)
    return page(
        request, "cutoffs/detail.html", {"c": CutoffPage(notice, desk), "n": notice, "uses": dict(UnitUse.choices)}
    )


@opens("cutoffs.notify")
def demand(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """Record a demand for what is overdue at a master meter: opens the procedure, or adds a second demand."""
    point = point_or_404(desk, code, "cutoffs.see")
    form = forms.DemandForm(request.POST or None, point=point, desk=desk, initial={"delivered_on": desk.today})
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        with refusals_to(form):
            made = actions.demand_payment(
                point, how=said["how"], proof=said["proof"], delivered_on=said["delivered_on"], case=said["case"],
                version=said["version"], by=desk.user, at=clock.now(),
            )  # fmt: skip
            messages.success(request, _("已记下催缴 %(sum)s 元。") % {"sum": yuan(made.overdue_fen)})
            return redirect("cutoffs:detail", desk.street.code, made.notice.public_id)
    back = reverse("meters:detail", args=(desk.street.code, point.code))
    crumbs = [(_("总表台账"), reverse("meters:index", args=(desk.street.code,))), (point.name, back)]
    lead = _("催缴的是到期没缴的账单。送达以后，合理期限满了才能发停水通知。")
    act = Act(title=_("登记催缴"), button=_("登记催缴"), done="", back=back, crumbs=crumbs, lead=lead)
    return form_page(request, "act.html", {"act": act, "form": form}, form)


@opens("cutoffs.notify")
def notify(request: HttpRequest, desk: Desk, notice_id: str) -> HttpResponse:
    """Record the written notice; whom it affects is frozen with it."""
    notice = notice_or_404(desk, notice_id)
    c = CutoffPage(notice, desk)
    form = forms.WrittenForm(request.POST or None, notice=notice)
    count = {"n": len(c.affected), "hours": c.notice_hours}
    lead = _("通知列明受影响的 %(n)s 户，送达满 %(hours)s 小时以后才能停水。") % count
    title = _("登记停水通知")

    def do(said: Mapping[str, Any]) -> object:
        return actions.give_notice(
            notice, how=said["how"], proof=said["proof"], served_at=said["served_at"], filing=said["filing"],
            version=said["version"], by=desk.user, at=clock.now(),
        )  # fmt: skip

    return action_page(request, notice_act(notice, title, _("已登记停水通知。"), lead=lead), form, do)


@opens("cutoffs.notify")
def clear(request: HttpRequest, desk: Desk, notice_id: str) -> HttpResponse:
    """Nothing is owed any more: the procedure ends."""
    notice = notice_or_404(desk, notice_id)
    form = forms.WordsForm(request.POST or None, notice=notice)
    act = notice_act(notice, _("登记结清"), _("已结清，不再停水。"), lead=_("账上欠水司的钱全部到账才能结清。"))
    return action_page(
        request, act, form, lambda said: actions.clear_notice(notice, **said, by=desk.user, at=clock.now())
    )


@opens("cutoffs.notify")
def withdraw(request: HttpRequest, desk: Desk, notice_id: str) -> HttpResponse:
    """Take a demand or notice back, with the reason."""
    notice = notice_or_404(desk, notice_id)
    form = forms.WhyForm(request.POST or None, notice=notice)
    act = notice_act(notice, _("撤回停水程序"), _("已撤回。"))
    return action_page(
        request, act, form, lambda said: actions.withdraw_notice(notice, **said, by=desk.user, at=clock.now())
    )


@opens("cutoffs.notify")
def cut(request: HttpRequest, desk: Desk, notice_id: str) -> HttpResponse:
    """Record that the utility has cut the water: the button says whom it leaves without."""
    notice = notice_or_404(desk, notice_id)
    c = CutoffPage(notice, desk)
    number = len(c.affected)
    button = ngettext("对 %(num)s 户停水", "对 %(num)s 户停水", number) % {"num": number}
    lead = _("水务公司停水后在这里登记。通知期限没有满、账已缴清，或者有没被告知的商铺，都不能停。")
    act = notice_act(notice, button, _("已登记停水。"), lead=lead, danger=True)
    form = forms.CutForm(request.POST or None, notice=notice)
    return action_page(request, act, form, lambda said: actions.cut_water(notice, **said, by=desk.user, at=clock.now()))


@opens("cutoffs.notify")
def restore(request: HttpRequest, desk: Desk, notice_id: str) -> HttpResponse:
    """Record that water runs again."""
    notice = notice_or_404(desk, notice_id)
    number = len(notice.affected_units)
    button = ngettext("给 %(num)s 户恢复供水", "给 %(num)s 户恢复供水", number) % {"num": number}
    form = forms.RestoreForm(request.POST or None, notice=notice)
    act = notice_act(notice, button, _("已登记恢复供水。"))
    return action_page(
        request, act, form, lambda said: actions.restore_water(notice, **said, by=desk.user, at=clock.now())
    )
