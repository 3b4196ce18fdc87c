"""The roster of shops: who rents which unit when, and behind which master meter. May come before the meters or after."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.translation import gettext as _

from hege.imports.affected_bills import numbers_within, shared_bills
from hege.imports.cells import squeeze
from hege.imports.layouts import UnitRow
from hege.imports.plan import Booking, ImportRun, Plan, ToCome
from hege.imports.queries import (
    batches,
    connections_of,
    has_meters,
    meters_by_number,
    points_by_number,
    running_subs,
    tenancies_of,
    units_by_code,
)
from hege.imports.rules import series
from hege.kernel.spelling import fold, slips
from hege.metering.actions import (
    ConnectionDraft,
    await_sub_meter,
    connect,
    connect_all,
    link_sub_meters,
    open_supply_point,
)
from hege.metering.models import Connection, Meter, SupplyPoint
from hege.metering.rules import MeterKind
from hege.places.actions import (
    TenancyDraft,
    UnitDraft,
    amend_tenancy,
    amend_unit,
    move_in_all,
    move_out,
    register_units,
)
from hege.places.models import Tenancy, Unit, UnitUse
from hege.places.rules import Spell, clash_of

USES = {
    squeeze(word): use
    for use in UnitUse
    for word in (use.value, str(use.label), {UnitUse.OWN: "自用"}.get(use, use.value))
}
EMPTY_USES = (UnitUse.VACANT, UnitUse.PUBLIC)
NO_DAY = dt.date.min
FAR = dt.timedelta(days=366)  # a day in or out further ahead than this is more likely a wrong year


@dataclass(slots=True)
class Work:
    """What the rows ask for, in the order in which it is done."""

    masters: list[str] = field(default_factory=list)
    units: list[UnitDraft] = field(default_factory=list)
    connections: list[tuple[str, str, dt.date, str]] = field(default_factory=list)
    leavings: list[tuple[Tenancy, dt.date, UnitRow]] = field(default_factory=list)
    tenancies: list[UnitRow] = field(default_factory=list)
    moves: list[tuple[str, str, dt.date]] = field(default_factory=list)
    amendments: list[tuple[Unit, str | None, UnitUse | None, Decimal | None]] = field(default_factory=list)
    namings: list[tuple[Tenancy, str, str]] = field(default_factory=list)
    links: list[tuple[Meter, str]] = field(default_factory=list)
    awaited: list[tuple[Connection, str]] = field(default_factory=list)


class Roster:
    """What the rows of a unit file meet in the street."""

    def __init__(self, run: ImportRun, rows: Sequence[UnitRow], plan: Plan) -> None:
        street = run.street
        self.run, self.plan, self.work = run, plan, Work()
        self.units = units_by_code(street, [r.code for r in rows])
        ids = [u.pk for u in self.units.values()]
        self.tenancies = tenancies_of(street, ids)
        self.connections = connections_of(street, ids)
        self.points = points_by_number(street, [r.master for r in rows])
        self.meters = meters_by_number(street, [r.sub_meter for r in rows if r.sub_meter])
        self.started: dict[int, dt.date] = {}
        for point_id, day in _starts(list(self.points.values())):
            self.started[point_id] = min(day, self.started.get(point_id, day))
        self.metered = has_meters(street)
        self.running = running_subs(street, ids)
        self.subs: dict[str, str] = {}


def _starts(points: Sequence[SupplyPoint]) -> list[tuple[int, dt.date]]:
    rows = Meter.objects.filter(street_id__in={p.street_id for p in points}, kind=MeterKind.MASTER, point__in=points)
    return list(rows.values_list("point_id", "started_on"))


def plan_units(run: ImportRun, rows: Sequence[UnitRow], plan: Plan) -> None:
    """Check a roster of shops, unit by unit."""
    roster = Roster(run, rows, plan)
    by_unit: dict[str, list[UnitRow]] = defaultdict(list)
    for row in rows:
        by_unit[row.code].append(row)
    for of_unit in by_unit.values():
        before = len(plan.faults)
        order = sorted(of_unit, key=lambda r: r.from_on or NO_DAY)
        for row in order:
            _check_row(roster, row)
        _check_twice(roster, order)
        if len(plan.faults) == before:
            _plan_unit(roster, order)
    _ask_about_twins(roster, rows)
    _ask_about_masters(roster, rows)
    _tell_shared_bills(run, roster)
    for number in roster.work.masters:
        plan.notices.add(_("总表 %(number)s 尚未登记，先立一个空户；请接着导入 meters。") % {"number": number})
    plan.steps.append(lambda booking: _book(run, roster, booking))
    work = roster.work
    plan.foresee = lambda: ToCome(
        {"units": len(work.units), "tenancies": len(work.tenancies), "supply_points": len(work.masters)}
    )


def _ask_about_twins(roster: Roster, rows: Sequence[UnitRow]) -> None:
    """A new shop with the name and the operator of one that stands may be that one under a code mistyped."""
    street = roster.run.street
    new = [row for row in rows if row.code not in roster.units and row.operator]
    for lot in batches(row.operator for row in new):
        found = Tenancy.objects.filter(street=street, party__name__in=lot)
        standing = {
            (fold(name), operator): code
            for code, name, operator in found.values_list("unit__code", "unit__name", "party__name")
        }
        for row in new:
            code = standing.get((fold(row.name), row.operator))
            if code is not None:
                named = _("%(name)s（%(operator)s）") % {"name": row.name, "operator": row.operator}
                shown, meets = (_("商铺 %(code)s　%(named)s") % {"code": c, "named": named} for c in (row.code, code))
                roster.plan.ask_whether_new(roster.run, row.number, shown, meets)


def _ask_about_masters(roster: Roster, rows: Sequence[UnitRow]) -> None:
    """A master that would be set up by its number alone may be another one mistyped: one that stands, or one that more
    rows of the file name. In a first roster ZB-01 beside ZB-02 is no doubt, ZB-0I is.
    """
    masters = roster.work.masters
    if not masters:
        return
    named = Counter(row.master for row in rows)
    standing = SupplyPoint.objects.filter(street=roster.run.street).values_list("code", flat=True)
    twins = slips(masters, set(standing) - named.keys())
    for number, other in slips(masters, masters).items():
        if number not in twins and named[other] > named[number] and series(number) != series(other):
            twins[number] = other
    for row in rows:
        if row.master in twins:
            shown, meets = (_("总表 %(number)s") % {"number": n} for n in (row.master, twins[row.master]))
            roster.plan.ask_whether_new(roster.run, row.number, shown, meets)


def _tell_shared_bills(run: ImportRun, roster: Roster) -> None:
    """Days in or out that change who was in during a bill that is shared already: the bill stays as it was shared."""
    work = roster.work
    days: list[tuple[int, str, dt.date, dt.date | None]] = [
        (row.number, row.master, row.from_on, row.until_on) for row in work.tenancies if row.from_on is not None
    ]
    for tenancy, until_on, row in work.leavings:
        ends = sorted(d for d in (tenancy.until_on, until_on) if d is not None)
        days.append((row.number, row.master, ends[0], ends[1] if len(ends) > 1 else None))
    bills = shared_bills(run.street, {p.pk for p in roster.points.values()} if days else ())
    for number, master, start, end in days:
        point = roster.points.get(master)
        named = numbers_within(bills.get(point.pk, ()), start, end) if point else ""
        if named:
            told = _("账单 %(bills)s 已按原来的租期分摊，不会自动改动；请在账单页“重新分摊”") % {"bills": named}
            roster.plan.notices.add(told, number)


def use_of(row: UnitRow) -> UnitUse | None:
    """The use a row names; None where it names none, ``OTHER`` for a word that is not in the table."""
    return USES.get(squeeze(row.use), UnitUse.OTHER) if row.use else None


def makes_tenancy(row: UnitRow) -> bool:
    """Whether a row is a tenancy: it has a first day in, unless the unit stands empty now."""
    return row.from_on is not None and not (use_of(row) is UnitUse.VACANT and row.until_on is None)


def _check_row(roster: Roster, row: UnitRow) -> None:
    plan = roster.plan
    use = use_of(row)
    if row.use and squeeze(row.use) not in USES:
        plan.notices.add(_("用途“%(word)s”不在表中，记为“其他”") % {"word": row.use}, row.number)
    if row.from_on is None and row.operator and use not in EMPTY_USES:
        plan.fault(row.number, "入驻日期", "", _("有经营者的商铺要填入驻日期"))
    if row.until_on is not None and row.from_on is None:
        plan.fault(row.number, "入驻日期", "", _("有退租日期就要有入驻日期"))
    elif row.until_on is not None and row.from_on is not None and row.until_on <= row.from_on:
        plan.fault(row.number, "退租日期", row.until_on, _("要晚于入驻日期"))
    far = roster.run.today + FAR
    for day in (row.from_on, row.until_on):
        if day is not None and day > far:
            plan.notices.add(_("%(day)s 在一年以后，请核对年份") % {"day": day}, row.number)
    if use is UnitUse.VACANT and row.from_on is not None and row.until_on is None:
        plan.notices.add(_("空置商铺没有租期，入驻日期未采用"), row.number)
    if row.master not in roster.points and row.master not in roster.work.masters:
        if roster.metered:
            plan.fault(row.number, "总表表号", row.master, _("没有这块总表，请先导入 meters"))
        else:
            roster.work.masters.append(row.master)
    if row.sub_meter:
        _check_sub(roster, row)


def _check_sub(roster: Roster, row: UnitRow) -> None:
    """A sub-meter is one of the street's, behind the same master, of no other unit; or awaited before any meter came."""
    plan, meter = roster.plan, roster.meters.get(row.sub_meter)
    owner = roster.subs.setdefault(row.sub_meter, row.code)
    unit = roster.units.get(row.code)
    reason = ""
    if owner != row.code:
        reason = _("本表里商铺 %(code)s 也填了这块分表") % {"code": owner}
    elif meter is None:
        awaited = unit is not None and any(
            c.awaited_sub == row.sub_meter for c in roster.connections.rows.get(unit.pk, ())
        )
        if roster.metered and not awaited:
            reason = _("没有这块分表，请先导入 meters")
    elif meter.kind != MeterKind.SUB:
        reason = _("这是总表，不是分表")
    elif meter.unit is not None and meter.unit.code != row.code:
        reason = _("这块分表已属于商铺 %(code)s") % {"code": meter.unit.code}
    elif row.master in roster.points and roster.points[row.master].pk != meter.point_id:
        reason = _("这块分表接在总表 %(code)s 后面") % {"code": meter.point.code}
    if reason:
        plan.fault(row.number, "分表表号", row.sub_meter, reason)


