"""Outlines of the grid from a GeoJSON file: read, proved to be rings on the map, compared, drawn. Asks no database.

A corner is (longitude, latitude) in whole ten-millionths of a degree (about a centimetre), so that whether two sides
cross has one answer. Outlines are for the eye: who sees what goes by the tree of the grid alone.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from hege.kernel.refused import Refused

Corner = tuple[int, int]
Ring = tuple[Corner, ...]
Shape = tuple[tuple[Ring, ...], ...]  #: polygons, each its outer ring and its holes; a ring ends with its first corner

MOST_BYTES = 5 * 1024 * 1024
MOST_FEATURES, MOST_CORNERS, MOST_OF_A_RING, MOST_PAIRS = 2_000, 20_000, 1_000, 2_000_000
DEGREE = 10**7
LONGITUDES, LATITUDES = (73, 136), (3, 54)  # of China
NEAR = 25 * DEGREE // 100_000  # some 25 m: how far two drawings of one place may lie apart
#: What a feature says of its part of the grid: the word of the field, and what a Chinese map may call it.
PROPERTIES = {"code": "编码", "name": "名称", "level": "层级", "parent": "上级"}
#: Words for systems of coordinates that are not WGS-84: maps of web companies, and metres in place of degrees.
SHIFTED = re.compile(r"gcj|火星|高德|腾讯|bd-?09|百度", re.IGNORECASE)
KNOWN_CRS = re.compile(r"CRS:?84|4326|4490|WGS", re.IGNORECASE)


class BadShape(Exception):
    """An outline that cannot be drawn; the message says why and how to mend it."""


class Feature(NamedTuple):
    """A part of the grid as a file tells of it; ``number`` counts from 1. ``fault`` says what is wrong with its outline."""

    number: int
    code: str
    name: str
    level: str
    parent: str
    shape: Shape | None
    fault: str


def read(content: bytes) -> list[Feature]:
    """The features of a FeatureCollection. Raises ``Refused`` for any other file."""
    told = _load(content)
    if not isinstance(told, dict) or told.get("type") != "FeatureCollection":
        raise Refused(_("这不是网格边界文件：最外层要是 FeatureCollection。请从 GIS 软件导出 GeoJSON。"))
    _check_system(told)
    features = told.get("features")
    if not isinstance(features, list) or not features:
        raise Refused(_("文件里一个网格也没有（features 是空的）。"))
    if len(features) > MOST_FEATURES:
        raise Refused(
            _("文件里有 %(n)d 个网格，最多 %(most)d 个；请分成几个文件。"), n=len(features), most=MOST_FEATURES
        )
    count = _Count()
    return [_feature(number, feature, count) for number, feature in enumerate(features, 1)]


def _load(content: bytes) -> Any:
    if len(content) > MOST_BYTES:
        told = _("文件有 %(size)d MB，最多 %(most)d MB；请先简化边界，坐标留 6 位小数就够。")
        raise Refused(told, size=-(-len(content) // 1048576), most=MOST_BYTES // 1048576)
    try:
        return json.loads(
            content.decode("utf-8-sig"), parse_float=Decimal, parse_constant=_no_number, object_pairs_hook=_once
        )
    except UnicodeDecodeError as wrong:
        raise Refused(_("认不出文字编码；请另存为 UTF-8 编码的 GeoJSON（.geojson 或 .json）。")) from wrong
    except json.JSONDecodeError as wrong:
        told = _("第 %(line)d 行读不成 JSON；请给 GeoJSON 文件（.geojson 或 .json），不是表格、图片或压缩包。")
        raise Refused(told, line=wrong.lineno) from wrong
    except (ValueError, ArithmeticError, RecursionError) as wrong:
        raise Refused(_("文件里有读不成的数字，或层层嵌套得太深。")) from wrong


def _no_number(word: str) -> Any:
    raise Refused(_("坐标里有 %(word)s，不是数字。"), word=word)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _value in pairs]
        double = next(name for name in names if names.count(name) > 1)
        raise Refused(_("同一处写了两次“%(name)s”，不知道以哪个为准。"), name=double[:40])
    return found


def _check_system(told: Mapping[str, Any]) -> None:
    """Refuse a file that names another system of coordinates than WGS-84 (CGCS2000 in degrees is the same to the eye)."""
    crs = told.get("crs")
    named = json.dumps(crs, ensure_ascii=False, default=str)[:200] if crs else ""
    words = " ".join(str(value)[:200] for value in told.values() if isinstance(value, str))
    if SHIFTED.search(words + named):
        raise Refused(_("文件写明用的是高德、腾讯（GCJ-02）或百度（BD-09）的坐标，会偏几百米；请转成 WGS-84 再导入。"))
    if named and not KNOWN_CRS.search(named):
        raise Refused(_("文件写明的坐标系不是经纬度（WGS-84 或 CGCS2000）；请在 GIS 软件里转成 EPSG:4326 再导出。"))


@dataclass
class _Count:
    """What has been read and compared so far, of all features together."""

    corners: int = 0
    pairs: int = 0


def _feature(number: int, told: Any, count: _Count) -> Feature:
    said = told.get("properties") if isinstance(told, dict) else None
    said = said if isinstance(said, dict) else {}
    code, name, level, parent = (_text(said.get(key, said.get(word))) for key, word in PROPERTIES.items())
    geometry = told.get("geometry") if isinstance(told, dict) else "?"
    try:
        shape, fault = (None if geometry is None else _shape(geometry, count)), ""
    except BadShape as bad:
        shape, fault = None, str(bad)
    return Feature(number, code, name, level, parent, shape, fault)


class Line(NamedTuple):
    """A line as a file tells of it: its words by key, and the corners it runs through."""

    said: Mapping[str, str]
    runs: Sequence[Corner]


def read_lines(content: bytes) -> list[Line]:
    """The lines of a FeatureCollection, each part of a broken one by itself; what is no line is left out.

    Raises ``Refused`` for any other file, and for a line that cannot be drawn.
    """
    told = _load(content)
    if (
        not isinstance(told, dict)
        or told.get("type") != "FeatureCollection"
        or not isinstance(told.get("features"), list)
    ):
        raise Refused(_("这不是 GeoJSON 文件：最外层要是 FeatureCollection。请从 GIS 软件导出。"))
    _check_system(told)
    count, found = _Count(), []
    for number, feature in enumerate(told["features"], 1):
        geometry = feature.get("geometry") if isinstance(feature, dict) else None
        said = feature.get("properties") if isinstance(feature, dict) else None
        words = {str(k): _text(v) for k, v in said.items()} if isinstance(said, dict) else {}
        try:
            found += [Line(words, _runs(part, count)) for part in _parts(geometry)]
        except BadShape as bad:
            raise Refused(_("第 %(n)d 条：%(why)s。"), n=number, why=str(bad)) from bad
    return found


def _parts(geometry: Any) -> list[Any]:
    sort = geometry.get("type") if isinstance(geometry, dict) else None
    lists = geometry.get("coordinates") if isinstance(geometry, dict) else None
    if sort == "LineString":
        return [lists]
    return lists if sort == "MultiLineString" and isinstance(lists, list) else []


def _runs(told: Any, count: _Count) -> list[Corner]:
    degrees = _degrees(told, count)
    if not degrees:
        raise BadShape(_("边界里没有坐标"))
    _check_where(degrees)
    return [(int((x * DEGREE).to_integral_value()), int((y * DEGREE).to_integral_value())) for x, y in degrees]


def _text(value: Any) -> str:
    return str(value).strip() if isinstance(value, str | int | Decimal) and not isinstance(value, bool) else ""


def _shape(told: Any, count: _Count) -> Shape:
    sort = told.get("type") if isinstance(told, dict) else None
    lists = told.get("coordinates") if isinstance(told, dict) else None
    if sort == "Polygon":
        lists = [lists]
    elif sort != "MultiPolygon":
        raise BadShape(_("边界要是 Polygon 或 MultiPolygon，不能是点或线"))
    if not isinstance(lists, list) or not lists or not all(isinstance(rings, list) and rings for rings in lists):
        raise BadShape(_("边界里没有坐标"))
    degrees = [[_degrees(ring, count) for ring in rings] for rings in lists]
    _check_where([corner for rings in degrees for ring in rings for corner in ring])
    return tuple(tuple(_ring(ring, count) for ring in rings) for rings in degrees)


def _degrees(told: Any, count: _Count) -> list[tuple[Decimal, Decimal]]:
    if not isinstance(told, list):
        raise BadShape(_("边界里没有坐标"))
    count.corners += len(told)
    if len(told) > MOST_OF_A_RING or count.corners > MOST_CORNERS:
        most = {"ring": MOST_OF_A_RING, "file": MOST_CORNERS}
        raise BadShape(_("点太多：一圈最多 %(ring)d 点，一个文件最多 %(file)d 点；请先简化边界") % most)
    found = []
    for corner in told:
        numbers = corner[:2] if isinstance(corner, list) else []
        if len(numbers) < 2 or any(isinstance(n, bool) or not isinstance(n, int | Decimal) for n in numbers):
            raise BadShape(_("每个点要写两个数：经度、纬度"))
        found.append((Decimal(numbers[0]), Decimal(numbers[1])))
    return found


def _within(values: Iterable[Decimal], bounds: tuple[int, int]) -> bool:
    return all(bounds[0] <= value <= bounds[1] for value in values)


def _check_where(corners: Sequence[tuple[Decimal, Decimal]]) -> None:
    """Degrees of China, longitude first; what they look like else."""
    first, second = [c[0] for c in corners], [c[1] for c in corners]
    if _within(first, LONGITUDES) and _within(second, LATITUDES):
        return
    if _within(first, LATITUDES) and _within(second, LONGITUDES):
        raise BadShape(_("经度和纬度写反了；GeoJSON 先写经度（如 121.3），再写纬度（如 31.1），请对调后再导入"))
    if any(abs(value) > 180 for value in (*first, *second)):
        raise BadShape(_("像是以米为单位的平面坐标（如上海城建坐标），不是经纬度；请转成 WGS-84 再导入"))
    raise BadShape(_("不在中国范围内；请核对坐标"))


def _ring(degrees: Sequence[tuple[Decimal, Decimal]], count: _Count) -> Ring:
    """A closed ring that nowhere crosses or touches itself; corners that repeat the one before are left out."""
    corners: list[Corner] = []
    for longitude, latitude in degrees:
        corner = (int((longitude * DEGREE).to_integral_value()), int((latitude * DEGREE).to_integral_value()))
        if not corners or corner != corners[-1]:
            corners.append(corner)
    if len(corners) > 1 and corners[0] != corners[-1]:
        raise BadShape(_("边界没有闭合：最后一点要和第一点相同"))
    if len(corners) < 4:
        raise BadShape(_("边界至少要三个不同的点"))
    if _crosses(corners, count):
        raise BadShape(_("边界自己和自己相交；请在 GIS 软件里修好再导出"))
    return tuple(corners)


def _crosses(corners: Sequence[Corner], count: _Count) -> bool:
    """Whether two sides of a closed ring meet anywhere but where one follows the other."""
    last = len(corners) - 2
    sides = sorted((min(a[0], b[0]), max(a[0], b[0]), n) for n, (a, b) in enumerate(pairwise(corners)))
    for at, (_left, right, n) in enumerate(sides):
        for other_left, _other_right, m in sides[at + 1 :]:
            if other_left > right:
                break
            count.pairs += 1
            if count.pairs > MOST_PAIRS:
                raise BadShape(_("边界太复杂，核对不下去；请先简化边界"))
            if _meet(corners[n], corners[n + 1], corners[m], corners[m + 1], follows=abs(n - m) in (1, last)):
                return True
    return False


def _turn(a: Corner, b: Corner, c: Corner) -> int:
    """Which way one turns at ``b`` on the way from ``a`` to ``c``: the sign, 0 straight on or back."""
    cross = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
    return (cross > 0) - (cross < 0)


def _meet(a: Corner, b: Corner, c: Corner, d: Corner, *, follows: bool) -> bool:
    if max(a[1], b[1]) < min(c[1], d[1]) or max(c[1], d[1]) < min(a[1], b[1]):
        return False
    if follows:  # they share a corner; wrong is only the way straight back
        shared = b if b in (c, d) else a
        there, back = (a if shared == b else b), (d if shared == c else c)
        return _turn(there, shared, back) == 0 and _on(there, shared, back) | _on(back, shared, there)
    turns = _turn(a, b, c), _turn(a, b, d), _turn(c, d, a), _turn(c, d, b)
    if 0 not in turns:
        return turns[0] != turns[1] and turns[2] != turns[3]
    ends = ((a, b, c), (a, b, d), (c, d, a), (c, d, b))
    return any(turn == 0 and _on(p, q, r) for turn, (p, q, r) in zip(turns, ends, strict=True))


def _on(a: Corner, b: Corner, c: Corner) -> bool:
    """Whether a corner on the line through two others lies between them."""
    return min(a[0], b[0]) <= c[0] <= max(a[0], b[0]) and min(a[1], b[1]) <= c[1] <= max(a[1], b[1])


# -- what is kept, and what it is compared with --------------------------------------------------------------------------


def as_geometry(shape: Shape) -> dict[str, Any]:
    """A shape as the GeoJSON geometry that is kept of it, in degrees."""
    degrees = [
        [[[float(Decimal(n).scaleb(-7)) for n in corner] for corner in ring] for ring in rings] for rings in shape
    ]
    if len(degrees) == 1:
        return {"type": "Polygon", "coordinates": degrees[0]}
    return {"type": "MultiPolygon", "coordinates": degrees}


def kept_shape(geometry: Mapping[str, Any] | None) -> Shape | None:
    """A geometry that is kept as a shape again; None where there is none or it is not ours to read."""
    try:
        return None if geometry is None else _shape(json.loads(json.dumps(geometry), parse_float=Decimal), _Count())
    except BadShape:
        return None


class Box(NamedTuple):
    """The least and greatest longitude and latitude of a shape."""

    west: int
    south: int
    east: int
    north: int

    @classmethod
    def of(cls, shapes: Iterable[Shape]) -> Box:
        corners = [corner for shape in shapes for rings in shape for corner in rings[0]]
        longitudes, latitudes = zip(*corners, strict=True)
        return cls(min(longitudes), min(latitudes), max(longitudes), max(latitudes))

    @property
    def centre(self) -> Corner:
        return (self.west + self.east) // 2, (self.south + self.north) // 2

    def moved(self, by: Corner) -> Box:
        return Box(self.west + by[0], self.south + by[1], self.east + by[0], self.north + by[1])

    def holds(self, other: Box) -> bool:
        """Whether another box lies in it, up to the width of a drawing's error."""
        return (
            self.west - NEAR <= other.west and self.south - NEAR <= other.south
            and other.east <= self.east + NEAR and other.north <= self.north + NEAR
        )  # fmt: skip


