"""Streets, the people and organisations in them, and who may act as what, from when until when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import ClassVar

from django.contrib.auth.hashers import verify_password
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Right
from django.utils.translation import gettext_lazy as _

from hege.kernel.ids import public_id
from hege.kernel.mutability import Mutable, MutableQuerySet
from hege.kernel.periods import Lasting


class Role(models.TextChoices):
    """What a member may be in a street (岗位). Who may do what is one table: ``hege.web.access``."""

    COORDINATOR = "coordinator", _("召集人")
    GRID_WORKER = "grid_worker", _("网格员")
    CLERK = "clerk", _("部门经办人")
    CHECKER = "checker", _("核查员")
    MEDIATOR = "mediator", _("调解员")
    AGENT = "agent", _("代收人")
    AUDITOR = "auditor", _("审计员")
    ADMINISTRATOR = "administrator", _("管理员")
    LEADER = "leader", _("街道领导")


class PartyKind(models.TextChoices):
    """A natural person or an organisation."""

    PERSON = "person", _("个人")
    ORGANISATION = "organisation", _("单位")


class Organisation(Mutable):
    """Who runs this installation for one or several streets (运行单位)."""

    name = models.CharField(max_length=120, unique=True)

    def __str__(self) -> str:
        return self.name


class Street(Mutable):
    """A subdistrict or town (街道/镇), by its nine-digit division code. Every street-owned row carries it."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="streets")
    code = models.CharField(max_length=9, unique=True)
    name = models.CharField(max_length=60)
    phone = models.CharField(max_length=40, default="12345")
    second_person = models.BooleanField(
        default=False, help_text="Whether a second administrator has to agree to roles and new passwords."
    )

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    """Makes sign-ins; there is no super-user: every right is a membership of a street.

    ``one_time_at`` is the instant a one-time password is handed over; without it the password is the person's own.
    """

    _queryset_class = MutableQuerySet

    def create_user(
        self, username: str, password: str | None = None, *, full_name: str = "", one_time_at: dt.datetime | None = None
    ) -> User:
        user = self.model(
            username=username, full_name=full_name or username, must_change_password=one_time_at is not None,
            password_given_at=one_time_at,
        )  # fmt: skip
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser, Mutable):
    """A person who signs in. Rights come from memberships only.

    ``is_active`` is off while the sign-in is locked (停用); ``must_change_password`` is on from the day a password was
    handed over (一次性密码) until its owner has chosen another; ``password_given_at`` is when it was handed over.
    """

    left_out: ClassVar[Mapping[str, str]] = {"last_login": "changes with each sign-in, outside any act; gives no right"}

    username = models.CharField(max_length=60, unique=True)
    full_name = models.CharField(max_length=60)
    is_active = models.BooleanField(default=True)
    must_change_password = models.BooleanField(default=False)
    password_given_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()  # type: ignore[assignment]

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def __str__(self) -> str:
        return self.full_name

    def check_password(self, raw_password: str | None) -> bool:
        """Whether this is the password. Django's own would hash it anew on the way, untold: see ``freshen_password``."""
        return verify_password(raw_password, self.password)[0]


# -- how a person proves who they are ---------------------------------------------------------------------------------


class FormerPassword(Mutable):
    """The hash of a password that its owner has had (用过的密码); as many are kept as may not be chosen again."""

    unwatched = "forbids a password; gives nobody a right"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="former_passwords")
    password = models.CharField(max_length=128)
    until_at = models.DateTimeField()


class SignInFailure(Mutable):
    """A wrong password or code (登录失败): what the limits of the sign-in are counted from; forgotten after a day."""

    unwatched = "counted for minutes, then forgotten; what counts longer is on the trail"

    username = models.CharField(max_length=60)
    address = models.GenericIPAddressField(null=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["username", "at"], name="sign_in_failure_name"),
            models.Index(fields=["address", "at"], name="sign_in_failure_address"),
        ]


class SecondFactorKind(models.TextChoices):
    """What a person has beside a password (第二重验证)."""

    TOTP = "totp", _("动态口令")
    PASSKEY = "passkey", _("通行密钥")


class SecondFactor(Mutable):
    """Something a person has and proves at each sign-in (第二重验证): a one-time code (RFC 6238) or a passkey (WebAuthn).

    ``secret`` is sealed (``people.second_factor.sealing``): the shared secret of one-time codes, or a passkey with its
    public key; ``credential`` is the passkey's own id. ``counter`` only grows: the time step of the last code, or the
    passkey's count of signatures, so that nothing seen once is taken again.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="second_factors")
    kind = models.CharField(max_length=10, choices=SecondFactorKind.choices)
    name = models.CharField(max_length=60)
    secret = models.TextField()
    credential = models.CharField(max_length=1400, null=True, blank=True, unique=True)  # unique where there is one
    counter = models.BigIntegerField(default=0)
    added_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)


class RecoveryCode(Mutable):
    """A code on paper that stands in for the second factor once (备用码); only its digest is kept."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="recovery_codes")
    digest = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)


