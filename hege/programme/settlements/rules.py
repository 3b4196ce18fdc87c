"""What shops are owed for the vouchers they took, by which list of which month; who among the units owes whom, and the
fewest payments that settle it. Whole fen."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hege.kernel import seal
from hege.kernel.checks import check_move, check_words
from hege.kernel.clock import day_of, start_of
from hege.kernel.money import yuan
from hege.kernel.refused import Refused

LONGEST_WORDS = 300


class SettlementState(TextChoices):
    """How far the list of a shop has come (结算状态)."""

    FROZEN = "frozen", _("等商户确认")
    DISPUTED = "disputed", _("有异议")
    CONFIRMED = "confirmed", _("商户确认，待付")
    PAID = "paid", _("已付")


S = SettlementState
#: A payment that was written down wrong is taken back: then its lists wait to be paid again.
NEXT_STATE: Mapping[SettlementState, Set[SettlementState]] = {
    S.FROZEN: frozenset({S.CONFIRMED, S.DISPUTED}),
    S.DISPUTED: frozenset({S.FROZEN}),
    S.CONFIRMED: frozenset({S.PAID}),
    S.PAID: frozenset({S.CONFIRMED}),
}


def check_step(state: SettlementState, to: SettlementState) -> None:
    """A list is confirmed or disputed once it is frozen, answered where disputed, and paid once confirmed."""
    check_move(state, to, NEXT_STATE, _("这份名单现在是“%(state)s”，不能变为“%(to)s”。"))


# -- the month ---------------------------------------------------------------------------------------------------------


def month_of(day: dt.date) -> dt.date:
    """The first day of a day's month."""
    return day.replace(day=1)


def next_month(month_on: dt.date) -> dt.date:
    """The first day of the month after."""
    return (month_on.replace(day=28) + dt.timedelta(days=4)).replace(day=1)


def check_month(month_on: dt.date, *, latest_on: dt.date | None, at: dt.datetime) -> dt.datetime:
    """A month is frozen after it is over, and none before one that is frozen; answers the instant it ended, in UTC.

    ``latest_on``: the last month that is frozen.
    """
    if month_on.day != 1:
        raise ValueError("a month is named by its first day")
    ended_at = start_of(next_month(month_on))
    if at < ended_at:
        raise Refused(
            _("%(year)d 年 %(month)d 月还没有过完，到 %(day)s 才能冻结名单。"),
            year=month_on.year, month=month_on.month, day=day_of(ended_at).isoformat(), field="month_on",
        )  # fmt: skip
    if latest_on is not None and month_on <= latest_on:
        raise Refused(
            _("%(year)d 年 %(month)d 月的名单已经冻结，这个月和以前没有结的都进下一份名单。"),
            year=latest_on.year, month=latest_on.month, field="month_on",
        )  # fmt: skip
    return ended_at


class LineKind(TextChoices):
    """What a line of a list is (名单行)."""

    REDEEMED = "redeemed", _("核销")
    TAKEN_BACK = "taken_back", _("撤销，扣回")
    PAID_ALL_THE_SAME = "paid", _("离线异常，照付")


class Line(NamedTuple):
    """One line of a list: a redemption, one taken back after it was settled, or a scan that is paid all the same.

    ``key`` names the row it is of; ``fen`` is below zero where something is taken back.
    """

    key: str
    used_at: dt.datetime
    fen: int


def total_of(lines: Iterable[Line]) -> int:
    """What a list comes to."""
    return sum(line.fen for line in lines)


def is_listed(lines: Sequence[Line]) -> bool:
    """Whether these lines become a list now: never one of less than nothing, which waits until the shop has taken as much."""
    return bool(lines) and total_of(lines) >= 0


def list_digest(*, street: str, shop: str, payer: str, month_on: dt.date, lines: Sequence[Line]) -> str:
    """SHA-256 over a frozen list as hex (名单校验码): whose, by whom, of when, and every line in the order of its key."""
    return seal.digest(street, shop, payer, month_on, [[*line] for line in sorted(lines)])


# -- answering and paying ----------------------------------------------------------------------------------------------


def check_dispute(words: str) -> str:
    """A shop says what is wrong with its list, in words."""
    return check_words(words, _("请写明哪里不对：少算还是多算，哪一天，几张。"), field="words")


class Owing(NamedTuple):
    """A list as a payment sees it: how it stands, which shop is owed, who pays it, what is open, when it was frozen."""

    state: SettlementState
    shop: int
    paid_by: int
    open_fen: int
    frozen_on: dt.date


def shared_out(lists: Sequence[Owing], fen: int, *, paid_on: dt.date, today: dt.date) -> list[int]:
    """How much of a payment goes to each of the lists it is for, the first of them first; never more than is open.

    They are confirmed, of one shop, and one unit pays them; a part may stay open.
    """
    if not lists:
        raise Refused(_("请选这笔钱付的是哪几份名单。"), field="lists")
    for one in lists:
        check_move(one.state, S.PAID, NEXT_STATE, _("商户确认过、还没有付清的名单才能付款，这份现在是“%(state)s”。"))
    if len({(one.shop, one.paid_by) for one in lists}) > 1:
        raise Refused(_("一笔钱只能付给一家商户，并且由一家单位付；请分开登记。"), field="lists")
    owed = sum(one.open_fen for one in lists)
    _check_sum(fen, owed, _("选中的名单还要付 %(owed)s 元，付 %(paid)s 元就多了。"))
    _check_paid_on(paid_on, today, since=max(one.frozen_on for one in lists))
    parts, left = [], fen
    for one in lists:
        parts.append(min(left, one.open_fen))
        left -= parts[-1]
    return parts


