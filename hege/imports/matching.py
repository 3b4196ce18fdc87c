"""What a line of a statement is (认一认): rules over words, names, sums and days. Nothing here reads the database.

A line of a wallet, a bank or the utility is water money of a tenancy or a meter, or it is left aside with a reason, or
a person is asked. A suggestion says why, what speaks against it and what else it may be; it is ``sure`` where one thing
alone fits and nothing speaks against it.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from hege.kernel.calendar import DAY
from hege.kernel.spelling import fold

MOST_CHOICES = 6
RECENT = dt.timedelta(days=62)  # a share that a stranger's sum may be: of a bill issued no longer ago
ASIDE = "aside"


class Why(TextChoices):
    """A reason: for a suggestion, against it, or for leaving a line aside."""

    PAYER_IS_SIGN = "payer-is-sign", _("付款人是店招")
    PAYER_IS_OPERATOR = "payer-is-operator", _("付款人是经营者")
    PAYER_HAS_LEFT = "payer-has-left", _("付款人是已退租的租户")
    PAYER_IS_KNOWN = "payer-is-known", _("付款人是记住的名字")
    CODE_IN_REMARK = "code-in-remark", _("附言写了铺号")
    NAME_IN_REMARK = "name-in-remark", _("附言写了店名")
    SAYS_WATER = "says-water", _("附言写了水费")
    ON_ANOTHER_PAPER = "on-another-paper", _("别的凭证上也有这一笔")
    SUM_IS_SHARE = "sum-is-share", _("数目和应摊的一样")
    TO_THE_UTILITY = "to-the-utility", _("对方是水司")
    OUR_ACCOUNT = "our-account", _("户号是这块总表的")
    PAYER_IS_AGENT = "payer-is-agent", _("付款人是代收人")

    NO_WORD = "no-word", _("没有写是什么钱，数目也对不上")
    NOBODY = "nobody", _("不认得付款人")
    SEVERAL = "several", _("几家都说得通")
    TWICE = "twice", _("同一数目的不止一笔")
    MIXED = "mixed", _("水费和别的钱在一起")
    ANOTHER_AGENT = "another-agent", _("这块总表的代收人是别人")
    NO_ACCOUNT = "no-account", _("没有写户号，或户号还不认得")
    PARTLY_RETURNED = "partly-returned", _("退回了一部分")

    OWN_TRANSFER = "own-transfer", _("自己账户之间")
    RETURNED = "returned", _("退款，没有收成")
    CLOSED = "closed", _("没有成交")
    INTEREST = "interest", _("利息、收益")
    NEUTRAL = "neutral", _("不计收支")
    RENT = "rent", _("房租")
    ELECTRICITY = "electricity", _("电费")
    DEPOSIT = "deposit", _("押金")
    OTHER_CHARGE = "other-charge", _("别的费用")
    RED_ENVELOPE = "red-envelope", _("红包")
    PRIVATE_SPENDING = "private-spending", _("私人支出")
    PRIVATE = "private", _("私人往来")
    OTHER_ACCOUNT = "other-account", _("同一水司，另一个户号")
    NO_MONEY = "no-money", _("没有金额")
    PERSON = "person", _("您说不是水费")

    @property
    def against(self) -> bool:
        """Whether it speaks against what is suggested."""
        return self in _AGAINST


_AGAINST = frozenset(
    {Why.NO_WORD, Why.NOBODY, Why.SEVERAL, Why.TWICE, Why.MIXED, Why.ANOTHER_AGENT, Why.NO_ACCOUNT, Why.PARTLY_RETURNED}
)


# -- words -------------------------------------------------------------------------------------------------------------

#: Words that say water money; a lone 水 does too ("5月水").
WATER = ("水费", "水钱", "水款", "自来水", "水电", "交水", "缴水")
#: Words with 水 in them that say something else; taken out before looking for water.
NOT_WATER = ("水果", "水产", "饮用水", "桶装水", "矿泉水", "纯净水", "送水", "开水", "热水", "水站", "水泥", "水管")
_WATER_ALONE = re.compile(r"(?:\A|[月份的铺店号度,，:：;；\s\d])水(?=\Z|[^\u4e00-\u9fff])")
#: What else money may be for, by words in the remark or the sort of line.
PURPOSES: dict[Why, tuple[str, ...]] = {
    Why.RENT: ("房租", "租金", "店租", "铺租", "场租", "房费", "门面费", "摊位费"),
    Why.ELECTRICITY: ("电费", "水电", "供电", "电力"),
    Why.DEPOSIT: ("押金", "保证金", "定金", "订金"),
    Why.OTHER_CHARGE: ("物业费", "管理费", "卫生费", "垃圾费", "停车费", "燃气费", "煤气费", "网费", "装修", "维修", "货款", "工资"),
}  # fmt: skip
#: How a water utility is called on papers.
UTILITIES = ("自来水", "水务", "供水", "水司", "水业")
#: Sorts of line between accounts of one owner: a wallet's withdrawals, top-ups, moves to and from its funds.
OWN_SORTS = ("提现", "充值", "零钱通", "信用卡还款", "账户存取", "余额宝-转", "余额宝转")
#: Who stands on a bank's paper for the owner's own wallet.
INSTITUTIONS = ("财付通", "支付宝", "微信零钱", "微信支付", "网银在线")
INTEREST_WORDS = ("结息", "利息", "收益", "理财", "分红")
RETURNED_WORDS = ("退款", "退回", "退还", "已退", "冲正")
NOT_DONE_WORDS = ("关闭", "失败", "撤销", "未支付", "等待", "取消", "过期", "待")
#: Payers that are nobody's name: never learnt.
NOBODYS_NAMES = frozenset(
    ("家属", "亲友", "朋友", "客户", "商户", "承租商户", "个人", "微信用户", "支付宝用户", "微信支付", "支付宝")
)
#: Behind a number in a remark: it counts something, or is a day or a sum, and no shop.
_COUNTS = "年月日号天季期元块角分吨方度笔户折%点时.:,，。、"

#: A code that may as well be a month and a day.
_DAY_LIKE = re.compile(r"(?:0?[1-9]|1[0-2])[-./](?:0?[1-9]|[12][0-9]|3[01])")
_ACCOUNT_NAMED = re.compile(r"(?:户号|用户号|客户号|户名号)[:：\s#-]*([0-9A-Za-z][0-9A-Za-z-]{3,})")
_LONG_NUMBER = re.compile(r"(?<![0-9A-Za-z])[0-9]{6,}(?![0-9A-Za-z])")
_NUMBER_WORD = re.compile(r"[0-9A-Za-z]+(?:[-./_#][0-9A-Za-z]+)*")
_PART_RETURNED = re.compile(r"已?退款?\s*[(（]\s*[￥¥]?\s*([0-9][0-9,]*(?:\.[0-9]{1,2})?)")


@lru_cache(4096)
def plain(text: str) -> str:
    """A text in half width, its dashes alike, blanks kept: a remark is words, not a number."""
    return re.sub(r"[\u2010-\u2015\u2212\u2e3a\u2e3b]", "-", unicodedata.normalize("NFKC", text))


def says_water(text: str) -> bool:
    """Whether a remark says water money."""
    for word in NOT_WATER:
        text = text.replace(word, "〇")
    return any(word in text for word in WATER) or bool(_WATER_ALONE.search(text))


def purpose_of(text: str) -> Why | None:
    """What else a remark says money is for."""
    return next((why for why, words in PURPOSES.items() if any(word in text for word in words)), None)


def accounts_in(text: str) -> list[str]:
    """Customer accounts that a remark names: what stands behind 户号, else any long number."""
    return _ACCOUNT_NAMED.findall(text) or _LONG_NUMBER.findall(text)


# -- what is known -----------------------------------------------------------------------------------------------------


class Entry(NamedTuple):
    """A line as the rules see it: whole fen without a sign; ``into`` whether it came to the owner, None for neither."""

    number: int
    on: dt.date
    into: bool | None
    fen: int
    payer: str
    account: str
    sort: str
    status: str
    remark: str


class Tenant(NamedTuple):
    """A tenancy: half-open, by its key; its unit's code and sign and its operator as on record."""

    id: int
    unit: str
    sign: str
    operator: str
    from_on: dt.date
    until_on: dt.date | None
    unit_id: int


