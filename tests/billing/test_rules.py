"""What water costs and how a bill is split: the cases a clerk can check by hand."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hege.billing.rules import ComponentKind, Method, Occupant, bill_components, check_bill, off_tariff, share
from hege.kernel.refused import Refused
from tests.cast import SAMPLE_RATES

JAN, FEB = dt.date(2026, 1, 1), dt.date(2026, 2, 1)
SUPPLY, SEWAGE, OTHER = ComponentKind.SUPPLY, ComponentKind.SEWAGE, ComponentKind.OTHER


def occupant(code, *, litres=None, area=None, from_on=JAN, until_on=None, pk=None):
    area_sqm = None if area is None else Decimal(area)
    return Occupant(pk or int(code), code, from_on, until_on, area_sqm, litres)


def split_by(method, occupants, *, fen=100, volume_litres=10_000):
    lines = share(
        method, occupants, components_fen={OTHER: fen}, from_on=JAN, until_on=FEB, volume_litres=volume_litres
    )
    return {line.unit_code: line.amount_fen for line in lines}


def test_16393_cubic_metres_cost_99931_yuan_73_by_components():
    parts = bill_components(16_393_000, SAMPLE_RATES)
    assert parts == {SUPPLY: 6_540_807, SEWAGE: 3_452_366}
    assert sum(parts.values()) == 9_993_173


def test_the_papers_bill_agrees_with_the_sample_tariff_component_by_component():
    computed = bill_components(16_393_000, SAMPLE_RATES)
    assert off_tariff({SUPPLY: 6_540_807, SEWAGE: 3_452_366, OTHER: 500}, computed) == {}


def test_16393_at_six_yuan_ten_is_questioned_with_the_difference_and_never_called_rounding():
    computed = bill_components(16_393_000, SAMPLE_RATES)
    assert off_tariff({SUPPLY: 6_540_807, SEWAGE: 3_458_923}, computed) == {SEWAGE: 6_557}
    assert off_tariff({SUPPLY: 398}, bill_components(1_000, SAMPLE_RATES)) == {SUPPLY: -1, SEWAGE: -211}


def test_a_printed_total_that_is_not_the_sum_is_refused_with_both_figures():
    with pytest.raises(Refused, match=r"合计 1.01 元，与应缴金额 1 元不符") as refusal:
        check_bill(from_on=JAN, until_on=FEB, components_fen={SUPPLY: 60, SEWAGE: 41}, amount_fen=100)
    assert refusal.value.field == "应缴金额"


def test_a_period_that_ends_before_it_begins_is_refused():
    with pytest.raises(Refused, match="账期止在账期起之前"):
        check_bill(from_on=FEB, until_on=JAN, components_fen={SUPPLY: 1}, amount_fen=1)


def test_equal_shares_count_the_days_a_shop_was_in():
    whole, half = occupant("01"), occupant("02", from_on=dt.date(2026, 1, 17))
    lines = share(Method.EQUAL, [whole, half], components_fen={OTHER: 460}, from_on=JAN, until_on=FEB, volume_litres=0)
    assert [(line.weight, line.amount_fen) for line in lines] == [(31, 310), (15, 150)]


def test_the_first_day_out_is_not_counted():
    lines = share(
        Method.EQUAL,
        [occupant("01", until_on=dt.date(2026, 1, 2)), occupant("02")],
        components_fen={OTHER: 320},
        from_on=JAN,
        until_on=FEB,
        volume_litres=0,
    )
    assert [line.weight for line in lines] == [1, 31]


def test_area_counts_square_metres_times_days():
    assert split_by(Method.AREA, [occupant("01", area="20"), occupant("02", area="60.00")]) == {"01": 25, "02": 75}


def test_a_shop_without_an_area_is_named():
    with pytest.raises(Refused, match="商铺 02 没有建筑面积"):
        split_by(Method.AREA, [occupant("01", area="20"), occupant("02")])


def test_loss_falls_pro_rata_on_what_the_sub_meters_measured():
    # 10 m³ through the master, 8 m³ behind it: 25 % and 75 % of the whole bill all the same.
    assert split_by(Method.SUB_METER, [occupant("01", litres=2_000), occupant("02", litres=6_000)]) == {
        "01": 25,
        "02": 75,
    }


def test_a_shop_without_a_sub_meter_volume_is_named():
    with pytest.raises(Refused, match="商铺 02 没有这一账期的分表用水量"):
        split_by(Method.SUB_METER, [occupant("01", litres=2_000), occupant("02")])


def test_everything_that_is_missing_is_named_at_once():
    unread = [
        Occupant(1, "01", JAN, None, None, unread=(("FB-1", FEB),)),
        Occupant(2, "02", JAN, None, None, unread=(("FB-2", JAN), ("FB-2", FEB))),
    ]
    with pytest.raises(Refused) as refusal:
        split_by(Method.MIXED, [*unread, occupant("03"), occupant("04", area="20"), occupant("05")])
    assert str(refusal.value) == (
        "分表 FB-2 缺 2026-01-01 前后（相隔 35 天以内）的读数；"
        "分表 FB-1、FB-2 缺 2026-02-01 前后（相隔 35 天以内）的读数；"
        "商铺 03、05 没有建筑面积。"
    )


def test_of_many_that_lack_something_a_dozen_is_named():
    with pytest.raises(Refused, match="商铺 01、02、03、04、05、06、07、08、09、10、11、12 等 47 户 没有这一账期"):
        split_by(Method.SUB_METER, [occupant(f"{n:02d}") for n in range(1, 48)])


def test_mixed_charges_the_metered_their_water_and_the_rest_by_area():
    shops = [occupant("01", litres=4_000), occupant("02", area="10"), occupant("03", area="20")]
    assert split_by(Method.MIXED, shops) == {"01": 40, "02": 20, "03": 40}


def test_mixed_with_everybody_metered_lets_the_loss_fall_pro_rata():
    assert split_by(Method.MIXED, [occupant("01", litres=1_000), occupant("02", litres=3_000)]) == {"01": 25, "02": 75}


def test_mixed_refuses_when_the_sub_meters_show_more_than_the_master():
    with pytest.raises(Refused, match="超过总表用水量"):
        split_by(Method.MIXED, [occupant("01", litres=11_000), occupant("02", area="20")])


def test_nobody_in_leaves_the_bill_unshared():
    with pytest.raises(Refused, match="没有可分摊的商铺"):
        split_by(Method.EQUAL, [occupant("01", from_on=FEB)])


def test_ties_go_by_unit_code_whatever_the_order_of_the_roster():
    assert split_by(Method.EQUAL, [occupant("03"), occupant("01"), occupant("02")]) == {"01": 34, "02": 33, "03": 33}


def test_a_credit_bill_is_shared_with_negative_shares():
    assert split_by(Method.EQUAL, [occupant("01"), occupant("02")], fen=-101) == {"01": -51, "02": -50}


SHOPS = st.lists(
    st.tuples(st.integers(0, 40), st.integers(1, 40), st.none() | st.integers(0, 10**6), st.integers(1, 10**5)),
    min_size=1,
    max_size=12,
)


@given(
    method=st.sampled_from(Method),
    shops=SHOPS,
    supply=st.integers(-(10**8), 10**8),
    sewage=st.integers(-(10**8), 10**8),
    spare=st.integers(0, 10**6),
)
def test_each_component_is_split_exactly_or_the_bill_is_refused(method, shops, supply, sewage, spare):
    occupants = [
        Occupant(
            n + 1,
            f"{n:02d}",
            JAN + dt.timedelta(days=start),
            JAN + dt.timedelta(days=start + days),
            Decimal(area) / 100,
            litres,
        )
        for n, (start, days, litres, area) in enumerate(shops)
    ]
    volume = sum(o.litres or 0 for o in occupants) + spare
    components = {SUPPLY: supply, SEWAGE: sewage}
    try:
        lines = share(method, occupants, components_fen=components, from_on=JAN, until_on=FEB, volume_litres=volume)
    except Refused:
        return
    for kind, fen in components.items():
        assert sum(line.parts_fen[kind] for line in lines) == fen
    assert sum(line.amount_fen for line in lines) == supply + sewage
    assert all(line.weight > 0 for line in lines)
    assert sum((line.weight for line in lines), Fraction(0)) > 0
