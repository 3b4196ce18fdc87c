"""Which column of a file is which: proposed, said, asked about, refused all at once."""

from __future__ import annotations

import datetime as dt

import pytest

from hege.billing.chart import AccountKind
from hege.imports import kinds
from hege.imports.cells import BadCell, Cell, flow_of, heading_key, litres_of, period_of
from hege.imports.columns import HOWS, PARTS, as_json, as_said, propose, ways
from hege.imports.kind import Answers
from hege.imports.layouts import STATEMENTS, FileKind
from hege.imports.rules import Read, Table
from hege.imports.sheets import read_table
from hege.imports.synonyms import SOURCES, SYNONYMS
from hege.kernel.refused import Refused
from tests.imports.office import expected, paper

K = FileKind
ROSTER = "序号,店招,门牌号,租户,手机,业态,面积（㎡）,租期起,租期止,所属总表,备注"
TENANT: list[Cell] = [
    1,
    "样例面馆",
    "18-2",
    "某人",
    "13800000002",
    "餐饮",
    45.1,
    "2024-03-01",
    "2026-04-15",
    "ZB-0206",
    "",
]


def table(heads: str, *rows: list[Cell], **more: object) -> Table:
    return Table([*heads.split(",")], [*map(list, rows)], **more)  # type: ignore[arg-type]


def read(kind: FileKind, heads: str, *rows: list[Cell], **said: dict[str, str]) -> Read:
    found = table(heads, *rows)
    return kinds.read_as(kind, found, mapping=kinds.propose(found, kind, answers=Answers(**said)))  # type: ignore[arg-type]


def refused(kind: FileKind, heads: str, **said: dict[str, str]) -> str:
    with pytest.raises(Refused) as caught:
        read(kind, heads, **said)
    return str(caught.value)


def test_a_roster_in_the_words_of_an_office_is_read():
    found = table(ROSTER, TENANT)
    mapping = kinds.propose(found)
    assert mapping.kind is K.UNITS
    assert mapping.unused(found.header) == ["序号", "备注"]
    assert (mapping.why[0], mapping.why[10]) == ("serial", "none")
    (row,) = kinds.read_as(K.UNITS, found).rows
    assert (row.code, row.name, row.operator, row.master) == ("18-2", "样例面馆", "某人", "ZB-0206")


@pytest.mark.parametrize(
    ("heads", "kind"),
    [
        ("铺位号,店名,承租人,联系方式,租赁面积,合同开始日期,合同到期日,总表编号", K.UNITS), ("水表号,安装位置,水表类型,口径,安装日期,表底数,户名,户号", K.METERS),
        ("用户编号,账单号,账务年月,上期抄码,本期抄码,计费水量,水费金额,污水费,应收金额,缴费截止日期", K.BILLS), ("收费日期,房号,租户,实收金额,收款方式,收据编号,备注", K.RECEIPTS),
        ("抄表日期,水表编号,上次读数,本次读数,用量", K.READINGS), ("用户号,截止日期,欠费金额", K.ASSERTIONS), ("日期,水表编号,铺号,金额,缴费人", K.DIRECT_PAYMENTS),
        ("交易日期,摘要,借方金额,贷方金额,余额,对方户名,对方账号", K.BANK), ("交易日期,收入,支出,账户余额,对方名称,摘要", K.BANK),
        ("交款日期,水表编号,金额,付款方式,流水号", K.REMITTANCES),
    ],
)  # fmt: skip
def test_a_paper_is_known_by_the_words_of_its_headings(heads: str, kind: FileKind):
    assert kinds.guess_kind(table(heads)) is kind


def test_whose_list_of_payments_it_is_is_asked_where_only_a_customer_account_tells():
    heads = "交费日期,用户编号,缴费渠道,实缴金额,缴费人,交易流水号"
    with pytest.raises(Refused, match="分不清是“代收人交给水司”、“水司缴费记录”"):
        kinds.guess_kind(table(heads))
    assert kinds.guess_kind(table(heads), "水司缴费记录.xlsx") is K.UTILITY_PAYMENTS


