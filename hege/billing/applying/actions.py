"""Keep which debt each payment met: what it was named for, the plans of agreements, the rows of the rule."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from hege.billing.applying.models import Application, Designation, Plan, PlanPart
from hege.billing.applying.queries import Key, charged, may_be_met, worked_out
from hege.billing.applying.rules import differences
from hege.billing.models import Payment, Share
from hege.kernel import bulk
from hege.kernel.database import atomic
from hege.ledger.actions import lock_books
from hege.ledger.models import Transaction
from hege.ledger.rules import Side
from hege.metering.models import SupplyPoint
from hege.people.models import Street, User
from hege.places.models import Tenancy
from hege.trail import actions as trail

APPLIED = [
    "street_id",
    "book_id",
    "tenancy_id",
    "transaction_id",
    "plan_id",
    "debt",
    "on",
    "amount_fen",
    "derived",
    "by_id",
    "recorded_at",
]


@atomic
def apply_money(
    street: Street,
    *,
    books: Iterable[int] = (),
    shops: Iterable[int] = (),
    derived: bool = False,
    by: User | None,
    at: dt.datetime,
) -> int:
    """Bring what is kept of some meters' books with the utility and of some tenancies in line with the rule (抵充), as difference
    rows; how many.

    The caller holds the locks of the books and tells the trail: its next line seals the rows.
    """
    who, rows = by.pk if by else None, []
    for (book, tenancy), outcome, kept in worked_out(street, books=books, shops=shops):
        for met, fen in differences(outcome.met, kept).items():
            rows.append((street.pk, book, tenancy, *met, fen, derived, who, at))
    return _append(Application, APPLIED, rows)


def _append(model: type[Application | Designation], names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> int:
    ids = bulk.reserve_ids(model, len(rows))
    return bulk.append(model, ["id", *names], [(pk, *row) for pk, row in zip(ids, rows, strict=True)])


@atomic
def apply_to_charges(
    street: Street, charges: Iterable[tuple[Key, dt.date, int]], *, by: User | None, at: dt.datetime
) -> int:
    """What was paid ahead, or on a later day, meets what relations were charged just now, ``(relation, day, fen)``; those that
    hold no such money are left alone. How many rows."""
    keys = may_be_met(street, charged(charges))
    books, shops = [book for book, tenancy in keys if tenancy is None], [t for _book, t in keys if t is not None]
    return apply_money(street, books=books, shops=shops, by=by, at=at)


class Named(NamedTuple):
    """What a payment was named for: codes of debts in their order, whose word it is, how it was written."""

    transaction_id: int
    debts: Sequence[str]
    side: Side = Side.PAYER
    words: str = ""


def keep_named(street: Street, named: Iterable[Named], *, by: User | None, at: dt.datetime) -> int:
    """Keep what payments were named for (指定用途), in the action that books them; the rule has been asked."""
    who = by.pk if by else None
    rows = [
        (street.pk, one.transaction_id, number, debt, one.side.value, one.words[:200], who, at)
        for one in named
        for number, debt in enumerate(one.debts, 1)
    ]
    names = ["street_id", "transaction_id", "number", "debt", "side", "words", "by_id", "recorded_at"]
    return _append(Designation, names, rows)


@atomic
def agree_plan(
    point: SupplyPoint,
    *,
    agreement: str,
    number: str,
    effective_on: dt.date,
    parts: Sequence[tuple[dt.date, int]],
    derived: bool = False,
    by: User | None,
    at: dt.datetime,
) -> Plan:
    """Put the parts of an agreement in the place of what is owed to the utility on its day (分期计划), and apply what was paid since.

    The line of the trail of the action that records the agreement seals it.
    """
    street = point.street
    lock_books(street, [point.book_id])
    plan = Plan.objects.create(
        street=street, book_id=point.book_id, number=number, agreement=agreement, effective_on=effective_on,
        amount_fen=sum(fen for _day, fen in parts), by=by, recorded_at=at,
    )  # fmt: skip
    PlanPart.objects.bulk_create(
        PlanPart(street=street, plan=plan, number=n, due_on=day, amount_fen=fen)
        for n, (day, fen) in enumerate(parts, 1)
    )
    apply_money(street, books=[point.book_id], derived=derived, by=by, at=at)
    return plan


@atomic
def apply_again(transactions: Sequence[Transaction], *, by: User | None, at: dt.datetime) -> int:
    """After transactions of one street were taken back, proven or contested: apply anew what they paid or charged, and tell the
    trail where that changed anything. How many rows."""
    street, ids = transactions[0].street, [t.reverses_id or t.pk for t in transactions]
    books = {t.book_id for t in transactions}
    shops = set(Payment.objects.filter(street=street, transaction__in=ids).values_list("tenancy_id", flat=True))
    shares = Share.objects.filter(street=street, allocation__transaction__in=ids)
    shops |= set(shares.values_list("tenancy_id", flat=True))
    held = [pk for pk in shops if pk is not None]
    count = apply_money(street, books=books, shops=held, by=by, at=at)
    if count:
        trail.record("apply_money", transactions[0], street=street, by=by, at=at, count=count)
    return count


@atomic
def derive_applications(street: Street, *, by: User | None, at: dt.datetime) -> int:
    """Apply all that was ever paid in a street (补推抵充), as rows that say that they are derived. How many, the trail is told."""
    points = list(SupplyPoint.objects.filter(street=street))
    lock_books(street, [point.book_id for point in points])
    shops = Tenancy.objects.filter(street=street).values_list("pk", flat=True)
    books = [point.book_id for point in points]
    count = apply_money(street, books=books, shops=shops, derived=True, by=by, at=at)
    if count:
        trail.record("derive_applications", points[0], street=street, by=by, at=at, count=count)
    return count
