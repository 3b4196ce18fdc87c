"""The one-time password of somebody new: made here, shown to the one who made it, kept nowhere.

It is derived from a random number that travels in the signed address of the page that shows it, so that a form sent
twice leads twice to the same page. That page opens for ten minutes, for the administrator who sent the form alone, and
only until the password has been used.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from hege.kernel import signing
from hege.kernel.ids import bearer_token, derived
from hege.people.models import User

SALT = "hege.web.people.handover"
GOOD_FOR = dt.timedelta(minutes=10)
GROUPS, SYMBOLS = 3, 4  # twelve symbols of 31: about 59 bits, easily read out


def seed() -> str:
    """A new random number to make a password of."""
    return bearer_token()


def one_time_password(seed: str) -> str:
    """The password of a seed: three groups of four symbols without look-alikes."""
    return next(_passwords(seed))


def _passwords(seed: str) -> Iterator[str]:
    """By today's key, then by each former one: a page opened before the key changed goes on."""
    for symbols in derived(f"{SALT}:{seed}", GROUPS * SYMBOLS):
        yield "-".join(symbols[n : n + SYMBOLS] for n in range(0, len(symbols), SYMBOLS))


def permit(seed: str, person: User, *, by: User) -> str:
    """The ticket with which one administrator sees one person's new password."""
    return signing.dumps([seed, person.pk, by.pk], salt=SALT)


def permitted(ticket: str, person: User, *, by: User) -> str | None:
    """The password a ticket is for; ``None`` when it is another's, too old, or the password was used or replaced."""
    try:
        seed, person_id, by_id = signing.loads(ticket, salt=SALT, max_age=GOOD_FOR)
    except signing.BadSignature:
        return None
    mine = (person_id, by_id) == (person.pk, by.pk) and person.must_change_password
    return next((password for password in _passwords(seed) if person.check_password(password)), None) if mine else None
