"""What a till noted without a network: taken in the order it was noted, once; what fails waits for somebody's decision."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hege.kernel.refused import Refused
from hege.trail.models import TrailLine
from hege.vouchers.actions import close_batch
from hege.vouchers.models import Batch, OfflineConflict, Redemption, ScanFailure, Till
from hege.vouchers.queries import counter_faults
from hege.vouchers.tills.actions import decide_conflict, end_till, redeem_offline, reverse_redemption
from hege.vouchers.tills.queries import (
    conflict_now,
    conflicts_of,
    dearest_fen,
    redemption_faults,
    taken_by_shop,
)
from hege.vouchers.tills.rules import OFFLINE_MOST, ConflictState, Queued, ScanFault, Taken
from tests.cast import first_broken
from tests.vouchers.conftest import Counter
from tests.vouchers.samples import TYRES, a_shop
from tests.vouchers.tills import LUNCH, a_claim, an_open_till, noted, take

pytestmark = pytest.mark.django_db
F, STATE = ScanFault, ConflictState
MINUTE, NOTHING = dt.timedelta(minutes=1), dt.timedelta(0)
SENT = LUNCH + 20 * MINUTE


@pytest.fixture
def till(counter: Counter) -> Till:
    return an_open_till(counter.shop)


@pytest.fixture(autouse=True)
def _books_stay_whole(counter: Counter):
    yield
    assert [*counter_faults(counter.cast.street), *redemption_faults(counter.cast.street)] == []
    assert first_broken(counter.cast.street) is None


def sent(till: Till, *scans: Queued, ahead: dt.timedelta = NOTHING, at: dt.datetime = SENT) -> list[ScanFault | None]:
    return [outcome.fault for outcome in redeem_offline(till, scans=scans, ahead=ahead, by=None, at=at)]


def test_what_was_noted_is_taken_as_of_when_it_was_noted(counter: Counter, till: Till):
    claim = a_claim(counter.batch)
    assert sent(till, noted(claim, nonce="nonce-01")) == [None]
    made = Redemption.objects.get()
    assert (made.claim, made.offline, made.used_at, made.at, made.owed_fen) == (claim, True, LUNCH, SENT, 1200)
    assert taken_by_shop(counter.shop, from_at=LUNCH, until_at=SENT) == Taken(1, 1200)


def test_a_queue_that_is_sent_twice_changes_nothing(counter: Counter, till: Till):
    queue = [noted(a_claim(counter.batch), nonce=f"nonce-{n:02}") for n in range(3)]
    queue.append(noted(a_claim(counter.batch), nonce="nonce-99", code="000000"))
    first = sent(till, *queue)
    before = TrailLine.objects.count(), Redemption.objects.count(), ScanFailure.objects.count()
    assert sent(till, *queue, at=SENT + MINUTE) == first == [None, None, None, F.WRONG]
    assert (TrailLine.objects.count(), Redemption.objects.count(), ScanFailure.objects.count()) == before
    assert OfflineConflict.objects.count() == 1


def test_half_a_queue_that_is_sent_again_with_more_takes_the_rest(counter: Counter, till: Till):
    queue = [noted(a_claim(counter.batch), nonce=f"nonce-{n:02}") for n in range(4)]
    sent(till, *queue[:2])
    assert sent(till, *queue) == [None] * 4
    assert Redemption.objects.count() == 4


def test_one_nonce_with_two_contents_takes_the_first_and_leaves_the_second_to_somebody(counter: Counter, till: Till):
    first, second = (noted(a_claim(counter.batch), nonce="the-same") for _ in range(2))
    assert sent(till, first) == [None]
    assert sent(till, second) == sent(till, second) == [F.TWO_CONTENTS]
    assert sent(till, first, second) == [None, F.TWO_CONTENTS]
    assert (Redemption.objects.count(), OfflineConflict.objects.count()) == (1, 1)


def test_two_contents_of_one_nonce_in_one_sending(counter: Counter, till: Till):
    first, second = (noted(a_claim(counter.batch), nonce="the-same") for _ in range(2))
    assert sorted(map(str, sent(till, first, second))) == ["None", "two_contents"]
    assert sorted(map(str, sent(till, first, second))) == ["None", "two_contents"]
    assert Redemption.objects.count() == 1


def test_one_voucher_noted_twice_is_taken_once_by_the_earlier(counter: Counter, till: Till):
    claim = a_claim(counter.batch)
    late, early = noted(claim, nonce="nonce-01", at=LUNCH + MINUTE), noted(claim, nonce="nonce-02")
    assert sent(till, late, early) == [F.USED, None]


def test_what_another_shop_took_meanwhile_is_left_to_somebody(counter: Counter, till: Till):
    claim = a_claim(counter.batch)
    scan = noted(claim, nonce="nonce-01")
    take(an_open_till(counter.shop, "后厨"), claim, at=LUNCH + MINUTE)
    assert sent(till, scan) == [F.USED]


def test_a_wrong_clock_is_put_right(counter: Counter, till: Till):
    scan = noted(a_claim(counter.batch), nonce="nonce-01")
    ahead = dt.timedelta(hours=3)
    fast = scan._replace(at_ms=scan.at_ms + ahead // dt.timedelta(milliseconds=1))
    assert sent(till, fast, ahead=ahead) == [None]
    assert Redemption.objects.get().used_at == LUNCH


def test_each_fault_is_kept_and_waits(counter: Counter, till: Till):
    claims = [a_claim(counter.batch) for _ in range(6)]
    stranger = an_open_till(a_shop(counter.cast.street, counter.cast.office, "6 号早餐铺"))
    ms = dt.timedelta(days=2) // dt.timedelta(milliseconds=1)
    scan = [noted(claim, nonce=f"nonce-{n}") for n, claim in enumerate(claims)]
    assert sent(till, scan[0]._replace(number="00000000")) == [F.UNKNOWN]
    assert sent(till, scan[1]._replace(at_ms=scan[1].at_ms + 4 * 60_000)) == [F.OLD]
    assert sent(till, scan[2]._replace(at_ms=scan[2].at_ms - 4 * 60_000)) == [F.CLOCK]
    assert sent(till, scan[3]._replace(at_ms=scan[3].at_ms - ms)) == [F.TOO_LATE]
    assert sent(till, scan[4], ahead=dt.timedelta(days=1)) == [F.SHOP_CLOCK]
    assert sent(stranger, scan[5]) == [F.OTHER_SHOP]
    assert Redemption.objects.count() == 0
    assert list(conflicts_of(counter.cast.street).values_list("state", flat=True)) == ["open"] * 6


def test_a_till_notes_no_more_than_its_cap(counter: Counter, till: Till):
    queue = [noted(a_claim(counter.batch), nonce=f"nonce-{n:02}") for n in range(OFFLINE_MOST + 1)]
    assert sent(till, *queue) == [None] * OFFLINE_MOST + [F.OVER_CAP]
    assert dearest_fen(counter.shop, on=LUNCH.date()) == 1200


def test_a_till_notes_no_more_money_than_its_cap(counter: Counter, till: Till):
    dear = counter.another(title="体检", cost_fen=30_000, budget_fen=500 * 30_000)
    queue = [noted(a_claim(dear), nonce=f"nonce-{n:02}") for n in range(2)]
    assert sent(till, *queue) == [None, F.OVER_CAP]


def test_a_percentage_needs_the_bill_that_was_noted_with_it(counter: Counter, till: Till):
    changes = {
        name: getattr(TYRES, name) for name in ("kind", "value_fen", "percent", "cost_fen", "budget_fen", "stock")
    }
    batch = counter.another(title="换轮胎", hours=(), **changes)
    with_bill = noted(a_claim(batch), nonce="nonce-01", bill_fen=8_800)
    without = noted(a_claim(batch), nonce="nonce-02")
    assert sent(till, with_bill, without) == [None, F.NO_BILL]
    assert Redemption.objects.get().owed_fen == 1_760
    conflict = decided(OfflineConflict.objects.get(), STATE.REDEEMED, counter, bill_fen=10_000)
    assert (conflict.redemption.owed_fen, conflict.redemption.bill_fen) == (2_000, 10_000)


def test_guessing_is_stopped_within_one_queue(counter: Counter, till: Till):
    claim = a_claim(counter.batch)
    wrong = [noted(claim, nonce=f"nonce-{n:02}", code=f"{n:06}") for n in range(30)]
    faults = sent(till, *[scan for scan in wrong if scan.code != noted(claim, nonce="x").code])
    assert (faults.count(F.WRONG), faults[-1]) == (20, F.TRIED)


def test_an_ended_till_sends_nothing(counter: Counter, till: Till):
    scan = noted(a_claim(counter.batch), nonce="nonce-01")
    ended = end_till(till, reason="丢了", by=counter.cast.clerk, at=LUNCH)
    with pytest.raises(Refused, match="停用"):
        sent(ended, scan)


# -- deciding ------------------------------------------------------------------------------------------------------------


def decided(conflict: OfflineConflict, to: ConflictState, counter: Counter, **more: Any) -> Any:
    return decide_conflict(conflict, to=to, reason="看过录像", by=counter.cast.coordinator, at=SENT, **more)


def a_conflict(counter: Counter, till: Till, *, used: bool = False) -> OfflineConflict:
    claim = a_claim(counter.batch)
    if used:
        take(an_open_till(counter.shop, "后厨"), claim, at=LUNCH - MINUTE)
    sent(till, noted(claim, nonce="nonce-01", code="000000" if not used else noted(claim, nonce="x").code))
    return OfflineConflict.objects.get()


def test_a_free_voucher_is_written_down_as_of_when_it_was_noted(counter: Counter, till: Till):
    conflict = decided(a_conflict(counter, till), STATE.REDEEMED, counter)
    made = Redemption.objects.get()
    assert (conflict.redemption, conflict.state, made.till, made.used_at) == (made, STATE.REDEEMED, till, LUNCH)
    assert taken_by_shop(counter.shop, from_at=LUNCH, until_at=SENT) == Taken(1, 1200)
    with pytest.raises(Refused, match="已经决定过"):
        decided(conflict, STATE.DECLINED, counter)
    reverse_redemption(made, reason="弄错", by=counter.cast.coordinator, at=SENT)


def test_a_shop_is_paid_all_the_same_out_of_money_promised_to_nobody(counter: Counter, till: Till):
    conflict = a_conflict(counter, till, used=True)
    with pytest.raises(Refused, match="不能补记"):
        decided(conflict, STATE.REDEEMED, counter)
    assert decided(conflict, STATE.PAID, counter).owed_fen == 1200
    counter.batch.refresh_from_db()
    assert counter.batch.committed_fen == 2400


def test_a_shop_is_not_paid_beyond_the_budget(counter: Counter, till: Till):
    conflict = a_conflict(counter, till, used=True)
    Batch.objects.filter(pk=counter.batch.pk).update(budget_fen=1200)
    with pytest.raises(Refused, match="没有多余的预算"):
        decided(conflict, STATE.PAID, counter)
    Batch.objects.filter(pk=counter.batch.pk).update(budget_fen=counter.batch.budget_fen)
    declined = decided(conflict, STATE.DECLINED, counter)
    assert (declined.owed_fen, declined.reason, declined.decided_by) == (0, "看过录像", counter.cast.coordinator)


def test_an_unknown_voucher_can_only_be_declined(counter: Counter, till: Till):
    sent(till, noted(a_claim(counter.batch), nonce="nonce-01", number="00000000"))
    conflict = OfflineConflict.objects.get()
    for to in (STATE.REDEEMED, STATE.PAID):
        with pytest.raises(Refused, match="没有这个券号"):
            decided(conflict, to, counter)
    assert decided(conflict, STATE.DECLINED, counter).state == STATE.DECLINED


def test_a_voucher_of_a_closed_batch_is_paid_and_not_written_down(counter: Counter, till: Till):
    scan = noted(a_claim(counter.batch), nonce="nonce-01")
    close_batch(
        Batch.objects.get(pk=counter.batch.pk), reason="钱用完了", by=counter.cast.coordinator, at=LUNCH + MINUTE
    )
    assert sent(till, scan) == [F.STOPPED]
    conflict = OfflineConflict.objects.get()
    assert (conflict_now(conflict).known, conflict_now(conflict).free) == (True, False)
    assert decided(conflict, STATE.PAID, counter).owed_fen == 1200


# -- against a small model -----------------------------------------------------------------------------------------------


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.lists(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 7)), min_size=1, max_size=6), min_size=1, max_size=5)
)
def test_however_queues_are_cut_and_sent_again_each_voucher_is_owed_once(counter: Counter, sendings):
    """A queue is (voucher, nonce) pairs; the model: per nonce the first content counts, per voucher the first that counts."""
    till = an_open_till(counter.shop, f"台 {Till.objects.count()}")
    claims = [a_claim(counter.batch) for _ in range(6)]
    before = Redemption.objects.count()
    contents: dict[int, int] = {}
    owed: set[int] = set()
    for sending in sendings:
        scans = [
            noted(claims[v], nonce=f"{till.public_id}-{n}", at=LUNCH + n * dt.timedelta(seconds=30)) for v, n in sending
        ]
        sent(till, *dict.fromkeys(scans))
        for voucher, nonce in dict.fromkeys(sending):
            contents.setdefault(nonce, voucher)
        # within one sending the earlier noted comes first: nonces are in the order of their instants here
        for voucher, nonce in sorted(dict.fromkeys(sending), key=lambda pair: pair[1]):
            if contents[nonce] == voucher:
                owed.add(voucher)
    assert Redemption.objects.count() - before == len(owed)