def _check_twice(roster: Roster, order: Sequence[UnitRow]) -> None:
    first: dict[dt.date | None, int] = {}
    for row in sorted(order, key=lambda r: r.number):
        other = first.setdefault(row.from_on, row.number)
        if other != row.number:
            reason = _("与第 %(row)d 行是同一商铺同一入驻日期") % {"row": other}
            roster.plan.fault(row.number, "商铺编号", row.code, reason)


def _plan_unit(roster: Roster, order: Sequence[UnitRow]) -> None:
    """One unit with its rows in the order of their first days; the last row speaks for the unit itself."""
    unit, last = roster.units.get(order[-1].code), order[-1]
    if unit is None:
        area = next((r.area_sqm for r in reversed(order) if r.area_sqm is not None), None)
        roster.work.units.append(UnitDraft(last.code, last.name, use_of(last) or UnitUse.SHOP, area))
    states = {row.number: "same" if unit is not None else "new" for row in order}
    known = {t.from_on: t for t in (roster.tenancies.rows.get(unit.pk, []) if unit else [])}
    spells = {day: (Spell(day, t.until_on), 0) for day, t in known.items()}
    for row in order:
        if not makes_tenancy(row) or row.from_on is None:
            continue
        tenancy = known.get(row.from_on)
        if tenancy is None:
            states[row.number] = "new"
            roster.work.tenancies.append(row)
            spells[row.from_on] = (Spell(row.from_on, row.until_on), row.number)
        else:
            until_on = _against_tenancy(roster, row, tenancy, states)
            spells[row.from_on] = (Spell(row.from_on, until_on), row.number)
    _check_apart(roster, spells, last)
    _check_vacant(roster, order, spells, known)
    _plan_connections(roster, order, unit, known)
    if unit is not None:
        _against_unit(roster, last, unit, known, states)
    _plan_subs(roster, order, unit, states)
    for number, state in states.items():
        getattr(roster.plan, state).add(number)


