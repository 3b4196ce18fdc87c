"""Members, what they agreed to, the browsers let in as theirs, and the codes that let one in."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from hege.kernel.ids import public_id
from hege.kernel.mutability import AppendOnly, Mutable
from hege.members.rules import LONGEST_CALLED, ConsentKind, InvitationKind, JoinedHow, MemberWork, shown_number
from hege.people.models import OfStreet, User


class Member(OfStreet, Mutable):
    """Somebody who joined (成员): how they are called, a telephone, a kind of work. Leaving empties name and telephone.

    ``number`` counts within the street, from 1; it names a member where the name must not stand.
    """

    public_id = models.CharField(max_length=12, default=public_id)
    number = models.PositiveIntegerField()
    called = models.CharField(max_length=LONGEST_CALLED, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    work = models.CharField(max_length=12, choices=MemberWork.choices)
    joined_at = models.DateTimeField()
    joined_how = models.CharField(max_length=8, choices=JoinedHow.choices)
    left_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["street", "public_id"], name="member_public_id_unique"),
            models.UniqueConstraint(fields=["street", "number"], name="member_number_unique"),
            models.UniqueConstraint(fields=["street", "phone"], condition=~Q(phone=""), name="member_phone_unique"),
            models.CheckConstraint(
                condition=Q(left_at__isnull=True) | (Q(called="") & Q(phone="")), name="member_left_without_name"
            ),
        ]
        indexes = [models.Index(fields=["street", "joined_at"], name="member_joined")]

    def __str__(self) -> str:
        return self.shown_number

    @property
    def active(self) -> bool:
        """Whether they are still a member."""
        return self.left_at is None

    @property
    def shown_number(self) -> str:
        return shown_number(self.number)


class Consent(OfStreet, AppendOnly):
    """What a member said to one question (同意), with the words they were shown; the latest row of a kind holds."""

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="consents")
    kind = models.CharField(max_length=12, choices=ConsentKind.choices)
    given = models.BooleanField()
    wording = models.CharField(max_length=300)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["street", "member", "kind", "id"], name="consent_latest")]


class MemberDevice(OfStreet, Mutable):
    """A browser that is let in as a member's (成员的手机): the keyed hash of what its cookie holds, until it is ended."""

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="devices")
    token_hash = models.CharField(max_length=64)
    how = models.CharField(max_length=8, choices=JoinedHow.choices)
    browser = models.CharField(max_length=200, blank=True)
    opened_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["street", "token_hash"], name="member_device_token_unique")]


class Invitation(OfStreet, Mutable):
    """A code that works once (一次性的码): on a member's printed card, or at a station for who is not yet one."""

    public_id = models.CharField(max_length=12, default=public_id)
    kind = models.CharField(max_length=8, choices=InvitationKind.choices)
    token_hash = models.CharField(max_length=64)
    label = models.CharField(max_length=60, blank=True, help_text="The station it is laid out at.")
    member = models.ForeignKey(Member, null=True, blank=True, on_delete=models.PROTECT, related_name="cards")
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    until_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["street", "public_id"], name="invitation_public_id_unique"),
            models.UniqueConstraint(fields=["street", "token_hash"], name="invitation_token_unique"),
            models.CheckConstraint(
                condition=Q(kind=InvitationKind.CARD, member__isnull=False)
                | Q(kind=InvitationKind.STATION, member__isnull=True),
                name="invitation_of_whom",
            ),
        ]
