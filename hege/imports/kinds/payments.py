"""Receipts, remittances, direct payments: money that changed hands, tens of thousands of rows at a time.

What these have in common with other kinds whose rows each belong to one book is ``MoneyKind``.
"""

from __future__ import annotations

import datetime as dt
from abc import abstractmethod
from collections.abc import Sequence
from operator import attrgetter
from typing import Annotated, Any, ClassVar, NamedTuple, TypeVar

from django.utils.translation import gettext_lazy as _

from hege.billing.actions import PaymentDraft, add_papers, take_payments
from hege.billing.applying.queries import nameable
from hege.billing.applying.rules import check_clear, check_named, read_named
from hege.billing.chart import TransactionKind
from hege.billing.rules import payment_lines
from hege.imports import layouts, queries
from hege.imports.cells import squeeze, text_of
from hege.imports.keys import Candidate, candidates, pick_fresh, same_money
from hege.imports.kind import Booking, Kind
from hege.imports.layouts import Column, FileKind, Layout, Words
from hege.kernel.calendar import DAY
from hege.kernel.money import yuan
from hege.kernel.refused import Refused
from hege.kernel.spelling import fold
from hege.ledger.models import Transaction
from hege.metering.models import Connection, PointRole, SupplyPoint
from hege.metering.rules import PointRoleKind
from hege.people.models import Party, Street
from hege.places.models import Tenancy, Unit

LOT, TELL_EVERY = 5000, 2000
Row = TypeVar("Row")


class Whose(NamedTuple):
    """Where the money of a row belongs."""

    point: SupplyPoint
    tenancy: Tenancy | None
    agent: Party | None


class Missing(Exception):
    """A row that names nobody we know: heading, value, reason."""

    def __init__(self, column: str, value: str, reason: Words) -> None:
        super().__init__(reason)
        self.column, self.value = column, value


