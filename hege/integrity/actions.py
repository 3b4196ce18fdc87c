"""Sealing what an older release's recipes left open (重新封存), once, when its street is brought up to date."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hege.billing.chart import WATER
from hege.integrity.queries import papers_of_first_release
from hege.kernel import seal
from hege.kernel.database import atomic
from hege.ledger.queries import transactions_of_first_release
from hege.people.models import Street, User
from hege.trail import actions as trail
from hege.trail.models import TrailLine
from hege.trail.queries import waits_for_new_seals
from hege.trail.rules import ENOUGH, SEAL_ANEW


@atomic
def seal_anew(street: Street, *, by: User | None, at: dt.datetime) -> TrailLine | None:
    """Seal by today's recipes what those of an older release left open; the line says what. None where it was done.

    Nothing becomes clean by it that the old recipes can tell: every proof goes on to check each seal by its own recipe,
    the digests of the first release too. What they left open nobody could check before.
    """
    if not waits_for_new_seals(street):
        return None
    transactions = dict(transactions_of_first_release(street, WATER))
    papers = dict(papers_of_first_release(street, transactions.keys()))
    anew = {"events": _each(transactions), "papers": _each(papers)}
    rows = trail.take_up_rows(street)
    return trail.record(SEAL_ANEW, street, street=street, by=by, at=at, anew=anew, rows=rows)


def _each(digests: dict[int, str]) -> dict[str, Any]:
    in_order = [digests[pk][:ENOUGH] for pk in sorted(digests)]
    return {"ids": seal.ranges(digests), "each": "".join(in_order)}
