"""`hege verify` names a counter, a lot, an account or a book of points that was changed behind our back."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from hege.billing.chart import WATER
from hege.integrity.queries import CHARTS, faults
from hege.kernel.clock import at_noon
from hege.ledger.models import Account, Book, Transaction
from hege.ledger.rules import REVERSAL
from hege.members.models import Member
from hege.points.actions import Served, add_minutes, earn, spend
from hege.points.models import Balance, Lot, LotUse
from tests.integrity.tampering import tamper

pytestmark = pytest.mark.once
BY: Any = {"by": None, "at": at_noon(dt.date(2025, 12, 19))}


@pytest.fixture
def served(riders: list[Member]) -> list[Member]:
    """Each has ten points, the first has spent four, the second has an hour."""
    street = riders[0].street
    assert earn(street, {rider.pk: 10 for rider in riders}, key="1", **BY) is not None
    spend(riders[0], 4, key="claim 1", **BY)
    add_minutes(street, [Served(riders[1].pk, 60, "a1 2")], **BY)
    assert list(faults(street)) == []
    return riders


def named(riders: list[Member], sql: str, *values: Any) -> list[str]:
    assert tamper(sql, *values) == 1
    return list(faults(riders[0].street))


def test_a_counter_that_is_not_the_sum_of_its_entries(served: list[Member]):
    row = Balance.objects.get(member=served[0])
    for column in ("points", "minutes"):
        found = named(served, f"UPDATE points_balance SET {column} = {column} + 1 WHERE id = %s", row.pk)
        assert f"balance {row.pk}: its counters are not the sum of the entries" in found
    assert f"balance {row.pk}: its points are not what its lots hold" in found


def test_a_counter_that_points_at_another_members_account(served: list[Member]):
    mine, other = (Balance.objects.get(member=rider) for rider in served[:2])
    tamper("UPDATE points_balance SET points_account_id = %s WHERE id = %s", mine.minutes_account_id, other.pk)
    assert f"balance {other.pk}: its accounts are not its member's" in list(faults(served[0].street))


def test_a_lot_that_holds_more_than_was_left_in_it(served: list[Member]):
    lot = Lot.objects.get(member=served[0])
    found = named(served, "UPDATE points_lot SET remaining = remaining + 1 WHERE id = %s", lot.pk)
    assert f"lot {lot.pk}: what is left is not what was granted less what its uses took" in found


def test_a_lot_that_was_granted_more_than_its_entry_gave(served: list[Member]):
    lot = Lot.objects.get(member=served[1])
    found = named(served, "UPDATE points_lot SET granted = granted + 1 WHERE id = %s", lot.pk)
    assert f"transaction {lot.transaction_id}: what it moved is not what its lots say" in found


def test_a_use_that_is_gone_or_is_of_another_entry(served: list[Member]):
    use = LotUse.objects.get()
    found = named(served, "UPDATE points_lotuse SET transaction_id = transaction_id - 1 WHERE id = %s", use.pk)
    assert f"transaction {use.transaction_id - 1}: lots speak of it, and it moved nothing of theirs" in found
    found = named(served, "DELETE FROM points_lotuse WHERE id = %s", use.pk)
    assert f"transaction {use.transaction_id}: what it moved is not what its lots say" in found


def test_an_account_that_became_another_members_or_the_books_own(served: list[Member]):
    account = Account.objects.get(member=served[0], kind="member_points")
    found = named(served, "UPDATE ledger_account SET member_id = NULL WHERE id = %s", account.pk)
    assert f"account {account.pk}: is not whose its kind of account has to be" in found
    assert any("was changed after it was booked" in fault for fault in found)


def test_a_book_that_keeps_to_no_chart_or_to_another(served: list[Member]):
    book = Book.objects.get(chart="points")
    found = named(served, "UPDATE ledger_book SET chart = 'loose' WHERE id = %s", book.pk)
    assert f"book {book.pk}: keeps to “loose”, and there is no such chart" in found
    found = named(served, "UPDATE ledger_book SET chart = '' WHERE id = %s", book.pk)
    assert any("its accounts are not a pair its kind of transaction may use" in fault for fault in found)


def test_points_moved_by_hand_within_their_book(served: list[Member]):
    """From one member to another is no pair that any kind of entry may use."""
    entry = Transaction.objects.get(kind="spend")
    other = Account.objects.get(member=served[1], kind="member_points")
    found = named(served, "UPDATE ledger_entry SET debit_id = %s WHERE event_id = %s", other.pk, entry.pk)
    assert any("is not a pair" in fault or "not a pair its kind" in fault for fault in found)


def test_charts_have_names_and_kinds_of_their_own():
    assert len({chart.name for chart in CHARTS}) == len(CHARTS)
    kinds = [kind for chart in CHARTS for kind in chart.pairs]
    accounts = [account for chart in CHARTS for account in {a for ps in chart.pairs.values() for p in ps for a in p}]
    assert len(set(kinds)) == len(kinds)
    assert len(set(accounts)) == len(accounts)
    assert REVERSAL not in kinds
    assert WATER.name == ""
