"""The steps of a cut-off procedure. Each asks its rule first; each stands on the trail and in the case, if there is one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hege.arrears.cutoff.models import CutoffNotice, Deferral, DeferralCondition, Demand, UtilityConsent
from hege.arrears.cutoff.queries import (
    JUDGED_BY,
    Watched,
    cut_facts,
    deferral_ended_at,
    hang_conditions,
    judgeable,
    last_ended_on,
    notice_facts,
    payable_fen,
    restore_at,
    running_notice,
    seen,
    verdicts,
)
from hege.arrears.cutoff.rules import (
    MONEY_CONDITIONS,
    ConditionDraft,
    ConditionKind,
    Consent,
    CutoffStep,
    DeferralState,
    Delivery,
    Verdict,
    check_agrees_to_restore,
    check_clear,
    check_consent,
    check_cut,
    check_deferrable,
    check_deferral,
    check_deferral_move,
    check_demand,
    check_fulfil,
    check_keeps,
    check_notice,
    check_noticing,
    check_step,
    not_before,
    notice_stands,
    working_days_left,
)
from hege.arrears.early_warning.queries import overdue_fen
from hege.arrears.queries import thresholds_of
from hege.arrears.rules import ThresholdKind
from hege.cases.actions import add_line
from hege.cases.models import Case
from hege.cases.rules import LineKind
from hege.kernel.calendar import DAY
from hege.kernel.checks import check_same_street, check_words
from hege.kernel.clock import day_of
from hege.kernel.committed_refusal import CommittedRefusal, commit_refusals
from hege.kernel.database import atomic
from hege.kernel.prepared import prepared
from hege.kernel.refused import Refused, Stale
from hege.kernel.saying import Saying, written
from hege.mediation.models import Agreement
from hege.mediation.queries import covered_fen, instalments
from hege.metering.models import SupplyPoint
from hege.people.models import Street, User
from hege.places.queries import workday_calendar
from hege.trail import actions as trail


def _lock(notice: CutoffNotice, version: int | None = None) -> CutoffNotice:
    locked = (
        CutoffNotice.objects.select_for_update(of=("self",))
        .select_related("street__trail_head", "point", "case")
        .get(street=notice.street_id, pk=notice.pk)
    )
    if version is not None and version != locked.version:
        raise Stale(_("停水程序刚被别人改动，请刷新后再办。"))
    return locked


def _move(
    notice: CutoffNotice,
    to: CutoffStep,
    verb: str,
    text: Promise | Saying,
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
    notice: CutoffNotice, verb: str, text: Promise | Saying, *, by: User | None, at: dt.datetime, **data: Any
) -> None:
    if notice.case is not None:
        add_line(notice.case, kind=LineKind.CUTOFF, text=text, by=by, at=at)
    trail.record(verb, notice, by=by, at=at, point=notice.point.code, **data)


@atomic
def demand_payment(
    point: SupplyPoint,
    *,
    how: Delivery,
    proof: str,
    delivered_on: dt.date,
    case: Case | None = None,
    version: int | None = None,
    by: User | None,
    at: dt.datetime,
) -> Demand:
    """Record a demand for what is overdue (催缴): opens the procedure, or adds a second demand to it.

    ``version`` is that of the running procedure, 0 where the page showed none.
    """
    overdue = overdue_fen(point, on=delivered_on)
    check_same_street(point.street_id, case)
    SupplyPoint.objects.select_for_update(no_key=True).get(street=point.street_id, pk=point.pk)
    notice = running_notice(point)
    if notice is not None:
        notice = _lock(notice, version)
    elif version:
        raise Stale(_("停水程序刚被别人改动，请刷新后再办。"))
    check_demand(
        state=CutoffStep(notice.state) if notice else None, overdue_fen=overdue, proof=proof, delivered_on=delivered_on,
        today=day_of(at), since=notice.opened_on if notice else last_ended_on(point),
    )  # fmt: skip
    if notice is None:
        notice = CutoffNotice.objects.create(street=point.street, point=point, case=case, opened_on=delivered_on)
    else:
        notice.case = notice.case or case  # the first demand may have come before the case
        _changed(notice)
    demand = Demand.objects.create(
        street=point.street, notice=notice, overdue_fen=overdue, how=how, proof=proof.strip(),
        delivered_on=delivered_on, recorded_at=at, by=by,
    )  # fmt: skip
    text = Saying(_("催缴已送达（%(how)s，%(day)s）。"), how=how.label, day=delivered_on)
    _tell(notice, "demand_payment", text, by=by, at=at, overdue_fen=overdue, how=how.value, delivered_on=delivered_on)
    return demand


def _changed(notice: CutoffNotice) -> None:
    """A change that is no step: pages that show the procedure as it was are behind."""
    notice.version += 1
    notice.save(update_fields=["case", "version"])


@atomic
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
    """Record the written cut-off notice (停水通知) and freeze whom it affects. ``not_before_at`` may only be later.

    A further notice never makes the earliest hour of a cut an earlier one.
    """
    locked = _lock(notice, version)
    check_noticing(CutoffStep(locked.state))
    terms = thresholds_of(locked.street, on=day_of(served_at))
    facts = notice_facts(locked, served_at=served_at)
    check_notice(**facts, at=at, proof=proof, filing=filing)
    affected = facts["affected"]
    earliest = not_before(served_at, terms[ThresholdKind.NOTICE_HOURS])
    if not_before_at is not None and not_before_at < earliest:
        raise Refused(
            _("停水前至少要提前 %(hours)d 小时书面通知。"),
            hours=terms[ThresholdKind.NOTICE_HOURS], field="not_before_at",
        )  # fmt: skip
    locked.served_at, locked.served_how, locked.served_proof = served_at, how, proof.strip()
    locked.filing = filing.strip()
    locked.not_before_at = max(not_before_at or earliest, locked.not_before_at or earliest)
    locked.affected = [a._asdict() for a in affected]
    return _move(
        locked, CutoffStep.NOTICED, "give_notice", Saying(_("停水通知已书面送达（%(how)s）。"), how=how.label),
        by=by, at=at, not_before_at=locked.not_before_at, filing=locked.filing, affected=[a.code for a in affected],
    )  # fmt: skip


@atomic
def defer_cutoff(
    notice: CutoffNotice,
    *,
    until: dt.date,
    conditions: Sequence[ConditionDraft],
    decision: str = "",
    consent: Consent | None = None,
    version: int | None = None,
    by: User | None,
    at: dt.datetime,
) -> Deferral:
    """Put the cut off on conditions (暂缓停水) until a day, half-open: ``until`` is the first day without protection.

    A last day on a day off, or on one that a notice may still make so, moves to the next working day (art. 203).
    Without the utility's recorded ``consent`` no page says that it agreed.
    """
    locked = _lock(notice, version)
    today = day_of(at)
    check_deferrable(CutoffStep(locked.state), served_at=locked.served_at)
    check_deferral(today=today, until_on=until, conditions=conditions)
    deferral = _open_deferral(locked, from_on=today, until=until, conditions=conditions, decision=decision)
    if consent is not None:
        _keep_consent(locked, consent, deferral=deferral, by=by, at=at)
    text = Saying(_("暂缓停水至 %(day)s，条件 %(n)d 项。"), day=deferral.last_day, n=len(conditions))
    _move(
        locked, CutoffStep.DEFERRED, "defer_cutoff", text, by=by, at=at, until=until, decision=decision,
        conditions=[c._asdict() for c in conditions], consent=consent._asdict() if consent else None,
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
    last_on = workday_calendar(notice.street_id).in_time_until(until - DAY)
    deferral = Deferral.objects.create(
        street=notice.street, notice=notice, from_on=from_on, until_on=last_on + DAY, renews=renews,
        renewals=renews.renewals + 1 if renews else 0, decision=decision.strip()[:300],
    )  # fmt: skip
    DeferralCondition.objects.bulk_create(
        DeferralCondition(
            street=notice.street, deferral=deferral, kind=c.kind, text=c.text.strip(), due_on=c.due_on,
            fen=None if c.kind is ConditionKind.OTHER else c.fen,
        )
        for c in conditions
    )  # fmt: skip
    return deferral


def _keep_consent(
    notice: CutoffNotice, consent: Consent, *, deferral: Deferral | None = None, by: User | None, at: dt.datetime
) -> None:
    check_consent(consent, opened_on=notice.opened_on, today=day_of(at))
    UtilityConsent.objects.create(
        street=notice.street, notice=notice, deferral=deferral, agreement=deferral.agreement if deferral else None,
        until_on=deferral.until_on if deferral else None, said_by=consent.said_by.strip(), said_on=consent.said_on,
        document=consent.document.strip(), recorded_at=at, by=by,
    )  # fmt: skip


def _lock_running(deferral: Deferral, *, version: int | None = None, at: dt.datetime) -> tuple[CutoffNotice, Deferral]:
    """Lock the procedure, then its deferral, and judge that one before anything is done to it.

    Refused when it no longer runs. One that has ended by itself, because of its day or a broken condition, is written
    down as lapsed then and there, although the daily run has not come yet; nobody decided that, so it has no ``by``.
    """
    notice = _lock(deferral.notice, version)
    locked = judgeable(Deferral.objects.select_for_update(of=("self",))).get(street=deferral.street_id, pk=deferral.pk)
    locked.notice = notice
    check_deferral_move(DeferralState(locked.state), DeferralState.LAPSED)
    verdict = verdicts([locked], on=day_of(at))[locked.pk]
    if verdict.lapse is not None:
        _lapse(locked, verdict, on=day_of(at), by=None, at=at)
        raise CommittedRefusal(_("这次暂缓已经失效（%(why)s），不能再变动。"), why=verdict.lapse.label)
    return notice, locked


@commit_refusals
def fulfil_condition(
    condition: DeferralCondition,
    *,
    on: dt.date,
    evidence: str,
    version: int | None = None,
    by: User | None,
    at: dt.datetime,
) -> DeferralCondition:
    """Record that a condition in words has been met (达成条件), by a document. Money ones are refused here."""
    notice, deferral = _lock_running(condition.deferral, version=version, at=at)
    locked = DeferralCondition.objects.select_for_update().get(street=condition.street_id, pk=condition.pk)
    kind, last_on = ConditionKind(locked.kind), seen(locked, workday_calendar(locked.street_id)).due_on
    check_fulfil(
        kind, met=locked.fulfilled_on is not None, evidence=evidence, on=on, from_on=deferral.from_on, due_on=last_on,
        today=day_of(at),
    )  # fmt: skip
    _changed(notice)
    locked.fulfilled_on, locked.fulfilled_at, locked.evidence = on, at, evidence.strip()[:300]
    locked.save(update_fields=["fulfilled_on", "fulfilled_at", "evidence"])
    text = Saying(_("暂缓条件已达成：%(text)s"), text=locked.text)
    _tell(notice, "fulfil_condition", text, by=by, at=at, condition=locked.pk, on=on, evidence=locked.evidence)
    return locked


@commit_refusals
def renew_deferral(
    deferral: Deferral,
    *,
    until: dt.date,
    conditions: Sequence[ConditionDraft],
    consent: Consent,
    decision: str = "",
    version: int | None = None,
    by: User | None,
    at: dt.datetime,
) -> Deferral:
    """Follow a running deferral by another one (续期), on the utility's word; counts how often. None follows a lapsed one."""
    notice, old = _lock_running(deferral, version=version, at=at)
    today = day_of(at)
    check_deferral(today=today, until_on=until, conditions=conditions, from_on=old.from_on)
    old.state, old.ended_at = DeferralState.RENEWED, at
    old.save(update_fields=["state", "ended_at"])
    new = _open_deferral(notice, from_on=today, until=until, conditions=conditions, decision=decision, renews=old)
    _keep_consent(notice, consent, deferral=new, by=by, at=at)
    _changed(notice)
    text = Saying(_("暂缓停水续期至 %(day)s（第 %(n)d 次）。"), day=new.last_day, n=new.renewals)
    _tell(
        notice, "renew_deferral", text, by=by, at=at, until=until, renewals=new.renewals, decision=decision,
        conditions=[c._asdict() for c in conditions], consent=consent._asdict(),
    )  # fmt: skip
    return new


