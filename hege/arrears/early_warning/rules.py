"""What is going wrong at a supply point on a day: pure rules over its history; nothing here reads a row or a clock."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from hege.arrears.rules import (
    BillSeen,
    Flow,
    Money,
    Paid,
    Thresholds,
    ThresholdTable,
    overdue_from,
    paid_up_on,
    payable_on,
    restore_due_at,
    still_held,
    unpaid_bills,
)
from hege.arrears.rules import ThresholdKind as T
from hege.billing.chart import AccountKind as A
from hege.billing.rules import Doubt, DoubtKind
from hege.kernel.calendar import DAY, Calendar, working_days_between
from hege.kernel.clock import day_of, start_of
from hege.kernel.grouped import grouped, summed
from hege.kernel.refused import Refused
from hege.metering.rules import MeterKind

#: So many rows are named as evidence; more would bury the others.
SOME = 24


class WarningKind(TextChoices):
    """What the street is warned of (预警类别), the most pressing first."""

    RESTORE_LATE = "restore_late", _("缴清后没有按时恢复供水")
    BILL_OVERDUE = "bill_overdue", _("账单逾期")
    PAID_BUT_OVERDUE = "paid_but_overdue", _("商铺已交而账单逾期")
    HELD_TOO_OLD = "held_too_old", _("收了久未交")
    REMITTED_RATIO = "remitted_ratio", _("解缴偏低")
    PAYABLE_GROWING = "payable_growing", _("欠费连续增加")
    DEFERRAL_ENDING = "deferral_ending", _("暂缓快到期")
    ASSERTION_FAILED = "assertion_failed", _("余额核对不符")
    BILL_DOUBTED = "bill_doubted", _("账单有疑点")
    UNPROVEN_SHARE_HIGH = "unproven_share_high", _("无证据部分过高")
    READINGS_MISSING = "readings_missing", _("缺抄表读数")
    METER_PAST_LIFE = "meter_past_life", _("水表超过使用年限")


class WarningState(TextChoices):
    """What people have done about a warning; whether it still holds is ``ended_on``."""

    OPEN = "open", _("待处理")
    ACKNOWLEDGED = "acknowledged", _("已知悉")
    REPORTED = "reported", _("已转上报")


NEXT: Mapping[WarningState, frozenset[WarningState]] = {
    WarningState.OPEN: frozenset({WarningState.ACKNOWLEDGED, WarningState.REPORTED}),
    WarningState.ACKNOWLEDGED: frozenset({WarningState.REPORTED}),
    WarningState.REPORTED: frozenset(),
}


def open_steps(state: WarningState, *, over: bool) -> frozenset[WarningState]:
    """What may still be made of a warning, rights aside; nothing of one whose state has ended."""
    return frozenset() if over else NEXT[state]


def check_step(state: WarningState, to: WarningState, *, over: bool) -> None:
    """Refuse what may not be made of a warning any more."""
    if to not in open_steps(state, over=over):
        words = _("这条预警已经结束，不用再办。") if over else _("这条预警已经处理过（%(state)s）。")
        raise Refused(words, state=state.label)


class TraceKind(TextChoices):
    """What a piece of a warning's evidence is."""

    BILL = "bill", _("账单")
    OPENING = "opening", _("期初欠费")
    RECEIPTS = "receipts", _("当日收款")
    PERIOD = "period", _("账期")
    ASSERTION = "assertion", _("余额核对")
    METER = "meter", _("水表")
    DEFERRAL = "deferral", _("暂缓")
    PRICE = "price", _("水价")
    CUT = "cut", _("停水")


class Trace(NamedTuple):
    """One piece of evidence: what it is, its number, the day it speaks of, fen where it is about money."""

    kind: TraceKind
    number: str
    on: dt.date
    fen: int | None = None

    def as_json(self) -> dict[str, Any]:
        """As it is kept and printed."""
        return {"kind": self.kind.value, "number": self.number, "on": self.on.isoformat(), "fen": self.fen}


