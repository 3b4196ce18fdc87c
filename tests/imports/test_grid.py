"""The grid from a file: seen beside what stands, booked whole or not at all."""

from __future__ import annotations

from typing import Any

import pytest

from hege.imports.grid import GridFile, GridRow, import_grid
from hege.integrity.queries import faults
from hege.kernel.clock import day_of
from hege.kernel.refused import Refused
from hege.people.models import Street
from hege.places.actions import add_place
from hege.places.models import Place, PlaceLevel
from hege.trail.models import TrailLine
from tests.cast import DAY, NOW, Cast, tell
from tests.imports.outlines import SOUTH, WEST, outlines, square
from tests.standing import standing

pytestmark = pytest.mark.once

GRID, HOME, BLOCK = "综合网格", "居村网格", "街区"


@standing
def top(street: Street) -> Place:
    """The street's own place, as founding it makes it."""
    return add_place(street, level=PlaceLevel.STREET, code="S", name="九里亭街道", from_on=DAY, by=None, at=NOW)


def whole() -> list[dict[str, Any]]:
    """Three layers, the lowest first: the order of a file says nothing."""
    return [
        square("JQ01", level=BLOCK, parent="JC01", size=0.005),
        square("JC01", level=HOME, parent="ZG01", size=0.01),
        square("ZG01", level=GRID, parent="S"),
    ]


def seen(street: Street, *features: dict[str, Any]) -> list[GridRow]:
    return GridFile(street, outlines(*features), on=day_of(NOW)).rows


def booked(cast: Cast, *features: dict[str, Any]) -> int:
    return import_grid(cast.street, outlines(*features), name="边界.geojson", by=cast.administrator, at=NOW)


def test_three_layers_are_added_from_the_top_down_whatever_their_order(cast: Cast, top: Place):
    assert booked(cast, *whole()) == 3
    block = Place.objects.get(code="JQ01")
    assert (block.path, block.level, block.from_on) == ("S/ZG01/JC01/JQ01/", "block", day_of(NOW))
    assert block.polygon is not None
    assert block.polygon["coordinates"][0][0] == [WEST, SOUTH]
    line = TrailLine.objects.get(verb="import_grid")
    assert (line.by, line.data["places"]) == (cast.administrator, ["JC01", "JQ01", "ZG01"])


@pytest.mark.both
def test_outlines_verify_as_they_were_written(cast: Cast, top: Place):
    tell(cast.street)
    booked(cast, *whole())
    booked(cast, square("JQ01", level=BLOCK, parent="JC01", size=0.0061234))
    assert [*faults(cast.street)] == []


def test_a_preview_writes_nothing(street: Street, top: Place):
    assert [row.new for row in seen(street, *whole())] == [True, True, True]
    assert Place.objects.count() == 1


def test_the_same_file_again_has_nothing_to_do(cast: Cast, top: Place):
    booked(cast, *whole())
    lines = TrailLine.objects.count()
    assert booked(cast, *whole()) == 0
    assert TrailLine.objects.count() == lines


@pytest.mark.both
def test_a_name_and_an_outline_change_and_are_told_first(cast: Cast, top: Place):
    booked(cast, *whole())
    other = square("JQ01", name="蟠龙街区", level=BLOCK, parent="JC01", size=0.006)
    assert seen(cast.street, other)[0].changes == ["名称：JQ01 网格 → 蟠龙街区", "边界：4 个点 → 4 个点"]
    assert booked(cast, other) == 1
    assert Place.objects.get(code="JQ01").name == "蟠龙街区"
    assert set(TrailLine.objects.values_list("verb", flat=True)) >= {"rename_place", "draw_place"}


