"""Long work is asked for, goes on, ends. Leases are taken by one conditional UPDATE: the database decides between workers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db.models import Q
from django.db.transaction import atomic
from django.utils.translation import gettext_lazy as _

from hege.jobs.models import Job, Lease
from hege.jobs.rules import UNFINISHED, JobKind, JobState, check_cancellable
from hege.kernel.mutability import lock
from hege.kernel.refused import Refused
from hege.people.models import Street, User
from hege.trail import actions as trail

FOR = dt.timedelta(minutes=5)


@atomic
def take_lease(name: str, *, holder: str, at: dt.datetime) -> bool:
    """Whether a thing is this holder's from now on: nobody's lease of it still runs, or it is their own."""
    Lease.objects.get_or_create(name=name)
    free = Lease.objects.filter(Q(until__isnull=True) | Q(until__lte=at) | Q(holder=holder), name=name)
    return bool(free.update(holder=holder, until=at + FOR))


def renew_leases(*, holder: str, at: dt.datetime) -> int:
    """Whoever is still at their things says so; how many there are. What has run out is not theirs any more."""
    return Lease.objects.filter(holder=holder, until__gt=at).update(until=at + FOR)


def give_back(*, holder: str, name: str | None = None) -> None:
    """A thing is done, or everything is left: others need not wait for the lease to run out."""
    mine = Lease.objects.filter(holder=holder)
    (mine if name is None else mine.filter(name=name)).update(holder="", until=None)


# -- long work ---------------------------------------------------------------------------------------------------------

MOST_FINDINGS = 50  # are kept; the command names them all


@atomic
def ask_for(street: Street, kind: JobKind, *, by: User, at: dt.datetime) -> Job:
    """Ask for long work (交给后台); ``Refused`` while the same is under way."""
    Street.objects.select_for_update(no_key=True).get(pk=street.pk)
    if Job.objects.filter(street=street, kind=kind, state__in=UNFINISHED).exists():
        raise Refused(_("已经有一次在做了，等它做完再来。"))
    job = Job.objects.create(street=street, kind=kind, by=by, at=at)
    trail.record("ask_for", job, by=by, at=at, kind=kind)
    return job


@atomic
def cancel_job(job: Job, *, by: User, at: dt.datetime) -> Job:
    """Stop long work (中途停下): the worker leaves it at its next part; what waits does not begin."""
    locked = lock(job)
    check_cancellable(JobState(locked.state))
    locked.cancel = True
    if locked.state == JobState.WAITING:
        locked.state, locked.ended_at = JobState.CANCELLED, at
    locked.save(update_fields=["cancel", "state", "ended_at"])
    trail.record("cancel_job", locked, by=by, at=at, kind=locked.kind, done=locked.done)
    return locked


def go_on(job: Job, *, done: int, total: int, findings: Sequence[str] = ()) -> bool:
    """So many parts are done, and these were found since; whether to go on: nobody has stopped it."""
    job.state, job.done, job.total, job.found = JobState.RUNNING, done, total, job.found + len(findings)
    job.findings = [*job.findings, *(finding[:300] for finding in findings)][:MOST_FINDINGS]
    now = {name: getattr(job, name) for name in ("state", "done", "total", "found", "findings")}
    return bool(Job.objects.filter(pk=job.pk, state__in=UNFINISHED, cancel=False).update(**now))


@atomic
def end_job(job: Job, *, at: dt.datetime) -> Job:
    """It is done, or was stopped; the trail says how it ended."""
    locked = lock(job)
    locked.state, locked.ended_at = JobState.CANCELLED if locked.cancel else JobState.DONE, at
    locked.save(update_fields=["state", "ended_at"])
    trail.record("end_job", locked, by=None, at=at, kind=locked.kind, state=locked.state, found=locked.found)
    return locked
