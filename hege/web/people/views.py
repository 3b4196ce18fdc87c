"""人员与岗位: who works in the street as what, since when and by whom; made, ended and locked by an administrator."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from hege.people.models import User
from hege.people.rules import ONE_TIME_FOR
from hege.places.staff import actions
from hege.web.access import Desk, opens
from hege.web.action_page import Act, Text, perform, sent
from hege.web.forms import Form
from hege.web.marks import Tab
from hege.web.pages import or_404, page, part
from hege.web.people import forms
from hege.web.people import handover as one_time
from hege.web.people.page import ENDED, PersonPage, lines, member_or_404, members_under, person_or_404


@opens("people.see")
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Who holds which role, for whom and where; those that ended are under a tab of their own."""
    ended, here = request.GET.get("show") == ENDED, desk.to("people:index")
    shown = part(request, members_under(desk, ended=ended))
    tabs = [Tab(_("现任"), here, not ended), Tab(_("已结束"), f"{here}?show={ENDED}", ended)]
    tab = ENDED if ended else ""
    context = {"page": shown, "rows": lines(shown.object_list, desk.street, desk.today), "tab": tab, "tabs": tabs}
    return page(request, "people/index.html", context)


@opens("people.see")
def person(request: HttpRequest, desk: Desk, person_id: int) -> HttpResponse:
    """One person: the sign-in, and every role in this street with who granted it."""
    user = person_or_404(desk, person_id)
    return page(request, "people/person.html", {"person": user, "p": PersonPage(user, desk)})


def _act(desk: Desk, title: Text, done: Text, person: User | None = None, **more: Any) -> Act:
    """The page of one verb."""
    here = [(person.full_name, desk.to("people:person", person.pk))] if person else []
    return Act(title, done, [(_("人员与岗位"), desk.to("people:index")), *here], **more)


def _hand_over(
    request: HttpRequest, desk: Desk, act: Act, form: Form, do: Callable[..., User], *things: object
) -> HttpResponse:
    """A verb that makes a one-time password: when it is done, on to the page that shows it."""
    seed = one_time.seed()

    def onward(user: User) -> str:
        return desk.to("people:handover", user.pk, one_time.permit(seed, user, by=desk.user))

    act.onward = onward
    return perform(request, act, form, partial(do, password=one_time.one_time_password(seed)), *things)


@opens("people.grant")
def new(request: HttpRequest, desk: Desk) -> HttpResponse:
    """A sign-in for somebody new, with a first role."""
    form = forms.PersonForm(sent(request), desk=desk, initial={"from_on": desk.today})
    lead = _("系统会给他一个一次性密码，请当面或打电话交给他；他第一次登录就要换成自己的。")
    act = _act(desk, _("新增人员"), _("已开通。"), lead=lead)
    return _hand_over(request, desk, act, form, lambda **said: actions.add_person(desk.street, **said).user)


@opens("people.grant")
def grant(request: HttpRequest, desk: Desk, person_id: int) -> HttpResponse:
    """Another role for somebody of this street."""
    user = person_or_404(desk, person_id, "people.grant")
    form = forms.RoleForm(sent(request), desk=desk, initial={"from_on": desk.today})
    act = _act(desk, _("授予岗位"), _("已授予。"), user, lead=_("给%(who)s再加一个岗位。") % {"who": user.full_name})
    return perform(request, act, form, actions.grant_role, desk.street, user)


@opens("people.grant")
def end(request: HttpRequest, desk: Desk, member_id: int) -> HttpResponse:
    """Somebody holds a role no more."""
    member = member_or_404(desk, member_id)
    button = _("结束%(who)s的%(role)s岗位") % {"who": member.user.full_name, "role": member.get_role_display()}
    act = _act(desk, _("结束任职"), _("已结束。"), member.user, button=button, danger=True)
    return perform(
        request, act, forms.EndForm(sent(request), initial={"until_on": desk.today}), actions.end_role, member
    )


@opens("people.grant")
def password(request: HttpRequest, desk: Desk, person_id: int) -> HttpResponse:
    """A new one-time password for somebody who has forgotten theirs."""
    user = person_or_404(desk, person_id, "people.grant")
    lead = _("%(who)s现在的密码马上作废，开着的页面都会退出。") % {"who": user.full_name}
    act = _act(
        desk, _("重发密码"), _("已重发，原来的密码作废。"), user, lead=lead, button=_("作废原密码，发一次性密码")
    )
    form = forms.ReasonForm(sent(request))
    return _hand_over(request, desk, act, form, actions.reset_password, desk.street, user)


@opens("people.grant")
def handover(request: HttpRequest, desk: Desk, person_id: int, ticket: str) -> HttpResponse:
    """The one-time password, to be handed over: for ten minutes, to the one who made it alone."""
    user = person_or_404(desk, person_id, "people.grant")
    secret = or_404(one_time.permitted(ticket, user, by=desk.user))
    context = {
        "person": user, "secret": secret, "host": request.get_host(), "minutes": one_time.GOOD_FOR.seconds // 60,
        "hours": ONE_TIME_FOR // dt.timedelta(hours=1),
    }  # fmt: skip
    response = page(request, "people/handover.html", context)
    response["Referrer-Policy"] = "no-referrer"
    return response


@opens("people.grant")
def lock(request: HttpRequest, desk: Desk, person_id: int) -> HttpResponse:
    """Nobody signs in with this name any more, from now on."""
    user = person_or_404(desk, person_id, "people.grant")
    lead = _("马上生效：开着的页面也会退出。岗位和办过的事都留着，以后可以恢复。")
    button = _("停用%(who)s的登录") % {"who": user.full_name}
    act = _act(desk, _("停用登录"), _("已停用。"), user, lead=lead, button=button, danger=True)
    return perform(request, act, forms.ReasonForm(sent(request)), actions.lock_sign_in, desk.street, user)


@opens("people.grant")
def unlock(request: HttpRequest, desk: Desk, person_id: int) -> HttpResponse:
    """The name signs in again."""
    user = person_or_404(desk, person_id, "people.grant")
    act = _act(desk, _("恢复登录"), _("已恢复，密码还是原来的。"), user)
    return perform(request, act, forms.ReasonForm(sent(request)), actions.unlock_sign_in, desk.street, user)
