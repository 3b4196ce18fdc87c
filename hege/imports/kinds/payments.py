"""Receipts, remittances, direct payments: money that changed hands, tens of thousands of rows at a time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, NamedTuple, TypeVar

from django.utils.translation import gettext_lazy as _

from hege.billing.actions import PaymentDraft, add_papers, take_payments
from hege.billing.chart import TransactionKind
from hege.billing.rules import payment_lines
from hege.imports.cells import text_of
from hege.imports.doubts import same_money
from hege.imports.keys import Candidate
from hege.imports.kind import Booking
from hege.imports.layouts import (
    AMOUNT,
    MASTER,
    MEANS,
    NOTE,
    ON,
    PAYER,
    PROOF,
    UNIT,
    VOUCHER,
    WHOSE,
    Column,
    FileKind,
    Layout,
)
from hege.imports.money import MoneyKind, Whose
from hege.imports.queries import ToCome
from hege.kernel.spelling import fold
from hege.ledger.models import Transaction

LOT = 5000
Row = TypeVar("Row")


class ReceiptRow(NamedTuple):
    number: int
    on: Annotated[dt.date, ON]
    unit: Annotated[str, UNIT]
    amount_fen: Annotated[int, AMOUNT]
    means: Annotated[str, MEANS]
    voucher: Annotated[str, VOUCHER]
    counterparty: Annotated[
        str,
        Column("收款人", ("payee", "received_by"), text_of(120), empty="", sample="代收人", note=_("照原件写。")),
    ]
    confirmed: Annotated[bool, PROOF]
    note: Annotated[str, NOTE]
    operator: Annotated[str, WHOSE]


class RemittanceRow(NamedTuple):
    number: int
    on: Annotated[dt.date, ON]
    master: Annotated[str, MASTER]
    amount_fen: Annotated[int, AMOUNT]
    means: Annotated[str, MEANS]
    voucher: Annotated[str, VOUCHER]
    counterparty: Annotated[str, PAYER]
    confirmed: Annotated[bool, PROOF]
    note: Annotated[str, NOTE]


class DirectRow(NamedTuple):
    number: int
    on: Annotated[dt.date, ON]
    master: Annotated[str, MASTER]
    unit: Annotated[str, UNIT]
    amount_fen: Annotated[int, AMOUNT]
    means: Annotated[str, MEANS]
    voucher: Annotated[str, VOUCHER]
    counterparty: Annotated[str, PAYER]
    confirmed: Annotated[bool, PROOF]
    note: Annotated[str, NOTE]
    operator: Annotated[str, WHOSE]


class Payments(MoneyKind[Row]):
    """Checked against the units, meters and tenants they name, and against what was booked from another paper."""

    transaction: ClassVar[TransactionKind]

    def check(self, rows: Sequence[Any]) -> None:
        super().check(rows)
        good = [(c.row, self.good[c.row.number]) for c in self.fresh if c.row.number in self.good]
        papers = same_money(self, self.transaction, good)
        self.added = [(papers[c.row.number], c) for c in self.fresh if c.row.number in papers]
        self.fresh = [c for c in self.fresh if c.row.number not in papers]
        self.new, self.changed = {c.row.number for c in self.fresh}, set(papers)
        self.tell_of_former()

    def book(self, booking: Booking) -> None:
        street, by, at, file = self.run.street, booking.by, booking.at, booking.file
        for lot in booking.lots(self.fresh, LOT, book_of=lambda c: self.good[c.row.number].point.book_id):
            take_payments(street, [self._draft(c) for c in lot], by=by, at=at, file=file)
        papers = [(transaction_id, self._draft(c)) for transaction_id, c in self.added]
        add_papers(street, papers, by=by, at=at, file=file)

    def foresee(self) -> ToCome:
        lines = []
        for c in self.fresh:
            point, tenancy, agent = self.good[c.row.number]
            ends = {"tenancy_id": tenancy.pk if tenancy else None, "agent_id": agent.pk if agent else None}
            lines += [(point.book_id, line) for line in payment_lines(self.transaction, c.row.amount_fen, **ends)]
        return ToCome({"payments": len(self.fresh)}, lines)

    def check_cells(self, row: Any) -> None:
        super().check_cells(row)
        if row.amount_fen is not None and row.amount_fen <= 0:
            self.fault(row, "amount_fen", _("金额要大于 0；登记错的请冲正"))

    def _draft(self, c: Candidate) -> PaymentDraft:
        row, whose = c.row, self.good[c.row.number]
        return PaymentDraft(
            kind=self.transaction,
            point=whose.point,
            on=row.on,
            amount_fen=row.amount_fen,
            confirmed=row.confirmed,
            tenancy=whose.tenancy,
            agent=whose.agent,
            means=row.means,
            voucher=row.voucher,
            counterparty=row.counterparty,
            note=row.note,
            source=self.source(row.number, c.key, c.digest),
        )


class Receipts(Payments[ReceiptRow]):
    """What shops gave the agent."""

    layout = Layout(FileKind.RECEIPTS, ReceiptRow, note=_("商铺交给代收人的钱，一笔一行。"))
    transaction = TransactionKind.RECEIPT
    # Each of these transactions is one payment, and they are counted without leaving their index.
    counted = {"payments": (Transaction, {"kind": TransactionKind.RECEIPT})}
    movement = ("on", "unit", "amount_fen")

    def whose(self, row: ReceiptRow) -> Whose:
        tenancy = self.directory.tenancy(row.unit, row.on, row.operator)
        point = self.directory.connection(tenancy, row.unit, row.on).point
        return Whose(point, tenancy, self.directory.agent(point, row.on, column="商铺编号", value=row.unit))

    def check_row(self, row: ReceiptRow, whose: Whose | None) -> None:
        agent, named = whose.agent if whose else None, row.counterparty
        if agent and named not in ("", agent.name) and fold(named) != fold(agent.name):
            text = _("收款人与登记的代收人（%(agent)s）不同，照原样保留")
            self.notices.add(text % {"agent": agent.name}, row.number)


class Remittances(Payments[RemittanceRow]):
    """What the agent gave the utility."""

    layout = Layout(
        FileKind.REMITTANCES, RemittanceRow,
        note=_("代收人交给水司的钱；一次转账付几块总表的，一块一行，凭证号可以相同。"),
    )  # fmt: skip
    transaction = TransactionKind.REMITTANCE
    counted = {"payments": (Transaction, {"kind": TransactionKind.REMITTANCE})}
    told_apart = ("master", "voucher")
    movement = ("on", "master", "amount_fen")

    def voucher(self, row: RemittanceRow) -> Sequence[str]:
        return (row.voucher, row.master)

    def whose(self, row: RemittanceRow) -> Whose:
        point = self.directory.point(row.master)
        return Whose(point, None, self.directory.agent(point, row.on, column="总表表号", value=row.master))


class DirectPayments(Payments[DirectRow]):
    """What shops, or others for them, gave the utility past the agent."""

    layout = Layout(
        FileKind.DIRECT_PAYMENTS, DirectRow, note=_("商铺或别人绕过代收人直接交给水司的钱。"),
    )  # fmt: skip
    transaction = TransactionKind.DIRECT_PAYMENT
    counted = {"payments": (Transaction, {"kind": TransactionKind.DIRECT_PAYMENT})}
    movement = ("on", "master", "unit", "amount_fen")

    def whose(self, row: DirectRow) -> Whose:
        tenancy = self.directory.tenancy(row.unit, row.on, row.operator)
        return Whose(self.directory.point_of(row.master, row.unit, tenancy), tenancy, None)
