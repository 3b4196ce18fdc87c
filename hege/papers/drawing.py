"""What a paper would say now: drawn anew for every look, and once more when it is issued."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from hege.arrears.cutoff.models import CutoffNotice
from hege.conferences.models import Conference
from hege.kernel.clock import day_of
from hege.metering.models import SupplyPoint
from hege.papers.letters import cutoff_notice, deferral_letter, demand_letter, meeting
from hege.papers.notices import public_notice
from hege.papers.rules import PaperKind, check_notice_days, check_period, digest_of, total_of
from hege.papers.statements import meter_statement, shop_statement
from hege.people.models import Street
from hege.places.models import Unit


@dataclass(frozen=True, slots=True)
class Wanted:
    """A paper that somebody wants: its kind, what it is about, and what is typed for it. ``last_on``: the period's last day."""

    kind: PaperKind
    street: Street
    point: SupplyPoint | None = None
    unit: Unit | None = None
    notice: CutoffNotice | None = None
    conference: Conference | None = None
    from_on: dt.date = dt.date.min
    last_on: dt.date = dt.date.min
    filing: str = ""


@dataclass(frozen=True, slots=True)
class Drawn:
    """What it says, and the digest of that; ``total_fen`` is the figure told to whoever checks it."""

    content: Mapping[str, Any]
    total_fen: int | None
    digest: str


def draw(wanted: Wanted, *, at: dt.datetime) -> Drawn:
    """What a paper would say at an instant. Raises ``Refused`` where there is nothing to say, or it does not add up."""
    content = _KINDS[wanted.kind](wanted, at)
    return Drawn(content, total_of(wanted.kind, content), digest_of(wanted.street.code, wanted.kind, content))


def _meter_statement(wanted: Wanted, at: dt.datetime) -> dict[str, Any]:
    assert wanted.point is not None
    check_period(wanted.from_on, wanted.last_on, today=day_of(at))
    return meter_statement(wanted.point, from_on=wanted.from_on, last_on=wanted.last_on)


def _shop_statement(wanted: Wanted, at: dt.datetime) -> dict[str, Any]:
    assert wanted.point is not None
    assert wanted.unit is not None
    check_period(wanted.from_on, wanted.last_on, today=day_of(at))
    return shop_statement(wanted.point, wanted.unit, from_on=wanted.from_on, last_on=wanted.last_on)


def _public_notice(wanted: Wanted, at: dt.datetime) -> dict[str, Any]:
    assert wanted.point is not None
    check_period(wanted.from_on, wanted.last_on, today=day_of(at))
    check_notice_days(wanted.from_on, wanted.last_on)
    return public_notice(wanted.point, from_on=wanted.from_on, last_on=wanted.last_on, today=day_of(at))


def _demand_letter(wanted: Wanted, at: dt.datetime) -> dict[str, Any]:
    assert wanted.point is not None
    return demand_letter(wanted.point, on=day_of(at))


def _cutoff_notice(wanted: Wanted, at: dt.datetime) -> dict[str, Any]:
    assert wanted.notice is not None
    return cutoff_notice(wanted.notice, filing=wanted.filing, at=at)


def _deferral_letter(wanted: Wanted, at: dt.datetime) -> dict[str, Any]:
    assert wanted.notice is not None
    return deferral_letter(wanted.notice, on=day_of(at))


def _meeting(wanted: Wanted, _at: dt.datetime) -> dict[str, Any]:
    assert wanted.conference is not None
    return meeting(wanted.conference)


_KINDS: Mapping[PaperKind, Callable[[Wanted, dt.datetime], dict[str, Any]]] = {
    PaperKind.METER_STATEMENT: _meter_statement,
    PaperKind.SHOP_STATEMENT: _shop_statement,
    PaperKind.PUBLIC_NOTICE: _public_notice,
    PaperKind.DEMAND_LETTER: _demand_letter,
    PaperKind.CUTOFF_NOTICE: _cutoff_notice,
    PaperKind.DEFERRAL_LETTER: _deferral_letter,
    PaperKind.INVITATION: _meeting,
    PaperKind.SIGN_IN_SHEET: _meeting,
}
