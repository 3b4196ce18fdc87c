"""The order in which payments meet debts (清偿抵充的顺序), and what each payment met: pure arithmetic over days and fen.

Named by who pays, when paying; else costs, then late fees, then principal (Civil Code art. 561); among these what is due
first, then what is least secured, heaviest, due longest, and pro rata among equals (art. 560).
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import groupby
from typing import Any, NamedTuple

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from hege.kernel.grouped import grouped
from hege.kernel.money import split
from hege.kernel.refused import Refused
from hege.kernel.spelling import fold


class DebtKind(TextChoices):
    """What a debt is (债务种类); the word begins its code."""

    COSTS = "costs", _("费用")
    LATE_FEE = "late_fee", _("违约金")
    OPENING = "opening", _("期初欠费")
    BILL = "bill", _("账单")
    INSTALMENT = "instalment", _("分期")


#: Costs before late fees before principal (Civil Code art. 561); an opening, a bill and an instalment are principal alike.
RANK: Mapping[DebtKind, int] = defaultdict(lambda: 2, {DebtKind.COSTS: 0, DebtKind.LATE_FEE: 1})


def code_of(kind: DebtKind, number: object, part: int | None = None) -> str:
    """How a debt is called in files, rows and commands: ``bill:NO``, ``instalment:NO/2``."""
    return f"{kind.value}:{number}" + (f"/{part}" if part is not None else "")


class Debt(NamedTuple):
    """One debt, in fen above zero: from when there is it, and by when it is to be paid as the paper says.

    The order asks for the printed day, not for the working day it may move to (art. 203): which payment meets what must not
    change when a year's holidays are announced. ``secured_fen`` is what secures it, ``burden`` what being late costs a day,
    as a part of it.
    """

    code: str
    kind: DebtKind
    arises_on: dt.date
    due_on: dt.date
    fen: int
    secured_fen: int = 0
    burden: Fraction = Fraction(0)
    period: dt.date | None = None  # the first day a bill is for


class Money(NamedTuple):
    """A payment, or a credit that pays like one: the transaction it is, its day, fen above zero, what it was named for.

    ``paper`` tells payments of one day apart whatever their keys, so that any order of booking meets the same debts.
    """

    transaction_id: int
    on: dt.date
    fen: int
    named: tuple[str, ...] = ()
    paper: str = ""


class Plan(NamedTuple):
    """An agreement over what was owed on its day (分期): ``fen`` of the debts there are become its parts, in the legal order.

    It takes over from one before it: what is left of that one's parts is given back to the debts they came from first.
    """

    plan_id: int
    on: dt.date
    fen: int
    parts: tuple[Debt, ...]


class Met(NamedTuple):
    """So much of a debt was met on a day: by a payment, or by a plan that took it over (by one of them; the other is None).

    Of a plan below zero: given back.
    """

    transaction_id: int | None
    plan_id: int | None
    debt: str
    on: dt.date


@dataclass(frozen=True, slots=True)
class Relation:
    """All that one relation (债权债务关系) knows: the utility with the holder of a meter, or a shop with its agent."""

    debts: Sequence[Debt] = ()
    money: Sequence[Money] = ()
    plans: Sequence[Plan] = ()


@dataclass(slots=True)
class Outcome:
    """What was met, in fen; and what is left of each payment that met less than itself, by its transaction."""

    met: dict[Met, int] = field(default_factory=lambda: defaultdict(int))
    left: dict[int, int] = field(default_factory=dict)


def in_order(debts: Iterable[Debt], on: dt.date) -> Iterator[list[Debt]]:
    """Debts in the order in which unnamed money of a day meets them; those that share it pro rata stand together.

    Of what is not due yet, what is due first.
    """

    def turn(debt: Debt) -> tuple[Any, ...]:
        heavy = (debt.secured_fen, -debt.burden)
        if debt.due_on <= on:
            return (RANK[debt.kind], 0, *heavy, debt.due_on)
        return (RANK[debt.kind], 1, debt.due_on, *heavy)

    for _turn, some in groupby(sorted(debts, key=turn), turn):
        yield sorted(some, key=lambda debt: debt.code)


def apply(relation: Relation) -> Outcome:
    """Which debts each payment of a relation met (抵充), day by day.

    On a day debts come first, then plans, then money: what was left of earlier payments, then that day's, the named before
    the unnamed. What is left over meets what comes later, on the day it comes. No debt is met beyond itself.
    """
    out, state = Outcome(), _State({}, {}, {})
    debts = grouped((debt.arises_on, debt) for debt in relation.debts)
    plans = grouped((plan.on, plan) for plan in relation.plans)
    money = grouped((one.on, one) for one in relation.money)
    waiting: list[Money] = []
    for day in sorted({*debts, *plans, *money}):
        for debt in debts.get(day, ()):
            state.add(debt)
        for plan in sorted(plans.get(day, ()), key=lambda plan: plan.plan_id):
            for former, code, fen in state.take_over(plan, day):
                out.met[Met(None, former, code, day)] += fen
        coming = sorted(money.get(day, ()), key=_turn)
        still: list[Money] = []
        for one in [*waiting, *coming]:
            left = out.left.pop(one.transaction_id, one.fen)
            for code, fen in state.pay(left, day, named=one.named):
                out.met[Met(one.transaction_id, None, code, day)] += fen
                left -= fen
            if left:
                out.left[one.transaction_id] = left
                still.append(one)
        waiting = still
    out.met = {met: fen for met, fen in out.met.items() if fen}
    return out


def _turn(one: Money) -> tuple[Any, ...]:
    """In which turn the money of a day is looked at."""
    return not one.named, one.paper, one.fen, one.named, one.transaction_id


class _State(NamedTuple):
    """The debts that are not met, what is left of each, and what each plan took over that is not paid yet, in its order."""

    debts: dict[str, Debt]
    left: dict[str, int]
    taken: dict[int, _Taken]

    def add(self, debt: Debt) -> None:
        self.debts[debt.code], self.left[debt.code] = debt, debt.fen

    def take_over(self, plan: Plan, on: dt.date) -> Iterator[tuple[int, str, int]]:
        """Put a plan's parts in the place of debts: plan, code and fen of what it took over, and of what one before gives back."""
        for former, taken in self.taken.items():
            for code in [code for code in taken.parts if code in self.left]:
                yield plan.plan_id, code, self.left.pop(code)
            for code, fen in taken.unpaid.items():
                if fen:
                    self.left[code] = self.left.get(code, 0) + fen
                    yield former, code, -fen
        self.taken.clear()
        unpaid: dict[str, int] = {}
        for code, fen in self.pay(plan.fen, on):
            unpaid[code] = unpaid.get(code, 0) + fen
            yield plan.plan_id, code, fen
        for part in plan.parts:
            self.add(part)
        self.taken[plan.plan_id] = _Taken(tuple(part.code for part in plan.parts), dict(sorted(unpaid.items())))

    def pay(self, fen: int, on: dt.date, *, named: Sequence[str] = ()) -> Iterator[tuple[str, int]]:
        """Meet debts with so much: those named in their order, then in the order of the law."""
        for code in named:
            if fen and code in self.left:
                part = min(fen, self.left[code])
                fen -= part
                yield code, self._take(code, part)
        if not fen or not self.left:
            return
        for some in in_order([self.debts[code] for code in self.left], on):
            left = [self.left[debt.code] for debt in some]
            parts = left if sum(left) <= fen else split(fen, left)
            for debt, part in zip(some, parts, strict=True):
                if part:
                    fen -= part
                    yield debt.code, self._take(debt.code, part)
            if not fen:
                return

    def _take(self, code: str, fen: int) -> int:
        self.left[code] -= fen
        if not self.left[code]:
            del self.left[code]
        for taken in self.taken.values():
            if code in taken.parts:
                taken.pay(fen)
        return fen