def _check_apart(roster: Roster, spells: dict[dt.date, tuple[Spell, int]], last: UnitRow) -> None:
    clash = clash_of(spell for spell, _row in spells.values())
    if clash is None:
        return
    earlier, later = clash
    mine, other = (later, earlier) if spells[later.from_on][1] else (earlier, later)
    reason = _("与 %(day)s 起的租期重叠；前一租户请先填退租日期") % {"day": other.from_on}
    roster.plan.fault(spells[mine.from_on][1] or last.number, "入驻日期", mine.from_on, reason)


def _check_vacant(
    roster: Roster, order: Sequence[UnitRow], spells: dict[dt.date, tuple[Spell, int]], known: dict[dt.date, Tenancy]
) -> None:
    """An empty shop has nobody in it: who still rents it by the record would be charged on and on."""
    staying = max((day for day, (spell, _row) in spells.items() if spell.until_on is None), default=None)
    if staying is None:
        return
    tenancy = known.get(staying)
    named = [tenancy.party.name] if tenancy and tenancy.party else [r.operator for r in order if r.from_on == staying]
    for row in order:
        if use_of(row) is UnitUse.VACANT and row.until_on is None and (row.from_on or staying) >= staying:
            reason = _("在租的%(name)s还没有退租日期；请先填退租日期，再改为空置") % {
                "name": next(filter(None, named), _("租户"))
            }
            roster.plan.fault(row.number, "退租日期", "", reason)


