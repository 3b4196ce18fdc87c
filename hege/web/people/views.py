"""人员与岗位: who works in the street as what, since when and by whom; made, ended and locked by an administrator."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from hege.people.models import StaffAct, StaffRequest, User
from hege.people.rules import ASKED_FOR, ONE_TIME_FOR
from hege.places.staff import actions
from hege.web.access import Desk, opens
from hege.web.action_page import Act, Text, perform, sent
from hege.web.forms import Form
from hege.web.links import site_host
from hege.web.marks import Tab
from hege.web.pages import or_404, page, part
from hege.web.people import forms
from hege.web.people import handover as one_time
from hege.web.people.page import (
    ENDED,
    PersonPage,
    lines,
    member_or_404,
    members_under,
    own_request_or_404,
    person_or_404,
    request_lines,
    request_or_404,
    requests_of,
)

REQUESTS = "requests"
#: What takes a new one-time password when it is agreed to.
HANDED_OVER = {StaffAct.ADD_PERSON, StaffAct.RESET_PASSWORD}


@opens("people.see")
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Who holds which role, for whom and where; those that ended are under a tab of their own."""
    tab = ENDED if request.GET.get("show") == ENDED else ""
    shown = part(request, members_under(desk, ended=tab == ENDED))
    rows = lines(shown.object_list, desk.street, desk.today)
    return page(request, "people/index.html", {"page": shown, "rows": rows, "tab": tab, "tabs": _tabs(desk, tab)})


def _tabs(desk: Desk, tab: str) -> list[Tab]:
    here = desk.to("people:index")
    labels = {"": (_("现任"), here), ENDED: (_("已结束"), f"{here}?show={ENDED}")}
    labels[REQUESTS] = (_("双人复核"), desk.to("people:requests"))
    return [Tab(label, href, name == tab) for name, (label, href) in labels.items()]


@opens("people.see")
def requests(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What a second person has to agree to, and what became of it."""
    shown = part(request, requests_of(desk))
    rows = request_lines(shown.object_list, desk)
    return page(request, "people/requests.html", {"page": shown, "rows": rows, "tabs": _tabs(desk, REQUESTS)})


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
    request: HttpRequest, desk: Desk, act: Act, form: Form, do: Callable[..., User], *things: object, **shown: Any
) -> HttpResponse:
    """A verb that makes a one-time password: when it is done, on to the page that shows it."""
    seed = one_time.seed()

    def onward(user: User) -> str:
        return desk.to("people:handover", user.pk, one_time.permit(seed, user, by=desk.user))

    act.onward = onward
    return perform(request, act, form, partial(do, password=one_time.one_time_password(seed)), *things, **shown)


def _asks(
    request: HttpRequest, desk: Desk, act: Act, form: Form, do: Callable[..., Any], *things: object
) -> HttpResponse:
    """Where the street wants a second person: the same form asks, and another administrator agrees."""
    act.lead = _(
        "本街道要双人复核：%(n)d 天内由另一位管理员同意才算数。要发一次性密码的，那时才生成，只显示给同意的人。"
    ) % {"n": ASKED_FOR.days}
    act.button, act.done, act.back = _("提出申请"), _("已提出，等另一位管理员同意。"), desk.to("people:requests")
    return perform(request, act, form, do, *things)


@opens("people.grant")
def new(request: HttpRequest, desk: Desk) -> HttpResponse:
    """A sign-in for somebody new, with a first role."""
    form = forms.PersonForm(sent(request), desk=desk, initial={"from_on": desk.today})
    lead = _("系统会给他一个一次性密码，请当面或打电话交给他；他第一次登录就要换成自己的。")
    act = _act(desk, _("新增人员"), _("已开通。"), lead=lead)
    if desk.street.second_person:
        return _asks(request, desk, act, form, actions.ask_for_person, desk.street)
    return _hand_over(request, desk, act, form, lambda **said: actions.add_person(desk.street, **said).user)


@opens("people.grant")
def grant(request: HttpRequest, desk: Desk, person_id: int) -> HttpResponse:
    """Another role for somebody of this street."""
    user = person_or_404(desk, person_id, "people.grant")
    asks = desk.street.second_person
    form = (forms.AskedRoleForm if asks else forms.RoleForm)(sent(request), desk=desk, initial={"from_on": desk.today})
    act = _act(desk, _("授予岗位"), _("已授予。"), user, lead=_("给%(who)s再加一个岗位。") % {"who": user.full_name})
    if asks:
        return _asks(request, desk, act, form, actions.ask_for_role, desk.street, user)
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
    if desk.street.second_person:
        return _asks(request, desk, act, form, actions.ask_for_password, desk.street, user)
    return _hand_over(request, desk, act, form, actions.reset_password, desk.street, user)


@opens("people.grant")
def handover(request: HttpRequest, desk: Desk, person_id: int, ticket: str) -> HttpResponse:
    """The one-time password, to be handed over: for ten minutes, to the one who made it alone."""
    user = person_or_404(desk, person_id, "people.grant")
    secret = or_404(one_time.permitted(ticket, user, by=desk.user))
    context = {
        "person": user, "secret": secret, "host": site_host(), "minutes": one_time.GOOD_FOR.seconds // 60,
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
    form = forms.ReasonForm(sent(request))
    if desk.street.second_person:
        return _asks(request, desk, act, form, actions.ask_to_unlock, desk.street, user)
    return perform(request, act, form, actions.unlock_sign_in, desk.street, user)


def _of_request(desk: Desk, title: Text, done: Text, **more: Any) -> Act:
    """The page of a verb about a request; the request itself stands on it."""
    crumbs = [(_("人员与岗位"), desk.to("people:index")), (_("双人复核"), desk.to("people:requests"))]
    return Act(title, done, crumbs, **more)


def _about(desk: Desk, asked: StaffRequest) -> dict[str, Any]:
    """What the page of a verb about a request shows of it."""
    return {"template": "people/request.html", "r": request_lines([asked], desk)[0]}


@opens("people.grant")
def agree(request: HttpRequest, desk: Desk, request_id: int) -> HttpResponse:
    """A second person agrees, and it is done; a new password is shown to who agreed."""
    asked = request_or_404(desk, request_id)
    act = _of_request(desk, _("复核同意"), _("已同意，已办好。"), button=_("同意"))
    form, about = Form(sent(request)), _about(desk, asked)
    if asked.act in HANDED_OVER:
        act.lead = _("同意以后，一次性密码只显示给您，请当面或打电话交给他。")
        return _hand_over(request, desk, act, form, partial(_agreed_user, asked), **about)
    return perform(request, act, form, partial(actions.agree_to_request, asked, password=""), **about)


def _agreed_user(asked: StaffRequest, **said: Any) -> User:
    user = actions.agree_to_request(asked, **said).user
    assert user is not None
    return user


@opens("people.grant")
def refuse(request: HttpRequest, desk: Desk, request_id: int) -> HttpResponse:
    """A second person does not agree, and says why."""
    asked = request_or_404(desk, request_id)
    act = _of_request(desk, _("复核不同意"), _("已退回，理由他看得到。"), button=_("不同意"), danger=True)
    form = forms.ReasonForm(sent(request))
    return perform(request, act, form, actions.refuse_request, asked, **_about(desk, asked))


@opens("people.grant")
def withdraw(request: HttpRequest, desk: Desk, own_request_id: int) -> HttpResponse:
    """Who asked takes it back."""
    asked = own_request_or_404(desk, own_request_id)
    act = _of_request(desk, _("撤回申请"), _("已撤回。"))
    return perform(request, act, Form(sent(request)), actions.withdraw_request, asked, **_about(desk, asked))
