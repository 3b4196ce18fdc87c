"""Keeping an installation small: what has served its time leaves once a day (清理过期数据)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from django.db.models import QuerySet

from hege.attachments import store
from hege.attachments.queries import named
from hege.imports.models import Pile, StagedFile
from hege.jobs import slate
from hege.jobs.queries import with_files
from hege.kernel.database import atomic
from hege.members.models import JoinCode
from hege.members.rules import A_DAY
from hege.outbox.queries import told_before
from hege.people.models import Session, SignInFailure, User
from hege.trail.actions import record_upkeep
from hege.trail.models import IdempotencyKey, Upkeep, UpkeepKind
from hege.workspace.queries import stale_drafts

CODES_FOR = A_DAY  # as long as codes for one telephone are counted
FAILURES_FOR = dt.timedelta(days=1)  # the longest limit looks back a quarter of an hour
#: A page of somebody signed in is open for hours; one that a link opened, in a browser that restores its pages, for weeks.
KEYS_FOR = dt.timedelta(days=30)
#: A file is written before the row that names it: a form that was refused may still be sent for half a day.
STRAYS_FOR = dt.timedelta(days=1)
#: Half a year: longer than anything late is still told of (``procedures.telling``), which would be told again otherwise.
MESSAGES_FOR = dt.timedelta(days=180)
UPKEEP_KEPT = 400  # of each kind: more than a year of days

ROWS_AT_ONCE, FILES_AT_ONCE = 1000, 5  # deleted in one transaction; others wait for it, so it is short


def _beyond(at: dt.datetime) -> QuerySet[Upkeep]:
    """The rows of each kind but the newest."""
    newest = Upkeep.objects.order_by("-at", "-pk")
    kept = [pk for kind in UpkeepKind for pk in newest.filter(kind=kind).values_list("pk", flat=True)[:UPKEEP_KEPT]]
    return Upkeep.objects.exclude(pk__in=kept)


#: Which rows of a table have served their time at an instant, and how many leave at once.
SWEPT: Mapping[str, tuple[Callable[[dt.datetime], QuerySet[Any]], int]] = {
    "people.Session": (lambda at: Session.objects.filter(expire_date__lt=at), ROWS_AT_ONCE),
    "people.SignInFailure": (lambda at: SignInFailure.objects.filter(at__lt=at - FAILURES_FOR), ROWS_AT_ONCE),
    "trail.IdempotencyKey": (lambda at: IdempotencyKey.objects.filter(at__lt=at - KEYS_FOR), ROWS_AT_ONCE),
    "imports.StagedFile": (lambda at: StagedFile.objects.filter(expires_at__lt=at), FILES_AT_ONCE),
    "imports.Pile": (lambda at: Pile.objects.filter(expires_at__lt=at), FILES_AT_ONCE),
    "members.JoinCode": (lambda at: JoinCode.objects.filter(made_at__lt=at - CODES_FOR), ROWS_AT_ONCE),
    "outbox.Message": (lambda at: told_before(at - MESSAGES_FOR), ROWS_AT_ONCE),
    "workspace.Draft": (stale_drafts, ROWS_AT_ONCE),
    "trail.Upkeep": (_beyond, ROWS_AT_ONCE),
}


def sweep(*, by: User | None, at: dt.datetime) -> dict[str, int]:
    """Let go of what has served its time: ended sign-ins, failures nobody counts, keys of forms, files nobody
    confirmed, messages of long ago, contents that no row names, what was exported and is kept no longer.

    A few rows at a time, each lot in its own transaction. Answers how many of which table; a row of upkeep says so.
    """
    count = {label: _drop(stale(at), lot) for label, (stale, lot) in SWEPT.items()}
    before = int((at - STRAYS_FOR).timestamp())
    count["files"] = store.sweep(before=before, wanted=named)
    count["made"] = slate.sweep(before=before, wanted=partial(with_files, at=at))
    record_upkeep(UpkeepKind.SWEEP, well=True, at=at, rows={label: n for label, n in count.items() if n})
    return count


def _drop(stale: QuerySet[Any], lot: int) -> int:
    gone = 0
    while pks := list(stale.order_by("pk").values_list("pk", flat=True)[:lot]):
        with atomic():
            stale.model._default_manager.filter(pk__in=pks).delete()
        gone += len(pks)
    return gone
