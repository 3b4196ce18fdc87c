"""Leave to see what is kept apart (查看许可): for some minutes after the look was put on the trail, to the one who looked alone."""

from __future__ import annotations

from django.db.models import Model
from django.http import Http404

from hege.kernel import signing
from hege.web.access import Desk

#: A look lasts this long; after that, another reason is asked for.
LOOK_SECONDS = 300


def look_ticket(thing: Model, desk: Desk, *, salt: str) -> str:
    """What stands in the address of what may now be seen; ``salt`` is the page's own."""
    return signing.dumps([thing.pk, desk.user.pk], salt=salt)


def check_look(ticket: str, thing: Model, desk: Desk, *, salt: str) -> None:
    """404 where this is no leave of this person to see this thing, or is over."""
    try:
        permitted = signing.loads(ticket, salt=salt, max_age=LOOK_SECONDS) == [thing.pk, desk.user.pk]
    except signing.BadSignature:
        permitted = False
    if not permitted:
        raise Http404
