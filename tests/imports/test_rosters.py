"""Meters and shops: in either order, row by row, tenants never confused."""

from __future__ import annotations

import datetime as dt

import pytest

from hege.billing.models import MethodChoice
from hege.billing.queries import method_on
from hege.billing.rules import Method
from hege.imports.layouts import FileKind
from hege.kernel import saying
from hege.metering.models import Connection, Meter, PointRole, SupplyPoint
from hege.metering.rules import MeterKind
from hege.people.models import Street
from hege.places.models import Tenancy, Unit, UnitLink, UnitUse
from tests.imports.files import MASTER, Row, bill, bring, meter, taken, told, unit, where

pytestmark = pytest.mark.once

METERS, UNITS = FileKind.METERS, FileKind.UNITS


def spells(street: Street, code: str) -> list[tuple[str, dt.date | None]]:
    rows = Tenancy.objects.filter(street=street, unit__code=code).select_related("party").order_by("from_on")
    return [(t.party.name if t.party else "", t.until_on) for t in rows]


# -- meters ------------------------------------------------------------------------------------------------------------


def test_a_master_comes_with_its_point_its_people_and_its_method(street: Street):
    taken(street, METERS, MASTER)
    point = SupplyPoint.objects.get(street=street, code="ZB-1")
    assert {(r.kind, r.party.name) for r in PointRole.objects.filter(point=point)} == {
        ("account_holder", "某物业公司"),
        ("agent", "二房东"),
    }
    choice = MethodChoice.objects.get(point=point)
    assert (choice.method, saying.told(choice.decision)) == (Method.EQUAL, "导入表册 表.csv")
    assert Meter.objects.get(number="ZB-1").diameter_mm == 50


def test_a_sub_meter_may_stand_above_its_master_in_the_file(street: Street):
    taken(street, METERS, meter("F-1", master="ZB-1", start="12.5"), MASTER)
    sub = Meter.objects.get(street=street, number="F-1")
    assert (sub.kind, sub.point.code, sub.started_litres) == (MeterKind.SUB, "ZB-1", 12500)


def test_the_faults_of_a_meter_roster_are_named_row_by_row(street: Street):
    outcome = bring(
        street, METERS, MASTER, MASTER, meter("F-1"), meter("F-2", master="没有"), meter("F-3", master="ZB-1", method="等额"),
        meter("ZB-2", "总表", master="ZB-1"), meter("F-4", master="ZB-1", start="-1"),
    )  # fmt: skip
    assert where(outcome) == [
        (3, "表号"),
        (4, "上级总表"),
        (5, "上级总表"),
        (6, "分摊方式"),
        (7, "上级总表"),
        (8, "起码"),
    ]
    assert Meter.objects.count() == 0


def test_a_meter_that_is_there_keeps_what_measures_and_takes_what_does_not(street: Street):
    taken(street, METERS, MASTER)
    outcome = taken(street, METERS, [*MASTER[:5], "2025-06-01", "0", "新井", *MASTER[8:]])
    assert (outcome.changed, outcome.same) == (1, 0)
    assert {(c.column, c.before, c.after) for c in outcome.changes} == {
        ("检定日期", "", "2025-06-01"),
        ("安装位置", "弄口", "新井"),
    }
    refused = bring(street, METERS, meter("ZB-1", "总表", start="5", since="2025-02-01"))
    assert where(refused) == [(2, "起码"), (2, "启用日期")]
    assert where(bring(street, METERS, MASTER, meter("ZB-1", master="ZB-1")))[0] == (3, "表号")


def test_another_method_or_agent_is_refused_with_the_way_to_do_it(street: Street):
    taken(street, METERS, MASTER)
    outcome = bring(street, METERS, [*MASTER[:9], "新代收人", "面积"])
    assert where(outcome) == [(2, "代收人"), (2, "分摊方式")]
    assert "hege method ZB-1 面积" in outcome.faults[1].reason
    assert method_on(SupplyPoint.objects.get(code="ZB-1"), dt.date(2026, 1, 1)) is Method.EQUAL


def test_the_same_roster_again_changes_nothing(street: Street):
    rows = [MASTER, meter("F-1", master="ZB-1")]
    taken(street, METERS, *rows)
    again = taken(street, METERS, *rows)
    assert (again.new, again.changed, again.same, again.booked) == (0, 0, 2, 0)
    assert again.already_imported_on is not None


def test_a_register_that_begins_with_six_digits_has_six(street: Street):
    taken(street, METERS, meter("ZB-9", "总表", start="123456"))
    assert Meter.objects.get(number="ZB-9").digits == 6


# -- units -------------------------------------------------------------------------------------------------------------


def test_shops_come_with_tenants_connections_and_printed_codes(street: Street):
    taken(street, METERS, MASTER)
    taken(street, UNITS, unit("001", use="餐饮", area="45.5", phone="13800000000"), unit("０２", operator="李四"))
    shop = Unit.objects.get(street=street, code="001")
    assert (shop.use, str(shop.area_sqm)) == (UnitUse.CATERING, "45.50")
    assert UnitLink.objects.filter(street=street).count() == 2
    assert Connection.objects.get(unit=shop).point.code == "ZB-1"
    assert Unit.objects.filter(code="02").exists()


