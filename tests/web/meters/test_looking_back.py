"""Looking back at a meter: the first day of each signal by either view, said in words and marked on the curve; and what is expected."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.test import Client

from hege.billing.chart import TransactionKind
from hege.people.models import Role
from tests.cast import Cast, Row
from tests.web.office import Office

pytestmark = pytest.mark.django_db
HERE = "/310117006/meters/ZB-1/"


@pytest.fixture
def at_desk(client: Client, cast: Cast) -> Client:
    client.force_login(cast.coordinator)
    return client


def billed(row: Row, months: int) -> None:
    """Bills of 30,000 fen from January 2026 on, of which 10,000 are passed on in the next month."""
    for month in range(1, months + 1):
        first, last = dt.date(2026, month, 1), dt.date(2026, month + 1, 1)
        row.bill(f"B-{month}", fen=30_000, from_on=first, until_on=last)
        row.pay(TransactionKind.REMITTANCE, 10_000, on=last + dt.timedelta(days=9))


def test_either_view_says_when_the_first_warning_came_and_what_was_owed(at_desk: Client, row: Row):
    billed(row, 4)
    page = at_desk.get(HERE + "looking-back/?view=now").content.decode()
    shown = (
        "2026年2月7日，账单逾期，那天欠水司 300.00 元。",
        "2026年11月23日，账单逾期，那天欠水司 800.00 元。",
        "才开始登记",
    )
    assert [words for words in shown if words not in page] == []
    assert re.search(r'class="ch-mark-label">\s*<title>1 账单逾期[^<]*</title>1', page)
    assert "没有响过的：" in page
    then = at_desk.get(HERE + "looking-back/").content.decode()
    assert "打开这个系统，看到的就是这些" in then
    assert [words for words in shown if words not in then] == []


def test_of_a_meter_without_books_both_pages_say_so(at_desk: Client, row: Row):
    page = at_desk.get(HERE + "looking-back/").content.decode()
    assert "还没有登记过账单、收付和读数。" in page
    assert "不满 3 期（只有 0 期结束）" in at_desk.get(HERE).content.decode()


def test_a_meters_page_says_what_is_expected_and_how_far_off_it_was(at_desk: Client, row: Row):
    billed(row, 6)
    page = at_desk.get(HERE).content.decode()
    card = page[page.index('id="trend"') :].partition("</section>")[0]
    assert [
        sum_ for sum_ in ("1,200.00", "1,400.00", "1,600.00", "试过的太少", "2 次", "looking-back/") if sum_ not in card
    ] == []


def test_an_agent_sees_what_is_expected_of_their_meter_and_no_warnings(office: Office):
    code = office.things.row.point.code
    assert office.status(Role.AGENT, "meters:looking_back", code) == 404
    assert "looking-back/" not in office.get(Role.AGENT, "meters:detail", code)
