"""Pages for what went wrong: each says what happened and what to do next. A refusal that no form was at hand for is one."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.html import escape
from django.utils.translation import gettext_lazy as _lazy

from hege.imports.sheets import MOST_BYTES
from hege.kernel import clock
from hege.kernel.database import atomic
from hege.kernel.refused import Refused, Stale
from hege.kernel.trouble import Trouble, trouble_of
from hege.trail.actions import record
from hege.web.access import NotYours, desk_of, enter
from hege.web.drafts import keep_what_was_sent
from hege.web.middleware import Middleware
from hege.web.pages import page, refused_page
from hege.web.proxies import wrong_origin, wrong_proxy
from hege.web.request_log import failed, number_of

log = logging.getLogger("hege.web")

RETRY_AFTER_SECONDS = 10


def _error(name: str, status: HTTPStatus) -> Callable[..., HttpResponse]:
    """The page of an error that says the same whatever was behind it."""

    def answer(request: HttpRequest, *_why: Any, **_more: Any) -> HttpResponse:
        return page(request, f"errors/{name}.html", status=status)

    return answer


#: The address or the form holds something no page of ours sends.
bad_request = _error("bad_request", HTTPStatus.BAD_REQUEST)
#: Without more words; refusals with words come from ``RefusalsMiddleware``.
forbidden = _error("forbidden", HTTPStatus.FORBIDDEN)
#: After too many wrong passwords or codes: says how long to wait and whom to ask.
locked_out = _error("locked_out", HTTPStatus.TOO_MANY_REQUESTS)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that cannot be trusted: it was open too long, or came from elsewhere. What it held is kept for whom our own page
    was shown to. Where the proxy forwards another address than the browser's, opening the form again would never help, and
    the page says what is to be mended."""
    wrong = wrong_origin(request)
    if wrong is not None:
        return wrong_proxy(request, wrong, HTTPStatus.FORBIDDEN)
    kept = keep_what_was_sent(request)
    return page(request, "errors/form_too_old.html", {"kept": kept}, status=HTTPStatus.FORBIDDEN)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: offers search. Says the same whether a thing is missing or not for this person."""
    code = request.path.split("/")[1]
    if code.isdigit() and desk_of(request) is None:
        with suppress(Http404, Refused):
            enter(request, code, "search.see")
    return page(request, "errors/not_found.html", status=HTTPStatus.NOT_FOUND)


#: What a person is told while the ground gives way. A table that is not there is a defect.
TROUBLE: dict[Trouble, str | Promise] = {
    Trouble.AWAY: _lazy("系统正在恢复，您刚才的操作没有保存，请稍候再试。"),
    Trouble.BUSY: _lazy("别人正在登记一大批数据，您刚才的操作没有保存，请过几秒再试一次。"),
    Trouble.FULL: _lazy("服务器的磁盘满了，您刚才的操作没有保存。查看不受影响；请告诉管理员。"),
    Trouble.READ_ONLY: _lazy("数据库现在只能查看，您刚才的操作没有保存；请告诉管理员。"),
}


def server_error(request: HttpRequest) -> HttpResponse:
    """500: a number to quote, the same as in the log; 503 where not we are at fault but the database or the disk.

    Django asks this for whatever was raised anywhere, in a view, at its beginning or its end: so that a transaction
    that cannot begin or commit is told like a query that cannot run. Needs no database and survives a broken template.
    """
    problem = sys.exc_info()[1]
    failed(request, problem)
    trouble = trouble_of(problem)
    if trouble in TROUBLE:
        return unavailable(request, TROUBLE[trouble])
    number = number_of(request)
    log.error("error %s at %s", number, request.path)
    try:
        return page(request, "errors/server_error.html", {"number": number}, status=HTTPStatus.INTERNAL_SERVER_ERROR)
    except Exception:  # noqa: BLE001  # the last resort must not fail itself
        return HttpResponse(
            f"<!doctype html><html lang=zh-Hans><meta charset=utf-8><title>出错了 · 合格</title>"
            f"<h1>出错了</h1><p>您填的内容可能没有存下。请把这个编号告诉管理员：{escape(number)}</p></html>",
            status=HTTPStatus.INTERNAL_SERVER_ERROR,
        )


def unavailable(request: HttpRequest, words: str | Promise) -> HttpResponse:
    """503 with Retry-After: proxies and people try again. Its page asks no database."""
    status = HTTPStatus.SERVICE_UNAVAILABLE
    try:
        response = page(request, "errors/unavailable.html", {"words": words}, status=status)
    except Exception:  # noqa: BLE001  # the last resort must not fail itself
        response = HttpResponse(f"<!doctype html><meta charset=utf-8><h1>{escape(words)}</h1>", status=status)
    response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def too_large(request: HttpRequest) -> HttpResponse:
    """413 for a body that is not even read: how large a file may be."""
    return page(
        request, "errors/too_large.html", {"most_mb": MOST_BYTES >> 20}, status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    )


def busy(request: HttpRequest, *, retry_after: int) -> HttpResponse:
    """503 while too many send their forms at once; ``retry_after`` in seconds."""
    response = page(request, "errors/busy.html", status=HTTPStatus.SERVICE_UNAVAILABLE)
    response.headers["Retry-After"] = str(retry_after)
    return response


class LockedOut(Exception):
    """Too many wrong passwords or codes (登录锁定): no refusal that a form could show, but its whole answer."""


class RefusalsMiddleware(Middleware):
    """``LockedOut`` -> 429; ``NotYours`` -> 403 and, where somebody tried to do it, a line of the trail; ``Stale`` -> 409, any other ``Refused`` -> 422; each as ``errors/refused.html``."""

    def process_exception(self, request: HttpRequest, no: Exception) -> HttpResponse | None:
        if isinstance(no, LockedOut):
            return locked_out(request)
        if not isinstance(no, Refused):
            return None
        if isinstance(no, NotYours):
            _note(request)
            return refused_page(request, no, HTTPStatus.FORBIDDEN)
        return refused_page(
            request, no, HTTPStatus.CONFLICT if isinstance(no, Stale) else HTTPStatus.UNPROCESSABLE_ENTITY
        )


def _note(request: HttpRequest) -> None:
    """Put on the trail that somebody tried what is not theirs to do (越权被拒). Who only looked is told in the log: a GET
    never writes."""
    desk = desk_of(request)
    if desk is None:
        return
    log.warning("refused: user %s, %s %s", desk.user.pk, request.method, desk.verb)
    if request.method not in ("GET", "HEAD"):
        try:
            with atomic():
                record("refused", desk.street, street=desk.street, by=desk.user, at=clock.now(), act=desk.verb)
        except Refused as behind:  # a clock far behind: the trail takes no line, and the answer stays the same
            log.warning("not on the trail: %s", behind)
