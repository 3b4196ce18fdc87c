"""Reads over reports and cases: for pages and boards, and the one that tells who reported."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import Count, Exists, Max, Min, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from hege.attachments.models import Attachment
from hege.cases.models import (
    Case,
    CaseFollow,
    CaseParty,
    CaseQuerySet,
    CaseRequest,
    Report,
    Reporter,
    ReportQuerySet,
    SurveyVisit,
    Task,
    TaskLink,
    TaskQuerySet,
    TimelineLine,
    Urging,
)
from hege.cases.rules import (
    AWAITS_ANSWER,
    BEING_HANDLED,
    FINISHED,
    HANDLED_BY,
    HANDLING_ROLES,
    TO_DISPATCH,
    WAITS_FOR_US,
    WITH_THE_LEAD,
    CaseState,
    LineKind,
    PartyRole,
    ReportKind,
    RequestKind,
    RequestState,
    TaskState,
    check_bears,
    check_link,
    check_may_speak,
)
from hege.kernel.calendar import DAY, Calendar
from hege.kernel.clock import start_of
from hege.kernel.counted import RowCount
from hege.kernel.periods import LastingQuerySet
from hege.kernel.prepared import Fixed, prepared
from hege.kernel.refused import Refused
from hege.kernel.seal import known_as
from hege.metering.models import SupplyPoint
from hege.outbox.rules import Event, Telling
from hege.people.models import Membership, Party, Role, Street, User
from hege.people.queries import acting_for, memberships_of, posts_in
from hege.places.models import Place, Unit
from hege.places.queries import path_filter
from hege.places.rules import covers

TO_DO = BEING_HANDLED | WAITS_FOR_US
MOST_CLOSED = 50  # of so many cases of several reports, at least one is open, or none is looked for
#: Who takes reports in and may have to call back; nobody else learns who reported, whatever their rights.
READS_REPORTER = frozenset({Role.COORDINATOR, Role.GRID_WORKER})

#: Who keeps the street's book, and may write down in it what a party said or did.
WRITES_DOWN = frozenset({Role.COORDINATOR, Role.GRID_WORKER})


def reader_among(members: Iterable[Membership], place: Place | None) -> Membership | None:
    """The first of a street's roles by which one may learn who reported something at a place; None where none does."""
    path = place.path if place else ""
    return next((m for m in members if m.role in READS_REPORTER and covers(m.path, path)), None)


def shop_of(report: Report, *, for_members: Iterable[Membership]) -> Unit | None:
    """The shop a report is about, as far as somebody may know it; None if there is none.

    What a shop reports (商铺上报) is about itself: to name the shop is to name the reporter.
    """
    hidden = report.kind == ReportKind.SHOP and reader_among(for_members, report.place) is None
    return None if hidden else report.unit


def reporter_of(report: Report, *, for_member: Membership) -> Reporter | None:
    """Who made a report (反映人), for one who takes reports in, in their own part of the grid; None if not known.

    The only query that tells who it was. Pages go through ``actions.look_up_reporter``, which puts the
    look on the trail. Raises ``Refused``.
    """
    if for_member.street_id != report.street_id or reader_among([for_member], report.place) is None:
        raise Refused(_("反映人的身份只给受理上报的人看。"))
    return Reporter.objects.filter(street=report.street_id, report=report).first()


def reachable(street: Street, reports: Iterable[Report]) -> dict[int, str]:
    """Those of some reports whose reporter left a telephone and wants to be told, by key and public id; it tells no more of
    anybody."""
    rows = Reporter.objects.filter(street=street, report__in=[report.pk for report in reports], follows=True)
    rows = rows.exclude(phone="")
    return dict(rows.values_list("report", "report__public_id"))


def telephone_of_reporter(street: Street, report_id: str) -> str:
    """Where a message to whoever made a report goes; for the worker that sends it, at that instant, and nobody else."""
    rows = Reporter.objects.filter(street=street, report__public_id=report_id, follows=True)
    return rows.values_list("phone", flat=True).first() or ""


def reports_of(street: Street, *, paths: Iterable[str] = ("",)) -> ReportQuerySet:
    """A street's reports in these parts of the grid, newest first. Never joined to who made them."""
    rows = Report.objects.filter(path_filter("place__path", paths), street=street)
    return rows.select_related("unit", "point", "place", "case").order_by("-submitted_at", "-pk")


def reports_waiting(street: Street, *, paths: Iterable[str]) -> tuple[int, dt.datetime | None]:
    """How many reports in these parts of the grid wait for somebody's look, and since when the first; one query."""
    found = _waiting_count(street.pk, Fixed(tuple(paths)))
    return found[0] if found else (0, None)