class Portion(NamedTuple):
    """A tenancy's share of a bill, in fen: when the bill's period began, when it was issued."""

    fen: int
    from_on: dt.date
    issued_on: dt.date


@dataclass(slots=True)
class Known:
    """What a street knows when lines of a statement come. Names, codes and numbers are folded.

    ``signs`` are shop signs of units, ``operators`` and ``learnt`` names of tenancies. ``point_of`` answers the point a
    tenancy drew from on a day, ``agent_of`` who collected behind a point on a day, both by keys. ``elsewhere`` are payments
    that other papers told of, by kind of decision, end (tenancy or point) and sum; ``paid`` is how many payments of a sum
    a tenancy has made, whatever told of them.
    """

    point_of: Callable[[Tenant, dt.date], int | None]
    agent_of: Callable[[int, dt.date], int | None]
    units: dict[str, list[Tenant]] = field(default_factory=lambda: defaultdict(list))
    signs: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    operators: dict[str, list[Tenant]] = field(default_factory=lambda: defaultdict(list))
    learnt: dict[str, Tenant] = field(default_factory=dict)
    portions: dict[int, list[Portion]] = field(default_factory=lambda: defaultdict(list))
    accounts: dict[str, int] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)  # of master meters and points, to points
    codes: dict[int, str] = field(default_factory=dict)  # of points
    agents: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))  # names of parties
    elsewhere: dict[tuple[str, int, int], list[dt.date]] = field(default_factory=lambda: defaultdict(list))
    paid: Counter[tuple[int, int]] = field(default_factory=Counter)


