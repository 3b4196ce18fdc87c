"""What somebody was typing, and the views of lists they saved."""

from __future__ import annotations

import datetime as dt

from django.db.models import QuerySet

from hege.kernel.prepared import prepared
from hege.people.models import Street, User
from hege.workspace.models import Draft, SavedView
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


@prepared
def views_of_list(street: Street, user: User, path: str) -> QuerySet[SavedView]:
    """The views of one list that somebody saved, by name."""
    return SavedView.objects.filter(street=street, user=user, path=path).order_by("name")


def views_of(street: Street, user: User) -> QuerySet[SavedView]:
    """All the views that somebody saved in a street, by list and name."""
    return SavedView.objects.filter(street=street, user=user).select_related("street").order_by("path", "name")
