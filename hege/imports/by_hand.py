"""A row of a roster typed by somebody (手工登记): checked and booked by the kind of file that would have brought it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, NamedTuple, TypeVar

from django.utils.translation import gettext as _

from hege.imports.kind import Answers, Booking, ImportRun, Kind, Notices
from hege.imports.kinds.meters import MeterRow, Meters
from hege.imports.kinds.units import UnitRow, Units
from hege.imports.layouts import Layout, Words
from hege.imports.queries import connections_of, points_touched, tenancies_of
from hege.imports.rules import Read
from hege.kernel.clock import day_of
from hege.kernel.database import atomic
from hege.kernel.refused import Refused, RefusedAll
from hege.metering.actions import locate_point
from hege.metering.models import Meter, SupplyPoint
from hege.metering.queries import the_point
from hege.metering.rules import MeterKind
from hege.people.models import Street, User
from hege.people.queries import locked_street
from hege.places.models import Place, Tenancy, Unit
from hege.places.rules import check_may_leave
from hege.procedures.actions import keep_watch

K = TypeVar("K", bound=Kind[Any])


class Booked(NamedTuple):
    """What was booked: the row, spelled as registered, and what is to be kept in mind."""

    row: Any
    remarks: list[str]


class _Remarks(Notices):
    """Remarks without the number of a row: there is no sheet to look it up in."""

    def add(self, text: Words, row: int | None = None) -> None:
        super().add(text)


def row_of(layout: Layout, **said: Any) -> Any:
    """A row of a roster with what is ``said``; the rest is as empty cells are."""
    empty = {name: column.empty for name, column in zip(layout.fields, layout.columns, strict=True)}
    return layout.row(1, **{**empty, **said})


def unit_row(unit: Unit, **said: Any) -> UnitRow:
    """The roster's row of a unit and its latest tenancy as they stand, with what is ``said`` otherwise."""
    tenancy: Tenancy | None = (tenancies_of(unit.street, [unit.pk]).rows[unit.pk] or [None])[-1]
    from_on = tenancy.from_on if tenancy else None
    connection = connections_of(unit.street, [unit.pk]).at(unit.pk, from_on or dt.date.max)
    stands = {
        "code": unit.code, "name": unit.name, "operator": tenancy.party.name if tenancy and tenancy.party else "",
        "use": unit.use, "from_on": from_on, "until_on": tenancy.until_on if tenancy else None,
        "master": connection.point.code if connection else "",
    }  # fmt: skip
    row: UnitRow = row_of(Units.layout, **{**stands, **said})
    return row


@atomic
def register_unit(street: Street, row: UnitRow, *, seen: bool, by: User, at: dt.datetime) -> Booked:
    """Open a unit (开户) as the roster of shops would; a code that stands is refused. For ``seen`` see ``_book``."""
    file, read = _checked(Units, street, [row], seen=seen, at=at)
    if read.rows[0].code in file.units:
        told = _("商铺 %(code)s 已在册，请到它的页面上改。") % {"code": read.rows[0].code}
        raise Refused(told, field="code")
    return _book(file, read, seen=seen, by=by, at=at)


@atomic
def change_unit(street: Street, rows: Sequence[UnitRow], *, seen: bool, by: User, at: dt.datetime) -> Booked:
    """Say of a unit that stands what is otherwise now (改商铺): its own words, who left, who came."""
    return _book(*_checked(Units, street, rows, seen=seen, at=at), seen=seen, by=by, at=at)


@atomic
def let_leave(unit: Unit, *, until_on: dt.date, seen: bool, by: User, at: dt.datetime) -> Booked:
    """Say which day was the latest tenant's first day out (退租); another day than one that stands mends it."""
    row = unit_row(unit, until_on=until_on)
    check_may_leave(rented=row.from_on is not None)
    return change_unit(unit.street, [row], seen=seen, by=by, at=at)


@atomic
def let_in(
    unit: Unit, *, until_on: dt.date | None = None, seen: bool, by: User, at: dt.datetime, **tenant: Any
) -> Booked:
    """Say who came (入驻) and, where somebody was still in, which day was their first day out: both or neither.

    ``tenant`` are the fields of a roster's row that are theirs: operator, phone, first day in, use, master meter.
    """
    stays = unit_row(unit)
    comes = stays._replace(number=2, until_on=None, **tenant)
    leaves = [stays._replace(until_on=until_on)] if until_on is not None else []
    return change_unit(unit.street, [*leaves, comes], seen=seen, by=by, at=at)


