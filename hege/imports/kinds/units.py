"""The roster of shops: who rents which unit when, and behind which master meter. May come before the meters or after."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated, NamedTuple

from django.db.models import Min
from django.utils.translation import gettext_lazy as _

from hege.imports import queries
from hege.imports.cells import area_of, code_of, day_of, squeeze, text_of
from hege.imports.kind import Booking, Kind
from hege.imports.layouts import MASTER, UNIT, Column, FileKind, Layout, Words
from hege.imports.memory import Lesson, learn_names
from hege.imports.models import NameSort
from hege.imports.queries import ToCome
from hege.imports.rules import Read, series
from hege.kernel.spelling import fold, slips
from hege.metering import actions as metering
from hege.metering.models import Connection, Meter, SupplyPoint
from hege.metering.rules import MeterKind
from hege.places import actions as places
from hege.places.models import Tenancy, Unit, UnitUse
from hege.places.rules import Spell, clash_of

USE_WORDS = ("商铺", "餐饮", "医疗", "学校", "居民", "自用", "空置", "公用", "其他")
USES = {
    squeeze(word): use
    for use in UnitUse
    for word in (use.value, str(use.label), {UnitUse.OWN: "自用"}.get(use, use.value))
}
EMPTY_USES = (UnitUse.VACANT, UnitUse.PUBLIC)
NO_DAY = dt.date.min
FAR = dt.timedelta(days=366)  # a day in or out further ahead than this is more likely a wrong year


# fmt: off
class UnitRow(NamedTuple):
    number: int
    code: Annotated[str, UNIT]
    name: Annotated[str, Column("商铺名称", ("unit_name", "name"), text_of(120), fill=True, sample="示例小吃店",
        note=_("招牌上的名字。"))]
    operator: Annotated[str, Column("经营者", ("operator", "tenant"), text_of(120), empty="", sample="某经营者",
        note=_("在租的人或单位；空置、公用可空。"))]
    phone: Annotated[str, Column("联系电话", ("phone", "电话"), text_of(40), empty="", sample="021-00000000",
        note=_("可空。"))]
    area_sqm: Annotated[Decimal | None, Column("建筑面积", ("area_sqm", "area", "面积"), area_of, sample="45.5",
        note=_("平方米；按面积或混合分摊时必须有。"))]
    sub_meter: Annotated[str, Column("分表表号", ("sub_meter", "分表号"), code_of(40), empty="", sample="",
        note=_("没有分表就空着。"))]
    use: Annotated[str, Column("用途", ("use",), text_of(40), empty="", words=USE_WORDS, sample="餐饮",
        note=_("空着算商铺；表里没有的词记为“其他”。"))]
    from_on: Annotated[dt.date | None, Column("入驻日期", ("from_on", "moved_in", "move_in_date"), day_of, need=True,
        sample="2026-01-01", note=_("第一天在；换过租户的商铺一段租期一行。"))]
    until_on: Annotated[dt.date | None, Column("退租日期", ("until_on", "moved_out", "move_out_date"), day_of, sample="",
        note=_("第一天不在；空着表示还在。"))]
    master: Annotated[str, MASTER]
# fmt: on


@dataclass(slots=True)
class Work:
    """What the rows ask for, in the order in which it is done."""

    masters: list[str] = field(default_factory=list)
    units: list[Unit] = field(default_factory=list)
    connections: list[tuple[str, str, dt.date, str]] = field(default_factory=list)
    leavings: list[tuple[Tenancy, dt.date, UnitRow]] = field(default_factory=list)
    tenancies: list[UnitRow] = field(default_factory=list)
    moves: list[tuple[str, str, dt.date]] = field(default_factory=list)
    amendments: list[tuple[Unit, str | None, UnitUse | None, Decimal | None]] = field(default_factory=list)
    namings: list[tuple[Tenancy, str, str]] = field(default_factory=list)
    links: list[tuple[Meter, str]] = field(default_factory=list)
    awaited: list[tuple[Connection, str]] = field(default_factory=list)
    signs: list[tuple[str, dt.date, str]] = field(default_factory=list)


class Units(Kind[UnitRow]):
    """Checked unit by unit, its rows in the order of their first days."""

    layout = Layout(
        FileKind.UNITS, UnitRow,
        note=_("一行是一个商铺的一段租期；户主自用、空置和公用水点也要列入，否则用水会算成损耗。"),
    )  # fmt: skip
    told_apart = ("code", "from_on")
    counted = {"units": (Unit, {}), "tenancies": (Tenancy, {}), "supply_points": (SupplyPoint, {})}
    of_money = False

    def check(self, rows: Sequence[UnitRow]) -> None:
        self._read_street(rows)
        by_unit: dict[str, list[UnitRow]] = defaultdict(list)
        for row in rows:
            by_unit[row.code].append(row)
        for of_unit in by_unit.values():
            before = len(self.faults)
            order = sorted(of_unit, key=lambda r: r.from_on or NO_DAY)
            for row in order:
                self._check_row(row)
            self._check_days(order)
            if len(self.faults) == before:
                self._plan_unit(order)
        self._ask_about_twins(rows)
        self._ask_about_masters(rows)
        self._tell_shared_bills()
        for number in self.work.masters:
            self.notices.add(_("总表 %(number)s 尚未登记，先立一个空户；请接着导入 meters。") % {"number": number})

    def book(self, booking: Booking) -> None:
        """Do what the rows ask for: the places first, then who is in them."""
        street, work, by, at = self.run.street, self.work, booking.by, booking.at
        points = dict(self.points)
        for number in work.masters:
            points[number] = metering.open_supply_point(street, code=number, by=by, at=at)
        units = {**self.units, **{u.code: u for u in places.register_units(work.units, by=by, at=at)}}
        connections = [
            Connection(street=street, unit=units[c], point=points[m], from_on=day, awaited_sub=sub)
            for c, m, day, sub in work.connections
        ]
        metering.connect_all(connections, by=by, at=at)
        for tenancy, until_on, _row in work.leavings:
            places.move_out(tenancy, until_on=until_on, by=by, at=at)
        tenancies = [
            places.TenancyDraft(units[r.code], r.from_on, r.until_on, r.operator, r.phone)
            for r in work.tenancies
            if r.from_on is not None
        ]
        places.move_in_all(street, tenancies, by=by, at=at)
        for code, master, from_on in work.moves:
            metering.connect_unit(units[code], point=points[master], from_on=from_on, by=by, at=at)
        for unit, name, use, area in work.amendments:
            places.amend_unit(unit, name=name, use=use, area_sqm=area, by=by, at=at)
        for tenancy, operator, phone in work.namings:
            places.amend_tenancy(tenancy, operator=operator, phone=phone, by=by, at=at)
        metering.link_sub_meters(street, [(meter, units[code]) for meter, code in work.links], by=by, at=at)
        for connection, number in work.awaited:
            metering.await_sub_meter(connection, number=number, by=by, at=at)
        self._teach_signs(booking)

    def _teach_signs(self, booking: Booking) -> None:
        """A unit has one sign; whose the former ones were is remembered, for papers that name them."""
        wanted = {(code, day): name for code, day, name in self.work.signs}
        rented = Tenancy.objects.filter(street=self.run.street).select_related("unit")
        found = queries.each_in(lambda some: rented.filter(unit__code__in=some), (code for code, _day in wanted))
        lessons = [
            Lesson(NameSort.PAYER, name, tenancy=tenancy)
            for tenancy in found
            if (name := wanted.get((tenancy.unit.code, tenancy.from_on)))
        ]
        learn_names(self.run.street, lessons, file_name=self.run.name, by=booking.by, at=booking.at)

    def foresee(self) -> ToCome:
        work = self.work
        return ToCome({"units": len(work.units), "tenancies": len(work.tenancies), "supply_points": len(work.masters)})

    def rostered(self, read: Read) -> dict[str, tuple[queries.Lookup, Words, set[str]]]:
        reason = _("没有这块总表，请先导入 meters")
        return {"master": (queries.points_by_number, reason, set())} if queries.has_meters(self.run.street) else {}

    def _read_street(self, rows: Sequence[UnitRow]) -> None:
        street, self.work = self.run.street, Work()
        self.units = queries.units_by_code(street, [r.code for r in rows])
        ids = [u.pk for u in self.units.values()]
        self.tenancies = queries.tenancies_of(street, ids)
        self.connections = queries.connections_of(street, ids)
        self.points = queries.points_by_number(street, [r.master for r in rows])
        self.sub_meters = queries.meters_by_number(street, [r.sub_meter for r in rows if r.sub_meter])
        masters = Meter.objects.filter(street=street, kind=MeterKind.MASTER, point__in=list(self.points.values()))
        begun = masters.order_by("point_id").values_list("point_id").annotate(Min("started_on"))
        self.started: dict[int, dt.date] = dict(begun)
        self.metered = queries.has_meters(street)
        self.running = queries.running_subs(street, ids)
        self.owners: dict[str, str] = {}

    def _ask_about_twins(self, rows: Sequence[UnitRow]) -> None:
        """A new shop with the name and the operator of one that stands may be that one under a code mistyped."""
        street = self.run.street
        new = [row for row in rows if row.code not in self.units and row.operator]
        rented = Tenancy.objects.filter(street=street).values_list("unit__code", "unit__name", "party__name")
        found = queries.each_in(lambda some: rented.filter(party__name__in=some), (row.operator for row in new))
        standing = {(fold(name), operator): code for code, name, operator in found}
        for row in new:
            code = standing.get((fold(row.name), row.operator))
            if code is not None:
                named = _("%(name)s（%(operator)s）") % {"name": row.name, "operator": row.operator}
                shown, meets = (_("商铺 %(code)s　%(named)s") % {"code": c, "named": named} for c in (row.code, code))
                self.ask_whether_new(row.number, shown, meets)

    def _ask_about_masters(self, rows: Sequence[UnitRow]) -> None:
        """A master that would be set up by its number alone may be another one mistyped: one that stands, or one that more
        rows of the file name. In a first roster ZB-01 beside ZB-02 is no doubt, ZB-0I is.
        """
        masters = self.work.masters
        if not masters:
            return
        named = Counter(row.master for row in rows)
        standing = SupplyPoint.objects.filter(street=self.run.street).values_list("code", flat=True)
        twins = slips(masters, set(standing) - named.keys())
        for number, other in slips(masters, masters).items():
            if number not in twins and named[other] > named[number] and series(number) != series(other):
                twins[number] = other
        for row in rows:
            if row.master in twins:
                shown, meets = (_("总表 %(number)s") % {"number": n} for n in (row.master, twins[row.master]))
                self.ask_whether_new(row.number, shown, meets)

    def _tell_shared_bills(self) -> None:
        """Days in or out that change who was in during a bill that is shared already: the bill stays as it was shared."""
        days: list[tuple[int, str, dt.date, dt.date | None]] = [
            (row.number, row.master, row.from_on, row.until_on)
            for row in self.work.tenancies
            if row.from_on is not None
        ]
        for tenancy, until_on, row in self.work.leavings:
            ends = sorted(d for d in (tenancy.until_on, until_on) if d is not None)
            days.append((row.number, row.master, ends[0], ends[1] if len(ends) > 1 else None))
        bills = queries.shared_bills(self.run.street, {p.pk for p in self.points.values()} if days else ())
        for number, master, start, end in days:
            point = self.points.get(master)
            named = queries.numbers_within(bills.get(point.pk, ()), start, end) if point else ""
            if named:
                told = _("账单 %(bills)s 已按原来的租期分摊，不会自动改动；请在账单页“重新分摊”") % {"bills": named}
                self.notices.add(told, number)

    def _check_row(self, row: UnitRow) -> None:
        use = use_of(row)
        if row.use and squeeze(row.use) not in USES:
            self.notices.add(_("用途“%(word)s”不在表中，记为“其他”") % {"word": row.use}, row.number)
        if row.from_on is None and row.operator and use not in EMPTY_USES:
            self.fault(row, "from_on", _("有经营者的商铺要填入驻日期"))
        if row.until_on is not None and row.from_on is None:
            self.fault(row, "from_on", _("有退租日期就要有入驻日期"))
        elif row.until_on is not None and row.from_on is not None and row.until_on <= row.from_on:
            self.fault(row, "until_on", _("要晚于入驻日期"))
        far = self.run.today + FAR
        for day in (row.from_on, row.until_on):
            if day is not None and day > far:
                self.notices.add(_("%(day)s 在一年以后，请核对年份") % {"day": day}, row.number)
        if use is UnitUse.VACANT and row.from_on is not None and row.until_on is None:
            self.notices.add(_("空置商铺没有租期，入驻日期未采用"), row.number)
        if row.master not in self.points and row.master not in self.work.masters:
            if self.metered:
                self.fault(row, "master", _("没有这块总表，请先导入 meters"))
            else:
                self.work.masters.append(row.master)
        if row.sub_meter:
            self._check_sub(row)

    def _check_sub(self, row: UnitRow) -> None:
        """A sub-meter is one of the street's, behind the same master, of no other unit; or awaited before any meter came."""
        meter = self.sub_meters.get(row.sub_meter)
        owner = self.owners.setdefault(row.sub_meter, row.code)
        unit = self.units.get(row.code)
        reason: Words = ""
        if owner != row.code:
            reason = _("本表里商铺 %(code)s 也填了这块分表") % {"code": owner}
        elif meter is None:
            awaited = unit is not None and any(
                c.awaited_sub == row.sub_meter for c in self.connections.rows.get(unit.pk, ())
            )
            if self.metered and not awaited:
                reason = _("没有这块分表，请先导入 meters")
        elif meter.kind != MeterKind.SUB:
            reason = _("这是总表，不是分表")
        elif meter.unit is not None and meter.unit.code != row.code:
            reason = _("这块分表已属于商铺 %(code)s") % {"code": meter.unit.code}
        elif row.master in self.points and self.points[row.master].pk != meter.point_id:
            reason = _("这块分表接在总表 %(code)s 后面") % {"code": meter.point.code}
        if reason:
            self.fault(row, "sub_meter", reason)

    def _check_days(self, order: Sequence[UnitRow]) -> None:
        first: dict[dt.date | None, int] = {}
        for row in sorted(order, key=lambda r: r.number):
            other = first.setdefault(row.from_on, row.number)
            if other != row.number:
                reason = _("与第 %(row)d 行是同一商铺同一入驻日期") % {"row": other}
                self.fault(row, "code", reason)

    def _plan_unit(self, order: Sequence[UnitRow]) -> None:
        """One unit with its rows in the order of their first days; the last row speaks for the unit itself."""
        unit, last = self.units.get(order[-1].code), order[-1]
        if unit is None:
            area = next((r.area_sqm for r in reversed(order) if r.area_sqm is not None), None)
            use = use_of(last) or UnitUse.SHOP
            new = Unit(street=self.run.street, code=last.code, name=last.name, use=use, area_sqm=area)
            self.work.units.append(new)
            self.new.update(row.number for row in order)
        known = {t.from_on: t for t in (self.tenancies.rows.get(unit.pk, []) if unit else [])}
        spells = {day: (Spell(day, t.until_on), 0) for day, t in known.items()}
        for row in order:
            if row.from_on is None or (use_of(row) is UnitUse.VACANT and row.until_on is None):
                continue  # a unit that stands empty now is no tenancy
            tenancy = known.get(row.from_on)
            if tenancy is None:
                self.new.add(row.number)
                self.work.tenancies.append(row)
                spells[row.from_on] = (Spell(row.from_on, row.until_on), row.number)
            else:
                until_on = self._against_tenancy(row, tenancy)
                spells[row.from_on] = (Spell(row.from_on, until_on), row.number)
        self._check_apart(spells, last)
        self._check_vacant(order, spells, known)
        self.work.signs += [
            (row.code, row.from_on, row.name) for row in order if row.from_on and fold(row.name) != fold(last.name)
        ]
        self._plan_connections(order, unit, known)
        if unit is not None:
            self._against_unit(last, unit, known)
        self._plan_subs(order, unit)
        self.same |= {row.number for row in order} - self.new - self.changed

    def _check_apart(self, spells: dict[dt.date, tuple[Spell, int]], last: UnitRow) -> None:
        clash = clash_of(spell for spell, _row in spells.values())
        if clash is None:
            return
        earlier, later = clash
        mine, other = (later, earlier) if spells[later.from_on][1] else (earlier, later)
        reason = _("与 %(day)s 起的租期重叠；前一租户请先填退租日期") % {"day": other.from_on}
        self.fault_at(spells[mine.from_on][1] or last.number, "入驻日期", mine.from_on, reason)

    def _check_vacant(
        self, order: Sequence[UnitRow], spells: dict[dt.date, tuple[Spell, int]], known: dict[dt.date, Tenancy]
    ) -> None:
        """An empty shop has nobody in it: who still rents it by the record would be charged on and on."""
        staying = max((day for day, (spell, _row) in spells.items() if spell.until_on is None), default=None)
        if staying is None:
            return
        tenancy = known.get(staying)
        named = (
            [tenancy.party.name] if tenancy and tenancy.party else [r.operator for r in order if r.from_on == staying]
        )
        for row in order:
            if use_of(row) is UnitUse.VACANT and row.until_on is None and (row.from_on or staying) >= staying:
                reason = _("在租的%(name)s还没有退租日期；请先填退租日期，再改为空置")
                self.fault(row, "until_on", reason % {"name": next(filter(None, named), _("租户"))})

    def _against_tenancy(self, row: UnitRow, tenancy: Tenancy) -> dt.date | None:
        """A tenancy that is there: its end and phone may change, its tenant may not. Answers its end as it will be."""
        party, until_on = tenancy.party, tenancy.until_on
        if row.until_on is not None and row.until_on != tenancy.until_on:
            self.change(row, "until_on", tenancy.until_on, row.until_on)
            self.work.leavings.append((tenancy, row.until_on, row))
            self.changed.add(row.number)
            until_on = row.until_on
        elif row.until_on is None and tenancy.until_on is not None:
            self.notices.add(_("退租日期空着，而已登记退租；未改动"), row.number)
        if not row.operator:
            return until_on
        if party is not None and party.name != row.operator:
            reason = _("这个租期已登记为 %(name)s；换租户请另起一行，写新的入驻日期") % {"name": party.name}
            self.fault(row, "operator", reason)
        elif party is None or (row.phone and party.phone != row.phone):
            if party is None:
                self.change(row, "operator", "", row.operator)
            else:
                self.change(row, "phone", party.phone, row.phone)
            self.work.namings.append((tenancy, row.operator, row.phone))
            self.changed.add(row.number)
        return until_on

    def _against_unit(self, last: UnitRow, unit: Unit, known: dict[dt.date, Tenancy]) -> None:
        """Name, use and area as the latest row has them; a file of former times does not change them back."""
        if known and last.from_on is not None and last.from_on < max(known):
            return
        use = use_of(last)
        name = last.name if last.name != unit.name else None
        use = use if use is not None and use != unit.use else None
        area = last.area_sqm if last.area_sqm is not None and last.area_sqm != unit.area_sqm else None
        if name:
            self.change(last, "name", unit.name, name)
            if known:
                self.work.signs.append((unit.code, max(known), unit.name))
        if use:
            self.change(last, "use", unit.get_use_display(), use.label)
        if area:
            self.change(last, "area_sqm", unit.area_sqm, area)
        if name or use or area:
            self.work.amendments.append((unit, name, use, area))
            if last.number not in self.new:
                self.changed.add(last.number)

    def _plan_connections(self, order: Sequence[UnitRow], unit: Unit | None, known: dict[dt.date, Tenancy]) -> None:
        """Behind which master the unit is, from when; another master only with a new tenancy that begins later."""
        spans = self.connections.rows.get(unit.pk, []) if unit else []
        standing = [(c.from_on, c.point.code) for c in spans]
        if not standing:
            head = order[0]
            sub = next((r.sub_meter for r in reversed(order) if r.sub_meter and r.sub_meter not in self.sub_meters), "")
            # Water is drawn since the master meter began, for all that is known; at the latest from the first day in.
            point = self.points.get(head.master)
            days = [head.from_on, self.started.get(point.pk) if point else None]
            start = min((d for d in days if d is not None), default=self.run.today)
            self.work.connections.append((head.code, head.master, start, sub))
            standing = [(start, self._point_code(head.master))]
        for row in order:
            code = self._point_code(row.master)
            begun = [c for day, c in standing if row.from_on is None or day <= row.from_on]
            there = begun[-1] if begun else standing[0][1]
            if code == there:
                continue
            if row.from_on is not None and row.from_on not in known and row.from_on > standing[-1][0]:
                standing.append((row.from_on, code))
                self.work.moves.append((row.code, row.master, row.from_on))
                continue
            reason = _("商铺已接在总表 %(code)s 后面；改接请随新的租期登记")
            self.fault(row, "master", reason % {"code": there})

    def _point_code(self, master: str) -> str:
        return self.points[master].code if master in self.points else master

    def _plan_subs(self, order: Sequence[UnitRow], unit: Unit | None) -> None:
        for number in dict.fromkeys(r.sub_meter for r in order if r.sub_meter):
            row = next(r for r in reversed(order) if r.sub_meter == number)
            meter = self.sub_meters.get(number)
            if meter is not None and meter.unit_id is None:
                self.work.links.append((meter, row.code))
                there = [n for n in (self.running[unit.pk] if unit else ()) if n != number]
                if there:
                    values = {"code": row.code, "old": there[-1], "new": number}
                    told = _(
                        "商铺 %(code)s 已有在用的分表 %(old)s；若是换表，还要登记换表：hege exchange %(old)s %(new)s"
                    )
                    self.notices.add(told % values, row.number)
            elif meter is None and unit is not None and (spans := self.connections.rows.get(unit.pk)):
                if spans[-1].awaited_sub == number:
                    continue
                self.work.awaited.append((spans[-1], number))
            else:
                continue
            if row.number not in self.new | self.changed:
                self.change(row, "sub_meter", "", number)
                self.changed.add(row.number)


def use_of(row: UnitRow) -> UnitUse | None:
    """The use a row names; None where it names none, ``OTHER`` for a word that is not in the table."""
    return USES.get(squeeze(row.use), UnitUse.OTHER) if row.use else None
