"""Half-open periods (起止日期): a row holds from a day on, until another day exclusive; without an end it goes on."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q


def not_over(day: dt.date, of: str = "") -> Q:
    """Rows that have not ended by a day, those that have yet to begin too; ``of``: the way to them, ``"unit__"``."""
    return Q(**{f"{of}until_on__isnull": True}) | Q(**{f"{of}until_on__gt": day})


def holds_on(day: dt.date, of: str = "") -> Q:
    """Rows that hold on a day."""
    return Q(**{f"{of}from_on__lte": day}) & not_over(day, of)
