"""Meters come and go, indexes are read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from hege.kernel.checks import check_same_street, check_words
from hege.kernel.clock import day_of
from hege.kernel.database import atomic
from hege.kernel.mutability import lock
from hege.kernel.refused import Refused
from hege.ledger.actions import Source, keep_sources
from hege.ledger.models import Book, SourceFile
from hege.metering.models import Connection, Meter, PointRole, Reading, SupplyPoint
from hege.metering.queries import indexes_of
from hege.metering.rules import DAY, Index, PointRoleKind, ReadingMethod, check_index, m3
from hege.people.models import Party, Street, User
from hege.places.models import Place, Unit
from hege.places.rules import check_standing
from hege.search.actions import index_rows
from hege.trail import actions as trail


@atomic
def open_supply_point(
    street: Street,
    *,
    code: str,
    name: str = "",
    location: str = "",
    place: Place | None = None,
    by: User | None,
    at: dt.datetime,
) -> SupplyPoint:
    """Open a supply point (用水点) with an empty book."""
    point = SupplyPoint.objects.create(
        street=street,
        code=code,
        name=name or (_("%(place)s总表") % {"place": location} if location else code),
        location=location,
        place=place,
        book=Book.objects.create(street=street),
    )
    index_rows([point])
    trail.record("open_supply_point", point, by=by, at=at, code=code)
    return point


@atomic
def locate_point(point: SupplyPoint, *, place: Place, by: User | None, at: dt.datetime) -> SupplyPoint:
    """Say in which part of the grid a supply point lies (落格): it decides who sees it."""
    check_same_street(point.street_id, place)
    check_standing(until_on=place.until_on)
    locked = lock(point)
    before, locked.place = locked.place_id, place
    locked.save(update_fields=["place"])
    trail.record("locate_point", locked, by=by, at=at, before=before, place=place.path)
    return locked


@atomic
def install_meter(meter: Meter, *, by: User | None, at: dt.datetime) -> Meter:
    """Put a meter into service (装表); its first index counts from the start of ``started_on``."""
    _install([meter])
    litres = meter.started_litres
    trail.record("install_meter", meter, by=by, at=at, number=meter.number, started_litres=litres)
    return meter


@atomic
def install_meters(meters: Sequence[Meter], *, by: User | None, at: dt.datetime) -> None:
    """``install_meter`` for a whole roster of one street: a constant number of queries, one line on the trail."""
    if meters:
        _install(meters)
        told = [[m.number, m.started_on, m.started_litres] for m in meters]
        trail.record("install_meters", meters[0], by=by, at=at, count=len(meters), meters=told)


def _install(meters: Sequence[Meter]) -> None:
    known = Meter.objects.filter(street=meters[0].street, number__in=[m.number for m in meters])
    taken = known.values_list("number", flat=True).first()
    if taken is not None:
        raise Refused(_("表号 %(number)s 已登记。"), number=taken, field="表号")
    index_rows(Meter.objects.bulk_create(meters))


@atomic
def amend_meter(
    meter: Meter,
    *,
    diameter_mm: int | None = None,
    verified_on: dt.date | None = None,
    location: str | None = None,
    by: User | None,
    at: dt.datetime,
) -> Meter:
    """Change what does not touch any volume: place, verification, diameter."""
    wanted = {"diameter_mm": diameter_mm, "verified_on": verified_on, "location": location}
    locked = lock(meter)
    trail.amend("amend_meter", locked, {k: v for k, v in wanted.items() if v is not None}, by=by, at=at)
    return locked


@atomic
def link_sub_meters(
    street: Street, pairs: Sequence[tuple[Meter, Unit]], *, by: User | None, at: dt.datetime
) -> list[Meter]:
    """Say which units sub-meters belong to (分表归户); one that belongs to another unit already is refused."""
    wanted = {meter.pk: unit for meter, unit in pairs}
    locked = list(Meter.objects.select_for_update().filter(street=street, pk__in=wanted).order_by("pk"))
    for meter in locked:
        if meter.unit_id not in (None, wanted[meter.pk].pk):
            raise Refused(_("分表 %(number)s 已属于另一商铺。"), number=meter.number, field="分表表号")
        meter.unit = wanted[meter.pk]
    Meter.objects.bulk_update(locked, ["unit"])
    if locked:
        told = [[m.number, wanted[m.pk].code] for m in locked]
        trail.record("link_sub_meters", locked[0], street=street, by=by, at=at, count=len(locked), meters=told)
    return locked


@atomic
def exchange_meter(
    old: Meter,
    *,
    on: dt.date,
    last_litres: int,
    number: str,
    first_litres: int = 0,
    diameter_mm: int | None = None,
    by: User | None,
    at: dt.datetime,
) -> Meter:
    """Exchange a meter (换表): last index of the old and first of the new on one date; the supply point stays.

    A new meter that a roster has brought in already is taken as it is, where its place, day and first index agree.
    """
    if on > day_of(at):
        raise Refused(_("换表日期晚于今天。"), field="on")
    locked = lock(old)
    if locked.ended_on is not None:
        raise Refused(_("这块表已经拆下。"))
    indexes = indexes_of([locked])[locked.pk]
    if on < indexes[-1].boundary:
        raise Refused(_("这块表在换表日期之后还有抄表记录。"), field="on")
    _turns(indexes, locked, on, last_litres)
    locked.ended_on, locked.ended_litres = on, last_litres
    locked.save(update_fields=["ended_on", "ended_litres"])
    trail.record("remove_meter", locked, by=by, at=at, on=on, last_litres=last_litres)
    there = _brought_in_already(locked, number=number, on=on, first_litres=first_litres)
    if there is not None:
        if locked.unit is not None:
            link_sub_meters(old.street, [(there, locked.unit)], by=by, at=at)
        return there
    new = Meter(
        street=locked.street, point=locked.point, number=number, kind=locked.kind, unit=locked.unit,
        started_on=on, started_litres=first_litres, diameter_mm=diameter_mm or locked.diameter_mm,
        digits=locked.digits, location=locked.location,
    )  # fmt: skip
    return install_meter(new, by=by, at=at)


def _brought_in_already(old: Meter, *, number: str, on: dt.date, first_litres: int) -> Meter | None:
    """The new meter of an exchange, where it is on record; refused where that number is another meter than this."""
    there = Meter.objects.filter(street=old.street, number=number).first()
    if there is None:
        return None
    if (there.kind, there.point_id, there.started_on, there.started_litres) != (
        old.kind, old.point_id, on, first_litres,
    ) or there.unit_id not in (None, old.unit_id):  # fmt: skip
        raise Refused(
            _("表号 %(number)s 已登记（%(day)s 启用，起码 %(m3)s），与这次换表的位置、日期或起码不符。"),
            number=number, day=there.started_on.isoformat(), m3=m3(there.started_litres), field="表号",
        )  # fmt: skip
    return there


@atomic
def hang_posters(point: SupplyPoint, *, by: User, at: dt.datetime) -> SupplyPoint:
    """Write down that the printed codes of a supply point's shops hang in the shops (张贴二维码); on the trail alone."""
    trail.record("hang_posters", point, by=by, at=at, point=point.code)
    return point


