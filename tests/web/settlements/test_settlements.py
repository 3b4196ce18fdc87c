"""结算: an office freezes, answers, pays and takes back; a shop confirms or disputes on its till; a workbook says the same."""

from __future__ import annotations

import io

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from hege.kernel import clock
from hege.people.models import Role
from hege.programme.settlements.models import (
    Settlement,
    SettlementLine,
    SettlementMonth,
    SettlementPayment,
    SettlementStep,
)
from hege.programme.settlements.queries import net_of_units, settlement_faults
from hege.programme.settlements.rules import month_of, next_month
from hege.vouchers.models import Merchant, Redemption
from hege.vouchers.tills.actions import add_merchant, add_till, end_merchant, open_till, reverse_redemption
from hege.web.bearers import TILL
from tests.web.office import Office, browser, words

pytestmark = pytest.mark.django_db
CO, CLERK, AUDITOR, GRID = Role.COORDINATOR, Role.CLERK, Role.AUDITOR, Role.GRID_WORKER


@pytest.fixture(autouse=True)
def _books_stay_whole(office: Office):
    yield
    assert list(settlement_faults(office.cast.street)) == []


@pytest.fixture
def phone(office: Office) -> Client:
    client = browser()
    client.cookies[TILL] = office.things.till_token
    return client


def at_till(office: Office, name: str, *args: object) -> str:
    return reverse(f"till:{name}", args=(office.cast.street.code, *args))


def again(row: Settlement) -> Settlement:
    return Settlement.objects.get(pk=row.pk)


# -- the office ----------------------------------------------------------------------------------------------------------


def test_the_month_says_what_is_to_be_paid_and_who_disputes(office: Office):
    page = office.get(CLERK, "settlements:index")
    assert "还要付 46.00 元，1 家有异议" in page
    assert "差 0.00 元" in page
    assert "少算一张 ZB-NEAR" in page
    assert "登记付款" in page
    assert "登记付款" not in office.get(AUDITOR, "settlements:index")
    assert office.status(GRID, "settlements:index") == 404


def test_who_paid_in_anothers_place_gets_it_back(office: Office):
    assert "水务公司付给城建中心" in office.get(CO, "settlements:index")
    confirmed = office.things.settled.confirmed
    payer = confirmed.payer.public_id
    said = {"creditor": confirmed.paid_by.pk, "bank_serial": "B-0001", "paid_on": clock.today().isoformat()}
    assert "就多了" in office.refused(CLERK, "settlements:repay", payer, fen="8.01", **said)
    office.done(CLERK, "settlements:repay", payer, fen="8.00", **said)
    assert set(net_of_units(office.cast.street).values()) == {0}
    assert "两清" in office.get(CO, "settlements:index")
    assert office.status(AUDITOR, "settlements:repay", payer) == 403


def test_a_month_is_frozen_once(office: Office):
    month = next_month(SettlementMonth.objects.latest("month_on").month_on)
    assert month < month_of(clock.today())
    office.done(CLERK, "settlements:freeze", month_on=month.isoformat())
    office.refused(CLERK, "settlements:freeze", month_on=month.isoformat())  # it is offered no more
    assert SettlementMonth.objects.filter(month_on=month).count() == 1


def test_a_dispute_is_answered_confirmed_on_paper_and_paid(office: Office):
    row = office.things.settled.disputed
    assert "请填写这一项" in office.refused(CO, "settlements:answer", row.public_id, words="")
    office.done(CO, "settlements:answer", row.public_id, words="下个月补上")
    assert again(row).state == "frozen"
    office.done(CLERK, "settlements:confirm", row.public_id, words="店主签字的名单")
    said = {"lists": row.pk, "bank_serial": "B 0002", "paid_on": clock.today().isoformat()}
    assert "就多了" in office.refused(CLERK, "settlements:pay", row.public_id, fen="18.01", **said)
    office.done(CLERK, "settlements:pay", row.public_id, fen="18", **said)
    assert again(row).state == "paid"
    page = office.get(AUDITOR, "settlements:detail", row.public_id)
    assert [word in page for word in ("下个月补上", "店主签字的名单", "B0002", "逐行重算，和冻结时一样")] == [True] * 4


