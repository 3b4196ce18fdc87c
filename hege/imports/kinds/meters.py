"""The meter roster: masters open supply points, sub-meters hang behind them, whatever the order of the rows."""

from __future__ import annotations

import datetime as dt
import shlex
from collections.abc import Sequence
from typing import Annotated, Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from hege.billing.actions import choose_method
from hege.billing.models import MethodChoice
from hege.billing.rules import Method
from hege.imports.cells import code_of, day_of, diameter_of, digits_of, index_of, text_of, word_of
from hege.imports.kind import Booking, Kind
from hege.imports.layouts import Column, FileKind, Layout, Words
from hege.imports.memory import Lesson, learn_names
from hege.imports.models import NameSort
from hege.imports.queries import (
    Lookup,
    Spans,
    ToCome,
    each_in,
    meters_by_number,
    points_by_account,
    points_by_number,
    roles_of,
)
from hege.imports.rules import Read
from hege.kernel.saying import Saying, written
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
METER_KINDS = {"总表": MeterKind.MASTER, "分表": MeterKind.SUB, "master": MeterKind.MASTER, "sub": MeterKind.SUB}
METHODS: dict[str, Method] = {str(m.value): m for m in Method} | {
    "等额": Method.EQUAL, "面积": Method.AREA, "分表": Method.SUB_METER, "混合": Method.MIXED,
    "均摊": Method.EQUAL, "按面积": Method.AREA, "按分表": Method.SUB_METER,
}  # fmt: skip

ALSO_METHODS = {
    "按户均摊": "等额", "户均": "等额", "按户分摊": "等额", "平均分摊": "等额", "平摊": "等额", "按户平均": "等额", "按户": "等额",
    "按面积分摊": "面积", "面积分摊": "面积", "按建筑面积": "面积", "按分表读数": "分表", "按表": "分表", "按表计量": "分表", "分表计量": "分表",
    "混合分摊": "混合",
}  # fmt: skip
ALSO_KINDS = {
    "总水表": "总表", "主表": "总表", "贸易表": "总表", "结算表": "总表", "户外总表": "总表", "分水表": "分表", "子表": "分表", "分户表": "分表",
    "户表": "分表", "副表": "分表",
}  # fmt: skip


# fmt: off
class MeterRow(NamedTuple):
    number: int
    meter: Annotated[str, Column("表号", ("meter", "meter_number", "水表号"), code_of(40), fill=True, sample="SH50-0001",
        note=_("街道内唯一，前导零照原样保留。"))]
    kind: Annotated[MeterKind, Column("类别", ("kind", "meter_kind"), word_of(METER_KINDS, ALSO_KINDS), fill=True, words=("总表", "分表"),
        sample="总表", note=_("水司按总表结算，分表在总表之后。"))]
    diameter_mm: Annotated[int | None, Column("口径", ("diameter", "diameter_mm"), diameter_of, sample="DN50",
        note=_("如 DN50。"))]
    master: Annotated[str, Column("上级总表", ("master_meter", "parent"), code_of(40), empty="", sample="",
        note=_("分表必填，总表空着。"))]
    started_on: Annotated[dt.date, Column("启用日期", ("started_on", "start_date"), day_of, fill=True,
        sample="2024-01-01", note=_("从这一天起计量。"))]
    verified_on: Annotated[dt.date | None, Column("检定日期", ("verified_on",), day_of, sample="2024-01-01",
        note=_("可空。"))]
    started_litres: Annotated[int, Column("起码", ("started_m3", "start_index"), index_of, empty=0, sample="0",
        note=_("启用时的行度，立方米；空着算 0。"))]
    location: Annotated[str, Column("安装位置", ("location",), text_of(200), empty="", sample="弄口水表井", note=_("可空。"))]
    holder: Annotated[str, Column("账户名", ("account_holder",), text_of(120), empty="", sample="某物业公司",
        note=_("与水司签合同的户主，只填总表。"))]
    agent: Annotated[str, Column("代收人", ("agent",), text_of(120), empty="", sample="代收人", note=_("向商铺收水费的人，只填总表。"))]
    method: Annotated[Method | None, Column("分摊方式", ("sharing_method", "method"), word_of(METHODS, ALSO_METHODS), words=("等额",
        "面积", "分表", "混合"), sample="等额", note=_("只填总表；以后改要凭会议决定。"))]
    digits: Annotated[int | None, Column("字轮位数", ("digits",), digits_of, sample="", note=_("可不列；行度整数部分的位数，不填算 5 位。"))]
    account: Annotated[str, Column("户号", ("customer_account", "用户号"), code_of(60), empty="", sample="",
        note=_("可不列；水司给总表的户号，记住后流水上写户号也认得。"))]
