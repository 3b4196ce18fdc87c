"""Signing up, waiting, answering an offer, checking in and out, and what becomes of all that once it is over.

Locks come in this order: the activity, then its sign-ups, then the trail's head. The count of places is written last but
the trail, and only as far as there are places.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import F, Max, QuerySet
from django.utils.translation import gettext_lazy as _

from hege.kernel.calendar import DAY
from hege.kernel.checks import check_line, check_move, check_same_street
from hege.kernel.clock import day_of
from hege.kernel.committed_refusal import CommittedRefusal, commit_refusals
from hege.kernel.database import atomic
from hege.kernel.mutability import lock
from hege.kernel.refused import Refused
from hege.members.actions import tell_members
from hege.members.models import Member
from hege.outbox.rules import Event, Telling
from hege.people.models import Street, User
from hege.programme.activities import queries
from hege.programme.activities.models import HandEntry, Scan, Signup, SignupStep, Strike
from hege.programme.activities.queries import MOST_WRONG_SCANS, signup_of, terms_of
from hege.programme.activities.rules import (
    LAST_ANSWER,
    LONGEST_REASON,
    NEXT_STATE,
    PRESSED_WITHIN,
    EntryState,
    How,
    Presence,
    ScanResult,
    SignupState,
    Waiter,
    Way,
    answer_by,
    check_agrees,
    check_cancel,
    check_entry,
    check_excuse,
    check_lift,
    check_offer,
    check_scan,
    check_sign_up,
    closes_at,
    expires_on,
    is_in,
    minutes_within,
    next_offers,
    presence_of,
    scan_result,
    strike_weight,
)
from hege.programme.seasons import actions as seasons
from hege.programme.seasons.actions import Rescheduled
from hege.programme.seasons.models import Activity
from hege.trail import actions as trail

# -- places and the waiting list -----------------------------------------------------------------------------------------


@atomic
def sign_up(activity: Activity, *, member: Member, party: int = 1, by: User | None, at: dt.datetime) -> Signup:
    """A member asks for places (报名): gets them where they are free, else waits for them. ``by``: who did it for them."""
    check_same_street(activity.street_id, member)
    locked = lock(activity)
    moved = _move_on(locked, at=at)
    signup = _locked_signup(locked, member)
    state = check_sign_up(
        terms_of(locked), state=SignupState(signup.state) if signup else None, party=party,
        weight=queries.weight_of(member, on=day_of(at)), at=at,
    )  # fmt: skip
    _check_member(member)
    if signup is None:
        signup = Signup(street=activity.street, activity=locked, member=member, state=state)
        signup.queued = _last_of(locked) + 1
    elif state is SignupState.WAITING:  # whoever asks anew waits at the end
        signup.queued = _last_of(locked) + 1
    signup.party, signup.asked_at, signup.presence, signup.words = party, at, "", ""
    _stand(signup, state, at=at)
    _count(locked, signup.places)
    if by is not None and state is SignupState.CONFIRMED:
        _tell(locked.street, Event.PLACE_CONFIRMED, [signup], at=at)
    trail.record(
        "sign_up", signup, by=by, at=at, member=member.shown_number, activity=locked.public_id, party=party,
        state=state.value, **moved,
    )  # fmt: skip
    return signup


@atomic
def cancel_signup(signup: Signup, *, by: User | None, at: dt.datetime) -> Signup:
    """Take a sign-up back (取消报名), whatever came of it; the places go to who waits, and no old offer comes back."""
    activity, locked = _lock(signup)
    check_cancel(terms_of(activity), SignupState(locked.state), at=at)
    return _give_up(activity, locked, SignupState.CANCELLED, "cancel_signup", by=by, at=at)


@atomic
def take_offer(signup: Signup, *, offer: int | None = None, by: User | None, at: dt.datetime) -> Signup:
    """Say yes to a place that was offered (要这个位子), in time. ``offer``: which one the page showed."""
    activity, locked = _lock(signup)
    check_offer(SignupState(locked.state), offer=offer, current=locked.round, until=locked.offered_until, at=at)
    _stand(locked, SignupState.CONFIRMED, at=at)
    _tell(locked.street, Event.PLACE_CONFIRMED, [locked], at=at)
    trail.record("take_offer", locked, by=by, at=at, member=locked.member.shown_number, activity=activity.public_id)
    return locked


@atomic
def decline_offer(signup: Signup, *, offer: int | None = None, by: User | None, at: dt.datetime) -> Signup:
    """Say no to it (不要了): the next whose party fits is asked."""
    activity, locked = _lock(signup)
    check_offer(SignupState(locked.state), offer=offer, current=locked.round, until=locked.offered_until, at=at)
    return _give_up(activity, locked, SignupState.DECLINED, "decline_offer", by=by, at=at)


def lapse_offers(street: Street, *, by: User | None, at: dt.datetime) -> int:
    """Let offers lapse that nobody answered, and offer what is free (递补): in how many activities something moved.

    Idempotent; each activity in a transaction of its own.
    """
    return sum(_moved_on(activity, street, by=by, at=at) for activity in queries.to_settle_now(street, at=at))


@atomic
def _moved_on(activity: Activity, street: Street, *, by: User | None, at: dt.datetime) -> bool:
    activity.street = street
    locked = lock(activity)
    moved = _move_on(locked, at=at)
    if moved:
        trail.record("lapse_offers", locked, by=by, at=at, **moved)
    return bool(moved)


def _move_on(activity: Activity, *, at: dt.datetime) -> dict[str, Any]:
    """The waiting list as it has to stand now: what nobody answered has lapsed, who left is out, what is free is offered.

    Answers what moved, for the trail. The activity is locked.
    """
    rows = Signup.objects.select_for_update(of=("self",)).filter(street=activity.street_id, activity=activity)
    out = {"lapsed": SignupState.LAPSED, "left": SignupState.CANCELLED}
    overdue = list(rows.overdue(at).order_by("queued"))
    left = (
        [] if at >= activity.starts_at else list(rows.live().filter(member__left_at__isnull=False).order_by("queued"))
    )
    moved: dict[str, Any] = {}
    freed = 0
    for name, signups in (("lapsed", overdue), ("left", [one for one in left if one not in overdue])):
        for signup in signups:
            freed += signup.places
            _stand(signup, out[name], at=at)
        if signups:
            moved[name] = [signup.public_id for signup in signups]
    _count(activity, -freed)
    offered = _offer(activity, at=at)
    if offered:
        moved["offered"] = [signup.public_id for signup in offered]
    return moved


def _offer(activity: Activity, *, at: dt.datetime) -> list[Signup]:
    """Offer what is free to the first whose party fits, and so on; nothing where too little time is left to answer."""
    terms = terms_of(activity)
    until = answer_by(terms.starts_at, at=at)
    if not terms.runs or until is None or not terms.free:
        return []
    rows = Signup.objects.select_for_update(of=("self",)).filter(street=activity.street_id, activity=activity)
    rows = rows.in_state(SignupState.WAITING).select_related("member").order_by("queued")
    waiting = {signup.pk: signup for signup in rows}
    chosen = [waiting[key] for key in next_offers([Waiter(s.pk, s.party) for s in waiting.values()], terms.free)]
    for signup in chosen:
        signup.round += 1
        _stand(signup, SignupState.OFFERED, at=at, until=until)
        signup.activity = activity
    _count(activity, sum(signup.places for signup in chosen))
    _tell(activity.street, Event.PLACE_OFFERED, chosen, at=at)
    return chosen


def _give_up(
    activity: Activity, signup: Signup, to: SignupState, verb: str, *, by: User | None, at: dt.datetime, **said: Any
) -> Signup:
    """End a locked sign-up; its places are offered on."""
    before = signup.places
    _stand(signup, to, at=at)
    _count(activity, -before)
    moved = _move_on(activity, at=at)
    trail.record(
        verb, signup, by=by, at=at, member=signup.member.shown_number, activity=activity.public_id, **said, **moved
    )
    return signup


def _stand(signup: Signup, to: SignupState, *, at: dt.datetime, until: dt.datetime | None = None) -> None:
    """Let a locked sign-up stand so, and save it."""
    if signup.pk is not None:
        check_move(SignupState(signup.state), to, NEXT_STATE)
    signup.state, signup.offered_until = to, until
    if to is SignupState.CONFIRMED:
        signup.placed_at = at
    signup.save()
    _keep([signup], at=at)


def _keep(signups: Sequence[Signup], *, at: dt.datetime) -> None:
    """Keep how sign-ups of one street stand from now on."""
    SignupStep.objects.bulk_create(
        SignupStep(street_id=s.street_id, signup=s, state=s.state, party=s.party, presence=s.presence, at=at)
        for s in signups
    )


def _count(activity: Activity, places: int) -> None:
    """Count places of a locked activity: one conditional update, which no race makes more than there are."""
    if not places:
        return
    rows = Activity.objects.filter(street=activity.street_id, pk=activity.pk, taken__gte=max(0, -places))
    if activity.capacity is not None:
        rows = rows.filter(taken__lte=F("capacity") - places)
    if not rows.update(taken=F("taken") + places):
        raise Refused(_("刚刚满了，请看这场现在的情况。"))
    activity.taken += places


def _last_of(activity: Activity) -> int:
    last: int | None = Signup.objects.filter(street=activity.street_id, activity=activity).aggregate(n=Max("queued"))[
        "n"
    ]
    return last or 0


def _locked_signup(activity: Activity, member: Member) -> Signup | None:
    rows = Signup.objects.select_for_update(of=("self",)).filter(street=activity.street_id, activity=activity)
    signup = rows.filter(member=member).first()
    if signup is not None:
        signup.street, signup.activity, signup.member = activity.street, activity, member
    return signup


def _lock(signup: Signup) -> tuple[Activity, Signup]:
    """The activity of a sign-up, then the sign-up, both locked."""
    activity = signup.activity
    activity.street = signup.street
    locked = lock(activity)
    row = _locked_signup(locked, signup.member)
    assert row is not None  # rows are never deleted
    return locked, row


def _check_member(member: Member) -> None:
    if not member.active:
        raise Refused(_("已经退出的成员不能报名。"))


# -- what is told to members ---------------------------------------------------------------------------------------------


def _tell(street: Street, event: Event, signups: Iterable[Signup], *, at: dt.datetime) -> None:
    """Tell those who signed up, as far as they agreed to be told; of one thing once."""
    tell_members(street, [(signup.member, _telling(street, event, signup)) for signup in signups], at=at)


def _telling(street: Street, event: Event, signup: Signup) -> Telling:
    """An offer names the day until which it is kept, all else the day of the activity."""
    activity, offered = signup.activity, event is Event.PLACE_OFFERED
    day = signup.offered_until if offered and signup.offered_until else activity.starts_at
    times = f"{signup.round}" if offered else f"{activity.ics_sequence}"
    link = f"/m/{street.code}/activities/{activity.public_id}/"
    return Telling(event, ("activities.signup", signup.pk), activity.title, link, day=day_of(day), round=times)


def remind_members(street: Street, *, on: dt.date, by: User | None, at: dt.datetime) -> None:
    """Remind who has a place of what begins the day after ``on`` (提醒), once however often it is said."""
    _tell(street, Event.ACTIVITY_SOON, queries.starting_on(street, on + DAY), at=at)


@atomic
def call_off(
    activity: Activity, *, reason: str, version: int | None = None, by: User | None, at: dt.datetime
) -> Activity:
    """Call an activity off (取消活动) and tell everybody who has or awaits a place."""
    done = seasons.cancel_activity(activity, reason=reason, version=version, by=by, at=at)
    _tell(activity.street, Event.ACTIVITY_CANCELLED, _live(done), at=at)
    return done


@atomic
def reschedule(
    activity: Activity, *, to: Rescheduled, reason: str, version: int | None = None, by: User | None, at: dt.datetime
) -> Activity:
    """Move an activity (改期) and tell everybody who has or awaits a place; offers end with the new hours, new places are
    offered on."""
    done = seasons.reschedule_activity(activity, to=to, reason=reason, version=version, by=by, at=at)
    done.street = activity.street
    last = done.starts_at - LAST_ANSWER
    rows = Signup.objects.select_for_update(of=("self",)).filter(street=done.street_id, activity=done)
    cut = rows.in_state(SignupState.OFFERED).filter(offered_until__gt=last).update(offered_until=last)
    moved = _move_on(done, at=at)
    _tell(activity.street, Event.ACTIVITY_CHANGED, _live(done), at=at)
    if cut or moved:
        trail.record("lapse_offers", done, by=by, at=at, **moved)
    return done


def _live(activity: Activity) -> QuerySet[Signup]:
    """The sign-ups of an activity with something to come."""
    rows = Signup.objects.filter(street=activity.street_id, activity=activity).live()
    return rows.select_related("member", "activity").order_by("pk")


# -- checking in and out -----------------------------------------------------------------------------------------------


@commit_refusals
def check_in(
    activity: Activity,
    *,
    member: Member,
    code: str,
    opened_at: dt.datetime | None = None,
    by: User | None,
    at: dt.datetime,
) -> Scan:
    """A member comes in by the code on the wall (扫码签到). ``opened_at``: when they opened the page the code led to.

    What did not count is kept with its reason, and refused.
    """
    result = _read(activity, code, opened_at=opened_at, at=at)
    return _pass(activity, member, Way.IN, How.CODE, result, by=by, at=at)


@commit_refusals
def check_out(
    activity: Activity,
    *,
    member: Member,
    code: str,
    opened_at: dt.datetime | None = None,
    by: User | None,
    at: dt.datetime,
) -> Scan:
    """A member leaves by the code on the wall (扫码签退)."""
    result = _read(activity, code, opened_at=opened_at, at=at)
    return _pass(activity, member, Way.OUT, How.CODE, result, by=by, at=at)


@commit_refusals
def staff_check_in(activity: Activity, *, member: Member, by: User, at: dt.datetime) -> Scan:
    """Somebody of the office lets a member in (工作人员签到); who has no place gets one that is free."""
    return _pass(activity, member, Way.IN, How.STAFF, ScanResult.COUNTED, by=by, at=at)


@commit_refusals
def staff_check_out(activity: Activity, *, member: Member, by: User, at: dt.datetime) -> Scan:
    """Somebody of the office writes down that a member left (工作人员签退)."""
    return _pass(activity, member, Way.OUT, How.STAFF, ScanResult.COUNTED, by=by, at=at)


def _read(activity: Activity, code: str, *, opened_at: dt.datetime | None, at: dt.datetime) -> ScanResult:
    """What a code is worth: at the instant its page was opened, if it was pressed soon after that."""
    if opened_at is not None and dt.timedelta(0) <= at - opened_at <= PRESSED_WITHIN:
        return queries.code_read(activity, code, at=opened_at)
    return queries.code_read(activity, code, at=at)


def _pass(
    activity: Activity, member: Member, way: Way, how: How, result: ScanResult, *, by: User | None, at: dt.datetime
) -> Scan:
    """One comes in or goes out, if that may be; what came of it is written down either way."""
    check_same_street(activity.street_id, member)
    locked = lock(activity)
    terms, signup = terms_of(locked), _locked_signup(locked, member)
    passes = queries.passes_of(locked, [member.pk])[member.pk]
    if result is ScanResult.COUNTED:
        result = _scanned(locked, member, signup, way, how, inside=is_in(passes), at=at)
    if result is not ScanResult.COUNTED and queries.wrong_scans(locked, member) >= MOST_WRONG_SCANS:
        check_scan(result, terms)
    scan = Scan.objects.create(
        street=activity.street, activity=locked, member=member, way=way, how=how, result=result, by=by, at=at
    )
    verb = {Way.IN: "check_in", Way.OUT: "check_out"}[way]
    trail.record(verb, locked, by=by, at=at, member=member.shown_number, how=how.value, result=result.value)
    try:
        check_scan(result, terms, since=passes[-1].at if passes else None)
    except Refused as no:
        raise CommittedRefusal(no.reason) from no
    return scan


def _scanned(
    activity: Activity,
    member: Member,
    signup: Signup | None,
    way: Way,
    how: How,
    *,
    inside: bool,
    at: dt.datetime,
) -> ScanResult:
    """Whether one may pass; where nobody signs up, and where staff lets somebody in, a free place is given on the way."""
    terms = terms_of(activity)
    has_place = signup is not None and signup.state == SignupState.CONFIRMED
    result = scan_result(terms, way=way, has_place=has_place, inside=inside, at=at)
    if result is not ScanResult.NO_PLACE or way is Way.OUT or not terms.runs or not member.active:
        return result
    if terms.capacity is not None and how is How.CODE:
        return result
    party = signup.party if signup is not None and signup.state in _MAY_COME else 1
    held = signup.places if signup is not None else 0
    if terms.capacity is not None and party - held > terms.free:
        return result
    if signup is None:
        signup = Signup(street=activity.street, activity=activity, member=member, state=SignupState.CONFIRMED)
        signup.queued, signup.asked_at = _last_of(activity) + 1, at
    signup.party = party
    _stand(signup, SignupState.CONFIRMED, at=at)
    if terms.capacity is not None:
        _count(activity, party - held)
    return ScanResult.COUNTED


_MAY_COME = (SignupState.WAITING, SignupState.OFFERED)


@atomic
def excuse(signup: Signup, *, reason: str, by: User, at: dt.datetime) -> Signup:
    """Somebody has said that they cannot come (请假), for a reason: before the start the place goes on, afterwards it
    counts neither as late nor as absent, and a strike for it is lifted."""
    said = check_line(reason, _("请写明为什么请假。"), name="reason", most=LONGEST_REASON)
    activity, locked = _lock(signup)
    passes = queries.passes_of(activity, [locked.member_id])[locked.member_id]
    presence = Presence(locked.presence) if locked.presence else None
    if presence is None and passes and presence_of(passes, activity.starts_at) is Presence.ATTENDED:
        presence = Presence.ATTENDED
    check_excuse(terms_of(activity), SignupState(locked.state), presence)
    locked.presence, locked.words = Presence.EXCUSED, said
    if at < activity.starts_at:
        return _give_up(activity, locked, SignupState.CANCELLED, "excuse", by=by, at=at, reason=said)
    locked.save(update_fields=["presence", "words"])
    _keep([locked], at=at)
    _lift_for(locked, said, by=by, at=at)
    trail.record("excuse", locked, by=by, at=at, member=locked.member.shown_number, reason=said)
    return locked


# -- once it is over -----------------------------------------------------------------------------------------------------


def close_attendances(street: Street, *, by: User | None, at: dt.datetime) -> int:
    """Add up the attendance of each activity that nobody can check in to or out of any more (结算到场): how many were. Idempotent."""
    return sum(close_attendance(one, street=street, by=by, at=at) for one in queries.to_close_now(street, at=at))


@atomic
def close_attendance(activity: Activity, *, street: Street, by: User | None, at: dt.datetime) -> bool:
    """Who came, for how long, from scans alone; who had a place and came late or not at all gets a strike.

    False where there is nothing to add up any more.
    """
    activity.street = street
    locked = lock(activity)
    if at < closes_at(locked.ends_at):
        raise Refused(_("活动还没有结束，不能结算到场。"))
    rows = Signup.objects.select_for_update(of=("self",)).filter(street=street, activity=locked, settled_at=None)
    signups = list(rows.in_state(SignupState.CONFIRMED).select_related("member").order_by("pk"))
    if not signups:
        return False
    passes = queries.passes_of(locked, [signup.member_id for signup in signups])
    for signup in signups:
        mine, excused = passes[signup.member_id], signup.presence == Presence.EXCUSED
        signup.presence = presence_of(mine, locked.starts_at, placed_at=signup.placed_at, excused=excused)
        signup.minutes, signup.settled_at = minutes_within(mine), at
    Signup.objects.bulk_update(signups, ["presence", "minutes", "settled_at"])
    _keep(signups, at=at)
    strikes = _strikes(signups, street, at=at)
    counts: dict[str, Any] = {presence.value: sum(s.presence == presence for s in signups) for presence in Presence}
    trail.record("close_attendance", locked, by=by, at=at, strikes=len(strikes), **counts)
    return True


def _strikes(signups: Sequence[Signup], street: Street, *, at: dt.datetime) -> list[Strike]:
    weights = [(signup, strike_weight(SignupState(signup.state), Presence(signup.presence))) for signup in signups]
    return Strike.objects.bulk_create(
        Strike(street=street, member=s.member, signup=s, weight=weight, at=at, expires_on=expires_on(day_of(at)))
        for s, weight in weights
        if weight and s.member.active
    )


@atomic
def enter_by_hand(
    activity: Activity, *, member: Member, minutes: int, reason: str, by: User, at: dt.datetime
) -> HandEntry:
    """Write down minutes that no scan shows (手工补录), for a reason; they count when another person has agreed."""
    check_same_street(activity.street_id, member)
    said = check_line(reason, _("请写明为什么要补。"), name="reason", most=LONGEST_REASON)
    locked = lock(activity)
    scanned = queries.scanned_minutes(locked, member)
    check_entry(terms_of(locked), minutes=minutes, scanned=scanned, at=at)
    rows = HandEntry.objects.filter(street=activity.street_id, activity=locked, member=member)
    if rows.exclude(state=EntryState.REFUSED).exists():
        raise Refused(_("这个人这场已经补录过了。"), field="member")
    entry = HandEntry.objects.create(
        street=activity.street, activity=locked, member=member, minutes=minutes, reason=said, by=by, at=at
    )
    trail.record(
        "enter_by_hand", entry, by=by, at=at, member=member.shown_number, activity=locked.public_id, minutes=minutes,
        reason=said,
    )  # fmt: skip
    return entry


@atomic
def agree_entry(entry: HandEntry, *, by: User, at: dt.datetime) -> HandEntry:
    """Another person agrees to an entry by hand (同意补录): who was noted absent was there, and the strike for it is lifted."""
    locked = _answer(entry, EntryState.AGREED, by=by, at=at)
    signup = signup_of(entry.activity, entry.member)
    if signup is not None and signup.presence == Presence.ABSENT:
        signup = lock(signup)
        signup.presence, signup.words = Presence.ATTENDED, locked.reason
        signup.save(update_fields=["presence", "words"])
        _keep([signup], at=at)
        _lift_for(signup, locked.reason, by=by, at=at)
    trail.record("agree_entry", locked, by=by, at=at, member=entry.member.shown_number, minutes=locked.minutes)
    return locked


@atomic
def refuse_entry(entry: HandEntry, *, reason: str, by: User, at: dt.datetime) -> HandEntry:
    """Another person does not agree (不同意补录), for a reason."""
    said = check_line(reason, _("请写明为什么不同意。"), name="reason", most=LONGEST_REASON)
    locked = _answer(entry, EntryState.REFUSED, answer=said, by=by, at=at)
    trail.record("refuse_entry", locked, by=by, at=at, member=entry.member.shown_number, reason=said)
    return locked


def _answer(entry: HandEntry, to: EntryState, *, answer: str = "", by: User, at: dt.datetime) -> HandEntry:
    activity = entry.activity
    activity.street = entry.street
    lock(activity)
    locked = lock(entry)
    check_agrees(EntryState(locked.state), entered_by=locked.by_id, by=by.pk)
    locked.state, locked.agreed_by, locked.agreed_at, locked.answer = to, by, at, answer
    locked.save(update_fields=["state", "agreed_by", "agreed_at", "answer"])
    return locked


@atomic
def lift_strike(strike: Strike, *, reason: str, by: User, at: dt.datetime) -> Strike:
    """Take a strike away (撤销), for a reason."""
    said = check_line(reason, _("请写明为什么撤销。"), name="reason", most=LONGEST_REASON)
    locked = lock(strike)
    check_lift(lifted=locked.lifted_at is not None, expired=locked.expires_on <= day_of(at))
    _lift(locked, said, by=by, at=at)
    trail.record("lift_strike", locked, by=by, at=at, member=strike.member.shown_number, reason=said)
    return locked


def _lift_for(signup: Signup, reason: str, *, by: User, at: dt.datetime) -> None:
    """Lift what runs for a sign-up, as part of another act."""
    rows = Strike.objects.select_for_update().filter(street=signup.street_id, signup=signup, lifted_at=None)
    for strike in rows:
        _lift(strike, reason, by=by, at=at)


def _lift(strike: Strike, reason: str, *, by: User, at: dt.datetime) -> None:
    strike.lifted_by, strike.lifted_at, strike.reason = by, at, reason
    strike.save(update_fields=["lifted_by", "lifted_at", "reason"])
