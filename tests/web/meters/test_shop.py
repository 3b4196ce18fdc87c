"""One shop as the office sees it, and what a visit writes down."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from hege.arrears.queries import who_holds_the_money
from hege.billing.chart import TransactionKind
from hege.billing.models import Acknowledgement, Payment
from hege.cases.models import SurveyVisit
from hege.kernel import clock
from hege.places.actions import move_out
from tests.cast import FRAME_QUERIES, NOW, Cast, Row, move_in

pytestmark = pytest.mark.django_db
HERE = "/310117006/meters/ZB-1/shops/ZB-1-01/"
MARCH = dt.date(2026, 3, 1)


@pytest.fixture
def at_desk(client: Client, cast: Cast) -> Client:
    client.force_login(cast.grid_worker)
    return client


def test_each_tenancy_has_its_own_account(at_desk: Client, row: Row):
    row.bill(fen=90_000)
    move_out(row.tenancies[0], until_on=MARCH, by=None, at=NOW)
    move_in(row.units[0], operator="新来的", from_on=MARCH, by=None, at=NOW)
    html = at_desk.get(HERE).content.decode()
    assert "新来的" in html
    assert "还没有记过账" in html
    assert html.count("300.00") >= 2


def test_a_visit_is_written_down(at_desk: Client, row: Row):
    said = {"visited_on": "2026-03-02", "pays_how": "to_agent", "receipts_held": "some", "receipts_fen": "1,200.00"}
    assert at_desk.post(f"{HERE}visit/", said).status_code == 302
    visit = SurveyVisit.objects.get()
    assert (visit.unit, visit.receipts_fen, visit.unpaid_fen) == (row.units[0], 120_000, None)
    assert "交给代收人" in at_desk.get(HERE).content.decode()


def test_a_written_admission_makes_unproven_money_acknowledged(at_desk: Client, row: Row):
    row.bill(fen=90_000)
    said = {"on": "2026-03-02", "amount_fen": "120", "voucher": "签 7"}
    assert at_desk.post(f"{HERE}acknowledge/", said).status_code == 302
    assert Acknowledgement.objects.get().amount_fen == 12_000
    assert who_holds_the_money(row.point, on=clock.today()).confirmed.acknowledged == 12_000


def test_an_admission_without_a_signed_paper_is_refused(at_desk: Client, row: Row):
    answer = at_desk.post(f"{HERE}acknowledge/", {"on": "2026-03-02", "amount_fen": "120", "voucher": ""})
    assert answer.status_code == 422
    assert "120" in answer.content.decode()


@pytest.mark.both
def test_a_payment_on_the_shops_word_alone_is_a_claim(at_desk: Client, row: Row):
    said = {"kind": "receipt", "on": "2026-03-02", "amount_fen": "300", "proven": "no"}
    assert at_desk.post(f"{HERE}pay/", said).status_code == 302
    holding = who_holds_the_money(row.point, on=clock.today())
    assert (holding.confirmed.held, holding.with_claims.held) == (0, 30_000)


def test_a_payment_with_a_receipt_that_was_seen_needs_its_number(at_desk: Client, row: Row):
    said = {"kind": "receipt", "on": "2026-03-02", "amount_fen": "300", "proven": "yes"}
    assert at_desk.post(f"{HERE}pay/", said).status_code == 422
    assert at_desk.post(f"{HERE}pay/", said | {"voucher": "0031"}).status_code == 302
    assert who_holds_the_money(row.point, on=clock.today()).confirmed.held == 30_000


def test_a_day_before_anybody_rented_it_is_refused_at_its_field(at_desk: Client, row: Row):
    said = {"kind": "receipt", "on": "2025-03-02", "amount_fen": "300", "proven": "no"}
    answer = at_desk.post(f"{HERE}pay/", said)
    assert answer.status_code == 422
    assert "这一天这家店没有登记租户" in answer.content.decode()


@pytest.mark.parametrize("verb", ["visit", "acknowledge", "pay"])
def test_an_auditor_may_look_but_not_write(client: Client, cast: Cast, row: Row, verb: str):
    client.force_login(cast.auditor)
    assert client.get(HERE).status_code == 200
    assert client.get(f"{HERE}{verb}/").status_code == 403


def test_a_shop_behind_another_meter_is_not_there(at_desk: Client, row: Row):
    assert at_desk.get("/310117006/meters/ZB-1/shops/ZB-9-01/").status_code == 404


def test_the_page_asks_a_constant_number_of_times(at_desk: Client, row: Row, django_assert_max_num_queries: Any):
    for month in (1, 2, 3):
        row.bill(f"B-{month}", fen=300, from_on=dt.date(2026, month, 1), until_on=dt.date(2026, month + 1, 1))
        row.pay(TransactionKind.RECEIPT, 100, on=MARCH, unit=0)
    with django_assert_max_num_queries(14 + FRAME_QUERIES):
        at_desk.get(HERE)


@pytest.mark.parametrize(
    ("on", "number", "asked"),
    [
        ("2026-03-01", "", True),
        ("2026-03-02", "", True),  # a day apart
        ("2026-03-03", "", False),
        ("2026-03-01", "4200002226202603011234567890", True),  # a number of another source: the wallet's
        ("2026-03-01", "sj-0007", True),  # the very number
        ("2026-03-01", "SJ-0008", False),  # two numbers of one source are two payments
    ],
)
def test_a_payment_by_hand_that_may_stand_already_is_asked_about(
    at_desk: Client, row: Row, on: str, number: str, asked: bool
):
    row.pay(TransactionKind.RECEIPT, 30_000, on=MARCH, unit=0, voucher="SJ-0007")
    said = {"kind": "receipt", "on": on, "amount_fen": "300", "proven": "no", "voucher": number}
    answer = at_desk.post(f"{HERE}pay/", said)
    assert answer.status_code == (422 if asked else 302)
    if asked:
        assert "可能就是这一笔：2026-03-01" in answer.content.decode()
        assert Payment.objects.count() == 1
        assert at_desk.post(f"{HERE}pay/", said | {"another": "on"}).status_code == 302
    assert Payment.objects.count() == 2
