"""A refusal that no form was at hand for becomes a page in words, never a crash."""

from __future__ import annotations

import logging
from http import HTTPStatus

from django.db.transaction import atomic
from django.http import HttpRequest, HttpResponse

from hege.kernel import clock
from hege.kernel.refused import Refused, Stale
from hege.trail.actions import record
from hege.web.access import NotYours, desk_of
from hege.web.middleware import Middleware
from hege.web.pages import refused_page

log = logging.getLogger(__name__)


class RefusalsMiddleware(Middleware):
    """``NotYours`` -> 403 and, where somebody tried to do it, a line of the trail; ``Stale`` -> 409, any other ``Refused`` -> 422; each as ``errors/refused.html``."""

    def process_exception(self, request: HttpRequest, no: Exception) -> HttpResponse | None:
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