# fmt: on


class Amendment(NamedTuple):
    """What a row changes on a meter that is there: its own fields, who is named where nobody was, the first method."""

    row: MeterRow
    meter: Meter
    fields: dict[str, Any]
    roles: list[tuple[PointRoleKind, str]]
    chooses: bool


class Meters(Kind[MeterRow]):
    """Checked against the street's meters; what a meter has already is changed only where that loses nothing."""

    layout = Layout(FileKind.METERS, MeterRow, note=_("总表和分表列在一张表里，先后不限。"))
    told_apart = ("meter",)
    counted = {"meters": (Meter, {}), "supply_points": (SupplyPoint, {})}
    of_money = False

    def check(self, rows: Sequence[MeterRow]) -> None:
        self._read_street(rows)
        self.amendments: list[Amendment] = []
        self.install: list[MeterRow] = []
        first: dict[str, int] = {}
        self._check_accounts(rows)
        for row in rows:
            other = first.setdefault(row.meter, row.number)
            if other != row.number:
                self.fault(row, "meter", _("与第 %(row)d 行的表号重复") % {"row": other})
            before = len(self.faults)
            self._check_row(row)
            if other != row.number:
                continue
            meter = self.standing.get(row.meter)
            if meter is not None:
                self._against_record(row, meter)
            elif len(self.faults) == before:
                self.install.append(row)
        self._ask_about_twins({row.meter for row in rows})
        self.new = {row.number for row in self.install}
        self.meters = {row.meter for row in rows}

    def book(self, booking: Booking) -> None:
        """Masters first, then what hangs behind them."""
        street, by, at = self.run.street, booking.by, booking.at
        for row, meter, fields, roles, chooses in self.amendments:
            if fields:
                amend_meter(meter, **fields, by=by, at=at)
            self._name(meter.point, row, roles, booking)
            if chooses:
                self._choose(meter.point, row, booking)
        masters = [r for r in self.install if r.kind is MeterKind.MASTER]
        points = dict(self.points)
        for row in masters:
            if row.meter not in points:
                points[row.meter] = open_supply_point(street, code=row.meter, location=row.location, by=by, at=at)
        install_meters([_meter(street, row, points[row.meter], None) for row in masters], by=by, at=at)
        for row in masters:
            point = points[row.meter]
            if row.meter in self.points:
                reach_back(point, from_on=row.started_on, by=by, at=at)
            self._name(point, row, _roles(row), booking)
            if row.method is not None and point.pk not in self.methods:
                self._choose(point, row, booking)
        lessons = [
            Lesson(NameSort.CUSTOMER_ACCOUNT, row.account, point=points[row.meter])
            for row in masters
            if row.account in self.taught
        ]
        lessons += [
            Lesson(NameSort.CUSTOMER_ACCOUNT, a.row.account, point=a.meter.point)
            for a in self.amendments
            if a.row.account in self.taught
        ]
        learn_names(street, lessons, file_name=self.run.name, by=by, at=at)
        subs = [r for r in self.install if r.kind is MeterKind.SUB]
        units = {number: c.unit for number, c in self.awaited.items()}
        found = [_meter(street, row, points[row.master], units.get(row.meter)) for row in subs]
        install_meters(found, by=by, at=at)

    def foresee(self) -> ToCome:
        points = sum(r.kind is MeterKind.MASTER and r.meter not in self.points for r in self.install)
        return ToCome({"meters": len(self.install), "supply_points": points})

    def rostered(self, read: Read) -> dict[str, tuple[Lookup, Words, set[str]]]:
        named = {r.meter for r in [*read.rows, *read.half] if r.kind is MeterKind.MASTER and r.meter}
        return {"master": (points_by_number, _("没有这块总表，本表里也没有"), named)}

    def _read_street(self, rows: Sequence[MeterRow]) -> None:
        street = self.run.street
        self.standing = meters_by_number(street, [r.meter for r in rows])
        self.points = points_by_number(street, [n for r in rows for n in (r.meter, r.master) if n])
        ids = [p.pk for p in self.points.values()]
        self.roles: dict[PointRoleKind, Spans] = {kind: roles_of(street, ids, kind) for kind in PointRoleKind}
        self.new_masters = {r.meter for r in rows if r.kind is MeterKind.MASTER and r.meter not in self.standing}
        choices = MethodChoice.objects.filter(street=street).order_by("from_on", "pk").values_list("point_id", "method")
        self.methods = {
            point: Method(word) for point, word in each_in(lambda some: choices.filter(point__in=some), ids)
        }
        waiting = Connection.objects.filter(street=street, until_on__isnull=True).select_related("unit", "point")
        of_rows = each_in(lambda some: waiting.filter(awaited_sub__in=some), (r.meter for r in rows))
        self.awaited = {c.awaited_sub: c for c in of_rows}

    def _check_accounts(self, rows: Sequence[MeterRow]) -> None:
        """Customer accounts of masters: one that stands at two meters, or is another meter's, says nothing."""
        self.taught: set[str] = set()
        masters = [row for row in rows if row.account and row.kind is MeterKind.MASTER]
        known = points_by_account(self.run.street, [row.account for row in masters])
        first: dict[str, MeterRow] = {}
        for row in masters:
            point, other = self.points.get(row.meter), first.setdefault(row.account, row)
            theirs = known.get(row.account)
            if theirs is not None and (point is None or theirs.pk != point.pk):
                reason = _("这个户号已记为总表 %(code)s 的；改了户号的，请先在“学到的”里忘掉它")
                self.fault(row, "account", reason % {"code": theirs.code})
            elif other.meter != row.meter:
                self.fault(row, "account", _("与第 %(row)d 行的户号相同，分不清是哪块总表的") % {"row": other.number})
            elif theirs is None:
                self.taught.add(row.account)

    def _ask_about_twins(self, named: set[str]) -> None:
        """A new meter that nothing names yet may be one that stands, mistyped; not where the file has that one as well."""
        for kind in MeterKind:
            known = self.points if kind is MeterKind.MASTER else self.awaited
            unknown = {row.meter: row for row in self.install if row.kind is kind and row.meter not in known}
            if not unknown:
                continue
            standing = Meter.objects.filter(street=self.run.street, kind=kind).values_list("number", flat=True)
            for number, other in slips(unknown, set(standing) - named).items():
                shown, meets = (f"{kind.label} {n}" for n in (number, other))
                self.ask_whether_new(unknown[number].number, shown, meets)

    def _check_row(self, row: MeterRow) -> None:
        """What a row must fulfil by itself and beside the other rows."""
        if row.started_litres >= 10 ** _digits(row) * 1000:
            self.fault(row, "started_litres", _("超过了这块表的字轮位数"))
        if row.kind is MeterKind.MASTER:
            if row.master:
                self.fault(row, "master", _("总表没有上级总表，请空着"))
            return
        if row.method is not None:
            self.fault(row, "method", _("只有总表填分摊方式"))
        if row.holder or row.agent:
            self.notices.add(_("分表的账户名、代收人以总表为准，未采用"), row.number)
        if not row.master:
            self.fault(row, "master", _("分表要填上级总表"))
        elif row.master not in self.points and row.master not in self.new_masters:
            self.fault(row, "master", _("没有这块总表，本表里也没有"))
        waiting = self.awaited.get(row.meter)
        point = self.points.get(row.master)
        if waiting is not None and row.meter not in self.standing and (point is None or waiting.point_id != point.pk):
            named = {"unit": waiting.unit.code, "point": waiting.point.code}
            self.fault(row, "master", _("名册里这块分表属于商铺 %(unit)s，而它接在总表 %(point)s 后面") % named)

    def _against_record(self, row: MeterRow, meter: Meter) -> None:
        """A meter that is there: what may change changes, the rest is refused with the way to do it."""
        if row.kind != meter.kind:
            self.fault(row, "kind", _("已登记为%(kind)s，不能改") % {"kind": meter.get_kind_display()})
        elif row.kind is MeterKind.SUB and row.master:
            point = self.points.get(row.master)
            if point is None or point.pk != meter.point_id:
                reason = _("已登记在总表 %(code)s 后面；移表请先登记换表（总表的“读数”页，或 hege exchange）")
                self.fault(row, "master", reason % {"code": meter.point.code})
        if row.started_litres != meter.started_litres:
            reason = _("已登记为 %(m3)s，不能改；换表请登记换表（总表的“读数”页，或 hege exchange）")
            self.fault(row, "started_litres", reason % {"m3": m3(meter.started_litres)})
        if row.started_on != meter.started_on:
            reason = _("已登记为 %(day)s，不能改；换表请登记换表（总表的“读数”页，或 hege exchange）")
            self.fault(row, "started_on", reason % {"day": meter.started_on})
        told, fields = len(self.changes), {}
        for name in ("location", "verified_on", "diameter_mm"):
            old, new = getattr(meter, name), getattr(row, name)
            if new and new != old:
                fields[name] = new
                self.change(row, name, old or "", new)
        if row.account in self.taught:
            self.change(row, "account", "", row.account)
        roles, chooses = self._against_roles(row, meter) if row.kind is MeterKind.MASTER else ([], False)
        self.amendments.append(Amendment(row, meter, fields, roles, chooses))
        (self.changed if len(self.changes) > told else self.same).add(row.number)

    def _against_roles(self, row: MeterRow, meter: Meter) -> tuple[list[tuple[PointRoleKind, str]], bool]:
        """Account holder, agent and method: filled in where nobody is named, else left to an act of their own.

        Answers whom the row names anew, and whether it chooses the first method.
        """
        named = []
        for kind, name in _roles(row):
            roles = self.roles[kind].rows.get(meter.point_id)
            if roles and name in {r.party.name for r in roles}:
                continue
            field, more = ("agent", "") if kind is PointRoleKind.AGENT else ("holder", " --account-holder")
            if roles:
                values = {"name": roles[-1].party.name, "meter": row.meter, "new": shlex.quote(name), "more": more}
                reason = _("已登记为 %(name)s；换人要写明从哪天起：hege agent %(meter)s %(new)s --from 日期%(more)s")
                self.fault(row, field, reason % values)
            else:
                self.change(row, field, "", name)
                named.append((kind, name))
        known = self.methods.get(meter.point_id)
        if row.method is None or row.method is known:
            return named, False
        if known is None:
            self.change(row, "method", "", row.method.label)
            return named, True
        values = {"method": known.label, "meter": row.meter, "new": row.method.label}
        reason = _(
            "现在是%(method)s；改分摊方式要有会议决定：hege method %(meter)s %(new)s --from 日期 --decision 决定"
        )
        self.fault(row, "method", reason % values)
        return named, False

    def _name(
        self, point: SupplyPoint, row: MeterRow, roles: Sequence[tuple[PointRoleKind, str]], booking: Booking
    ) -> None:
        for kind, name in roles:
            party = party_named(point.street, name)
            name_role(point, kind=kind, party=party, from_on=row.started_on, by=booking.by, at=booking.at)

    def _choose(self, point: SupplyPoint, row: MeterRow, booking: Booking) -> None:
        assert row.method is not None
        file = booking.file
        decision = written(Saying(_("导入表册 %(file)s"), file=file.name[:200]) if file else _("手工登记"))
        choose_method(point, method=row.method, from_on=row.started_on, decision=decision, by=booking.by, at=booking.at)


def party_named(street: Street, name: str) -> Party:
    """The party of a name, an office where it sounds like one."""
    office = name.endswith(OFFICE_WORDS)
    return name_party(street, name=name, kind=PartyKind.ORGANISATION if office else PartyKind.PERSON)


def _roles(row: MeterRow) -> list[tuple[PointRoleKind, str]]:
    """Whom a master's row names, and as what."""
    return [
        (kind, n) for kind, n in ((PointRoleKind.ACCOUNT_HOLDER, row.holder), (PointRoleKind.AGENT, row.agent)) if n
    ]


def _digits(row: MeterRow) -> int:
    return row.digits or max(USUAL_DIGITS, len(str(row.started_litres // 1000)))


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