@commit_refusals
def clear_deferral(
    deferral: Deferral, *, reason: str = "", version: int | None = None, by: User | None, at: dt.datetime
) -> Deferral:
    """Lift a deferral for good (解除): nothing confirmed is owed any more, or its agreement stands over all that is overdue."""
    notice, locked = _lock_running(deferral, version=version, at=at)
    covered = covered_fen(locked.agreement, on=day_of(at)) if locked.agreement else None
    locked.state, locked.ended_at = DeferralState.CLEARED, at
    locked.save(update_fields=["state", "ended_at"])
    _clear(notice, "clear_deferral", reason=reason, covered=covered, by=by, at=at)
    return locked


@atomic
def clear_notice(
    notice: CutoffNotice, *, reason: str = "", version: int | None = None, by: User | None, at: dt.datetime
) -> CutoffNotice:
    """End a procedure that came to demand or notice only, because nothing confirmed is owed any more (结清)."""
    locked = _lock(notice, version)
    if locked.state == CutoffStep.DEFERRED:
        raise Refused(_("正在暂缓，请办理解除暂缓。"))
    _clear(locked, "clear_notice", reason=reason, covered=None, by=by, at=at)
    return locked


def _clear(
    notice: CutoffNotice, verb: str, *, reason: str, covered: int | None, by: User | None, at: dt.datetime
) -> None:
    today = day_of(at)
    owed = payable_fen(notice, on=today)
    overdue = overdue_fen(notice.point, on=today)
    check_clear(payable_fen=owed, overdue_fen=overdue, covered_fen=covered)
    notice.ended_at, notice.ended_reason = at, reason.strip()[:300]
    _move(
        notice, CutoffStep.CLEARED, verb, _("停水程序已结清，不再停水。"), by=by, at=at,
        payable_fen=owed, overdue_fen=overdue, covered_fen=covered, reason=notice.ended_reason,
    )  # fmt: skip


