"""Bills that were shared by what a file now changes: named, so that somebody shares them again (重新分摊)."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from django.utils.translation import gettext as _

from hege.billing.models import Allocation
from hege.billing.rules import Method
from hege.imports.queries import batches
from hege.people.models import Street

SHOWN_BILLS = 5


class SharedBill(NamedTuple):
    """A bill with a standing allocation: its half-open period and the method it was shared by."""

    number: str
    from_on: dt.date
    until_on: dt.date
    method: Method


def shared_bills(street: Street, point_ids: Iterable[int]) -> dict[int, list[SharedBill]]:
    """The shared bills of supply points, by point, in the order of their periods; one query for 5,000 points."""
    found: dict[int, dict[str, SharedBill]] = defaultdict(dict)
    for lot in batches(point_ids):
        rows = Allocation.objects.filter(
            street=street, bill__street=street, bill__point_id__in=lot,
            transaction__reversed_by__isnull=True, bill__transaction__reversed_by__isnull=True,
        ).order_by("bill__from_on", "pk")  # fmt: skip
        for point, number, start, end, method in rows.values_list(
            "bill__point_id", "bill__number", "bill__from_on", "bill__until_on", "method"
        ):
            found[point][number] = SharedBill(number, start, end, Method(method))
    return {point: list(bills.values()) for point, bills in found.items()}


def numbers_within(bills: Iterable[SharedBill], from_on: dt.date, until_on: dt.date | None) -> str:
    """The numbers of the bills that ask for any day of a half-open period, at most five of them; "" where none does."""
    numbers = [b.number for b in bills if b.until_on > from_on and (until_on is None or b.from_on < until_on)]
    more = _(" 等 %(n)d 张") % {"n": len(numbers)} if len(numbers) > SHOWN_BILLS else ""
    return _("、").join(numbers[:SHOWN_BILLS]) + more