def shifted_as(new: Box, *, before: Box | None, parent: Box | None) -> str:
    """The name of the map whose shift lies between a new outline and what is on record; "" where none does.

    ``before`` is the same place, ``parent`` the one it lies in: the new one lies in it only once the shift is taken off.
    """
    for name, shift in (("GCJ-02", _gcj02), ("BD-09", _bd09)):
        by = shift(before.centre if before else new.centre)
        if before is not None:
            apart = [n - o for n, o in zip(new.centre, before.centre, strict=True)]
            if all(abs(a - b) <= NEAR for a, b in zip(apart, by, strict=True)):
                return name
        elif parent is not None and not parent.holds(new) and parent.holds(new.moved((-by[0], -by[1]))):
            return name
    return ""


def _gcj02(at: Corner) -> Corner:
    """How far GCJ-02 lies from WGS-84 at a corner, by the formula that is in public use."""
    longitude, latitude = (float(Decimal(n).scaleb(-7)) for n in at)
    x, y = longitude - 105, latitude - 35
    third, twelfth, thirtieth = Fraction(1, 3), Fraction(1, 12), Fraction(1, 30)
    both = [(20, 6 * x), (20, 2 * x)]
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x))
    north += _waves([*both, (20, y), (40, y * third), (160, y * twelfth), (320, y * thirtieth)])
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x))
    east += _waves([*both, (20, x), (40, x * third), (150, x * twelfth), (300, x * thirtieth)])
    # Metres to degrees on Krasovsky's ellipsoid.
    flat = 0.00669342162296594323
    rest = 1 - flat * math.sin(math.radians(latitude)) ** 2
    metres_north = math.radians(6378245 * (1 - flat) * rest**-1.5)
    metres_east = math.radians(6378245 * rest**-0.5 * math.cos(math.radians(latitude)))
    return round(east * metres_east**-1 * DEGREE), round(north * metres_north**-1 * DEGREE)


