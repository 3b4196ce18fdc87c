"""What files teach: customer accounts, names, owners; of one street, overwritten and forgotten."""

from __future__ import annotations

import pytest

from hege.imports.actions import import_file
from hege.imports.layouts import FileKind
from hege.imports.looking import Outcome
from hege.imports.memory import Lesson, forget_name, learn_name
from hege.imports.models import NameSort, RememberedName
from hege.imports.queries import points_by_number, remembered_names
from hege.metering.models import SupplyPoint
from hege.people.models import Organisation, Street
from hege.places.models import Tenancy
from hege.trail.models import TrailLine
from tests.imports.files import METERS, NOW, Row, csv_of, meter, taken, told
from tests.imports.test_money_files import remittance

K = FileKind
ACCOUNT = "310117020600"


def of_account(number: str, account: str, **more: str) -> Row:
    return [*meter(number, "总表", agent="二房东", holder="某物业公司", method="等额", **more), "", account]


def register(street: Street, *rows: Row) -> Outcome:

    content = csv_of(METERS + ",字轮位数,户号", rows)
    return import_file(street, K.METERS, "表.csv", content, by=None, at=NOW, dry_run=False)


def test_a_meter_register_teaches_customer_accounts_and_money_files_may_name_them(street: Street):
    assert register(street, of_account("ZB-1", ACCOUNT)).new == 1
    assert points_by_number(street, [ACCOUNT, "ZB-1", "没有"]).keys() == {ACCOUNT, "ZB-1"}
    row = remittance()
    row = [row[0], "3101 1702 0600", *row[2:]]
    assert taken(street, K.REMITTANCES, row).booked == 1
    assert register(street, of_account("ZB-1", ACCOUNT)).same == 1


def test_an_account_of_a_meter_that_stands_is_a_change_and_is_told(shops: Street):
    rows = of_account("ZB-1", ACCOUNT, start="0", place="弄口", diameter="DN50")
    outcome = register(shops, rows)
    assert [(c.column, c.before, c.after) for c in outcome.changes] == [("户号", "", ACCOUNT)]
    line = TrailLine.objects.get(verb="learn_names")
    assert line.data["names"] == [["customer-account", ACCOUNT, "ZB-1"]]


def test_one_account_of_two_meters_says_nothing_and_is_refused(street: Street):
    outcome = register(street, of_account("ZB-1", ACCOUNT), of_account("ZB-2", ACCOUNT))
    assert told(outcome) == [(3, "户号", "与第 2 行的户号相同，分不清是哪块总表的")]
    register(street, of_account("ZB-1", ACCOUNT))
    assert "总表 ZB-1" in register(street, of_account("ZB-7", ACCOUNT)).faults[0].reason


def test_the_last_word_on_a_name_counts_and_a_forgotten_one_is_gone(shops: Street):
    first, second = Tenancy.objects.filter(street=shops).order_by("unit__code")[:2]
    name = learn_name(shops, Lesson(NameSort.PAYER, "晨光 ", tenancy=first), by=None, at=NOW)
    assert learn_name(shops, Lesson(NameSort.PAYER, "晨光", tenancy=first), by=None, at=NOW) is None
    assert learn_name(shops, Lesson(NameSort.PAYER, "晨光", tenancy=second), by=None, at=NOW) == name
    (kept,) = remembered_names(shops, sort=NameSort.PAYER)
    assert (kept.shown, kept.tenancy) == ("晨光", second)
    forget_name(kept, by=None, at=NOW)
    assert list(remembered_names(shops)) == []
    assert TrailLine.objects.filter(verb="forget_name").count() == 1


def test_a_name_is_of_one_street(shops: Street):
    other = Street.objects.create(organisation=Organisation.objects.get(), code="310117999", name="另一个街道")
    point = SupplyPoint.objects.get(street=shops)
    with pytest.raises(ValueError, match="another street"):
        learn_name(other, Lesson(NameSort.CUSTOMER_ACCOUNT, ACCOUNT, point=point), by=None, at=NOW)
    learn_name(shops, Lesson(NameSort.CUSTOMER_ACCOUNT, ACCOUNT, point=point), by=None, at=NOW)
    assert points_by_number(other, [ACCOUNT]) == {}
    assert RememberedName.objects.filter(street=other).count() == 0
