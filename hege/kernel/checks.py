"""What every package refuses in the same way: a missing word, a move its table does not allow, things of two streets."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Protocol, TypeVar

from django.db.models import Choices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hege.kernel.refused import Refused

S = TypeVar("S", bound=Choices)


NO_WORDS = _("请写明情况或理由。")


class OfStreet(Protocol):
    """Anything that belongs to a street."""

    street_id: int


def check_words(text: str, missing: str | Promise = NO_WORDS, *, field: str = "reason") -> str:
    """The words somebody gave, without blanks around them; refused with the sentence ``missing`` where there are none."""
    said = text.strip()
    if not said:
        raise Refused(missing, field=field)
    return said


#: Signs that turn the direction of what follows, or have no width.
_TURNING = frozenset("\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff")


def check_line(text: str, missing: str | Promise = "", *, name: str, most: int) -> str:
    """One line of words, without blanks around it: no signs that hide or turn others. ``missing`` where it may not be empty."""
    said = " ".join(text.split())
    if missing:
        check_words(said, missing, field=name)
    if len(said) > most:
        raise Refused(_("最多 %(most)d 个字，这里有 %(n)d 个。"), most=most, n=len(said), field=name)
    if any(not sign.isprintable() or sign in _TURNING for sign in said):
        raise Refused(_("里面有看不见的控制符，请改成纯文字。"), field=name)
    return said


NOT_ALLOWED = _("现在是“%(state)s”，不能变为“%(to)s”。")


def check_move(state: S, to: S, table: Mapping[S, Set[S]], sentence: str | Promise = NOT_ALLOWED) -> None:
    """Refuse a move that the table does not allow, in a sentence that may name ``state`` and ``to``."""
    if to not in table[state]:
        raise Refused(str(sentence), state=state.label, to=to.label)


def check_another(*, by: int | None, first: int | None, sentence: str | Promise) -> None:
    """Refuse, in a sentence, that who did the first half of what takes two people does the second, too (四眼).

    Both are keys of users; the system (None) is nobody who could agree with themselves.
    """
    if by is not None and by == first:
        raise Refused(str(sentence))


def check_same_street(street_id: int, *things: OfStreet | None) -> None:
    """Things of two streets in one action are a bug or an attack, never a form error: ``ValueError``."""
    if any(thing is not None and thing.street_id != street_id for thing in things):
        raise ValueError("a thing of another street")
