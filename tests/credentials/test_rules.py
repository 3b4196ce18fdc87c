"""A badge is signed whole or not at all, and checking it says what is wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from hege.credentials import canonical as forms
from hege.credentials.badges import identity
from hege.credentials.canonical import CREDENTIALS, OPEN_BADGES, Unsignable, canonical, load
from hege.credentials.rules import PublicKey, Verdict, from_multibase, multibase, public_of, verify
from tests.credentials.badge import DAY, ISSUER, KEY, LIST, METHOD, NOON, PLACE, SEED, badge, signed

pytestmark = pytest.mark.once


def verdict(document: dict[str, Any], key: PublicKey = KEY, **said: Any) -> Verdict:
    return verify(document, [key], **({"at": NOON + DAY} | said))


def spots(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Every single value of a document, and the way to it."""
    if isinstance(value, dict):
        for name, one in value.items():
            yield from spots(one, (*way, name))
    elif isinstance(value, list):
        for place, one in enumerate(value):
            yield from spots(one, (*way, place))
    else:
        yield way, value


def with_value(document: dict[str, Any], way: tuple[Any, ...], value: Any) -> dict[str, Any]:
    other = deepcopy(document)
    inner: Any = other
    for step in way[:-1]:
        inner = inner[step]
    inner[way[-1]] = value
    return other


def test_a_badge_is_good_also_read_again_from_its_file():
    assert verdict(json.loads(json.dumps(signed()))) is Verdict.GOOD


def test_each_value_that_is_another_one_is_found():
    document, found = signed(), {}
    for way, value in spots(document):
        other = not value if isinstance(value, bool) else f"{value}x"
        found[way] = verdict(with_value(document, way, other))
    assert len(found) > 30
    assert {way for way, said in found.items() if said is Verdict.GOOD} == set()
    assert found[("credentialSubject", "achievement", "name")] is Verdict.ALTERED


def test_a_value_taken_away_or_added_is_found():
    document = signed()
    for name in document:
        assert verdict({n: v for n, v in document.items() if n != name}) is not Verdict.GOOD, name
    assert verdict({**document, "description": "更好"}) is Verdict.ALTERED
    assert verdict({**document, "better": "更好"}) is Verdict.UNREADABLE
    assert verdict({**document, "validUntil": None}) is Verdict.UNREADABLE
    assert verdict({**document, "endorsement": []}) is Verdict.UNREADABLE


def test_another_key_at_the_same_address_and_another_address_are_found():
    assert verdict(signed(), KEY._replace(public=public_of(bytes(32)))) is Verdict.ALTERED
    assert verdict(signed(), KEY._replace(method=f"{METHOD}1")) is Verdict.UNKNOWN_KEY


def test_a_key_signs_for_its_issuer_alone():
    document = signed({**badge(), "issuer": "https://elsewhere.example/"})
    assert verdict(document) is Verdict.UNKNOWN_KEY


def test_a_key_counts_from_its_beginning_until_its_end():
    key = KEY._replace(from_at=NOON, until_at=NOON + DAY)
    second = DAY / 86_400
    assert verdict(signed(created=NOON - second), key, at=NOON + 9 * DAY) is Verdict.KEY_ENDED
    assert verdict(signed(created=NOON), key, at=NOON + 9 * DAY) is Verdict.GOOD
    assert verdict(signed(created=NOON + DAY - second), key, at=NOON + 9 * DAY) is Verdict.GOOD
    assert verdict(signed(created=NOON + DAY), key, at=NOON + 9 * DAY) is Verdict.KEY_ENDED


def test_a_badge_counts_from_its_first_day_until_its_last():
    assert verdict(signed(), at=NOON) is Verdict.GOOD
    assert verdict(signed(), at=NOON - DAY / 2) is Verdict.NOT_YET
    assert verdict(signed(badge(valid_from=NOON + 2 * DAY))) is Verdict.NOT_YET
    assert verdict(signed(), at=NOON + 365 * DAY - DAY / 86_400) is Verdict.GOOD
    assert verdict(signed(), at=NOON + 365 * DAY) is Verdict.EXPIRED


def test_a_revoked_badge_is_known_by_its_place():
    assert verdict(signed(), revoked={f"{LIST}#{PLACE}"}) is Verdict.REVOKED
    assert verdict(signed(), revoked={f"{LIST}#{PLACE + 1}"}) is Verdict.GOOD


@pytest.mark.parametrize(
    "proof",
    [
        None, [], "z", {}, {"type": "Ed25519Signature2020"}, {"proofValue": 7}, {"proofValue": "z0"}, {"created": "gestern"},
        {"created": "2026-11-25T04:00:00"}, {"created": None}, {"cryptosuite": "eddsa-jcs-2022"}, {"proofPurpose": ["x"]},
        {"expires": "2030-01-01T00:00:00Z"}, {"proofValue": "z" + "1" * 10_000},
    ],
)  # fmt: skip
def test_a_proof_of_another_form_is_never_good(proof: Any):
    document = signed()
    whole = {**document["proof"], **proof} if isinstance(proof, dict) and proof else proof
    assert verdict({**document, "proof": whole}) in {Verdict.UNREADABLE, Verdict.ALTERED}