@prepared
def _waiting_count(street_id: int, paths: Fixed) -> QuerySet[Report, tuple[int, dt.datetime]]:
    rows: Any = Report.objects.filter(path_filter("place__path", paths.value), street=street_id).waiting().order_by()
    counted: Any = rows.values("street").annotate(n=Count("pk"), oldest=Min("submitted_at"))
    found: QuerySet[Report, tuple[int, dt.datetime]] = counted.values_list("n", "oldest")
    return found


def sent_by_shop(unit: Unit, *, since: dt.datetime) -> int:
    """How many reports came from the page of a shop after an instant."""
    return Report.objects.filter(street=unit.street_id, unit=unit, kind=ReportKind.SHOP, submitted_at__gt=since).count()


def report_of_shop(unit: Unit, public_id: str) -> Report | None:
    """What a shop sent from its page, by the number it was given; None for another's."""
    rows = Report.objects.filter(street=unit.street_id, unit=unit, kind=ReportKind.SHOP, public_id=public_id)
    return rows.select_related("case", "street__trail_head").first()


def is_followed(report: Report) -> bool:
    """Whether whoever made a report is told by SMS what becomes of it."""
    return bool(reachable(report.street, [report]))


def the_report(street: Street, public_id: str, *, paths: Iterable[str] = ("",)) -> Report | None:
    """One report by its public id, where it may be seen; None otherwise."""
    return reports_of(street, paths=paths).select_related("street__trail_head").filter(public_id=public_id).first()


def cases_of(street: Street, *, paths: Iterable[str] = ("",), party_ids: Iterable[int] | None = None) -> CaseQuerySet:
    """A street's cases in these parts of the grid and, where given, of these parties only; newest number first."""
    return _cases(street.pk, paths, party_ids).select_related("point", "place").order_by("-filed_at", "-pk")


def _cases(street_id: int, paths: Iterable[str], party_ids: Iterable[int] | None) -> CaseQuerySet:
    rows = Case.objects.filter(street=street_id).within(paths)
    return rows if party_ids is None else rows.of_parties(party_ids)


def cases_to_dispatch(street: Street, *, paths: Iterable[str] = ("",), most: int) -> list[Case]:
    """The cases in these parts of the grid that wait for somebody to lead them, those that have waited longest first."""
    rows = Case.objects.filter(street=street, state__in=sorted(TO_DISPATCH)).within(paths)
    return list(rows.select_related("place").order_by("state_at", "pk")[:most])


def open_case_of(point: SupplyPoint) -> Case | None:
    """The case about a supply point that is not finished."""
    return Case.objects.filter(street=point.street_id, point=point).unfinished().first()


class MonthOfCases(NamedTuple):
    """What came in and was closed between two days, and how many cases were late at the end."""

    reports: int
    filed: int
    closed: int
    late: int


def month_of_cases(street: Street, first: dt.date, last: dt.date) -> MonthOfCases:
    """Counts between two days, both counted; two queries. Late: due before the last day and not closed by it."""
    since, until = start_of(first), start_of(last + DAY)
    within = {"gte": since, "lt": until}
    open_then = Q(filed_at__lt=until) & (Q(closed_at__isnull=True) | Q(closed_at__gte=until))
    counted = Case.objects.filter(street=street).aggregate(
        filed=Count("pk", filter=Q(**{f"filed_at__{how}": at for how, at in within.items()})),
        closed=Count("pk", filter=Q(**{f"closed_at__{how}": at for how, at in within.items()})),
        late=Count("pk", filter=open_then & Q(due_on__lt=last)),
    )
    reports = Report.objects.filter(street=street, submitted_at__gte=since, submitted_at__lt=until).count()
    return MonthOfCases(reports, **counted)


def the_case(
    street: Street, public_id: str, *, paths: Iterable[str] = ("",), party_ids: Iterable[int] | None = None
) -> Case | None:
    """One case by its public id, with street and people, where it may be seen; None otherwise."""
    parts = list(paths)
    if party_ids is not None:
        return _with_people(cases_of(street, paths=parts, party_ids=party_ids)).filter(public_id=public_id).first()
    found = _a_case(street, public_id) if "" in parts else _a_case_within(street, public_id, parts)
    return next(iter(found), None)


def _with_people(rows: CaseQuerySet) -> CaseQuerySet:
    return rows.select_related("point", "place", "street__trail_head", "filed_by", "checked_by")


@prepared
def _a_case(street: Street, public_id: str) -> CaseQuerySet:
    return _with_people(Case.objects.filter(street=street, public_id=public_id))[:1]


@prepared
def _a_case_within(street: Street, public_id: str, paths: list[str]) -> CaseQuerySet:
    return _with_people(Case.objects.filter(street=street, public_id=public_id).within(paths))[:1]


def parties_of(case: Case, *, on: dt.date | None = None) -> LastingQuerySet[CaseParty]:
    """The parties to a case with their roles; with ``on`` only those who have a part in it that day."""
    rows = _parties(case.street_id, case)
    return rows.on(on) if on is not None else rows


