"""The steps of a cut-off procedure. Each asks its rule first; each stands on the trail and in the case, if there is one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hege.arrears.cutoff.queries import affected_units, running_notice
from hege.arrears.cutoff.rules import (
    ConditionDraft,
    ConditionKind,
    ConditionSeen,
    CutoffStep,
    DeferralState,
    Delivery,
    LapseReason,
    after_lapse,
    check_clear,
    check_cut,
    check_deferral,
    check_deferral_move,
    check_demand,
    check_fulfil,
    check_notice,
    check_step,
    judge_deferral,
    not_before,
    working_days_left,
)
from hege.arrears.early_warning.queries import overdue_fen
from hege.arrears.models import CutoffNotice, Deferral, DeferralCondition, Demand
from hege.arrears.queries import flows_of, thresholds_of
from hege.arrears.rules import ThresholdKind, payable_on
from hege.cases.actions import add_line
from hege.cases.models import Case
from hege.cases.rules import LineKind
from hege.kernel.calendar import DAY
from hege.kernel.clock import day_of
from hege.kernel.refused import Refused, Stale
from hege.mediation.models import Agreement
from hege.mediation.queries import breached, instalments_of
from hege.metering.models import SupplyPoint
from hege.people.models import Street, User
from hege.places.queries import workday_calendar
from hege.trail import actions as trail


def _lock(notice: CutoffNotice, version: int | None = None) -> CutoffNotice:
    locked = (
        CutoffNotice.objects.select_for_update(of=("self",))
        .select_related("street", "point", "case")
        .get(street=notice.street_id, pk=notice.pk)
    )
    if version is not None and version != locked.version:
        raise Stale(_("停水程序刚被别人改动，请刷新后再办。"))
    return locked


def _move(
    notice: CutoffNotice,
    to: CutoffStep,
    verb: str,
    text: str | Promise,
    *,
    by: User | None,
    at: dt.datetime,
    **data: Any,
) -> CutoffNotice:
    """Take a step: save it, and tell it on the trail and in the case."""
    check_step(CutoffStep(notice.state), to)
    notice.state, notice.version = to, notice.version + 1
    notice.save()
    _tell(notice, verb, text, by=by, at=at, **data)
    return notice


def _tell(
    notice: CutoffNotice, verb: str, text: str | Promise, *, by: User | None, at: dt.datetime, **data: Any
) -> None:
    if notice.case is not None:
        add_line(notice.case, kind=LineKind.CUTOFF, text=str(text), by=by, at=at)
    trail.record(verb, notice, street=notice.street, by=by, at=at, point=notice.point.code, **data)


@transaction.atomic
def demand_payment(
    point: SupplyPoint,
    *,
    how: Delivery,
    proof: str,
    delivered_on: dt.date,
    case: Case | None = None,
    by: User | None,
    at: dt.datetime,
) -> Demand:
    """Record a demand for what is overdue (催缴): opens the procedure, or adds a second demand to it."""
    today = day_of(at)
    overdue = overdue_fen(point, on=delivered_on)
    check_demand(overdue_fen=overdue, proof=proof, delivered_on=delivered_on, today=today)
    if case is not None and case.street_id != point.street_id:
        raise ValueError("a case of another street")
    SupplyPoint.objects.select_for_update(no_key=True).get(street=point.street_id, pk=point.pk)
    notice = running_notice(point)
    if notice is None:
        notice = CutoffNotice.objects.create(street=point.street, point=point, case=case, opened_on=delivered_on)
    else:
        notice = _lock(notice)
        if notice.case is None and case is not None:  # the first demand came before the case
            notice.case = case
            notice.save(update_fields=["case"])
        if notice.state != CutoffStep.DEMANDED:
            raise Refused(_("停水程序现在是“%(state)s”，不用再催缴。") % {"state": notice.get_state_display()})
    demand = Demand.objects.create(
        street=point.street,
        notice=notice,
        overdue_fen=overdue,
        how=how,
        proof=proof.strip(),
        delivered_on=delivered_on,
        recorded_at=at,
        by=by,
    )
    text = _("催缴已送达（%(how)s，%(day)s）。") % {"how": how.label, "day": delivered_on.isoformat()}
    _tell(notice, "demand_payment", text, by=by, at=at, overdue_fen=overdue, how=how.value, delivered_on=delivered_on)
    return demand


@transaction.atomic
def give_notice(
    notice: CutoffNotice,
    *,
    how: Delivery,
    proof: str,
    served_at: dt.datetime,
    filing: str = "",
    not_before_at: dt.datetime | None = None,
    version: int | None = None,
    by: User | None,
    at: dt.datetime,
) -> CutoffNotice:
    """Record the written cut-off notice (停水通知) and freeze whom it affects. ``not_before_at`` may only be later."""
    locked = _lock(notice, version)
    if locked.state == CutoffStep.DEFERRED:  # a deferral leads back to its notice by lapsing, never by a new notice
        raise Refused(_("正在暂缓停水，不能再发停水通知。"))
    check_step(CutoffStep(locked.state), CutoffStep.NOTICED)
    terms, day = thresholds_of(locked.street), day_of(served_at)
    affected = affected_units(locked.point, on=day)
    first = Demand.objects.filter(street=locked.street_id, notice=locked).order_by("delivered_on", "pk").first()
    assert first is not None
    check_notice(
        overdue_fen=overdue_fen(locked.point, on=day),
        delivered_on=first.delivered_on,
        term_days=terms[ThresholdKind.DEMAND_TERM_DAYS],
        is_workday=workday_calendar(),
        served_at=served_at,
        at=at,
        proof=proof,
        affected=affected,
        filing=filing,
    )
    earliest = not_before(served_at, terms[ThresholdKind.NOTICE_HOURS])
    if not_before_at is not None and not_before_at < earliest:
        raise Refused(
            _("停水前至少要提前 %(hours)d 小时书面通知。") % {"hours": terms[ThresholdKind.NOTICE_HOURS]},
            field="not_before_at",
        )
    locked.served_at, locked.served_how, locked.served_proof = served_at, how, proof.strip()
    locked.filing, locked.not_before_at = filing.strip(), not_before_at or earliest
    locked.affected = [a._asdict() for a in affected]
    return _move(
        locked, CutoffStep.NOTICED, "give_notice", _("停水通知已书面送达（%(how)s）。") % {"how": how.label},
        by=by, at=at, not_before_at=locked.not_before_at, filing=locked.filing, affected=[a.code for a in affected],
    )  # fmt: skip


@transaction.atomic
def defer_cutoff(
    notice: CutoffNotice,
    *,
    until: dt.date,
    conditions: Sequence[ConditionDraft],
    decision: str = "",
    version: int | None = None,
    by: User | None,
    at: dt.datetime,
) -> Deferral:
    """Put the cut off on conditions (暂缓停水) until a day, half-open: ``until`` is the first day without protection."""
    locked = _lock(notice, version)
    today = day_of(at)
    check_step(CutoffStep(locked.state), CutoffStep.DEFERRED)
    check_deferral(today=today, until_on=until, conditions=conditions)
    deferral = _open_deferral(locked, from_on=today, until=until, conditions=conditions, decision=decision)
    text = _("暂缓停水至 %(day)s，条件 %(n)d 项。") % {"day": deferral.last_day.isoformat(), "n": len(conditions)}
    _move(
        locked, CutoffStep.DEFERRED, "defer_cutoff", text, by=by, at=at, until=until, decision=decision,
        conditions=[c._asdict() for c in conditions],
    )  # fmt: skip
    return deferral


def _open_deferral(
    notice: CutoffNotice,
    *,
    from_on: dt.date,
    until: dt.date,
    conditions: Sequence[ConditionDraft],
    decision: str,
    renews: Deferral | None = None,
) -> Deferral:
    deferral = Deferral.objects.create(
        street=notice.street,
        notice=notice,
        from_on=from_on,
        until_on=until,
        renews=renews,
        renewals=renews.renewals + 1 if renews else 0,
        decision=decision.strip()[:300],
    )
    DeferralCondition.objects.bulk_create(
        DeferralCondition(
            street=notice.street,
            deferral=deferral,
            kind=c.kind,
            fen=None if c.kind is ConditionKind.OTHER else c.fen,
            text=c.text.strip(),
            due_on=c.due_on,
        )
        for c in conditions
    )
    return deferral


def _lock_deferral(deferral: Deferral, to: DeferralState) -> tuple[CutoffNotice, Deferral]:
    """Lock the procedure, then its deferral; refuse a move of one that no longer runs."""
    notice = _lock(deferral.notice)
    locked = Deferral.objects.select_for_update().get(street=deferral.street_id, pk=deferral.pk)
    check_deferral_move(DeferralState(locked.state), to)
    return notice, locked


@transaction.atomic
def fulfil_condition(
    condition: DeferralCondition, *, on: dt.date, evidence: str, by: User | None, at: dt.datetime
) -> DeferralCondition:
    """Record that a condition in words has been met (达成条件), by a document. Money ones are refused here."""
    notice = _lock(condition.deferral.notice)
    locked = DeferralCondition.objects.select_for_update().get(street=condition.street_id, pk=condition.pk)
    if locked.fulfilled_on is not None:
        raise Refused(_("这项条件已经达成。"))
    check_fulfil(ConditionKind(locked.kind), evidence=evidence, on=on, due_on=locked.due_on, today=day_of(at))
    locked.fulfilled_on, locked.fulfilled_at, locked.evidence = on, at, evidence.strip()[:300]
    locked.save(update_fields=["fulfilled_on", "fulfilled_at", "evidence"])
    text = _("暂缓条件已达成：%(text)s") % {"text": locked.text}
    _tell(notice, "fulfil_condition", text, by=by, at=at, condition=locked.pk, on=on, evidence=locked.evidence)
    return locked


@transaction.atomic
def renew_deferral(
    deferral: Deferral,
    *,
    until: dt.date,
    conditions: Sequence[ConditionDraft],
    decision: str = "",
    by: User | None,
    at: dt.datetime,
) -> Deferral:
    """Follow a running deferral by another one (续期); counts how often. One that has run out cannot be renewed."""
    notice, old = _lock_deferral(deferral, DeferralState.RENEWED)
    today = day_of(at)
    if today >= old.until_on:
        raise Refused(_("这次暂缓已经到期，不能续期；请重新办理暂缓。"))
    check_deferral(today=today, until_on=until, conditions=conditions, from_on=old.from_on)
    old.state, old.ended_at = DeferralState.RENEWED, at
    old.save(update_fields=["state", "ended_at"])
    new = _open_deferral(notice, from_on=today, until=until, conditions=conditions, decision=decision, renews=old)
    notice.version += 1
    notice.save(update_fields=["version"])
    text = _("暂缓停水续期至 %(day)s（第 %(n)d 次）。") % {"day": new.last_day.isoformat(), "n": new.renewals}
    _tell(
        notice, "renew_deferral", text, by=by, at=at, until=until, renewals=new.renewals, decision=decision,
        conditions=[c._asdict() for c in conditions],
    )  # fmt: skip
    return new


@transaction.atomic
def clear_deferral(deferral: Deferral, *, reason: str = "", by: User | None, at: dt.datetime) -> Deferral:
    """Lift a deferral for good (解除): nothing confirmed is owed any more, or an agreement stands over the debt."""
    notice, locked = _lock_deferral(deferral, DeferralState.CLEARED)
    stands = locked.agreement is not None and not breached(locked.agreement, day_of(at))
    _clear(notice, "clear_deferral", reason=reason, agreement_stands=stands, by=by, at=at)
    locked.state, locked.ended_at = DeferralState.CLEARED, at
    locked.save(update_fields=["state", "ended_at"])
    return locked


@transaction.atomic
def clear_notice(
    notice: CutoffNotice, *, reason: str = "", version: int | None = None, by: User | None, at: dt.datetime
) -> CutoffNotice:
    """End a procedure that came to demand or notice only, because nothing confirmed is owed any more (结清)."""
    locked = _lock(notice, version)
    if locked.state == CutoffStep.DEFERRED:
        raise Refused(_("正在暂缓，请办理解除暂缓。"))
    _clear(locked, "clear_notice", reason=reason, agreement_stands=False, by=by, at=at)
    return locked


def _clear(
    notice: CutoffNotice, verb: str, *, reason: str, agreement_stands: bool, by: User | None, at: dt.datetime
) -> None:
    today = day_of(at)
    owed = payable_on(flows_of(notice.street, [notice.point.book_id], on=today).get(notice.point.book_id, []), today)
    check_clear(payable_fen=owed, agreement_stands=agreement_stands)
    notice.ended_at, notice.ended_reason = at, reason.strip()[:300]
    _move(
        notice, CutoffStep.CLEARED, verb, _("停水程序已结清，不再停水。"), by=by, at=at,
        payable_fen=owed, reason=notice.ended_reason, agreement_stands=agreement_stands,
    )  # fmt: skip


@transaction.atomic
def withdraw_notice(
    notice: CutoffNotice, *, reason: str, version: int | None = None, by: User | None, at: dt.datetime
) -> CutoffNotice:
    """Take a demand or notice back (撤回), with the reason."""
    if not reason.strip():
        raise Refused(_("请写明撤回的理由。"), field="reason")
    locked = _lock(notice, version)
    locked.ended_at, locked.ended_reason = at, reason.strip()[:300]
    return _move(
        locked, CutoffStep.WITHDRAWN, "withdraw_notice", _("停水程序已撤回。"), by=by, at=at, reason=reason.strip()
    )


@transaction.atomic
def cut_water(
    notice: CutoffNotice, *, cut_at: dt.datetime, version: int | None = None, by: User | None, at: dt.datetime
) -> CutoffNotice:
    """Record that the utility has cut the water (停水). Refused before the notice has run out, or when nothing is overdue."""
    locked = _lock(notice, version)
    affected = locked.affected_units
    behind = {a.code for a in affected_units(locked.point, on=day_of(cut_at))}
    check_cut(
        state=CutoffStep(locked.state),
        not_before_at=locked.not_before_at,
        cut_at=cut_at,
        at=at,
        overdue_fen=overdue_fen(locked.point, on=day_of(cut_at)),
        affected=affected,
        unlisted=behind - {a.code for a in affected},
        filing=locked.filing,
    )
    locked.cut_at = cut_at
    return _move(locked, CutoffStep.CUT, "cut_water", _("已停水。"), by=by, at=at, cut_at=cut_at)


@transaction.atomic
def restore_water(
    notice: CutoffNotice, *, restored_at: dt.datetime, version: int | None = None, by: User | None, at: dt.datetime
) -> CutoffNotice:
    """Record that water runs again (恢复供水); the office's own term is 24 hours after payment."""
    locked = _lock(notice, version)
    if locked.cut_at is None or restored_at < locked.cut_at or restored_at > at:
        raise Refused(_("恢复供水的时间要在停水之后、不晚于现在。"), field="restored_at")
    locked.restored_at, locked.ended_at = restored_at, at
    return _move(locked, CutoffStep.RESTORED, "restore_water", _("已恢复供水。"), by=by, at=at, restored_at=restored_at)