class Reason(NamedTuple):
    """Why, and the word, number or month that says so."""

    why: Why
    value: str = ""


class Option(NamedTuple):
    """What a line may be: the code of a decision (``Answers.lines``) and the reasons for it."""

    code: str
    reasons: tuple[Reason, ...] = ()


class Suggestion(NamedTuple):
    """What a line is taken to be: ``options`` with the best first, what holds whatever one chooses, whether it is sure.

    ``aside`` is why it is left aside; without it and without an option nobody knows.
    """

    options: tuple[Option, ...] = ()
    reasons: tuple[Reason, ...] = ()
    sure: bool = False
    aside: Why | None = None

    @property
    def code(self) -> str:
        """The decision that is suggested; "" where nobody knows."""
        return ASIDE if self.aside else self.options[0].code if self.options else ""


def receipt_code(tenant: Tenant) -> str:
    """The decision that a line is a receipt of a tenancy."""
    return f"receipts:{tenant.unit}:{tenant.from_on}"


def remittance_code(point: str) -> str:
    """The decision that a line is a remittance of a supply point."""
    return f"remittances:{point}"


def direct_code(point: str, tenant: Tenant) -> str:
    """The decision that a line is a direct payment of a tenancy behind a supply point."""
    return f"direct-payments:{point}:{tenant.unit}:{tenant.from_on}"


class Decision(NamedTuple):
    """What a code says: the kind of payment, whose (a tenancy), behind which point; the last two as far as it names them."""

    kind: str
    tenant: Tenant | None = None
    point: int | None = None


def decision_of(code: str, known: Known) -> Decision | None:
    """What the code of a decision says; None where it names nobody the street knows. ``aside`` is one without an end."""
    kind, _colon, rest = code.partition(":")
    if code == ASIDE:
        return Decision(ASIDE)
    if kind == "remittances":
        point = known.numbers.get(fold(rest))
        return None if point is None else Decision(kind, point=point)
    named, _colon, day = rest.rpartition(":")
    splits = [("", named)] if kind == "receipts" else _splits(named) if kind == "direct-payments" else []
    for number, unit in splits:
        point = known.numbers.get(fold(number)) if number else None
        fitting = [t for t in known.units.get(fold(unit), ()) if t.from_on.isoformat() == day]
        fitting = [t for t in fitting if t.unit == unit] or fitting
        if len(fitting) == 1 and (point is not None or not number):
            return Decision(kind, fitting[0], point)
    return None