class _Taken(NamedTuple):
    """What a plan took over: the codes of its parts, and what is not paid yet of the debts they stand for, in their order."""

    parts: tuple[str, ...]
    unpaid: dict[str, int]

    def pay(self, fen: int) -> Iterator[tuple[str, int]]:
        """So much was paid of the parts: it counts for the debts, the first first."""
        return iter([(code, part) for code, part in self._paid(fen) if part])

    def _paid(self, fen: int) -> Iterator[tuple[str, int]]:
        for code, left in list(self.unpaid.items()):
            part = min(fen, left)
            self.unpaid[code] = left - part
            fen -= part
            yield code, part


def differences(wanted: Mapping[Met, int], kept: Mapping[Met, int]) -> dict[Met, int]:
    """What is to be added to what is kept so that it says what is wanted, in fen, zeros left out, in a fixed order."""
    keys = sorted({*wanted, *kept}, key=lambda met: (met.on, met.debt, met.transaction_id or 0, met.plan_id or 0))
    gaps = ((key, wanted.get(key, 0) - kept.get(key, 0)) for key in keys)
    return {key: gap for key, gap in gaps if gap}


def met_on(fen: int, money: Iterable[tuple[dt.date, int]]) -> dt.date | None:
    """The day on which so much had come together for good: the first from which on it never was less; None while it is."""
    found, total = None, 0
    for day, part in sorted(money):
        total += part
        if total < fen:
            found = None
        elif found is None:
            found = day
    return found


class Part(NamedTuple):
    """So much money met a debt on a day, in fen; below zero where that was taken back."""

    on: dt.date
    fen: int