def _waves(terms: Iterable[tuple[int, float]]) -> float:
    return float(sum(height * math.sin(math.pi * turn) for height, turn in terms) * Fraction(2, 3))


def _bd09(at: Corner) -> Corner:
    """The same of BD-09, which shifts GCJ-02 once more."""
    x, y = (float(Decimal(a + b).scaleb(-7)) for a, b in zip(at, _gcj02(at), strict=True))
    radius = math.hypot(x, y) + 0.00002 * math.sin(y * math.pi * Fraction(50, 3))
    angle = math.atan2(y, x) + 0.000003 * math.cos(x * math.pi * Fraction(50, 3))
    longitude, latitude = radius * math.cos(angle) + 0.0065, radius * math.sin(angle) + 0.006
    return round(longitude * DEGREE) - at[0], round(latitude * DEGREE) - at[1]


# -- drawn ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Drawing:
    """Shapes on paper: its width and height, and for each shape the path to draw and where its name stands."""

    width: int
    height: int
    paths: list[tuple[str, int, int]] = field(default_factory=list)


def drawing(shapes: Sequence[Shape], *, width: int = 800) -> Drawing | None:
    """Shapes beside each other as seen from above, north up; None where there is none."""
    if not shapes:
        return None
    box = Box.of(shapes)
    stretch = math.cos(math.radians(float(Decimal(box.centre[1]).scaleb(-7))))
    wide, high = max(1, round((box.east - box.west) * stretch)), max(1, box.north - box.south)
    edge, most = 10, max(wide, high)
    inner = width - 2 * edge

    def x(n: int) -> int:
        return edge + round((n - box.west) * stretch) * inner // most

    def y(n: int) -> int:
        return edge + (box.north - n) * inner // most

    found = []
    for shape in shapes:
        rings = (ring for rings in shape for ring in rings)
        path = " ".join("M" + " L".join(f"{x(a)},{y(b)}" for a, b in ring[:-1]) + "Z" for ring in rings)
        centre = Box.of([shape]).centre
        found.append((path, x(centre[0]), y(centre[1])))
    return Drawing(2 * edge + wide * inner // most, 2 * edge + high * inner // most, found)
