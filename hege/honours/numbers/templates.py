"""An office's own patterns of numbers (号码样式), written without regular expressions, so that none can hang a page.

``沪示例评字{年:9999}-{序号:9+}``: signs outside braces stand for themselves. Within braces a name and the signs of the part:
``9`` a digit, ``A`` a letter, ``X`` either; a ``+`` at the end lets the last of them repeat. Blanks count nowhere, nor do
width, case and the kind of dash. What a part is called may also say what it is: 年 is a year that is not in the future,
月 a month, 区划 a division code.

Where a part repeats, the sign after it must not be one that the part could take: so a number is read once, from left to
right, in a time that grows with its length alone.
"""

from __future__ import annotations

import string
from collections.abc import Iterator
from typing import NamedTuple

from django.utils.translation import gettext as _

from hege.honours.numbers.reading import LONGEST, tidy
from hege.kernel.refused import Refused

_CLASSES = {
    "9": frozenset(string.digits),
    "A": frozenset(string.ascii_uppercase),
    "X": frozenset(string.digits + string.ascii_uppercase),
}


class _Place(NamedTuple):
    """One place of a number: the signs it may hold, the part it belongs to (empty: none), whether it repeats."""

    signs: frozenset[str]
    part: str = ""
    repeats: bool = False


class Match(NamedTuple):
    """How far a number follows a template: its parts so far, and where it leaves it (1 is the first sign), 0 if nowhere."""

    parts: tuple[tuple[str, str], ...]
    leaves_at: int
    sign: str
    begun: bool
    """Whether the signs before the first part are there: then this is the pattern that was meant."""


class Template:
    """A template that was understood. Raises ``Refused`` over ``template`` with what to mend."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._places = list(_places(text))
        if not any(place.part for place in self._places):
            raise _refused(_("样式里至少要有一个部分，如 {序号:9999}。"))
        for place, after in zip(self._places, self._places[1:], strict=False):
            if place.repeats and place.signs & after.signs:
                raise _refused(_("“%(part)s”可以重复，后面要接一个它自己没有的字，如“-”。") % {"part": place.part})
        self._fixed = next(at for at, place in enumerate(self._places) if place.part)

    def match(self, number: str) -> Match:
        """Follow the template along a number, sign by sign."""
        signs = tidy(number).replace(" ", "")
        parts: dict[str, str] = {}
        at, place_at = 0, 0
        while place_at < len(self._places):
            place = self._places[place_at]
            start = at
            while at < len(signs) and signs[at] in place.signs and (at == start or place.repeats):
                at += 1
            if at == start:
                return Match(tuple(parts.items()), at + 1, signs[at : at + 1], place_at >= self._fixed > 0)
            if place.part:
                parts[place.part] = parts.get(place.part, "") + signs[start:at]
            place_at += 1
        return Match(tuple(parts.items()), at + 1 if at < len(signs) else 0, signs[at : at + 1], self._fixed > 0)


def _places(text: str) -> Iterator[_Place]:
    if len(text) > LONGEST:
        raise _refused(_("样式最长 %(signs)s 个字。") % {"signs": LONGEST})
    names: set[str] = set()
    outside, *pieces = text.split("{")
    yield from _literal(outside)
    for piece in pieces:
        inside, brace, outside = piece.partition("}")
        name, colon, signs = (word.strip() for word in inside.replace("：", ":").partition(":"))
        if not (brace and colon and name and name not in names):
            raise _refused(_("每个部分写成 {名称:样子}，名称各不相同，如 {序号:9999}。"))
        names.add(name)
        yield from _part(name, signs)
        yield from _literal(outside)


def _part(name: str, signs: str) -> Iterator[_Place]:
    once = signs.removesuffix("+")
    if not once or set(once) - set(_CLASSES):
        raise _refused(_("“%(part)s”的样子只用 9（数字）、A（字母）、X（都可以），最后可以加 +。") % {"part": name})
    for sign in once[:-1]:
        yield _Place(_CLASSES[sign], name)
    yield _Place(_CLASSES[once[-1]], name, repeats=signs.endswith("+"))


def _literal(text: str) -> Iterator[_Place]:
    if "}" in text:
        raise _refused(_("花括号要成对。"))
    for sign in tidy(text).replace(" ", ""):
        yield _Place(frozenset(sign))


def _refused(sentence: str) -> Refused:
    return Refused(sentence, field="template")
