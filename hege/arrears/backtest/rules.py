"""A supply point walked again (预警回看): what each day's end would have shown, from all that was ever written down; pure.

Each row comes with the day at whose end it was known. Taken as known on its own day instead (``ALWAYS``), a walk says what
``warnings_of`` says of that day now.
"""

from __future__ import annotations

import datetime as dt
from bisect import insort
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple

from hege.arrears.early_warning.rules import (
    Asserted,
    CutProcedure,
    DeferralSeen,
    Finding,
    MeterSeen,
    PointHistory,
    WarningKind,
    booked_fen,
    cut_seen,
    life_ends_on,
    overdue_bills,
    warnings_of,
)
from hege.arrears.rules import BillSeen, Flow, Money, Owner, Paid, Thresholds, ThresholdTable, money_of, overdue_from
from hege.arrears.rules import ThresholdKind as T
from hege.billing.applying.rules import Met, by_first_debt
from hege.billing.chart import AccountKind as A
from hege.billing.rules import Doubt, Printed
from hege.kernel.calendar import DAY, Calendar
from hege.kernel.clock import start_of
from hege.metering.rules import MeterKind

#: Known before any day that is asked for.
ALWAYS = dt.date.min
#: How many days before its end a deferral is looked at, and how many after it began a cut: more than any term an office sets.
AROUND = 60


class Entry(NamedTuple):
    """One transfer: the transaction it belongs to, from which account to which, how much, when it happened, when it was known."""

    transaction: int
    debit: int
    credit: int
    fen: int
    on: dt.date
    known_on: dt.date


class Applied(NamedTuple):
    """So much of a debt was met, or given back, known from a day on."""

    met: Met
    fen: int
    known_on: dt.date

    @property
    def there_on(self) -> dt.date:
        """The day from whose end on it counts."""
        return max(self.met.on, self.known_on)


class BillKnown(NamedTuple):
    """A bill or an opening balance (``printed`` is None), known from a day until it was taken back, if it was."""

    key: int
    seen: BillSeen
    printed: Printed | None
    known_on: dt.date
    gone_on: dt.date | None

    def stands(self, day: dt.date) -> bool:
        """Whether it was issued by the end of a day, known then and not taken back."""
        here = self.seen.issued_on <= day and self.known_on <= day
        return here and (self.gone_on is None or self.gone_on > day)


class Charge(NamedTuple):
    """What the share of a bill, or a correction of it, charges a tenancy."""

    tenancy: int
    fen: int
    known_on: dt.date


class ReadingKnown(NamedTuple):
    """A reading, known from a day on and corrected from another, if it was."""

    meter: int
    read_on: dt.date
    litres: int
    method: str
    known_on: dt.date
    gone_on: dt.date | None


class MeterKnown(NamedTuple):
    """A meter by its key; where nobody wrote down when it was put on record it is known from its first day."""

    key: int
    number: str
    kind: MeterKind
    diameter_mm: int | None
    verified_on: dt.date
    started_on: dt.date
    ended_on: dt.date | None


class Admission(NamedTuple):
    """What a tenancy admits in writing to owe, in fen."""

    tenancy: int
    on: dt.date
    fen: int
    known_on: dt.date


class Stated(NamedTuple):
    """What a third record says of a balance; ``tenancy`` where it is a shop's."""

    key: str
    document: str
    kind: A
    on: dt.date
    fen: int
    tenancy: int | None
    unit_code: str
    known_on: dt.date


class DeferralKnown(NamedTuple):
    """A deferral: from when it protected and until when, and the first day it no longer did for another reason."""

    key: str
    from_on: dt.date
    until_on: dt.date
    ended_on: dt.date | None


#: What is to be asked about some bills, as known on a day, judged by that day's tolerances.
Doubts = Callable[[Sequence[Printed], dt.date], Sequence[Doubt]]