def _splits(text: str) -> list[tuple[str, str]]:
    """Every way to part a text in two at a colon: a number may have one in it."""
    return [(text[:at], text[at + 1 :]) for at, sign in enumerate(text) if sign == ":" and at]


def _aside(why: Why, value: str = "") -> Suggestion:
    return Suggestion(reasons=(Reason(why, value),), sure=True, aside=why)


# -- the rules ---------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Found:
    """A tenancy that a line may be of, with what says so."""

    tenant: Tenant
    reasons: list[Reason]
    proof: list[Reason] = field(default_factory=list)  # another paper, the sum
    at: int = -1  # where in the remark its code stands


class Matcher:
    """Says what lines of one statement are. ``owner`` is the party whose wallet or account it is; None for the utility's."""

    def __init__(self, known: Known, owner: int | None = None) -> None:
        self.known, self.owner = known, owner
        self._by_sum: dict[int, list[tuple[Tenant, Portion]]] | None = None
        self._told: dict[tuple[str, int], list[tuple[Tenant, dt.date]]] = defaultdict(list)
        self._starts: dict[str, list[str]] | None = None
        self._wordy = [
            (unit, known.units[unit][0].unit) for unit in known.units if len(unit) > 1 and not unit.isascii()
        ]
        self.tenants = {t.id: t for tenants in known.units.values() for t in tenants}

    def suggest(self, line: Entry) -> Suggestion:
        """What a line of a wallet's or a bank's statement is."""
        text = plain(f"{line.remark} {line.sort}")
        if aside := self._no_payment(line, text):
            return aside
        return self._came(line, text) if line.into else self._went(line, text)

    def taken_back(self, line: Entry) -> bool:
        """Whether a line's money went back: where it is booked already, it must be reversed."""
        back = self._no_payment(line, plain(f"{line.remark} {line.sort}"))
        return back is not None and back.aside is Why.RETURNED

    def suggest_all(self, lines: Sequence[Entry], *, of_utility: bool = False) -> dict[int, Suggestion]:
        """The suggestions for the lines of one statement, by number; what rests on a sum alone is sure once a share."""
        found = {line.number: (self.at_utility if of_utility else self.suggest)(line) for line in lines}
        return found if of_utility else self._once_a_share(lines, found)

    # -- of a wallet or a bank

    def _no_payment(self, line: Entry, text: str) -> Suggestion | None:
        """A line that moved no money between its owner and somebody else, or took it back."""
        if not line.fen:
            return _aside(Why.NO_MONEY)
        status = plain(line.status)
        part = _PART_RETURNED.search(status)
        if part and 0 < _fen(part[1]) < line.fen:
            return Suggestion(reasons=(Reason(Why.PARTLY_RETURNED, line.status),))
        if any(word in status for word in RETURNED_WORDS) or "退款" in line.sort:
            return _aside(Why.RETURNED, line.status or line.sort)
        if any(word in status for word in NOT_DONE_WORDS):
            return _aside(Why.CLOSED, line.status)
        payer = fold(line.payer)
        institution = any(word in payer for word in INSTITUTIONS)
        if any(word in line.sort for word in OWN_SORTS) or (institution and any(word in text for word in OWN_SORTS)):
            return _aside(Why.OWN_TRANSFER, line.sort or line.payer)
        if payer and self.owner is not None and payer in self.known.agents.get(self.owner, ()):
            return _aside(Why.OWN_TRANSFER, line.payer)
        if institution and line.into and not says_water(text):
            return _aside(Why.OWN_TRANSFER, line.payer)
        if any(word in line.sort for word in INTEREST_WORDS) or (
            (line.into is None or not payer) and any(word in text for word in INTEREST_WORDS)
        ):
            return _aside(Why.INTEREST, line.sort or line.remark)
        return _aside(Why.NEUTRAL, line.sort) if line.into is None else None

    def _came(self, line: Entry, text: str) -> Suggestion:
        """Money that came: a tenancy's receipt, something else of a tenant's, or private."""
        water, other = says_water(text), purpose_of(text)
        if other and not water:
            return _aside(other, line.remark)
        found = self.whose(line)
        envelope = "红包" in line.sort and "转账" not in line.sort
        if envelope and not (found and water):
            return _aside(Why.RED_ENVELOPE, line.sort)
        said = (Reason(Why.SAYS_WATER),) if water else ()
        if other:
            return Suggestion(self._options(found), (*said, Reason(Why.MIXED, str(other.label))))
        if not found:
            return self._strangers(line, said)
        fitting = self._proved(line, found)
        if len(found) > 1 and len(fitting) == 1:
            found = [*fitting, *(f for f in found if f is not fitting[0])]
        against = self._against_receipt(line, found, fitting, water=water)
        return Suggestion(self._options(found), (*said, *against), sure=not against)

    def _against_receipt(
        self, line: Entry, found: Sequence[_Found], fitting: Sequence[_Found], *, water: bool
    ) -> list[Reason]:
        first, against = found[0], []
        told = len(fitting) == 1 and any(r.why is Why.ON_ANOTHER_PAPER for r in first.proof)
        if len(found) > 1 and (not told or len({f.at for f in found}) > 1):
            against.append(Reason(Why.SEVERAL))
        if not water and not told and not (first.proof and line.fen % 100):  # a round sum may be anything
            against.append(Reason(Why.NO_WORD))
        point = self.known.point_of(first.tenant, line.on)
        if point is None or self.known.agent_of(point, line.on) != self.owner:
            against.append(Reason(Why.ANOTHER_AGENT))
        return against

    def _strangers(self, line: Entry, said: tuple[Reason, ...]) -> Suggestion:
        """A payer nobody knows: asked about where it says water, or where an odd sum is what somebody had to pay."""
        fitting = self._of_sum(line, recent=not said)
        if said:
            return Suggestion(self._options(fitting), (*said, Reason(Why.NOBODY, line.payer)))
        odd = [f for f in fitting if line.fen % 100 or any(r.why is Why.ON_ANOTHER_PAPER for r in f.proof)]
        if odd:
            return Suggestion(self._options(odd), (Reason(Why.NOBODY, line.payer),))
        return _aside(Why.PRIVATE, line.payer)

    def _went(self, line: Entry, text: str) -> Suggestion:
        """Money that went: to the utility, or nothing of ours."""
        payee = plain(line.payer)
        utility = any(word in payee for word in UTILITIES)
        numbers = [fold(number) for number in ([line.account] if line.account else accounts_in(text))]
        ours = [point for number in numbers if (point := self._point_of(number)) is not None]
        water, other = says_water(text), purpose_of(f"{text} {payee}")
        if not (utility or ours) and other and not water:
            return _aside(other, line.remark or line.payer)
        if not (utility or ours or water):
            return _aside(Why.PRIVATE_SPENDING, line.payer)
        said = [Reason(Why.TO_THE_UTILITY, line.payer)] if utility else []
        if ours:
            point = ours[0]
            reasons = (*said, Reason(Why.OUR_ACCOUNT, numbers[0]))
            theirs = self.known.agent_of(point, line.on) == self.owner
            against = () if theirs else (Reason(Why.ANOTHER_AGENT),)
            option = Option(remittance_code(self.known.codes[point]), reasons)
            return Suggestion((option,), against, sure=theirs and utility | water)
        mine = self._points_of_owner(line.on)
        if utility and numbers and mine and self._accounts_known(mine):
            return _aside(Why.OTHER_ACCOUNT, numbers[0])
        told = [point for point in mine if self._elsewhere("remittances", point, line)]
        options = [
            Option(remittance_code(self.known.codes[point]), (*said, *self._elsewhere("remittances", point, line)))
            for point in sorted(mine, key=lambda point: (point not in told, self.known.codes[point]))
        ]
        sure = utility and not numbers and len(told) == 1
        against = () if sure else (Reason(Why.NO_ACCOUNT, numbers[0] if numbers else ""),)
        return Suggestion(tuple(options[:MOST_CHOICES]), against, sure=sure)

    def _point_of(self, number: str) -> int | None:
        return self.known.accounts.get(number, self.known.numbers.get(number))

    def _accounts_known(self, points: Iterable[int]) -> bool:
        """Whether the account of each of some points is known, so that another is somebody else's."""
        return set(points) <= set(self.known.accounts.values())

    def _points_of_owner(self, on: dt.date) -> list[int]:
        return [point for point in self.known.codes if self.known.agent_of(point, on) == self.owner]

    # -- of the utility

    def at_utility(self, line: Entry) -> Suggestion:
        """What a line of the utility's own list is: the agent's remittance, a shop's direct payment, another's money."""
        if not line.fen:
            return _aside(Why.NO_MONEY)
        if line.into is False or any(word in plain(line.status) for word in (*RETURNED_WORDS, *NOT_DONE_WORDS)):
            return _aside(Why.RETURNED, line.status)
        payer, point = fold(line.payer), self._point_of(fold(line.account)) if line.account else None
        if point is None and line.account and self._accounts_known(self.known.codes):
            return _aside(Why.OTHER_ACCOUNT, line.account)
        points = [point] if point is not None else list(self.known.codes)
        agents = {p: self.known.agent_of(p, line.on) for p in points}
        own = [p for p, agent in agents.items() if agent is not None and payer in self.known.agents.get(agent, ())]
        account = (Reason(Why.OUR_ACCOUNT, line.account),) if point is not None else ()
        if own and payer:
            reasons = (*account, Reason(Why.PAYER_IS_AGENT, line.payer))
            options = tuple(Option(remittance_code(self.known.codes[p]), reasons) for p in own)
            return self._of_list(options, point)
        found = [f for f in self.whose(line) if self.known.point_of(f.tenant, line.on) in agents]
        fitting = self._proved(line, found, kind="direct-payments")
        if len(found) > 1 and len(fitting) == 1:
            found = [*fitting, *(f for f in found if f is not fitting[0])]
        if found:
            options = tuple(self._direct(line, f, account) for f in found[:MOST_CHOICES])
            return self._of_list(options, point)
        near = [
            f
            for f in self._of_sum(line, kind="direct-payments", recent=True)
            if self.known.point_of(f.tenant, line.on) in agents
        ]
        options = tuple(self._direct(line, f, account) for f in near)
        remittances = tuple(Option(remittance_code(self.known.codes[p]), account) for p in points[:MOST_CHOICES])
        return Suggestion((*options, *remittances), (Reason(Why.NOBODY, line.payer),))

    def _of_list(self, options: tuple[Option, ...], point: int | None) -> Suggestion:
        against = () if point is not None else (Reason(Why.NO_ACCOUNT),)
        if len(options) > 1:
            against = (*against, Reason(Why.SEVERAL))
        return Suggestion(options, against, sure=not against)

    def _direct(self, line: Entry, found: _Found, account: tuple[Reason, ...]) -> Option:
        point = self.known.point_of(found.tenant, line.on)
        code = self.known.codes[point] if point is not None else ""
        return Option(direct_code(code, found.tenant), (*account, *found.reasons, *found.proof))

    # -- whose

    def whose(self, line: Entry) -> list[_Found]:
        """The tenancies that a line names: by a shop's code, else by its payer, else by a name in the remark.

        A code beats a name: of several tenancies of that shop the name says which.
        """
        remark = plain(line.remark)
        named = self._named(fold(line.payer), line.on) if line.payer else []
        units = self._units_in(remark, line.fen)
        if not units:
            return named or self._named_in(fold(remark), line.on)
        within = [*named, *self._named_in(fold(remark), line.on)]
        found = []
        for unit, (code, at) in units.items():
            said = Reason(Why.CODE_IN_REMARK, code)
            same = [f for f in within if fold(f.tenant.unit) == unit][:1]
            found += [_Found(f.tenant, [said, *f.reasons], at=at) for f in same]
            found += [_Found(tenant, [said], at=at) for tenant in (() if same else self._in(unit, line.on))]
        elsewhere = [f for f in named if fold(f.tenant.unit) not in units]
        perhaps_a_day = any(_DAY_LIKE.fullmatch(code) for code, _at in units.values())
        return [*found, *elsewhere] if perhaps_a_day or not found else found

    def _in(self, unit: str, on: dt.date) -> list[Tenant]:
        """Who was in a unit on a day, else who was there last; of each unit where two are written so."""
        there = {t.unit: t for t in self.known.units.get(unit, ()) if t.from_on <= on}
        return list(there.values())

    def _named(self, name: str, on: dt.date) -> list[_Found]:
        """The tenancies of a name: a sign's is whoever was in the shop, an operator's is their own, one of each unit."""
        known = self.known
        by_unit: dict[str, _Found] = {}
        learnt = known.learnt.get(name)
        if learnt is not None and learnt.from_on <= on:
            by_unit[learnt.unit] = _Found(learnt, [Reason(_left(learnt, on) or Why.PAYER_IS_KNOWN, name)])
            if not _left(learnt, on):
                return list(by_unit.values())
        for tenant in known.operators.get(name, ()):
            if tenant.from_on <= on:
                by_unit[tenant.unit] = _Found(tenant, [Reason(_left(tenant, on) or Why.PAYER_IS_OPERATOR, name)])
        for unit in known.signs.get(name, ()):
            for there in self._in(unit, on):
                if fold(there.sign) == name:
                    by_unit.setdefault(there.unit, _Found(there, [Reason(Why.PAYER_IS_SIGN, name)]))
        return list(by_unit.values())

    def _named_in(self, text: str, on: dt.date) -> list[_Found]:
        """The tenancies whose name, of three signs at least, stands within a text; the longest of those that begin alike."""
        if self._starts is None:
            self._starts = defaultdict(list)
            for name in {*self.known.signs, *self.known.operators, *self.known.learnt}:
                if len(name) > 2 and not name.isascii():
                    self._starts[name[:2]].append(name)
        found: dict[int, _Found] = {}
        for at in range(len(text) - 2):
            fitting = [name for name in self._starts.get(text[at : at + 2], ()) if text.startswith(name, at)]
            if fitting:
                name = max(fitting, key=len)
                for of_name in self._named(name, on):
                    found.setdefault(of_name.tenant.id, _Found(of_name.tenant, [Reason(Why.NAME_IN_REMARK, name)]))
        return list(found.values())

    def _units_in(self, text: str, fen: int) -> dict[str, tuple[str, int]]:
        """The units whose code stands in a remark, folded, as written and where; a number that counts something is none.

        18-112月 is 18-11 in February, 18-1 in December, or 18-112: each that there is.
        """
        found: dict[str, tuple[str, int]] = {}
        for word in _NUMBER_WORD.finditer(text):
            behind, before = text[word.end() : word.end() + 1], text[: word.start()].rstrip()[-1:]
            codes = [word[0], *(_before_month(word[0]) if behind == "月" else ())]
            for code in codes:
                unit = fold(code)
                if unit.isdecimal() and not (behind in tuple("铺店室") or before in tuple("铺店#№")):
                    counts = code == word[0] and behind in tuple(_COUNTS)
                    if len(code) < 3 or counts or int(unit) * 100 == fen:
                        continue
                if unit in self.known.units:
                    found.setdefault(unit, (code, word.start()))
        bare = text.upper()
        for unit, code in self._wordy:
            at = bare.find(unit)
            if at >= 0 and not re.match(r"(?!(?:1[0-2]|[1-9])月)[0-9A-Z-]", bare[at + len(unit) :]):
                first = next((place for _code, place in found.values() if at <= place < at + len(unit)), at)
                found.setdefault(unit, (code, first))
        return found

    # -- sums

    def _proved(self, line: Entry, found: Sequence[_Found], kind: str = "receipts") -> list[_Found]:
        """Note of each whether another paper has it or its sum is a share; answers those best proved."""
        for f in found:
            f.proof = [*self._elsewhere(kind, f.tenant.id, line), *self._share(f.tenant, line)]
        told = [f for f in found if any(r.why is Why.ON_ANOTHER_PAPER for r in f.proof)]
        return told or [f for f in found if f.proof]

    def _elsewhere(self, kind: str, end: int, line: Entry) -> list[Reason]:
        days = self.known.elsewhere.get((kind, end, line.fen), ())
        near = [day for day in days if abs(day - line.on) <= DAY]
        return [Reason(Why.ON_ANOTHER_PAPER, near[0].isoformat())] if near else []

    def _share(self, tenant: Tenant, line: Entry) -> list[Reason]:
        months = [
            p.from_on for p in self.known.portions.get(tenant.id, ()) if p.fen == line.fen and p.from_on <= line.on
        ]
        return [Reason(Why.SUM_IS_SHARE, f"{max(months):%Y-%m}")] if months else []

    def _of_sum(self, line: Entry, *, kind: str = "receipts", recent: bool) -> list[_Found]:
        """The tenancies behind the owner's points, or any where there is no owner, that had to pay this very sum."""
        if self._by_sum is None:
            self._by_sum = defaultdict(list)
            for key, portions in self.known.portions.items():
                for portion in portions:
                    self._by_sum[portion.fen].append((self.tenants[key], portion))
            for (of, end, fen), days in self.known.elsewhere.items():
                if of != "remittances":
                    self._told[of, fen] += [(self.tenants[end], day) for day in days]
        found: dict[int, _Found] = {}
        near = [tenant for tenant, day in self._told.get((kind, line.fen), ()) if abs(day - line.on) <= DAY]
        for tenant, portion in self._by_sum.get(line.fen, ()):
            late = recent and line.on - portion.issued_on > RECENT
            if portion.from_on <= line.on and not late:
                near.append(tenant)
        for tenant in near:
            point = self.known.point_of(tenant, line.on)
            if point is not None and self.owner in (None, self.known.agent_of(point, line.on)):
                found.setdefault(tenant.id, _Found(tenant, []))
        self._proved(line, list(found.values()), kind)
        return list(found.values())

    def _options(self, found: Iterable[_Found]) -> tuple[Option, ...]:
        return tuple(Option(receipt_code(f.tenant), (*f.reasons, *f.proof)) for f in found)[:MOST_CHOICES]

    def _once_a_share(self, lines: Sequence[Entry], found: dict[int, Suggestion]) -> dict[int, Suggestion]:
        """A share is paid once, and another paper tells of one line: where more lines rest on it alone, none is sure.

        What is booked already has paid a share too.
        """
        taken: dict[tuple[str, int], list[dt.date]] = defaultdict(list)
        for line in lines:
            if found[line.number].code.startswith("receipts:"):
                taken[found[line.number].code, line.fen].append(line.on)
        ends = {receipt_code(tenant): tenant.id for tenant in self.tenants.values()}
        for line in lines:
            suggestion = found[line.number]
            days = taken.get((suggestion.code, line.fen), ())
            if not suggestion.sure or not days or any(r.why is Why.SAYS_WATER for r in suggestion.reasons):
                continue
            end = ends[suggestion.code]
            told = self.known.elsewhere.get(("receipts", end, line.fen), ())
            near = sum(abs(day - line.on) <= DAY for day in days), sum(abs(day - line.on) <= DAY for day in told)
            met = sum(any(abs(day - other) <= DAY for other in days) for day in told)
            paid = self.known.paid[end, line.fen] - met
            shares = sum(p.fen == line.fen and p.from_on <= line.on for p in self.known.portions.get(end, ()))
            if (near[0] > near[1]) if near[1] else (len(days) + paid > shares):
                found[line.number] = suggestion._replace(reasons=(*suggestion.reasons, Reason(Why.TWICE)), sure=False)
        return found


def _before_month(word: str) -> list[str]:
    """What stands before a month at the end of a word of digits: 18-1 and 18-11 of 18-112."""
    return [word[:-n] for n in (1, 2) if re.fullmatch("1[0-2]|[1-9]", word[-n:]) and word[-n - 1 : -n].isalnum()]


def _left(tenant: Tenant, on: dt.date) -> Why | None:
    return Why.PAYER_HAS_LEFT if tenant.until_on is not None and tenant.until_on <= on else None


def _fen(text: str) -> int:
    whole, _dot, rest = text.replace(",", "").partition(".")
    return int(whole) * 100 + int((rest + "00")[:2])
