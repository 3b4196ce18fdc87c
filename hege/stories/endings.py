"""The three stories as ``hege story`` plays them, each with how it ends."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, NamedTuple

from hege.kernel.money import yuan
from hege.stories.crisis import Step
from hege.stories.honours import FIRST_ON_THE_ROLL, HonourRoll
from hege.stories.programme import Programme
from hege.stories.street import set_stage
from hege.stories.water import Water

WORST_DAY = dt.date(2025, 11, 21)  # the day of the newspaper page
HUAXIN: dict[str, Any] = {
    "code": "310118107", "name": "华新镇", "grid": "华新综合网格", "residence": "华强居委", "block": "华新镇第一街区",
    "premises": "华新镇沿街", "since": dt.date(2025, 1, 1), "years": range(2025, 2028), "suffix": "-huaxin", "password": None,
}  # fmt: skip


class Ending(NamedTuple):
    """How a story ends: whether well, its figures, and that in a sentence."""

    well: bool
    figures: dict[str, Any]
    says: str


def water(tell: Callable[[Step], None]) -> Ending:
    """The water story: it ends well where nothing is owed, held or unshared."""
    story = Water(WORST_DAY, tell=tell, password=None)
    story.until_the_worst_day()
    story.to_the_end()
    money = story.money(story.steps[-1].on)
    paid_up = money.payable == money.owed == money.held == money.unshared == 0
    return Ending(paid_up, {"payable": money.payable}, f"尚欠水务公司 {yuan(money.payable)} 元")


def honours(tell: Callable[[Step], None]) -> Ending:
    """The honour roll: it ends well where twelve are proven by page and signature, and two that ended by neither."""
    story = HonourRoll(set_stage(**HUAXIN), FIRST_ON_THE_ROLL, tell)
    story.until_the_roll()
    story.to_the_end()
    good, ended, wrong = story.proven()
    figures = {"published": good, "ended": ended, "not_proven": wrong}
    last = f"{good} 项在榜，核验页和签名都对得上；{ended} 项到期或撤下，两样都不认"
    return Ending(not wrong and good == 12 and ended == 2, figures, last)


def programme(tell: Callable[[Step], None]) -> Ending:
    """The programme's year: it ends well where each claim and each fen is accounted for, and no page tells who reported."""
    story = Programme(set_stage(**HUAXIN), tell)
    story.until_the_launch()
    story.play()
    found = story.proven()
    last = (
        f"{found.claims} 张券：{found.redeemed} 张用掉，{found.ended} 张到期或收回，{found.held} 张还在手里；"
        f"应付商户 {yuan(found.owed_fen)} 元，结了 {yuan(found.settled_fen)} 元（付了 {yuan(found.paid_fen)} 元），"
        f"没结的 {yuan(found.open_fen)} 元，一分不差；没有一处看得出是谁报的"
    )
    whole = found.claims == found.redeemed + found.ended + found.held
    whole = whole and found.owed_fen == found.settled_fen + found.open_fen
    return Ending(whole and not found.told, {**found._asdict()}, last)


STORIES = {"water": water, "honours": honours, "programme": programme}
