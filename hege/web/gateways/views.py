"""发送通道: by what messages leave, within which limits; what did not arrive is sent again or given up with a reason."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from hege.kernel import clock
from hege.outbox import actions
from hege.outbox.models import Message
from hege.outbox.queries import not_arrived, the_gateway, the_sent
from hege.outbox.rules import A_MINUTE, MOST_BYTES, OUTSIDE, TRIES, Channel
from hege.web.access import Desk, opens
from hege.web.action_page import Act, perform
from hege.web.drafts import undrafted
from hege.web.gateways.forms import GatewayForm, WithdrawForm
from hege.web.gateways.page import SINCE, addressee, lines, matter
from hege.web.pages import or_404, page, part


@opens("gateways.see")
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Every channel, how its messages of thirty days stand, and those that did not arrive."""
    shown = part(request, not_arrived(desk.street))
    dead = [(message, addressee(message), matter(message)) for message in shown.object_list]
    context = {
        "rows": lines(desk.street, at=clock.now()),
        "dead": dead,
        "page": shown,
        "days": SINCE.days,
        "tries": TRIES,
    }
    return page(request, "gateways/index.html", context)


@undrafted
@opens("gateways.change")
def change(request: HttpRequest, desk: Desk, channel: str) -> HttpResponse:
    """Set the gateway of a channel, or its limits."""
    if channel not in OUTSIDE:
        raise Http404
    which, known = Channel(channel), the_gateway(desk.street, channel)
    limits = ("most_bytes", "a_minute", "a_month")
    began = {"most_bytes": MOST_BYTES.get(which), "a_minute": A_MINUTE.get(which), "on": "yes"}
    now = {name: getattr(known, name) for name in limits} | {"on": "yes" if known.on else "no"} if known else began
    act = Act(
        which.label, _("已保存，消息从现在起按它发。"), [(_("发送通道"), desk.to("gateways:index"))],
        _("消息只写编号、步骤和链接，不写姓名和金额。"), _("保存通道"),
    )  # fmt: skip
    form = GatewayForm(request.POST or None, channel=which, known=known.host if known else "", initial=now)
    return perform(request, act, form, partial(actions.set_gateway, channel=which), desk.street)


def message_or_404(desk: Desk, message_id: str) -> Message:
    """One that left the house, or should have."""
    return or_404(the_sent(desk.street, message_id))


@opens("gateways.change")
@require_POST
def resend(request: HttpRequest, desk: Desk, message_id: str) -> HttpResponse:
    """Send again what did not arrive."""
    actions.resend_message(message_or_404(desk, message_id), by=desk.user, at=clock.now())
    messages.success(request, _("已重新排进待发。"))
    return redirect(desk.to("gateways:index"))


@opens("gateways.change")
def withdraw(request: HttpRequest, desk: Desk, message_id: str) -> HttpResponse:
    """Give up what did not arrive, with a reason."""
    message = message_or_404(desk, message_id)
    act = Act(
        _("不再发这一条"), _("已记下，不再发。"), [(_("发送通道"), desk.to("gateways:index"))],
        f"{message.get_channel_display()} · {matter(message)}",
    )  # fmt: skip
    return perform(request, act, WithdrawForm(request.POST or None), actions.withdraw_message, message)