@dataclass(frozen=True, slots=True)
class Finding:
    """One warning: ``since`` is the first day it was so, ``state_key`` names the state it fires once for.

    ``figures`` are whole numbers (fen, days, percent by their names), ``evidence`` the rows behind them.
    """

    kind: WarningKind
    since: dt.date
    state_key: str
    figures: Mapping[str, int]
    evidence: tuple[Trace, ...]

    def as_json(self) -> dict[str, Any]:
        """The part of ``hege warn --json`` that is the finding's own."""
        return {
            "kind": self.kind.value,
            "since": self.since.isoformat(),
            "figures": dict(self.figures),
            "evidence": [t.as_json() for t in self.evidence],
        }


class Asserted(NamedTuple):
    """What a third record says a balance was at the end of a day, and what our confirmed rows say."""

    key: str
    document: str
    kind: A
    on: dt.date
    stated_fen: int
    booked_fen: int
    unit_code: str = ""

    @property
    def named(self) -> str:
        """Whose balance by which paper."""
        return " ".join(filter(None, (str(self.kind.label), self.unit_code, self.document)))


class MeterSeen(NamedTuple):
    """A meter in service: first verified when, last read when (the day it was started, if never)."""

    number: str
    kind: MeterKind
    diameter_mm: int | None
    verified_on: dt.date
    last_read_on: dt.date


class DeferralSeen(NamedTuple):
    """A deferral that protected on the day; ``until_on`` is the first day it no longer does."""

    key: str
    until_on: dt.date


class CutSeen(NamedTuple):
    """Water that was cut: since the end of which day all that was demanded is paid, since when the utility would restore it;
    within how many hours it has to run again, as that held when the earlier of the two came."""

    key: str
    cut_on: dt.date
    paid_up_on: dt.date | None
    agreed_on: dt.date | None
    hours: int


class CutProcedure(NamedTuple):
    """Water that was cut, from a day until it ran again: by a notice served when, after which demands; the days on which the
    utility agreed to restore it."""

    key: str
    cut_on: dt.date
    restored_on: dt.date | None
    served_on: dt.date
    demands: Sequence[dt.date]
    consents: Sequence[dt.date]

    def is_cut(self, day: dt.date) -> bool:
        """Whether water was cut at the end of a day."""
        return self.cut_on <= day and (self.restored_on is None or self.restored_on > day)


def cut_seen(
    cut: CutProcedure,
    bills: Sequence[BillSeen],
    paid: Paid,
    *,
    table: ThresholdTable,
    calendar: Calendar,
    on: dt.date,
) -> CutSeen:
    """How water that is cut at the end of a day stands: all that was overdue when it was demanded has to be paid."""
    demanded_on = max(day for day in cut.demands if day <= cut.served_on)
    grace = table.on(demanded_on)[T.OVERDUE_WORKING_DAYS]
    asked = {b for b in bills if overdue_from(b.due_on, grace, calendar) <= demanded_on}
    paid_up = paid_up_on(bills, paid, asked=asked, since=cut.cut_on, on=on)
    agreed = min((day for day in cut.consents if day <= on), default=None)
    hours = table.on(min((day for day in (paid_up, agreed) if day), default=on))[T.RESTORE_HOURS]
    return CutSeen(cut.key, cut.cut_on, paid_up, agreed, hours)


def booked_fen(kind: A, stated_fen: int, on: dt.date, *, flows: Iterable[Flow], position: int | None) -> int:
    """What our confirmed rows say, at the end of a day, of a balance that a third record names; ``position`` where it is a shop's."""
    if position is not None:
        # A shop's paper says what it owes; that it is owed something shows only where the paper says so too.
        return position if stated_fen < 0 else max(0, position)
    if kind is A.PAYABLE:
        return payable_on(flows, on)
    moved = [f for f in flows if f.on <= on]
    if kind is A.AGENT:
        agents = summed(
            (party, fen)
            for f in moved
            for side, party, fen in ((f.debit, f.debit_party, f.fen), (f.credit, f.credit_party, -f.fen))
            if side is A.AGENT
        ).values()
        # What somebody counts is what agents hold; money another one fronted is not in that till.
        return sum(agents) if stated_fen < 0 else sum(max(0, fen) for fen in agents)
    return sum(f.fen * ((f.debit is kind) - (f.credit is kind)) for f in moved)


