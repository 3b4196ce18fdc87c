"""Who is in the alliance and brings what, when a station is open and how far it is, what may be told about an estate."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any, NamedTuple

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from hege.kernel.calendar import DAY
from hege.kernel.checks import check_words
from hege.kernel.clock import SHANGHAI
from hege.kernel.personal import hide
from hege.kernel.refused import Refused

#: Minutes of a day from one to another, half-open.
Span = tuple[int, int]
#: Weekday ("1" Monday to "7" Sunday, as JSON keeps keys) -> the spans in which a station is open, in order.
Hours = Mapping[str, Sequence[Sequence[int]]]

WEEK = tuple(str(day) for day in range(1, 8))
MINUTES_OF_DAY = 24 * 60
MOST_SPANS = 3  #: a day: morning, noon, evening
LONGEST_NAME, LONGEST_WORDS, LONGEST_REASON = 60, 200, 300

# -- units ---------------------------------------------------------------------------------------------------------------


class OfferingKind(TextChoices):
    """What a unit brings (带来什么)."""

    VENUE = "venue", _("场地")
    COURSE = "course", _("课程")
    DISCOUNT = "discount", _("优惠")
    MONEY = "money", _("资金")


def check_line(text: str, *, what: object, field: str, most: int = LONGEST_WORDS) -> str:
    """One line of words without blanks around it. Refused where it is missing, too long or not to be printed."""
    said = check_words(text, _("请写明%(what)s。") % {"what": what}, field=field)
    if len(said) > most or not said.isprintable():
        raise Refused(_("%(what)s最多 %(most)d 个字，不能换行。"), what=what, most=most, field=field)
    return said


def check_period(from_on: dt.date, until_on: dt.date | None) -> None:
    """Whatever holds for a time holds for a day at least; ``until_on`` is the first day without it."""
    if until_on is not None and until_on <= from_on:
        raise Refused(_("最后一天不能早于开始那天。"), field="until_on")


def check_not_in_twice(*, overlapping: bool) -> None:
    """A party is in the alliance once at a time."""
    if overlapping:
        raise Refused(_("这个单位在这段时间里已经是联盟单位，请改它的期限，不要再加一次。"), field="party")


def check_within_unit(
    from_on: dt.date, until_on: dt.date | None, *, unit_from_on: dt.date, unit_until_on: dt.date | None
) -> None:
    """What a unit brings, it brings while it is in the alliance."""
    if from_on < unit_from_on:
        raise Refused(_("单位从 %(day)s 起才在联盟里。"), day=unit_from_on.isoformat(), field="from_on")
    if unit_until_on is not None and from_on >= unit_until_on:
        raise Refused(_("单位从 %(day)s 起就不在联盟里了。"), day=unit_until_on.isoformat(), field="from_on")
    if unit_until_on is not None and (until_on is None or until_on > unit_until_on):
        raise Refused(
            _("单位从 %(day)s 起就不在联盟里了，最后一天要早于那天。"),
            day=unit_until_on.isoformat(),
            field="until_on",
        )


def check_amount(kind: OfferingKind, amount_fen: int | None) -> None:
    """Money says how much, in fen; nothing else has a sum."""
    if kind is OfferingKind.MONEY and (amount_fen is None or amount_fen <= 0):
        raise Refused(_("带来资金的，请写明金额，要大于 0。"), field="amount_fen")
    if kind is not OfferingKind.MONEY and amount_fen is not None:
        raise Refused(_("只有资金写金额；场地、课程和优惠写在说明里。"), field="amount_fen")


def check_not_over(until_on: dt.date | None, *, today: dt.date) -> None:
    """What has ended is history: it is not changed, a new one is added."""
    if until_on is not None and until_on <= today:
        raise Refused(_("从 %(day)s 起已经结束，不能再改；请新加一条。"), day=until_on.isoformat())


def check_end(from_on: dt.date, until_on: dt.date, *, today: dt.date) -> None:
    """``until_on`` is the first day without it. What held up to today did hold."""
    if until_on < today:
        raise Refused(_("最后一天不能早于昨天：以前的日子已经过去了。"), field="until_on")
    check_period(from_on, until_on)


# -- stations ------------------------------------------------------------------------------------------------------------


class Facility(TextChoices):
    """What a rider finds at a station (设施)."""

    REST = "rest", _("歇脚")
    DRINKING_WATER = "drinking_water", _("饮水")
    HOT_FOOD = "hot_food", _("热饭")
    CHARGING = "charging", _("手机充电")
    BATTERY_SWAP = "battery_swap", _("电动车换电")
    TOILET = "toilet", _("厕所")
    COOL = "cool", _("空调")
    FIRST_AID = "first_aid", _("急救药箱")
    TOOLS = "tools", _("打气和修车工具")
    BOOKS = "books", _("书报")


#: After this many days nobody can be sure that a station is still as it is told.
LOOK_AGAIN_AFTER = dt.timedelta(days=30)


def check_facilities(facilities: Collection[str]) -> list[str]:
    """The facilities, each once and in the order of the list."""
    if unknown := [name for name in facilities if name not in Facility.values]:
        raise Refused(_("没有这种设施：%(what)s。"), what=unknown[0][:20], field="facilities")
    return [name for name in Facility.values if name in facilities]


def check_spans(spans: Iterable[Sequence[int]]) -> list[list[int]]:
    """The opening hours of one day: minutes, in order, apart from each other."""
    kept = sorted([int(start), int(end)] for start, end in spans)
    if len(kept) > MOST_SPANS:
        raise Refused(_("一天最多写 %(most)d 段开放时间。"), most=MOST_SPANS, field="hours")
    for start, end in kept:
        if not 0 <= start < end <= MINUTES_OF_DAY:
            raise Refused(_("关门时间要晚于开门时间；过午夜的请写到 24:00，第二天再从 0:00 写起。"), field="hours")
    if any(second[0] < first[1] for first, second in pairwise(kept)):
        raise Refused(_("同一天的开放时间不能重叠。"), field="hours")
    return kept


def check_hours(hours: Mapping[str, Iterable[Sequence[int]]]) -> dict[str, list[list[int]]]:
    """Opening hours as they are kept; days without any are left out."""
    kept = {day: check_spans(hours.get(day, ())) for day in WEEK}
    if not any(kept.values()):
        raise Refused(_("请至少写一天的开放时间。"), field="hours")
    return {day: spans for day, spans in kept.items() if spans}


def spans_on(hours: Hours, weekday: int) -> list[Span]:
    """The spans of a weekday, 1 Monday to 7 Sunday."""
    return [(start, end) for start, end in hours.get(str(weekday), ())]


def open_now(hours: Hours, at: dt.datetime) -> bool:
    """Whether a station is open at an instant, by the clock of Shanghai."""
    local = at.astimezone(SHANGHAI)
    minute = local.hour * 60 + local.minute
    return any(start <= minute < end for start, end in spans_on(hours, local.isoweekday()))


def changes_at(hours: Hours, at: dt.datetime) -> dt.datetime | None:
    """The next instant at which it opens or closes, up to a week ahead; None where it never does (open day and night).

    A span up to 24:00 goes on in one from 0:00 of the next day.
    """
    local = at.astimezone(SHANGHAI)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    now_open = open_now(hours, at)
    edges = sorted(
        midnight + dt.timedelta(days=day, minutes=minute)
        for day in range(8)
        for span in spans_on(hours, (midnight + day * DAY).isoweekday())
        for minute in span
    )
    ahead = (edge for edge in edges if edge > local and open_now(hours, edge) != now_open)
    return next((edge.astimezone(dt.UTC) for edge in ahead), None)


#: A position in millionths of a degree (WGS-84): longitude, latitude. One is about eleven centimetres to the north.
Position = tuple[int, int]
MICRO = 10**6
#: Around Shanghai (WGS-84, millionths of a degree); anything else is a slip of the pen or another system's numbers.
WEST, EAST, SOUTH, NORTH = 120_500_000, 122_500_000, 30_400_000, 32_000_000
#: Metres of a tenth of a degree of a great circle, on a sphere of 6,371 km (IUGG mean radius).
METRES_OF_A_TENTH = 11_119


def check_position(lon_e6: int | None, lat_e6: int | None) -> None:
    """A position is both numbers or neither, and lies where the city does."""
    if (lon_e6 is None) != (lat_e6 is None):
        raise Refused(_("经度和纬度要么都写，要么都不写。"), field="lon_e6" if lon_e6 is None else "lat_e6")
    if lon_e6 is not None and not WEST <= lon_e6 <= EAST:
        raise Refused(_("经度要在 120.5 和 122.5 之间，例如 121.262500。"), field="lon_e6")
    if lat_e6 is not None and not SOUTH <= lat_e6 <= NORTH:
        raise Refused(_("纬度要在 30.4 和 32.0 之间，例如 31.168400。"), field="lat_e6")


def distance_metres(one: Position, other: Position) -> int:
    """How far two positions lie apart as the crow flies, in whole metres.

    On a flat sheet around the middle latitude of a sphere: in a town some three metres a kilometre from the ellipsoid.
    """
    middle = math.radians(Fraction(one[1] + other[1], 2 * MICRO))
    east = round((other[0] - one[0]) * math.cos(middle))
    north = other[1] - one[1]
    return math.isqrt(east * east + north * north) * METRES_OF_A_TENTH // (MICRO // 10)


def look_again_on(looked_on: dt.date) -> dt.date:
    """From which day a station wants to be looked at again."""
    return looked_on + LOOK_AGAIN_AFTER


def check_looked_on(looked_on: dt.date, *, last: dt.date | None, today: dt.date) -> None:
    """Nobody has looked tomorrow, nor before the last look."""
    if looked_on > today:
        raise Refused(_("查看日期不能晚于今天。"), field="looked_on")
    if last is not None and looked_on < last:
        raise Refused(_("%(day)s 已经有人看过，查看日期不能更早。"), day=last.isoformat(), field="looked_on")


def check_open(*, closed: bool) -> None:
    """A station that was closed for good stays as it was."""
    if closed:
        raise Refused(_("这个驿站已经撤掉，不能再改。"))


# -- lines of the map ------------------------------------------------------------------------------------------------------


class MapLineKind(TextChoices):
    """What a line of the map is (图上的线)."""

    ROAD = "road", _("道路")
    RIVER = "river", _("河")
    RAIL = "rail", _("铁路")


class MapLine(NamedTuple):
    """One line of a street's map: what it is, its name, where it runs."""

    kind: MapLineKind
    name: str
    runs: Sequence[Position]


