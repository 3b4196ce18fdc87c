"""Drawing the public notice (公示): how much was billed, taken in and passed on, in sums; no shop and no person is named."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Q

from hege.arrears.cutoff.models import UtilityConsent
from hege.arrears.cutoff.queries import CutoffState, cutoff_state
from hege.arrears.queries import flows_of, who_holds_the_money
from hege.arrears.rules import Flow
from hege.billing.chart import TransactionKind
from hege.billing.models import Payment
from hege.kernel.calendar import DAY
from hege.metering.models import Connection, PointRole, SupplyPoint
from hege.papers.rules import Span, check_sum, moved, nameless
from hege.people.models import Party
from hege.places.models import Tenancy, Unit

#: Before anything that a book can hold.
FIRST = dt.date(1900, 1, 1)


def public_notice(point: SupplyPoint, *, from_on: dt.date, last_on: dt.date, today: dt.date) -> dict[str, Any]:
    """Of some days and of all until then; whether water is going to be cut, as of today.

    Conditions in words are counted, not told: nobody can tell whom they name. Raises ``Refused`` where it does not add up.
    """
    opening, closing = (who_holds_the_money(point, on=day).confirmed for day in (from_on - DAY, last_on))
    flows = flows_of(point.street, [point.book_id], on=last_on).get(point.book_id, [])
    until_now = _sums(flows, Span(FIRST, last_on + DAY))
    period = _sums(flows, Span(from_on, last_on + DAY))
    check_sum(0, [until_now["billed_fen"], -until_now["paid_fen"]], closing.payable)
    check_sum(opening.payable, [period["billed_fen"], -period["paid_fen"]], closing.payable)
    names = list(_names_behind(point))
    return {
        "street": point.street.name,
        "phone": point.street.phone,
        "point": nameless(point.code, names),
        "point_name": nameless(point.name, names),
        "location": nameless(point.location, names),
        "from_on": from_on.isoformat(),
        "last_on": last_on.isoformat(),
        "opening_fen": opening.payable,
        "period": {**period, "receipts": _receipts(point, from_on, last_on), "held_fen": closing.held - opening.held},
        "until_now": {**until_now, "held_fen": closing.held},
        "payable_fen": closing.payable,
        "held_fen": closing.held,
        "cutoff": _cutoff(cutoff_state(point, on=today)),
        "seen_on": today.isoformat(),
    }


def _sums(flows: Sequence[Flow], span: Span) -> dict[str, int]:
    did = moved(flows, span)
    return {"billed_fen": did.billed, "collected_fen": did.collected, "paid_fen": did.paid}


def _receipts(point: SupplyPoint, from_on: dt.date, last_on: dt.date) -> int:
    """How many receipts of some days are confirmed and stand."""
    rows = Payment.objects.filter(street=point.street_id, point=point, transaction__kind=TransactionKind.RECEIPT)
    rows = rows.filter(transaction__effective_on__gte=from_on, transaction__effective_on__lte=last_on)
    return int(rows.filter(transaction__reversed_by__isnull=True, transaction__open_claim__isnull=True).count())


def _cutoff(state: CutoffState) -> dict[str, Any] | None:
    """How the cut-off stands, in days and sums; None where none was announced."""
    if state.step is None or state.notice is None:
        return None
    money = [c for c in state.conditions if c.by_ledger]
    words = [c for c in state.conditions if not c.by_ledger]
    return {
        "step": state.step.value,
        "last_on": state.last_day.isoformat() if state.last_day else None,
        "not_before_at": state.not_before_at.isoformat() if state.not_before_at else None,
        "spent": state.spent,
        "consent": state.deferral is not None and UtilityConsent.objects.filter(
            street=state.notice.street_id, deferral=state.deferral
        ).exists(),
        "conditions": [
            {
                "kind": c.kind.value, "fen": c.condition.fen, "last_on": c.last_on.isoformat(),
                "met_on": c.met_on.isoformat() if c.met_on else None, "late": c.late,
            }
            for c in money
        ],
        "others": len(words),
        "others_met": sum(c.met_on is not None for c in words),
    }  # fmt: skip


def _names_behind(point: SupplyPoint) -> Iterator[str]:
    """Whom a meter has to do with: its holders and agents, the shops behind it, their tenants."""
    street = point.street_id
    units = Connection.objects.filter(street=street, point=point).values("unit_id")
    tenants = Tenancy.objects.filter(street=street, unit__in=units).values("party_id")
    roles = PointRole.objects.filter(street=street, point=point).values("party_id")
    of_both = Party.objects.filter(Q(pk__in=tenants) | Q(pk__in=roles), street=street)
    yield from of_both.values_list("name", flat=True)
    yield from Unit.objects.filter(street=street, pk__in=units).values_list("name", flat=True)
