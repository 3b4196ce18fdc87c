"""Meters come and go, indexes are read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from hege.kernel.refused import Refused
from hege.ledger.actions import Source, keep_source
from hege.ledger.models import Book, SourceFile
from hege.metering.models import Connection, Meter, PointRole, Reading, SupplyPoint
from hege.metering.queries import indexes_of
from hege.metering.rules import DAY, Index, MeterKind, PointRoleKind, ReadingMethod, check_index, m3
from hege.people.models import Party, Street, User
from hege.places.models import Place, Unit
from hege.trail import actions as trail


@transaction.atomic
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
        name=name or code,
        location=location,
        place=place,
        book=Book.objects.create(street=street),
    )
    trail.record("open_supply_point", point, street=street, by=by, at=at, code=code)
    return point


@transaction.atomic
def install_meter(
    point: SupplyPoint,
    *,
    number: str,
    kind: MeterKind,
    started_on: dt.date,
    started_litres: int = 0,
    unit: Unit | None = None,
    diameter_mm: int | None = None,
    digits: int = 5,
    verified_on: dt.date | None = None,
    location: str = "",
    by: User | None,
    at: dt.datetime,
) -> Meter:
    """Put a meter into service (装表); its first index counts from the start of ``started_on``."""
    if Meter.objects.filter(street=point.street, number=number).exists():
        raise Refused(_("表号 %(number)s 已登记。") % {"number": number}, field="表号")
    meter = Meter.objects.create(
        street=point.street,
        point=point,
        number=number,
        kind=kind,
        unit=unit,
        started_on=started_on,
        started_litres=started_litres,
        diameter_mm=diameter_mm,
        digits=digits,
        verified_on=verified_on,
        location=location,
    )
    trail.record(
        "install_meter", meter, street=point.street, by=by, at=at, number=number, started_litres=started_litres
    )
    return meter


@transaction.atomic
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
    """Exchange a meter (换表): last index of the old and first of the new on one date; the supply point stays."""
    locked = Meter.objects.select_for_update().get(street=old.street, pk=old.pk)
    if locked.ended_on is not None:
        raise Refused(_("这块表已经拆下。"))
    check_index(
        previous=_before(indexes_of([locked])[locked.pk], on),
        following=None,
        boundary=on,
        litres=last_litres,
        digits=locked.digits,
        diameter_mm=locked.diameter_mm,
    )
    locked.ended_on, locked.ended_litres = on, last_litres
    locked.save(update_fields=["ended_on", "ended_litres"])
    trail.record("remove_meter", locked, street=old.street, by=by, at=at, on=on, last_litres=last_litres)
    return install_meter(
        locked.point,
        number=number,
        kind=MeterKind(locked.kind),
        started_on=on,
        started_litres=first_litres,
        unit=locked.unit,
        diameter_mm=diameter_mm or locked.diameter_mm,
        digits=locked.digits,
        location=locked.location,
        by=by,
        at=at,
    )


@transaction.atomic
def name_role(
    point: SupplyPoint, *, kind: PointRoleKind, party: Party, from_on: dt.date, by: User | None, at: dt.datetime
) -> PointRole:
    """Say who is account holder (户主) or collecting agent (代收人) from a day on; the one before ends that day."""
    PointRole.objects.filter(
        street=point.street, point=point, kind=kind, until_on__isnull=True, from_on__lt=from_on
    ).update(until_on=from_on)
    role, _made = PointRole.objects.update_or_create(
        street=point.street, point=point, kind=kind, from_on=from_on, defaults={"party": party}
    )
    trail.record(
        "name_role", point, street=point.street, by=by, at=at, kind=kind.value, party=party.name, from_on=from_on
    )
    return role


@transaction.atomic
def connect(unit: Unit, *, point: SupplyPoint, from_on: dt.date, by: User | None, at: dt.datetime) -> Connection:
    """Say which supply point a unit draws from (接水) from a day on; the connection before ends that day."""
    Connection.objects.filter(street=unit.street, unit=unit, until_on__isnull=True).exclude(point=point).update(
        until_on=from_on
    )
    made, new = Connection.objects.get_or_create(
        street=unit.street, unit=unit, until_on=None, defaults={"point": point, "from_on": from_on}
    )
    if new:
        trail.record("connect", unit, street=unit.street, by=by, at=at, point=point.code, from_on=from_on)
    return made


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
    previous = _before(indexes, boundary)
    if draft.read_on < draft.meter.started_on:
        raise Refused(_("抄表日期早于这块表的启用日期。"), field="抄表日期")
    if draft.meter.ended_on is not None and draft.read_on >= draft.meter.ended_on:
        raise Refused(_("抄表日期在这块表拆下之后。"), field="抄表日期")
    following = next((i for i in indexes if i.boundary > boundary), None)
    turns = previous.litres // register if previous else 0
    base = Index(previous.boundary, previous.litres - turns * register, previous.estimated) if previous else None
    ahead = Index(following.boundary, following.litres - turns * register, following.estimated) if following else None
    turns += check_index(
        previous=base,
        following=ahead,
        boundary=boundary,
        litres=draft.litres,
        digits=draft.meter.digits,
        diameter_mm=draft.meter.diameter_mm,
    )
    at = next((n for n, i in enumerate(indexes) if i.boundary > boundary), len(indexes))
    indexes.insert(at, Index(boundary, draft.litres + turns * register, draft.method is ReadingMethod.ESTIMATED))
    return turns


def _before(indexes: Iterable[Index], boundary: dt.date) -> Index | None:
    earlier = [i for i in indexes if i.boundary <= boundary]
    return earlier[-1] if earlier else None


@transaction.atomic
def record_readings(
    street: Street, drafts: Sequence[ReadingDraft], *, by: User | None, at: dt.datetime, file: SourceFile | None = None
) -> list[Reading]:
    """Write readings (抄表), all or none; raises the first refusal. Litres as whole numbers."""
    ids = sorted({d.meter.pk for d in drafts})
    list(Meter.objects.select_for_update().filter(street=street, pk__in=ids).order_by("pk").values_list("pk"))
    known = indexes_of({d.meter.pk: d.meter for d in drafts}.values())
    made = []
    for draft in sorted(drafts, key=lambda d: d.read_on):
        turns = _place(known[draft.meter.pk], draft)
        made.append(
            Reading.objects.create(
                street=street,
                meter=draft.meter,
                read_on=draft.read_on,
                litres=draft.litres,
                method=draft.method,
                reader=draft.reader,
                note=draft.note,
                rollovers=turns,
                source_row=keep_source(street, draft.source, file=file),
                by=by,
                recorded_at=at,
            )
        )
    if made:
        trail.record(
            "record_readings",
            made[0],
            street=street,
            by=by,
            at=at,
            count=len(made),
            readings=[[r.meter.number, r.read_on, m3(r.litres)] for r in made[:200]],
        )
    return made


@transaction.atomic
def correct_reading(reading: Reading, *, litres: int, reason: str, by: User | None, at: dt.datetime) -> Reading:
    """Replace a wrong reading by a right one (更正); the wrong one stays in the book, with the reason."""
    if not reason.strip():
        raise Refused(_("请写明更正的理由。"), field="reason")
    if Reading.objects.filter(street=reading.street, corrects=reading).exists():
        raise Refused(_("这一次抄表已经更正过，请更正最新的一次。"))
    meter = Meter.objects.select_for_update().get(street=reading.street, pk=reading.meter_id)
    others = [i for i in indexes_of([meter])[meter.pk] if i.boundary != reading.read_on + DAY]
    turns = _place(others, ReadingDraft(meter, reading.read_on, litres, ReadingMethod(reading.method)))
    made = Reading.objects.create(
        street=reading.street,
        meter=meter,
        read_on=reading.read_on,
        litres=litres,
        method=reading.method,
        reader=reading.reader,
        note=reason.strip(),
        corrects=reading,
        rollovers=turns,
        by=by,
        recorded_at=at,
    )
    trail.record("correct_reading", made, street=reading.street, by=by, at=at, reason=reason.strip(), litres=litres)
    return made