@dataclass(frozen=True, slots=True)
class Watched:
    """What a day's watch found: deferrals that lapsed, those that end within the warning's working days."""

    lapsed: list[Deferral] = field(default_factory=list)
    ending: list[Deferral] = field(default_factory=list)


@transaction.atomic
def watch_deferrals(street: Street, *, on: dt.date, by: User | None, at: dt.datetime) -> Watched:
    """Look at every running deferral of a street once a day (每日核对). Idempotent.

    A broken condition or the end lets it lapse by itself; money conditions count confirmed ledger payments
    only. Answers those that end within three working days (threshold), so that people are told in time.
    """
    # Procedures first, then their deferrals: the order every action locks in.
    deferred = CutoffNotice.objects.filter(street=street, state=CutoffStep.DEFERRED)
    list(deferred.select_for_update().order_by("pk").values_list("pk"))
    rows = list(
        Deferral.objects.select_for_update(of=("self",))
        .filter(street=street, state=DeferralState.RUNNING)
        .select_related("notice__point", "notice__street", "notice__case", "agreement__point", "agreement__street")
        .prefetch_related("conditions")
        .order_by("pk")
    )
    terms, is_workday = thresholds_of(street), workday_calendar()
    flows = flows_of(street, [d.notice.point.book_id for d in rows], on=on) if rows else {}
    broken_on = _broken_on([d.agreement for d in rows if d.agreement is not None], on=on)
    watched = Watched()
    for deferral in rows:
        conditions = {c.pk: c for c in deferral.conditions.all()}
        verdict = judge_deferral(
            from_on=deferral.from_on,
            until_on=deferral.until_on,
            conditions=[
                ConditionSeen(c.pk, ConditionKind(c.kind), c.due_on, c.fen, c.fulfilled_on) for c in conditions.values()
            ],
            flows=flows.get(deferral.notice.point.book_id, []),
            on=on,
            breached_on=broken_on.get(deferral.agreement_id) if deferral.agreement_id else None,
        )
        for key, day in verdict.met:
            if conditions[key].fulfilled_on is None:
                _note_met(deferral, conditions[key], day, by=by, at=at)
        if verdict.lapse is not None and verdict.lapsed_on is not None:
            broken = conditions.get(verdict.broken_key) if verdict.broken_key else None
            hours = terms[ThresholdKind.NOTICE_HOURS]
            _lapse(deferral, verdict.lapse, verdict.lapsed_on, broken, on=on, hours=hours, by=by, at=at)
            watched.lapsed.append(deferral)
        elif working_days_left(deferral.until_on, on, is_workday) <= terms[ThresholdKind.DEFERRAL_WARNING_DAYS]:
            watched.ending.append(deferral)
    return watched


