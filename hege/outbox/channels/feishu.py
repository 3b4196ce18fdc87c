"""A robot in a group of Feishu (飞书): signed where it has a secret; ``code`` 0 alone is delivered."""

from __future__ import annotations

import base64
import hmac

from hege.outbox.channels.parcel import Parcel
from hege.outbox.channels.posting import by_code, post
from hege.outbox.rules import Answer

TOO_OFTEN = frozenset({9499, 11232})


def send(parcel: Parcel) -> Answer:
    """Say it in the group; it calls nobody by a telephone."""
    payload: dict[str, object] = {"msg_type": "text", "content": {"text": parcel.text}}
    if parcel.secret:
        instant = str(int(parcel.at.timestamp()))
        digest = hmac.digest(f"{instant}\n{parcel.secret}".encode(), b"", "sha256")
        payload |= {"timestamp": instant, "sign": base64.b64encode(digest).decode()}
    return post(parcel, payload, judge=by_code("code", busy=TOO_OFTEN))
