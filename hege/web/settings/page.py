"""What the pages of 参数与日历 show: each figure beside its default with its last change; the years of the calendar."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from django.utils.translation import gettext as _

from hege.arrears.early_warning.queries import moved_by
from hege.arrears.early_warning.sentences import says
from hege.arrears.models import Threshold
from hege.arrears.rules import DEFAULT_THRESHOLDS, GROUNDS, Ground, ThresholdKind, ThresholdRow
from hege.billing.models import Tariff, UtilityAccount
from hege.billing.payee.rules import check_not_ended, check_open, check_second
from hege.billing.rules import Rate
from hege.billing.tariff.queries import rates_of, tariff_on, tariffs_of
from hege.kernel import seal
from hege.kernel.calendar import DAY
from hege.kernel.grouped import grouped
from hege.kernel.refused import allows
from hege.people.models import Street
from hege.places.models import DayKind
from hege.places.queries import exceptions_in
from hege.trail.models import TrailLine
from hege.web.access import Desk
from hege.web.marks import Chip

FRIDAY = 4


class SetValue(NamedTuple):
    """One value of a figure: from which day on until which (exclusive), by what, and the line of the trail that set it.

    ``replaced``: another word from the same day came later, so it never held.
    """

    value: int
    from_on: dt.date
    until_on: dt.date | None
    source: str
    reason: str
    line: TrailLine | None
    replaced: bool

    @property
    def always(self) -> bool:
        """Whether it holds from the first day there is: it was set before days were kept."""
        return self.from_on == dt.date.min


class Figure(NamedTuple):
    """One figure of the office: what holds today, what held by default and by what, and all values it was ever given."""

    kind: ThresholdKind
    default: int
    ground: Ground
    history: Sequence[SetValue]
    today: dt.date

    @property
    def held(self) -> SetValue | None:
        """The value that holds today, where the office set it."""
        rows = [row for row in self.history if not row.replaced and row.from_on <= self.today]
        return rows[-1] if rows else None

    @property
    def value(self) -> int:
        return self.held.value if self.held else self.default

    @property
    def coming(self) -> SetValue | None:
        """The next value that is set for a day to come."""
        return next((row for row in self.history if not row.replaced and row.from_on > self.today), None)


def figures(street: Street, *, on: dt.date) -> list[Figure]:
    """All figures in the order of work; two queries."""
    told = TrailLine.objects.filter(street=street, thing=seal.known_as(Threshold), verb="set_threshold")
    lines = {line.thing_id: line for line in told.select_related("by").order_by("seq")}
    rows = grouped((row.kind, row) for row in Threshold.objects.filter(street=street).order_by("from_on", "pk"))
    return [
        Figure(kind, default, GROUNDS[kind], _history(rows.get(kind.value, []), lines), on)
        for kind, default in DEFAULT_THRESHOLDS.items()
    ]


def _history(rows: Sequence[Threshold], lines: Mapping[str, TrailLine]) -> list[SetValue]:
    """The values of one figure by their days; what an earlier release wrote down without a source has the reason of its line."""
    found = []
    for row, after in zip(rows, [*rows[1:], None], strict=False):
        line = lines.get(str(row.pk))
        source = row.source or str(line.data.get("reason", "") if line else "")
        until_on = after.from_on if after else None
        found.append(SetValue(row.value, row.from_on, until_on, source, row.reason, line, until_on == row.from_on))
    return found


class MovedRow(NamedTuple):
    """One warning that would be otherwise: how, at which meter, of which kind, what it says or would say, where that leads."""

    how: Chip
    meter: str
    kind: str
    says: str
    href: str


class Moves(NamedTuple):
    """What a value from a day gone by would say otherwise of the last day it judges."""

    on: dt.date
    rows: Sequence[MovedRow]
    looked_at: int
    points: int

    @classmethod
    def of(cls, desk: Desk, row: ThresholdRow) -> Moves:
        """Reads the street's day twice. What would say something else of a kind and meter is one row, not a coming and a going."""
        moved = moved_by(desk.street, row, today=desk.today)
        come, go, turn = Chip(_("会多出"), "red", "plus"), Chip(_("会没有"), "green"), Chip(_("会变成"), "amber")
        had = {(found.point.pk, found.finding.kind) for found in moved.lost}
        new = {(found.point.pk, found.finding.kind) for found in moved.gained}
        rows = [(turn if (f.point.pk, f.finding.kind) in had else come, f) for f in moved.gained]
        rows += [(go, f) for f in moved.lost if (f.point.pk, f.finding.kind) not in new]
        shown = [
            MovedRow(
                how, f.point.name, str(f.finding.kind.label), says(f.finding), desk.to("meters:detail", f.point.code)
            )
            for how, f in rows
        ]
        return cls(moved.on, shown, moved.looked_at, moved.points)


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
