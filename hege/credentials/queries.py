"""Which keys a street has published, and signing with the one that is open."""

from __future__ import annotations

import datetime as dt
from collections.abc import Container, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from hege.credentials import keys
from hege.credentials.models import IssuerKey
from hege.credentials.rules import PublicKey, Signing, Verdict, controller, issuer_of, public_of, sign, verify
from hege.kernel.refused import Refused
from hege.people.models import Street


def open_key_of(street: Street) -> IssuerKey | None:
    """The key a street signs with now."""
    return IssuerKey.objects.filter(street=street, until_at=None).first()


def seed_of(key: IssuerKey, *, street: Street, todays: bool = False) -> bytes | None:
    """The private half of a key; None where no secret at hand makes it, with ``todays``: where today's does not."""
    for seed in keys.seeds(street.code, key.serial):
        if public_of(seed) == key.public_key:
            return seed
        if todays:
            return None
    return None


def signed(
    document: Mapping[str, Any], *, street: Street, at: dt.datetime, key: IssuerKey | None = None
) -> dict[str, Any]:
    """A document of the street's, signed with its open key. Writes nothing: status lists are signed when they are asked for.

    ``Refused`` where there is no key yet, or none at hand, until the next day's watch or badge opens another one.
    """
    key = key or open_key_of(street)
    seed = seed_of(key, street=street) if key else None
    if key is None or seed is None:
        raise Refused(
            _(
                "签发钥匙不在手边：系统的密钥换过。请在服务器上把原来的密钥写进 HEGE_SECRET_KEYS_OLD，或者等每日任务换上新的钥匙。"
            )
        )
    return sign(document, Signing(method(issuer_of(document), key.serial), seed), created=at)


def method(issuer: str, serial: int) -> str:
    """The address of a key within its issuer's document."""
    return f"{issuer}#key-{serial}"


def public_keys(street: Street, *, issuer: str) -> list[PublicKey]:
    """All keys a street has ever signed with, the first one first; ``issuer`` is the address of their document."""
    rows = IssuerKey.objects.filter(street=street).order_by("serial")
    return [PublicKey(method(issuer, row.serial), row.public_key, row.from_at, row.until_at) for row in rows]


def controller_document(street: Street, *, issuer: str) -> dict[str, Any]:
    """What stands at the issuer's address: every key of the street (``rules.controller``)."""
    return controller(issuer, public_keys(street, issuer=issuer))


def verdict_on(
    document: Mapping[str, Any], *, street: Street, at: dt.datetime, revoked: Container[str] = ()
) -> Verdict:
    """What a badge is worth at an instant, by the keys of the street (``rules.verify``)."""
    return verify(document, public_keys(street, issuer=issuer_of(document)), at=at, revoked=revoked)