class Session(AbstractBaseSession, Mutable):
    """A browser that is signed in (登录会话): whose, since when, from where; ended by its owner, by rest, or after a day's work."""

    unwatched = "holds a sign-in for hours; signing in and out are on the trail"

    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="sessions")
    opened_at = models.DateTimeField(null=True)
    address = models.GenericIPAddressField(null=True)
    browser = models.CharField(max_length=200, blank=True)

    objects: ClassVar[models.Manager[Session]] = models.Manager.from_queryset(MutableQuerySet)()  # type: ignore[assignment]


class Party(Mutable):
    """A person or organisation that debts, tasks and promises are about (当事人/单位), inside or outside the offices."""

    found_by = ("name",)

    street = models.ForeignKey(Street, on_delete=models.PROTECT, related_name="parties")
    public_id = models.CharField(max_length=12, default=public_id)
    kind = models.CharField(max_length=12, choices=PartyKind.choices)
    name = models.CharField(max_length=120)
    phone = models.CharField(max_length=40, blank=True)
    inside = models.BooleanField(default=False, help_text="One of the street's own offices.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["street", "public_id"], name="party_public_id_unique"),
            models.UniqueConstraint(fields=["street", "name", "phone"], name="party_name_phone_unique"),
        ]
        indexes = [
            # for whoever remembers the last four digits
            models.Index(F("street"), Right("phone", 4), condition=~Q(phone=""), name="party_last_four")
        ]

    def __str__(self) -> str:
        return self.name


class Membership(Lasting):
    """One role of one user in one street, for a time, within one part of the grid tree (任职).

    ``path`` is a prefix of ``places.Place.path``; empty means the whole street. It is granted by
    another person, never by its holder. ``party`` is the office or person the user acts for.
    """

    street = models.ForeignKey(Street, on_delete=models.PROTECT, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role.choices)
    party = models.ForeignKey(Party, null=True, blank=True, on_delete=models.PROTECT, related_name="memberships")
    path = models.CharField(max_length=200, blank=True)
    granted_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="granted_memberships")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["street", "user", "role", "path", "from_on"], name="membership_unique"),
            models.CheckConstraint(
                condition=Q(until_on__isnull=True) | Q(until_on__gt=F("from_on")), name="membership_period"
            ),
            models.CheckConstraint(
                condition=Q(granted_by__isnull=True) | ~Q(granted_by=F("user")), name="membership_by_another"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()}"


class StaffAct(models.TextChoices):
    """What a second administrator may have to agree to (双人复核)."""

    ADD_PERSON = "add_person", _("新增人员")
    GRANT_ROLE = "grant_role", _("授予岗位")
    RESET_PASSWORD = "reset_password", _("重发密码")  # the name of an act
    UNLOCK_SIGN_IN = "unlock_sign_in", _("恢复登录")
    TURN_OFF = "turn_off_second_person", _("停用双人复核")


class StaffRequestState(models.TextChoices):
    """What became of a request."""

    WAITING = "waiting", _("待复核")
    AGREED = "agreed", _("已同意")
    REFUSED = "refused", _("未同意")
    WITHDRAWN = "withdrawn", _("已撤回")


class StaffRequest(Mutable):
    """What one administrator asks for and another agrees to (双人复核): a way into the street, or to go on without.

    ``user`` is whom it concerns; of somebody new there is the ``username`` and ``full_name`` until it is agreed to.
    ``reason`` is why it is asked for, ``decision`` why it was refused. From ``until_at`` on nobody can agree to it.
    """

    street = models.ForeignKey(Street, on_delete=models.PROTECT, related_name="staff_requests")
    act = models.CharField(max_length=30, choices=StaffAct.choices)
    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="staff_requests")
    username = models.CharField(max_length=60, blank=True)
    full_name = models.CharField(max_length=60, blank=True)
    role = models.CharField(max_length=20, choices=Role.choices, blank=True)
    party = models.ForeignKey(Party, null=True, blank=True, on_delete=models.PROTECT, related_name="staff_requests")
    path = models.CharField(max_length=200, blank=True)
    from_on = models.DateField(null=True, blank=True)
    reason = models.CharField(max_length=300)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    until_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=StaffRequestState.choices, default=StaffRequestState.WAITING)
    decided_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decision = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(state=StaffRequestState.AGREED)
                | (Q(decided_by__isnull=False) & ~Q(decided_by=F("asked_by")) & ~Q(decided_by=F("user"))),
                name="staff_request_by_another",
            ),
        ]


# -- what rows of the packages above have in common --------------------------------------------------------------------


class OfStreet(models.Model):
    """A row of one street, which the street itself has no name for."""

    street = models.ForeignKey(Street, on_delete=models.PROTECT, related_name="+")

    class Meta:
        abstract = True


class Acted(models.Model):
    """Who did it (None: the system), and the instant it speaks of."""

    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        abstract = True


class Recorded(models.Model):
    """Who wrote it down (None: the system), and when; the day it speaks of is another column."""

    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        abstract = True