@dataclass(frozen=True, slots=True)
class Record:
    """All that was ever written down of one supply point. ``parts`` are the codes of each plan's parts. ``levels`` says of a transaction from which days on it was confirmed
    or not; one that is not in it always was."""

    owners: Mapping[int, Owner] = field(default_factory=dict)
    entries: Sequence[Entry] = ()
    levels: Mapping[int, Sequence[tuple[dt.date, bool]]] = field(default_factory=dict)
    bills: Sequence[BillKnown] = ()
    charges: Mapping[int, Sequence[Charge]] = field(default_factory=dict)
    meters: Sequence[MeterKnown] = ()
    readings: Sequence[ReadingKnown] = ()
    admissions: Sequence[Admission] = ()
    stated: Sequence[Stated] = ()
    deferrals: Sequence[DeferralKnown] = ()
    cuts: Sequence[CutProcedure] = ()
    doubts: Doubts = lambda _bills, _day: ()
    applied: Sequence[Applied] = ()
    parts: Mapping[int, Sequence[str]] = field(default_factory=dict)

    @property
    def began_on(self) -> dt.date | None:
        """The first day at whose end anything of its money or water was there to be seen; None where nothing ever was."""
        days = [
            *(max(e.on, e.known_on) for e in self.entries),
            *(max(b.seen.issued_on, b.known_on) for b in self.bills),
            *(max(r.read_on, r.known_on) for r in self.readings),
        ]
        return min(days, default=None)


class Fired(NamedTuple):
    """The first day a kind of signal fires, what it says, and what was owed to the utility at the end of that day, in fen."""

    on: dt.date
    payable_fen: int
    finding: Finding

    def as_json(self) -> dict[str, Any]:
        """One row of ``hege warn --backtest --json``."""
        said = self.finding.as_json()
        return {
            "kind": said["kind"], "first_on": self.on.isoformat(), "payable_fen": self.payable_fen,
            "state_key": self.finding.state_key, "figures": said["figures"], "evidence": said["evidence"],
        }  # fmt: skip


#: Signals of money that agents have in hand; and those that look at everybody's money where a bill is overdue.
OF_AGENTS = frozenset({WarningKind.HELD_TOO_OLD, WarningKind.REMITTED_RATIO})
OF_OVERDUE_MONEY = frozenset({WarningKind.PAID_BUT_OVERDUE, WarningKind.UNPROVEN_SHARE_HIGH})
#: What a flow is told apart by: its day, the kinds of account and the agents on either side.
_Kinds = tuple[dt.date, A, A, int | None, int | None]


class _Turn(NamedTuple):
    """From a day on an entry counts as confirmed, or no longer does."""

    entry: Entry
    sign: int


