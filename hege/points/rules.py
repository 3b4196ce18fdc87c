"""What a deed is worth and how long points last, which lot is eaten first, and the milestones of a season."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from hege.kernel.refused import Refused

#: Where the rows of each sort of entry come from: with its key, unique in a street.
EARNED, SPENT, EXPIRED, SERVED = "points_earned", "points_spent", "points_expired", "minutes_served"


class Rule(NamedTuple):
    """How points are given from a day on (积分规则): one value for every deed, the most a member gets for the deeds of a
    day and of a season, and how many days points last.
    """

    per_deed: int
    day_cap: int
    season_cap: int
    life_days: int


#: What holds in a street until it sets its own.
FIRST_RULE = Rule(per_deed=10, day_cap=30, season_cap=300, life_days=365)

MOST_PER_DEED, MOST_CAP = 1_000, 100_000
LEAST_LIFE, MOST_LIFE = 30, 1_100  # days
#: Points given back for a voucher that came to nothing can be used so long, though their day be over.
GIVEN_BACK_FOR = dt.timedelta(days=30)

#: Milestones of a season: points got in it, and minutes of honour. Nobody stands before anybody.
POINT_MILESTONES = (10, 50, 100, 200, 300)
MINUTE_MILESTONES = (60, 5 * 60, 10 * 60, 20 * 60, 50 * 60)


def check_rule(rule: Rule, *, from_on: dt.date, latest_on: dt.date | None, today: dt.date) -> None:
    """Refuse a rule that cannot be kept, and one that would change what was promised for a day that has begun."""
    if not 0 < rule.per_deed <= MOST_PER_DEED:
        raise Refused(_("每件的积分要在 1 到 %(most)d 分之间。"), most=MOST_PER_DEED, field="per_deed")
    if not rule.per_deed <= rule.day_cap <= MOST_CAP:
        raise Refused(_("每天的上限不能少于一件的 %(one)d 分。"), one=rule.per_deed, field="day_cap")
    if not rule.day_cap <= rule.season_cap <= MOST_CAP:
        raise Refused(_("每季的上限不能少于每天的 %(day)d 分。"), day=rule.day_cap, field="season_cap")
    if not LEAST_LIFE <= rule.life_days <= MOST_LIFE:
        raise Refused(
            _("积分有效期要在 %(least)d 到 %(most)d 天之间。"), least=LEAST_LIFE, most=MOST_LIFE, field="life_days"
        )
    if from_on <= today:
        raise Refused(_("新规则最早从明天起：已经开始的日子按原来的规则。"), field="from_on")
    if latest_on is not None and from_on <= latest_on:
        raise Refused(_("已经有从 %(day)s 起的规则，新规则要在那天以后。"), day=latest_on.isoformat(), field="from_on")


def worth(rule: Rule, *, that_day: int, that_season: int) -> int:
    """What one more deed of a member is worth: its value, or nothing where a cap would be passed.

    ``that_day`` and ``that_season`` are the points of the member's other deeds of the same day and season.
    """
    fits = that_day + rule.per_deed <= rule.day_cap and that_season + rule.per_deed <= rule.season_cap
    return rule.per_deed if fits else 0


class LotLeft(NamedTuple):
    """What is left of a lot, and its first day without it."""

    pk: int
    remaining: int
    expires_on: dt.date


def eaten(lots: Iterable[LotLeft], points: int, *, on: dt.date) -> list[tuple[int, int]]:
    """Which lots a spending eats, and how much of each: those that end first, the older of two on one day.

    Refused where they hold too little; a lot whose day is over holds nothing.
    """
    alive = sorted((lot for lot in lots if lot.expires_on > on), key=lambda lot: (lot.expires_on, lot.pk))
    there, wanted, out = sum(lot.remaining for lot in alive), points, []
    if points <= 0:
        raise ValueError(f"{points} points cannot be spent")
    if there < points:
        raise Refused(_("积分不够：要 %(wanted)d 分，现有 %(there)d 分。"), wanted=points, there=there)
    for lot in alive:
        part = min(lot.remaining, wanted)
        if part:
            out.append((lot.pk, part))
            wanted -= part
    return out


def milestone(reached: int, of: Sequence[int]) -> int:
    """The highest milestone that was reached, 0 for none."""
    return max((step for step in of if reached >= step), default=0)


def check_reversible(*, kind: str, reversible: Iterable[str], is_reversed: bool) -> None:
    """Refuse to take back what a later round alone takes back, what has ended, and what was taken back."""
    if kind not in reversible:
        raise Refused(_("这一笔不能单独冲正：成轮发放的积分只随以后的轮次收回，到期的不再恢复。"))
    if is_reversed:
        raise Refused(_("这一笔已经冲正过。"))