@atomic
def withdraw_notice(
    notice: CutoffNotice, *, reason: str, version: int | None = None, by: User | None, at: dt.datetime
) -> CutoffNotice:
    """Take a demand or notice back (撤回), with the reason."""
    reason = check_words(reason, _("请写明撤回的理由。"))
    locked = _lock(notice, version)
    locked.ended_at, locked.ended_reason = at, reason[:300]
    return _move(locked, CutoffStep.WITHDRAWN, "withdraw_notice", _("停水程序已撤回。"), by=by, at=at, reason=reason)


@atomic
def cut_water(
    notice: CutoffNotice, *, cut_at: dt.datetime, version: int | None = None, by: User | None, at: dt.datetime
) -> CutoffNotice:
    """Record that the utility has cut the water (停水), on a notice that stands, for what was demanded and is not paid."""
    locked = _lock(notice, version)
    check_cut(**cut_facts(locked, cut_at=cut_at), at=at)
    locked.cut_at = cut_at
    return _move(locked, CutoffStep.CUT, "cut_water", _("已停水。"), by=by, at=at, cut_at=cut_at)


@atomic
def restore_water(
    notice: CutoffNotice, *, restored_at: dt.datetime, version: int | None = None, by: User | None, at: dt.datetime
) -> CutoffNotice:
    """Record that water runs again (恢复供水); by when it must is ``queries.restore_at``."""
    locked = _lock(notice, version)
    if locked.cut_at is None or restored_at < locked.cut_at or restored_at > at:
        raise Refused(_("恢复供水的时间要在停水之后、不晚于现在。"), field="restored_at")
    locked.restored_at, locked.ended_at = restored_at, at
    return _move(locked, CutoffStep.RESTORED, "restore_water", _("已恢复供水。"), by=by, at=at, restored_at=restored_at)


