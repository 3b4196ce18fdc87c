"""What is asked of others' verifiers: our badges as they are, and each with one thing wrong."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hege.credentials.badges import Achievement, identity
from hege.credentials.rules import PublicKey, Signing, Verdict, controller, instant, multibase, public_of, sign, verify
from hege.credentials.status import revoked_in, status_list
from tests.conformance.__main__ import Case
from tests.credentials.badge import DAY, ISSUER, KEY, LIST, METHOD, NOON, PLACE, SEED, badge, signed
from tests.credentials.test_rules import spots, with_value

FORMER = Signing(f"{ISSUER.id}#key-0", bytes(range(1, 33)))
KEYS = [PublicKey(FORMER.method, public_of(FORMER.seed), NOON - 9 * DAY, NOON - DAY), KEY]
#: What is easily written in two ways: signs that have to be escaped, signs beyond 16 bits, what looks like markup.
ODD = [
    "一\n二\t三\r四",
    "a\"b\\c'd",
    "𠮷野家 😀",
    "<b>&amp;</b>",
    "\u00a0\u200b\u202e",
    " 前后 ",
    "é e\u0301",
    "\x7f\x01\x08\x0c\x1f",
]


def published(*revoked: int, keys: list[PublicKey] = KEYS, signing: Signing | None = None) -> dict[str, Any]:
    """The issuer's document and status list, as they stand on the web."""
    made = status_list(0, revoked, url=LIST, issuer=ISSUER, at=NOON)
    return {LIST: sign(made, signing or Signing(METHOD, SEED), created=NOON), ISSUER.id: controller(ISSUER.id, keys)}


def documents() -> Iterator[dict[str, Any]]:
    """Badges of every form we make."""
    yield badge()
    yield badge(valid_until=None, status=None)
    yield badge(identities=[identity("王秀英", "name", salt="k7m2p9q4")], subject="https://hege.example/p/k7m2/")
    for n, text in enumerate(ODD):
        yield badge(achievement=Achievement(f"https://hege.example/h/{n}/", text, text, text))


def cases() -> Iterator[Case]:
    """Each with its name."""
    later, good = NOON + DAY / 2, signed()
    for document in documents():
        yield Case(f"a badge of ours, {document['name']!r}", signed(document), published(), later, good=True)
    yield Case("a status list of ours", published()[LIST], published(), later, good=True)
    for way, value in spots(good):
        other = not value if isinstance(value, bool) else f"{value}x"
        name = ".".join(map(str, way))
        yield Case(f"{name} changed", with_value(good, way, other), published(), later, good=False)
    for name in ("validFrom", "validUntil"):
        changed = {**good, name: instant(NOON + 3 * DAY if name == "validUntil" else NOON - 3 * DAY)}
        yield Case(f"{name} on another day", changed, published(), later, good=False)
    changed = with_value(good, ("proof", "created"), instant(NOON - DAY / 4))
    yield Case("signed on another day", changed, published(), later, good=False)
    for name in good:
        if name not in ("proof", "@context", "id"):
            yield Case(f"without {name}", {n: v for n, v in good.items() if n != name}, published(), later, good=False)
    yield Case("with a sentence more", {**good, "description": "更好"}, published(), later, good=False)
    other_key = published(keys=[KEYS[0], KEY._replace(public=public_of(bytes(32)))])
    yield Case("another key at its address", good, {**other_key, LIST: published()[LIST]}, later, good=False)
    yield Case("revoked", good, published(PLACE), later, good=False)
    yield Case("another one revoked", good, published(PLACE + 1), later, good=True)
    changed_list = with_value(published(PLACE), (LIST, "credentialSubject", "encodedList"), encoded())
    yield Case("revoked, and the list changed", good, changed_list, later, good=False)
    yield Case("a list that is a day old", good, published(), NOON + 2 * DAY, good=False)
    for created, works in ((NOON - 2 * DAY, True), (NOON - DAY, False), (NOON, False)):
        document = sign(badge(valid_from=NOON - 3 * DAY), FORMER, created=created)
        yield Case(f"signed by a former key, {instant(created)}", document, published(), later, good=works)
    yield Case("before its first day", signed(badge(valid_from=NOON + DAY)), published(), later, good=False)
    yield Case("after its last day", signed(badge(valid_until=NOON + DAY / 4)), published(), later, good=False)
    yield Case("signed later than now", signed(created=NOON + DAY), published(), later, good=False)


def encoded() -> str:
    """A list of which nothing is revoked."""
    said: str = status_list(0, [], url=LIST, issuer=ISSUER, at=NOON)["credentialSubject"]["encodedList"]
    return said


def our_verdict(case: Case) -> str:
    """What our own check says, with the status list read as the others read it."""
    entry = case.document.get("credentialStatus") or {}
    wanted = case.documents.get(str(entry.get("statusListCredential")))
    revoked: set[str] = set()
    if wanted is not None:
        if (said := verify(wanted, keys_in(case), at=case.at)) is not Verdict.GOOD:
            return f"status list {said.value}"
        revoked = revoked_in(wanted)
    return verify(case.document, keys_in(case), at=case.at, revoked=revoked).value


def keys_in(case: Case) -> list[PublicKey]:
    """The keys as they are published in a case."""
    methods = case.documents[ISSUER.id]["verificationMethod"]
    return [known._replace(public=method["publicKeyMultibase"]) for known, method in zip(KEYS, methods, strict=True)]


def to_issue() -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """What the others are to sign, and the same signed by us."""
    secret = multibase(b"\x80\x26" + SEED)
    for document in documents():
        sent = {
            "document": document,
            "method": METHOD,
            "publicKey": KEY.public,
            "secretKey": secret,
            "created": instant(NOON),
        }
        yield sent, signed(document)
