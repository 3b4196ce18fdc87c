"""What somebody was typing."""

from __future__ import annotations

import datetime as dt

from django.db.models import QuerySet

from hege.kernel.prepared import prepared
from hege.workspace.models import Draft
from hege.workspace.rules import DRAFTS_FOR


def drafts_of(user_id: int, *, at: dt.datetime) -> list[Draft]:
    """The drafts of a person that are not too old, newest first."""
    return _since(user_id, at - DRAFTS_FOR)


@prepared
def _since(user_id: int, since: dt.datetime) -> QuerySet[Draft]:
    return Draft.objects.filter(user=user_id, at__gt=since).order_by("-at", "-pk")


def stale_drafts(at: dt.datetime) -> QuerySet[Draft]:
    """Those whose day is over."""
    return Draft.objects.filter(at__lte=at - DRAFTS_FOR)
