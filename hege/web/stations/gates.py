"""门口图 in the office: what is known at the gate of each estate, from which report, to be looked at when."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from hege.kernel.periods import not_over
from hege.places.models import Place, PlaceLevel
from hege.places.queries import places_within
from hege.programme.alliance import actions
from hege.programme.alliance.models import GateFact
from hege.programme.alliance.queries import facts_of
from hege.web.access import Desk, opens
from hege.web.action_page import Act, Text, perform, sent
from hege.web.pages import or_404, page
from hege.web.stations import forms
from hege.web.stations.page import GatePage, Gates

#: What can be an estate (小区): what lies below a residence grid.
ESTATES = (PlaceLevel.BLOCK, PlaceLevel.MICRO_GRID, PlaceLevel.PREMISES)
LOOK_AGAIN = dt.timedelta(days=90)


def estate_or_404(desk: Desk, place_id: int) -> Place:
    """An estate in one's part of the street."""
    rows = places_within(desk.street, desk.paths("stations.see")).filter(level__in=ESTATES).select_related("street")
    return or_404(rows.filter(pk=place_id).first())


def fact_or_404(desk: Desk, place: Place, fact_id: str) -> GateFact:
    """A thing that stands on the sheet of an estate."""
    return or_404(facts_of(desk.street).filter(place=place, public_id=fact_id).first())


@opens("stations.see")
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Every estate of one's part of the street: those of which something is known first; one that is asked for."""
    estates = places_within(desk.street, desk.paths("stations.see")).filter(not_over(desk.today), level__in=ESTATES)
    form = forms.EstateForm(request.GET or None, among=estates)
    if form.is_bound and form.is_valid():
        return redirect("stations:gate", desk.street.code, form.cleaned_data["estate"].pk)
    return page(request, "stations/gates.html", {"gates": Gates(desk), "form": form})


@opens("stations.see")
def gate(request: HttpRequest, desk: Desk, place_id: int) -> HttpResponse:
    """The sheet of one estate, with what is behind each line."""
    return page(request, "stations/gate.html", {"g": GatePage(estate_or_404(desk, place_id), desk)})


def _act(desk: Desk, place: Place, title: Text, done: Text, **more: Any) -> Act:
    crumbs: list[tuple[Text, str]] = [
        (_("驿站与门口图"), desk.to("stations:index")),
        (_("门口图"), desk.to("stations:gates")),
        (place.name, desk.to("stations:gate", place.pk)),
    ]
    return Act(title, done, crumbs, **more)


@opens("stations.change")
def add(request: HttpRequest, desk: Desk, place_id: int) -> HttpResponse:
    """Write one thing on the sheet, from a report that was found true."""
    place = estate_or_404(desk, place_id)
    act = _act(desk, place, _("写上门口图"), _("已写上，门口马上看得到。"), lead=place.name)
    known = {"looked_on": desk.today, "next_look_on": desk.today + LOOK_AGAIN}
    form = forms.FactForm(sent(request), thing=place, initial=known)
    return perform(request, act, form, actions.add_gate_fact, place, template="stations/add_fact.html", place=place)


@opens("stations.change")
def look(request: HttpRequest, desk: Desk, place_id: int, fact_id: str) -> HttpResponse:
    """Somebody has looked again and found it so."""
    place = estate_or_404(desk, place_id)
    fact = fact_or_404(desk, place, fact_id)
    act = _act(desk, place, _("还是这样"), _("已记下。"), lead=fact.words)
    known = {"looked_on": desk.today, "next_look_on": desk.today + LOOK_AGAIN}
    return perform(request, act, forms.LookAgainForm(sent(request), initial=known), actions.look_at_gate_fact, fact)


@opens("stations.change")
def end(request: HttpRequest, desk: Desk, place_id: int, fact_id: str) -> HttpResponse:
    """Take one thing off the sheet."""
    place = estate_or_404(desk, place_id)
    fact = fact_or_404(desk, place, fact_id)
    act = _act(desk, place, _("从门口图拿掉"), _("已拿掉。"), lead=fact.words, danger=True)
    return perform(request, act, forms.CloseForm(sent(request)), actions.end_gate_fact, fact)
