"""What the pages of 参数与日历 show: each figure beside its default with its last change; the years of the calendar."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace

from hege.arrears.models import Threshold
from hege.arrears.queries import thresholds_of
from hege.arrears.rules import DEFAULT_THRESHOLDS, ThresholdKind
from hege.billing.models import Tariff
from hege.billing.tariff.queries import rates_of, tariff_on, tariffs_of
from hege.kernel import clock, seal
from hege.kernel.calendar import DAY
from hege.people.models import Street
from hege.places.models import CalendarDay, DayKind
from hege.places.notice import NoticeDay
from hege.trail.models import TrailLine


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of the office: what holds, what held by default, and the line of its last change."""

    kind: ThresholdKind
    value: int
    default: int
    changed: TrailLine | None

    @property
    def own(self) -> bool:
        return self.value != self.default


def figures(street: Street) -> list[Figure]:
    """All figures in the order of work; two queries."""
    present = thresholds_of(street)
    thing = seal.known_as(Threshold)
    lines = TrailLine.objects.filter(street=street, thing=thing, verb="set_threshold").select_related("by")
    last = {line.data["kind"]: line for line in lines.order_by("seq")}
    return [Figure(kind, present[kind], default, last.get(kind.value)) for kind, default in DEFAULT_THRESHOLDS.items()]


@dataclass(frozen=True, slots=True)
class PriceList:
    """A price list as it is shown: whether it holds today, and the line that wrote it down."""

    tariff: Tariff
    holds: bool
    adopted: TrailLine | None

    @property
    def rates(self) -> list[tuple[str, str]]:
        """Each component with its price as it is written on a price board: "2.34 × 0.9"."""
        return [
            (
                str(r.kind.label),
                f"{r.yuan_per_m3.normalize():f}" + (f" × {r.factor.normalize():f}" if r.factor != 1 else ""),
            )
            for r in rates_of(self.tariff)
        ]


def tariffs(street: Street) -> list[PriceList]:
    """The price lists of a street, the newest first day first; three queries."""
    known = tariffs_of(street)
    lines = TrailLine.objects.filter(street=street, thing=seal.known_as(Tariff), verb="adopt_tariff")
    adopted = {line.thing_id: line for line in lines.select_related("by")}
    now = tariff_on(known, clock.today())
    return [PriceList(t, t == now, adopted.get(str(t.pk))) for t in known]


@dataclass(slots=True)
class Span:
    """Days in a row that differ from Monday to Friday alike; a week's end within a holiday belongs to it."""

    first: dt.date
    last: dt.date
    day: CalendarDay

    def goes_on(self, other: CalendarDay) -> bool:
        """Whether a later day is the next one of this row."""
        alike = (self.day.kind, self.day.name, self.day.source) == (other.kind, other.name, other.source)
        friday = 4
        over_weekend = (
            self.day.kind == DayKind.REST and self.last.weekday() == friday and other.day == self.last + 3 * DAY
        )
        return alike and (other.day == self.last + DAY or over_weekend)


@dataclass(frozen=True, slots=True)
class NoticeSpan:
    """Days in a row that a notice names alike."""

    first: dt.date
    last: dt.date
    works: bool
    name: str


def spans_of_notice(days: Iterable[NoticeDay]) -> list[NoticeSpan]:
    """What was read from a notice, drawn together into rows."""
    found: list[NoticeSpan] = []
    for row in days:
        before = found[-1] if found else None
        if before and (before.works, before.name, before.last + DAY) == (row.works, row.name, row.day):
            found[-1] = replace(before, last=row.day)
        else:
            found.append(NoticeSpan(row.day, row.day, row.works, row.name))
    return found


def spans(days: Iterable[CalendarDay]) -> list[Span]:
    """Days in order, drawn together into rows."""
    found: list[Span] = []
    for day in days:
        if found and found[-1].goes_on(day):
            found[-1].last = day.day
        else:
            found.append(Span(day.day, day.day, day))
    return found
