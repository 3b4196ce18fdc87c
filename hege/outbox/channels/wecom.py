"""A robot in a group of WeCom (企业微信): text up to 2,048 bytes; ``errcode`` 0 alone is delivered."""

from __future__ import annotations

from hege.outbox.channels.parcel import Parcel
from hege.outbox.channels.posting import by_code, post
from hege.outbox.rules import Answer

TOO_OFTEN = frozenset({45009})


def send(parcel: Parcel) -> Answer:
    """Say it in the group, calling whom it is for by their telephone where they gave one."""
    text: dict[str, object] = {"content": parcel.text}
    if parcel.to:
        text["mentioned_mobile_list"] = [parcel.to]
    return post(parcel, {"msgtype": "text", "text": text}, judge=by_code("errcode", busy=TOO_OFTEN))
