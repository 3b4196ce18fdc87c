"""How the programme of a street stood at the end of a day: counted from rows and their instants, never from counters."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hege.kernel.calendar import DAY
from hege.kernel.clock import start_of
from hege.people.models import Party, Street
from hege.points.chart import MINUTES, POINTS
from hege.points.queries import sums_of
from hege.programme.activities.queries import Stood, stood_before
from hege.programme.seasons.queries import steps_before
from hege.vouchers.models import Merchant
from hege.vouchers.queries import approved_before, figures_of, owed_before


def as_of(street: Street, on: dt.date) -> dict[str, Any]:
    """Every figure of a street's programme at the end of a Shanghai day, in whole numbers; money is fen.

    ``activities``: those published by then; persons with a place are ``taken``, all other counts are sign-ups, and who came
    is known once the attendance was added up. ``batches``: those approved by then; ``claimed`` leaves out what was taken
    back and is ``redeemed`` + ``expired`` + ``held``; what the end of its batch cut short counts as expired. ``money``: what
    each shop is owed by each paying unit. ``counters``: what came and went up to that day, and what members ``hold``.
    """
    until = start_of(on + DAY)
    return {
        "activities": _activities(street, until),
        "batches": _batches(street, until),
        "money": _money(street, until),
        "counters": {chart.name: _counter(street, chart.name, on) for chart in (POINTS, MINUTES)},
    }


def _activities(street: Street, until: dt.datetime) -> list[dict[str, Any]]:
    stood = stood_before(street, until)
    return [
        {
            "id": step.activity.public_id, "title": step.activity.title, "state": step.state, "capacity": step.capacity,
            **stood.get(step.activity_id, Stood())._asdict(),
        }
        for step in steps_before(street, until)
    ]  # fmt: skip


def _batches(street: Street, until: dt.datetime) -> list[dict[str, Any]]:
    batches = list(approved_before(street, until))
    figures = figures_of(batches, until=until)
    rows = []
    for batch in batches:
        found = figures[batch.pk]
        rows.append({
            "id": batch.public_id, "title": batch.title, "stock": batch.stock, "claimed": found.claims - found.given_back,
            "redeemed": found.used, "expired": found.ended - found.given_back, "held": found.held,
            "withdrawn": found.given_back, "committed_fen": found.committed_fen(batch.cost_fen),
            "budget_fen": batch.budget_fen,
        })  # fmt: skip
    return rows


def _money(street: Street, until: dt.datetime) -> list[dict[str, Any]]:
    shops = dict(Merchant.objects.filter(street=street).values_list("public_id", "name"))
    payers = dict(Party.objects.filter(street=street, voucher_batches__isnull=False).values_list("public_id", "name"))
    return [
        {
            "merchant": shop, "merchant_name": shops[shop], "payer": payer, "payer_name": payers[payer],
            "settled_fen": 0, "open_fen": fen,
        }
        for (shop, payer), fen in sorted(owed_before(street, until).items())
    ]  # fmt: skip


def _counter(street: Street, chart_name: str, on: dt.date) -> dict[str, int]:
    sums = sums_of(street, chart_name, on=on)
    return {**sums._asdict(), "held": sums.held}
