"""Public ids: random, so that neither order nor number of things can be read from them."""

from __future__ import annotations

import secrets

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"


def public_id() -> str:
    """Twelve symbols of 31, about 59 bits: names a thing in an address, grants nothing by itself."""
    return "".join(secrets.choice(ALPHABET) for _ in range(12))


def bearer_token() -> str:
    """A secret for an expiring link: 26 symbols of 31, about 128 bits."""
    return "".join(secrets.choice(ALPHABET) for _ in range(26))
