"""Who is let in by a cookie that is no sign-in: no user, no session, no role; a browser that holds a secret.

    @of_member                                # /m/<street_code>/…: a member's own pages
    def mine(request: HttpRequest, rider: Rider, claim_id: str) -> HttpResponse: ...

The cookie is sent to the pages of its street alone (its path), no script reads it, and the database keeps a keyed hash of
it. It is kept apart from the sign-in of users: whoever works in the office and is a member too is both, each on its pages.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from secrets import token_urlsafe
from typing import Concatenate, ParamSpec
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from hege.kernel import clock
from hege.members.models import Member, MemberDevice
from hege.members.queries import device_of
from hege.members.rules import DEVICE_FOR
from hege.people.models import Street
from hege.web.access import Opening, View, marked

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
        """Read with its head of the trail."""
        street: Street = self.device.street
        return street

    def to(self, name: str, *ids: object) -> str:
        """The address of a member's page of this street."""
        return reverse(name, args=(self.street.code, *ids))


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
            join = reverse(JOIN_PAGE, args=(street_code,))
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


def _set(response: HttpResponse, name: str, value: str, street: Street, seconds: int) -> None:
    response.set_cookie(
        name, value, max_age=seconds, path=_path(street), secure=settings.SESSION_COOKIE_SECURE, httponly=True,
        samesite="Lax",
    )  # fmt: skip
