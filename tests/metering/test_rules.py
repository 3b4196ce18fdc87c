"""Indexes and volumes: golden cases a meter reader can check, and properties for the rest."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hege.kernel.refused import Refused
from hege.metering.rules import Index, Volume, check_index, index_at, m3, run_on, unread, volume

M3 = 1000
REGISTER = 100_000 * M3  # five digits


def day(n: int) -> dt.date:
    return dt.date(2026, 1, 1) + dt.timedelta(days=n)


def check(litres, *, previous=None, following=None, on=31, digits=5, diameter_mm=15):
    return check_index(
        previous=previous, following=following, boundary=day(on), litres=litres, digits=digits, diameter_mm=diameter_mm
    )


# -- may this index be? ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("litres", [0, 7, 100 * M3, REGISTER - 1])
def test_a_first_index_may_be_anything_the_register_can_show(litres):
    assert check(litres) == 0


@pytest.mark.parametrize("litres", [-1, REGISTER, REGISTER + 5])
def test_an_index_the_register_cannot_show_is_refused(litres):
    with pytest.raises(Refused, match="字轮位数"):
        check(litres)


def test_an_index_may_stand_still():
    assert check(100 * M3, previous=Index(day(0), 100 * M3)) == 0


def test_a_lower_index_is_refused_and_the_refusal_names_the_one_before():
    with pytest.raises(Refused, match="2025-12-31，100 立方米") as no:
        check(99 * M3, previous=Index(day(0), 100 * M3))
    assert no.value.field == "行度"


def test_a_register_that_passed_zero_within_its_flow_has_rolled_over():
    # DN 15 lets through 3 m³/h: 72 m³ a day. From 99,990 over zero to 5 are 15 m³.
    assert check(5 * M3, previous=Index(day(30), 99_990 * M3)) == 1


@pytest.mark.parametrize(("last_m3", "rolled"), [(62, True), (63, False)])
def test_a_rollover_is_held_to_the_permanent_flow(last_m3, rolled):
    # one day at DN 15: at most 72 m³; 99,990 -> 62 is exactly 72
    previous = Index(day(30), 99_990 * M3)
    if rolled:
        assert check(last_m3 * M3, previous=previous) == 1
    else:
        with pytest.raises(Refused):
            check(last_m3 * M3, previous=previous)


def test_without_a_known_diameter_nothing_is_taken_for_a_rollover():
    with pytest.raises(Refused):
        check(5 * M3, previous=Index(day(30), 99_990 * M3), diameter_mm=None)


def test_an_index_above_the_next_one_is_refused():
    with pytest.raises(Refused, match="还高"):
        check(121 * M3, previous=Index(day(0), 100 * M3), following=Index(day(59), 120 * M3))


def test_a_rollover_may_not_pass_the_next_index_either():
    previous, following = Index(day(30), 99_990 * M3), Index(day(32), REGISTER + 5 * M3)
    assert check(2 * M3, previous=previous, following=following) == 1
    with pytest.raises(Refused, match="还高"):
        check(50 * M3, previous=previous, following=following)


# -- the register's readings as one rising line ------------------------------------------------------------------------


def test_readings_over_two_rollovers_rise():
    shown = [99_990, 5, 60_000, 99_999, 1]
    rising = run_on([Index(day(n), m * M3) for n, m in enumerate(shown)], digits=5)
    assert [i.litres // M3 for i in rising] == [99_990, 100_005, 160_000, 199_999, 200_001]


def test_an_estimate_too_high_is_trued_up_and_is_no_rollover():
    rising = run_on([Index(day(0), 100), Index(day(1), 130, estimated=True), Index(day(2), 120)], digits=5)
    assert [i.litres for i in rising] == [100, 130, 120]


def test_an_estimate_just_below_zero_does_not_hide_a_rollover():
    shown = [Index(day(0), 99_980 * M3), Index(day(1), 99_995 * M3, estimated=True), Index(day(2), 3 * M3)]
    assert run_on(shown, digits=5)[-1].litres == REGISTER + 3 * M3


def test_an_estimate_that_wrongly_rolled_over_is_trued_up():
    shown = [Index(day(0), 99_980 * M3), Index(day(1), 3 * M3, estimated=True), Index(day(2), 99_990 * M3)]
    assert [i.litres // M3 for i in run_on(shown, digits=5)] == [99_980, 100_003, 99_990]


# -- how much ran ------------------------------------------------------------------------------------------------------

LINE = [Index(day(0), 1_000), Index(day(10), 2_000), Index(day(40), 5_000)]


@pytest.mark.parametrize(
    ("on", "said"),
    [
        (0, (1_000, False)),
        (10, (2_000, False)),
        (9, (2_000, False)),  # read on the boundary day itself: boundary 10 is the reading of day 9
        (5, (1_500, True)),
        (11, (2_100, True)),
        (39, (5_000, False)),
        (40, (5_000, False)),
        (-2, None),
        (41, None),
    ],
)
def test_an_index_is_as_read_or_drawn_straight_between_two_looks(on, said):
    assert index_at(LINE, day(on)) == said


@pytest.mark.parametrize(("apart", "said"), [(35, (1_100, True)), (36, None)])
def test_between_two_looks_more_than_five_weeks_apart_nothing_is_drawn(apart, said):
    looks = [Index(day(0), 1_000), Index(day(apart), 1_000 + 100 * apart)]
    assert index_at(looks, day(1)) == said
    assert volume(looks, day(0), day(1)) == (said and Volume(100, estimated=True))
    assert unread(looks, day(0), day(1)) == ([] if said else [day(1)])


def test_a_guessed_reading_makes_a_guessed_volume():
    looks = [Index(day(0), 1_000), Index(day(31), 2_000, estimated=True), Index(day(59), 3_000)]
    assert volume(looks, day(0), day(31)) == Volume(1_000, estimated=True)
    assert volume(looks, day(0), day(59)) == Volume(2_000)


def test_without_any_reading_nothing_can_be_told():
    assert index_at([], day(0)) is None
    assert volume([], day(0), day(1)) is None


def test_volume_of_a_period_says_whether_it_was_drawn():
    assert volume(LINE, day(0), day(40)) == Volume(4_000, estimated=False)
    assert volume(LINE, day(10), day(25)) == Volume(1_500, estimated=True)
    assert volume(LINE, day(10), day(41)) is None


@st.composite
def lines(draw):
    """A meter's indexes in order, with estimates that may be too high."""
    days = sorted(draw(st.sets(st.integers(0, 120), min_size=1, max_size=8)))
    litres, out = 0, []
    for n in days:
        litres += draw(st.integers(0, 5_000))
        guess = draw(st.sampled_from([0, 0, 0, 700]))
        out.append(Index(day(n), litres + guess, estimated=guess > 0))
    return out


