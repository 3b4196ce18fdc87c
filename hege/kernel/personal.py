"""Personal numbers in free text (自由文本里的个人信息): a protected field beside a free text protects nothing by itself.

Telephones, identity numbers and mail addresses are found however they are typed: full width, with blanks or dashes in
between, with +86 in front. Numbers of papers, sums and longer rows of digits stay.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

_GAP = r"[ \t.\-‐-―－·]?"  # what people put between groups of digits
_DIGIT = rf"(?:{_GAP}\d)"
#: What is found -> what stands in its place. Identity numbers before telephones, which may be part of them.
_KINDS: tuple[tuple[re.Pattern[str], str], ...] = (
    # GB 11643: 6 digits of division, the birthday, 3 digits, a check digit or X; the old ones have 15 digits
    (
        re.compile(rf"(?<!\d)[1-9]{_DIGIT}{{5}}{_GAP}(?:1{_GAP}[89]|2{_GAP}0){_DIGIT}{{2}}{_DIGIT}{{7}}{_GAP}[\dXx](?![\dA-Za-z])", re.ASCII),
        "［证件号已隐去］",
    ),
    (re.compile(r"(?<!\d)[1-9]\d{5}\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}(?!\d)", re.ASCII), "［证件号已隐去］"),
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII), "［邮箱已隐去］"),
    # mobile numbers have 11 digits from 13 to 19; others an area code, then 7 or 8 digits; service numbers 400 and 800
    (re.compile(rf"(?<![\d.])(?:\+?{_GAP}8{_GAP}6{_GAP})?1{_GAP}[3-9]{_DIGIT}{{9}}(?!\d)", re.ASCII), "［电话已隐去］"),
    (re.compile(rf"(?<![\d.])[（(]?0\d{{2,3}}[)）]?{_GAP}[2-9]{_DIGIT}{{6,7}}(?!\d)", re.ASCII), "［电话已隐去］"),
    (re.compile(rf"(?<![\d.])[48]00{_DIGIT}{{7}}(?!\d)", re.ASCII), "［电话已隐去］"),
    # a local number has no mark of its own but the word before it
    (re.compile(rf"(?<=电话|手机|联系)([^\d\n]{{0,4}})(?<!\d)[2-9]{_DIGIT}{{6,7}}(?!\d)", re.ASCII), r"\1［电话已隐去］"),
)  # fmt: skip


def hide(text: str) -> str:
    """The text without the personal numbers in it, each replaced by a word for its kind; the same where it has none."""
    return _replaced(text, lambda stand_in: stand_in)


def mask(text: str) -> str:
    """The text with the middle of each personal number in it hidden, as ``138****5678``: known again by who knows it."""
    return _replaced(text, lambda _stand_in: _ends)


def _replaced(text: str, by: Callable[[str], str | Callable[[re.Match[str]], str]]) -> str:
    folded = "".join(_fold(sign) for sign in text)
    replaced = folded
    for pattern, stand_in in _KINDS:
        replaced = pattern.sub(by(stand_in), replaced)
    return text if replaced == folded else replaced


def _ends(found: re.Match[str]) -> str:
    return f"{found[0][:3]}****{found[0][-4:]}"


def _fold(sign: str) -> str:
    """Digits and letters of any width as plain ones, and the signs within numbers and addresses; everything else stays."""
    wide = "０" <= sign <= "９" or "Ａ" <= sign <= "Ｚ" or "ａ" <= sign <= "ｚ" or sign in "＠．＋－　"
    return unicodedata.normalize("NFKC", sign) if wide or sign.isdigit() else sign
