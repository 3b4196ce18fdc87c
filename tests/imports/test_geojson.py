"""Outlines as they come in a file: what is a ring on the map, what is not, and what says how to mend it."""

from __future__ import annotations

from typing import Any

import pytest

from hege.imports.geojson import Box, as_geometry, drawing, kept_shape, read, shifted_as
from hege.kernel.refused import Refused
from tests.imports.outlines import SOUTH, WEST, outlines, ring, square

NO_FILES: list[tuple[bytes, str]] = [
    (b"", "第 1 行读不成 JSON"),
    (b"PK\x03\x04", "第 1 行读不成 JSON"),
    (b"\xff\xfe{", "认不出文字编码"),
    (b"[]", "最外层要是 FeatureCollection"),
    (b'{"type": "Feature"}', "最外层要是 FeatureCollection"),
    (b'{"type": "FeatureCollection", "features": []}', "一个网格也没有"),
    (b'{"type": "FeatureCollection"}', "一个网格也没有"),
    (b'{"type": "FeatureCollection", "features": {}}', "一个网格也没有"),
    (b'{"a": NaN}', "NaN，不是数字"),
    (b'{"a": 1, "a": 2}', "写了两次“a”"),
    (b'{"a": ' + b"9" * 5000 + b"}", "读不成的数字"),
    (b"[" * 100_000, "嵌套得太深"),
    (b" " * (5 * 1024 * 1024 + 1), "文件有 6 MB，最多 5 MB"),
    (outlines(square("A"), name="高德导出"), "会偏几百米"),
    (outlines(square("A"), crs={"type": "name", "properties": {"name": "GCJ-02"}}), "会偏几百米"),
    (outlines(square("A"), crs={"type": "name", "properties": {"name": "EPSG:3857"}}), "转成 EPSG:4326"),
    (outlines(*[{}] * 2001), "最多 2000 个"),
]


@pytest.mark.parametrize(("content", "reason"), NO_FILES, ids=[reason for _content, reason in NO_FILES])
def test_a_file_that_is_no_grid_is_refused_in_words(content: bytes, reason: str):
    with pytest.raises(Refused) as refusal:
        read(content)
    assert reason in str(refusal.value)


def fault(corners: list[Any]) -> str:
    return read(outlines(square("A", corners=corners)))[0].fault


def swapped(corners: list[list[float]]) -> list[list[float]]:
    return [[y, x] for x, y in corners]


A, B, C, D, _A = ring()
BAD_RINGS: list[tuple[list[Any], str]] = [
    ([A, B, C, D], "没有闭合"),
    ([], "至少要三个不同的点"),
    ([A, A, A, A], "至少要三个不同的点"),
    ([A, B, A], "至少要三个不同的点"),
    ([A, C, B, D, A], "自己和自己相交"),
    ([A, B, C, B, D, A], "自己和自己相交"),
    ([A, B, [WEST + 0.04, SOUTH], B, C, D, A], "自己和自己相交"),
    ([A, B, C, [WEST + 0.01, SOUTH], D, A], "自己和自己相交"),
    (swapped(ring()), "经度和纬度写反了"),
    ([[x * 111_000, y * 111_000] for x, y in ring()], "以米为单位的平面坐标"),
    ([[x - 120, y] for x, y in ring()], "不在中国范围内"),
    ([["121.3", "31.1"], B, C, A], "每个点要写两个数"),
    ([[121.3], B, C, A], "每个点要写两个数"),
    ([[True, 31], B, C, A], "每个点要写两个数"),
    (["A", "B"], "每个点要写两个数"),
    ([None], "每个点要写两个数"),
    ([[WEST + n / 100_000, SOUTH] for n in range(1001)], "点太多"),
]


@pytest.mark.parametrize(("corners", "reason"), BAD_RINGS, ids=range(len(BAD_RINGS)))
def test_an_outline_that_cannot_be_drawn_says_why(corners: list[Any], reason: str):
    assert reason in fault(corners)


@pytest.mark.parametrize(
    ("geometry", "reason"),
    [
        ({"type": "Point", "coordinates": A}, "不能是点或线"),
        ({"type": "GeometryCollection", "geometries": []}, "不能是点或线"),
        ({"type": "Polygon"}, "没有坐标"),
        ({"type": "Polygon", "coordinates": []}, "没有坐标"),
        ({"type": "MultiPolygon", "coordinates": [ring()]}, "每个点要写两个数"),
        ("Polygon", "不能是点或线"),
    ],
)
def test_a_geometry_that_is_no_outline_says_so(geometry: Any, reason: str):
    assert reason in read(outlines(square("A") | {"geometry": geometry}))[0].fault


