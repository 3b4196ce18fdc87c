"""Two freezings, a freezing beside tills, one bank serial twice, two payments of one list: at the same moment, both databases."""

from __future__ import annotations

from functools import partial

import pytest

from hege.kernel.clock import at_noon
from hege.programme.settlements.actions import confirm_list, dispute_list, freeze_month, reverse_payment
from hege.programme.settlements.models import (
    Settlement,
    SettlementLine,
    SettlementMonth,
    SettlementPayment,
    SettlementStep,
)
from hege.programme.settlements.queries import Open, Whose, open_of
from hege.vouchers.models import Redemption
from hege.vouchers.tills.actions import reverse_redemption
from tests.cast import Cast, tell
from tests.concurrency.test_once import at_once, done
from tests.programme.settlements.market import (
    AFTER_NOVEMBER,
    IN_NOVEMBER,
    NOVEMBER,
    SOUP_FEN,
    Market,
    make_market,
    wrong,
)
from tests.vouchers.tills import a_claim, take

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
AT = at_noon(AFTER_NOVEMBER)


@pytest.fixture
def market(cast: Cast):
    made = make_market(cast)
    yield made
    assert list(wrong(cast.street)) == []


@pytest.fixture
def soup(market: Market) -> Settlement:
    for _n in range(3):
        market.take(market.noodles, market.soup)
    (row,) = market.freeze()
    market.confirm(row)
    return market.again(row)


def test_a_month_frozen_by_four_at_once_is_frozen_once(market: Market):
    for _n in range(3):
        market.take(market.noodles, market.soup)
    answers = at_once(*[partial(freeze_month, market.street, month_on=NOVEMBER, by=None, at=AT)] * 4)
    assert len({month.pk for month in answers}) == 1
    assert (SettlementMonth.objects.count(), Settlement.objects.count(), SettlementLine.objects.count()) == (1, 1, 3)


def test_what_is_taken_and_taken_back_while_a_month_is_frozen_is_counted_once(market: Market):
    back = [market.take(market.noodles, market.soup) for _n in range(3)]
    claims = [a_claim(market.soup, IN_NOVEMBER) for _n in range(3)]
    tell(market.street)
    till, late = market.tills[market.noodles.pk], IN_NOVEMBER
    rows = Redemption.objects.select_related("street__trail_head", "claim__batch__street")
    at_once(
        partial(freeze_month, market.street, month_on=NOVEMBER, by=None, at=AT),
        *(partial(take, till, claim, nonce=f"m{n}", at=late) for n, claim in enumerate(claims)),
        *(
            partial(reverse_redemption, rows.get(pk=one.pk), reason="弄错", by=market.cast.coordinator, at=AT)
            for one in back
        ),
    )
    listed = sum(Settlement.objects.values_list("total_fen", flat=True))
    waits = open_of(market.street).get(Whose(market.noodles.pk, market.cast.office.pk), Open())
    assert listed + waits.fen == 3 * SOUP_FEN


def test_one_bank_serial_at_once_counts_once(market: Market, soup: Settlement):
    answers = at_once(*[partial(market.pay, soup, fen=SOUP_FEN)] * 3)
    assert (len(done(answers)), SettlementPayment.objects.count(), market.again(soup).paid_fen) == (1, 1, SOUP_FEN)


def test_two_payments_of_one_list_never_pay_more_than_it_is(market: Market, soup: Settlement):
    answers = at_once(*(partial(market.pay, soup, fen=2 * SOUP_FEN, serial=f"A000{n}") for n in range(3)))
    assert (len(done(answers)), market.again(soup).paid_fen) == (1, 2 * SOUP_FEN)


def test_a_payment_is_taken_back_once(market: Market, soup: Settlement):
    payment = market.pay(soup, fen=SOUP_FEN)
    back = partial(reverse_payment, payment, reason="写错", by=market.cast.clerk, at=AT)
    assert len(done(at_once(back, back, back))) == 1
    assert market.again(soup).paid_fen == 0


def test_a_list_is_either_confirmed_or_disputed(market: Market):
    market.take(market.noodles, market.soup)
    (row,) = market.freeze()
    till = market.tills[market.noodles.pk]
    answers = at_once(
        partial(confirm_list, row, till=till, by=None, at=AT),
        partial(dispute_list, row, till=till, words="少一张", by=None, at=AT),
    )
    assert (len(done(answers)), SettlementStep.objects.count()) == (1, 1)