MOST_LINES, MOST_CORNERS = 1_000, 4_000  #: of one map: a page that shows it stays small
NEARLY = 30  #: millionths of a degree, some three metres: what a line may lose before it is kept


def check_lines(lines: Sequence[MapLine]) -> list[dict[str, Any]]:
    """The lines of a map as they are kept, without the corners that the eye would not miss. Refused where they are many."""
    kept = [MapLine(line.kind, line.name.strip()[:LONGEST_NAME], simplified(line.runs, NEARLY)) for line in lines]
    drawn = [line for line in kept if len(line.runs) > 1]
    if not drawn:
        raise Refused(_("文件里一条线也没有；要 LineString 或 MultiLineString。"), field="lines")
    if len(drawn) > MOST_LINES or sum(len(line.runs) for line in drawn) > MOST_CORNERS:
        raise Refused(
            _("线太多：最多 %(lines)d 条、%(corners)d 个点。请只留主要的路和河。"),
            lines=MOST_LINES, corners=MOST_CORNERS, field="lines",
        )  # fmt: skip
    return [{"kind": line.kind.value, "name": line.name, "runs": [list(at) for at in line.runs]} for line in drawn]


def simplified(runs: Sequence[Position], nearly: int) -> list[Position]:
    """A line without the corners that lie within ``nearly`` of what is left of it (Douglas and Peucker)."""
    line = [at for at, before in zip(runs, [None, *runs], strict=False) if at != before]
    if len(line) < 3:
        return line
    keep, parts = {0, len(line) - 1}, [(0, len(line) - 1)]
    while parts:
        first, last = parts.pop()
        between = range(first + 1, last)
        far = max(between, key=lambda n: _off(line[n], line[first], line[last]), default=None)
        if far is not None and _off(line[far], line[first], line[last]) > nearly * nearly:
            keep.add(far)
            parts += [(first, far), (far, last)]
    return [line[n] for n in sorted(keep)]


