"""A shop by hand: opened, put right, left and rented again, by the same checks as the roster file."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from hege.kernel import clock
from hege.metering.models import Connection, Meter
from hege.metering.rules import MeterKind
from hege.places.models import Tenancy, Unit, UnitLink, UnitUse
from hege.trail.models import TrailLine
from tests.cast import DAY, NOW, Cast, Row, install_meter, make_row
from tests.web.office import complaints, words

pytestmark = pytest.mark.django_db
HERE = "/310117006/units/"
FRESH = {
    "code": "N-1", "name": "新铺", "use": "catering", "area_sqm": "45.5", "operator": "周八", "phone": "13800000000",
    "from_on": "2026-06-01", "master": "ZB-1", "sub_meter": "",
}  # fmt: skip


@pytest.fixture
def at_desk(client: Client, cast: Cast, row: Row) -> Client:
    client.force_login(cast.coordinator)
    return client


def sent(at_desk: Client, tail: str, **data: object) -> Any:
    return at_desk.post(f"{HERE}{tail}", data)


def spells(code: str = "ZB-1-01") -> list[tuple[str, dt.date, dt.date | None]]:
    rows = Tenancy.objects.filter(unit__code=code).select_related("party").order_by("from_on")
    return [(t.party.name if t.party else "", t.from_on, t.until_on) for t in rows]


# -- opened ------------------------------------------------------------------------------------------------------------


def test_a_shop_is_opened_with_its_tenant_its_meter_and_its_printed_code(at_desk: Client, cast: Cast):
    answer = sent(at_desk, "new/unit/", **FRESH)
    assert answer.status_code == 302, complaints(answer)
    assert answer["Location"] == f"{HERE}N-1/"
    unit = Unit.objects.get(code="N-1")
    assert (unit.name, unit.use, str(unit.area_sqm)) == ("新铺", UnitUse.CATERING, "45.50")
    assert spells("N-1") == [("周八", dt.date(2026, 6, 1), None)]
    assert Connection.objects.get(unit=unit).point.code == "ZB-1"
    assert UnitLink.objects.filter(unit=unit).count() == 1
    assert TrailLine.objects.filter(verb="register_units", by=cast.coordinator).count() == 1


def test_from_a_meters_page_its_master_is_chosen_already(at_desk: Client):
    assert f'href="{HERE}new/unit/?meter=ZB-1"' in words(at_desk.get("/310117006/meters/ZB-1/"))
    assert '<option value="ZB-1" selected>' in words(at_desk.get(f"{HERE}new/unit/", {"meter": "ZB-1"}))


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ({"code": "ZB-1-01"}, "已在册"),
        ({"code": "ｚｂ-1-01"}, "已在册"),
        ({"code": "1.5E+12"}, "被 Excel 改写过"),
        ({"code": ""}, "请填写这一项"),
        ({"area_sqm": "-3"}, "面积要大于 0"),
        ({"master": "ZB-9"}, "选择一个有效的选项"),
        ({"sub_meter": "没有这块"}, "没有这块分表"),
        ({"sub_meter": "ZB-1"}, "这是总表，不是分表"),
        ({"from_on": ""}, "有经营者的商铺要填入驻日期"),
        ({"from_on": "2026-02-30"}, "请再看一下日期"),
    ],
)
def test_what_the_roster_refuses_the_form_refuses_beside_the_field(
    at_desk: Client, said: dict[str, str], complaint: str
):
    answer = sent(at_desk, "new/unit/", **{**FRESH, **said})
    assert answer.status_code == 422
    assert complaint in words(answer)
    assert Unit.objects.filter(code="N-1").count() == 0


def test_two_faults_of_one_row_are_told_at_once(at_desk: Client):
    answer = sent(at_desk, "new/unit/", **{**FRESH, "from_on": "", "sub_meter": "ZB-1"})
    assert [line.partition("：")[0] for line in complaints(answer)] == ["入驻日期", "分表表号"]


def test_what_looks_like_a_shop_that_stands_asks_for_a_tick_first(at_desk: Client, row: Row):
    alike = {**FRESH, "name": row.units[0].name, "operator": "店主01"}
    assert "和已登记的很像：商铺 ZB-1-01" in words(sent(at_desk, "new/unit/", **alike))
    assert sent(at_desk, "new/unit/", **alike, seen="on").status_code == 302
    assert Unit.objects.filter(code="N-1").exists()


def test_a_day_far_ahead_asks_for_a_tick_first(at_desk: Client):
    answer = sent(at_desk, "new/unit/", **{**FRESH, "from_on": "2062-06-01"})
    assert complaints(answer) == ["看过提醒，照样登记：2062-06-01 在一年以后，请核对年份"]


def test_an_empty_shop_is_opened_without_anybody(at_desk: Client):
    empty = {"use": "vacant", "operator": "", "phone": "", "from_on": ""}
    assert sent(at_desk, "new/unit/", **{**FRESH, **empty}).status_code == 302
    assert spells("N-1") == []


def test_a_shop_is_not_opened_behind_a_meter_of_another_street(at_desk: Client, other_cast: Cast):
    make_row(other_cast.street, code="ZB-FAR")
    assert at_desk.get(f"{HERE}new/unit/", {"meter": "ZB-FAR"}).status_code == 404
    assert sent(at_desk, "new/unit/", **{**FRESH, "master": "ZB-FAR"}).status_code == 422


def test_who_looks_only_finds_no_button_and_opens_nothing(client: Client, cast: Cast, row: Row):
    client.force_login(cast.grid_worker)
    assert "new/unit/" not in words(client.get(HERE))
    assert not {"amend/", "leave/", "move-in/", "sub-meter/"} & {
        tail for tail in ("amend/", "leave/", "move-in/", "sub-meter/") if tail in words(client.get(f"{HERE}ZB-1-01/"))
    }
    assert client.post(f"{HERE}new/unit/", FRESH).status_code == 403


# -- put right ---------------------------------------------------------------------------------------------------------


def test_name_use_area_and_phone_are_put_right_and_the_tenant_stays(at_desk: Client):
    said = {"name": "老张面馆", "use": "catering", "area_sqm": "33", "phone": "021-5555", "sub_meter": ""}
    assert sent(at_desk, "ZB-1-01/amend/", **said).status_code == 302
    unit = Unit.objects.get(code="ZB-1-01")
    assert (unit.name, unit.use, str(unit.area_sqm)) == ("老张面馆", UnitUse.CATERING, "33.00")
    tenancy = Tenancy.objects.get(unit=unit)
    assert tenancy.party is not None
    assert (tenancy.party.name, tenancy.party.phone) == ("店主01", "021-5555")
    assert set(TrailLine.objects.values_list("verb", flat=True)) >= {"amend_unit", "amend_tenancy"}


def test_a_shop_with_somebody_in_it_is_not_called_empty(at_desk: Client):
    answer = sent(at_desk, "ZB-1-01/amend/", name="01 号铺", use="vacant", area_sqm="", phone="", sub_meter="")
    assert "在租的店主01还没有退租日期" in words(answer)
    assert Unit.objects.get(code="ZB-1-01").use == UnitUse.SHOP


def test_nothing_changed_writes_nothing(at_desk: Client, row: Row):
    before = TrailLine.objects.count()
    shop = row.units[0]
    said = {"name": shop.name, "use": shop.use, "area_sqm": shop.area_sqm, "phone": "", "sub_meter": ""}
    assert sent(at_desk, "ZB-1-01/amend/", **said).status_code == 302
    assert TrailLine.objects.count() == before


def test_a_tenancy_without_a_name_gets_one(at_desk: Client, row: Row):
    Tenancy.objects.filter(pk=row.tenancies[0].pk).update(party=None)
    assert 'name="operator"' in words(at_desk.get(f"{HERE}ZB-1-01/amend/"))
    said = {"name": row.units[0].name, "use": "shop", "area_sqm": "", "operator": "周八", "phone": "", "sub_meter": ""}
    assert sent(at_desk, "ZB-1-01/amend/", **said).status_code == 302
    assert spells() == [("周八", DAY, None)]


# -- left and rented again ---------------------------------------------------------------------------------------------


def test_a_tenant_leaves(at_desk: Client):
    assert sent(at_desk, "ZB-1-01/leave/", until_on="2026-11-01").status_code == 302
    assert spells() == [("店主01", DAY, dt.date(2026, 11, 1))]


def test_a_day_out_may_be_put_right(at_desk: Client):
    sent(at_desk, "ZB-1-01/leave/", until_on="2026-11-01")
    assert "改退租日期" in words(at_desk.get(f"{HERE}ZB-1-01/"))
    assert sent(at_desk, "ZB-1-01/leave/", until_on="2026-10-01").status_code == 302
    assert spells() == [("店主01", DAY, dt.date(2026, 10, 1))]


def test_nobody_leaves_before_they_came(at_desk: Client):
    assert complaints(sent(at_desk, "ZB-1-01/leave/", until_on=str(DAY))) == ["退租日期：要晚于入驻日期"]


def test_where_nobody_ever_was_nobody_leaves(at_desk: Client, row: Row):
    sent(at_desk, "new/unit/", **{**FRESH, "use": "vacant", "operator": "", "from_on": ""})
    assert f"{HERE}N-1/leave/" not in words(at_desk.get(f"{HERE}N-1/"))
    assert "没有谁可以退租" in words(sent(at_desk, "N-1/leave/", until_on="2026-11-01"))


def next_tenant(**said: str) -> dict[str, str]:
    days = {"until_on": "2026-11-01", "from_on": "2026-11-01"}
    return {"operator": "周八", "phone": "", "use": "shop", "master": "ZB-1"} | days | said


def test_the_next_tenant_moves_in_as_the_old_one_leaves(at_desk: Client):
    assert sent(at_desk, "ZB-1-01/move-in/", **next_tenant()).status_code == 302
    assert spells() == [("店主01", DAY, dt.date(2026, 11, 1)), ("周八", dt.date(2026, 11, 1), None)]


def test_nobody_moves_in_while_the_old_one_is_in_and_then_neither_is_written(at_desk: Client):
    answer = sent(at_desk, "ZB-1-01/move-in/", **next_tenant(from_on="2026-10-01"))
    assert "租期重叠" in words(answer)
    assert spells() == [("店主01", DAY, None)]


def test_into_an_empty_shop_somebody_moves_without_a_day_out(at_desk: Client):
    sent(at_desk, "ZB-1-01/leave/", until_on="2026-10-01")
    assert "登记入驻" in words(at_desk.get(f"{HERE}ZB-1-01/"))
    assert 'name="until_on"' not in words(at_desk.get(f"{HERE}ZB-1-01/move-in/"))
    assert sent(at_desk, "ZB-1-01/move-in/", **next_tenant()).status_code == 302
    assert spells()[-1] == ("周八", dt.date(2026, 11, 1), None)


def test_a_shop_called_empty_is_in_use_once_somebody_moves_in(at_desk: Client):
    sent(at_desk, "ZB-1-01/leave/", until_on="2026-10-01")
    Unit.objects.filter(code="ZB-1-01").update(use=UnitUse.VACANT)
    assert sent(at_desk, "ZB-1-01/move-in/", **next_tenant(use="catering")).status_code == 302
    assert Unit.objects.get(code="ZB-1-01").use == UnitUse.CATERING


def test_the_next_tenant_may_draw_from_another_meter(at_desk: Client, row: Row):
    make_row(row.street, code="ZB-2", shops=1)
    assert sent(at_desk, "ZB-1-01/move-in/", **next_tenant(master="ZB-2")).status_code == 302
    lines = Connection.objects.filter(unit__code="ZB-1-01").order_by("from_on").values_list("point__code", "until_on")
    assert list(lines) == [("ZB-1", dt.date(2026, 11, 1)), ("ZB-2", None)]


def test_a_day_that_changes_a_shared_bill_says_so_before_and_after(at_desk: Client, row: Row):
    row.bill("B-JAN", fen=90_000)
    told = "账单 B-JAN 已按原来的租期分摊，不会自动改动；请在账单页“重新分摊”"
    answer = sent(at_desk, "ZB-1-01/leave/", until_on="2026-01-20")
    assert (answer.status_code, told in words(answer)) == (422, True)
    assert spells() == [("店主01", DAY, None)]
    answer = at_desk.post(f"{HERE}ZB-1-01/leave/", {"until_on": "2026-01-20", "seen": "on"}, follow=True)
    assert told in words(answer)
    assert spells() == [("店主01", DAY, dt.date(2026, 1, 20))]


# -- a sub-meter -------------------------------------------------------------------------------------------------------

SUB = {
    "meter": "SF-0090",
    "started_on": "2026-06-01",
    "started_litres": "12.5",
    "diameter_mm": "DN15",
    "location": "后厨",
}


def test_a_shop_gets_a_sub_meter_behind_its_master(at_desk: Client, row: Row):
    assert sent(at_desk, "ZB-1-01/sub-meter/", **SUB).status_code == 302
    sub = Meter.objects.get(number="SF-0090")
    assert (sub.kind, sub.point, sub.unit, sub.started_litres) == (MeterKind.SUB, row.point, row.units[0], 12_500)


def test_a_second_sub_meter_asks_whether_the_first_was_exchanged(at_desk: Client, row: Row):
    install_meter(row.point, number="FB-6", kind=MeterKind.SUB, unit=row.units[0], started_on=DAY, by=None, at=NOW)
    assert "已有在用的分表 FB-6" in "\n".join(complaints(sent(at_desk, "ZB-1-01/sub-meter/", **SUB)))
    assert Meter.objects.filter(number="SF-0090").count() == 0
    assert sent(at_desk, "ZB-1-01/sub-meter/", **SUB, seen="on").status_code == 302


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ({"meter": "ZB-1"}, "分表表号：表号 ZB-1 已登记"),
        ({"started_litres": "123456", "diameter_mm": "大"}, "口径：要填口径，如 DN50"),
        ({"started_litres": "-1"}, "启用时的行度（立方米）：请写表上的数"),
    ],
)
def test_a_sub_meter_that_cannot_be_is_refused_beside_its_field(at_desk: Client, said: dict[str, str], complaint: str):
    answer = sent(at_desk, "ZB-1-01/sub-meter/", **{**SUB, **said})
    assert complaint in "\n".join(complaints(answer))


def test_what_was_done_by_hand_is_seen_on_the_shops_page(at_desk: Client):
    at_desk.post(f"{HERE}ZB-1-01/move-in/", next_tenant(from_on=str(clock.today()), until_on=str(clock.today())))
    page = words(at_desk.get(f"{HERE}ZB-1-01/"))
    assert ("周八" in page, "店主01" in page) == (True, True)