def _parties(street_id: int, case: Case) -> LastingQuerySet[CaseParty]:
    return CaseParty.objects.filter(street=street_id, case=case).select_related("party").order_by("from_on", "pk")


def parties_now(case: Case, *, on: dt.date) -> list[CaseParty]:
    """The same of a day, for a page."""
    return _parties_now(case.street_id, case, on)


@prepared
def _parties_now(street_id: int, case: Case, on: dt.date) -> LastingQuerySet[CaseParty]:
    return _parties(street_id, case).on(on)


def lead_of(case: Case) -> CaseParty | None:
    """The party that leads (牵头单位), if the case has been dispatched."""
    return next(iter(_leads(case.street_id, [case.pk])), None)


@prepared
def _leads(street_id: int, cases: list[int]) -> LastingQuerySet[CaseParty]:
    rows = CaseParty.objects.filter(street=street_id, case__pk__in=cases, role=PartyRole.LEAD, until_on__isnull=True)
    return rows.select_related("party").order_by("pk")


def tasks_of(case: Case) -> TaskQuerySet:
    """The tasks of a case, first due first."""
    return _tasks_of_case(case.street_id, case)


def _tasks_of_case(street_id: int, case: Case) -> TaskQuerySet:
    rows = Task.objects.filter(street=street_id, case=case)
    return rows.select_related("party", "answered_by").order_by("due_on", "pk")


def tasks_shown(case: Case) -> list[Task]:
    """The same, for a page."""
    return _tasks_shown(case.street_id, case)


_tasks_shown = prepared(_tasks_of_case)


def the_task(street: Street, public_id: str) -> Task | None:
    """One task by its public id, with its case and party."""
    return (
        Task.objects.filter(street=street, public_id=public_id)
        .select_related("case", "party", "handler", "street__trail_head")
        .first()
    )


def task_telling(task: Task, event: Event, *, to: Collection[int], round: str = "") -> Telling:  # noqa: A002
    """What some users are told of a task; its case's number is what it is told under."""
    path = f"/{task.street.code}/cases/tasks/{task.public_id}/"
    return Telling(event, ("cases.task", task.pk), task.case.number, path, to, task.due_on, round)


class Urged(NamedTuple):
    """How often somebody was urged about a thing, when last, and whether one person did it on a day."""

    times: int = 0
    last_on: dt.date | None = None
    today: bool = False


def urged(
    street: Street, *, tasks: Collection[int] = (), cases: Collection[int] = (), by: User | None, on: dt.date
) -> dict[tuple[int, int | None], Urged]:
    """How some tasks, and some cases without one, were urged, by case and task; ``by`` and ``on`` are asked for. One query.

    What nobody was urged about is not in it.
    """
    rows = _urged(street.pk, list(tasks), list(cases), by=by.pk if by else 0, on=on)
    return {(case, task): Urged(n, last, mine > 0) for case, task, n, last, mine in rows}


@prepared
def _urged(
    street_id: int, tasks: list[int], cases: list[int], *, by: int, on: dt.date
) -> QuerySet[Urging, tuple[int, int | None, int, dt.date, int]]:
    rows = Urging.objects.filter(Q(task__pk__in=tasks) | Q(task=None, case__pk__in=cases), street=street_id).order_by()
    counted: Any = rows.values_list("case", "task")
    mine = Count("pk", filter=Q(by=by, on=on))
    return counted.annotate(n=Count("pk"), last=Max("on"), mine=mine)  # type: ignore[no-any-return]


def waiting_request(thing: Task | Case) -> CaseRequest | None:
    """The request about a task, or about a case as a whole, that waits for somebody's yes."""
    ask = _about_task if isinstance(thing, Task) else _about_case
    return next(iter(ask(thing.street_id, thing)), None)  # type: ignore[arg-type]  # the one or the other


def _waiting(street_id: int) -> QuerySet[CaseRequest]:
    rows = CaseRequest.objects.filter(street=street_id, state=RequestState.WAITING)
    return rows.select_related("asked_by").order_by("pk")


@prepared
def _about_task(street_id: int, task: Task) -> QuerySet[CaseRequest]:
    return _waiting(street_id).filter(task=task)[:1]


@prepared
def _about_case(street_id: int, case: Case) -> QuerySet[CaseRequest]:
    return _waiting(street_id).filter(case=case)[:1]


def requests_to_decide(
    street: Street, *, by: User, acts_for: Collection[int], paths: Iterable[str], most: int
) -> list[CaseRequest]:
    """The requests that somebody may decide on, the oldest first: none of their own, nor about what an office they act for
    has; none that came to nothing because its task or case is over or hangs. One query."""
    return _to_decide(street.pk, by, list(acts_for), Fixed((tuple(paths), most)))


