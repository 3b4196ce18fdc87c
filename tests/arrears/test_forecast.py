"""What is expected to be owed, by cases that a person can check by hand: sums of fen at the ends of periods."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pytest

from hege.arrears.forecast.rules import PeriodEnd, coming_end, ends_of, errors_of, forecast, goes_on


def ends(*sums: int, every: int = 30) -> list[PeriodEnd]:
    return [PeriodEnd(dt.date(2026, 1, 31) + n * dt.timedelta(days=every), fen) for n, fen in enumerate(sums)]


def all_known(rows: Sequence[PeriodEnd]) -> dict[PeriodEnd, Sequence[PeriodEnd]]:
    return {end: rows[: n + 1] for n, end in enumerate(rows)}


@pytest.mark.parametrize(
    ("sums", "said"),
    [
        ((100, 200, 300), (400, 500, 600)),  # by 100 each time
        ((0, 100, 150, 350), (467, 583, 700)),  # 100, 50, 200: by 116 2/3
        ((9999, 0, 100, 150, 350), (467, 583, 700)),  # what came before the last three changes says nothing
        ((0, 1, 3), (5, 6, 7)),  # by 1 1/2: of 1.5 the even 2, of 4.5 the even 4
        ((900, 600, 300), (0, 0, 0)),  # a debt ends at nothing
        ((300, 300, 300), (300, 300, 300)),
        ((0, -100, -200), (-300, -400, -500)),  # what is paid ahead may grow
    ],
)
def test_it_goes_on_by_the_mean_of_the_last_three_changes(sums: tuple[int, ...], said: tuple[int, ...]):
    assert tuple(goes_on(ends(*sums), ahead) for ahead in (1, 2, 3)) == said


def test_spread_and_error_are_those_of_its_own_past_words():
    rows = ends(0, 100, 200, 400, 400, 700)
    known = all_known(rows)
    # Said 300, 533, 500 of the next period; came 400, 400, 700.
    assert errors_of(rows, known.__getitem__, 1) == [100, -133, 200]
    # Said 400, 667 of the one after; came 400, 700.
    assert errors_of(rows, known.__getitem__, 2) == [0, 33]
    first, second, third = forecast(rows, known.__getitem__).expected
    assert (first.payable_fen, first.low_fen, first.high_fen) == (867, 734, 1067)
    assert (first.tried, first.mean_error_fen) == (3, 144)
    assert (second.low_fen, second.tried, second.mean_error_fen) == (None, 2, 16)
    assert (third.low_fen, third.tried) == (None, 1)


def test_of_ten_errors_one_at_either_end_is_left_out():
    rows = ends(*(n * n for n in range(13)))  # each word is short, by more each time
    errors = errors_of(rows, all_known(rows).__getitem__, 1)
    assert len(errors) == 10
    expected = forecast(rows, all_known(rows).__getitem__).expected[0]
    assert (expected.low_fen, expected.high_fen) == (
        expected.payable_fen + sorted(errors)[1], expected.payable_fen + sorted(errors)[-2],
    )  # fmt: skip


def test_a_past_word_uses_what_was_known_that_evening_and_is_none_where_too_little_was():
    rows = ends(0, 100, 200, 400, 700)
    late = {end: [] if n < 3 else [*ends(0, 0, 0, 100)] for n, end in enumerate(rows)}
    # On the fourth evening the books showed 100, by 33 1/3 each time: said 133, came 700.
    assert errors_of(rows, late.__getitem__, 1) == [567]


def test_of_two_ends_nothing_is_said():
    rows = ends(100, 200)
    assert (forecast(rows, all_known(rows).__getitem__).expected, forecast([], lambda _end: []).expected) == ([], [])


def test_a_period_ends_before_the_next_bill_and_the_coming_ones_last_as_long_as_the_middle_one():
    issued = [dt.date(2026, 1, 5), dt.date(2026, 2, 5), dt.date(2026, 2, 5), dt.date(2026, 3, 5), dt.date(2026, 4, 15)]
    rows = ends_of(issued, lambda day: day.day)
    assert rows == [
        PeriodEnd(dt.date(2026, 2, 4), 4), PeriodEnd(dt.date(2026, 3, 4), 4), PeriodEnd(dt.date(2026, 4, 14), 14),
    ]  # fmt: skip
    assert coming_end(rows, 1) == dt.date(2026, 4, 14) + dt.timedelta(days=41)
