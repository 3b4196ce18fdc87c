"""驿站: where riders rest, what each has, when it is open, who looked last; the lines its maps are drawn with."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from hege.kernel import clock
from hege.programme.alliance import actions
from hege.programme.alliance.models import Station
from hege.programme.alliance.queries import map_of, stations_of
from hege.web.access import Desk, opens
from hege.web.action_page import Act, Text, perform, sent, sent_with_files
from hege.web.pages import or_404, page
from hege.web.shared.whereabouts import map_of_street
from hege.web.stations import forms
from hege.web.stations.page import Gates, StationRow, Stations


def station_or_404(desk: Desk, station_id: str, verb: str = "stations.see") -> Station:
    """A station of one's part of the street."""
    return or_404(stations_of(desk.street, paths=desk.paths(verb)).filter(public_id=station_id).first())


@opens("stations.see")
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The stations, those to be looked at first, and the estates of which something is known at the gate."""
    stations = Stations(desk, request.GET.get("show", ""), clock.now())
    return page(request, "stations/index.html", {"list": stations, "gates": Gates(desk)})


@opens("stations.see")
def station(request: HttpRequest, desk: Desk, station_id: str) -> HttpResponse:
    """One station on its map, with its week."""
    found = StationRow(station_or_404(desk, station_id), desk, clock.now())
    return page(request, "stations/station.html", {"s": found})


def _act(desk: Desk, title: Text, done: Text, found: Station | None = None, **more: Any) -> Act:
    crumbs: list[tuple[Text, str]] = [(_("驿站与门口图"), desk.to("stations:index"))]
    if found is not None:
        crumbs.append((found.name, desk.to("stations:station", found.public_id)))
    return Act(title, done, crumbs, **more)


@opens("stations.change")
def new(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Open a station."""
    act = _act(desk, _("开驿站"), _("已开，骑手马上看得到。"))
    act.onward = lambda made: desk.to("stations:station", made.public_id)
    form = forms.StationForm(sent(request), desk=desk, initial={"alike": True})
    return perform(request, act, form, actions.open_station, desk.street, template="stations/form.html")


@opens("stations.change")
def amend(request: HttpRequest, desk: Desk, station_id: str) -> HttpResponse:
    """Change what is told of a station."""
    found = station_or_404(desk, station_id)
    form = forms.StationForm(sent(request), desk=desk, initial=forms.StationForm.known(found))
    act = _act(desk, _("改驿站"), _("已改好，骑手马上看得到。"), found, lead=found.name)
    return perform(request, act, form, actions.amend_station, found, template="stations/form.html")


@opens("stations.change")
def look(request: HttpRequest, desk: Desk, station_id: str) -> HttpResponse:
    """Somebody was there and found it as it is told."""
    found = station_or_404(desk, station_id)
    lead = _("设施和开放时间都对得上，才按这个；对不上的先改。")
    act = _act(desk, _("去看过了"), _("已记下。"), found, lead=lead)
    return perform(
        request, act, forms.LookForm(sent(request), initial={"looked_on": desk.today}), actions.look_at_station, found
    )


@opens("stations.change")
def close(request: HttpRequest, desk: Desk, station_id: str) -> HttpResponse:
    """Close a station for good."""
    found = station_or_404(desk, station_id)
    lead = _("撤掉以后骑手看不到它；只是几天不开，请改开放时间。")
    act = _act(desk, _("撤驿站"), _("已撤掉。"), found, lead=lead, danger=True)
    return perform(request, act, forms.CloseForm(sent(request)), actions.close_station, found)


@opens("places.change")
def draw(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Take in the roads and rivers that the maps are drawn with."""
    act = _act(
        desk,
        _("画底图"),
        _("已换上，驿站和门口的图都用它。"),
        lead=_("新的一份整个顶替原来的；网格边界在“网格”里导入。"),
    )
    form = forms.LinesForm(*sent_with_files(request))
    shown = {"map": map_of_street(desk.street, (), on=desk.today), "drawn": map_of(desk.street)}
    return perform(request, act, form, actions.draw_map, desk.street, template="stations/draw.html", **shown)
