"""单位: the list that cases, conferences and roles choose from."""

from __future__ import annotations

from typing import Any

import pytest

from hege.people.models import Party, PartyKind, Role
from hege.trail.models import TrailLine
from tests.cast import FRAME_QUERIES, Cast
from tests.web.office import Office

pytestmark = pytest.mark.django_db
CO = Role.COORDINATOR
ADDED = {"name": "司法所", "phone": "57610000", "inside": "yes"}


def test_the_list_says_whose_an_office_is_and_who_acts_for_it(office: Office):
    page = office.get(CO, "offices:index")
    assert page.index("城建中心") < page.index("水务公司")
    assert office.cast.clerk.full_name in page
    assert "没有账号，用链接答复" in page
    assert "二房东" not in page.partition("<main")[2]  # a person is no office


def test_a_new_office_can_be_dispatched_to_and_acted_for(office: Office):
    office.done(CO, "offices:new", **ADDED)
    party = Party.objects.get(street=office.cast.street, name="司法所")
    assert (party.kind, party.phone, party.inside) == (PartyKind.ORGANISATION, "57610000", True)
    assert "司法所" in office.get(CO, "cases:add_party", office.things.case.public_id)
    assert "司法所" in office.get(Role.ADMINISTRATOR, "people:new")


def test_two_offices_are_told_apart_by_name(office: Office, other_cast: Cast):
    office.done(CO, "offices:new", **ADDED)
    assert "已经有叫“司法所”的单位" in office.refused(CO, "offices:new", **{**ADDED, "phone": "1"})
    Party.objects.create(street=other_cast.street, kind="organisation", name="派出所")
    office.done(CO, "offices:new", **{**ADDED, "name": "派出所"})


def test_what_was_mended_stands_on_the_trail(office: Office):
    office.done(CO, "offices:amend", office.cast.utility.public_id, name="水务公司", phone="962740", inside="no")
    office.cast.utility.refresh_from_db()
    assert office.cast.utility.phone == "962740"
    line = TrailLine.objects.get(street=office.cast.street, verb="amend_office")
    assert (line.data["before"], line.data["after"]) == ({"phone": ""}, {"phone": "962740"})


def test_another_streets_office_and_a_person_are_not_there(office: Office, other_cast: Cast):
    for party in (other_cast.office, office.cast.agent_party):
        assert office.status(CO, "offices:amend", party.public_id) == 404


def test_an_auditor_looks_and_a_clerk_does_not_learn_of_it(office: Office):
    assert "offices/new/" not in office.get(Role.AUDITOR, "offices:index")
    assert office.status(Role.AUDITOR, "offices:new") == 403
    assert office.status(Role.CLERK, "offices:index") == 404


def test_the_list_asks_as_often_for_many_offices_as_for_few(office: Office, django_assert_max_num_queries: Any):
    street = office.cast.street
    Party.objects.bulk_create([Party(street=street, kind="organisation", name=f"单位{n}") for n in range(20)])
    with django_assert_max_num_queries(FRAME_QUERIES + 3):
        office.get(CO, "offices:index")
