"""Choose, see, confirm: three steps on one page. Nothing is booked before the third."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from hege.imports import queries
from hege.imports.actions import import_staged, preview_file, stage_file
from hege.imports.kinds import KINDS
from hege.imports.layouts import TEMPLATES, FileKind
from hege.imports.looking import Outcome
from hege.imports.models import StagedFile
from hege.imports.outgoing import marked_workbook, template_workbook
from hege.imports.report import meter_lines, question, summary, total_lines
from hege.kernel import clock
from hege.kernel.refused import Refused
from hege.web.access import Desk, opens
from hege.web.idempotency import idempotent
from hege.web.imports.forms import ROW, FileForm, answers_in
from hege.web.pages import form_page, page, refusals_to

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHOWN_FAULTS, SHOWN_CHANGES, SHOWN_METERS = 50, 50, 20
SHOWN_DOUBTS = 500  # each is a field of the form; more go by the command line


@opens("imports.see")
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The first step, the templates, and what was imported last."""
    kind = request.GET.get("kind", "")
    form = FileForm(initial={"kind": kind if kind in FileKind.values else ""})
    return page(request, "imports/index.html", _choosing(desk, form))


@opens("imports.run")
@require_POST
@idempotent
def check(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The second step: what the file would do. The file waits for its sender alone; nothing is booked."""
    form = FileForm(request.POST, request.FILES)
    if form.is_valid():
        with refusals_to(form):
            at, file = clock.now(), form.cleaned_data["file"]
            content = file.read()
            outcome = preview_file(desk.street, form.wanted, file.name or "", content, by=desk.user, at=at)
            if form.wanted is None:
                outcome.notices.insert(
                    0, _("看表头认作“%(kind)s”；不对请在下面选明再预览。") % {"kind": outcome.kind.label}
                )
            staged = stage_file(desk.street, outcome.kind, file.name or "", content, by=desk.user, at=at)
            return _seen(request, desk, staged, outcome)
    return form_page(request, "imports/index.html", _choosing(desk, form), form)


@opens("imports.run")
@require_POST
@idempotent
def confirm(request: HttpRequest, desk: Desk, staged_id: str) -> HttpResponse:
    """The third step: book it, all or nothing."""
    staged = _staged(desk, staged_id)
    outcome = import_staged(staged, by=desk.user, at=clock.now(), answers=answers_in(request.POST))
    if outcome is None:  # a second click, or a page that was opened again
        messages.success(request, _("%(file)s 已经导入，这次没有再登记。") % {"file": staged.name})
        return redirect("imports:index", desk.street.code)
    if outcome.stopped:  # a row was not answered, or somebody booked or changed something since the preview
        return _seen(request, desk, staged, outcome, status=422)
    messages.success(request, _("%(file)s：%(what)s") % {"file": outcome.file, "what": summary(outcome)})
    for notice in outcome.notices[:5]:
        messages.warning(request, notice)
    return redirect("imports:index", desk.street.code)


@opens("imports.run")
@require_POST
@idempotent
def marked(request: HttpRequest, desk: Desk, staged_id: str) -> HttpResponse:
    """The sender's own workbook back, with a red column of reasons."""
    staged = _staged(desk, staged_id)
    kind, content = FileKind(staged.kind), bytes(staged.content)
    if not content:
        raise Refused(_("%(file)s 已经导入，没有要改的地方。") % {"file": staged.name})
    outcome = preview_file(desk.street, kind, staged.name, content, by=desk.user, at=clock.now())
    stem = staged.name.rsplit(".", 1)[0]
    return _workbook(marked_workbook(kind, content, outcome.faults), _("%(name)s-要改的地方") % {"name": stem})


@opens("imports.see")
def template(request: HttpRequest, desk: Desk, kind: str) -> HttpResponse:
    """An empty workbook of a kind, with one example row and the notes sheet."""
    if kind not in TEMPLATES:
        raise Http404
    return _workbook(template_workbook(FileKind(kind)), str(FileKind(kind).label))


def _staged(desk: Desk, staged_id: str) -> StagedFile:
    waiting = StagedFile.objects.filter(street=desk.street, owner=desk.user, expires_at__gt=clock.now())
    staged = waiting.filter(public_id=staged_id).first()
    if staged is None:
        raise Refused(_("这份文件已过了确认的时间，请重新选择。"))
    return staged


def _choosing(desk: Desk, form: FileForm) -> dict[str, Any]:
    kinds = [(kind, KINDS[kind].layout) for kind in TEMPLATES]
    return {"form": form, "kinds": kinds, "files": queries.recent_files(desk.street), "outcome": None}


def _seen(request: HttpRequest, desk: Desk, staged: StagedFile, outcome: Outcome, *, status: int = 200) -> HttpResponse:
    context = {
        **_choosing(desk, FileForm(initial={"kind": staged.kind})),
        "staged": staged,
        "outcome": outcome,
        "summary": summary(outcome),
        "faults": outcome.faults[:SHOWN_FAULTS],
        "changes": outcome.changes[:SHOWN_CHANGES],
        "doubts": [(doubt, question(doubt)) for doubt in outcome.doubts[:SHOWN_DOUBTS]],
        "said": {name: value for name, value in request.POST.items() if name.startswith(ROW)},
        "totals": total_lines(outcome.before, outcome.after),
        "meters": meter_lines(outcome)[:SHOWN_METERS],
        "failed": bool(outcome.faults),
    }
    return page(request, "imports/index.html", context, status=422 if outcome.faults else status)


def _workbook(content: bytes, stem: str) -> HttpResponse:
    name = quote(f"{stem}.xlsx")
    return HttpResponse(
        content, content_type=XLSX, headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    )
