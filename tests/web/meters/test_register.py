"""A master meter by hand, by the same checks as the roster of meters."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from hege.billing.models import MethodChoice
from hege.imports.models import NameSort, RememberedName
from hege.kernel.saying import told
from hege.metering.actions import open_supply_point
from hege.metering.models import Meter, PointRole, SupplyPoint
from hege.people.models import Membership, Role
from hege.places.models import Place
from tests.cast import NOW, Cast, Row
from tests.web.office import complaints, words
from tests.web.things import make_places

pytestmark = pytest.mark.django_db
HERE = "/310117006/meters/"
FRESH = {
    "meter": "SH50-0007", "diameter_mm": "DN50", "location": "弄口水表井", "place": "", "started_on": "2026-01-01",
    "started_litres": "16,393.5", "digits": "", "verified_on": "", "holder": "某物业公司", "account": "1234 5678", "agent": "二房东",
    "method": "area",
}  # fmt: skip


@pytest.fixture
def at_desk(client: Client, cast: Cast) -> Client:
    client.force_login(cast.coordinator)
    return client


def sent(at_desk: Client, **said: object) -> Any:
    return at_desk.post(f"{HERE}new/master/", {**FRESH, **said})


def test_a_master_meter_comes_with_its_people_its_method_and_an_empty_book(at_desk: Client):
    answer = sent(at_desk)
    assert answer.status_code == 302, complaints(answer)
    assert answer["Location"] == f"{HERE}SH50-0007/"
    meter = Meter.objects.get(number="SH50-0007")
    assert (meter.diameter_mm, meter.started_on, meter.started_litres, meter.location) == (
        50, dt.date(2026, 1, 1), 16_393_500, "弄口水表井",
    )  # fmt: skip
    roles = {(r.kind, r.party.name) for r in PointRole.objects.filter(point=meter.point)}
    assert roles == {("account_holder", "某物业公司"), ("agent", "二房东")}
    choice = MethodChoice.objects.get(point=meter.point)
    assert (choice.method, told(choice.decision)) == ("area", "手工登记")
    assert RememberedName.objects.get(point=meter.point).sort == NameSort.CUSTOMER_ACCOUNT


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ({"meter": "ZB-1"}, "表号：表号 ZB-1 已登记。"),
        ({"meter": ""}, "表号：请填写这一项。"),
        ({"diameter_mm": "五十"}, "口径：要填口径，如 DN50"),
        ({"digits": "4"}, "启用时的行度（立方米）：超过了这块表的字轮位数"),
        ({"digits": "40"}, "字轮位数：要填字轮位数，4 到 8"),
        ({"started_on": "2026-13-01"}, "启用日期：没有这一天"),
    ],
)
def test_what_the_roster_refuses_the_form_refuses(at_desk: Client, row: Row, said: dict[str, str], complaint: str):
    answer = sent(at_desk, **said)
    assert answer.status_code == 422
    assert complaint in "\n".join(complaints(answer))
    assert Meter.objects.filter(number="SH50-0007").count() == 0


def test_a_number_that_looks_like_one_that_stands_asks_for_a_tick_first(at_desk: Client, row: Row):
    assert "和已登记的很像：总表 ZB-1" in words(sent(at_desk, meter="ZB-I"))
    assert sent(at_desk, meter="ZB-I", seen="on").status_code == 302


def test_it_lies_in_the_part_of_the_grid_that_was_chosen(at_desk: Client, cast: Cast):
    block, _other = make_places(cast)
    assert sent(at_desk, place=block.pk).status_code == 302
    assert SupplyPoint.objects.get(code="SH50-0007").place == block


def part_of(cast: Cast, place: Place) -> None:
    Membership.objects.filter(street=cast.street, role=Role.COORDINATOR).update(path=place.path)


def test_who_holds_a_part_must_say_where_in_it_the_meter_lies(at_desk: Client, cast: Cast):
    block, other = make_places(cast)
    part_of(cast, block)
    assert "在哪个网格：请选择一项。" in complaints(sent(at_desk))
    assert sent(at_desk, place=other.pk).status_code == 422
    assert sent(at_desk, place=block.pk).status_code == 302
    assert at_desk.get(f"{HERE}SH50-0007/").status_code == 200


def test_the_list_leads_to_the_form_for_those_who_may(at_desk: Client, client: Client, cast: Cast):
    assert f'href="{HERE}new/master/"' in words(at_desk.get(HERE))
    client.force_login(cast.grid_worker)
    assert "new/master/" not in words(client.get(HERE))
    assert client.get(f"{HERE}new/master/").status_code == 403


# -- said later --------------------------------------------------------------------------------------------------------

WORDS = {"diameter_mm": "DN80", "location": "新井", "verified_on": "2025-06-01", "account": ""}


def test_what_measures_nothing_is_put_right(at_desk: Client, row: Row):
    assert f'href="{HERE}ZB-1/amend/"' in words(at_desk.get(f"{HERE}ZB-1/"))
    answer = at_desk.post(f"{HERE}ZB-1/amend/", WORDS)
    assert (answer.status_code, answer["Location"]) == (302, f"{HERE}ZB-1/")
    meter = Meter.objects.get(number="ZB-1")
    assert (meter.diameter_mm, meter.location, meter.verified_on) == (80, "新井", dt.date(2025, 6, 1))


def test_who_is_named_already_is_not_asked_again(at_desk: Client, row: Row):
    html = words(at_desk.get(f"{HERE}ZB-1/amend/"))
    assert [name for name in ("holder", "agent", "method", "meter", "started_on") if f'name="{name}"' in html] == []


def test_an_agent_nobody_named_yet_is_named(at_desk: Client):
    sent(at_desk, agent="", holder="", method="")
    answer = at_desk.post(f"{HERE}SH50-0007/amend/", WORDS | {"holder": "", "agent": "三房东", "method": "equal"})
    assert answer.status_code == 302, complaints(answer)
    point = SupplyPoint.objects.get(code="SH50-0007")
    assert PointRole.objects.get(point=point).party.name == "三房东"
    assert MethodChoice.objects.get(point=point).method == "equal"


def test_a_diameter_that_is_none_is_refused(at_desk: Client, row: Row):
    answer = at_desk.post(f"{HERE}ZB-1/amend/", WORDS | {"diameter_mm": "大"})
    assert complaints(answer) == ["口径：要填口径，如 DN50"]


def test_a_meter_that_a_roster_awaits_is_met_in_any_spelling(at_desk: Client, cast: Cast):
    block, _other = make_places(cast)
    open_supply_point(cast.street, code="ZB-9", by=None, at=NOW)
    answer = sent(at_desk, meter="ｚｂ-9", place=block.pk)
    assert (answer.status_code, answer["Location"]) == (302, f"{HERE}ZB-9/")
    assert SupplyPoint.objects.get(code="ZB-9").place == block
