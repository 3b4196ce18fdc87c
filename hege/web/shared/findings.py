"""What was looked at in the installation, as pages show it: a mark, a sentence with what is to be typed, the page that mends it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hege.installation.rules import Finding, State
from hege.web.marks import Chip

MARKS: dict[State, Chip] = {
    State.MEND: Chip(_("要处理"), "red", "alert-triangle"),
    State.NOTE: Chip(_("请留意"), "amber"),
    State.OK: Chip(_("正常"), "green", "check"),
}
WORST_FIRST = list(MARKS)


def worst_first(found: Iterable[Finding]) -> list[Finding]:
    """What stops everything, what is to be mended, what is worth knowing, what is well."""
    return sorted(found, key=lambda finding: (not finding.stops, WORST_FIRST.index(finding.state)))


#: What is typed on the machine as it stands, in either language.
TYPED = re.compile(r"(hege [a-z]+(?: --[a-z-]+)*|HEGE_\w+(?:=\w+)?|chmod \d+ \S+|/[\w./-]+|[0-9a-f]{12})", re.ASCII)


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


def line_of(finding: Finding) -> Line:
    mark = Chip(_("不能工作"), "red", "alert-triangle") if finding.stops else MARKS[finding.state]
    page_of_it = None if finding.ok else MENDED_AT.get(finding.code)
    return Line(mark, _parts(finding.text), _parts(finding.mend), page_of_it)


def _parts(sentence: str) -> list[Part]:
    return [Part(words, bool(n % 2)) for n, words in enumerate(TYPED.split(sentence)) if words]
