"""Requests on the pages: where they wait, who is shown the yes and the no, and what is said afterwards."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from hege.cases.actions import dispatch_case, file_case
from hege.cases.models import Case
from hege.cases.queries import waiting_request
from hege.cases.requests.actions import ask_hold, refuse_request
from hege.cases.rules import CaseState, due_on
from hege.kernel import clock
from hege.places.queries import workday_calendar
from tests.cast import Cast, Row
from tests.web.today.test_board import text

pytestmark = pytest.mark.django_db
HERE = "/310117006/"


@pytest.fixture
def case(cast: Cast, row: Row) -> Case:
    """A case that the office leads."""
    at = clock.now()
    made = file_case(row.street, title="总表欠费", point=row.point, by=cast.coordinator, at=at)
    return dispatch_case(made, lead=cast.office, days=5, by=cast.coordinator, at=at)


def in_a_week(cast: Cast) -> dt.date:
    return due_on(clock.today(), 5, workday_calendar(cast.street))


def test_a_hold_is_asked_for_waits_on_the_first_page_and_is_agreed_to(client: Client, cast: Cast, case: Case):
    page, until = f"{HERE}cases/{case.public_id}/", in_a_week(cast)
    client.force_login(cast.clerk)
    assert f'href="{page}hold/"' in client.get(page).content.decode()
    refused = client.post(f"{page}hold/", {"until_on": str(clock.today()), "reason": "等汛期。"})
    assert refused.status_code == 422
    assert "恢复办理的日子要在今天以后" in refused.content.decode()
    assert client.post(f"{page}hold/", {"until_on": str(until), "reason": "等汛期。"}).status_code == 302
    asked = text(client, page)
    assert "申请缓办到" in asked
    assert "同意前时限照走" in asked
    assert f'href="{page}hold/"' not in client.get(page).content.decode()  # one at a time
    assert f'action="{page}request/agree/"' not in client.get(page).content.decode()
    assert client.post(f"{page}request/agree/").status_code == 403
    client.force_login(cast.coordinator)
    board = client.get(HERE).content.decode()
    assert "等您审批" in board
    assert f'href="{page}#request"' in board
    assert client.post(f"{page}request/agree/").status_code == 302
    held = text(client, page)
    assert "已缓办，时限停走" in held
    assert "时限停走，" in held
    assert "等您审批" not in text(client)
    case.refresh_from_db()
    assert (case.state, case.held_until) == (CaseState.SUSPENDED, until)


def test_a_yes_to_a_request_that_was_answered_meanwhile_does_not_agree_to_the_next(
    client: Client, cast: Cast, case: Case
):
    page = f"{HERE}cases/{case.public_id}/"
    first = ask_hold(case, until_on=in_a_week(cast), reason="等汛期。", by=cast.clerk, at=clock.now())
    client.force_login(cast.coordinator)
    assert f'name="shown" value="{first.pk}"' in client.get(page).content.decode()
    refuse_request(case, reason="不用等。", by=cast.coordinator, at=clock.now())
    ask_hold(case, until_on=in_a_week(cast), reason="等施工。", by=cast.clerk, at=clock.now())
    for verb, said in (("agree", {}), ("refuse", {"reason": "不行。"})):
        late = client.post(f"{page}request/{verb}/", {"shown": first.pk, **said})
        assert late.status_code == 409
        assert "现在等审批的是另一份" in late.content.decode()
    assert waiting_request(case) is not None


def test_a_voiding_says_what_comes_of_it(client: Client, cast: Cast, case: Case):
    page = f"{HERE}cases/{case.public_id}/"
    client.force_login(cast.grid_worker)
    assert client.post(f"{page}void/", {"reason": "和上月的案件立重了。"}).status_code == 302
    client.force_login(cast.coordinator)
    assert "申请作废本案" in text(client, page)
    assert client.post(f"{page}request/refuse/", {"reason": " "}).status_code == 422
    assert client.post(f"{page}request/agree/").status_code == 302
    said = text(client, page)
    assert "案件已作废，来件已放出来重新核实。" in said
    assert "作废：和上月的案件立重了。" in said
    assert "重新打开" in said
