"""Who reported what, and the weekly rounds. Nothing else in the house joins a member to a report."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from hege.cases.models import Report
from hege.kernel.ids import public_id
from hege.kernel.mutability import AppendOnly, Mutable
from hege.ledger.models import Transaction
from hege.members.models import Member
from hege.people.models import OfStreet
from hege.programme.deeds.rules import LEAST_MEMBERS
from hege.programme.seasons.models import Season


class Round(OfStreet, Mutable):
    """The round of a week (轮): posted with at least three members, or waited; ``number`` counts those that were posted.

    ``given`` and ``taken_back`` are points of all its members together.
    """

    week_on = models.DateField()
    looked_at = models.DateTimeField()
    number = models.PositiveIntegerField(null=True)
    members = models.PositiveIntegerField(default=0)
    given = models.PositiveIntegerField(default=0)
    taken_back = models.PositiveIntegerField(default=0)
    entry = models.OneToOneField(Transaction, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["street", "week_on"], name="round_once_a_week"),
            models.UniqueConstraint(
                fields=["street", "number"], condition=Q(number__isnull=False), name="round_number_unique"
            ),
            models.CheckConstraint(
                condition=Q(number__isnull=True, entry__isnull=True, members=0)
                | Q(number__isnull=False, entry__isnull=False, members__gte=LEAST_MEMBERS),
                name="round_of_three_or_none",
            ),
        ]

    @property
    def posted(self) -> bool:
        """Whether points were given in it."""
        return self.number is not None


class Deed(OfStreet, Mutable):
    """A report of a member (随手报): who it was, which no report and no page of a report tells (``queries.who_did``).

    ``posted_in`` is the round that gave its ``points`` (0 where a cap was reached), ``taken_back_in`` the later one that
    took them back.
    """

    public_id = models.CharField(max_length=12, default=public_id)
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    report = models.OneToOneField(Report, on_delete=models.PROTECT, related_name="+")
    reported_on = models.DateField()
    season = models.ForeignKey(Season, null=True, on_delete=models.PROTECT, related_name="+")
    posted_in = models.ForeignKey(Round, null=True, on_delete=models.PROTECT, related_name="+")
    points = models.PositiveIntegerField(default=0)
    taken_back_in = models.ForeignKey(Round, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["street", "public_id"], name="deed_public_id_unique"),
            models.CheckConstraint(
                condition=Q(posted_in__isnull=False) | Q(points=0, taken_back_in__isnull=True),
                name="deed_points_come_in_a_round",
            ),
        ]
        indexes = [
            models.Index(fields=["street", "member", "reported_on"], name="deed_of_member"),
            models.Index(fields=["street", "id"], condition=Q(posted_in__isnull=True), name="deed_waits"),
        ]

    def __str__(self) -> str:
        return "***"  # whatever prints this object must not tell who it is


class DeedPicture(OfStreet, AppendOnly):
    """That a picture was sent (照片不重复): its SHA-256, once in a street."""

    deed = models.ForeignKey(Deed, on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["street", "sha256"], name="deed_picture_unique")]
