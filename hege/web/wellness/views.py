"""运行状况: is it well? The lines of ``hege check`` for the administrator, the worst first, each with its mend."""

from __future__ import annotations

import re
from typing import NamedTuple

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from hege.installation.queries import findings, settings_findings
from hege.installation.rules import Finding, State
from hege.jobs import actions
from hege.jobs.queries import last_job
from hege.jobs.rules import JobKind
from hege.kernel import clock
from hege.kernel.refused import Refused
from hege.web.access import Desk, opens
from hege.web.marks import Chip
from hege.web.pages import page

MARKS: dict[State, Chip] = {
    State.MEND: Chip(_("要处理"), "red", "alert-triangle"),
    State.NOTE: Chip(_("请留意"), "amber"),
    State.OK: Chip(_("正常"), "green", "check"),
}
WORST_FIRST = list(MARKS)


#: What is typed on the machine as it stands, in either language.
TYPED = re.compile(r"(hege [a-z]+(?: --[a-z-]+)*|HEGE_\w+(?:=\w+)?|chmod \d+ \S+|/[\w./-]+)", re.ASCII)


class Part(NamedTuple):
    """A part of a sentence, and whether it is something to type."""

    text: str
    is_typed: bool


#: What is mended on a page of ours: the page, and what its button says. The rest is mended on the machine.
MENDED_AT = {
    "calendar_this_year": ("settings:calendar", _("录入放假通知")),
    "calendar_next_year": ("settings:calendar", _("录入放假通知")),
    "outbox": ("gateways:index", _("看发送通道")),
}


class Line(NamedTuple):
    """One thing that was looked at, as the page shows it."""

    mark: Chip
    text: list[Part]
    mend: list[Part]
    page: tuple[str, Promise] | None


def _line(finding: Finding) -> Line:
    mark = Chip(_("不能工作"), "red", "alert-triangle") if finding.stops else MARKS[finding.state]
    page_of_it = None if finding.ok else MENDED_AT.get(finding.code)
    return Line(mark, _parts(finding.text), _parts(finding.mend), page_of_it)


def _parts(sentence: str) -> list[Part]:
    return [Part(words, bool(n % 2)) for n, words in enumerate(TYPED.split(sentence)) if words]


@opens("wellness.see")
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Everything that is looked at, as it is at this instant; of the streets this one alone."""
    at = clock.now()
    found = [*settings_findings(), *findings(at=at, of=desk.street)]
    found.sort(key=lambda finding: (not finding.stops, WORST_FIRST.index(finding.state)))
    context = {
        "at": at,
        "stopped": any(finding.stops for finding in found),
        "to_mend": sum(finding.state is State.MEND for finding in found),
        "wrong": [_line(finding) for finding in found if not finding.ok],
        "fine": [_line(finding) for finding in found if finding.ok],
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
