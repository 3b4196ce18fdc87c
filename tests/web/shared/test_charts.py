"""Where the columns of a chart stand: heights are in the proportion of the figures, and no column leaves its field."""

from __future__ import annotations

import datetime as dt
import doctest

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from hege.web.shared import charts
from hege.web.shared.charts import (
    APART,
    FLOOR,
    HIGHEST,
    LOWEST,
    TOP,
    WHOLE,
    Event,
    Figure,
    Series,
    columns,
    round_steps,
    time_line,
)

pytestmark = pytest.mark.once


def test_the_example_of_round_steps_holds() -> None:
    assert doctest.testmod(charts).failed == 0


@pytest.mark.parametrize(
    ("most", "steps"),
    [(0, [0, 1]), (1, [0, 1]), (4, [0, 1, 2, 3, 4]), (5, [0, 2, 4, 6]), (100, [0, 50, 100]), (101, [0, 50, 100, 150])],
)
def test_lines_stand_at_round_values_and_the_last_is_high_enough(most: int, steps: list[int]) -> None:
    assert round_steps(most) == steps


@pytest.mark.parametrize(("values", "is_flat"), [([], True), ([0, 0], True), ([0, 3], False)])
def test_a_chart_without_a_column_has_nothing_to_show(values: list[int], is_flat: bool) -> None:
    assert columns(Figure("x", value) for value in values).is_flat is is_flat


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=24))
def test_heights_are_in_proportion_and_columns_stay_in_their_fields(values: list[int]) -> None:
    chart = columns(Figure(str(n), value) for n, value in enumerate(values))
    assert len(chart.lines) <= 6
    for n, column in enumerate(chart.columns):
        assert column.height == (FLOOR - TOP) * values[n] // chart.most
        assert column.top + column.height == FLOOR
        assert column.top >= TOP
        assert WHOLE * n // len(values) <= column.left
        assert column.left + column.width <= WHOLE * (n + 1) // len(values) + 1
    assert [figure.value for figure in chart.figures] == values
    assert [chart.percent(length) for length in (0, 5, 1405, WHOLE)] == ["0.00%", "0.05%", "14.05%", "100.00%"]


JANUARY = dt.date(2026, 1, 31)
DAYS = [
    (JANUARY, "1月"),
    (dt.date(2026, 2, 28), "2月"),
    (dt.date(2026, 3, 31), "3月"),
    (dt.date(2026, 4, 15), "4月15日"),
]


def test_days_stand_at_their_distance_and_values_at_their_height():
    chart = time_line(
        DAYS, [Series("owed", "欠", (0, 10_000, 20_000, 40_000)), Series("held", "收", (0, 0, 10_000, 0))]
    )
    assert [moment.x for moment in chart.moments] == [WHOLE * days // 74 for days in (0, 28, 59, 74)]
    assert [chart.in_short(line.value) for line in chart.lines] == ["0", "100", "200", "300", "400"]
    owed, held = chart.tracks
    assert [dot.y for dot in owed.runs[0]] == [LOWEST, 6_575, 4_550, HIGHEST]
    assert held.areas == [f"0,{LOWEST} 0,{LOWEST} 3783,{LOWEST} 7972,6575 {WHOLE},{LOWEST} {WHOLE},{LOWEST}"]


def test_what_nobody_knows_is_a_stretch_without_a_line():
    chart = time_line(DAYS, [Series("held", "收", (100, 200, None, 400))])
    track = chart.tracks[0]
    assert [(a.fen, b.fen) for a, b in track.strokes] == [(100, 200)]
    assert [(gap.left, gap.left + gap.width) for gap in chart.unknown] == [(chart.moments[1].x, WHOLE)]
    assert [dot and dot.fen for moment in chart.moments for _series, dot in moment.values] == [100, 200, None, 400]
    nothing = time_line(DAYS, [Series("held", "收", (None, None, None, None))])
    assert (nothing.tracks, [(gap.left, gap.width) for gap in nothing.unknown]) == ([], [(0, WHOLE)])


def test_a_scale_goes_below_nothing_where_the_utility_owes_and_counts_in_ten_thousands_where_it_is_large():
    below = time_line(DAYS, [Series("owed", "欠", (-3_000_000, 0, 500_000, 1_000_000))])
    assert [below.in_short(line.value) for line in below.lines] == ["-3 万", "-2 万", "-1 万", "0", "1 万"]
    with translation.override("en"):
        assert [below.in_short(line.value) for line in below.lines] == ["-30,000", "-20,000", "-10,000", "0", "10,000"]


@pytest.mark.parametrize("last", [(500, 490), (0, 0), (1_000, 995)])
def test_names_at_the_ends_never_touch(last: tuple[int, int]):
    chart = time_line(
        DAYS, [Series(kind, kind, (0, 0, 1_000, fen)) for kind, fen in zip(("owed", "held"), last, strict=True)]
    )
    higher, lower = sorted(track.named_at for track in chart.tracks)
    assert lower - higher >= APART
    assert lower <= LOWEST


def test_a_day_right_before_the_last_one_has_no_name_and_each_third_from_it_always_has():
    ends = [dt.date(2026, month, 1) for month in range(1, 13)]
    chart = time_line([(on, f"{on.month}月") for on in [*ends, dt.date(2026, 12, 2)]], [Series("owed", "欠", [1] * 13)])
    assert [moment.shown for moment in chart.moments] == [
        "",
        *["often", "often", ""] * 2,
        "often",
        "often",
        "often",
        "never",
        "never",
        "",
    ]


def test_events_are_marked_at_their_day_together_where_they_share_it_and_never_over_each_other():
    near = JANUARY + dt.timedelta(days=2)
    events = [Event(near, "3", "晚"), Event(JANUARY, "1", "早"), Event(JANUARY, "2", "也早")]
    first, second = time_line(DAYS, [Series("owed", "欠", (0, 1, 2, 3))], events).marks
    assert (first.x, first.label, first.whats) == (0, "1 2", ["早", "也早"])
    assert (second.x, second.label) == (WHOLE * 2 // 74, "3")
    assert second.down > first.down


def test_a_day_without_a_name_has_none_below_and_does_not_count_among_those_that_have():
    days = [(JANUARY, "1月"), (dt.date(2026, 2, 9), ""), (dt.date(2026, 4, 15), "4月15日")]
    chart = time_line(days, [Series("owed", "欠", (0, 1, 2))])
    assert [moment.shown for moment in chart.moments] == ["often", "never", ""]