@dataclass(frozen=True, slots=True)
class PointHistory:
    """All that the rules need to know of one supply point, up to the end of a day, confirmed rows only.

    ``not_due`` is what the bills not yet due charge each tenancy, in fen. ``flows`` are all to and from the utility
    and agents; what agents took of shops before ``since`` (None: nothing) is told as of the day before it. ``paid``: what met each bill.
    """

    bills: Sequence[BillSeen] = ()
    flows: Sequence[Flow] = ()
    money: Money | None = None
    not_due: Mapping[int, int] = field(default_factory=dict)
    assertions: Sequence[Asserted] = ()
    meters: Sequence[MeterSeen] = ()
    deferrals: Sequence[DeferralSeen] = ()
    doubts: Sequence[Doubt] = ()
    cut: CutSeen | None = None
    since: dt.date | None = None
    paid: Paid = field(default_factory=dict)


def looks_before(history: PointHistory, thresholds: Thresholds, on: dt.date, is_workday: Calendar) -> bool:
    """Whether a rule asks for a day before those that ``flows`` tell one by one: money is held since longer, or the last two periods
    began earlier. Then nothing may be said by this history.
    """
    if history.since is None:
        return False
    look = _Look(history, thresholds, on, is_workday, [], _agents(history.flows))
    held = (day for moves in look.agents.values() for day, _fen in still_held(moves))
    periods = (start for _bill, start, _end in _periods(look)[-2:])
    return any(day < history.since for day in (*held, *periods))


def warnings_of(
    history: PointHistory,
    thresholds: Thresholds,
    on: dt.date,
    is_workday: Calendar,
    kinds: Iterable[WarningKind] = WarningKind,
) -> list[Finding]:
    """All that is wrong at one supply point at the end of day ``on`` (预警), in the order of the kinds; of some ``kinds`` alone."""
    asked = [*kinds]
    overdue = overdue_bills(history, thresholds, on, is_workday)
    agents = _agents(history.flows) if {WarningKind.HELD_TOO_OLD, WarningKind.REMITTED_RATIO} & {*asked} else {}
    look = _Look(history, thresholds, on, is_workday, overdue, agents)
    return [
        Finding(kind, since, key, figures, tuple(evidence))
        for kind in asked
        for since, key, figures, evidence in RULES[kind](look)
    ]


def overdue_bills(
    history: PointHistory, thresholds: Thresholds, on: dt.date, is_workday: Calendar
) -> list[tuple[BillSeen, int]]:
    """The bills that are overdue at the end of a day and what is left of each, in fen."""
    grace = thresholds[T.OVERDUE_WORKING_DAYS]
    return [
        (bill, left)
        for bill, left in unpaid_bills(history.bills, history.paid)
        if on >= overdue_from(bill.due_on, grace, is_workday)
    ]


class _Look(NamedTuple):
    """What every rule is handed."""

    history: PointHistory
    thresholds: Thresholds
    on: dt.date
    is_workday: Calendar
    overdue: list[tuple[BillSeen, int]]
    agents: dict[int, list[tuple[dt.date, int]]]

    @property
    def overdue_fen(self) -> int:
        return sum(left for _bill, left in self.overdue)

    @property
    def overdue_since(self) -> dt.date:
        grace = self.thresholds[T.OVERDUE_WORKING_DAYS]
        return overdue_from(self.overdue[0][0].due_on, grace, self.is_workday)

    @property
    def overdue_traces(self) -> list[Trace]:
        kinds = {True: TraceKind.OPENING, False: TraceKind.BILL}
        return [Trace(kinds[bill.opening], bill.number, bill.due_on, left) for bill, left in self.overdue]


#: What a rule finds: since when, the key of the state, the figures, the evidence.
_Found = Iterator[tuple[dt.date, str, Mapping[str, int], Iterable[Trace]]]


def _restore_late(look: _Look) -> _Found:
    """Water is still cut although the time to restore it has run out: everything demanded is paid, or the utility agreed."""
    cut = look.history.cut
    if cut is None:
        return
    due_at = restore_due_at(paid_up_on=cut.paid_up_on, agreed_on=cut.agreed_on, hours=cut.hours)
    if due_at is not None and due_at <= start_of(look.on):
        began = min(day for day in (cut.paid_up_on, cut.agreed_on) if day is not None)
        figures = {"hours": cut.hours, "days": (look.on - began).days}
        yield day_of(due_at), cut.key, figures, [Trace(TraceKind.CUT, cut.key, began)]


