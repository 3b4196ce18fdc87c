"""Secrets of second factors as the database keeps them: sealed with a key that is not in it.

The key is derived from HEGE_SECRET_KEY, so a copy of the database alone lets nobody in. What is sealed says whose it is and
what for: a row that was slipped in, or moved to another person, opens nothing. Former keys (HEGE_SECRET_KEYS_OLD) still
open what they sealed.
"""

from __future__ import annotations

import base64
import hmac
import json

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.utils.encoding import force_bytes


def _keys() -> list[bytes]:
    """The key in use, then the former ones."""
    return [
        hmac.digest(force_bytes(secret), b"hege second factor", "sha256")
        for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    ]


def seal(value: str, *, user: int, what: str) -> str:
    """A secret of a person as it is kept; ``what`` it is has to be said again to open it."""
    return _fernet(_keys()[0]).encrypt(json.dumps([user, what, value]).encode()).decode()


def unsealed(sealed: str, *, user: int, what: str) -> str | None:
    """The secret; None where no key at hand opens it, or it is another person's or another thing."""
    for key in _keys():
        try:
            whose, of, value = json.loads(_fernet(key).decrypt(sealed.encode()))
        except InvalidToken:
            continue
        return str(value) if (whose, of) == (user, what) else None
    return None


def sealed_anew(sealed: str, *, user: int, what: str) -> str:
    """What is kept from now on in place of ``sealed``: the same, or sealed with the key in use where a former one did."""
    try:
        _fernet(_keys()[0]).decrypt(sealed.encode())
    except InvalidToken:
        value = unsealed(sealed, user=user, what=what)
        return sealed if value is None else seal(value, user=user, what=what)
    return sealed


def _fernet(key: bytes) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(key))


def digests(code: str, *, user: int) -> list[str]:
    """What may be kept of a person's recovery code: by the key in use, then by former ones."""
    return [hmac.digest(key, f"{user} {code}".encode(), "sha256").hex() for key in _keys()]
