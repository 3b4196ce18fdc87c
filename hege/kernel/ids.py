"""Public ids: random, so that neither order nor number of things can be read from them; and secrets no table holds."""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Iterator

from hege.kernel.keys import keys_for

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"


def public_id() -> str:
    """Twelve symbols of 31, about 59 bits: names a thing in an address, grants nothing by itself."""
    return spelled(secrets.randbelow(len(ALPHABET) ** 12), 12)


#: Crockford's 32 symbols: none of them is read as another.
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CHECK_CODE = 12


def check_code() -> str:
    """Twelve symbols of 32, 60 bits: what a paper is checked by on a public page, so that nobody walks through all of them."""
    return "".join(secrets.choice(CROCKFORD) for _ in range(CHECK_CODE))


def read_check_code(typed: str) -> str:
    """A check code as somebody copied it off a paper, blanks and lines between aside; empty where it can be none."""
    said = unicodedata.normalize("NFKC", typed[:60]).upper()
    said = "".join({"O": "0", "I": "1", "L": "1"}.get(sign, sign) for sign in said if sign.isalnum())
    return said if len(said) == CHECK_CODE and set(said) <= set(CROCKFORD) else ""


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
