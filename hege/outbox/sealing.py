"""Address and secret of a gateway as the database keeps them: a copy of the database alone sends nothing.

Sealed with a key derived from HEGE_SECRET_KEY, together with street and channel: moved to another row it opens nothing.
"""

from __future__ import annotations

import base64
import hmac
import json
from typing import NamedTuple

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.utils.encoding import force_bytes


class Opened(NamedTuple):
    """Where a gateway is, and what it knows us by."""

    address: str
    secret: str


def seal(opened: Opened, *, street: int, channel: str) -> str:
    """What is kept of an address and secret."""
    return _fernets()[0].encrypt(json.dumps([street, channel, *opened]).encode()).decode()


def unsealed(sealed: str, *, street: int, channel: str) -> Opened | None:
    """The address and secret; None where no key at hand opens them, or they are those of another row."""
    for fernet in _fernets():
        try:
            whose, what, address, secret = json.loads(fernet.decrypt(sealed.encode()))
        except InvalidToken:
            continue
        return Opened(address, secret) if (whose, what) == (street, channel) else None
    return None


def _fernets() -> list[Fernet]:
    """By the key in use, then by former ones."""
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    digests = (hmac.digest(force_bytes(key), b"hege gateway", "sha256") for key in keys)
    return [Fernet(base64.urlsafe_b64encode(digest)) for digest in digests]
