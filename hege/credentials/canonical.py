"""What of a JSON-LD document is hashed and signed: its quads, sorted, with canonical names (RDFC-1.0).

A context that means something else signs happily and verifies nowhere, and what a context has no word for is left out of what
is signed. So contexts come from a folder of ours alone, and a document is refused of which any value would be lost.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

from pyld import jsonld

CREDENTIALS = "https://www.w3.org/ns/credentials/v2"
OPEN_BADGES = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
#: Every address there is for us, and the file that stands there.
CONTEXTS = {CREDENTIALS: "credentials-v2.json", OPEN_BADGES: "open-badges-v3.0.3.json"}
FOLDER = Path(__file__).with_name("contexts")

DEEPEST = 10
#: Things without an id of their own: telling apart many that look the same takes time without limit.
MOST_NAMELESS = 12
#: Signs that PyLD writes as they are and the standard as \\u….
UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]*")
#: What words become that nobody has defined, where a context says so.
_UNDEFINED = re.compile(r"<https://www\.w3\.org/ns/credentials/(?:undefined-term|issuer-dependent)#")


class Unsignable(Exception):
    """What is in a document and would not be in what is signed, or not as it is meant."""


def canonical(document: Mapping[str, Any]) -> str:
    """The quads of a document, one a line; ``Unsignable`` where one of its values is in none of them."""
    _check_plain(document)
    try:
        with _LOCK:
            quads: str = _Strict(on_property_dropped=_lost).normalize(document, _OPTIONS)
    except jsonld.JsonLdError as trouble:
        raise Unsignable(str(trouble)) from trouble
    if found := _UNDEFINED.search(quads):
        raise Unsignable(f"a word that no context defines: {quads[found.start() :].partition('>')[0]}>")
    return quads


def load(url: str, _options: object = None) -> dict[str, Any]:
    """A context, as PyLD asks for it; ``Unsignable`` for every address but ours: nothing is ever fetched."""
    if url not in CONTEXTS:
        raise Unsignable(f"not a context of ours: {url}")
    return {
        "contentType": "application/ld+json", "contextUrl": None, "documentUrl": url, "document": _read(CONTEXTS[url]),
        "tag": "static",  # let it be taken apart once
    }  # fmt: skip


@cache
def _read(name: str) -> Any:
    return json.loads(FOLDER.joinpath(name).read_text(encoding="utf-8"))


# Without a base: PyLD would make an address of its own of what is none, and sign that.
_OPTIONS = {"algorithm": "URDNA2015", "format": "application/n-quads", "documentLoader": load, "base": None}
_LOCK = Lock()  # PyLD keeps contexts taken apart in a cache that threads share and that is made for one


class _Strict(jsonld.JsonLdProcessor):  # type: ignore[misc]  # PyLD has no types
    """Looks at a document between two steps, of which the second leaves out what is no absolute address."""

    def expand(self, input_: Any, options: Any) -> Any:
        expanded = super().expand(input_, options)
        for address in _addresses(expanded):
            if not (address.startswith("@") or _ABSOLUTE.fullmatch(address)):
                raise Unsignable(f"neither an address nor a word of a context: {address}")
        return expanded


def _addresses(expanded: Any) -> Iterator[str]:
    """Everything that stands where an address has to stand."""
    if isinstance(expanded, list):
        for one in expanded:
            yield from _addresses(one)
    elif isinstance(expanded, dict):
        for name, value in expanded.items():
            if name in ("@id", "@type"):
                yield from [value] if isinstance(value, str) else value
            else:
                yield from _addresses(value)


def _lost(name: object) -> None:
    raise Unsignable(f"a word that no context defines: {name}")


def _check_plain(document: Mapping[str, Any]) -> None:
    """Objects, lists, texts, whole numbers and yes or no, and one list of contexts of ours at the top."""
    contexts = document.get("@context")
    if not isinstance(contexts, list) or not contexts:
        raise Unsignable("no list of contexts")
    for url in contexts:
        load(str(url))
    nameless = _nameless({name: value for name, value in document.items() if name != "@context"}, DEEPEST)
    if nameless > MOST_NAMELESS:
        raise Unsignable(f"{nameless} things without an id")


def _nameless(value: Any, depth: int) -> int:
    """How many objects have no id of their own."""
    if not depth:
        raise Unsignable("too deep")
    if isinstance(value, dict):
        if any(not isinstance(name, str) or name.startswith("@") for name in value):
            raise Unsignable("JSON-LD of its own within the document")
        return ("id" not in value) + sum(_nameless(one, depth - 1) for one in value.values())
    if isinstance(value, list) and value:
        return sum(_nameless(one, depth - 1) for one in value)
    if not isinstance(value, str | bool | int) or (isinstance(value, str) and UNWRITABLE.search(value)):
        raise Unsignable(f"a value that would not be signed: {value!r}")
    return 0
