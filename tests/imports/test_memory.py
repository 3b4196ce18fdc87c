"""What files teach: customer accounts, names, owners; of one street, overwritten and forgotten."""

from __future__ import annotations

import pytest

from hege.imports.actions import import_file
from hege.imports.columns import ColumnMapping
from hege.imports.kind import Answers
from hege.imports.kinds import KINDS, check_mapping, propose
from hege.imports.layouts import FileKind
from hege.imports.looking import Outcome
from hege.imports.memory import Lesson, forget_mapping, forget_name, learn_name, remember_mapping
from hege.imports.models import NameSort, RememberedMapping, RememberedName
from hege.imports.queries import memories, points_by_number, remembered_names
from hege.imports.rules import Table
from hege.kernel.refused import Refused
from hege.metering.models import SupplyPoint
from hege.people.models import Organisation, Street
from hege.places.models import Tenancy
from hege.trail.models import TrailLine
from tests.imports.files import METERS, NOW, Row, csv_of, meter, taken, told
from tests.imports.test_money_files import remittance

pytestmark = pytest.mark.once

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


@pytest.mark.both
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


ROSTER = "店招,门牌号,租户,租期起,租期止,所属总表"
SHOP = ["面馆", "18-2", "某人", "2024-03-01", "2026-04-15", "ZB-0206"]


def paper(heads: str = ROSTER, sender: str = "示例居委会") -> Table:
    return Table([*heads.split(",")], [[*SHOP]], facts={"填表单位": sender})


def proposed(street: Street, table: Table) -> ColumnMapping:
    return propose(table, K.UNITS, remembered=memories(street))


def remembered(street: Street, table: Table, **columns: str) -> RememberedMapping:
    mapping = propose(table, K.UNITS, answers=Answers(columns=columns))
    layout = KINDS[K.UNITS].layout
    return remember_mapping(street, layout, table, mapping, file_name="花名册.xlsx", by=None, at=NOW)


def test_what_was_said_of_columns_is_proposed_for_equal_headings_of_the_same_sender(street: Street):
    remembered(street, paper(), 租期止="退租日期", 租户="联系电话")
    again = proposed(street, paper())
    assert again.why == dict.fromkeys(range(6), "remembered")
    assert (again.picks[4].how, again.picks[2].field) == ("", "phone")
    assert [question.chosen for question in again.questions] == ["退租日期"]
    line = TrailLine.objects.get(verb="remember_mapping")
    assert line.data["columns"]["租户"] == "联系电话"
    for other in (paper(sender="另一个居委会"), paper(sender="")):
        assert {*proposed(street, other).why.values()} <= {"own", "synonym"}


def test_a_layout_that_changed_is_asked_about_and_nothing_of_the_old_one_is_used(street: Street):
    remembered(street, paper(), 租户="联系电话")
    changed = paper(ROSTER.replace("租户", "承租人"))
    mapping = proposed(street, changed)
    assert (mapping.remembered, mapping.picks[2].field) == (None, "operator")
    (question,) = mapping.open
    assert "少了：租户；多了：承租人" in question.detail
    with pytest.raises(Refused, match="和上次不一样"):
        check_mapping(changed, mapping)
    seen = propose(changed, K.UNITS, remembered=memories(street), answers=Answers(columns={"承租人": "经营者"}))
    check_mapping(changed, seen)


@pytest.mark.both
def test_a_mapping_is_of_one_street_said_anew_and_forgotten(street: Street):
    other = Street.objects.create(organisation=Organisation.objects.get(), code="310117999", name="另一个街道")
    first = remembered(street, paper(), 租户="联系电话")
    assert remembered(street, paper(), 租户="") == first
    assert 2 not in proposed(street, paper()).picks
    assert proposed(other, paper()).remembered is None
    forget_mapping(first, by=None, at=NOW)
    assert proposed(street, paper()).remembered is None
    assert TrailLine.objects.filter(verb="forget_mapping").count() == 1
