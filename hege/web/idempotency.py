"""A form that is sent twice is done once, and answered twice alike: double clicks, retries, a reloaded page.

Every form carries a fresh ``request_key`` beside its CSRF field: both are ``csrf_input``, so a form
that can be sent at all can be repeated safely. No view has to know; it only keeps to one rule: **a POST
that has done something answers with a redirect**, one that has done nothing answers with a page.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import lru_cache
from http import HTTPStatus
from typing import TypeVar
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.urls import Resolver404, resolve

from hege.kernel import clock
from hege.kernel.refused import Stale
from hege.trail.actions import Undone, do_once
from hege.web.access import FACTORS_PAGE, OWN_PAGE
from hege.web.bearers import TO_JOIN
from hege.web.drafts import forget
from hege.web.form_key import FIELD
from hege.web.middleware import Middleware
from hege.web.pages import refused_page

LONGEST_KEY = 64
View = TypeVar("View", bound=Callable[..., HttpResponse])
NO_WISH = (FIELD, "csrfmiddlewaretoken")  # differs between two sendings of one form


def idempotent(view: View) -> View:
    """Mark a view that looks long before it writes and comes to the same when done twice: no lock is held around it."""
    view.idempotent = True  # type: ignore[attr-defined]  # read by IdempotencyMiddleware alone
    return view


class IdempotencyMiddleware(Middleware):
    """Runs a POST in one transaction with its idempotency key; a repeat is sent to where the first one was.

    Signing in and out is left out: done twice it is the same, and its slow hashing must not hold a write lock. So is
    a view that is ``idempotent``.
    """

    def __call__(self, request: HttpRequest) -> HttpResponse:
        key = request.POST.get(FIELD, "") if request.method == "POST" else ""
        if not key or len(key) > LONGEST_KEY or _is_left_alone(request):
            return _forgotten(request, self.get_response(request))
        answers: list[HttpResponse] = []

        def act() -> str | None:
            response = self.get_response(request)
            answers.append(response)
            if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
                raise Undone
            return address_of(_forgotten(request, response)) if _is_done(response) else None

        try:
            first = do_once(key, asked=asked(request), act=act, by=request.user, at=clock.now())
        except Undone:  # by an error of ours
            return answers[0]
        except Stale as no:
            return refused_page(request, no, HTTPStatus.CONFLICT)
        return answers[0] if answers and first in (None, address_of(answers[0])) else redirect(str(first))


def address_of(response: HttpResponse) -> str:
    """Where an answer that says that something was done sends the browser; empty for any other."""
    return response.headers.get("Location", "") if response.status_code < HTTPStatus.BAD_REQUEST else ""


def asked(request: HttpRequest) -> str:
    """A digest of what a request wants: address, every field, every file; not its tokens."""
    whole = hashlib.sha256(request.get_full_path().encode())
    for name, values in sorted(request.POST.lists()):
        if name not in NO_WISH:
            whole.update(repr((name, values)).encode())
    for name, files in sorted(request.FILES.lists()):
        for file in files:
            whole.update(repr((name, file.name, file.size)).encode())
            for chunk in file.chunks():
                whole.update(chunk)
            file.seek(0)
    return whole.hexdigest()


def _is_done(response: HttpResponse) -> bool:
    address = address_of(response)
    return bool(address) and not _turned_away(address)


def _forgotten(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The answer; what had been typed into a form that was taken need not be kept any more."""
    if request.method == "POST" and _is_done(response):
        forget(request)
    return response


def _turned_away(address: str) -> bool:
    """Whether somebody was sent to sign in or to join, to choose a password or to set up a second factor, before anything was
    done: once that is done, the same form is to act."""
    path = urlsplit(address).path
    return path in _before_all_acts() or bool(TO_JOIN.fullmatch(path))


@lru_cache
def _before_all_acts() -> list[str]:
    return [resolve_url(name) for name in (settings.LOGIN_URL, OWN_PAGE, FACTORS_PAGE)]


def _is_left_alone(request: HttpRequest) -> bool:
    try:
        found = request.resolver_match = resolve(request.path_info)
    except Resolver404:
        return False
    return found.app_name == "account" or getattr(found.func, "idempotent", False)