def _broken_on(agreements: Sequence[Agreement], *, on: dt.date) -> dict[int, dt.date]:
    """The first day each agreement was broken, by key: the day after its first late instalment was due."""
    if not agreements:
        return {}
    late = {pk: [r.due_on for r in rows if r.late] for pk, rows in instalments_of(agreements, on=on).items()}
    return {pk: min(days) + DAY for pk, days in late.items() if days}


@transaction.atomic
def keep_by_agreement(
    deferral: Deferral, *, agreement: Agreement, last_due_on: dt.date, by: User | None, at: dt.datetime
) -> Deferral:
    """An agreement stands, so the deferral stays (协议生效，暂缓继续): at least until the last instalment is due.

    From now on it also lapses when the agreement is broken. Its own conditions stay as they were agreed.
    """
    notice = _lock(deferral.notice)
    locked = Deferral.objects.select_for_update().get(street=deferral.street_id, pk=deferral.pk)
    if locked.state != DeferralState.RUNNING:
        raise Refused(_("这次暂缓“%(state)s”，不能再变动。") % {"state": locked.get_state_display()})
    if agreement.street_id != locked.street_id or agreement.point_id != notice.point_id:
        raise ValueError("an agreement over another supply point")
    before = locked.until_on
    locked.agreement, locked.until_on = agreement, max(before, last_due_on + DAY)
    locked.save(update_fields=["agreement", "until_on"])
    notice.version += 1
    notice.save(update_fields=["version"])
    text = _("调解协议生效，暂缓停水继续至 %(day)s。") % {"day": locked.last_day.isoformat()}
    _tell(
        notice, "keep_by_agreement", text, by=by, at=at, agreement=agreement.public_id,
        before=before, until=locked.until_on,
    )  # fmt: skip
    return locked


