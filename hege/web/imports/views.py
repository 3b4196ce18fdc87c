"""Choosing files, and the templates to fill in."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from hege.imports import queries
from hege.imports.kinds import KINDS
from hege.imports.knowledge import missing
from hege.imports.layouts import TEMPLATES, FileKind
from hege.imports.outgoing import template_workbook
from hege.imports.piles import stage_pile
from hege.kernel import clock
from hege.web.access import Desk, opens
from hege.web.idempotency import idempotent
from hege.web.imports.forms import FilesForm
from hege.web.imports.found import again
from hege.web.imports.page import workbook
from hege.web.pages import form_page, page, refusals_to


@opens("imports.see")
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Choose files; what is still missing to say who holds the money, the templates, and what was imported last."""
    kind = request.GET.get("kind", "")
    form = FilesForm(initial={"kind": kind if kind in FileKind.values else ""})
    return page(request, "imports/index.html", _choosing(desk, form))


@opens("imports.run")
@require_POST
@idempotent
def choose(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The files wait for their sender alone, with what they would do beside them; nothing is booked."""
    form = FilesForm(request.POST, request.FILES)
    if form.is_valid():
        with refusals_to(form):
            return again(desk, stage_pile(desk.street, form.sent, by=desk.user, at=clock.now()))
    return form_page(request, "imports/index.html", _choosing(desk, form), form)


@opens("imports.see")
def template(request: HttpRequest, desk: Desk, kind: str) -> HttpResponse:
    """An empty workbook of a kind, with one example row and the notes sheet."""
    if kind not in TEMPLATES:
        raise Http404
    return workbook(template_workbook(FileKind(kind)), str(FileKind(kind).label))


def _choosing(desk: Desk, form: FilesForm) -> dict[str, Any]:
    return {
        "form": form,
        "kinds": [(kind, KINDS[kind].layout) for kind in TEMPLATES],
        "files": queries.recent_files(desk.street),
        "missing": missing(queries.knowledge_of(desk.street)),
    }
