"""A member's pages of an activity: signing up, answering an offer, cancelling, checking in by the code on the wall."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from hege.kernel import clock, signing
from hege.kernel.clock import EPOCH
from hege.programme.activities import actions, queries
from hege.programme.activities.models import Signup
from hege.programme.activities.rules import PRESSED_WITHIN, Way
from hege.programme.seasons.models import Activity
from hege.web.action_page import sent
from hege.web.bearers import Rider, of_member
from hege.web.forms import Form
from hege.web.member.activities import Entry, menu_of, standing_of
from hege.web.member.activity_forms import AnswerForm, PartyForm
from hege.web.member.forms import PressForm
from hege.web.member.joining import by_of
from hege.web.pages import form_page, or_404, refusals_to

#: What the moment is signed for at which somebody opened the page of a code.
SALT = "hege.web.member.check_in"


def activity_or_404(rider: Rider, evening_id: str) -> Activity:
    """An activity of the member's street that was published."""
    return or_404(queries.the_evening(rider.street, evening_id))


def _page(request: HttpRequest, rider: Rider, activity: Activity, form: Form | None = None) -> HttpResponse:
    shown = standing_of(rider, activity)
    form = form or PartyForm(most=shown.most)
    context = {"rider": rider, "s": shown, "form": form, "menu": menu_of(rider)}
    return form_page(request, "member/activity.html", context, form)


@of_member
@require_safe
def activity(request: HttpRequest, rider: Rider, evening_id: str) -> HttpResponse:
    """One activity: how one stands with it, and the one thing to do next."""
    return _page(request, rider, activity_or_404(rider, evening_id))


def _done(
    request: HttpRequest, rider: Rider, found: Activity, form: Form, act: Callable[..., Any], thing: Any, **said: Any
) -> HttpResponse:
    """Do the one action where the form is in order, and show how one stands now; a refusal stands on the same page."""
    if form.is_valid():
        with refusals_to(form):
            act(thing, **form.said, **said, by=by_of(request), at=clock.now())
            return redirect(rider.to("member:activity", found.public_id))
    return _page(request, rider, found, form)


@of_member
@require_POST
def sign_up(request: HttpRequest, rider: Rider, evening_id: str) -> HttpResponse:
    """Ask for places: get them, or wait for them."""
    found = activity_or_404(rider, evening_id)
    form = PartyForm(request.POST, most=standing_of(rider, found).most)
    return _done(request, rider, found, form, actions.sign_up, found, member=rider.member)


@of_member
@require_POST
def answer(request: HttpRequest, rider: Rider, offer_id: str) -> HttpResponse:
    """Say yes or no to a place that was offered."""
    found = activity_or_404(rider, offer_id)
    form = AnswerForm(request.POST)
    act = actions.take_offer if form.is_valid() and form.wants_it else actions.decline_offer
    return _done(request, rider, found, form, act, or_404(_own(rider, found)))


@of_member
def cancel(request: HttpRequest, rider: Rider, own_evening_id: str) -> HttpResponse:
    """Give a place back, or stop waiting: a page that says so, and a button."""
    found, form = activity_or_404(rider, own_evening_id), PressForm(sent(request))
    own = or_404(_own(rider, found))
    if request.method == "POST" and form.is_valid():
        with refusals_to(form):
            actions.cancel_signup(own, by=by_of(request), at=clock.now())
            messages.success(request, _("好的，取消了。"))
            return redirect(rider.to("member:activity", found.public_id))
    context = {"rider": rider, "s": standing_of(rider, found), "form": form}
    return form_page(request, "member/cancel.html", context, form)


def _own(rider: Rider, found: Activity) -> Signup | None:
    """The member's own sign-up, with what an action needs of it."""
    own = queries.signup_of(found, rider.member)
    if own is not None:
        own.street, own.activity, own.member = rider.street, found, rider.member
    return own


@of_member
def check_in(request: HttpRequest, rider: Rider, evening_id: str, code: str) -> HttpResponse:
    """Opened by the phone's own scanner: a button, for messengers and browsers fetch every link. Pressing it counts."""
    found, now = activity_or_404(rider, evening_id), clock.now()
    entry, form = Entry(rider, found, code, at=now), PressForm(sent(request))
    if request.method == "POST" and form.is_valid():
        way = actions.check_out if request.POST.get("way") == Way.OUT else actions.check_in
        opened = _opened_at(request.POST.get("opened", ""), rider, found, code)
        with refusals_to(form):
            way(found, member=rider.member, code=code, opened_at=opened, by=by_of(request), at=now)
            said = _("签退了，辛苦了。") if way is actions.check_out else _("签到了。走的时候再扫一次墙上的码，签退。")
            messages.success(request, said)
            return redirect(rider.to("member:activity", found.public_id))
    opened_now = signing.dumps([found.pk, rider.member.pk, code, now.timestamp()], salt=SALT)
    context = {"rider": rider, "entry": entry, "s": entry.standing, "form": form, "opened": opened_now}
    return form_page(request, "member/check_in.html", context, form)


def _opened_at(ticket: str, rider: Rider, found: Activity, code: str) -> dt.datetime | None:
    """When this member opened the page of this code, as we signed it then."""
    try:
        said = signing.loads(ticket, salt=SALT, max_age=PRESSED_WITHIN)
    except signing.BadSignature:
        return None
    if said[:3] != [found.pk, rider.member.pk, code]:
        return None
    return EPOCH + dt.timedelta(seconds=said[3])
