"""后台任务: what one asked for and has not to wait for; how far it is, what came of it, and stopping it."""

from __future__ import annotations

import io

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from hege.exports.making import SORTS, file_name, write
from hege.exports.rules import Wanted, What
from hege.exports.tables import untold
from hege.jobs import actions, slate
from hege.jobs.models import Job
from hege.jobs.queries import jobs_of, the_job
from hege.jobs.rules import JobKind, JobState, check_fetchable
from hege.kernel import clock
from hege.kernel.refused import Refused
from hege.web.access import Desk, opens
from hege.web.idempotency import idempotent
from hege.web.jobs.page import JobPage
from hege.web.pages import page, part
from hege.web.shared.exporting import handed, permitted


def _job_or_404(desk: Desk, job_id: str, verb: str) -> Job:
    """What one asked for oneself; what everybody of the house asks for is for who may ask for it."""
    found = the_job(desk.street, job_id)
    theirs = found and (found.by == desk.user or (found.kind == JobKind.VERIFY and desk.may(verb)))
    if found is None or not theirs:
        raise Http404
    return found


@opens("jobs.see")
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What one asked for, the latest first."""
    rows, at = part(request, jobs_of(desk.street, desk.user)), clock.now()
    context = {"rows": rows, "jobs": [JobPage(job, desk, at=at) for job in rows.object_list]}
    return page(request, "jobs/index.html", context)


@opens("jobs.see")
def job(request: HttpRequest, desk: Desk, job_id: str) -> HttpResponse:
    """How far it is, and what came of it; asks again by itself while it goes on."""
    shown = JobPage(_job_or_404(desk, job_id, "wellness.see"), desk, at=clock.now())
    return page(request, "jobs/job.html", {"page": shown, "job": shown.job}, panels=["progress"])


@opens("jobs.stop")
@require_POST
@idempotent
def cancel(request: HttpRequest, desk: Desk, job_id: str) -> HttpResponse:
    """Stop it at its next part. Not within a transaction: booking, which is to stop, may hold the database."""
    actions.cancel_job(_job_or_404(desk, job_id, "wellness.verify"), by=desk.user, at=clock.now())
    messages.success(request, _("已叫停，做完手上这一步就停。"))
    return redirect(desk.to("jobs:job", job_id))


@opens("jobs.fetch")
@require_POST
def fetch(request: HttpRequest, desk: Desk, job_id: str) -> HttpResponse:
    """Lead to what it made, as often as one likes while it is kept; each time stands on the trail."""
    found = _job_or_404(desk, job_id, "wellness.verify")
    check_fetchable(JobKind(found.kind), JobState(found.state), found.expires_at, at=clock.now())
    if not slate.made(found.public_id).is_file():
        raise _gone()
    return handed(desk, Wanted(What(found.arguments["what"]), found.arguments["of"]), found)


@opens("jobs.see")
def taken(request: HttpRequest, desk: Desk, ticket: str) -> HttpResponse:
    """A file, for the minutes after it was put on the trail that it goes out."""
    wanted, job_id = permitted(desk, ticket)
    if job_id:
        found = _job_or_404(desk, job_id, "wellness.see")
        content, name = _made(found), found.made_name
    else:
        out = io.BytesIO()
        write(desk.street, wanted, out, untold)
        content, name = out.getvalue(), file_name(wanted)
    headers = {"Content-Disposition": content_disposition_header(as_attachment=True, filename=name) or ""}
    return HttpResponse(content, content_type=SORTS[wanted.what].content_type, headers=headers)


def _made(job: Job) -> bytes:
    try:
        return slate.made(job.public_id).read_bytes()
    except FileNotFoundError:
        raise _gone() from None


def _gone() -> Refused:
    return Refused(_("文件不在了；请再导出一次。"))
