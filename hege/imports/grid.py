"""The grid from a GeoJSON file: every feature looked at beside what stands, then all of them booked or none."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from hege.imports import geojson
from hege.imports.geojson import Box, Feature, Shape
from hege.imports.models import StagedFile
from hege.imports.rules import few
from hege.kernel.clock import day_of
from hege.kernel.database import atomic
from hege.kernel.refused import Refused
from hege.kernel.several import several
from hege.people.models import Street, User
from hege.people.queries import locked_street
from hege.places.actions import add_place, draw_place, rename_place
from hege.places.models import Place, PlaceLevel
from hege.places.queries import places_within
from hege.places.rules import check_name, check_place
from hege.trail import actions as trail

STAGED_FOR = dt.timedelta(hours=4)
LAYERS = list(PlaceLevel)
LEVELS: dict[str, PlaceLevel] = {level.value: level for level in PlaceLevel}
#: What the layers are called in the Chinese files that come in, whatever the language of the page.
LEVELS |= {
    "街镇": PlaceLevel.STREET, "综合网格": PlaceLevel.COMPREHENSIVE_GRID, "居村网格": PlaceLevel.RESIDENCE_GRID,
    "街区": PlaceLevel.BLOCK, "微网格": PlaceLevel.MICRO_GRID, "楼宇/沿街": PlaceLevel.PREMISES,
    "楼宇": PlaceLevel.PREMISES, "沿街": PlaceLevel.PREMISES,
}  # fmt: skip


@dataclass
class GridRow:
    """One feature beside what stands: what it would add or change, what is wrong with it, what is to be kept in mind."""

    feature: Feature
    level: PlaceLevel | None
    stands: Place | None
    parent: Place | GridRow | None = None
    faults: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    changes: list[str] = field(default_factory=list)

    @property
    def new(self) -> bool:
        return self.stands is None and not self.faults

    @property
    def shape(self) -> Shape | None:
        return self.feature.shape


class GridFile:
    """The features of a file beside the grid of a street as it stands on a day. Writes nothing."""

    def __init__(self, street: Street, content: bytes, *, on: dt.date) -> None:
        places = places_within(street).filter(from_on__lte=on, until_on__isnull=True)
        self.standing = {place.code: place for place in places}
        self.shapes = {code: geojson.kept_shape(place.polygon) for code, place in self.standing.items()}
        self.rows = [self._row(feature) for feature in geojson.read(content)]
        self.by_code: dict[str, GridRow] = {}
        for row in self.rows:
            first = self.by_code.setdefault(row.feature.code, row)
            if first is not row and row.feature.code:
                row.faults.append(_("编码与第 %(n)d 个相同") % {"n": first.feature.number})
        for row in self.rows:
            self._look(row)

    @property
    def faulty(self) -> int:
        """How many features have a fault."""
        return sum(bool(row.faults) for row in self.rows)

    @cached_property
    def to_book(self) -> list[GridRow]:
        """What would be written, from the top of the grid down."""
        wanted = [row for row in self.rows if row.new or row.changes]
        return sorted(wanted, key=lambda row: LAYERS.index(row.level) if row.level else 0)

    @property
    def notices(self) -> list[str]:
        """What holds for the file as a whole."""
        if any(self.shapes.values()) or not any(row.shape for row in self.rows):
            return []
        return [_("还没有登记过边界，没有可以对照的；请先确认坐标是 WGS-84，不是高德、腾讯或百度地图上的。")]

    def _row(self, feature: Feature) -> GridRow:
        row = GridRow(feature, LEVELS.get(feature.level), self.standing.get(feature.code))
        if feature.fault:
            row.faults.append(feature.fault)
        if row.level is None:
            told = _("层级写的是“%(level)s”，只能写：%(levels)s")
            levels = _("、").join(str(level.label) for level in LAYERS)
            row.faults.append(told % {"level": feature.level[:40] or _("（空）"), "levels": levels})
        return row

    def _look(self, row: GridRow) -> None:
        code = row.feature.parent
        row.parent = self.by_code.get(code) or self.standing.get(code) if code else None
        if code and row.parent is None:
            row.faults.append(_("没有编码为 %(code)s 的上级，本文件里也没有") % {"code": code[:40]})
        elif row.level is not None:
            self._check_tree(row, row.level)
        try:
            check_name(row.feature.name, what=_("名称"), field="name")
        except Refused as refused:
            row.faults.append(str(refused))
        if row.stands is not None:
            self._against(row, row.stands)
        if row.shape is not None:
            self._check_map(row, row.shape)
        elif not row.feature.fault:
            row.notices.append(_("没有边界，只登记名称和上级"))

    def _check_tree(self, row: GridRow, level: PlaceLevel) -> None:
        if row.stands is not None and not row.feature.parent:
            return
        above = _level_of(row.parent)
        rank = None if row.parent is None else LAYERS.index(above) if above else -1
        try:
            check_place(code=row.feature.code, parent_rank=rank, rank=LAYERS.index(level))
        except Refused as refused:
            row.faults.append(str(refused))
            return
        if rank is None and row.stands is None:
            row.faults.append(_("街镇已有，编码是 %(code)s") % {"code": next(iter(self.standing), "—")})
        elif rank is not None and LAYERS.index(level) - rank > 1:
            passed = _("、").join(str(layer.label) for layer in LAYERS[rank + 1 : LAYERS.index(level)])
            row.notices.append(_("上级和它之间略过了%(layers)s") % {"layers": passed})

    def _against(self, row: GridRow, stands: Place) -> None:
        """A place that stands: its name and outline may change; where it lies in the tree may not."""
        above = self.standing.get(row.feature.parent) if row.feature.parent else None
        if row.level is not None and row.level != stands.level:
            row.faults.append(_("已登记为%(level)s，不能改层级") % {"level": stands.get_level_display()})
        if row.feature.parent and (above is None or above.pk != stands.parent_id):
            row.faults.append(_("已登记在别的上级下面，不能改；请关闭后另立编码"))
        if row.feature.name != stands.name:
            row.changes.append(_("名称：%(before)s → %(after)s") % {"before": stands.name, "after": row.feature.name})
        before = self.shapes.get(stands.code)
        if row.shape is not None and row.shape != before:
            counts = {"before": _corners(before), "after": _corners(row.shape)}
            row.changes.append(several("边界：%(before)d 个点 → %(after)d 个点", "before") % counts)

    def _check_map(self, row: GridRow, shape: Shape) -> None:
        box, before = Box.of([shape]), self.shapes.get(row.feature.code)
        recorded = self.shapes.get(row.feature.parent)
        above = row.parent.shape if isinstance(row.parent, GridRow) and row.parent.shape else recorded
        shifted = geojson.shifted_as(
            box, before=Box.of([before]) if before else None, parent=Box.of([recorded]) if recorded else None
        )
        if shifted:
            whose = {"GCJ-02": _("高德、腾讯"), "BD-09": _("百度")}[shifted]
            told = _("和登记的边界差的正是%(whose)s坐标（%(name)s）的偏移；请转成 WGS-84 再导入")
            row.faults.append(told % {"whose": whose, "name": shifted})
        elif above and not Box.of([above]).holds(box):
            row.notices.append(_("伸到了上级的边界外面，请核对"))


def _level_of(parent: Place | GridRow | None) -> PlaceLevel | None:
    return PlaceLevel(parent.level) if parent is not None and parent.level else None


def _corners(shape: Shape | None) -> int:
    return sum(len(ring) - 1 for rings in shape or () for ring in rings)


def refusal_of_all(rows: Sequence[GridRow]) -> str:
    """Which features have a fault, in a sentence."""
    numbers = [row.feature.number for row in rows if row.faults]
    return _("第 %(numbers)s 个网格要改，整个文件没有登记。") % {"numbers": few(numbers, _(" 等 %(n)d"))}


@atomic
def import_grid(street: Street, content: bytes, *, name: str, by: User, at: dt.datetime) -> int:
    """Add, rename and draw what a file says of the grid (导入网格), all or nothing; answers how many parts.

    Refused while any feature has a fault. New parts and names hold from today.
    """
    locked_street(street.pk)
    file = GridFile(street, content, on=day_of(at))
    if file.faulty:
        raise Refused(refusal_of_all(file.rows))
    made: dict[str, Place] = {}
    for row in file.to_book:
        made[row.feature.code] = _book(street, row, made, by=by, at=at)
    if made:
        said: dict[str, Any] = {
            "name": name[-200:],
            "sha256": hashlib.sha256(content).hexdigest(),
            "places": sorted(made),
        }
        trail.record("import_grid", street, street=street, by=by, at=at, **said)
    return len(made)


def _book(street: Street, row: GridRow, made: dict[str, Place], *, by: User, at: dt.datetime) -> Place:
    told, today = row.feature, day_of(at)
    geometry = geojson.as_geometry(row.shape) if row.shape else None
    if row.stands is None:
        assert row.level is not None
        parent = row.parent if isinstance(row.parent, Place) else made.get(told.parent) or _standing(row.parent)
        return add_place(
            street, level=row.level, code=told.code, name=told.name, parent=parent, from_on=today, polygon=geometry, by=by,
            at=at,
        )  # fmt: skip
    place = row.stands
    if told.name != place.name:
        place = rename_place(place, name=told.name, on=today, by=by, at=at)
    if geometry is not None:
        place = draw_place(place, polygon=geometry, by=by, at=at)
    return place


def _standing(row: GridRow | None) -> Place | None:
    return row.stands if row is not None else None


@atomic
def stage_grid(street: Street, content: bytes, *, name: str, by: User, at: dt.datetime) -> StagedFile:
    """Keep a file of the grid until its owner has seen what it would do: theirs alone, for a few hours, one at a time; of no
    pile, so that no import takes it for a table."""
    over = Q(owner=by) | Q(expires_at__lte=at)
    StagedFile.objects.filter(over, street=street, pile__isnull=True).delete()
    sha256 = hashlib.sha256(content).hexdigest()
    return StagedFile.objects.create(
        street=street,
        owner=by,
        name=name[-200:],
        sha256=sha256,
        content=content,
        created_at=at,
        expires_at=at + STAGED_FOR,
    )


def staged_grid(street: Street, staged_id: str, *, by: User, at: dt.datetime) -> StagedFile:
    """A file that was looked at. Refused where its time is over, or it is somebody else's."""
    found = StagedFile.objects.filter(street=street, owner=by, pile__isnull=True, expires_at__gt=at)
    staged: StagedFile | None = found.filter(public_id=staged_id).first()
    if staged is None:
        raise Refused(_("这份文件已过了确认的时间，请重新选择。"))
    return staged
