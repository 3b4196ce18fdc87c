"""Reads over long work."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q, QuerySet

from hege.jobs.models import Job, Lease
from hege.jobs.rules import UNFINISHED, JobKind
from hege.people.models import Street, User


def unfinished() -> QuerySet[Job]:
    """What is to be done or gone on with, in any street, the oldest first."""
    return Job.objects.filter(state__in=UNFINISHED).select_related("street", "by").order_by("pk")


def the_job(street: Street, public_id: str) -> Job | None:
    """One piece of long work of a street."""
    rows = Job.objects.filter(street=street, public_id=public_id)
    return rows.select_related("street__trail_head", "by").first()


def last_job(street: Street, kind: JobKind) -> Job | None:
    """The last that was asked for of a kind."""
    return Job.objects.filter(street=street, kind=kind).order_by("-pk").first()


def under_way(street: Street, kind: JobKind, topic: str) -> Job | None:
    """The one of a kind and a topic that has not ended."""
    return Job.objects.filter(street=street, kind=kind, topic=topic, state__in=UNFINISHED).first()


def jobs_of(street: Street, user: User) -> QuerySet[Job]:
    """What somebody asked for in a street, the latest first."""
    return Job.objects.filter(street=street, by=user).order_by("-pk")


def lease_of(job: Job) -> str:
    """The name of the lease under which one worker is at it."""
    return f"job {job.public_id}"


def free_since(job: Job, *, at: dt.datetime) -> dt.datetime | None:
    """Since when nobody is at it; None while somebody is."""
    until = Lease.objects.filter(name=lease_of(job)).values_list("until", flat=True).first() or job.at
    return until if until <= at else None


def ahead_of(job: Job, *, at: dt.datetime) -> int:
    """How many others, of any street, a worker is at or takes first."""
    held = Lease.objects.filter(name__startswith="job ", until__gt=at).exclude(name=lease_of(job))
    others = unfinished().exclude(pk=job.pk)
    ids = [name.removeprefix("job ") for name in held.values_list("name", flat=True)]
    return others.filter(Q(public_id__in=ids) | Q(pk__lt=job.pk)).count() if ids else 0


def with_files(ids: set[str], *, at: dt.datetime) -> set[str]:
    """Those of some, by public id, whose files are still needed: they go on, or what they made is kept."""
    rows = Job.objects.filter(public_id__in=ids)
    return set(rows.filter(Q(state__in=UNFINISHED) | Q(expires_at__gt=at)).values_list("public_id", flat=True))
