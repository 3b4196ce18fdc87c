"""Statements: opening and months make the closing, whatever happened; the figures are those of the pages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hege.arrears.queries import who_holds_the_money
from hege.arrears.rules import Flow
from hege.billing.actions import reverse_transaction
from hege.billing.chart import AccountKind as A
from hege.billing.chart import TransactionKind
from hege.kernel.calendar import DAY
from hege.kernel.clock import at_noon
from hege.kernel.ids import CHECK_CODE, CROCKFORD, check_code, read_check_code
from hege.kernel.refused import Refused, Stale
from hege.papers.actions import issue_paper, void_paper
from hege.papers.drawing import Wanted, draw
from hege.papers.models import Paper
from hege.papers.proof import paper_faults
from hege.papers.rules import PaperKind, Span, check_period, check_sum, months_of, moved, shop_moved
from tests.cast import NOW, Cast, Row

pytestmark = pytest.mark.django_db
FROM, LAST = dt.date(2026, 1, 1), dt.date(2026, 4, 10)


@pytest.fixture
def lived(row: Row) -> Row:
    """Three bills, receipts, remittances, a claim, a payment straight to the utility, a reversal."""
    for month in (1, 2, 3):
        row.bill(f"B-{month}", fen=30_000, from_on=dt.date(2026, month, 1), until_on=dt.date(2026, month + 1, 1))
    row.pay(TransactionKind.RECEIPT, 10_000, on=dt.date(2026, 2, 5), unit=0, voucher="SJ-0117")
    row.pay(TransactionKind.RECEIPT, 4_000, on=dt.date(2026, 2, 28), unit=1)
    row.pay(TransactionKind.DIRECT_PAYMENT, 2_500, on=dt.date(2026, 3, 10), unit=0)
    row.pay(TransactionKind.RECEIPT, 9_000, on=dt.date(2026, 3, 31), unit=2, confirmed=False)
    row.pay(TransactionKind.REMITTANCE, 6_000, on=dt.date(2026, 3, 1))
    reverse_transaction(
        row.pay(TransactionKind.REMITTANCE, 8_000, on=dt.date(2026, 3, 2)), reason="退票", by=None, at=NOW
    )
    return row


def of_meter(row: Row, from_on: dt.date = FROM, last_on: dt.date = LAST) -> Wanted:
    return Wanted(PaperKind.METER_STATEMENT, row.street, row.point, from_on=from_on, last_on=last_on)


def of_shop(row: Row, unit: int, from_on: dt.date = FROM, last_on: dt.date = LAST) -> Wanted:
    return Wanted(PaperKind.SHOP_STATEMENT, row.street, row.point, row.units[unit], from_on=from_on, last_on=last_on)


def test_a_meter_owes_what_was_billed_less_what_came_in(lived: Row):
    said = draw(of_meter(lived), at=NOW).content
    assert (said["opening_fen"], said["billed_fen"], said["paid_fen"], said["closing_fen"]) == (
        0,
        90_000,
        8_500,
        81_500,
    )
    assert [m["payable_fen"] for m in said["months"]] == [30_000, 60_000, 81_500, 81_500]
    assert [m["collected_fen"] for m in said["months"]] == [0, 14_000, 0, 0]
    assert {row["term"]: row["fen"] for row in said["holders"]} == {"held": 8_000, "unproven": 73_500}
    assert said["holders"][0]["receipts"] == 2
    assert said["holders"][0]["claimed_fen"] == 17_000


def test_a_statement_goes_on_where_the_one_before_it_ended(lived: Row):
    first = draw(of_meter(lived, last_on=dt.date(2026, 2, 14)), at=NOW).content
    second = draw(of_meter(lived, from_on=dt.date(2026, 2, 15)), at=NOW).content
    whole = draw(of_meter(lived), at=NOW).content
    assert first["closing_fen"] == second["opening_fen"]
    assert first["billed_fen"] + second["billed_fen"] == whole["billed_fen"]
    assert first["collected_fen"] + second["collected_fen"] == whole["collected_fen"] == 14_000
    assert second["closing_fen"] == whole["closing_fen"]


def test_a_shop_owes_its_share_less_what_it_paid_and_each_payment_says_what_proves_it(lived: Row):
    said = draw(of_shop(lived, 0), at=NOW).content
    assert (said["charged_fen"], said["paid_fen"], said["direct_fen"], said["closing_fen"]) == (
        30_000,
        10_000,
        2_500,
        17_500,
    )
    paid = [row for month in said["months"] for row in month["payments"]]
    assert [(row["voucher"], row["level"], row["fen"]) for row in paid] == [
        ("SJ-0117", "confirmed", 10_000),
        ("", "confirmed", 2_500),
    ]
    claims = draw(of_shop(lived, 2), at=NOW).content
    assert (claims["paid_fen"], claims["said_fen"], claims["closing_fen"]) == (0, 9_000, 30_000)


def test_a_shop_that_paid_too_much_stands_below_zero(lived: Row):
    lived.pay(TransactionKind.RECEIPT, 40_000, on=dt.date(2026, 4, 2), unit=1)
    assert draw(of_shop(lived, 1), at=NOW).content["closing_fen"] == 30_000 - 44_000


def test_nobody_rents_the_shop_and_there_is_nothing_to_state(lived: Row):
    with pytest.raises(Refused, match="没有登记租户"):
        draw(of_shop(lived, 0, dt.date(2025, 1, 1), dt.date(2025, 2, 1)), at=NOW)


def test_what_was_seen_is_issued_frozen_numbered_and_found_whole(lived: Row, cast: Cast):
    wanted = of_meter(lived)
    said: dict = {"digest": draw(wanted, at=NOW).digest, "by": cast.coordinator, "at": NOW}
    first, second = issue_paper(wanted, **said), issue_paper(wanted, **said)
    assert (first.number, second.number) == ("2026-0001", "2026-0002")
    assert first.check_code != second.check_code
    assert first.total_fen == 81_500
    lived.pay(TransactionKind.REMITTANCE, 500, on=dt.date(2026, 4, 1))
    assert Paper.objects.get(pk=first.pk).content["closing_fen"] == 81_500
    assert list(paper_faults(lived.street)) == []


def test_figures_that_changed_since_the_preview_are_looked_at_again(lived: Row, cast: Cast):
    seen = draw(of_meter(lived), at=NOW).digest
    lived.pay(TransactionKind.REMITTANCE, 500, on=dt.date(2026, 4, 1))
    with pytest.raises(Stale, match="请再看一遍"):
        issue_paper(of_meter(lived), digest=seen, by=cast.coordinator, at=NOW)
    assert not Paper.objects.exists()
    issue_paper(of_meter(lived), digest=draw(of_meter(lived), at=NOW).digest, by=cast.coordinator, at=NOW)
    assert Paper.objects.get().number == "2026-0001"  # what was refused took no number


def test_a_paper_is_void_once_and_for_a_reason(lived: Row, cast: Cast):
    wanted = of_meter(lived)
    made = issue_paper(wanted, digest=draw(wanted, at=NOW).digest, by=cast.coordinator, at=NOW)
    with pytest.raises(Refused, match="请写明为什么作废"):
        void_paper(made, reason=" ", by=cast.coordinator, at=NOW)
    void_paper(made, reason="抬头写错", by=cast.coordinator, at=NOW)
    with pytest.raises(Refused, match="已经作废"):
        void_paper(made, reason="再来", by=cast.coordinator, at=NOW)
    assert list(Paper.objects.standing()) == []


def test_a_paper_of_two_streets_is_a_bug(lived: Row, other_street, cast: Cast):
    wanted = Wanted(PaperKind.METER_STATEMENT, other_street, lived.point, from_on=FROM, last_on=LAST)
    with pytest.raises(ValueError, match="another street"):
        issue_paper(wanted, digest="", by=cast.coordinator, at=NOW)


# -- rules ---------------------------------------------------------------------------------------------------------------


def test_a_period_is_over_and_not_longer_than_three_years():
    check_period(dt.date(2024, 1, 31), dt.date(2026, 12, 1), today=dt.date(2026, 12, 1))
    for from_on, last_on, word in (
        (dt.date(2024, 1, 1), dt.date(2027, 1, 1), "最多 36 个月"),
        (dt.date(2026, 2, 2), dt.date(2026, 2, 1), "早于开始日期"),
    ):
        with pytest.raises(Refused, match=word):
            check_period(from_on, last_on, today=dt.date(2030, 1, 1))
    with pytest.raises(Refused, match="不能晚于今天"):
        check_period(FROM, LAST, today=LAST - DAY)


def test_a_paper_that_does_not_add_up_is_not_issued():
    check_sum(100, [20, -30], 90)
    with pytest.raises(Refused, match=r"差 0\.01 元"):
        check_sum(100, [20, -29], 90)


@given(st.dates(dt.date(2023, 1, 1), dt.date(2025, 12, 31)), st.integers(0, 800))
def test_the_months_of_a_period_follow_each_other_without_a_gap(first: dt.date, days: int):
    spans = months_of(first, first + days * DAY)
    assert spans[0].from_on == first
    assert spans[-1].until_on == first + (days + 1) * DAY
    assert all(one.until_on == two.from_on for one, two in pairwise(spans))
    assert all((s.until_on - DAY).month == s.from_on.month and s.until_on > s.from_on for s in spans)


FLOWS = st.lists(
    st.builds(
        lambda n, pair, fen: Flow(FROM + n * DAY, pair[0], pair[1], None, None, fen),
        st.integers(0, 99),
        st.sampled_from([
            (A.UNSHARED, A.PAYABLE), (A.PAYABLE, A.UNSHARED), (A.PAYABLE, A.AGENT), (A.AGENT, A.PAYABLE),
            (A.AGENT, A.TENANCY), (A.TENANCY, A.AGENT), (A.PAYABLE, A.TENANCY), (A.TENANCY, A.UNSHARED),
            (A.UNEXPLAINED, A.PAYABLE), (A.TENANCY, A.PAYABLE), (A.UNSHARED, A.TENANCY),
        ]),
        st.integers(1, 10**9),
    ),
    max_size=30,
)  # fmt: skip


@given(FLOWS, st.integers(0, 60), st.integers(0, 60))
def test_months_lead_from_opening_to_closing_whatever_moved(flows: Sequence[Flow], begin: int, days: int):
    span = Span(FROM + begin * DAY, FROM + (begin + days + 1) * DAY)
    parts = [moved(flows, s) for s in months_of(span.from_on, span.until_on - DAY)]
    assert moved(flows, span) == tuple(map(sum, zip(*parts, strict=True)))
    payable = sum(
        f.fen * ((f.credit is A.PAYABLE) - (f.debit is A.PAYABLE))
        for f in flows
        if span.from_on <= f.on < span.until_on
    )
    assert sum(p.billed - p.paid for p in parts) == payable
    shop = [f for f in flows if A.TENANCY in (f.debit, f.credit)]
    balance = sum(f.fen if f.debit is A.TENANCY else -f.fen for f in shop if span.from_on <= f.on < span.until_on)
    did = shop_moved(shop, span)
    assert did.charged - did.paid - did.direct == balance


def test_a_check_code_is_sixty_bits_and_read_as_people_copy_it():
    code = check_code()
    assert len(code) == CHECK_CODE == 12
    assert len(CROCKFORD) ** CHECK_CODE == 2**60
    shown = f" {code[:4]}-{code[4:8]} {code[8:]} ".lower()
    assert read_check_code(shown) == code
    assert read_check_code("oil0-0000-0000") == "011000000000"
    assert read_check_code("U" * 12) == read_check_code(code[:-1]) == read_check_code(code + "0") == ""


def test_opening_is_what_the_page_of_that_day_says(lived: Row):
    day = dt.date(2026, 3, 5)
    said = draw(of_meter(lived, from_on=day), at=at_noon(dt.date(2026, 5, 1))).content
    assert said["opening_fen"] == who_holds_the_money(lived.point, on=day - DAY).confirmed.payable
