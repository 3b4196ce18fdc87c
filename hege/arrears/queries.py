"""Who holds the money, read from the ledger."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence

from hege.arrears.rules import Holding, Owner, who_holds
from hege.billing.models import Acknowledgement
from hege.ledger.queries import PairSum, accounts_of, pair_sums
from hege.ledger.rules import AccountKind
from hege.metering.models import SupplyPoint
from hege.people.models import Street


def who_holds_the_money(point: SupplyPoint, *, on: dt.date, known_at: dt.datetime | None = None) -> Holding:
    """Who holds the money of one supply point (钱在谁手里) at the end of day ``on``; four queries.

    ``known_at`` asks what was known at that instant ("as known then"); without it, as known now.
    """
    return holdings(point.street, [point], on=on, known_at=known_at)[point.pk]


def holdings(
    street: Street, points: Sequence[SupplyPoint], *, on: dt.date, known_at: dt.datetime | None = None
) -> dict[int, Holding]:
    """Who holds the money of several supply points of a street, by point key; the same four queries for any number."""
    books = {p.book_id: p.pk for p in points}
    owners: dict[int, dict[int, Owner]] = defaultdict(dict)
    book_of: dict[int, int] = {}
    for account in accounts_of(street, books):
        tenancy = account.tenancy
        party = (tenancy.party if tenancy else None) or account.party
        book_of[account.pk] = account.book_id
        owners[account.book_id][account.pk] = Owner(
            kind=AccountKind(account.kind),
            tenancy_id=account.tenancy_id,
            party_id=account.party_id,
            code=tenancy.unit.code if tenancy else "",
            name=tenancy.unit.name if tenancy else (party.name if party else ""),
            from_on=tenancy.from_on if tenancy else None,
            until_on=tenancy.until_on if tenancy else None,
        )
    moved: dict[int, list[PairSum]] = defaultdict(list)
    for row in pair_sums(street, books, on=on, known_at=known_at):
        moved[book_of[row.debit_id]].append(row)
    admitted = acknowledged(street, points, on=on, known_at=known_at)
    return {
        point_id: Holding(
            on=on,
            confirmed=who_holds(
                owners[book], [(r.debit_id, r.credit_id, r.fen - r.unproven_fen) for r in moved[book]], admitted
            ),
            with_claims=who_holds(owners[book], [(r.debit_id, r.credit_id, r.fen) for r in moved[book]], admitted),
        )
        for book, point_id in books.items()
    }


def acknowledged(
    street: Street, points: Sequence[SupplyPoint], *, on: dt.date, known_at: dt.datetime | None = None
) -> dict[int, int]:
    """The latest written admission of each tenancy on or before a day, in fen, by tenancy key."""
    rows = Acknowledgement.objects.filter(street=street, point__in=[p.pk for p in points], on__lte=on)
    if known_at is not None:
        rows = rows.filter(recorded_at__lte=known_at)
    return dict(rows.order_by("on", "pk").values_list("tenancy_id", "amount_fen"))
