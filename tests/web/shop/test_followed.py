"""What a shop keeper learns of a report: by its number, by SMS while wanted; and where to pay."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from hege.cases.models import Report
from hege.cases.queries import reachable
from hege.cases.reports.actions import reject_report
from hege.kernel import clock
from hege.people.models import Role
from hege.places.actions import unit_token
from tests.web.office import Office, words

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def test_a_report_is_followed_by_its_number_and_by_sms_until_stopped(office: Office):
    shop, street = Client(), office.cast.street
    base = f"/u/{unit_token(office.things.unit)}/"
    assert shop.post(f"{base}wrong/", {"text": "账不对", "follow": "on"}).status_code == 422  # no telephone
    told = shop.post(f"{base}wrong/", {"text": "账不对", "follow": "on", "phone": "13900000047"}, follow=True)
    report = Report.objects.filter(street=street, text="账不对").get()
    number = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", words(told))
    assert number
    assert number[0].replace("-", "").lower() == report.public_id
    assert reachable(street, [report])
    found = shop.post(f"{base}reported/", {"number": number[0]}, follow=True)
    assert "收到了，等网格员核实" in words(found)
    shop.post(f"{base}reported/{report.public_id}/stop/")
    assert not reachable(street, [report])
    reject_report(report, reason="同一笔已入账", by=office.cast.grid_worker, at=clock.now())
    assert "同一笔已入账" in words(shop.get(f"{base}reported/{report.public_id}/"))
    other = f"/u/{unit_token(office.things.row.units[1])}/reported/"
    assert shop.get(f"{other}{report.public_id}/").status_code == 404
    assert "没有这个查询号" in words(shop.post(other, {"number": number[0]}))


def test_who_leaves_a_telephone_without_the_tick_gets_no_sms(office: Office):
    base = f"/u/{unit_token(office.things.unit)}/"
    Client().post(f"{base}wrong/", {"text": "账还是不对", "phone": "13900000047"})
    assert not reachable(office.cast.street, [Report.objects.get(street=office.cast.street, text="账还是不对")])


def test_the_shop_and_the_staff_who_see_its_page_read_the_account_two_people_have_checked(office: Office):
    address, row = f"/u/{unit_token(office.things.unit)}/", office.things.row
    assert "6222 0000 0000 0047" not in words(Client().get(address))
    office.done(Role.COORDINATOR, "settings:confirm_account", office.things.account.pk)
    seen = office.get(Role.GRID_WORKER, "meters:keeper", row.point.code, office.things.unit.code)
    for page in (words(Client().get(address)), seen):
        assert "6222 0000 0000 0047" in page
        assert "不是街道的，也不是代收人的" in page
