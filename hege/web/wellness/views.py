"""运行状况: is it well? The lines of ``hege check`` for the administrator, the worst first, each with its mend."""

from __future__ import annotations

import re
from typing import NamedTuple

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from hege.installation.queries import findings, settings_findings
from hege.installation.rules import Finding, State
from hege.kernel import clock
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


class Line(NamedTuple):
    """One thing that was looked at, as the page shows it."""

    mark: Chip
    text: list[Part]
    mend: list[Part]


def _line(finding: Finding) -> Line:
    mark = Chip(_("不能工作"), "red", "alert-triangle") if finding.stops else MARKS[finding.state]
    return Line(mark, _parts(finding.text), _parts(finding.mend))


def _parts(sentence: str) -> list[Part]:
    return [Part(words, bool(n % 2)) for n, words in enumerate(TYPED.split(sentence)) if words]


@opens("wellness.see")
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Everything that is looked at, as it is at this instant; of the streets this one alone."""
    at = clock.now()
    found = [*settings_findings(), *findings(at=at, of=desk.street)]
    found.sort(key=lambda finding: (not finding.stops, WORST_FIRST.index(finding.state)))
    to_mend = sum(finding.state is State.MEND for finding in found)
    context = {"at": at, "rows": [_line(finding) for finding in found], "to_mend": to_mend}
    return page(request, "wellness/index.html", context)
