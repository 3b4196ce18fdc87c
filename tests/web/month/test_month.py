"""一页纸: a month in sums, and no name of a person, a shop or a unit in it."""

from __future__ import annotations

import re

import pytest

from hege.billing.chart import TransactionKind
from hege.kernel import clock
from hege.metering.models import SupplyPoint
from hege.people.models import Party, Role, User
from hege.places.models import Unit
from hege.vouchers.models import Merchant
from tests.web.office import Office

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
LEADER = Role.LEADER
TOKEN = "某某某"


def test_a_leader_opens_on_the_month_in_sums_and_sees_nothing_else(office: Office):
    page = office.get(LEADER, "today:index")
    assert "元，" in page
    assert "在代收人手里" in page
    assert page.count("哪里说过要停水") == 1
    for name in ("meters:index", "cases:index", "people:index", "trail:index", "search:index"):
        assert office.status(LEADER, name) == 404


def test_no_name_of_a_person_a_shop_or_a_unit_is_told(office: Office):
    street = office.cast.street
    office.things.row.pay(TransactionKind.RECEIPT, 77_00, on=clock.today(), unit=1)
    for model, column in ((Party, "name"), (Unit, "name"), (Merchant, "name"), (SupplyPoint, "name")):
        for row in model._default_manager.filter(street=street):
            setattr(row, column, f"{TOKEN}{row.pk}")
            row.save(update_fields=[column])
    User.objects.exclude(pk=office.cast.leader.pk).update(full_name=TOKEN)
    page = office.get(LEADER, "month:index")
    assert TOKEN not in page
    assert "77.00" in page


def test_a_month_is_in_the_address_and_what_is_none_leads_to_this_one(office: Office):
    this = f"{clock.today().year}年{clock.today().month}月一页纸"
    for asked in ("", "2026-13", "9999-01", "x"):
        assert this in office.get(LEADER, "month:index", month=asked)
    assert "2026年3月一页纸" in office.get(LEADER, "month:index", month="2026-03")


def test_the_coordinators_morning_begins_with_the_same_sentence(office: Office):
    said = re.search(r"欠水务公司 [\d,.]+ 元，[\d.]+% 在代收人手里。", office.get(LEADER, "today:index"))
    assert said
    assert said[0] in office.get(Role.COORDINATOR, "today:index")