def test_the_last_day_in_is_asked_about_and_read_as_the_day_before_the_first_out():
    found = kinds.propose(table(ROSTER, TENANT))
    (question,) = found.questions
    assert question.text == "“租期止”那天，店还在不在？"
    assert "第 2 行写 2026-04-15" in question.detail
    assert question.chosen == "退租日期/last-day-in"
    by_default = read(K.UNITS, ROSTER, TENANT)
    assert by_default.rows[0].until_on == dt.date(2026, 4, 16)
    assert any("那天还在，次日起不算" in notice for notice in by_default.notices)
    said = read(K.UNITS, ROSTER, TENANT, columns={"租期止": "退租日期"})
    assert said.rows[0].until_on == dt.date(2026, 4, 15)


@pytest.mark.parametrize("word", ["长期", "至今", "/", "", None])
def test_a_shop_that_is_still_in_has_no_day_out(word: Cell):
    row = [*TENANT[:8], word, *TENANT[9:]]
    assert [r.until_on for r in read(K.UNITS, ROSTER, row, TENANT).rows] == [None, dt.date(2026, 4, 16)]
    assert "第 3 行写 2026-04-15" in kinds.propose(table(ROSTER, row, TENANT)).questions[0].detail


def test_what_a_bank_writes_in_several_columns_is_one_remark_and_a_time_of_day_is_no_day():
    heads = "交易日期,交易时间,收入,支出,余额,对方户名,附言,用途"
    found = table(heads, ["2026-02-04", "12:00:01", "", "53", "100", "某人", "水费", "2月"])
    assert kinds.propose(found).questions == []
    (row,) = kinds.read_as(K.BANK, found).rows
    assert (row.on, row.remark) == (dt.date(2026, 2, 4), "水费 2月")


def test_a_month_in_one_cell_is_a_period():
    heads = "账单编号,水表编号,账期,水量(吨),水费,污水费,合计,缴费期限"
    (row,) = read(K.BILLS, heads, ["A", "ZB", "2026年02月", 321, "1.00", "2.00", "3.00", "2026年3月25日"]).rows
    assert (row.from_on, row.last_on) == (dt.date(2026, 2, 1), dt.date(2026, 2, 28))
    bad = read(K.BILLS, heads, ["A", "ZB", "二月", 321, "1.00", "2.00", "3.00", "2026年3月25日"])
    assert [(f.column, f.value) for f in bad.faults] == [("账期起", "二月")]


@pytest.mark.parametrize(
    ("cell", "first", "last"),
    [
        ("2026年01月", "2026-01-01", "2026-01-31"), ("202602", "2026-02-01", "2026-02-28"), ("2026-2", "2026-02-01", "2026-02-28"),
        ("2026/12", "2026-12-01", "2026-12-31"), ("2026年3月份", "2026-03-01", "2026-03-31"), (202604, "2026-04-01", "2026-04-30"),
        (dt.date(2024, 2, 1), "2024-02-01", "2024-02-29"), ("2026.1.5-2026.2.4", "2026-01-05", "2026-02-04"),
        ("2026年1月1日至2026年1月31日", "2026-01-01", "2026-01-31"), ("20260101~20260228", "2026-01-01", "2026-02-28"),
        ("2026-01至2026-02", "2026-01-01", "2026-02-28"),
    ],
)  # fmt: skip
def test_a_period_in_one_cell(cell: Cell, first: str, last: str):
    assert [day.isoformat() for day in period_of(cell)] == [first, last]


@pytest.mark.parametrize("cell", ["1月", "2026", "2026-13", dt.date(2026, 1, 31), "2026-02-01至2026-01-01", "", None])
def test_what_is_no_period_is_refused(cell: Cell):
    with pytest.raises(BadCell):
        period_of(cell)


def test_a_day_from_a_column_for_the_year_the_month_and_the_day():
    said = {"年": "日期/year", "月": "日期/month", "日": "日期/day"}
    rows = read(K.RECEIPTS, "年,月,日,商铺编号,金额", [2026, "3月", 5, "A", "1.00"], columns=said).rows
    assert rows[0].on == dt.date(2026, 3, 5)
    assert "表头缺少：日期" in refused(
        K.RECEIPTS, "年,月,日,商铺编号,金额", columns={"年": "日期/year", "月": "日期/month"}
    )


