"""What is held on a member, and what they change of it themselves (我的资料)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from hege.kernel import clock
from hege.members import actions
from hege.members.queries import code_in_hand, consents_of, devices_of, roles_of
from hege.outbox.queries import open_channels
from hege.outbox.rules import Channel
from hege.privacy.copies import as_json
from hege.privacy.queries import held_on
from hege.procedures.actions import leave as leave_programme
from hege.web.action_page import sent
from hege.web.addresses import address_of
from hege.web.bearers import Rider, begin_joining, joining, let_out, of_member
from hege.web.forms import Form
from hege.web.member.forms import AboutForm, ConsentsForm, DigitsForm, LeaveForm, PhoneForm, PressForm
from hege.web.member.joining import by_of, check_known
from hege.web.pages import form_page, or_404, page, refusals_to


@of_member
@require_safe
def me(request: HttpRequest, rider: Rider) -> HttpResponse:
    """What the street knows of me, who sees it, until when; and what I may do about it."""
    member = rider.member
    context = {
        "rider": rider, "consents": consents_of(member), "devices": devices_of(member), "roles": roles_of(member),
        "sends": Channel.SMS in open_channels(rider.street),
    }  # fmt: skip
    return page(request, "member/me.html", context)


@of_member
@require_safe
def copy(request: HttpRequest, rider: Rider) -> HttpResponse:
    """All that is held on me, for a program."""
    name = f"member-{rider.member.shown_number}-{rider.today}.json"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(as_json(held_on(rider.member)), content_type="application/json", headers=headers)


def _change(
    request: HttpRequest,
    rider: Rider,
    form: Form,
    action: Any,
    thing: object,
    done: Any,
    template: str,
    **context: object,
) -> HttpResponse:
    """Show a form; when it is sent and in order, do the one action and go back to what is held on one."""
    if request.method == "POST" and form.is_valid():
        with refusals_to(form):
            action(thing, **form.said, by=by_of(request), at=clock.now())
            messages.success(request, str(done))
            return redirect(rider.to("member:me"))
    return form_page(request, template, {"rider": rider, "form": form, **context}, form)


@of_member
def about(request: HttpRequest, rider: Rider) -> HttpResponse:
    """Be called otherwise, do another work."""
    form = AboutForm(sent(request), initial={"called": rider.member.called, "work": rider.member.work})
    title, button = _("改称呼和工种"), _("改好了，保存")
    return _change(
        request, rider, form, actions.amend_member, rider.member, _("已改好。"), "member/change.html", title=title, button=button
    )  # fmt: skip


@of_member
def consents(request: HttpRequest, rider: Rider) -> HttpResponse:
    """Agree, or not any more; each apart."""
    given = [kind.value for kind, yes in consents_of(rider.member).items() if yes]
    form = ConsentsForm(sent(request), initial={"consents": given})
    title, button = _("改同意"), _("改好了，保存")
    return _change(
        request, rider, form, actions.set_consents, rider.member, _("已记下，从现在起按它办。"), "member/change.html",
        title=title, button=button,
    )  # fmt: skip


@of_member
def phone(request: HttpRequest, rider: Rider) -> HttpResponse:
    """Another telephone: a code is sent to it."""
    form, secret = PhoneForm(sent(request)), joining(request)
    if request.method == "POST" and form.is_valid():
        with refusals_to(form):
            check_known(secret)
            actions.ask_for_code(rider.street, **form.said, address=address_of(request), secret=secret, at=clock.now())
            return redirect(rider.to("member:phone_code"))
    context = {"rider": rider, "form": form, "title": _("换手机号"), "button": _("发验证码")}
    return begin_joining(request, form_page(request, "member/change.html", context, form), rider.street)


@of_member
def phone_code(request: HttpRequest, rider: Rider) -> HttpResponse:
    """The six digits that came to the other telephone."""
    found, form = code_in_hand(rider.street, joining(request)), DigitsForm(sent(request))
    if found is None:
        return redirect(rider.to("member:phone"))
    if request.method == "POST" and form.is_valid():
        with refusals_to(form):
            actions.prove_code(found, **form.said, at=clock.now())
            actions.change_phone(rider.member, found, by=by_of(request), at=clock.now())
            messages.success(request, _("手机号已换好。"))
            return redirect(rider.to("member:me"))
    context = {"rider": rider, "form": form, "title": _("输入验证码"), "button": _("就是这个号")}
    return form_page(request, "member/change.html", context, form)


@of_member
def end_device(request: HttpRequest, rider: Rider, own_device_id: int) -> HttpResponse:
    """Let another phone of mine in no more, or this one."""
    device = or_404(
        devices_of(rider.member).filter(pk=own_device_id).select_related("member", "street__trail_head").first()
    )
    title = _("停用这部手机") if device.pk != rider.device.pk else _("退出这部手机")
    lead = _("停用以后它打不开您的成员页，您的资料、券和积分都还在。")
    context = {"title": title, "button": title, "lead": lead}
    return _change(
        request, rider, PressForm(sent(request)), actions.end_device, device, _("已停用。"), "member/change.html", **context
    )  # fmt: skip


@of_member
def leave(request: HttpRequest, rider: Rider) -> HttpResponse:
    """Leave: name and telephone are deleted at once."""
    form = LeaveForm(sent(request))
    if request.method == "POST" and form.is_valid():
        with refusals_to(form):
            leave_programme(rider.member, by=by_of(request), at=clock.now())
            return let_out(redirect("member:left", rider.street.code), rider.street)
    return form_page(request, "member/leave.html", {"rider": rider, "form": form}, form)