def _bill_overdue(look: _Look) -> _Found:
    """A bill is unpaid N working days after it was due; fires again when a newer bill falls overdue."""
    if not look.overdue:
        return
    first, last = look.overdue[0][0], look.overdue[-1][0]
    figures = {
        "overdue_fen": look.overdue_fen,
        "bills": len(look.overdue),
        "days": (look.on - first.due_on).days,
        "term_days": look.thresholds[T.DEMAND_TERM_DAYS],
        "notice_hours": look.thresholds[T.NOTICE_HOURS],
    }
    yield look.overdue_since, f"{last.due_on.isoformat()} {last.number}", figures, look.overdue_traces


def _paid_but_overdue(look: _Look) -> _Found:
    """The shops have paid an agent more than P percent of what is due, who holds some of it, and still a bill is overdue.

    Counted tenancy by tenancy: what one has paid too much does not hide what another has not paid. What a shop
    paid the utility itself lies in nobody's hands and does not count.
    """
    money = look.history.money
    if not look.overdue or money is None or not money.held:
        return
    due = {u.tenancy_id: max(0, u.charged - look.history.not_due.get(u.tenancy_id, 0)) for u in money.units}
    paid = {u.tenancy_id: max(0, min(u.paid - u.direct, due[u.tenancy_id])) for u in money.units}
    charged_fen, paid_fen = sum(due.values()), sum(paid.values())
    if charged_fen <= 0 or paid_fen * 100 <= charged_fen * look.thresholds[T.PAID_PERCENT]:
        return
    figures = {
        "charged_fen": charged_fen,
        "paid_fen": paid_fen,
        "percent": paid_fen * 100 // charged_fen,
        "overdue_fen": look.overdue_fen,
        "held_fen": money.held,
        "shops": sum(1 for u in money.units if 0 < due[u.tenancy_id] <= u.paid),
    }
    yield look.overdue_since, look.overdue[0][0].number, figures, look.overdue_traces


def _agents(flows: Iterable[Flow]) -> dict[int, list[tuple[dt.date, int]]]:
    """What came to and went from each agent, netted by day and other side, so that a reversal leaves no trace."""
    net: dict[tuple[int, dt.date, A], int] = defaultdict(int)
    for f in flows:
        if f.debit is A.AGENT and f.debit_party is not None:
            net[f.debit_party, f.on, f.credit] += f.fen
        if f.credit is A.AGENT and f.credit_party is not None:
            net[f.credit_party, f.on, f.debit] -= f.fen
    moved = grouped((party, (day, fen)) for (party, day, _other), fen in net.items() if fen)
    return dict(sorted(moved.items()))


def _held_too_old(look: _Look) -> _Found:
    """An agent holds money that came in more than N days ago (first in, first out); fires once a month of receipt."""
    days = look.thresholds[T.HELD_DAYS]
    for party, moves in look.agents.items():
        held = still_held(moves)
        old = [(day, fen) for day, fen in held if (look.on - day).days > days]
        if not old:
            continue
        first = old[0][0]
        figures = {
            "held_fen": sum(fen for _day, fen in held),
            "old_fen": sum(fen for _day, fen in old),
            "days": (look.on - first).days,
            "limit_days": days,
        }
        traces = [Trace(TraceKind.RECEIPTS, "", day, fen) for day, fen in old[:SOME]]
        yield first + dt.timedelta(days=days + 1), f"{party} {first:%Y-%m}", figures, traces


def _periods(look: _Look) -> list[tuple[BillSeen, dt.date, dt.date]]:
    """Each bill with the half-open days in which it was to be collected: from its issue to the next one's.

    The last counts once its bill's due day has passed.
    """
    bills: dict[dt.date, BillSeen] = {}
    for bill in sorted(look.history.bills, key=lambda b: (b.issued_on, b.number)):
        if bill.fen > 0 and not bill.opening:
            bills[bill.issued_on] = bill
    starts = sorted(bills)
    ends = [*starts[1:], look.on + DAY][: len(starts)]
    rows = [(bills[start], start, end) for start, end in zip(starts, ends, strict=True)]
    if rows and look.on <= rows[-1][0].due_on:
        rows.pop()
    return rows


