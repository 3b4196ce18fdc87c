"""成员: who has joined, one member, their printed card and the browsers let in as theirs."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from hege.kernel import clock
from hege.kernel.calendar import DAY
from hege.kernel.several import several
from hege.members import actions
from hege.members.models import Invitation, Member, MemberRole
from hege.members.queries import (
    appointments,
    card_of,
    consents_of,
    devices_of,
    members_of,
    roles_of,
    station_codes,
    the_member,
    the_role,
    token_of,
)
from hege.members.rules import CARD_FOR, STATION_FOR
from hege.procedures.actions import leave as leave_programme
from hege.web.access import Desk, opens
from hege.web.action_page import Act, Text, perform, sent
from hege.web.links import in_full, site_host, where
from hege.web.marks import Tab
from hege.web.members import forms
from hege.web.pages import or_404, page, part
from hege.web.shared.printed_code import SVG, drawn_code

APPOINTED = "appointed"
MOST_ON_SHEETS = 240


@opens("members.see")
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Who is a member now, the newest first."""
    asked = request.GET.get("q", "")
    shown = part(request, members_of(desk.street, asked))
    return page(request, "members/index.html", {"page": shown, "asked": asked, "tabs": _tabs(desk, "")})


@opens("members.see")
def roles(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Who is appointed to what."""
    shown = part(request, appointments(desk.street, on=desk.today))
    return page(request, "members/roles.html", {"page": shown, "tabs": _tabs(desk, APPOINTED)})


def _tabs(desk: Desk, tab: str) -> list[Tab]:
    pages = {"": (_("名册"), "members:index"), APPOINTED: (_("聘任"), "members:roles")}
    return [Tab(label, desk.to(name), which == tab) for which, (label, name) in pages.items()]


@opens("members.see")
def detail(request: HttpRequest, desk: Desk, rider_id: str) -> HttpResponse:
    """One member: what they said, what they agreed to, their card and browsers, what they are appointed to."""
    member = member_or_404(desk, rider_id)
    context = {
        "member": member, "consents": consents_of(member), "devices": devices_of(member), "roles": list(roles_of(member)),
        "card": card_of(member, at=clock.now()) if member.active else None,
    }  # fmt: skip
    return page(request, "members/detail.html", context)


def member_or_404(desk: Desk, rider_id: str) -> Member:
    """A member of the street the desk is in."""
    return or_404(the_member(desk.street, rider_id))


def _act(desk: Desk, title: Text, done: Text, member: Member | None = None, **more: Any) -> Act:
    here = [(member.shown_number, desk.to("members:detail", member.public_id))] if member else []
    return Act(title, done, [(_("成员"), desk.to("members:index")), *here], **more)


# -- joining at the desk, cards ---------------------------------------------------------------------------------------------


@opens("members.join")
def new(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Somebody joins at the desk; the printed card lets their browser in."""
    lead = _("当面登记，登记完打一张成员卡给本人。卡上的码 %(n)s 天内扫一次有效。") % {"n": CARD_FOR.days}
    act = _act(desk, _("登记成员"), _("已登记，请把成员卡打出来交给本人。"), lead=lead)
    act.onward = lambda member: desk.to("members:print_card", member.public_id)
    return perform(request, act, forms.MemberForm(sent(request)), actions.join_with_card, desk.street)


@opens("members.join")
def new_card(request: HttpRequest, desk: Desk, rider_id: str) -> HttpResponse:
    """Another card, for another browser."""
    member = member_or_404(desk, rider_id)
    lead = _("换了手机或者卡丢了，再打一张。没用过的旧卡马上作废，已经开通的手机照常能用。")
    act = _act(desk, _("再打一张成员卡"), _("新卡好了，请打出来交给本人。"), member, lead=lead)
    act.onward = lambda _card: desk.to("members:print_card", member.public_id)
    return perform(request, act, forms.PressForm(sent(request)), actions.make_card, member)


def _card_or_404(member: Member) -> tuple[Invitation, str]:
    card = or_404(card_of(member, at=clock.now()))
    return card, or_404(token_of(card))


@opens("members.join")
def print_card(request: HttpRequest, desk: Desk, rider_id: str) -> HttpResponse:
    """The card on paper, A6."""
    member = member_or_404(desk, rider_id)
    card, _token = _card_or_404(member)
    return page(request, "members/card.html", {"member": member, "card": card, "host": site_host()})


@opens("members.join")
def card_code(request: HttpRequest, desk: Desk, rider_id: str) -> HttpResponse:
    """The code on the card."""
    _card, token = _card_or_404(member_or_404(desk, rider_id))
    return _drawn(request, where("member:card", desk.street.code, token))


def _drawn(request: HttpRequest, path: str) -> HttpResponse:
    return HttpResponse(drawn_code(in_full(path), error="m", quiet=4), content_type=SVG)


# -- codes at stations -----------------------------------------------------------------------------------------------------


@opens("members.join")
def codes(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Some one-time codes to lay out at a station."""
    lead = _("每个码给一个人，扫一次有效，%(n)s 天内用。不用手机号也能加入。") % {"n": STATION_FOR.days}
    act = _act(desk, _("做驿站的码"), _("码做好了，请打出来剪开。"), lead=lead, button=_("做码"))
    act.onward = lambda made: f"{desk.to('members:sheet')}?{urlencode({'at': made[0].label})}"
    return perform(request, act, forms.CodesForm(sent(request)), actions.make_station_codes, desk.street)


@opens("members.join")
def sheet(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The codes that nobody has used, by station; those of one on A4, twelve a sheet."""
    rows = list(station_codes(desk.street, at=clock.now())[:MOST_ON_SHEETS])
    labels = dict.fromkeys(row.label for row in rows)
    at = request.GET.get("at", "") or next(iter(labels), "")
    tabs = [Tab(label, f"{desk.to('members:sheet')}?{urlencode({'at': label})}", label == at) for label in labels]
    shown = [row for row in rows if row.label == at]
    return page(request, "members/sheet.html", {"rows": shown, "at": at, "tabs": tabs, "host": site_host()})


@opens("members.join")
def station_code(request: HttpRequest, desk: Desk, invitation_id: str) -> HttpResponse:
    """One of them."""
    found = or_404(station_codes(desk.street, at=clock.now()).filter(public_id=invitation_id).first())
    return _drawn(request, where("member:station", desk.street.code, or_404(token_of(found))))


@opens("members.join")
@require_POST
def end_codes(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The codes of a station are void."""
    n = actions.end_station_codes(desk.street, label=request.POST.get("at", ""), by=desk.user, at=clock.now())
    messages.success(request, several("作废了 %(n)s 个码。") % {"n": n})
    return redirect(desk.to("members:sheet"))


# -- one member ------------------------------------------------------------------------------------------------------------


@opens("members.join")
def amend(request: HttpRequest, desk: Desk, rider_id: str) -> HttpResponse:
    """Mend how they are called, or their work."""
    member = member_or_404(desk, rider_id)
    act = _act(desk, _("改称呼和工种"), _("已改好。"), member, button=_("保存"))
    form = forms.AboutForm(sent(request), initial={"called": member.called, "work": member.work})
    return perform(request, act, form, actions.amend_member, member)


@opens("members.join")
def end_phone(request: HttpRequest, desk: Desk, rider_id: str, device_id: int) -> HttpResponse:
    """A browser is let in no more."""
    member = member_or_404(desk, rider_id)
    device = or_404(devices_of(member).filter(pk=device_id).select_related("member", "street__trail_head").first())
    lead = _("手机丢了、卖了或者给了别人，就停用。停用以后这部手机打不开成员页，可以再打一张卡。")
    act = _act(desk, _("停用这部手机"), _("已停用。"), member, lead=lead, danger=True)
    return perform(request, act, forms.PressForm(sent(request)), actions.end_device, device)


@opens("members.join")
def leave(request: HttpRequest, desk: Desk, rider_id: str) -> HttpResponse:
    """They leave by word of mouth: name and telephone are deleted."""
    member = member_or_404(desk, rider_id)
    lead = _(
        "称呼和手机号当场删除，手机和卡都停用，聘任到今天为止。报了名的活动取消，没用的券收回。编号留下，找不回来。"
    )
    act = _act(desk, _("代为退出"), _("已退出，称呼和手机号已经删除。"), member, lead=lead, danger=True)
    return perform(request, act, forms.LeaveForm(sent(request)), leave_programme, member)


# -- appointments ----------------------------------------------------------------------------------------------------------


@opens("members.appoint")
def appoint(request: HttpRequest, desk: Desk, rider_id: str) -> HttpResponse:
    """Appoint a member for a term."""
    member = member_or_404(desk, rider_id)
    lead = _("聘书自动编号。只聘看见了说一声、跟人讲讲的事，不派有危险的事。")
    act = _act(desk, _("聘任"), _("已聘任，请打印聘书。"), member, lead=lead)
    act.onward = lambda role: desk.to("members:letter", role.public_id)
    year = {"from_on": desk.today, "until_on": desk.today + 365 * DAY}
    return perform(request, act, forms.AppointForm(sent(request), desk=desk, initial=year), actions.appoint, member)


def role_or_404(desk: Desk, role_id: str) -> MemberRole:
    """An appointment of the street the desk is in."""
    return or_404(the_role(desk.street, role_id))


@opens("members.appoint")
def letter(request: HttpRequest, desk: Desk, role_id: str) -> HttpResponse:
    """The letter on A4."""
    return page(request, "members/letter.html", {"role": role_or_404(desk, role_id)})


@opens("members.appoint")
def end_role(request: HttpRequest, desk: Desk, role_id: str) -> HttpResponse:
    """End an appointment before its term."""
    role = role_or_404(desk, role_id)
    act = _act(desk, _("提前结束聘任"), _("已结束。"), role.member, danger=True)
    form = forms.EndForm(sent(request), initial={"until_on": desk.today})
    return perform(request, act, form, actions.end_appointment, role)
