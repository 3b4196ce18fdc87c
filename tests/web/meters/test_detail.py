"""The page of one master meter: the answer first, every figure from the same rows, each with what it rests on."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from hege.billing.actions import AcknowledgementDraft, acknowledge_debts
from hege.billing.chart import AccountKind, TransactionKind
from hege.billing.rules import Method
from hege.kernel import clock
from hege.kernel.clock import at_noon
from hege.ledger.actions import AssertionDraft, assert_balances
from tests.cast import FRAME_QUERIES, NOW, Cast, Row

pytestmark = pytest.mark.django_db
HERE = "/310117006/meters/ZB-1/"
MARCH = dt.date(2026, 3, 1)


@pytest.fixture
def at_desk(client: Client, cast: Cast) -> Client:
    client.force_login(cast.coordinator)
    return client


def text(client: Client, address: str = HERE, **query: str) -> str:
    """The words of a page without its markup."""
    answer = client.get(address, query)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_the_answer_and_its_sentence_come_from_the_same_rows(at_desk: Client, row: Row):
    row.bill(fen=100_000)
    row.pay(TransactionKind.RECEIPT, 33_334, on=MARCH, unit=0)
    row.pay(TransactionKind.RECEIPT, 33_333, on=MARCH, unit=1)
    page = text(at_desk)
    assert "1,000.00 元" in page
    assert "66.7% 已经从商户收走，没有交给水司" in page
    assert "还有 33.3% 没有证据" in page


def test_with_bills_alone_it_says_that_nobody_can_tell(at_desk: Client, row: Row):
    row.bill(fen=100_000)
    assert "100.0% 还没有证据，谁付了谁没付说不清" in text(at_desk)


def test_the_proof_names_the_difference_of_the_rows(at_desk: Client, row: Row):
    row.bill(fen=100_001)
    assert "正好等于欠款，差 0.00 元" in text(at_desk)


def test_advances_and_claimed_remittances_stand_beside_the_bar(at_desk: Client, row: Row):
    row.bill(fen=90_000)
    row.pay(TransactionKind.RECEIPT, 45_000, on=MARCH, unit=0)
    row.pay(TransactionKind.REMITTANCE, 10_000, on=MARCH, confirmed=False)
    page = text(at_desk)
    assert "商户多付了 150.00 元（预付）" in page
    assert "代收人说另外交了 100.00 元" in page
    assert "差 0.00 元" in page


def test_an_earlier_day_is_answered_as_of_that_day(at_desk: Client, row: Row):
    row.bill(fen=90_000)
    row.pay(TransactionKind.REMITTANCE, 90_000, on=MARCH)
    assert "900.00 元" in text(at_desk, on="2026-02-28")
    assert "水司这边没有欠款" in text(at_desk, on="2026-03-01")


@pytest.mark.both
def test_as_known_then_leaves_out_what_was_learnt_later(at_desk: Client, row: Row):
    row.bill(fen=90_000)  # issued on 31 January, but booked in November
    assert "900.00 元" in text(at_desk, on="2026-02-28")
    assert "水司这边没有欠款" in text(at_desk, on="2026-02-28", known="then")


@pytest.mark.parametrize("typed", ["2026-02-30", "tomorrow", "0001-01-01", "9999-12-31", "２０２６"])
def test_a_day_that_cannot_be_is_answered_as_of_today_and_said_so(at_desk: Client, row: Row, typed: str):
    assert "读不成日期" in text(at_desk, on=typed)


def test_the_tabs_over_the_shops_are_addresses(at_desk: Client, row: Row):
    row.bill(fen=90_000)
    row.pay(TransactionKind.RECEIPT, 30_000, on=MARCH, unit=0)
    row.pay(TransactionKind.RECEIPT, 30_000, on=MARCH, unit=1, confirmed=False)
    draft = AcknowledgementDraft(point=row.point, tenancy=row.tenancies[2], on=MARCH, amount_fen=30_000)
    acknowledge_debts(row.street, [draft], by=None, at=NOW)

    def shown(tab: str) -> list[str]:
        html = at_desk.get(HERE, {"shops": tab}).content.decode().split('id="shops"')[1].split('id="bills"')[0]
        return [code for code in ("ZB-1-01", "ZB-1-02", "ZB-1-03") if f">{code}<" in html]

    assert shown("") == ["ZB-1-01", "ZB-1-02", "ZB-1-03"]
    assert shown("owing") == ["ZB-1-02", "ZB-1-03"]
    assert shown("claimed") == ["ZB-1-02"]
    assert shown("acknowledged") == ["ZB-1-03"]
    assert shown("unproven") == []
    assert shown("nonsense") == shown("")


def test_a_third_records_word_against_a_shop_is_shown_as_one_sides(at_desk: Client, row: Row):
    row.bill(fen=90_000)
    draft = AssertionDraft(row.point.book_id, AccountKind.TENANCY, MARCH, 12_300, tenancy_id=row.tenancies[0].pk)
    assert_balances(row.street, [draft], by=None, at=NOW)
    html = at_desk.get(HERE).content.decode()
    assert 'class="unpaid"' in html
    assert "123.00" in html


def test_the_trend_is_in_the_page_as_a_table_too(at_desk: Client, row: Row):
    row.bill(fen=90_000)
    html = at_desk.get(HERE, {"on": "2026-04-15"}).content.decode()
    picture = html.split('class="ch-plot"')[1].split("</svg>")[0]
    assert "欠水司 2025年12月31日 0.00，2026年4月15日 900.00；收了没交 2025年12月31日 0.00" in picture
    assert "2026年2月28日" in html.split("hg-as-table")[2]


def test_a_bill_that_could_not_be_shared_shows_in_the_bar_and_says_why(at_desk: Client, make_shops: Callable[..., Row]):
    shops = make_shops(code="ZB-1", method=Method.SUB_METER)
    bill = shops.bill(fen=90_000)
    page = text(at_desk)
    assert "100.0% 还没有分到各户" in page
    assert "没有这一账期的分表用水量" in text(at_desk, f"{HERE}bills/{bill.pk}/")


def test_the_shops_come_alone_when_htmx_asks_for_them(at_desk: Client, row: Row):
    row.bill(fen=90_000)
    html = at_desk.get(HERE, headers={"HX-Request": "true", "HX-Target": "shops"}).content.decode()
    assert "ZB-1-01" in html
    assert "<html" not in html


def test_a_number_with_a_slash_has_a_page(at_desk: Client, make_shops: Callable[..., Row]):
    make_shops(code="A/12")
    listed = re.findall(r'href="([^"]+)"', at_desk.get("/310117006/meters/").content.decode())
    page = next(href for href in listed if href.startswith("/310117006/meters/A"))
    assert "A/12" in text(at_desk, page)


def test_an_agent_sees_the_same_figures_but_no_buttons_that_book(client: Client, cast: Cast, row: Row):
    row.bill(fen=90_000)
    row.point.roles.update(party=cast.agent_party)
    client.force_login(cast.agent)
    html = client.get(HERE).content.decode()
    assert "900.00 元" in html
    assert "导出 Excel" not in html


def test_the_page_asks_as_often_for_many_shops_as_for_three(
    at_desk: Client, make_shops: Callable[..., Row], django_assert_max_num_queries: Any
):
    shops = make_shops(code="ZB-1", shops=12)
    for month in (1, 2, 3):
        shops.bill(f"B-{month}", from_on=dt.date(2026, month, 1), until_on=dt.date(2026, month + 1, 1))
    for unit in range(12):
        shops.pay(TransactionKind.RECEIPT, 100 + unit, on=MARCH, unit=unit)
    with django_assert_max_num_queries(29 + FRAME_QUERIES):  # the papers of it among them
        at_desk.get(HERE)


def test_days_are_told_by_the_clock_of_the_street(at_desk: Client, row: Row, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(clock, "now", lambda: at_noon(dt.date(2026, 2, 2)) + dt.timedelta(hours=14))
    assert "2026年2月3日" in text(at_desk)
