"""Files that wait for a person's yes. What was booked is kept in ``ledger.SourceFile``, not here."""

from __future__ import annotations

from django.db import models

from hege.imports.layouts import FileKind
from hege.kernel.ids import public_id
from hege.kernel.mutability import Mutable
from hege.people.models import Street, User


class StagedFile(Mutable):
    """A file somebody has looked at and not confirmed yet (待确认文件): theirs alone, for a few hours, then removed.

    One that was confirmed stays for that time without its bytes, so that a second yes is answered like the first.
    """

    unwatched = "a file somebody is still looking at: nothing of it is booked, and it is deleted after hours"

    street = models.ForeignKey(Street, on_delete=models.PROTECT, related_name="staged_files")
    public_id = models.CharField(max_length=12, default=public_id)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="staged_files")
    kind = models.CharField(max_length=20, choices=FileKind.choices)
    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["street", "public_id"], name="staged_file_public_id_unique")]
        indexes = [models.Index(fields=["expires_at"], name="staged_file_expiry")]
