"""运行状况: is it well? The lines of ``hege check`` for the administrator, the worst first, each with its mend."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from hege.installation.queries import findings, settings_findings
from hege.installation.rules import State
from hege.jobs import actions
from hege.jobs.queries import last_job
from hege.jobs.rules import JobKind
from hege.kernel import clock
from hege.kernel.refused import Refused
from hege.web.access import Desk, opens
from hege.web.pages import page
from hege.web.shared.findings import line_of, worst_first


@opens("wellness.see")
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Everything that is looked at, as it is at this instant; of the streets this one alone."""
    at = clock.now()
    found = worst_first([*settings_findings(), *findings(at=at, of=desk.street)])
    context = {
        "at": at,
        "stopped": any(finding.stops for finding in found),
        "to_mend": sum(finding.state is State.MEND for finding in found),
        "wrong": [line_of(finding) for finding in found if not finding.ok],
        "fine": [line_of(finding) for finding in found if finding.ok],
        "job": last_job(desk.street, JobKind.VERIFY),
    }
    return page(request, "wellness/index.html", context)


@opens("wellness.verify")
@require_POST
def verify(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Have everything of the street verified by the worker, and look on."""
    try:
        job = actions.ask_for(desk.street, JobKind.VERIFY, by=desk.user, at=clock.now())
    except Refused as no:
        messages.warning(request, str(no))
        return redirect(desk.to("wellness:index"))
    return redirect(desk.to("jobs:job", job.public_id))
