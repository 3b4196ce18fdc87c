"""成员: who has joined, one member, their printed card and the browsers let in as theirs."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from hege.kernel import clock
from hege.members import actions
from hege.members.models import Invitation, Member
from hege.members.queries import card_of, consents_of, devices_of, members_of, the_member, token_of
from hege.web.access import Desk, opens
from hege.web.action_page import Act, Text, perform, sent
from hege.web.links import where
from hege.web.members.forms import MemberForm, PressForm
from hege.web.pages import or_404, page, part
from hege.web.shared.printed_code import SVG, drawn_code


@opens("members.see")
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Who is a member now, the newest first."""
    return page(request, "members/index.html", {"page": part(request, members_of(desk.street))})


@opens("members.see")
def detail(request: HttpRequest, desk: Desk, rider_id: str) -> HttpResponse:
    """One member: what they said, what they agreed to, their card and browsers."""
    member = member_or_404(desk, rider_id)
    card = card_of(member, at=clock.now()) if member.active else None
    context = {"member": member, "consents": consents_of(member), "devices": devices_of(member), "card": card}
    return page(request, "members/detail.html", context)


def member_or_404(desk: Desk, rider_id: str) -> Member:
    """A member of the street the desk is in."""
    return or_404(the_member(desk.street, rider_id))


def _act(desk: Desk, title: Text, done: Text, member: Member | None = None, **more: Any) -> Act:
    here = [(member.shown_number, desk.to("members:detail", member.public_id))] if member else []
    return Act(title, done, [(_("成员"), desk.to("members:index")), *here], **more)


@opens("members.join")
def new(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Somebody joins at the desk; the printed card lets their browser in."""
    lead = _("当面登记，登记完打一张成员卡给本人。卡上的码 30 天内扫一次有效。")
    act = _act(desk, _("登记成员"), _("已登记，请把成员卡打出来交给本人。"), lead=lead)
    act.onward = lambda member: desk.to("members:print_card", member.public_id)
    return perform(request, act, MemberForm(sent(request)), actions.join_with_card, desk.street)


@opens("members.join")
def new_card(request: HttpRequest, desk: Desk, rider_id: str) -> HttpResponse:
    """Another card, for another browser."""
    member = member_or_404(desk, rider_id)
    lead = _("换了手机或者卡丢了，再打一张。没用过的旧卡马上作废，已经开通的手机照常能用。")
    act = _act(desk, _("再打一张成员卡"), _("新卡好了，请打出来交给本人。"), member, lead=lead)
    act.onward = lambda _card: desk.to("members:print_card", member.public_id)
    return perform(request, act, PressForm(sent(request)), actions.make_card, member)


def _card_or_404(member: Member) -> tuple[Invitation, str]:
    card = or_404(card_of(member, at=clock.now()))
    return card, or_404(token_of(card))


@opens("members.join")
def print_card(request: HttpRequest, desk: Desk, rider_id: str) -> HttpResponse:
    """The card on paper, A6."""
    member = member_or_404(desk, rider_id)
    card, _token = _card_or_404(member)
    return page(request, "members/card.html", {"member": member, "card": card, "host": request.get_host()})


@opens("members.join")
def card_code(request: HttpRequest, desk: Desk, rider_id: str) -> HttpResponse:
    """The code on the card."""
    _card, token = _card_or_404(member_or_404(desk, rider_id))
    address = request.build_absolute_uri(where("member:card", desk.street.code, token))
    return HttpResponse(drawn_code(address, error="m", quiet=4), content_type=SVG)


@opens("members.join")
def end_phone(request: HttpRequest, desk: Desk, rider_id: str, device_id: int) -> HttpResponse:
    """A browser is let in no more."""
    member = member_or_404(desk, rider_id)
    device = or_404(devices_of(member).filter(pk=device_id).select_related("member", "street__trail_head").first())
    lead = _("手机丢了、卖了或者给了别人，就停用。停用以后这部手机打不开成员页，可以再打一张卡。")
    act = _act(desk, _("停用这部手机"), _("已停用。"), member, lead=lead, danger=True)
    return perform(request, act, PressForm(sent(request)), actions.end_device, device)