def _note_met(
    deferral: Deferral, condition: DeferralCondition, day: dt.date, *, by: User | None, at: dt.datetime
) -> None:
    """Keep the day a money condition was met by the ledger."""
    condition.fulfilled_on, condition.fulfilled_at, condition.evidence = day, at, str(_("账上已证实的缴款"))
    condition.save(update_fields=["fulfilled_on", "fulfilled_at", "evidence"])
    trail.record("meet_condition", deferral, street=deferral.street, by=by, at=at, condition=condition.pk, on=day)


def _lapse(
    deferral: Deferral,
    reason: LapseReason,
    lapsed_on: dt.date,
    broken: DeferralCondition | None,
    *,
    on: dt.date,
    hours: int,
    by: User | None,
    at: dt.datetime,
) -> None:
    """A deferral ends by itself (自动失效): back to the notice, whose term starts anew, because people must be told again."""
    notice = _lock(deferral.notice)
    deferral.state, deferral.lapsed_on, deferral.lapse_reason = DeferralState.LAPSED, lapsed_on, reason
    deferral.ended_at = at
    deferral.save(update_fields=["state", "lapsed_on", "lapse_reason", "ended_at"])
    notice.not_before_at = after_lapse(notice.not_before_at, on, hours)
    _move(
        notice, CutoffStep.NOTICED, "lapse_deferral", _("暂缓自动失效：%(why)s。") % {"why": reason.label},
        by=by, at=at, lapsed_on=lapsed_on, reason=reason.value, condition=broken.pk if broken else None,
        not_before_at=notice.not_before_at,
    )  # fmt: skip
