"""Sign-ups with their place in the queue, who came and went when, entries by hand, strikes."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from hege.kernel.ids import public_id
from hege.kernel.mutability import AppendOnly, AppendOnlyQuerySet, Mutable, MutableQuerySet
from hege.members.models import Member
from hege.people.models import OfStreet, User
from hege.programme.activities.rules import (
    HOLDS_PLACES,
    LIVE,
    LONGEST_REASON,
    EntryState,
    How,
    Presence,
    ScanResult,
    SignupState,
    Way,
)
from hege.programme.seasons.models import Activity


class SignupQuerySet(MutableQuerySet["Signup"]):
    """Chainable filters over sign-ups."""

    def in_state(self, *states: SignupState) -> SignupQuerySet:
        """Those that stand so."""
        return self.filter(state__in=states)

    def live(self) -> SignupQuerySet:
        """Those with something to come."""
        return self.filter(state__in=sorted(LIVE))

    def overdue(self, at: dt.datetime) -> SignupQuerySet:
        """Offers that nobody answered in time."""
        return self.filter(state=SignupState.OFFERED, offered_until__lte=at)


class Signup(OfStreet, Mutable):
    """What a member has to do with an activity (报名): with a place, waiting for one, asked whether they want it, or no more.

    ``queued`` is the order of asking within the activity; ``round`` counts the offers made so far, so that an old one is
    known as such. ``placed_at`` is when the place became theirs. ``presence`` and ``minutes`` are added up from scans at
    ``settled_at``, once it is over; ``words`` say why somebody is excused.
    """

    public_id = models.CharField(max_length=12, default=public_id)
    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="signups")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="signups")
    party = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=10, choices=SignupState.choices)
    asked_at = models.DateTimeField()
    queued = models.PositiveIntegerField()
    round = models.PositiveIntegerField(default=0)
    offered_until = models.DateTimeField(null=True, blank=True)
    placed_at = models.DateTimeField(null=True, blank=True)
    presence = models.CharField(max_length=10, choices=Presence.choices, blank=True)
    minutes = models.PositiveIntegerField(default=0)
    settled_at = models.DateTimeField(null=True, blank=True)
    words = models.CharField(max_length=LONGEST_REASON, blank=True)

    objects: ClassVar[models.Manager[Signup]] = models.Manager.from_queryset(SignupQuerySet)()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["street", "public_id"], name="signup_public_id_unique"),
            models.UniqueConstraint(fields=["street", "activity", "member"], name="signup_once_a_member"),
            models.UniqueConstraint(fields=["street", "activity", "queued"], name="signup_queued_unique"),
            models.CheckConstraint(condition=Q(party__gte=1), name="signup_of_somebody"),
            models.CheckConstraint(
                condition=Q(state=SignupState.OFFERED, offered_until__isnull=False)
                | (~Q(state=SignupState.OFFERED) & Q(offered_until__isnull=True)),
                name="signup_offered_until",
            ),
            models.CheckConstraint(
                condition=~Q(state=SignupState.CONFIRMED) | Q(placed_at__isnull=False), name="signup_placed_at"
            ),
            models.CheckConstraint(
                condition=Q(presence__in=["", Presence.EXCUSED]) | Q(state=SignupState.CONFIRMED),
                name="signup_present_in_a_place",
            ),
        ]
        indexes = [
            models.Index(fields=["street", "activity", "state", "queued"], name="signup_queue"),
            models.Index(fields=["street", "member", "state"], name="signup_of_member"),
            models.Index(
                fields=["street", "offered_until"], condition=Q(state=SignupState.OFFERED), name="signup_offered"
            ),
            models.Index(
                fields=["street", "activity"],
                condition=Q(state=SignupState.CONFIRMED, settled_at__isnull=True),
                name="signup_unsettled",
            ),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def places(self) -> int:
        """How many places it takes up."""
        return self.party if self.state in HOLDS_PLACES else 0


class SignupStep(OfStreet, AppendOnly):
    """How a sign-up stood from an instant on (报名经过): a row for each change, so that any day can be told afterwards.

    ``party``: for how many; ``presence``: empty until the attendance was added up.
    """

    signup = models.ForeignKey(Signup, on_delete=models.PROTECT, related_name="steps")
    state = models.CharField(max_length=10, choices=SignupState.choices)
    party = models.PositiveSmallIntegerField()
    presence = models.CharField(max_length=10, choices=Presence.choices, blank=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["street", "signup", "id"], name="signup_step_latest")]


class ScanQuerySet(AppendOnlyQuerySet):
    """Chainable filters over scans."""

    def counted(self) -> ScanQuerySet:
        """Those that counted, in their order."""
        return self.filter(result=ScanResult.COUNTED).order_by("pk")


class Scan(OfStreet, AppendOnly):
    """Somebody checked in or out, or tried to (扫码): which way, by what, and what became of it. ``by``: who did it for them, if anybody."""

    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="scans")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="scans")
    way = models.CharField(max_length=4, choices=Way.choices)
    how = models.CharField(max_length=6, choices=How.choices)
    result = models.CharField(max_length=12, choices=ScanResult.choices)
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects: ClassVar[models.Manager[Any]] = models.Manager.from_queryset(ScanQuerySet)()

    class Meta:
        indexes = [models.Index(fields=["street", "activity", "member", "id"], name="scan_of_activity")]


class HandEntry(OfStreet, Mutable):
    """Minutes that no scan shows (手工补录), with a reason: they count once another person has agreed."""

    public_id = models.CharField(max_length=12, default=public_id)
    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="hand_entries")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="hand_entries")
    minutes = models.PositiveIntegerField()
    reason = models.CharField(max_length=LONGEST_REASON)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=EntryState.choices, default=EntryState.WAITING)
    agreed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    agreed_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=LONGEST_REASON, blank=True, help_text="Why it was refused.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["street", "public_id"], name="hand_entry_public_id_unique"),
            models.UniqueConstraint(
                fields=["street", "activity", "member"],
                condition=~Q(state=EntryState.REFUSED),
                name="hand_entry_once_a_member",
            ),
            models.CheckConstraint(condition=Q(minutes__gte=1), name="hand_entry_of_some_time"),
            models.CheckConstraint(
                condition=Q(state=EntryState.WAITING) | (Q(agreed_by__isnull=False) & ~Q(agreed_by=F("by"))),
                name="hand_entry_by_another",
            ),
        ]

    def __str__(self) -> str:
        return self.public_id


class Strike(OfStreet, Mutable):
    """Who had a place and came late or not at all (记一次): their next sign-ups open later, until it expires or is lifted."""

    public_id = models.CharField(max_length=12, default=public_id)
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="strikes")
    signup = models.OneToOneField(Signup, on_delete=models.PROTECT, related_name="strike")
    weight = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    expires_on = models.DateField()
    lifted_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    lifted_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=LONGEST_REASON, blank=True, help_text="Why it was lifted.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["street", "public_id"], name="strike_public_id_unique"),
            models.CheckConstraint(condition=Q(weight__gte=1), name="strike_weighs"),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True, lifted_by__isnull=True, reason="")
                | (Q(lifted_at__isnull=False, lifted_by__isnull=False) & ~Q(reason="")),
                name="strike_lifted_for_reason",
            ),
        ]
        indexes = [models.Index(fields=["street", "member", "expires_on"], name="strike_of_member")]

    def __str__(self) -> str:
        return self.public_id
