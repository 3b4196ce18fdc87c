"""Long work is asked for, goes on, ends. Leases are taken by one conditional UPDATE: the database decides between workers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from hege.jobs import slate
from hege.jobs.models import Job, Lease
from hege.jobs.rules import MOST_OF_ONE, UNFINISHED, JobKind, JobState, Stopped, check_cancellable, check_tries
from hege.kernel.database import atomic
from hege.kernel.mutability import lock
from hege.kernel.refused import Refused
from hege.kernel.several import several
from hege.people.models import Street, User
from hege.people.queries import locked_street
from hege.trail import actions as trail

FOR = dt.timedelta(minutes=5)


class Made(NamedTuple):
    """The file that long work made: its name, its size in bytes, until when it is kept."""

    name: str
    size: int
    expires_at: dt.datetime


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
def ask_for(
    street: Street, kind: JobKind, *, topic: str = "", title: str = "", by: User, at: dt.datetime, **arguments: Any
) -> Job:
    """Ask for long work (交给后台); ``Refused`` while the same is under way, or too much of this person's."""
    locked_street(street.pk)
    going = Job.objects.filter(street=street, state__in=UNFINISHED)
    if going.filter(kind=kind, topic=topic).exists():
        raise Refused(_("已经有一次在做了，等它做完再来。"))
    if going.filter(by=by).count() >= MOST_OF_ONE:
        raise Refused(several("您已经有 %(n)s 件在后台做，等做完几件再来。"), n=MOST_OF_ONE)
    said = {"topic": topic, "title": title[:200], "arguments": arguments, "language": get_language() or ""}
    job = Job.objects.create(street=street, kind=kind, **said, by=by, at=at)
    trail.record("ask_for", job, by=by, at=at, kind=kind, topic=topic)
    return job


def cancel_job(job: Job, *, by: User, at: dt.datetime) -> Job:
    """Stop long work (中途停下): the worker leaves it at its next part; what waits does not begin. It hears of it before the
    row can be written: booking keeps an SQLite database to itself. Stopped again, it is stopped.
    """
    if job.cancel or job.state == JobState.CANCELLED:
        return job
    check_cancellable(JobState(job.state))
    slate.ask_to_stop(job.public_id)
    return _cancel(job, by=by, at=at)


@atomic
def _cancel(job: Job, *, by: User, at: dt.datetime) -> Job:
    locked = lock(job)
    if locked.cancel or locked.state == JobState.CANCELLED:  # somebody, or the worker, was quicker
        return locked
    check_cancellable(JobState(locked.state))
    locked.cancel = True
    if locked.state == JobState.WAITING:
        locked.state, locked.ended_at = JobState.CANCELLED, at
        slate.wipe(locked.public_id)
    locked.save(update_fields=["cancel", "state", "ended_at"])
    trail.record("cancel_job", locked, by=by, at=at, kind=locked.kind, done=locked.done)
    return locked


def begin(job: Job) -> None:
    """A worker takes it up. ``Refused`` where so many have come to nothing over it, ``Stopped`` where it is to stop."""
    if job.cancel or slate.is_to_stop(job.public_id):
        raise Stopped
    check_tries(job.tries)
    job.state, job.tries = JobState.RUNNING, job.tries + 1
    _write(job, "state", "tries")


def _write(job: Job, *names: str) -> None:
    """Write how far it is; ``Stopped`` where somebody has stopped it."""
    now = {name: getattr(job, name) for name in names}
    if not Job.objects.filter(pk=job.pk, state__in=UNFINISHED, cancel=False).update(**now):
        raise Stopped


def go_on(job: Job, *, done: int, total: int, findings: Sequence[str] = ()) -> None:
    """So many parts are done, and these were found since; ``Stopped`` where somebody has stopped it."""
    job.state, job.done, job.total, job.found = JobState.RUNNING, done, total, job.found + len(findings)
    job.findings, job.tries = [*job.findings, *(finding[:300] for finding in findings)][:MOST_FINDINGS], 0
    _write(job, "state", "done", "total", "found", "findings", "tries")


@atomic
def end_job(job: Job, state: JobState, *, refused: str = "", made: Made | None = None, at: dt.datetime) -> Job:
    """It is done, was stopped, or came to nothing; the trail says how it ended."""
    locked = lock(job)
    if locked.state not in UNFINISHED:  # stopped before it began
        return locked
    locked.state, locked.ended_at, locked.refused = state, at, refused[:500]
    if made is not None:
        locked.made_name, locked.made_size, locked.expires_at = made.name, made.size, made.expires_at
    locked.save(update_fields=["state", "ended_at", "refused", "made_name", "made_size", "expires_at"])
    trail.record("end_job", locked, by=None, at=at, kind=locked.kind, state=locked.state, found=locked.found)
    slate.wipe(locked.public_id)
    return locked