def _check_sum(fen: int, owed_fen: int, too_much: str | Promise) -> None:
    if fen <= 0:
        raise Refused(_("金额要大于 0。"), field="fen")
    if fen > owed_fen:
        raise Refused(too_much, owed=yuan(max(0, owed_fen)), paid=yuan(fen), field="fen")


def check_taken_back(*, is_reversed: bool, reason: str) -> str:
    """A payment that was written down wrong is taken back once, for a reason; the reason without blanks around it."""
    if is_reversed:
        raise Refused(_("这笔付款已经撤销过。"))
    return check_words(reason)


def check_repayment(*, owed_fen: int, fen: int, paid_on: dt.date, today: dt.date) -> None:
    """One unit pays another no more than the one has to pay or the other has to get, whichever is less."""
    _check_sum(fen, owed_fen, _("这两家之间抵完最多只差 %(owed)s 元，付 %(paid)s 元就多了。"))
    _check_paid_on(paid_on, today)


def _check_paid_on(paid_on: dt.date, today: dt.date, *, since: dt.date = dt.date.min) -> None:
    if paid_on > today:
        raise Refused(_("付款日 %(day)s 还没有到。"), day=paid_on.isoformat(), field="paid_on")
    if paid_on < since:
        raise Refused(
            _("付款日 %(day)s 早于名单冻结的 %(since)s，请对一下回单。"),
            day=paid_on.isoformat(), since=since.isoformat(), field="paid_on",
        )  # fmt: skip


class PaymentKind(TextChoices):
    """Whom a payment is to (付给谁)."""

    SHOP = "shop", _("付商户")
    UNIT = "unit", _("还给单位")


LONGEST_SERIAL = 40


def read_serial(text: str) -> str:
    """A bank's serial number as it is compared: letters and digits, without blanks and dashes between."""
    said = "".join(sign for sign in text.upper() if sign.isascii() and sign.isalnum())
    if not 4 <= len(said) <= LONGEST_SERIAL:
        raise Refused(_("请写银行流水号，4 到 40 位字母或数字，在回单上。"), field="bank_serial")
    return said


# -- who owes whom -----------------------------------------------------------------------------------------------------


class Payment(NamedTuple):
    """One payment that settles something among units; fen above zero."""

    debtor: int
    creditor: int
    fen: int


def nets(debts: Mapping[tuple[int, int], int]) -> dict[int, int]:
    """What each unit gets (above zero) or has to pay in all, from who owes whom how much; they sum to zero."""
    found: dict[int, int] = defaultdict(int)
    for (debtor, creditor), fen in debts.items():
        found[debtor] -= fen
        found[creditor] += fen
    return dict(found)


#: Among so many units the fewest payments are found for certain; it takes 2 to that power steps.
CERTAIN = 12


def fewest_payments(net: Mapping[int, int]) -> list[Payment]:
    """The fewest payments after which nobody owes anything (抵完还剩几笔).

    Units are parted into as many groups as settle among themselves; each group needs one payment less than it has units.
    Of more than ``CERTAIN`` units, the largest pays the largest: one payment less than units at most. ``net`` sums to
    zero.
    """
    if sum(net.values()):
        raise ValueError("nets do not sum to zero")
    open_ = sorted((who, fen) for who, fen in net.items() if fen)
    groups = _groups(open_) if len(open_) <= CERTAIN else [open_]
    return sorted(pay for group in groups for pay in _largest_first(group))


def _groups(rows: list[tuple[int, int]]) -> list[list[tuple[int, int]]]:
    """The most groups that each sum to zero: by subsets, each the best of those with one unit less."""
    full = (1 << len(rows)) - 1
    sums, best = [0] * (full + 1), [0] * (full + 1)
    last = [0] * (full + 1)
    for some in range(1, full + 1):
        lowest = (some & -some).bit_length() - 1
        sums[some] = sums[some & (some - 1)] + rows[lowest][1]
        inside = [i for i in range(len(rows)) if some >> i & 1]
        last[some] = max(inside, key=lambda i: best[some ^ (1 << i)])
        best[some] = best[some ^ (1 << last[some])] + (sums[some] == 0)
    groups: list[list[tuple[int, int]]] = []
    group: list[tuple[int, int]] = []
    left = full
    while left:
        if group and sums[left] == 0:
            groups.append(group)
            group = []
        group.append(rows[last[left]])
        left ^= 1 << last[left]
    return [*groups, group] if group else groups


def _largest_first(rows: list[tuple[int, int]]) -> list[Payment]:
    """Settle one group: the one that owes most pays the one that gets most, until nothing is left."""
    net, made = dict(rows), []
    while any(net.values()):
        debtor = min(net, key=lambda who: (net[who], who))
        creditor = max(net, key=lambda who: (net[who], -who))
        fen = min(-net[debtor], net[creditor])
        net[debtor] += fen
        net[creditor] -= fen
        made.append(Payment(debtor, creditor, fen))
    return made


class Stands(NamedTuple):
    """How a list stands: its state, its vouchers, what it comes to, what of that is paid."""

    state: SettlementState
    taken: int
    total_fen: int
    paid_fen: int


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a month's money, by state: how many lists and vouchers, and fen."""

    state: SettlementState
    lists: int = 0
    taken: int = 0
    fen: int = 0


#: In the order of the bar: what is done first, what is in question last.
PARTS = (S.PAID, S.CONFIRMED, S.FROZEN, S.DISPUTED)


def parts_of(lists: Iterable[Stands]) -> list[Part]:
    """A month's money by state; what is paid of a list counts as paid. What they sum to is the whole."""
    sums = {state: [0, 0, 0] for state in PARTS}
    for one in lists:
        sums[S.PAID][2] += one.paid_fen
        for place, add in enumerate((1, one.taken, one.total_fen - one.paid_fen)):
            sums[one.state][place] += add
    return [Part(state, *sums[state]) for state in PARTS]
