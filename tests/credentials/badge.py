"""A badge as the roll makes it, and the key it is signed with."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hege.credentials.badges import Achievement, Issuer, identity, make_badge
from hege.credentials.rules import PublicKey, Signing, public_of, sign
from hege.credentials.status import status_entry

SITE = "https://hege.example"
ISSUER = Issuer(f"{SITE}/h/issuer/310118107/", "华新镇", f"{SITE}/roll/")
LIST = f"{SITE}/h/issuer/310118107/status/0.json"
NOON = dt.datetime(2026, 11, 25, 4, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
SEED = bytes(range(32))
METHOD = f"{ISSUER.id}#key-1"
KEY = PublicKey(METHOD, public_of(SEED), NOON - DAY)
PLACE = 94_567


def badge(**changes: Any) -> dict[str, Any]:
    """Not signed yet."""
    address = f"{SITE}/h/k7m2p9q4w3xt/"
    said: dict[str, Any] = {
        "address": address + "badge.json",
        "issuer": ISSUER,
        "achievement": Achievement(
            address,
            "绿色食品证书",
            "华新镇的登记：证书由他人颁发，这里只登记",
            "中国绿色食品发展中心的规则",
            "Certificate",
        ),
        "identities": [identity("上海某某合作社", "name"), identity("91310118MA1JL0000X", "ext:uscc")],
        "valid_from": NOON,
        "valid_until": NOON + 365 * DAY,
        "status": status_entry(PLACE, url=lambda _number: LIST),
    }
    return make_badge(**(said | changes))


def signed(document: dict[str, Any] | None = None, created: dt.datetime = NOON) -> dict[str, Any]:
    """By the key of this module."""
    return sign(document or badge(), Signing(METHOD, SEED), created=created)