class Walk:
    """One supply point from day to day, forwards. Confirmed money is added up as it comes, not summed anew."""

    def __init__(self, record: Record, table: ThresholdTable, calendar: Calendar) -> None:
        self.record, self.table, self.calendar = record, table, calendar
        self._turns = _turns(record)
        self._days = sorted(self._turns, reverse=True)
        self._sides: dict[tuple[int, str], int] = defaultdict(int)
        self._shops: dict[int, dict[dt.date, int]] = defaultdict(lambda: defaultdict(int))
        self._made: dict[_Kinds, Flow] = {}
        self._order: list[tuple[dt.date, str, _Kinds]] = []
        self._shown: list[Flow] | None = None
        self._coming = sorted(record.applied, key=attrgetter("there_on"), reverse=True)
        self._met: dict[Met, int] = defaultdict(int)
        self._paid_shown: Paid | None = None
        self.on = ALWAYS

    def go_to(self, day: dt.date) -> None:
        """To the end of a later day."""
        while self._days and self._days[-1] <= day:
            for entry, sign in self._turns[self._days.pop()]:
                self._count(entry, sign * entry.fen)
            self._shown = None
        self.on = day

    def _count(self, entry: Entry, fen: int) -> None:
        debit, credit = self.record.owners[entry.debit], self.record.owners[entry.credit]
        self._sides[entry.debit, credit.kind.value] += fen
        self._sides[entry.credit, debit.kind.value] -= fen
        key = (entry.on, debit.kind, credit.kind, debit.party_id, credit.party_id)
        if key not in self._made:
            insort(self._order, (entry.on, debit.kind.value, key), key=itemgetter(0, 1))
            self._made[key] = Flow(*key, fen)
        else:
            self._made[key] = Flow(*key, self._made[key].fen + fen)
        for owner, sign in ((debit, 1), (credit, -1)):
            if owner.kind is A.TENANCY and owner.tenancy_id is not None:
                self._shops[owner.tenancy_id][entry.on] += sign * fen

    @property
    def flows(self) -> list[Flow]:
        """What moved day by day between the kinds of account, as of the day we are at."""
        if self._shown is None:
            rows = (self._made[key] for _on, _kind, key in self._order)
            self._shown = [flow for flow in rows if flow.fen]
        return self._shown

    @property
    def payable(self) -> int:
        """What is owed to the utility, in fen."""
        mine = {pk for pk, owner in self.record.owners.items() if owner.kind is A.PAYABLE}
        return -sum(fen for (pk, _other), fen in self._sides.items() if pk in mine)

    def thresholds(self) -> Thresholds:
        """What this day is judged by, as far as it was recorded by then."""
        return self.table.on(self.on, known_at=start_of(self.on + DAY))

    def possible(self, wanted: Iterable[WarningKind]) -> list[WarningKind]:
        """Those of some kinds that can fire at all today: where no agent has anything in hand, none can hold it too long."""
        held = any(self._balance(pk) > 0 for pk, owner in self.record.owners.items() if owner.kind is A.AGENT)
        return [kind for kind in wanted if held or kind not in OF_AGENTS]

    def _balance(self, account: int) -> int:
        return sum(fen for (pk, _other), fen in self._sides.items() if pk == account)

    def history(self, wanted: Collection[WarningKind]) -> PointHistory:
        """What the rules of some kinds need to know at the end of the day we are at."""
        day, record, thresholds = self.on, self.record, self.thresholds()
        bills = [b for b in record.bills if b.stands(day)]
        needs_money = OF_OVERDUE_MONEY & {*wanted} and self._is_overdue(bills, thresholds)
        doubted = WarningKind.BILL_DOUBTED in wanted
        return PointHistory(
            bills=[b.seen for b in bills],
            paid=(paid := self._paid()),
            flows=self.flows,
            money=self.money() if needs_money else None,
            not_due=self._not_due(bills) if needs_money else {},
            assertions=self._asserted() if WarningKind.ASSERTION_FAILED in wanted else (),
            meters=self._meters(),
            deferrals=[DeferralSeen(d.key, d.until_on) for d in record.deferrals if _protects(d, day)],
            doubts=self._doubts(bills, thresholds) if doubted else (),
            cut=self._cut([b.seen for b in bills], paid) if record.cuts else None,
        )

    def money(self) -> Money:
        """Who holds the money, confirmed, at the end of the day we are at."""
        return money_of(self._there(), self._sides, self._admitted())

    def _is_overdue(self, bills: Iterable[BillKnown], thresholds: Thresholds) -> bool:
        seen = PointHistory(bills=[b.seen for b in bills], paid=self._paid())
        return bool(overdue_bills(seen, thresholds, self.on, self.calendar))

    def _paid(self) -> Paid:
        """What met each bill, as of the day we are at; worked out again only where more of it is known."""
        before = len(self._coming)
        while self._coming and self._coming[-1].there_on <= self.on:
            row = self._coming.pop()
            self._met[row.met] += row.fen
        if self._paid_shown is None or before != len(self._coming):
            self._paid_shown = by_first_debt(self._met, self.record.parts)
        return self._paid_shown

    def _there(self) -> Mapping[int, Owner]:
        """Who comes later is not there yet, unless money came before."""
        moved = {pk for (pk, _other), fen in self._sides.items() if fen}
        owners = self.record.owners.items()
        return {pk: o for pk, o in owners if o.from_on is None or o.from_on <= self.on or pk in moved}

    def _admitted(self) -> dict[int, int]:
        return {a.tenancy: a.fen for a in self.record.admissions if a.on <= self.on and a.known_on <= self.on}

    def _not_due(self, bills: Iterable[BillKnown]) -> dict[int, int]:
        open_ = (b for b in bills if b.printed is not None and b.seen.due_on >= self.on)
        found: dict[int, int] = defaultdict(int)
        for charge in (c for b in open_ for c in self.record.charges.get(b.key, ())):
            if charge.known_on <= self.on:
                found[charge.tenancy] += charge.fen
        return found

    def _asserted(self) -> list[Asserted]:
        out = []
        for s in self.record.stated:
            if s.on <= self.on and s.known_on <= self.on:
                moved = None
                if s.tenancy is not None:
                    moved = sum(fen for day, fen in self._shops[s.tenancy].items() if day <= s.on)
                booked = booked_fen(s.kind, s.fen, s.on, flows=self.flows, position=moved)
                out.append(Asserted(s.key, s.document, s.kind, s.on, s.fen, booked, s.unit_code))
        return out

    def _meters(self) -> list[MeterSeen]:
        running = [m for m in self.record.meters if m.started_on <= self.on < (m.ended_on or dt.date.max)]
        last: dict[int, dt.date] = {}
        for r in self.record.readings:
            if r.read_on <= self.on and r.known_on <= self.on:
                last[r.meter] = max(r.read_on, last.get(r.meter, r.read_on))
        return [
            MeterSeen(m.number, m.kind, m.diameter_mm, m.verified_on, last.get(m.key, m.started_on)) for m in running
        ]

    def _doubts(self, bills: Iterable[BillKnown], thresholds: Thresholds) -> Sequence[Doubt]:
        since = self.on - thresholds[T.DOUBT_DAYS] * DAY
        printed = [b.printed for b in bills if b.printed is not None]
        if not any(p.until_on > since for p in printed):
            return ()
        recent = {p.number for p in printed if p.until_on > since}
        return [d for d in self.record.doubts(printed, self.on) if d.number in recent]

    def _cut(self, bills: Sequence[BillSeen], paid: Paid) -> Any:
        for procedure in self.record.cuts:
            if procedure.is_cut(self.on):
                return cut_seen(
                    procedure, bills, paid, table=self.table, calendar=self.calendar, on=self.on
                )  # fmt: skip
        return None


