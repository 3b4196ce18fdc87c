"""When wrong passwords and codes lock the sign-in: all limits in one place, and how they are counted (登录锁定; ADR 3)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.conf import settings
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse

from hege.kernel import clock, signing
from hege.kernel.database import atomic
from hege.people.models import SignInFailure, User
from hege.people.rules import SignIn
from hege.places.staff.actions import record_sign_in
from hege.web.addresses import address_of, client_address
from hege.web.errors import LockedOut

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Limit:
    """So many wrong passwords or codes of the same ``of`` lock until none has come for the time of ``within``.

    What is tried while it is locked does not count, so that nobody can keep it locked by trying on.
    """

    of: tuple[str, ...]
    failures: int
    within: dt.timedelta


PAIR = Limit(("username", "address"), 8, dt.timedelta(minutes=15))
#: Many addresses guess one account; one address guesses many accounts. Others than the guesser are behind the same
#: account or address, so these are wide and short.
WIDE = (
    Limit(("username",), 40, dt.timedelta(minutes=5)),
    Limit(("address",), 60, dt.timedelta(minutes=5)),
)

KNOWN_COOKIE, KNOWN_FOR, MOST_KNOWN = "hege_known", dt.timedelta(days=180), 8


def guess(request: HttpRequest, username: str, look: Callable[[], T | None], *, how: str = "") -> T | None:
    """What ``look`` finds for a password or a code of ``username``; None where it was wrong, which counts.

    A guess is counted before it is looked at and taken back where it was right, so that many at one moment get no more
    of them than one after another: hence never within a transaction. Raises ``LockedOut`` after too many, and with the
    last of them. The trail is told of a failure, of ``how`` it was tried beside the password, and of the lock it closes, not of what is tried on.
    """
    tried = {"username": username, "address": address_of(request)}
    now = clock.now()
    check_not_locked(request, username)
    with atomic(durable=True):
        counted = SignInFailure.objects.create(**tried, at=now)
    if _is_locked(request, tried, now, beyond=1):
        counted.delete()
        raise LockedOut
    found = look()
    if found is not None:
        counted.delete()
        return found
    locked = _is_locked(request, tried, now)
    user = User.objects.filter(username=username).first()
    if user is not None:
        for verb in (SignIn.FAILED, *([SignIn.LOCKED_OUT] if locked else ())):
            record_sign_in(user, verb, address=client_address(request), how=how, by=None, at=now)
    if locked:
        raise LockedOut
    return None


def check_not_locked(request: HttpRequest, username: str) -> None:
    """Raises ``LockedOut`` while too many passwords or codes of a name, or from where the request comes, were wrong."""
    if _is_locked(request, {"username": username, "address": address_of(request)}, clock.now()):
        raise LockedOut


def forget_failures(request: HttpRequest, username: str) -> None:
    """Begin anew once somebody has signed in with all that is asked of them, not before: from this address, this name.

    So an account of one's own does not wipe out what one guessed at others.
    """
    SignInFailure.objects.filter(username=username, address=address_of(request)).delete()


def _is_locked(request: HttpRequest, tried: dict[str, Any], now: dt.datetime, *, beyond: int = 0) -> bool:
    """Whether a limit is reached, or gone beyond by so many."""

    def same(limit: Limit) -> Q:
        return Q(at__gt=now - limit.within, **{name: tried[name] for name in limit.of})

    limits = {f"n{n}": limit for n, limit in enumerate((PAIR, *WIDE))}
    rows = SignInFailure.objects.filter(Q(username=tried["username"]) | Q(address=tried["address"]))
    counts = rows.filter(at__gt=now - PAIR.within).aggregate(
        **{name: Count("pk", filter=same(limit)) for name, limit in limits.items()}
    )
    reached = [limit for name, limit in limits.items() if counts[name] >= limit.failures + beyond]
    if PAIR in reached:
        return True
    # Somebody may be guessing, but not from the browser its owner signs in with.
    return bool(reached) and not _is_known(request, tried["username"])


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
