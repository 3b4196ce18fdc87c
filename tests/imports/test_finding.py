"""Where on a sheet the table is: what is a row of it comes in, what is none is named, and what nobody can tell is asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import pytest

from hege.imports.cells import Cell, NoValue
from hege.imports.finding import find_table
from hege.imports.rules import Sheet, Table
from hege.imports.sheets import known_headings
from hege.kernel.refused import Refused

HEADS = ["日期", "铺号", "金额", "方式", "备注"]
DAY = dt.date(2026, 2, 4)
A, B, C = ([DAY, code, sum_, "微信", ""] for code, sum_ in (("18-6", 106.67), ("18-3", 106.69), ("18-8", 53.0)))


def found(*rows: Sequence[Any], **seen: Any) -> Table:
    return find_table(Sheet("收款", [list(row) for row in rows], **seen), known_headings)


def data(table: Table) -> list[int]:
    """The numbers of the rows that are rows of the table."""
    return [number for number, row in enumerate(table.rows, table.first_row) if row]


def out(table: Table, sort: str) -> list[int]:
    return [left.row for left in table.left_out if left.sort == sort]


def said(table: Table, row: int) -> str:
    return next(left.said for left in table.left_out if left.row == row)


def wrong(table: Table) -> list[tuple[int, str, str]]:
    return [(fault.row, fault.column, fault.value) for fault in table.faults]


# -- headings ----------------------------------------------------------------------------------------------------------


def test_a_plain_table_is_found_without_a_word():
    table = found(HEADS, A, B)
    assert (table.header, data(table), table.left_out, table.notices, table.faults) == (HEADS, [2, 3], [], [], [])


def test_titles_and_lines_of_a_form_above_the_headings_are_named_and_what_they_say_is_kept():
    table = found(["南街水费收款登记"], ["填表单位：示例社区居委会", "", "填表日期：2026年7月31日"], [], HEADS, A)
    assert (out(table, "title"), out(table, "blank"), data(table)) == ([1, 2], [3], [5])
    assert table.facts == {"填表单位": "示例社区居委会", "填表日期": "2026年7月31日"}
    assert table.notices == ["表头在第 4 行；它上面第 1–2 行是标题和说明，没有当作一笔。"]


@pytest.mark.parametrize(
    ("line", "facts"),
    [
        (["微信昵称：[示例二房东]"], {"微信昵称": "示例二房东"}),
        (["起始时间：[2026-02-01 00:00:00]    终止时间：[2026-07-31 23:59:59]"],
         {"起始时间": "2026-02-01 00:00:00", "终止时间": "2026-07-31 23:59:59"}),
        (["收入：41笔 18130.35元"], {"收入": "41笔 18130.35元"}),
        (["账\u3000\u3000号", "31001000000000000206", "账户名称", "示例二房东"], {"账号": "31001000000000000206", "账户名称": "示例二房东"}),
        (["户号310117020600缴费记录"], {"户号": "310117020600"}),
        (["户名：", "示例物业公司"], {"户名": "示例物业公司"}),
    ],
)  # fmt: skip
def test_what_a_line_above_the_headings_says_is_kept_by_its_name(line: list[str], facts: dict[str, str]):
    assert found(line, HEADS, A).facts == facts


def test_headings_are_looked_for_among_the_first_forty_rows():
    assert found(*[[f"说明{n}：x"] for n in range(39)], HEADS, A).first_row == 41


def test_a_column_without_a_heading_stays_where_it_is_and_is_no_fault():
    table = found(["", *HEADS[:2], "", *HEADS[2:], ""], ["", *A[:2], "补记", *A[2:], ""])
    assert (table.header, table.faults) == (["", "日期", "铺号", "", "金额", "方式", "备注"], [])


def test_a_column_right_of_the_last_heading_that_holds_something_is_no_less_a_column():
    assert found(HEADS, [*A, "", "不详"]).header == [*HEADS, None, None]


TWO_ROWS: tuple[list[Any], ...] = (
    ["总表表号", "账期", "水费", "", "", "应缴日期"],
    ["", "", "供水费", "污水处理费", "合计", ""],
    ["ZB-1", "2026年1月", 399, 210.6, 609.6, DAY],
)


@pytest.mark.parametrize("merged", [(), ([0, 2, 0, 4], [0, 0, 1, 0], [0, 1, 1, 1], [0, 5, 1, 5])])
def test_two_rows_of_headings_are_read_as_one(merged: Sequence[Sequence[int]]):
    table = found(
        ["账单明细"], *TWO_ROWS, merged=[[top + 1, left, bottom + 1, right] for top, left, bottom, right in merged]
    )
    assert table.header == ["总表表号", "账期", "供水费", "污水处理费", "合计", "应缴日期"]
    assert (out(table, "title"), out(table, "heading"), data(table), table.merged_rows) == ([1], [2], [4], [])
    assert "第 2、3 行合起来是表头。" in table.notices


def test_a_heading_that_means_little_alone_keeps_the_word_over_it():
    table = found(["水表编号", "上月", "", "本月", ""], ["", "日期", "读数", "日期", "读数"], ["ZB-1", DAY, 1, DAY, 2])
    assert table.header == ["水表编号", "上月/日期", "上月读数", "本月/日期", "本月读数"]


def test_a_first_row_of_words_is_no_second_row_of_headings():
    table = found(
        ["商铺编号", "经营者", "", "备注"],
        ["甲-乙", "面馆经营者", "租户", "见合同"],
        ["甲-丙", "药房经营者", "租户", ""],
    )
    assert (table.header, data(table)) == (["商铺编号", "经营者", "", "备注"], [2, 3])


def test_a_title_merged_over_the_table_is_no_heading_above_headings():
    table = found(["南街", "", "", "水费收款登记", ""], HEADS, A, merged=[[0, 0, 0, 2], [0, 3, 0, 4]])
    assert (table.header, out(table, "title")) == (HEADS, [1])


def test_a_heading_merged_over_two_columns_that_both_hold_something_is_refused():
    with pytest.raises(Refused, match="A1:B1"):
        found(["日期", "", "铺号", "金额"], [DAY, "上午", "18-6", 1], merged=[[0, 0, 0, 1]])
    assert found(["日期", "", "铺号", "金额"], [DAY, "", "18-6", 1], merged=[[0, 0, 0, 1]]).faults == []


@pytest.mark.parametrize(
    ("rows", "word"),
    [([], "空的"), ([["", " "]], "空的"), ([HEADS], "只有表头"), ([HEADS, ["合计", "", 0]], "只有表头"), ([HEADS, ["注：无"]], "只有表头")],
)  # fmt: skip
def test_a_sheet_without_a_row_is_refused_in_words(rows: list[list[Cell]], word: str):
    with pytest.raises(Refused, match=word):
        found(*rows)


# -- totals ------------------------------------------------------------------------------------------------------------


def test_sub_totals_add_their_block_up_and_the_total_every_row():
    table = found(
        HEADS,
        A,
        B,
        ["2月小计", "", 213.36, "", "2笔"],
        C,
        ["3月小计", "", 53.0, "", "1笔"],
        ["总计", "", 266.36, "", ""],
    )
    assert (data(table), out(table, "total"), table.faults) == ([2, 3, 5], [4, 6, 7], [])
    assert said(table, 4) == "第 2–3 行相加也是 213.36；行数 2 相符"
    assert said(table, 7) == "第 2–5 行相加也是 266.36"
    assert (
        table.notices[0] == "第 4 行是合计（2月小计 213.36 2笔），没有当作一笔：第 2–3 行相加也是 213.36；行数 2 相符。"
    )


def test_a_running_total_adds_up_all_that_stands_above_it():
    table = found(
        HEADS, A, ["本月合计", "", 106.67], ["累计", "", 106.67], B, ["本月合计", "", 106.69], ["累计", "", 213.36]
    )
    assert (data(table), table.faults) == ([2, 5], [])


def test_a_sum_of_sums_goes_back_over_several_blocks_and_a_sub_total_only_over_its_own():
    quarters: list[Any] = [
        HEADS,
        A,
        ["1月小计", "", 106.67],
        ["一季度小计", "", 106.67],
        B,
        ["4月小计", "", 106.69],
        C,
        ["5月小计", "", 53.0],
    ]
    assert found(*quarters, ["二季度小计", "", 159.69], ["总计", "", 266.36]).faults == []
    assert wrong(found(*quarters[:-1], ["5月小计", "", 159.69])) == [(8, "金额", "159.69")]


def test_a_total_above_the_rows_adds_up_what_is_below_it():
    table = found(HEADS, ["合计", "", 213.36, "", ""], A, B)
    assert (data(table), said(table, 2)) == ([3, 4], "第 3–4 行相加也是 213.36")


@pytest.mark.parametrize(
    "word",
    ["合计", "合 计", "总计：", "小计（元）", "本页合计", "2026年1月合计", "一季度小计", "共计", "合计8笔", "水费合计"],
)
@pytest.mark.parametrize("place", [0, 1, 3])
def test_the_word_of_a_total_is_known_in_its_dresses_wherever_it_stands(word: str, place: int):
    row: list[Cell] = ["", "", 213.36, "", ""]
    row[place] = word
    table = found(HEADS, A, B, row)
    assert (data(table), table.faults) == ([2, 3], [])


@pytest.mark.parametrize("sum_", [213.35, 213.37, 320.5, 106.69])
def test_a_total_that_does_not_add_up_is_a_fault_that_names_both_sums(sum_: float):
    table = found(HEADS, A, B, ["合计", "", sum_, "", ""])
    assert wrong(table) == [(4, "金额", str(sum_))]
    assert "写着合计，第 2–3 行相加却是 213.36" in table.faults[0].reason
    assert data(table) == [2, 3]


def test_a_total_of_texts_is_added_up_like_one_of_numbers():
    rows = [
        ["2026-02-04", "18-6", " 1,106.67 ", "", ""],
        ["2026-02-05", "18-3", "106.69元", "", ""],
        ["合计", "", "¥1,213.36", "", ""],
    ]
    assert found(HEADS, *rows).faults == []
    assert wrong(found(HEADS, *rows[:2], ["合计", "", "1,213.35", "", ""])) == [(4, "金额", "1,213.35")]


def test_a_sum_in_words_is_checked_too():
    assert found(HEADS, A, B, ["合计：213.36元", "", "", "", ""]).faults == []
    assert wrong(found(HEADS, A, B, ["合计：213.63元", "", "", "", ""])) == [(4, "日期", "合计：213.63元")]


def test_what_a_workbook_adds_up_with_noise_behind_the_millionth_is_the_same_sum():
    assert found(HEADS, A, B, ["合计", "", 213.36000000000001]).faults == []


def test_a_count_that_is_not_that_of_the_rows_is_said():
    assert (
        said(found(HEADS, A, B, ["合计", "", 213.36, "", "3户"]), 4) == "第 2–3 行相加也是 213.36；写着 3，表里是 2 行"
    )


def test_the_last_reading_and_the_price_in_a_row_of_sums_are_no_sums_and_said():
    heads = ["月份", "水表号", "本月读数", "用量", "单价"]
    table = found(heads, ["1月", "ZB-1", 110, 10, 3.99], ["2月", "ZB-1", 125, 15, 3.99], ["合计", "", 125, 25, 3.99])
    assert table.faults == []
    assert (
        said(table, 4) == "第 2–3 行相加也是 25；“本月读数”的数不是各行的和，没有核对；“单价”的数不是各行的和，没有核对"
    )


def test_one_sum_that_is_right_does_not_excuse_another_that_is_wrong():
    table = found(["铺号", "水费", "污水费"], ["18-6", 10, 5], ["18-3", 20, 6], ["合计", 30, 12])
    assert wrong(table) == [(4, "污水费", "12")]


def test_a_total_whose_sum_nobody_computed_is_left_out_and_said():
    assert said(found(HEADS, A, B, ["合计", "", NoValue("（公式）", "x")]), 4) == "有公式没有存下结果，没有核对"


def test_a_row_of_the_word_alone_is_left_out_and_said():
    assert said(found(HEADS, A, B, ["合计"]), 4) == "行里没有可核对的数"


def test_a_payment_of_an_unknown_shop_that_equals_its_block_is_a_payment():
    assert data(found(HEADS, A, [DAY, "", 106.67, "微信", "合计106.67元"])) == [2, 3]


@pytest.mark.parametrize("remark", ["合计两个月", "1、2月合计", "合计", "小计106.69元"])
def test_a_payment_whose_remark_speaks_of_a_total_is_a_payment(remark: str):
    table = found(HEADS, A, [DAY, "18-6", 106.67, "微信", remark], B)
    assert (data(table), table.faults) == ([2, 3, 4], [])


def test_payments_are_payments_though_the_remark_of_each_speaks_of_a_total():
    heads = ["备注", *HEADS[:4]]
    table = found(
        heads, ["1月合计", *A[:4]], ["1月小计", "", "", 106.67], ["2月合计", *B[:4]], ["总计", "", "", 213.36]
    )
    assert (data(table), out(table, "total"), table.faults) == ([2, 4], [3, 5], [])


def test_a_row_that_says_total_and_is_filled_like_a_payment_is_asked_about():
    heads = ["备注", *HEADS[:4]]
    table = found(heads, ["", *A[:4]], ["合计", *A[:4]], ["", *B[:4]])
    assert wrong(table) == [(3, "备注", "合计")]


@pytest.mark.parametrize("word", ["会计事务所", "统计表", "不计收支", "计数"])
def test_other_words_are_no_total(word: str):
    assert data(found(HEADS, A, [word, "", 106.67], B)) == [2, 3, 4]


def test_numbers_of_rows_are_not_added_up():
    heads = ["序号", "店招", "面积（㎡）"]
    assert found(heads, [1, "甲店", 20.5], [2, "乙店", 30], [3, "合计", 50.5]).faults == []


# -- tails -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "tail",
    [["制表人：网格员", "", "", "", "审核：张三"], ["注：各铺无分表"], ["以上不含违约金"], ["共2条"], ["", "", "审核人签字"], ["2月完"],
     ["------------------------"]],
)  # fmt: skip
def test_a_signature_or_a_note_below_the_rows_is_left_out_and_named(tail: list[Cell]):
    table = found(HEADS, A, B, tail)
    assert (data(table), out(table, "tail")) == ([2, 3], [4])
    assert table.notices[-1].startswith("第 4 行是表尾（")


def test_the_counts_below_an_old_export_of_a_wallet_are_no_rows():
    heads = ["交易号", "商家订单号", "交易创建时间", "交易对方", "金额（元）", "收/支"]
    rows = [[f"20260221{n}", f"17273303{n}", "2026-02-01 10:00:00", "甲", "53.00", "收入"] for n in range(3)]
    tail = [
        ["-----------"],
        ["共3笔记录"],
        ["已收入:3笔", "159.00元"],
        ["待支出:0笔", "0.00元"],
        ["导出时间:[2026-08-03]    用户:某人"],
    ]
    table = found(heads, *rows, *tail)
    assert (data(table), out(table, "tail"), table.facts["共"]) == ([2, 3, 4], [5, 6, 7, 8, 9], "3")


@pytest.mark.parametrize("name", ["打印店", "会计师事务所", "联系方式小铺", "导出咖啡", "收款机维修"])
def test_a_shop_whose_name_begins_like_a_note_is_a_shop(name: str):
    heads = ["店招", "铺号", "面积", "租户"]
    assert data(found(heads, ["甲店", "18-1", 20, "甲"], ["乙店", "18-2", 30, "乙"], [name, "18-3"])) == [2, 3, 4]


def test_what_follows_a_note_belongs_to_it():
    assert out(
        found(HEADS, A, B, ["合计", "", 213.36], [], ["注："], ["1、本表一式两份"], ["2、以收据为准"]), "tail"
    ) == [6, 7, 8]


@pytest.mark.parametrize(
    "row", [["", "18-9", "", "", ""], [DAY, "", "", "", ""], ["", "", 50, "", ""], ["注：补", "18-9", 50, "", ""]]
)
def test_a_last_row_that_is_only_half_filled_stays_a_row(row: list[Cell]):
    assert data(found(HEADS, A, B, row)) == [2, 3, 4]


def test_a_number_of_records_that_is_not_that_of_the_rows_is_told():
    told = "文件里写着共 3 笔，表里有 2 行；请看是不是删过行，或没有导全。"
    assert told in found(["共3笔记录"], HEADS, A, B).notices
    assert told not in found(["共2笔记录"], HEADS, A, B).notices


# -- what is no one table ----------------------------------------------------------------------------------------------


def test_headings_that_stand_twice_are_a_fault_that_names_both_rows():
    table = found(["三月"], HEADS, A, HEADS, B)
    assert [(f.row, f.reason) for f in table.faults] == [
        (4, "第 4 行又是第 2 行的表头；同一个表请只留一行表头，两个表请分开导入。")
    ]


METERS: list[list[Any]] = [["表号", "类别", "口径", "启用日期"], ["ZB-1", "总表", "DN50", DAY]]


def test_two_tables_below_each_other_are_a_fault_that_names_both_headings():
    for rows in ([HEADS, A, B, [], ["水表"], *METERS], [*METERS, [], HEADS, A, B]):
        (fault,) = found(*rows).faults
        assert "各有一个表头" in fault.reason
        assert f"第 1 行和第 {rows.index(HEADS) + 1 if rows[0] is not HEADS else 6} 行" in fault.reason


def test_two_tables_beside_each_other_are_a_fault():
    (fault,) = found([*HEADS, "", *HEADS], [*A, "", *B]).faults
    assert "左右各有一个表" in fault.reason


def test_rows_that_were_sorted_above_their_headings_are_a_fault():
    (fault,) = found(A, B, HEADS, C).faults
    assert (fault.row, "却像一笔" in fault.reason) == (1, True)


def test_more_than_forty_headings_are_a_fault():
    many = [*HEADS, *[f"另{n}" for n in range(36)]]
    assert "表头有 41 列" in found(many, A).faults[0].reason
    assert found(many[:40], A).faults == []


# -- formulas, merged and hidden cells ---------------------------------------------------------------------------------


def test_formulas_are_named_where_they_stand_in_rows_and_not_in_totals():
    table = found(HEADS, A, B, ["合计", "", 213.36], formulas=[(1, 2), (2, 2), (3, 2)])
    assert table.notices[-1] == "C2、C3是公式，读的是存下的结果。"


def test_merged_cells_are_named_in_rows_and_not_in_titles_totals_and_tails():
    table = found(
        ["登记表"], HEADS, A, B, ["合计", "", 213.36], ["制表人：甲"],
        merged=[[0, 0, 0, 4], [2, 4, 3, 4], [2, 3, 3, 3], [4, 0, 4, 1], [5, 0, 5, 4]],
    )  # fmt: skip
    assert table.merged_rows == [(3, "D3:D4")]
