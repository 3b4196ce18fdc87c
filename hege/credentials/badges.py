"""An honour as an Open Badge 3.0 (1EdTech): what is said, before it is signed. Every address is handed in."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from typing import Any, NamedTuple

from hege.credentials.canonical import CREDENTIALS, OPEN_BADGES, UNWRITABLE
from hege.credentials.rules import instant


class Issuer(NamedTuple):
    """Who says it: the address of their keys (``controller_document``), their name, their site."""

    id: str
    name: str
    url: str


class Achievement(NamedTuple):
    """What was achieved, by whose word and by which rule; ``kind`` as Open Badges has it: Certificate, License, Award, …"""

    id: str
    name: str
    description: str
    criteria: str
    kind: str = ""


def make_badge(
    *, address: str, issuer: Issuer, achievement: Achievement, identities: Sequence[dict[str, Any]], valid_from: dt.datetime,
    valid_until: dt.datetime | None = None, status: dict[str, Any] | None = None, subject: str = "",
) -> dict[str, Any]:  # fmt: skip
    """The badge at an address: that the subject, by its address or ``identity``, has an achievement.

    ``status`` is its place in a status list (``status.status_entry``); ``valid_until`` is exclusive. Control characters, which
    say nothing, are left out.
    """
    said: dict[str, Any] = {
        "@context": [CREDENTIALS, OPEN_BADGES],
        "id": address,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": achievement.name,
        "issuer": {"id": issuer.id, "type": ["Profile"], "name": issuer.name, "url": issuer.url},
        "validFrom": instant(valid_from),
        "credentialSubject": {
            **({"id": subject} if subject else {}),
            "type": ["AchievementSubject"],
            **({"identifier": list(identities)} if identities else {}),
            "achievement": {
                "id": achievement.id,
                "type": ["Achievement"],
                **({"achievementType": achievement.kind} if achievement.kind else {}),
                "name": achievement.name,
                "description": achievement.description,
                "criteria": {"narrative": achievement.criteria},
            },
        },
    }
    if valid_until is not None:
        said["validUntil"] = instant(valid_until)
    if status is not None:
        said["credentialStatus"] = status
    return _writable(said)  # type: ignore[no-any-return]


def _writable(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _writable(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_writable(one) for one in value]
    return UNWRITABLE.sub("", value) if isinstance(value, str) else value


def identity(value: str, kind: str, *, salt: str = "") -> dict[str, Any]:
    """By what a subject is known: a firm's name (``name``) or code (``ext:…``) as it is; with ``salt``, a person's, hashed.

    The salt stands beside the hash: who knows the person can check it, who knows nobody reads no name. It does not hide
    what can be tried through, such as a telephone number.
    """
    said = "sha256$" + hashlib.sha256((value + salt).encode()).hexdigest() if salt else value
    hashed = {"hashed": bool(salt), "identityHash": said, "identityType": kind}
    return {"type": "IdentityObject", **hashed, **({"salt": salt} if salt else {})}
