"""Solar terms and festivals by Shanghai days, and how a day moves to another year by them (节气、节日).

The lunar calendar and the instants of the terms come from ``lunar_python``, which computes them for Beijing time
(GB/T 33661-2017, 农历的编算和颁行). Whether people have a day off is ``kernel.calendar``'s to say, not this page's.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import cache

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from lunar_python import Lunar, Solar


class Festival(TextChoices):
    """The 24 solar terms, then festivals of the lunar calendar, then days of the month (节气、节日)."""

    SLIGHT_COLD = "slight_cold", _("小寒")
    GREAT_COLD = "great_cold", _("大寒")
    SPRING_BEGINS = "spring_begins", _("立春")
    RAIN_WATER = "rain_water", _("雨水")
    INSECTS_AWAKE = "insects_awake", _("惊蛰")
    SPRING_EQUINOX = "spring_equinox", _("春分")
    QINGMING = "qingming", _("清明")
    GRAIN_RAIN = "grain_rain", _("谷雨")
    SUMMER_BEGINS = "summer_begins", _("立夏")
    GRAIN_FILLS = "grain_fills", _("小满")
    GRAIN_IN_EAR = "grain_in_ear", _("芒种")
    SUMMER_SOLSTICE = "summer_solstice", _("夏至")
    SLIGHT_HEAT = "slight_heat", _("小暑")
    GREAT_HEAT = "great_heat", _("大暑")
    AUTUMN_BEGINS = "autumn_begins", _("立秋")
    HEAT_ENDS = "heat_ends", _("处暑")
    WHITE_DEW = "white_dew", _("白露")
    AUTUMN_EQUINOX = "autumn_equinox", _("秋分")
    COLD_DEW = "cold_dew", _("寒露")
    FROST_DESCENDS = "frost_descends", _("霜降")
    WINTER_BEGINS = "winter_begins", _("立冬")
    LIGHT_SNOW = "light_snow", _("小雪")
    HEAVY_SNOW = "heavy_snow", _("大雪")
    WINTER_SOLSTICE = "winter_solstice", _("冬至")
    LABA = "laba", _("腊八")
    NEW_YEARS_EVE = "new_years_eve", _("除夕")
    SPRING_FESTIVAL = "spring_festival", _("春节")
    LANTERN = "lantern", _("元宵")
    DRAGON_BOAT = "dragon_boat", _("端午")
    QIXI = "qixi", _("七夕")
    MID_AUTUMN = "mid_autumn", _("中秋")
    DOUBLE_NINTH = "double_ninth", _("重阳")
    NEW_YEAR = "new_year", _("元旦")
    WOMENS_DAY = "womens_day", _("妇女节")
    LABOUR_DAY = "labour_day", _("劳动节")
    CHILDRENS_DAY = "childrens_day", _("儿童节")
    PARTY_DAY = "party_day", _("建党节")
    NATIONAL_DAY = "national_day", _("国庆节")


TERMS = tuple(Festival)[:24]
#: What people call a festival; 清明 is a term and a festival.
FESTIVALS = (Festival.QINGMING, *tuple(Festival)[24:])
#: What the seasons of a programme begin with (四立).
SEASONS_BEGIN = (Festival.SPRING_BEGINS, Festival.SUMMER_BEGINS, Festival.AUTUMN_BEGINS, Festival.WINTER_BEGINS)
#: Month and day of the lunar year; the month of 除夕 ends it.
_LUNAR: Mapping[Festival, tuple[int, int]] = {
    Festival.SPRING_FESTIVAL: (1, 1), Festival.LANTERN: (1, 15), Festival.DRAGON_BOAT: (5, 5), Festival.QIXI: (7, 7),
    Festival.MID_AUTUMN: (8, 15), Festival.DOUBLE_NINTH: (9, 9), Festival.LABA: (12, 8),
}  # fmt: skip
_FIXED: Mapping[Festival, tuple[int, int]] = {
    Festival.NEW_YEAR: (1, 1), Festival.WOMENS_DAY: (3, 8), Festival.LABOUR_DAY: (5, 1), Festival.CHILDRENS_DAY: (6, 1),
    Festival.PARTY_DAY: (7, 1), Festival.NATIONAL_DAY: (10, 1),
}  # fmt: skip
DAY = dt.timedelta(days=1)
#: An activity that hangs on a festival is at most so far from it.
REACH = 15 * DAY
#: The years a programme may lie in: what the library is sure of, and long enough.
FIRST_YEAR, LAST_YEAR = 2000, 2099


def _date(solar: Solar) -> dt.date:
    return dt.date(solar.getYear(), solar.getMonth(), solar.getDay())


@cache
def days_of(year: int) -> Mapping[dt.date, tuple[Festival, ...]]:
    """The terms and festivals of a year of the common calendar, in the order of days; festivals before terms."""
    found = [(_date(day), festival) for festival, day in _terms(year)]
    for lunar_year in (year - 1, year):
        found += [(_date(Lunar.fromYmd(lunar_year, *day).getSolar()), festival) for festival, day in _LUNAR.items()]
        found.append((_date(Lunar.fromYmd(lunar_year + 1, 1, 1).getSolar()) - DAY, Festival.NEW_YEARS_EVE))
    found += [(dt.date(year, *day), festival) for festival, day in _FIXED.items()]
    days: dict[dt.date, tuple[Festival, ...]] = {}
    for day, festival in sorted(found, key=lambda one: (one[0], one[1] in TERMS)):
        if day.year == year:
            days[day] = (*days.get(day, ()), festival)
    return days


def _terms(year: int) -> list[tuple[Festival, Solar]]:
    """The 24 terms of a year. The library's table of a lunar year begins in December before it and has that of this
    December under another name."""
    table = Solar.fromYmd(year, 6, 15).getLunar().getJieQiTable()
    return [(term, table["DONG_ZHI" if term is Festival.WINTER_SOLSTICE else _CHINESE[term]]) for term in TERMS]


#: The library's names, which no language of ours changes: they follow the order of the terms from 小寒 on.
_CHINESE: Mapping[Festival, str] = dict(zip(TERMS, (*Lunar.JIE_QI[1:], Lunar.JIE_QI[0]), strict=True))


def occurrences(festival: Festival, *, since: dt.date, until: dt.date) -> list[dt.date]:
    """The days of a festival in a half-open period. A lunar one may come twice in a year, or not at all (腊八 2023)."""
    return [
        day
        for year in range(since.year, until.year + 1)
        for day, found in days_of(year).items()
        if festival in found and since <= day < until
    ]


def nearest(festival: Festival, day: dt.date) -> dt.date:
    """The day of a festival that is nearest to a day; of two the earlier."""
    around = occurrences(festival, since=day - 400 * DAY, until=day + 400 * DAY)
    return min(around, key=lambda found: (abs(found - day), found))


def next_after(festival: Festival, day: dt.date) -> dt.date:
    """The first day of a festival after a day."""
    return min(occurrences(festival, since=day + DAY, until=day + 800 * DAY))


def a_year_later(day: dt.date) -> dt.date:
    """The same day of the month a year later; 29 February becomes the 28th."""
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return dt.date(day.year + 1, 2, 28)


def moved(day: dt.date, festival: Festival | None) -> dt.date:
    """The day of next year's activity (照去年排): as far from the festival as last year's, else the same day of the week.

    Without a festival it is the same weekday that lies nearest to the same date.
    """
    if festival is not None:
        hung_on = nearest(festival, day)
        return next_after(festival, hung_on) + (day - hung_on)
    later = a_year_later(day)
    shift = (day.weekday() - later.weekday()) % 7
    return later + (shift if shift <= 3 else shift - 7) * DAY


def moved_bound(day: dt.date) -> dt.date:
    """Where a season begins or ends next year: with the same one of the four beginnings, else on the same date."""
    begins = [festival for festival in days_of(day.year).get(day, ()) if festival in SEASONS_BEGIN]
    return next_after(begins[0], day) if begins else a_year_later(day)


def suggested_season(after: dt.date) -> tuple[dt.date, dt.date]:
    """The days proposed for a season that begins on a day or later: from one of the four beginnings to the next."""
    begins = sorted(
        day for festival in SEASONS_BEGIN for day in occurrences(festival, since=after, until=after + 400 * DAY)
    )
    return begins[0], begins[1]


def months_of(from_on: dt.date, until_on: dt.date) -> list[dt.date]:
    """The first days of the months that a half-open season is told by: those it has a week of or more, in order.

    A season from one of the four beginnings to the next touches four months and is told by three.
    """
    month, found = from_on.replace(day=1), []
    while month < until_on:
        following = (month + 31 * DAY).replace(day=1)
        if min(until_on, following) - max(from_on, month) >= 7 * DAY:
            found.append(month)
        month = following
    return found or [from_on.replace(day=1)]
