"""Signing in and out, one's own password, and how a browser shows its pages. No GET here writes to the database."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from hege.kernel import clock
from hege.kernel.database import atomic
from hege.outbox.actions import set_wish
from hege.outbox.queries import channels_open_to, wish_of
from hege.people.models import User
from hege.people.queries import roles_everywhere, sessions_of, streets_of
from hege.people.rules import SignIn
from hege.people.second_factor.queries import factors_of, has_factor, recovery_codes_of
from hege.places.staff.actions import change_password, end_sessions, freshen_password, record_sign_in
from hege.web.access import first_of_all, public, signed_in
from hege.web.account.forms import OwnPasswordForm, SignInForm, WishForm
from hege.web.account.lockout import forget_failures, remember
from hege.web.account.second_factor import halfway
from hege.web.action_page import Act, perform, sent
from hege.web.addresses import client_address
from hege.web.links import onward
from hege.web.pages import form_page, page, refusals_to
from hege.web.sessions import open_session, open_sessions, say_why_to_sign_in
from hege.web.shell import LANGUAGES, SIZE_COOKIE, SIZES

YEAR = 365 * 24 * 3600
ALL_OTHERS = "others"  # as a form names them


@public("sends a signed-in person to their street and everybody else to the sign-in page")
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    if not isinstance(request.user, User):
        say_why_to_sign_in(request)
        return redirect(_entrance())
    first = first_of_all(request)
    if first is not None:
        return first
    streets = list(streets_of(request.user, on=clock.today()))
    if len(streets) == 1:
        return redirect(f"/{streets[0].code}/")
    return page(request, "account/streets.html", {"streets": streets})


@public("the sign-in page itself")
@sensitive_post_parameters("password")
def sign_in(request: HttpRequest) -> HttpResponse:
    next_page = _safe_next(request)
    if request.user.is_authenticated:
        return redirect(next_page)
    form = SignInForm(request, request.POST or None)
    if request.method == "POST" and form.is_valid() and form.user:
        return let_in(request, form.user, form.cleaned_data["password"], onward=next_page)
    return form_page(request, "account/sign_in.html", {"form": form, "next": next_page}, form)


def let_in(request: HttpRequest, user: User, password: str, *, onward: str) -> HttpResponse:
    """Begin the session of somebody whose password was right, or the second step that they need; then on to a page."""
    with atomic():
        freshen_password(user, password=password, by=user, at=clock.now())
        if has_factor(user):
            halfway.begin(request, user, onward=onward)
            return redirect("account:second_step")
        open_session(request, user)
        record_sign_in(user, SignIn.SIGNED_IN, address=client_address(request), by=user, at=clock.now())
        forget_failures(request, user.username)
    response = redirect(onward)
    remember(request, response, user)
    return response


@signed_in
@sensitive_post_parameters("old", "new", "again")
def me(request: HttpRequest) -> HttpResponse:
    """One's own page: what one is, where, since when; and a new password, for which the old one is asked."""
    user = request.user
    assert isinstance(user, User)
    form = OwnPasswordForm(request, user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_to(form):
            changed = change_password(user, password=form.cleaned_data["new"], by=user, at=clock.now())
            update_session_auth_hash(request, changed)
            messages.success(request, _("密码已换好，下次登录用新的。别处开着的都已退出。"))
            return redirect("account:home")
    context = {
        "form": form, "roles": roles_everywhere(user, on=clock.today()), "factors": list(factors_of(user)),
        "codes": recovery_codes_of(user).count(), "others": len(sessions_of(user, at=clock.now())) - 1,
    }  # fmt: skip
    return form_page(request, "account/me.html", context, form)


@signed_in
@require_safe
def sessions(request: HttpRequest) -> HttpResponse:
    """Where one is signed in, this browser first; each of the others may be ended."""
    assert isinstance(request.user, User)
    return page(request, "account/sessions.html", {"sessions": open_sessions(request, request.user)})


@signed_in
@require_POST
def sessions_end(request: HttpRequest) -> HttpResponse:
    """End one of the other browsers one is signed in with, or all of them; one that is gone already is just gone."""
    user = request.user
    assert isinstance(user, User)
    which = request.POST.get("which", "")
    others = [other for other in open_sessions(request, user) if not other.here]
    keys = [other.key for other in others if which in (other.mark, ALL_OTHERS)]
    ended = end_sessions(keys, by=user, at=clock.now())
    messages.success(request, _("退出了 %(n)d 个。") % {"n": ended} if ended else _("它已经退出了。"))
    return redirect("account:sessions")


@signed_in
def wish(request: HttpRequest) -> HttpResponse:
    """How one wants to be told beside the bell: by what, where, and when not."""
    user = request.user
    assert isinstance(user, User)
    there, known = channels_open_to(user, on=clock.today()), wish_of(user)
    names = ("channels", "mail", "phone", "quiet_from", "quiet_until")
    began = {name: getattr(known, name) for name in names} if known else None
    form = WishForm(sent(request), there=there, initial=began)
    act = Act(_("提醒方式"), _("已保存，从下一条消息起照办。"), back=reverse("account:me"))
    return perform(request, act, form, set_wish, user, template="account/wish.html", there=there)


@public("signing out needs no right, only a button: a link must not do it")
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    user = request.user
    with atomic():
        logout(request)
        if isinstance(user, User):
            record_sign_in(user, SignIn.SIGNED_OUT, address=client_address(request), by=user, at=clock.now())
    return redirect(_entrance())


def _entrance() -> str:
    """The page of who is not signed in; in a demo the one that tells what this is."""
    return "demo:index" if settings.DEMO else "account:sign_in"


@public("type size is for everybody; it lives in a cookie")
@require_safe
def size(request: HttpRequest, step: str) -> HttpResponse:
    if step not in {s.step for s in SIZES}:
        raise Http404
    return _remember(request, SIZE_COOKIE, step)


@public("language is for everybody; it lives in a cookie")
@require_safe
def language(request: HttpRequest, code: str) -> HttpResponse:
    if code not in {known for known, _name in LANGUAGES}:
        raise Http404
    return _remember(request, settings.LANGUAGE_COOKIE_NAME, code)


def _remember(request: HttpRequest, cookie: str, value: str) -> HttpResponse:
    response = redirect(_safe_next(request))
    response.set_cookie(
        cookie, value, max_age=YEAR, secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax"
    )
    return response


def _safe_next(request: HttpRequest) -> str:
    """Where to go on: a page of this site, never another one."""
    wanted = request.POST.get("next") or request.GET.get("next") or "/"
    return onward(wanted, "/")
