"""Which column of a file is which of ours: its own sheet as it stands, with a choice above each column."""

from __future__ import annotations

from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from hege.imports import piles
from hege.imports.kind import Answers
from hege.imports.layouts import FileKind
from hege.imports.memory import forget_mapping, remember_mapping
from hege.imports.models import StagedFile
from hege.kernel import clock
from hege.kernel.refused import Refused
from hege.web.access import Desk, opens
from hege.web.idempotency import idempotent
from hege.web.imports.forms import COLUMN, CONSTANT, KINDS, named
from hege.web.imports.found import again, file_of
from hege.web.imports.sheet_page import SheetPage
from hege.web.pages import page

ASKED = "asked-"


@opens("imports.run")
@idempotent
def columns(request: HttpRequest, desk: Desk, pile_id: str, staged_id: str) -> HttpResponse:
    """The sheet, what each column is taken for and why; sent, it is kept and the pile is looked at again."""
    found, file = file_of(desk, pile_id, staged_id)
    if found.booked_at:
        return redirect("imports:done", desk.street.code, pile_id)
    sheet = SheetPage(desk.street, file)
    if request.method != "POST":
        context = {"pile": found, "file": file, "page": sheet, "kinds": KINDS, "failed": bool(sheet.wrong)}
        return page(request, "imports/columns.html", context)
    if sheet.mapping is None:
        raise Refused(sheet.refused)
    _say(request, desk, file, sheet)
    now = SheetPage(desk.street, file)
    if now.wrong or now.mapping is None or now.table is None:
        return redirect("imports:columns", desk.street.code, pile_id, staged_id)
    if "remember" in request.POST:
        remember_mapping(
            desk.street, now.layout, now.table, now.mapping, file_name=file.name, by=desk.user, at=clock.now()
        )
    return again(desk, found)


def _say(request: HttpRequest, desk: Desk, file: StagedFile, sheet: SheetPage) -> None:
    said = sheet.said(*(named(request.POST, name) for name in (COLUMN, ASKED, CONSTANT)))
    _keep(desk, file, said, sheet.kind)


@opens("imports.run")
@require_POST
@idempotent
def read_as(request: HttpRequest, desk: Desk, pile_id: str, staged_id: str) -> HttpResponse:
    """Take a file for another kind, or another of its sheets; what was said of its columns falls with that."""
    _found, file = file_of(desk, pile_id, staged_id)
    word, before = request.POST.get("kind", ""), Answers.of(file.answers)
    kind = FileKind(word) if word in FileKind.values else None
    _keep(desk, file, Answers(sheet=request.POST.get("sheet", before.sheet)[:100]), kind)
    return redirect("imports:columns", desk.street.code, pile_id, staged_id)


def _keep(desk: Desk, file: StagedFile, said: Answers, kind: FileKind | None) -> None:
    piles.answer_file(file, said, kind=kind, by=desk.user, at=clock.now())
    file.refresh_from_db(fields=["answers", "kind"])


@opens("imports.run")
@require_POST
@idempotent
def forget(request: HttpRequest, desk: Desk, pile_id: str, staged_id: str) -> HttpResponse:
    """Forget how the columns of this sender's files were said to be, and propose anew."""
    _found, file = file_of(desk, pile_id, staged_id)
    known = SheetPage(desk.street, file).remembered
    if known is not None:
        forget_mapping(known, by=desk.user, at=clock.now())
    return redirect("imports:columns", desk.street.code, pile_id, staged_id)


@opens("imports.run")
def original(request: HttpRequest, desk: Desk, pile_id: str, staged_id: str) -> HttpResponse:
    """The file as it came."""
    _found, file = file_of(desk, pile_id, staged_id)
    if not file.content:
        raise Refused(_("%(file)s 已经登记，原文件在账里。") % {"file": file.name})
    name = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name)}"}
    return HttpResponse(bytes(file.content), content_type="application/octet-stream", headers=name)