def _remitted_ratio(look: _Look) -> _Found:
    """An agent has passed on less than R percent of what was collected, two periods in a row, and holds money."""
    least = look.thresholds[T.REMITTED_PERCENT]
    last = _periods(look)[-2:]
    moves = [m for rows in look.agents.values() for m in rows]
    sums = []
    for bill, start, end in last:
        collected = sum(fen for day, fen in moves if start <= day < end and fen > 0)
        remitted = -sum(fen for day, fen in moves if start <= day < end and fen < 0)
        sums.append((bill, start, collected, remitted))
    low = [row for row in sums if row[2] > 0 and row[3] * 100 < row[2] * least]
    if len(low) < 2 or sum(fen for _day, fen in moves) <= 0:
        return
    collected, remitted = sum(row[2] for row in low), sum(row[3] for row in low)
    figures = {
        "collected_fen": collected,
        "remitted_fen": remitted,
        "percent": remitted * 100 // collected,
        "limit_percent": least,
        "per_period_fen": (collected - remitted) // len(low),
    }
    traces = [Trace(TraceKind.PERIOD, bill.number, start, c - r) for bill, start, c, r in low]
    yield min(look.on, last[-1][0].due_on + DAY), low[-1][0].number, figures, traces


def _payable_growing(look: _Look) -> _Found:
    """What is owed when a period ends has grown N periods running; fires once a run.

    Looked at on the day before the next bill, when there was time to pay: a bill by itself is no growth.
    """
    need = look.thresholds[T.GROWING_PERIODS]
    periods = _periods(look)
    if len(periods) < need:
        return
    marks = [periods[0][1] - DAY, *(end - DAY for _bill, _start, end in periods)]
    flows = [f for f in look.history.flows if f.credit is A.PAYABLE or f.debit is A.PAYABLE]
    owed = [payable_on(flows, day) for day in marks]
    run = 0
    while run < len(periods) and owed[-run - 1] > owed[-run - 2]:
        run += 1
    before = owed[-run - 1]
    newer = sum(b.fen for b in look.history.bills if b.fen > 0 and b.issued_on > marks[-1])
    if run < need or payable_on(flows, look.on) - newer <= before:
        return
    grown = list(zip(periods, marks[1:], owed[1:], strict=True))[-run:]
    bill, _start, end = grown[need - 1][0]
    figures = {
        "payable_fen": owed[-1],
        "before_fen": before,
        "periods": run,
        "per_period_fen": (owed[-1] - before) // run,
    }
    traces = [Trace(TraceKind.PERIOD, b.number, day, fen) for (b, _start, _end), day, fen in grown[-12:]]
    yield min(bill.due_on + DAY, end), grown[0][0][1].isoformat(), figures, traces


def _deferral_ending(look: _Look) -> _Found:
    """A deferral ends within N working days; the last protected day is the one before ``until_on``."""
    for deferral in look.history.deferrals:
        last_day = deferral.until_on - DAY
        left = working_days_between(look.on, last_day, look.is_workday)
        if 0 <= left <= look.thresholds[T.DEFERRAL_WARNING_DAYS]:
            figures = {"working_days_left": left, "notice_hours": look.thresholds[T.NOTICE_HOURS]}
            traces = [Trace(TraceKind.DEFERRAL, deferral.key, last_day)]
            yield look.on, f"{deferral.key} {deferral.until_on.isoformat()}", figures, traces


def _assertion_failed(look: _Look) -> _Found:
    """A third record names another balance than our confirmed rows do on its day."""
    for a in look.history.assertions:
        gap = a.stated_fen - a.booked_fen
        if a.on <= look.on and gap:
            figures = {"stated_fen": a.stated_fen, "booked_fen": a.booked_fen, "difference_fen": gap}
            yield a.on, a.key, figures, [Trace(TraceKind.ASSERTION, a.named, a.on, a.stated_fen)]


def _bill_doubted(look: _Look) -> _Found:
    """What is to be asked about a bill; fires once for each question, until it is answered or long past."""
    for doubt in look.history.doubts:
        traces = [Trace(TraceKind.BILL, doubt.number, doubt.on)]
        if doubt.other:
            kind = TraceKind.PRICE if doubt.kind is DoubtKind.PRICE else TraceKind.BILL
            traces.append(Trace(kind, doubt.other, doubt.on))
        yield doubt.on, f"{doubt.kind.value} {doubt.number}", doubt.figures, traces


