"""What a session holds of somebody who has given the password and nothing else yet, and of what a browser is asked to sign.

Who is halfway is not signed in: the session says who, until when and where to go on, and opens the one page of the second
step. A challenge is kept as long and taken once.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from hege.kernel import clock
from hege.people.models import User
from hege.people.second_factor.passkeys import Place
from hege.people.second_factor.rules import GOOD_FOR

HALFWAY, CHALLENGE = "halfway", "challenge"


def _until() -> int:
    return int((clock.now() + GOOD_FOR).timestamp())


def _held(said: Any) -> bool:
    return isinstance(said, dict) and clock.now().timestamp() < said["until"]


def begin(request: HttpRequest, user: User, *, onward: str) -> None:
    """The password was right: what is asked next is the second factor."""
    request.session.cycle_key()
    request.session[HALFWAY] = {
        "user": user.pk, "password": user.get_session_auth_hash(), "until": _until(), "onward": onward,
    }  # fmt: skip


def who(request: HttpRequest) -> User | None:
    """Who has given the password in this session, within five minutes, and may sign in with it still."""
    said = request.session.get(HALFWAY)
    if said is None or not _held(said):
        return None
    user = User.objects.filter(pk=said["user"], is_active=True).first()
    same = user is not None and constant_time_compare(said["password"], user.get_session_auth_hash())
    return user if same else None


def onward(request: HttpRequest) -> str:
    """Where who is halfway wanted to go."""
    return str(request.session[HALFWAY]["onward"])


def end(request: HttpRequest) -> None:
    """Nobody is halfway any more."""
    request.session.pop(HALFWAY, None)


def place_of(request: HttpRequest) -> Place:
    """Where the page is open, as a browser signs it."""
    host = request.get_host().lower()
    name = host if host.endswith("]") else host.rpartition(":")[0] or host
    return Place(name, f"{request.scheme}://{host}")


def ask(request: HttpRequest, challenge: dict[str, Any], *, to: str) -> None:
    """Keep what a browser is asked to sign, and what for."""
    request.session[CHALLENGE] = {"challenge": challenge, "until": _until(), "to": to}


def asked(request: HttpRequest, *, to: str) -> dict[str, Any]:
    """What this browser was asked to sign; nothing a second time, after five minutes, or for something else."""
    said = request.session.pop(CHALLENGE, None)
    return dict(said["challenge"]) if said is not None and _held(said) and said["to"] == to else {}
