"""The meter roster: masters open supply points, sub-meters hang behind them, whatever the order of the rows."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from hege.billing.actions import choose_method
from hege.billing.models import MethodChoice
from hege.billing.rules import Method
from hege.imports.layouts import MeterRow
from hege.imports.plan import Book, Booking, ImportRun, Plan, ToCome
from hege.imports.queries import Spans, batches, meters_by_number, points_by_number, roles_of
from hege.kernel.spelling import slips
from hege.metering.actions import amend_meter, install_meters, name_role, open_supply_point, reach_back
from hege.metering.models import Connection, Meter, SupplyPoint
from hege.metering.rules import MeterKind, PointRoleKind, m3
from hege.people.models import Party, PartyKind, Street
from hege.places.actions import name_party
from hege.places.models import Unit

USUAL_DIGITS = 5
OFFICE_WORDS = (
    "公司",
    "中心",
    "集团",
    "物业",
    "市场",
    "委员会",
    "合作社",
    "厂",
    "局",
    "所",
    "院",
    "校",
    "银行",
    "商场",
)


class Roster:
    """What the rows of a meter file meet in the street."""

    def __init__(self, run: ImportRun, rows: Sequence[MeterRow]) -> None:
        street = run.street
        self.meters = meters_by_number(street, [r.meter for r in rows])
        self.points = points_by_number(street, [n for r in rows for n in (r.meter, r.master) if n])
        ids = [p.pk for p in self.points.values()]
        self.roles: dict[PointRoleKind, Spans] = {kind: roles_of(street, ids, kind) for kind in PointRoleKind}
        self.new_masters = {r.meter: r for r in rows if r.kind is MeterKind.MASTER and r.meter not in self.meters}
        self.methods: dict[int, Method] = {}
        self.awaited: dict[str, Connection] = {}
        for lot in batches(ids):
            choices = MethodChoice.objects.filter(street=street, point_id__in=lot).order_by("from_on", "pk")
            self.methods.update((pk, Method(word)) for pk, word in choices.values_list("point_id", "method"))
        for named in batches(r.meter for r in rows):
            waiting = Connection.objects.filter(street=street, awaited_sub__in=named, until_on__isnull=True)
            self.awaited.update((c.awaited_sub, c) for c in waiting.select_related("unit", "point"))


def plan_meters(run: ImportRun, rows: Sequence[MeterRow], plan: Plan) -> None:
    """Check a meter roster."""
    roster = Roster(run, rows)
    first: dict[str, int] = {}
    new: list[MeterRow] = []
    for row in rows:
        other = first.setdefault(row.meter, row.number)
        if other != row.number:
            plan.fault(row.number, "表号", row.meter, _("与第 %(row)d 行的表号重复") % {"row": other})
        before = len(plan.faults)
        _check_row(roster, row, plan)
        if other != row.number:
            continue
        meter = roster.meters.get(row.meter)
        if meter is not None:
            _against_record(roster, row, meter, plan)
        elif len(plan.faults) == before:
            new.append(row)
    _ask_about_twins(run, roster, rows, new, plan)
    plan.new = {row.number for row in new}
    plan.meters = {row.meter for row in rows}
    plan.steps.append(lambda booking: _install(run, roster, new, booking))
    points = sum(r.kind is MeterKind.MASTER and r.meter not in roster.points for r in new)
    plan.foresee = lambda: ToCome({"meters": len(new), "supply_points": points})


def _ask_about_twins(
    run: ImportRun, roster: Roster, rows: Sequence[MeterRow], new: Sequence[MeterRow], plan: Plan
) -> None:
    """A new meter that nothing names yet may be one that stands, mistyped; not where the file has that one as well."""
    named = {row.meter for row in rows}
    for kind in MeterKind:
        known = roster.points if kind is MeterKind.MASTER else roster.awaited
        unknown = {row.meter: row for row in new if row.kind is kind and row.meter not in known}
        if not unknown:
            continue
        standing = Meter.objects.filter(street=run.street, kind=kind).values_list("number", flat=True)
        for number, other in slips(unknown, set(standing) - named).items():
            shown, meets = (f"{kind.label} {n}" for n in (number, other))
            plan.ask_whether_new(run, unknown[number].number, shown, meets)


def _check_row(roster: Roster, row: MeterRow, plan: Plan) -> None:
    """What a row must fulfil by itself and beside the other rows."""
    if row.started_litres >= 10 ** _digits(row) * 1000:
        plan.fault(row.number, "起码", m3(row.started_litres), _("超过了这块表的字轮位数"))
    if row.kind is MeterKind.MASTER:
        if row.master:
            plan.fault(row.number, "上级总表", row.master, _("总表没有上级总表，请空着"))
        return
    if row.method is not None:
        plan.fault(row.number, "分摊方式", row.method.label, _("只有总表填分摊方式"))
    if row.holder or row.agent:
        plan.notices.add(_("分表的账户名、代收人以总表为准，未采用"), row.number)
    if not row.master:
        plan.fault(row.number, "上级总表", "", _("分表要填上级总表"))
    elif row.master not in roster.points and row.master not in roster.new_masters:
        plan.fault(row.number, "上级总表", row.master, _("没有这块总表，本表里也没有"))
    waiting = roster.awaited.get(row.meter)
    point = roster.points.get(row.master)
    if waiting is not None and row.meter not in roster.meters and (point is None or waiting.point_id != point.pk):
        reason = _("名册里这块分表属于商铺 %(unit)s，而它接在总表 %(point)s 后面") % {
            "unit": waiting.unit.code,
            "point": waiting.point.code,
        }
        plan.fault(row.number, "上级总表", row.master, reason)


def _digits(row: MeterRow) -> int:
    return row.digits or max(USUAL_DIGITS, len(str(row.started_litres // 1000)))


def _against_record(roster: Roster, row: MeterRow, meter: Meter, plan: Plan) -> None:
    """A meter that is there: what may change changes, the rest is refused with the way to do it."""
    if row.kind != meter.kind:
        plan.fault(
            row.number, "类别", row.kind.label, _("已登记为%(kind)s，不能改") % {"kind": meter.get_kind_display()}
        )
    elif row.kind is MeterKind.SUB and row.master:
        point = roster.points.get(row.master)
        if point is None or point.pk != meter.point_id:
            reason = _("已登记在总表 %(code)s 后面；移表请先登记换表（总表的“读数”页，或 hege exchange）") % {
                "code": meter.point.code
            }
            plan.fault(row.number, "上级总表", row.master, reason)
    if row.started_litres != meter.started_litres:
        reason = _("已登记为 %(m3)s，不能改；换表请登记换表（总表的“读数”页，或 hege exchange）") % {
            "m3": m3(meter.started_litres)
        }
        plan.fault(row.number, "起码", m3(row.started_litres), reason)
    if row.started_on != meter.started_on:
        reason = _("已登记为 %(day)s，不能改；换表请登记换表（总表的“读数”页，或 hege exchange）") % {
            "day": meter.started_on
        }
        plan.fault(row.number, "启用日期", row.started_on, reason)
    wanted = {
        "安装位置": ("location", meter.location, row.location),
        "检定日期": ("verified_on", meter.verified_on, row.verified_on),
        "口径": ("diameter_mm", meter.diameter_mm, row.diameter_mm),
    }
    told = len(plan.changes)
    change = {}
    for column, (field, old, new) in wanted.items():
        if new and new != old:
            change[field] = new
            plan.change(row.number, column, old or "", new)
    if change:
        plan.steps.append(lambda booking: _amend(meter, change, booking))
    if row.kind is MeterKind.MASTER:
        _roles_against_record(roster, row, meter, plan)
    (plan.changed if len(plan.changes) > told else plan.same).add(row.number)


def _amend(meter: Meter, change: Mapping[str, object], booking: Booking) -> None:
    amend_meter(meter, **change, by=booking.by, at=booking.at)  # type: ignore[arg-type]  # fields of amend_meter


def _roles_against_record(roster: Roster, row: MeterRow, meter: Meter, plan: Plan) -> None:
    """Account holder, agent and method of a master that is there: filled in where nobody is named, else left to their own act."""
    for kind, name, column in (
        (PointRoleKind.ACCOUNT_HOLDER, row.holder, "账户名"),
        (PointRoleKind.AGENT, row.agent, "代收人"),
    ):
        roles = roster.roles[kind].rows.get(meter.point_id)
        if not name or (roles and name in {r.party.name for r in roles}):
            continue
        if roles:
            reason = _("已登记为 %(name)s；换人要写明从哪天起：hege agent %(meter)s %(new)s --from 日期%(more)s") % {
                "name": roles[-1].party.name,
                "meter": row.meter,
                "new": shlex.quote(name),
                "more": " --account-holder" if kind is PointRoleKind.ACCOUNT_HOLDER else "",
            }
            plan.fault(row.number, column, name, reason)
            continue
        plan.change(row.number, column, "", name)
        plan.steps.append(_naming(meter.point, row, kind, name))
    known = roster.methods.get(meter.point_id)
    if row.method is None or row.method is known:
        return
    if known is None:
        plan.change(row.number, "分摊方式", "", row.method.label)
        plan.steps.append(lambda booking: _choose(meter.point, row, booking))
        return
    reason = _(
        "现在是%(method)s；改分摊方式要有会议决定：hege method %(meter)s %(new)s --from 日期 --decision 决定"
    ) % {
        "method": known.label,
        "meter": row.meter,
        "new": row.method.label,
    }
    plan.fault(row.number, "分摊方式", row.method.label, reason)


def _naming(point: SupplyPoint, row: MeterRow, kind: PointRoleKind, name: str) -> Book:
    return lambda booking: _name(point, row, kind, name, booking)


def party_named(street: Street, name: str) -> Party:
    """The party of a name, an office where it sounds like one."""
    office = name.endswith(OFFICE_WORDS)
    return name_party(street, name=name, kind=PartyKind.ORGANISATION if office else PartyKind.PERSON)


def _name(point: SupplyPoint, row: MeterRow, kind: PointRoleKind, name: str, booking: Booking) -> None:
    party = party_named(point.street, name)
    name_role(point, kind=kind, party=party, from_on=row.started_on, by=booking.by, at=booking.at)


def _choose(point: SupplyPoint, row: MeterRow, booking: Booking) -> None:
    assert row.method is not None
    decision = _("导入表册 %(file)s") % {"file": booking.file.name}
    choose_method(
        point, method=row.method, from_on=row.started_on, decision=decision[:300], by=booking.by, at=booking.at
    )


def _install(run: ImportRun, roster: Roster, rows: Sequence[MeterRow], booking: Booking) -> None:
    """Masters first, then what hangs behind them."""
    masters = [r for r in rows if r.kind is MeterKind.MASTER]
    points = dict(roster.points)
    opened = set(points)
    for row in masters:
        if row.meter not in points:
            points[row.meter] = open_supply_point(
                run.street, code=row.meter, location=row.location, by=booking.by, at=booking.at
            )
    meters = [_meter(run.street, row, points[row.meter], None) for row in masters]
    install_meters(meters, by=booking.by, at=booking.at)
    for row in masters:
        point = points[row.meter]
        if row.meter in opened:
            reach_back(point, from_on=row.started_on, by=booking.by, at=booking.at)
        for kind, name in ((PointRoleKind.ACCOUNT_HOLDER, row.holder), (PointRoleKind.AGENT, row.agent)):
            if name:
                _name(point, row, kind, name, booking)
        if row.method is not None and point.pk not in roster.methods:
            _choose(point, row, booking)
    subs = [r for r in rows if r.kind is MeterKind.SUB]
    units = {number: c.unit for number, c in roster.awaited.items()}
    meters = [_meter(run.street, row, points[row.master], units.get(row.meter)) for row in subs]
    install_meters(meters, by=booking.by, at=booking.at)


def _meter(street: Street, row: MeterRow, point: SupplyPoint, unit: Unit | None) -> Meter:
    return Meter(
        street=street,
        point=point,
        number=row.meter,
        kind=row.kind,
        started_on=row.started_on,
        started_litres=row.started_litres,
        unit=unit,
        diameter_mm=row.diameter_mm,
        digits=_digits(row),
        verified_on=row.verified_on,
        location=row.location,
    )