def test_a_bank_serial_counts_once_until_its_payment_is_taken_back(office: Office):
    settled = office.things.settled
    row, serial = settled.confirmed, settled.payment.bank_serial
    said = {"lists": row.pk, "fen": "1", "bank_serial": serial, "paid_on": clock.today().isoformat()}
    assert "一个流水号只算一次" in office.refused(CLERK, "settlements:pay", row.public_id, **said)
    office.done(CLERK, "settlements:reverse", settled.payment.public_id, reason="金额写错")
    assert again(row).paid_fen == 0
    office.done(CLERK, "settlements:pay", row.public_id, **said)
    assert SettlementPayment.objects.count() == 2
    page = office.get(AUDITOR, "settlements:payments")
    assert "已撤销" in page
    assert "金额写错" in page


def test_a_list_is_taken_out_as_a_workbook(office: Office):
    row = office.things.settled.confirmed
    answer = office.client(AUDITOR).post(
        office.path("settlements:export"), {"month": str(row.month), "list": row.public_id}, follow=True
    )
    (sheet,) = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets
    rows = list(sheet.iter_rows(values_only=True))
    assert len(rows) == 2
    assert (rows[1][1], rows[1][10], rows[1][12]) == (row.merchant.name, 18, row.digest)


def test_what_was_taken_back_after_it_was_listed_says_what_becomes_of_it(office: Office):
    row = office.things.settled.confirmed
    taken = SettlementLine.objects.get(settlement=row).redemption
    assert taken is not None
    by, at, shop = office.cast.coordinator, clock.now(), row.merchant
    found = Redemption.objects.select_related("street__trail_head", "claim__batch__street").get(pk=taken.pk)
    reverse_redemption(found, reason="弄错了", by=by, at=at)
    assert "等以后收的券抵完，才进名单" in office.get(CO, "settlements:index")
    assert "多付的" not in office.get(CO, "tills:shop", shop.public_id)
    end_merchant(Merchant.objects.get(pk=shop.pk), reason="关店了", by=by, at=at)
    said = f"请它把多付的 18.00 元退还{row.payer.name}，留好收据"
    assert said in office.get(CO, "settlements:index")
    assert said in office.get(CO, "tills:shop", shop.public_id)


# -- the shop ------------------------------------------------------------------------------------------------------------


def test_a_shop_sees_its_lists_and_confirms_one(office: Office, phone: Client):
    row = office.things.settled.frozen
    page = words(phone.get(at_till(office, "settlements")))
    assert page.count(at_till(office, "settlements")) >= 3
    assert "46.00 元" in page
    assert "等您确认" in page
    page = words(phone.get(at_till(office, "settlement", row.public_id)))
    assert "对，确认 18.00 元" in page
    phone.post(at_till(office, "confirm", row.public_id))
    step = SettlementStep.objects.filter(settlement=row).get()
    assert (again(row).state, step.till, step.by) == ("confirmed", office.things.till, None)
    assert "对，确认" not in words(phone.get(at_till(office, "settlement", row.public_id)))


def test_a_shop_disputes_in_words(office: Office, phone: Client):
    row = office.things.settled.frozen
    answer = phone.post(at_till(office, "dispute", row.public_id), {"words": " "})
    assert answer.status_code == 422
    phone.post(at_till(office, "dispute", row.public_id), {"words": "29 日少算 1 张"})
    assert again(row).state == "disputed"
    assert "29 日少算 1 张" in office.get(CO, "settlements:index")


def test_a_till_of_another_shop_finds_none_of_it(office: Office):
    row, at = office.things.settled.frozen, clock.now()
    other = add_merchant(office.cast.street, name="理发店", by=None, at=at)
    client = browser()
    client.cookies[TILL] = open_till(add_till(other, label="前台", by=None, at=at), secret="p", by=None, at=at)
    assert "还没有名单" in words(client.get(at_till(office, "settlements")))
    assert client.get(at_till(office, "settlement", row.public_id)).status_code == 404
    assert client.post(at_till(office, "confirm", row.public_id)).status_code == 404
    assert again(row).state == "frozen"
