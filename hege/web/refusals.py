"""A refusal that no form was at hand for becomes a page in words, never a crash."""

from __future__ import annotations

import logging
from collections.abc import Callable
from http import HTTPStatus

from django.db.transaction import atomic
from django.http import HttpRequest, HttpResponse

from hege.kernel import clock
from hege.kernel.refused import Refused, Stale
from hege.trail.actions import record
from hege.web.access import NotYours, desk_of
from hege.web.pages import page

log = logging.getLogger(__name__)


class RefusalsMiddleware:
    """``NotYours`` -> 403 and, where somebody tried to do it, a line of the trail; ``Stale`` -> 409, any other ``Refused`` -> 422; each as ``errors/refused.html``."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, no: Exception) -> HttpResponse | None:
        if not isinstance(no, Refused):
            return None
        match no:
            case NotYours():
                status = HTTPStatus.FORBIDDEN
                _note(request, no)
            case Stale():
                status = HTTPStatus.CONFLICT
            case _:
                status = HTTPStatus.UNPROCESSABLE_ENTITY
        return page(request, "errors/refused.html", {"reason": str(no.reason), "status": int(status)}, status=status)


def _note(request: HttpRequest, no: NotYours) -> None:
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
