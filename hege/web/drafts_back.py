"""Putting drafts back into the pages of whoever typed them, and keeping what an error would have lost."""

from __future__ import annotations

from contextlib import suppress
from http import HTTPStatus

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.template import engines

from hege.kernel import clock
from hege.web.access import Desk, desk_of
from hege.web.drafts import keep_what_was_sent, may_have_drafts
from hege.web.jinja import FormToken
from hege.web.middleware import Middleware
from hege.web.refill import Refilled, changed, forms_of, refilled
from hege.workspace.models import Draft
from hege.workspace.queries import drafts_of

HAS_A_FORM = b'class="hg-form'
#: Said of a form that was understood, and of one whose act failed by a fault of ours; others mean that it is none.
NOT_TAKEN = frozenset(
    {
        HTTPStatus.CONFLICT,
        HTTPStatus.UNPROCESSABLE_ENTITY,
        HTTPStatus.INTERNAL_SERVER_ERROR,
        HTTPStatus.SERVICE_UNAVAILABLE,
    }
)


class DraftsMiddleware(Middleware):
    """Puts drafts back into an office page that has a form, at the price of one statement where there are any; and keeps what was sent where the
    answer is a page without that form."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.streaming or HAS_A_FORM in response.content:
            if request.method == "GET" and response.status_code == HTTPStatus.OK and not response.streaming:
                _put_back(request, response, desk_of(request))
        elif request.method == "POST" and response.status_code in NOT_TAKEN:
            with suppress(DatabaseError):  # what failed may be the database
                keep_what_was_sent(request)
        return response


def _put_back(request: HttpRequest, response: HttpResponse, desk: Desk | None) -> None:
    drafts = drafts_of(desk.user.pk, at=clock.now()) if desk and may_have_drafts(request) else []
    if not drafts:
        return
    html = response.content.decode()
    forms, changes = forms_of(html, request.path), []
    for draft in drafts:
        back = refilled(forms, draft.address, draft.typed)
        if back is not None:
            changes += [(back.form.at, back.form.at, _line(request, draft, back)), *back.changes]
    if changes:
        response.content = changed(html, changes).encode()


def _line(request: HttpRequest, draft: Draft, back: Refilled) -> str:
    said = {"draft": draft, "back": back, "here": request.get_full_path(), "csrf_input": FormToken(request)}
    return str(engines["jinja2"].get_template("drafts/back.html").render(said))
