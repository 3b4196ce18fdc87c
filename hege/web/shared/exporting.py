"""A file goes out: at once where it is small, else the worker makes it; by right, each time on the trail."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from hege.exports.actions import hand_over
from hege.exports.making import file_name, rows_of
from hege.exports.rules import Wanted, What
from hege.jobs import actions
from hege.jobs.models import Job
from hege.jobs.queries import under_way
from hege.jobs.rules import JobKind
from hege.kernel import clock, signing
from hege.people.models import Street, User
from hege.programme.seasons.queries import the_season
from hege.web.access import Desk, verb_of
from hege.web.shared.scope import point_or_404

SALT = "hege.web.shared.exporting"
GOOD_FOR = 600  # seconds


def _meters(desk: Desk, wanted: Wanted) -> None:
    point_or_404(desk, wanted.of["point"], "meters.export")


def _trail(desk: Desk, _wanted: Wanted) -> None:
    if not desk.may("trail.export"):
        raise Http404


def _figures(desk: Desk, wanted: Wanted) -> None:
    if not desk.may("figures.export") or the_season(desk.street, wanted.of["season"]) is None:
        raise Http404


def _settlements(desk: Desk, _wanted: Wanted) -> None:
    if not desk.may("settlements.export"):
        raise Http404


def _list(desk: Desk, wanted: Wanted) -> None:
    """Who asked for it, as long as they may open its page."""
    verb = verb_of(wanted.of["list"], desk.street)
    if wanted.of["by"] != str(desk.user.pk) or not (verb and desk.may(verb)):
        raise Http404


#: Who may have it: raises 404 for who may not.
RIGHT: dict[What, Callable[[Desk, Wanted], None]] = {
    What.SHOPS: _meters, What.MONEY: _meters, What.TRAIL: _trail, What.PAPERS: _trail,
    What.FIGURES: _figures, What.SETTLEMENTS: _settlements, What.LIST: _list,
}  # fmt: skip


def take(desk: Desk, wanted: Wanted) -> HttpResponse:
    """Lead to the file, or to where one sees how far it is."""
    RIGHT[wanted.what](desk, wanted)
    if rows_of(desk.street, wanted) <= settings.AT_ONCE_ROWS:
        return handed(desk, wanted)
    return by_the_worker(desk, wanted)


def by_the_worker(desk: Desk, wanted: Wanted) -> HttpResponse:
    """Have a file made that nobody waits for; lead to where one sees how far it is."""
    said = {"what": wanted.what.value, "of": dict(wanted.of)}
    return asked(desk, JobKind.EXPORT, topic=f"{desk.user.pk} {wanted.topic}"[:120], title=file_name(wanted), **said)


def asked(desk: Desk, kind: JobKind, *, topic: str, title: str, **arguments: Any) -> HttpResponse:
    """Ask for long work, unless the same is under way, and lead to its page."""
    job = under_way(desk.street, kind, topic)
    if job is None:
        said = {"topic": topic, "title": title, **arguments}
        job = actions.ask_for(desk.street, kind, by=desk.user, at=clock.now(), **said)
    return redirect(desk.to("jobs:job", job.public_id))


def handed(desk: Desk, wanted: Wanted, job: Job | None = None) -> HttpResponse:
    """Put on the trail that a file goes out, then lead to it: a look may not write, and a repeated click writes once."""
    hand_over(desk.street, wanted, by=desk.user, at=clock.now())
    return redirect(desk.to("jobs:taken", ticket(desk.street, wanted, job, by=desk.user)))


def ticket(street: Street, wanted: Wanted, job: Job | None = None, *, by: User) -> str:
    """What lets one person have one file for some minutes."""
    said = [street.pk, by.pk, wanted.what.value, dict(wanted.of), job.public_id if job else ""]
    return signing.dumps(said, salt=SALT, compress=True)


def permitted(desk: Desk, shown: str) -> tuple[Wanted, str]:
    """What a ticket is for, and the work that made it, if it is this person's, here, not old, and still theirs to have."""
    try:
        street, user, what, of, job_id = signing.loads(shown, salt=SALT, max_age=GOOD_FOR)
    except signing.BadSignature:
        raise Http404(_("这个链接用过时间了。")) from None
    if (street, user) != (desk.street.pk, desk.user.pk):
        raise Http404
    wanted = Wanted(What(what), of)
    RIGHT[wanted.what](desk, wanted)
    return wanted, job_id