@atomic
def name_role(
    point: SupplyPoint,
    *,
    kind: PointRoleKind,
    party: Party,
    from_on: dt.date,
    until_on: dt.date | None = None,
    by: User | None,
    at: dt.datetime,
) -> PointRole:
    """Say who is account holder (户主) or collecting agent (代收人) from a day on; the one before ends that day.

    ``until_on`` is the first day without the role, where that is known.
    """
    if until_on is not None and until_on <= from_on:
        raise Refused(_("卸任日期要晚于上任日期。"), field="until_on")
    PointRole.objects.filter(
        street=point.street, point=point, kind=kind, until_on__isnull=True, from_on__lt=from_on
    ).update(until_on=from_on)
    role, _made = PointRole.objects.update_or_create(
        street=point.street, point=point, kind=kind, from_on=from_on, defaults={"party": party, "until_on": until_on}
    )
    days: dict[str, Any] = {"from_on": from_on} | ({"until_on": until_on} if until_on else {})
    trail.record("name_role", point, by=by, at=at, kind=kind.value, party=party.name, **days)
    return role


@atomic
def connect_unit(unit: Unit, *, point: SupplyPoint, from_on: dt.date, by: User | None, at: dt.datetime) -> Connection:
    """Say which supply point a unit draws from (接水) from a day on; the connection before ends that day."""
    Connection.objects.filter(street=unit.street, unit=unit, until_on__isnull=True).exclude(point=point).update(
        until_on=from_on
    )
    made, new = Connection.objects.get_or_create(
        street=unit.street, unit=unit, until_on=None, defaults={"point": point, "from_on": from_on}
    )
    if new:
        trail.record("connect", unit, by=by, at=at, point=point.code, from_on=from_on)
    return made


