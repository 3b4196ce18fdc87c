"""One line of JSON for each request (HEGE_LOG=json), and its count for ``/-/metrics``.

A line tells which page was asked for by its name, never by its address: addresses, forms and errors hold names, telephones
and secrets. An error is told by its type and where it was raised, not by its words.
"""

from __future__ import annotations

import logging
import secrets
import time
from contextlib import ExitStack
from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from hege.kernel import clock
from hege.web.json_lines import told
from hege.web.middleware import Middleware

log = logging.getLogger("hege.request")

METHODS = ("GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE")
STATIC = "static"


def number_of(request: HttpRequest) -> str:
    """The number of a request, the same on its error page and in its line: short enough to be read out."""
    if not hasattr(request, "number"):
        request.number = f"{clock.now():%m%d-%H%M}-{secrets.token_hex(3)}"  # type: ignore[attr-defined]
    return str(request.number)  # type: ignore[attr-defined]


def failed(request: HttpRequest, problem: BaseException | None) -> None:
    """Keep for the line of a request what went wrong with it."""
    request.problem = problem  # type: ignore[attr-defined]


class RequestMiddleware(Middleware):
    """Stands around everything: whatever is answered, it tells of it once."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.LOG != "json" and not settings.METRICS_TOKEN:
            return self.get_response(request)
        begun, statements = time.perf_counter_ns(), Statements()
        with ExitStack() as counted:
            for name in [*settings.SHARDS] or [DEFAULT_DB_ALIAS]:
                counted.enter_context(connections[name].execute_wrapper(statements))
            response = self.get_response(request)
        took = time.perf_counter_ns() - begun
        if settings.METRICS_TOKEN:
            from hege.web.wellness.metrics import count  # only who asks for them pays for them

            count(route_of(request), method_of(request), response.status_code, took)
        if settings.LOG == "json":
            log.info("", extra={"said": _said(request, response, took // 1_000_000, statements.count)})
        return response


class Statements:
    """Counts what a request asks the database."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001  # Django's
        self.count += 1
        return execute(sql, params, many, context)


def route_of(request: HttpRequest) -> str:
    """The name of the page that was asked for; empty where there is none."""
    match = request.resolver_match
    if match is not None:
        return match.view_name
    return STATIC if request.path_info.startswith(settings.STATIC_URL) else ""


def method_of(request: HttpRequest) -> str:
    """How it was asked for; a word that is no method is none of ours to repeat."""
    return request.method if request.method in METHODS else "OTHER"


def _said(request: HttpRequest, response: HttpResponse, ms: int, statements: int) -> dict[str, Any]:
    said = {
        "number": number_of(request), "route": route_of(request), "method": method_of(request),
        "status": response.status_code, "ms": ms, "statements": statements, "user": _user_id(request),
    }  # fmt: skip
    problem = getattr(request, "problem", None)
    return said | ({"error": told(problem)} if problem is not None else {})


def _user_id(request: HttpRequest) -> int | None:
    """Who was asked for; nobody is looked up for the line's sake."""
    user: Any = request.__dict__.get("user")
    if type(user) is SimpleLazyObject:
        user = user.__dict__.get("_wrapped")
    pk = getattr(user, "pk", None)
    return pk if isinstance(pk, int) else None
