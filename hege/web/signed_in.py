"""Who asks, and their posts in the street they ask for: read together, once a request."""

from __future__ import annotations

import datetime as dt

from django.contrib import auth
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject

from hege.kernel import clock
from hege.people.models import Membership, User
from hege.people.queries import posts_of
from hege.web.sessions import go_on

MODEL_BACKEND = "django.contrib.auth.backends.ModelBackend"

#: A day and the posts held on it.
Posts = tuple[dt.date, tuple[Membership, ...]]


class SignedInMiddleware(AuthenticationMiddleware):
    """Django's, but that the person comes with their posts where the address names a street in which there are any."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: _who(request))  # type: ignore[assignment]  # as Django does

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """A browser that somebody works in is not at rest."""
        go_on(request)
        return response


def posts_here(request: HttpRequest, user_id: int, street_code: str) -> Posts:
    """The posts that a user holds today in a street, read once a request."""
    read: dict[tuple[int, str], Posts] = request.__dict__.setdefault("posts_read", {})
    if (user_id, street_code) not in read:
        today = clock.today()
        read[user_id, street_code] = today, tuple(posts_of(user_id, street_code, today))
    return read[user_id, street_code]


def _who(request: HttpRequest) -> User | AnonymousUser:
    """The person of the session. One that does not plainly hold is for Django to look at, and to end."""
    code = request.path_info.split("/")[1]
    said = request.session.get(auth.SESSION_KEY)
    if said is not None and code.isdecimal():
        _today, posts = posts_here(request, User._meta.pk.to_python(said), code)
        if posts and _holds(request, posts[0].user):
            return posts[0].user
    return auth.get_user(request)


def _holds(request: HttpRequest, user: User) -> bool:
    """Whether a session was opened with the password the user has now, and the user may sign in."""
    return (
        user.is_active
        and request.session.get(auth.BACKEND_SESSION_KEY) == MODEL_BACKEND
        and constant_time_compare(request.session.get(auth.HASH_SESSION_KEY, ""), user.get_session_auth_hash())
    )