@prepared
def _to_decide(street_id: int, by: User, acts_for: list[int], which: Fixed) -> QuerySet[CaseRequest]:
    paths, most = which.value
    rows = CaseRequest.objects.annotate(in_case=Coalesce("case", "task__case")).filter(
        street=street_id, state=RequestState.WAITING
    )
    resting = [*FINISHED, CaseState.SUSPENDED]
    open_ = Case.objects.filter(street=street_id).exclude(state__in=resting).within(paths)
    led = CaseParty.objects.filter(street=street_id, role=PartyRole.LEAD, until_on__isnull=True, party__pk__in=acts_for)
    rows = rows.filter(Q(task__isnull=True) | Q(task__state__in=sorted(AWAITS_ANSWER)), in_case__in=open_.values("pk"))
    rows = rows.exclude(asked_by=by).exclude(task__party__pk__in=acts_for).exclude(case__in=led.values("case"))
    return rows.select_related("case", "task__case", "task__party", "asked_by").order_by("asked_at", "pk")[:most]


def coordinators_of(case: Case, *, but: User | None, on: dt.date) -> list[int]:
    """Those whose part of the grid takes in a case; not ``but``, who acts."""
    path = case.place.path if case.place else ""
    posts = posts_in(case.street, Role.COORDINATOR, on=on)
    found = {user for _role, user, part, _party in posts if covers(part, path)}
    return sorted(found - {but.pk if but else 0})


def deciders_of(thing: Task | Case, *, but: User | None, on: dt.date) -> set[int]:
    """The coordinators who may decide on a request about a thing that ``but`` makes: none who acts for whose it is."""
    case, party = (thing, None) if isinstance(thing, Case) else (thing.case, thing.party)
    whose = party or leads_of(case.street, [case.pk]).get(case.pk)
    own = set(acting_for(whose.pk, case.street, on=on)) if whose else set()
    return set(coordinators_of(case, but=but, on=on)) - own


def holds_over(street: Street, *, on: dt.date) -> tuple[list[Case], list[Task]]:
    """The cases, and the tasks of cases that run, whose hold has come to its day; two queries."""
    return _cases_held(street, on), _tasks_held(street, on)


@prepared
def _cases_held(street: Street, on: dt.date) -> QuerySet[Case]:
    cases = Case.objects.filter(street=street, state=CaseState.SUSPENDED, held_until__lte=on)
    return cases.select_related("street__trail_head", "place").order_by("pk")


@prepared
def _tasks_held(street: Street, on: dt.date) -> QuerySet[Task]:
    tasks = Task.objects.filter(street=street, held_until__lte=on).unfinished()
    tasks = tasks.exclude(case__in=Case.objects.filter(street=street, state=CaseState.SUSPENDED).values("pk"))
    return tasks.select_related("street__trail_head", "case__place", "party").order_by("case", "pk")


def due_moved(task: Task) -> int:
    """How often the due day of a task was moved at somebody's request."""
    moved = CaseRequest.objects.filter(street=task.street_id, task=task, kind=RequestKind.DUE)
    return moved.filter(state=RequestState.AGREED).count()


def leads_of(street: Street, cases: Collection[int]) -> dict[int, Party]:
    """The party that leads each of some cases that have been dispatched; one query."""
    return {part.case_id: part.party for part in _leads(street.pk, list(cases))}


def case_telling(case: Case, event: Event, *, to: Collection[int], round: str = "") -> Telling:  # noqa: A002
    """What some users are told of a case."""
    path = f"/{case.street.code}/cases/{case.public_id}/"
    return Telling(event, ("cases.case", case.pk), case.number, path, to, case.due_on, round)


def links_of(task: Task) -> QuerySet[TaskLink]:
    """The links made for a task, newest first: when they end, whether they were opened, used or revoked."""
    return TaskLink.objects.filter(street=task.street_id, task=task).select_related("made_by").order_by("-pk")


def readers_of(case: Case, *, on: dt.date) -> set[int]:
    """The users of a street who see a case on a day: everybody with a post but agents, where their part takes it in."""
    path = case.place.path if case.place else ""
    posts = posts_in(case.street, *(role for role in Role if role is not Role.AGENT), on=on)
    return {user for _role, user, part, _party in posts if covers(part, path)}


def followers_of(case: Case) -> list[int]:
    """The users who follow a case, whether or not they still see it."""
    return _followers(case.street_id, case)


@prepared
def _followers(street_id: int, case: Case) -> QuerySet[CaseFollow, int]:
    return CaseFollow.objects.filter(street=street_id, case=case, on=True).order_by("pk").values_list("user", flat=True)


def follows(user: User, case: Case) -> bool:
    """Whether somebody follows a case."""
    return bool(_followed(case.street_id, case, user))


@prepared
def _followed(street_id: int, case: Case, user: User) -> QuerySet[CaseFollow, tuple[int]]:
    return CaseFollow.objects.filter(street=street_id, case=case, user=user, on=True).values_list("pk")[:1]


def timeline(case: Case, *, internal: bool) -> QuerySet[TimelineLine]:
    """What happened in a case, newest first; with ``internal`` also what is only for the offices."""
    rows = _timeline(case.street_id, case)
    return rows if internal else rows.filter(internal=False)


