"""今天: each role's first page answers its question of the day."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from hege.people.models import Role
from hege.places.models import Unit
from hege.web.access import Desk, opens
from hege.web.action_page import Act, perform, sent_with_files
from hege.web.files import takes_files
from hege.web.links import where
from hege.web.month.page import MonthPage
from hege.web.pages import form_page, or_404, page
from hege.web.shared.picture import pictured, worst_first
from hege.web.shared.scope import points_of
from hege.web.today.administrator import AdministratorDesk
from hege.web.today.forms import VisitedForm
from hege.web.today.lists import own_list
from hege.web.today.mediator import MediatorDesk
from hege.web.today.page import Board, ProofDesk, steps_of, to_agree
from hege.web.today.round import Round


@takes_files(VisitedForm)
@opens("meters.visit")
def visit(request: HttpRequest, desk: Desk, code: str, unit_code: str) -> HttpResponse:
    """One stop of a round: what was said there and a picture; written down, it leads to the next."""
    walk = Round(desk, code, unit_code)
    here = or_404(walk.stop)
    unit = get_object_or_404(Unit.objects.select_related("street"), street=desk.street, code=here.code)
    back = walk.skip_href or where("today:index", desk.street.code)
    act = Act(_("走访"), _("已记下：%(shop)s。") % {"shop": unit.name}, back=back)
    form = VisitedForm(*sent_with_files(request))
    return perform(request, act, form, walk.write_down, unit, template="today/round.html", r=walk)


@opens("today.see")
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The leader: the month in sums. The agent: what they hold. The grid worker: which stop is next. The auditor of the whole street: what is proven. Everybody else: what is due, worst first."""
    if desk.roles == {Role.LEADER} and desk.may("month.see"):
        return page(request, "month/index.html", {"m": MonthPage(desk, desk.today.replace(day=1))})
    if desk.roles == {Role.AGENT}:
        rows = pictured(desk, list(worst_first(desk, points_of(desk)))[:50])
        mine = desk.party_ids("meters.see") or ()
        held = sum(a.held for r in rows for a in r.holding.confirmed.agents if a.party_id in mine)
        return page(request, "today/agent.html", {"held": held, "rows": rows})
    if desk.roles == {Role.AUDITOR} and desk.may("trail.see"):  # the proof is of the whole street
        return page(request, "today/auditor.html", {"proof": ProofDesk(desk)})
    if desk.roles == {Role.GRID_WORKER} and "show" not in request.GET:
        walk = Round(desk, request.GET.get("meter", ""))
        if walk.point is not None:
            return form_page(request, "today/round.html", {"r": walk, "form": VisitedForm()})
    if desk.roles == {Role.ADMINISTRATOR} and desk.may("wellness.see") and "show" not in request.GET:
        known = {"a": AdministratorDesk(desk), "start": steps_of(desk), "to_agree": to_agree(desk)}
        return page(request, "today/administrator.html", known)
    if desk.roles == {Role.MEDIATOR} and "show" not in request.GET:
        return page(request, "today/mediator.html", {"m": MediatorDesk(desk)})
    if "show" not in request.GET and (own := own_list(desk)) is not None:
        return page(request, "today/list.html", {"own": own})
    board = Board(desk, request.GET.get("show", ""))
    return page(request, "today/board.html", {"board": board, "start": steps_of(desk), "to_agree": to_agree(desk)})