@atomic
def agree_to_restore(
    notice: CutoffNotice, *, consent: Consent, version: int | None = None, by: User | None, at: dt.datetime
) -> CutoffNotice:
    """Record that the utility agrees to restore cut water (同意恢复供水), though not all is paid: the time to do so runs."""
    locked = _lock(notice, version)
    restoring = restore_at(locked, on=day_of(at)) is not None
    check_agrees_to_restore(CutoffStep(locked.state), restoring=restoring)
    _keep_consent(locked, consent, by=by, at=at)
    _changed(locked)
    text = Saying(
        _("水务公司同意恢复供水（%(who)s，%(document)s）。"), who=consent.said_by.strip(), document=consent.document.strip(),
    )  # fmt: skip
    _tell(locked, "agree_to_restore", text, by=by, at=at, consent=consent._asdict())
    return locked


@atomic
def watch_deferrals(
    street: Street, *, on: dt.date, points: Collection[SupplyPoint] | None = None, by: User | None, at: dt.datetime
) -> Watched:
    """Look at every running deferral of a street, or of some ``points``, once a day (每日核对). Idempotent.

    A broken condition or the end lets it lapse by itself; money conditions count confirmed ledger payments
    only. Answers those that end within three working days (threshold), so that people are told in time.
    """
    # Procedures first, then their deferrals: the order every action locks in.
    rows = _locked_running(street) if points is None else _locked_running_at(street, [point.pk for point in points])
    warning_days = thresholds_of(street, on=on)[ThresholdKind.DEFERRAL_WARNING_DAYS]
    is_workday = workday_calendar(street)
    found, watched = verdicts(rows, on=on), Watched()
    for deferral in rows:
        verdict = found[deferral.pk]
        _keep_what_is_met(deferral, verdict, by=by, at=at)
        if verdict.lapse is not None:
            _lapse(deferral, verdict, on=on, by=by, at=at)
            watched.lapsed.append(deferral)
        elif working_days_left(deferral.until_on, on, is_workday) <= warning_days:
            watched.ending.append(deferral)
    return watched


