"""Will my water be cut? Which deferrals end soon? Whom would a cut affect?"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db.models import Max, Prefetch, Q, QuerySet

from hege.arrears.cutoff.models import CutoffNotice, CutoffNoticeQuerySet, Deferral, DeferralCondition, Demand
from hege.arrears.cutoff.rules import (
    MONEY_CONDITIONS,
    SENSITIVE_USES,
    Affected,
    ConditionKind,
    ConditionSeen,
    CutoffStep,
    DeferralState,
    Passed,
    PutOff,
    Verdict,
    judge_deferral,
    stood_on,
    term_ends_on,
    working_days_left,
)
from hege.arrears.early_warning.queries import cuts_of, overdue_fen
from hege.arrears.queries import flows_of, threshold_table, utility_flows
from hege.arrears.rules import Flow, ThresholdKind, ThresholdTable, payable_on, restore_due_at
from hege.kernel.calendar import DAY, Calendar
from hege.kernel.clock import day_of, start_of
from hege.kernel.grouped import grouped
from hege.kernel.periods import not_over
from hege.kernel.prepared import hang, prepared
from hege.mediation.models import Agreement
from hege.mediation.queries import agreements_of, broken_on
from hege.mediation.rules import AgreementState
from hege.metering.models import Connection, SupplyPoint
from hege.people.models import Street
from hege.places.queries import path_filter, workday_calendar


@dataclass(frozen=True, slots=True)
class ConditionNow:
    """A condition as it stands at the end of a day: money ones are told from confirmed payments alone.

    ``last_on`` is the last day in time: the next working day when the due day is none.
    """

    condition: DeferralCondition
    last_on: dt.date
    met_on: dt.date | None
    late: bool

    @property
    def kind(self) -> ConditionKind:
        return ConditionKind(self.condition.kind)

    @property
    def by_ledger(self) -> bool:
        return self.kind in MONEY_CONDITIONS


@dataclass(frozen=True, slots=True)
class CutoffState:
    """What a shop keeper is told: ``step`` None means that no cut has been announced.

    ``last_day`` is the last protected day of a deferral, ``until_on`` the day after it. ``spent``: a notice was
    served, but a deferral has ended since: a cut needs a new one. ``restore_at``: when cut water must run again; None
    while nothing asks for it.
    """

    step: CutoffStep | None
    notice: CutoffNotice | None = None
    demanded_on: dt.date | None = None
    spent: bool = False
    not_before_at: dt.datetime | None = None
    cut_at: dt.datetime | None = None
    restore_at: dt.datetime | None = None
    deferral: Deferral | None = None
    last_day: dt.date | None = None
    until_on: dt.date | None = None
    working_days_left: int = 0
    conditions: tuple[ConditionNow, ...] = ()


def cutoff_state(point: SupplyPoint, *, on: dt.date, calendar: Calendar | None = None) -> CutoffState:
    """Whether the water of a supply point is going to be cut (会不会停水), as things stand on a day.

    A deferral that has run out or whose condition was broken protects nobody, whether the daily run has noted it
    yet or not. Four queries without a deferral, at most seven more with one; ``calendar``: the street's, where it is at hand.
    """
    notice = next(iter(_running(point.street_id, point)), None)
    if notice is None:
        return CutoffState(None)
    demands, deferrals = _demands(notice), _deferrals(notice)
    hang(notice, "demands", demands)
    hang(notice, "deferrals", deferrals)
    hang_conditions(deferrals)
    step, deferral, calendar = CutoffStep(notice.state), None, calendar or workday_calendar(point.street_id)
    conditions: list[ConditionNow] = []
    if step is CutoffStep.DEFERRED and deferrals:
        deferral = deferrals[0]
        verdict = verdicts(deferrals, on=on, calendar=calendar)[deferral.pk]
        conditions = conditions_now(deferral, verdict, on=on, calendar=calendar)
        if verdict.lapse is not None:
            step, deferral, conditions = CutoffStep.DEMANDED, None, []
    last_day = last_protected(deferral, calendar) if deferral else None
    return CutoffState(
        step=step,
        notice=notice,
        demanded_on=demands[-1].delivered_on if demands else None,
        spent=step is CutoffStep.DEMANDED and notice.served_at is not None,
        not_before_at=notice.not_before_at if step is CutoffStep.NOTICED else None,
        cut_at=notice.cut_at,
        restore_at=restore_at(notice, on=on),
        deferral=deferral,
        last_day=last_day,
        until_on=last_day + DAY if last_day else None,
        working_days_left=working_days_left(last_day + DAY, on, calendar) if last_day else 0,
        conditions=tuple(conditions),
    )


@prepared
def _running(street_id: int, point: SupplyPoint) -> CutoffNoticeQuerySet:
    rows = CutoffNotice.objects.filter(street=street_id, point=point).running()
    return rows.select_related("point", "street__trail_head").order_by("pk")[:1]


@prepared
def _demands(notice: CutoffNotice) -> QuerySet[Demand]:
    return Demand.objects.filter(notice=notice).order_by("delivered_on", "pk")


@prepared
def _deferrals(notice: CutoffNotice) -> QuerySet[Deferral]:
    return Deferral.objects.filter(notice=notice, state=DeferralState.RUNNING).select_related(*JUDGED_BY)


def hang_conditions(deferrals: Iterable[Deferral]) -> None:
    """Give deferrals their conditions in the order of their days; one query."""
    rows = list(deferrals)
    conditions_of = grouped((row.deferral_id, row) for row in _conditions([row.pk for row in rows]))
    for row in rows:
        hang(row, "conditions", conditions_of.get(row.pk, []))


@prepared
def _conditions(deferrals: list[int]) -> QuerySet[DeferralCondition]:
    return DeferralCondition.objects.filter(deferral__pk__in=deferrals).order_by("due_on", "pk")


def restore_at(notice: CutoffNotice, *, on: dt.date) -> dt.datetime | None:
    """When cut water must run again (恢复供水期限), as known at the end of a day; None while nothing asks for it."""
    if notice.state != CutoffStep.CUT:
        return None
    cut = cuts_of(notice.street, [notice.point], on=on).get(notice.point_id)
    if cut is None:
        return None
    return restore_due_at(paid_up_on=cut.paid_up_on, agreed_on=cut.agreed_on, hours=cut.hours)


def last_protected(deferral: Deferral, calendar: Calendar) -> dt.date:
    """The last day on which a deferral protects: a last day off moves to the next working day (Civil Code art. 203)."""
    return calendar.in_time_until(deferral.last_day)


def conditions_now(deferral: Deferral, verdict: Verdict, *, on: dt.date, calendar: Calendar) -> list[ConditionNow]:
    """How each condition of a deferral stands by its verdict of that day, the first due on top."""
    met = dict(verdict.met)
    rows = [(c, seen(c, calendar).due_on) for c in deferral.conditions.all()]
    return [ConditionNow(c, last_on, met.get(c.pk), c.pk not in met and on > last_on) for c, last_on in rows]


def seen(condition: DeferralCondition, calendar: Calendar) -> ConditionSeen:
    """A condition as the rules see it: its last day is a working day that no notice can still make a day off."""
    last_on = calendar.in_time_until(condition.due_on)
    return ConditionSeen(condition.pk, ConditionKind(condition.kind), last_on, condition.fen, condition.fulfilled_on)


#: What stands beside a deferral when it is judged.
JUDGED_BY = (
    "notice__point",
    "notice__street",
    "notice__case",
    "agreement__point",
    "agreement__street",
    "agreement__file",
)


def judgeable(rows: QuerySet[Deferral]) -> QuerySet[Deferral]:
    """Deferrals with all that ``verdicts`` asks of them."""
    conditions = DeferralCondition.objects.order_by("due_on", "pk")
    return rows.select_related(*JUDGED_BY).prefetch_related(Prefetch("conditions", conditions))


def verdicts(
    deferrals: Sequence[Deferral],
    *,
    on: dt.date,
    calendar: Calendar | None = None,
    flows: Mapping[int, Sequence[Flow]] | None = None,
) -> dict[int, Verdict]:
    """Whether each of these deferrals of one street holds at the end of a day, by key; eight queries at most.

    Conditions about money and agreements are told from the ledger. Needs what ``judgeable`` loads. ``flows``: of that
    day, by book, where they are at hand; those of the utility will do.
    """
    if not deferrals:
        return {}
    if flows is None:
        flows = utility_flows(deferrals[0].notice.street, [d.notice.point.book_id for d in deferrals], on=on)
    broken = broken_on([d.agreement for d in deferrals if d.agreement is not None], on=on)
    calendar = calendar or workday_calendar(deferrals[0].street_id)
    return {
        d.pk: judge_deferral(
            from_on=d.from_on,
            until_on=last_protected(d, calendar) + DAY,
            conditions=[seen(c, calendar) for c in d.conditions.all()],
            flows=flows.get(d.notice.point.book_id, []),
            on=on,
            breached_on=broken.get(d.agreement_id) if d.agreement_id else None,
        )
        for d in deferrals
    }


def awaits_consent(agreement: Agreement, *, on: dt.date) -> Deferral | None:
    """The deferral that an agreement in force could keep, had the utility agreed to that (待水务公司同意).

    None where the deferral has ended by itself meanwhile. One query where there is none, else those of ``verdicts``.
    """
    if agreement.state != AgreementState.PERFORMING:
        return None
    rows = Deferral.objects.filter(street=agreement.street_id, notice__point=agreement.point_id, until_on__gt=on)
    other = ~Q(agreement=agreement.pk) | Q(agreement__isnull=True)
    found = judgeable(rows.filter(other, state=DeferralState.RUNNING)).first()
    return None if found is None or verdicts([found], on=on)[found.pk].lapse else found


def agreement_to_keep(deferral: Deferral) -> Agreement | None:
    """The agreement in force over the meter of a deferral that does not rest on it yet."""
    street, point = deferral.notice.street, deferral.notice.point
    rows = agreements_of(street, point=point).filter(state=AgreementState.PERFORMING).select_related("street")
    return next((row for row in rows if row.pk != deferral.agreement_id), None)


def running_notice(point: SupplyPoint) -> CutoffNotice | None:
    """The procedure that runs at a supply point, if any."""
    return CutoffNotice.objects.filter(street=point.street_id, point=point).running().first()


def last_ended_on(point: SupplyPoint) -> dt.date | None:
    """The day the last procedure of a supply point ended: what was demanded before belongs to that one."""
    rows = CutoffNotice.objects.filter(street=point.street_id, point=point)
    ended_at: dt.datetime | None = rows.aggregate(last=Max("ended_at"))["last"]
    return day_of(ended_at) if ended_at else None


def deferral_ended_at(notice: CutoffNotice) -> dt.datetime | None:
    """When the last deferral of a procedure was written down as ended, however it ended; None if none was or one runs."""
    rows = Deferral.objects.filter(street=notice.street_id, notice=notice)
    ended_at: dt.datetime | None = rows.aggregate(last=Max("ended_at"))["last"]
    return ended_at


class Demanded(NamedTuple):
    """The demand that a notice rests on: delivered on a day, with a term of so many days."""

    on: dt.date
    term_days: int


def term_of(table: ThresholdTable, delivered_on: dt.date, recorded_at: dt.datetime) -> int:
    """How many days of term a demand gave: what held when it was delivered, as it was known when that was written down, so that
    no later word makes a running term shorter."""
    return table.on(delivered_on, known_at=recorded_at)[ThresholdKind.DEMAND_TERM_DAYS]


def demanded_on(notice: CutoffNotice, *, served_on: dt.date, table: ThresholdTable, calendar: Calendar) -> Demanded:
    """The demand that a notice served on a day rests on: the last one whose term was over by then, else the first."""
    rows = Demand.objects.filter(street=notice.street_id, notice=notice).order_by("delivered_on", "pk")
    days = [Demanded(day, term_of(table, day, at)) for day, at in rows.values_list("delivered_on", "recorded_at")]
    over = [demand for demand in days if term_ends_on(*demand, calendar) < served_on]
    return over[-1] if over else days[0]


@dataclass(frozen=True, slots=True)
class RunningDeferral:
    """A deferral for the board: how many working days are left up to and including ``last_day``.

    ``broken_on`` is the day it stopped protecting, though the daily watch has not written that down yet.
    """

    deferral: Deferral
    point: SupplyPoint
    working_days_left: int
    last_day: dt.date
    conditions: tuple[DeferralCondition, ...]
    broken_on: dt.date | None


def running_deferrals(
    street: Street, *, on: dt.date, calendar: Calendar, paths: Iterable[str] = ("",)
) -> list[RunningDeferral]:
    """The deferrals whose end has not come, broken ones on top, then the one that ends first.

    Two queries, and those of ``verdicts`` where one may be broken: it stands on an agreement or a condition is late.
    """
    running = Deferral.objects.filter(path_filter("notice__point__place__path", paths), street=street).filter(
        state=DeferralState.RUNNING
    )
    ends = {d: last_protected(d, calendar) for d in judgeable(running).order_by("until_on", "pk")}
    rows = [d for d, last_day in ends.items() if last_day >= on]
    late = [
        d
        for d in rows
        if d.agreement_id
        or any(c.fulfilled_on is None and calendar.has_passed(c.due_on, on) for c in d.conditions.all())
    ]
    judged = verdicts(late, on=on, calendar=calendar)
    found = [
        RunningDeferral(
            deferral=d,
            point=d.notice.point,
            working_days_left=working_days_left(ends[d] + DAY, on, calendar),
            last_day=ends[d],
            conditions=tuple(d.conditions.all()),
            broken_on=judged[d.pk].lapsed_on if d.pk in judged else None,
        )
        for d in rows
    ]
    return sorted(found, key=lambda d: d.broken_on is None)


@dataclass(frozen=True, slots=True)
class Watched:
    """What a day's watch found: deferrals that lapsed, those that end within the warning's working days."""

    lapsed: list[Deferral] = field(default_factory=list)
    ending: list[Deferral] = field(default_factory=list)


def cut_facts(notice: CutoffNotice, *, cut_at: dt.datetime) -> dict[str, Any]:
    """What ``rules.check_cut`` asks of a procedure at an instant: the page that greys its button and the act ask alike."""
    on, asked_on = day_of(cut_at), None
    if notice.served_at:
        table, calendar = threshold_table(notice.street), workday_calendar(notice.street_id)
        asked_on = demanded_on(notice, served_on=day_of(notice.served_at), table=table, calendar=calendar).on
    affected = notice.affected_units
    return {
        "state": CutoffStep(notice.state),
        "served_at": notice.served_at,
        "deferral_ended_at": deferral_ended_at(notice),
        "not_before_at": notice.not_before_at,
        "cut_at": cut_at,
        "demanded_fen": overdue_fen(notice.point, on=on, demanded_on=asked_on) if asked_on else 0,
        "affected": affected,
        "unlisted": {a.code for a in affected_units(notice.point, on=on)} - {a.code for a in affected},
        "filing": notice.filing,
    }


def notice_facts(notice: CutoffNotice, *, served_at: dt.datetime) -> dict[str, Any]:
    """What ``rules.check_notice`` asks of a procedure at an instant but for proof and filing: paper and act ask alike."""
    table, on, calendar = threshold_table(notice.street), day_of(served_at), workday_calendar(notice.street_id)
    asked_on, term_days = demanded_on(notice, served_on=on, table=table, calendar=calendar)
    return {
        "demanded_fen": overdue_fen(notice.point, on=on, demanded_on=asked_on),
        "delivered_on": asked_on,
        "term_days": term_days,
        "calendar": calendar,
        "served_at": served_at,
        "since": max((t for t in (notice.served_at, deferral_ended_at(notice)) if t), default=None),
        "affected": affected_units(notice.point, on=on),
    }


def affected_units(point: SupplyPoint, *, on: dt.date) -> list[Affected]:
    """The units a cut on a day would leave without water (受影响商铺), by code."""
    rows = (
        Connection.objects.filter(street=point.street_id, point=point, from_on__lte=on)
        .filter(not_over(on))
        .order_by("unit__code")
        .values_list("unit__code", "unit__name", "unit__use")
    )
    return [Affected(code, name, use, use in SENSITIVE_USES) for code, name, use in rows]


def affected_by(notice: CutoffNotice, *, on: dt.date) -> list[Affected]:
    """Whom a procedure concerns: as listed in its notice, before that as connected on a day."""
    return notice.affected_units or affected_units(notice.point, on=on)


def payable_fen(notice: CutoffNotice, *, on: dt.date) -> int:
    """What the utility is owed at the end of a day, confirmed, in fen."""
    book = notice.point.book_id
    return payable_on(flows_of(notice.street, [book], on=on).get(book, []), on)


class Threatened(NamedTuple):
    """Where water was threatened, in sums: the part of the grid, what is owed in fen, how many shops, how it stood then."""

    place: str
    payable: int
    shops: int
    state_label: str
    last_on: dt.date | None


def threatened_between(street: Street, first: dt.date, last: dt.date) -> list[Threatened]:
    """The procedures that ran between two days, the most owed first, as they stood at the end of the last one; five queries."""
    rows = CutoffNotice.objects.filter(street=street, opened_on__lte=last)
    ran = rows.filter(Q(ended_at__isnull=True) | Q(ended_at__gte=start_of(first)))
    notices = list(ran.select_related("point__place", "point__book"))
    books = [notice.point.book_id for notice in notices]
    flows = flows_of(street, books, on=last) if books else {}
    behind = Counter(
        Connection.objects.filter(street=street, point__in=[n.point_id for n in notices])
        .on(last)
        .values_list("point", flat=True)
    )
    put_off = defaultdict[int, list[PutOff]](list)
    for d in Deferral.objects.filter(street=street, notice__in=notices):
        put_off[d.notice_id].append(PutOff(d.from_on, d.until_on, _day(d.ended_at)))
    found = []
    for n in notices:
        passed = Passed(_day(n.served_at), _day(n.cut_at), _day(n.restored_at), _day(n.ended_at), tuple(put_off[n.pk]))
        step, until_on = stood_on(last, passed, now=CutoffStep(n.state))
        found.append(
            Threatened(
                n.point.place.name if n.point.place else "", max(0, payable_on(flows.get(n.point.book_id, []), last)),
                behind[n.point_id], str(step.label), until_on - DAY if until_on else None,
            )
        )  # fmt: skip
    return sorted(found, key=lambda one: -one.payable)


def _day(instant: dt.datetime | None) -> dt.date | None:
    return day_of(instant) if instant else None


def notices_of(street: Street, *, paths: Iterable[str] = ("",)) -> CutoffNoticeQuerySet:
    """Every cut-off procedure of these parts of a street, newest first; narrow with ``running``."""
    return (
        CutoffNotice.objects.filter(path_filter("point__place__path", paths), street=street)
        .select_related("point", "case", "street__trail_head")
        .prefetch_related("demands", "deferrals__conditions")
        .order_by("-opened_on", "-pk")
    )
