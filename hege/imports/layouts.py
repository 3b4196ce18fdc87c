"""Headings and the rows they make: what a cell of a column may hold, and the columns that several kinds of file have."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, get_type_hints

from django.db.models import Choices, TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hege.imports.cells import Cell, code_of, day_of, fen_of, squeeze, text_of, word_of
from hege.kernel.money import yuan
from hege.kernel.refused import Refused
from hege.metering.rules import m3

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
    WALLET = "wallet", _("钱包账单")
    BANK = "bank", _("银行流水")
    UTILITY_PAYMENTS = "utility-payments", _("水司缴费记录")
    HONOURS = "honours", _("荣誉")


#: What is said of a statement as a whole, beside what its columns do not say (``Answers.constants``): whose it is.
OWNER = "owner"
#: Statements others write: read as they come, so that there is no template to fill in.
STATEMENTS = frozenset({FileKind.WALLET, FileKind.BANK, FileKind.UTILITY_PAYMENTS})
TEMPLATES = tuple(kind for kind in FileKind if kind not in STATEMENTS)


@dataclass(frozen=True, slots=True)
class Column:
    """One heading of a kind: the Chinese name of the issue, what else it may be called, how its cells are read.

    ``need`` says the heading must be there, ``fill`` that every row must have a value too. ``empty`` is what an
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


class Layout:
    """The headings of one kind, and the named tuple a row makes: its number in the sheet, then a value for each column.

    A field of the row says its column beside its type: ``on: Annotated[dt.date, ON]``.
    """

    def __init__(self, kind: FileKind, row: Any, *, note: Words) -> None:
        self.kind, self.row, self.note = kind, row, note
        self.fields: tuple[str, ...] = row._fields[1:]
        hints = get_type_hints(row, include_extras=True)
        self.columns: tuple[Column, ...] = tuple(hints[name].__metadata__[0] for name in self.fields)
        self.heading = {name: column.name for name, column in zip(self.fields, self.columns, strict=True)}
        self._called = {squeeze(word): name for name, column in self.named() for word in column.aliases}
        self._called |= {squeeze(word): name for name, column in self.named() for word in (name, column.name)}

    def named(self) -> list[tuple[str, Column]]:
        """Each field with its column, in their order."""
        return [*zip(self.fields, self.columns, strict=True)]

    def column(self, name: str) -> Column:
        """The column of a field."""
        return self.columns[self.fields.index(name)]

    def field_called(self, word: str) -> str:
        """The field by its name, its heading or another name of it; "" where there is none."""
        return self._called.get(squeeze(word), "")

    def told(self, row: Any) -> dict[str, str]:
        """What a row was read as, by heading, its number under ""; what is empty is left out."""
        said = {self.heading[name]: worded(name, getattr(row, name)) for name in self.fields}
        return {"": str(row.number), **{heading: words for heading, words in said.items() if words}}


def worded(name: str, value: Any) -> str:
    """The value of a field as people write it: yuan, cubic metres, the word of a choice."""
    if value is None:
        return ""
    if name.endswith("_fen"):
        return yuan(value)
    if name.endswith("litres"):
        return m3(value)
    if isinstance(value, bool):
        return str(_("已证实") if value else _("单方主张"))
    return str(value.label if isinstance(value, Choices) else value)


#: What a file without a column for evidence may say instead of a word: a row with a voucher is confirmed, one without is not.
BY_VOUCHER = "有凭证号的已证实"
EVIDENCE = {"已证实": True, "单方主张": False, "confirmed": True, "claimed": False}

UNIT = Column("商铺编号", ("unit_code", "unit", "商铺号", "铺号"), code_of(40), fill=True, sample="A-01",
              note=_("街道内唯一，前导零照原样保留。"))  # fmt: skip
MASTER = Column("总表表号", ("master_meter", "master", "总表号"), code_of(40), fill=True, sample="SH50-0001",
                note=_("这一笔属于哪块总表。"))  # fmt: skip
ON = Column("日期", ("date", "on"), day_of, fill=True, sample="2026-03-05",
            note=_("发生的那一天；不能晚于今天。"))  # fmt: skip
AMOUNT = Column("金额", ("amount",), fen_of, fill=True, sample="350.00", note=_("元，两位小数。"))
MEANS = Column("方式", ("means", "payment_method", "支付方式"), text_of(40), empty="", sample="微信",
               note=_("现金、微信、支付宝、银行转账等。"))  # fmt: skip
VOUCHER = Column("凭证号", ("voucher", "voucher_number", "单据号"), code_of(60), empty="", sample="SJ-0001",
                 note=_("一张凭证一行；一张凭证付几家时在凭证号后加 -1、-2。没有凭证可空着。"))  # fmt: skip
PAYER = Column("缴款人", ("payer",), text_of(120), empty="", sample="代收人", note=_("照原件写。"))
PROOF = Column("证据", ("evidence",), word_of(EVIDENCE), empty=False, words=("已证实", "单方主张"), sample="已证实",
               note=_("有独立记录或签字收据的填“已证实”；空着算“单方主张”。"))  # fmt: skip
WHOSE = Column("经营者", ("operator", "tenant"), text_of(120), empty="", sample="",
               note=_("可不列；商铺换过租户的写明是哪一家的，空着归那一天在租的。"))  # fmt: skip
NAMED = Column("指定用途", ("named", "purpose", "designation"), text_of(200), empty="", sample="",
               note=_("可不列；付款人付款时指定付哪张账单（账单号、几月）或哪一期（第几期）的写明，几张用、隔开；空着按法定顺序抵。"))  # fmt: skip
NOTE = Column("备注", ("note", "remark", "remarks"), text_of(300), empty="", note=_("可空。"))


def kind_of(word: str) -> FileKind:
    """The kind by its word. Raises ``Refused`` naming all of them."""
    try:
        return FileKind(word.strip().lower().replace("_", "-"))
    except ValueError:
        raise Refused(
            _("没有 %(word)s 这种文件；可以导入：%(kinds)s。")
            % {"word": word, "kinds": _("、").join(f"{k.value}（{k.label}）" for k in FileKind)}
        ) from None
