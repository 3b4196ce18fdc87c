"""Units, their tenants, their printed codes; the grid tree and the office calendar."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import chinese_calendar
from django.utils.translation import gettext_lazy as _

from hege.kernel.calendar import DAY, is_weekday, statutory_days
from hege.kernel.checks import check_same_street
from hege.kernel.clock import day_of
from hege.kernel.database import atomic
from hege.kernel.grouped import grouped
from hege.kernel.mutability import lock
from hege.kernel.refused import Refused, Stale
from hege.people.models import Membership, Organisation, Party, PartyKind, Role, Street, User
from hege.people.rules import check_grant
from hege.places.models import (
    CalendarDay,
    DayKind,
    Place,
    PlaceLevel,
    Tenancy,
    Unit,
    UnitLink,
    UnitUse,
)
from hege.places.notice import NoticeDay, read_notice, said_days
from hege.places.queries import calendar_years, unit_tokens
from hege.places.rules import (
    Spell,
    check_calendar_source,
    check_name,
    check_path,
    check_place,
    check_renamed_on,
    check_spells,
    check_standing,
    check_statutory,
    code_tokens,
    path_of,
    token_hash,
)
from hege.search.actions import index_rows
from hege.trail import actions as trail


@atomic
def register_units(units: Sequence[Unit], *, by: User | None, at: dt.datetime) -> list[Unit]:
    """Put shops and other users of water of one street on the roster (商铺登记), with their printed codes.

    A constant number of queries.
    """
    made = Unit.objects.bulk_create(units)
    index_rows(made)
    UnitLink.objects.bulk_create(_new_link(unit, at) for unit in made)
    if made:
        rows = [[u.code, str(u.use), str(u.area_sqm or "")] for u in made]
        trail.record("register_units", made[0], by=by, at=at, count=len(made), units=rows)
    return made


@atomic
def amend_unit(
    unit: Unit,
    *,
    name: str | None = None,
    use: UnitUse | None = None,
    area_sqm: Decimal | None = None,
    by: User | None,
    at: dt.datetime,
) -> Unit:
    """Change what is known of a unit; what was before stands on the trail."""
    locked, wanted = lock(unit), {"name": name, "use": use, "area_sqm": area_sqm}
    trail.amend("amend_unit", locked, {k: v for k, v in wanted.items() if v is not None}, by=by, at=at)
    if name is not None:
        index_rows([locked])
    return locked


@dataclass(frozen=True, slots=True)
class TenancyDraft:
    """A tenancy to begin: half-open days, and who rents."""

    unit: Unit
    from_on: dt.date
    until_on: dt.date | None = None
    operator: str = ""
    phone: str = ""


@atomic
def move_in_all(street: Street, drafts: Sequence[TenancyDraft], *, by: User | None, at: dt.datetime) -> list[Tenancy]:
    """Begin tenancies (入驻); refused while another one of the unit runs on any of their days. A constant number of queries."""
    ids = sorted({d.unit.pk for d in drafts})
    list(Unit.objects.select_for_update().filter(street=street, pk__in=ids).order_by("pk").values_list("pk"))
    there = Tenancy.objects.filter(street=street, unit_id__in=ids).values_list("unit_id", "from_on", "until_on")
    days = [*there, *((d.unit.pk, d.from_on, d.until_on) for d in drafts)]
    codes = {d.unit.pk: d.unit.code for d in drafts}
    for unit_id, spells in grouped((unit_id, Spell(start, end)) for unit_id, start, end in days).items():
        check_spells(codes[unit_id], spells)
    parties = _name_parties(street, {(d.operator, d.phone) for d in drafts if d.operator})
    made = Tenancy.objects.bulk_create(
        Tenancy(
            street=street, unit=d.unit, party=parties.get((d.operator, d.phone)), from_on=d.from_on, until_on=d.until_on
        )
        for d in drafts
    )
    if made:
        told = [[t.unit.code, t.from_on, t.until_on] for t in made]
        trail.record("move_in_all", made[0], by=by, at=at, count=len(made), tenancies=told)
    return made


def _name_parties(street: Street, wanted: set[tuple[str, str]]) -> dict[tuple[str, str], Party]:
    names = {name for name, _phone in wanted}
    have = {(p.name, p.phone): p for p in Party.objects.filter(street=street, name__in=names)}
    new = [
        Party(street=street, name=name, phone=phone, kind=PartyKind.PERSON)
        for name, phone in sorted(wanted - have.keys())
    ]
    made = Party.objects.bulk_create(new)
    index_rows(made)
    have.update({(p.name, p.phone): p for p in made})
    return have


@atomic
def amend_tenancy(tenancy: Tenancy, *, operator: str, phone: str, by: User | None, at: dt.datetime) -> Tenancy:
    """Say who rents where nobody was named yet, or mend a phone; another person is another tenancy and refused."""
    locked = lock(tenancy)
    before = locked.party
    if before is not None and before.name != operator:
        raise Refused(_("换了经营者要登记新的租期，欠款留在原租期。"), field="经营者")
    locked.party = name_party(tenancy.street, name=operator, phone=phone)
    locked.save(update_fields=["party"])
    trail.record("amend_tenancy", locked, by=by, at=at, named=before is None, party=locked.party_id)
    return locked


@atomic
def move_out(tenancy: Tenancy, *, until_on: dt.date, by: User | None, at: dt.datetime) -> Tenancy:
    """End a tenancy (退租): ``until_on`` is the first day out. The debt stays with it.

    Moving the day back later is refused where somebody else has moved in meanwhile.
    """
    Unit.objects.select_for_update().get(street=tenancy.street, pk=tenancy.unit_id)
    locked = lock(tenancy)
    if until_on <= locked.from_on:
        raise Refused(_("退租日期要晚于入驻日期。"), field="退租日期")
    others = Tenancy.objects.filter(street=tenancy.street, unit=locked.unit_id).exclude(pk=locked.pk)
    if others.overlapping(locked.from_on, until_on).exists():
        raise Refused(_("这一天以前已有别的租户入驻，退租日期不能再往后。"), field="退租日期")
    before, locked.until_on = locked.until_on, until_on
    locked.save(update_fields=["until_on"])
    trail.record("move_out", locked, by=by, at=at, before=before, until_on=until_on)
    return locked


def name_party(street: Street, *, name: str, phone: str = "", kind: PartyKind = PartyKind.PERSON) -> Party:
    """The party of this name and phone in a street, made when it is new."""
    party, made = Party.objects.get_or_create(street=street, name=name, phone=phone, defaults={"kind": kind})
    if made:
        index_rows([party])
    return party


def unit_token(unit: Unit) -> str:
    """The secret in the code that a unit has now. Refused where the key it was made with is not at hand."""
    token = unit_tokens(unit.street, [unit]).get(unit.pk)
    if token is None:
        raise Refused(
            _(
                "这家店的二维码是用以前的密钥做的，现在没有这把密钥，印不出同一个码；已经贴出去的照常能用。"
                "要再印就先换码，或请管机器的人把原来的密钥写进 HEGE_SECRET_KEYS_OLD。"
            )
        )
    return token


def _new_link(unit: Unit, at: dt.datetime) -> UnitLink:
    token = token_hash(next(code_tokens(unit.street_id, unit.pk, unit.link_serial)))
    return UnitLink(street=unit.street, unit=unit, serial=unit.link_serial, token_hash=token, created_at=at)


@atomic
def renew_unit_link(unit: Unit, *, serial: int | None = None, by: User | None, at: dt.datetime) -> Unit:
    """Revoke a unit's printed code and make a new one (换码). ``Stale`` where that of ``serial`` is revoked already."""
    locked = lock(unit)
    if serial not in (None, locked.link_serial):
        raise Stale(_("这家店刚才已经换过码了，不用再换。"))
    UnitLink.objects.filter(street=unit.street, unit=locked, revoked_at__isnull=True).update(revoked_at=at)
    locked.link_serial += 1
    locked.save(update_fields=["link_serial"])
    _new_link(locked, at).save()
    trail.record("renew_unit_link", locked, by=by, at=at, serial=locked.link_serial)
    return locked


