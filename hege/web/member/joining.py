"""How a browser comes to be let in (加入): by a code by SMS, by a station's code, by a printed card.

The browser is known by a cookie from the first page on, and what lets it in is made of that: a step that hands the cookie
over comes to the same however often it is sent, and hands it over each time (``idempotent``).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from hege.kernel import clock
from hege.kernel.refused import Refused
from hege.members.actions import (
    ask_for_code,
    join_at_station,
    join_with_code,
    open_by_card,
    open_by_code,
    prove_code,
)
from hege.members.models import Invitation
from hege.members.queries import card_by_token, code_in_hand, station_code_by_token
from hege.members.rules import check_card
from hege.outbox.queries import the_gateway
from hege.outbox.rules import CONSOLE, Channel
from hege.people.models import Street, User
from hege.people.rules import browser_of
from hege.web.access import View, public
from hege.web.action_page import sent
from hege.web.addresses import address_of
from hege.web.bearers import begin_joining, joining, let_in, rider_of
from hege.web.idempotency import idempotent
from hege.web.links import onward
from hege.web.member.forms import DigitsForm, JoinForm, PhoneForm
from hege.web.pages import form_page, or_404, page, refusals_to

TO_JOIN = "who wants to join is no member yet; it shows nothing of anybody"
BY_CODE = "whoever joins or comes back holds only an unguessable code on paper, which works once"
NO_COOKIE = _("这个浏览器不让网页记住您，办不了。请退出无痕模式，或者换一个浏览器，再试一次。")


def of_who_joins(view: Callable[[HttpRequest, Street], HttpResponse]) -> View:
    """Mark a page of joining a street: who is a member there already goes on to their own page."""

    @wraps(view)
    def answer(request: HttpRequest, street_code: str) -> HttpResponse:
        street = get_object_or_404(Street.objects.select_related("trail_head"), code=street_code)
        if rider_of(request, street_code):
            return redirect(_onward(request, street))
        return begin_joining(request, view(request, street), street)

    return public(TO_JOIN)(answer)


@of_who_joins
def join(request: HttpRequest, street: Street) -> HttpResponse:
    """What one is asked and why; the telephone first."""
    form, secret = PhoneForm(sent(request)), joining(request)
    if request.method == "POST" and form.is_valid():
        with refusals_to(form):
            check_known(secret)
            ask_for_code(street, **form.said, address=address_of(request), secret=secret, at=clock.now())
            return _to_step(request, "member:join_code", street)
    gateway = the_gateway(street, Channel.SMS)
    sends = gateway is not None and gateway.on
    context = {"street": street, "form": form, "sends": sends, "logs": sends and gateway and gateway.host == CONSOLE}
    return form_page(request, "member/join.html", context, form)


@idempotent
@of_who_joins
def code(request: HttpRequest, street: Street) -> HttpResponse:
    """The six digits. Whoever holds the telephone of a member is let in; anybody else goes on to the last page."""
    found, form = code_in_hand(street, joining(request)), DigitsForm(sent(request))
    if found is None:
        return _to_step(request, "member:join", street)
    if request.method == "POST" and form.is_valid():
        with refusals_to(form):
            prove_code(found, **form.said, at=clock.now())
            said = {"secret": joining(request), "browser": _browser(request)}
            token = open_by_code(found, **said, by=by_of(request), at=clock.now())
            if token is None:
                return _to_step(request, "member:join_you", street)
            return let_in(redirect(_onward(request, street)), street, token)
    again = _step(request, "member:join", street)
    return form_page(request, "member/code.html", {"street": street, "code": found, "form": form, "again": again}, form)


@idempotent
@of_who_joins
def you(request: HttpRequest, street: Street) -> HttpResponse:
    """How one is called, the kind of work, what one agrees to."""
    found, form = code_in_hand(street, joining(request)), JoinForm(sent(request))
    if found is None or found.proven_at is None:
        return _to_step(request, "member:join", street)
    if request.method == "POST" and form.is_valid():
        with refusals_to(form):
            said = {**form.said, "secret": joining(request), "browser": _browser(request)}
            token = join_with_code(found, **said, by=by_of(request), at=clock.now())
            return let_in(redirect(_onward(request, street)), street, token)
    return form_page(request, "member/you.html", {"street": street, "label": "", "form": form}, form)


@public(TO_JOIN)
@require_safe
def left(request: HttpRequest, street_code: str) -> HttpResponse:
    """What became of who has just left."""
    return page(request, "member/left.html", {"street": get_object_or_404(Street, code=street_code)})


@idempotent
@public(BY_CODE)
def station(request: HttpRequest, street_code: str, token: str) -> HttpResponse:
    """Joining by the one-time code at a station: no telephone is asked."""
    found = or_404(station_code_by_token(street_code, token))
    form, secret = JoinForm(sent(request)), joining(request)
    if request.method != "POST" and (no := _used_up(found)):
        return _closed(request, found.street, no)
    if request.method == "POST" and form.is_valid():
        with refusals_to(form):
            check_known(secret)
            said = {**form.said, "secret": secret, "browser": _browser(request)}
            opened = join_at_station(found, **said, by=by_of(request), at=clock.now())
            return let_in(redirect("member:index", street_code), found.street, opened)
    shown = form_page(request, "member/you.html", {"street": found.street, "label": found.label, "form": form}, form)
    return begin_joining(request, shown, found.street)


@idempotent
@public(BY_CODE)
def card(request: HttpRequest, street_code: str, token: str) -> HttpResponse:
    """A button, and whose card it is. Pressing it lets the browser in and uses the card up: messengers fetch every link."""
    found = or_404(card_by_token(street_code, token))
    no = _used_up(found) if request.method != "POST" else None
    if request.method == "POST":
        try:
            check_known(joining(request))
            said = {"secret": joining(request), "browser": _browser(request)}
            opened = open_by_card(found, **said, by=by_of(request), at=clock.now())
            return let_in(redirect("member:index", street_code), found.street, opened)
        except Refused as refused:
            no = refused
    if no is not None:
        return begin_joining(request, _closed(request, found.street, no), found.street)
    return begin_joining(
        request, page(request, "member/card.html", {"card": found, "street": found.street}), found.street
    )


def check_known(secret: str) -> None:
    """Refuse a browser that keeps no cookies: what it is handed would be gone with the next page."""
    if not secret:
        raise Refused(NO_COOKIE)


def _used_up(found: Invitation) -> Refused | None:
    try:
        check_card(used=found.used_at is not None, ended=found.ended_at is not None, over=found.until_at <= clock.now())
    except Refused as no:
        return no
    return None


def _closed(request: HttpRequest, street: Street, no: Refused) -> HttpResponse:
    return page(request, "member/closed.html", {"reason": str(no.reason), "street": street}, status=HTTPStatus.GONE)


def by_of(request: HttpRequest) -> User | None:
    """The user who asks, where a member works in the office too and is signed in there."""
    return request.user if isinstance(request.user, User) else None


def _browser(request: HttpRequest) -> str:
    return browser_of(request.headers.get("User-Agent", ""))


def _onward(request: HttpRequest, street: Street) -> str:
    """The member's page of this street that was asked for, else the first one."""
    return onward(request.GET.get("next", ""), reverse("member:index", args=(street.code,)))


def _step(request: HttpRequest, name: str, street: Street) -> str:
    """The address of a step of joining, which keeps where one wants to go on to."""
    address, wanted = reverse(name, args=(street.code,)), request.GET.get("next", "")
    return f"{address}?{urlencode({'next': wanted})}" if wanted else address


def _to_step(request: HttpRequest, name: str, street: Street) -> HttpResponse:
    return redirect(_step(request, name, street))
