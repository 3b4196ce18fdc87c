"""Public ids: random, so that neither order nor number of things can be read from them; and secrets no table holds."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

from hege.kernel.keys import keys_for

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"


def public_id() -> str:
    """Twelve symbols of 31, about 59 bits: names a thing in an address, grants nothing by itself."""
    return spelled(secrets.randbelow(len(ALPHABET) ** 12), 12)


def bearer_token() -> str:
    """A secret for an expiring link: 26 symbols of 31, about 128 bits."""
    return spelled(secrets.randbelow(len(ALPHABET) ** 26), 26)


def derived(seed: str, length: int) -> Iterator[str]:
    """The secrets that HEGE_SECRET_KEY makes of a seed: first today's, for what is new, then that of each former key."""
    for key in keys_for(seed):
        yield spelled(int.from_bytes(key), length)


def spelled(number: int, length: int) -> str:
    """So many symbols of a whole number, its last digit first."""
    symbols = []
    for _n in range(length):
        number, digit = divmod(number, len(ALPHABET))
        symbols.append(ALPHABET[digit])
    return "".join(symbols)
