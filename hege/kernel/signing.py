"""Django's signing of what a browser carries for us, in each shard with a key of its own (``hege.kernel.shards``)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core import signing
from django.core.signing import BadSignature

from hege.kernel.shards import of_keys

__all__ = ["BadSignature", "dumps", "loads"]


def dumps(said: Any, *, salt: str, compress: bool = False) -> str:
    """Django's ``dumps``."""
    return signing.dumps(said, salt=salt + of_keys(), compress=compress)


def loads(text: str, *, salt: str, max_age: int | dt.timedelta | None = None) -> Any:
    """Django's ``loads``; ``BadSignature`` for what another shard has signed."""
    return signing.loads(text, salt=salt + of_keys(), max_age=max_age)
