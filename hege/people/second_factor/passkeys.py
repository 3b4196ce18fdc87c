"""Passkeys (通行密钥, WebAuthn): what a browser is asked to sign, and whether what it signed holds.

A passkey belongs to the name under which people open the site. Browsers make one only where that is a name, not a number,
and the connection is encrypted; ``localhost`` counts as such.
"""

from __future__ import annotations

import ipaddress
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from fido2.server import Fido2Server
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    AttestationConveyancePreference,
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from hege.kernel.refused import Refused
from hege.kernel.shards import of_keys

T = TypeVar("T")
LOCALHOST = "localhost"
#: What a browser's answer may be at most, in characters.
LONGEST_ANSWER = 20_000
#: What the parser of the answers raises when one is no answer.
_BROKEN = (
    ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError, NotImplementedError,
    AssertionError, struct.error,
)  # fmt: skip


class Passkey(NamedTuple):
    """A passkey as it is kept: its own id, its public key with all that belongs to it, how often it has signed."""

    credential: str
    data: str
    signed: int


class Proven(NamedTuple):
    """Which passkey signed, and how often it says to have signed."""

    credential: str
    signed: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page is open: the name of the host without port, and the whole origin as the browser signs it."""

    host: str
    origin: str

    @property
    def why_not(self) -> str | Promise:
        """Why no passkey can be used here; empty where one can."""
        if self.host == LOCALHOST:
            return ""
        if _is_number(self.host):
            return _("通行密钥只能在有域名的网址上用；您现在用的是 IP 地址。请改用动态口令。")
        if not self.origin.startswith("https://"):
            return _("通行密钥只能在加密的网址上用；现在的网址没有加密。请改用动态口令。")
        return ""

    def server(self, name: str) -> Fido2Server:
        """Who asks for the signature. ``name`` is shown to the person beside the host."""
        return Fido2Server(
            PublicKeyCredentialRpEntity(name=name, id=self.host),
            attestation=AttestationConveyancePreference.NONE,
            verify_origin=lambda origin: origin == self.origin,
        )


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def begin_adding(
    place: Place, *, user: int, username: str, full_name: str, known: list[str], site: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a browser is asked to make a passkey with, and the challenge to keep. One of the ``known`` is not made again."""
    options, challenge = place.server(site).register_begin(
        PublicKeyCredentialUserEntity(id=f"hege {user}{of_keys()}".encode(), name=username, display_name=full_name),
        [_data(data) for data in known],
        resident_key_requirement=ResidentKeyRequirement.DISCOURAGED,
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    return dict(options)["publicKey"], _plain(challenge)


def added(place: Place, challenge: Mapping[str, Any], answer: Any) -> Passkey:
    """The passkey a browser has made; ``Refused`` where its answer does not hold."""
    told = _unless_broken(lambda: place.server("").register_complete(challenge, answer))
    data = told.credential_data
    assert data is not None  # register_complete has looked
    return Passkey(websafe_encode(data.credential_id), websafe_encode(bytes(data)), told.counter)


def begin_proving(place: Place, known: list[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a browser is asked to sign with one of the ``known`` passkeys, and the challenge to keep."""
    options, challenge = place.server("").authenticate_begin(
        [_data(data) for data in known], user_verification=UserVerificationRequirement.PREFERRED
    )
    return dict(options)["publicKey"], _plain(challenge)


def proven(place: Place, challenge: Mapping[str, Any], known: list[str], answer: Any) -> Proven:
    """Which of the ``known`` passkeys has signed; ``Refused`` where the answer does not hold."""

    def verify() -> Proven:
        signed = place.server("").authenticate_complete(challenge, [_data(data) for data in known], answer)
        count = AuthenticationResponse.from_dict(answer).response.authenticator_data.counter
        return Proven(websafe_encode(signed.credential_id), count)

    return _unless_broken(verify)


def _unless_broken(do: Callable[[], T]) -> T:
    try:
        return do()
    except _BROKEN as problem:
        raise Refused(_("浏览器交回的通行密钥对不上，请再试一次。")) from problem


def _data(data: str) -> AttestedCredentialData:
    return AttestedCredentialData(websafe_decode(data))


def _plain(challenge: Mapping[str, Any]) -> dict[str, Any]:
    return {name: None if value is None else str(value) for name, value in challenge.items()}
