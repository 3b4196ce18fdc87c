"""Many claim at the same moment, on both databases: rows are counted, never the counter alone."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from hege.kernel.refused import Refused
from hege.vouchers.actions import claim_voucher, close_batch, expire_claims, issue_paper_code, withdraw_claim
from hege.vouchers.models import Batch, Claim, ClaimEnd, PaperCode
from hege.vouchers.queries import counter_faults
from tests.cast import Cast, first_broken, tell
from tests.concurrency.test_once import at_once, done
from tests.vouchers.samples import NOW, a_member, a_shop, given_out, local

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
MANY = 8


@pytest.fixture
def batch(cast: Cast) -> Batch:
    return made(cast)


def made(cast: Cast, **changes: Any) -> Batch:
    shop = a_shop(cast.street, cast.agent_party, f"面馆 {Batch.objects.count()}")
    tell(cast.street)
    return given_out(cast.street, shop=shop, payer=cast.office, by=cast.clerk, other=cast.coordinator, **changes)


@pytest.fixture(autouse=True)
def _counters_are_what_the_rows_come_to(cast: Cast):
    yield
    assert [*counter_faults(cast.street)] == []
    assert first_broken(cast.street) is None


def claims(cast: Cast, batch: Batch, numbers: list[int]) -> list[object]:
    members = {number: a_member(cast.street, number) for number in set(numbers)}
    tell(cast.street)
    return at_once(
        *(partial(claim_voucher, Batch.objects.get(pk=batch.pk), member=members[n], by=None, at=NOW) for n in numbers)
    )


def test_of_a_stock_of_three_three_are_claimed(cast: Cast):
    batch = made(cast, stock=3)
    answers = claims(cast, batch, list(range(MANY)))
    batch.refresh_from_db()
    assert (len(done(answers)), Claim.objects.count(), batch.claimed) == (3, 3, 3)
    assert all("领完了" in str(no) for no in answers if isinstance(no, Refused))


def test_a_budget_for_two_is_promised_twice(cast: Cast):
    batch = made(cast, budget_fen=2400)
    answers = claims(cast, batch, list(range(MANY)))
    batch.refresh_from_db()
    assert (len(done(answers)), Claim.objects.count(), batch.committed_fen) == (2, 2, 2400)


def test_one_member_has_one_however_often_it_is_asked_for(cast: Cast, batch: Batch):
    answers = claims(cast, batch, [427] * MANY)
    assert (len(done(answers)), Claim.objects.count()) == (1, 1)


def test_claims_and_the_end_of_their_batch_leave_no_voucher_behind(cast: Cast, batch: Batch):
    members = [a_member(cast.street, number) for number in range(MANY - 1)]
    tell(cast.street)
    batches = [Batch.objects.get(pk=batch.pk) for _ in range(MANY)]
    at_once(
        *(
            partial(claim_voucher, one, member=member, by=None, at=NOW)
            for one, member in zip(batches, members, strict=False)
        ),
        partial(close_batch, batches[-1], reason="歇业", by=cast.coordinator, at=NOW),
    )
    batch.refresh_from_db()
    assert ClaimEnd.objects.count() == Claim.objects.count() == batch.claimed
    assert batch.committed_fen == 0


def test_two_workers_let_a_batch_expire_once(cast: Cast, batch: Batch):
    claims(cast, batch, [1, 2])
    assert sum(at_once(*[partial(expire_claims, cast.street, by=None, at=local(2026, 1, 1, 1))] * 4)) == 2
    assert ClaimEnd.objects.count() == 2


def test_a_voucher_is_taken_back_once_and_printed_on_one_paper(cast: Cast, batch: Batch):
    claim = claim_voucher(batch, member=a_member(cast.street), by=None, at=NOW)
    at_once(*(partial(issue_paper_code, Claim.objects.get(pk=claim.pk), by=None, at=NOW) for _ in range(4)))
    assert PaperCode.objects.filter(ended_at__isnull=True).count() == 1
    answers = at_once(
        *(
            partial(withdraw_claim, Claim.objects.get(pk=claim.pk), reason="领错", by=cast.coordinator, at=NOW)
            for _ in range(4)
        )
    )
    assert (len(done(answers)), ClaimEnd.objects.count()) == (1, 1)
