"""Keeping what somebody was typing, and views of lists; letting go of them. On no trail: nothing has been done."""

from __future__ import annotations

import datetime as dt

from hege.kernel.database import atomic
from hege.kernel.mutability import lock
from hege.people.models import Street, User
from hege.workspace.models import Draft, SavedView
from hege.workspace.rules import MOST_DRAFTS, Typed, check_view, may_keep


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


@atomic
def save_view(street: Street, path: str, query: str, *, name: str, by: User, at: dt.datetime) -> SavedView:
    """Give the filter of a list a name (存筛选); ``Refused`` where another view of that list has it, or there is no filter."""
    others = SavedView.objects.filter(street=street, user=by, path=path).values_list("name", flat=True)
    said = check_view(name, query, others=list(others))
    return SavedView.objects.create(street=street, user=by, path=path, query=query, name=said, at=at)


@atomic
def rename_view(view: SavedView, *, name: str, by: User, at: dt.datetime) -> SavedView:
    """Give a saved view another name (改筛选名)."""
    view = lock(view)
    beside = SavedView.objects.filter(street=view.street, user=by, path=view.path).exclude(pk=view.pk)
    view.name, view.at = check_view(name, view.query, others=list(beside.values_list("name", flat=True))), at
    view.save(update_fields=["name", "at"])
    return view


def drop_view(view: SavedView, *, by: User, at: dt.datetime) -> None:
    """Let go of a saved view (删筛选)."""
    SavedView.objects.filter(pk=view.pk, user=by, at__lte=at).delete()
