"""Reads over sign-ups: on what terms, who stands where in the queue, who came, what counts against somebody."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, cast

from django.db.models import Count, F, Max, Q, QuerySet, Sum

from hege.kernel.clock import start_of
from hege.kernel.keys import keys_for
from hege.members.models import Member
from hege.people.models import Street
from hege.programme.activities.models import HandEntry, Scan, Signup, SignupStep, Strike
from hege.programme.activities.rules import (
    AROUND,
    HOLDS_PLACES,
    LAST_ANSWER,
    LIVE,
    SHORTEST_OFFER,
    EntryState,
    How,
    Pass,
    Presence,
    ScanResult,
    SignupState,
    Terms,
    Way,
    minutes_within,
    read_code,
    step_of,
    wall_code,
)
from hege.programme.seasons.models import Activity, ActivityStep
from hege.programme.seasons.rules import ActivityState

#: What the key of the codes on the wall is made for.
PURPOSE = "hege.activities.wall"
CHUNK = 5000
#: Of more wrong scans of one member at one activity nothing is kept.
MOST_WRONG_SCANS = 20


def terms_of(activity: Activity) -> Terms:
    """On what terms one signs up for an activity as it stands: from its publication until its start, unless it says so."""
    return Terms(
        runs=activity.state == ActivityState.PUBLISHED,
        capacity=activity.capacity,
        taken=activity.taken,
        party_max=activity.party_max,
        waiting_list=activity.waiting_list,
        opens_at=activity.signup_opens_at or activity.published_at or activity.starts_at,
        closes_at=activity.signup_closes_at or activity.starts_at,
        starts_at=activity.starts_at,
        ends_at=activity.ends_at,
    )


def evenings(street: Street, *, past: bool, at: dt.datetime) -> QuerySet[Activity]:
    """What was published of a street and is to come or under way, the next first; or what is over, the last first."""
    rows = Activity.objects.filter(street=street, state=ActivityState.PUBLISHED).select_related("unit__party")
    if past:
        return rows.filter(ends_at__lte=at - AROUND).order_by("-starts_at", "-pk")
    return rows.filter(ends_at__gt=at - AROUND).order_by("starts_at", "pk")


def the_evening(street: Street, public_id: str) -> Activity | None:
    """An activity of a street that was published, also one that was called off since."""
    rows = Activity.objects.filter(street=street, public_id=public_id, published_at__isnull=False)
    return rows.select_related("unit__party", "station", "season", "topic", "street__trail_head").first()


def roster_of(activity: Activity) -> list[Signup]:
    """All that members have to do with an activity, in the order of asking."""
    rows = Signup.objects.filter(street=activity.street_id, activity=activity)
    return list(rows.select_related("member").order_by("queued"))


def signups_of(street: Street) -> QuerySet[Signup]:
    """The sign-ups of a street with their member and activity, in the order of asking."""
    rows = Signup.objects.filter(street=street).select_related("member", "activity", "street__trail_head")
    return rows.order_by("activity_id", "queued")


def the_signup(street: Street, public_id: str) -> Signup | None:
    """A sign-up of a street."""
    return signups_of(street).filter(public_id=public_id).first()


def signup_of(activity: Activity, member: Member) -> Signup | None:
    """What a member has to do with an activity."""
    return Signup.objects.filter(street=activity.street_id, activity=activity, member=member).first()


def position_of(signup: Signup) -> int:
    """How many wait before and with a sign-up on the waiting list, in its order."""
    rows = Signup.objects.filter(street=signup.street_id, activity=signup.activity_id, state=SignupState.WAITING)
    return rows.filter(queued__lte=signup.queued).count()


def waiting_counts(street: Street, activities: Collection[int]) -> dict[int, int]:
    """How many sign-ups wait for a place, by activity."""
    rows = Signup.objects.filter(street=street, activity__in=activities, state=SignupState.WAITING)
    return dict(rows.order_by().values_list("activity").annotate(n=Count("pk")))


def coming_of(member: Member, *, at: dt.datetime) -> list[Signup]:
    """What a member signed up for that is not over, the next first, with its activity."""
    rows = Signup.objects.filter(street=member.street_id, member=member, activity__ends_at__gt=at).live()
    rows = rows.filter(activity__state=ActivityState.PUBLISHED).select_related("activity")
    return list(rows.order_by("activity__starts_at", "pk"))


def past_of(member: Member, *, at: dt.datetime, most: int = 20) -> list[Signup]:
    """What a member had a place at and is over, the last first, with its activity."""
    rows = Signup.objects.filter(street=member.street_id, member=member, state=SignupState.CONFIRMED)
    rows = rows.filter(activity__ends_at__lte=at).select_related("activity")
    return list(rows.order_by("-activity__starts_at", "-pk")[:most])


# -- strikes -------------------------------------------------------------------------------------------------------------


def running_strikes(street: Street, *, on: dt.date) -> QuerySet[Strike]:
    """Strikes that count on a day, the oldest first."""
    rows = Strike.objects.filter(street=street, lifted_at__isnull=True, expires_on__gt=on)
    return rows.select_related("member", "signup__activity", "street__trail_head").order_by("pk")


def weight_of(member: Member, *, on: dt.date) -> int:
    """What the strikes of a member weigh on a day, all together."""
    rows = Strike.objects.filter(street=member.street_id, member=member, lifted_at__isnull=True, expires_on__gt=on)
    weight: int | None = rows.aggregate(n=Sum("weight"))["n"]
    return weight or 0


def the_strike(street: Street, public_id: str) -> Strike | None:
    """A strike of a street, also one that is over."""
    rows = Strike.objects.filter(street=street, public_id=public_id)
    return rows.select_related("member", "signup__activity", "street__trail_head").first()


# -- checking in and out -----------------------------------------------------------------------------------------------


def code_now(activity: Activity, *, at: dt.datetime) -> str:
    """The code that stands on the wall of an activity."""
    return wall_code(next(keys_for(PURPOSE)), activity.public_id, step_of(at))


def code_read(activity: Activity, code: str, *, at: dt.datetime) -> ScanResult:
    """Whether a code stands on the wall of an activity at an instant."""
    return read_code(list(keys_for(PURPOSE)), activity.public_id, code, at=at)


def passes_of(activity: Activity, members: Collection[int]) -> dict[int, list[Pass]]:
    """When some members went in and out of an activity, by member."""
    found = defaultdict[int, list[Pass]](list)
    rows = Scan.objects.filter(street=activity.street_id, activity=activity, member__in=members).counted()
    for member, way, at in rows.values_list("member", "way", "at"):
        found[member].append(Pass(Way(way), at))
    return found


class Seen(NamedTuple):
    """One scan, as the list of an activity shows it."""

    way: Way
    how: How
    result: ScanResult
    at: dt.datetime


def scans_of(activity: Activity) -> dict[int, list[Seen]]:
    """Every scan at an activity, by member, in their order; also those that did not count."""
    found = defaultdict[int, list[Seen]](list)
    rows = Scan.objects.filter(street=activity.street_id, activity=activity).order_by("pk")
    for member, way, how, result, at in rows.values_list("member", "way", "how", "result", "at"):
        found[member].append(Seen(Way(way), How(how), ScanResult(result), at))
    return found


def came_to(street: Street, activities: Collection[int]) -> dict[int, int]:
    """How many members came in so far, by activity."""
    rows = Scan.objects.filter(street=street, activity__in=activities, way=Way.IN, result=ScanResult.COUNTED)
    return dict(rows.order_by().values_list("activity").annotate(n=Count("member", distinct=True)))


def member_by_number(street: Street, number: int) -> Member | None:
    """Who bears a number in a street, while they are a member."""
    return Member.objects.filter(street=street, number=number, left_at__isnull=True).first()


def wrong_scans(activity: Activity, member: Member) -> int:
    """How many scans of a member at an activity did not count."""
    rows = Scan.objects.filter(street=activity.street_id, activity=activity, member=member)
    return rows.exclude(result=ScanResult.COUNTED).count()


# -- what runs by itself -------------------------------------------------------------------------------------------------


def streets_to_keep(at: dt.datetime) -> QuerySet[Street]:
    """The streets in which an offer is overdue, or an activity is over and was not added up."""
    overdue = Signup.objects.overdue(at).filter(activity__state=ActivityState.PUBLISHED).values("street")
    over = Signup.objects.filter(
        state=SignupState.CONFIRMED, settled_at__isnull=True, activity__ends_at__lte=at - AROUND
    )
    ended = over.filter(activity__state=ActivityState.PUBLISHED).values("street")
    return Street.objects.filter(Q(pk__in=overdue) | Q(pk__in=ended)).select_related("trail_head").order_by("pk")


def to_settle_now(street: Street, *, at: dt.datetime) -> list[Activity]:
    """The activities of which an offer is overdue, somebody who left still has a place, or a free place may be offered."""
    overdue = Q(signups__state=SignupState.OFFERED, signups__offered_until__lte=at)
    left = Q(starts_at__gt=at, signups__state__in=sorted(LIVE), signups__member__left_at__isnull=False)
    asked = at + LAST_ANSWER + SHORTEST_OFFER
    waiting = Q(starts_at__gte=asked, signups__state=SignupState.WAITING, taken__lt=F("capacity"))
    rows = Activity.objects.filter(street=street, state=ActivityState.PUBLISHED)
    return list(rows.filter(overdue | left | waiting).distinct().order_by("pk"))


def to_close_now(street: Street, *, at: dt.datetime) -> list[Activity]:
    """The activities that nobody can check in to or out of any more and whose attendance was not added up."""
    unsettled = Q(signups__state=SignupState.CONFIRMED, signups__settled_at__isnull=True)
    rows = Activity.objects.filter(street=street, state=ActivityState.PUBLISHED, ends_at__lte=at - AROUND)
    return list(rows.filter(unsettled).distinct().order_by("pk"))


def starting_on(street: Street, day: dt.date) -> QuerySet[Signup]:
    """Who has a place at what begins on a day."""
    begins, ends = start_of(day), start_of(day + dt.timedelta(days=1))
    rows = Signup.objects.filter(street=street, state=SignupState.CONFIRMED, member__left_at__isnull=True)
    rows = rows.filter(activity__state=ActivityState.PUBLISHED)
    rows = rows.filter(activity__starts_at__gte=begins, activity__starts_at__lt=ends)
    return rows.select_related("activity", "member").order_by("pk")


# -- figures -------------------------------------------------------------------------------------------------------------


class Figures(NamedTuple):
    """How an activity stands, counted from its rows: persons with a place or asked about one (``taken``), sign-ups by what
    they are, entries by hand that wait or count."""

    taken: int = 0
    confirmed: int = 0
    offered: int = 0
    waiting: int = 0
    given_up: int = 0
    attended: int = 0
    late: int = 0
    absent: int = 0
    excused: int = 0
    by_hand: int = 0


def figures_of(street: Street, activities: Collection[int]) -> dict[int, Figures]:
    """The figures of some activities; two statements, however many."""

    def states(*of: SignupState) -> Count:
        return Count("pk", filter=Q(state__in=of))

    def presence(of: Presence) -> Count:
        return Count("pk", filter=Q(presence=of))

    rows = Signup.objects.filter(street=street, activity__in=activities).order_by().values("activity")
    counted = rows.annotate(
        taken=Sum("party", filter=Q(state__in=sorted(HOLDS_PLACES)), default=0),
        confirmed=states(SignupState.CONFIRMED),
        offered=states(SignupState.OFFERED),
        waiting=states(SignupState.WAITING),
        given_up=states(SignupState.CANCELLED, SignupState.DECLINED, SignupState.LAPSED),
        attended=presence(Presence.ATTENDED),
        late=presence(Presence.LATE),
        absent=presence(Presence.ABSENT),
        excused=presence(Presence.EXCUSED),
    )
    entries = HandEntry.objects.filter(street=street, activity__in=activities).exclude(state=EntryState.REFUSED)
    by_hand = dict(entries.order_by().values_list("activity").annotate(n=Count("pk")))
    found: dict[int, dict[str, int]] = {}
    for row in counted:
        counts = dict(cast("Mapping[str, int]", row))
        found[counts.pop("activity")] = counts
    return {pk: Figures(**found.get(pk, {}), by_hand=by_hand.get(pk, 0)) for pk in activities}


class Stood(NamedTuple):
    """How an activity stood at an instant: persons with a place or asked about one (``taken``), sign-ups that waited, and
    who came, as far as the attendance had been added up."""

    taken: int = 0
    waiting: int = 0
    attended: int = 0
    late: int = 0
    absent: int = 0
    excused: int = 0


def stood_before(street: Street, until: dt.datetime) -> dict[int, Stood]:
    """How each activity of a street stood just before an instant, from the last step of each sign-up; one statement."""
    steps = SignupStep.objects.filter(street=street, at__lt=until)
    last = steps.order_by().values("signup").annotate(last=Max("pk")).values("last")
    rows = SignupStep.objects.filter(street=street, pk__in=last).order_by().values("signup__activity")
    counted = rows.annotate(
        taken=Sum("party", filter=Q(state__in=sorted(HOLDS_PLACES)), default=0),
        waiting=Count("pk", filter=Q(state=SignupState.WAITING)),
        **{one.value: Count("pk", filter=Q(presence=one)) for one in Presence},
    )
    return {row.pop("signup__activity"): Stood(**row) for row in counted}


def step_faults(street: Street) -> Iterator[str]:
    """What of sign-ups and activities does not stand as its last step and its places say, in words."""
    steps = SignupStep.objects.filter(street=street).order_by("pk")
    last = {signup: said for signup, *said in steps.values_list("signup", "state", "party", "presence").iterator(CHUNK)}
    taken: dict[int, int] = defaultdict(int)
    signups = Signup.objects.filter(street=street).order_by("pk")
    stands = signups.values_list("pk", "activity_id", "state", "party", "presence")
    for pk, activity, state, party, presence in stands.iterator(CHUNK):
        if state in HOLDS_PLACES:
            taken[activity] += party
        if last.get(pk) != [state, party, presence]:
            yield f"activities.signup {pk}: it does not stand as its last step says"
    published = ActivityStep.objects.filter(street=street).order_by("pk")
    stood = {activity: said for activity, *said in published.values_list("activity", "state", "capacity")}
    activities = Activity.objects.filter(street=street).order_by("pk")
    for pk, shown, count, *said in activities.values_list("pk", "published_at", "taken", "state", "capacity"):
        if shown is not None and stood.get(pk) != said:
            yield f"seasons.activity {pk}: it does not stand as its last step says"
        if count != taken[pk]:
            yield f"seasons.activity {pk}: taken is {count}, its sign-ups come to {taken[pk]}"


class Minutes(NamedTuple):
    """Time that somebody gave, from one source: ``key`` names it among all of the street."""

    member: int
    minutes: int
    key: str


def minutes_of(activity: Activity) -> list[Minutes]:
    """What counts as honour time of an activity: scanned, once it was added up, and entered by hand, once agreed to."""
    scanned = Signup.objects.filter(
        street=activity.street_id, activity=activity, settled_at__isnull=False, minutes__gt=0
    )
    entered = HandEntry.objects.filter(street=activity.street_id, activity=activity, state=EntryState.AGREED)
    return [
        *(Minutes(member, n, f"signup:{pk}") for pk, member, n in _rows(scanned)),
        *(Minutes(member, n, f"hand_entry:{pk}") for pk, member, n in _rows(entered)),
    ]


def _rows(rows: QuerySet[Signup] | QuerySet[HandEntry]) -> Iterable[tuple[int, int, int]]:
    return rows.order_by("pk").values_list("pk", "member_id", "minutes")


def entries_waiting(street: Street) -> QuerySet[HandEntry]:
    """Entries by hand that nobody has agreed to or refused, the oldest first."""
    rows = HandEntry.objects.filter(street=street, state=EntryState.WAITING)
    return rows.select_related("activity", "member", "by").order_by("pk")


def the_entry(street: Street, public_id: str) -> HandEntry | None:
    """An entry by hand of a street."""
    rows = HandEntry.objects.filter(street=street, public_id=public_id)
    return rows.select_related("activity", "member", "by", "street__trail_head").first()


def entries_of(activity: Activity) -> Sequence[HandEntry]:
    """The entries by hand of an activity, with who made and who answered them."""
    rows = HandEntry.objects.filter(street=activity.street_id, activity=activity)
    return list(rows.select_related("member", "by", "agreed_by").order_by("pk"))


def strike_by_signup(activity: Activity) -> Mapping[int, Strike]:
    """The strikes of an activity, by sign-up."""
    rows = Strike.objects.filter(street=activity.street_id, signup__activity=activity)
    return {strike.signup_id: strike for strike in rows}


def scanned_minutes(activity: Activity, member: Member) -> int:
    """What was scanned of a member at an activity, whether it was added up or not."""
    return minutes_within(passes_of(activity, [member.pk])[member.pk])