def test_litres_and_tons_are_told_apart_by_heading_and_by_cell():
    row: list[Cell] = ["A", "ZB", "2026-02", 1500, "0", "0", "0", "2026-03-25"]
    heads = "账单编号,水表编号,账期,用水量({unit}),水费,污水费,合计,缴费期限"
    assert read(K.BILLS, heads.format(unit="升"), row).rows[0].volume_litres == 1500
    assert read(K.BILLS, heads.format(unit="吨"), row).rows[0].volume_litres == 1_500_000
    assert [litres_of(cell) for cell in ("1500升", "1.5吨", "1.5m³", "1.5")] == [1500] * 4


BANK = "交易时间,借方发生额/元(支取),贷方发生额/元(收入),余额,对方户名,摘要,备注,账户明细编号-交易流水号"


def test_a_column_for_money_out_and_one_for_money_in_are_one_sum_with_a_direction():
    found = table(
        BANK,
        ["20260214 20:27:40", "0", "3400.00", "43343.21", "商户", "转账", "房租", "1-1"],
        ["20260221 11:06:38", "1280.16", "", "42063.05", "水司", "水费", "", "2-1"],
        ["20260221 11:06:38", "1.00", "2.00", "1.00", "水司", "水费", "", "3-1"],
    )
    assert kinds.guess_kind(found) is K.BANK
    read = kinds.read_as(K.BANK, found)
    assert [(r.on.day, r.direction, r.amount_fen, r.balance_fen) for r in read.rows] == [
        (14, "收入", 340000, 4334321), (21, "支出", 128016, 4206305),
    ]  # fmt: skip
    assert [(f.row, f.reason) for f in read.faults] == [(4, "收入、支出两栏都有数，只能有一个")]


def test_one_column_of_signed_sums_tells_its_direction():
    rows = read(
        K.BANK,
        "交易日期,交易金额,余额,对方户名",
        ["2026-02-01", "-5.00", "1.00", "甲"],
        ["2026-02-02", "+7", "8", "乙"],
    ).rows
    assert [(r.direction, r.amount_fen) for r in rows] == [("支出", 500), ("收入", 700)]


def test_sums_that_are_signed_beside_a_column_for_the_direction_lose_their_sign():
    heads = "交易日期,交易金额,借贷标志,对方户名"
    rows = read(K.BANK, heads, ["2026-02-01", "-5.00", "借", "甲"], ["2026-02-02", "7", "贷", "乙"]).rows
    assert [(r.direction, r.amount_fen) for r in rows] == [("支出", 500), ("收入", 700)]
    taken_back = read(K.BANK, heads, ["2026-02-01", "-5.00", "借", "甲"], ["2026-02-02", "7", "借", "乙"]).rows
    assert [(r.direction, r.amount_fen) for r in taken_back] == [("支出", -500), ("支出", 700)]


@pytest.mark.parametrize(
    ("cell", "flow"),
    [("收入", "收入"), ("贷", "收入"), ("D", "支出"), ("/", "不计收支"), (" 支 出 ", "支出"), ("中性交易", "不计收支")],
)
def test_the_direction_of_a_line(cell: str, flow: str):
    assert flow_of(cell) == flow


WECHAT = "交易时间,交易类型,交易对方,商品,收/支,金额(元),支付方式,当前状态,交易单号,商户单号,备注"


def test_a_wallets_export_is_known_by_its_headings():
    line: list[Cell] = [
        dt.datetime(2026, 7, 22, 12, 51), "转账", "样例店", "转账备注:6月水费", "收入", 76.0, "/", "已存入零钱", "100", "1", "/",
    ]  # fmt: skip
    found = table(WECHAT, line)
    mapping = kinds.propose(found)
    assert (mapping.kind, mapping.constants) == (K.WALLET, {"means": "微信"})
    assert mapping.preset is not None
    assert str(mapping.preset.name) == "微信支付账单"
    (row,) = kinds.read_as(K.WALLET, found, mapping=mapping).rows
    assert (row.on.day, row.amount_fen, row.direction, row.remark, row.voucher) == (
        22,
        7600,
        "收入",
        "转账备注:6月水费",
        "100",
    )


