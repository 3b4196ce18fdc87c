"""Exports of wallets and banks, lists of utilities: known by their headings, each line with its sum, its direction, whose."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings

from hege.imports import kinds
from hege.imports.columns import HOWS
from hege.imports.layouts import FileKind
from hege.imports.presets import PRESETS, Preset, owner_of
from hege.imports.rules import Table

K = FileKind


def line(heads: str, row: str) -> Table:
    return Table([*heads.split(",")], [[*row.split(",")]])


LINES = [
    (K.WALLET, "支付宝账单（网页导出）",
     "交易号,商家订单号,交易创建时间,付款时间,最近修改时间,交易来源地,类型,交易对方,商品名称,金额（元）,收/支,交易状态,服务费（元）,成功退款（元）,备注,资金状态",
     "2026020122\t,,2026-02-01 10:00:00,,,其他,转账,某人,水费,53.00,收入,交易成功,0.00,0.00,,已收入",
     ("2026-02-01", "收入", 5300, "某人", "2026020122", "水费", None)),
    (K.WALLET, "支付宝商家账单",
     "账务流水号,业务流水号,商户订单号,商品名称,发生时间,对方账号,收入金额（+元）,支出金额（-元）,账户余额（元）,交易渠道,业务类型,备注",
     "1001\t,2001\t,\t,水费,2026-02-01 10:00:00,某人(138***),0.00,-12.00,88.00,支付宝,转账,2月",
     ("2026-02-01", "支出", 1200, "某人(138***)", "1001", "水费 2月", 8800)),
    (K.BANK, "工商银行历史明细",
     "交易日期,摘要,交易详情,交易场所,交易国家或地区简称,钞/汇,交易金额(收入),交易金额(支出),交易币种,记账金额(收入),记账金额(支出),记账币种,余额,对方户名,对方账户",
     "2026-04-14     \t,网转   \t,,手机银行  \t,CHN \t,钞 \t,- \t,- \t,- \t,120.00 \t,  \t,人民币 \t,620.00 \t,某人 \t,6222",
     ("2026-04-14", "收入", 12000, "某人", "", "手机银行", 62000)),
    (K.BANK, "工商银行借记账户明细", "交易日期,帐号,储种,序号,币种,钞汇,摘要,地区,收入/支出金额,余额,对方户名,对方帐号,渠道",
     "2026-04-14 11:00:00,6222,活期,1,人民币,钞,转账,0,-120.00,500.00,某水司,（空）,网上银行",
     ("2026-04-14", "支出", 12000, "某水司", "", "网上银行", 50000)),
    (K.BANK, "建设银行账户明细", "交易时间,借方发生额（支取）,贷方发生额（收入）,余额,币种,对方户名,对方账号,对方开户机构,记账日期,摘要,备注,账户明细编号-交易流水号",
     "20260221 11:06:38,1280.16,0,42063.05,人民币元,某水司,31,某行,20260221,水费,户号1,2-20",
     ("2026-02-21", "支出", 128016, "某水司", "2-20", "户号1", 4206305)),
    (K.BANK, "建设银行个人活期明细", "序号,摘要,币别,钞汇,交易日期,交易金额,账户余额,交易地点/附言,对方账号与户名",
     "2,转账,人民币元,钞,20260724,298.00,740.77,水费,6217****0014/某人",
     ("2026-07-24", "收入", 29800, "某人", "", "水费", 74077)),
    (K.BANK, "农业银行账户明细", "交易时间,收入金额,支出金额,账户余额,交易行名,对方省市,对方账号,对方户名,交易用途",
     "2026-04-14 11:00:00,,120.00,500.00,某支行,上海,622,某水司,水费", ("2026-04-14", "支出", 12000, "某水司", "", "水费", 50000)),
    (K.BANK, "农业银行借记卡明细", "交易日期,交易时间,交易摘要,交易金额,本次余额,对手信息,日 志 号,交易渠道,交易附言",
     "20260101,123456,转存,+53.00,153.00,某人,369396693,超级网银,水费", ("2026-01-01", "收入", 5300, "某人", "", "水费", 15300)),
    (K.BANK, "中国银行企业网银明细",
     "交易类型[ Transaction Type ],业务类型[ Business type ],付款人名称[ Payer's Name ],收款人账号[ Payee's Account Number ],收款人名称[ Payee's Name ],"
     "交易日期[ Transaction Date ],交易金额[ Trade Amount ],交易后余额[ After-transaction balance ],交易流水号[ Transaction reference number ],用途[ Purpose ],备注[ Remarks ]",
     "往账,转账,本人,31,某水司,20260705,-50.00,450.00,88,水费,6月", ("2026-07-05", "支出", 5000, "某水司", "88", "水费 6月", 45000)),
    (K.BANK, "中国银行企业网银明细", "交易类型,业务类型,付款人名称,收款人名称,交易日期,交易金额,交易后余额",
     "来账,转账,某人,本人,20260703,+267.10,767.10", ("2026-07-03", "收入", 26710, "某人", "", "", 76710)),
    (K.BANK, "中国银行借记卡明细", "记账日期,记账时间,币别,金额,余额,交易名称,渠道,网点名称,附言,对方账户名,对方卡号/账号,对方开户行,借记卡号",
     '2026-08-22,17:57:17,人民币,-71.89,3240.28,跨行转账,手机银行,-------------------,----------,某水司,6226******5669,-------------------,3167',
     ("2026-08-22", "支出", 7189, "某水司", "", "", 324028)),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "name", "heads", "row", "says"), LINES)
def test_a_line_of_a_known_layout_says_when_which_way_how_much_and_whose(
    kind: FileKind, name: str, heads: str, row: str, says: tuple[object, ...]
):
    table = line(heads, row)
    mapping = kinds.propose(table)
    assert mapping.preset is not None
    assert (mapping.kind, str(mapping.preset.name)) == (kind, name)
    read = kinds.read_as(kind, table, mapping=mapping)
    assert read.faults == []
    (got,) = read.rows
    told = (
        got.on.isoformat(),
        got.direction,
        got.amount_fen,
        got.counterparty,
        got.voucher,
        got.remark,
        got.balance_fen,
    )
    assert told == says


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: f"{preset.name}-{len(preset.columns)}")
def test_every_column_of_a_layout_is_a_field_of_its_kind_and_its_source_is_named(preset: Preset):
    layout = kinds.KINDS[preset.kind].layout
    words = {word.partition("/")[0] for word in [*preset.columns.values(), *preset.constants]} - {""}
    assert {word for word in words if not layout.field_called(word)} == set()
    assert preset.marks <= preset.columns.keys()
    assert preset.source


def test_the_owner_of_a_wallet_stands_above_its_table():
    wechat = next(preset for preset in PRESETS if str(preset.name) == "微信支付账单")
    assert owner_of({"微信昵称": "[某人]", "导出类型": "[全部]"}, wechat) == "某人"
    assert owner_of({"导出类型": "[全部]"}, wechat) == ""


def test_the_handbook_names_every_layout_and_every_way_of_reading():
    told = (Path(settings.BASE_DIR) / "docs" / "files.md").read_text(encoding="utf-8")
    assert [str(preset.name) for preset in PRESETS if str(preset.name) not in told] == []
    assert [how for how in HOWS if f"`{how}`" not in told] == []