def by_first_debt(met: Mapping[Met, int], parts_of: Mapping[int, Sequence[str]]) -> dict[str, list[Part]]:
    """How much money met each bill and opening, by code, also by way of instalments: what is paid of a plan counts for the debts
    it took over, in the order of their numbers, so that it can be told from the rows alone. ``parts_of``: the codes of each plan's parts.
    """
    taken = {plan: _Taken(tuple(codes), {}) for plan, codes in parts_of.items()}
    plan_of = {code: plan for plan, codes in parts_of.items() for code in codes}
    found: dict[str, list[Part]] = defaultdict(list)
    for key, fen in sorted(met.items(), key=lambda row: (row[0].on, row[0].plan_id is None, row[0].debt)):
        if key.plan_id is not None and key.debt not in plan_of:
            unpaid = taken[key.plan_id].unpaid
            unpaid[key.debt] = unpaid.get(key.debt, 0) + fen
        elif key.plan_id is None and key.debt in plan_of:
            for code, part in taken[plan_of[key.debt]].pay(fen):
                found[code].append(Part(key.on, part))
        elif key.plan_id is None:
            found[key.debt].append(Part(key.on, fen))
    return dict(found)


_BETWEEN = re.compile(r"[、，,；;\s]+")
_MONTH = re.compile(r"(?:(20\d\d)年)?(1[0-2]|0?[1-9])月份?")
_PART = re.compile(r"第?(\d{1,2})期")
_AROUND = re.compile(r"^(?:付|交|缴|补缴|补交)?(?:的)?|(?:的)?(?:水费|账单|帐单|欠费|款|费)*$")


def read_named(text: str, debts: Iterable[Debt], on: dt.date) -> tuple[list[str], list[str]]:
    """What a payer's words name (指定用途): codes in their order, and the words that name nothing or more than one.

    A number of a bill or an instalment (``B-1``, ``7/2``), a month ("3月", "2026年3月账单": the last one before the day, unless a
    year is named), an instalment of the running plan ("第2期").
    """
    known = [debt for debt in debts if debt.arises_on <= on]
    named: list[str] = []
    unclear: list[str] = []
    for word in filter(None, _BETWEEN.split(text.strip())):
        found = _meant(word, known, on)
        if len(found) == 1:
            named += [code for code in found if code not in named]
        else:
            unclear.append(word)
    return named, unclear


def _meant(word: str, debts: Sequence[Debt], on: dt.date) -> list[str]:
    folded = fold(word)
    exact = [d.code for d in debts if folded in (fold(d.code), fold(d.code.partition(":")[2]))]
    if exact:
        return exact
    bare = _AROUND.sub("", word)
    if month := _MONTH.fullmatch(bare):
        year, number = month.group(1), int(month.group(2))
        of = [d for d in debts if d.period and d.period.month == number and (not year or d.period.year == int(year))]
        last = max((d.period for d in of if d.period and d.period <= on), default=None)
        return [d.code for d in of if d.period == last]
    if part := _PART.fullmatch(bare):
        parts = [d for d in debts if d.kind is DebtKind.INSTALMENT]
        since = max((d.arises_on for d in parts), default=None)
        return [d.code for d in parts if d.arises_on == since and d.code.endswith(f"/{int(part.group(1))}")]
    return []


class OpenDebt(NamedTuple):
    """What a payment may be named for: whether it stands there, and what is left of it in fen; ``plan`` has taken it over."""

    code: str
    left_fen: int
    plan: str = ""


def check_named(named: Sequence[str], debts: Mapping[str, OpenDebt], *, elsewhere: Iterable[str] = ()) -> None:
    """A payment is named for a debt of its own relation that is not met yet (Civil Code art. 560).

    ``debts`` are those of the relation on the payment's day by code, ``elsewhere`` codes there are on other accounts.
    """
    for code in named:
        number = code.partition(":")[2]
        if code not in debts:
            words = _("“%(number)s”是别的户的，不能指定。") if code in set(elsewhere) else _(
                "账上没有“%(number)s”这张账单或这一期；付款当天已经登记、没有冲正的才能指定。"
            )  # fmt: skip
            raise Refused(words, number=number, field="named")
        debt = debts[code]
        if debt.plan:
            raise Refused(
                _("“%(number)s”已并入协议 %(plan)s 分期，请指定其中一期。"),
                number=number,
                plan=debt.plan,
                field="named",
            )
        if debt.left_fen <= 0:
            raise Refused(_("“%(number)s”到付款当天已经付清，请指定别的，或者不指定。"), number=number, field="named")


def check_clear(unclear: Sequence[str]) -> None:
    """Words that name nothing, or more than one debt, name nothing: nobody guesses what was paid."""
    if unclear:
        words = str(_("、")).join(unclear)
        raise Refused(
            _("认不出“%(words)s”是哪张账单或哪一期；请写账单号，或者“3月”“第2期”。"), words=words, field="named"
        )


def called(codes: Iterable[str]) -> str:
    """Codes as people write them: a bill by its number, an instalment with its place, others with what they are."""
    return str(_("、")).join(map(_called, codes))


def _called(code: str) -> str:
    word, _colon, number = code.partition(":")
    kind = DebtKind(word)
    if kind is DebtKind.INSTALMENT:
        file, _slash, part = number.rpartition("/")
        return str(_("%(file)s 第 %(part)s 期")) % {"file": file, "part": part}
    return number if kind is DebtKind.BILL else f"{kind.label} {number}"
