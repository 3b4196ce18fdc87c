"""What we sign is what the standard signs: the W3C's own example of ``eddsa-rdfc-2022``, byte by byte.

The figures are those of w3c/vc-di-eddsa, folder TestVectors/eddsa-rdfc-2022 (W3C Software and Document License).
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from hege.credentials import canonical
from hege.credentials.canonical import CREDENTIALS
from hege.credentials.rules import (
    PublicKey,
    Signing,
    Verdict,
    from_multibase,
    hashes,
    public_of,
    sign,
    verify,
)

pytestmark = pytest.mark.once

EXAMPLES = "https://www.w3.org/ns/credentials/examples/v2"
PUBLIC = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"
SEED = from_multibase("z3u2en7t5LR2WtQH5PfFqMqwVHBeXouLzo6haApm8XHqvjxq").removeprefix(b"\x80\x26")
METHOD = f"did:key:{PUBLIC}#{PUBLIC}"
CREATED = dt.datetime(2023, 2, 24, 23, 36, 38, tzinfo=dt.UTC)
DOCUMENT: dict[str, Any] = {
    "@context": [CREDENTIALS, EXAMPLES],
    "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
    "type": ["VerifiableCredential", "AlumniCredential"],
    "name": "Alumni Credential",
    "description": "A minimum viable example of an Alumni Credential.",
    "issuer": "https://vc.example/issuers/5678",
    "validFrom": "2023-01-01T00:00:00Z",
    "credentialSubject": {"id": "did:example:abcdefgh", "alumniOf": "The School of Examples"},
}
CONFIG = {
    "type": "DataIntegrityProof",
    "cryptosuite": "eddsa-rdfc-2022",
    "created": "2023-02-24T23:36:38Z",
    "verificationMethod": METHOD,
    "proofPurpose": "assertionMethod",
}
ID, TYPE = "<urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33>", "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
TIME = "<http://www.w3.org/2001/XMLSchema#dateTime>"
CANONICAL = f"""\
<did:example:abcdefgh> <https://www.w3.org/ns/credentials/examples#alumniOf> "The School of Examples" .
{ID} {TYPE} <https://www.w3.org/2018/credentials#VerifiableCredential> .
{ID} {TYPE} <https://www.w3.org/ns/credentials/examples#AlumniCredential> .
{ID} <https://schema.org/description> "A minimum viable example of an Alumni Credential." .
{ID} <https://schema.org/name> "Alumni Credential" .
{ID} <https://www.w3.org/2018/credentials#credentialSubject> <did:example:abcdefgh> .
{ID} <https://www.w3.org/2018/credentials#issuer> <https://vc.example/issuers/5678> .
{ID} <https://www.w3.org/2018/credentials#validFrom> "2023-01-01T00:00:00Z"^^{TIME} .
"""
CANONICAL_PROOF = f"""\
_:c14n0 <http://purl.org/dc/terms/created> "2023-02-24T23:36:38Z"^^{TIME} .
_:c14n0 {TYPE} <https://w3id.org/security#DataIntegrityProof> .
_:c14n0 <https://w3id.org/security#cryptosuite> "eddsa-rdfc-2022"^^<https://w3id.org/security#cryptosuiteString> .
_:c14n0 <https://w3id.org/security#proofPurpose> <https://w3id.org/security#assertionMethod> .
_:c14n0 <https://w3id.org/security#verificationMethod> <{METHOD}> .
"""
PROOF_HASH = "bea7b7acfbad0126b135104024a5f1733e705108f42d59668b05c0c50004c6b0"
DOCUMENT_HASH = "517744132ae165a5349155bef0bb0cf2258fff99dfe1dbd914b938d775a36017"
SIGNATURE = "z2YwC8z3ap7yx1nZYCg4L3j3ApHsF8kgPdSb5xoS1VR7vPG3F561B52hYnQF9iseabecm3ijx4K1FBTQsCZahKZme"
SIGNATURE_BYTES = (
    "4d8e53c2d5b3f2a7891753eb16ca993325bdb0d3cfc5be1093d0a18426f5ef85"
    "78cadc0fd4b5f4dd0d1ce0aefd15ab120b7a894d0eb094ffda4e6553cd1ed50d"
)


@pytest.fixture(autouse=True)
def examples(monkeypatch: pytest.MonkeyPatch):
    """The context of the standard's examples, which no badge of ours may have."""
    monkeypatch.setitem(canonical.CONTEXTS, EXAMPLES, "examples")
    known, vocabulary = canonical._read, {"@context": {"@vocab": "https://www.w3.org/ns/credentials/examples#"}}
    monkeypatch.setattr(canonical, "_read", lambda name: vocabulary if name == "examples" else known(name))


def test_the_key_pair_is_read():
    assert public_of(SEED) == PUBLIC


def test_document_and_proof_have_the_canonical_form_of_the_standard():
    assert canonical.canonical(DOCUMENT) == CANONICAL
    assert canonical.canonical({"@context": DOCUMENT["@context"], **CONFIG}) == CANONICAL_PROOF


def test_their_hashes_are_those_of_the_standard():
    assert hashes(DOCUMENT, CONFIG).hex() == PROOF_HASH + DOCUMENT_HASH


def test_the_signature_is_that_of_the_standard():
    signed = sign(DOCUMENT, Signing(METHOD, SEED), created=CREATED)
    assert signed == {**DOCUMENT, "proof": {**CONFIG, "proofValue": SIGNATURE}}
    assert from_multibase(SIGNATURE).hex() == SIGNATURE_BYTES


def test_the_signed_document_of_the_standard_is_good():
    key = PublicKey(f"{DOCUMENT['issuer']}#1", PUBLIC, CREATED)
    signed = sign(DOCUMENT, Signing(key.method, SEED), created=CREATED)
    assert verify(signed, [key], at=CREATED) is Verdict.GOOD
