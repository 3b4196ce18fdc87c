"""The joint conference (联席会议): who was called, who came, what was written down and what each promised."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from django.db import models
from django.db.models import Q

from hege.cases.models import Case
from hege.conferences.rules import DECISION_FINISHED, ConferenceState, DecisionState
from hege.kernel.calendar import Calendar
from hege.kernel.ids import public_id
from hege.kernel.mutability import AppendOnly, Mutable, MutableQuerySet
from hege.people.models import OfStreet, Party, Street, User


class Conference(Mutable):
    """One round of a joint conference about one case."""

    street = models.ForeignKey(Street, on_delete=models.PROTECT, related_name="conferences")
    public_id = models.CharField(max_length=12, default=public_id)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="conferences")
    round = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=ConferenceState.choices, default=ConferenceState.CALLED)
    agenda = models.TextField(blank=True)
    place = models.CharField(max_length=120, blank=True)
    called_on = models.DateField()
    meets_on = models.DateField(help_text="The day it is called for.")
    held_on = models.DateField(null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True, help_text="Why it was cancelled.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["street", "public_id"], name="conference_public_id_unique"),
            models.UniqueConstraint(fields=["street", "case", "round"], name="conference_round_unique"),
            models.CheckConstraint(
                condition=~Q(state__in=["held", "minuted"]) | Q(held_on__isnull=False), name="conference_held_has_a_day"
            ),
        ]
        indexes = [models.Index(fields=["street", "state", "meets_on"], name="conference_state_day")]

    def __str__(self) -> str:
        return f"{self.case.number} · {self.round}"


class Attendance(OfStreet, Mutable):
    """One party at one conference: invited (or come by itself), there or not, and by whom it was represented."""

    conference = models.ForeignKey(Conference, on_delete=models.PROTECT, related_name="attendance")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="attendances")
    invited_at = models.DateTimeField(null=True, blank=True, help_text="Empty: came without being invited.")
    attended = models.BooleanField(null=True, blank=True)
    delegate = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["street", "conference", "party"], name="attendance_party_unique")
        ]


class Minutes(OfStreet, AppendOnly):
    """The minutes as signed (会议纪要): their text, decisions and attendance frozen, sealed by a hash.

    ``trail_head`` is the end of the street's trail when they were signed; printed with them, it lets
    anybody who keeps a copy see later that the trail before it was not rewritten.
    """

    found_by = ("conference__case__number", "text")

    conference = models.OneToOneField(Conference, on_delete=models.PROTECT, related_name="minutes")
    text = models.TextField()
    decisions = models.JSONField()
    attendance = models.JSONField()
    sha256 = models.CharField(max_length=64)
    trail_seq = models.PositiveBigIntegerField()
    trail_head = models.CharField(max_length=64, blank=True)
    signed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField()


class DecisionQuerySet(MutableQuerySet["Decision"]):
    """Chainable filters over decisions."""

    def unfinished(self) -> DecisionQuerySet:
        """Neither done nor cancelled."""
        return self.exclude(state__in=DECISION_FINISHED)

    def late(self, on: dt.date, calendar: Calendar) -> DecisionQuerySet:
        """Those that are late (逾期) on a day: still assigned, and a working day has begun since the last in time."""
        return self.filter(state=DecisionState.ASSIGNED, due_on__lt=calendar.first_in_time(on))


class Decision(Mutable):
    """What a party promised at a conference (议定事项): lead, assisting parties, measure, due day, evidence."""

    street = models.ForeignKey(Street, on_delete=models.PROTECT, related_name="decisions")
    conference = models.ForeignKey(Conference, on_delete=models.PROTECT, related_name="decisions")
    number = models.PositiveSmallIntegerField()
    lead = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="led_decisions")
    assisting = models.ManyToManyField(Party, through="AssistingParty", related_name="assisted_decisions")
    measure = models.TextField()
    due_on = models.DateField()
    evidence_required = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=10, choices=DecisionState.choices, default=DecisionState.ASSIGNED)
    evidence = models.TextField(blank=True)
    document = models.CharField(max_length=200, blank=True)
    reported_on = models.DateField(null=True, blank=True)
    reported_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    done_on = models.DateField(null=True, blank=True)
    confirmed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=300, blank=True, help_text="Why it was cancelled or sent back.")

    objects: ClassVar[models.Manager[Decision]] = models.Manager.from_queryset(DecisionQuerySet)()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["street", "conference", "number"], name="decision_number_unique"),
            models.CheckConstraint(
                condition=~Q(state="done") | (Q(done_on__isnull=False) & ~Q(evidence="")),
                name="decision_done_is_proven",
            ),
        ]
        indexes = [models.Index(fields=["street", "state", "due_on"], name="decision_state_due")]

    def __str__(self) -> str:
        return self.measure[:60]

    def late(self, on: dt.date, calendar: Calendar) -> bool:
        """Whether it is late (逾期) on a day; what is reported waits for somebody else and is not."""
        return self.state == DecisionState.ASSIGNED and calendar.is_late(self.due_on, on)


class AssistingParty(OfStreet, Mutable):
    """A party that helps to keep a promise (配合单位)."""

    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="assistants")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["street", "decision", "party"], name="assisting_party_unique")]
