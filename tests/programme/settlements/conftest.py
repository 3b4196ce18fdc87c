"""Two shops, two payers, and vouchers that are given out."""

from __future__ import annotations

from tests.cast import Cast
from tests.programme.settlements.market import Market, make_market
from tests.standing import standing


@standing
def market(cast: Cast) -> Market:
    """Before anything is taken."""
    return make_market(cast)
