"""How a line of the trail is hashed."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from typing import Any


def plain(value: Any) -> Any:
    """What goes into a line: JSON with dates as ISO text, so that it reads back the same."""
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    if value is None or isinstance(value, bool | int | str):
        return value
    return str(value)


def line_hash(
    *,
    previous: str,
    street: str,
    seq: int,
    at: dt.datetime,
    by: str,
    on_behalf: str,
    verb: str,
    thing: str,
    thing_id: str,
    data: dict[str, Any],
) -> str:
    """SHA-256 over the line before and every field of this one, as hex."""
    text = json.dumps(
        [previous, street, seq, at.astimezone(dt.UTC).isoformat(), by, on_behalf, verb, thing, thing_id, data],
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":"),
    )
    return hashlib.sha256(text.encode()).hexdigest()
