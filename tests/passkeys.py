"""A passkey in software: what a browser and its key would answer, for tests that need no browser."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import sha256, websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

Flag = AuthenticatorData.FLAG


@dataclass
class SoftPasskey:
    """Made and used at one origin, for one host."""

    host: str = "localhost"
    origin: str = "http://localhost"
    count: int = 0
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    def make(self, options: dict[str, Any]) -> dict[str, Any]:
        """What ``navigator.credentials.create`` answers."""
        data = AttestedCredentialData.create(
            b"\0" * 16, self.credential, ES256.from_cryptography_key(self.key.public_key())
        )
        flags = Flag.UP | Flag.UV | Flag.AT
        told = AuthenticatorData.create(sha256(self.host.encode()), flags, self.count, data)
        attested = AttestationObject.create("none", told, {})
        return self._answer("webauthn.create", options, attestationObject=websafe_encode(attested))

    def sign(self, options: dict[str, Any]) -> dict[str, Any]:
        """What ``navigator.credentials.get`` answers; the key counts."""
        self.count += 1
        told = AuthenticatorData.create(sha256(self.host.encode()), Flag.UP | Flag.UV, self.count)
        client = self._client("webauthn.get", options)
        signature = self.key.sign(told + sha256(client), ec.ECDSA(hashes.SHA256()))
        return self._answer(
            "webauthn.get", options, authenticatorData=websafe_encode(told), signature=websafe_encode(signature)
        )

    def _client(self, kind: str, options: dict[str, Any]) -> bytes:
        return CollectedClientData.create(kind, options["challenge"], self.origin)

    def _answer(self, kind: str, options: dict[str, Any], **response: str) -> dict[str, Any]:
        name = websafe_encode(self.credential)
        client = websafe_encode(self._client(kind, options))
        return {"id": name, "rawId": name, "type": "public-key", "response": {"clientDataJSON": client, **response}}