def _against_tenancy(roster: Roster, row: UnitRow, tenancy: Tenancy, states: dict[int, str]) -> dt.date | None:
    """A tenancy that is there: its end and phone may change, its tenant may not. Answers its end as it will be."""
    plan, party = roster.plan, tenancy.party
    until_on = tenancy.until_on
    if row.until_on is not None and row.until_on != tenancy.until_on:
        plan.change(row.number, "退租日期", tenancy.until_on, row.until_on)
        roster.work.leavings.append((tenancy, row.until_on, row))
        states[row.number], until_on = "changed", row.until_on
    elif row.until_on is None and tenancy.until_on is not None:
        plan.notices.add(_("退租日期空着，而已登记退租；未改动"), row.number)
    if not row.operator:
        return until_on
    if party is not None and party.name != row.operator:
        reason = _("这个租期已登记为 %(name)s；换租户请另起一行，写新的入驻日期") % {"name": party.name}
        plan.fault(row.number, "经营者", row.operator, reason)
    elif party is None or (row.phone and party.phone != row.phone):
        if party is None:
            plan.change(row.number, "经营者", "", row.operator)
        else:
            plan.change(row.number, "联系电话", party.phone, row.phone)
        roster.work.namings.append((tenancy, row.operator, row.phone))
        states[row.number] = "changed"
    return until_on


def _against_unit(
    roster: Roster, last: UnitRow, unit: Unit, known: dict[dt.date, Tenancy], states: dict[int, str]
) -> None:
    """Name, use and area as the latest row has them; a file of former times does not change them back."""
    if known and last.from_on is not None and last.from_on < max(known):
        return
    use = use_of(last)
    name = last.name if last.name != unit.name else None
    use = use if use is not None and use != unit.use else None
    area = last.area_sqm if last.area_sqm is not None and last.area_sqm != unit.area_sqm else None
    if name:
        roster.plan.change(last.number, "商铺名称", unit.name, name)
    if use:
        roster.plan.change(last.number, "用途", unit.get_use_display(), use.label)
    if area:
        roster.plan.change(last.number, "建筑面积", unit.area_sqm, area)
    if name or use or area:
        roster.work.amendments.append((unit, name, use, area))
        if states[last.number] == "same":
            states[last.number] = "changed"


