"""Units join, bring, and leave."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from hege.kernel.clock import at_noon
from hege.kernel.refused import Refused
from hege.people.models import Street
from hege.programme.alliance.actions import (
    add_offering,
    amend_alliance_unit,
    end_offering,
    join_alliance,
    leave_alliance,
)
from hege.programme.alliance.models import AllianceUnit
from hege.programme.alliance.rules import OfferingKind
from hege.trail.models import TrailLine
from tests.programme.alliance.conftest import ON, Town

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def test_a_party_joins_and_the_trail_says_so(town: Town):
    unit = town.unit(contact=" 王科长 ")
    assert (unit.party, unit.from_on, unit.until_on, unit.contact) == (town.party, ON, None, "王科长")
    assert TrailLine.objects.get(verb="join_alliance").thing_id == str(unit.pk)


def test_a_party_is_in_once_at_a_time(town: Town):
    town.unit(until_on=ON + 30 * DAY)
    for from_on in (ON, ON + 29 * DAY, ON - DAY):
        with pytest.raises(Refused, match="已经是联盟单位") as refused:
            town.unit(from_on=from_on)
        assert refused.value.field == "party"
    assert town.unit(from_on=ON + 30 * DAY).until_on is None


def test_a_party_of_another_street_is_none(town: Town, other_street: Street):
    with pytest.raises(ValueError, match="another street"):
        join_alliance(other_street, party=town.party, from_on=ON, **town.who)


def test_a_unit_that_leaves_takes_along_what_it_brings(town: Town):
    unit = town.unit()
    venue = add_offering(unit, kind=OfferingKind.VENUE, words="二楼会议室", from_on=ON, **town.who)
    later = add_offering(unit, kind=OfferingKind.COURSE, words="急救课", from_on=ON + 60 * DAY, **town.who)
    over = add_offering(
        unit, kind=OfferingKind.MONEY, words="水费", amount_fen=5_000_00, from_on=ON, until_on=ON + 5 * DAY, **town.who
    )
    leave_alliance(unit, until_on=ON + 30 * DAY, reason="合作期满", by=town.cast.coordinator, at=at_noon(ON + 10 * DAY))
    for row in (venue, later, over):
        row.refresh_from_db()
    assert [row.until_on for row in (venue, later, over)] == [ON + 30 * DAY, later.from_on, ON + 5 * DAY]
    assert (venue.ended_reason, over.ended_reason) == ("合作期满", "")
    assert not unit.offerings.on(ON + 60 * DAY).exists()
    line = TrailLine.objects.get(verb="leave_alliance")
    assert line.data["after"] == {"until_on": (ON + 30 * DAY).isoformat(), "ended_reason": "合作期满"}


def test_what_has_ended_is_not_changed(town: Town):
    unit = town.unit(until_on=ON + DAY)
    later: dict[str, Any] = {"by": town.cast.coordinator, "at": at_noon(ON + DAY)}
    for act in (
        lambda: leave_alliance(unit, until_on=ON + 2 * DAY, reason="甲", **later),
        lambda: amend_alliance_unit(unit, contact="", until_on=None, **later),
        lambda: add_offering(unit, kind=OfferingKind.VENUE, words="院子", from_on=ON, **later),
    ):
        with pytest.raises(Refused, match="已经结束"):
            act()


def test_a_term_is_made_longer_but_not_into_the_next(town: Town):
    first = town.unit(until_on=ON + 30 * DAY)
    assert amend_alliance_unit(first, contact="", until_on=ON + 40 * DAY, **town.who).until_on == ON + 40 * DAY
    town.unit(from_on=ON + 40 * DAY)
    with pytest.raises(Refused, match="已经是联盟单位"):
        amend_alliance_unit(first, contact="", until_on=ON + 41 * DAY, **town.who)


def test_an_offering_ends_for_a_reason(town: Town):
    offering = add_offering(town.unit(), kind=OfferingKind.DISCOUNT, words="理发八折", from_on=ON, **town.who)
    with pytest.raises(Refused, match="请写明理由"):
        end_offering(offering, until_on=ON + DAY, reason=" ", **town.who)
    with pytest.raises(Refused, match="不能早于开始"):
        end_offering(offering, until_on=ON, reason="店关了", **town.who)
    ended = end_offering(offering, until_on=ON + DAY, reason="店关了", **town.who)
    assert (ended.until_on, ended.ended_reason) == (ON + DAY, "店关了")


def test_money_goes_by_the_fen(town: Town):
    unit = town.unit()
    add_offering(unit, kind=OfferingKind.MONEY, words="活动经费", amount_fen=1_000_01, from_on=ON, **town.who)
    with pytest.raises(Refused, match="请写明金额"):
        add_offering(unit, kind=OfferingKind.MONEY, words="活动经费", from_on=ON, **town.who)
    assert AllianceUnit.objects.get(pk=unit.pk).offerings.get().amount_fen == 1_000_01
