"""Points that go back meet points that are paid, on both databases: nobody waits for each other in a ring."""

from __future__ import annotations

from functools import partial

import pytest

from hege.members.models import Member
from hege.points.actions import earn
from hege.procedures.actions import claim_for_points, leave, withdraw_claim
from hege.vouchers.models import Batch, Claim, Merchant
from hege.vouchers.queries import counter_faults
from tests.cast import Cast, first_broken, tell
from tests.concurrency.test_once import at_once
from tests.points.conftest import make_riders, wrong
from tests.vouchers.samples import NOW, a_shop, given_out

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
PAIRS = 4


def priced(cast: Cast, shop: Merchant, title: str) -> Batch:
    return given_out(
        cast.street, shop=shop, payer=cast.office, by=cast.clerk, other=cast.coordinator, title=title, point_price=1,
        per_member=20,
    )  # fmt: skip


def test_a_voucher_is_taken_back_while_its_member_claims_others_and_leaves(cast: Cast):
    shop = a_shop(cast.street, cast.agent_party)
    tell(cast.street)
    batches = [priced(cast, shop, f"汤 {n}") for n in range(2)]
    riders = make_riders(cast, 3)
    earn(cast.street, {m.pk: 10 for m in riders}, key="1", by=None, at=NOW)
    member = riders[0]
    held = [claim_for_points(batches[0], member=member, by=None, at=NOW) for _ in range(PAIRS)]

    def fresh(number: int) -> Batch:
        return Batch.objects.select_related("street").get(pk=batches[number].pk)

    at_once(
        *(partial(claim_for_points, fresh(1), member=member, by=None, at=NOW) for _ in range(PAIRS)),
        *(
            partial(
                withdraw_claim, Claim.objects.select_related("batch", "street", "member").get(pk=claim.pk), reason="领错",
                by=cast.coordinator, at=NOW,
            )
            for claim in held
        ),
        partial(leave, Member.objects.get(pk=member.pk), by=None, at=NOW),
    )  # fmt: skip
    assert [*counter_faults(cast.street), *wrong(cast.street)] == []
    assert first_broken(cast.street) is None
    assert all(claim.end.kind == "withdrawn" for claim in Claim.objects.filter(batch=batches[0]))
