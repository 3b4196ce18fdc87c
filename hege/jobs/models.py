"""Long work with its progress, and leases by which workers on one database keep out of each other's way."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from hege.jobs.rules import UNFINISHED, JobKind, JobState
from hege.kernel.ids import public_id
from hege.kernel.mutability import Mutable
from hege.people.models import Acted, OfStreet


class Lease(Mutable):
    """That one worker is at one thing (当值), until when; free once that has passed. Belongs to the installation."""

    unwatched = "says which worker is at what for minutes; gives nobody a right"

    name = models.CharField(max_length=60, unique=True)
    holder = models.CharField(max_length=60, blank=True)
    until = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.name} {self.holder}"


class Job(OfStreet, Acted, Mutable):
    """Long work that somebody asked for (后台任务): of ``total`` parts ``done``, so that another worker goes on from there.

    ``topic`` is what it is about; of a kind and a topic there is one at a time in a street. ``arguments`` say what is to be
    done, ``title`` so in words; it speaks ``language``. ``findings`` are the first things it has to say, ``found`` how many
    there are, ``refused`` why it came to nothing. ``tries`` counts the workers that took it since the last part was done.
    What it made is a file (``jobs.slate.made``) of this name and size in bytes, kept until ``expires_at``.
    """

    unwatched = "says how far long work is; that it was asked for and how it ended is on the trail"

    public_id = models.CharField(max_length=12, default=public_id)
    kind = models.CharField(max_length=10, choices=JobKind.choices)
    topic = models.CharField(max_length=120, blank=True)
    title = models.CharField(max_length=200, blank=True)
    arguments = models.JSONField(default=dict)
    language = models.CharField(max_length=10, blank=True)
    state = models.CharField(max_length=10, choices=JobState.choices, default=JobState.WAITING)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    found = models.PositiveIntegerField(default=0)
    findings = models.JSONField(default=list)
    cancel = models.BooleanField(default=False)
    tries = models.PositiveSmallIntegerField(default=0)
    refused = models.CharField(max_length=500, blank=True)
    made_name = models.CharField(max_length=200, blank=True)
    made_size = models.PositiveBigIntegerField(default=0)
    expires_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["street", "public_id"], name="job_public_id_unique"),
            models.UniqueConstraint(
                fields=["street", "kind", "topic"], condition=Q(state__in=sorted(UNFINISHED)), name="job_one_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return self.title or self.get_kind_display()
