"""A robot in a group of DingTalk (钉钉): signed where it has a secret; ``errcode`` 0 alone is delivered."""

from __future__ import annotations

import base64
import hmac
from urllib.parse import quote_plus

from hege.outbox.channels.parcel import Parcel
from hege.outbox.channels.posting import by_code, post
from hege.outbox.rules import Answer

TOO_OFTEN = frozenset({130101, 660026})


def send(parcel: Parcel) -> Answer:
    """Say it in the group, calling whom it is for by their telephone where they gave one."""
    payload: dict[str, object] = {"msgtype": "text", "text": {"content": parcel.text}}
    if parcel.to:
        payload["at"] = {"atMobiles": [parcel.to], "isAtAll": False}
    return post(parcel, payload, judge=by_code("errcode", busy=TOO_OFTEN), query=signed(parcel))


def signed(parcel: Parcel) -> str:
    """What is added to the address: the instant in milliseconds, and its signature."""
    if not parcel.secret:
        return ""
    instant = str(int(parcel.at.timestamp()) * 1000)
    digest = hmac.digest(parcel.secret.encode(), f"{instant}\n{parcel.secret}".encode(), "sha256")
    return f"timestamp={instant}&sign={quote_plus(base64.b64encode(digest))}"