def test_what_is_owed_to_the_utility_is_said_by_the_heading_of_the_sum():
    found = table("户号,户名,截至,累计应缴,累计已缴,欠费余额", ["310117020600", "某公司", "2026年7月31日", 3, 1, 2])
    mapping = kinds.propose(found)
    assert (mapping.kind, mapping.constants) == (K.ASSERTIONS, {"account": "应付水司"})
    assert kinds.read_as(K.ASSERTIONS, found).rows[0].master == "310117020600"


NOTEBOOK = "日期,铺号,收款,方式,收据号,备注"


def test_receipts_of_a_paper_without_a_column_for_evidence_are_confirmed_by_their_number():
    rows: list[list[Cell]] = [["2026-02-04", "18-6", 1, "现金", "", ""], ["2026-02-04", "18-6", 1, "现金", "SJ-1", ""]]
    by_number = read(K.RECEIPTS, NOTEBOOK, *rows)
    assert [r.confirmed for r in by_number.rows] == [False, True]
    assert any("有收据号的算已证实" in notice for notice in by_number.notices)
    claims = read(K.RECEIPTS, NOTEBOOK, *rows, constants={"证据": "单方主张"})
    assert [r.confirmed for r in claims.rows] == [False, False]
    empty = read(K.RECEIPTS, "日期,商铺编号,金额,凭证号,证据", ["2026-02-04", "18-6", 1, "SJ-1", ""])
    assert not empty.rows[0].confirmed


def test_everything_amiss_with_the_columns_is_named_at_once():
    said = refused(K.RECEIPTS, "日期,甲,乙", columns={"甲": "金额", "乙": "金额", "丙": "备注", "日期": "没有这个"})
    for word in ("重复：金额", "缺少：商铺编号", "丙", "没有这个"):
        assert word in said


@pytest.mark.parametrize(
    "word", ["金额+备注", "日期+商铺编号/period", "金额/last", "备注/litres", "商铺编号/in", "金额/year"]
)
def test_one_column_is_given_one_meaning(word: str):
    assert word in refused(K.RECEIPTS, "日期,商铺编号,钱", columns={"钱": word})


@pytest.mark.parametrize("kind", kinds.KINDS)
def test_every_way_of_reading_that_is_offered_can_be_read(kind: FileKind):
    layout = kinds.KINDS[kind].layout
    for said in (way for way in ways(layout) if way.partition("/")[2] not in PARTS):  # one of three is a missing day
        found = table("甲,乙", ["1", "2"])
        mapping = propose(layout, found, columns={"甲": said})
        assert mapping.strange == []
        assert len(mapping.readers(layout, found)) == len(layout.fields)


def test_what_a_file_does_not_have_is_said_for_every_row_or_asked_for():
    heads = "户号,截至,数额"
    row: list[Cell] = ["310117020600", "2026-07-31", "5.00"]
    said = {"数额": "金额"}
    assert "表头缺少：科目" in refused(K.ASSERTIONS, heads, columns=said)
    assert "对列办法里有这份文件没有的：科目=没有的" in refused(
        K.ASSERTIONS, heads, columns=said, constants={"科目": "没有的"}
    )
    rows = read(K.ASSERTIONS, heads, row, columns=said, constants={"科目": "代收人持有"}).rows
    assert rows[0].account is AccountKind.AGENT


def test_what_was_due_and_what_was_paid_are_told_apart_by_a_person():
    with pytest.raises(Refused, match="“金额”和“实收金额”，哪一列是金额"):
        read(K.RECEIPTS, "日期,商铺编号,金额,实收金额", ["2026-02-04", "A", "60", "53"])