def test_shops_may_come_before_any_meter_and_the_meters_fill_the_place(street: Street):
    first = taken(street, UNITS, unit("001", sub="F-1"), unit("002", operator="李四"))
    assert any("ZB-1 尚未登记" in notice for notice in first.notices)
    taken(street, METERS, meter("F-1", master="ZB-1"), MASTER)
    assert SupplyPoint.objects.filter(street=street).count() == 1
    sub = Meter.objects.get(number="F-1")
    assert sub.unit is not None
    assert sub.unit.code == "001"
    assert taken(street, UNITS, unit("001", sub="F-1"), unit("002", operator="李四")).same == 2


@pytest.mark.both
def test_both_orders_end_in_the_same_street(street: Street, other_street: Street):
    shops = [unit("001", sub="F-1", in_on="2025-03-01"), unit("002", operator="李四")]
    meters = [MASTER, meter("F-1", master="ZB-1")]
    taken(street, METERS, *meters)
    taken(street, UNITS, *shops)
    taken(other_street, UNITS, *shops)
    taken(other_street, METERS, *meters)

    def seen(of: Street) -> list[tuple[object, ...]]:
        rows = Connection.objects.filter(street=of).order_by("unit__code")
        return [(c.unit.code, c.point.code, c.from_on, [m.number for m in c.unit.meters.all()]) for c in rows]

    assert seen(street) == seen(other_street)
    assert seen(street)[0] == ("001", "ZB-1", dt.date(2025, 1, 1), ["F-1"])


def test_once_there_are_meters_an_unknown_one_is_a_fault(street: Street):
    taken(street, METERS, MASTER)
    outcome = bring(street, UNITS, unit("001", master="没有"), unit("002", sub="F-9"))
    assert where(outcome) == [(2, "总表表号"), (3, "分表表号")]


def test_a_sub_meter_belongs_to_one_shop_behind_its_own_master(street: Street):
    taken(street, METERS, MASTER, meter("ZB-2", "总表"), meter("F-1", master="ZB-1"), meter("F-2", master="ZB-2"))
    taken(street, UNITS, unit("001", sub="F-1"))
    outcome = bring(street, UNITS, unit("002", sub="F-1"), unit("003", sub="F-2"), unit("004", sub="ZB-1"),
                    unit("005", sub="F-2", master="ZB-2"))  # fmt: skip
    assert where(outcome) == [(2, "分表表号"), (3, "分表表号"), (4, "分表表号"), (5, "分表表号")]
    assert "001" in outcome.faults[0].reason


@pytest.mark.both
def test_one_shop_may_have_many_tenants_one_after_another(street: Street):
    taken(street, METERS, MASTER)
    taken(street, UNITS, unit(out_on="2026-02-01", name="老店"), unit(operator="李四", in_on="2026-02-01", name="新店"))
    assert spells(street, "001") == [("张三", dt.date(2026, 2, 1)), ("李四", None)]
    assert Unit.objects.get(code="001").name == "新店"


def test_two_tenants_at_once_are_refused(street: Street):
    taken(street, METERS, MASTER)
    outcome = bring(street, UNITS, unit(), unit(operator="李四", in_on="2026-02-01"))
    assert where(outcome) == [(3, "入驻日期")]
    taken(street, UNITS, unit())
    assert where(bring(street, UNITS, unit(operator="李四", in_on="2026-02-01"))) == [(2, "入驻日期")]


def test_an_overlap_shows_the_day_that_stands_in_its_row(street: Street):
    taken(street, METERS, MASTER)
    taken(street, UNITS, unit(in_on="2026-03-01"))
    outcome = bring(street, UNITS, unit(operator="李四", in_on="2026-01-01"))
    assert [(f.row, f.column, f.value) for f in outcome.faults] == [(2, "入驻日期", "2026-01-01")]
    assert "2026-03-01 起的租期" in outcome.faults[0].reason


@pytest.mark.parametrize("in_on", ["", "2025-01-01", "2026-02-01"])
def test_a_let_shop_becomes_vacant_only_with_a_day_of_leaving(street: Street, in_on: str):
    taken(street, METERS, MASTER)
    taken(street, UNITS, unit())
    outcome = bring(street, UNITS, unit(operator="", use="空置", in_on=in_on))
    assert where(outcome) == [(2, "退租日期")]
    assert "在租的张三还没有退租日期" in outcome.faults[0].reason
    taken(street, UNITS, unit(use="空置", out_on="2026-02-01"))
    assert spells(street, "001") == [("张三", dt.date(2026, 2, 1))]
    assert Unit.objects.get(code="001").use == UnitUse.VACANT
    assert taken(street, UNITS, unit(operator="", use="空置", in_on=in_on)).same == 1