BAD: list[tuple[dict[str, Any], str]] = [
    (square("X", level=BLOCK, parent="没有"), "没有编码为 没有 的上级，本文件里也没有"),
    (square("X", level="片区", parent="S"), "层级写的是“片区”，只能写：街镇、综合网格"),
    (square("X", level="", parent="S"), "层级写的是“（空）”"),
    (square("X", level=BLOCK), "请选上级网格；只有街镇本身没有上级。"),
    (square("X", level="街镇"), "街镇已有，编码是 S"),
    (square("X", level="街镇", parent="S"), "网格的层级要低于它的上级。"),
    (square("X", level=BLOCK, parent="X"), "网格的层级要低于它的上级。"),
    (square("", level=BLOCK, parent="S"), "网格编码不能为空"),
    (square("a/b", level=BLOCK, parent="S"), "不能含“/”"),
    (square("X" * 31, level=BLOCK, parent="S"), "不能超过 30 个字符"),
    (square("X", name="长" * 61, level=BLOCK, parent="S"), "名称最多 60 个字"),
    (square("X", name="\x07", level=BLOCK, parent="S"), "不能有看不见的字符"),
    (square("X", level=BLOCK, parent="S", corners=[[1, 2]]), "不在中国范围内"),
    ({"type": "Feature", "properties": None, "geometry": None}, "层级写的是“（空）”"),
    (square("B1", level=GRID, parent="S"), "已登记为街区，不能改层级"),
    (square("B1", level=BLOCK, parent="ZG"), "已登记在别的上级下面，不能改"),
]


@pytest.mark.parametrize(("feature", "reason"), BAD, ids=range(len(BAD)))
def test_one_bad_feature_keeps_the_whole_file_out_and_says_why(
    cast: Cast, top: Place, feature: dict[str, Any], reason: str
):
    for code, level in (("B1", PlaceLevel.BLOCK), ("ZG", PlaceLevel.COMPREHENSIVE_GRID)):
        add_place(cast.street, level=level, code=code, name=code, parent=top, from_on=DAY, by=None, at=NOW)
    good = square("NEW", level=BLOCK, parent="S")
    rows = seen(cast.street, good, feature)
    assert rows[0].faults == []
    assert any(reason in fault for fault in rows[1].faults), rows[1].faults
    with pytest.raises(Refused, match="第 2 个网格要改"):
        booked(cast, good, feature)
    assert Place.objects.filter(code="NEW").count() == 0


def test_two_features_of_one_code_are_named(street: Street, top: Place):
    rows = seen(street, square("A", level=BLOCK, parent="S"), square("A", level=BLOCK, parent="S"))
    assert (rows[0].faults, rows[1].faults) == ([], ["编码与第 1 个相同"])


def test_what_reaches_out_of_its_parent_or_leaves_layers_out_is_told_and_taken(cast: Cast, top: Place):
    rows = seen(
        cast.street, square("ZG", level=GRID, parent="S"), square("B", level=BLOCK, parent="ZG", south=SOUTH + 0.1)
    )
    assert rows[1].notices == ["上级和它之间略过了居村网格", "伸到了上级的边界外面，请核对"]
    assert rows[1].faults == []


def test_the_first_outlines_of_a_street_are_told_to_be_unproven(cast: Cast, top: Place):
    file = GridFile(cast.street, outlines(*whole()), on=day_of(NOW))
    assert "请先确认坐标是 WGS-84" in file.notices[0]
    booked(cast, *whole())
    assert GridFile(cast.street, outlines(*whole()), on=day_of(NOW)).notices == []


def test_the_same_place_in_a_shifted_map_is_refused_with_the_mend(cast: Cast, top: Place):
    booked(cast, *whole())
    moved = square("ZG01", level=GRID, parent="S", west=WEST + 0.00449, south=SOUTH - 0.00201)
    assert seen(cast.street, moved)[0].faults == [
        "和登记的边界差的正是高德、腾讯坐标（GCJ-02）的偏移；请转成 WGS-84 再导入"
    ]


def test_a_place_without_an_outline_is_added_and_told(cast: Cast, top: Place):
    feature = square("A", level=BLOCK, parent="S") | {"geometry": None}
    assert seen(cast.street, feature)[0].notices[-1] == "没有边界，只登记名称和上级"
    booked(cast, feature)
    assert Place.objects.get(code="A").polygon is None


def test_another_streets_places_are_no_parents(cast: Cast, top: Place, other_street: Street):
    assert "没有编码为 S 的上级" in seen(other_street, square("A", level=BLOCK, parent="S"))[0].faults[0]
