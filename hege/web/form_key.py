"""The key in every form (幂等键): it tells one sending from another, and on a desk's page whom the page was shown to.

Who was that can be read from the key alone, whatever became of their session: what is typed into a form is theirs, whoever
else signs in at the same machine. A key opens nothing.
"""

from __future__ import annotations

import datetime as dt
import re

from django.utils.crypto import constant_time_compare

from hege.kernel.ids import bearer_token, derived

#: The hidden field that tells one sending of a form from another.
FIELD = "request_key"
#: How long a page may have been open and still say whose it is, in days.
DAYS = 7
_SHOWN_TO = re.compile(r"[a-z0-9]{26}\.([0-9]{6})\.([0-9]{1,12})\.([a-z0-9]{16})", re.ASCII)


def mark_of(user_id: int, on: dt.date) -> str:
    """What stands at the end of a key: the day, the person, and proof that we said so."""
    said = f"{on.toordinal():06}.{user_id}"
    return f".{said}.{next(derived(f'form {said}', 16))}"


def new_key(mark: str = "") -> str:
    """A key that no other form has."""
    return bearer_token() + mark


def shown_to(key: str, on: dt.date) -> int | None:
    """The number of the person whom the page with this key was shown to, within the last days; None for any other."""
    found = _SHOWN_TO.fullmatch(key)
    if found is None or not 0 <= on.toordinal() - int(found[1]) <= DAYS:
        return None
    ours = derived(f"form {found[1]}.{found[2]}", 16)
    return int(found[2]) if any(constant_time_compare(proof, found[3]) for proof in ours) else None
