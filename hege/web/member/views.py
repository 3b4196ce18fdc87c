"""A member's own page, and how a browser comes to be let in."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_safe

from hege.kernel import clock
from hege.kernel.refused import Refused
from hege.members.actions import open_by_card
from hege.members.models import Invitation
from hege.members.queries import card_by_token
from hege.people.models import Street
from hege.people.rules import browser_of
from hege.web.access import public
from hege.web.bearers import Rider, begin_joining, joining, let_in, of_member, rider_of
from hege.web.idempotency import idempotent
from hege.web.member.page import parts_of
from hege.web.pages import or_404, page

TO_JOIN = "who wants to join is no member yet"
CARD = "a member's new browser holds only the unguessable code on a printed card, which opens it once"


@of_member
@require_safe
def index(request: HttpRequest, rider: Rider) -> HttpResponse:
    """Where next, what can I use, what became of what I said: each part by itself."""
    return page(request, "member/index.html", {"rider": rider, "parts": parts_of(rider)})


@public(TO_JOIN)
@require_safe
def join(request: HttpRequest, street_code: str) -> HttpResponse:
    """How one joins."""
    street = get_object_or_404(Street, code=street_code)
    rider = rider_of(request, street_code)
    return redirect(rider.to("member:index")) if rider else page(request, "member/join.html", {"street": street})


@idempotent
@public(CARD)
def card(request: HttpRequest, street_code: str, token: str) -> HttpResponse:
    """A button, and whose card it is. Pressing it lets the browser in and uses the card up: messengers fetch every link."""
    found = or_404(card_by_token(street_code, token))
    secret, again = joining(request), request.method == "POST"
    if again and secret:
        try:
            by = request.user if request.user.is_authenticated else None
            opened = open_by_card(
                found, secret=secret, browser=browser_of(request.headers.get("User-Agent", "")), by=by, at=clock.now()
            )
        except Refused as no:
            return _closed(request, found, no)
        return let_in(redirect("member:index", street_code), found.street, opened)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if again else HTTPStatus.OK
    shown = page(request, "member/card.html", {"card": found, "street": found.street, "again": again}, status=status)
    return begin_joining(request, shown, found.street)


def _closed(request: HttpRequest, card: Invitation, no: Refused) -> HttpResponse:
    context = {"reason": str(no.reason), "street": card.street}
    return page(request, "member/closed.html", context, status=HTTPStatus.GONE)
