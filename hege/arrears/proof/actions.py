"""Sealing what an older release's recipes left open (重新封存), once, when its street is brought up to date."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import models, transaction

from hege.arrears.proof.queries import papers_of_first_release
from hege.billing.models import Allocation, Bill, BillComponent, Payment, Share
from hege.kernel import seal
from hege.kernel.mutability import append_only_models
from hege.ledger.models import Entry, Event, Evidence
from hege.ledger.queries import events_of_first_release
from hege.people.models import Street, User
from hege.trail import actions as trail
from hege.trail.models import TrailLine
from hege.trail.queries import ids_told, waits_for_new_seals
from hege.trail.rules import ENOUGH, SEAL_ANEW

CHUNK = 5000
#: Sealed by their event, or by the chain itself.
NOT_BY_ROW: tuple[type[models.Model], ...] = (
    Event, Entry, Evidence, Bill, BillComponent, Allocation, Share, Payment, TrailLine,
)  # fmt: skip


@transaction.atomic
def seal_anew(street: Street, *, by: User | None, at: dt.datetime) -> TrailLine | None:
    """Seal by today's recipes what those of an older release left open; the line says what. None where it was done.

    Nothing becomes clean by it that the old recipes can tell: every proof goes on to check each seal by its own recipe,
    the digests of the first release too. What they left open nobody could check before.
    """
    if not waits_for_new_seals(street):
        return None
    events = dict(events_of_first_release(street))
    papers = dict(papers_of_first_release(street, events.keys()))
    anew = {"events": _each(events), "papers": _each(papers)}
    return trail.record(
        SEAL_ANEW, street, street=street, by=by, at=at, anew=anew, sealed=_rows_left_open(street),
    )  # fmt: skip


def _each(digests: dict[int, str]) -> dict[str, Any]:
    in_order = [digests[pk][:ENOUGH] for pk in sorted(digests)]
    return {"ids": seal.ranges(digests), "each": "".join(in_order)}


def _rows_left_open(street: Street) -> dict[str, Any]:
    """The seals of all append-only rows that no line of the trail speaks of."""
    sealed: dict[str, Any] = {}
    models_of_rows: list[type[models.Model]] = [*append_only_models()]
    for model in models_of_rows:
        if model not in NOT_BY_ROW:
            told, names = ids_told(street, model), seal.columns(model)
            rows = model._default_manager.filter(street=street).order_by("pk").values_list(*names).iterator(CHUNK)
            sealed |= seal.rows_of(model, names, (row for row in rows if row[0] not in told))
    return sealed
