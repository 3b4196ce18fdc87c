"""One number, many spellings: what papers, notebooks and spreadsheets do to a number does not make it another one."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable

_QUOTED = re.compile(r"[=＝]?[\"＂“](.*)[\"＂”]", re.DOTALL)
_MARKS = "'`´‘’＇｀ʼ"
_BLANKS = re.compile(r"[\s\u200b-\u200f\u2060\ufeff]+")
_DASHES = dict.fromkeys(map(ord, "\u00ad\u058a\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\u2e3a\u2e3b"), "-")
_FOLDED = re.compile(r"(?:0|[1-9][0-9]*|[A-Z][A-Z0-9./_-]*)\Z")
_LATER = re.compile(r"(?<!~)~\d+\Z")


def bare(text: str) -> str:
    """A number without what a spreadsheet hangs around it so as to keep it a text: ' or ` in front, ="…" around."""
    while True:
        quoted = _QUOTED.fullmatch(text.strip())
        inner = (quoted[1] if quoted else text).strip().lstrip(_MARKS).strip()
        if inner == text:
            return text
        text = inner


def fold(text: str) -> str:
    """What all spellings of one number have in common; never shown.

    Width, case, blanks, the kind of dash and what hangs around it do not count, nor zeros before a number that is all
    digits: Excel drops those. A dash itself counts: shop 1-02 is not shop 102.
    """
    while not _FOLDED.match(text):
        plain = unicodedata.normalize("NFKC", _BLANKS.sub("", bare(text)).translate(_DASHES)).upper()
        if plain.isascii() and plain.isdecimal():
            plain = plain.lstrip("0") or "0"
        if plain == text:
            break
        text = plain
    return text


def fold_key(key: str) -> str:
    """``fold`` of each part of a key of the ledger, whose parts ``|`` parts and which may end in ``~2``, ``~3`` …"""
    if key.startswith("sha256:"):
        return key
    later = _LATER.search(key)
    base, rest = (key[: later.start()], later[0]) if later else (key, "")
    return "|".join(map(fold, base.split("|"))) + rest


def slips(new: Iterable[str], standing: Iterable[str]) -> dict[str, str]:
    """New numbers that are one slip of the pen (a sign too many, too few, another, two swapped) from one that stands,
    with that one. Numbers that fold to the same are no slip but the same.
    """
    near: dict[str, list[str]] = defaultdict(list)
    for number in sorted(standing):
        for text in _shortened(fold(number)):
            near[text].append(number)
    found: dict[str, str] = {}
    for number in new:
        folded = fold(number)
        fitting = (other for text in _shortened(folded) for other in near.get(text, ()))
        twin = next((other for other in fitting if _one_slip(folded, fold(other))), None)
        if twin is not None:
            found[number] = twin
    return found


def _shortened(text: str) -> list[str]:
    """A text, and what is left of it without one sign."""
    return [text, *(text[:at] + text[at + 1 :] for at in range(len(text)))]


def _one_slip(a: str, b: str) -> bool:
    if len(a) != len(b):
        return a in _shortened(b) or b in _shortened(a)
    odd = [at for at in range(len(a)) if a[at] != b[at]]
    swapped = len(odd) == 2 and odd[1] == odd[0] + 1 and a[odd[0]] == b[odd[1]] and a[odd[1]] == b[odd[0]]
    return len(odd) == 1 or swapped