def _protects(d: DeferralKnown, day: dt.date) -> bool:
    return d.from_on <= day and (d.ended_on is None or d.ended_on > day)


def _turns(record: Record) -> dict[dt.date, list[_Turn]]:
    """From which day on each entry counts as confirmed or no longer does: once it happened, is known, and is borne out."""
    turns: dict[dt.date, list[_Turn]] = defaultdict(list)
    for entry in record.entries:
        there_on = max(entry.on, entry.known_on)
        counted = False
        by_day: dict[dt.date, bool] = {}
        for day, confirmed in record.levels.get(entry.transaction, ((ALWAYS, True),)):
            by_day[max(day, there_on)] = confirmed  # the last word of a day counts
        for day, confirmed in by_day.items():
            if confirmed is not counted:
                turns[day].append(_Turn(entry, 1 if confirmed else -1))
                counted = confirmed
    return turns


def days_that_matter(record: Record, table: ThresholdTable, calendar: Calendar, *, until_on: dt.date) -> list[dt.date]:
    """The days on which a rule could say something it did not say the day before, up to and with ``until_on``: something was known
    or happened, a term ended, a figure changed."""
    began_on = record.began_on
    if began_on is None:
        return []
    days = {began_on, *_turns(record), *_terms(record, table, calendar, until_on=until_on)}
    for b in record.bills:
        days |= {b.seen.issued_on, b.known_on, b.gone_on or b.known_on}
    days |= {row.there_on for row in record.applied}
    for r in record.readings:
        days |= {r.read_on, r.known_on, r.gone_on or r.known_on}
    for a in record.admissions:
        days |= {a.known_on, a.on}
    for s in record.stated:
        days |= {s.known_on, s.on}
    days |= {charge.known_on for some in record.charges.values() for charge in some}
    return sorted(day for day in days if began_on <= day <= until_on)


