"""Adding to the trail. Called inside the transaction of the action it tells of."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import models

from hege.people.models import Street, User
from hege.trail.models import TrailHead, TrailLine
from hege.trail.rules import plain


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