def _timeline(street_id: int, case: Case) -> QuerySet[TimelineLine]:
    rows = TimelineLine.objects.filter(street=street_id, case=case)
    return rows.select_related("by").order_by("-at", "-pk")


def whole_timeline(case: Case) -> list[TimelineLine]:
    """All of it, for a page of the offices."""
    return _whole_timeline(case.street_id, case)


_whole_timeline = prepared(_timeline)


def visits_to(unit: Unit) -> QuerySet[SurveyVisit]:
    """The survey visits to a unit, latest first."""
    rows = SurveyVisit.objects.filter(street=unit.street_id, unit=unit)
    return rows.select_related("by", "case").order_by("-visited_on", "-pk")


def pictured_visits(point: SupplyPoint, *, on: dt.date, most: int) -> QuerySet[SurveyVisit]:
    """The last visits to shops behind a supply point that brought pictures, latest first."""
    kept = Attachment.objects.filter(street=point.street_id, about=known_as(SurveyVisit), about_id=OuterRef("pk"))
    rows = SurveyVisit.objects.filter(
        Exists(kept),
        street=point.street_id,
        unit__in=Unit.objects.filter(street=point.street_id, connections__point=point),
        visited_on__lte=on,
    )
    return rows.select_related("unit", "by").order_by("-visited_on", "-pk")[:most]


def last_visits(point: SupplyPoint, *, on: dt.date) -> dict[str, tuple[dt.date, str]]:
    """When each unit behind a supply point was visited last (走访), and by whom, by unit code; one query."""
    visits = SurveyVisit.objects.filter(street=point.street_id, unit__connections__point=point, visited_on__lte=on)
    rows = visits.order_by("visited_on", "pk").values_list("unit__code", "visited_on", "by__full_name")
    return {code: (day, name or "") for code, day, name in rows}


def handlers_of(case: Case) -> set[int]:
    """The users who have handled a case, from its timeline, which nobody can change."""
    return {pk for (pk,) in _handlers(case.street_id, case) if pk is not None}


@prepared
def _handlers(street_id: int, case: Case) -> QuerySet[TimelineLine, tuple[int | None]]:
    rows = TimelineLine.objects.filter(street=street_id, case=case, kind__in=sorted(HANDLED_BY), by__isnull=False)
    return rows.values_list("by_id").distinct()


# -- for whom one speaks -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Standing:
    """For whom a person speaks in a street: the parties they act for, and whether they may write down what others said."""

    acts_for: frozenset[int]
    writes_down: bool

    def may_speak_for(self, party_id: int) -> bool:
        """Whether they may act for a party, as one of its own or by writing it down."""
        return party_id in self.acts_for or self.writes_down


def standing(memberships: Iterable[Membership]) -> Standing:
    """What a person may say by these memberships, and for whom."""
    held = list(memberships)
    return Standing(
        acts_for=frozenset(m.party_id for m in held if m.party_id is not None),
        writes_down=any(m.role in WRITES_DOWN and m.party_id is None for m in held),
    )


def standing_of(user: User | None, street: Street, *, on: dt.date) -> Standing:
    """For whom a user speaks in a street on a day; nobody, for the system itself."""
    return standing([] if user is None else memberships_of(user, street, on=on))


def in_whose_name(party: Party | None, by: User | None, *, on: dt.date) -> str:
    """The party a line is written on behalf of: empty where one of its own writes, or the system. Raises ``Refused``."""
    if party is None or by is None:
        return ""
    held = standing_of(by, party.street, on=on)
    own = party.pk in held.acts_for
    check_may_speak(party.name, own=own, writes_down=held.writes_down)
    return "" if own else party.name


def handling_parties(case: Case, party_ids: Iterable[int], *, on: dt.date) -> list[str]:
    """The names of those of some parties that lead a case or assist in it on a day."""
    rows = CaseParty.objects.filter(
        street=case.street_id, case=case, role__in=HANDLING_ROLES, party__in=list(party_ids)
    )
    return sorted(set(rows.on(on).values_list("party__name", flat=True)))


# -- the outsider's link -----------------------------------------------------------------------------------------------


def link_hash(token: str) -> str:
    """What is kept of a link's secret: its SHA-256 as hex."""
    return hashlib.sha256(token.encode()).hexdigest()


def others_asked(link: TaskLink, *, at: dt.datetime) -> QuerySet[TaskLink]:
    """What else the party of a link was sent a link for and has not answered, first due first: by the link of each."""
    rows = TaskLink.objects.filter(
        street=link.street_id, task__street=link.street_id, task__party=link.task.party_id, used_at__isnull=True,
        revoked_at__isnull=True, expires_at__gt=at, task__state__in=sorted(AWAITS_ANSWER),
    )  # fmt: skip
    rows = rows.exclude(pk=link.pk).select_related("task__case", "task__party", "street")
    return rows.order_by("task__due_on", "pk")


