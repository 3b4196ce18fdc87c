"""A unit, a station and an estate with a verified report."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pytest

from hege.cases.models import Report
from hege.cases.reports.actions import submit_report, verify_report
from hege.cases.rules import ReportKind
from hege.kernel.clock import at_noon
from hege.people.models import Party, PartyKind
from hege.places.actions import add_place
from hege.places.models import Place, PlaceLevel
from hege.programme.alliance.actions import add_gate_fact, join_alliance, open_station
from hege.programme.alliance.models import AllianceUnit, GateFact, Station
from hege.programme.alliance.rules import GateFactKind
from tests.cast import Cast

ON = dt.date(2026, 3, 2)  # a Monday
AT = at_noon(ON)
HOURS = {str(day): [[480, 1200]] for day in range(1, 8)}


@dataclass(frozen=True)
class Town:
    """A street with a grid, an estate in it, a party."""

    cast: Cast
    grid: Place
    estate: Place
    party: Party

    @property
    def who(self) -> dict[str, Any]:
        return {"by": self.cast.coordinator, "at": AT}

    def unit(self, **said: Any) -> AllianceUnit:
        return join_alliance(self.cast.street, **{"party": self.party, "from_on": ON, **self.who, **said})

    def station(self, **said: Any) -> Station:
        told = {
            "name": "凤溪驿站", "place": self.grid, "address": "凤溪路 1 号", "facilities": ["drinking_water", "rest"], "hours": HOURS,
            "lon_e6": 121_262_500, "lat_e6": 31_168_400,
        }  # fmt: skip
        return open_station(self.cast.street, **{**told, **self.who, **said})

    def report(self, *, verified: bool = True, place: Place | None = None) -> Report:
        made = submit_report(
            self.cast.street, kind=ReportKind.PATROL, text="北门开着", place=place or self.estate, **self.who
        )
        return verify_report(made, finding="去看过，是这样", **self.who) if verified else made

    def fact(self, **said: Any) -> GateFact:
        told = {
            "kind": GateFactKind.ENTRANCE, "words": "走北门，电动车可以进", "looked_on": ON,
            "next_look_on": ON + dt.timedelta(days=90),
        }  # fmt: skip
        return add_gate_fact(
            self.estate, **{**told, **self.who, "report": said.pop("report", None) or self.report(), **said}
        )


@pytest.fixture
def town(cast: Cast) -> Town:
    """The street, before anything of the programme."""
    who: dict[str, Any] = {"by": cast.coordinator, "at": AT}
    top = add_place(cast.street, level=PlaceLevel.STREET, code="S", name="九里亭街道", from_on=ON, **who)
    grid = add_place(cast.street, level=PlaceLevel.BLOCK, code="G1", name="凤溪街区", parent=top, from_on=ON, **who)
    estate = add_place(
        cast.street, level=PlaceLevel.PREMISES, code="E1", name="凤溪小区", parent=grid, from_on=ON, **who
    )
    party = Party.objects.create(street=cast.street, kind=PartyKind.ORGANISATION, name="区卫健工作党委")
    return Town(cast, grid, estate, party)
