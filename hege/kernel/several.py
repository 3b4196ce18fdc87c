"""Sentences that count (复数): Chinese has one form of them, English has one for one and another for more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import ngettext_lazy

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


def several(text: str, by: str = "n") -> _StrPromise:
    """A text whose form hangs on the number that ``% {…}`` puts into it by the name ``by``: ``%(n)s 户``."""
    return ngettext_lazy(text, text, by)
