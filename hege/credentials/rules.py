"""The proof on a badge: Data Integrity ``eddsa-rdfc-2022`` (W3C, Data Integrity EdDSA Cryptosuites v1.0), made and checked.

Signed are two hashes, of the proof without its value and of the document without its proof. Instants are whole seconds, UTC.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Container, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from hege.credentials.canonical import Unsignable, canonical

SUITE = {"type": "DataIntegrityProof", "cryptosuite": "eddsa-rdfc-2022", "proofPurpose": "assertionMethod"}
_PROOF = {*SUITE, "created", "verificationMethod", "proofValue"}
_ED25519 = b"\xed\x01"  # what a public key of this kind begins with (multicodec)
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_LONGEST = 200  # symbols of a key or signature; both have fewer than a hundred


class Signing(NamedTuple):
    """A private key (32 bytes), and the address at which its public half is published."""

    method: str
    seed: bytes


class PublicKey(NamedTuple):
    """A public key as it is published: its address, itself (multibase), from when, until when (exclusive)."""

    method: str
    public: str
    from_at: dt.datetime
    until_at: dt.datetime | None = None

    def held(self, at: dt.datetime) -> bool:
        """Whether it was the issuer's key at an instant."""
        return self.from_at <= at and (self.until_at is None or at < self.until_at)


class Verdict(TextChoices):
    """What checking a signed document says."""

    GOOD = "good", _("签名有效")
    UNREADABLE = "unreadable", _("不是本系统读得懂的徽章")
    UNKNOWN_KEY = "unknown_key", _("不是签发者公布的钥匙签的")
    ALTERED = "altered", _("签名对不上：内容改动过")
    KEY_ENDED = "key_ended", _("签名时，这把钥匙不在使用期内")
    NOT_YET = "not_yet", _("还没有开始有效")
    EXPIRED = "expired", _("有效期已过")
    REVOKED = "revoked", _("已撤销")


def sign(document: Mapping[str, Any], signing: Signing, *, created: dt.datetime) -> dict[str, Any]:
    """The document with its proof; ``Unsignable`` where not all of it would be signed."""
    proof = {**SUITE, "created": instant(created), "verificationMethod": signing.method}
    signature = Ed25519PrivateKey.from_private_bytes(signing.seed).sign(hashes(document, proof))
    return {**document, "proof": {**proof, "proofValue": multibase(signature)}}


def hashes(document: Mapping[str, Any], proof: Mapping[str, Any]) -> bytes:
    """What is signed: the hash of a proof without its value, then that of the document without its proof."""
    config = {"@context": document.get("@context"), **proof}
    return b"".join(_hash(json.dumps(one)) for one in (config, document))


@lru_cache(1_000)  # a page that says whether a badge is good is looked at again and again
def _hash(document: str) -> bytes:
    return hashlib.sha256(canonical(json.loads(document)).encode()).digest()


def verify(
    document: Mapping[str, Any], keys: Iterable[PublicKey], *, at: dt.datetime, revoked: Container[str] = ()
) -> Verdict:
    """What a signed document is worth at an instant, by the keys its issuer has published; ``revoked`` are the entries that
    are set in the issuer's status lists (``credentials.status.revoked_in``). The first thing that is wrong is said.
    """
    unsigned, proof = {n: v for n, v in document.items() if n != "proof"}, document.get("proof")
    if (
        not isinstance(proof, dict)
        or proof.keys() != _PROOF
        or any(proof[name] != said for name, said in SUITE.items())
    ):
        return Verdict.UNREADABLE
    key = next((key for key in keys if key.method == proof["verificationMethod"]), None)
    if key is None or issuer_of(document) != key.method.partition("#")[0]:
        return Verdict.UNKNOWN_KEY
    try:
        created = _read(proof["created"])
        from_at, until_at = (_read(document.get(name)) for name in ("validFrom", "validUntil"))
        signed = hashes(unsigned, {name: proof[name] for name in proof if name != "proofValue"})
        Ed25519PublicKey.from_public_bytes(public_bytes(key.public)).verify(from_multibase(proof["proofValue"]), signed)
    except InvalidSignature:
        return Verdict.ALTERED
    except (Unsignable, ValueError):
        return Verdict.UNREADABLE
    if created is None or not key.held(created):
        return Verdict.KEY_ENDED
    if created > at or (from_at and from_at > at):
        return Verdict.NOT_YET
    if until_at and until_at <= at:
        return Verdict.EXPIRED
    return Verdict.REVOKED if _entry_of(document) in revoked else Verdict.GOOD


def issuer_of(document: Mapping[str, Any]) -> str:
    """The address of who issued a document; empty where it does not say."""
    issuer = document.get("issuer")
    said = issuer.get("id") if isinstance(issuer, dict) else issuer
    return said if isinstance(said, str) else ""


def controller(issuer: str, keys: Sequence[PublicKey]) -> dict[str, Any]:
    """What stands at an issuer's address (W3C Controlled Identifiers v1.0): every key, a former one with its end."""
    methods = [
        {
            "id": key.method,
            "type": "Multikey",
            "controller": issuer,
            "publicKeyMultibase": key.public,
            **({"expires": instant(key.until_at)} if key.until_at else {}),
        }
        for key in keys
    ]
    return {
        "@context": ["https://www.w3.org/ns/cid/v1"],
        "id": issuer,
        "verificationMethod": methods,
        "assertionMethod": [key.method for key in keys],
    }


def entry(status_list: object, index: object) -> str:
    """The id of a place in a status list."""
    return f"{status_list}#{index}"


def _entry_of(document: Mapping[str, Any]) -> str:
    status = document.get("credentialStatus", {})
    return entry(status.get("statusListCredential"), status.get("statusListIndex")) if isinstance(status, dict) else ""


# -- how keys, signatures and instants are written ---------------------------------------------------------------------


def public_of(seed: bytes) -> str:
    """The public half of a private key, as it is published."""
    return multibase(_ED25519 + Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw())


def public_bytes(public: str) -> bytes:
    """The 32 bytes of a published key; ``ValueError`` where it is of another kind."""
    read = from_multibase(public)
    if not read.startswith(_ED25519) or len(read) != 34:
        raise ValueError("not an Ed25519 key")
    return read[2:]


def multibase(data: bytes) -> str:
    """Bytes as base 58 (multibase ``z``)."""
    number, symbols = int.from_bytes(data), ""
    while number:
        number, digit = divmod(number, 58)
        symbols = _BASE58[digit] + symbols
    return "z" + "1" * (len(data) - len(data.lstrip(b"\0"))) + symbols


def from_multibase(text: object) -> bytes:
    """What ``multibase`` wrote; ``ValueError`` for anything else."""
    if not isinstance(text, str) or not text.startswith("z") or len(text) > _LONGEST:
        raise ValueError("not base 58")
    number = 0
    for symbol in text[1:]:
        number = number * 58 + _BASE58.index(symbol)
    zeros = len(text[1:]) - len(text[1:].lstrip("1"))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8)


def instant(at: dt.datetime) -> str:
    """An instant as it is signed: 2026-11-25T04:00:00Z."""
    return at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _read(text: Any) -> dt.datetime | None:
    """The instant a text says, None where there is none; ``ValueError`` for any other spelling than ours."""
    if text is None:
        return None
    if not isinstance(text, str) or not text.endswith("Z"):
        raise ValueError("not an instant")
    return dt.datetime.fromisoformat(text)
