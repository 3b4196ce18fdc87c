"""One number, many spellings: what papers, notebooks and spreadsheets do to a number does not make it another one."""

from __future__ import annotations

import re
import unicodedata

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
