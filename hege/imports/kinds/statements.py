"""What units admit and what third records say: nothing is posted, both are kept beside the ledger."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Annotated, NamedTuple

from django.utils.translation import gettext_lazy as _

from hege.billing.actions import AcknowledgementDraft, acknowledge_debts
from hege.billing.chart import AccountKind
from hege.billing.models import Acknowledgement
from hege.imports.cells import code_of, fen_of, word_of
from hege.imports.kind import Booking
from hege.imports.kinds.payments import MoneyKind, Whose
from hege.imports.layouts import AMOUNT, MASTER, NOTE, ON, UNIT, VOUCHER, WHOSE, Column, FileKind, Layout
from hege.ledger.actions import AssertionDraft, assert_balances
from hege.ledger.models import BalanceAssertion

ACCOUNTS = {
    "应付水司": AccountKind.PAYABLE, "代收人持有": AccountKind.AGENT, "商铺欠缴": AccountKind.TENANCY,
    "payable": AccountKind.PAYABLE, "held": AccountKind.AGENT, "owed": AccountKind.TENANCY,
}  # fmt: skip


# fmt: off
class AcknowledgementRow(NamedTuple):
    number: int
    on: Annotated[dt.date, ON]
    unit: Annotated[str, UNIT]
    amount_fen: Annotated[int, Column("承认未缴金额", ("acknowledged_amount", "amount", "金额"), fen_of, fill=True,
        sample="350.00", note=_("截至当日承认还没交的钱，元。"))]
    voucher: Annotated[str, VOUCHER]
    note: Annotated[str, NOTE]
    operator: Annotated[str, WHOSE]


class AssertionRow(NamedTuple):
    number: int
    on: Annotated[dt.date, ON]
    master: Annotated[str, MASTER]
    account: Annotated[AccountKind, Column("科目", ("account",), word_of(ACCOUNTS), fill=True, words=("应付水司", "代收人持有",
        "商铺欠缴"), sample="应付水司", note=_("核对哪个余额。"))]
    unit: Annotated[str, Column("商铺编号", ("unit_code", "unit"), code_of(40), empty="", sample="", note=_("只有商铺欠缴要填。"))]
    amount_fen: Annotated[int, AMOUNT]
    voucher: Annotated[str, VOUCHER]
    note: Annotated[str, NOTE]
# fmt: on


class Acknowledgements(MoneyKind[AcknowledgementRow]):
    """What units admit not to have paid."""

    layout = Layout(
        FileKind.ACKNOWLEDGEMENTS, AcknowledgementRow,
        note=_("商铺书面承认还没有交的钱；不产生新的欠款，只说明欠款有据。"),
    )  # fmt: skip
    counted = {"acknowledgements": (Acknowledgement, {})}
    movement = ("on", "unit", "amount_fen")
    mend = _("一张凭证涉及几家时请在凭证号后加 -1、-2。")

    def whose(self, row: AcknowledgementRow) -> Whose:
        tenancy = self.directory.tenancy(row.unit, row.on, row.operator)
        return Whose(self.directory.point_at(tenancy, row.unit, row.on), tenancy, None)

    def check(self, rows: Sequence[AcknowledgementRow]) -> None:
        super().check(rows)
        self.tell_of_former()

    def check_row(self, row: AcknowledgementRow, whose: Whose | None) -> None:
        if row.amount_fen < 0:
            self.fault(row, "amount_fen", _("不能是负数"))

    def book(self, booking: Booking) -> None:
        drafts = []
        for c in self.fresh:
            row, (point, tenancy, _agent) = c.row, self.good[c.row.number]
            assert tenancy is not None
            drafts.append(
                AcknowledgementDraft(
                    point=point,
                    tenancy=tenancy,
                    on=row.on,
                    amount_fen=row.amount_fen,
                    voucher=row.voucher,
                    note=row.note,
                    source=self.source(row.number, c.key, c.digest),
                )
            )
        acknowledge_debts(self.run.street, drafts, by=booking.by, at=booking.at, file=booking.file)


class Assertions(MoneyKind[AssertionRow]):
    """What third records say balances are. One document may state many balances."""

    layout = Layout(
        FileKind.ASSERTIONS, AssertionRow,
        note=_("对账单、盘点、签字确认上写的余额；与账上不一致时产生预警。"),
    )  # fmt: skip
    told_apart = ("on", "master", "account", "unit", "voucher")
    counted = {"assertions": (BalanceAssertion, {})}
    movement = ("on", "master", "account", "unit", "amount_fen")
    mend = _("同一凭证、同一天、同一科目只能有一个余额。")

    def voucher(self, row: AssertionRow) -> Sequence[str]:
        return (row.voucher, row.master, row.account.value, row.unit, row.on.isoformat())

    def whose(self, row: AssertionRow) -> Whose:
        point = self.directory.point(row.master)
        if row.account is not AccountKind.TENANCY or not row.unit:
            return Whose(point, None, None)
        tenancy = self.directory.tenancy(row.unit, row.on)
        return Whose(self.directory.point_of(row.master, row.unit, tenancy), tenancy, None)

    def check_row(self, row: AssertionRow, whose: Whose | None) -> None:
        if row.amount_fen < 0:
            self.notices.add(_("金额是负数，表示反过来欠（如预缴、垫付、多付）；照原样登记，请核对"), row.number)
        if row.account is not AccountKind.TENANCY and row.unit:
            self.fault(row, "unit", _("只有科目是“商铺欠缴”才填商铺编号"))
        if row.account is AccountKind.TENANCY and not row.unit:
            self.fault(row, "unit", _("科目是“商铺欠缴”要填商铺编号"))

    def book(self, booking: Booking) -> None:
        drafts = []
        for c in self.fresh:
            row, (point, tenancy, _agent) = c.row, self.good[c.row.number]
            drafts.append(
                AssertionDraft(
                    book_id=point.book_id,
                    account_kind=row.account,
                    on=row.on,
                    amount_fen=row.amount_fen,
                    tenancy_id=tenancy.pk if tenancy else None,
                    document=row.voucher,
                    note=row.note,
                    source=self.source(row.number, c.key, c.digest),
                )
            )
        assert_balances(self.run.street, drafts, by=booking.by, at=booking.at, file=booking.file)
