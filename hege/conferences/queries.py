"""Reads over conferences and the promises made at them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet, prefetch_related_objects

from hege.cases.models import Case
from hege.cases.queries import part_seen
from hege.conferences.models import Attendance, Conference, Decision, DecisionQuerySet, Minutes
from hege.conferences.rules import ConferenceState, DecisionState, fingerprint
from hege.kernel.calendar import Calendar
from hege.kernel.prepared import Fixed, prepared
from hege.people.models import Street
from hege.places.queries import path_filter
from hege.trail.models import TrailHead
from hege.trail.rules import Head


def conferences_of(case: Case) -> QuerySet[Conference]:
    """The rounds of a case, latest first, each with how many decisions it has and how many of them are open."""
    return _of_case(case.street_id, case)


def conferences_shown(case: Case) -> list[Conference]:
    """The same, for a page."""
    return _shown(case.street_id, case)


def _of_case(street_id: int, case: Case) -> QuerySet[Conference]:
    rows = Conference.objects.filter(street=street_id, case=case)
    return rows.annotate(
        decision_count=Count("decisions"),
        open_count=Count("decisions", filter=~Q(decisions__state__in=[DecisionState.DONE, DecisionState.CANCELLED])),
    ).order_by("-round")


def conferences_in(street: Street, *, paths: Iterable[str] = ("",)) -> QuerySet[Conference]:
    """A street's conferences in these parts of the grid, latest first."""
    rows = Conference.objects.filter(path_filter("case__place__path", paths), street=street)
    return rows.select_related("case").order_by("-meets_on", "-pk")


def the_conference(street: Street, public_id: str, *, paths: Iterable[str] = ("",)) -> Conference | None:
    """One conference by its public id, with its case, where it may be seen; None otherwise."""
    rows = conferences_in(street, paths=paths).select_related("street__trail_head", "case__point", "case__street")
    return rows.filter(public_id=public_id).first()


def attendance_of(conference: Conference) -> QuerySet[Attendance]:
    """Who was invited and who came."""
    rows = Attendance.objects.filter(street=conference.street_id, conference=conference)
    return rows.select_related("party").order_by("pk")


@prepared
def list_attendance(street_id: int, conference: Conference) -> QuerySet[Attendance]:
    """The rows of ``attendance_of``, for acts on one conference."""
    return Attendance.objects.filter(street=street_id, conference=conference).select_related("party").order_by("pk")


