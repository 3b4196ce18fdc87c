"""Drawing statements (对账单): opening, what moved, closing, from the reads that the pages use, held against each other."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hege.arrears.queries import flows_of, monthly, shop_flows, who_holds_the_money
from hege.arrears.rules import Holding, Money, UnitMoney
from hege.billing.chart import TransactionKind
from hege.billing.queries import method_on, payment_counts, payments_of
from hege.kernel.calendar import DAY
from hege.kernel.refused import Refused
from hege.ledger.rules import Level
from hege.metering.models import SupplyPoint
from hege.metering.queries import holders_of, master_of
from hege.metering.rules import PointRoleKind
from hege.papers.rules import check_sum, months_of, moved, no_tenant, shop_moved
from hege.places.models import Tenancy, Unit

#: The terms that explain what is owed, with the sign each has in the sum (``arrears.rules.who_holds``).
TERMS = {
    "held": 1, "fronted": -1, "acknowledged": 1, "unproven": 1, "advances": -1, "passed_over": -1, "unshared": 1,
    "common": 1, "loss": 1, "unexplained": 1,
}  # fmt: skip


def head_of(point: SupplyPoint, *, on: dt.date) -> dict[str, Any]:
    """What every paper about a meter says of it: its code and name, and whose it is on a day."""
    master, holders = master_of(point, on=on), holders_of(point, on=on)
    named = {kind: holders[kind].name if kind in holders else "" for kind in PointRoleKind}
    return {
        "street": point.street.name,
        "phone": point.street.phone,
        "point": point.code,
        "point_name": point.name,
        "location": point.location,
        "diameter_mm": master.diameter_mm if master else None,
        "holder": named[PointRoleKind.ACCOUNT_HOLDER],
        "agent": named[PointRoleKind.AGENT],
    }


def meter_statement(point: SupplyPoint, *, from_on: dt.date, last_on: dt.date) -> dict[str, Any]:
    """Of a master meter: month by month what was billed, taken in and passed on, and in whose hands what is owed lies.

    Raises ``Refused`` where the months do not lead from opening to closing.
    """
    spans = months_of(from_on, last_on)
    opening = who_holds_the_money(point, on=from_on - DAY).confirmed.payable
    holding = who_holds_the_money(point, on=last_on)
    flows = flows_of(point.street, [point.book_id], on=last_on).get(point.book_id, [])
    ends = monthly(point, on=last_on, months=len(spans))
    moves = [moved(flows, span) for span in spans]
    months, running = [], opening
    for span, did, end in zip(spans, moves, ends, strict=True):
        check_sum(running, [did.billed, -did.paid], end.payable)
        running = end.payable
        months.append(
            {
                "from_on": span.from_on.isoformat(), "last_on": (span.until_on - DAY).isoformat(), "billed_fen": did.billed,
                "collected_fen": did.collected, "paid_fen": did.paid, "payable_fen": end.payable, "held_fen": end.held,
            }
        )  # fmt: skip
    closing = holding.confirmed.payable
    check_sum(opening, [did.billed - did.paid for did in moves], closing)
    holders = _holders(point, holding)
    check_sum(0, [row["fen"] for row in holders], closing)
    return {
        **head_of(point, on=last_on),
        "shops": holding.confirmed.shops,
        "from_on": from_on.isoformat(),
        "last_on": last_on.isoformat(),
        "opening_fen": opening,
        "billed_fen": sum(did.billed for did in moves),
        "collected_fen": sum(did.collected for did in moves),
        "paid_fen": sum(did.paid for did in moves),
        "closing_fen": closing,
        "held_fen": holding.confirmed.held,
        "late_fees_fen": holding.confirmed.late_fees,
        "months": months,
        "holders": holders,
    }


def _holders(point: SupplyPoint, holding: Holding) -> list[dict[str, Any]]:
    """In whose hands what is owed lies: each term that is not nothing, confirmed and as every claim would have it."""
    counts = payment_counts(point, on=holding.on)
    receipts = [
        sum(
            n
            for (_t, kind, at), n in counts.items()
            if kind == TransactionKind.RECEIPT and (at == Level.CONFIRMED) is yes
        )
        for yes in (True, False)
    ]
    sure, told = _terms(holding.confirmed), _terms(holding.with_claims)
    return [
        {
            "term": term, "fen": sure[term], "claimed_fen": told[term],
            "receipts": receipts[0] if term == "held" else 0, "claims": receipts[1] if term == "held" else 0,
        }
        for term in TERMS
        if sure[term] or told[term]
    ]  # fmt: skip


def _terms(money: Money) -> dict[str, int]:
    return {term: sign * getattr(money, term) for term, sign in TERMS.items()}


def shop_statement(point: SupplyPoint, unit: Unit, *, from_on: dt.date, last_on: dt.date) -> dict[str, Any]:
    """Of the tenant of a shop: month by month its share of the bills and what it paid, with what proves each payment.

    Who rents it on the last day, else who did last within the period. Raises ``Refused`` where nobody did, or where the
    months do not lead from opening to closing.
    """
    tenancy = _tenancy(unit, from_on=from_on, last_on=last_on)
    spans, flows = months_of(from_on, last_on), shop_flows(point, tenancy.pk, on=last_on)
    opening, _acknowledged = _position(point, tenancy, on=from_on - DAY)
    closing, acknowledged = _position(point, tenancy, on=last_on)
    payments = _payments(point, tenancy, from_on=from_on, last_on=last_on)
    months, running = [], opening
    for span in spans:
        did, said = shop_moved(flows.confirmed, span), shop_moved(flows.claimed, span)
        running += did.charged - did.paid - did.direct
        last = (span.until_on - DAY).isoformat()
        months.append(
            {
                "from_on": span.from_on.isoformat(), "last_on": last, "charged_fen": did.charged, "paid_fen": did.paid,
                "direct_fen": did.direct, "said_fen": said.paid + said.direct, "owed_fen": running,
                "payments": [row for row in payments if span.from_on.isoformat() <= row["on"] <= last],
            }
        )  # fmt: skip
    check_sum(running, [], closing)
    return {
        **head_of(point, on=last_on),
        "unit": unit.code,
        "unit_name": unit.name,
        "tenant": tenancy.party.name if tenancy.party else "",
        "tenant_from_on": tenancy.from_on.isoformat(),
        "method": _method(point, last_on),
        "from_on": from_on.isoformat(),
        "last_on": last_on.isoformat(),
        "opening_fen": opening,
        "charged_fen": sum(row["charged_fen"] for row in months),
        "paid_fen": sum(row["paid_fen"] for row in months),
        "direct_fen": sum(row["direct_fen"] for row in months),
        "said_fen": sum(row["said_fen"] for row in months),
        "acknowledged_fen": acknowledged,
        "closing_fen": closing,
        "months": months,
    }


def _tenancy(unit: Unit, *, from_on: dt.date, last_on: dt.date) -> Tenancy:
    rows = Tenancy.objects.filter(street=unit.street_id, unit=unit).overlapping(from_on, last_on + DAY)
    found = rows.select_related("party").order_by("-from_on").first()
    if found is None:
        raise no_tenant()
    return found


def _position(point: SupplyPoint, tenancy: Tenancy, *, on: dt.date) -> tuple[int, int]:
    """What a tenancy owes at the end of a day, below zero what it has paid too much, and what of it it admits; in fen."""
    units = who_holds_the_money(point, on=on).confirmed.units
    found: UnitMoney | None = next((u for u in units if u.tenancy_id == tenancy.pk), None)
    return (found.owed - found.advance - found.passed_over, found.acknowledged) if found else (0, 0)


def _payments(point: SupplyPoint, tenancy: Tenancy, *, from_on: dt.date, last_on: dt.date) -> list[dict[str, Any]]:
    """What stands of what a tenancy paid, oldest first, each with its voucher and how well it is proven."""
    rows = payments_of(point, [tenancy]).filter(
        transaction__effective_on__gte=from_on,
        transaction__effective_on__lte=last_on,
        transaction__reversed_by__isnull=True,
    )
    return [
        {
            "on": row.transaction.effective_on.isoformat(), "fen": row.amount_fen, "kind": row.transaction.kind,
            "level": row.transaction.level, "means": row.means, "voucher": row.voucher,
        }
        for row in reversed(rows)
    ]  # fmt: skip


def _method(point: SupplyPoint, on: dt.date) -> str:
    try:
        return method_on(point, on).value
    except Refused:
        return ""