class Directory:
    """Units, tenancies, connections, supply points and agents that the rows name, read once."""

    def __init__(self, street: Street, rows: Sequence[Any]) -> None:
        self.units: dict[str, Unit] = queries.units_by_code(street, [r.unit for r in rows if getattr(r, "unit", "")])
        ids = [u.pk for u in self.units.values()]
        self.tenancies = queries.tenancies_of(street, ids)
        self.connections = queries.connections_of(street, ids)
        self.points = queries.points_by_number(street, [r.master for r in rows if getattr(r, "master", "")])
        found = {p.pk: p for p in self.points.values()}
        for connections in self.connections.rows.values():
            found.update({c.point_id: c.point for c in connections})
        self.agents: queries.Spans = queries.roles_of(street, found, PointRoleKind.AGENT)
        self.names: dict[str, list[tuple[str, Tenancy]]] = self._names(street) if any(map(_note, rows)) else {}

    def _names(self, street: Street) -> dict[str, list[tuple[str, Tenancy]]]:
        """What tenancies are called in notes, by unit, where a unit had several: the operator, a sign remembered."""
        several = [(code, self.tenancies.rows.get(unit.pk, ())) for code, unit in self.units.items()]
        several = [(code, spans) for code, spans in several if len(spans) > 1]
        signs = queries.signs_learnt(street, [t.pk for _code, spans in several for t in spans])
        return {
            code: [(fold(name), t) for t in spans for name in (_who(t), *signs.get(t.pk, ())) if len(name) > 1]
            for code, spans in several
        }

    def named_in(self, note: str, code: str, on: dt.date) -> Tenancy | None:
        """The tenancy of a unit whose operator or former sign a note names (旧租户 …), where it names one alone."""
        names = self.names.get(code) if note else None
        folded = fold(note) if names else ""
        found = {t.pk: t for name, t in names or () if name in folded and t.from_on <= on}
        return next(iter(found.values())) if len(found) == 1 else None

    def tenancy(self, code: str, on: dt.date, operator: str = "", note: str = "") -> Tenancy:
        """Who rented a unit on a day, else who did last before it; of that name, where one is named, in a note at least.

        Raises ``Missing``.
        """
        unit = self.units.get(code)
        if unit is None:
            raise Missing("商铺编号", code, _("名册里没有这个商铺"))
        spans: list[Tenancy] = self.tenancies.rows.get(unit.pk, [])
        if not spans:
            raise Missing("商铺编号", code, _("这个商铺没有登记过租户"))
        named = [t for t in spans if squeeze(_who(t)) == squeeze(operator)] if operator else spans
        if not named:
            reason = _("这个商铺没有这个经营者；登记过的租期：%(spans)s")
            raise Missing("经营者", operator, reason % {"spans": _("、").join(map(_spell, spans))})
        started = [t for t in named if t.from_on <= on]
        if not operator and (noted := self.named_in(note, code, on)):
            return noted
        if not started:
            first = {"day": named[0].from_on}
            reason = (
                _("早于这个经营者的租期（%(day)s 起）") if operator else _("早于这个商铺的第一个租期（%(day)s 起）")
            )
            raise Missing("日期", on.isoformat(), reason % first)
        return started[-1]

    def before(self, tenancy: Tenancy) -> list[Tenancy]:
        """The tenancies of the same unit that began before one."""
        return [t for t in self.tenancies.rows[tenancy.unit_id] if t.from_on < tenancy.from_on]

    def point_at(self, tenancy: Tenancy, code: str, on: dt.date) -> SupplyPoint:
        """What a tenancy drew from on a day; one that had ended counts by its last day. Raises ``Missing``."""
        day = on if tenancy.until_on is None or on < tenancy.until_on else tenancy.until_on - DAY
        connection: Connection | None = self.connections.at(tenancy.unit_id, day)
        if connection is None:
            raise Missing("商铺编号", code, _("这个商铺没有登记接在哪块总表后面"))
        return connection.point

    def point(self, number: str) -> SupplyPoint:
        """A supply point by a master meter's number. Raises ``Missing``."""
        point = self.points.get(number)
        if point is None:
            raise Missing("总表表号", number, _("没有这块总表"))
        return point

    def point_of(self, number: str, code: str, tenancy: Tenancy) -> SupplyPoint:
        """A supply point that a tenancy's unit is or was behind. Raises ``Missing``."""
        point = self.point(number)
        if all(c.point_id != point.pk for c in self.connections.rows.get(tenancy.unit_id, ())):
            raise Missing("总表表号", number, _("商铺 %(code)s 不接在这块总表后面") % {"code": code})
        return point

    def strangers(self, row: Any) -> list[Missing]:
        """Every name in a row that no roster knows."""
        asked = (("master", "总表表号", self.points), ("unit", "商铺编号", self.units))
        return [
            Missing(column, word, queries.ON_THE_ROSTER[name][1])
            for name, column, known in asked
            if (word := getattr(row, name, "")) and word not in known
        ]

    def agent(self, point: SupplyPoint, on: dt.date, *, column: str, value: str) -> Party:
        """Who collected behind a supply point on a day. Raises ``Missing`` for the cell that led there."""
        role: PointRole | None = self.agents.at(point.pk, on)
        if role is None:
            reason = _("总表 %(code)s 没有登记代收人；请在水表名册里填代收人") % {"code": point.code}
            raise Missing(column, value, reason)
        return role.party