def _terms(record: Record, table: ThresholdTable, calendar: Calendar, *, until_on: dt.date) -> Iterator[dt.date]:
    """The days after a term has ended, by each value it was ever given."""
    values = _every_value(table)
    for b in record.bills:
        yield b.seen.due_on + DAY
        yield from (overdue_from(b.seen.due_on, grace, calendar) for grace in values[T.OVERDUE_WORKING_DAYS])
        yield b.seen.issued_on + DAY
    for day in {e.on for e in record.entries}:
        yield from (day + (days + 1) * DAY for days in values[T.HELD_DAYS])
    for day in {*(r.read_on for r in record.readings), *(m.started_on for m in record.meters)}:
        yield from (day + (days + 1) * DAY for days in values[T.READING_DAYS])
    for m in record.meters:
        yield from (m.started_on, m.ended_on or m.started_on)
        for years in {*values[T.LIFE_YEARS_TO_DN25], *values[T.LIFE_YEARS_TO_DN50]}:
            lives = {T.LIFE_YEARS_TO_DN25: years, T.LIFE_YEARS_TO_DN50: years}
            ends = life_ends_on(m.verified_on, m.diameter_mm, lives)
            yield ends + DAY if ends else m.started_on
    for d in record.deferrals:
        yield from (d.until_on - n * DAY for n in range(AROUND))
        yield from (d.from_on, d.ended_on or d.from_on)
    for cut in record.cuts:
        yield from (
            cut.cut_on + n * DAY for n in range((min(cut.restored_on or until_on, until_on) - cut.cut_on).days + 1)
        )
    for row in table.rows:
        yield row.from_on


def _every_value(table: ThresholdTable) -> dict[T, list[int]]:
    """All values a figure ever had, the default among them."""
    values = {kind: {value} for kind, value in table.on(ALWAYS).items()}
    for row in table.rows:
        values[row.kind].add(row.value)
    return {kind: sorted(some) for kind, some in values.items()}


#: Told how many days of how many have been walked.
Progress = Callable[[int, int], None]


def first_fired(
    record: Record,
    table: ThresholdTable,
    calendar: Calendar,
    *,
    days: Sequence[dt.date],
    progress: Progress = lambda _done, _total: None,
    first_alone: bool = False,
) -> list[Fired]:
    """For each kind of signal the first of some days on which it fires, by that day; a kind that has fired is asked no more.
    ``first_alone``: only those of the first day on which any does."""
    walk, found = Walk(record, table, calendar), dict[WarningKind, Fired]()
    for n, day in enumerate(days):
        progress(n, len(days))
        walk.go_to(day)
        wanted = walk.possible(kind for kind in WarningKind if kind not in found)
        if found and (first_alone or len(found) == len(WarningKind)):
            break
        for finding in warnings_of(walk.history(wanted), walk.thresholds(), day, calendar, kinds=wanted):
            found.setdefault(finding.kind, Fired(day, walk.payable, finding))
    progress(len(days), len(days))
    order = list(WarningKind)
    return sorted(found.values(), key=lambda fired: (fired.on, order.index(fired.finding.kind)))


def owed_on(record: Record, table: ThresholdTable, calendar: Calendar, days: Iterable[dt.date]) -> list[int]:
    """What was owed to the utility at the end of each of some days in their order, in fen."""
    walk, found = Walk(record, table, calendar), []
    for day in days:
        walk.go_to(day)
        found.append(walk.payable)
    return found
