"""Kept sentences in the reader's language, their days as on every page."""

from __future__ import annotations

import datetime as dt

from hege.cases.models import TimelineLine
from hege.kernel.saying import sentence
from hege.web.jinja import day, instant


def words_of(line: TimelineLine) -> str:
    """What a line of a case's timeline says; empty where its kind says all."""
    return sentence(line.said, _spelled) if line.said else line.text


def _spelled(value: dt.date) -> str:
    return instant(value) if isinstance(value, dt.datetime) else day(value)
