"""Files that are kept: each row says what, of which thing, by whom; the bytes are where their SHA-256 says."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django.db import models

from hege.attachments.rules import Purpose
from hege.kernel.ids import public_id
from hege.kernel.mutability import AppendOnly, AppendOnlyQuerySet
from hege.people.models import Acted, OfStreet


class AttachmentQuerySet(AppendOnlyQuerySet):
    """Chainable filters over files that are kept."""

    def shown(self) -> AttachmentQuerySet:
        """Those that no other one covers with black bars."""
        return self.filter(covered__isnull=True)


class Attachment(OfStreet, Acted, AppendOnly):
    """A file that is kept (附件), of the row ``about_id`` of the table ``about``, as the trail names it.

    ``sha256`` and ``size`` (bytes) are of what is shown; ``small_sha256`` of a small picture of it. ``original_sha256`` is of
    the file as it came, kept apart where it is evidence. Width and height in pixels, 0 where it is no picture. ``covers``
    is the picture whose black bars this one has (打码).
    """

    public_id = models.CharField(max_length=12, default=public_id)
    about = models.CharField(max_length=60)
    about_id = models.BigIntegerField()
    purpose = models.CharField(max_length=12, choices=Purpose.choices)
    name = models.CharField(max_length=120)
    media_type = models.CharField(max_length=80)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    small_sha256 = models.CharField(max_length=64, blank=True)
    width = models.PositiveSmallIntegerField(default=0)
    height = models.PositiveSmallIntegerField(default=0)
    original_sha256 = models.CharField(max_length=64, blank=True)
    original_size = models.PositiveIntegerField(default=0)
    covers = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="covered")
    on_behalf = models.CharField(max_length=120, blank=True, help_text="The outsider who sent it by a link.")

    objects: ClassVar[models.Manager[Any]] = models.Manager.from_queryset(AttachmentQuerySet)()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["street", "public_id"], name="attachment_public_id_unique"),
            models.UniqueConstraint(fields=["street", "covers"], name="attachment_covered_once"),
        ]
        indexes = [models.Index(fields=["street", "about", "about_id"], name="attachment_about")]

    def __str__(self) -> str:
        return self.name

    @property
    def came_at(self) -> dt.datetime:
        """When it was brought; of one with black bars, the one it covers."""
        came: dt.datetime = self.covers.came_at if self.covers else self.at
        return came

    @property
    def is_picture(self) -> bool:
        """Whether it is a picture of ours: pixels, nothing else, and so fit to be shown inside a page."""
        return bool(self.small_sha256)