class MoneyKind(Kind[Row]):
    """A kind whose rows each belong to one book; a row is known again by its voucher, else by what it moves."""

    told_apart: ClassVar[tuple[str, ...]] = ("voucher",)
    movement: ClassVar[tuple[str, ...]]  #: fields that make a row without a voucher the same money
    mend: ClassVar[Words] = _("一张凭证付几家时请在凭证号后加 -1、-2。")

    @abstractmethod
    def whose(self, row: Any) -> Whose:
        """Where a row's money belongs. Raises ``Missing``."""

    def check_row(self, row: Any, whose: Whose | None) -> None:
        """What else a row must fulfil; ``whose`` is None where it names nobody we know."""
        if whose and whose.tenancy and not row.operator and self.directory.names.get(row.unit):
            named = self.directory.named_in(_note(row), row.unit, row.on)
            if named is not None and named is not self.directory.tenancy(row.unit, row.on):
                text = _("备注写了 %(who)s，记在其名下")
                self.notices.add(text % {"who": _spell(named)}, row.number)

    def voucher(self, row: Any) -> Sequence[str]:
        """What makes up the key of a row that has a voucher."""
        return (row.voucher,)

    def check(self, rows: Sequence[Any]) -> None:
        self.directory = Directory(self.run.street, rows)
        self.good: dict[int, Whose] = {}
        known: dict[tuple[Any, ...], Whose | Missing] = {}
        names_of = attrgetter(*(n for n in ("on", "unit", "master", "operator", "account") if n in self.layout.fields))
        for place, row in enumerate(rows):
            if place % TELL_EVERY == 0:
                self.tell(60 * place // len(rows))
            names = (*names_of(row), _note(row) if getattr(row, "unit", "") in self.directory.names else "")
            whose = known.get(names)
            if whose is None:
                try:
                    whose = self.whose(row)
                except Missing as missing:
                    whose = missing
                known[names] = whose
            self.check_cells(row)
            self.check_row(row, None if isinstance(whose, Missing) else whose)
            if isinstance(whose, Missing):
                for stranger in self.directory.strangers(row) or [whose]:
                    self.fault_at(row.number, stranger.column, stranger.value, stranger)
            else:
                self.good[row.number] = whose
        self.book_ids = {whose.point.book_id for whose in self.good.values()}
        asked = candidates(rows, voucher=self.voucher, movement=attrgetter(*self.movement))
        self.fresh = pick_fresh(self, asked, name="voucher", mend=self.mend)
        self.new = {c.row.number for c in self.fresh}

    def tell_of_former(self) -> None:
        """Say where a row fell to a tenant by its day alone while one before still owes: it may be that one's money."""
        rows = [(c.row, self.good[c.row.number].tenancy) for c in self.fresh if c.row.number in self.good]
        asked = [
            (row, tenancy, self.directory.before(tenancy)) for row, tenancy in rows if tenancy and not row.operator
        ]
        owed = queries.owed_by(self.run.street, {t.pk for _row, _tenancy, former in asked for t in former})
        for row, tenancy, former in asked:
            debts = [
                _("%(who)s 还欠 %(sum)s 元") % {"who": _spell(t), "sum": yuan(owed[t.pk])}
                for t in former
                if t.pk in owed
            ]
            if debts:
                text = _(
                    "商铺 %(unit)s 从前的租户 %(debts)s；这笔按日期记在 %(who)s 名下，是从前租户的请在“经营者”一列写明"
                )
                values = {"unit": row.unit, "debts": _("、").join(debts), "who": _spell(tenancy)}
                self.notices.add(text % values, row.number)


class ReceiptRow(NamedTuple):
    number: int
    on: Annotated[dt.date, layouts.ON]
    unit: Annotated[str, layouts.UNIT]
    amount_fen: Annotated[int, layouts.AMOUNT]
    means: Annotated[str, layouts.MEANS]
    voucher: Annotated[str, layouts.VOUCHER]
    counterparty: Annotated[
        str,
        Column("收款人", ("payee", "received_by"), text_of(120), empty="", sample="代收人", note=_("照原件写。")),
    ]
    confirmed: Annotated[bool, layouts.PROOF]
    note: Annotated[str, layouts.NOTE]
    operator: Annotated[str, layouts.WHOSE]
    named: Annotated[str, layouts.NAMED]


class RemittanceRow(NamedTuple):
    number: int
    on: Annotated[dt.date, layouts.ON]
    master: Annotated[str, layouts.MASTER]
    amount_fen: Annotated[int, layouts.AMOUNT]
    means: Annotated[str, layouts.MEANS]
    voucher: Annotated[str, layouts.VOUCHER]
    counterparty: Annotated[str, layouts.PAYER]
    confirmed: Annotated[bool, layouts.PROOF]
    note: Annotated[str, layouts.NOTE]
    named: Annotated[str, layouts.NAMED]


class DirectRow(NamedTuple):
    number: int
    on: Annotated[dt.date, layouts.ON]
    master: Annotated[str, layouts.MASTER]
    unit: Annotated[str, layouts.UNIT]
    amount_fen: Annotated[int, layouts.AMOUNT]
    means: Annotated[str, layouts.MEANS]
    voucher: Annotated[str, layouts.VOUCHER]
    counterparty: Annotated[str, layouts.PAYER]
    confirmed: Annotated[bool, layouts.PROOF]
    note: Annotated[str, layouts.NOTE]
    operator: Annotated[str, layouts.WHOSE]
    named: Annotated[str, layouts.NAMED]


class PaidKind(Kind[Row]):
    """A kind whose rows are payments: ``fresh`` those to book, ``added`` those that are further papers of one that stands.

    ``good`` says of each row where its money belongs.
    """

    fresh: list[Candidate]
    added: list[tuple[int, Candidate]]
    good: dict[int, Whose]

    @abstractmethod
    def transaction_of(self, row: Any) -> TransactionKind:
        """What a row is to the books."""

    @abstractmethod
    def draft(self, c: Candidate) -> PaymentDraft:
        """The payment a row is."""

    def book(self, booking: Booking) -> None:
        street, by, at, file = self.run.street, booking.by, booking.at, booking.file
        for lot in booking.lots(self.fresh, LOT, book_of=lambda c: self.good[c.row.number].point.book_id):
            take_payments(street, [self.draft(c) for c in lot], by=by, at=at, file=file)
        papers = [(transaction_id, self.draft(c)) for transaction_id, c in self.added]
        add_papers(street, papers, by=by, at=at, file=file)

    def foresee(self) -> queries.ToCome:
        lines = []
        for c in self.fresh:
            point, tenancy, agent = self.good[c.row.number]
            ends = {"tenancy_id": tenancy.pk if tenancy else None, "agent_id": agent.pk if agent else None}
            kind = self.transaction_of(c.row)
            lines += [(point.book_id, line) for line in payment_lines(kind, c.row.amount_fen, **ends)]
        return queries.ToCome({"payments": len(self.fresh)}, lines)


class Payments(MoneyKind[Row], PaidKind[Row]):
    """Checked against the units, meters and tenants they name, and against what was booked from another paper."""

    transaction: ClassVar[TransactionKind]
    named: dict[int, list[str]]  #: what a row's payer named it for, by number

    def check(self, rows: Sequence[Any]) -> None:
        self.named = {}
        super().check(rows)
        good = [(c.row, self.good[c.row.number]) for c in self.fresh if c.row.number in self.good]
        papers = same_money(self, self.transaction, good)
        self.added = [(papers[c.row.number], c) for c in self.fresh if c.row.number in papers]
        self.fresh = [c for c in self.fresh if c.row.number not in papers]
        self.new, self.changed = {c.row.number for c in self.fresh}, set(papers)
        self.tell_of_former()
        self.read_named()

    def read_named(self) -> None:
        """What payers named their payments for: each word a debt of their own that is open on the day, or a fault that says why not."""
        asked = [(c.row, self.draft(c)) for c in self.fresh if c.row.named and c.row.number in self.good]
        found = nameable(self.run.street, {key for _row, draft in asked for key in draft.relations}) if asked else {}
        for row, draft in asked:
            for key in draft.relations:
                codes, unclear = read_named(row.named, found[key].debts.values(), row.on)
                self.named[row.number] = codes
                try:
                    check_clear(unclear)
                    check_named(codes, found[key].on(row.on))
                except Refused as refusal:
                    self.fault(row, "named", str(refusal).rstrip("。"))
                    break

    def transaction_of(self, row: Any) -> TransactionKind:
        return self.transaction

    def check_cells(self, row: Any) -> None:
        super().check_cells(row)
        if row.amount_fen is not None and row.amount_fen <= 0:
            self.fault(row, "amount_fen", _("金额要大于 0；登记错的请冲正"))

    def draft(self, c: Candidate) -> PaymentDraft:
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
            named=self.named.get(row.number, ()),
            named_words=row.named,
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
        tenancy = self.directory.tenancy(row.unit, row.on, row.operator, row.note)
        point = self.directory.point_at(tenancy, row.unit, row.on)
        return Whose(point, tenancy, self.directory.agent(point, row.on, column="商铺编号", value=row.unit))

    def check_row(self, row: ReceiptRow, whose: Whose | None) -> None:
        super().check_row(row, whose)
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
        tenancy = self.directory.tenancy(row.unit, row.on, row.operator, row.note)
        return Whose(self.directory.point_of(row.master, row.unit, tenancy), tenancy, None)


def _note(row: Any) -> str:
    return getattr(row, "note", "")


def _who(tenancy: Tenancy) -> str:
    return tenancy.party.name if tenancy.party else ""


def _spell(tenancy: Tenancy) -> str:
    named = {"who": _who(tenancy) or _("未写经营者"), "from": tenancy.from_on, "last": None}
    if tenancy.until_on is None:
        return _("%(who)s（%(from)s 起）") % named
    return _("%(who)s（%(from)s 至 %(last)s）") % {**named, "last": tenancy.until_on - DAY}
