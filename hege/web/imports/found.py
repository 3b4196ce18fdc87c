"""A person's own piles and their files, while they wait; and looking again at a pile of which something was said."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from hege.imports.models import Pile, StagedFile
from hege.imports.piles import rehearse
from hege.kernel import clock
from hege.kernel.refused import Refused
from hege.web.access import Desk


def pile_of(desk: Desk, pile_id: str) -> Pile:
    """A pile of this person that waits. Raises ``Refused`` where there is none."""
    waiting = Pile.objects.filter(street=desk.street, owner=desk.user, expires_at__gt=clock.now())
    found = waiting.select_related("street").filter(public_id=pile_id).first()
    if found is None:
        raise Refused(_("这份文件已过了确认的时间，请重新选择。"))
    return found


def file_of(desk: Desk, pile_id: str, staged_id: str) -> tuple[Pile, StagedFile]:
    """A pile and one of its files. Raises ``Refused`` where there is none."""
    found = pile_of(desk, pile_id)
    file = found.files.select_related("pile", "street").filter(public_id=staged_id).first()
    if file is None:
        raise Refused(_("这份文件已过了确认的时间，请重新选择。"))
    return found, file


def again(desk: Desk, found: Pile) -> HttpResponse:
    """Look again at a pile, and show it."""
    rehearse(found, by=desk.user, at=clock.now())
    return redirect("imports:pile", desk.street.code, found.public_id)
