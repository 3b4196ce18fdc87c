"""What files taught: shown, changed, forgotten, and taken back."""

from __future__ import annotations

import pytest
from django.test import Client

from hege.imports.columns import Memory, headings_digest
from hege.imports.layouts import FileKind
from hege.imports.memory import Lesson, keep_mapping, learn_name
from hege.imports.models import NameSort, RememberedMapping, RememberedName
from hege.metering.models import SupplyPoint
from hege.people.models import Street
from hege.places.models import Tenancy
from tests.cast import NOW, Cast
from tests.imports.files import a_street
from tests.web.office import words

pytestmark = pytest.mark.django_db
HEADS = {"店招": "商铺名称", "门牌号": "商铺编号", "租期止": "退租日期/last-day-in", "备注": ""}


@pytest.fixture
def shops(street: Street, cast: Cast) -> Street:
    return a_street(street)


@pytest.fixture
def desk(shops: Street, cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.coordinator)
    return client


def at(step: str = "") -> str:
    return f"/310117006/imports/learnt/{step}"


def page(client: Client) -> str:
    return words(client.get(at()))


def a_mapping(street: Street) -> RememberedMapping:
    memory = Memory(
        FileKind.UNITS, "示例居委会", headings_digest([*HEADS]), HEADS, {"总表表号": "ZB-1"}, "花名册.xlsx", NOW
    )
    keep_mapping(street, memory, by=None, at=NOW)
    return RememberedMapping.objects.get()


def a_payer(street: Street, word: str = "阿强") -> RememberedName:
    tenancy = Tenancy.objects.filter(street=street).order_by("unit__code").first()
    name = learn_name(street, Lesson(NameSort.PAYER, word, tenancy=tenancy), file_name="微信.xlsx", by=None, at=NOW)
    assert name is not None
    return name


def test_an_empty_page_says_what_will_appear_here(desk: Client):
    text = page(desk)
    assert "文件还没有教会什么" in text
    assert "记住这次的对法" in text
    assert "这个付款人是哪一户" in text


def test_each_lesson_says_what_it_is_and_which_file_taught_it(desk: Client, shops: Street):
    a_mapping(shops)
    name = a_payer(shops)
    text = page(desk)
    assert "文件教会了 2 样，都能改、能忘" in text
    assert "租期止 → 退租日期（写的是最后在的一天，次日起不在）" in text
    assert "备注 →" not in text
    assert "总表表号" in text
    assert "花名册.xlsx" in text
    assert "“阿强”" in text
    assert name.tenancy
    assert f"{name.tenancy.unit.code} {name.tenancy.unit.name}（" in text


def test_whose_a_name_is_can_be_changed(desk: Client, shops: Street):
    name = a_payer(shops)
    assert name.tenancy
    other = Tenancy.objects.filter(street=shops).exclude(pk=name.tenancy.pk)[0]
    answer = desk.post(at(f"names/{name.public_id}/"), {"whose": other.pk}, follow=True)
    assert "已改好" in words(answer)
    name.refresh_from_db()
    assert name.tenancy_id == other.pk


def test_an_account_is_changed_to_a_meter_and_to_nothing_else(desk: Client, shops: Street):
    point = SupplyPoint.objects.get(street=shops)
    name = learn_name(shops, Lesson(NameSort.CUSTOMER_ACCOUNT, "310117020600", point=point), by=None, at=NOW)
    assert name
    shown = words(desk.get(at(f"names/{name.public_id}/")))
    assert point.code in shown
    assert desk.post(at(f"names/{name.public_id}/"), {"whose": "99999"}).status_code == 422


def test_a_forgotten_name_comes_back_by_one_step(desk: Client, shops: Street):
    name = a_payer(shops)
    desk.post(at(f"names/{name.public_id}/forget/"))
    assert not RememberedName.objects.exists()
    assert "已忘掉：“阿强”是谁的" in page(desk)
    desk.post(at("back/"))
    again = RememberedName.objects.get()
    assert (again.shown, again.tenancy_id, again.file_name) == ("阿强", name.tenancy_id, "微信.xlsx")
    assert "已忘掉" not in page(desk)


@pytest.mark.both
def test_a_forgotten_mapping_comes_back_by_one_step(desk: Client, shops: Street):
    mapping = a_mapping(shops)
    desk.post(at(f"mappings/{mapping.public_id}/forget/"))
    assert not RememberedMapping.objects.exists()
    desk.post(at("back/"))
    again = RememberedMapping.objects.get()
    assert (again.columns, again.headings, again.sender) == (HEADS, mapping.headings, "示例居委会")


def test_there_is_nothing_to_take_back_where_nothing_was_forgotten(desk: Client):
    answer = desk.post(at("back/"))
    assert answer.status_code == 422
    assert "没有刚忘掉的" in words(answer)


@pytest.mark.both
def test_a_column_of_a_mapping_is_changed(desk: Client, shops: Street):
    mapping = a_mapping(shops)
    place = [*mapping.columns].index("租期止")
    text = words(desk.get(at(f"mappings/{mapping.public_id}/")))
    assert "示例居委会的商铺名册：每列是什么" in text
    said = {f"column_{n}": word for n, word in enumerate(mapping.columns.values())} | {f"column_{place}": "退租日期"}
    desk.post(at(f"mappings/{mapping.public_id}/"), said)
    mapping.refresh_from_db()
    assert mapping.columns["租期止"] == "退租日期"
    assert mapping.columns["店招"] == "商铺名称"
    assert desk.post(at(f"mappings/{mapping.public_id}/"), said | {"column_0": "没有的列"}).status_code == 422


def test_who_may_only_look_is_offered_no_change(cast: Cast, shops: Street):
    a_payer(shops)
    client = Client()
    client.force_login(cast.auditor)
    text = page(client)
    assert "“阿强”" in text
    assert "forget/" not in text
