"""Taking units in, writing down what each brings, opening and looking at stations, drawing the sheet for a gate."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence

from django.utils.translation import gettext_lazy as _

from hege.cases.models import Report
from hege.cases.rules import ReportState
from hege.kernel.checks import check_same_street
from hege.kernel.clock import day_of
from hege.kernel.database import atomic
from hege.kernel.mutability import lock
from hege.kernel.refused import Refused
from hege.people.models import Party, Street, User
from hege.places.models import Place
from hege.programme.alliance.models import AllianceUnit, GateFact, Offering, Station, StreetMap
from hege.programme.alliance.rules import (
    LONGEST_NAME,
    LONGEST_REASON,
    GateFactKind,
    MapLine,
    OfferingKind,
    check_amount,
    check_end,
    check_facilities,
    check_fact_words,
    check_from_report,
    check_hours,
    check_line,
    check_lines,
    check_looked_on,
    check_next_look,
    check_not_ended,
    check_not_in_twice,
    check_not_over,
    check_open,
    check_period,
    check_position,
    check_within_unit,
)
from hege.trail import actions as trail

# -- units and what each brings ------------------------------------------------------------------------------------------


@atomic
def join_alliance(
    street: Street,
    *,
    party: Party,
    from_on: dt.date,
    until_on: dt.date | None = None,
    contact: str = "",
    by: User | None,
    at: dt.datetime,
) -> AllianceUnit:
    """Take a party into the alliance (加入联盟) for a time, or until it leaves."""
    check_same_street(street.pk, party)
    check_period(from_on, until_on)
    told = _optional(contact, what=_("联系人"), field="contact")
    lock(party)
    before = AllianceUnit.objects.filter(street=street, party=party)
    check_not_in_twice(overlapping=before.overlapping(from_on, until_on).exists())
    unit = AllianceUnit.objects.create(street=street, party=party, from_on=from_on, until_on=until_on, contact=told)
    trail.record("join_alliance", unit, by=by, at=at, party=party.name, from_on=from_on, until_on=until_on)
    return unit


@atomic
def amend_alliance_unit(
    unit: AllianceUnit, *, contact: str, until_on: dt.date | None, by: User | None, at: dt.datetime
) -> AllianceUnit:
    """Change whom the office rings at a unit, or until when it has agreed to stay (改联盟单位)."""
    told = _optional(contact, what=_("联系人"), field="contact")
    locked = _lock_unit(unit)
    check_not_over(locked.until_on, today=day_of(at))
    if until_on != locked.until_on:
        if until_on is not None:
            check_end(locked.from_on, until_on, today=day_of(at))
        others = AllianceUnit.objects.filter(street=locked.street_id, party=locked.party_id).exclude(pk=locked.pk)
        check_not_in_twice(overlapping=others.overlapping(locked.from_on, until_on).exists())
        _clip_offerings(locked, until_on, reason="")
    trail.amend("amend_alliance_unit", locked, {"contact": told, "until_on": until_on}, by=by, at=at)
    return locked


@atomic
def leave_alliance(
    unit: AllianceUnit, *, until_on: dt.date, reason: str, by: User | None, at: dt.datetime
) -> AllianceUnit:
    """A unit leaves the alliance (退出联盟): ``until_on`` is the first day without it, and what it brings ends with it."""
    said = check_line(reason, what=_("理由"), field="reason", most=LONGEST_REASON)
    locked = _lock_unit(unit)
    check_not_over(locked.until_on, today=day_of(at))
    check_end(locked.from_on, until_on, today=day_of(at))
    _clip_offerings(locked, until_on, reason=said)
    wanted = {"until_on": until_on, "ended_reason": said}
    trail.amend("leave_alliance", locked, wanted, by=by, at=at)
    return locked


@atomic
def add_offering(
    unit: AllianceUnit,
    *,
    kind: OfferingKind,
    words: str,
    amount_fen: int | None = None,
    from_on: dt.date,
    until_on: dt.date | None = None,
    by: User | None,
    at: dt.datetime,
) -> Offering:
    """Write down what a unit brings (登记带来什么), within the time it is in the alliance; money in fen."""
    said = check_line(words, what=_("说明"), field="words")
    check_amount(kind, amount_fen)
    check_period(from_on, until_on)
    locked = _lock_unit(unit)
    check_not_over(locked.until_on, today=day_of(at))
    check_within_unit(from_on, until_on, unit_from_on=locked.from_on, unit_until_on=locked.until_on)
    made = Offering.objects.create(
        street=locked.street,
        unit=locked,
        kind=kind,
        words=said,
        amount_fen=amount_fen,
        from_on=from_on,
        until_on=until_on,
    )
    trail.record("add_offering", made, by=by, at=at, kind=kind.value, words=said, amount_fen=amount_fen)
    return made


@atomic
def end_offering(offering: Offering, *, until_on: dt.date, reason: str, by: User | None, at: dt.datetime) -> Offering:
    """A unit brings something no longer (不再提供): ``until_on`` is the first day without it."""
    said = check_line(reason, what=_("理由"), field="reason", most=LONGEST_REASON)
    locked = lock(offering)
    check_not_over(locked.until_on, today=day_of(at))
    check_end(locked.from_on, until_on, today=day_of(at))
    trail.amend("end_offering", locked, {"until_on": until_on, "ended_reason": said}, by=by, at=at)
    return locked


def _lock_unit(unit: AllianceUnit) -> AllianceUnit:
    """The unit as it stands, behind its party: whoever takes a party in anew waits for who changes its term."""
    lock(unit.party)
    return lock(unit)


def _clip_offerings(unit: AllianceUnit, until_on: dt.date | None, *, reason: str) -> None:
    """What a unit brings ends with its own time at the latest; what has ended before stays as it is."""
    if until_on is None:
        return
    for offering in Offering.objects.filter(street=unit.street_id, unit=unit).not_over(until_on):
        offering.until_on = max(offering.from_on, until_on)
        offering.ended_reason = reason
        offering.save(update_fields=["until_on", "ended_reason"])


def _optional(text: str, *, what: object, field: str) -> str:
    return check_line(text, what=what, field=field) if text.strip() else ""


# -- stations ------------------------------------------------------------------------------------------------------------


@atomic
def open_station(
    street: Street,
    *,
    name: str,
    place: Place,
    address: str,
    facilities: Collection[str],
    hours: Mapping[str, Iterable[Sequence[int]]],
    lon_e6: int | None = None,
    lat_e6: int | None = None,
    unit: AllianceUnit | None = None,
    by: User | None,
    at: dt.datetime,
) -> Station:
    """Open a station (开驿站): where it lies (WGS-84, millionths of a degree), what it has, when it is open.

    ``hours``: ``rules.Hours``, minutes of the day by weekday. Whoever opens it has seen it that day.
    """
    check_same_street(street.pk, place, unit)
    check_position(lon_e6, lat_e6)
    called = check_line(name, what=_("名称"), field="name", most=LONGEST_NAME)
    _check_name_free(street, called)
    station = Station.objects.create(
        street=street, name=called, place=place, address=check_line(address, what=_("地址"), field="address"),
        lon_e6=lon_e6, lat_e6=lat_e6, facilities=check_facilities(facilities), hours=check_hours(hours), unit=unit,
        opened_at=at, looked_on=day_of(at), looked_by=by,
    )  # fmt: skip
    trail.record("open_station", station, by=by, at=at, name=called, place=place.name)
    return station


@atomic
def amend_station(
    station: Station,
    *,
    name: str,
    place: Place,
    address: str,
    facilities: Collection[str],
    hours: Mapping[str, Iterable[Sequence[int]]],
    lon_e6: int | None,
    lat_e6: int | None,
    unit: AllianceUnit | None,
    by: User | None,
    at: dt.datetime,
) -> Station:
    """Change what is told of a station (改驿站)."""
    check_same_street(station.street_id, place, unit)
    check_position(lon_e6, lat_e6)
    locked = lock(station)
    check_open(closed=locked.closed_at is not None)
    called = check_line(name, what=_("名称"), field="name", most=LONGEST_NAME)
    if called != locked.name:
        _check_name_free(locked.street, called)
    wanted = {
        "name": called, "place_id": place.pk, "address": check_line(address, what=_("地址"), field="address"),
        "facilities": check_facilities(facilities), "hours": check_hours(hours), "lon_e6": lon_e6, "lat_e6": lat_e6,
        "unit_id": unit and unit.pk,
    }  # fmt: skip
    trail.amend("amend_station", locked, wanted, by=by, at=at)
    return locked


@atomic
def look_at_station(station: Station, *, looked_on: dt.date, by: User | None, at: dt.datetime) -> Station:
    """Somebody has been at a station and found it as it is told (查看驿站)."""
    locked = lock(station)
    check_open(closed=locked.closed_at is not None)
    check_looked_on(looked_on, last=locked.looked_on, today=day_of(at))
    locked.looked_on, locked.looked_by = looked_on, by
    locked.save(update_fields=["looked_on", "looked_by"])
    trail.record("look_at_station", locked, by=by, at=at, looked_on=looked_on)
    return locked


@atomic
def close_station(station: Station, *, reason: str, by: User | None, at: dt.datetime) -> Station:
    """Close a station for good (撤驿站), with the reason; it leaves the public list at once."""
    said = check_line(reason, what=_("理由"), field="reason", most=LONGEST_REASON)
    locked = lock(station)
    check_open(closed=locked.closed_at is not None)
    locked.closed_at, locked.closed_reason = at, said
    locked.save(update_fields=["closed_at", "closed_reason"])
    trail.record("close_station", locked, by=by, at=at, reason=said)
    return locked


def _check_name_free(street: Street, name: str) -> None:
    if Station.objects.standing().filter(street=street, name=name).exists():
        raise Refused(_("已经有叫“%(name)s”的驿站，请换个名称。"), name=name, field="name")


@atomic
def draw_map(street: Street, *, lines: Sequence[MapLine], source: str, by: User | None, at: dt.datetime) -> StreetMap:
    """Take the roads and rivers that the maps of a street are drawn with (画底图); they stand instead of those before."""
    said = check_line(source, what=_("来源"), field="source")
    drawn = StreetMap.objects.create(street=street, lines=check_lines(lines), source=said, by=by, at=at)
    trail.record("draw_map", drawn, by=by, at=at, lines=len(drawn.lines), source=said)
    return drawn


# -- what riders find at the gate of an estate -----------------------------------------------------------------------------


@atomic
def add_gate_fact(
    place: Place,
    *,
    kind: GateFactKind,
    words: str,
    report: Report,
    looked_on: dt.date,
    next_look_on: dt.date,
    lon_e6: int | None = None,
    lat_e6: int | None = None,
    by: User | None,
    at: dt.datetime,
) -> GateFact:
    """Write one thing on the sheet for an estate's gate (写上门口图), from a report that was found true there."""
    check_same_street(place.street_id, report)
    said = check_fact_words(words)
    check_position(lon_e6, lat_e6)
    check_looked_on(looked_on, last=None, today=day_of(at))
    check_next_look(next_look_on, looked_on=looked_on)
    source = lock(report)
    there = source.place
    check_from_report(
        verified=ReportState(source.state) is ReportState.ACCEPTED,
        same_estate=there is not None and (there.path.startswith(place.path) or place.path.startswith(there.path)),
    )
    fact = GateFact.objects.create(
        street=place.street, place=place, kind=kind, words=said, lon_e6=lon_e6, lat_e6=lat_e6, report=source,
        looked_on=looked_on, looked_by=by, next_look_on=next_look_on,
    )  # fmt: skip
    trail.record("add_gate_fact", fact, by=by, at=at, place=place.name, kind=kind.value, words=said)
    return fact


