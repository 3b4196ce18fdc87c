"""Ten papers as offices have them: the table is where it is, and every other row of them is named."""

from __future__ import annotations

from typing import Any

import pytest

from hege.imports.sheets import read_table
from tests.imports.office import expected, paper

FILES = expected()["files"]
SORTS = {"title": ("title", "form", "preamble"), "blank": ("blank",), "total": ("total",), "tail": ("tail",)}
FACTS = {
    "1南街商铺花名册.xlsx": {"填表单位": "示例社区居委会", "制表人": "网格员"},
    "3水司账单明细.xlsx": {"户号": "310117020600", "户名": "示例物业公司"},
    "5微信支付账单明细.xlsx": {"微信昵称": "示例二房东", "共": "58", "收入": "41笔 18130.35元"},
    "6支付宝交易明细.csv": {"姓名": "示例二房东", "支付宝账户": "138******00", "共": "29"},
    "7建行账户明细.xls": {"账号": "31001000000000000206", "账户名称": "示例二房东"},
    "8水司缴费记录.csv": {"户号": "310117020600"},
    "9水司对账单.xlsx": {"出具单位": "示例自来水公司（盖章）"},
}


@pytest.mark.parametrize("file", FILES, ids=[file["file"] for file in FILES])
def test_every_row_of_an_office_paper_is_what_it_is(file: dict[str, Any]):
    table = read_table(paper(file["file"]))
    rows = file["rows"]
    assert [table.first_row - 1] == rows["heading"]
    for sort, names in SORTS.items():
        there = [left.row for left in table.left_out if left.sort == sort]
        assert (sort, there) == (sort, sorted(row for name in names for row in rows.get(name, ())))
    data = [number for number, row in enumerate(table.rows, table.first_row) if row]
    assert data == sorted([*rows["data"], *rows.get("aside", ())])
    assert (table.faults, table.merged_rows) == ([], [])


@pytest.mark.parametrize("file", FILES, ids=[file["file"] for file in FILES])
def test_every_total_of_an_office_paper_is_proved_by_its_rows(file: dict[str, Any]):
    table = read_table(paper(file["file"]))
    proved = {left.row: left.said for left in table.left_out if left.sort == "total"}
    assert proved.keys() == {total["row"] for total in file.get("totals") or ()}
    for total in file.get("totals") or ():
        last = max(row for row in file["rows"]["data"] if row <= total["to_row"])
        assert proved[total["row"]].startswith(f"第 {total['from_row']}–{last} 行相加也是 ")


@pytest.mark.parametrize("name", FACTS)
def test_what_an_office_paper_says_beside_its_table_is_kept(name: str):
    assert FACTS[name].items() <= read_table(paper(name)).facts.items()
