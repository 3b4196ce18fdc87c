"""人员与岗位: who works in the street as what, since when and by whom; made, ended and locked by an administrator."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from hege.kernel import clock
from hege.people.models import Role, User
from hege.people.queries import works_elsewhere
from hege.people.rules import ONE_TIME_FOR
from hege.places.staff import actions
from hege.web.access import Desk, opens
from hege.web.action_page import Act, action_page
from hege.web.forms import Form
from hege.web.pages import form_page, page, refusals_to
from hege.web.people import forms
from hege.web.people import handover as once
from hege.web.people.roster import ENDED, lines, member_or_404, members_of, person_or_404, under

PAGE_SIZE = 50


@opens("people.see")
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Who holds which role, for whom and where; those that ended are under a tab of their own."""
    tab = ENDED if request.GET.get("show") == ENDED else ""
    rows = members_of(desk)
    shown = Paginator(under(rows, tab, desk.today), PAGE_SIZE).get_page(request.GET.get("page"))
    here = reverse("people:index", args=(desk.street.code,))
    tabs = [
        {"label": label, "href": f"{here}?show={t}" if t else here, "current": t == tab}
        for t, label in (("", _("现任")), (ENDED, _("已结束")))
    ]
    context = {"page": shown, "rows": lines(shown.object_list, desk.street, desk.today), "tab": tab, "tabs": tabs}
    return page(request, "people/index.html", context)


@opens("people.see")
def person(request: HttpRequest, desk: Desk, person_id: int) -> HttpResponse:
    """One person: the sign-in, and every role in this street with who granted it."""
    user = person_or_404(desk, person_id)
    rows = lines(members_of(desk).filter(user=user).order_by("-from_on", "-pk"), desk.street, desk.today)
    context = {
        "person": user,
        "rows": sorted(rows, key=lambda line: line.over),
        "elsewhere": desk.may("people.grant") and works_elsewhere(user, desk.street, on=desk.today),
    }
    return page(request, "people/person.html", context)


def _act(desk: Desk, title: str, done: str, person: User | None = None, **more: Any) -> Act:
    """The page of one verb: the button says what the heading says."""
    code = desk.street.code
    index = reverse("people:index", args=(code,))
    crumbs, back = [(_("人员与岗位"), index)], index
    if person is not None:
        back = reverse("people:person", args=(code, person.pk))
        crumbs.append((person.full_name, back))
    return Act(title=title, button=more.pop("button", title), done=done, back=back, crumbs=crumbs, **more)


def _hand_over(
    request: HttpRequest, desk: Desk, act: Act, form: Form, do: Callable[[Mapping[str, Any], str], User]
) -> HttpResponse:
    """A verb that makes a one-time password: when it is done, on to the page that shows it."""
    if request.method == "POST" and form.is_valid():
        with refusals_to(form):
            seed = once.seed()
            user = do(form.cleaned_data, once.one_time_password(seed))
            messages.success(request, str(act.done))
            return redirect("people:handover", desk.street.code, user.pk, once.permit(seed, user, by=desk.user))
    return form_page(request, "act.html", {"act": act, "form": form}, form)


@opens("people.grant")
def new(request: HttpRequest, desk: Desk) -> HttpResponse:
    """A sign-in for somebody new, with their first role."""
    form = forms.PersonForm(request.POST or None, desk=desk, initial={"from_on": desk.today})
    lead = _("系统会给他一个一次性密码，请当面或打电话交给他；他第一次登录就要换成自己的。")
    act = _act(desk, _("新增人员"), _("已开通。"), lead=lead)

    def do(said: Mapping[str, Any], password: str) -> User:
        said = {**said, "role": Role(said["role"])}
        return actions.add_person(desk.street, **said, password=password, by=desk.user, at=clock.now()).user

    return _hand_over(request, desk, act, form, do)


@opens("people.grant")
def grant(request: HttpRequest, desk: Desk, person_id: int) -> HttpResponse:
    """Another role for somebody of this street."""
    user = person_or_404(desk, person_id, "people.grant")
    form = forms.RoleForm(request.POST or None, desk=desk, initial={"from_on": desk.today})
    act = _act(desk, _("授予岗位"), _("已授予。"), user, lead=_("给%(who)s再加一个岗位。") % {"who": user.full_name})

    def do(said: Mapping[str, Any]) -> object:
        said = {**said, "role": Role(said["role"])}
        return actions.grant_role(desk.street, user, **said, by=desk.user, at=clock.now())

    return action_page(request, act, form, do)


@opens("people.grant")
def end(request: HttpRequest, desk: Desk, member_id: int) -> HttpResponse:
    """Somebody holds a role no more."""
    member = member_or_404(desk, member_id)
    form = forms.EndForm(request.POST or None, initial={"until_on": desk.today})
    said = {"who": member.user.full_name, "role": member.get_role_display()}
    act = _act(
        desk, _("结束任职"), _("已结束。"), member.user, button=_("结束%(who)s的%(role)s岗位") % said, danger=True
    )

    def do(said: Mapping[str, Any]) -> object:
        return actions.end_role(member, **said, by=desk.user, at=clock.now())

    return action_page(request, act, form, do)


@opens("people.grant")
def password(request: HttpRequest, desk: Desk, person_id: int) -> HttpResponse:
    """A new one-time password for somebody who has forgotten theirs."""
    user = person_or_404(desk, person_id, "people.grant")
    form = forms.ReasonForm(request.POST or None)
    lead = _("%(who)s现在的密码马上作废，开着的页面都会退出。") % {"who": user.full_name}
    act = _act(
        desk, _("重发密码"), _("已重发，原来的密码作废。"), user, lead=lead, button=_("作废原密码，发一次性密码")
    )

    def do(said: Mapping[str, Any], secret: str) -> User:
        return actions.reset_password(desk.street, user, password=secret, **said, by=desk.user, at=clock.now())

    return _hand_over(request, desk, act, form, do)


@opens("people.grant")
def handover(request: HttpRequest, desk: Desk, person_id: int, ticket: str) -> HttpResponse:
    """The one-time password, to be handed over: for ten minutes, to the one who made it alone."""
    user = person_or_404(desk, person_id, "people.grant")
    secret = once.permitted(ticket, user, by=desk.user)
    if secret is None:
        raise Http404
    context = {
        "person": user, "secret": secret, "host": request.get_host(), "minutes": once.GOOD_FOR.seconds // 60,
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
    form = forms.ReasonForm(request.POST or None)
    return action_page(
        request, act, form, lambda said: actions.lock_sign_in(desk.street, user, **said, by=desk.user, at=clock.now())
    )


@opens("people.grant")
def unlock(request: HttpRequest, desk: Desk, person_id: int) -> HttpResponse:
    """The name signs in again."""
    user = person_or_404(desk, person_id, "people.grant")
    act = _act(desk, _("恢复登录"), _("已恢复，密码还是原来的。"), user)
    form = forms.ReasonForm(request.POST or None)
    return action_page(
        request, act, form, lambda said: actions.unlock_sign_in(desk.street, user, **said, by=desk.user, at=clock.now())
    )