def test_a_line_above_the_table_says_what_every_row_lacks():
    heads = "账单编号,账期,水量(吨),水费,污水费,合计,缴费期限"
    found = table(
        heads, ["A", "2026年02月", 321, "1.00", "2.00", "3.00", "2026年3月25日"], facts={"户号": "310117020600"}
    )
    rows = kinds.read_as(K.BILLS, found)
    assert rows.rows[0].master == "310117020600"
    assert any("取自表上面的一行" in notice for notice in rows.notices)


@pytest.mark.parametrize("kind", SYNONYMS)
def test_a_word_stands_for_one_field_of_a_kind_and_has_a_source(kind: FileKind):
    layout = kinds.KINDS[kind].layout
    assert SYNONYMS[kind].keys() <= {*layout.fields}
    own = {heading_key(word): name for name, column in layout.named() for word in column.aliases}
    own |= {heading_key(column.name): name for name, column in layout.named()}
    seen: dict[str, str] = {}
    for name, words in SYNONYMS[kind].items():
        for word in words:
            key = heading_key(word.text)
            assert seen.setdefault(key, name) == name, f"{word.text}: {seen[key]}, {name}"
            assert own.get(key, name) == name, f"{word.text} is {own[key]} by its own name, not {name}"
            assert word.source in SOURCES
            assert not word.how or word.how in HOWS


OFFICE = {truth["file"]: truth for truth in expected()["files"]}
LINES = {
    "payer": "对方",
    "direction": "收支",
    "balance": "余额",
}  # what a column of a statement is by its way of reading
HOW = {"month": "period", "yuan-out": "out", "yuan-in": "in"}


@pytest.mark.parametrize("name", OFFICE)
def test_a_paper_of_an_office_is_known_for_what_it_is_and_each_of_its_columns(name: str):
    truth, found = OFFICE[name], read_table(paper(name))
    mapping = kinds.propose(found, name=name)
    layout = kinds.KINDS[mapping.kind].layout
    assert mapping.kind.value == truth["kind"]
    assert mapping.open == []
    said = {place: as_said(layout, pick) for place, pick in mapping.picks.items()}
    for column in truth["columns"]:
        got, to, how = said.pop(column["column"] - 1, ""), column["to"], column["how"]
        if truth["kind"] == "utility-payments" and how in ("account", "text"):
            to = {"总表表号": "户号", "缴款人": "对方"}.get(to, to)
        if truth["kind"] in STATEMENTS:
            assert not to or got.partition("/")[0] == to, column
            assert how not in LINES or got == LINES[how], column
        elif how != "account":
            assert got.partition("/")[0] == to, column
        wanted = HOW.get(how, "last-day-in" if how == "last-day-in" else "")
        assert got.partition("/")[2] in (wanted, "account"), column
    assert said == {}
    assert kinds.read_as(mapping.kind, found, mapping=mapping).faults == []


def test_two_columns_that_may_both_be_the_sum_are_asked_about_where_they_differ():
    heads = "日期,铺号,实收金额,收款金额"
    assert read(K.RECEIPTS, heads, ["2026-02-04", "A", "5", "5"]).rows[0].amount_fen == 500
    found = table(heads, ["2026-02-04", "A", "5", "6"])
    with pytest.raises(Refused, match="“实收金额”和“收款金额”，哪一列是金额"):
        kinds.read_as(K.RECEIPTS, found)
    one = read(K.RECEIPTS, heads, ["2026-02-04", "A", "5", "6"], columns={"收款金额": ""})
    other = read(K.RECEIPTS, heads, ["2026-02-04", "A", "5", "6"], columns={"收款金额": "金额"})
    assert [one.rows[0].amount_fen, other.rows[0].amount_fen] == [500, 600]


def test_a_mapping_goes_to_json_and_back():
    found = table(ROSTER, TENANT)
    layout = kinds.KINDS[K.UNITS].layout
    said = as_json(layout, found.header, propose(layout, found))
    again = propose(layout, found, columns=said["columns"], constants=said["constants"])
    assert as_json(layout, found.header, again)["columns"] == said["columns"]
    assert {*again.why.values()} == {"person"}
    assert said["columns"]["租期止"] == "退租日期/last-day-in"
