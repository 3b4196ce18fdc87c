"""Will my water be cut? Which deferrals end soon? Whom would a cut affect?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db.models import Max, Prefetch, Q, QuerySet

from hege.arrears.cutoff.rules import (
    SENSITIVE_USES,
    Affected,
    ConditionKind,
    ConditionSeen,
    CutoffStep,
    DeferralState,
    Verdict,
    after_lapse,
    judge_deferral,
    working_days_left,
)
from hege.arrears.models import CutoffNotice, CutoffNoticeQuerySet, Deferral, DeferralCondition, Demand
from hege.arrears.queries import flows_of, thresholds_of
from hege.arrears.rules import ThresholdKind
from hege.kernel.calendar import DAY, IsWorkday, last_day_of
from hege.kernel.clock import day_of
from hege.mediation.models import Agreement
from hege.mediation.queries import agreements_of, broken_on
from hege.mediation.rules import AgreementState
from hege.metering.models import Connection, SupplyPoint
from hege.people.models import Street
from hege.places.queries import path_filter, workday_calendar


@dataclass(frozen=True, slots=True)
class CutoffState:
    """What a shop keeper is told: ``step`` None means that no cut has been announced.

    ``last_day`` is the last protected day of a deferral, ``until_on`` the day after it.
    """

    step: CutoffStep | None
    notice: CutoffNotice | None = None
    demanded_on: dt.date | None = None
    not_before_at: dt.datetime | None = None
    cut_at: dt.datetime | None = None
    deferral: Deferral | None = None
    last_day: dt.date | None = None
    until_on: dt.date | None = None
    working_days_left: int = 0
    conditions: tuple[DeferralCondition, ...] = ()


def cutoff_state(point: SupplyPoint, *, on: dt.date) -> CutoffState:
    """Whether the water of a supply point is going to be cut (会不会停水), as things stand on a day.

    A deferral that has run out or whose condition was broken protects nobody, whether the daily run has noted it
    yet or not. Four queries without a deferral, at most seven more with one.
    """
    notice = (
        _running(CutoffNotice.objects.filter(street=point.street_id, point=point))
        .select_related("point", "street")
        .prefetch_related(
            Prefetch("demands", Demand.objects.order_by("delivered_on", "pk")),
            Prefetch("deferrals", judgeable(Deferral.objects.filter(state=DeferralState.RUNNING))),
        )
        .first()
    )
    if notice is None:
        return CutoffState(None)
    demands, deferrals = list(notice.demands.all()), list(notice.deferrals.all())
    step, not_before_at, deferral, left = CutoffStep(notice.state), notice.not_before_at, None, 0
    if step is CutoffStep.DEFERRED and deferrals:
        deferral, is_workday = deferrals[0], workday_calendar(point.street_id)
        left = working_days_left(deferral.until_on, on, is_workday)
        if verdicts(deferrals, on=on, is_workday=is_workday)[deferral.pk].lapse is not None:
            # The notice's term starts anew when the lapse is written down: today at the earliest.
            hours = thresholds_of(notice.street)[ThresholdKind.NOTICE_HOURS]
            not_before_at = after_lapse(not_before_at, on, hours)
            step, deferral, left = CutoffStep.NOTICED, None, 0
    return CutoffState(
        step=step,
        notice=notice,
        demanded_on=demands[-1].delivered_on if demands else None,
        not_before_at=not_before_at,
        cut_at=notice.cut_at,
        deferral=deferral,
        last_day=deferral.last_day if deferral else None,
        until_on=deferral.until_on if deferral else None,
        working_days_left=left,
        conditions=tuple(deferral.conditions.all()) if deferral else (),
    )


def seen(condition: DeferralCondition, is_workday: IsWorkday) -> ConditionSeen:
    """A condition as the rules see it: its last day is a working day."""
    last_on = last_day_of(condition.due_on, is_workday)
    return ConditionSeen(condition.pk, ConditionKind(condition.kind), last_on, condition.fen, condition.fulfilled_on)


def judgeable(rows: QuerySet[Deferral]) -> QuerySet[Deferral]:
    """Deferrals with all that ``verdicts`` asks of them."""
    return rows.select_related(
        "notice__point", "notice__street", "notice__case", "agreement__point", "agreement__street"
    ).prefetch_related(Prefetch("conditions", DeferralCondition.objects.order_by("due_on", "pk")))


def verdicts(deferrals: Sequence[Deferral], *, on: dt.date, is_workday: IsWorkday | None = None) -> dict[int, Verdict]:
    """Whether each of these deferrals of one street holds at the end of a day, by key; seven queries at most.

    Conditions about money and agreements are told from the ledger. Needs what ``judgeable`` loads.
    """
    if not deferrals:
        return {}
    flows = flows_of(deferrals[0].notice.street, [d.notice.point.book_id for d in deferrals], on=on)
    broken = broken_on([d.agreement for d in deferrals if d.agreement is not None], on=on)
    is_workday = is_workday or workday_calendar(deferrals[0].street_id)
    return {
        d.pk: judge_deferral(
            from_on=d.from_on,
            until_on=d.until_on,
            conditions=[seen(c, is_workday) for c in d.conditions.all()],
            flows=flows.get(d.notice.point.book_id, []),
            on=on,
            breached_on=broken.get(d.agreement_id) if d.agreement_id else None,
        )
        for d in deferrals
    }


def _running(rows: QuerySet[CutoffNotice]) -> QuerySet[CutoffNotice]:
    assert isinstance(rows, CutoffNoticeQuerySet)
    return rows.running()


def awaits_consent(agreement: Agreement, *, on: dt.date) -> Deferral | None:
    """The deferral that an agreement in force could keep, had the utility agreed to that (待水务公司同意); one query."""
    if agreement.state != AgreementState.PERFORMING:
        return None
    rows = Deferral.objects.filter(street=agreement.street_id, notice__point=agreement.point_id, until_on__gt=on)
    other = ~Q(agreement=agreement.pk) | Q(agreement__isnull=True)
    return rows.filter(other, state=DeferralState.RUNNING).select_related("notice").first()


def agreement_to_keep(deferral: Deferral) -> Agreement | None:
    """The agreement in force over the meter of a deferral that does not rest on it yet."""
    rows = agreements_of(deferral.street, point=deferral.notice.point).filter(state=AgreementState.PERFORMING)
    return next((row for row in rows if row.pk != deferral.agreement_id), None)


def running_notice(point: SupplyPoint) -> CutoffNotice | None:
    """The procedure that runs at a supply point, if any."""
    return _running(CutoffNotice.objects.filter(street=point.street_id, point=point)).first()


def last_ended_on(point: SupplyPoint) -> dt.date | None:
    """The day the last procedure of a supply point ended: what was demanded before belongs to that one."""
    rows = CutoffNotice.objects.filter(street=point.street_id, point=point)
    ended_at: dt.datetime | None = rows.aggregate(last=Max("ended_at"))["last"]
    return day_of(ended_at) if ended_at else None


def protected_until(notice: CutoffNotice) -> dt.datetime | None:
    """When the last notice was served or the last deferral ended: a new notice is served after both."""
    ended_at = Deferral.objects.filter(street=notice.street_id, notice=notice).aggregate(last=Max("ended_at"))["last"]
    return max((at for at in (notice.served_at, ended_at) if at), default=None)


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
    street: Street, *, on: dt.date, is_workday: IsWorkday, paths: Iterable[str] = ("",)
) -> list[RunningDeferral]:
    """The deferrals whose end has not come, broken ones on top, then the one that ends first.

    Two queries, and those of ``verdicts`` where one may be broken: it stands on an agreement or a condition is late.
    """
    running = Deferral.objects.filter(path_filter("notice__point__place__path", paths), street=street).filter(
        state=DeferralState.RUNNING, until_on__gt=on
    )
    rows = list(judgeable(running).order_by("until_on", "pk"))
    late = [
        d for d in rows if d.agreement_id or any(c.fulfilled_on is None and c.due_on < on for c in d.conditions.all())
    ]
    judged = verdicts(late, on=on, is_workday=is_workday)
    found = [
        RunningDeferral(
            deferral=d,
            point=d.notice.point,
            working_days_left=working_days_left(d.until_on, on, is_workday),
            last_day=d.until_on - DAY,
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


def affected_units(point: SupplyPoint, *, on: dt.date) -> list[Affected]:
    """The units a cut on a day would leave without water (受影响商铺), by code."""
    rows = (
        Connection.objects.filter(street=point.street_id, point=point, from_on__lte=on)
        .filter(Q(until_on__isnull=True) | Q(until_on__gt=on))
        .order_by("unit__code")
        .values_list("unit__code", "unit__name", "unit__use")
    )
    return [Affected(code, name, use, use in SENSITIVE_USES) for code, name, use in rows]


def notices_of(street: Street, *, paths: Iterable[str] = ("",)) -> QuerySet[CutoffNotice]:
    """Every cut-off procedure of these parts of a street, newest first; narrow with ``running``."""
    return (
        CutoffNotice.objects.filter(path_filter("point__place__path", paths), street=street)
        .select_related("point", "case", "street")
        .prefetch_related("demands", "deferrals__conditions")
        .order_by("-opened_on", "-pk")
    )
