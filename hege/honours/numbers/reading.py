"""A number as a person wrote it, read as meant: width, case, blanks, dashes of every kind, the word printed before it."""

from __future__ import annotations

import unicodedata

LONGEST = 100
"""Signs that are looked at; no number is longer."""
ORGANIC_MARK = "有机码"

_UNSEEN = dict.fromkeys([0xAD, 0x61C, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF])
_DASHES = dict.fromkeys(
    map(ord, "\u058a\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\u2500\u2501\u2e3a\u2e3b\u30fc\uff70"), "-"
)
_GAPS = dict.fromkeys(map(ord, " -\u4e00"))
_AROUND = " .,;:。、，；'\"“”()"


def tidy(text: str) -> str:
    """The number in one width, with one kind of dash, in capitals, with single blanks and nothing that cannot be seen."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text.translate(_UNSEEN)).translate(_DASHES)
    return " ".join(text.upper().split())


def close_up(tidied: str) -> str:
    """A tidied number without the word before it, without blanks and dashes: as it is told by letters and digits alone.

    The Chinese one is a dash too: it is often typed for one.
    """
    if not tidied.isascii():
        tidied = _without_label(tidied).removeprefix(ORGANIC_MARK)
    return tidied.strip(_AROUND).translate(_GAPS)


def _without_label(tidied: str) -> str:
    """What stands behind the last colon, where words stand before it: 信用编码: 749750217."""
    label, _colon, number = tidied.rpartition(":")
    return number if number.strip(_AROUND) and not label.isascii() else tidied