def decisions_of(conference: Conference) -> DecisionQuerySet:
    """The decisions of one conference in their order, with lead and assisting parties; two queries."""
    rows = Decision.objects.filter(street=conference.street_id, conference=conference)
    return rows.select_related("lead", "reported_by", "confirmed_by").prefetch_related("assisting").order_by("number")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the minutes of a conference freeze beside their text. A decision that was cancelled before is no decision."""

    decisions: list[dict[str, Any]]
    attendance: list[dict[str, Any]]

    @property
    def kept(self) -> dict[str, str]:
        """Each entry in words by its fingerprint."""
        said = {fingerprint(d): f"{d['lead']}：{d['measure']}" for d in self.decisions}
        return said | {fingerprint(a): a["party"] for a in self.attendance}


def snapshot_of(conference: Conference) -> Snapshot:
    """What would be signed now."""
    made = _standing(conference.street_id, conference)
    prefetch_related_objects(made, "assisting")
    decisions = [
        {
            "number": d.number,
            "lead": d.lead.name,
            "assisting": sorted(p.name for p in d.assisting.all()),
            "measure": d.measure,
            "due_on": d.due_on.isoformat(),
            "evidence_required": d.evidence_required,
        }
        for d in made
    ]
    attendance = [
        {"party": row.party.name, "attended": bool(row.attended), "delegate": row.delegate}
        for row in list_attendance(conference.street_id, conference)
    ]
    return Snapshot(decisions, attendance)


@prepared
def _standing(street_id: int, conference: Conference) -> DecisionQuerySet:
    rows = Decision.objects.filter(street=street_id, conference=conference).exclude(state=DecisionState.CANCELLED)
    return rows.select_related("lead").order_by("number")


def minutes_of(conference: Conference) -> Minutes | None:
    """The signed minutes, if there are any."""
    return (
        Minutes.objects.filter(street=conference.street_id, conference=conference).select_related("signed_by").first()
    )


def the_decision(street: Street, pk: int, *, paths: Iterable[str] = ("",)) -> Decision | None:
    """One decision with its conference, case and lead, where it may be seen; None otherwise."""
    rows = Decision.objects.filter(path_filter("conference__case__place__path", paths), street=street, pk=pk)
    return rows.select_related("street__trail_head", "conference__case", "lead", "reported_by", "confirmed_by").first()


def unsigned_conferences(case: Case) -> QuerySet[Conference]:
    """The rounds of a case that were called and not held, or held and not signed: it does not close over them."""
    waiting = [ConferenceState.CALLED, ConferenceState.HELD]
    return Conference.objects.filter(street=case.street_id, case=case, state__in=waiting).order_by("round")


def open_decisions(case: Case) -> DecisionQuerySet:
    """The promises of a case that are not settled yet, first due first: a case does not close over them."""
    return _open(case.street_id, case)


def promises_shown(case: Case) -> list[Decision]:
    """The same, for a page."""
    return _open_shown(case.street_id, case)


def _open(street_id: int, case: Case) -> DecisionQuerySet:
    rows = Decision.objects.filter(street=street_id, conference__case=case).unfinished()
    return rows.select_related("conference", "lead").order_by("due_on", "pk")


_shown, _open_shown = prepared(_of_case), prepared(_open)


def trail_head(street: Street) -> tuple[int, str]:
    """The number and hash of the last line of a street's trail; ``(0, "")`` before the first."""
    return TrailHead.objects.filter(street=street).values_list("seq", "hash").first() or (0, "")


def signed_heads(street: Street) -> list[Head]:
    """The end of the trail at each signing of minutes, as it is printed under them: witnesses of what came before."""
    rows = Minutes.objects.filter(street=street, trail_seq__gt=0).order_by("pk")
    named = rows.values_list("trail_seq", "trail_head", "conference__case__number", "conference__round")
    return [Head(seq, digest, f"minutes {case}-{n}") for seq, digest, case, n in named]


# -- boards ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CommitmentDue:
    """A promise on a board: working days left, below zero when late; ``reported`` waits for somebody's confirmation."""

    decision: Decision
    days_left: int
    reported: bool

    @property
    def late(self) -> bool:
        return self.days_left < 0 and not self.reported


def to_confirm(street: Street, *, paths: Iterable[str] = ("",), most: int) -> list[Decision]:
    """Promises reported as kept that wait for somebody else's look (待确认), the longest waiting first; one query."""
    rows = Decision.objects.filter(path_filter("conference__case__place__path", paths), street=street)
    found = rows.filter(state=DecisionState.REPORTED).select_related("conference__case", "lead")
    return list(found.order_by("reported_on", "pk")[:most])


def commitments_due(
    street: Street,
    on: dt.date,
    is_workday: Calendar,
    *,
    within: int = 3,
    paths: Iterable[str] = ("",),
    party_ids: Iterable[int] | None = None,
) -> list[CommitmentDue]:
    """Unsettled promises that are late, wait for confirmation or are due within some working days; one query.

    With ``party_ids`` only those led by one of these parties. Longest late first.
    """
    found = _commitments(street.pk, part_seen(paths, party_ids))
    due = (
        CommitmentDue(decision, is_workday.days_left(decision.due_on, on), decision.state == DecisionState.REPORTED)
        for decision in found
    )
    return [row for row in due if row.reported or row.days_left <= within]


@prepared
def _commitments(street_id: int, seen: Fixed) -> QuerySet[Decision]:
    paths, party_ids = seen.value
    rows = Decision.objects.filter(path_filter("conference__case__place__path", paths), street=street_id).unfinished()
    if party_ids is not None:
        rows = rows.filter(lead_id__in=party_ids)
    return rows.select_related("conference__case", "lead").order_by("due_on", "pk")