def _locked_running(street: Street) -> list[Deferral]:
    """The running deferrals of a street, locked after their procedures, with all that ``verdicts`` asks of them."""
    list(_deferred(street).order_by("pk"))
    return list(judgeable(_running(street)).order_by("pk"))


def _locked_running_at(street: Street, points: Sequence[int]) -> list[Deferral]:
    """The same of some supply points."""
    _deferred_at(street, points)
    rows = _running_at(street, points)
    hang_conditions(rows)
    return rows


def _deferred(street: Street) -> QuerySet[CutoffNotice, tuple[int]]:
    rows = CutoffNotice.objects.select_for_update().filter(street=street, state=CutoffStep.DEFERRED)
    return rows.values_list("pk")


def _running(street: Street) -> QuerySet[Deferral]:
    return Deferral.objects.select_for_update(of=("self",)).filter(street=street, state=DeferralState.RUNNING)


@prepared
def _deferred_at(street: Street, points: Sequence[int]) -> QuerySet[CutoffNotice, tuple[int]]:
    return _deferred(street).filter(point__pk__in=points).order_by("pk")


@prepared
def _running_at(street: Street, points: Sequence[int]) -> QuerySet[Deferral]:
    return _running(street).filter(notice__point__pk__in=points).select_related(*JUDGED_BY).order_by("pk")


@commit_refusals
def keep_by_agreement(
    deferral: Deferral,
    *,
    agreement: Agreement,
    consent: Consent,
    version: int | None = None,
    by: User | None,
    at: dt.datetime,
) -> Deferral:
    """The utility agrees to wait for an agreement (协议维持暂缓): at least until its last instalment can be paid in time.

    Signing alone keeps nothing. From now on the deferral also lapses when the agreement is broken; its own conditions
    stay as they were.
    """
    if agreement.street_id != deferral.street_id or agreement.point_id != deferral.notice.point_id:
        raise ValueError("an agreement over another supply point")
    notice, locked = _lock_running(deferral, version=version, at=at)
    today, before = day_of(at), locked.until_on
    check_keeps(
        kept=locked.agreement_id == agreement.pk,
        covered_fen=covered_fen(agreement, on=today),
        overdue_fen=overdue_fen(notice.point, on=today),
    )
    last_on = max(row.last_on for row in instalments(agreement, on=today))
    locked.agreement, locked.until_on = agreement, max(before, last_on + DAY)
    locked.save(update_fields=["agreement", "until_on"])
    _keep_consent(notice, consent, deferral=locked, by=by, at=at)
    _changed(notice)
    text = Saying(
        _("水务公司同意按调解协议继续暂缓停水至 %(day)s（%(who)s，%(document)s）。"), day=locked.last_day,
        who=consent.said_by.strip(), document=consent.document.strip(),
    )  # fmt: skip
    _tell(
        notice, "keep_by_agreement", text, by=by, at=at, agreement=agreement.public_id,
        before=before, until=locked.until_on, consent=consent._asdict(),
    )  # fmt: skip
    return locked