def test_huge_numbers_are_no_place_in_china():
    told = outlines(square("A")).replace(b"121.3,", b"1e999999,")
    assert "平面坐标" in read(told)[0].fault


@pytest.mark.parametrize(
    "corners",
    [
        ring(),
        ring()[::-1],
        [A, A, B, C, D, A],
        [[*A, 4.5], [*B, 4.5], [*C, 4.5], [*A, 4.5]],
        [A, [WEST + 0.01, SOUTH], B, C, D, A],
    ],
)
def test_a_plain_ring_is_taken(corners: list[Any]):
    assert fault(corners) == ""


def test_a_feature_may_name_itself_in_chinese():
    told = {"编码": "W1", "名称": "一号", "层级": "微网格", "上级": "B1"}
    feature = read(outlines(square("A") | {"properties": told}))[0]
    assert (feature.code, feature.name, feature.level, feature.parent) == ("W1", "一号", "微网格", "B1")


def test_a_number_is_a_code_as_its_digits():
    assert read(outlines(square("A") | {"properties": {"code": 310117006}}))[0].code == "310117006"


def test_what_is_kept_reads_as_the_same_shape():
    shape = read(outlines(square("A")))[0].shape
    assert shape is not None
    assert kept_shape(as_geometry(shape)) == shape
    assert as_geometry(shape)["coordinates"][0][0] == [WEST, SOUTH]


def test_a_star_that_takes_too_long_to_compare_is_refused_instead():
    comb = [[WEST + (n % 2) * 0.5, SOUTH + n / 100_000] for n in range(997)]
    corners = [*comb, [WEST - 0.1, comb[-1][1]], [WEST - 0.1, SOUTH], comb[0]]
    faults = {f.fault for f in read(outlines(*[square(str(n), corners=corners) for n in range(6)]))}
    assert any("太复杂" in fault for fault in faults)


# -- shifted maps ------------------------------------------------------------------------------------------------------


def box(west: float, south: float, size: float = 0.02) -> Box:
    shape = read(outlines(square("A", west=west, south=south, size=size)))[0].shape
    assert shape is not None
    return Box.of([shape])


#: Points of WGS-84 and how far the maps lie away there. GCJ-02: the pair the public converters are tested with
#: (121.5272106, 31.1774276 -> 121.5315419, 31.1753040), some 430 m. BD-09: Baidu's own example (116.404, 39.915 of GCJ-02 ->
#: 116.4103695, 39.9213370), taken back to WGS-84.
SHANGHAI, BEIJING = (121.5272106, 31.1774276), (116.3977558, 39.9135962)
GCJ = (121.5315419 - 121.5272106, 31.1753040 - 31.1774276)
BD = (116.4103695 - BEIJING[0], 39.9213370 - BEIJING[1])


@pytest.mark.parametrize(
    ("at", "by", "name"),
    [(SHANGHAI, GCJ, "GCJ-02"), (BEIJING, BD, "BD-09"), (SHANGHAI, (0, 0), ""), (SHANGHAI, (0.01, 0.01), "")],
)
def test_the_shift_of_a_map_is_known_by_the_outline_on_record(
    at: tuple[float, float], by: tuple[float, float], name: str
):
    west, south = at[0] - 0.01, at[1] - 0.01  # its middle is the point
    assert shifted_as(box(west + by[0], south + by[1]), before=box(west, south), parent=None) == name


def test_the_shift_is_known_by_the_parent_that_holds_it_without():
    parent = box(WEST, SOUTH)
    assert shifted_as(box(WEST + GCJ[0], SOUTH + GCJ[1]), before=None, parent=parent) == "GCJ-02"
    assert shifted_as(box(WEST + 0.005, SOUTH + 0.005, 0.001), before=None, parent=parent) == ""


# -- drawn -------------------------------------------------------------------------------------------------------------


def test_outlines_are_drawn_north_up_within_their_sheet():
    shapes = [f.shape for f in read(outlines(square("A"), square("B", south=SOUTH + 0.02)))]
    drawn = drawing([shape for shape in shapes if shape])
    assert drawn is not None
    (_south, _x, low), (_north, _x2, high) = drawn.paths
    assert 0 < high < low < drawn.height
    assert drawn.width < drawn.height
    assert drawing([]) is None
