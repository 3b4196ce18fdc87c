"""A month is frozen once and after its end; lists keep their order of states; nets sum to zero and are settled by the
fewest payments there are."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hege.kernel.clock import start_of
from hege.kernel.refused import Refused, allows
from hege.programme.settlements.rules import (
    CERTAIN,
    NEXT_STATE,
    Line,
    Owing,
    Part,
    Payment,
    SettlementState,
    Stands,
    check_dispute,
    check_month,
    check_repayment,
    check_step,
    check_taken_back,
    fewest_payments,
    is_listed,
    list_digest,
    month_of,
    nets,
    next_month,
    parts_of,
    read_serial,
    shared_out,
    total_of,
)

pytestmark = pytest.mark.once

S = SettlementState
NOVEMBER = dt.date(2025, 11, 1)
ENDED = start_of(dt.date(2025, 12, 1))
MS = dt.timedelta(milliseconds=1)
#: The four of the picture: 华新, 白鹤, 香花桥 and the district's health office.
HX, BH, XH, WJ = 1, 2, 3, 4
TABLE = {(HX, XH): 36_000, (BH, HX): 55_800, (XH, BH): 10_500, (WJ, HX): 127_500}


# -- months and lists --------------------------------------------------------------------------------------------------


def test_a_month_is_frozen_from_the_instant_it_is_over():
    assert check_month(NOVEMBER, latest_on=None, at=ENDED) == ENDED
    assert not allows(check_month, month_on=NOVEMBER, latest_on=None, at=ENDED - MS)


@pytest.mark.parametrize(
    ("latest", "may"), [(dt.date(2025, 10, 1), True), (NOVEMBER, False), (dt.date(2025, 12, 1), False)]
)
def test_no_month_is_frozen_after_a_later_one(latest: dt.date, may: bool):
    assert allows(check_month, month_on=NOVEMBER, latest_on=latest, at=ENDED) is may


@given(st.dates(dt.date(2025, 1, 1), dt.date(2099, 12, 31)))
def test_a_month_follows_another_without_a_gap(day):
    first, after = month_of(day), next_month(month_of(day))
    assert first <= day < after
    assert (first.day, after.day) == (1, 1)
    assert month_of(after - dt.timedelta(days=1)) == first


@pytest.mark.parametrize("state", S)
def test_a_list_goes_on_only_as_its_table_says(state: SettlementState):
    assert {to for to in S if allows(check_step, state=state, to=to)} == NEXT_STATE[state]


LINES = [Line("r2", ENDED - MS, 1_800), Line("r1", ENDED - 2 * MS, 1_800), Line("v0", ENDED - MS, -1_800)]


def test_a_list_sums_what_was_taken_less_what_was_taken_back():
    assert total_of(LINES) == 1_800


def test_what_comes_to_less_than_nothing_waits():
    assert is_listed(LINES)
    assert is_listed(LINES[1:])
    assert not is_listed(LINES[2:])
    assert not is_listed([])


def test_a_digest_tells_any_change_of_a_list_and_not_its_order():
    whose: dict[str, Any] = {"street": "310118106", "shop": "m", "payer": "p", "month_on": NOVEMBER}
    told = list_digest(**whose, lines=LINES)
    assert told == list_digest(**whose, lines=LINES[::-1])
    changed = [list_digest(**whose | {name: "x"}, lines=LINES) for name in ("street", "shop", "payer")]
    changed.append(list_digest(**whose | {"month_on": ENDED.date()}, lines=LINES))
    for place, line in enumerate(LINES):
        others = (line._replace(key="x"), line._replace(used_at=line.used_at - MS), line._replace(fen=line.fen + 1))
        changed += [list_digest(**whose, lines=[*LINES[:place], other, *LINES[place + 1 :]]) for other in others]
    changed += [list_digest(**whose, lines=LINES[1:]), list_digest(**whose, lines=[*LINES, LINES[0]])]
    assert len({told, *changed}) == 1 + len(changed)


def test_a_month_by_state_sums_to_the_whole():
    lists = [
        Stands(S.PAID, 64, 128_000, 128_000), Stands(S.DISPUTED, 126, 226_800, 0), Stands(S.CONFIRMED, 210, 126_000, 100),
    ]  # fmt: skip
    parts = parts_of(lists)
    assert parts[:2] == [Part(S.PAID, 1, 64, 128_100), Part(S.CONFIRMED, 1, 210, 125_900)]
    assert [p.state for p in parts] == [S.PAID, S.CONFIRMED, S.FROZEN, S.DISPUTED]
    assert (sum(p.fen for p in parts), sum(p.taken for p in parts)) == (480_800, 400)


# -- paying ------------------------------------------------------------------------------------------------------------

TODAY = dt.date(2025, 12, 18)


FROZEN_ON = dt.date(2025, 12, 1)
NOODLES = Owing(S.CONFIRMED, shop=1, paid_by=HX, open_fen=55_800, frozen_on=FROZEN_ON)
MORE = NOODLES._replace(open_fen=226_800)


@pytest.mark.parametrize(
    ("lists", "fen", "paid_on", "parts"),
    [
        ([NOODLES, MORE], 282_600, TODAY, [55_800, 226_800]),
        ([NOODLES, MORE], 100_000, TODAY, [55_800, 44_200]),
        ([NOODLES, MORE], 55_800, FROZEN_ON, [55_800, 0]),
        ([NOODLES], 1, TODAY, [1]),
        ([NOODLES, MORE], 282_601, TODAY, None),
        ([NOODLES], 0, TODAY, None),
        ([NOODLES, MORE._replace(state=S.DISPUTED)], 55_800, TODAY, None),
        ([NOODLES, MORE._replace(shop=2)], 55_800, TODAY, None),
        ([NOODLES, MORE._replace(paid_by=BH)], 55_800, TODAY, None),
        ([NOODLES._replace(state=S.PAID)], 55_800, TODAY, None),
        ([NOODLES], 55_800, TODAY + dt.timedelta(days=1), None),
        ([NOODLES], 55_800, FROZEN_ON - dt.timedelta(days=1), None),
        ([], 1, TODAY, None),
    ],
)
def test_a_payment_is_shared_out_over_confirmed_lists_of_one_shop(lists, fen, paid_on, parts):
    facts = {"lists": lists, "fen": fen, "paid_on": paid_on, "today": TODAY}
    assert (shared_out(**facts) if allows(shared_out, **facts) else None) == parts


@given(st.lists(st.integers(0, 1_000), min_size=1, max_size=6), st.data())
def test_the_parts_of_a_payment_sum_to_it_and_none_is_more_than_is_open(opens: list[int], data: st.DataObject):
    lists = [NOODLES._replace(open_fen=fen) for fen in opens]
    if not sum(opens):
        return
    fen = data.draw(st.integers(1, sum(opens)))
    parts = shared_out(lists, fen, paid_on=TODAY, today=TODAY)
    assert sum(parts) == fen
    assert all(0 <= part <= most for part, most in zip(parts, opens, strict=True))


def test_a_payment_is_taken_back_once_and_for_a_reason():
    assert check_taken_back(is_reversed=False, reason=" 付错了店 ") == "付错了店"
    assert not allows(check_taken_back, is_reversed=True, reason="付错了店")
    assert not allows(check_taken_back, is_reversed=False, reason=" ")


@pytest.mark.parametrize(("fen", "may"), [(0, False), (1, True), (19_800, True), (19_801, False)])
def test_units_repay_no_more_than_is_owed(fen: int, may: bool):
    assert allows(check_repayment, owed_fen=19_800, fen=fen, paid_on=TODAY, today=TODAY) is may


def test_a_bank_serial_is_compared_without_blanks_dashes_and_case():
    assert read_serial(" 2025-1218 ab4471 ") == "20251218AB4471"
    for wrong in ("", "123", "流水号", "１２３４", "x" * 41):
        with pytest.raises(Refused):
            read_serial(wrong)


def test_a_dispute_needs_words():
    assert check_dispute(" 少算 1 张 ") == "少算 1 张"
    assert not allows(check_dispute, words=" ")


# -- who owes whom -----------------------------------------------------------------------------------------------------


def test_the_four_of_the_picture_are_settled_by_three_payments():
    net = nets(TABLE)
    assert net == {HX: 147_300, XH: 25_500, BH: -45_300, WJ: -127_500}
    payments = fewest_payments(net)
    assert sum(p.fen for p in payments) == 172_800
    assert len(payments) == 3
    assert Payment(WJ, HX, 127_500) in payments


def test_units_that_settle_among_themselves_are_not_mixed_with_others():
    """Largest first alone would need four payments here."""
    net = {1: 6, 2: 5, 3: -4, 4: -4, 5: -3}
    assert len(fewest_payments(net)) == 4
    assert len(fewest_payments({1: 6, 2: 4, 3: -6, 4: -4, 5: 7, 6: -7})) == 3
    assert len(fewest_payments({1: 7, 2: -4, 3: -3, 4: 5, 5: -5})) == 3


def test_what_does_not_sum_to_zero_is_a_bug():
    with pytest.raises(ValueError, match="zero"):
        fewest_payments({1: 1})


WHO = st.integers(1, 8)
DEBTS = st.dictionaries(st.tuples(WHO, WHO).filter(lambda p: p[0] != p[1]), st.integers(1, 30), max_size=16)


@given(DEBTS)
def test_payments_leave_nobody_owing(debts):
    net = nets(debts)
    assert sum(net.values()) == 0
    left = defaultdict(int, net)
    for debtor, creditor, fen in fewest_payments(net):
        assert fen > 0
        assert net[debtor] < 0 < net[creditor]  # nobody pays on for another
        left[debtor] += fen
        left[creditor] -= fen
    assert not any(left.values())


def parted(rows: list[int]) -> Iterator[list[list[int]]]:
    """Every way to part rows into groups."""
    if not rows:
        yield []
        return
    first, rest = rows[0], rows[1:]
    for size in range(len(rest) + 1):
        for beside in combinations(range(len(rest)), size):
            left = [row for place, row in enumerate(rest) if place not in beside]
            for others in parted(left):
                yield [[first, *(rest[place] for place in beside)], *others]


@given(st.lists(st.integers(-9, 9).filter(bool), max_size=5))
def test_no_other_way_needs_fewer_payments(fens):
    rows = [*fens, -sum(fens)] if sum(fens) else fens
    most = max((len(groups) for groups in parted(rows) if all(sum(group) == 0 for group in groups)), default=0)
    assert len(fewest_payments(dict(enumerate(rows)))) == len(rows) - most


@given(st.lists(st.integers(-99, 99).filter(bool), min_size=CERTAIN + 1, max_size=40))
def test_of_many_units_there_is_one_payment_less_than_units_at_most(fens):
    rows = [*fens, -sum(fens)] if sum(fens) else fens
    payments = fewest_payments(dict(enumerate(rows)))
    assert len(payments) < len(rows)
    assert sum(p.fen for p in payments) == sum(fen for fen in rows if fen > 0)