# -- contexts ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url", ["https://www.w3.org/2018/credentials/v1", "https://www.w3.org/ns/credentials/undefined-terms/v2",
            "http://127.0.0.1/x.json", "file:///etc/passwd", CREDENTIALS + "#", ""],
)  # fmt: skip
def test_no_other_address_is_ever_read(url: str):
    with pytest.raises(Unsignable, match="not a context of ours"):
        load(url)
    with pytest.raises(Unsignable, match="not a context of ours"):
        canonical({**badge(), "@context": [CREDENTIALS, url]})


def test_a_context_within_the_document_is_refused():
    own = {"better": "https://hege.example/better"}
    with pytest.raises(Unsignable):
        canonical({**badge(), "@context": [CREDENTIALS, OPEN_BADGES, own]})
    with pytest.raises(Unsignable, match="JSON-LD of its own"):
        canonical({**badge(), "issuer": {"id": "https://hege.example/", "@context": own}})


def test_a_badge_with_the_context_of_badges_left_out_is_refused():
    with pytest.raises(Unsignable):
        canonical({**badge(), "@context": [CREDENTIALS]})


def test_what_a_context_makes_an_undefined_term_is_refused(monkeypatch: pytest.MonkeyPatch):
    """With that context every other verifier reads other quads, or none."""
    url = "https://www.w3.org/ns/credentials/undefined-terms/v2"
    monkeypatch.setitem(forms.CONTEXTS, url, "undefined")
    known, words = forms._read, {"@context": {"@vocab": "https://www.w3.org/ns/credentials/undefined-term#"}}
    monkeypatch.setattr(forms, "_read", lambda name: words if name == "undefined" else known(name))
    document = {**badge(), "@context": [CREDENTIALS, OPEN_BADGES, url]}
    assert "undefined-term" not in canonical(document)
    for other in ({"better": "更好"}, {"type": ["VerifiableCredential", "GoodCredential"]}):
        with pytest.raises(Unsignable, match=r"no context defines.*undefined-term"):
            canonical({**document, **other})


def test_a_badge_is_made_without_control_characters():
    said = badge(issuer=ISSUER._replace(name="华\x00新\x7f镇\u200b\n𠮷"), identities=[identity("甲\x08乙", "name")])
    assert said["issuer"]["name"] == "华新镇\u200b\n𠮷"
    assert said["credentialSubject"]["identifier"][0]["identityHash"] == "甲乙"
    assert verdict(signed(said)) is Verdict.GOOD


def test_a_name_may_say_undefined_term():
    assert "undefined-term#" in canonical({**badge(), "name": "https://www.w3.org/ns/credentials/undefined-term#x"})


@pytest.mark.parametrize(
    "change",
    [
        {"better": "更好"},
        {"type": ["VerifiableCredential", "Better"]},
        {"id": "badge.json"},
        {"id": "https://hege.example/a b"},
        {"name": None},
        {"name": 1.5},
        {"name": "绿色\x07食品"},
        {"name": "绿色\uffff食品"},
        {"endorsement": []},
        {"credentialSubject": {"@id": "https://hege.example/"}},
        {"evidence": [{"type": "Evidence"}] * 13},
        {"evidence": {"type": "Evidence", "narrative": {"a": {"b": {"c": {"d": {"e": {"f": {"g": {"h": "i"}}}}}}}}}},
    ],
)
def test_what_would_not_be_signed_is_refused(change: dict[str, Any]):
    with pytest.raises(Unsignable):
        canonical({**badge(), **change})


# -- how it is written -------------------------------------------------------------------------------------------------


def test_bytes_as_base_58_and_back():
    for data in (b"", b"\0", b"\0\0\1", SEED, b"\xff" * 64):
        assert from_multibase(multibase(data)) == data
    assert multibase(b"Hello World!") == "z2NEpo7TZRRrLZSi2U"
    for wrong in ("", "x1", "z0", "zO", "zI", "zl", "zä"):
        with pytest.raises(ValueError, match=r"58|substring"):
            from_multibase(wrong)


def test_a_person_is_known_by_a_salted_hash():
    said = identity("王秀英", "name", salt="k7m2")
    assert said == {
        "type": "IdentityObject",
        "hashed": True,
        "identityHash": "sha256$6559b6b32e8868d44ada783a1ea0d9d021d9ed5cb88670c5187ba607613fc557",
        "identityType": "name",
        "salt": "k7m2",
    }
    assert identity("王秀英", "name", salt="k7m3")["identityHash"] != said["identityHash"]
    document = signed(badge(identities=[said]))
    assert "王秀英" not in json.dumps(document, ensure_ascii=False)
    assert verdict(document) is Verdict.GOOD