def _keep_what_is_met(deferral: Deferral, verdict: Verdict, *, by: User | None, at: dt.datetime) -> None:
    """Keep for show which money conditions the ledger meets and since when; a payment taken back takes that away."""
    met = dict(verdict.met)
    for condition in deferral.conditions.all():
        day = met.get(condition.pk)
        if condition.kind not in MONEY_CONDITIONS or condition.fulfilled_on == day:
            continue
        condition.fulfilled_on, condition.fulfilled_at = day, at if day else None
        condition.evidence = written(_("账上已证实的缴款")) if day else ""
        condition.save(update_fields=["fulfilled_on", "fulfilled_at", "evidence"])
        verb = "meet_condition" if day else "unmeet_condition"
        trail.record(verb, deferral, by=by, at=at, condition=condition.pk, on=day)


def _lapse(deferral: Deferral, verdict: Verdict, *, on: dt.date, by: User | None, at: dt.datetime) -> None:
    """A deferral ends by itself (自动失效): back to the demand, its notice spent, because people must be told again."""
    assert verdict.lapse is not None
    notice = _lock(deferral.notice)
    deferral.state, deferral.lapsed_on, deferral.lapse_reason = DeferralState.LAPSED, verdict.lapsed_on, verdict.lapse
    deferral.ended_at = at
    deferral.save(update_fields=["state", "lapsed_on", "lapse_reason", "ended_at"])
    text = Saying(_("暂缓自动失效：%(why)s。要停水须重新书面通知。"), why=verdict.lapse.label)
    _move(
        notice, CutoffStep.DEMANDED, "lapse_deferral", text, by=by, at=at, lapsed_on=verdict.lapsed_on,
        reason=verdict.lapse.value, condition=verdict.broken_key,
    )  # fmt: skip


@atomic
def watch_cuts(
    street: Street, *, on: dt.date, points: Collection[SupplyPoint] | None = None, by: User | None, at: dt.datetime
) -> None:
    """Tell each procedure of a street once that its notice is spent, or by when its water must run again (每日核对)."""
    watched = list(_noticed(street)) if points is None else _noticed_at(street, [point.pk for point in points])
    for pk in watched:
        notice = _lock(CutoffNotice(street=street, pk=pk))
        if notice.state == CutoffStep.CUT:
            _tell_restoration(notice, restore_at(notice, on=on), by=by, at=at)
        elif not notice_stands(notice.served_at, deferral_ended_at(notice)):
            text = _("暂缓结束以后还没有重新书面通知，原来的停水通知不再算数。")
            _move(notice, CutoffStep.DEMANDED, "notice_spent", text, by=by, at=at)


def _noticed(street: Street) -> QuerySet[CutoffNotice, int]:
    rows = CutoffNotice.objects.filter(street=street, state__in=(CutoffStep.NOTICED, CutoffStep.CUT))
    return rows.order_by("pk").values_list("pk", flat=True)


@prepared
def _noticed_at(street: Street, points: Sequence[int]) -> QuerySet[CutoffNotice, int]:
    return _noticed(street).filter(point__pk__in=points)


def _tell_restoration(notice: CutoffNotice, due_at: dt.datetime | None, *, by: User | None, at: dt.datetime) -> None:
    if due_at == notice.restore_due_at:
        return
    notice.restore_due_at, notice.version = due_at, notice.version + 1
    notice.save(update_fields=["restore_due_at", "version"])
    text = (
        Saying(_("欠费已缴清或水务公司已同意，应在 %(when)s 前恢复供水。"), when=due_at)
        if due_at
        else Saying(_("缴款已冲正，恢复供水的期限不再计算。"))
    )
    _tell(notice, "restore_due", text, by=by, at=at, due_at=due_at)
