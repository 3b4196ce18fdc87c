"""Which badges were revoked: one bit each in a list that says nothing else (W3C Bitstring Status List v1.0)."""

from __future__ import annotations

import base64
import datetime as dt
import gzip
import secrets
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from hege.credentials.badges import Issuer
from hege.credentials.canonical import CREDENTIALS
from hege.credentials.rules import entry, instant

ENTRIES = 131_072  # of one list, at least, so that who looks one up tells nobody which
HOLDS = dt.timedelta(days=1)  # an older copy of a list might not know what was revoked since


def free_place(taken: Callable[[int], bool], *, used: int) -> int:
    """A random place that is not taken, where ``used`` are: places say neither order nor number of badges.

    The first list has the places below ``ENTRIES``, and so on; the next one begins when half of a list is used, so that
    two tries are enough as a rule.
    """
    first = used // (ENTRIES // 2) * ENTRIES
    while taken(place := first + secrets.randbelow(ENTRIES)):
        pass
    return place


def list_of(place: int) -> tuple[int, int]:
    """The number of the list that a place is in, and its index there."""
    return divmod(place, ENTRIES)


def status_entry(place: int, *, url: Callable[[int], str]) -> dict[str, Any]:
    """What a badge says of its place; ``url``: the address of the list of a number."""
    number, index = list_of(place)
    return {
        "id": entry(url(number), index),
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": str(index),
        "statusListCredential": url(number),
    }


def status_list(number: int, revoked: Iterable[int], *, url: str, issuer: Issuer, at: dt.datetime) -> dict[str, Any]:
    """The list of a number as it stands at an instant, to be signed; of the ``revoked`` places, those that are in it."""
    bits = bytearray(ENTRIES // 8)
    for found, index in map(list_of, revoked):
        if found == number:
            bits[index // 8] |= 128 >> index % 8
    packed = base64.urlsafe_b64encode(gzip.compress(bytes(bits), mtime=0)).decode().rstrip("=")
    return {
        "@context": [CREDENTIALS],
        "id": url,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer.id,
        "validFrom": instant(at),
        "validUntil": instant(at + HOLDS),
        "credentialSubject": {
            "id": f"{url}#list",
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": "u" + packed,
        },
    }


def revoked_in(status_list: Mapping[str, Any]) -> set[str]:
    """The entries that a list of ours says are revoked, as ``rules.verify`` asks for them."""
    packed = status_list["credentialSubject"]["encodedList"].removeprefix("u")
    bits = gzip.decompress(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)))
    return {
        entry(status_list["id"], place * 8 + bit)
        for place, byte in enumerate(bits)
        if byte
        for bit in range(8)
        if byte & 128 >> bit
    }
