"""Reading an index, and how much water ran between two days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from hege.kernel.refused import Refused


class MeterKind(TextChoices):
    """The one the utility bills by, and the ones behind it."""

    MASTER = "master", _("总表")
    SUB = "sub", _("分表")


class ReadingMethod(TextChoices):
    """How an index was read."""

    ON_SITE = "on_site", _("现场")
    REMOTE = "remote", _("远传")
    ESTIMATED = "estimated", _("估抄")


class PointRoleKind(TextChoices):
    """Account holder (户主) owes the utility by contract; collecting agent (代收人) takes the shops' money."""

    ACCOUNT_HOLDER = "account_holder", _("账户名")
    AGENT = "agent", _("代收人")


DAY = dt.timedelta(days=1)

# Permanent flow Q3 in m³/h by nominal diameter (GB/T 778.1 preferred values): what a register can at most
# have passed in a day, used only to tell a rollover from a wrong index.
PERMANENT_FLOW_M3_H = {15: 3, 20: 4, 25: 7, 32: 10, 40: 16, 50: 25, 65: 40, 80: 63, 100: 100, 150: 250, 200: 400}


# How far apart, in days, two readings may lie for the index between them to be drawn: the five weeks within which
# a monthly round comes back. Over a longer silence a straight line would move months of water to days nobody knows.
MOST_DAYS_BETWEEN = 35


@dataclass(frozen=True, slots=True)
class Index:
    """An index in litres as it stood when day ``boundary`` began; ``estimated`` if nobody looked."""

    boundary: dt.date
    litres: int
    estimated: bool = False


@dataclass(frozen=True, slots=True)
class Volume:
    """Litres between two boundaries; ``estimated`` if a reading was a guess or was brought to the date from days apart."""

    litres: int
    estimated: bool = False


def check_index(
    *,
    previous: Index | None,
    following: Index | None,
    boundary: dt.date,
    litres: int,
    digits: int,
    diameter_mm: int | None,
) -> int:
    """Refuse an index that cannot be (行度); answer how many times the register has newly passed zero: 0 or 1.

    ``previous`` and ``following`` are the nearest indexes that somebody has *looked at*: an estimate between
    them may turn out too high, and the next look is its true-up. Below the last look an index needs a
    rollover within the meter's permanent flow, an exchange or a correction.
    """
    register = 10**digits * 1000
    if not 0 <= litres < register:
        raise Refused(_("行度超过了这块表的字轮位数。"), field="行度")
    rolled = 0
    if previous and litres < previous.litres:
        passed = litres + register - previous.litres
        most = PERMANENT_FLOW_M3_H.get(diameter_mm or 0, 0) * 24 * 1000 * max(1, (boundary - previous.boundary).days)
        if passed > most:
            raise Refused(
                _("行度比上次（%(day)s，%(m3)s 立方米）还低；换表、抄错都请先在总表的“读数”页登记。"),
                day=(previous.boundary - DAY).isoformat(), m3=m3(previous.litres), field="行度",
            )  # fmt: skip
        rolled = 1
    if following and litres + rolled * register > following.litres:
        raise Refused(
            _("行度比后一次（%(day)s，%(m3)s 立方米）还高。"),
            day=(following.boundary - DAY).isoformat(), m3=m3(following.litres % register), field="行度",
        )  # fmt: skip
    return rolled


def run_on(readings: Sequence[Index], *, digits: int) -> list[Index]:
    """Register readings in order as indexes that only rise: each time the register passed zero is added up.

    A reading below the last one that somebody looked at has passed zero: ``check_index`` let it in for that
    reason alone. An estimate passes zero for itself only; the next look says whether it was right.
    """
    register = 10**digits * 1000
    out: list[Index] = []
    seen = 0
    for reading in readings:
        litres = seen - seen % register + reading.litres
        if litres < seen:
            litres += register
        out.append(Index(reading.boundary, litres, reading.estimated))
        if not reading.estimated:
            seen = litres
    return out


def m3(litres: int) -> str:
    """Litres as cubic metres in plain digits: 16393000 -> ``16393``, 1500 -> ``1.5``."""
    whole, part = divmod(litres, 1000)
    return f"{whole}.{part:03d}".rstrip("0") if part else str(whole)