@given(lines(), st.integers(0, 120), st.integers(0, 120), st.integers(0, 120))
def test_volumes_of_adjacent_periods_add_up(indexes, a, b, c):
    a, b, c = sorted((a, b, c))
    parts = volume(indexes, day(a), day(b)), volume(indexes, day(b), day(c))
    whole = volume(indexes, day(a), day(c))
    if parts[0] and parts[1]:
        assert whole is not None
        assert whole.litres == parts[0].litres + parts[1].litres
    else:
        assert whole is None or a == b or b == c or index_at(indexes, day(b)) is None


@given(lines(), st.integers(0, 120), st.integers(0, 120))
def test_without_estimates_water_never_runs_backwards(indexes, a, b):
    looked = [i for i in indexes if not i.estimated]
    ran = volume(looked, day(min(a, b)), day(max(a, b)))
    assert ran is None or ran.litres >= 0


@given(st.lists(st.integers(0, 2_000_000), min_size=1, max_size=12), st.integers(0, REGISTER - 1))
def test_a_register_that_is_read_often_enough_loses_nothing(steps, first):
    truth = [first]
    for step in steps:
        truth.append(truth[-1] + step)
    shown = [Index(day(n), t % REGISTER) for n, t in enumerate(truth)]
    assert [i.litres for i in run_on(shown, digits=5)] == truth


@pytest.mark.parametrize(("litres", "text"), [(0, "0"), (16_393_000, "16393"), (1_500, "1.5"), (7, "0.007")])
def test_litres_read_as_cubic_metres(litres, text):
    assert m3(litres) == text
