"""Receipts, remittances, direct payments: money that changed hands, tens of thousands of rows at a time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from hege.billing.actions import PaymentDraft, add_papers, take_payments
from hege.billing.chart import TransactionKind
from hege.billing.rules import payment_lines
from hege.imports.cells import squeeze
from hege.imports.doubts import same_money
from hege.imports.keys import Candidate, Fresh, candidates, pick_fresh
from hege.imports.layouts import DirectRow, FileKind, ReceiptRow, RemittanceRow
from hege.imports.plan import Booking, ImportRun, Plan, ToCome
from hege.imports.queries import (
    Spans,
    connections_of,
    owed_by,
    points_by_number,
    roles_of,
    tenancies_of,
    units_by_code,
)
from hege.kernel.money import yuan
from hege.kernel.spelling import fold
from hege.metering.models import Connection, SupplyPoint
from hege.metering.rules import PointRoleKind
from hege.people.models import Party
from hege.places.models import Tenancy, Unit

EVENTS = {
    FileKind.RECEIPTS: TransactionKind.RECEIPT,
    FileKind.REMITTANCES: TransactionKind.REMITTANCE,
    FileKind.DIRECT_PAYMENTS: TransactionKind.DIRECT_PAYMENT,
}
LOT, TELL_EVERY = 5000, 2000
PaymentRow = ReceiptRow | RemittanceRow | DirectRow


class Whose(NamedTuple):
    """Where the money of a row belongs."""

    point: SupplyPoint
    tenancy: Tenancy | None
    agent: Party | None


class Missing(Exception):
    """A row that names nobody we know: heading, value, reason."""

    def __init__(self, column: str, value: str, reason: str) -> None:
        super().__init__(reason)
        self.column, self.value = column, value


class Directory:
    """Units, tenancies, connections, supply points and agents that the rows name, read once."""

    def __init__(self, run: ImportRun, rows: Sequence[Any]) -> None:
        street = run.street
        self.units: dict[str, Unit] = units_by_code(street, [r.unit for r in rows if getattr(r, "unit", "")])
        ids = [u.pk for u in self.units.values()]
        self.tenancies = tenancies_of(street, ids)
        self.connections = connections_of(street, ids)
        self.points = points_by_number(street, [r.master for r in rows if getattr(r, "master", "")])
        found = {p.pk: p for p in self.points.values()}
        for connections in self.connections.rows.values():
            found.update({c.point_id: c.point for c in connections})
        self.agents: Spans = roles_of(street, found, PointRoleKind.AGENT)

    def tenancy(self, code: str, on: dt.date, operator: str = "") -> Tenancy:
        """Who rented a unit on a day, else who did last before it; of that name, where one is named. Raises ``Missing``."""
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

    def connection(self, tenancy: Tenancy, code: str, on: dt.date) -> Connection:
        """What a tenancy drew from on a day; one that had ended counts by its last day. Raises ``Missing``."""
        day = on if tenancy.until_on is None or on < tenancy.until_on else tenancy.until_on - dt.timedelta(days=1)
        connection = self.connections.at(tenancy.unit_id, day)
        if connection is None:
            raise Missing("商铺编号", code, _("这个商铺没有登记接在哪块总表后面"))
        assert isinstance(connection, Connection)
        return connection

    def point(self, number: str) -> SupplyPoint:
        """A supply point by a master meter's number. Raises ``Missing``."""
        point = self.points.get(number)
        if point is None:
            raise Missing("总表表号", number, _("没有这块总表"))
        return point

    def strangers(self, row: Any) -> list[Missing]:
        """Every name in a row that no roster knows."""
        code, number = getattr(row, "unit", ""), getattr(row, "master", "")
        found = []
        if number and number not in self.points:
            found.append(Missing("总表表号", number, _("没有这块总表")))
        if code and code not in self.units:
            found.append(Missing("商铺编号", code, _("名册里没有这个商铺")))
        return found

    def agent(self, point: SupplyPoint, on: dt.date, *, column: str, value: str) -> Party:
        """Who collected behind a supply point on a day. Raises ``Missing`` for the cell that led there."""
        role = self.agents.at(point.pk, on)
        if role is None:
            reason = _("总表 %(code)s 没有登记代收人；请在水表名册里填代收人") % {"code": point.code}
            raise Missing(column, value, reason)
        assert isinstance(role.party, Party)
        return role.party

    def whose(self, row: PaymentRow) -> Whose:
        """Where a row's money belongs. Raises ``Missing``."""
        if isinstance(row, RemittanceRow):
            point = self.point(row.master)
            return Whose(point, None, self.agent(point, row.on, column="总表表号", value=row.master))
        tenancy = self.tenancy(row.unit, row.on, row.operator)
        if isinstance(row, ReceiptRow):
            point = self.connection(tenancy, row.unit, row.on).point
            return Whose(point, tenancy, self.agent(point, row.on, column="商铺编号", value=row.unit))
        point = self.point(row.master)
        if all(c.point_id != point.pk for c in self.connections.rows.get(tenancy.unit_id, ())):
            raise Missing("总表表号", row.master, _("商铺 %(code)s 不接在这块总表后面") % {"code": row.unit})
        return Whose(point, tenancy, None)


def _who(tenancy: Tenancy) -> str:
    return tenancy.party.name if tenancy.party else ""


def _spell(tenancy: Tenancy) -> str:
    named = {"who": _who(tenancy) or _("未写经营者"), "from": tenancy.from_on, "last": None}
    if tenancy.until_on is None:
        return _("%(who)s（%(from)s 起）") % named
    return _("%(who)s（%(from)s 至 %(last)s）") % {**named, "last": tenancy.until_on - dt.timedelta(days=1)}


