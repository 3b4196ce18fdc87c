"""What a batch of vouchers may promise, who may claim one and when, and what it is worth.

A voucher is a gift: nobody pays money for one, and nobody is given money for one. There is no act that sells, tops up,
refunds or cashes; with money taken in advance it would be a prepaid card (上海市单用途预付消费卡管理规定, 2018, art. 2).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from hege.kernel.calendar import DAY
from hege.kernel.checks import check_another, check_move, check_words
from hege.kernel.clock import start_of
from hege.kernel.money import to_fen, yuan
from hege.kernel.refused import Refused, RefusedAll, refusal_of
from hege.vouchers.sentences import (
    EVERY_DAY,
    adjacent,
    amount_said,
    instant_said,
)

LONGEST_TITLE, LONGEST_WORDS, LONGEST_REASON = 30, 300, 300
MOST_STOCK, MOST_EACH, MOST_POINTS, MOST_FEN = 100_000, 100, 100_000, 1_000_000_00
MOST_HOURS = 4
#: Who holds a voucher is told when its last day is so near.
REMIND_BEFORE = 3 * DAY


class Worth(TextChoices):
    """What a voucher gives (券的种类)."""

    FREE = "free", _("免费")
    AMOUNT = "amount", _("减金额")
    PERCENT = "percent", _("打折")


class BatchState(TextChoices):
    """How far a batch has come (批次状态)."""

    DRAFT = "draft", _("待批准")
    APPROVED = "approved", _("发放中")
    CLOSED = "closed", _("已结束")


NEXT_BATCH: Mapping[BatchState, Set[BatchState]] = {
    BatchState.DRAFT: {BatchState.APPROVED, BatchState.CLOSED},
    BatchState.APPROVED: {BatchState.CLOSED},
    BatchState.CLOSED: frozenset(),
}


class ClaimEndKind(TextChoices):
    """Why a voucher that was not used is none any more (券的终止)."""

    EXPIRED = "expired", _("过期")
    WITHDRAWN = "withdrawn", _("收回")
    CLOSED = "closed", _("批次结束")


#: What gives the stock back beside the money; what expired is not given out anew.
GIVES_STOCK_BACK = frozenset({ClaimEndKind.WITHDRAWN})


class ClaimState(TextChoices):
    """How a claimed voucher stands today (券的状态)."""

    HELD = "held", _("能用")
    NOT_YET = "not_yet", _("还没到能用的日子")
    REDEEMED = "redeemed", _("已用")
    EXPIRED = "expired", _("已过期")
    WITHDRAWN = "withdrawn", _("已收回")
    CLOSED = "closed", _("已作废")


@dataclass(frozen=True, slots=True)
class Terms:
    """What a batch says (批次条款).

    ``value_fen``: what is taken off the price; of a percentage, the most. ``percent``: how much is taken off. ``cost_fen``:
    what the payer owes the merchant for one; of a percentage, the most. ``use_until_on`` is the first day on which it is
    worth nothing. ``weekdays``: 0 to 6 from Monday; ``hours``: pairs of minutes of the day, none for all day.
    """

    title: str
    kind: Worth
    stock: int
    releases_at: dt.datetime
    claim_until_at: dt.datetime
    use_from_on: dt.date
    use_until_on: dt.date
    words: str = ""
    value_fen: int = 0
    percent: int = 0
    cost_fen: int = 0
    budget_fen: int = 0
    per_member: int = 1
    point_price: int = 0
    weekdays: tuple[int, ...] = tuple(sorted(EVERY_DAY))
    hours: tuple[tuple[int, int], ...] = ()


# -- making a batch ------------------------------------------------------------------------------------------------------

#: What would make a voucher money or a card with money on it.
_CASH = re.compile(r"现金|红包|提现|充值|储值|购物卡|预付卡|转账|代币")


def check_terms(terms: Terms, *, merchants: int) -> None:
    """A batch that can be made; every fault is told, each with its field."""
    no = [found for check in _CHECKS if (found := refusal_of(check, terms=terms)) is not None]
    if not merchants:
        no.append(Refused(_("请至少选一家收这张券的店。"), field="merchants"))
    if no:
        raise RefusedAll(no)


def _check_title(terms: Terms) -> None:
    check_words(terms.title, _("请写明给什么，例如：热汤面一碗。"), field="title")
    if found := _CASH.search(terms.title + terms.words):
        raise Refused(
            _("券不能是钱，也不能存钱、换钱：请去掉“%(word)s”，写明给什么东西或者减多少。"),
            word=found[0], field="title" if found[0] in terms.title else "words",
        )  # fmt: skip


def _check_worth(terms: Terms) -> None:
    if terms.kind is not Worth.FREE and not 0 < terms.value_fen <= MOST_FEN:
        raise Refused(_("请写明减多少元；打折的写最多减多少元。"), field="value_fen")
    if terms.kind is Worth.PERCENT and not 0 < terms.percent < 100:
        raise Refused(_("打折要减百分之 1 到 99：打八折就写 20。"), field="percent")


def _check_cost(terms: Terms) -> None:
    if not 0 <= terms.cost_fen <= MOST_FEN:
        raise Refused(_("付给商户的钱要在 0 到 %(most)s 元之间。"), most=yuan(MOST_FEN), field="cost_fen")
    if terms.kind is not Worth.FREE and terms.cost_fen > terms.value_fen:
        raise Refused(_("付给商户的钱不能比给顾客减的还多。"), field="cost_fen")


def _check_numbers(terms: Terms) -> None:
    if not 1 <= terms.stock <= MOST_STOCK:
        raise Refused(_("张数要在 1 到 %(most)d 之间。"), most=MOST_STOCK, field="stock")
    if not 1 <= terms.per_member <= min(MOST_EACH, terms.stock):
        raise Refused(
            _("每人最多领几张，要在 1 到 %(most)d 之间，也不能多于总张数。"), most=MOST_EACH, field="per_member"
        )
    if not 0 <= terms.point_price <= MOST_POINTS:
        raise Refused(_("积分要在 0 到 %(most)d 之间；不用积分就写 0。"), most=MOST_POINTS, field="point_price")


def _check_budget(terms: Terms) -> None:
    if terms.budget_fen < terms.cost_fen:
        raise Refused(
            _("预算不够付一张券：一张要付给商户 %(cost)s 元。"), cost=yuan(terms.cost_fen), field="budget_fen"
        )
    if terms.budget_fen > MOST_FEN * 10:
        raise Refused(_("预算不能多于 %(most)s 元。"), most=yuan(MOST_FEN * 10), field="budget_fen")


def _check_days(terms: Terms) -> None:
    if terms.claim_until_at <= terms.releases_at:
        raise Refused(_("领取截止要在开始领取之后。"), field="claim_until_at")
    if terms.use_until_on <= terms.use_from_on:
        raise Refused(_("使用的最后一天不能早于第一天。"), field="use_until_on")
    if terms.claim_until_at > start_of(terms.use_until_on):
        raise Refused(_("领取截止不能晚于券能用的最后一天。"), field="claim_until_at")


def _check_hours(terms: Terms) -> None:
    if not terms.weekdays or not set(terms.weekdays) <= EVERY_DAY:
        raise Refused(_("请选星期几能用，至少选一天。"), field="weekdays")
    if len(terms.hours) > MOST_HOURS or any(not 0 <= a < b <= 24 * 60 for a, b in terms.hours):
        raise Refused(_("每段时间都要先开始、后结束，最多 %(most)d 段。"), most=MOST_HOURS, field="hours")
    if not adjacent(terms.hours):
        raise Refused(_("几段时间不能重叠，要从早到晚写。"), field="hours")


_CHECKS: tuple[Callable[..., None], ...] = (
    _check_title,
    _check_worth,
    _check_cost,
    _check_numbers,
    _check_budget,
    _check_days,
    _check_hours,
)


def check_amendable(state: BatchState) -> None:
    """What has been approved stays as it was approved."""
    if state is not BatchState.DRAFT:
        raise Refused(_("批准以后条款不能再改。要改就结束这一批，另做一批。"))


def check_approval(
    state: BatchState, *, made_by: int | None, by: int, claim_until_at: dt.datetime, at: dt.datetime
) -> None:
    """Another than who made it, while there is still time to claim."""
    check_move(state, BatchState.APPROVED, NEXT_BATCH)
    check_another(by=by, first=made_by, sentence=_("做这一批券的人不能自己批准，请另一位召集人批准。"))
    if claim_until_at <= at:
        raise Refused(_("领取截止时间已经过了，请先改期。"))


def check_close(state: BatchState) -> None:
    """One that is not over."""
    check_move(state, BatchState.CLOSED, NEXT_BATCH)


# -- claiming ------------------------------------------------------------------------------------------------------------


def check_claim(
    terms: Terms, state: BatchState, *, claimed: int, committed_fen: int, mine: int, at: dt.datetime
) -> None:
    """Whether one more may be claimed, by a member who has ``mine``; asked by the button and again under the lock."""
    if state is BatchState.DRAFT:
        raise Refused(_("这批券还没有批准。"))
    if state is BatchState.CLOSED:
        raise Refused(_("这批券已经结束发放了。"))
    if at < terms.releases_at:
        raise Refused(_("还没开始：%(at)s 起可以领。"), at=instant_said(terms.releases_at))
    if at >= terms.claim_until_at:
        raise Refused(_("领取已经在 %(at)s 截止了。"), at=instant_said(terms.claim_until_at))
    if mine >= terms.per_member:
        raise Refused(_("您已经领过 %(mine)d 张，这批券每人最多 %(most)d 张。"), mine=mine, most=terms.per_member)
    if claimed >= terms.stock:
        raise Refused(_("领完了，一共 %(stock)d 张。看看别的券吧。"), stock=terms.stock)
    if committed_fen + terms.cost_fen > terms.budget_fen:
        raise Refused(_("这批券的预算已经用完，领不了了。看看别的券吧。"))


def check_price(terms: Terms, *, paid: int) -> None:
    """What costs points is claimed for exactly that many, and what is free for none."""
    if paid != terms.point_price:
        raise Refused(_("这张券要 %(points)d 积分。"), points=terms.point_price)


# -- using ---------------------------------------------------------------------------------------------------------------


class Price(NamedTuple):
    """What one use comes to, in fen: what is taken off the bill (None: the whole thing is free), and what the payer owes."""

    off_fen: int | None
    owed_fen: int


def price(terms: Terms, *, bill_fen: int | None = None) -> Price:
    """What the customer saves and what the merchant is owed; a percentage needs the bill.

    A percentage is rounded to the fen, half up, once, and goes no further than ``value_fen``.
    """
    if terms.kind is Worth.FREE:
        return Price(None, terms.cost_fen)
    if terms.kind is Worth.AMOUNT:
        return Price(terms.value_fen, terms.cost_fen)
    if bill_fen is None or not 0 < bill_fen <= MOST_FEN:
        raise Refused(_("打折的券要写这一单多少元。"), field="bill")
    off = min(to_fen(Fraction(bill_fen * terms.percent, 100 * 100)), terms.value_fen)
    return Price(off, min(off, terms.cost_fen))


def worth_said(terms: Terms) -> str:
    """What it is worth in two or three words: 免费, 减 20 元, 打 8 折."""
    if terms.kind is Worth.FREE:
        return str(_("免费"))
    if terms.kind is Worth.AMOUNT:
        return _("减 %(yuan)s 元") % {"yuan": amount_said(terms.value_fen)}
    whole, part = divmod(100 - terms.percent, 10)
    return _("打 %(tenths)s 折") % {"tenths": f"{whole}.{part}" if part else str(whole)}


# -- a claimed one -------------------------------------------------------------------------------------------------------


def claim_state(terms: Terms, *, redeemed: bool, ended: ClaimEndKind | None, today: dt.date) -> ClaimState:
    """How a claimed voucher stands on a day; one whose days are over has expired, though the nightly run has not come."""
    if redeemed:
        return ClaimState.REDEEMED
    if ended is not None:
        return ClaimState(ended.value)
    if today >= terms.use_until_on:
        return ClaimState.EXPIRED
    return ClaimState.HELD if today >= terms.use_from_on else ClaimState.NOT_YET


def check_held(state: ClaimState) -> None:
    """Only what can still be used is printed, or taken back."""
    if state not in (ClaimState.HELD, ClaimState.NOT_YET):
        raise Refused(_("这张券%(state)s，办不了。"), state=state.label)
