"""First pages that are one list: a clerk's by due day, a checker's by how long something has waited."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from hege.cases.actions import add_party, dispatch_case, file_case, first_contact, give_feedback, inspect_case, sign_for
from hege.cases.models import Case, Task
from hege.cases.rules import PartyRole
from hege.cases.tasks.actions import add_task
from hege.kernel import clock
from hege.kernel.clock import at_noon
from hege.people.models import Membership
from tests.cast import Cast, Row
from tests.web.office import words

pytestmark = pytest.mark.django_db
HERE = "/310117006/"
DAY = dt.timedelta(days=1)


@pytest.fixture
def case(cast: Cast, row: Row) -> Case:
    """A case that the clerk's office leads since a month ago and has not taken yet, with a task of it and one of another."""
    at = at_noon(clock.today() - 30 * DAY)
    made = file_case(row.street, title="下水倒灌", point=row.point, by=cast.coordinator, at=at)
    made = dispatch_case(made, lead=cast.office, days=5, by=cast.coordinator, at=at)
    add_task(made, party=cast.office, title="疏通立管", days=90, by=cast.coordinator, at=at)
    add_party(made, party=cast.utility, role=PartyRole.UTILITY, by=cast.coordinator, at=at)
    add_task(made, party=cast.utility, title="出示立管图", days=1, by=cast.coordinator, at=at)
    return made


def fed_back(case: Case, cast: Cast, on: dt.date) -> Case:
    case = sign_for(case, by=cast.clerk, at=at_noon(on))
    case = first_contact(case, text="联系过了", by=cast.clerk, at=at_noon(on))
    return give_feedback(case, text="通了", by=cast.clerk, at=at_noon(on))


def main(client: Client) -> str:
    """What the page says beside its frame."""
    return words(client.get(HERE)).partition("<main")[2].partition("</main>")[0]


def test_a_clerk_has_what_their_own_office_has_to_do_and_the_verb_of_each(client: Client, cast: Cast, case: Case):
    client.force_login(cast.clerk)
    page, task = main(client), Task.objects.get(title="疏通立管")
    assert "先办“下水倒灌”，逾期" in page
    assert "城建中心手上 2 件：1 件逾期，0 件今天到期。" in page
    assert "出示立管图" not in page
    assert "催办" not in page
    assert f'href="{HERE}cases/tasks/{task.public_id}/sign/"' in page
    assert client.get(f"{HERE}cases/tasks/{task.public_id}/sign/").status_code == 200


def test_what_an_office_has_handed_in_waits_for_others(client: Client, cast: Cast, case: Case):
    fed_back(case, cast, clock.today())
    client.force_login(cast.clerk)
    page = main(client)
    assert "没有逾期的，先办“疏通立管”" in page
    assert "下水倒灌" in page.partition("等别人的")[2]


def test_a_clerk_of_no_office_sees_the_street(client: Client, cast: Cast, case: Case):
    Membership.objects.filter(user=cast.clerk).update(party=None)
    client.force_login(cast.clerk)
    assert "今天，" in main(client)


def test_a_checker_has_what_waits_and_since_when(client: Client, cast: Cast, case: Case):
    client.force_login(cast.checker)
    assert "没有等您核查的" in main(client)
    case = fed_back(case, cast, clock.today() - 30 * DAY)
    page = main(client)
    assert "1 件等您去看，先看“下水倒灌”" in page
    assert "说办好了" in page
    assert f'href="{HERE}cases/{case.public_id}/"' in page
    inspect_case(case, finding="看过了", by=cast.checker, at=clock.now())
    page = main(client)
    assert "没有等您核查的" in page
    assert "1 件" in page.partition("您这个月")[2]


@pytest.mark.parametrize("role", ["clerk", "checker"])
def test_either_asks_at_most_twelve_times(client: Client, cast: Cast, case: Case, role: str):
    client.force_login(getattr(cast, role))
    with CaptureQueriesContext(connection) as asked:
        assert client.get(HERE).status_code == 200
    assert len(asked) <= 12, len(asked)