def links_ending(street: Street, *, on: dt.date, within: int) -> QuerySet[TaskLink]:
    """The links that end within some days of a day, and by which nobody has answered yet what is still asked."""
    rows = TaskLink.objects.filter(
        street=street, used_at__isnull=True, revoked_at__isnull=True, expires_at__gt=start_of(on),
        expires_at__lt=start_of(on + dt.timedelta(days=within + 1)), task__state__in=sorted(AWAITS_ANSWER),
    )  # fmt: skip
    return rows.select_related("task__case__place", "task__party").order_by("pk")


def link_by_token(token: str, *, at: dt.datetime, task_id: str = "") -> TaskLink:
    """The link a bearer holds, with its task, case, party and street, if it still opens. Writes nothing.

    ``task_id``: of what else the same party was sent a link for, the link of that task.

    Raises ``Refused`` in the same words for a wrong token as for one that never was.
    """
    link = (
        TaskLink.objects.filter(token_hash=link_hash(token))
        .select_related("task__case", "task__party", "street")
        .first()
    )
    if link is None:
        raise Refused(_("没有这个链接，请核对是否完整。"))
    if task_id and task_id != link.task.public_id:
        check_bears(link, at=at)
        other = others_asked(link, at=at).filter(task__public_id=task_id).first()
        if other is None:
            raise Refused(_("这件事已经答复过，或者不再问您单位了。"))
        return other
    check_link(link, task_state=TaskState(link.task.state), at=at)
    return link


def said_by_link(link: TaskLink) -> TimelineLine | None:
    """What was said through a link, as it stands on the case's timeline, whatever became of the task since."""
    if link.used_at is None:
        return None
    rows = TimelineLine.objects.filter(street=link.street_id, case=link.task.case_id, at=link.used_at)
    return rows.filter(kind__in=[LineKind.TASK_ANSWER, LineKind.TASK_RETURN]).exclude(on_behalf="").first()


# -- boards ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TaskDue:
    """A task on somebody's board: working days left, below zero when late, and the kind of what is asked for about it."""

    task: Task
    days_left: int
    asked: str = ""

    @property
    def late(self) -> bool:
        return self.days_left < 0


@dataclass(frozen=True, slots=True)
class CaseDue:
    """An open case: working days left of its handling, below zero when late, 0 where no clock runs; and how many reported it."""

    case: Case
    days_left: int
    lead: str
    reported: int

    @property
    def late(self) -> bool:
        return self.days_left < 0


def tasks_due(
    street: Street,
    *,
    on: dt.date,
    is_workday: Calendar,
    within: int = 3,
    paths: Iterable[str] = ("",),
    party_ids: Iterable[int] | None = None,
    only: Iterable[int] | None = None,
) -> list[TaskDue]:
    """Unfinished tasks that are late or due within some working days, latest first; ``only`` those; one query."""
    seen = part_seen(paths, party_ids)
    found = _tasks_among(street.pk, seen, list(only)) if only is not None else _tasks_in_full(street.pk, seen)
    due = (TaskDue(task, is_workday.days_left(task.due_on, on), task.asked) for task in found)
    return [row for row in due if row.days_left <= within]


def _tasks_in_full(street_id: int, seen: Fixed) -> Any:
    asked = CaseRequest.objects.filter(street=street_id, task=OuterRef("pk"), state=RequestState.WAITING)
    kind = Coalesce(Subquery(asked.values("kind")[:1]), Value(""))
    rows = _tasks(street_id, *seen.value).annotate(asked=kind)
    return rows.select_related("case", "party", "handler").order_by("due_on", "pk")


@prepared
def _tasks_among(street_id: int, seen: Fixed, only: list[int]) -> Any:
    return _tasks_in_full(street_id, seen).filter(pk__in=only)


def _tasks(street: Street | int, paths: Iterable[str], party_ids: Iterable[int] | None) -> TaskQuerySet:
    rows = Task.objects.filter(path_filter("case__place__path", paths), street=street).unfinished()
    rows = rows.filter(held_on__isnull=True)
    # few cases hang, and a task's own row tells its case: no other row is read for it
    rows = rows.exclude(case__in=Case.objects.filter(street=street, state=CaseState.SUSPENDED).values("pk"))
    return rows if party_ids is None else rows.filter(party_id__in=list(party_ids))


def late_tasks(
    street: Street, *, before: dt.date, paths: Iterable[str] = ("",), party: Party | None = None, most: int
) -> list[Task]:
    """The tasks due before a day that somebody is to answer, longest late first; with case and party. One query."""
    rows = _tasks(street, paths, None if party is None else [party.pk])
    rows = rows.filter(state__in=sorted(AWAITS_ANSWER), due_on__lt=before)
    return list(rows.select_related("case", "party").order_by("due_on", "pk")[:most])


