"""What a batch may promise, who may claim when; what one use comes to."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hege.kernel.refused import Refused, RefusedAll
from hege.vouchers.rules import (
    BatchState,
    ClaimEndKind,
    ClaimState,
    Terms,
    Worth,
    check_amendable,
    check_approval,
    check_claim,
    check_close,
    check_held,
    check_price,
    check_terms,
    claim_state,
    price,
    worth_said,
)
from hege.vouchers.sentences import when_said
from tests.vouchers.samples import FILM, NOW, SOUP, TYRES, local

pytestmark = pytest.mark.once


def faults(terms: Terms, merchants: int = 1) -> set[str | None]:
    with pytest.raises(RefusedAll) as no:
        check_terms(terms, merchants=merchants)
    return {one.field for one in no.value.refusals}


@pytest.mark.parametrize("terms", [SOUP, FILM, TYRES], ids=lambda t: t.kind.value)
def test_the_samples_can_be_made(terms: Terms):
    check_terms(terms, merchants=1)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "现金红包 20 元"}, "title"),
        ({"words": "用不完可以提现"}, "words"),
        ({"stock": 0}, "stock"),
        ({"stock": 100_001}, "stock"),
        ({"per_member": 0}, "per_member"),
        ({"per_member": 501}, "per_member"),
        ({"point_price": -1}, "point_price"),
        ({"cost_fen": -1}, "cost_fen"),
        ({"budget_fen": 1199}, "budget_fen"),
        ({"claim_until_at": SOUP.releases_at}, "claim_until_at"),
        ({"claim_until_at": local(2026, 1, 1, 0, 0, 1)}, "claim_until_at"),
        ({"use_until_on": SOUP.use_from_on, "claim_until_at": local(2025, 11, 22, 11)}, "use_until_on"),
        ({"weekdays": ()}, "weekdays"),
        ({"weekdays": (-1, 1)}, "weekdays"),
        ({"weekdays": (6, 7)}, "weekdays"),
        ({"hours": ((600, 600),)}, "hours"),
        ({"hours": ((600, 1441),)}, "hours"),
        ({"hours": ((600, 700), (699, 800))}, "hours"),
        ({"hours": ((700, 800), (600, 700))}, "hours"),
        ({"kind": Worth.AMOUNT, "value_fen": 0}, "value_fen"),
        ({"kind": Worth.AMOUNT, "value_fen": 1199}, "cost_fen"),
        ({"kind": Worth.PERCENT, "value_fen": 1200, "percent": 0}, "percent"),
        ({"kind": Worth.PERCENT, "value_fen": 1200, "percent": 100}, "percent"),
    ],
)
def test_each_fault_is_told_at_its_field(change: dict, field: str):
    assert field in faults(replace(SOUP, **change))


def test_all_faults_are_told_together_and_a_batch_needs_a_shop():
    assert faults(replace(SOUP, title="", stock=0, weekdays=()), merchants=0) == {
        "title", "stock", "weekdays", "merchants",
    }  # fmt: skip


def test_who_made_a_batch_does_not_approve_it_and_nobody_after_its_last_hour():
    common = {"claim_until_at": SOUP.claim_until_at}
    check_approval(BatchState.DRAFT, made_by=1, by=2, at=NOW, **common)
    for state, by, at in [
        (BatchState.DRAFT, 1, NOW),
        (BatchState.APPROVED, 2, NOW),
        (BatchState.CLOSED, 2, NOW),
        (BatchState.DRAFT, 2, SOUP.claim_until_at),
    ]:
        with pytest.raises(Refused):
            check_approval(state, made_by=1, by=by, at=at, **common)


def test_what_is_approved_stays_and_what_is_closed_stays_closed():
    check_amendable(BatchState.DRAFT)
    check_close(BatchState.DRAFT)
    check_close(BatchState.APPROVED)
    for check, state in [
        (check_amendable, BatchState.APPROVED),
        (check_amendable, BatchState.CLOSED),
        (check_close, BatchState.CLOSED),
    ]:
        with pytest.raises(Refused):
            check(state)


def claim_refused(**changes: object) -> str:
    facts: dict = {"state": BatchState.APPROVED, "claimed": 0, "committed_fen": 0, "mine": 0, "at": NOW, **changes}
    try:
        check_claim(SOUP, **facts)
    except Refused as no:
        return str(no)
    return ""


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, ""),
        ({"state": BatchState.DRAFT}, "还没有批准"),
        ({"state": BatchState.CLOSED}, "已经结束发放"),
        ({"at": local(2025, 11, 22, 9, 59, 59)}, "2025-11-22 10:00 起可以领"),
        ({"at": SOUP.releases_at}, ""),
        ({"at": SOUP.claim_until_at - dt.timedelta(microseconds=1)}, ""),
        ({"at": SOUP.claim_until_at}, "2025-12-20 18:00 截止"),
        ({"mine": 1}, "每人最多 1 张"),
        ({"claimed": 499}, ""),
        ({"claimed": 500}, "领完了，一共 500 张"),
        ({"committed_fen": 498_800 + 100_000}, ""),
        ({"committed_fen": 498_801 + 100_000}, "预算已经用完"),
    ],
)
def test_a_claim_is_refused_in_words_one_either_side_of_each_limit(changes: dict, said: str):
    found = claim_refused(**changes)
    assert (said in found) if said else not found


def test_points_are_paid_exactly():
    check_price(SOUP, paid=0)
    check_price(replace(SOUP, point_price=30), paid=30)
    for paid in (0, 29, 31):
        with pytest.raises(Refused, match="30 积分"):
            check_price(replace(SOUP, point_price=30), paid=paid)


def test_what_one_use_comes_to_by_hand():
    assert price(SOUP) == (None, 1200)
    assert price(FILM) == (2000, 1500)
    assert price(TYRES, bill_fen=8000) == (1600, 1600)
    assert price(TYRES, bill_fen=20_000) == (3000, 3000)  # 40 yuan off would be more than the most
    assert price(TYRES, bill_fen=3) == (1, 1)  # 0.6 fen, half up
    assert price(replace(TYRES, cost_fen=1000), bill_fen=8000) == (1600, 1000)
    for bill in (None, 0, -1):
        with pytest.raises(Refused, match="多少元") as no:
            price(TYRES, bill_fen=bill)
        assert no.value.field == "bill"


@given(st.integers(1, 10**8), st.integers(1, 99), st.integers(1, 10**6), st.integers(0, 10**6))
def test_a_percentage_never_takes_off_more_than_it_may_nor_costs_more_than_was_taken_off(
    bill: int, percent: int, most: int, cost: int
):
    terms = replace(TYRES, percent=percent, value_fen=most, cost_fen=min(cost, most))
    off, owed = price(terms, bill_fen=bill)
    assert off is not None
    assert 0 <= owed <= off <= min(most, bill)
    assert owed <= terms.cost_fen
    if off < most:
        assert abs(off - Fraction(bill * percent, 100)) <= Fraction(1, 2)


def test_worth_and_hours_in_words():
    assert [worth_said(terms) for terms in (SOUP, FILM, TYRES)] == ["免费", "减 20 元", "打 8 折"]
    assert worth_said(replace(TYRES, percent=15)) == "打 8.5 折"
    assert worth_said(replace(FILM, value_fen=1250)) == "减 12.50 元"
    assert when_said(SOUP.weekdays, SOUP.hours) == "每天 10:00–14:00、17:00–21:00"
    assert when_said((0, 1, 2, 3), ()) == "周一到周四"
    assert when_said((5, 6, 0), ((0, 1440),)) == "周一、周六、周日"


@pytest.mark.parametrize(
    ("redeemed", "ended", "today", "state"),
    [
        (False, None, dt.date(2025, 11, 21), ClaimState.NOT_YET),
        (False, None, dt.date(2025, 11, 22), ClaimState.HELD),
        (False, None, dt.date(2025, 12, 31), ClaimState.HELD),
        (False, None, dt.date(2026, 1, 1), ClaimState.EXPIRED),
        (True, None, dt.date(2026, 1, 1), ClaimState.REDEEMED),
        (False, ClaimEndKind.CLOSED, dt.date(2025, 12, 1), ClaimState.CLOSED),
    ],
)
def test_how_a_claimed_voucher_stands(redeemed: bool, ended: ClaimEndKind | None, today: dt.date, state: ClaimState):
    assert claim_state(SOUP, redeemed=redeemed, ended=ended, today=today) is state
    if state in (ClaimState.HELD, ClaimState.NOT_YET):
        check_held(state)
    else:
        with pytest.raises(Refused, match=str(state.label)):
            check_held(state)