@atomic
def found_street(
    *, code: str, name: str, organisation: str, admin: str, password: str, by: User | None, at: dt.datetime
) -> Street:
    """Make a street with its root place and its first administrator (建街道). Refused where its code is taken."""
    name = check_name(name, what=_("街道名称"), field="name")
    organisation = check_name(organisation, what=_("管理单位名称"), field="organisation")
    admin = check_name(admin, what=_("管理员用户名"), field="admin")
    if not (code.isascii() and code.isdigit() and len(code) in range(6, 10)):
        raise Refused(_("街道代码是 6 到 9 位数字，如 310117006。"), field="code")
    if Street.objects.filter(code=code).exists():
        raise Refused(_("代码为 %(code)s 的街道已经有了。"), code=code, field="code")
    if User.objects.filter(username=admin).exists():
        raise Refused(_("用户名 %(name)s 已被占用，请用 --admin 另起一个。"), name=admin, field="admin")
    owner, _made = Organisation.objects.get_or_create(name=organisation)
    street = Street.objects.create(organisation=owner, code=code, name=name)
    trail.record("found_street", street, street=street, by=by, at=at, code=code, name=name)
    user = User.objects.create_user(admin, password)
    check_grant(granted_by=by.pk if by else None, user=user.pk, first=True)
    member = Membership.objects.create(
        street=street, user=user, role=Role.ADMINISTRATOR, from_on=day_of(at), granted_by=by
    )
    trail.record("grant_role", member, by=by, at=at, user=admin, role=member.role)
    seed_calendar(street, range(at.year - 2, at.year + 2))
    add_place(street, level=PlaceLevel.STREET, code=code, name=name, from_on=day_of(at), by=by, at=at)
    return street