@atomic
def look_at_gate_fact(
    fact: GateFact, *, looked_on: dt.date, next_look_on: dt.date, by: User | None, at: dt.datetime
) -> GateFact:
    """Somebody has looked again and found it so (再看门口图的一条), and says when to look next."""
    locked = lock(fact)
    check_not_ended(ended=locked.ended_at is not None)
    check_looked_on(looked_on, last=locked.looked_on, today=day_of(at))
    check_next_look(next_look_on, looked_on=looked_on)
    locked.looked_on, locked.looked_by, locked.next_look_on = looked_on, by, next_look_on
    locked.save(update_fields=["looked_on", "looked_by", "next_look_on"])
    trail.record("look_at_gate_fact", locked, by=by, at=at, looked_on=looked_on, next_look_on=next_look_on)
    return locked


@atomic
def end_gate_fact(fact: GateFact, *, reason: str, by: User | None, at: dt.datetime) -> GateFact:
    """Take one thing off the sheet (从门口图拿掉), with the reason: it is no longer so."""
    said = check_line(reason, what=_("理由"), field="reason", most=LONGEST_REASON)
    locked = lock(fact)
    check_not_ended(ended=locked.ended_at is not None)
    locked.ended_at, locked.ended_reason = at, said
    locked.save(update_fields=["ended_at", "ended_reason"])
    trail.record("end_gate_fact", locked, by=by, at=at, reason=said)
    return locked
