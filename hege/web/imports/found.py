"""A person's own piles and their files, while they wait; and looking again at a pile of which something was said."""

from __future__ import annotations

from django.conf import settings
from django.db.models.functions import Length
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from hege.imports.models import Pile, StagedFile
from hege.imports.piles import rehearse
from hege.imports.queries import waiting_pile
from hege.jobs.rules import JobKind
from hege.kernel import clock
from hege.kernel.refused import Refused
from hege.web.access import Desk
from hege.web.shared.exporting import asked


def pile_of(desk: Desk, pile_id: str) -> Pile:
    """A pile of this person that waits. Raises ``Refused`` where there is none."""
    found = waiting_pile(desk.street, pile_id, owner=desk.user, at=clock.now())
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
    """Look at a pile, or have the worker look where it is large, and show it."""
    if is_large(found):
        return asked_of_worker(desk, found, JobKind.LOOK)
    rehearse(found, by=desk.user, at=clock.now())
    return redirect("imports:pile", desk.street.code, found.public_id)


def is_large(found: Pile) -> bool:
    """Whether nobody is to wait for it."""
    sizes: list[int] = list(found.files.values_list(Length("content"), flat=True))
    return sum(sizes) > settings.AT_ONCE_KB * 1024


def asked_of_worker(desk: Desk, found: Pile, kind: JobKind) -> HttpResponse:
    """Have the worker look at a pile or book it."""
    title = _("、").join(found.files.order_by("pk").values_list("name", flat=True))
    return asked(desk, kind, topic=found.public_id, title=title, pile=found.public_id)