@atomic
def add_place(
    street: Street,
    *,
    level: PlaceLevel,
    code: str,
    name: str,
    parent: Place | None = None,
    from_on: dt.date,
    polygon: dict[str, Any] | None = None,
    by: User | None,
    at: dt.datetime,
) -> Place:
    """Add a node to the grid tree (新增网格), below its parent, valid from a day on.

    ``polygon`` is GeoJSON in WGS-84; it is for drawing and never a key to people. A parent of another
    street is a bug: ``Place.DoesNotExist``.
    """
    above = None if parent is None else Place.objects.select_for_update().get(street=street, pk=parent.pk)
    if above is not None:
        check_standing(until_on=above.until_on)
    layers = list(PlaceLevel)
    rank = None if above is None else layers.index(PlaceLevel(above.level))
    check_place(code=code, parent_rank=rank, rank=layers.index(level))
    name = check_name(name, what=_("网格名称"), field="name")
    path = path_of(above.path if above else "", code)
    check_path(path)
    if Place.objects.filter(street=street, code=code).overlapping(from_on, None).exists():
        raise Refused(_("编码 %(code)s 的网格已在册。"), code=code, field="code")
    place = Place.objects.create(
        street=street, parent=above, level=level, code=code, name=name, path=path, polygon=polygon, from_on=from_on
    )
    trail.record("add_place", place, by=by, at=at, code=code, name=name, path=place.path)
    return place


@atomic
def rename_place(place: Place, *, name: str, on: dt.date, by: User | None, at: dt.datetime) -> Place:
    """Give a part of the grid another name (网格改名), known by it from a day on; the old one stands on the trail."""
    name = check_name(name, what=_("网格名称"), field="name")
    locked = lock(place)
    check_standing(until_on=locked.until_on)
    check_renamed_on(on, from_on=locked.from_on, today=day_of(at))
    before, locked.name = locked.name, name
    if name != before:
        locked.save(update_fields=["name"])
        trail.record("rename_place", locked, by=by, at=at, before=before, name=name, on=on)
    return locked


@atomic
def draw_place(place: Place, *, polygon: dict[str, Any], by: User | None, at: dt.datetime) -> Place:
    """Draw a part of the grid (描边) or draw it anew; it is for the eye and moves nobody from one part to another."""
    locked = lock(place)
    check_standing(until_on=locked.until_on)
    if locked.polygon != polygon:
        redrawn, locked.polygon = locked.polygon is not None, polygon
        locked.save(update_fields=["polygon"])
        trail.record("draw_place", locked, by=by, at=at, redrawn=redrawn)
    return locked


@atomic
def locate_units(place: Place, *, units: Sequence[Unit], by: User | None, at: dt.datetime) -> int:
    """Put units into a part of the grid (商铺落格): it decides who sees them. Answers how many lay elsewhere before."""
    locked = lock(place)
    check_standing(until_on=locked.until_on)
    check_same_street(locked.street_id, *units)
    rows = Unit.objects.select_for_update().filter(street=locked.street, pk__in=[unit.pk for unit in units])
    moved = [unit for unit in rows.order_by("pk") if unit.place_id != locked.pk]
    told = [[unit.code, unit.place_id] for unit in moved]
    for unit in moved:
        unit.place = locked
    Unit.objects.bulk_update(moved, ["place"])
    if moved:
        trail.record("locate_units", locked, by=by, at=at, count=len(moved), units=told, place=locked.path)
    return len(moved)


