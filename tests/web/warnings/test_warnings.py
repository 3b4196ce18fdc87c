"""预警: worst first, each with its figures and rows; taken note of with a reason, or made a report."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from hege.arrears.early_warning.actions import record_warnings
from hege.arrears.models import EarlyWarning
from hege.cases.models import Report
from hege.kernel import clock
from hege.ledger.rules import EventKind
from tests.cast import FRAME_QUERIES, Cast, Row, make_row

pytestmark = pytest.mark.django_db
HERE = "/310117006/warnings/"


@pytest.fixture
def at_desk(client: Client, cast: Cast) -> Client:
    client.force_login(cast.coordinator)
    return client


@pytest.fixture
def warned(row: Row) -> Row:
    """A meter with an overdue bill, and money its agent has held for months."""
    row.bill(fen=90_000)
    row.pay(EventKind.RECEIPT, 30_000, on=dt.date(2026, 2, 3), unit=0)
    record_warnings(row.street, on=clock.today(), by=None, at=clock.now())
    return row


def overdue() -> EarlyWarning:
    return EarlyWarning.objects.get(kind="bill_overdue")


def test_the_most_pressing_kind_stands_first(at_desk: Client, warned: Row):
    html = at_desk.get(HERE).content.decode()
    assert html.index("账单逾期</a>") < html.index("收了久未交</a>")


def test_a_warning_says_what_is_wrong_what_waiting_costs_and_on_which_rows_it_rests(at_desk: Client, warned: Row):
    html = at_desk.get(f"{HERE}{overdue().public_id}/").content.decode()
    assert "再等下去" in html
    bill = warned.point.bills.get()
    assert f"/310117006/meters/ZB-1/bills/{bill.pk}/" in html


def test_taking_note_needs_a_reason_and_takes_it_off_the_list(at_desk: Client, warned: Row):
    where = f"{HERE}{overdue().public_id}/acknowledge/"
    assert at_desk.post(where, {"note": ""}).status_code == 422
    assert at_desk.post(where, {"note": "代收人答应周五交"}).status_code == 302
    assert "账单逾期</a>" not in at_desk.get(HERE).content.decode()
    assert "账单逾期</a>" in at_desk.get(HERE, {"show": "acknowledged"}).content.decode()
    assert "代收人答应周五交" in at_desk.get(f"{HERE}{overdue().public_id}/").content.decode()


def test_a_warning_becomes_a_report_once(at_desk: Client, warned: Row):
    where = f"{HERE}{overdue().public_id}/report/"
    assert at_desk.post(where).status_code == 302
    assert Report.objects.get().point == warned.point
    assert at_desk.post(where).status_code == 422
    assert Report.objects.count() == 1


def test_an_auditor_looks_but_does_not_take_note(client: Client, cast: Cast, warned: Row):
    client.force_login(cast.auditor)
    where = f"{HERE}{overdue().public_id}/"
    assert "记为已知悉" not in client.get(where).content.decode()
    assert client.post(f"{where}acknowledge/", {"note": "x"}).status_code == 403


def test_an_agent_does_not_learn_that_there_are_warnings(client: Client, cast: Cast, warned: Row):
    client.force_login(cast.agent)
    assert client.get(HERE).status_code == 404


def test_another_streets_warning_is_not_there(at_desk: Client, other_cast: Cast):
    make_row(other_cast.street, code="ZB-FAR").bill(fen=90_000)
    record_warnings(other_cast.street, on=clock.today(), by=None, at=clock.now())
    assert "ZB-FAR" not in at_desk.get(HERE).content.decode()
    assert at_desk.get(f"{HERE}{overdue().public_id}/").status_code == 404


def test_a_quiet_street_is_told_so(at_desk: Client, row: Row):
    assert "没有待处理的预警" in at_desk.get(HERE).content.decode()


def test_the_list_asks_as_often_for_many_warnings_as_for_one(
    at_desk: Client, make_shops: Callable[..., Row], django_assert_max_num_queries: Any
):
    for number in range(6):
        shops = make_shops(code=f"ZB-{number}")
        shops.bill(f"B-{number}", fen=90_000)
    record_warnings(shops.street, on=clock.today(), by=None, at=clock.now())
    with django_assert_max_num_queries(3 + FRAME_QUERIES):
        at_desk.get(HERE)
    with django_assert_max_num_queries(4 + FRAME_QUERIES):
        at_desk.get(f"{HERE}{EarlyWarning.objects.filter(kind='bill_overdue')[0].public_id}/")
