"""Acts that need several packages, each told from the top: open a case, close a case, the daily run over a street."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import groupby

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hege.arrears.cutoff.actions import watch_cuts, watch_deferrals
from hege.arrears.cutoff.queries import Watched, cutoff_state, running_notice
from hege.arrears.cutoff.rules import CutoffStep
from hege.arrears.early_warning.actions import Recorded, raise_report, record_warnings
from hege.arrears.early_warning.models import EarlyWarning
from hege.arrears.models import DailyWatch
from hege.billing.applying import actions as applying
from hege.billing.applying.queries import never_applied
from hege.cases import actions as cases
from hege.cases.models import Case, CaseRequest, Report, Task
from hege.cases.queries import waiting_request
from hege.cases.reports import actions as in_reports
from hege.cases.requests import actions as requests
from hege.cases.rules import LineKind, RequestKind
from hege.conferences.queries import open_decisions, unsigned_conferences
from hege.credentials.actions import renew_key
from hege.honours.actions import expire_honours
from hege.kernel.clock import day_of
from hege.kernel.database import atomic
from hege.kernel.mutability import lock
from hege.kernel.refused import Refused
from hege.kernel.saying import Saying, written
from hege.kernel.several import several
from hege.mediation.agreements.actions import plan_of, restate_agreement
from hege.mediation.models import Agreement
from hege.mediation.queries import agreements_of, agreements_over, open_files, plans_wanting, standings
from hege.mediation.rules import AgreementState
from hege.members import actions as members
from hege.members.models import Member
from hege.metering.models import SupplyPoint
from hege.outbox import actions as outbox
from hege.people.models import Street, User
from hege.people.queries import locked_street
from hege.places.models import Place
from hege.places.rules import check_closable, check_closed_on, check_standing
from hege.points.actions import Served, add_minutes, expire_points, give_back, lock_balances, take_points
from hege.procedures.queries import closed_unused, counted_activities, left_in, live_signups_of
from hege.procedures.telling import Posts, of_day, of_watch
from hege.programme.activities.actions import cancel_signup, close_attendances, lapse_offers, remind_members
from hege.programme.activities.models import Signup
from hege.programme.activities.queries import minutes_of
from hege.programme.deeds.actions import post_round
from hege.programme.deeds.queries import is_own
from hege.programme.deeds.rules import check_not_own
from hege.programme.seasons.models import Activity
from hege.trail import actions as trail
from hege.vouchers import actions as vouchers
from hege.vouchers.models import Batch, Claim, ClaimEnd, Redemption, Reversal, Till
from hege.vouchers.queries import held_by_left, unused_by
from hege.vouchers.tills import actions as tills

#: How long one run of the daily watch may take before another may think it dead.
WATCH_LEASE = dt.timedelta(minutes=15)
#: Hours of an activity are booked by the watch for so long after it was counted.
HOURS_FOR = dt.timedelta(days=60)
#: Why a voucher of a member who left is taken back.
LEFT = _("成员已退出")
#: An agreement in such a state is still to be performed.
NOT_PERFORMED = [AgreementState.PERFORMING, AgreementState.BREACHED]


@atomic
def open_case(
    street: Street,
    *,
    title: str,
    summary: str = "",
    reports: Sequence[Report] = (),
    point: SupplyPoint | None = None,
    place: Place | None = None,
    warning: EarlyWarning | None = None,
    by: User | None,
    at: dt.datetime,
) -> Case:
    """File a case (立案). A cut-off procedure that runs over its meter tells the case of its steps from then on.

    A ``warning`` becomes a report of it, unless it is one that is among ``reports`` already.
    """
    rows = list(reports)
    if warning is not None and warning.report_id is None:
        report = raise_report(warning, by=by, at=at)
        rows.append(in_reports.verify_report(report, finding=report.text, by=by, at=at))
    case = cases.file_case(street, title=title, summary=summary, reports=rows, point=point, place=place, by=by, at=at)
    if case.point is not None:
        SupplyPoint.objects.select_for_update(no_key=True).get(street=street, pk=case.point.pk)
        notice = running_notice(case.point)
        if notice is not None and notice.case is None:
            notice.case = case
            notice.save(update_fields=["case"])
            text = Saying(_("停水程序并入本案，现在是“%(state)s”。"), state=CutoffStep(notice.state).label)
            cases.add_line(case, kind=LineKind.CUTOFF, text=text, by=by, at=at)
            trail.record("join_case", notice, street=street, by=by, at=at, point=case.point.code, case=case.number)
    return case


@atomic
def close_case(case: Case, *, text: str, by: User | None, at: dt.datetime, version: int | None = None) -> Case:
    """Close a case (结案) for good: refused while anything of it is still open.

    That is a promise, a conference without signed minutes, a mediation, an agreement that was not performed, a cut-off.
    """
    cases.lock_case(case, version)
    _check_settled(case)
    if case.point is not None and cutoff_state(case.point, on=day_of(at)).step is not None:
        raise Refused(_("停水程序还没有解除，不能结案。"))
    return cases.close_case(case, text=text, by=by, at=at, version=version)


def _check_settled(case: Case) -> None:
    """Refuse to end a case while a conference, a promise, a mediation or an agreement of it is open."""
    rounds = "、".join(str(row.round) for row in unsigned_conferences(case))
    if rounds:
        raise Refused(_("第 %(rounds)s 次联席会议还没有开完或没有签发纪要，不能结案或作废。"), rounds=rounds)
    promises = open_decisions(case).count()
    if promises:
        raise Refused(several("还有 %(n)d 项议定事项没有办结。"), n=promises)
    if open_files(case).exists():
        raise Refused(_("调解还没有结束，不能结案或作废。"))
    running = agreements_of(case.street, case=case).filter(state__in=NOT_PERFORMED).count()
    if running:
        raise Refused(_("还有 %(n)d 份调解协议没有履行完，不能结案或作废。"), n=running)


@atomic
def ask_void(case: Case, *, reason: str, by: User | None, at: dt.datetime) -> CaseRequest:
    """Ask that a case counts no more (申请作废): refused while anything of it is open. A cut-off may go on in the right one."""
    _check_settled(cases.lock_case(case))
    return requests.ask_void(case, reason=reason, by=by, at=at)


@atomic
def agree_request(thing: Task | Case, *, shown: int | None = None, by: User | None, at: dt.datetime) -> CaseRequest:
    """Agree to what somebody else asked for about a task or a case (同意申请); a case is voided as it would be closed."""
    asked = waiting_request(thing)
    if isinstance(thing, Case) and asked is not None and asked.kind == RequestKind.VOID:
        _check_settled(cases.lock_case(thing))
    return requests.agree_request(thing, shown=shown, by=by, at=at)


@atomic
def verify_report(report: Report, *, finding: str, by: User, at: dt.datetime) -> Report:
    """Found true and taken up (核实属实，予以受理), by nobody who reported it as a member."""
    check_not_own(same_person=is_own(report, by))
    return in_reports.verify_report(report, finding=finding, by=by, at=at)


@atomic
def merge_report(report: Report, case: Case, *, by: User, at: dt.datetime) -> Report:
    """Join a report to a root case (并案), which says that it is true: by nobody who reported it as a member."""
    check_not_own(same_person=is_own(report, by))
    return in_reports.merge_report(report, case, by=by, at=at)


@dataclass(frozen=True, slots=True)
class Watch:
    """What a daily run changed in a street: ``mended`` are agreements that the ledger moved anywhere but to a breach."""

    breached: list[Agreement]
    mended: list[Agreement]
    deferrals: Watched
    warnings: Recorded


@atomic
def keep_watch(
    street: Street, *, on: dt.date, points: Collection[SupplyPoint] | None = None, by: User | None, at: dt.datetime
) -> Watch:
    """The daily run over a street (每日核对): agreements, then deferrals, then warnings, because each changes the next.

    One run at a time: the street's row is the lock (not its key, so that others go on booking). Run twice on one day it
    changes nothing the second time. A day in the future is looked at as today: nothing lapses before its time.
    ``points`` looks at those alone, as after a file came in; that keeps no day.
    """
    locked_street(street.pk)
    on = min(on, day_of(at))
    agreements = (
        list(agreements_of(street).select_related("street", "file__street"))
        if points is None
        else agreements_over(street, [point.pk for point in points])
    )
    stands = standings(agreements, on=on)
    moved = [restate_agreement(a, by=by, at=at) for a in agreements if stands[a.pk] != a.state]
    breached = [a for a in moved if a.state == AgreementState.BREACHED]
    deferrals = watch_deferrals(street, on=on, points=points, by=by, at=at)
    watch_cuts(street, on=on, points=points, by=by, at=at)
    warnings = record_warnings(street, on=on, points=points, by=by, at=at)
    if points is None:
        requests.end_holds(street, on=on, by=by, at=at)
        expire_honours(street, on=on, by=by, at=at)
        keep_programme(street, on=on, by=by, at=at)
    posts = Posts.of(street, on=on)
    told = list(of_watch(street, deferrals, warnings.fired, posts, at=at))
    if points is None and on == day_of(at):
        told += of_day(street, posts, on=on, at=at)
    outbox.tell(street, told, at=at)
    if points is None and on == day_of(at) and not DailyWatch.objects.filter(street=street, kept_on=on).exists():
        kept = {"kept_on": on, "kept_at": at, "lease_until": None}
        DailyWatch.objects.update_or_create(street=street, defaults=kept)
        trail.record("keep_watch", street, street=street, by=by, at=at, on=on)
    return Watch(breached, [a for a in moved if a not in breached], deferrals, warnings)


def keep_programme(street: Street, *, on: dt.date, by: User | None, at: dt.datetime) -> None:
    """What a day brings to the programme: places that nobody answered for, who came to what is over and for how long, who
    is reminded of tomorrow, vouchers and points that end, and the round of the week."""
    lapse_offers(street, by=by, at=at)
    close_attendances(street, by=by, at=at)
    remind_members(street, on=on, by=by, at=at)
    for activity in counted_activities(street, since=at - HOURS_FOR):
        post_hours(activity, by=by, at=at)
    vouchers.expire_claims(street, by=by, at=at)
    take_back_from_left(street, by=by, at=at)
    vouchers.remind_of_claims(street, by=by, at=at)
    expire_points(street, on=on, by=by, at=at)
    post_round(street, by=by, at=at)


@atomic
def post_hours(activity: Activity, *, by: User | None, at: dt.datetime) -> int:
    """Book the honour minutes of an activity (登记荣誉时长), those of each scan and agreed entry once; how many were new."""
    served = [Served(row.member, row.minutes, row.key) for row in minutes_of(activity)]
    return len(add_minutes(activity.street, served, words=activity.title, by=by, at=at))


@atomic
def claim_for_points(batch: Batch, *, member: Member, by: User | None, at: dt.datetime) -> Claim:
    """Claim a voucher for what it costs (积分换券): all of it or nothing; of one that costs nothing, ``claim_voucher``.

    Batch, claim, balance and lots are locked in this order; one line of the trail carries it.
    """
    price = batch.point_price
    if not price:
        return vouchers.claim_voucher(batch, member=member, by=by, at=at)
    claim = vouchers.take_claim(batch, member=member, paid=price, at=at)
    paid = take_points(member, price, key=claim.public_id, words=batch.title, by=by, at=at)
    vouchers.record_claim(claim, points=price, by=by, at=at, **paid.proof)
    return claim


@atomic
def withdraw_claim(claim: Claim, *, reason: str, by: User | None, at: dt.datetime) -> Claim:
    """Take an unused voucher back (收回): its points go back too, once."""
    _lock_paid(claim.batch, Q(pk=claim.pk))
    ended = vouchers.withdraw_claim(claim, reason=reason, by=by, at=at)
    give_back(claim.street, key=claim.public_id, reason=reason, by=by, at=at)
    return ended


@atomic
def reverse_redemption(
    redemption: Redemption,
    *,
    till: Till | None = None,
    reason: str = "",
    withdraw: bool = False,
    by: User | None,
    at: dt.datetime,
) -> Reversal:
    """Take a redemption back (撤销核销), once, by its till or by the office (``vouchers.tills``).

    Stock, money and points are a claim's, not a redemption's. A voucher that can be used again keeps what it took; one that
    ends here, because it is withdrawn or its batch is over, gives its money and its points back, withdrawn its stock too.
    """
    claim = redemption.claim
    _lock_paid(claim.batch, Q(pk=claim.pk))
    made = tills.reverse_redemption(redemption, till=till, reason=reason, withdraw=withdraw, by=by, at=at)
    if claim.batch.point_price and ClaimEnd.objects.filter(street=redemption.street_id, claim=claim).exists():
        said = made.reason or written(_("撤销核销"))
        give_back(redemption.street, key=claim.public_id, reason=said, by=by, at=at)
    return made


def _lock_paid(batch: Batch, which: Q) -> None:
    """Lock a batch that costs points, some of its vouchers and the balances that paid for them, in this order, before a line
    of the trail is written: points that go back are locked where points that are paid are."""
    if batch.point_price:
        lock(batch)
        claims = Claim.objects.select_for_update(of=("self",)).filter(which, street=batch.street_id, batch=batch)
        lock_balances(batch.street, claims.order_by("pk").values_list("member", flat=True))


@atomic
def close_batch(batch: Batch, *, reason: str, version: int | None = None, by: User | None, at: dt.datetime) -> Batch:
    """End a batch before its time (结束这批券): what its holders paid for vouchers they had not used goes back, once."""
    _lock_paid(batch, Q(end__isnull=True))
    closed = vouchers.close_batch(batch, reason=reason, version=version, by=by, at=at)
    for key in closed_unused(closed) if closed.point_price else ():
        give_back(batch.street, key=key, reason=reason, by=by, at=at)
    return closed


@atomic
def leave(member: Member, *, by: User | None, at: dt.datetime) -> Member:
    """Leave (退出): sign-ups for what is to come are cancelled and their places offered on, vouchers nobody used are taken
    back with their stock, money and points, and then name and telephone are deleted (``members``)."""
    signups, claims = live_signups_of(member, at=at), unused_by(member, on=day_of(at))
    _lock_in_order(member, signups, claims)
    for signup in signups:
        cancel_signup(signup, by=by, at=at)
    for claim in claims:
        withdraw_claim(claim, reason=str(LEFT), by=by, at=at)
    return members.leave(member, by=by, at=at)


def _lock_in_order(member: Member, signups: Sequence[Signup], claims: Sequence[Claim]) -> None:
    """Lock activities, batches, balances and the member before the first line of the trail: several are changed at once."""
    for signup in signups:
        lock(signup.activity)
    for batch, some in groupby(claims, key=lambda claim: claim.batch):
        lock(batch)
        _lock_paid(batch, Q(pk__in=[claim.pk for claim in some]))
    lock(member)


def take_back_from_left(street: Street, *, by: User | None, at: dt.datetime) -> None:
    """Take back what members who left hold, as where a shop took a redemption back after they had gone (收回退出成员的券)."""
    for claim in held_by_left(street, on=day_of(at)):
        withdraw_claim(claim, reason=str(LEFT), by=by, at=at)


def keep_days_watch(street: Street, *, by: User | None, at: dt.datetime) -> Watch | None:
    """The day's watch over a street, once: None where it has been kept today or somebody is at it.

    Whoever comes first takes a lease in a transaction of its own; one that was killed is taken over when it runs out.
    """
    if not _take_lease(street, at=at):
        return None
    with atomic():
        locked_street(street.pk)
        if DailyWatch.objects.filter(street=street, kept_on__gte=day_of(at)).exists():
            return None  # a run that outlasted its lease
        renew_key(street, by=by, at=at)
        return keep_watch(street, on=day_of(at), by=by, at=at)


@atomic
def derive_applications(street: Street, *, by: User | None, at: dt.datetime) -> int:
    """Give a street of an earlier release what it does not have (补推抵充): a plan of each agreement, and which debt each payment
    met, marked as derived. How many rows; none where it has them, or had nothing to apply."""
    without = plans_wanting(street)
    for agreement in without:
        plan_of(agreement, derived=True, by=by, at=at)
    return applying.derive_applications(street, by=by, at=at) if without or never_applied(street) else 0


@atomic
def _take_lease(street: Street, *, at: dt.datetime) -> bool:
    """Whether today's run is ours: not kept yet, and nobody's lease still runs. One row, compared and set at once."""
    if DailyWatch.objects.get_or_create(street=street)[1]:
        trail.record("begin_watch", street, street=street, by=None, at=at)
    row = DailyWatch.objects.filter(street=street).exclude(kept_on__gte=day_of(at))
    return bool(row.exclude(lease_until__gt=at).update(lease_until=at + WATCH_LEASE))


@atomic
def close_place(place: Place, *, on: dt.date, by: User, at: dt.datetime) -> Place:
    """Close a part of the grid (网格关闭): ``on`` is the first day without it. Refused while anything is in it."""
    locked = lock(place)
    check_standing(until_on=locked.until_on)
    check_closed_on(on, from_on=locked.from_on)
    check_closable(**left_in(locked, on=on))
    locked.until_on = on
    locked.save(update_fields=["until_on"])
    trail.record("close_place", locked, by=by, at=at, on=on, path=locked.path)
    return locked
