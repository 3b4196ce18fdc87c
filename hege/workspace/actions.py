"""Keeping what somebody was typing, and letting go of it. On no trail: nothing has been done."""

from __future__ import annotations

import datetime as dt

from django.db.transaction import atomic

from hege.people.models import User
from hege.workspace.models import Draft
from hege.workspace.rules import MOST_DRAFTS, Typed, may_keep


@atomic
def keep_draft(address: str, typed: Typed, *, by: User, at: dt.datetime) -> bool:
    """Keep what a person typed into the form that is sent to ``address`` (留草稿); False where it is nothing or too much.

    The oldest of more than ``MOST_DRAFTS`` goes.
    """
    if not may_keep(typed):
        return False
    said = {name: list(values) for name, values in typed.items()}
    Draft.objects.update_or_create(user=by, address=address, defaults={"typed": said, "at": at})
    newest = Draft.objects.filter(user=by).order_by("-at", "-pk").values_list("pk", flat=True)[: MOST_DRAFTS + 1]
    if len(beyond := list(newest)) > MOST_DRAFTS:
        Draft.objects.filter(user=by).exclude(pk__in=beyond[:MOST_DRAFTS]).delete()
    return True


def drop_draft(address: str, *, by: int, at: dt.datetime) -> None:
    """Let go of what a person typed into a form: it was taken, or they do not want it (丢掉草稿). ``by``: their number, for a
    form that was taken looks for nobody."""
    Draft.objects.filter(user_id=by, address=address, at__lte=at).delete()
