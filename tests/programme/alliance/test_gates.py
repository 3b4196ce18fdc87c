"""What is known at the gate of an estate: from verified reports, looked at again, taken off for a reason."""

from __future__ import annotations

import datetime as dt

import pytest

from hege.kernel.refused import Refused
from hege.programme.alliance.actions import end_gate_fact, look_at_gate_fact
from hege.programme.alliance.models import GateFact
from hege.trail.models import TrailLine
from tests.programme.alliance.conftest import ON, Town

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def test_a_fact_comes_from_a_report_found_true(town: Town):
    fact = town.fact()
    assert (fact.looked_on, fact.next_look_on, fact.looked_by) == (ON, ON + 90 * DAY, town.cast.coordinator)
    with pytest.raises(Refused, match="还没有核实属实"):
        town.fact(report=town.report(verified=False))


def test_the_report_is_of_the_estate_or_of_the_grid_around_it(town: Town):
    assert town.fact(report=town.report(place=town.grid)).place == town.estate
    elsewhere = town.cast.street.places.create(
        level="premises", code="E2", name="别的小区", parent=town.grid, path=f"{town.grid.path}E2/", from_on=ON
    )
    with pytest.raises(Refused, match="不是这个小区"):
        town.fact(report=town.report(place=elsewhere))


def test_the_trail_says_what_was_written_but_not_from_which_report(town: Town):
    fact = town.fact()
    data = TrailLine.objects.get(verb="add_gate_fact").data
    assert fact.report.public_id not in str(data)
    assert data["words"] == "走北门，电动车可以进"


def test_who_looks_again_says_when_to_look_next(town: Town):
    fact = town.fact(next_look_on=ON + DAY)
    with pytest.raises(Refused) as refused:
        look_at_gate_fact(fact, looked_on=ON, next_look_on=ON, **town.who)
    assert refused.value.field == "next_look_on"
    assert look_at_gate_fact(fact, looked_on=ON, next_look_on=ON + 30 * DAY, **town.who).next_look_on == ON + 30 * DAY


def test_what_is_taken_off_stays_off(town: Town):
    fact = end_gate_fact(town.fact(), reason="北门封了", **town.who)
    assert list(GateFact.objects.standing()) == []
    with pytest.raises(Refused, match="已经从门口图上拿掉"):
        end_gate_fact(fact, reason="再拿一次", **town.who)
