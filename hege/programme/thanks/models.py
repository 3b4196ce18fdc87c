"""Thanks to members (致谢): what was given, every step it took, what was said against it, certificates of hours, run sheets of ceremonies."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from hege.kernel.calendar import DAY
from hege.kernel.ids import public_id
from hege.kernel.mutability import AppendOnly, Mutable, MutableQuerySet
from hege.members.models import Member
from hege.people.models import Acted, OfStreet, User
from hege.programme.seasons.models import Activity, Season
from hege.programme.thanks.rules import Decision, Facts, ThanksKind, ThanksState


class ThanksQuerySet(MutableQuerySet["Thanks"]):
    """Chainable filters over thanks."""

    def in_state(self, *states: ThanksState) -> ThanksQuerySet:
        """Those that have come so far."""
        return self.filter(state__in=states)


class Thanks(OfStreet, Mutable):
    """Thanks to one member for one season (致谢). Its facts are counts as they were when it was proposed: never which nor when.

    ``number`` is given with it, one a street and year; ``shown_until_on`` is the first day after its publicity.
    """

    public_id = models.CharField(max_length=12, default=public_id)
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="thanks")
    season = models.ForeignKey(Season, on_delete=models.PROTECT, related_name="thanks")
    kind = models.CharField(max_length=10, choices=ThanksKind.choices)
    title = models.CharField(max_length=60)
    words = models.TextField()
    approval_no = models.CharField(max_length=60, blank=True)
    deeds = models.PositiveIntegerField()
    minutes = models.PositiveIntegerField()
    attended = models.PositiveIntegerField()
    state = models.CharField(max_length=12, choices=ThanksState.choices, default=ThanksState.PROPOSED)
    number = models.CharField(max_length=30, blank=True)
    shown_until_on = models.DateField(null=True, blank=True)
    given_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager[Thanks]] = models.Manager.from_queryset(ThanksQuerySet)()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["street", "public_id"], name="thanks_public_id_unique"),
            models.UniqueConstraint(fields=["street", "number"], condition=~Q(number=""), name="thanks_number_unique"),
            models.UniqueConstraint(
                fields=["street", "member", "season", "kind"],
                condition=~Q(state__in=["revoked", "dropped"]),
                name="thanks_once_a_season",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["given", "revoked"]) | (~Q(number="") & Q(given_at__isnull=False)),
                name="thanks_given_with_number",
            ),
        ]
        indexes = [
            models.Index(fields=["public_id"], name="thanks_public_id"),
            models.Index(fields=["street", "state", "id"], name="thanks_state"),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def facts(self) -> Facts:
        """What it rests on."""
        return Facts(self.deeds, self.minutes, self.attended)

    @property
    def last_shown_on(self) -> dt.date | None:
        """The last day of its publicity, as people say it: 公示到."""
        return self.shown_until_on and self.shown_until_on - DAY


class ThanksStep(OfStreet, Acted, AppendOnly):
    """One step of thanks (致谢办理): to which state, by whom, with what words; the first one proposes."""

    thanks = models.ForeignKey(Thanks, on_delete=models.PROTECT, related_name="steps")
    to = models.CharField(max_length=12, choices=ThanksState.choices)
    words = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["street", "thanks", "to"], name="thanks_step_once"),
            models.CheckConstraint(
                condition=~Q(to__in=["revoked", "dropped"]) | ~Q(words=""), name="thanks_step_ended_for_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.thanks_id} {self.to}"


class ThanksObjection(OfStreet, AppendOnly):
    """What somebody holds against thanks (异议), without the personal numbers in it; nobody is asked who they are."""

    public_id = models.CharField(max_length=12, default=public_id)
    thanks = models.ForeignKey(Thanks, on_delete=models.PROTECT, related_name="objections")
    words = models.TextField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["street", "public_id"], name="thanks_objection_public_id_unique")
        ]

    def __str__(self) -> str:
        return self.public_id


class ThanksObjectionDecision(OfStreet, Acted, AppendOnly):
    """What became of an objection (异议处理), with the reason."""

    objection = models.OneToOneField(ThanksObjection, on_delete=models.PROTECT, related_name="decided")
    decision = models.CharField(max_length=10, choices=Decision.choices)
    words = models.CharField(max_length=300)


class ThanksBadge(OfStreet, AppendOnly):
    """The signed words of thanks that were given (徽章): Open Badge as JSON, its key, its place in the street's status list.

    The member is in it by a salted hash of their number; name and telephone are not.
    """

    thanks = models.OneToOneField(Thanks, on_delete=models.PROTECT, related_name="badge")
    place = models.PositiveIntegerField()
    key_serial = models.PositiveIntegerField()
    signed = models.TextField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["street", "place"], name="thanks_badge_place_unique")]


class ServiceCertificate(OfStreet, Acted, AppendOnly):
    """A certificate of a member's hours (志愿服务记录证明): what scans showed between two days, as it was printed.

    ``minutes`` are the sum of ``lines`` (day, title, minutes). Free, true and in time: 志愿服务记录与证明出具办法 (2020), art. 3.
    """

    public_id = models.CharField(max_length=12, default=public_id)
    number = models.CharField(max_length=30)
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="certificates")
    from_on = models.DateField()
    until_on = models.DateField()
    minutes = models.PositiveIntegerField()
    lines = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["street", "public_id"], name="service_certificate_public_id_unique"),
            models.UniqueConstraint(fields=["street", "number"], name="service_certificate_number_unique"),
        ]
        indexes = [models.Index(fields=["public_id"], name="service_certificate_public_id")]

    def __str__(self) -> str:
        return self.number


class RunSheet(OfStreet, Mutable):
    """The run sheet of an activity with parts (流程单), and what happened at it (小结).

    ``parts``: lists of minute of the day, title, who. ``came``: heads that were counted where nobody signs up.
    ``pictures_agreed``: whoever can be known in its pictures agreed that everybody sees them. ``written_by`` wrote it last,
    ``published_by`` showed it to everybody: never the same.
    """

    activity = models.OneToOneField(Activity, on_delete=models.PROTECT, related_name="run_sheet")
    parts = models.JSONField()
    approval_no = models.CharField(max_length=60, blank=True)
    words = models.TextField(blank=True)
    came = models.PositiveIntegerField(null=True, blank=True)
    pictures_agreed = models.BooleanField(default=False)
    written_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    published_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(published_by__isnull=True) | Q(written_by__isnull=True) | ~Q(published_by=F("written_by")),
                name="run_sheet_by_another",
            ),
            models.CheckConstraint(
                condition=Q(published_at__isnull=True) | ~Q(words=""), name="run_sheet_published_with_words"
            ),
        ]

    def __str__(self) -> str:
        return str(self.activity_id)
