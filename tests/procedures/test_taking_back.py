"""A redemption of a voucher that cost points, taken back: what it took is a claim's, so it goes back with the claim, once."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from hege.kernel.calendar import DAY
from hege.kernel.clock import day_of
from hege.kernel.refused import Refused
from hege.ledger.models import Transaction
from hege.members.models import Member
from hege.points.actions import earn
from hege.points.queries import counters_of
from hege.procedures.actions import claim_for_points, close_batch, reverse_redemption, withdraw_claim
from hege.vouchers.actions import expire_claims
from hege.vouchers.models import Batch, Claim, ClaimEnd, Redemption, Till
from hege.vouchers.queries import counter_faults
from hege.vouchers.tills.queries import redemption_faults
from tests.cast import first_broken
from tests.points.conftest import make_riders, wrong
from tests.vouchers.conftest import Counter, counter  # noqa: F401  # a fixture
from tests.vouchers.samples import NOW, local
from tests.vouchers.tills import LUNCH, an_open_till, take

pytestmark = pytest.mark.django_db
PRICE, HAD = 6, 10
STEP = dt.timedelta(minutes=1)


@pytest.fixture
def priced(counter: Counter) -> Batch:  # noqa: F811  # the fixture
    """Soup for six points, and a member who has ten."""
    batch = counter.another(title="积分换的汤面", point_price=PRICE)
    some = [counter.member, *make_riders(counter.cast, 2)]
    earn(counter.cast.street, {m.pk: HAD for m in some}, key="1", by=None, at=NOW)
    return batch


@pytest.fixture
def till(counter: Counter) -> Till:  # noqa: F811  # the fixture
    return an_open_till(counter.shop)


@pytest.fixture
def used(counter: Counter, priced: Batch, till: Till) -> Redemption:  # noqa: F811  # the fixture
    """The member's voucher, paid with points and taken by the till."""
    return take(till, claim_for_points(priced, member=counter.member, by=None, at=NOW))


@pytest.fixture(autouse=True)
def _sums_are_true(counter: Counter):  # noqa: F811  # the fixture
    yield
    street = counter.cast.street
    assert [*counter_faults(street), *redemption_faults(street), *wrong(street)] == []
    assert first_broken(street) is None


def stands(batch: Batch, member: Member, at: dt.datetime = LUNCH) -> tuple[int, int, int]:
    """Vouchers claimed and fen promised of a batch, and a member's points."""
    batch.refresh_from_db()
    return batch.claimed, batch.committed_fen, counters_of(member, on=day_of(at)).points


def test_what_can_be_used_again_keeps_what_it_took(counter: Counter, priced: Batch, till: Till, used: Redemption):  # noqa: F811
    reverse_redemption(used, till=till, by=None, at=LUNCH + STEP)
    assert stands(priced, counter.member) == (1, 1200, HAD - PRICE)
    again = take(till, used.claim, nonce="b", at=LUNCH + 2 * STEP)
    assert again.after == used
    assert stands(priced, counter.member) == (1, 1200, HAD - PRICE)


def test_what_is_withdrawn_with_it_gives_stock_money_and_points_back_once(
    counter: Counter, priced: Batch, till: Till, used: Redemption  # noqa: F811
):  # fmt: skip
    said: dict[str, Any] = {"reason": "不是本人", "withdraw": True, "by": counter.cast.coordinator, "at": LUNCH + DAY}
    reverse_redemption(used, **said)
    assert stands(priced, counter.member) == (0, 0, HAD)
    with pytest.raises(Refused, match="已经撤销过"):
        reverse_redemption(used, **said)
    with pytest.raises(Refused, match="已收回"):
        withdraw_claim(used.claim, reason="再收", by=counter.cast.coordinator, at=LUNCH + DAY)
    assert stands(priced, counter.member) == (0, 0, HAD)
    assert Transaction.objects.filter(kind="reversal").count() == 1


def test_two_redemptions_of_one_voucher_give_its_points_back_once(
    counter: Counter, priced: Batch, till: Till, used: Redemption  # noqa: F811
):  # fmt: skip
    reverse_redemption(used, till=till, by=None, at=LUNCH + STEP)
    again = take(till, used.claim, nonce="b", at=LUNCH + 2 * STEP)
    reverse_redemption(again, till=till, by=None, at=LUNCH + 3 * STEP)
    withdraw_claim(used.claim, reason="不要了", by=counter.cast.coordinator, at=LUNCH + 4 * STEP)
    assert stands(priced, counter.member) == (0, 0, HAD)
    assert Transaction.objects.filter(kind="reversal").count() == 1


def test_a_till_that_takes_back_after_the_batch_was_closed_gives_points_and_money_back(
    counter: Counter, priced: Batch, till: Till, used: Redemption  # noqa: F811
):  # fmt: skip
    close_batch(priced, reason="钱用完了", by=counter.cast.coordinator, at=LUNCH + STEP)
    assert stands(priced, counter.member) == (1, 1200, HAD - PRICE)  # it was used
    reverse_redemption(used, till=till, by=None, at=LUNCH + 2 * STEP)
    assert stands(priced, counter.member) == (1, 0, HAD)
    assert ClaimEnd.objects.get().kind == "closed"


@pytest.mark.parametrize("was_run", [False, True])
def test_after_its_last_day_it_ends_whether_or_not_the_night_has_come(
    counter: Counter, priced: Batch, till: Till, used: Redemption, was_run: bool  # noqa: F811
):  # fmt: skip
    over = local(2026, 1, 1, 0, 5)
    if was_run:
        expire_claims(counter.cast.street, by=None, at=over)
    reverse_redemption(used, reason="没吃上", by=counter.cast.coordinator, at=over)
    assert stands(priced, counter.member, over) == (1, 0, HAD)
    assert ClaimEnd.objects.get().kind == "expired"
    expire_claims(counter.cast.street, by=None, at=over + DAY)
    assert (ClaimEnd.objects.count(), stands(priced, counter.member, over)) == (1, (1, 0, HAD))


def test_what_cost_no_points_gives_none(counter: Counter, till: Till):  # noqa: F811
    claim = claim_for_points(counter.batch, member=counter.member, by=None, at=NOW)
    reverse_redemption(take(till, claim), reason="错了", withdraw=True, by=counter.cast.coordinator, at=LUNCH)
    assert Claim.objects.get().end.kind == "withdrawn"
    assert stands(counter.batch, counter.member) == (0, 0, 0)
