"""A season in which somebody came, that tests of this package begin from."""

from __future__ import annotations

from tests.cast import Cast
from tests.programme.activities.evening import make_evening
from tests.programme.thanks.season import Grateful, make_grateful
from tests.standing import standing


@standing
def grateful(cast: Cast) -> Grateful:
    """An evening that is over, to which one of nine members came."""
    return make_grateful(make_evening(cast))
