"""The lines of a statement: accepted one by one or all that fit, chosen otherwise, left aside, taken back."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from hege.imports import piles
from hege.imports.kind import Answers
from hege.imports.matching import ASIDE
from hege.kernel import clock
from hege.kernel.refused import Refused
from hege.web.access import Desk, opens
from hege.web.idempotency import idempotent
from hege.web.imports.found import file_of
from hege.web.imports.learnt import whose
from hege.web.imports.lines_page import TABS, LinesPage
from hege.web.imports.page import answers_of
from hege.web.links import where
from hege.web.pages import page, part

SHOWN_DOUBTS = 500  # each is a field of the form; more go by the command line


@opens("imports.run")
@idempotent
def lines(request: HttpRequest, desk: Desk, pile_id: str, staged_id: str) -> HttpResponse:
    """What each line is taken for and why; sent, what is said of one, or of all that fit, is kept."""
    found, file = file_of(desk, pile_id, staged_id)
    if found.booked_at:
        return redirect("imports:done", desk.street.code, pile_id)
    sent = request.POST if request.method == "POST" else request.GET
    told = LinesPage(found, file, sent.get("tab", ""))
    row = sent.get("row", "")
    at = int(row) if row.isdecimal() and len(row) < len("10000000") else 0
    if request.method == "POST":
        said = _said(told, request.POST.get("do", ""), at, request.POST.get("code", "")[:200])
        piles.answer_file(file, said, kind=told.kind, by=desk.user, at=clock.now())
        onward = {"tab": told.tab, "page": request.POST.get("page", "1"), "row": _next(told, at)}
        address = where("imports:lines", desk.street.code, pile_id, staged_id)
        return redirect(f"{address}?{urlencode(onward)}#line-{onward['row']}")
    shown = part(request, told.of_tab[told.tab])
    first = next((line.row for line in shown.object_list if line.state == "asked"), 0)
    here = at if any(line.row == at for line in shown.object_list) else first
    context = {
        "pile": found, "file": file, "told": told, "shown": shown, "at": here, "tabs": _tabs(told), "whose": whose,
        "doubts": told.doubts[:SHOWN_DOUBTS], "answers_of": answers_of, "done": len(told.water) - len(told.open),
    }  # fmt: skip
    return page(request, "imports/lines.html", context)


def _said(told: LinesPage, do: str, row: int, code: str) -> Answers:
    """What a press of a button says. Raises ``Refused`` for what no button says."""
    line = next((line for line in told.lines if line.row == row), None)
    if do == "all":
        return told.accepted(told.open_sure)
    if line is None:
        raise Refused(_("这份文件里没有这一行，请再看一遍。"))
    if do == "undo":
        return told.undone(row)
    if do == ASIDE:
        return told.chosen(row, ASIDE)
    if do != "take" or code not in told.labels:
        raise Refused(_("请选这一笔是哪一家的。"), field="code")
    return told.chosen(row, code)


def _next(told: LinesPage, row: int) -> int:
    """The next line that nobody has decided, behind one that was; the line itself where there is none."""
    open_ = [line.row for line in told.of_tab[told.tab] if line.state == "asked" and line.row != row]
    return next((number for number in open_ if number > row), open_[0] if open_ else row)


def _tabs(told: LinesPage) -> list[dict[str, object]]:
    names = dict(zip(TABS, (_("水费"), _("要您看"), _("一对一"), _("放一边")), strict=True))
    counts = {tab: len(of) for tab, of in told.of_tab.items()} | {"aside": told.n_aside}
    return [{"label": names[t], "href": f"?tab={t}", "current": t == told.tab, "count": counts[t]} for t in TABS]
