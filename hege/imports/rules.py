"""The nine kinds of file, their headings, and how a cell becomes a value. Nothing here reads the database.

A cell that cannot be read is a ``Fault`` of its row, with what is wanted in words; a file that cannot be a
table of its kind is ``Refused``. No float survives: what Excel hands over as one becomes a ``Decimal`` of the
fifteen digits Excel itself keeps, or is refused.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hege.billing.rules import Method
from hege.kernel.refused import Refused
from hege.ledger.rules import AccountKind
from hege.metering.rules import MeterKind, ReadingMethod

Cell = str | int | float | bool | dt.date | dt.datetime | dt.time | dt.timedelta | None
Words = str | Promise

FIRST_YEAR, LAST_YEAR = 1990, 2099
MOST_FEN = 10**13
KEY_LENGTH = 110  # of 120, so that a corrected row has room for its number
MOST_LITRES = 10**12
EXCEL_DAY_ZERO = dt.date(1899, 12, 30)
EXCEL_DAYS = range((dt.date(2000, 1, 1) - EXCEL_DAY_ZERO).days, (dt.date(2100, 1, 1) - EXCEL_DAY_ZERO).days)


class FileKind(TextChoices):
    """What a file tells of; the words are those of ``hege import KIND``."""

    UNITS = "units", gettext_lazy("商铺名册")
    METERS = "meters", gettext_lazy("水表名册")
    READINGS = "readings", gettext_lazy("抄表")
    BILLS = "bills", gettext_lazy("水费账单")
    RECEIPTS = "receipts", gettext_lazy("商铺交给代收人")
    REMITTANCES = "remittances", gettext_lazy("代收人交给水司")
    DIRECT_PAYMENTS = "direct-payments", gettext_lazy("商铺直接交水司")
    ACKNOWLEDGEMENTS = "acknowledgements", gettext_lazy("商铺承认未缴")
    ASSERTIONS = "assertions", gettext_lazy("余额核对")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one cell: the row as numbered in the sheet, the heading, what is there, what is wanted."""

    row: int
    column: str
    value: str
    reason: str


@dataclass(slots=True)
class Table:
    """A sheet as it came: headings, rows of cells beside each other, the number of the first row as the sheet counts."""

    header: list[Cell]
    rows: list[list[Cell]]
    first_row: int = 2
    notices: list[str] = field(default_factory=list)
    merged_rows: list[tuple[int, str]] = field(default_factory=list)
    numbers_are_dates: bool = False


class BadCell(Exception):
    """A cell that cannot be read; the message says what is wanted."""


# -- cells -------------------------------------------------------------------------------------------------------------