def index_at(indexes: Sequence[Index], boundary: dt.date) -> tuple[int, bool] | None:
    """The index in litres when ``boundary`` began, and whether it is an estimate; None when it cannot be told.

    ``indexes`` are in order of boundary with rollovers already added up. A reading of the day before
    (its boundary is this one) counts as it is, and so does one taken on the boundary day itself; else
    the index is drawn straight between the readings before and after, unless they lie more than
    ``MOST_DAYS_BETWEEN`` apart: then a reading is missing.
    """
    before = [i for i in indexes if i.boundary <= boundary]
    after = [i for i in indexes if i.boundary > boundary]
    if before and before[-1].boundary == boundary:
        return before[-1].litres, before[-1].estimated
    if after and after[0].boundary == boundary + DAY:
        return after[0].litres, after[0].estimated
    if not before or not after:
        return None
    a, b = before[-1], after[0]
    days, done = (b.boundary - a.boundary).days, (boundary - a.boundary).days
    if days > MOST_DAYS_BETWEEN:
        return None
    return a.litres + (b.litres - a.litres) * done // days, True


def unread(indexes: Sequence[Index], from_on: dt.date, until_on: dt.date) -> list[dt.date]:
    """The ends of a half-open period for which no index can be told."""
    return [day for day in (from_on, until_on) if index_at(indexes, day) is None]


def volume(indexes: Sequence[Index], from_on: dt.date, until_on: dt.date) -> Volume | None:
    """Litres through one meter in a half-open period; None when a reading is missing.

    Exact, so that adjacent periods add up: where an estimate was too high, the period of its true-up may be
    below zero.
    """
    start, end = index_at(indexes, from_on), index_at(indexes, until_on)
    if start is None or end is None:
        return None
    return Volume(end[0] - start[0], start[1] or end[1])


class Run(NamedTuple):
    """A meter's time in service behind a supply point: from its first day to the day it went, and what was read."""

    from_on: dt.date
    until_on: dt.date | None
    indexes: Sequence[Index]


class Measured(NamedTuple):
    """What our own readings say ran in some days, in litres, and what of it may belong to days beside them (日期差):
    readings taken some days apart are brought to the ends of the period by a straight line.
    """

    litres: int
    gap_litres: int = 0
    whole: bool = True


def measured(runs: Iterable[Run], from_on: dt.date, until_on: dt.date) -> Measured | None:
    """What ran through some meters in a half-open period by what somebody looked at; guesses (估抄) say nothing.

    ``whole`` is false where one of them was not read for it; None where none was. The date gap is each meter's daily
    volume times the days between the ends of the period and the readings nearest to them.
    """
    litres = gap = known = 0
    whole = True
    for run in runs:
        start, end = max(from_on, run.from_on), min(until_on, run.until_on or until_on)
        if start >= end:
            continue
        looks = [i for i in run.indexes if not i.estimated]
        ran = volume(looks, start, end)
        if ran is None:
            whole = False
            continue
        known += 1
        litres += ran.litres
        days = sum(min(abs((i.boundary - edge).days) for i in looks) for edge in (start, end))
        gap += -(-ran.litres * days // (end - start).days)
    return Measured(litres, gap, whole) if known else None


def most_behind(master_litres: int, gap_litres: int, error_percent: int) -> int:
    """The most that sub-meters may show behind a master, in litres: each within the error it may have in use (使用中允差).

    JJG 162-2019: a meter of class 2 in use errs by up to 4 % at common flow. The master showing 4 % too little and
    every sub-meter 4 % too much, 50 m³ may be 50 × 1.04 / 0.96 = 54.166 m³ behind it; the date gap comes on top.
    """
    return master_litres * (100 + error_percent) // (100 - error_percent) + gap_litres


READ_STEP_LITRES = 1000  # a register is read by whole cubic metres, so two readings of it may lie so much apart


def reads_otherwise(billed_litres: int, own: Measured) -> bool:
    """Whether a bill's volume is another than our own readings of the same register, beyond the date gap and one
    whole cubic metre: it is one meter, so its error is no excuse.
    """
    return abs(billed_litres - own.litres) > own.gap_litres + READ_STEP_LITRES