@atomic
def connect_all(connections: Sequence[Connection], *, by: User | None, at: dt.datetime) -> None:
    """``connect`` for units of one street that were never connected: two queries, one line on the trail.

    ``awaited_sub`` names a sub-meter still to be registered.
    """
    if connections:
        made = Connection.objects.bulk_create(connections)
        told = [[c.unit.code, c.point.code, c.from_on] for c in made]
        trail.record("connect_all", made[0], by=by, at=at, count=len(made), connections=told)


@atomic
def await_sub_meter(connection: Connection, *, number: str, by: User | None, at: dt.datetime) -> Connection:
    """Remember which sub-meter a unit will have (分表表号), until the meter roster brings it."""
    locked = lock(connection)
    before, locked.awaited_sub = locked.awaited_sub, number
    locked.save(update_fields=["awaited_sub"])
    trail.record("await_sub_meter", locked, by=by, at=at, before=before, number=number)
    return locked


@atomic
def reach_back(point: SupplyPoint, *, from_on: dt.date, by: User | None, at: dt.datetime) -> int:
    """Let the first connections behind a point begin when its meter did; answers how many.

    A roster that came before the meter could only say when the first tenant moved in.
    """
    earlier = Connection.objects.filter(
        street=OuterRef("street"), unit=OuterRef("unit"), from_on__lt=OuterRef("from_on")
    )
    first = Connection.objects.filter(street=point.street_id, point=point, from_on__gt=from_on).filter(~Exists(earlier))
    count = first.update(from_on=from_on)
    if count:
        trail.record("reach_back", point, by=by, at=at, from_on=from_on, count=count)
    return count


@dataclass(frozen=True, slots=True)
class ReadingDraft:
    """An index in litres read on a day."""

    meter: Meter
    read_on: dt.date
    litres: int
    method: ReadingMethod = ReadingMethod.ON_SITE
    reader: str = ""
    note: str = ""
    source: Source | None = None


def check_readings(drafts: Sequence[ReadingDraft]) -> dict[int, Refused]:
    """Ask the rule about each reading in a batch, as if those before it were written; refusals by position. Reads only."""
    known = indexes_of({d.meter.pk: d.meter for d in drafts}.values())
    refused: dict[int, Refused] = {}
    for position, draft in sorted(enumerate(drafts), key=lambda pair: pair[1].read_on):
        try:
            _place(known[draft.meter.pk], draft)
        except Refused as refusal:
            refused[position] = refusal
    return refused


