"""案件: the list, worst first, one row a case however many take part in it."""

from __future__ import annotations

import re

import pytest

from hege.cases import actions as cases
from hege.kernel import clock
from hege.people.models import Role
from tests.web.office import Office

pytestmark = pytest.mark.django_db
CO, CLERK, MED, AUDIT, AGENT = Role.COORDINATOR, Role.CLERK, Role.MEDIATOR, Role.AUDITOR, Role.AGENT


def titles(page: str) -> list[str]:
    """The cases a list shows, from top to bottom."""
    return re.findall(r'<td data-l="案件"><a[^>]*>([^<]+)</a>', page)


def test_a_case_of_many_parties_is_one_row_and_names_who_leads(office: Office):
    page = office.get(CO, "cases:index")
    assert titles(page) == [office.things.case.title]
    assert '<td data-l="谁在办">城建中心<div class="hg-3">共 3 方参与</div></td>' in page


def test_a_case_that_was_not_dispatched_says_so(office: Office):
    cases.file_case(office.cast.street, title="下水倒灌", by=office.cast.coordinator, at=clock.now())
    page = office.get(CO, "cases:index")
    assert titles(page) == [office.things.case.title, "下水倒灌"]  # without a clock it comes last
    assert '<td data-l="谁在办">还没有派遣</td>' in page


def test_a_party_that_left_is_not_counted(office: Office):
    cases.end_party(
        office.things.part, until_on=clock.today(), reason="已另案处理", by=office.cast.coordinator, at=clock.now()
    )
    assert "共 2 方参与" in office.get(CO, "cases:index")


def test_a_finished_case_is_hidden_until_asked_for(office: Office):
    closed = cases.file_case(office.cast.street, title="早已办完", by=office.cast.coordinator, at=clock.now())
    closed.state = "closed"
    closed.save(update_fields=["state"])
    assert titles(office.get(AUDIT, "cases:index")) == [office.things.case.title]
    assert titles(office.get(AUDIT, "cases:index", show="closed")) == ["早已办完"]


def test_an_agent_does_not_see_that_there_are_cases(office: Office):
    assert office.status(AGENT, "cases:index") == 404
