"""A pile of files: what it would do, what is asked of it, the one yes. Nothing is booked before that."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from hege.imports import piles, queries
from hege.imports.kind import Answers
from hege.imports.knowledge import missing
from hege.imports.layouts import FileKind
from hege.imports.models import Pile, StagedFile
from hege.imports.outgoing import marked_workbook
from hege.jobs.queries import under_way
from hege.jobs.rules import JobKind
from hege.kernel import clock
from hege.kernel.refused import Refused
from hege.web.access import Desk, opens
from hege.web.idempotency import idempotent
from hege.web.imports.forms import KINDS as KIND_CHOICES
from hege.web.imports.forms import FilesForm, answers_in
from hege.web.imports.found import again, asked_of_worker, file_of, is_large, pile_of
from hege.web.imports.page import PilePage, known_sentence, workbook
from hege.web.pages import page, refusals_to


@opens("imports.run")
def pile(request: HttpRequest, desk: Desk, pile_id: str) -> HttpResponse:
    """What the pile would do, as it was last looked at."""
    found = pile_of(desk, pile_id)
    if found.booked_at:
        return redirect("imports:done", desk.street.code, pile_id)
    if found.seen is None and (looking := under_way(desk.street, JobKind.LOOK, pile_id)):
        return redirect("jobs:job", desk.street.code, looking.public_id)
    return _shown(request, found, FilesForm())


@opens("imports.run")
@require_POST
@idempotent
def add(request: HttpRequest, desk: Desk, pile_id: str) -> HttpResponse:
    """Lay more files on it."""
    found, form, at = pile_of(desk, pile_id), FilesForm(request.POST, request.FILES), clock.now()
    if form.is_valid():
        with refusals_to(form):
            piles.add_to_pile(found, form.sent, by=desk.user, at=at)
            return again(desk, found)
    return _shown(request, found, form, status=422)


@opens("imports.run")
@require_POST
@idempotent
def look(request: HttpRequest, desk: Desk, pile_id: str) -> HttpResponse:
    """Look again at what it would do."""
    return again(desk, pile_of(desk, pile_id))


@opens("imports.run")
@require_POST
@idempotent
def accept(request: HttpRequest, desk: Desk, pile_id: str) -> HttpResponse:
    """Take every proposal that is one-to-one."""
    found = pile_of(desk, pile_id)
    piles.accept_proposals(found, by=desk.user, at=clock.now())
    return again(desk, found)


@opens("imports.run")
@require_POST
@idempotent
def say(request: HttpRequest, desk: Desk, pile_id: str, staged_id: str) -> HttpResponse:
    """Keep what was said of a file: its kind, its cells, the rows that were asked about; and look again."""
    found, file = file_of(desk, pile_id, staged_id)
    _keep(request, desk, file)
    return again(desk, found)


@opens("imports.run")
@require_POST
@idempotent
def confirm(request: HttpRequest, desk: Desk, pile_id: str) -> HttpResponse:
    """Book it, all or nothing."""
    found = pile_of(desk, pile_id)
    if is_large(found):
        return asked_of_worker(desk, found, JobKind.BOOK)
    outcome = piles.book_pile(found, by=desk.user, at=clock.now())
    if (
        outcome is not None and not outcome.booked
    ):  # a row was not answered, or somebody booked or changed something since
        return _shown(request, found, FilesForm(), status=422)
    if outcome is None:  # a second click, or a page that was opened again
        messages.success(request, _("这一叠已经登记，这次没有再登记。"))
    return redirect("imports:done", desk.street.code, pile_id)


@opens("imports.run")
def done(request: HttpRequest, desk: Desk, pile_id: str) -> HttpResponse:
    """What is known now, and what is missing to say who holds the money."""
    found = pile_of(desk, pile_id)
    if not found.booked_at:
        raise Refused(_("这一叠还没有登记；先看它会登记什么。"))
    known = queries.knowledge_of(desk.street, money_on=clock.today())
    context = {"sentence": known_sentence(known), "missing": missing(known), "page": PilePage(found)}
    return page(request, "imports/done.html", context)


@opens("imports.run")
@require_POST
@idempotent
def marked(request: HttpRequest, desk: Desk, pile_id: str, staged_id: str) -> HttpResponse:
    """The sender's own workbook back, with a red column of reasons."""
    found, file = file_of(desk, pile_id, staged_id)
    if not file.content:
        raise Refused(_("%(file)s 已经导入，没有要改的地方。") % {"file": file.name})
    seen = next(f for f in piles.rehearse(found, by=desk.user, at=clock.now()).files if f.sent.id == staged_id)
    if seen.outcome is None:
        raise Refused(seen.refused)
    read = replace(seen.sent.answers, columns=seen.outcome.columns["columns"])  # as it was read, whoever said so
    content = marked_workbook(seen.outcome.kind, bytes(file.content), seen.outcome.faults, read)
    return workbook(content, _("%(name)s-要改的地方") % {"name": file.name.rsplit(".", 1)[0]})


@opens("imports.run")
@require_POST
def drop_one(request: HttpRequest, desk: Desk, pile_id: str, staged_id: str) -> HttpResponse:
    """Take a file off the pile; the last one takes the pile with it."""
    found, file = file_of(desk, pile_id, staged_id)
    if found.files.count() == 1:
        return drop(request, street_code=desk.street.code, pile_id=pile_id)
    piles.drop_file(file, by=desk.user, at=clock.now())
    return again(desk, found)


@opens("imports.run")
@require_POST
def drop(request: HttpRequest, desk: Desk, pile_id: str) -> HttpResponse:
    """Let go of the pile."""
    piles.drop_pile(pile_of(desk, pile_id), by=desk.user, at=clock.now())
    messages.success(request, _("这一叠已放弃，什么都没有登记。"))
    return redirect("imports:index", desk.street.code)


def _keep(request: HttpRequest, desk: Desk, file: StagedFile) -> None:
    """Keep what a form says of a file; a form without a kind leaves it."""
    kind = request.POST.get("kind", file.kind)
    said = answers_in(request.POST.dict(), Answers.of(file.answers))
    known = FileKind(kind) if kind in FileKind.values else None
    piles.answer_file(file, said, kind=known, by=desk.user, at=clock.now())


def _shown(request: HttpRequest, found: Pile, form: FilesForm, *, status: int = 200) -> HttpResponse:
    shown = PilePage(found)
    context: dict[str, Any] = {"page": shown, "form": form, "failed": shown.asks > 0 or bool(form.errors)}
    return page(request, "imports/pile.html", {**context, "kinds": KIND_CHOICES}, status=status)