@atomic
def register_meter(street: Street, row: MeterRow, *, seen: bool, by: User, at: dt.datetime) -> Booked:
    """Put a meter on record (登记水表) as the roster of meters would; a number that stands is refused."""
    file, read = _checked(Meters, street, [row], seen=seen, at=at)
    if read.rows[0].meter in file.standing:
        told = _("表号 %(number)s 已登记。") % {"number": read.rows[0].meter}
        raise Refused(told, field="meter")
    return _book(file, read, seen=seen, by=by, at=at)


@atomic
def register_master(
    street: Street, row: MeterRow, *, place: Place | None, seen: bool, by: User, at: dt.datetime
) -> Booked:
    """Put a master meter on record with its supply point, in a part of the grid where one is said."""
    booked = register_meter(street, row, seen=seen, by=by, at=at)
    if place is not None:
        locate_point(the_point(street, booked.row.meter), place=place, by=by, at=at)
    return booked


@atomic
def register_sub_meter(unit: Unit, row: MeterRow, *, seen: bool, by: User, at: dt.datetime) -> Booked:
    """Put a sub-meter on record behind the master its unit draws from, and say that it is the unit's."""
    stands = unit_row(unit)
    booked = register_meter(unit.street, row._replace(master=stands.master), seen=seen, by=by, at=at)
    owned = change_unit(unit.street, [stands._replace(sub_meter=booked.row.meter)], seen=seen, by=by, at=at)
    return booked._replace(remarks=booked.remarks + owned.remarks)


@atomic
def change_meter(meter: Meter, *, seen: bool, by: User, at: dt.datetime, **said: Any) -> Booked:
    """Say of a meter that stands what may be said later (改水表): what measures stays as it was."""
    kind = MeterKind(meter.kind)
    stands = row_of(
        Meters.layout, meter=meter.number, kind=kind, master="" if kind is MeterKind.MASTER else meter.point.code,
        started_on=meter.started_on, started_litres=meter.started_litres, digits=meter.digits, **said,
    )  # fmt: skip
    return _book(*_checked(Meters, meter.street, [stands], seen=seen, at=at), seen=seen, by=by, at=at)


def _checked(kind: type[K], street: Street, rows: Sequence[Any], *, seen: bool, at: dt.datetime) -> tuple[K, Read]:
    """Rows looked at while the street waits, as an import does."""
    locked_street(street.pk)
    new = frozenset(row.number for row in rows) if seen else frozenset[int]()
    run = ImportRun(street, "", "", day_of(at), heads=(), rows=(), first_row=1, answers=Answers(new=new))
    read = Read([*rows], faults=[], ignored=[], notices=[], count=len(rows), half=[])
    file = kind(run, _Remarks(), lambda _parts: None)
    file.look(read)
    return file, read


def _book(file: Kind[Any], read: Read, *, seen: bool, by: User, at: dt.datetime) -> Booked:
    """Book what was checked.

    Raises ``RefusedAll`` with each fault at its field, and where nothing is wrong but something is to be kept in mind and
    nobody has ``seen`` it, with that at the field ``seen``: what a file's preview shows before it is confirmed.
    """
    named = {heading: name for name, heading in file.layout.heading.items()}
    if file.faults:
        raise RefusedAll([Refused(fault.reason, field=named.get(fault.column)) for fault in file.faults])
    remarks = file.notices.lines()
    alike = _("和已登记的很像：%(meets)s。写错了请改；确是新的，请勾选后再登记。")
    asked = [*remarks, *(alike % {"meets": doubt.meets} for doubt in file.doubts)]
    if asked and not seen:
        raise RefusedAll([Refused(text, field="seen") for text in asked])
    street = file.run.street
    file.book(Booking(by, at, file=None, tell=lambda _done: None))
    touched: list[SupplyPoint] = points_touched(street, file.book_ids, file.meters)
    keep_watch(street, on=file.run.today, points=touched, by=by, at=at)
    return Booked(read.rows[-1], remarks)
