"""调解与协议: the list of files, and one file as the case file it is."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from hege.mediation.models import Dossier
from hege.mediation.queries import agreements_due, confirmations_due, the_file
from hege.web.access import Desk, opens
from hege.web.action_page import Act
from hege.web.mediation.board import DueRow, FileList, FilePage
from hege.web.pages import page

PAGE_SIZE, MOST_DUE = 50, 8


def file_or_404(desk: Desk, file_id: str) -> Dossier:
    """The file, where this person may see it."""
    file = the_file(desk.street, file_id, paths=desk.paths("mediation.see"))
    if file is None:
        raise Http404
    return file


def crumbs_of(file: Dossier) -> list[tuple[str, str]]:
    """List, file."""
    code = file.street.code
    here = reverse("mediation:file", args=(code, file.public_id))
    return [(_("调解与协议"), reverse("mediation:index", args=(code,))), (file.number, here)]


def file_act(file: Dossier, title: str | Promise, done: str | Promise, **more: Any) -> Act:
    """The page of one verb of a file: the button says what the heading says."""
    crumbs = crumbs_of(file)
    return Act(title=title, button=more.pop("button", title), done=done, back=crumbs[-1][1], crumbs=crumbs, **more)


@opens("mediation.see")
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The mediation files, the oldest open one first; above them the agreements with the next clock."""
    found, paths = FileList(desk, request.GET.get("show", "")), desk.paths("mediation.see")
    rows = Paginator(found.ordered, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "list": found,
        "rows": rows,
        "shown": DueRow,
        "due": agreements_due(desk.street, desk.today, paths=paths)[:MOST_DUE],
        "clocks": {c.agreement.pk: c for c in confirmations_due(desk.street, desk.today, paths=paths)},
    }
    return page(request, "mediation/index.html", context)


@opens("mediation.see")
def detail(request: HttpRequest, desk: Desk, file_id: str) -> HttpResponse:
    """One file: the thirteen documents, the parties, the records, the agreement."""
    file = file_or_404(desk, file_id)
    crumbs = crumbs_of(file)[:1]
    if file.case:
        case = reverse("cases:detail", args=(desk.street.code, file.case.public_id))
        crumbs.append((_("案 %(number)s") % {"number": file.case.number}, case))
    return page(request, "mediation/detail.html", {"f": FilePage(file, desk), "file": file, "crumbs": crumbs})
