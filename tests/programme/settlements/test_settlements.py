"""A month is frozen once; what comes later goes into the next one; shops answer; payments count once; it all adds up."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from hege.kernel.clock import at_noon
from hege.kernel.refused import Refused
from hege.programme.settlements.actions import (
    answer_dispute,
    confirm_list,
    dispute_list,
    freeze_month,
    repay_unit,
    reverse_payment,
)
from hege.programme.settlements.models import (
    Settlement,
    SettlementLine,
    SettlementMonth,
    SettlementPayment,
    SettlementStep,
)
from hege.programme.settlements.queries import (
    Open,
    Position,
    Whose,
    book_of,
    lines_digest,
    net_of_units,
    open_of,
    positions,
)
from hege.programme.settlements.rules import SettlementState
from hege.trail.models import TrailLine
from hege.vouchers.models import OfflineConflict, Redemption
from hege.vouchers.tills.actions import decide_conflict, redeem_offline
from hege.vouchers.tills.queries import the_conflict
from hege.vouchers.tills.rules import ConflictState
from tests.programme.settlements.market import (
    AFTER_DECEMBER,
    AFTER_NOVEMBER,
    DECEMBER,
    FILM_FEN,
    IN_DECEMBER,
    IN_NOVEMBER,
    NOVEMBER,
    SOUP_FEN,
    Market,
    wrong,
)
from tests.vouchers.tills import a_claim, noted, take

pytestmark = pytest.mark.django_db
S, NOTHING = SettlementState, dt.timedelta(0)


@pytest.fixture(autouse=True)
def _books_stay_whole(market: Market):
    yield
    assert list(wrong(market.street)) == []


# -- freezing ------------------------------------------------------------------------------------------------------------


def test_a_month_becomes_a_list_for_each_shop_and_payer(market: Market):
    for _n in range(3):
        market.take(market.noodles, market.soup)
    market.take(market.cinema, market.film)
    lists = market.freeze()
    said = [(row.merchant, row.payer, row.paid_by, row.lines_count, row.total_fen) for row in lists]
    cast = market.cast
    assert said == [
        (market.noodles, cast.office, cast.office, 3, 3 * SOUP_FEN),
        (market.cinema, cast.utility, cast.office, 1, FILM_FEN),
    ]
    assert {row.state for row in lists} == {S.FROZEN}
    assert all(row.digest == lines_digest(row) and len(row.digest) == 64 for row in lists)
    assert open_of(market.street) == {}


def test_a_month_is_frozen_once_however_often_it_is_asked_for(market: Market):
    market.take(market.noodles, market.soup)
    first = market.freeze()
    market.take(market.noodles, market.soup, at=IN_DECEMBER)
    lines = TrailLine.objects.count()
    assert market.freeze(day=AFTER_DECEMBER) == first
    assert (TrailLine.objects.count(), SettlementMonth.objects.count()) == (lines, 1)


def test_a_month_that_is_not_over_is_refused(market: Market):
    with pytest.raises(Refused, match="还没有过完"):
        market.freeze(DECEMBER, dt.date(2025, 12, 31))


def test_a_month_with_nothing_is_frozen_too_and_none_before_it(market: Market):
    assert market.freeze(DECEMBER, AFTER_DECEMBER) == []
    with pytest.raises(Refused, match="已经冻结"):
        market.freeze(NOVEMBER, AFTER_DECEMBER)


def test_a_month_ends_at_midnight_in_shanghai(market: Market):
    midnight = at_noon(DECEMBER) - dt.timedelta(hours=12)
    market.take(market.noodles, market.soup, at=midnight - dt.timedelta(seconds=1))
    market.take(market.noodles, market.soup, at=midnight)
    assert [row.lines_count for row in market.freeze()] == [1]
    assert open_of(market.street) == {Whose(market.noodles.pk, market.cast.office.pk): Open(1, SOUP_FEN)}


def test_what_was_left_out_of_months_before_is_in_the_next_list(market: Market):
    market.take(market.noodles, market.soup)
    market.take(market.noodles, market.soup, at=IN_DECEMBER)
    (row,) = market.freeze(DECEMBER, AFTER_DECEMBER)
    assert (row.lines_count, row.total_fen) == (2, 2 * SOUP_FEN)


def test_what_was_taken_back_before_freezing_is_on_no_list(market: Market):
    market.undo(market.take(market.noodles, market.soup), AFTER_NOVEMBER)
    assert market.freeze(day=AFTER_NOVEMBER) == []


def test_what_is_taken_back_after_freezing_is_a_line_below_zero_of_the_next_list(market: Market):
    taken = market.take(market.noodles, market.soup)
    market.freeze()
    market.undo(taken, dt.date(2025, 12, 10))
    for _n in range(2):
        market.take(market.noodles, market.soup, at=IN_DECEMBER)
    (row,) = [one for one in market.freeze(DECEMBER, AFTER_DECEMBER) if one.month.month_on == DECEMBER]
    fens = sorted(SettlementLine.objects.filter(settlement=row).values_list("fen", flat=True))
    assert (fens, row.total_fen) == ([-SOUP_FEN, SOUP_FEN, SOUP_FEN], SOUP_FEN)


def test_where_more_was_taken_back_than_taken_all_of_it_waits(market: Market):
    taken = [market.take(market.noodles, market.soup) for _n in range(2)]
    market.freeze()
    for one in taken:
        market.undo(one, dt.date(2025, 12, 10))
    market.take(market.noodles, market.soup, at=IN_DECEMBER)
    assert market.freeze(DECEMBER, AFTER_DECEMBER) == []
    whose = Whose(market.noodles.pk, market.cast.office.pk)
    assert open_of(market.street) == {whose: Open(3, -SOUP_FEN)}
    market.take(market.noodles, market.soup, at=at_noon(AFTER_DECEMBER))
    (row,) = market.freeze(dt.date(2026, 1, 1), dt.date(2026, 2, 2))
    assert (row.lines_count, row.total_fen, open_of(market.street)) == (4, 0, {})
    assert market.confirm(row, dt.date(2026, 2, 3)).state == S.PAID


def test_a_voucher_taken_again_after_it_was_taken_back_is_on_a_list_as_each(market: Market):
    taken = market.take(market.noodles, market.soup)
    market.freeze()
    market.undo(taken, dt.date(2025, 12, 10))
    claim = Redemption.objects.select_related("claim__batch", "claim__member").get(pk=taken.pk).claim
    take(market.tills[market.noodles.pk], claim, nonce="again", at=IN_DECEMBER)
    (row,) = market.freeze(DECEMBER, AFTER_DECEMBER)
    assert (row.lines_count, row.total_fen) == (2, 0)


def test_a_queue_sent_twice_is_settled_to_the_fen(market: Market):
    till = market.tills[market.noodles.pk]
    queue = [noted(a_claim(market.soup, IN_NOVEMBER), nonce=f"nonce-{n:02}", at=IN_NOVEMBER) for n in range(5)]
    for minutes in (20, 40):
        redeem_offline(till, scans=queue, ahead=NOTHING, by=None, at=IN_NOVEMBER + dt.timedelta(minutes=minutes))
    (row,) = market.freeze()
    redeemed = sum(Redemption.objects.filter(reversal__isnull=True).values_list("owed_fen", flat=True))
    assert (row.lines_count, row.total_fen) == (5, redeemed) == (5, 5 * SOUP_FEN)


def test_a_queue_that_comes_after_the_freezing_is_in_the_next_list(market: Market):
    claim = a_claim(market.soup, IN_NOVEMBER)
    last = at_noon(DECEMBER) - dt.timedelta(hours=13)
    market.freeze(day=DECEMBER)
    redeem_offline(
        market.tills[market.noodles.pk], scans=[noted(claim, nonce="late-one", at=last)], ahead=NOTHING, by=None,
        at=at_noon(DECEMBER) + dt.timedelta(minutes=5),
    )  # fmt: skip
    (row,) = market.freeze(DECEMBER, AFTER_DECEMBER)
    assert (row.total_fen, row.month.month_on) == (SOUP_FEN, DECEMBER)


def test_a_scan_that_is_paid_all_the_same_is_a_line(market: Market):
    first = market.take(market.noodles, market.soup)
    redeem_offline(
        market.tills[market.noodles.pk], scans=[noted(first.claim, nonce="double-one", at=IN_NOVEMBER)], ahead=NOTHING,
        by=None, at=IN_NOVEMBER,
    )  # fmt: skip
    conflict = the_conflict(market.street, OfflineConflict.objects.get().public_id)
    assert conflict is not None
    said: dict[str, Any] = {"to": ConflictState.PAID, "reason": "店家没有错", "by": market.cast.coordinator}
    decide_conflict(conflict, **said, at=IN_NOVEMBER + dt.timedelta(hours=1))
    (row,) = market.freeze()
    assert (row.lines_count, row.total_fen) == (2, 2 * SOUP_FEN)


# -- what shops answer ---------------------------------------------------------------------------------------------------


@pytest.fixture
def soup(market: Market) -> Settlement:
    """A list of three bowls."""
    for _n in range(3):
        market.take(market.noodles, market.soup)
    return market.freeze()[0]


def test_a_shop_confirms_on_its_till(market: Market, soup: Settlement):
    row = market.confirm(soup)
    step = SettlementStep.objects.get()
    assert (row.state, step.to, step.till, step.by) == (S.CONFIRMED, S.CONFIRMED, market.tills[market.noodles.pk], None)
    with pytest.raises(Refused):
        market.confirm(market.again(soup))


def test_a_shop_disputes_in_words_is_answered_and_confirms(market: Market, soup: Settlement):
    till, at = market.tills[market.noodles.pk], at_noon(AFTER_NOVEMBER)
    with pytest.raises(Refused, match="哪里不对"):
        dispute_list(soup, till=till, words=" ", by=None, at=at)
    row = dispute_list(soup, till=till, words="11月29日少算 1 张", by=None, at=at)
    assert row.state == S.DISPUTED
    with pytest.raises(Refused):
        market.pay(row, fen=SOUP_FEN)
    with pytest.raises(Refused):
        market.confirm(row)
    row = answer_dispute(row, words="12 月名单补上", **market.by(AFTER_NOVEMBER))
    assert market.confirm(row).state == S.CONFIRMED
    assert list(SettlementStep.objects.order_by("pk").values_list("to", flat=True)) == [
        "disputed",
        "frozen",
        "confirmed",
    ]


def test_the_office_writes_down_a_confirmation_on_paper_with_words(market: Market, soup: Settlement):
    with pytest.raises(Refused, match="凭什么"):
        confirm_list(soup, **market.by(AFTER_NOVEMBER))
    assert confirm_list(soup, words="店主签字的名单", **market.by(AFTER_NOVEMBER)).state == S.CONFIRMED


def test_the_till_of_another_shop_is_a_bug(market: Market, soup: Settlement):
    with pytest.raises(ValueError, match="another shop"):
        confirm_list(soup, till=market.tills[market.cinema.pk], by=None, at=at_noon(AFTER_NOVEMBER))


# -- paying --------------------------------------------------------------------------------------------------------------


def test_a_list_is_paid_in_parts_and_never_more_than_is_owed(market: Market, soup: Settlement):
    market.confirm(soup)
    market.pay(soup, fen=SOUP_FEN, serial="A0001")
    row = market.again(soup)
    assert (row.state, row.open_fen) == (S.CONFIRMED, 2 * SOUP_FEN)
    with pytest.raises(Refused, match=r"还要付 24\.00 元"):
        market.pay(soup, fen=2 * SOUP_FEN + 1, serial="A0002")
    market.pay(soup, fen=2 * SOUP_FEN, serial="A0002")
    assert (market.again(soup).state, market.again(soup).open_fen) == (S.PAID, 0)
    with pytest.raises(Refused):
        market.pay(soup, fen=1, serial="A0003")


def test_a_bank_serial_counts_once(market: Market, soup: Settlement):
    market.confirm(soup)
    market.pay(soup, fen=SOUP_FEN, serial="A 0001")
    with pytest.raises(Refused, match="只算一次"):
        market.pay(soup, fen=SOUP_FEN, serial="a-0001")
    assert SettlementPayment.objects.count() == 1


def test_one_payment_settles_several_lists_the_oldest_first(market: Market, soup: Settlement):
    market.take(market.noodles, market.soup, at=IN_DECEMBER)
    market.confirm(soup)
    (later,) = market.freeze(DECEMBER, AFTER_DECEMBER)
    market.confirm(later, AFTER_DECEMBER)
    market.pay(later, soup, fen=3 * SOUP_FEN + 100, day=AFTER_DECEMBER)
    assert (market.again(soup).state, market.again(later).paid_fen) == (S.PAID, 100)


def test_a_wrong_payment_is_taken_back_and_its_serial_is_free_again(market: Market, soup: Settlement):
    market.confirm(soup)
    payment = market.pay(soup, fen=3 * SOUP_FEN)
    with pytest.raises(Refused):
        reverse_payment(payment, reason="", **market.by(AFTER_NOVEMBER))
    reverse_payment(payment, reason="金额写错", **market.by(AFTER_NOVEMBER))
    row = market.again(soup)
    assert (row.state, row.paid_fen) == (S.CONFIRMED, 0)
    with pytest.raises(Refused, match="撤销过"):
        reverse_payment(payment, reason="再撤一次", **market.by(AFTER_NOVEMBER))
    market.pay(soup, fen=SOUP_FEN)
    assert market.again(soup).paid_fen == SOUP_FEN


def test_the_book_says_what_is_owed(market: Market, soup: Settlement):
    market.confirm(soup)
    market.pay(soup, fen=SOUP_FEN)
    office, shop = market.cast.office.pk, market.cast.agent_party.pk
    assert book_of(market.street) == {("voucher_unit", office): 2 * SOUP_FEN, ("voucher_shop", shop): -2 * SOUP_FEN}


# -- who owes whom -------------------------------------------------------------------------------------------------------


def test_who_pays_in_anothers_place_gets_it_back_and_no_more(market: Market):
    market.take(market.cinema, market.film)
    (row,) = market.freeze()
    cast = market.cast
    assert net_of_units(market.street) == {}
    market.confirm(row)
    market.pay(row, fen=FILM_FEN)
    assert net_of_units(market.street) == {cast.utility.pk: -FILM_FEN, cast.office.pk: FILM_FEN}
    said: dict[str, Any] = {"creditor": cast.office, "paid_on": AFTER_NOVEMBER}
    who = market.by(AFTER_NOVEMBER)
    with pytest.raises(Refused, match="就多了"):
        repay_unit(market.street, cast.utility, fen=FILM_FEN + 1, bank_serial="B0001", **said, **who)
    with pytest.raises(Refused, match="就多了"):
        repay_unit(market.street, cast.office, fen=1, bank_serial="B0001", **said | {"creditor": cast.utility}, **who)
    repay_unit(market.street, cast.utility, fen=FILM_FEN - 1, bank_serial="B0001", **said, **who)
    with pytest.raises(Refused, match="只算一次"):
        repay_unit(market.street, cast.utility, fen=1, bank_serial="b-0001", **said, **who)
    repay_unit(market.street, cast.utility, fen=1, bank_serial="B0002", **said, **who)
    assert set(net_of_units(market.street).values()) == {0}


# -- figures -------------------------------------------------------------------------------------------------------------


def test_positions_are_as_they_were_known(market: Market):
    taken = market.take(market.noodles, market.soup)
    market.take(market.noodles, market.soup)
    (row,) = market.freeze()
    market.confirm(row)
    payment = market.pay(row, fen=SOUP_FEN)
    market.undo(taken, dt.date(2025, 12, 10))
    reverse_payment(payment, reason="写错", **market.by(dt.date(2025, 12, 11)))
    whose = Whose(market.noodles.pk, market.cast.office.pk)
    told = {
        day: positions(market.street, at=at_noon(day)).get(whose)
        for day in (
            dt.date(2025, 11, 26),
            dt.date(2025, 11, 28),
            AFTER_NOVEMBER,
            dt.date(2025, 12, 10),
            dt.date(2025, 12, 11),
        )
    }
    assert list(told.values()) == [
        None,
        Position(0, 0, 2 * SOUP_FEN),
        Position(2 * SOUP_FEN, SOUP_FEN, 0),
        Position(2 * SOUP_FEN, SOUP_FEN, -SOUP_FEN),
        Position(2 * SOUP_FEN, 0, -SOUP_FEN),
    ]


def test_freezing_is_told_on_the_trail_with_its_sums(market: Market, soup: Settlement):
    line = TrailLine.objects.filter(verb="freeze_settlements").get()
    assert (line.data["lists"], line.data["lines"], line.data["total_fen"]) == (1, 3, 3 * SOUP_FEN)
    assert freeze_month(market.street, month_on=NOVEMBER, **market.by(AFTER_DECEMBER)).month_on == NOVEMBER
