"""When a station is open, how far it lies, and what a sheet for a gate may say."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hege.kernel.clock import SHANGHAI
from hege.kernel.refused import Refused
from hege.programme.alliance.rules import (
    OfferingKind,
    changes_at,
    check_amount,
    check_facilities,
    check_fact_words,
    check_from_report,
    check_hours,
    check_looked_on,
    check_next_look,
    check_period,
    check_position,
    check_within_unit,
    distance_metres,
    open_now,
)

pytestmark = pytest.mark.once

MONDAY = dt.date(2026, 3, 2)
DAY = dt.timedelta(days=1)


def at(hour: int, minute: int = 0, day: dt.date = MONDAY) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour, minute), SHANGHAI).astimezone(dt.UTC)


# -- hours ---------------------------------------------------------------------------------------------------------------

NOON_BREAK = {"1": [[480, 720], [780, 1200]]}


@pytest.mark.parametrize(
    ("hour", "minute", "is_open"),
    [(7, 59, False), (8, 0, True), (11, 59, True), (12, 0, False), (13, 0, True), (19, 59, True), (20, 0, False)],
)
def test_a_station_opens_with_the_first_minute_and_closes_with_the_last(hour: int, minute: int, is_open: bool):
    assert open_now(NOON_BREAK, at(hour, minute)) is is_open


def test_the_weekday_is_that_of_shanghai_and_not_of_the_clock_in_utc():
    late_monday_utc = dt.datetime(2026, 3, 2, 23, 30, tzinfo=dt.UTC)  # 7:30 on Tuesday
    assert not open_now({"1": [[0, 1440]]}, late_monday_utc)
    assert open_now({"2": [[420, 480]]}, late_monday_utc)


def test_it_says_when_it_opens_or_closes_next():
    assert changes_at(NOON_BREAK, at(9)) == at(12)
    assert changes_at(NOON_BREAK, at(12, 30)) == at(13)
    assert changes_at(NOON_BREAK, at(21)) == at(8, day=MONDAY + 7 * DAY)


def test_what_goes_on_after_midnight_closes_when_it_does():
    through = {"1": [[1200, 1440]], "2": [[0, 120]]}
    assert changes_at(through, at(23)) == at(2, day=MONDAY + DAY)


def test_what_is_open_day_and_night_never_changes():
    assert changes_at({str(day): [[0, 1440]] for day in range(1, 8)}, at(9)) is None


@given(
    st.dictionaries(
        st.sampled_from("1234567"),
        st.lists(st.integers(0, 1440), min_size=2, max_size=6, unique=True).map(
            lambda edges: [list(pair) for pair in zip(*[iter(sorted(edges))] * 2, strict=False)]
        ),
        min_size=1,
    ),
    st.integers(0, 7 * 1440 - 1),
)
def test_nothing_changes_before_it_says_so_and_something_does_then(hours: dict, minute: int):
    now = at(0) + dt.timedelta(minutes=minute)
    change = changes_at(hours, now)
    week = [open_now(hours, now + dt.timedelta(minutes=n)) for n in range(7 * 1440)]
    expected = next((n for n, is_open in enumerate(week) if is_open != week[0]), None)
    assert (change and (change - now) // dt.timedelta(minutes=1)) == expected


def test_hours_are_kept_in_order_and_days_without_any_are_left_out():
    kept = check_hours({"3": [(780, 1200), (480, 720)], "1": [], "5": [(0, 1440)]})
    assert kept == {"3": [[480, 720], [780, 1200]], "5": [[0, 1440]]}
    assert check_hours(kept) == kept


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        ({}, "至少写一天"),
        ({"1": [(600, 600)]}, "晚于开门"),
        ({"1": [(1200, 120)]}, "过午夜"),
        ({"1": [(-1, 5)]}, "晚于开门"),
        ({"1": [(0, 1441)]}, "晚于开门"),
        ({"1": [(480, 720), (719, 800)]}, "不能重叠"),
        ({"1": [(0, 1), (2, 3), (4, 5), (6, 7)]}, "最多写 3 段"),
    ],
)
def test_hours_that_no_clock_shows_are_refused(hours: dict, said: str):
    with pytest.raises(Refused, match=said) as refused:
        check_hours(hours)
    assert refused.value.field == "hours"


# -- where ---------------------------------------------------------------------------------------------------------------

GRID = (121_262_500, 31_168_400)


def test_a_distance_checked_by_hand():
    """A hundredth of a degree to the north is 1,112 m; to the east, at 31.1684°, 1,112 × cos = 951 m."""
    assert distance_metres(GRID, (GRID[0], GRID[1] + 10_000)) == 1111
    assert distance_metres(GRID, (GRID[0] + 10_000, GRID[1])) == 951
    assert distance_metres(GRID, GRID) == 0


positions = st.tuples(st.integers(120_500_000, 122_500_000), st.integers(30_400_000, 32_000_000))


@given(positions, positions)
def test_it_is_as_far_there_as_back(one: tuple[int, int], other: tuple[int, int]):
    assert distance_metres(one, other) == distance_metres(other, one) >= 0


@pytest.mark.parametrize(
    ("lon", "lat", "field"),
    [
        (None, 31_168_400, "lon_e6"),
        (121_262_500, None, "lat_e6"),
        (31_168_400, 121_262_500, "lon_e6"),
        (121_262_500, 0, "lat_e6"),
    ],
)
def test_half_a_position_and_one_elsewhere_are_refused(lon: int | None, lat: int | None, field: str):
    with pytest.raises(Refused) as refused:
        check_position(lon, lat)
    assert refused.value.field == field


def test_facilities_stand_once_and_in_one_order():
    assert check_facilities(["drinking_water", "rest", "drinking_water"]) == ["rest", "drinking_water"]
    with pytest.raises(Refused, match="没有这种设施"):
        check_facilities(["sauna"])


# -- who brings what -----------------------------------------------------------------------------------------------------


def test_money_has_a_sum_and_nothing_else_does():
    check_amount(OfferingKind.MONEY, 1)
    check_amount(OfferingKind.VENUE, None)
    for kind, fen in ((OfferingKind.MONEY, None), (OfferingKind.MONEY, 0), (OfferingKind.COURSE, 1)):
        with pytest.raises(Refused) as refused:
            check_amount(kind, fen)
        assert refused.value.field == "amount_fen"


def test_a_period_is_a_day_at_least():
    check_period(MONDAY, None)
    check_period(MONDAY, MONDAY + DAY)
    with pytest.raises(Refused):
        check_period(MONDAY, MONDAY)


@pytest.mark.parametrize(
    ("from_on", "until_on", "field"),
    [
        (MONDAY - DAY, MONDAY + DAY, "from_on"), (MONDAY + 9 * DAY, MONDAY + 10 * DAY, "from_on"),
        (MONDAY, None, "until_on"), (MONDAY, MONDAY + 10 * DAY, "until_on"),
    ],
)  # fmt: skip
def test_what_a_unit_brings_lies_within_its_time(from_on: dt.date, until_on: dt.date | None, field: str):
    unit = {"unit_from_on": MONDAY, "unit_until_on": MONDAY + 9 * DAY}
    check_within_unit(MONDAY, MONDAY + 9 * DAY, **unit)
    with pytest.raises(Refused) as refused:
        check_within_unit(from_on, until_on, **unit)
    assert refused.value.field == field


# -- sheets for gates ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        "走北门，24 小时开", "12 号楼东侧有换电柜", "3 号门进，直走 200 米到 5 号楼门口", "电动车停在 1—8 号楼之间的车棚",
        "限高 2.1 米", "业主委员会旁边的厕所", "8:00-20:00 开门",
    ],
)  # fmt: skip
def test_ways_and_buildings_may_be_told(words: str):
    assert check_fact_words(f" {words} ") == words


@pytest.mark.parametrize(
    "words",
    [
        "放在 302 室门口", "5 号楼 3 层", "12-302 门口", "王阿姨家旁边", "独居老人门口慢行", "门卫电话 13812345678", "到 6 楼",
        "２０１室", "三楼右手", "", "   ", "多\n行", "长" * 201,
    ],
)  # fmt: skip
def test_nothing_leads_to_a_resident(words: str):
    with pytest.raises(Refused) as refused:
        check_fact_words(words)
    assert refused.value.field == "words"


def test_a_fact_wants_a_report_found_true_of_that_estate():
    check_from_report(verified=True, same_estate=True)
    for facts in ((False, True), (True, False)):
        with pytest.raises(Refused) as refused:
            check_from_report(verified=facts[0], same_estate=facts[1])
        assert refused.value.field == "report"


def test_the_next_look_is_after_the_last_and_within_half_a_year():
    for days in (1, 180):
        check_next_look(MONDAY + days * DAY, looked_on=MONDAY)
    for days in (0, -1, 181):
        with pytest.raises(Refused):
            check_next_look(MONDAY + days * DAY, looked_on=MONDAY)


def test_nobody_has_looked_tomorrow_or_before_the_last_look():
    check_looked_on(MONDAY, last=MONDAY, today=MONDAY)
    for looked_on in (MONDAY + DAY, MONDAY - DAY):
        with pytest.raises(Refused):
            check_looked_on(looked_on, last=MONDAY, today=MONDAY)
