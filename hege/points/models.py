"""A member's two counters and the lots of their points; the entries themselves are the ledger's."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from hege.kernel.mutability import AppendOnly, Mutable
from hege.ledger.models import Account, Transaction
from hege.members.models import Member
from hege.people.models import OfStreet, Recorded
from hege.points.rules import Rule


class PointRule(OfStreet, Recorded, Mutable):
    """How points are given from a day on (积分规则); the version before holds until then, and none is ever changed."""

    number = models.PositiveIntegerField()
    from_on = models.DateField()
    per_deed = models.PositiveIntegerField()
    day_cap = models.PositiveIntegerField()
    season_cap = models.PositiveIntegerField()
    life_days = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["street", "number"], name="point_rule_number_unique"),
            models.UniqueConstraint(fields=["street", "from_on"], name="point_rule_day_unique"),
        ]

    @property
    def rule(self) -> Rule:
        """What it says."""
        return Rule(self.per_deed, self.day_cap, self.season_cap, self.life_days)


class Balance(OfStreet, Mutable):
    """A member's two counters (积分、荣誉时长): points, which are spent and end, and minutes, which only grow.

    A projection of the ledger's entries, that ``hege verify`` sums again; and the lock of every act on them.
    """

    member = models.OneToOneField(Member, on_delete=models.PROTECT, related_name="balance")
    points_account = models.OneToOneField(Account, on_delete=models.PROTECT, related_name="+")
    minutes_account = models.OneToOneField(Account, on_delete=models.PROTECT, related_name="+")
    points = models.BigIntegerField(default=0)
    minutes = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(points__gte=0), name="balance_points_not_negative"),
            models.CheckConstraint(condition=Q(minutes__gte=0), name="balance_minutes_not_negative"),
        ]


class Lot(OfStreet, Mutable):
    """Points got at once (一批积分), what is left of them, and the first day without them."""

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="lots", db_index=False)
    transaction = models.ForeignKey(Transaction, on_delete=models.PROTECT, related_name="+")
    granted = models.BigIntegerField()
    remaining = models.BigIntegerField()
    expires_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["street", "member", "transaction"], name="lot_once_an_entry"),
            models.CheckConstraint(
                condition=Q(granted__gt=0, remaining__gte=0, remaining__lte=F("granted")), name="lot_within_granted"
            ),
        ]
        indexes = [
            models.Index(
                fields=["street", "expires_on", "member"], condition=Q(remaining__gt=0), name="lot_left_by_day"
            ),
            models.Index(
                fields=["street", "member", "expires_on"], condition=Q(remaining__gt=0), name="lot_left_of_member"
            ),
        ]


class LotUse(OfStreet, AppendOnly):
    """What an entry took out of a lot (从哪批扣的); below zero what was given back to it."""

    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="uses")
    transaction = models.ForeignKey(Transaction, on_delete=models.PROTECT, related_name="+")
    points = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["street", "lot", "transaction"], name="lot_use_once_an_entry"),
            models.CheckConstraint(condition=~Q(points=0), name="lot_use_not_nothing"),
        ]
