"""Members, what they agreed to, the browsers let in as theirs, and the codes that let one in."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import F, Q

from hege.kernel.calendar import DAY
from hege.kernel.clock import day_of
from hege.kernel.ids import public_id
from hege.kernel.mutability import AppendOnly, Mutable
from hege.kernel.periods import Lasting
from hege.members.rules import (
    CODE_TRIES,
    LONGEST_CALLED,
    ConsentKind,
    InvitationKind,
    JoinedHow,
    MemberRoleKind,
    MemberWork,
    shown_number,
)
from hege.people.models import OfStreet, User
from hege.places.models import Place


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


class JoinCode(OfStreet, Mutable):
    """A code by SMS that was asked for (验证码): who has it in hand holds the telephone. Swept after a day.

    The digits are kept nowhere (``rules.digits_of``). ``browser_hash``: the browser that asked, which alone can use it.
    """

    unwatched = "holds for ten minutes, then forgotten; that somebody joined is on the trail"

    public_id = models.CharField(max_length=12, default=public_id)
    phone = models.CharField(max_length=20)
    address = models.GenericIPAddressField(null=True)
    browser_hash = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    until_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    proven_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["street", "public_id"], name="join_code_public_id_unique"),
            models.CheckConstraint(condition=Q(tries__lte=CODE_TRIES), name="join_code_tries"),
        ]
        indexes = [
            models.Index(fields=["phone", "made_at"], name="join_code_phone"),
            models.Index(fields=["address", "made_at"], name="join_code_address"),
            models.Index(fields=["street", "browser_hash"], name="join_code_browser"),
        ]


class MemberRole(OfStreet, Lasting):
    """What a member is appointed to, where and until when (聘任), with the number of the letter that says so."""

    public_id = models.CharField(max_length=12, default=public_id)
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="roles")
    role = models.CharField(max_length=10, choices=MemberRoleKind.choices)
    area = models.ForeignKey(Place, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    appointed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    appointed_at = models.DateTimeField()
    ended_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["street", "public_id"], name="member_role_public_id_unique"),
            models.UniqueConstraint(fields=["street", "number"], name="member_role_number_unique"),
            models.CheckConstraint(
                condition=Q(until_on__isnull=False, until_on__gte=F("from_on")), name="member_role_has_a_term"
            ),
        ]

    @property
    def appointed_on(self) -> dt.date:
        """The day of the letter."""
        return day_of(self.appointed_at)

    @property
    def last_on(self) -> dt.date:
        """The last day of the term."""
        assert self.until_on is not None  # as its constraint says
        return self.until_on - DAY


class Invitation(OfStreet, Mutable):
    """A code that works once (一次性的码): on a member's printed card, or at a station for who is not yet one; ``member`` is
    then whoever joined by it."""

    public_id = models.CharField(max_length=12, default=public_id)
    kind = models.CharField(max_length=8, choices=InvitationKind.choices)
    token_hash = models.CharField(max_length=64)
    label = models.CharField(max_length=60, blank=True, help_text="The station it is laid out at.")
    member = models.ForeignKey(Member, null=True, blank=True, on_delete=models.PROTECT, related_name="invitations")
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
                | Q(kind=InvitationKind.STATION, member__isnull=True, used_at__isnull=True)
                | Q(kind=InvitationKind.STATION, member__isnull=False, used_at__isnull=False),
                name="invitation_of_whom",
            ),
        ]
