"""How much of what somebody was typing is kept, and how long."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

#: What the fields of a form held, as a browser sends them: name -> values, in their order.
Typed = Mapping[str, Sequence[str]]

DRAFTS_FOR = dt.timedelta(days=1)
#: Of one form, names and values together; and how many forms of one person.
MOST_CHARACTERS, MOST_DRAFTS = 60_000, 30
LONGEST_ADDRESS = 300


def may_keep(typed: Typed) -> bool:
    """Whether there is something in it, and no more than is kept."""
    signs = sum(len(name) + sum(map(len, values)) for name, values in typed.items())
    return signs <= MOST_CHARACTERS and any(map(any, typed.values()))
