"""What the pages of 联席会议 show: the list worst first, one conference, and which verbs are open on it."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, Value, When
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext_lazy as _

from hege.cases.queries import standing
from hege.cases.rules import FINISHED, CaseState
from hege.conferences.models import Attendance, Conference, Decision, Minutes
from hege.conferences.queries import (
    CommitmentDue,
    attendance_of,
    commitments_due,
    conferences_in,
    decisions_of,
    minutes_of,
)
from hege.conferences.rules import DECISION_FINISHED, ConferenceState, DecisionState, minutes_digest
from hege.kernel.calendar import Calendar
from hege.places.queries import workday_calendar
from hege.web.access import Desk

#: Tab -> the states it shows. Signed and cancelled ones are hidden unless asked for.
TABS: dict[str, tuple[str | Promise, tuple[ConferenceState, ...]]] = {
    "": (_("急的在前"), (ConferenceState.CALLED, ConferenceState.HELD)),
    "signed": (_("纪要已签"), (ConferenceState.MINUTED,)),
    "cancelled": (_("已取消"), (ConferenceState.CANCELLED,)),
    "all": (_("全部"), tuple(ConferenceState)),
}
SHOWN_PROMISES = 10


class ConferenceList:
    """The conferences of one's part of the street."""

    def __init__(self, desk: Desk, tab: str) -> None:
        self.desk, self.tab = desk, tab if tab in TABS else ""

    @property
    def _rows(self) -> QuerySet[Conference]:
        return conferences_in(self.desk.street, paths=self.desk.paths("conferences.see"))

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many conferences stand in each tab; one query."""
        found = dict(self._rows.order_by("state").values_list("state").annotate(n=Count("pk")))
        return {tab: sum(found.get(state, 0) for state in states) for tab, (_label, states) in TABS.items()}

    @property
    def ordered(self) -> QuerySet[Conference]:
        """A day that passed without a word, then minutes not signed (longest waiting), then what comes, then the rest."""
        urgency = Case(
            When(state=ConferenceState.CALLED, meets_on__lt=self.desk.today, then=Value(0)),
            When(state=ConferenceState.HELD, then=Value(1)),
            When(state=ConferenceState.CALLED, then=Value(2)),
            default=Value(3),
            output_field=IntegerField(),
        )
        soonest = Case(When(state__in=TABS[""][1], then=F("meets_on")), default=None)
        return (
            self._rows.filter(state__in=TABS[self.tab][1])
            .annotate(
                decision_count=Count("decisions"),
                open_count=Count("decisions", filter=~Q(decisions__state__in=DECISION_FINISHED)),
                late_count=Count(
                    "decisions",
                    filter=Q(
                        decisions__state=DecisionState.ASSIGNED,
                        decisions__due_on__lt=self.calendar.first_in_time(self.desk.today),
                    ),
                ),
                urgency=urgency,
            )
            .order_by("urgency", soonest, "-meets_on", "-pk")
        )

    @cached_property
    def calendar(self) -> Calendar:
        return workday_calendar(self.desk.street)

    @cached_property
    def promises(self) -> list[CommitmentDue]:
        """Promises that are late, wait for confirmation or are due soon."""
        return commitments_due(
            self.desk.street,
            self.desk.today,
            self.calendar,
            paths=self.desk.paths("conferences.see"),
        )[:SHOWN_PROMISES]


@dataclass(frozen=True, slots=True)
class Promised:
    """A promise on the page: how it stands today, and what this person may do about it."""

    decision: Decision
    late: bool
    days_left: int
    may_fulfil: bool
    may_confirm: bool
    may_cancel: bool

    @property
    def tone(self) -> str:
        if self.late:
            return "red"
        return {DecisionState.REPORTED: "water", DecisionState.DONE: "green"}.get(
            DecisionState(self.decision.state), ""
        )


def promised(decision: Decision, desk: Desk, calendar: Calendar) -> Promised:
    """The same rules as the actions ask, so that no button is shown that would be refused."""
    his = standing(desk.memberships)
    state = DecisionState(decision.state)
    own = desk.user.pk == decision.reported_by_id or decision.lead_id in his.acts_for
    return Promised(
        decision,
        late=decision.late(desk.today, calendar),
        days_left=calendar.days_left(decision.due_on, desk.today),
        may_fulfil=state is DecisionState.ASSIGNED
        and desk.may("conferences.keep_promise")
        and his.may_speak_for(decision.lead_id),
        may_confirm=state is DecisionState.REPORTED and desk.may("conferences.confirm") and not own,
        may_cancel=state not in DECISION_FINISHED and desk.may("conferences.minute"),
    )


class ConferencePage:
    """One conference as its page needs it."""

    def __init__(self, conference: Conference, desk: Desk) -> None:
        self.conference, self.desk = conference, desk
        self.state = ConferenceState(conference.state)

    @cached_property
    def attendance(self) -> list[Attendance]:
        return list(attendance_of(self.conference))

    @property
    def came(self) -> list[Attendance]:
        return [row for row in self.attendance if row.attended]

    @cached_property
    def decisions(self) -> list[Promised]:
        calendar = workday_calendar(self.desk.street)
        return [promised(decision, self.desk, calendar) for decision in decisions_of(self.conference)]

    @property
    def late(self) -> int:
        return sum(row.late for row in self.decisions)

    @property
    def open(self) -> int:
        return sum(row.decision.state not in DECISION_FINISHED for row in self.decisions)

    @cached_property
    def minutes(self) -> Minutes | None:
        return minutes_of(self.conference) if self.state is ConferenceState.MINUTED else None

    @property
    def intact(self) -> bool:
        """Whether the minutes are still those that were signed, by their hash."""
        m = self.minutes
        return m is not None and minutes_digest(m.text, m.decisions, m.attendance) == m.sha256

    @property
    def missed(self) -> bool:
        """Called for a day that has passed, and nobody has said whether it took place."""
        return self.state is ConferenceState.CALLED and self.conference.meets_on < self.desk.today

    @property
    def may_call(self) -> bool:
        return self.state is ConferenceState.CALLED and self.desk.may("conferences.call")

    @property
    def may_call_next(self) -> bool:
        running = CaseState(self.conference.case.state) not in FINISHED
        return self.state is ConferenceState.MINUTED and running and self.desk.may("conferences.call")

    @property
    def may_hold(self) -> bool:
        return self.state is ConferenceState.CALLED and self.desk.may("conferences.minute")

    @property
    def may_minute(self) -> bool:
        return self.state is ConferenceState.HELD and self.desk.may("conferences.minute")

    @cached_property
    def rounds(self) -> list[Conference]:
        """The other rounds of the case, latest first."""
        rows = Conference.objects.filter(street=self.conference.street_id, case=self.conference.case_id)
        return list(rows.exclude(round=self.conference.round).order_by("-round")[:20])
