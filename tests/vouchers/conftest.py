"""A batch that is given out, its shop, and a member."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hege.members.models import Member
from hege.vouchers.models import Batch, Merchant
from tests.cast import Cast, tell
from tests.standing import standing
from tests.vouchers.samples import a_member, a_shop, given_out


@dataclass(frozen=True)
class Counter:
    """What stands ready: the people, a shop, a member, and soup that can be claimed."""

    cast: Cast
    shop: Merchant
    member: Member
    batch: Batch

    def another(self, **changes: Any) -> Batch:
        """One more batch, of other terms."""
        cast = self.cast
        return given_out(
            cast.street, shop=self.shop, payer=cast.office, by=cast.clerk, other=cast.coordinator, **changes
        )


@standing
def counter(cast: Cast) -> Counter:
    """A batch that is given out."""
    shop, member = a_shop(cast.street, cast.agent_party), a_member(cast.street)
    tell(cast.street)
    batch = given_out(cast.street, shop=shop, payer=cast.office, by=cast.clerk, other=cast.coordinator)
    return Counter(cast, shop, member, batch)
