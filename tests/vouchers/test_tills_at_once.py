"""Many tills want one voucher at the same moment, on both databases: one takes it, and rows are counted."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any

import pytest

from hege.vouchers.actions import close_batch
from hege.vouchers.models import Batch, ClaimEnd, Merchant, OfflineConflict, Redemption, Reversal, ScanFailure, Till
from hege.vouchers.queries import counter_faults
from hege.vouchers.tills.actions import add_till, decide_conflict, open_till, redeem_offline, reverse_redemption
from hege.vouchers.tills.queries import redemption_faults
from hege.vouchers.tills.rules import ConflictState, NotTaken, ScanFault
from tests.cast import Cast, first_broken, tell
from tests.concurrency.test_once import at_once, done
from tests.vouchers.samples import a_shop, given_out
from tests.vouchers.tills import LUNCH, OPENED, a_claim, an_open_till, noted, take

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
MANY, NOTHING = 8, dt.timedelta(0)


@pytest.fixture
def shop(cast: Cast) -> Merchant:
    return a_shop(cast.street, cast.agent_party)


@pytest.fixture
def batch(cast: Cast, shop: Merchant) -> Batch:
    tell(cast.street)
    return given_out(cast.street, shop=shop, payer=cast.office, by=cast.clerk, other=cast.coordinator)


@pytest.fixture
def tills(shop: Merchant) -> list[Till]:
    return [an_open_till(shop, f"台 {n}") for n in range(MANY)]


@pytest.fixture(autouse=True)
def _books_stay_whole(cast: Cast):
    yield
    assert [*counter_faults(cast.street), *redemption_faults(cast.street)] == []
    assert first_broken(cast.street) is None


def a_voucher(batch: Batch):
    claim = a_claim(batch)
    tell(batch.street)
    return claim


def test_one_voucher_at_eight_tills_is_taken_once(batch: Batch, tills: list[Till]):
    claim = a_voucher(batch)
    answers = at_once(*(partial(take, till, claim, nonce=f"n{n}") for n, till in enumerate(tills)))
    assert (len(done(answers)), Redemption.objects.count(), ScanFailure.objects.count()) == (1, 1, MANY - 1)
    assert {no.finding.fault for no in answers if isinstance(no, NotTaken)} == {ScanFault.USED}


def test_a_voucher_is_either_taken_or_ends_with_its_batch(cast: Cast, batch: Batch, tills: list[Till]):
    claims = [a_voucher(batch) for _ in range(MANY - 1)]
    at_once(
        *(partial(take, till, claim) for till, claim in zip(tills, claims, strict=False)),
        partial(close_batch, Batch.objects.get(pk=batch.pk), reason="歇业", by=cast.coordinator, at=LUNCH),
    )
    batch.refresh_from_db()
    assert Redemption.objects.count() + ClaimEnd.objects.count() == MANY - 1
    assert batch.committed_fen == Redemption.objects.count() * batch.cost_fen


def test_a_queue_that_is_sent_at_the_same_moment_several_times_is_taken_once(batch: Batch, tills: list[Till]):
    queue = [noted(a_voucher(batch), nonce=f"nonce-{n}") for n in range(4)]
    queue.append(queue[0]._replace(nonce="nonce-9"))
    send = partial(redeem_offline, scans=queue, ahead=NOTHING, by=None, at=LUNCH)
    answers = at_once(
        *[
            partial(send, Till.objects.select_related("street__trail_head", "merchant").get(pk=tills[0].pk))
            for _ in range(4)
        ]
    )
    assert all(outcomes == answers[0] for outcomes in answers)
    assert (Redemption.objects.count(), OfflineConflict.objects.count()) == (4, 1)


def test_two_tills_that_noted_the_same_vouchers_in_opposite_order_do_not_block_each_other(
    batch: Batch, tills: list[Till]
):
    claims = [a_voucher(batch) for _ in range(4)]
    queues = [[noted(claim, nonce=f"nonce-{n}") for n, claim in enumerate(order)] for order in (claims, claims[::-1])]
    at_once(
        *(
            partial(redeem_offline, till, scans=queue, ahead=NOTHING, by=None, at=LUNCH)
            for till, queue in zip(tills, queues * 2, strict=False)
        )
    )
    assert Redemption.objects.count() == 4


def test_a_redemption_is_taken_back_once_and_its_voucher_taken_once_more(batch: Batch, tills: list[Till]):
    claim = a_voucher(batch)
    made = take(tills[0], claim)
    answers = at_once(*[partial(reverse_redemption, made, till=tills[0], by=None, at=LUNCH)] * 4)
    assert (len(done(answers)), Reversal.objects.count()) == (1, 1)
    again = at_once(*(partial(take, till, claim, nonce=f"m{n}") for n, till in enumerate(tills)))
    assert (len(done(again)), Redemption.objects.count()) == (1, 2)


def test_taking_back_and_closing_free_the_money_once(cast: Cast, batch: Batch, tills: list[Till]):
    made = take(tills[0], a_voucher(batch))
    at_once(
        partial(reverse_redemption, made, till=tills[0], by=None, at=LUNCH),
        partial(close_batch, Batch.objects.get(pk=batch.pk), reason="歇业", by=cast.coordinator, at=LUNCH),
    )
    batch.refresh_from_db()
    assert (batch.committed_fen, ClaimEnd.objects.count()) == (0, 1)


def test_a_link_opens_a_till_on_one_phone(shop: Merchant, batch: Batch):
    link = add_till(shop, label="前台", by=None, at=OPENED)
    answers = at_once(*(partial(open_till, link, secret=f"phone {n}", by=None, at=OPENED) for n in range(MANY)))
    assert len(done(answers)) == 1


def test_a_conflict_is_decided_once_and_its_voucher_written_down_once(cast: Cast, batch: Batch, tills: list[Till]):
    claim = a_voucher(batch)
    redeem_offline(tills[0], scans=[noted(claim, nonce="nonce-1", code="000000")], ahead=NOTHING, by=None, at=LUNCH)
    conflict = OfflineConflict.objects.select_related("failure__claim__batch", "failure__till__merchant").get()
    said: dict[str, Any] = {"reason": "看过", "by": cast.coordinator, "at": LUNCH}
    answers = at_once(
        *[partial(decide_conflict, conflict, to=ConflictState.REDEEMED, **said)] * 3,
        partial(take, tills[1], claim),
    )
    assert Redemption.objects.count() == 1
    assert len(answers) - len(done(answers)) == 3  # whoever was first, all others are told so
