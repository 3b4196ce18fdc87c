"""文书: the list of what was issued, one of them on its sheet, making it void."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from hege.papers.actions import void_paper
from hege.papers.models import Paper
from hege.papers.queries import the_paper
from hege.web.access import Desk, opens
from hege.web.action_page import Act, Text, verb
from hege.web.pages import or_404, page, part
from hege.web.papers.forms import VoidForm
from hege.web.papers.page import PaperList, Sheet, buttons_of, chips_of


def paper_or_404(desk: Desk, paper_id: str) -> Paper:
    """A paper, where this person may see it."""
    return or_404(the_paper(desk.street, paper_id, paths=desk.paths("papers.see")))


@opens("papers.see")
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What was issued, the latest first."""
    shown = PaperList(desk, request.GET)
    return page(request, "papers/index.html", {"list": shown, "rows": part(request, shown.rows)})


@opens("papers.see")
def paper(request: HttpRequest, desk: Desk, paper_id: str) -> HttpResponse:
    """One paper, to be printed: what was frozen, whatever the books say today."""
    found = paper_or_404(desk, paper_id)
    context = {"paper": found, "s": Sheet.of(found), "chips": chips_of(found), "buttons": buttons_of(found, desk)}
    return page(request, "papers/paper.html", context)


def _act(found: Paper, desk: Desk, title: Text, done: Text) -> Act:
    crumbs: list[tuple[Text, str]] = [
        (_("文书与公示"), desk.to("papers:index")),
        (f"{found.get_kind_display()} {found.number}", desk.to("papers:paper", found.public_id)),
    ]
    return Act(title, done, crumbs, _("纸上和校验页都写“已作废”，编号不再用。要改内容，请另出一份。"), danger=True)


void = verb(_act, paper_or_404, "papers.void", void_paper, VoidForm, _("作废这份文书"), _("已作废。"))
