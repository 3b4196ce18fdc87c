"""`hege verify` names a list, a line, a payment or its book that was changed behind our back."""

from __future__ import annotations

from typing import Any

import pytest

from hege.integrity.queries import CHARTS, faults
from hege.programme.settlements.chart import SETTLEMENTS
from hege.programme.settlements.models import Settlement, SettlementLine, SettlementPart, SettlementPayment
from hege.vouchers.models import Redemption
from tests.integrity.tampering import tamper
from tests.programme.settlements.market import IN_DECEMBER, SOUP_FEN, Market

pytestmark = pytest.mark.django_db


@pytest.fixture
def paid(market: Market) -> Settlement:
    """Three bowls on a list, one of them paid; a film that waits."""
    for _n in range(3):
        market.take(market.noodles, market.soup)
    (row,) = market.freeze()
    market.confirm(row)
    market.pay(row, fen=SOUP_FEN)
    market.take(market.cinema, market.film, at=IN_DECEMBER)
    assert list(faults(market.street)) == []
    return market.again(row)


def named(row: Settlement, sql: str, *values: Any) -> str:
    assert tamper(sql, *values) == 1
    return "\n".join(faults(row.street))


def test_the_book_is_one_that_verify_looks_at():
    assert SETTLEMENTS in CHARTS


def test_a_line_that_says_another_sum(paid: Settlement):
    line = SettlementLine.objects.first()
    assert line is not None
    found = named(paid, "UPDATE settlements_settlementline SET fen = fen + 1 WHERE id = %s", line.pk)
    assert f"settlementline {line.pk}: is not what its redemption says" in found
    assert f"settlement {paid.pk}: says 3 lines and 3600 fen, has 3 and 3601" in found
    assert f"settlement {paid.pk}: was changed after it was frozen" in found


def test_a_line_that_is_gone(paid: Settlement):
    line = SettlementLine.objects.first()
    assert line is not None
    found = named(paid, "DELETE FROM settlements_settlementline WHERE id = %s", line.pk)
    assert f"settlement {paid.pk}: says 3 lines and 3600 fen, has 2 and 2400" in found
    assert "lists and what waits come to 4800 fen, redemptions to 3600" in found


def test_a_line_of_another_shop(paid: Settlement, market: Market):
    line, film = SettlementLine.objects.first(), Redemption.objects.get(merchant=market.cinema)
    assert line is not None
    found = named(paid, "UPDATE settlements_settlementline SET redemption_id = %s WHERE id = %s", film.pk, line.pk)
    assert f"settlementline {line.pk}: is not what its redemption says" in found
    assert f"settlement {paid.pk}: was changed after it was frozen" in found


def test_a_list_that_says_it_is_paid_more(paid: Settlement, market: Market):
    found = named(paid, "UPDATE settlements_settlement SET paid_fen = paid_fen + 1 WHERE id = %s", paid.pk)
    assert f"settlement {paid.pk}: paid_fen is {SOUP_FEN + 1}, the parts of its payments come to {SOUP_FEN}" in found
    assert (
        f"voucher_shop of party {market.cast.agent_party.pk}: lists less payments come to 2399 fen, the book says 2400"
        in found
    )


def test_a_list_of_another_total(paid: Settlement):
    found = named(paid, "UPDATE settlements_settlement SET total_fen = total_fen + 100 WHERE id = %s", paid.pk)
    assert f"settlement {paid.pk}: says 3 lines and 3700 fen, has 3 and 3600" in found
    assert "the book says 2400" in found


def test_a_payment_that_says_more_than_was_booked(paid: Settlement):
    payment = SettlementPayment.objects.get()
    found = named(paid, "UPDATE settlements_settlementpayment SET amount_fen = 1300 WHERE id = %s", payment.pk)
    assert f"settlementpayment {payment.pk}: is not what its transaction booked" in found
    assert f"settlementpayment {payment.pk}: says 1300 fen, its parts come to 1200" in found


def test_a_payment_that_says_it_was_taken_back(paid: Settlement):
    payment = SettlementPayment.objects.get()
    found = named(
        paid, "UPDATE settlements_settlementpayment SET reversed_at = at, reason = 'x' WHERE id = %s", payment.pk
    )
    assert f"settlementpayment {payment.pk}: is not what its transaction booked" in found
    assert f"settlement {paid.pk}: paid_fen is 1200, the parts of its payments come to 0" in found


def test_a_part_that_is_for_another_list(paid: Settlement):
    part = SettlementPart.objects.get()
    found = named(paid, "UPDATE settlements_settlementpart SET fen = 1 WHERE id = %s", part.pk)
    assert f"settlement {paid.pk}: paid_fen is 1200, the parts of its payments come to 1" in found