CALENDAR_SOURCE = "国务院办公厅放假安排（chinesecalendar）"
SAID_OF_A_DAY = ["kind", "name", "source", "confirmed"]
LAW_SOURCE = "国务院《全国年节及纪念日放假办法》"


@atomic
def seed_calendar(street: Street, years: Iterable[int]) -> int:
    """Fill a street's calendar (工作日历) for these years; answers how many days were written.

    A year whose notice nobody has published yet has its statutory holidays alone and waits; seeding again once it is
    out puts that right. A day that is confirmed, or that the office has edited, stays.
    """
    wanted = {row.day: row for year in years for row in _calendar_year(street, year)}
    there = {row.day: row for row in CalendarDay.objects.filter(street=street, day__in=wanted)}
    new = [row for day, row in wanted.items() if day not in there]
    CalendarDay.objects.bulk_create(new)
    better = []
    for day, old in there.items():
        row = wanted[day]
        if row.confirmed and not old.confirmed and old.source == LAW_SOURCE:
            old.kind, old.name, old.source, old.confirmed = row.kind, row.name, row.source, True
            better.append(old)
    CalendarDay.objects.bulk_update(better, SAID_OF_A_DAY)
    return len(new) + len(better)


@atomic
def mark_day(
    street: Street, *, day: dt.date, kind: DayKind, name: str = "", source: str, by: User, at: dt.datetime
) -> CalendarDay:
    """Say whether offices work on a day, and by which document (改工作日历).

    Of this street alone. Days that were computed and stored before stay as they are. The law's own days cannot be moved.
    """
    check_calendar_source(source)
    check_statutory(day, works=kind == DayKind.WORK)
    if not CalendarDay.objects.filter(street=street, day__year=day.year).exists():
        seed_calendar(street, [day.year])
    before = CalendarDay.objects.filter(street=street, day=day).values_list("kind", flat=True).first()
    said = {"kind": kind, "name": name, "source": source.strip(), "confirmed": True}
    row, _made = CalendarDay.objects.update_or_create(street=street, day=day, defaults=said)
    trail.record(
        "mark_day", row, street=street, by=by, at=at, day=day, before=before, kind=kind.value, name=name,
        source=source.strip(),
    )  # fmt: skip
    return row


@atomic
def take_notice(
    street: Street, *, year: int, text: str, source: str, by: User | None, at: dt.datetime
) -> list[NoticeDay]:
    """Enter the State Council's notice of a year (放假通知) from its text: the street's year is confirmed by it.

    Refused where it does not name the year's statutory holidays. Days the office marked alone stay as they are.
    """
    check_calendar_source(source)
    source = source.strip()
    days = read_notice(text, year)
    seed_calendar(street, {row.day.year for row in days} - set(calendar_years(street)))
    rows = [
        CalendarDay(street=street, day=row.day, kind=_kind_of(works=row.works), name=row.name, source=source)
        for row in days
        if row.works or is_weekday(row.day) or row.day in statutory_days(row.day.year)
    ]
    CalendarDay.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["street", "day"], update_fields=SAID_OF_A_DAY
    )
    first = CalendarDay.objects.get(street=street, day=dt.date(year, 1, 1))
    trail.record(
        "confirm_year", first, street=street, by=by, at=at, year=year, source=source,
        off=said_days(row.day for row in days if not row.works), worked=said_days(row.day for row in days if row.works),
    )  # fmt: skip
    return days


def _kind_of(*, works: bool) -> DayKind:
    return DayKind.WORK if works else DayKind.REST


def _calendar_year(street: Street, year: int) -> Iterator[CalendarDay]:
    """The days of a year that have a name or are not what their weekday says; the law's alone before the notice is out."""
    law, day = statutory_days(year), dt.date(year, 1, 1)
    while day.year == year:
        try:
            rest, english = chinese_calendar.get_holiday_detail(day)
            name = chinese_calendar.Holiday(english).chinese if english else ""
            if day in law or rest == is_weekday(day):
                yield CalendarDay(
                    street=street, day=day, kind=_kind_of(works=not rest), name=name, source=CALENDAR_SOURCE
                )
        except NotImplementedError:  # the package's word for "not published yet"
            for holiday, name in law.items():
                yield CalendarDay(
                    street=street, day=holiday, kind=DayKind.REST, name=name, source=LAW_SOURCE, confirmed=False
                )
            return
        day += DAY
