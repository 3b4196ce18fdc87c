"""How an answer about a number looks and is said, on every page that says one. Blue, never green: a fit proves little."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import ngettext

from hege.honours.numbers import sentences
from hege.honours.numbers.rules import Answer, Reason, Verdict, answer_of

#: Tone and icon of a mark; the worst answer first.
LOOKS: Mapping[Answer, tuple[str, str]] = {
    Answer.DOES_NOT_FIT: ("red", "x"),
    Answer.CANNOT_JUDGE: ("", "circle-dashed"),
    Answer.FITS: ("water", "check"),
}


def look_on_a_phone(answer: Answer) -> tuple[str, str]:
    """The style and icon of an answer on a page for everybody."""
    tone, icon = LOOKS[answer]
    return f"is-{tone or 'open'}", icon


def numbers_said(answer: Answer, n: int) -> str:
    """What was found of some numbers."""
    if answer is Answer.FITS:
        return ngettext("%(n)s 个号码写法对得上", "%(n)s 个号码写法对得上", n) % {"n": n}
    if answer is Answer.DOES_NOT_FIT:
        return ngettext("%(n)s 个号码写法对不上", "%(n)s 个号码写法对不上", n) % {"n": n}
    return ngettext("%(n)s 个号码判断不了", "%(n)s 个号码判断不了", n) % {"n": n}


def parts_in_words(verdict: Verdict) -> list[tuple[str, str, str]]:
    """Each part of a number as it stands there, what it means, and how that looks where it does not fit."""
    return [
        (
            part.text,
            sentences.means(part),
            "" if part.reason is Reason.FITS else look_on_a_phone(answer_of(part.reason))[0],
        )
        for part in verdict.parts
    ]
