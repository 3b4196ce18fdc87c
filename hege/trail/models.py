"""The audit trail (操作留痕): one hash chain per street, only ever added to."""

from __future__ import annotations

from django.db import models

from hege.kernel.mutability import AppendOnly, Mutable
from hege.people.models import Street, User
from hege.trail.rules import line_hash


class TrailHead(Mutable):
    """The end of a street's chain: locked while a line is added, so that no two lines follow the same one."""

    street = models.OneToOneField(Street, on_delete=models.PROTECT, related_name="trail_head")
    seq = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, blank=True)


class RequestKey(Mutable):
    """A form that was sent (请求凭号): its random key, a digest of what it asked, and where the answer was.

    Belongs to a browser's form, not to a street. It may be forgotten once no page that carries it can still be open.
    """

    key = models.CharField(max_length=64, unique=True)
    asked = models.CharField(max_length=64, help_text="SHA-256 over the address and what was filled in.")
    answer = models.CharField(max_length=500, blank=True)
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()


class TrailLine(AppendOnly):
    """Who did what to which thing, when, with which figures; ``hash`` covers the line and the one before it."""

    street = models.ForeignKey(Street, on_delete=models.PROTECT, related_name="trail_lines")
    seq = models.PositiveBigIntegerField()
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

    def expected_hash(self) -> str:
        """The hash this line ought to have, from its own fields."""
        return line_hash(
            previous=self.previous,
            street=self.street.code,
            seq=self.seq,
            at=self.at,
            by=self.by.username if self.by else "",
            on_behalf=self.on_behalf,
            verb=self.verb,
            thing=self.thing,
            thing_id=self.thing_id,
            data=self.data,
        )
