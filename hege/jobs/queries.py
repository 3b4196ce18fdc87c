"""Reads over long work."""

from __future__ import annotations

from django.db.models import QuerySet

from hege.jobs.models import Job
from hege.jobs.rules import UNFINISHED, JobKind
from hege.people.models import Street


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