def tell_of_former(run: ImportRun, plan: Plan, directory: Directory, rows: Iterable[tuple[Any, Tenancy]]) -> None:
    """Say where a row fell to a tenant by its day alone while one before him still owes: it may be that one's money."""
    asked = [(row, tenancy, directory.before(tenancy)) for row, tenancy in rows if not row.operator]
    owed = owed_by(run.street, {t.pk for _row, _tenancy, former in asked for t in former})
    for row, tenancy, former in asked:
        debts = [
            _("%(who)s 还欠 %(sum)s 元") % {"who": _spell(t), "sum": yuan(owed[t.pk])} for t in former if t.pk in owed
        ]
        if debts:
            text = _(
                "商铺 %(unit)s 从前的租户 %(debts)s；这笔按日期记在 %(who)s 名下，是从前租户的请在“经营者”一列写明"
            )
            values = {"unit": row.unit, "debts": _("、").join(debts), "who": _spell(tenancy)}
            plan.notices.add(text % values, row.number)


def plan_payments(run: ImportRun, rows: Sequence[Any], plan: Plan) -> None:
    """Check payment rows."""
    kind = EVENTS[run.kind]
    directory = Directory(run, rows)
    good: dict[int, tuple[PaymentRow, Whose]] = {}
    known: dict[tuple[Any, ...], Whose | Missing] = {}
    for place, row in enumerate(rows):
        if place % TELL_EVERY == 0:
            plan.tell(60 * place // len(rows))
        asked = (getattr(row, "unit", ""), getattr(row, "master", ""), row.on, getattr(row, "operator", ""))
        whose = known.get(asked)
        if whose is None:
            try:
                whose = directory.whose(row)
            except Missing as missing:
                whose = missing
            known[asked] = whose
        if row.on > run.today:
            plan.fault(row.number, "日期", row.on, _("晚于今天"))
        if row.amount_fen <= 0:
            plan.fault(row.number, "金额", yuan(row.amount_fen), _("金额要大于 0；登记错的请冲正"))
        if isinstance(whose, Missing):
            for stranger in directory.strangers(row) or [whose]:
                plan.fault(row.number, stranger.column, stranger.value, stranger)
            continue
        good[row.number] = (row, whose)
        if kind is TransactionKind.RECEIPT and whose.agent and not _is_named(whose.agent, row.counterparty):
            plan.notices.add(
                _("收款人与登记的代收人（%(agent)s）不同，照原样保留") % {"agent": whose.agent.name}, row.number
            )
    plan.book_ids = {whose.point.book_id for _row, whose in good.values()}
    fresh = pick_fresh(
        plan, run, _candidates(run.kind, rows), column="凭证号",
        mend=_("一张凭证付几家时请在凭证号后加 -1、-2。"),
    )  # fmt: skip
    papers = same_money(run, plan, kind, [good[f.number] for f in fresh if f.number in good])
    added = [(papers[f.number], f) for f in fresh if f.number in papers]
    fresh = [f for f in fresh if f.number not in papers]
    plan.new, plan.changed = {f.number for f in fresh}, set(papers)
    ours = [good[f.number] for f in fresh if f.number in good]
    tell_of_former(run, plan, directory, [(row, whose.tenancy) for row, whose in ours if whose.tenancy])

    def book(booking: Booking) -> None:
        for lot in booking.lots(fresh, LOT, book_of=lambda f: good[f.number][1].point.book_id):
            drafts = [_draft(run, kind, *good[f.number], f) for f in lot]
            take_payments(run.street, drafts, by=booking.by, at=booking.at, file=booking.file)
        further = [(transaction_id, _draft(run, kind, *good[f.number], f)) for transaction_id, f in added]
        add_papers(run.street, further, by=booking.by, at=booking.at, file=booking.file)

    plan.steps.append(book)
    plan.foresee = lambda: _foresee(kind, ours)


def _foresee(kind: TransactionKind, rows: Sequence[tuple[PaymentRow, Whose]]) -> ToCome:
    lines = []
    for row, (point, tenancy, agent) in rows:
        ends = {"tenancy_id": tenancy.pk if tenancy else None, "agent_id": agent.pk if agent else None}
        lines += [(point.book_id, line) for line in payment_lines(kind, row.amount_fen, **ends)]
    return ToCome({"payments": len(rows)}, lines)


def _is_named(party: Party, name: str) -> bool:
    """Whether a name, where there is one, is a party's in any spelling."""
    return name in ("", party.name) or fold(name) == fold(party.name)


#: What makes a payment without a voucher the same payment: the day, between whom, how much.
MOVEMENT = {
    FileKind.RECEIPTS: attrgetter("on", "unit", "amount_fen"),
    FileKind.REMITTANCES: attrgetter("on", "master", "amount_fen"),
    FileKind.DIRECT_PAYMENTS: attrgetter("on", "master", "unit", "amount_fen"),
}


def _candidates(kind: FileKind, rows: Sequence[Any]) -> list[Candidate]:
    """A payment's key: its voucher, with the meter for a remittance; else its movement."""
    of_meter = kind is FileKind.REMITTANCES
    return candidates(
        rows,
        voucher=lambda row: (row.voucher, row.master) if of_meter else (row.voucher,),
        movement=MOVEMENT[kind],
    )


def _draft(run: ImportRun, kind: TransactionKind, row: PaymentRow, whose: Whose, fresh: Fresh) -> PaymentDraft:
    return PaymentDraft(
        kind=kind,
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
        source=run.source(fresh.number, fresh.key, fresh.digest),
    )
