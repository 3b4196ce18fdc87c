"""What the pages of 参数与日历 show: each figure beside its default with its last change; the years of the calendar."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

from django.utils.translation import gettext as _

from hege.arrears.models import Threshold
from hege.arrears.queries import thresholds_of
from hege.arrears.rules import DEFAULT_THRESHOLDS, ThresholdKind
from hege.billing.models import Tariff, UtilityAccount
from hege.billing.payee.rules import check_not_ended, check_open, check_second
from hege.billing.rules import Rate
from hege.billing.tariff.queries import rates_of, tariff_on, tariffs_of
from hege.kernel import seal
from hege.kernel.calendar import DAY
from hege.kernel.refused import allows
from hege.people.models import Street
from hege.places.models import DayKind
from hege.places.queries import exceptions_in
from hege.trail.models import TrailLine
from hege.web.access import Desk
from hege.web.marks import Chip

FRIDAY = 4


class Figure(NamedTuple):
    """One figure of the office: what holds, what held by default, and the line of its last change."""

    kind: ThresholdKind
    value: int
    default: int
    changed: TrailLine | None


def figures(street: Street) -> list[Figure]:
    """All figures in the order of work; two queries."""
    present = thresholds_of(street)
    thing = seal.known_as(Threshold)
    lines = TrailLine.objects.filter(street=street, thing=thing, verb="set_threshold").select_related("by")
    last = {line.data["kind"]: line for line in lines.order_by("seq")}
    return [Figure(kind, present[kind], default, last.get(kind.value)) for kind, default in DEFAULT_THRESHOLDS.items()]


class PriceList(NamedTuple):
    """A price list as it is shown: its prices, whether it holds today, and the line that wrote it down."""

    tariff: Tariff
    rates: list[tuple[str, str]]
    holds: bool
    adopted: TrailLine | None


def tariffs(street: Street, *, on: dt.date) -> list[PriceList]:
    """The price lists of a street, the newest first day first; three queries."""
    known = tariffs_of(street)
    lines = TrailLine.objects.filter(street=street, thing=seal.known_as(Tariff), verb="adopt_tariff")
    adopted = {line.thing_id: line for line in lines.select_related("by")}
    now = tariff_on(known, on)
    return [PriceList(t, [_price(r) for r in rates_of(t)], t == now, adopted.get(str(t.pk))) for t in known]


def _price(rate: Rate) -> tuple[str, str]:
    """A component with its price as it is written on a price board: "2.34 × 0.9"."""
    factor = f" × {rate.factor.normalize():f}" if rate.factor != 1 else ""
    return str(rate.kind.label), f"{rate.yuan_per_m3.normalize():f}{factor}"


@dataclass(frozen=True, slots=True)
class Span:
    """Days in a row of which the calendar or a notice says the same."""

    first: dt.date
    last: dt.date
    works: bool
    name: str
    source: str = ""

    def goes_on(self, other: Span) -> bool:
        """Whether a later row is the next of this one; a week's end within a holiday belongs to it."""
        alike = (self.works, self.name, self.source) == (other.works, other.name, other.source)
        days = 3 if not self.works and self.last.weekday() == FRIDAY else 1
        return alike and other.first in (self.last + DAY, self.last + days * DAY)


def spans(days: Iterable[Span]) -> list[Span]:
    """Days in order, drawn together into rows."""
    found: list[Span] = []
    for day in days:
        if found and found[-1].goes_on(day):
            found[-1] = replace(found[-1], last=day.last)
        else:
            found.append(day)
    return found


def exceptional(street: Street, year: int) -> list[Span]:
    """The days of a year that are not what their weekday says."""
    rows = exceptions_in(street, year)
    return spans(Span(d.day, d.day, d.kind == DayKind.WORK, d.name, d.source) for d in rows)


@dataclass(frozen=True, slots=True)
class ShownAccount:
    """An account of the utility, how it stands, and what this person may do to it."""

    row: UtilityAccount
    desk: Desk

    @property
    def state(self) -> Chip:
        if self.row.ended_at:
            return Chip(_("停用了"))
        if self.row.confirmed_at:
            return Chip(_("店主看得到"), "green", "check")
        return Chip(_("等另一个人核对"), "amber", "clock")

    @property
    def may_confirm(self) -> bool:
        row = self.row
        waits = allows(check_open, confirmed=row.confirmed_at is not None, ended=row.ended_at is not None)
        second = allows(check_second, by=self.desk.user.pk, named_by=row.named_by_id)
        return waits and second and self.desk.may("settings.pay_to")

    @property
    def may_end(self) -> bool:
        return allows(check_not_ended, ended=self.row.ended_at is not None) and self.desk.may("settings.pay_to")
