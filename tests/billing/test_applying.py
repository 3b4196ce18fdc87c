"""Which debt a payment meets: examples a clerk checks by hand, each with its article, and what holds for any money."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hege.billing.applying.rules import (
    Debt,
    DebtKind,
    Met,
    Money,
    OpenDebt,
    Part,
    Plan,
    Relation,
    apply,
    by_first_debt,
    check_named,
    differences,
)
from hege.kernel.refused import Refused

BILL, FEE, COSTS, PART = DebtKind.BILL, DebtKind.LATE_FEE, DebtKind.COSTS, DebtKind.INSTALMENT


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(f"2026-{text}")


def debt(
    number: str, due: str, fen: int, *, kind: DebtKind = BILL, since: str = "01-01", secured: int = 0, burden: int = 0
) -> Debt:
    """A debt; ``burden`` in parts of ten thousand a day."""
    return Debt(f"{kind.value}:{number}", kind, day(since), day(due), fen, secured, Fraction(burden, 10_000))


class Example(NamedTuple):
    """What is owed, ``paid`` as ``(day, fen, named)``, and what each payment met, in its order; fen."""

    debts: list[Debt]
    paid: list[tuple[str, int, str]]
    met: list[dict[str, int]]


JAN, FEB = debt("JAN", "02-20", 600_00), debt("FEB", "03-20", 600_00)
EXAMPLES = {
    "one bill paid in full": Example([JAN], [("02-10", 600_00, "")], [{"bill:JAN": 600_00}]),
    "in part, then the rest": Example(
        [JAN], [("02-10", 200_00, ""), ("02-19", 400_00, "")], [{"bill:JAN": 200_00}, {"bill:JAN": 400_00}]
    ),
    "early: what is due first comes first though neither is due (art. 560)": Example(
        [FEB, JAN], [("02-01", 700_00, "")], [{"bill:JAN": 600_00, "bill:FEB": 100_00}]
    ),
    "named: the later bill before the one that is due (art. 560 para. 1)": Example(
        [JAN, FEB], [("03-01", 600_00, "bill:FEB")], [{"bill:FEB": 600_00}]
    ),
    "named for less than was paid: the rest by law": Example(
        [JAN, FEB], [("03-01", 700_00, "bill:FEB")], [{"bill:FEB": 600_00, "bill:JAN": 100_00}]
    ),
    "two late bills: the one due longest first (art. 560 para. 2)": Example(
        [JAN, FEB], [("04-01", 900_00, "")], [{"bill:JAN": 600_00, "bill:FEB": 300_00}]
    ),
    "both late, one secured: the unsecured first": Example(
        [debt("A", "02-20", 100_00, secured=100_00), debt("B", "03-20", 100_00)],
        [("04-01", 100_00, "")], [{"bill:B": 100_00}],
    ),
    "both late, one bears a fee: the heavier first": Example(
        [debt("A", "02-20", 100_00), debt("B", "03-20", 100_00, burden=5)], [("04-01", 100_00, "")], [{"bill:B": 100_00}]
    ),
    "one late, one not due that weighs more: what is due first": Example(
        [debt("A", "02-20", 100_00), debt("B", "05-20", 100_00, burden=5)], [("04-01", 100_00, "")], [{"bill:A": 100_00}]
    ),
    "due the same day: pro rata, the odd fen by largest remainder": Example(
        [debt("A", "02-20", 100), debt("B", "02-20", 200)], [("03-01", 100, "")], [{"bill:A": 33, "bill:B": 67}]
    ),
    "costs, then the late fee, then principal (art. 561)": Example(
        [JAN, debt("JAN", "02-21", 9_00, kind=FEE), debt("S", "03-01", 50_00, kind=COSTS)],
        [("04-01", 100_00, "")], [{"costs:S": 50_00, "late_fee:JAN": 9_00, "bill:JAN": 41_00}],
    ),
    "named for principal: the fee waits (art. 561, unless agreed otherwise by naming)": Example(
        [JAN, debt("JAN", "02-21", 9_00, kind=FEE)],
        [("04-01", 600_00, "bill:JAN")], [{"bill:JAN": 600_00}],
    ),
    "paid ahead: it meets the next bill on the day that comes": Example(
        [JAN, debt("FEB", "03-20", 600_00, since="03-01")],
        [("02-10", 700_00, "")], [{"bill:JAN": 600_00, "bill:FEB": 100_00}],
    ),
    "named on the same day as one without a name: the named first": Example(
        [JAN, FEB], [("02-10", 600_00, ""), ("02-10", 600_00, "bill:JAN")], [{"bill:FEB": 600_00}, {"bill:JAN": 600_00}]
    ),
}  # fmt: skip


def worked(example: Example) -> list[dict[str, int]]:
    money = [
        Money(n, day(on), fen, (named,) if named else (), paper=f"V{n}")
        for n, (on, fen, named) in enumerate(example.paid)
    ]
    met: list[dict[str, int]] = [{} for _one in money]
    for key, fen in apply(Relation(example.debts, money)).met.items():
        assert key.transaction_id is not None
        met[key.transaction_id][key.debt] = fen
    return met


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_checked_by_hand(name):
    assert worked(EXAMPLES[name]) == EXAMPLES[name].met


# -- bills beside instalments: 1,219.20 in three parts of 406.40, March's bill of 609.60 due 20 April ---------------------

OLD = [debt("01", "02-20", 609_60), debt("02", "03-20", 609_60)]
PARTS = [debt(f"7/{n}", due, 406_40, kind=PART, since="04-01") for n, due in enumerate(("04-30", "05-31", "06-30"), 1)]
PLAN = Plan(1, day("04-01"), 1_219_20, tuple(PARTS))
MARCH = debt("MAR", "04-20", 609_60, since="04-05")


def beside(*paid: tuple[str, int, str]) -> dict[str, int]:
    money = [Money(n, day(on), fen, (named,) if named else ()) for n, (on, fen, named) in enumerate(paid)]
    out = apply(Relation([*OLD, MARCH], money, [PLAN])).met
    return {key.debt: fen for key, fen in out.items() if key.plan_id is None}


def test_named_for_march_the_bill_is_paid_and_the_first_instalment_is_open():
    assert beside(("04-15", 609_60, "bill:MAR")) == {"bill:MAR": 609_60}


def test_unnamed_before_either_is_due_it_meets_what_is_due_first():
    assert beside(("04-15", 609_60, "")) == {"bill:MAR": 609_60}  # 20 April before 30 April


def test_unnamed_when_both_are_due_it_meets_what_is_due_longest_then_the_next():
    assert beside(("05-06", 800_00, "")) == {"bill:MAR": 609_60, "instalment:7/1": 190_40}


def test_a_plan_takes_over_the_oldest_debts_and_what_is_paid_of_it_counts_for_them():
    money = [Money(1, day("05-06"), 609_60 + 700_00)]
    met = apply(Relation([*OLD, MARCH], money, [PLAN])).met
    over = {key.debt: fen for key, fen in met.items() if key.plan_id}
    assert over == {"bill:01": 609_60, "bill:02": 609_60}
    found = by_first_debt(met, {1: [part.code for part in PARTS]})
    assert found["bill:MAR"] == [Part(day("05-06"), 609_60)]
    assert sum(p.fen for p in found["bill:01"]) == 609_60
    assert sum(p.fen for p in found["bill:02"]) == 700_00 - 609_60


# -- what holds for any money --------------------------------------------------------------------------------------------

DAYS = st.integers(0, 40).map(lambda n: day("03-01") + dt.timedelta(days=n))
NUMBERS = st.integers(0, 5)


@st.composite
def relations(draw: st.DrawFn) -> Relation:
    """Some debts and plans with few days between them, so that much is due at once."""
    debts = [
        Debt(f"{kind.value}:{n}", kind, since, since + dt.timedelta(days=term), fen, 0, Fraction(burden, 10_000))
        for n, (kind, since, term, fen, burden) in enumerate(
            draw(st.lists(st.tuples(st.sampled_from([BILL, FEE]), DAYS, st.integers(0, 20), st.integers(1, 400), st.integers(0, 1)), max_size=6))
        )
    ]  # fmt: skip
    money = [
        Money(n, on, fen, tuple(dict.fromkeys(f"bill:{k}" for k in named)), paper)
        for n, (on, fen, named, paper) in enumerate(
            draw(st.lists(st.tuples(DAYS, st.integers(1, 500), st.lists(NUMBERS, max_size=2), st.sampled_from(["", "V1", "V2"])), max_size=6))
        )
    ]  # fmt: skip
    plans = [
        Plan(1, on, fen, (Debt("instalment:7/1", PART, on, on + dt.timedelta(days=9), fen),))
        for on, fen in draw(st.lists(st.tuples(DAYS, st.integers(1, 300)), max_size=1))
    ]
    return Relation(debts, money, plans)


@given(relations())
def test_nothing_is_met_beyond_itself_and_money_is_left_only_where_nothing_is_open(relation):
    out = apply(relation)
    owed = {d.code: d.fen for d in [*relation.debts, *(part for plan in relation.plans for part in plan.parts)]}
    arose = {d.code: d.arises_on for d in [*relation.debts, *(part for plan in relation.plans for part in plan.parts)]}
    paid = {one.transaction_id: one for one in relation.money}
    met: dict[str, int] = {}
    spent: dict[int, int] = {}
    for key, fen in out.met.items():
        assert fen > 0
        assert key.on >= arose[key.debt]
        met[key.debt] = met.get(key.debt, 0) + fen
        if key.transaction_id is not None:
            assert key.on >= paid[key.transaction_id].on
            spent[key.transaction_id] = spent.get(key.transaction_id, 0) + fen
    assert all(met.get(code, 0) <= fen for code, fen in owed.items())
    for pk, one in paid.items():
        assert spent.get(pk, 0) + out.left.get(pk, 0) == one.fen
    assert not out.left or met == owed


@given(relations(), st.randoms())
def test_any_order_of_booking_meets_the_same(relation, random):
    """What tells payments apart is their papers, never in which turn they were booked."""
    turned = list(relation.money)
    random.shuffle(turned)
    debts = list(relation.debts)
    random.shuffle(debts)
    again = [one._replace(transaction_id=100 + n) for n, one in enumerate(turned)]

    def seen(money, met):
        by = {one.transaction_id: (one.on, one.paper, one.fen, one.named) for one in money}
        rows = [((by.get(k.transaction_id), k.plan_id, k.debt, k.on), fen) for k, fen in met.items()]
        return sorted(rows, key=repr)

    first = apply(relation).met
    assert seen(again, apply(Relation(debts, again, relation.plans)).met) == seen(relation.money, first)


@given(relations(), relations())
def test_what_is_added_to_what_is_kept_makes_it_what_is_wanted(before, after):
    kept, wanted = dict(apply(before).met), dict(apply(after).met)
    for key, gap in differences(wanted, kept).items():
        kept[key] = kept.get(key, 0) + gap
    assert {k: v for k, v in kept.items() if v} == wanted


@given(relations())
def test_what_is_paid_by_way_of_a_plan_is_paid_of_what_it_took_over(relation):
    met = apply(relation).met
    found = by_first_debt(met, {plan.plan_id: [part.code for part in plan.parts] for plan in relation.plans})
    for one in relation.debts:
        assert sum(part.fen for part in found.get(one.code, ())) <= one.fen


def test_a_payment_is_named_for_what_stands_there_and_is_not_paid():
    there = {
        "bill:JAN": OpenDebt("bill:JAN", 0),
        "bill:FEB": OpenDebt("bill:FEB", 5),
        "bill:OLD": OpenDebt("bill:OLD", 0, "7 号"),
    }
    check_named(["bill:FEB"], there)
    for code, says in {
        "bill:JAN": "“JAN”到付款当天已经付清，请指定别的，或者不指定。",
        "bill:OLD": "“OLD”已并入协议 7 号 分期，请指定其中一期。",
        "bill:X": "账上没有“X”这张账单或这一期；付款当天已经登记、没有冲正的才能指定。",
        "bill:Y": "“Y”是别的户的，不能指定。",
    }.items():
        with pytest.raises(Refused) as refused:
            check_named([code], there, elsewhere=["bill:Y"])
        assert str(refused.value) == says
        assert refused.value.field == "named"


def test_a_difference_may_be_below_zero():
    key = Met(1, None, "bill:JAN", day("02-10"))
    assert differences({}, {key: 5}) == {key: -5}
