"""What comes in: what is a table comes in the same from every format, what is none is refused in words."""

from __future__ import annotations

import datetime as dt
import io
import json
import zipfile
from typing import Any

import openpyxl
import pytest
import xlwt

from hege.imports import workbook
from hege.imports.kinds import check_mapping, guess_kind, propose, read_as
from hege.imports.layouts import TEMPLATES, FileKind
from hege.imports.rules import Read, Table
from hege.imports.sheets import MOST_BYTES, check_size, read_table
from hege.kernel.refused import Refused
from tests.imports.files import HEADERS, READINGS, RECEIPTS, computed, csv_of, receipt, saved, xls_of, xlsx_of

ROWS = [["001", "2026-03-05", "12.5", "现场", "甲", "🍜"], ["002", "2026/3/6", "13", "远传", "乙", "=1+1"]]


def read(content: bytes, kind: FileKind = FileKind.READINGS) -> Read:
    return read_as(kind, read_table(content))


def headed(heads: str | list[str]) -> Table:
    """A table that is only headings."""
    return Table([*(heads.split(",") if isinstance(heads, str) else heads)], [])


def refused_headings(kind: FileKind, heads: str | list[str]) -> str:
    table = headed(heads)
    with pytest.raises(Refused) as caught:
        check_mapping(table, propose(table, kind))
    return str(caught.value)


