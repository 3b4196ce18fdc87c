"""The audit trail (操作留痕): one hash chain per street, only ever added to."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from hege.kernel.mutability import AppendOnly, Mutable
from hege.people.models import Acted, OfStreet, Street, User
from hege.trail.rules import Said, line_hash


class TrailHead(Mutable):
    """The end of a street's chain: locked while a line is added, so that no two lines follow the same one.

    ``key`` and ``recorded_at`` are those of the last line; a chain that has only lines without key has neither.
    """

    unwatched = "the end of the chain: every proof compares it with the last line"

    street = models.OneToOneField(Street, on_delete=models.PROTECT, related_name="trail_head")
    seq = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, blank=True)
    key = models.CharField(max_length=12, blank=True, default="")
    recorded_at = models.DateTimeField(null=True, blank=True)


class WitnessKind(models.TextChoices):
    """Who keeps a head outside the chain."""

    BACKUP = "backup", _("备份")


class Witness(OfStreet, AppendOnly):
    """The end of a street's chain as it was when something left the house with it (见证): compared by ``hege verify``.

    Signed minutes are witnesses too, by their own columns. What was printed or mailed counts more: it is out of reach.
    """

    kind = models.CharField(max_length=10, choices=WitnessKind.choices)
    note = models.CharField(max_length=200, blank=True)
    seq = models.PositiveBigIntegerField()
    hash = models.CharField(max_length=64)
    at = models.DateTimeField()


class UpkeepKind(models.TextChoices):
    """What keeps an installation well."""

    BACKUP = "backup", _("备份")
    DRILL = "drill", _("备份演练")
    VERIFY = "verify", _("全面核对")
    EXPORT = "export", _("留痕外送")
    SWEEP = "sweep", _("清理过期数据")


class Upkeep(Mutable):
    """That something which keeps the installation well has run (运行维护): when, whether it went well, and what it found."""

    unwatched = "says when upkeep ran; the next run says it anew"

    kind = models.CharField(max_length=10, choices=UpkeepKind.choices)
    at = models.DateTimeField()
    well = models.BooleanField()
    note = models.CharField(max_length=300, blank=True)
    data = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["kind", "at"], name="trail_upkeep_kind_at")]


class IdempotencyKey(Acted, Mutable):
    """A form that was sent (幂等键): its random key, a digest of what it asked, and where the answer was.

    Belongs to a browser's form, not to a street. It may be forgotten once no page that carries it can still be open.
    """

    unwatched = "says only that a form was sent; forgotten after a while"

    key = models.CharField(max_length=64, unique=True)
    asked = models.CharField(max_length=64, help_text="SHA-256 over the address and what was filled in.")
    answer = models.CharField(max_length=500, blank=True)

    class Meta:
        db_table = "trail_requestkey"


class TrailLine(AppendOnly):
    """Who did what to which thing, when, with which figures; ``hash`` covers the line and the one before it.

    ``at`` is the instant the act speaks of, which may lie back; ``recorded_at`` is the line's own, never before that of
    the line it follows. ``recipe`` says how it was hashed and ``key`` names the key; lines of recipe 1 have neither.
    """

    sealed_by = "its own hash and that of the line after it"

    street = models.ForeignKey(Street, on_delete=models.PROTECT, related_name="trail_lines")
    seq = models.PositiveBigIntegerField()
    recipe = models.PositiveSmallIntegerField()
    key = models.CharField(max_length=12, blank=True, default="")
    recorded_at = models.DateTimeField(null=True, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="trail_lines")
    on_behalf = models.CharField(max_length=120, blank=True, help_text="The outsider who acted by a link.")
    verb = models.CharField(max_length=60)
    thing = models.CharField(max_length=60)
    thing_id = models.CharField(max_length=40)
    data = models.JSONField(default=dict)
    previous = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["street", "seq"], name="trail_seq_unique")]
        indexes = [
            models.Index(fields=["street", "thing", "thing_id", "seq"], name="trail_thing"),
            models.Index(fields=["street", "at"], name="trail_at"),
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.verb} {self.thing} {self.thing_id}"

    def expected_hash(self) -> str | None:
        """The hash this line ought to have, from its own fields; None where its key is not at hand."""
        said = {name: getattr(self, name) for name in Said._fields}
        said |= {"street": self.street.code, "by": self.by.username if self.by else ""}
        return expected_hash(Said(**said))


def expected_hash(said: Said) -> str | None:
    """The hash of what a line says with the key it names; None where that key is not at hand and it cannot be checked."""
    if said.recipe == 1:
        return line_hash(said, b"")
    key: bytes | None = settings.SEAL_KEYS.get(said.key) if said.recipe == 2 else None
    return line_hash(said, key) if key else None
