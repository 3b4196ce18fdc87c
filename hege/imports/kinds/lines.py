"""Statements of a wallet, a bank, the utility: lines that are some of them water money, each told whose it is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Annotated, ClassVar, NamedTuple

from django.utils.translation import gettext_lazy as _

from hege.billing.models import Payment
from hege.imports.cells import code_of, day_of, fen_of, flow_of, said
from hege.imports.kind import Booking, Kind
from hege.imports.layouts import Column, FileKind, Layout

DIRECTION = Column("收支", ("direction",), flow_of, empty="", sample="收入", note=_("收入、支出，或不计收支。"))
BALANCE = Column("余额", ("balance",), fen_of, sample="", note=_("记账后的余额，用来核对各行。"))


# fmt: off
class LineRow(NamedTuple):
    """A line as its owner sees it: the sum without a sign, ``direction`` (收入, 支出 or 不计收支, of ``cells``) says which way.

    A sum below zero takes back what went that way before.
    """

    number: int
    on: Annotated[dt.date, Column("日期", ("date", "on"), day_of, fill=True, sample="2026-03-05", note=_("入账的那一天。"))]
    amount_fen: Annotated[int, Column("金额", ("amount",), fen_of, fill=True, sample="350.00", note=_("元，两位小数。"))]
    direction: Annotated[str, DIRECTION]
    counterparty: Annotated[str, Column("对方", ("counterparty", "payer"), said(120), empty="", note=_("谁付来的，或付给谁。"))]
    account: Annotated[str, Column("户号", ("customer_account",), code_of(60), empty="", note=_("水司的户号。"))]
    means: Annotated[str, Column("方式", ("means", "channel"), said(40), empty="", note=_("渠道或支付方式。"))]
    sort: Annotated[str, Column("交易类型", ("type",), said(60), empty="", note=_("转账、提现、红包等。"))]
    status: Annotated[str, Column("状态", ("status",), said(40), empty="", note=_("退款、关闭的不算。"))]
    voucher: Annotated[str, Column("凭证号", ("voucher", "number"), code_of(80), empty="", note=_("交易单号或流水号。"))]
    remark: Annotated[str, Column("备注", ("remark", "note"), said(300), empty="", note=_("附言、商品说明。"))]
    balance_fen: Annotated[int | None, BALANCE]
# fmt: on


class Lines(Kind[LineRow]):
    """Lines of a statement: none is booked before a person, or a rule a person can read, has said what it is."""

    told_apart = ("voucher",)
    counted = {"payments": (Payment, {})}
    movement: ClassVar[tuple[str, ...]] = ("on", "direction", "amount_fen", "counterparty", "remark")

    def check(self, rows: Sequence[LineRow]) -> None:
        for row in rows:
            self.fault(row, "counterparty", _("还认不出这一行是什么"))

    def book(self, booking: Booking) -> None:
        """Nothing yet."""


class WalletLines(Lines):
    """A wallet's export: what its owner was sent and sent."""

    layout = Layout(FileKind.WALLET, LineRow, note=_("代收人的微信或支付宝账单，照原样。"))


class BankLines(Lines):
    """A bank's statement of an account."""

    layout = Layout(FileKind.BANK, LineRow, note=_("代收人的银行账户明细，照原样。"))


class UtilityLines(Lines):
    """What the utility received for its customer accounts, whoever paid."""

    layout = Layout(FileKind.UTILITY_PAYMENTS, LineRow, note=_("水司收到的缴费记录，照原样。"))
