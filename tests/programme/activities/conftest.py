"""An evening that tests of this package begin from."""

from __future__ import annotations

from tests.cast import Cast
from tests.programme.activities.evening import Evening, make_evening
from tests.standing import standing


@standing
def evening(cast: Cast) -> Evening:
    """An activity for five with a waiting list, and nine members."""
    return make_evening(cast)
