"""Opening hours as people read and type them: the week in a few lines, what holds now, one day in a field."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from hege.kernel.clock import SHANGHAI
from hege.kernel.refused import Refused
from hege.programme.alliance.rules import MINUTES_OF_DAY, WEEK, Hours, Span, changes_at, check_spans, open_now, spans_on
from hege.web.forms import TypedField
from hege.web.jinja import weekday

_MONDAY = dt.date(2026, 3, 2)
_SPAN = re.compile(r"(\d{1,2})(?:[:：点](\d{2})?)?(?:[-–—~到至](\d{1,2})(?:[:：点](\d{2})?)?)")


def clock_time(minute: int) -> str:
    """A minute of the day: 08:00, 24:00."""
    return f"{minute // 60:02}:{minute % 60:02}"


def spans_in_words(spans: Sequence[Span]) -> str:
    """The spans of one day."""
    if not spans:
        return _("不开")
    if spans == [(0, MINUTES_OF_DAY)]:
        return _("全天")
    return _("、").join(f"{clock_time(start)}–{clock_time(end)}" for start, end in spans)


class DaysLine(NamedTuple):
    """Days that follow each other and are alike: 周一至周五 08:00–20:00."""

    days: str
    spans: str


def week(hours: Hours) -> list[DaysLine]:
    """The week in as few lines as it takes."""
    alike = [list(days) for _spans, days in groupby(range(1, 8), key=lambda day: spans_on(hours, day))]
    return [DaysLine(_days(days), spans_in_words(spans_on(hours, days[0]))) for days in alike]


def _days(days: Sequence[int]) -> str:
    first, last = (weekday(_MONDAY + dt.timedelta(days=day - 1)) for day in (days[0], days[-1]))
    if len(days) == len(WEEK):
        return _("每天")
    return first if len(days) == 1 else _("%(first)s至%(last)s") % {"first": first, "last": last}


class Now(NamedTuple):
    """Whether a station is open, and until when: 开着，到 20:00."""

    is_open: bool
    text: str


def now_at(hours: Hours, at: dt.datetime) -> Now:
    """What holds at an instant."""
    is_open, change = open_now(hours, at), changes_at(hours, at)
    if change is None:
        return Now(is_open, _("全天开着") if is_open else _("没有开放时间"))
    here, then = at.astimezone(SHANGHAI), change.astimezone(SHANGHAI)
    days = (then.date() - here.date()).days
    named = {0: "", 1: _("明天 ")}.get(days, f"{weekday(then.date())} ")
    when = f"{named}{then:%H:%M}"
    if days == 1 and is_open and (then.hour, then.minute) == (0, 0):
        when = clock_time(MINUTES_OF_DAY)
    words = _("开着，到 %(when)s") if is_open else _("关着，%(when)s 开")
    return Now(is_open, words % {"when": when})


class SpansField(TypedField):
    """The spans of one day, typed: ``8:00-12:00 13:00-20:00``, ``8-20``, ``０:００－２４:００``; empty where it is closed."""

    inputmode, clean_type = "text", list

    def read(self, text: str) -> Any:
        return list(self._spans(text))

    @staticmethod
    def write(value: Any, /) -> str:
        return " ".join(f"{clock_time(start)}-{clock_time(end)}" for start, end in value)

    def _spans(self, text: str) -> Iterator[list[int]]:
        pieces = [piece for piece in re.split(r"[\s,，、;；]+", re.sub(r"\s*([-–—~到至])\s*", r"\1", text)) if piece]
        spans = []
        for piece in pieces:
            found = _SPAN.fullmatch(piece)
            if found is None:
                raise ValidationError(_("请写从几点到几点，例如 8:00-20:00；中午关门写 8:00-12:00 13:00-20:00。"))
            from_hour, from_minute, to_hour, to_minute = (int(part or 0) for part in found.groups())
            if from_minute > 59 or to_minute > 59:
                raise ValidationError(_("分钟要在 00 和 59 之间。"))
            spans.append([from_hour * 60 + from_minute, to_hour * 60 + to_minute])
        try:
            yield from check_spans(spans)
        except Refused as no:
            raise ValidationError(str(no)) from no
