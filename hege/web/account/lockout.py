"""When wrong passwords lock the sign-in: all limits in one place, and how they are counted (登录锁定; ADR 3)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.helpers import get_client_username
from axes.models import AccessAttempt
from django.conf import settings
from django.core import signing
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse

from hege.kernel import clock
from hege.people.models import User
from hege.people.rules import SignIn
from hege.places.staff.actions import record_sign_in


@dataclass(frozen=True, slots=True)
class Limit:
    """So many wrong passwords of the same ``of`` lock until none has come for the time of ``within``.

    What is tried while it is locked does not count, so that nobody can keep it locked by trying on.
    """

    of: tuple[str, ...]
    failures: int
    within: dt.timedelta


PAIR = Limit(("username", "ip_address"), 8, dt.timedelta(minutes=15))
#: Many addresses guess one account; one address guesses many accounts. Others than the guesser are behind the same
#: account or address, so these are wide and short.
WIDE = (
    Limit(("username",), 40, dt.timedelta(minutes=5)),
    Limit(("ip_address",), 60, dt.timedelta(minutes=5)),
)

KNOWN_COOKIE, KNOWN_FOR, MOST_KNOWN = "hege_known", dt.timedelta(days=180), 8


class LockOut(AxesDatabaseHandler):  # type: ignore[misc]  # axes has no types
    """axes has one limit for all it counts by. It is 1 (AXES_FAILURE_LIMIT), and counted are limits that are reached.

    axes itself still forgets the failures of a pair when it signs in: so they leave the wide limits too, and an account
    of one's own does not wipe out what one guessed at others.
    """

    def get_failures(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> int:
        tried: dict[str, Any] = {
            "username": get_client_username(request, credentials),
            "ip_address": request.axes_ip_address,  # type: ignore[attr-defined]  # put there by axes
        }
        now: dt.datetime = request.axes_attempt_time  # type: ignore[attr-defined]
        reached = [limit for limit in (PAIR, *WIDE) if _failures(limit, tried, now) >= limit.failures]
        if PAIR not in reached and reached and _is_known(request, tried["username"]):
            return 0  # somebody is guessing, but not from the browser its owner signs in with
        return len(reached)

    def user_login_failed(self, sender: Any, credentials: dict[str, Any], request: Any = None, **more: Any) -> None:
        """Counts a failure, and tells the trail of it and of the lock that it closed.

        What is tried while it is locked is not told either: who tries on would fill the trail.
        """
        was_locked = request is not None and request.axes_locked_out
        super().user_login_failed(sender, credentials, request, **more)
        user = User.objects.filter(username=get_client_username(request, credentials)).first()
        if user is None or was_locked:
            return
        known = {"address": request.axes_ip_address, "by": None, "at": clock.now()}
        record_sign_in(user, SignIn.FAILED, **known)
        if request.axes_locked_out:
            record_sign_in(user, SignIn.LOCKED_OUT, **known)


def _failures(limit: Limit, tried: dict[str, Any], now: dt.datetime) -> int:
    rows = AccessAttempt.objects.filter(attempt_time__gt=now - limit.within, **{name: tried[name] for name in limit.of})
    return rows.aggregate(n=Sum("failures_since_start"))["n"] or 0


def remember(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """Let a browser keep that an account signed in with it: then no stranger can lock its owner out there."""
    known = [user.pk, *(pk for pk in _known(request) if pk != user.pk)][:MOST_KNOWN]
    response.set_cookie(
        KNOWN_COOKIE, signing.dumps(known, salt=KNOWN_COOKIE), max_age=KNOWN_FOR,
        secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax",
    )  # fmt: skip


def _known(request: HttpRequest) -> list[int]:
    try:
        return list(signing.loads(request.COOKIES.get(KNOWN_COOKIE, ""), salt=KNOWN_COOKIE, max_age=KNOWN_FOR))
    except signing.BadSignature:
        return []


def _is_known(request: HttpRequest, username: str) -> bool:
    return User.objects.filter(pk__in=_known(request), username=username).exists()