def _place(indexes: list[Index], draft: ReadingDraft) -> int:
    """Check a reading among a meter's indexes and put it there; answers the rollovers so far."""
    boundary, register = draft.read_on + DAY, 10**draft.meter.digits * 1000
    if draft.read_on < draft.meter.started_on:
        raise Refused(_("抄表日期早于这块表的启用日期。"), field="抄表日期")
    if draft.meter.ended_on is not None and draft.read_on >= draft.meter.ended_on:
        raise Refused(_("抄表日期在这块表拆下之后。"), field="抄表日期")
    if any(i.boundary == boundary for i in indexes):
        raise Refused(_("这块表这一天已经抄过；抄错请在总表的“读数”页登记更正。"), field="抄表日期")
    turns = _turns(indexes, draft.meter, boundary, draft.litres)
    at = next((n for n, i in enumerate(indexes) if i.boundary > boundary), len(indexes))
    indexes.insert(at, Index(boundary, draft.litres + turns * register, draft.method is ReadingMethod.ESTIMATED))
    return turns


def _turns(indexes: Iterable[Index], meter: Meter, boundary: dt.date, litres: int) -> int:
    """Ask the rule about an index between the nearest looks before and after it; how often the register has passed zero."""
    register = 10**meter.digits * 1000
    looks = [i for i in indexes if not i.estimated]
    before = [i for i in looks if i.boundary <= boundary]
    turns = before[-1].litres // register if before else 0
    near = [Index(i.boundary, i.litres - turns * register) for i in looks]
    return turns + check_index(
        previous=near[len(before) - 1] if before else None,
        following=near[len(before)] if len(before) < len(near) else None,
        boundary=boundary,
        litres=litres,
        digits=meter.digits,
        diameter_mm=meter.diameter_mm,
    )


@atomic
def record_readings(
    street: Street, drafts: Sequence[ReadingDraft], *, by: User | None, at: dt.datetime, file: SourceFile | None = None
) -> list[Reading]:
    """Write readings (抄表), all or none; raises the first refusal. Litres as whole numbers."""
    ids = sorted({d.meter.pk for d in drafts})
    list(Meter.objects.select_for_update().filter(street=street, pk__in=ids).order_by("pk").values_list("pk"))
    known = indexes_of({d.meter.pk: d.meter for d in drafts}.values())
    order = sorted(drafts, key=lambda d: d.read_on)
    turns = [_place(known[draft.meter.pk], draft) for draft in order]
    kept = keep_sources(street, [draft.source for draft in order], file=file)
    made = Reading.objects.bulk_create(
        Reading(
            street=street, meter=d.meter, read_on=d.read_on, litres=d.litres, method=d.method, reader=d.reader,
            note=d.note, rollovers=rollovers, source_row_id=source, by=by, recorded_at=at,
        )
        for d, rollovers, source in zip(order, turns, kept, strict=True)
    )  # fmt: skip
    if made:
        told = [[r.meter.number, r.read_on, m3(r.litres)] for r in made[:200]]
        trail.record("record_readings", made[0], by=by, at=at, count=len(made), readings=told)
    return made


@atomic
def correct_reading(reading: Reading, *, litres: int, reason: str, by: User | None, at: dt.datetime) -> Reading:
    """Replace a wrong reading by a right one (更正); the wrong one stays in the book, with the reason."""
    reason = check_words(reason, _("请写明更正的理由。"))
    meter = Meter.objects.select_for_update().get(street=reading.street, pk=reading.meter_id)
    if Reading.objects.filter(street=reading.street, corrects=reading).exists():
        raise Refused(_("这一次抄表已经更正过，请更正最新的一次。"))
    others = indexes_of([meter], without=reading)[meter.pk]
    turns = _place(others, ReadingDraft(meter, reading.read_on, litres, ReadingMethod(reading.method)))
    made = Reading.objects.create(
        street=reading.street, meter=meter, read_on=reading.read_on, litres=litres, method=reading.method,
        reader=reading.reader, note=reason, corrects=reading, rollovers=turns, by=by, recorded_at=at,
    )  # fmt: skip
    trail.record("correct_reading", made, by=by, at=at, reason=reason, litres=litres)
    return made
