"""Secrets that the database keeps and does not give: sealed with a key made of HEGE_SECRET_KEY, which is not in it.

Each purpose has a key of its own. What is sealed says whose it is and what for: moved to another row it opens nothing.
Former keys (HEGE_SECRET_KEYS_OLD) still open what they sealed.
"""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Iterator, Sequence
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

from hege.kernel.shards import of_keys


def keys_for(purpose: str) -> Iterator[bytes]:
    """What HEGE_SECRET_KEY makes for a purpose, 32 bytes each: first today's, for what is new, then that of each former key.
    Another for each shard: rows of two databases have the same numbers."""
    purpose += of_keys()
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        yield hmac.digest(key.encode(), purpose.encode(), "sha256")


def seal(purpose: str, of: Sequence[int | str], *values: str) -> str:
    """Some values as they are kept; whose they are (``of``) has to be said again to open them."""
    return next(_opening(purpose)).encrypt(json.dumps([*of, *values]).encode()).decode()


def unsealed(purpose: str, of: Sequence[int | str], sealed: str) -> list[str] | None:
    """The values; None where no key at hand opens them, or they are another's or another thing."""
    for opening in _opening(purpose):
        try:
            said: list[str] = json.loads(opening.decrypt(sealed.encode()))
        except InvalidToken:
            continue
        return said[len(of) :] if said[: len(of)] == [*of] else None
    return None


def is_todays(purpose: str, sealed: str) -> bool:
    """Whether the key in use opens it, not a former one."""
    try:
        next(_opening(purpose)).decrypt(sealed.encode())
    except InvalidToken:
        return False
    return True


def _opening(purpose: str) -> Iterator[Fernet]:
    return map(_fernet, keys_for(purpose))


@lru_cache(64)
def _fernet(key: bytes) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(key))
