"""Answering with a page, a panel of it, or a form that came back: what every view ends in."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from http import HTTPStatus
from types import TracebackType
from typing import Any, TypeVar

from django.core.paginator import Page, Paginator
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse
from django.template import engines
from django.template.backends.utils import csrf_token_lazy
from django.utils.cache import patch_vary_headers

from hege.kernel.refused import Refused, RefusedAll, Stale
from hege.web.access import desk_of
from hege.web.jinja import FormToken
from hege.web.shell import Shell

T = TypeVar("T")


def page(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    status: int = HTTPStatus.OK,
    panels: Collection[str] = (),
) -> HttpResponse:
    """A page, or, when htmx asks for one of its ``panels``, that block of it alone.

    A panel is a Jinja block whose name is also the id of the element it fills
    (``<div id="rows">{% block rows %}…{% endblock %}</div>``), so that after a swap the page equals a fresh load.
    Every template has ``request``, ``desk`` (``None`` on public pages), ``shell``, ``csrf_input`` and ``failed``.
    """
    values = {"desk": desk_of(request), "shell": Shell(request), "failed": False, **(context or {})}
    target = _wanted_panel(request)
    body = _block(request, template, target, values) if target in panels else _whole(request, template, values)
    response = HttpResponse(body, status=status)
    if panels:
        patch_vary_headers(response, ("HX-Request", "HX-Target"))
    return response


def refused_page(request: HttpRequest, no: Refused, status: HTTPStatus) -> HttpResponse:
    """A refusal that stands in no form, in words."""
    return page(request, "errors/refused.html", {"reason": str(no.reason), "status": int(status)}, status=status)


def form_page(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any],
    *forms: BaseForm,
    panels: Collection[str] = (),
) -> HttpResponse:
    """A page with one or more forms on it: 200 when fresh, 422 with everything typed when one came back.

    A form that was refused because somebody else changed the thing meanwhile comes back with 409.
    """
    failed = any(form.is_bound and form.errors for form in forms)
    stale = any(getattr(form, "stale", False) for form in forms)
    status = HTTPStatus.CONFLICT if stale else HTTPStatus.UNPROCESSABLE_ENTITY if failed else HTTPStatus.OK
    return page(request, template, {**context, "failed": failed}, status=status, panels=panels)


def part(request: HttpRequest, rows: Any, each: int = 50) -> Page[Any]:
    """The part of a long list that the address asks for (``?page=2``); the nearest one there is. Within ``in_parts`` it is
    as large as that says."""
    wanted = asked_parts()
    if wanted is None:
        return Paginator(rows, each).get_page(request.GET.get("page"))
    pages = Paginator(rows, wanted.each)
    wanted.rows = max(wanted.rows, pages.count)
    return pages.get_page(wanted.number)


@dataclass
class Parts:
    """How lists are divided while they are taken along: rows of a part, which part, asked for one after another; and how many
    rows the longest list has. ``beyond``: where a list by stretches goes on."""

    each: int
    number: int = 1
    rows: int = 0
    beyond: Any = None


#: None while lists are shown as their pages divide them.
_PARTS: ContextVar[Parts | None] = ContextVar("parts", default=None)


def asked_parts() -> Parts | None:
    """How lists are divided that are taken along; None where pages divide them."""
    return _PARTS.get()


@contextmanager
def in_parts(wanted: Parts) -> Iterator[None]:
    """Within it lists are divided as ``wanted`` says, which is told how many rows there are."""
    before = _PARTS.set(wanted)
    try:
        yield
    finally:
        _PARTS.reset(before)


def or_404(row: T | None) -> T:
    """What was found where this person may see it; 404 where nothing was."""
    if row is None:
        raise Http404
    return row


class refusals_to:  # noqa: N801  # reads as a phrase: ``with refusals_to(form): …``
    """Within it a ``Refused`` becomes an error of the form, at its field when it names one.

    The block is left, not the view: put ``return redirect(…)`` inside it and ``return form_page(…)`` after it.
    """

    def __init__(self, form: BaseForm) -> None:
        self.form = form

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, no: BaseException | None, tb: TracebackType | None) -> bool:
        if not isinstance(no, Refused):
            return False
        for one in no.refusals if isinstance(no, RefusedAll) else (no,):
            self.form.add_error(one.field if one.field in self.form.fields else None, str(one.reason))
        if isinstance(no, Stale):
            self.form.stale = True  # type: ignore[attr-defined]  # read by form_page() alone
        return True


def is_htmx(request: HttpRequest) -> bool:
    """Whether htmx asks for a fragment; a boosted link wants the whole page."""
    return request.META.get("HTTP_HX_REQUEST") == "true" and request.META.get("HTTP_HX_BOOSTED") != "true"


def _wanted_panel(request: HttpRequest) -> str:
    return request.headers.get("HX-Target", "") if is_htmx(request) else ""


def _whole(request: HttpRequest, template: str, values: dict[str, Any]) -> str:
    return str(engines["jinja2"].get_template(template).render({**_backend_values(request), **values}))


def _block(request: HttpRequest, template: str, block: str, values: dict[str, Any]) -> str:
    backend = engines["jinja2"].get_template(template)
    jinja = backend.template  # type: ignore[attr-defined]  # the Jinja template within Django's wrapper
    context = jinja.new_context({**_backend_values(request), **values})
    return "".join(jinja.blocks[block](context))


def _backend_values(request: HttpRequest) -> dict[str, Any]:
    """What Django's Jinja2 backend would put into every page; ``csrf_input`` brings an idempotency key with it."""
    return {"request": request, "csrf_input": FormToken(request), "csrf_token": csrf_token_lazy(request)}
