"""A newspaper's roll: pasted, read beside its own text, its doubts decided by a person, its cells taken in as drafts."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from hege.honours import actions, queries
from hege.honours.models import Clipping, Honour
from hege.kernel import clock
from hege.web.access import Desk, opens
from hege.web.action_page import Act, perform, sent
from hege.web.honours import forms
from hege.web.honours.page import ClippingPage
from hege.web.pages import or_404, page, part


@opens("honours.take_in")
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The texts that were pasted, the newest first."""
    return page(request, "honours/clippings.html", {"rows": part(request, queries.clippings_of(desk.street))})


@opens("honours.take_in")
def new(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Paste a newspaper's table."""
    lead = _("从报纸网页或文件里选中整张荣誉榜，复制后贴进来。原文一个字不改，读不准的地方会问您，不猜。")

    def onward(made: Clipping) -> str:
        return desk.to("honours:clipping", made.public_id)

    act = Act(_("读荣誉榜"), "", [(_("荣誉榜"), desk.to("honours:index"))], lead, _("读出来看"), onward=onward)
    return perform(request, act, forms.ClippingForm(sent(request)), actions.take_in_clipping, desk.street)


def _clipping(desk: Desk, clipping_id: str) -> Clipping:
    return or_404(queries.the_clipping(desk.street, clipping_id))


@opens("honours.take_in")
def read(request: HttpRequest, desk: Desk, clipping_id: str) -> HttpResponse:
    """Each cell beside what was read in it and what is asked; sent, the cells that are ticked become drafts."""
    found = ClippingPage(_clipping(desk, clipping_id), desk)
    form = forms.CellsForm(sent(request), page=found)
    act = Act(_("存成草稿"), _taken, back=desk.to("honours:index"))
    action = partial(actions.draft_honours, clipping=found.clipping)
    return perform(request, act, form, action, desk.street, template="honours/clipping.html", c=found)


def _taken(made: list[Honour]) -> str:
    n = len(made)
    return ngettext("存成 %(num)s 份草稿，等另一个人核对。", "存成 %(num)s 份草稿，等另一个人核对。", n) % {"num": n}


@opens("honours.take_in")
@require_POST
def decide(request: HttpRequest, desk: Desk, clipping_id: str) -> HttpResponse:
    """Say what one doubt is."""
    clipping = _clipping(desk, clipping_id)
    cell, doubt = request.POST.get("cell", ""), request.POST.get("doubt", "")
    number = int(cell) if cell.isdecimal() and len(cell) < 6 else 0
    actions.decide_doubt(
        clipping, cell=number, doubt=doubt, choice=request.POST.get("choice", ""), by=desk.user, at=clock.now()
    )
    return redirect(f"{desk.to('honours:clipping', clipping_id)}#cell-{number}")


@opens("honours.take_in")
@require_POST
def confirm(request: HttpRequest, desk: Desk, clipping_id: str) -> HttpResponse:
    """Agree to everything that was proposed and nobody has decided: titles over two lines are one."""
    clipping = _clipping(desk, clipping_id)
    n = 0
    for doubt in ClippingPage(clipping, desk).proposed:
        actions.decide_doubt(
            clipping, cell=doubt.cell, doubt=doubt.key, choice=str(doubt.chosen), by=desk.user, at=clock.now()
        )
        n += 1
    messages.success(request, ngettext("%(num)s 处接成一行。", "%(num)s 处接成一行。", n) % {"num": n})
    return redirect("honours:clipping", desk.street.code, clipping_id)