def test_days_in_or_out_within_a_shared_bill_name_the_bill(shops: Street):
    taken(shops, FileKind.BILLS, bill("B-2", first="2026-02-01", last="2026-02-28"))

    def told_bills(*rows: Row) -> list[str]:
        return [n for n in bring(shops, UNITS, *rows, dry_run=True).notices if "重新分摊" in n]

    assert told_bills(unit(out_on="2026-02-10")) == [
        "第 2 行：账单 B-2 已按原来的租期分摊，不会自动改动；请在账单页“重新分摊”"
    ]
    assert "账单 B-1、B-2 " in told_bills(unit("009", in_on="2026-01-20"))[0]
    assert told_bills(unit(out_on="2026-03-01")) == []
    assert told_bills(unit("009", in_on="2026-03-01"), unit("002", operator="李四", area="30")) == []
    taken(shops, UNITS, unit(out_on="2026-01-10"))
    assert "账单 B-1、B-2 " in told_bills(unit(out_on="2026-02-10"))[0]


def test_a_day_more_than_a_year_ahead_is_noticed(street: Street):
    taken(street, METERS, MASTER)
    outcome = taken(street, UNITS, unit("1", in_on="2030-01-01"), unit("2", out_on="2031-01-01"), unit("3"))
    assert [n for n in outcome.notices if "一年以后" in n] == [
        "第 2 行：2030-01-01 在一年以后，请核对年份", "第 3 行：2031-01-01 在一年以后，请核对年份",
    ]  # fmt: skip


def test_a_day_of_leaving_ends_the_tenancy_and_an_empty_one_never_reopens_it(street: Street):
    taken(street, METERS, MASTER)
    taken(street, UNITS, unit())
    outcome = taken(street, UNITS, unit(out_on="2026-02-01"), unit(operator="李四", in_on="2026-02-01"))
    assert (outcome.new, outcome.changed) == (1, 1)
    again = taken(street, UNITS, unit())
    assert (again.same, again.changed) == (1, 0)
    assert any("未改动" in notice for notice in again.notices)
    assert spells(street, "001") == [("张三", dt.date(2026, 2, 1)), ("李四", None)]


def test_a_tenancy_never_passes_to_another_name(street: Street):
    taken(street, METERS, MASTER)
    taken(street, UNITS, unit())
    outcome = bring(street, UNITS, unit(operator="李四"))
    assert where(outcome) == [(2, "经营者")]
    assert spells(street, "001") == [("张三", None)]


def test_a_new_phone_name_use_and_area_are_changes_with_before_and_after(street: Street):
    taken(street, METERS, MASTER)
    taken(street, UNITS, unit(phone="1"))
    outcome = taken(street, UNITS, unit(phone="2", name="新名", use="餐饮", area="30"))
    assert {(c.column, c.before, c.after) for c in outcome.changes} == {
        ("联系电话", "1", "2"), ("商铺名称", "001 号铺", "新名"), ("用途", "商铺", "餐饮"), ("建筑面积", "20.00", "30.00"),
    }  # fmt: skip
    assert outcome.changed == 1


def test_who_is_in_needs_a_first_day_and_who_is_not_needs_none(street: Street):
    taken(street, METERS, MASTER)
    assert where(bring(street, UNITS, unit(in_on=""))) == [(2, "入驻日期")]
    taken(street, UNITS, unit("V", use="空置", operator="", in_on=""), unit("P", use="公用", operator="", in_on="2025-01-01"),
          unit("O", use="自用", operator="", in_on="2025-01-01"), unit("E", operator="", in_on=""))  # fmt: skip
    assert {u.code: u.tenancies.count() for u in Unit.objects.all()} == {"V": 0, "P": 1, "O": 1, "E": 0}


def test_an_unknown_use_is_kept_as_other_and_named(street: Street):
    taken(street, METERS, MASTER)
    outcome = taken(street, UNITS, unit(use="洗车"))
    assert any("洗车" in notice for notice in outcome.notices)
    assert Unit.objects.get(code="001").use == UnitUse.OTHER


@pytest.mark.parametrize(
    ("in_on", "out_on", "column"), [("", "2026-01-01", "入驻日期"), ("2026-01-02", "2026-01-02", "退租日期")]
)
def test_days_that_cannot_be_are_refused(street: Street, in_on: str, out_on: str, column: str):
    taken(street, METERS, MASTER)
    outcome = bring(street, UNITS, unit(operator="", in_on=in_on, out_on=out_on))
    assert (2, column) in where(outcome)


def test_the_same_shop_and_day_twice_in_a_file_is_a_fault(street: Street):
    taken(street, METERS, MASTER)
    assert told(bring(street, UNITS, unit(), unit()))[0][:2] == (3, "商铺编号")


@pytest.mark.both
def test_a_shop_moves_to_another_master_only_with_a_new_tenancy(street: Street):
    taken(street, METERS, MASTER, meter("ZB-2", "总表"))
    taken(street, UNITS, unit())
    assert where(bring(street, UNITS, unit(master="ZB-2"))) == [(2, "总表表号")]
    taken(street, UNITS, unit(out_on="2026-02-01"), unit(operator="李四", in_on="2026-02-01", master="ZB-2"))
    rows = Connection.objects.filter(unit__code="001").order_by("from_on")
    assert [(c.point.code, c.until_on) for c in rows] == [("ZB-1", dt.date(2026, 2, 1)), ("ZB-2", None)]
