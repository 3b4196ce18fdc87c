"""What every answer carries and no view should have to remember."""

from __future__ import annotations

import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib.messages import get_messages
from django.contrib.messages.middleware import MessageMiddleware
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from whitenoise.middleware import WhiteNoiseFileResponse

from hege.kernel.database import connection
from hege.web.access import Opening, opening_of
from hege.web.shell import LANGUAGES


class Middleware:
    """What stands around the view: asked with each request, asks what stands within."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)


CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",  # data: for the small arrows inside Bootstrap's style sheet
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
PERMISSIONS_POLICY = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"


class LanguageMiddleware(Middleware):
    """The language of the cookie set by ``/language/<code>/``, else Chinese. Accept-Language is not asked: what the
    system of a browser speaks is nobody's choice in an office.
    """

    def __call__(self, request: HttpRequest) -> HttpResponse:
        wanted = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        code = wanted if wanted in dict(LANGUAGES) else settings.LANGUAGE_CODE
        request.LANGUAGE_CODE = code
        with translation.override(code):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", code)
        return response


class SecurityHeadersMiddleware(Middleware):
    """No inline script or style, no framing; no cache keeps a page and no search engine lists one: it may be about a
    person, and the address of a shop's own page is its secret. Pages marked as listed are about nobody; what may be
    kept is the same for everybody.

    A file that is really served says itself how long it lasts; a page that says it is not there is a page.
    """

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        served = isinstance(response, WhiteNoiseFileResponse)
        opening = _opening(request) if response.status_code == HTTPStatus.OK and not served else Opening()
        response.headers.setdefault("Permissions-Policy", _permissions(opening))
        if not served:
            _guard(response, opening)
        return response


def _permissions(opening: Opening) -> str:
    """What of the phone a page may ask for: nothing, but where its marker says so."""
    asked = opening.asks_for
    return PERMISSIONS_POLICY.replace(f"{asked}=()", f"{asked}=(self)") if asked else PERMISSIONS_POLICY


def _guard(response: HttpResponse, opening: Opening) -> None:
    if opening.kept_for:
        response.headers["Cache-Control"] = f"public, max-age={opening.kept_for}"
        response.headers["Access-Control-Allow-Origin"] = "*"
    else:
        response.headers["Cache-Control"] = "no-store, private"
        patch_vary_headers(response, ["Cookie"])
    if not opening.listed:
        response.headers["X-Robots-Tag"] = "noindex"


def _opening(request: HttpRequest) -> Opening:
    return (opening_of(request.resolver_match.func) if request.resolver_match else None) or Opening()


class SaidWhenDoneMiddleware(MessageMiddleware):
    """Carries what was done over to the next page, and nothing from an answer that says it was not done: a disk may be
    found full only when the transaction ends, after the action has said its sentence.
    """

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if response.status_code >= HTTPStatus.BAD_REQUEST:
            list(get_messages(request))  # to read them is to drop them
        return super().process_response(request, response)


class CleanTextMiddleware(Middleware):
    """Refuse the NUL character before any view sees it: PostgreSQL cannot store it and would answer with a crash."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path or _has_nul(request.GET.lists()):
            raise BadRequest("NUL character in the address")
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: Any) -> None:
        if request.method == "POST":
            names = [file.name or "" for _, files in request.FILES.lists() for file in files]
            if _has_nul(request.POST.lists()) or any("\x00" in name for name in names):
                raise BadRequest("NUL character in the form")


def _has_nul(lists: Any) -> bool:
    return any("\x00" in name or any("\x00" in str(value) for value in values) for name, values in lists)


class WriteInsideGetError(Exception):
    """A page that only shows tried to change the database: a bug of ours."""


class ReadOnlyGetMiddleware(Middleware):
    """Hold "a GET never writes": link scanners, previews and the back button open pages.

    Any INSERT, UPDATE or DELETE during GET or HEAD raises. The sessions alone are left out: Django drops one whose
    password was changed elsewhere whenever it meets it.
    """

    SESSIONS = re.compile(r'(INSERT INTO|UPDATE|DELETE FROM) "people_session" ')
    WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE", "MERGE", "TRUNCATE", "CREATE", "ALTER", "DROP")

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            return self.get_response(request)
        with connection.execute_wrapper(self._refuse_writes):
            return self.get_response(request)

    def _refuse_writes(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001
        if sql.lstrip().upper().startswith(self.WRITES) and not self.SESSIONS.match(sql):
            raise WriteInsideGetError(sql.split(" SET ")[0].split(" VALUES ")[0])
        return execute(sql, params, many, context)
