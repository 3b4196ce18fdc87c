"""A grid worker's first page: the next stop, three taps, how far the round is."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from hege.billing.chart import TransactionKind
from hege.cases.models import SurveyVisit
from hege.cases.reports.actions import record_visit
from hege.cases.rules import PaysHow, ReceiptsHeld
from hege.kernel import clock
from tests.attachments.files import picture
from tests.cast import Cast, Row
from tests.web.office import words

pytestmark = pytest.mark.django_db
HERE = "/310117006/"


def address(row: Row, number: int) -> str:
    return f"{HERE}today/visit/{row.point.code}/{row.units[number].code}/"


def seen(row: Row, number: int, on: dt.date) -> None:
    record_visit(
        row.units[number], visited_on=on, pays_how=PaysHow.TO_AGENT, receipts_held=ReceiptsHeld.ALL, by=None,
        at=clock.now(),
    )  # fmt: skip


@pytest.fixture
def walker(client: Client, cast: Cast, row: Row) -> Client:
    """The browser of the grid worker of a street with three shops, of which one has paid half on its word."""
    row.bill(fen=90_000)
    row.pay(TransactionKind.RECEIPT, 15_000, on=dt.date(2026, 2, 3), unit=1, confirmed=False)
    client.force_login(cast.grid_worker)
    return client


def test_the_first_that_was_never_seen_is_next(walker: Client, row: Row):
    page = words(walker.get(HERE))
    assert "下一家：01 号铺" in page
    assert "已走 0 家，还剩 3 家" in page
    assert f'action="{address(row, 0)}"' in page
    assert "有 300.00 元还没人说得清付没付" in page


def test_three_taps_are_a_visit_and_lead_on(walker: Client, cast: Cast, row: Row):
    answer = walker.post(address(row, 0), {"found": "none", "photos": SimpleUploadedFile("收据.jpg", picture())})
    assert answer.headers["Location"] == address(row, 1)
    visit = SurveyVisit.objects.get()
    said = (visit.unit, visit.visited_on, visit.pays_how, visit.receipts_held, visit.by)
    assert said == (row.units[0], clock.today(), PaysHow.TO_AGENT, ReceiptsHeld.NONE, cast.grid_worker)
    page = words(walker.get(address(row, 1)))
    assert "已记下：01 号铺。" in page
    assert "店主说付过 150.00 元，没有人见过收据" in page
    assert "已走 1 家，还剩 2 家" in page


def test_who_was_seen_this_month_is_done_and_who_was_seen_before_is_not(walker: Client, row: Row):
    today = clock.today()
    seen(row, 0, today)
    seen(row, 1, today.replace(day=1) - dt.timedelta(days=1))
    page = words(walker.get(HERE))
    assert "下一家：02 号铺" in page
    assert "已走 1 家，还剩 2 家" in page
    for number in (1, 2):
        seen(row, number, today)
    page = words(walker.get(HERE))
    assert "这个月的走访走完了" in page


def test_nothing_tapped_is_said_beside_the_question(walker: Client, row: Row):
    answer = walker.post(address(row, 0), {})
    assert answer.status_code == 422
    assert "有 1 处要改" in words(answer)
    assert not SurveyVisit.objects.exists()


def test_who_is_skipped_stays(walker: Client, row: Row):
    assert f'href="{address(row, 1)}">没人在，先跳过' in words(walker.get(HERE)).replace("\n", "")
    assert f'href="{address(row, 0)}"' in words(walker.get(address(row, 1)))


def test_a_stop_that_is_not_there_is_not_found(walker: Client, row: Row):
    assert walker.get(f"{HERE}today/visit/{row.point.code}/nobody/").status_code == 404
    assert walker.get(f"{HERE}today/visit/nothing/{row.units[0].code}/").status_code == 404


def test_before_the_first_bill_every_stop_is_to_be_met(client: Client, cast: Cast, row: Row):
    client.force_login(cast.grid_worker)
    page = words(client.get(HERE))
    assert "已走 0 家，还剩 3 家" in page
    assert "还没有分到账单。认个门，问一问水费怎么交。" in page


def test_all_that_is_due_is_one_click_away(walker: Client):
    assert "要办" in words(walker.get(f"{HERE}?show=all"))


def test_it_asks_at_most_twelve_times(walker: Client):
    with CaptureQueriesContext(connection) as asked:
        assert walker.get(HERE).status_code == 200
    assert len(asked) <= 12