def refusal(content: bytes) -> str:
    with pytest.raises(Refused) as caught:
        read_table(content)
    return str(caught.value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_csv_is_read_in_the_encodings_of_offices(encoding: str):
    assert [r[1:] for r in read(csv_of(READINGS, ROWS, encoding)).rows] == [
        ("001", dt.date(2026, 3, 5), 12500, "on_site", "甲", "🍜"),
        ("002", dt.date(2026, 3, 6), 13000, "remote", "乙", "=1+1"),
    ]


def test_the_mark_in_front_of_a_gb18030_text_is_no_part_of_its_first_heading():
    marked = "\ufeff".encode("gb18030") + csv_of(READINGS, ROWS, "gb18030")
    assert len(read(marked).rows) == 2


def test_a_workbook_a_former_workbook_and_a_text_say_the_same():
    plain = [["001", "2026-03-05", 12.5, "现场", "甲", ""], ["002", dt.date(2026, 3, 6), 13, "远传", "乙", "x"]]
    asked = [read(make(READINGS, plain)).rows for make in (csv_of, xlsx_of, xls_of)]
    assert asked[0] == asked[1] == asked[2]


def test_a_date_that_lost_its_format_is_still_a_date_in_a_workbook():
    content = xlsx_of(READINGS, [["001", 46086, 12, "", "", ""]])
    assert read(content).rows[0].read_on == dt.date(2026, 3, 5)


def test_rows_are_numbered_as_the_sheet_numbers_them():
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for place, head in enumerate(READINGS.split(","), 1):
        sheet.cell(3, place, head)
    for place, cell in enumerate(ROWS[0], 1):
        sheet.cell(7, place, cell)
    assert [r.number for r in read(saved(book)).rows] == [7]


def test_the_notes_sheet_and_hidden_sheets_are_passed_over_and_others_named():
    book = openpyxl.load_workbook(io.BytesIO(xlsx_of(READINGS, [ROWS[0]])))
    book.create_sheet("说明", 0)["A1"] = "怎么填"
    book.create_sheet("去年")["A1"] = "x"
    table = read_table(saved(book))
    assert len(table.rows) == 1
    assert any("去年" in notice for notice in table.notices)


def months(*sheets: tuple[str, list[list[Any]]]) -> bytes:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.remove(book.active)
    for name, rows in sheets:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    return saved(book)


HEADS = READINGS.split(",")
COVER: list[list[Any]] = [["本册说明", "用法"], ["一", "见后页"]]


def test_the_first_sheet_with_known_headings_is_read_and_the_others_are_named():
    content = months(("封面", COVER), ("空白", []), ("1月", [HEADS, ROWS[0]]), ("2月", [HEADS, *ROWS]))
    table = read_table(content)
    assert (table.sheet, len(table.rows)) == ("1月", 1)
    assert table.notices == ["导入的是第一张对得上的工作表“1月”；未导入：封面、2月。"]


def test_the_sheet_a_person_chose_is_read_and_the_others_are_named():
    content = months(("1月", [HEADS, ROWS[0]]), ("2月", [HEADS, *ROWS]))
    table = read_table(content, "2月")
    assert (table.sheet, len(table.rows), table.notices) == ("2月", 2, ["导入的是选定的工作表“2月”；未导入：1月。"])
    with pytest.raises(Refused, match="没有工作表“3月”；有：1月、2月"):
        read_table(content, "3月")


def test_where_no_headings_are_known_the_first_sheet_with_a_table_is_read():
    assert read_table(months(("空白", []), ("甲", COVER), ("乙", COVER))).sheet == "甲"


def test_a_sheet_that_is_too_large_is_named_beside_one_that_is_read_and_refused_where_it_comes_first():
    huge = [[*HEADS, *[f"h{n}" for n in range(230)]], ROWS[0]]
    assert "未导入：大" in read_table(months(("1月", [HEADS, ROWS[0]]), ("大", huge))).notices[0]
    assert "列数超过 200 列" in refusal(months(("大", huge), ("1月", [HEADS, ROWS[0]])))


def test_the_cells_of_all_sheets_are_bounded_together(monkeypatch: pytest.MonkeyPatch):
    content = months(*[(f"{n}月", [HEADS, *ROWS]) for n in (1, 2)])
    monkeypatch.setattr(workbook, "MOST_CELLS", 20)
    said = [line for line in map(json.loads, workbook.read(content)) if isinstance(line, dict)]
    assert [one.get("refused") for one in said] == [None, workbook.TOGETHER]


@pytest.mark.parametrize("comma", [";", "\t", "|"])
def test_a_first_line_that_names_the_sign_between_cells_is_obeyed(comma: str):
    text = f"sep={comma}\r\n" + "\r\n".join(comma.join(row) for row in [HEADS, *ROWS])
    table = read_table(text.encode())
    assert (len(read_as(FileKind.READINGS, table).rows), table.left_out[0].sort) == (2, "title")


@pytest.mark.parametrize("comma", [";", "\t"])
def test_the_sign_between_cells_is_seen_below_a_title_too(comma: str):
    text = "三月抄表\n" + "\n".join(comma.join(row) for row in [HEADS, *ROWS])
    assert len(read(text.encode()).rows) == 2


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "空的"), (b"%PDF-1.7 ...", "PDF"), (b"\x89PNG\r\n", "PNG"), (b"PK\x03\x04broken", "损坏"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "损坏"), ("表号,行度".encode("utf-16"), "UTF-16"),
        (b"a,b\n1,\x00", "NUL"), (b"<html><table></table></html>", "网页"), (b"\xff\xff\xff\x81", "编码"),
        ("表号\n".encode(), "只有表头"), (b" \n , \n", "空的"), ('表号,行度\n"1,2'.encode(), "引号"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_refused_in_words(content: bytes, word: str):
    assert word in refusal(content)


def test_a_formula_nobody_computed_is_named_with_its_cell_and_not_read_as_empty():
    found = read(
        xlsx_of(READINGS, [["001", "2026-03-05", 12, "", "", "=1+2"], ["001", "2026-03-06", "=1+2", "", "", ""]])
    )
    assert [(f.row, f.column) for f in found.faults] == [(2, "备注"), (3, "行度")]
    assert all("是公式，文件里没有存它的结果" in f.reason for f in found.faults)


def test_a_formula_nobody_computed_in_a_former_workbook_is_named_with_its_cell():
    book = xlwt.Workbook()
    sheet = book.add_sheet("表")
    for place, head in enumerate(READINGS.split(",")):
        sheet.write(0, place, head)
    sheet.write(1, 0, "001")
    sheet.write(1, 2, xlwt.Formula("1+2"))
    out = io.BytesIO()
    book.save(out)
    assert [(f.row, f.column) for f in read(out.getvalue()).faults] == [(2, "抄表日期"), (2, "行度")]


def test_the_stored_result_of_a_formula_is_read_and_its_cell_named():
    table = read_table(computed(READINGS, [["001", "2026-03-05", 12.5, "", "", ""]], "C2"))
    assert read_as(FileKind.READINGS, table).rows[0][3] == 12500
    assert table.notices == ["C2是公式，读的是存下的结果。"]


def test_an_error_value_is_named_with_its_cell_and_not_read_as_empty():
    book = openpyxl.load_workbook(io.BytesIO(xlsx_of(READINGS, [ROWS[0]])))
    assert book.active is not None
    book.active["F2"] = "#N/A"
    book.active["F2"].data_type = "e"
    assert [(f.row, f.column, f.value) for f in read(saved(book)).faults] == [(2, "备注", "#N/A")]


def test_an_error_value_of_a_former_workbook_is_named_with_its_cell():
    book = xlwt.Workbook()
    sheet = book.add_sheet("表")
    for place, head in enumerate(READINGS.split(",")):
        sheet.write(0, place, head)
    for place, cell in enumerate(["001", "2026-03-05"]):
        sheet.write(1, place, cell)
    sheet.write(1, 5, True)
    sheet.row(1).set_cell_error(2, 0x2A)
    sheet.row(1).set_cell_error(4, 0x17)
    out = io.BytesIO()
    book.save(out)
    assert [(f.column, f.value) for f in read(out.getvalue()).faults] == [("行度", "#N/A"), ("抄表人", "#REF!")]


def test_merged_headings_are_refused_and_merged_rows_named():
    for cells, way in (("A1:B1", "head"), ("A2:A3", "row")):
        book = openpyxl.load_workbook(io.BytesIO(xlsx_of(READINGS, [ROWS[0], ROWS[0]])))
        assert book.active is not None
        book.active.merge_cells(cells)
        content = saved(book)
        if way == "head":
            assert "A1:B1" in refusal(content)
        else:
            assert (2, "A2:A3") in [(f.row, f.value) for f in read(content).faults]


def bomb(size: int, **parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * size)
        for name, data in parts.items():
            archive.writestr(f"xl/{name}.xml", data)
    return out.getvalue()


def test_a_zip_bomb_is_refused_before_it_is_unpacked_whole():
    assert "炸弹" in refusal(bomb(150 * 1024 * 1024))


def test_a_workbook_that_lies_about_its_size_is_refused():
    honest = xlsx_of(READINGS, ROWS)
    at = honest.rfind(b"PK\x01\x02")
    lying = bytearray(honest)
    lying[at + 24 : at + 28] = (7).to_bytes(4, "little")
    assert "损坏" in refusal(bytes(lying))


def test_a_cell_at_the_far_corner_is_refused_before_a_grid_is_laid_out():
    book = openpyxl.load_workbook(io.BytesIO(xlsx_of(READINGS, ROWS)))
    assert book.active is not None
    book.active["XFD1048576"] = 1
    assert "行数超过" in refusal(saved(book))


def test_an_entity_bomb_is_refused():
    honest = io.BytesIO(xlsx_of(READINGS, ROWS))
    out = io.BytesIO()
    with zipfile.ZipFile(honest) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name.endswith("sheet1.xml"):
                data = b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + data
            new.writestr(name, data)
    assert "实体" in refusal(out.getvalue())


def test_a_file_of_200_megabytes_is_refused_by_its_size_alone():
    with pytest.raises(Refused, match="200 MB"):
        check_size(200 * 1024 * 1024)
    check_size(MOST_BYTES)


def test_headings_are_found_in_any_order_and_dress_and_extra_ones_named():
    heads = ["备注2", " 金 额（元）", "商铺编号*", "Date", "凭证号", "VOUCHER number", "证据"]
    found = propose(headed(heads), FileKind.RECEIPTS)
    assert {place: pick.field for place, pick in found.picks.items()} == {
        3: "on", 2: "unit", 1: "amount_fen", 4: "voucher", 6: "confirmed",
    }  # fmt: skip
    assert found.unused(heads) == ["备注2", "VOUCHER number"]


KINDS_TAKEN_FOR_OTHERS = [
    (FileKind.DIRECT_PAYMENTS, FileKind.REMITTANCES, "商铺编号"), (FileKind.DIRECT_PAYMENTS, FileKind.RECEIPTS, "总表表号、缴款人"),
    (FileKind.ASSERTIONS, FileKind.REMITTANCES, "科目、商铺编号"), (FileKind.ASSERTIONS, FileKind.RECEIPTS, "总表表号、科目"),
    (FileKind.ASSERTIONS, FileKind.DIRECT_PAYMENTS, "科目"), (FileKind.RECEIPTS, FileKind.ACKNOWLEDGEMENTS, "方式、收款人、证据"),
]  # fmt: skip


@pytest.mark.parametrize(("true", "taken_for", "strange"), KINDS_TAKEN_FOR_OTHERS)
def test_a_file_of_a_sibling_kind_is_not_taken_for_this_one(true: FileKind, taken_for: FileKind, strange: str):
    said = refused_headings(taken_for, HEADERS[true])
    assert f"这像是“{true.label}”文件：“{taken_for.label}”里没有{strange}" in said


@pytest.mark.parametrize("kind", TEMPLATES)
def test_the_headings_of_a_kind_are_known_as_its_own(kind: FileKind):
    assert guess_kind(headed(HEADERS[kind])) is kind
    table = headed(f"{HEADERS[kind]},总表表号 2,多余")
    check_mapping(table, found := propose(table, kind))
    assert found.unused(table.header) == ["总表表号 2", "多余"]


def test_an_extra_column_that_a_sibling_has_too_is_only_left_out():
    table = headed(f"{RECEIPTS},总表表号")
    check_mapping(table, found := propose(table, FileKind.RECEIPTS))
    assert found.unused(table.header) == ["总表表号"]


@pytest.mark.parametrize(("heads", "word"), [("日期,商铺编号,金额", "分不清"), ("甲,乙", "和哪一种都不符")])
def test_headings_that_fit_several_kinds_or_none_are_asked_about(heads: str, word: str):
    with pytest.raises(Refused, match=word):
        guess_kind(headed(heads))


def test_a_missing_heading_is_named():
    assert "商铺编号、金额" in refused_headings(FileKind.RECEIPTS, "日期,备注")


def test_a_heading_that_stands_twice_is_refused():
    assert "重复：金额" in refused_headings(FileKind.RECEIPTS, "日期,商铺编号,金额,金额")


def test_every_bad_cell_of_every_row_is_named_not_the_first():
    rows = [receipt(on="2026-02-30", amount="x", proof="大概"), receipt(), receipt(code="", amount="1.234")]
    faults = read(csv_of(RECEIPTS, rows), FileKind.RECEIPTS).faults
    assert [(f.row, f.column, f.value) for f in faults] == [
        (2, "日期", "2026-02-30"), (2, "金额", "x"), (2, "证据", "大概"), (4, "商铺编号", ""), (4, "金额", "1.234"),
    ]  # fmt: skip
    assert all(f.reason for f in faults)


def test_a_long_file_tells_how_far_it_is():
    seen: list[tuple[int, int]] = []
    content = csv_of(RECEIPTS, [receipt(f"R-{n}") for n in range(5000)])
    read_as(FileKind.RECEIPTS, read_table(content), lambda done, total: seen.append((done, total)))
    assert [total for _done, total in seen] == [5000] * len(seen)
    assert len(seen) >= 2


BANKS = {
    "工商银行": (
        """明细查询文件下载\t
卡号: 6222****0001\t,卡别名: 工资卡\t,子账户序号: 00000\t
交易日期,摘要,交易场所,钞/汇,记账金额(收入),记账金额(支出),记账币种,余额,对方户名
2026-04-14     \t,网转   \t,手机银行  \t,钞 \t,"1,120.00 \t",  \t,人民币 \t,"1,620.00 \t",某人 \t
2026-04-15     \t,消费   \t,POS  \t,钞 \t,\t,20.50  \t,人民币 \t,"1,599.50 \t",某店 \t
人民币合计,,,,"1,120.00",20.50,,,
""",
        (3, [4, 5], {6: "total"}, {"卡号": "6222****0001"}),
    ),
    "支付宝商家": (
        """#支付宝账务明细查询
#账号：[20880000]
#--------账务明细列表--------
账务流水号,商品名称,发生时间,对方账号,收入金额（+元）,支出金额（-元）,账户余额（元）,业务类型
1001\t,水费,2026-02-01 10:00:00,某人(138***),53.00,,88.00,收款
1002\t,水费,2026-02-01 10:00:00,某人(138***),,-12.00,76.00,转账
#--------账务明细列表结束--------
#支出合计：1笔，共-12.00元
#收入合计：1笔，共53.00元
#导出时间：[2026年08月02日 10:00:00]
""",
        (4, [5, 6], {7: "tail", 8: "total", 9: "total", 10: "tail"}, {"账号": "20880000"}),
    ),
    "中国银行": (
        """中国银行企业网银
户名[ Account Name ],某公司
查询时间段[ Inquirer period ],20260701-20260731

交易类型[ Transaction Type ],付款人名称[ Payer's Name ],交易日期[ Transaction Date ],交易金额[ Trade Amount ],交易流水号[ Transaction reference number ]
往账,本人,20260705,-50.00,88
来账,某人,20260703,267.10,89
""",
        (5, [6, 7], {}, {"户名": "某公司"}),
    ),
}


@pytest.mark.parametrize("name", BANKS)
def test_a_statement_is_found_below_and_above_the_lines_of_its_bank(name: str):
    text, (heads, data, left_out, facts) = BANKS[name]
    table = read_table(text.encode("gb18030"))
    assert (table.first_row - 1, table.faults) == (heads, [])
    assert [number for number, row in enumerate(table.rows, table.first_row) if row] == data
    assert {left.row: left.sort for left in table.left_out if left.row > heads} == left_out
    assert facts.items() <= table.facts.items()
