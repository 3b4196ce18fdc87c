"""For everybody: stations that are open and near, and the sheet for the gate of an estate."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from hege.kernel import clock
from hege.kernel.clock import day_of
from hege.programme.alliance.queries import estates_told
from hege.web.access import public
from hege.web.nearby.page import Gate, Nearby, street_or_404
from hege.web.pages import page
from hege.web.shared.printed_code import SVG, drawn_code

BECAUSE = "where one may rest, and by which gate one gets in, is for everybody who rides; it is about no person"


@public(BECAUSE, listed=True, asks_for="geolocation")
@require_safe
def stations(request: HttpRequest, town_code: str) -> HttpResponse:
    """The stations of a street: open now and nearest first, then the map. Where one is, one chooses, or nobody is told."""
    shown = Nearby(street_or_404(town_code), request.GET.get("near", ""), clock.now())
    return page(request, "nearby/stations.html", {"n": shown})


@public(BECAUSE, listed=True)
@require_safe
def gates(request: HttpRequest, town_code: str) -> HttpResponse:
    """The estates of a street that have a sheet for their gate."""
    street = street_or_404(town_code)
    estates = estates_told(street, on=day_of(clock.now()))
    return page(request, "nearby/gates.html", {"street": street, "estates": estates})


@public(BECAUSE, listed=True)
@require_safe
def gate(request: HttpRequest, town_code: str, estate_code: str) -> HttpResponse:
    """The sheet for one gate; printed, one page of A4."""
    return page(request, "nearby/gate.html", {"g": Gate(street_or_404(town_code), estate_code, clock.now())})


@public(BECAUSE, kept_for=3600)
@require_safe
def code(request: HttpRequest, town_code: str, estate_code: str) -> HttpResponse:
    """The code on the printed sheet: its own address."""
    found = Gate(street_or_404(town_code), estate_code, clock.now())
    return HttpResponse(drawn_code(found.address, error="q", quiet=2), content_type=SVG)
