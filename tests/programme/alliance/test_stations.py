"""Stations open, are looked at, change and close."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from hege.kernel.clock import at_noon
from hege.kernel.refused import Refused
from hege.people.models import Street
from hege.programme.alliance.actions import amend_station, close_station, look_at_station, open_station
from hege.programme.alliance.models import Station
from hege.trail.models import TrailLine
from tests.programme.alliance.conftest import AT, HOURS, ON, Town

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def test_who_opens_a_station_has_seen_it(town: Town):
    station = town.station(unit=town.unit())
    station.refresh_from_db()
    assert (station.facilities, station.hours) == (["rest", "drinking_water"], HOURS)
    assert (station.looked_on, station.looked_by, station.opened_at) == (ON, town.cast.coordinator, AT)


def test_two_stations_of_one_name_would_be_taken_for_each_other(town: Town):
    first = town.station()
    with pytest.raises(Refused, match="换个名称") as refused:
        town.station()
    assert refused.value.field == "name"
    close_station(first, reason="房子收回", **town.who)
    assert town.station().pk != first.pk


def test_a_grid_of_another_street_is_none(town: Town, other_street: Street):
    with pytest.raises(ValueError, match="another street"):
        open_station(other_street, name="甲", place=town.grid, address="乙", facilities=[], hours=HOURS, **town.who)


def test_the_trail_says_what_was_changed_and_from_what(town: Town):
    station = town.station()
    told: dict[str, Any] = {
        "name": station.name, "place": town.estate, "address": station.address, "facilities": ["toilet"], "hours": HOURS,
        "lon_e6": None, "lat_e6": None, "unit": None,
    }  # fmt: skip
    changed = amend_station(station, **told, **town.who)
    assert (changed.place, changed.facilities, changed.lon_e6) == (town.estate, ["toilet"], None)
    line = TrailLine.objects.get(verb="amend_station")
    assert line.data["before"]["facilities"] == ["rest", "drinking_water"]
    amend_station(station, **told, **town.who)
    assert TrailLine.objects.filter(verb="amend_station").count() == 1


def test_a_look_is_no_earlier_than_the_last_and_not_tomorrow(town: Town):
    station = town.station()
    later: dict[str, Any] = {"by": town.cast.grid_worker, "at": at_noon(ON + 5 * DAY)}
    for day in (ON - DAY, ON + 6 * DAY):
        with pytest.raises(Refused) as refused:
            look_at_station(station, looked_on=day, **later)
        assert refused.value.field == "looked_on"
    seen = look_at_station(station, looked_on=ON + 5 * DAY, **later)
    assert (seen.looked_on, seen.looked_by) == (ON + 5 * DAY, town.cast.grid_worker)


def test_what_is_closed_stays_as_it_was(town: Town):
    station = close_station(town.station(), reason="房子收回", **town.who)
    assert list(Station.objects.standing()) == []
    with pytest.raises(Refused, match="已经撤掉"):
        look_at_station(station, looked_on=ON, **town.who)
    with pytest.raises(Refused, match="已经撤掉"):
        close_station(station, reason="再撤一次", **town.who)
