"""What a demo's street shows on its maps: blocks with outlines, roads and a river, an estate with a sheet for its gate.

All of it is drawn by hand and lies nowhere; degrees are WGS-84, in millionths.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from hege.cases.reports.actions import begin_verifying, submit_report, verify_report
from hege.cases.rules import ReportKind
from hege.kernel.calendar import DAY
from hege.members.actions import appoint
from hege.members.rules import MemberRoleKind
from hege.people.models import Role
from hege.places.actions import add_place, draw_place
from hege.places.models import Place, PlaceLevel
from hege.programme.alliance.actions import add_gate_fact, draw_map, look_at_station
from hege.programme.alliance.rules import MICRO, GateFactKind, MapLine, MapLineKind, Position

if TYPE_CHECKING:
    from hege.stories.programme import Programme

#: Corners that blocks share.
_A, _B, _C = (121_220_500, 31_244_200), (121_229_600, 31_243_100), (121_238_800, 31_241_600)
_D, _E, _F = (121_221_900, 31_236_900), (121_228_300, 31_237_600), (121_234_900, 31_236_900)
_G, _H = (121_243_900, 31_236_700), (121_227_300, 31_229_400)
_I, _J = (121_234_600, 31_228_300), (121_243_200, 31_228_800)
#: Code, name (none: the block there is), outline.
BLOCKS: Sequence[tuple[str, str, Sequence[Position]]] = (
    ("JQ01", "", (_E, _F, (121_235_300, 31_232_100), _I, _H, (121_228_200, 31_232_900))),
    ("JQ02", "华强街区", (_F, _G, (121_244_600, 31_232_400), _J, _I, (121_235_300, 31_232_100))),
    ("JQ03", "换电点街区", (_A, _B, _E, _D, (121_220_200, 31_240_400))),
    ("JQ04", "滨河街区", (_B, _C, _G, _F, _E)),
)
ESTATE = ("XQ01", "示例小区", (
    (121_238_900, 31_234_900), (121_242_300, 31_235_200), (121_242_500, 31_233_300), (121_239_200, 31_233_000),
))  # fmt: skip
LINES: Sequence[MapLine] = (
    MapLine(MapLineKind.ROAD, "示例路", (
        (121_219_500, 31_239_300), (121_225_500, 31_237_900), (121_231_200, 31_235_700), (121_238_700, 31_232_000),
        (121_245_500, 31_230_200),
    )),
    MapLine(MapLineKind.ROAD, "示例支路", (
        (121_226_600, 31_245_000), (121_226_100, 31_241_000), (121_227_900, 31_236_800), (121_229_100, 31_228_200),
    )),
    MapLine(MapLineKind.ROAD, "样例街", (
        (121_236_400, 31_243_000), (121_236_900, 31_237_200), (121_237_600, 31_232_600), (121_238_000, 31_227_400),
    )),
    MapLine(MapLineKind.RIVER, "示例河", (
        (121_219_500, 31_236_200), (121_224_500, 31_238_800), (121_230_300, 31_240_200), (121_236_200, 31_239_400),
        (121_245_500, 31_239_100),
    )),
)  # fmt: skip
#: Kind, words, where.
FACTS: Sequence[tuple[GateFactKind, str, Position]] = (
    (GateFactKind.ENTRANCE, "东门进，骑手登记一次就行", (121_242_400, 31_234_400)),
    (GateFactKind.E_BIKE_PARKING, "进东门右手车棚，别停楼道口", (121_241_700, 31_234_700)),
    (GateFactKind.BATTERY_SWAP, "东门外南侧，两组换电柜", (121_242_500, 31_233_700)),
    (GateFactKind.TOILET, "物业楼大厅，早 8 点到晚 8 点", (121_240_600, 31_234_100)),
    (GateFactKind.CAUTION, "北门台阶冬天结冰，走坡道", (121_240_400, 31_235_100)),
)
#: Which rider, to what, for the whole street.
APPOINTED: Sequence[tuple[int, MemberRoleKind]] = (
    (0, MemberRoleKind.INFORMANT), (5, MemberRoleKind.WATCHER), (7, MemberRoleKind.PROMOTER),
)  # fmt: skip


def show_places(story: Programme, *, planned_on: dt.date, looked_on: dt.date) -> None:
    """Outlines and lines of the maps, a sheet for the gate, stations looked at but one, and members appointed.

    Days are those of the story.
    """
    blocks = _draw(story, planned_on)
    _write_gate(story, blocks["JQ02"], looked_on)
    for station in story.stations[:-1]:
        look_at_station(station, looked_on=looked_on + story.shift, **story.acting(Role.GRID_WORKER, looked_on))
    who: Any = story.acting(Role.COORDINATOR, looked_on)
    from_on = looked_on + story.shift
    for n, role in APPOINTED:
        appoint(story.members[n], role=role, area=None, from_on=from_on, until_on=from_on + 365 * DAY, **who)


def _draw(story: Programme, on: dt.date) -> dict[str, Place]:
    """The blocks by their codes, outlined, and the lines under them."""
    street, who = story.stage.street, story.acting(Role.COORDINATOR, on)
    first = Place.objects.select_related("street__trail_head", "parent").get(street=street, code=BLOCKS[0][0])
    blocks = {first.code: draw_place(first, polygon=_polygon(BLOCKS[0][2]), **who)}
    for code, name, corners in BLOCKS[1:]:
        blocks[code] = add_place(
            street, level=PlaceLevel.BLOCK, code=code, name=name, parent=first.parent, from_on=on + story.shift,
            polygon=_polygon(corners), **who,
        )  # fmt: skip
    draw_map(street, lines=LINES, source="示例底图，随手画的，不是测绘", **who)
    return blocks


def _write_gate(story: Programme, block: Place, on: dt.date) -> None:
    """An estate, a patrol's report of it that was found true, and what it says about the gate."""
    code, name, corners = ESTATE
    estate = add_place(
        story.stage.street, level=PlaceLevel.PREMISES, code=code, name=name, parent=block, from_on=on + story.shift,
        polygon=_polygon(corners), **story.acting(Role.COORDINATOR, on),
    )  # fmt: skip
    report = submit_report(
        story.stage.street, kind=ReportKind.PATROL, text="骑手常问从哪个门进、车停哪里，到现场看了一圈。", place=estate,
        **story.acting(Role.GRID_WORKER, on),
    )  # fmt: skip
    seen = story.acting(Role.GRID_WORKER, on)
    report = verify_report(begin_verifying(report, **seen), finding="门、车棚、换电柜、厕所都看过。", **seen)
    for kind, words, (lon_e6, lat_e6) in FACTS:
        add_gate_fact(
            estate, kind=kind, words=words, report=report, looked_on=on + story.shift,
            next_look_on=on + story.shift + 90 * DAY, lon_e6=lon_e6, lat_e6=lat_e6, **story.acting(Role.COORDINATOR, on),
        )  # fmt: skip


def _polygon(corners: Sequence[Position]) -> dict[str, Any]:
    """An outline as GeoJSON, which ends with its first corner."""
    ring = ",".join(f"[{_degrees(lon)},{_degrees(lat)}]" for lon, lat in (*corners, corners[0]))
    return {"type": "Polygon", "coordinates": [json.loads(f"[{ring}]")]}


def _degrees(at: int) -> str:
    return f"{at // MICRO}.{at % MICRO:06}"
