"""A street's key is opened, and badges are signed with it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from hege.credentials import keys
from hege.credentials.models import IssuerKey
from hege.credentials.queries import open_key_of, seed_of, signed
from hege.credentials.rules import public_of
from hege.kernel.database import atomic
from hege.people.models import Street, User
from hege.people.queries import locked_street
from hege.trail import actions as trail

SECOND = dt.timedelta(seconds=1)  # badges say whole seconds


@atomic
def open_key(street: Street, *, by: User | None, at: dt.datetime) -> IssuerKey:
    """The key a street signs with from now on (启用签发钥匙): the open one, where today's secret makes it.

    Else that one is closed and the next serial begins; what the closed one signed in its time stays good.
    """
    key = open_key_of(street)
    if key is not None and seed_of(key, street=street, todays=True) is not None:
        return key
    locked_street(street.pk)
    key = open_key_of(street)  # perhaps another has opened one meanwhile
    if key is not None and seed_of(key, street=street, todays=True) is not None:
        return key
    begins = at.replace(microsecond=0)
    if key is not None:
        key.until_at = begins + SECOND
        key.save(update_fields=["until_at"])
    serial = key.serial + 1 if key else 1
    public = public_of(next(keys.seeds(street.code, serial)))
    opened = IssuerKey.objects.create(street=street, serial=serial, public_key=public, from_at=begins)
    trail.record("open_key", opened, by=by, at=at, serial=serial, public_key=public, closed=key.serial if key else None)
    return opened


@atomic
def renew_key(street: Street, *, by: User | None, at: dt.datetime) -> IssuerKey | None:
    """Open another key where the installation's secret is another one (更换签发钥匙); nothing for who has never signed."""
    return open_key(street, by=by, at=at) if open_key_of(street) else None


@atomic
def sign_badge(
    badge: Mapping[str, Any], *, street: Street, by: User | None, at: dt.datetime
) -> tuple[dict[str, Any], int]:
    """The signed badge (签发徽章) and the serial of its key; the caller keeps both and records the act."""
    key = open_key(street, by=by, at=at)
    return signed(badge, street=street, at=at, key=key), key.serial