def shown(cell: Cell) -> str:
    """A cell as a person sees it, for a fault or for the raw row that is kept."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return format(plain_decimal(cell), "f") if cell == cell and abs(cell) < 1e300 else str(cell)
    if isinstance(cell, dt.datetime):
        return cell.strftime("%Y-%m-%d %H:%M:%S")
    return str(cell)


def plain_decimal(number: float) -> Decimal:
    """The number as Excel shows it: fifteen significant digits, no more are kept in a workbook."""
    value = Decimal(f"{number:.15g}")
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()


def _half_width(text: str) -> str:
    """Full-width letters, digits and signs as half-width ones, and the ideographic space as a space; nothing else."""
    return text.translate(_HALF_WIDTH)


_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0xFFE5: 0xA5}
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})


def text_of(most: int) -> Callable[[Cell], str]:
    """Free text as it stands, at most so long; only NUL and other control characters are refused."""

    def parse(cell: Cell) -> str:
        text = shown(cell).strip()
        if not text.isprintable() and any(unicodedata.category(c) == "Cc" and c not in "\n\t\r" for c in text):
            raise BadCell(_("含有不可见的控制字符，请删去后重填"))
        if len(text) > most:
            raise BadCell(_("最多 %(most)d 个字，现在有 %(n)d 个") % {"most": most, "n": len(text)})
        return text

    return parse


def code_of(most: int) -> Callable[[Cell], str]:
    """A number or code as text, leading zeros kept; one that Excel holds as a number counts as its digits."""

    def parse(cell: Cell) -> str:
        if isinstance(cell, dt.date | dt.time | dt.timedelta):
            raise BadCell(_("这一格被 Excel 当成了日期，请把该列设为“文本”后重填编号"))
        if isinstance(cell, bool):
            raise BadCell(_("要填编号"))
        if isinstance(cell, float) and (abs(cell) >= 1e15 or cell != int(cell)):
            raise BadCell(_("编号太长，Excel 按数字保存已丢失末几位；请把该列设为“文本”后重填"))
        text = _half_width(shown(cell)).strip()
        if not text.isprintable() and any(unicodedata.category(c) in _INVISIBLE for c in text):
            raise BadCell(_("编号里有看不见的字符，请删去后重填"))
        if len(text) > most:
            raise BadCell(_("编号最多 %(most)d 位，现在有 %(n)d 位") % {"most": most, "n": len(text)})
        return text

    return parse


_DAY = re.compile(r"(\d{4})([-/.年])(\d{1,2})([-/.月])(\d{1,2})日?(?:[T ]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?\Z")
_DAY_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})\Z")


def day_of(cell: Cell, *, serials: bool = False) -> dt.date:
    """A day: 2026-03-05, 2026/3/5, 2026年3月5日, 20260305 or an Excel date; a time of day behind it is left out.

    ``serials`` lets an Excel cell that lost its date format count as a date (a day number of this century).
    """
    wanted = _("要填日期，如 2026-03-05")
    if isinstance(cell, dt.datetime):
        day = cell.date()
    elif isinstance(cell, dt.date):
        day = cell
    elif isinstance(cell, bool) or not isinstance(cell, str | int | float):
        raise BadCell(wanted)
    elif not isinstance(cell, str) and serials and int(cell) in EXCEL_DAYS:
        day = EXCEL_DAY_ZERO + dt.timedelta(days=int(cell))
    else:
        text = " ".join(unicodedata.normalize("NFKC", shown(cell)).split())
        found = _DAY_DIGITS.match(text)
        parts: tuple[str, ...] = ()
        if found:
            parts = found.groups()
        else:
            found = _DAY.match(text.replace(" 日", "日").replace("年 ", "年").replace("月 ", "月"))
            if found and (found[2] == found[4] or (found[2], found[4]) == ("年", "月")):
                parts = (found[1], found[3], found[5])
        if not parts:
            raise BadCell(wanted)
        try:
            day = dt.date(*map(int, parts))
        except ValueError:
            raise BadCell(_("没有这一天")) from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise BadCell(_("年份要在 %(a)d 到 %(b)d 之间") % {"a": FIRST_YEAR, "b": LAST_YEAR})
    return day


def serial_day_of(cell: Cell) -> dt.date:
    """``day_of`` for cells of a workbook whose day numbers count from 1900."""
    return day_of(cell, serials=True)


_NUMBER = re.compile(r"-?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?\Z")


def _decimal(cell: Cell, wanted: str, *, before: str = "", after: str = "") -> Decimal:
    """A plain number from a cell; ``before`` and ``after`` are signs that may stand around it (a regular expression)."""
    if isinstance(cell, bool) or not isinstance(cell, str | int | float):
        raise BadCell(wanted)
    if isinstance(cell, int):
        return Decimal(cell)
    if isinstance(cell, float):
        if cell != cell or abs(cell) > 1e15:
            raise BadCell(wanted)
        return plain_decimal(cell)
    text = re.sub(r"\s", "", unicodedata.normalize("NFKC", cell)).replace("−", "-")
    if before and text[:1] in "-¥RCr人":
        text = re.sub(rf"^(-?)(?:{before})(-?)", r"\1\2", text)
    if after and not text[-1:].isdigit():
        text = re.sub(rf"(?:{after})$", "", text)
    if not _NUMBER.match(text):
        raise BadCell(wanted)
    return Decimal(text.replace(",", ""))


def fen_of(cell: Cell) -> int:
    """An amount in yuan as whole fen: 1,234.50, ¥1234.5, １２３４．５元. More than two decimals is refused, never rounded."""
    amount = _decimal(cell, _("要填金额，如 1,234.50"), before=r"[¥￥]|RMB|CNY|rmb|人民币", after="元整?|圆整?")
    fen = amount * 100
    if fen != int(fen):
        raise BadCell(_("金额最多到分（两位小数）"))
    if abs(fen) > MOST_FEN:
        raise BadCell(_("金额太大，请核对"))
    return int(fen)


def litres_of(cell: Cell) -> int:
    """Cubic metres as whole litres: up to three decimals."""
    litres = _decimal(cell, _("要填立方米数，如 16393"), after="m3|立方米|立方|吨|方") * 1000
    if litres != int(litres):
        raise BadCell(_("立方米数最多三位小数"))
    if abs(litres) > MOST_LITRES:
        raise BadCell(_("立方米数太大，请核对"))
    return int(litres)


def index_of(cell: Cell) -> int:
    """An index (行度) in litres; never below zero."""
    litres = litres_of(cell)
    if litres < 0:
        raise BadCell(_("行度不能是负数"))
    return litres


def area_of(cell: Cell) -> Decimal:
    """Square metres, above zero, up to two decimals."""
    area = _decimal(cell, _("要填面积（平方米），如 45.5"), after="m2|平方米|平米|平方|平")
    if area <= 0 or area >= 10**8:
        raise BadCell(_("面积要大于 0"))
    if area != area.quantize(Decimal("0.01")):
        raise BadCell(_("面积最多两位小数"))
    return area.quantize(Decimal("0.01"))


def diameter_of(cell: Cell) -> int:
    """A nominal diameter in millimetres: DN50, 50, 50mm."""
    found = re.fullmatch(r"(?:DN)?(\d{1,4})(?:\.0+)?(?:MM|毫米)?", _half_width(shown(cell)).replace(" ", "").upper())
    if found is None or not int(found[1]):
        raise BadCell(_("要填口径，如 DN50"))
    return int(found[1])


def digits_of(cell: Cell) -> int:
    """How many whole cubic-metre digits a register shows."""
    text = _half_width(shown(cell)).strip()
    if text not in {"4", "5", "6", "7", "8"}:
        raise BadCell(_("要填字轮位数，4 到 8"))
    return int(text)


def word_of(words: dict[str, Any]) -> Callable[[Cell], Any]:
    """One of a few words; the fault lists them."""
    table = {_squeeze(word): value for word, value in words.items()}
    names = _("、").join(dict.fromkeys(w for w in words if not w.isascii()))

    def parse(cell: Cell) -> Any:
        try:
            return table[_squeeze(shown(cell))]
        except KeyError:
            raise BadCell(_("只能填：%(words)s") % {"words": names}) from None

    return parse


# -- headings ----------------------------------------------------------------------------------------------------------


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


_UNITS_BEHIND = re.compile(r"\((?:元|人民币元|¥|m2|m3|㎡|平方米|平米|立方米|立方|吨|mm|毫米|必填|选填|可空|可不填)\)$")


def _squeeze(text: str) -> str:
    return re.sub(r"[\s_\-]+", "", unicodedata.normalize("NFKC", text)).casefold()


def heading_key(cell: Cell) -> str:
    """A heading without what does not matter: spaces, width, case, a unit in brackets, a star."""
    key = _squeeze(shown(cell)).strip("*:")
    return _UNITS_BEHIND.sub("", key)


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


class AcknowledgementRow(NamedTuple):
    number: int
    on: dt.date
    unit: str
    amount_fen: int
    voucher: str
    note: str


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

USES = ("商铺", "餐饮", "自用", "空置", "公用", "其他")
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

_t = gettext_lazy
_UNIT = Column("商铺编号", ("unit_code", "unit", "商铺号", "铺号"), code_of(40), need=True, fill=True, sample="A-01",
               note=_t("街道内唯一，前导零照原样保留。"))  # fmt: skip
_MASTER = Column("总表表号", ("master_meter", "master", "总表号"), code_of(40), need=True, fill=True, sample="SH50-0001",
                 note=_t("这一笔属于哪块总表。"))  # fmt: skip
_ON = Column("日期", ("date", "on"), day_of, need=True, fill=True, sample="2026-03-05",
             note=_t("发生的那一天；不能晚于今天。"))  # fmt: skip
_AMOUNT = Column("金额", ("amount",), fen_of, need=True, fill=True, sample="350.00", note=_t("元，两位小数。"))
_MEANS = Column("方式", ("means", "payment_method", "支付方式"), text_of(40), empty="", sample="微信",
                note=_t("现金、微信、支付宝、银行转账等。"))  # fmt: skip
_VOUCHER = Column("凭证号", ("voucher", "voucher_number", "单据号"), code_of(60), empty="", sample="SJ-0001",
                  note=_t("一张凭证一行；一张凭证付几家时在凭证号后加 -1、-2。没有凭证可空着。"))  # fmt: skip
_PAYER = Column("缴款人", ("payer",), text_of(120), empty="", sample="代收人", note=_t("照原件写。"))
_PROOF = Column("证据", ("evidence",), word_of(EVIDENCE), empty=False, words=("已证实", "单方主张"), sample="已证实",
                note=_t("有独立记录或签字收据的填“已证实”；空着算“单方主张”。"))  # fmt: skip
_NOTE = Column("备注", ("note", "remark", "remarks"), text_of(300), empty="", note=_t("可空。"))


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
                   note=_t("招牌上的名字。")),
            Column("经营者", ("operator", "tenant"), text_of(120), empty="", sample="某经营者",
                   note=_t("在租的人或单位；空置、公用可空。")),
            Column("联系电话", ("phone", "电话"), text_of(40), empty="", sample="021-00000000", note=_t("可空。")),
            Column("建筑面积", ("area_sqm", "area", "面积"), area_of, sample="45.5",
                   note=_t("平方米；按面积或混合分摊时必须有。")),
            Column("分表表号", ("sub_meter", "分表号"), code_of(40), empty="", sample="",
                   note=_t("没有分表就空着。")),
            Column("用途", ("use",), text_of(40), empty="", words=USES, sample="餐饮",
                   note=_t("空着算商铺；表里没有的词记为“其他”。")),
            Column("入驻日期", ("from_on", "moved_in", "move_in_date"), day_of, need=True, sample="2026-01-01",
                   note=_t("第一天在；换过租户的商铺一段租期一行。")),
            Column("退租日期", ("until_on", "moved_out", "move_out_date"), day_of, sample="",
                   note=_t("第一天不在；空着表示还在。")),
            _MASTER,
        ),
        UnitRow,
        _t("一行是一个商铺的一段租期；户主自用、空置和公用水点也要列入，否则用水会算成损耗。"),
    ),
    FileKind.METERS: Layout(
        (
            Column("表号", ("meter", "meter_number", "水表号"), code_of(40), need=True, fill=True, sample="SH50-0001",
                   note=_t("街道内唯一，前导零照原样保留。")),
            Column("类别", ("kind", "meter_kind"), word_of(METER_KINDS), need=True, fill=True, words=("总表", "分表"),
                   sample="总表", note=_t("水司按总表结算，分表在总表之后。")),
            Column("口径", ("diameter", "diameter_mm"), diameter_of, sample="DN50", note=_t("如 DN50。")),
            Column("上级总表", ("master_meter", "parent"), code_of(40), empty="", sample="",
                   note=_t("分表必填，总表空着。")),
            Column("启用日期", ("started_on", "start_date"), day_of, need=True, fill=True, sample="2024-01-01",
                   note=_t("从这一天起计量。")),
            Column("检定日期", ("verified_on",), day_of, sample="2024-01-01", note=_t("可空。")),
            Column("起码", ("started_m3", "start_index"), index_of, empty=0, sample="0",
                   note=_t("启用时的行度，立方米；空着算 0。")),
            Column("安装位置", ("location",), text_of(200), empty="", sample="弄口水表井", note=_t("可空。")),
            Column("账户名", ("account_holder",), text_of(120), empty="", sample="某物业公司",
                   note=_t("与水司签合同的户主，只填总表。")),
            Column("代收人", ("agent",), text_of(120), empty="", sample="代收人", note=_t("向商铺收水费的人，只填总表。")),
            Column("分摊方式", ("sharing_method", "method"), word_of(METHODS), words=("等额", "面积", "分表", "混合"),
                   sample="等额", note=_t("只填总表；以后改要凭会议决定，用 hege method。")),
            Column("字轮位数", ("digits",), digits_of, sample="",
                   note=_t("可不列；行度整数部分的位数，不填算 5 位。")),
        ),
        MeterRow,
        _t("总表和分表列在一张表里，先后不限。"),
    ),
    FileKind.READINGS: Layout(
        (
            Column("表号", ("meter", "meter_number", "水表号"), code_of(40), need=True, fill=True, sample="SH50-0001",
                   note=_t("总表或分表。")),
            Column("抄表日期", ("read_on", "reading_date"), day_of, need=True, fill=True, sample="2026-03-31",
                   note=_t("一块表一天一次。")),
            Column("行度", ("index_m3", "index", "读数", "表码"), index_of, need=True, fill=True, sample="16393",
                   note=_t("立方米，最多三位小数。")),
            Column("抄表方式", ("reading_method", "method"), word_of(READING_METHODS), empty=ReadingMethod.ON_SITE,
                   words=("现场", "远传", "估抄"), sample="现场", note=_t("空着算现场。")),
            Column("抄表人", ("reader",), text_of(60), empty="", sample="网格员", note=_t("可空。")),
            _NOTE,
        ),
        ReadingRow,
        _t("抄错的行度要登记更正，不能用另一份文件覆盖。"),
    ),
    FileKind.BILLS: Layout(
        (
            Column("账单号", ("bill_number", "bill"), code_of(60), need=True, fill=True, sample="ZD-202603",
                   note=_t("水司账单上的号码。")),
            _MASTER,
            Column("账期起", ("from_on", "period_start"), day_of, need=True, fill=True, sample="2026-03-01",
                   note=_t("账期的第一天。")),
            Column("账期止", ("last_on", "period_end"), day_of, need=True, fill=True, sample="2026-03-31",
                   note=_t("账期的最后一天。")),
            Column("上期行度", ("previous_m3", "previous_index"), index_of, sample="15000",
                   note=_t("立方米；账期内换过表的空着。")),
            Column("本期行度", ("current_m3", "current_index"), index_of, sample="16000", note=_t("立方米。")),
            Column("用水量", ("volume_m3", "volume"), litres_of, sample="1000",
                   note=_t("立方米；两个行度都有时可空，否则必须等于两者之差。")),
            Column("供水费", ("supply",), fen_of, empty=0, sample="3990.00", note=_t("元；空着算 0。")),
            Column("污水处理费", ("sewage",), fen_of, empty=0, sample="2106.00", note=_t("元；空着算 0。")),
            Column("其他费用", ("other",), fen_of, empty=0, sample="", note=_t("元；空着算 0。")),
            Column("应缴金额", ("amount",), fen_of, need=True, fill=True, sample="6096.00",
                   note=_t("必须等于各项费用之和；红字账单填负数。")),
            Column("应缴日期", ("due_on", "due_date"), day_of, need=True, fill=True, sample="2026-04-20",
                   note=_t("最后缴款日。")),
            Column("出账日期", ("issued_on", "issue_date"), day_of, sample="2026-04-01", note=_t("空着算账期止。")),
        ),
        BillRow,
        _t("导入后立即按总表的分摊方式分摊；缺数据的留作未分摊，补齐后用 hege share。"),
    ),
    FileKind.RECEIPTS: Layout(
        (
            _ON,
            _UNIT,
            _AMOUNT,
            _MEANS,
            _VOUCHER,
            Column("收款人", ("payee", "received_by"), text_of(120), empty="", sample="代收人", note=_t("照原件写。")),
            _PROOF,
            _NOTE,
        ),
        ReceiptRow,
        _t("商铺交给代收人的钱，一笔一行。"),
    ),
    FileKind.REMITTANCES: Layout(
        (_ON, _MASTER, _AMOUNT, _MEANS, _VOUCHER, _PAYER, _PROOF, _NOTE),
        RemittanceRow,
        _t("代收人交给水司的钱；一次转账付几块总表的，一块一行，凭证号可以相同。"),
    ),
    FileKind.DIRECT_PAYMENTS: Layout(
        (_ON, _MASTER, _UNIT, _AMOUNT, _MEANS, _VOUCHER, _PAYER, _PROOF, _NOTE),
        DirectRow,
        _t("商铺或第三人绕过代收人直接交给水司的钱。"),
    ),
    FileKind.ACKNOWLEDGEMENTS: Layout(
        (
            _ON,
            _UNIT,
            Column("承认未缴金额", ("acknowledged_amount", "amount", "金额"), fen_of, need=True, fill=True, sample="350.00",
                   note=_t("截至当日承认还没交的钱，元。")),
            _VOUCHER,
            _NOTE,
        ),
        AcknowledgementRow,
        _t("商铺书面承认还没有交的钱；不产生新的欠款，只说明欠款有据。"),
    ),
    FileKind.ASSERTIONS: Layout(
        (
            _ON,
            _MASTER,
            Column("科目", ("account",), word_of(ACCOUNTS), need=True, fill=True,
                   words=("应付水司", "代收人持有", "商铺欠缴"), sample="应付水司", note=_t("核对哪个余额。")),
            Column("商铺编号", ("unit_code", "unit"), code_of(40), empty="", sample="", note=_t("只有商铺欠缴要填。")),
            _AMOUNT,
            _VOUCHER,
            _NOTE,
        ),
        AssertionRow,
        _t("对账单、盘点、签字确认上写的余额；与账上不一致时产生预警。"),
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


@dataclass(frozen=True, slots=True)
class Headings:
    """Where each column of a layout stands (-1 where it is absent), and the headings nobody asked for."""

    places: list[int]
    ignored: list[str]


def find_headings(kind: FileKind, header: Sequence[Cell]) -> Headings:
    """Match headings to columns: the Chinese name, else an alias. Refuses a missing or a doubled one by its name."""
    keys = [heading_key(cell) for cell in header]
    columns = LAYOUTS[kind].columns
    places, missing, doubled = [], [], []
    for column in columns:
        named = [i for i, key in enumerate(keys) if key == heading_key(column.name)]
        other = {heading_key(alias) for alias in column.aliases} - {heading_key(c.name) for c in columns}
        called = [i for i, key in enumerate(keys) if key in other]
        if len(named) > 1 or (not named and len(called) > 1):
            doubled.append(column.name)
        places.append((named or called or [-1])[0])
        if column.need and places[-1] < 0:
            missing.append(column.name)
    if doubled:
        raise Refused(_("表头重复：%(names)s。请每列只留一个。") % {"names": _("、").join(doubled)})
    if missing:
        there = _("、").join(shown(c).strip() for c in header if shown(c).strip()) or _("（空）")
        raise Refused(
            _("表头缺少：%(names)s。这是%(kind)s；文件里的表头是：%(there)s。")
            % {"names": _("、").join(missing), "kind": kind.label, "there": there[:400]}
        )
    ignored = [shown(c).strip() for i, c in enumerate(header) if i not in places and shown(c).strip()]
    return Headings(places, ignored)


@dataclass(slots=True)
class Read:
    """The rows of a table as values, every cell that could not be read, the headings left out."""

    rows: list[Any]
    faults: list[Fault]
    ignored: list[str]
    notices: list[str]
    count: int


def read_rows(kind: FileKind, table: Table, progress: Callable[[int, int], None] | None = None) -> Read:
    """Turn each row of a table into its values. A row with a bad cell gives faults and no values; empty rows are skipped."""
    headings = find_headings(kind, table.header)
    layout = LAYOUTS[kind]
    readers = [
        _Reader(column, place, serial_day_of if table.numbers_are_dates and column.parse is day_of else column.parse)
        for column, place in zip(layout.columns, headings.places, strict=True)
    ]
    rows: list[Any] = []
    faults = [Fault(row, "", cells, _("数据区有合并的单元格，请取消合并后逐行填写")) for row, cells in table.merged_rows]
    width, count, made, total = max(headings.places) + 1, 0, layout.row, len(table.rows)
    for number, cells in enumerate(table.rows, table.first_row):
        if progress and number % 2000 == 0:
            progress(number - table.first_row, total)
        if not any(cell is not None and cell != "" and not (isinstance(cell, str) and cell.isspace()) for cell in cells):
            continue
        count += 1
        if len(cells) < width:
            cells = [*cells, *([None] * (width - len(cells)))]
        before = len(faults)
        values = [reader.value(number, cells, faults) for reader in readers]
        if len(faults) == before:
            rows.append(made(number, *values))
    if not count:
        raise Refused(_("表里只有表头，没有数据。"))
    return Read(rows, faults, headings.ignored, list(table.notices), count)


class _Reader:
    """Reads one column; remembers the texts it has read, since names and days repeat."""

    __slots__ = ("column", "parse", "place", "seen")

    def __init__(self, column: Column, place: int, parse: Callable[[Cell], Any]) -> None:
        self.column, self.place, self.parse = column, place, parse
        self.seen: dict[Cell, Any] = {}

    def value(self, number: int, cells: Sequence[Cell], faults: list[Fault]) -> Any:
        cell = cells[self.place] if self.place >= 0 else None
        text = cell.__class__ is str
        if text and cell in self.seen:
            return self.seen[cell]
        try:
            value = self._read(cell)
        except BadCell as problem:
            faults.append(Fault(number, self.column.name, shown(cell)[:200], str(problem)))
            return None
        if text and len(self.seen) < 50_000:
            self.seen[cell] = value
        return value

    def _read(self, cell: Cell) -> Any:
        value = None if cell is None or (isinstance(cell, str) and not cell.strip()) else self.parse(cell)
        if value is not None and value != "":
            return value
        if self.column.fill:
            raise BadCell(_("不能空着"))
        return self.column.empty


def raw_row(header: Sequence[Cell], cells: Sequence[Cell]) -> dict[str, str]:
    """A row as it stood under its headings, for the record; empty cells are left out."""
    return {
        shown(head).strip() or f"#{place}": shown(cell)
        for place, (head, cell) in enumerate(zip(header, cells, strict=False), 1)
        if cell is not None and cell != ""
    }


# -- what makes a booked row the same row ------------------------------------------------------------------------------


def digest_of(values: Sequence[Any]) -> str:
    """SHA-256 over a row's values (not over how they were written), so that 2026/3/5 and 2026-03-05 are the same."""
    text = json.dumps([str(v) if v.__class__ is not int else v for v in values], ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def voucher_key(*parts: str) -> str:
    """The key of a row that has a voucher; ``~`` is kept for the numbering of corrected rows."""
    key = "|".join(parts).replace("~", "~~")
    return key if len(key) <= KEY_LENGTH else f"sha256:{hashlib.sha256(key.encode()).hexdigest()}"


def content_key(digest: str, repeats: int) -> str:
    """The key of a row without a voucher: its content, and which of the equal rows in the file it is."""
    return f"sha256:{digest}#{repeats}"
