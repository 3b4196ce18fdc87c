"""The second step of the sign-in; one's own second factors: added, named, ended; recovery codes made and shown once."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import segno
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from hege.kernel import clock
from hege.kernel.database import atomic
from hege.people.models import SecondFactor, User
from hege.people.second_factor import passkeys
from hege.people.second_factor.queries import factors_of, has_factor, passkeys_of, recovery_codes_of
from hege.people.second_factor.rules import DIGITS, GOOD_FOR, address_of_secret, new_recovery_codes, new_secret, typed
from hege.people.second_factor.sealing import seal, unsealed
from hege.places.second_factor import actions
from hege.web.access import FACTORS_PAGE, PROVEN, has_to_prove_more, public, signed_in
from hege.web.account.forms import PasswordAgainForm
from hege.web.account.lockout import forget_failures, guess, remember
from hege.web.account.second_factor import halfway
from hege.web.account.second_factor.forms import (
    AddAppForm,
    AddPasskeyForm,
    CodeForm,
    NameForm,
    PasskeyForm,
)
from hege.web.addresses import client_address
from hege.web.forms import Form
from hege.web.pages import form_page, page, refusals_to
from hege.web.sessions import open_session

SIGN_IN, ADD = "sign in", "add"
CODES = "recovery_codes"

# -- at the sign-in ----------------------------------------------------------------------------------------------------


@public("the second step of the sign-in: opens only to whose password this session has just been given")
@sensitive_post_parameters("code", "passkey")
def second_step(request: HttpRequest) -> HttpResponse:
    """A code of the app, one from paper, or what a passkey has signed; wrong ones count as wrong passwords do."""
    user = halfway.who(request)
    if user is None:
        return redirect("account:sign_in")
    by_passkey = "passkey" in request.POST
    form = CodeForm(request.POST if request.method == "POST" and not by_passkey else None)
    signed = PasskeyForm(request.POST if by_passkey else None)
    sent, how = (signed, "passkey") if by_passkey else (form, "code")
    if request.method == "POST" and sent.is_valid():
        let_in = _by_passkey if by_passkey else _by_code
        onward = halfway.onward(request)
        if guess(request, user.username, lambda: _let_in(request, user, sent, let_in), how=how):
            forget_failures(request, user.username)
            response = redirect(onward)
            remember(request, response, user)
            return response
    context = {"form": form, "signed": signed, "person": user, **_ways(request, user)}
    return form_page(request, "account/second_step.html", context, form, signed)


def _ways(request: HttpRequest, user: User) -> dict[str, Any]:
    """By what a person can prove more here, and why not by a passkey where they have one."""
    known, why_not = bool(passkeys_of(user)), halfway.place_of(request).why_not
    return {
        "passkey": known and not why_not,
        "why_not": why_not if known else "",
        "codes": recovery_codes_of(user).count(),
    }


def _let_in(
    request: HttpRequest, user: User, form: Form, prove: Callable[[HttpRequest, User, Form], str]
) -> User | None:
    """Sign in with what was proven; None, with the reason in the form, where it was not."""
    with refusals_to(form), atomic():
        how = prove(request, user, form)
        halfway.end(request)
        open_session(request, user)
        request.session[PROVEN] = how
        return user
    return None


def _by_code(request: HttpRequest, user: User, form: Form) -> str:
    code = form.cleaned_data["code"]
    said: dict[str, Any] = {"address": client_address(request), "by": user, "at": clock.now()}
    if len(typed(code)) == DIGITS:
        return str(actions.sign_in_by_code(user, code=code, **said).kind)
    actions.sign_in_by_recovery_code(user, code=code, **said)
    left = recovery_codes_of(user).count()
    messages.warning(request, _("备用码还剩 %(n)d 个。用完以前，请在自己的页面上生成新的。") % {"n": left})
    return "recovery_code"


def _by_passkey(request: HttpRequest, user: User, form: Form) -> str:
    challenge, place = halfway.asked(request, to=SIGN_IN), halfway.place_of(request)
    known = list(passkeys_of(user).values())
    proven = passkeys.proven(place, challenge, known, form.cleaned_data["passkey"])
    address, now = client_address(request), clock.now()
    return str(actions.sign_in_by_passkey(user, proven=proven, address=address, by=user, at=now).kind)


@public("what a passkey is asked to sign at the second step: says nothing to whose password was not given")
@require_POST
def second_step_options(request: HttpRequest) -> HttpResponse:
    user = halfway.who(request)
    place = halfway.place_of(request)
    if user is None or place.why_not:
        raise Http404
    options, challenge = passkeys.begin_proving(place, list(passkeys_of(user).values()))
    halfway.ask(request, challenge, to=SIGN_IN)
    return JsonResponse(options)


# -- one's own ---------------------------------------------------------------------------------------------------------


def _own(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _may_change(request: HttpRequest) -> bool:
    """Whether this session has proven all that its person can: one that was opened before a factor was added has not."""
    return PROVEN in request.session or not has_factor(_own(request))


def _again(request: HttpRequest) -> HttpResponse:
    messages.warning(request, _("这里还没有用第二重验证登录过。请退出，重新登录后再办。"))
    return redirect(FACTORS_PAGE)


@signed_in
@require_safe
def factors(request: HttpRequest) -> HttpResponse:
    """What one can prove beside the password, and how many recovery codes are left."""
    user = _own(request)
    context = {
        "factors": list(factors_of(user)), "codes": recovery_codes_of(user).count(),
        "compelled": has_to_prove_more(request), "why_not": halfway.place_of(request).why_not,
    }  # fmt: skip
    return page(request, "account/factors.html", context)


@signed_in
@sensitive_post_parameters("old", "code", "sealed")
def factor_app(request: HttpRequest) -> HttpResponse:
    """Add an app that shows one-time codes: its secret as a picture and to type, and the first code back."""
    user = _own(request)
    if request.method == "POST" and not _may_change(request):
        return _again(request)
    secret = unsealed(request.POST.get("sealed", ""), user=user.pk, what="offer") or new_secret()
    form = AddAppForm(request, user, request.POST or None, initial={"sealed": seal(secret, user=user.pk, what="offer")})
    if request.method == "POST" and form.is_valid():
        with refusals_to(form):
            said = {name: form.cleaned_data[name] for name in ("name", "code")}
            said["session"] = str(request.session.session_key)
            added = actions.add_totp(user, secret=secret, **said, by=user, at=clock.now())
            return _added(request, added)
    address = address_of_secret(secret, username=user.username, issuer=request.get_host())
    picture = segno.make_qr(address, error="m").svg_data_uri(scale=4, border=4, light="white")
    spelled = " ".join(secret[n : n + 4] for n in range(0, len(secret), 4))
    return form_page(request, "account/factor_app.html", {"form": form, "picture": picture, "secret": spelled}, form)


def _added(request: HttpRequest, factor: SecondFactor) -> HttpResponse:
    """A factor was added: the session has proven it, and who has no recovery codes yet gets some."""
    user = _own(request)
    request.session[PROVEN] = factor.kind
    messages.success(request, _("已添加“%(name)s”，下次登录就要用它。") % {"name": factor.name})
    if recovery_codes_of(user).exists():
        return redirect(FACTORS_PAGE)
    return _give_codes(request, user)


@signed_in
@sensitive_post_parameters("old", "passkey")
def factor_passkey(request: HttpRequest) -> HttpResponse:
    """Add a passkey that the browser makes when the form is sent."""
    user, place = _own(request), halfway.place_of(request)
    if request.method == "POST" and not _may_change(request):
        return _again(request)
    form = AddPasskeyForm(request, user, request.POST or None)
    if request.method == "POST" and form.is_valid() and not place.why_not:
        with refusals_to(form):
            made = passkeys.added(place, halfway.asked(request, to=ADD), form.cleaned_data["passkey"])
            said = {"name": form.cleaned_data["name"], "session": str(request.session.session_key)}
            return _added(request, actions.add_passkey(user, passkey=made, **said, by=user, at=clock.now()))
    return form_page(request, "account/factor_passkey.html", {"form": form, "why_not": place.why_not}, form)


@signed_in
@require_POST
def factor_passkey_options(request: HttpRequest) -> HttpResponse:
    """What a browser is asked to make a passkey with."""
    user, place = _own(request), halfway.place_of(request)
    if place.why_not:
        raise Http404
    options, challenge = passkeys.begin_adding(
        place, user=user.pk, username=user.username, full_name=user.full_name, known=list(passkeys_of(user).values()),
        site=_("合格"),
    )  # fmt: skip
    halfway.ask(request, challenge, to=ADD)
    return JsonResponse(options)


def _factor_or_404(request: HttpRequest, factor_id: int) -> SecondFactor:
    user = _own(request)
    return get_object_or_404(factors_of(user).select_related("user"), user=user, pk=factor_id)


@signed_in
def factor_name(request: HttpRequest, factor_id: int) -> HttpResponse:
    """Call a factor by another name."""
    factor, user = _factor_or_404(request, factor_id), _own(request)
    form = NameForm(request.POST or None, initial={"name": factor.name})
    if request.method == "POST" and form.is_valid():
        with refusals_to(form):
            actions.rename_second_factor(factor, name=form.cleaned_data["name"], by=user, at=clock.now())
            return redirect(FACTORS_PAGE)
    return form_page(request, "account/factor_name.html", {"form": form, "factor": factor}, form)


@signed_in
@sensitive_post_parameters("old")
def factor_end(request: HttpRequest, factor_id: int) -> HttpResponse:
    """Sign in with a factor no more; the password is asked again."""
    factor, user = _factor_or_404(request, factor_id), _own(request)
    if request.method == "POST" and not _may_change(request):
        return _again(request)
    form = PasswordAgainForm(request, user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_to(form):
            compelled = has_to_prove_more(request)
            actions.end_second_factor(factor, compelled=compelled, by=user, at=clock.now())
            messages.success(request, _("已停用“%(name)s”。") % {"name": factor.name})
            return redirect(FACTORS_PAGE)
    return form_page(request, "account/factor_end.html", {"form": form, "factor": factor}, form)


@signed_in
@sensitive_post_parameters("old")
def factor_codes(request: HttpRequest) -> HttpResponse:
    """Make a new set of recovery codes; the password is asked again."""
    user = _own(request)
    if request.method == "POST" and not _may_change(request):
        return _again(request)
    form = PasswordAgainForm(request, user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_to(form):
            return _give_codes(request, user)
    return form_page(request, "account/factor_codes.html", {"form": form}, form)


def _give_codes(request: HttpRequest, user: User) -> HttpResponse:
    codes = new_recovery_codes()
    actions.make_recovery_codes(user, codes=codes, by=user, at=clock.now())
    until = int((clock.now() + GOOD_FOR).timestamp())
    request.session[CODES] = seal(json.dumps([until, codes]), user=user.pk, what=CODES)
    return redirect("account:factor_codes_shown")


@signed_in
def factor_codes_shown(request: HttpRequest) -> HttpResponse:
    """The recovery codes just made: for five minutes, in this browser, until they are said to be kept."""
    if request.method == "POST":
        request.session.pop(CODES, None)
        return redirect(FACTORS_PAGE)
    codes = _codes_to_show(request)
    if not codes:
        return redirect(FACTORS_PAGE)
    context = {"codes": codes, "host": request.get_host(), "minutes": GOOD_FOR.seconds // 60}
    return page(request, "account/factor_codes_shown.html", context)


def _codes_to_show(request: HttpRequest) -> Sequence[str]:
    kept = unsealed(request.session.get(CODES, ""), user=_own(request).pk, what=CODES)
    until, codes = json.loads(kept) if kept else (0, [])
    return codes if clock.now().timestamp() < until else []
