"""Secrets of second factors as the database keeps them (``hege.kernel.keys``): a copy of the database alone lets nobody in."""

from __future__ import annotations

import hmac

from hege.kernel import keys

PURPOSE = "hege second factor"


def seal(value: str, *, user: int, what: str) -> str:
    """A secret of a person as it is kept; ``what`` it is has to be said again to open it."""
    return keys.seal(PURPOSE, (user, what), value)


def unsealed(sealed: str, *, user: int, what: str) -> str | None:
    """The secret; None where no key at hand opens it, or it is another person's or another thing."""
    found = keys.unsealed(PURPOSE, (user, what), sealed)
    return None if found is None else found[0]


def sealed_anew(sealed: str, *, user: int, what: str) -> str:
    """What is kept from now on in place of ``sealed``: the same, or sealed with the key in use where a former one did."""
    if keys.is_todays(PURPOSE, sealed):
        return sealed
    value = unsealed(sealed, user=user, what=what)
    return sealed if value is None else seal(value, user=user, what=what)


def digests(code: str, *, user: int) -> list[str]:
    """What may be kept of a person's recovery code: by the key in use, then by former ones."""
    return [hmac.digest(key, f"{user} {code}".encode(), "sha256").hex() for key in keys.keys_for(PURPOSE)]
