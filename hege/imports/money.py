"""Files that speak of money: each row belongs to one book, by the units, meters and days it names."""

from __future__ import annotations

import datetime as dt
from abc import abstractmethod
from collections.abc import Sequence
from operator import attrgetter
from typing import Any, ClassVar, NamedTuple, TypeVar

from django.utils.translation import gettext_lazy as _

from hege.imports.cells import squeeze
from hege.imports.keys import candidates, pick_fresh
from hege.imports.kind import Kind
from hege.imports.layouts import Words
from hege.imports.queries import Spans, connections_of, owed_by, points_by_number, roles_of, tenancies_of, units_by_code
from hege.kernel.money import yuan
from hege.metering.models import Connection, SupplyPoint
from hege.metering.rules import PointRoleKind
from hege.people.models import Party, Street
from hege.places.models import Tenancy, Unit

TELL_EVERY = 2000
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

    def point_of(self, number: str, code: str, tenancy: Tenancy) -> SupplyPoint:
        """A supply point that a tenancy's unit is or was behind. Raises ``Missing``."""
        point = self.point(number)
        if all(c.point_id != point.pk for c in self.connections.rows.get(tenancy.unit_id, ())):
            raise Missing("总表表号", number, _("商铺 %(code)s 不接在这块总表后面") % {"code": code})
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
            names = names_of(row)
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
        owed = owed_by(self.run.street, {t.pk for _row, _tenancy, former in asked for t in former})
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


def _who(tenancy: Tenancy) -> str:
    return tenancy.party.name if tenancy.party else ""


def _spell(tenancy: Tenancy) -> str:
    named = {"who": _who(tenancy) or _("未写经营者"), "from": tenancy.from_on, "last": None}
    if tenancy.until_on is None:
        return _("%(who)s（%(from)s 起）") % named
    return _("%(who)s（%(from)s 至 %(last)s）") % {**named, "last": tenancy.until_on - dt.timedelta(days=1)}
