"""A refusal that no form was at hand for becomes a page in words, never a crash."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse

from hege.kernel.refused import Refused, Stale
from hege.web.access import NotYours
from hege.web.pages import page


class RefusalsMiddleware:
    """``NotYours`` -> 403, ``Stale`` -> 409, any other ``Refused`` -> 422; each as ``errors/refused.html``."""

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
            case Stale():
                status = HTTPStatus.CONFLICT
            case _:
                status = HTTPStatus.UNPROCESSABLE_ENTITY
        return page(request, "errors/refused.html", {"reason": str(no.reason), "status": int(status)}, status=status)
