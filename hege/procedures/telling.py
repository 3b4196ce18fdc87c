"""Who is told of what a day brings (每日提醒): one list of tellings, handed to the outbox in the transaction of the watch.

Whoever holds a thing is told at half time and one working day before it is due (of a task that came back, the coordinators:
they hand it on), the coordinators once it is late; nobody twice of the same.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from django.db.models import prefetch_related_objects

from hege.arrears.cutoff.models import Deferral
from hege.arrears.cutoff.queries import Watched
from hege.arrears.early_warning.models import EarlyWarning
from hege.arrears.queries import thresholds_of
from hege.arrears.rules import ThresholdKind
from hege.cases.models import Case
from hege.cases.queries import links_ending, task_telling, tasks_due
from hege.cases.rules import TaskState
from hege.conferences.queries import commitments_due
from hege.honours.models import Honour
from hege.honours.queries import expiring, open_objections, shown_long_enough
from hege.kernel.clock import day_of, start_of
from hege.mediation.queries import agreements_due
from hege.metering.models import SupplyPoint
from hege.outbox.rules import SEVERAL, Event, Telling
from hege.people.models import Role, Street, User
from hege.people.queries import administrators, posts_in
from hege.people.rules import ONE_TIME_FOR
from hege.places.models import Place
from hege.places.queries import workday_calendar
from hege.places.rules import covers
from hege.programme.alliance.models import GateFact
from hege.programme.alliance.queries import facts_to_look_at, stations_to_look_at
from hege.programme.alliance.rules import look_again_on

FAR = 10_000  # working days: everything that is not done
SOON = 1  # working day before the day
#: Working days for which what is late is told, by a watch that was away too: then nobody needs to be told once more.
LATE_FOR = 60
INSTALMENT_SOON = dt.timedelta(days=3)


Placed = Case | SupplyPoint


@dataclass(frozen=True, slots=True)
class Posts:
    """Who is told of things of a place, and who of things of a party."""

    rows: list[tuple[str, int, str, int | None]]

    @classmethod
    def of(cls, street: Street, *, on: dt.date) -> Posts:
        """Those of a street on a day; one query."""
        return cls(posts_in(street, Role.COORDINATOR, Role.CLERK, Role.AGENT, Role.GRID_WORKER, on=on))

    @property
    def users(self) -> set[int]:
        """Those who hold a post of these today."""
        return {user for _role, user, _path, _party in self.rows}

    def coordinators(self, thing: Placed | None = None) -> list[int]:
        """Those whose part of the grid takes in the place of a thing, without one those of the whole street."""
        path = thing.place.path if thing and thing.place else ""
        rows = [(user, part) for role, user, part, _party in self.rows if role == Role.COORDINATOR]
        return list(dict.fromkeys(user for user, part in rows if covers(part, path)))

    def who_look(self, place: Place) -> list[int]:
        """The grid workers whose part takes in a place; where there are none, its coordinators."""
        rows = [(role, user) for role, user, part, _party in self.rows if covers(part, place.path)]
        for wanted in (Role.GRID_WORKER, Role.COORDINATOR):
            if found := list(dict.fromkeys(user for role, user in rows if role == wanted)):
                return found
        return []

    def of_party(self, party_id: int, *roles: Role) -> list[int]:
        """Those who act for a party, in some roles."""
        return [user for role, user, _path, party in self.rows if party == party_id and role in roles]


def of_watch(
    street: Street, watched: Watched, fired: Sequence[EarlyWarning], posts: Posts, *, at: dt.datetime
) -> Iterator[Telling]:
    """What a watch found just now: deferrals that lapsed or end, and new warnings."""
    prefetch_related_objects([row.notice.point for row in (*watched.lapsed, *watched.ending)], "place")
    for deferral in watched.lapsed:
        yield _of_deferral(street, Event.CONDITION_BROKEN, deferral, posts)
    for deferral in watched.ending:
        yield _of_deferral(street, Event.DEFERRAL_ENDING, deferral, posts)
    yield from _of_warnings(street, fired, posts, at)


def _of_warnings(street: Street, fired: Sequence[EarlyWarning], posts: Posts, at: dt.datetime) -> Iterator[Telling]:
    """One new warning to the coordinators of its place, by its meter; several found at once to each by their number."""
    prefetch_related_objects([warning.point for warning in fired], "place")
    here, theirs = f"/{street.code}/warnings/", defaultdict[int, list[EarlyWarning]](list)
    for warning in fired:
        for coordinator in posts.coordinators(warning.point):
            theirs[coordinator].append(warning)
    for coordinator, (first, *more) in theirs.items():
        about, number, link = ("arrears.earlywarning", first.pk), first.point.code, f"{here}{first.public_id}/"
        if more:
            about, number, link = ("people.street", street.pk), f"{SEVERAL}{1 + len(more)}", here
        yield Telling(Event.WARNING_NEW, about, number, link, [coordinator], round=f"{at:%Y-%m-%d %H:%M:%S}")


def _of_deferral(street: Street, event: Event, deferral: Deferral, posts: Posts) -> Telling:
    notice = deferral.notice
    path, about = f"/{street.code}/cutoffs/{notice.public_id}/", ("arrears.deferral", deferral.pk)
    to = posts.coordinators(notice.point)
    return Telling(event, about, notice.point.code, path, to, deferral.until_on, str(deferral.until_on))


def of_day(street: Street, posts: Posts, *, on: dt.date, at: dt.datetime) -> Iterator[Telling]:
    """What a day brings by itself."""
    yield from _tasks(street, posts, on)
    yield from _links(street, posts, on)
    yield from _commitments(street, posts, on)
    yield from _instalments(street, posts, on)
    yield from _honours(street, posts, on)
    yield from _looks(street, posts, on)
    yield from _passwords(street, on, at)


def _tasks(street: Street, posts: Posts, on: dt.date) -> Iterator[Telling]:
    due = tasks_due(street, on=on, is_workday=workday_calendar(street), within=FAR)
    rows = [row for row in due if row.days_left >= -LATE_FOR]
    prefetch_related_objects([row.task.case for row in rows], "place")
    for row in rows:
        task = row.task
        returned = task.state == TaskState.RETURNED
        holders = posts.coordinators(task.case) if returned else posts.of_party(task.party_id, Role.CLERK)
        task.street = street
        if row.late:
            yield task_telling(task, Event.TASK_OVERDUE, to=posts.coordinators(task.case), round=str(task.due_on))
        elif task.dispatched_on < on and row.days_left <= SOON:
            yield task_telling(task, Event.TASK_DUE, to=holders, round=str(task.due_on))
        elif task.dispatched_on < on and 2 * row.days_left <= task.days:
            yield task_telling(task, Event.TASK_HALF, to=holders, round=str(task.due_on))


def _links(street: Street, posts: Posts, on: dt.date) -> Iterator[Telling]:
    """Links for outsiders that end soon, unanswered, once each: to who made one, who can still reach them, and the coordinators.

    The outsider is not written to: the secret in the link is not kept, so that no message of ours could bring it, and the
    telephone of a party is what the office wrote down, not a number that its owner left to be told by.
    """
    within = thresholds_of(street, on=on)[ThresholdKind.LINK_ENDING_DAYS]
    for link in links_ending(street, on=on, within=within):
        link.task.street = street
        to = {*posts.coordinators(link.task.case), *([link.made_by_id] if link.made_by_id in posts.users else [])}
        telling = task_telling(link.task, Event.LINK_ENDING, to=to, round=f"link {link.pk}")
        yield replace(telling, day=day_of(link.expires_at))


def _commitments(street: Street, posts: Posts, on: dt.date) -> Iterator[Telling]:
    rows = commitments_due(street, on, workday_calendar(street), within=SOON)
    prefetch_related_objects([row.decision.conference.case for row in rows], "place")
    for row in rows:
        decision, conference = row.decision, row.decision.conference
        if row.reported or row.days_left < -LATE_FOR:
            continue
        late = row.days_left < 0
        yield Telling(
            Event.COMMITMENT_DUE, ("conferences.decision", decision.pk), conference.case.number,
            f"/{street.code}/conferences/{conference.public_id}/",
            posts.coordinators(conference.case) if late else posts.of_party(decision.lead_id, Role.CLERK), decision.due_on,
            f"{'late' if late else 'due'} {decision.due_on}",
        )  # fmt: skip


def _instalments(street: Street, posts: Posts, on: dt.date) -> Iterator[Telling]:
    rows = agreements_due(street, on)
    prefetch_related_objects([row.agreement.point for row in rows], "place")
    for row in rows:
        one, following = row.agreement, row.following
        if following is None or not on <= following.due_on <= on + INSTALMENT_SOON:
            continue
        yield Telling(
            Event.INSTALMENT_DUE, ("mediation.agreement", one.pk), one.file.number,
            f"/{street.code}/mediation/agreements/{one.public_id}/",
            [*posts.coordinators(one.point), *posts.of_party(one.debtor_id, Role.AGENT)], following.due_on, str(following.due_on),
        )  # fmt: skip


def _honours(street: Street, posts: Posts, on: dt.date) -> Iterator[Telling]:
    """Of the roll: what ends soon, once for each term; what has been shown long enough; objections that wait."""

    def telling(event: Event, honour: Honour, day: dt.date | None, again: str) -> Telling:
        path = f"/{street.code}/honours/{honour.public_id}/"
        to = posts.coordinators()
        return Telling(event, ("honours.honour", honour.pk), honour.public_id, path, to, day, again)

    for version, term in expiring(street, on=on):
        yield telling(Event.HONOUR_EXPIRING, version.honour, version.expires_on, f"{term} {version.expires_on}")
    for version in shown_long_enough(street, on=on):
        until = version.honour.last_shown_on
        yield telling(Event.HONOUR_SHOWN, version.honour, until, str(until))
    for objection in open_objections(street):
        yield telling(Event.OBJECTION_WAITING, objection.honour, None, objection.public_id)


def _looks(street: Street, posts: Posts, on: dt.date) -> Iterator[Telling]:
    """Where somebody is to go and look: each station once after its last look, each estate once for the day that is due."""
    for station in stations_to_look_at(street, on=on):
        yield Telling(
            Event.STATION_TO_LOOK_AT, ("alliance.station", station.pk), station.name,
            f"/{street.code}/stations/{station.public_id}/", posts.who_look(station.place),
            look_again_on(station.looked_on), str(station.looked_on),
        )  # fmt: skip
    due: dict[int, GateFact] = {}
    for fact in facts_to_look_at(street, on=on):
        first = due.get(fact.place_id)
        if first is None or fact.next_look_on < first.next_look_on:
            due[fact.place_id] = fact
    for fact in due.values():
        yield Telling(
            Event.GATE_TO_LOOK_AT, ("places.place", fact.place_id), fact.place.name[:60],
            f"/{street.code}/stations/gates/{fact.place_id}/", posts.who_look(fact.place), fact.next_look_on,
            str(fact.next_look_on),
        )  # fmt: skip


def _passwords(street: Street, on: dt.date, at: dt.datetime) -> Iterator[Telling]:
    """One-time passwords handed over before today that nobody has changed, while there is time to hand over another."""
    waiting = User.objects.filter(
        memberships__street=street, must_change_password=True, is_active=True, password_given_at__gt=at - ONE_TIME_FOR,
        password_given_at__lt=start_of(on),
    )  # fmt: skip
    to = [member.user_id for member in administrators(street, on=on)]
    for pk, given_at in waiting.distinct().order_by("pk").values_list("pk", "password_given_at"):
        path = f"/{street.code}/people/{pk}/"
        yield Telling(Event.PASSWORD_EXPIRING, ("people.user", pk), "", path, to, None, f"{given_at:%Y-%m-%d %H:%M}")
