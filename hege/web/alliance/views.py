"""联盟单位: who carries the programme, what each brings, until when."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from hege.kernel.calendar import DAY
from hege.programme.alliance import actions
from hege.programme.alliance.models import AllianceUnit, Offering
from hege.programme.alliance.queries import the_alliance_unit
from hege.web.access import Desk, opens
from hege.web.action_page import Act, Text, perform, sent
from hege.web.alliance import forms
from hege.web.alliance.page import Alliance, Ally
from hege.web.pages import or_404, page


def unit_or_404(desk: Desk, ally_id: str) -> AllianceUnit:
    """A unit of this street."""
    return or_404(the_alliance_unit(desk.street, ally_id))


@opens("alliance.see")
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The units that are in the alliance, or that have left, with what each brings."""
    return page(request, "alliance/index.html", {"list": Alliance(desk, request.GET.get("show", ""))})


@opens("alliance.see")
def unit(request: HttpRequest, desk: Desk, ally_id: str) -> HttpResponse:
    """One unit with all it brings and ever brought."""
    return page(request, "alliance/unit.html", {"a": Ally(unit_or_404(desk, ally_id), desk)})


def _act(desk: Desk, title: Text, done: Text, found: AllianceUnit | None = None, **more: Any) -> Act:
    crumbs: list[tuple[Text, str]] = [(_("联盟单位"), desk.to("alliance:index"))]
    if found is not None:
        crumbs.append((found.party.name, desk.to("alliance:unit", found.public_id)))
    return Act(title, done, crumbs, **more)


@opens("alliance.change")
def new(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Take a party into the alliance."""
    act = _act(desk, _("加入联盟"), _("已加入，接着登记它带来什么。"))
    act.onward = lambda made: desk.to("alliance:unit", made.public_id)
    form = forms.JoinForm(sent(request), desk=desk, initial={"from_on": desk.today})
    return perform(request, act, form, actions.join_alliance, desk.street)


@opens("alliance.change")
def amend(request: HttpRequest, desk: Desk, ally_id: str) -> HttpResponse:
    """Change whom the office rings and until when the unit stays."""
    found = unit_or_404(desk, ally_id)
    known = {"contact": found.contact, "until_on": found.until_on}
    act = _act(desk, _("改联系人和期限"), _("已改好，原来的写法留在操作留痕里。"), found)
    return perform(request, act, forms.AmendForm(sent(request), initial=known), actions.amend_alliance_unit, found)


@opens("alliance.change")
def leave(request: HttpRequest, desk: Desk, ally_id: str) -> HttpResponse:
    """A unit leaves; what it brings ends with it."""
    found = unit_or_404(desk, ally_id)
    lead = _("%(name)s带来的场地、课程、优惠和资金也到那天为止。") % {"name": found.party.name}
    act = _act(desk, _("退出联盟"), _("已退出，留在“已退出”里。"), found, lead=lead, danger=True)
    form = forms.EndForm(sent(request), initial={"until_on": desk.today + DAY})
    return perform(request, act, form, actions.leave_alliance, found)


@opens("alliance.change")
def bring(request: HttpRequest, desk: Desk, ally_id: str) -> HttpResponse:
    """Write down what a unit brings."""
    found = unit_or_404(desk, ally_id)
    act = _act(desk, _("登记带来什么"), _("已登记。"), found, lead=found.party.name, button=_("登记"))
    known = {"from_on": max(desk.today, found.from_on), "until_on": found.until_on}
    return perform(request, act, forms.BringForm(sent(request), initial=known), actions.add_offering, found)


@opens("alliance.change")
def end(request: HttpRequest, desk: Desk, ally_id: str, offering_id: str) -> HttpResponse:
    """A unit brings something no longer."""
    found = unit_or_404(desk, ally_id)
    rows = Offering.objects.filter(street=desk.street, unit=found).select_related("street__trail_head")
    offering = or_404(rows.filter(public_id=offering_id).first())
    act = _act(desk, _("不再提供"), _("已记下，以前提供过的还看得到。"), found, lead=offering.words, danger=True)
    form = forms.EndForm(sent(request), initial={"until_on": desk.today + DAY})
    return perform(request, act, form, actions.end_offering, offering)
