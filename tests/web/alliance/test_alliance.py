"""联盟单位: who is in it, what each brings, until when; the money in all."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from hege.people.models import Role
from hege.programme.alliance.models import AllianceUnit, Offering
from tests.web.office import Office, in_days

pytestmark = pytest.mark.django_db
CO = Role.COORDINATOR


def joined(office: Office, **said: object) -> AllianceUnit:
    """The utility, taken into the alliance by its form."""
    party = office.cast.utility
    office.done(CO, "alliance:new", **{"party": party.pk, "from_on": in_days(0), "until_on": "", "contact": "", **said})
    return AllianceUnit.objects.get(street=office.cast.street, party=party)


def test_the_list_says_what_each_brings_and_how_much_money_there_is(office: Office):
    unit = joined(office, contact="王科长 59790000")
    brings = {"kind": "money", "words": "活动经费", "amount_fen": "30,000", "from_on": in_days(0)}
    office.done(CO, "alliance:bring", unit.public_id, **brings)
    page = office.get(CO, "alliance:index")
    assert re.findall(r"30,000(?:\.00)?", page) == ["30,000", "30,000.00"]  # above the list, and in its line
    assert "活动经费" in page
    assert "会议室" in page
    assert "王科长" in office.get(CO, "alliance:unit", unit.public_id)
    assert "王科长" not in page


def test_the_last_day_is_asked_for_and_the_first_day_without_is_kept(office: Office):
    unit = joined(office, until_on=in_days(9))
    assert unit.until_on == in_days(10)
    assert f'value="{in_days(9)}"' in office.get(CO, "alliance:amend", unit.public_id)


def test_who_has_left_is_under_the_other_tab_with_what_they_brought(office: Office):
    unit = joined(office, from_on=in_days(-30))
    office.done(CO, "alliance:bring", unit.public_id, kind="course", words="急救课", from_on=in_days(-30))
    office.done(CO, "alliance:leave", unit.public_id, until_on=in_days(-1), reason="合作期满")
    assert "水务公司" not in office.get(CO, "alliance:index").partition("<main")[2]
    assert "水务公司" in office.get(CO, "alliance:index", show="ended")
    page = office.get(CO, "alliance:unit", unit.public_id)
    assert "合作期满" in page
    assert "急救课" in page
    assert "alliance/" + unit.public_id + "/bring/" not in page


def test_a_refusal_stands_at_its_field(office: Office):
    unit = joined(office)
    brings = {"kind": "money", "words": "活动经费", "amount_fen": "", "from_on": in_days(0)}
    page = office.refused(CO, "alliance:bring", unit.public_id, **brings)
    assert 'href="#id_amount_fen"' in page
    again = office.refused(CO, "alliance:new", party=office.cast.utility.pk, from_on=in_days(0))
    assert "已经是联盟单位" in again


def test_an_offering_of_another_unit_is_not_there(office: Office):
    unit, other = joined(office), office.things.offering
    assert office.status(CO, "alliance:end", unit.public_id, other.public_id) == 404
    office.done(CO, "alliance:end", other.unit.public_id, other.public_id, until_on=in_days(0), reason="借出去了")
    assert Offering.objects.get(pk=other.pk).until_on == in_days(0) + dt.timedelta(days=1)


def test_who_looks_has_no_buttons(office: Office):
    assert "alliance/new/" not in office.get(Role.AUDITOR, "alliance:index")
    assert office.status(Role.AUDITOR, "alliance:new") == 403
    assert office.status(Role.GRID_WORKER, "alliance:index") == 404