def late_cases(street: Street, *, before: dt.date, paths: Iterable[str] = ("",), most: int) -> list[Case]:
    """The cases due before a day that their lead has, longest late first; one query."""
    rows = Case.objects.filter(street=street, state__in=sorted(WITH_THE_LEAD), due_on__lt=before).within(paths)
    return list(rows.order_by("due_on", "pk")[:most])


def things_among(street: Street, public_ids: Collection[str], *, paths: Iterable[str] = ("",)) -> list[Task | Case]:
    """Those of some tasks and cases, by their public ids, that stand in these parts of the grid; two queries."""
    tasks = Task.objects.filter(path_filter("case__place__path", paths), street=street, public_id__in=public_ids)
    cases = Case.objects.filter(street=street, public_id__in=public_ids).within(paths)
    related = ("street__trail_head", "case", "party")
    return [*tasks.select_related(*related), *cases.select_related("street__trail_head")]


class TaskDay(NamedTuple):
    """An unfinished task: its key, whose it is, its due day, its name in addresses, and how often it came back."""

    pk: int
    party: int
    due_on: dt.date
    public_id: str
    bounces: int


def task_days(
    street: Street,
    *,
    paths: Iterable[str] = ("",),
    party_ids: Iterable[int] | None = None,
    outside: bool | None = None,
    most: int,
) -> list[TaskDay]:
    """The tasks of ``tasks_due`` to count by and choose from, latest first, ``most`` at most; one query.

    ``outside`` True: only those of parties that are no office of the street.
    """
    columns = ("pk", "party_id", "due_on", "public_id", "bounces")
    rows: Iterable[Any]
    if outside is None:
        rows = _task_days(street.pk, part_seen(paths, party_ids), Fixed((*columns, most)))
    else:
        # few parties have tasks, and each knows its own: no other task is read
        asked = Task.objects.filter(street=street, party=OuterRef("pk")).unfinished()
        some = set(Party.objects.filter(Exists(asked), street=street, inside=not outside).values_list("pk", flat=True))
        theirs = some if party_ids is None else some & {*party_ids}
        rows = _tasks(street, paths, theirs).order_by("due_on", "pk").values_list(*columns)[:most]
    return [TaskDay(*row) for row in rows]


@prepared
def _task_days(street_id: int, seen: Fixed, shown: Fixed) -> QuerySet[Task, Any]:
    *columns, most = shown.value
    return _tasks(street_id, *seen.value).order_by("due_on", "pk").values_list(*columns)[:most]


def open_cases(
    street: Street,
    *,
    on: dt.date,
    is_workday: Calendar,
    paths: Iterable[str] = ("",),
    party_ids: Iterable[int] | None = None,
    only: Iterable[int] | None = None,
) -> list[CaseDue]:
    """The cases somebody has to do something about, the latest first; those that hang are left out; one query.

    A clock that waits for the check or the closing of what was handled in time is not late. ``only``: those of them.
    """
    seen = part_seen(paths, party_ids)
    rows = _cases_among(street.pk, seen, list(only)) if only is not None else _cases_to_do(street.pk, seen)
    due = [CaseDue(case, days_left(case, on, is_workday), case.lead or "", case.reported or 0) for case in rows]
    return sorted(due, key=lambda row: (row.days_left, row.case.due_on or dt.date.max, row.case.pk))


def _cases_to_do(street_id: int, seen: Fixed) -> Any:
    rows = _cases(street_id, *seen.value).filter(state__in=sorted(TO_DO)).with_lead().with_reports()
    return rows.select_related("point__street", "place").order_by()


@prepared
def _cases_among(street_id: int, seen: Fixed, only: list[int]) -> Any:
    return _cases_to_do(street_id, seen).filter(pk__in=only)


class CaseDay(NamedTuple):
    """An open case: its key, whether its clock runs, and its due day."""

    pk: int
    runs: bool
    due_on: dt.date | None


def case_days(
    street: Street, *, paths: Iterable[str] = ("",), party_ids: Iterable[int] | None = None, most: int
) -> list[list[CaseDay]]:
    """The cases of ``open_cases`` to count by and choose from; a query a part, each part as an index has it.

    Those with a clock, those that wait for us until a day, and those without one; each in the order of its days,
    ``most`` at most.
    """
    seen, most_ = part_seen(paths, party_ids), Fixed(most)
    parts = ((True, BEING_HANDLED, False), (False, WAITS_FOR_US, False), (False, WAITS_FOR_US, True))
    return [
        [CaseDay(pk, clock, day) for pk, day in _case_days(street.pk, seen, Fixed((states, undated)), most_)]
        for clock, states, undated in parts
    ]


def part_seen(paths: Iterable[str], party_ids: Iterable[int] | None) -> Fixed:
    """Whose cases and tasks: parts of the grid, and parties where it is not all of them."""
    return Fixed((tuple(paths), None if party_ids is None else tuple(sorted(party_ids))))


