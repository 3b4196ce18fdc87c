"""网格 by hand: the tree is shown, grown, renamed and pruned; shops and meters are put where they lie."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from hege.kernel.clock import today
from hege.people.models import Membership, Role
from hege.places.models import Place, PlaceLevel, Unit
from hege.trail.models import TrailLine
from tests.cast import DAY, FRAME_QUERIES, Cast, Row
from tests.web.office import complaints, words
from tests.web.things import make_places

pytestmark = pytest.mark.django_db
HERE = "/310117006/places/"


@pytest.fixture
def block(cast: Cast) -> Place:
    return make_places(cast)[0]


@pytest.fixture
def at_desk(client: Client, cast: Cast, block: Place) -> Client:
    client.force_login(cast.administrator)
    return client


def sent(at_desk: Client, tail: str, **data: object) -> Any:
    return at_desk.post(f"{HERE}{tail}", data)


def new(parent: Place, /, **said: object) -> dict[str, object]:
    return {
        "parent": parent.pk,
        "level": "micro_grid",
        "code": "W1",
        "name": "一号微网格",
        "from_on": "2026-06-01",
    } | said


def test_the_tree_stands_from_the_top_down_with_what_lies_in_each_part(at_desk: Client, block: Place, row: Row):
    Unit.objects.filter(pk=row.units[0].pk).update(place=block)
    html = words(at_desk.get(HERE))
    assert html.index("九里亭街道</a>") < html.index("B1 街区</a>") < html.index("B2 街区</a>")
    assert '<td data-l="商铺" class="r num">1</td>' in html


def test_a_part_is_added_below_another(at_desk: Client, cast: Cast, block: Place):
    answer = sent(at_desk, "new/", **new(block))
    assert answer.status_code == 302, complaints(answer)
    made = Place.objects.get(code="W1")
    assert (made.path, made.level, made.from_on) == ("S/B1/W1/", PlaceLevel.MICRO_GRID, dt.date(2026, 6, 1))
    assert TrailLine.objects.filter(verb="add_place", by=cast.administrator).count() == 1
    assert answer["Location"] == f"{HERE}{made.pk}/"


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ({"code": "B2"}, "编码：编码 B2 的网格已在册。"),
        ({"code": "a/b"}, "编码：网格编码不能为空、不能含“/”、不能超过 30 个字符。"),
        ({"level": "comprehensive_grid"}, "层级：网格的层级要低于它的上级。"),
        ({"level": "street"}, "层级：选择一个有效的选项。 street 不在可用的选项中。"),
        ({"parent": "999999"}, "在哪里下面：选择一个有效的选项： 该选择不在可用的选项中。"),
        ({"name": " "}, "名称：请填写这一项。"),
        ({"from_on": "2026-02-30"}, "设立日期：没有这一天，请再看一下日期。"),
    ],
)
def test_a_part_that_cannot_be_is_refused_beside_its_field(
    at_desk: Client, block: Place, said: dict[str, object], complaint: str
):
    answer = sent(at_desk, "new/", **new(block, **said))
    assert (answer.status_code, complaints(answer)) == (422, [complaint])
    assert Place.objects.filter(code="W1").count() == 0


def test_a_part_is_renamed_from_a_day_and_its_old_name_stays_on_its_page(at_desk: Client, block: Place):
    assert sent(at_desk, f"{block.pk}/rename/", name="蟠龙街区", on="2026-11-01").status_code == 302
    html = words(at_desk.get(f"{HERE}{block.pk}/"))
    assert ("蟠龙街区" in html, "B1 街区" in html, "2026-11-01" in html) == (True, True, True)


@pytest.mark.parametrize("on", [dt.date(2025, 12, 31), None], ids=["before its part", "tomorrow"])
def test_a_name_begins_neither_before_its_part_nor_after_today(at_desk: Client, block: Place, on: dt.date | None):
    day = on or today() + dt.timedelta(days=1)
    answer = sent(at_desk, f"{block.pk}/rename/", name="蟠龙街区", on=day.isoformat())
    assert complaints(answer) == ["从哪天起：改名的日期要在设立日期和今天之间。"]


def test_an_empty_part_is_closed_and_leaves_the_tree(at_desk: Client, block: Place):
    assert sent(at_desk, f"{block.pk}/close/", on="2026-11-01").status_code == 302
    assert "B1 街区" not in words(at_desk.get(HERE))
    assert Place.objects.get(pk=block.pk).until_on == dt.date(2026, 11, 1)
    assert "已经关闭" in words(sent(at_desk, f"{block.pk}/rename/", name="又一个", on="2026-11-01"))


def test_a_part_with_something_in_it_is_not_closed_and_offers_no_button(
    at_desk: Client, cast: Cast, block: Place, row: Row
):
    Unit.objects.filter(pk__in=[u.pk for u in row.units]).update(place=block)
    Membership.objects.filter(user=cast.grid_worker).update(path=block.path)
    assert f"{block.pk}/close/" not in words(at_desk.get(f"{HERE}{block.pk}/"))
    answer = sent(at_desk, f"{block.pk}/close/", on="2026-11-25")
    assert complaints(answer) == ["里面还有商铺 3、岗位 1，请先移走或结束，再关闭。"]


def test_a_closed_code_may_be_given_again(at_desk: Client, block: Place):
    top = block.parent
    assert top is not None
    sent(at_desk, f"{block.pk}/close/", on="2026-06-01")
    assert sent(at_desk, "new/", **new(top, code="B1")).status_code == 302
    assert Place.objects.filter(code="B1").count() == 2


def test_several_shops_are_put_into_a_part_at_once(at_desk: Client, block: Place, row: Row):
    chosen = [unit.pk for unit in row.units[:2]]
    answer = at_desk.post(f"{HERE}{block.pk}/units/", {"units": chosen}, follow=True)
    assert "已放入 2 家商铺。" in words(answer)
    assert set(Unit.objects.filter(place=block).values_list("pk", flat=True)) == set(chosen)
    line = TrailLine.objects.get(verb="locate_units")
    assert [code for code, _before in line.data["units"]] == ["ZB-1-01", "ZB-1-02"]


def test_shops_are_found_by_words_among_many(at_desk: Client, block: Place, row: Row):
    html = words(at_desk.get(f"{HERE}{block.pk}/units/", {"q": "-02"}))
    assert ("ZB-1-02" in html, "ZB-1-01" in html) == (True, False)


def test_a_master_meter_is_put_where_its_watchers_see_it(
    at_desk: Client, client: Client, cast: Cast, block: Place, row: Row
):
    assert sent(at_desk, f"{block.pk}/meters/", points=row.point.pk).status_code == 302
    Membership.objects.filter(user=cast.grid_worker).update(path=block.path)
    client.force_login(cast.grid_worker)
    assert client.get("/310117006/meters/ZB-1/").status_code == 200


def test_who_looks_after_a_part_sees_that_part_alone_and_changes_nothing(client: Client, cast: Cast, block: Place):
    Membership.objects.filter(street=cast.street, role__in=[Role.GRID_WORKER, Role.COORDINATOR]).update(path=block.path)
    for user in (cast.grid_worker, cast.coordinator):
        client.force_login(user)
        html = words(client.get(HERE))
        assert ("B1 街区" in html, "B2 街区" in html, f"{HERE}new/" in html) == (True, False, False)
        assert client.get(f"{HERE}{Place.objects.get(code='B2').pk}/").status_code == 404
        assert client.post(f"{HERE}new/", new(block)).status_code == 403


def test_the_tree_asks_as_often_for_many_parts_as_for_three(
    at_desk: Client, block: Place, django_assert_max_num_queries: Any
):
    rows = [
        Place(street=block.street, parent=block, level=PlaceLevel.PREMISES, code=f"Y{n}", name=f"{n} 号楼",
              path=f"{block.path}Y{n}/", from_on=DAY)
        for n in range(30)
    ]  # fmt: skip
    Place.objects.bulk_create(rows)
    with django_assert_max_num_queries(3 + FRAME_QUERIES):
        at_desk.get(HERE)
