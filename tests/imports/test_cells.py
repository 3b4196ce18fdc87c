"""A cell becomes a value, or says what is wanted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest

from hege.imports.cells import (
    BadCell,
    Cell,
    area_of,
    code_of,
    day_of,
    diameter_of,
    digits_of,
    fen_of,
    index_of,
    litres_of,
    serial_day_of,
    shown,
    text_of,
    word_of,
)

DAY = dt.date(2026, 3, 5)


@pytest.mark.parametrize(
    "cell",
    [
        "2026-03-05", "2026/3/5", "2026年3月5日", "20260305", "２０２６－０３－０５", " 2026.3.5 ", "2026-03-05 14:30:22",
        "2026 年 3 月 5 日", DAY, dt.datetime(2026, 3, 5, 14, 30), 20260305, 20260305.0,
    ],
)  # fmt: skip
def test_a_day_is_read_in_every_way_it_is_written_here(cell: Cell):
    assert day_of(cell) == DAY


@pytest.mark.parametrize(
    "cell",
    [
        "2026-02-30",
        "2026-13-01",
        "0000-00-00",
        "26-3-5",
        "3月5日",
        "昨天",
        "2026-3/5",
        46086,
        True,
        dt.time(1),
        "1899-01-01",
    ],
)
def test_a_day_that_is_none_is_refused(cell: Cell):
    with pytest.raises(BadCell):
        day_of(cell)


@pytest.mark.parametrize("time", ["25:61", "24:00", "12:60", "12:30:60"])
def test_a_time_no_clock_shows_is_refused_with_the_mend(time: str):
    with pytest.raises(BadCell, match=f"没有 {time} 这个时刻，请改成 00:00 到 23:59 之间，或只填日期"):
        day_of(f"2026-03-05 {time}")


def test_a_day_number_counts_as_a_date_only_where_excel_wrote_it():
    assert serial_day_of(46086.0) == DAY
    with pytest.raises(BadCell):
        serial_day_of(350.0)


@pytest.mark.parametrize(
    ("cell", "fen"),
    [
        ("1234.5", 123450), ("1,234.50", 123450), ("１，２３４．５０", 123450), ("¥1234.50", 123450), ("￥ 1,234.50 元", 123450),
        ("1234.50元", 123450), ("-12", -1200), ("-¥12.00", -1200), ("0", 0), ("12.340", 1234), (65408.07, 6540807), (0.1 + 0.2, 30),
        (350, 35000), ("100000", 10**7), ("10000000", 10**9), (99931.73, 9993173),
    ],
)  # fmt: skip
def test_an_amount_is_read_to_the_fen(cell: Cell, fen: int):
    assert fen_of(cell) == fen


@pytest.mark.parametrize(
    "cell",
    [
        "12.345",
        12.345,
        "三百元",
        "1,23",
        "12..3",
        "=1+2",
        "1e5",
        "NaN",
        float("nan"),
        float("inf"),
        True,
        DAY,
        "99999999999999",
    ],
)
def test_an_amount_that_is_none_or_too_fine_is_refused_never_rounded(cell: Cell):
    with pytest.raises(BadCell):
        fen_of(cell)


@pytest.mark.parametrize(
    ("cell", "litres"), [("16393", 16393000), (1.5, 1500), ("0.001", 1), ("１２ 吨", 12000), ("1,000 m³", 10**6)]
)
def test_a_volume_is_read_to_the_litre(cell: Cell, litres: int):
    assert litres_of(cell) == litres


@pytest.mark.parametrize("cell", ["1.2345", "约 30", ""])
def test_a_volume_that_is_none_is_refused(cell: Cell):
    with pytest.raises(BadCell):
        litres_of(cell)


def test_an_index_is_never_below_zero():
    with pytest.raises(BadCell, match="负数"):
        index_of("-1")


@pytest.mark.parametrize(
    ("cell", "code"), [("007", "007"), ("Ａ－０１", "A-01"), (7.0, "7"), (" 12 ", "12"), ("🍜-1", "🍜-1")]
)
def test_a_code_keeps_its_zeros_and_loses_only_its_width(cell: Cell, code: str):
    assert code_of(40)(cell) == code


@pytest.mark.parametrize(
    "cell", [dt.date(2026, 3, 5), 1234567890123456789.0, 1.5, True, "A\u200b1", "A\x001", "\u202eA1", "长" * 41]
)
def test_a_code_that_excel_or_an_invisible_sign_has_spoilt_is_refused(cell: Cell):
    with pytest.raises(BadCell):
        code_of(40)(cell)


@pytest.mark.parametrize(
    "text", ["=cmd|' /C calc'!A0", "+1", "@x", "\u202eabc", "🍜老王", "Ａ＆Ｂ<小吃>", "a\nb", "'; DROP TABLE"]
)
def test_a_text_comes_through_whole_whatever_it_looks_like(text: str):
    assert text_of(300)(text) == text


@pytest.mark.parametrize("text", ["a\x00b", "a\x07b", "长" * 301])
def test_a_text_with_control_signs_or_too_long_is_refused(text: str):
    with pytest.raises(BadCell):
        text_of(300)(text)


@pytest.mark.parametrize("cell", ["DN50", "50", "dn 50", "50mm", "ＤＮ５０", 50.0])
def test_a_diameter_is_millimetres(cell: Cell):
    assert diameter_of(cell) == 50


def test_an_area_is_above_zero_with_two_decimals():
    assert area_of("45.5㎡") == Decimal("45.50")
    for cell in ("0", "-3", "1.234", "很大"):
        with pytest.raises(BadCell):
            area_of(cell)


def test_a_coded_column_names_its_words():
    parse = word_of({"总表": 1, "分表": 2, "master": 1})
    assert (parse("总 表"), parse("MASTER")) == (1, 1)
    with pytest.raises(BadCell, match="总表、分表"):
        parse("大表")


@pytest.mark.parametrize("cell", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize(
    "parse",
    [
        day_of,
        serial_day_of,
        fen_of,
        litres_of,
        index_of,
        area_of,
        diameter_of,
        digits_of,
        code_of(40),
        word_of({"x": 1}),
    ],
)
def test_a_number_that_is_none_is_a_bad_cell_in_every_column(parse: Callable[[Cell], object], cell: float):
    with pytest.raises(BadCell):
        parse(cell)
    assert shown(cell) == str(cell)


def test_a_cell_is_shown_as_its_sender_sees_it():
    assert [shown(c) for c in (None, True, 12.0, 12.5, DAY, dt.datetime(2026, 3, 5, 14, 30), "x")] == [
        "", "TRUE", "12", "12.5", "2026-03-05", "2026-03-05 14:30:00", "x",
    ]  # fmt: skip
