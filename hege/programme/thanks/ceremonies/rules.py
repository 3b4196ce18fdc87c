"""What a run sheet may say (流程单), and when what happened is told to everybody.

A ceremony gives no award without approval (评比达标表彰活动管理办法): a part is called as thanks are. Pictures are shown to everybody
only where those in them agreed (PIPL art. 25).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from hege.kernel.checks import check_another, check_line
from hege.kernel.refused import Refused
from hege.programme.thanks.rules import check_title

MOST_PARTS, LONGEST_WHO, LONGEST_REPORT, MOST_CAME = 30, 40, 2000, 100_000


class Part(NamedTuple):
    """One part of a run sheet (环节): the minute of the day in Shanghai, what it is, who speaks or plays."""

    minute: int
    title: str
    who: str = ""


@dataclass(frozen=True, slots=True)
class SheetDraft:
    """What is written for an activity: its parts, the approval they may need, what happened, how many came by counting heads.

    ``came`` None: nobody counted. ``pictures_agreed``: whoever can be known in the pictures agreed that everybody sees them.
    """

    parts: Sequence[Part]
    approval_no: str = ""
    words: str = ""
    came: int | None = None
    pictures_agreed: bool = False


def check_parts(parts: Sequence[Part], *, approval_no: str) -> list[Part]:
    """The parts in their order of time, each called as thanks may be."""
    if not parts:
        raise Refused(_("请至少写一个环节。"), field="parts")
    if len(parts) > MOST_PARTS:
        raise Refused(_("环节最多 %(most)d 个，这里有 %(n)d 个。"), most=MOST_PARTS, n=len(parts), field="parts")
    for before, after in pairwise(parts):
        if after.minute < before.minute:
            raise Refused(_("“%(title)s”的时间比上一个环节早，请按先后写。"), title=after.title, field="parts")
    return [
        Part(
            part.minute,
            check_title(part.title, approval_no=approval_no, field="parts"),
            check_line(part.who, name="parts", most=LONGEST_WHO),
        )
        for part in parts
    ]


@dataclass(frozen=True, slots=True)
class Reported:
    """How a report stands: what publishing it asks. ``written_by``: a user's key."""

    ends_at: dt.datetime
    runs: bool
    words: str
    written_by: int | None
    published: bool


def check_report(report: Reported, *, by: int | None, at: dt.datetime) -> None:
    """A report is published by another than who wrote it last, once the activity is over."""
    if not report.runs:
        raise Refused(_("这项活动取消了，没有小结可以公开。"))
    if report.published:
        raise Refused(_("小结已经公开。"))
    if at < report.ends_at:
        raise Refused(_("活动还没有结束，结束以后再公开小结。"))
    if not report.words:
        raise Refused(_("还没有写小结，请先写。"))
    check_another(by=by, first=report.written_by, sentence=_("小结是您自己写的，要由另一个人看过再公开。"))
