"""The nine kinds of file: their headings, what each cell may hold, and the row they make."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hege.billing.chart import AccountKind
from hege.billing.rules import Method
from hege.imports.cells import (
    Cell,
    area_of,
    code_of,
    day_of,
    diameter_of,
    digits_of,
    fen_of,
    index_of,
    litres_of,
    text_of,
    word_of,
)
from hege.kernel.refused import Refused
from hege.metering.rules import MOST_DAYS_BETWEEN, MeterKind, ReadingMethod

Words = str | Promise


class FileKind(TextChoices):
    """What a file tells of; the words are those of ``hege import KIND``."""

    UNITS = "units", _("商铺名册")
    METERS = "meters", _("水表名册")
    READINGS = "readings", _("抄表")
    BILLS = "bills", _("水费账单")
    RECEIPTS = "receipts", _("商铺交给代收人")
    REMITTANCES = "remittances", _("代收人交给水司")
    DIRECT_PAYMENTS = "direct-payments", _("商铺直接交水司")
    ACKNOWLEDGEMENTS = "acknowledgements", _("商铺承认未缴")
    ASSERTIONS = "assertions", _("余额核对")


@dataclass(frozen=True, slots=True)
class Column:
    """One heading of a kind: the Chinese name of the issue, what else it may be called, how its cells are read.

    ``need`` says the heading must be there, ``fill`` that every row must have a value. ``empty`` is what an
    empty cell means. ``words`` are the choices of a coded column, ``note`` the sentence on the notes sheet.
    """

    name: str
    aliases: tuple[str, ...]
    parse: Callable[[Cell], Any]
    need: bool = False
    fill: bool = False
    empty: Any = None
    words: tuple[str, ...] = ()
    note: Words = ""
    sample: str = ""


class UnitRow(NamedTuple):
    number: int
    code: str
    name: str
    operator: str
    phone: str
    area_sqm: Decimal | None
    sub_meter: str
    use: str
    from_on: dt.date | None
    until_on: dt.date | None
    master: str


class MeterRow(NamedTuple):
    number: int
    meter: str
    kind: MeterKind
    diameter_mm: int | None
    master: str
    started_on: dt.date
    verified_on: dt.date | None
    started_litres: int
    location: str
    holder: str
    agent: str
    method: Method | None
    digits: int | None


class ReadingRow(NamedTuple):
    number: int
    meter: str
    read_on: dt.date
    litres: int
    method: ReadingMethod
    reader: str
    note: str


class BillRow(NamedTuple):
    number: int
    bill: str
    master: str
    from_on: dt.date
    last_on: dt.date
    previous_litres: int | None
    current_litres: int | None
    volume_litres: int | None
    supply_fen: int
    sewage_fen: int
    other_fen: int
    amount_fen: int
    due_on: dt.date
    issued_on: dt.date | None


class ReceiptRow(NamedTuple):
    number: int
    on: dt.date
    unit: str
    amount_fen: int
    means: str
    voucher: str
    counterparty: str
    confirmed: bool
    note: str
    operator: str


class RemittanceRow(NamedTuple):
    number: int
    on: dt.date
    master: str
    amount_fen: int
    means: str
    voucher: str
    counterparty: str
    confirmed: bool
    note: str


class DirectRow(NamedTuple):
    number: int
    on: dt.date
    master: str
    unit: str
    amount_fen: int
    means: str
    voucher: str
    counterparty: str
    confirmed: bool
    note: str
    operator: str


class AcknowledgementRow(NamedTuple):
    number: int
    on: dt.date
    unit: str
    amount_fen: int
    voucher: str
    note: str
    operator: str


class AssertionRow(NamedTuple):
    number: int
    on: dt.date
    master: str
    account: AccountKind
    unit: str
    amount_fen: int
    voucher: str
    note: str


Row = (
    UnitRow
    | MeterRow
    | ReadingRow
    | BillRow
    | ReceiptRow
    | RemittanceRow
    | DirectRow
    | AcknowledgementRow
    | AssertionRow
)

USES = ("商铺", "餐饮", "医疗", "学校", "居民", "自用", "空置", "公用", "其他")
METHODS: dict[str, Method] = {str(m.value): m for m in Method} | {
    "等额": Method.EQUAL, "面积": Method.AREA, "分表": Method.SUB_METER, "混合": Method.MIXED,
    "均摊": Method.EQUAL, "按面积": Method.AREA, "按分表": Method.SUB_METER,
}  # fmt: skip
METER_KINDS = {"总表": MeterKind.MASTER, "分表": MeterKind.SUB, "master": MeterKind.MASTER, "sub": MeterKind.SUB}
READING_METHODS = {
    "现场": ReadingMethod.ON_SITE, "远传": ReadingMethod.REMOTE, "估抄": ReadingMethod.ESTIMATED,
    "on_site": ReadingMethod.ON_SITE, "remote": ReadingMethod.REMOTE, "estimated": ReadingMethod.ESTIMATED,
}  # fmt: skip
EVIDENCE = {"已证实": True, "单方主张": False, "confirmed": True, "claimed": False}
ACCOUNTS = {
    "应付水司": AccountKind.PAYABLE, "代收人持有": AccountKind.AGENT, "商铺欠缴": AccountKind.TENANCY,
    "payable": AccountKind.PAYABLE, "held": AccountKind.AGENT, "owed": AccountKind.TENANCY,
}  # fmt: skip

_UNIT = Column("商铺编号", ("unit_code", "unit", "商铺号", "铺号"), code_of(40), need=True, fill=True, sample="A-01",
               note=_("街道内唯一，前导零照原样保留。"))  # fmt: skip
_MASTER = Column("总表表号", ("master_meter", "master", "总表号"), code_of(40), need=True, fill=True, sample="SH50-0001",
                 note=_("这一笔属于哪块总表。"))  # fmt: skip
_ON = Column("日期", ("date", "on"), day_of, need=True, fill=True, sample="2026-03-05",
             note=_("发生的那一天；不能晚于今天。"))  # fmt: skip
_AMOUNT = Column("金额", ("amount",), fen_of, need=True, fill=True, sample="350.00", note=_("元，两位小数。"))
_MEANS = Column("方式", ("means", "payment_method", "支付方式"), text_of(40), empty="", sample="微信",
                note=_("现金、微信、支付宝、银行转账等。"))  # fmt: skip
_VOUCHER = Column("凭证号", ("voucher", "voucher_number", "单据号"), code_of(60), empty="", sample="SJ-0001",
                  note=_("一张凭证一行；一张凭证付几家时在凭证号后加 -1、-2。没有凭证可空着。"))  # fmt: skip
_PAYER = Column("缴款人", ("payer",), text_of(120), empty="", sample="代收人", note=_("照原件写。"))
_PROOF = Column("证据", ("evidence",), word_of(EVIDENCE), empty=False, words=("已证实", "单方主张"), sample="已证实",
                note=_("有独立记录或签字收据的填“已证实”；空着算“单方主张”。"))  # fmt: skip
_WHOSE = Column("经营者", ("operator", "tenant"), text_of(120), empty="", sample="",
                note=_("可不列；商铺换过租户的写明是哪一家的，空着归那一天在租的。"))  # fmt: skip
_NOTE = Column("备注", ("note", "remark", "remarks"), text_of(300), empty="", note=_("可空。"))


@dataclass(frozen=True, slots=True)
class Layout:
    """The headings of one kind and the row they make, in the order of its fields."""

    columns: tuple[Column, ...]
    row: Callable[..., Any]
    note: Words


LAYOUTS: dict[FileKind, Layout] = {
    FileKind.UNITS: Layout(
        (
            _UNIT,
            Column("商铺名称", ("unit_name", "name"), text_of(120), need=True, fill=True, sample="示例小吃店",
                   note=_("招牌上的名字。")),
            Column("经营者", ("operator", "tenant"), text_of(120), empty="", sample="某经营者",
                   note=_("在租的人或单位；空置、公用可空。")),
            Column("联系电话", ("phone", "电话"), text_of(40), empty="", sample="021-00000000", note=_("可空。")),
            Column("建筑面积", ("area_sqm", "area", "面积"), area_of, sample="45.5",
                   note=_("平方米；按面积或混合分摊时必须有。")),
            Column("分表表号", ("sub_meter", "分表号"), code_of(40), empty="", sample="",
                   note=_("没有分表就空着。")),
            Column("用途", ("use",), text_of(40), empty="", words=USES, sample="餐饮",
                   note=_("空着算商铺；表里没有的词记为“其他”。")),
            Column("入驻日期", ("from_on", "moved_in", "move_in_date"), day_of, need=True, sample="2026-01-01",
                   note=_("第一天在；换过租户的商铺一段租期一行。")),
            Column("退租日期", ("until_on", "moved_out", "move_out_date"), day_of, sample="",
                   note=_("第一天不在；空着表示还在。")),
            _MASTER,
        ),
        UnitRow,
        _("一行是一个商铺的一段租期；户主自用、空置和公用水点也要列入，否则用水会算成损耗。"),
    ),
    FileKind.METERS: Layout(
        (
            Column("表号", ("meter", "meter_number", "水表号"), code_of(40), need=True, fill=True, sample="SH50-0001",
                   note=_("街道内唯一，前导零照原样保留。")),
            Column("类别", ("kind", "meter_kind"), word_of(METER_KINDS), need=True, fill=True, words=("总表", "分表"),
                   sample="总表", note=_("水司按总表结算，分表在总表之后。")),
            Column("口径", ("diameter", "diameter_mm"), diameter_of, sample="DN50", note=_("如 DN50。")),
            Column("上级总表", ("master_meter", "parent"), code_of(40), empty="", sample="",
                   note=_("分表必填，总表空着。")),
            Column("启用日期", ("started_on", "start_date"), day_of, need=True, fill=True, sample="2024-01-01",
                   note=_("从这一天起计量。")),
            Column("检定日期", ("verified_on",), day_of, sample="2024-01-01", note=_("可空。")),
            Column("起码", ("started_m3", "start_index"), index_of, empty=0, sample="0",
                   note=_("启用时的行度，立方米；空着算 0。")),
            Column("安装位置", ("location",), text_of(200), empty="", sample="弄口水表井", note=_("可空。")),
            Column("账户名", ("account_holder",), text_of(120), empty="", sample="某物业公司",
                   note=_("与水司签合同的户主，只填总表。")),
            Column("代收人", ("agent",), text_of(120), empty="", sample="代收人", note=_("向商铺收水费的人，只填总表。")),
            Column("分摊方式", ("sharing_method", "method"), word_of(METHODS), words=("等额", "面积", "分表", "混合"),
                   sample="等额", note=_("只填总表；以后改要凭会议决定。")),
            Column("字轮位数", ("digits",), digits_of, sample="",
                   note=_("可不列；行度整数部分的位数，不填算 5 位。")),
        ),
        MeterRow,
        _("总表和分表列在一张表里，先后不限。"),
    ),
    FileKind.READINGS: Layout(
        (
            Column("表号", ("meter", "meter_number", "水表号"), code_of(40), need=True, fill=True, sample="SH50-0001",
                   note=_("总表或分表。")),
            Column("抄表日期", ("read_on", "reading_date"), day_of, need=True, fill=True, sample="2026-03-31",
                   note=_("一块表一天一次；分表在账期首尾和换租户那天要有读数，缺的由前后相隔 %(most)d 天以内的两次推算。")
                   % {"most": MOST_DAYS_BETWEEN}),
            Column("行度", ("index_m3", "index", "读数", "表码"), index_of, need=True, fill=True, sample="16393",
                   note=_("立方米，最多三位小数。")),
            Column("抄表方式", ("reading_method", "method"), word_of(READING_METHODS), empty=ReadingMethod.ON_SITE,
                   words=("现场", "远传", "估抄"), sample="现场", note=_("空着算现场。")),
            Column("抄表人", ("reader",), text_of(60), empty="", sample="网格员", note=_("可空。")),
            _NOTE,
        ),
        ReadingRow,
        _("抄错的行度要在总表的“读数”页登记更正，不能用另一份文件覆盖。"),
    ),
    FileKind.BILLS: Layout(
        (
            Column("账单号", ("bill_number", "bill"), code_of(60), need=True, fill=True, sample="ZD-202603",
                   note=_("水司账单上的号码。")),
            _MASTER,
            Column("账期起", ("from_on", "period_start"), day_of, need=True, fill=True, sample="2026-03-01",
                   note=_("账期的第一天。")),
            Column("账期止", ("last_on", "period_end"), day_of, need=True, fill=True, sample="2026-03-31",
                   note=_("账期的最后一天。")),
            Column("上期行度", ("previous_m3", "previous_index"), index_of, sample="15000",
                   note=_("立方米；账期内换过表的空着。")),
            Column("本期行度", ("current_m3", "current_index"), index_of, sample="16000", note=_("立方米。")),
            Column("用水量", ("volume_m3", "volume"), litres_of, sample="1000",
                   note=_("立方米；两个行度都有时可空，否则必须等于两者之差。")),
            Column("供水费", ("supply",), fen_of, empty=0, sample="3990.00", note=_("元；空着算 0。")),
            Column("污水处理费", ("sewage",), fen_of, empty=0, sample="2106.00", note=_("元；空着算 0。")),
            Column("其他费用", ("other",), fen_of, empty=0, sample="", note=_("元；空着算 0。")),
            Column("应缴金额", ("amount",), fen_of, need=True, fill=True, sample="6096.00",
                   note=_("必须等于各项费用之和；红字账单填负数。")),
            Column("应缴日期", ("due_on", "due_date"), day_of, need=True, fill=True, sample="2026-04-20",
                   note=_("最后缴款日。")),
            Column("出账日期", ("issued_on", "issue_date"), day_of, sample="2026-04-01", note=_("空着算账期止。")),
        ),
        BillRow,
        _("导入后立即按总表的分摊方式分摊；缺数据的留作未分摊，补齐以后再分摊。"),
    ),
    FileKind.RECEIPTS: Layout(
        (
            _ON,
            _UNIT,
            _AMOUNT,
            _MEANS,
            _VOUCHER,
            Column("收款人", ("payee", "received_by"), text_of(120), empty="", sample="代收人", note=_("照原件写。")),
            _PROOF,
            _NOTE,
            _WHOSE,
        ),
        ReceiptRow,
        _("商铺交给代收人的钱，一笔一行。"),
    ),
    FileKind.REMITTANCES: Layout(
        (_ON, _MASTER, _AMOUNT, _MEANS, _VOUCHER, _PAYER, _PROOF, _NOTE),
        RemittanceRow,
        _("代收人交给水司的钱；一次转账付几块总表的，一块一行，凭证号可以相同。"),
    ),
    FileKind.DIRECT_PAYMENTS: Layout(
        (_ON, _MASTER, _UNIT, _AMOUNT, _MEANS, _VOUCHER, _PAYER, _PROOF, _NOTE, _WHOSE),
        DirectRow,
        _("商铺或别人绕过代收人直接交给水司的钱。"),
    ),
    FileKind.ACKNOWLEDGEMENTS: Layout(
        (
            _ON,
            _UNIT,
            Column("承认未缴金额", ("acknowledged_amount", "amount", "金额"), fen_of, need=True, fill=True, sample="350.00",
                   note=_("截至当日承认还没交的钱，元。")),
            _VOUCHER,
            _NOTE,
            _WHOSE,
        ),
        AcknowledgementRow,
        _("商铺书面承认还没有交的钱；不产生新的欠款，只说明欠款有据。"),
    ),
    FileKind.ASSERTIONS: Layout(
        (
            _ON,
            _MASTER,
            Column("科目", ("account",), word_of(ACCOUNTS), need=True, fill=True,
                   words=("应付水司", "代收人持有", "商铺欠缴"), sample="应付水司", note=_("核对哪个余额。")),
            Column("商铺编号", ("unit_code", "unit"), code_of(40), empty="", sample="", note=_("只有商铺欠缴要填。")),
            _AMOUNT,
            _VOUCHER,
            _NOTE,
        ),
        AssertionRow,
        _("对账单、盘点、签字确认上写的余额；与账上不一致时产生预警。"),
    ),
}  # fmt: skip


def kind_of(word: str) -> FileKind:
    """The kind by its word. Raises ``Refused`` naming all of them."""
    try:
        return FileKind(word.strip().lower().replace("_", "-"))
    except ValueError:
        raise Refused(
            _("没有 %(word)s 这种文件；可以导入：%(kinds)s。")
            % {"word": word, "kinds": _("、").join(f"{k.value}（{k.label}）" for k in FileKind)}
        ) from None
