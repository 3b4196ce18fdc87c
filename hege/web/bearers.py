"""Who is let in by a cookie that is no sign-in: no user, no session, no role; a browser that holds a secret.

    @of_member                                # /m/<street_code>/…: a member's own pages
    def mine(request: HttpRequest, rider: Rider, claim_id: str) -> HttpResponse: ...

    @of_till                                  # /t/<street_code>/…: the pages of a shop's till
    def scan(request: HttpRequest, counter: Counter, number: str, code: str) -> HttpResponse: ...

The cookie is sent to the pages of its street alone (its path), no script reads it, and the database keeps a keyed hash of
it. It is kept apart from the sign-in of users: whoever works in the office and is a member too is both, each on its pages.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps
from http import HTTPStatus
from secrets import token_urlsafe
from typing import Concatenate, ParamSpec
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from hege.kernel import clock
from hege.members.models import Member, MemberDevice
from hege.members.queries import device_of
from hege.members.rules import DEVICE_FOR
from hege.people.models import Street
from hege.vouchers.models import Merchant, Till
from hege.vouchers.tills.queries import till_by_token
from hege.web.access import Opening, View, marked, opening_of
from hege.web.links import where
from hege.web.pages import page

P = ParamSpec("P")

#: Lets a browser in as a member's.
MEMBER = "hege_member"
#: What a browser is known by while it is being let in: a form sent twice lets it in once.
JOINING, JOINING_SECONDS = "hege_joining", 3600
JOIN_PAGE, TO_JOIN = "member:join", re.compile(r"/m/[0-9]{6,9}/join/")


@dataclass(frozen=True, slots=True)
class Rider:
    """Whose page it is: a member, the browser they hold, their street, and the day."""

    member: Member
    device: MemberDevice
    today: dt.date

    @property
    def street(self) -> Street:
        """Where they are a member."""
        street: Street = self.device.street
        return street

    def to(self, name: str, *ids: object) -> str:
        """The address of a member's page of this street."""
        return where(name, self.street.code, *ids)


def rider_of(request: HttpRequest, street_code: str) -> Rider | None:
    """The member whose browser asks, in this street; None where it is not let in."""
    token, now = request.COOKIES.get(MEMBER, ""), clock.now()
    device = device_of(token, street_code, at=now) if token else None
    return None if device is None else Rider(device.member, device, clock.day_of(now))


def of_member(view: Callable[Concatenate[HttpRequest, Rider, P], HttpResponse]) -> View:
    """Mark a member's own page: takes ``street_code`` off the address, hands the view a ``Rider``.

    Any other browser is sent to join, and comes back to the page it asked for.
    """

    @wraps(view)
    def let_in(request: HttpRequest, street_code: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        rider = rider_of(request, street_code)
        if rider is None:
            join = where(JOIN_PAGE, street_code)
            onward = request.get_full_path() if request.method in ("GET", "HEAD") else ""
            return redirect(f"{join}?{urlencode({'next': onward})}" if onward else join)
        return view(request, rider, *args, **kwargs)

    return marked(let_in, Opening(member=True))


def joining(request: HttpRequest) -> str:
    """What the browser is known by while it is being let in; empty where it keeps no cookies or has come past our page."""
    return request.COOKIES.get(JOINING, "")


def begin_joining(request: HttpRequest, response: HttpResponse, street: Street) -> HttpResponse:
    """Let the browser be known by something until it is let in."""
    if not joining(request):
        _set(response, JOINING, token_urlsafe(32), street, JOINING_SECONDS)
    return response


def let_in(response: HttpResponse, street: Street, token: str) -> HttpResponse:
    """Hand the browser the cookie that lets it in from now on."""
    _set(response, MEMBER, token, street, int(DEVICE_FOR.total_seconds()))
    response.delete_cookie(JOINING, path=_path(street))
    return response


def let_out(response: HttpResponse, street: Street) -> HttpResponse:
    """Take the cookie back."""
    response.delete_cookie(MEMBER, path=_path(street))
    return response


def _path(street: Street) -> str:
    return f"/m/{street.code}/"


def _set(
    response: HttpResponse, name: str, value: str, street: Street, seconds: int, *, path: str | None = None
) -> None:
    response.set_cookie(
        name, value, max_age=seconds, path=path or _path(street), secure=settings.SESSION_COOKIE_SECURE, httponly=True,
        samesite="Lax",
    )  # fmt: skip


# -- tills -----------------------------------------------------------------------------------------------------------------

#: Lets a browser in as a till of a street; says to the till pages of other streets of which it is one, and nothing more.
TILL, TILL_OF = "hege_till", "hege_till_of"
#: What a phone is known by while its till is being opened.
OPENING, OPENING_SECONDS = "hege_opening", 3600
#: Four hundred days, the most a browser keeps a cookie for.
TILL_SECONDS = 400 * 24 * 3600
TILLS = "/t/"


@dataclass(frozen=True, slots=True)
class Counter:
    """Whose till it is: a phone of a shop, its street, and the day."""

    till: Till
    today: dt.date

    @property
    def merchant(self) -> Merchant:
        """The shop."""
        shop: Merchant = self.till.merchant
        return shop

    @property
    def street(self) -> Street:
        """Where it is a till."""
        street: Street = self.till.street
        return street

    def to(self, name: str, *ids: object) -> str:
        """The address of a till's page of this street."""
        return where(name, self.street.code, *ids)


def of_till(view: Callable[Concatenate[HttpRequest, Counter, P], HttpResponse]) -> View:
    """Mark a page of a shop's till: takes ``street_code`` off the address, hands the view a ``Counter``.

    Any other browser is told how a till is opened (403): a customer may have scanned a code by themselves.
    """

    @wraps(view)
    def let_in(request: HttpRequest, street_code: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        token = request.COOKIES.get(TILL, "")
        till = till_by_token(token, street_code) if token else None
        if till is None:
            return _no_till(request, street_code)
        return view(request, Counter(till, clock.today()), *args, **kwargs)

    return marked(let_in, Opening(till=True))


def _no_till(request: HttpRequest, street_code: str) -> HttpResponse:
    """How a till is opened; to a till of another street, that the voucher is not one of its own."""
    street = get_object_or_404(Street, code=street_code)
    of = request.COOKIES.get(TILL_OF, "")
    other = Street.objects.filter(code=of).first() if of and of != street_code else None
    context = {"street": street, "other": other}
    return page(request, "till/no_till.html", context, status=HTTPStatus.FORBIDDEN)


def with_camera(view: View) -> View:
    """Let a page ask for the camera, alone of all there are."""
    opening = opening_of(view)
    assert opening is not None
    return marked(view, replace(opening, asks_for="camera"))


def opening_secret(request: HttpRequest) -> str:
    """What the phone is known by while its till is being opened; empty where it keeps no cookies or has come past our page."""
    return request.COOKIES.get(OPENING, "")


def begin_opening(request: HttpRequest, response: HttpResponse, street: Street) -> HttpResponse:
    """Let the phone be known by something until its till is open."""
    if not opening_secret(request):
        _set(response, OPENING, token_urlsafe(32), street, OPENING_SECONDS, path=_till_path(street))
    return response


def till_opened(response: HttpResponse, street: Street, token: str) -> HttpResponse:
    """Hand the phone the cookie of its till."""
    _set(response, TILL, token, street, TILL_SECONDS, path=_till_path(street))
    _set(response, TILL_OF, street.code, street, TILL_SECONDS, path=TILLS)
    response.delete_cookie(OPENING, path=_till_path(street))
    return response


def _till_path(street: Street) -> str:
    return f"{TILLS}{street.code}/"
