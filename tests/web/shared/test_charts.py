"""Where the columns of a chart stand: heights are in the proportion of the figures, and no column leaves its field."""

from __future__ import annotations

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hege.web.shared import charts
from hege.web.shared.charts import FLOOR, TOP, WHOLE, Figure, columns, round_steps

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