def doubt_of(finding: Finding) -> Doubt:
    """The question about a bill that a finding of ``BILL_DOUBTED`` was made of."""
    kind = DoubtKind(finding.state_key.partition(" ")[0])
    other = finding.evidence[1].number if len(finding.evidence) > 1 else ""
    return Doubt(kind, finding.evidence[0].number, finding.since, finding.figures, other)


def _unproven_share_high(look: _Look) -> _Found:
    """Of what is overdue, more than P percent has nobody's word or paper: too much to tell who holds it."""
    money = look.history.money
    if not look.overdue or money is None:
        return
    left = [u.unproven - look.history.not_due.get(u.tenancy_id, 0) for u in money.units]
    nobody, overdue = sum(max(0, fen) for fen in left), look.overdue_fen
    # What an agent passed on beyond what is known to have been taken came from some of these shops: it is explained.
    unproven = min(overdue, max(0, nobody + max(0, money.unexplained) - money.fronted))
    if unproven * 100 <= overdue * look.thresholds[T.UNPROVEN_PERCENT]:
        return
    shops, percent = sum(1 for fen in left if fen > 0), unproven * 100 // overdue
    figures = {"unproven_fen": unproven, "overdue_fen": overdue, "percent": percent, "shops": shops}
    yield look.overdue_since, look.overdue[0][0].number, figures, look.overdue_traces


def _readings_missing(look: _Look) -> _Found:
    """Sub-meters nobody has read for N days: the next bill could not be shared by them."""
    limit = look.thresholds[T.READING_DAYS]
    silent = [m for m in look.history.meters if m.kind is MeterKind.SUB and (look.on - m.last_read_on).days > limit]
    if silent:
        silent.sort(key=lambda m: (m.last_read_on, m.number))
        oldest = silent[0].last_read_on
        figures = {"meters": len(silent), "days": (look.on - oldest).days, "limit_days": limit}
        traces = [Trace(TraceKind.METER, m.number, m.last_read_on) for m in silent[:SOME]]
        yield oldest + dt.timedelta(days=limit + 1), f"{oldest:%Y-%m}", figures, traces


def life_ends_on(verified_on: dt.date, diameter_mm: int | None, thresholds: Thresholds) -> dt.date | None:
    """The last day a meter may be used (使用期限), counted from its first verification; None above DN 50.

    JJG 162-2019: 6 years to DN 25, 4 years to DN 50. A term of years ends on the same date, or on the
    month's last day where there is none (Civil Code art. 202).
    """
    if diameter_mm is None or diameter_mm > 50:
        return None
    years = thresholds[T.LIFE_YEARS_TO_DN25 if diameter_mm <= 25 else T.LIFE_YEARS_TO_DN50]
    try:
        return verified_on.replace(year=verified_on.year + years)
    except ValueError:
        return verified_on.replace(year=verified_on.year + years, day=28)


def _meter_past_life(look: _Look) -> _Found:
    """Meters in service beyond their life."""
    ends = ((life_ends_on(m.verified_on, m.diameter_mm, look.thresholds), m.number) for m in look.history.meters)
    past = sorted((day, number) for day, number in ends if day is not None and look.on > day)
    if past:
        figures = {"meters": len(past), "days": (look.on - past[0][0]).days}
        traces = [Trace(TraceKind.METER, number, day) for day, number in past[:SOME]]
        yield past[0][0] + DAY, past[-1][1], figures, traces


RULES: Mapping[WarningKind, Callable[[_Look], _Found]] = {
    WarningKind.RESTORE_LATE: _restore_late,
    WarningKind.BILL_OVERDUE: _bill_overdue,
    WarningKind.PAID_BUT_OVERDUE: _paid_but_overdue,
    WarningKind.HELD_TOO_OLD: _held_too_old,
    WarningKind.REMITTED_RATIO: _remitted_ratio,
    WarningKind.PAYABLE_GROWING: _payable_growing,
    WarningKind.DEFERRAL_ENDING: _deferral_ending,
    WarningKind.ASSERTION_FAILED: _assertion_failed,
    WarningKind.BILL_DOUBTED: _bill_doubted,
    WarningKind.UNPROVEN_SHARE_HIGH: _unproven_share_high,
    WarningKind.READINGS_MISSING: _readings_missing,
    WarningKind.METER_PAST_LIFE: _meter_past_life,
}