def _off(at: Position, a: Position, b: Position) -> int:
    """The square of how far a position lies off the way from ``a`` to ``b``."""
    x, y, dx, dy = at[0] - a[0], at[1] - a[1], b[0] - a[0], b[1] - a[1]
    along, whole = x * dx + y * dy, dx * dx + dy * dy
    if along <= 0 or not whole:
        return x * x + y * y
    if along >= whole:
        return (at[0] - b[0]) ** 2 + (at[1] - b[1]) ** 2
    return (x * dy - y * dx) ** 2 // whole


# -- what riders find at the gate of an estate -----------------------------------------------------------------------------


class GateFactKind(TextChoices):
    """What there is to know at the gate of an estate (门口图上有什么)."""

    ENTRANCE = "entrance", _("从哪个门进")
    WAY = "way", _("进门怎么走")
    E_BIKE_PARKING = "e_bike_parking", _("电动车停哪里")
    BATTERY_SWAP = "battery_swap", _("换电柜")
    DROP_OFF = "drop_off", _("放件、放餐的地方")
    TOILET = "toilet", _("厕所")
    DRINKING_WATER = "drinking_water", _("喝水、歇脚")
    CAUTION = "caution", _("留神")


#: For how long what was seen at a gate may be told without another look.
LONGEST_UNTIL_LOOK = dt.timedelta(days=180)
#: What leads past the entrance to a household: 302室, 5层, 三楼, 12-302, 某某家; digits of any width.
_NUMBER = r"[\d〇一二三四五六七八九十百]"
_HOUSEHOLD = re.compile(
    rf"{_NUMBER}\s*(室|户|层|楼(?!栋|宇|号))|\d{{1,3}}\s*[-－—‐–]\s*\d{{3,4}}(?!\d)|\d{{3,4}}\s*号?房"
)
_NOBODY = re.compile(r"(先生|女士|阿姨|爷叔|师傅|大爷|奶奶)(家|住|的家)|住户|业主[^群委大食]?家|独居")


