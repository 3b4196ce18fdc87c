"""今天: each role's first page answers its question of the day."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from hege.people.models import Role
from hege.web.access import Desk, opens
from hege.web.pages import page
from hege.web.shared.picture import pictured, worst_first
from hege.web.shared.scope import points_of
from hege.web.today.page import Board, ProofDesk, steps_of, to_agree


@opens("today.see")
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The agent: what they hold. The auditor of the whole street: what is proven. Everybody else: what is due, worst first."""
    if desk.roles == {Role.AGENT}:
        rows = pictured(desk, list(worst_first(desk, points_of(desk)))[:50])
        mine = desk.party_ids("meters.see") or ()
        held = sum(a.held for r in rows for a in r.holding.confirmed.agents if a.party_id in mine)
        return page(request, "today/agent.html", {"held": held, "rows": rows})
    if desk.roles == {Role.AUDITOR} and desk.may("trail.see"):  # the proof is of the whole street
        return page(request, "today/auditor.html", {"proof": ProofDesk(desk)})
    board = Board(desk, request.GET.get("show", ""))
    return page(request, "today/board.html", {"board": board, "start": steps_of(desk), "to_agree": to_agree(desk)})
