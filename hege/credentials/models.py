"""The keys a street signs with: their public halves alone."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from hege.kernel.mutability import Mutable
from hege.people.models import OfStreet


class IssuerKey(OfStreet, Mutable):
    """A key that a street signs badges with (签发钥匙): from when, until when (exclusive), its public half (multibase).

    One at a time. It stays published after its end, so that what it signed in its time can be checked.
    """

    serial = models.PositiveIntegerField()
    public_key = models.CharField(max_length=60)
    from_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["street", "serial"], name="issuer_key_serial_unique"),
            models.UniqueConstraint(fields=["street"], condition=Q(until_at=None), name="issuer_key_one_at_a_time"),
        ]

    def __str__(self) -> str:
        return f"{self.serial} {self.public_key}"
