"""您的个人信息: what is held on who is signed in, with what for and until when; all of it as a file, on the trail."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from hege.kernel import clock
from hege.people.models import User
from hege.privacy.actions import take_copy
from hege.privacy.queries import Held, held_on
from hege.privacy.rules import word
from hege.web.access import signed_in
from hege.web.pages import page
from hege.web.shared.cells import plain
from hege.web.trail.page import VERBS

#: Rows of a kind on the page; all of them are in the file.
MOST = 5


class Kind(NamedTuple):
    """What is held of one kind, as the page and the files show it: of each row what it says, by its words."""

    name: str
    why: str
    kept: str
    rows: list[dict[str, str]]
    more: bool


@signed_in
@require_safe
def held(request: HttpRequest) -> HttpResponse:
    """The latest of each kind, by what it is for."""
    assert isinstance(request.user, User)
    by_purpose: dict[str, list[Kind]] = {}
    for kind in kinds(held_on(request.user, most=MOST)):
        by_purpose.setdefault(kind.why, []).append(kind)
    return page(request, "account/held.html", {"by_purpose": by_purpose, "at": clock.now()})


@signed_in
@require_POST
def held_copy(request: HttpRequest) -> HttpResponse:
    """All of it, as a table or for a program."""
    assert isinstance(request.user, User)
    at = clock.now()
    found = kinds(take_copy(request.user, by=request.user, at=at))
    as_json = request.POST.get("as") == "json"
    name = f"{request.user.username}-{clock.day_of(at)}.{'json' if as_json else 'csv'}"
    response = HttpResponse(
        _json(found) if as_json else _csv(found),
        content_type="application/json" if as_json else "text/csv; charset=utf-8",
    )
    response.headers["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    return response


def kinds(found: Iterable[Held]) -> list[Kind]:
    """What is held, in words."""
    return [Kind(str(h.name), str(h.why), str(h.kept), [_said(h.heads, row) for row in h.rows], h.more) for h in found]


def _said(heads: Iterable[str], row: Iterable[str]) -> dict[str, str]:
    cells = zip(heads, row, strict=True)
    return {str(word(head)): str(VERBS.get(said, said)) if head == "verb" else said for head, said in cells if said}


def _json(found: list[Kind]) -> str:
    shown: list[dict[str, Any]] = [{"kind": k.name, "for": k.why, "kept": k.kept, "rows": k.rows} for k in found]
    return json.dumps(shown, ensure_ascii=False, indent=1)


def _csv(found: list[Kind]) -> str:
    """One line for each thing a row says: kinds have columns of their own. With the mark by which spreadsheets know UTF-8."""
    out = io.StringIO("\ufeff")
    out.seek(0, io.SEEK_END)
    lines = csv.writer(out)
    lines.writerow([_("种类"), _("用来"), _("保存到"), _("第几条"), _("项"), _("内容")])
    for kind in found:
        for number, row in enumerate(kind.rows, 1):
            lines.writerows([kind.name, kind.why, kind.kept, number, what, plain(said)] for what, said in row.items())
    return out.getvalue()
