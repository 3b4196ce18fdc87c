"""One contract for every way in: the same table is the same rows and the same refusals as .csv, .xlsx and .xls."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from hege.imports.kinds import read_as
from hege.imports.layouts import FileKind
from hege.imports.rules import Read, Table
from hege.imports.sheets import read_table
from hege.kernel.refused import Refused
from tests.imports.books import BOOKS, claiming, new_book, old_book, with_backslashes
from tests.imports.files import READINGS, RECEIPTS, csv_of

HEADS = READINGS.split(",")
ROWS = [["001", "2026-03-05", 12.5, "现场", "甲", ""], ["002", dt.date(2026, 3, 6), 13, "远传", "乙", "x"]]
Book = Callable[..., bytes]
either_book = pytest.mark.parametrize("book", BOOKS.values(), ids=list(BOOKS))
WAYS = {**BOOKS, "csv": lambda rows: csv_of(rows[0], rows[1:])}
every_way = pytest.mark.parametrize("write", WAYS.values(), ids=list(WAYS))


def read(content: bytes, kind: FileKind = FileKind.READINGS) -> Read:
    return read_as(kind, read_table(content))


def refusal(content: bytes) -> str:
    with pytest.raises(Refused) as caught:
        read_table(content)
    return str(caught.value)


@every_way
def test_a_table_is_the_same_rows_in_every_format(write: Book):
    assert [r[1:] for r in read(write([HEADS, *ROWS])).rows] == [
        ("001", dt.date(2026, 3, 5), 12500, "on_site", "甲", ""),
        ("002", dt.date(2026, 3, 6), 13000, "remote", "乙", "x"),
    ]


@every_way
@pytest.mark.parametrize("sign", ["\u200b", "\ufeff", "\u200f", "\u00a0", "\u2060", "\u00ad"])
def test_signs_that_nobody_sees_are_no_part_of_a_heading(write: Book, sign: str):
    heads = [sign + HEADS[0], HEADS[1] + sign, HEADS[2][0] + sign + HEADS[2][1:], *HEADS[3:]]
    assert (len(read(write([heads, *ROWS])).rows), read(write([heads, *ROWS])).ignored) == (2, [])


@every_way
def test_a_title_above_the_headings_is_left_out_and_told(write: Book):
    table = read_table(write([["三月抄表"], ["制表：甲"], HEADS, *ROWS]))
    assert [r.number for r in read_as(FileKind.READINGS, table).rows] == [4, 5]
    assert table.notices == ["表头在第 3 行；它上面第 1–2 行是标题和说明，没有当作一笔。"]


@either_book
def test_a_merged_title_is_told_as_a_title(book: Book):
    table = read_table(book([["三月抄表"], HEADS, *ROWS], merged=(0, 0, 0, 5)))
    assert [(out.row, out.sort, out.text) for out in table.left_out] == [(1, "title", "三月抄表")]


@every_way
@pytest.mark.parametrize("word", ["合计", "合 计", "总计：", "小计（元）", "本页合计"])
def test_a_row_that_adds_the_others_up_is_left_out_and_told(write: Book, word: str):
    table = read_table(write([HEADS, *ROWS, ["", word, 25.5, "", "", ""]]))
    assert len(read_as(FileKind.READINGS, table).rows) == 2
    assert table.notices == [f"第 4 行是合计（{word} 25.5），没有当作一笔：第 2–3 行相加也是 25.50。"]


@every_way
def test_a_row_that_says_it_adds_the_others_up_and_does_not_is_told_and_never_read(write: Book):
    found = read(write([HEADS, *ROWS, ["", "合计", 52.5, "", "", ""]]))
    assert [(f.row, f.column, f.value) for f in found.faults] == [(4, "行度", "52.5")]
    assert "第 2–3 行相加却是 25.50" in found.faults[0].reason
    assert len(found.rows) == 2


@every_way
def test_a_sheet_of_too_many_columns_is_refused(write: Book):
    assert "列数超过 200 列" in refusal(write([HEADS + [f"h{n}" for n in range(230)], *ROWS]))


@either_book
def test_formatting_far_to_the_right_is_refused_before_a_grid_is_laid_out(book: Book):
    assert "列数超过 200 列" in refusal(book([HEADS, *ROWS], formatted_only=(1, 240)))


@either_book
def test_a_day_number_counts_from_1900_and_is_refused_where_it_may_count_from_1904(book: Book):
    row = ["001", 46086, 12, "", "", ""]
    assert read(book([HEADS, row])).rows[0].read_on == dt.date(2026, 3, 5)
    assert [f.column for f in read(book([HEADS, row], from_1904=True)).faults] == ["抄表日期"]


@either_book
def test_a_date_of_a_book_that_counts_from_1904_is_its_day(book: Book):
    content = book([HEADS, ["001", 46086 - 1462, 12, "", "", ""]], formats={(1, 1): "yyyy-mm-dd"}, from_1904=True)
    assert read(content).rows[0].read_on == dt.date(2026, 3, 5)


@either_book
@pytest.mark.parametrize("shown_as", ["General", "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss"])
@pytest.mark.parametrize("number", [46085.9999999998, 46086.0000000001, 46086.5])
def test_a_day_number_a_hair_under_midnight_is_the_day_that_follows(book: Book, shown_as: str, number: float):
    content = book([HEADS, ["001", number, 12, "", "", ""]], formats={(1, 1): shown_as})
    assert read(content).rows[0].read_on == dt.date(2026, 3, 5)


@either_book
def test_rows_and_columns_that_a_filter_hides_are_named(book: Book):
    table = read_table(book([HEADS, *ROWS, ROWS[0]], hidden_rows=[1, 3, 9], hidden_columns=[4, 9]))
    assert len(table.rows) == 3
    assert table.notices == [
        "第 2、4 行在表里是隐藏的（可能被筛选掉了），也读了进来；不要的请删去。",
        "E（抄表人）列在表里是隐藏的，也读了进来。",
    ]


@either_book
def test_merged_cells_are_refused_in_headings_and_named_in_rows(book: Book):
    assert "A1:B1" in refusal(book([HEADS, *ROWS], merged=(0, 0, 0, 1)))
    assert (2, "A2:A3") in [(f.row, f.value) for f in read(book([HEADS, *ROWS], merged=(1, 0, 2, 0))).faults]


@pytest.mark.slow
@either_book
def test_a_merge_over_the_whole_sheet_is_refused(book: Book):
    content = book([HEADS, *ROWS], merged=(1, 0, 34_000, 5))
    assert "合并" in refusal(content)


@either_book
def test_a_number_that_its_format_shows_with_leading_zeros_is_read_as_shown(book: Book):
    rows = [["日期", "商铺编号", "金额"], *[["2026-03-05", number, 13] for number in (13, 7, 1234)]]
    found = read(book(rows, formats={(r, 1): "000" for r in (1, 2, 3)}), FileKind.RECEIPTS)
    assert [(r.unit, r.amount_fen) for r in found.rows] == [("013", 1300), ("007", 1300), ("1234", 1300)]


@either_book
def test_a_long_table_is_the_same_rows(book: Book):
    rows = [["2026-03-05", f"{n:04}", n + 0.25, "微信", f"R-{n}", "", "", ""] for n in range(1, 1300)]
    found = read(book([RECEIPTS.split(","), *rows]), FileKind.RECEIPTS)
    assert [(r.number, r.unit, r.amount_fen) for r in found.rows] == [
        (n + 1, f"{n:04}", 100 * n + 25) for n in range(1, 1300)
    ]


def test_a_workbook_with_backslashes_in_the_names_of_its_parts_is_read():
    assert len(read(with_backslashes(new_book([HEADS, *ROWS]))).rows) == 2


@pytest.mark.parametrize(
    ("rows", "columns", "word"),
    [
        (2**32 - 1, 256, "损坏"),
        (2**32 - 1, 1, "损坏"),
        (70_000, 10, "损坏"),
        (3, 60_000, "损坏"),
        (65_536, 256, "列数超过"),
    ],
)
def test_a_former_workbook_that_claims_to_be_huge_is_refused_before_it_is_read(rows: int, columns: int, word: str):
    assert word in refusal(claiming(old_book([HEADS, *ROWS]), rows, columns))


@pytest.mark.slow
@either_book
def test_a_workbook_cut_off_or_with_bytes_turned_is_read_or_refused_in_words(book: Book):
    whole = book([HEADS, *ROWS])
    for at in range(9, len(whole), max(1, len(whole) // 12)):
        for broken in (whole[:at], whole[:at] + b"\xff\xff\xff\xff" + whole[at + 4 :]):
            table: Any = None
            try:
                table = read_table(broken)
            except Refused as refused:
                assert str(refused)  # noqa: PT017  # either is right, and nothing else
            assert table is None or isinstance(table, Table)