def check_fact_words(words: str) -> str:
    """What a fact says, so that it leads to no resident: no flat or floor, no telephone, nobody's home."""
    said = check_line(words, what=_("说明"), field="words")
    if hide(said) != said:
        raise Refused(_("说明里不能有电话、证件号和邮箱：这张图贴在门口，谁都看得到。"), field="words")
    if _HOUSEHOLD.search(said):
        raise Refused(_("只写到楼栋的门口，不写室号、楼层和门牌里的户：这张图不能通到哪一户人家。"), field="words")
    if _NOBODY.search(said):
        raise Refused(_("不能写谁住在哪里：这张图只讲门、路和设施。"), field="words")
    return said


def check_next_look(next_look_on: dt.date, *, looked_on: dt.date) -> None:
    """Each fact says when somebody looks again: after the look, within half a year."""
    if not looked_on < next_look_on <= looked_on + LONGEST_UNTIL_LOOK:
        raise Refused(_("下次查看要在查看之后、%(days)d 天以内。"), days=LONGEST_UNTIL_LOOK.days, field="next_look_on")


def check_from_report(*, verified: bool, same_estate: bool) -> None:
    """A fact comes from a report that somebody has gone to see and found true, of this estate."""
    if not verified:
        raise Refused(_("这条来件还没有核实属实；请先到现场核实，再写上门口图。"), field="report")
    if not same_estate:
        raise Refused(_("这条来件说的不是这个小区，请选这个小区的来件。"), field="report")


def check_not_ended(*, ended: bool) -> None:
    """What was taken off the map stays off; it is written anew from a new report."""
    if ended:
        raise Refused(_("这一条已经从门口图上拿掉；要再写上，请从新的来件写起。"))