def _plan_connections(
    roster: Roster, order: Sequence[UnitRow], unit: Unit | None, known: dict[dt.date, Tenancy]
) -> None:
    """Behind which master the unit is, from when; another master only with a new tenancy that begins later."""
    spans = roster.connections.rows.get(unit.pk, []) if unit else []
    standing = [(c.from_on, c.point.code) for c in spans]
    if not standing:
        head = order[0]
        sub = next((r.sub_meter for r in reversed(order) if r.sub_meter and r.sub_meter not in roster.meters), "")
        start = _connected_from(roster, head)
        roster.work.connections.append((head.code, head.master, start, sub))
        standing = [(start, _point_code(roster, head.master))]
    for row in order:
        code = _point_code(roster, row.master)
        begun = [c for day, c in standing if row.from_on is None or day <= row.from_on]
        if code == (begun[-1] if begun else standing[0][1]):
            continue
        if row.from_on is not None and row.from_on not in known and row.from_on > standing[-1][0]:
            standing.append((row.from_on, code))
            roster.work.moves.append((row.code, row.master, row.from_on))
            continue
        reason = _("商铺已接在总表 %(code)s 后面；改接请随新的租期登记") % {
            "code": begun[-1] if begun else standing[0][1]
        }
        roster.plan.fault(row.number, "总表表号", row.master, reason)


def _point_code(roster: Roster, master: str) -> str:
    return roster.points[master].code if master in roster.points else master


def _connected_from(roster: Roster, row: UnitRow) -> dt.date:
    """A unit draws water from when its master meter began, for all that is known; at the latest from its first day in."""
    point = roster.points.get(row.master)
    days = [row.from_on, roster.started.get(point.pk) if point else None]
    return min((d for d in days if d is not None), default=roster.run.today)


def _plan_subs(roster: Roster, order: Sequence[UnitRow], unit: Unit | None, states: dict[int, str]) -> None:
    for number in dict.fromkeys(r.sub_meter for r in order if r.sub_meter):
        row = next(r for r in reversed(order) if r.sub_meter == number)
        meter = roster.meters.get(number)
        if meter is not None and meter.unit_id is None:
            roster.work.links.append((meter, row.code))
            there = [n for n in (roster.running[unit.pk] if unit else ()) if n != number]
            if there:
                told = _(
                    "商铺 %(code)s 已有在用的分表 %(old)s；若是换表，还要登记换表：hege exchange %(old)s %(new)s"
                ) % {
                    "code": row.code,
                    "old": there[-1],
                    "new": number,
                }
                roster.plan.notices.add(told, row.number)
        elif meter is None and unit is not None and (spans := roster.connections.rows.get(unit.pk)):
            if spans[-1].awaited_sub == number:
                continue
            roster.work.awaited.append((spans[-1], number))
        else:
            continue
        if states[row.number] == "same":
            roster.plan.change(row.number, "分表表号", "", number)
            states[row.number] = "changed"


def _book(run: ImportRun, roster: Roster, booking: Booking) -> None:
    """Do what the rows ask for: the places first, then who is in them."""
    street, work, by, at = run.street, roster.work, booking.by, booking.at
    points = dict(roster.points)
    for number in work.masters:
        points[number] = open_supply_point(street, code=number, by=by, at=at)
    units = {**roster.units, **{u.code: u for u in register_units(street, work.units, by=by, at=at)}}
    drafts = [ConnectionDraft(units[c], points[m], day, awaited_sub=sub) for c, m, day, sub in work.connections]
    connect_all(street, drafts, by=by, at=at)
    for tenancy, until_on, _row in work.leavings:
        move_out(tenancy, until_on=until_on, by=by, at=at)
    tenancies = [
        TenancyDraft(units[r.code], r.from_on, r.until_on, r.operator, r.phone)
        for r in work.tenancies
        if r.from_on is not None
    ]
    move_in_all(street, tenancies, by=by, at=at)
    for code, master, from_on in work.moves:
        connect(units[code], point=points[master], from_on=from_on, by=by, at=at)
    for unit, name, use, area in work.amendments:
        amend_unit(unit, name=name, use=use, area_sqm=area, by=by, at=at)
    for tenancy, operator, phone in work.namings:
        amend_tenancy(tenancy, operator=operator, phone=phone, by=by, at=at)
    link_sub_meters(street, [(meter, units[code]) for meter, code in work.links], by=by, at=at)
    for connection, number in work.awaited:
        await_sub_meter(connection, number=number, by=by, at=at)
