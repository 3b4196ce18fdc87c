"""What is to be asked about a bill: the cases a clerk can check by hand, each with its source."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hege.billing.rules import (
    Beside,
    ComponentKind,
    DoubtKind,
    Price,
    Printed,
    Rate,
    Tolerance,
    cost,
    doubts_about,
    expected_fen,
    in_force,
    says,
    usual,
)
from hege.metering.rules import DAY, Index, Measured, Run, measured, most_behind, reads_otherwise

MAR, APR = dt.date(2026, 3, 1), dt.date(2026, 4, 1)
SUPPLY, SEWAGE = ComponentKind.SUPPLY, ComponentKind.SEWAGE
TOLERANCE = Tolerance(error_percent=4, times=10)  # JJG 162-2019: a class 2 meter in use


def price(name, from_on, supply):
    rates = (Rate(SUPPLY, Decimal(supply)), Rate(SEWAGE, Decimal("2.34"), Decimal("0.9")))
    return Price(name, from_on, None, rates)


OLD, NEW = price("旧价", dt.date(2026, 1, 1), "3.99"), price("新价", dt.date(2026, 3, 16), "4.59")
PRICES = (NEW, OLD)


def spans_of(prices, from_on, until_on):
    spans = in_force(prices, from_on, until_on)
    assert spans is not None
    return spans


def bill(number="ZD-3", *, from_on=MAR, until_on=APR, m3=100, supply=42_997, sewage=21_060, index=(200_000, 300_000)):
    return Printed(number, from_on, until_on, m3 * 1000, {SUPPLY: supply, SEWAGE: sewage}, supply + sewage, *index)


def asked(one, **beside):
    return {d.kind: says(d) for d in doubts_about(one, Beside(**beside), TOLERANCE)}


def test_a_price_that_changes_within_a_period_counts_by_days():
    # The utility's own way: 100 × (15 × 3.99 + 16 × 4.59) / 31 = 429.967… yuan; money.md 4: rounded once a component.
    spans = spans_of(PRICES, MAR, APR)
    assert [(p.name, days) for p, days in spans] == [("旧价", 15), ("新价", 16)]
    assert expected_fen(100_000, spans) == {SUPPLY: 42_997, SEWAGE: 21_060}
    assert asked(bill(), prices=PRICES) == {}


def test_one_fen_off_the_prorated_price_is_asked_with_both_figures():
    assert asked(bill(supply=42_998), prices=PRICES) == {
        DoubtKind.PRICE: "账单 ZD-3 的 640.58 元，比按“旧价”、“新价”算的 640.57 元多 0.01 元；照账单登记，请向水司问明"
    }
    # By the price of the first day alone: 100 × 3.99 = 399.00.
    assert "比按“旧价”、“新价”算的 640.57 元少 30.97 元" in asked(bill(supply=39_900), prices=PRICES)[DoubtKind.PRICE]


def test_components_that_differ_and_make_up_for_each_other_are_asked_about():
    assert (
        "合计与按“旧价”、“新价”算的一样，各项不同"
        in asked(bill(supply=42_897, sewage=21_160), prices=PRICES)[DoubtKind.PRICE]
    )


def test_days_without_a_price_list_ask_nothing():
    assert in_force(PRICES, dt.date(2025, 12, 31), dt.date(2026, 2, 1)) is None
    assert asked(bill(from_on=dt.date(2025, 12, 31), supply=1), prices=PRICES) == {}


def test_of_two_price_lists_from_one_day_the_later_one_counts():
    slip = price("写错的", NEW.from_on, "9.99")
    assert [p.name for p, _days in spans_of((NEW, slip, OLD), MAR, APR)] == ["旧价", "新价"]


@given(
    litres=st.integers(0, 10**8),
    days=st.integers(2, 400),
    changes=st.lists(st.tuples(st.integers(0, 399), st.decimals("0.01", "99", places=4)), max_size=5),
    data=st.data(),
)
def test_a_period_split_on_any_day_costs_as_much_as_its_two_parts(litres, days, changes, data):
    lists = [price("起", MAR, "3.99"), *(price(str(n), MAR + n * DAY, yuan) for n, yuan in changes)]
    lists.sort(key=lambda p: p.from_on, reverse=True)
    cut = data.draw(st.integers(1, days - 1))
    whole = cost(litres, spans_of(lists, MAR, MAR + days * DAY))
    first = cost(Fraction(litres * cut, days), spans_of(lists, MAR, MAR + cut * DAY))
    second = cost(Fraction(litres * (days - cut), days), spans_of(lists, MAR + cut * DAY, MAR + days * DAY))
    assert whole == {kind: first[kind] + second[kind] for kind in whole}


def test_sub_meters_may_show_more_than_their_master_by_the_error_of_both_and_no_more():
    # JJG 162-2019, class 2 in use ±4 %: 50 × 1.04 / 0.96 = 54.166 m³.
    assert most_behind(50_000, 0, 4) == 54_166
    fifty = bill(m3=50, index=(None, None))
    assert asked(fifty, subs=Measured(54_166)) == {}
    assert asked(fifty, subs=Measured(62_000)) == {
        DoubtKind.SUBS_ABOVE_MASTER: (
            "账单 ZD-3 的账期里，分表合计 62 立方米，高于总表 50 立方米；计入使用中允差 4% 和抄表日期差 0 立方米，"
            "最多应为 54.166 立方米；请核对总表、分表读数"
        )
    }


def test_the_date_gap_comes_on_top_of_the_error():
    assert asked(bill(m3=50), subs=Measured(62_000, gap_litres=7_834)) == {}
    assert DoubtKind.SUBS_ABOVE_MASTER in asked(bill(m3=50), subs=Measured(62_001, gap_litres=7_834))


def test_readings_days_apart_carry_their_daily_volume_as_date_gap():
    # Read on 3 March and 2 April: 31 m³ in 30 days drawn to March; 3 and 1 days off at about 1 m³ a day.
    run = Run(
        dt.date(2026, 1, 1),
        None,
        [Index(MAR - 28 * DAY, 0), Index(MAR + 3 * DAY, 31_000), Index(APR + 2 * DAY, 61_000)],
    )
    # 31 days from 0 to 31,000: at 1 March 28,000; 30 days from 31,000 to 61,000: at 1 April 59,000; 31 m³ between them.
    assert measured([run], MAR, APR) == Measured(31_000, gap_litres=31_000 * 5 // 31, whole=True)


def test_a_guess_is_no_reading_of_ours():
    run = Run(MAR, None, [Index(MAR, 0), Index(APR, 80_000, estimated=True)])
    assert measured([run], MAR, APR) is None


def test_a_meter_not_read_for_the_period_leaves_the_sum_open():
    read, silent = Run(MAR, None, [Index(MAR, 0), Index(APR, 9_000)]), Run(MAR, None, [Index(MAR, 0)])
    assert measured([read, silent], MAR, APR) == Measured(9_000, whole=False)
    assert asked(bill(m3=5, index=(None, None)), own=Measured(9_000, whole=False)) == {}


def test_an_exchanged_meter_counts_with_the_one_before():
    old = Run(MAR - 9 * DAY, MAR + 10 * DAY, [Index(MAR - 9 * DAY, 0), Index(MAR, 5_000), Index(MAR + 10 * DAY, 9_000)])
    new = Run(MAR + 10 * DAY, None, [Index(MAR + 10 * DAY, 0), Index(APR, 6_000)])
    assert measured([old, new], MAR, APR) == Measured(10_000)


def test_a_bill_is_held_against_our_own_readings_of_the_same_register():
    # One meter, so its error is no excuse; whole cubic metres and the date gap are.
    assert not reads_otherwise(100_000, Measured(99_000))
    assert reads_otherwise(100_000, Measured(98_999))
    assert not reads_otherwise(100_000, Measured(96_000, gap_litres=3_000))
    assert asked(bill(), own=Measured(90_000))[DoubtKind.OWN_READINGS].startswith(
        "账单 ZD-3 的用水量 100 立方米，按我们自抄的总表读数是 90 立方米"
    )


FEB_BILL = bill("ZD-2", from_on=dt.date(2026, 2, 1), until_on=MAR, index=(100_000, 200_000))


@pytest.mark.parametrize(
    ("from_on", "index", "kind", "sentence"),
    [
        (MAR, (200_000, 300_000), None, ""),
        (dt.date(2026, 3, 2), (200_000, 300_000), DoubtKind.DAYS_MISSING, "账单 ZD-3 之前缺 1 天没有账单（上一张 ZD-2）；请核对是否漏了一张"),
        (dt.date(2026, 2, 27), (200_000, 300_000), DoubtKind.DAYS_TWICE, "账单 ZD-3 与 ZD-2 的账期重叠 2 天；请向水司问明"),
        (MAR, (201_000, 301_000), DoubtKind.INDEX_JUMP, "账单 ZD-3 的上期行度 201 接不上上一张 ZD-2 的本期行度 200；照账单登记，请向水司问明"),
        (MAR, (None, None), None, ""),
    ],
)  # fmt: skip
def test_a_bill_begins_where_the_one_before_ended(from_on, index, kind, sentence):
    assert asked(bill(from_on=from_on, index=index), earlier=(FEB_BILL,)) == ({kind: sentence} if kind else {})


def test_an_exchanged_master_begins_at_another_index():
    assert asked(bill(index=(0, 100_000)), earlier=(FEB_BILL,), exchanged=True) == {}


@pytest.mark.parametrize(("m3", "supply", "doubted"), [(-5, 1_995, True), (5, -1_995, True), (-5, -1_995, False), (0, -1_995, False), (0, 1_995, False)])  # fmt: skip
def test_water_and_money_have_the_same_sign(m3, supply, doubted):
    assert (DoubtKind.SIGNS in asked(bill(m3=m3, supply=supply, sewage=0, index=(None, None)))) is doubted


def test_usual_is_the_median_of_at_least_three():
    assert [usual([1, 2]), usual([9, 1, 2]), usual([1, 2, 5, 9]), usual([1, 1, 100])] == [None, 2, 3, 1]


def test_a_bill_of_ten_times_the_usual_is_asked_about():
    before = [bill(f"ZD-{n}", m3=10, supply=4_000, sewage=0, index=(None, None)) for n in (0, 1, 2)]
    large = bill(m3=100, supply=40_000, sewage=0, until_on=APR, index=(None, None))
    told = {kind: text for kind, text in asked(large, earlier=before).items() if kind is not DoubtKind.DAYS_TWICE}
    assert told == {
        DoubtKind.SUM_UNUSUAL: "账单 ZD-3 的金额 400.00 元，是平常（前 3 张的中位数 40.00 元）的 10 倍以上；请核对",
        DoubtKind.VOLUME_UNUSUAL: "账单 ZD-3 的用水量 100 立方米，是平常（前 3 张的中位数 10 立方米）的 10 倍以上；请核对",
    }
    less = large._replace(amount_fen=39_999, volume_litres=99_999)
    assert set(asked(less, earlier=before)) == {DoubtKind.DAYS_TWICE}
    assert DoubtKind.SUM_UNUSUAL not in asked(large, earlier=before[:2])