@prepared
def _case_days(street_id: int, seen: Fixed, which: Fixed, most: Fixed) -> QuerySet[Case, tuple[int, dt.date | None]]:
    (paths, party_ids), (states, undated) = seen.value, which.value
    rows = _cases(street_id, paths, party_ids).filter(state__in=sorted(states))
    if states != BEING_HANDLED:
        rows = rows.filter(due_on__isnull=undated)
    return rows.order_by("due_on", "pk").values_list("pk", "due_on")[: most.value]


def due_on_day(
    street: Street,
    day: dt.date,
    *,
    paths: Iterable[str] = ("",),
    party_ids: Iterable[int] | None = None,
    most: int,
) -> tuple[int, int, str]:
    """How many open cases and unfinished tasks are due on a day, ``most`` of each at most, and the title of one.

    Where none is, the title of a case without a day. One query.
    """
    [(n_cases, n_tasks, first)] = _due_on_day(street.pk, day, part_seen(paths, party_ids), Fixed(most))
    return n_cases, n_tasks, first


@prepared
def _due_on_day(street_id: int, day: dt.date, seen: Fixed, most: Fixed) -> QuerySet[Street, tuple[int, int, str]]:
    cases: Any = _cases(street_id, *seen.value).filter(state__in=sorted(TO_DO), due_on=day)
    undated: Any = _cases(street_id, *seen.value).filter(state__in=sorted(WAITS_FOR_US), due_on__isnull=True)
    tasks: Any = _tasks(street_id, *seen.value).filter(due_on=day)
    title = Coalesce(*(Subquery(rows.values("title")[:1]) for rows in (cases, tasks, undated)), Value(""))
    counts = [RowCount(rows.values("pk")[: most.value]) for rows in (cases, tasks)]
    return Street.objects.filter(pk=street_id).values_list(*counts, title)


def to_check(street: Street, *, paths: Iterable[str] = ("",), most: int) -> list[Case]:
    """Cases fed back that wait for a check (待核查), each with who leads, the longest waiting first; one query."""
    rows: Any = cases_of(street, paths=paths).filter(state=CaseState.FEEDBACK).with_lead()
    return list(rows.order_by("state_at", "pk")[:most])


def checked_since(street: Street, by: User, since: dt.datetime) -> tuple[int, int]:
    """How many cases somebody has checked and how many sent back since an instant; one query."""
    mine = TimelineLine.objects.filter(street=street, by=by, at__gte=since, kind__in=[LineKind.CHECK, LineKind.REWORK])
    found = Counter(mine.values_list("kind", flat=True))
    return found[LineKind.CHECK.value], found[LineKind.REWORK.value]


def roots(street: Street, *, paths: Iterable[str] = ("",), most: int) -> list[CaseDue]:
    """Cases somebody has to do something about that several reports came down to, the most reports first (同一个根).

    Where there are fewer than ``most``, the newest about a master meter follow. ``days_left`` is 0: nobody asks. At most
    three queries; looked at are the cases of most reports, of which many may be closed.
    """
    several, seen = dict(_reported_often(street.pk, Fixed(most * MOST_CLOSED))), part_seen(paths, None)
    found = _roots_among(street.pk, seen, list(several)) if several else []
    first = sorted(found, key=lambda case: (-case.reported, -case.pk))[:most]
    more = most - len(first)
    rest = _newest_about_a_meter(street.pk, seen, [case.pk for case in first], Fixed(more)) if more else []
    return [CaseDue(case, 0, "", case.reported or 0) for case in (*first, *rest)]


@prepared
def _reported_often(street_id: int, most: Fixed) -> QuerySet[Report, tuple[int, int]]:
    counted: Any = Report.objects.filter(street=street_id, case__isnull=False).order_by().values_list("case")
    often: QuerySet[Report, tuple[int, int]] = counted.annotate(n=Count("*")).filter(n__gt=1).order_by("-n", "-case")
    return often[: most.value]


def _roots(street_id: int, seen: Fixed) -> Any:
    rows = _cases(street_id, *seen.value).filter(state__in=sorted(TO_DO))
    return rows.select_related("point__street", "place").with_reports()


@prepared
def _roots_among(street_id: int, seen: Fixed, only: list[int]) -> Any:
    return _roots(street_id, seen).filter(pk__in=only)


@prepared
def _newest_about_a_meter(street_id: int, seen: Fixed, but: list[int], most: Fixed) -> Any:
    return _roots(street_id, seen).filter(point__isnull=False).exclude(pk__in=but).order_by("-pk")[: most.value]


def days_left(case: Case, on: dt.date, calendar: Calendar) -> int:
    """Working days left of a case's handling, below zero where it is late; 0 where no clock runs."""
    left = 0 if case.due_on is None else calendar.days_left(case.due_on, on)
    return left if case.state in BEING_HANDLED else max(0, left)
