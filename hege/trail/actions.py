"""Adding to the trail, and doing what a form asks only once. Called inside the transaction of the action told of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from hege.kernel.refused import Stale
from hege.people.models import Street, User
from hege.trail.models import RequestKey, TrailHead, TrailLine
from hege.trail.queries import first_broken
from hege.trail.rules import plain


@transaction.atomic(savepoint=False)  # joins the action's transaction; alone, it is still a line after a line
def record(
    verb: str,
    thing: models.Model,
    *,
    street: Street,
    by: User | None,
    at: dt.datetime,
    on_behalf: str = "",
    **data: Any,
) -> TrailLine:
    """Add one line (留痕): ``by`` did ``verb`` to ``thing``; ``data`` are its figures, never secrets or the reporter.

    Locks the street's head, so it comes last in an action: whoever waits, waits shortly.
    """
    TrailHead.objects.get_or_create(street=street)
    head = TrailHead.objects.select_for_update().get(street=street)
    body = plain(data)
    line = TrailLine(
        street=street,
        seq=head.seq + 1,
        at=at,
        by=by,
        on_behalf=on_behalf,
        verb=verb,
        thing=thing._meta.label_lower,
        thing_id=str(thing.pk),
        data=body,
        previous=head.hash,
    )
    line.hash = line.expected_hash()
    line.save()
    head.seq, head.hash = line.seq, line.hash
    head.save(update_fields=["seq", "hash"])
    return line


@transaction.atomic
def prove_trail(street: Street, *, by: User | None, at: dt.datetime) -> str | None:
    """Recompute the whole chain of a street (核对留痕): None, or the first broken link; the finding is a line itself."""
    TrailHead.objects.get_or_create(street=street)
    head = TrailHead.objects.select_for_update().get(street=street)
    broken = first_broken(street)
    record("prove_trail", street, street=street, by=by, at=at, lines=head.seq, head=head.hash, broken=broken)
    return broken


@transaction.atomic
def once(key: str, *, asked: str, act: Callable[[], str | None], by: User | None, at: dt.datetime) -> str | None:
    """Do ``act`` once per request key and answer what it answered; a repeat gets the first answer (重复提交只办一次).

    The key's row is taken before anything else is read, so a second request with it waits for the first.
    ``asked`` is a digest of the request: the same key with another wish, or from another person, is
    ``Stale``. An ``act`` that answers None did nothing, and leaves its key free for the next try.
    """
    row, new = RequestKey.objects.get_or_create(key=key, defaults={"asked": asked, "by": by, "at": at})
    if not new:
        if (row.asked, row.by_id) != (asked, by.pk if by else None):
            raise Stale(_("这张表单已经提交过。要再办一次，请重新打开页面填写。"))
        return row.answer
    answer = act()
    if answer is None:
        row.delete()
        return None
    row.answer = answer
    row.save(update_fields=["answer"])
    return answer
