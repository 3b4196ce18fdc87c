"""Sentences of ours that are kept (造句): what the catalogue knows one by and what it tells of; put into words when read.

So an English page reads in English what a Chinese one reads in Chinese, whichever language was on when it happened.
What people wrote is no saying: it is kept and shown as they wrote it.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext, override


class Saying:
    """A text of the catalogue and what stands in its places: words of people, numbers, days, labels, lists, sayings."""

    def __init__(self, words: Promise, **of: Any) -> None:
        self.words, self.of = words, of

    def kept(self) -> dict[str, Any]:
        """As JSON keeps it."""
        with override(None):  # a text no language is asked for is what the catalogue knows it by
            words = str(self.words)
        return {"say": words, "of": {name: _kept(value) for name, value in self.of.items()}}


#: A text whose places are filled in plainly: a width somebody wrote into it would be memory.
_OURS = re.compile(r"(?:[^%]|%%|%\([a-z0-9_]+\)[sd])+", re.DOTALL)
#: How a sentence begins in a column of text.
_WRITTEN = '{"say":'
#: What stands on a line: a string is what a person wrote, anything else ours.
Words = str | Promise | Saying


def kept(words: Words) -> dict[str, Any] | None:
    """What is kept of a sentence of ours; ``None`` for what a person wrote."""
    if isinstance(words, Promise):
        words = Saying(words)
    return words.kept() if isinstance(words, Saying) else None


def sentence(said: Mapping[str, Any], spell: Callable[[dt.date], str] = str) -> str:
    """What was kept, in the language that is on; ``spell`` writes its days."""
    words = said["say"]
    if not _OURS.fullmatch(words):
        raise ValueError("no sentence of ours has places like these")
    of = {name: _spoken(value, spell) for name, value in said["of"].items()}
    return gettext(words) % of if of else gettext(words)


def written(words: Promise | Saying) -> str:
    """A sentence of ours for a column of text, where mostly people write; ``told`` reads both."""
    return json.dumps(kept(words), ensure_ascii=False, separators=(",", ":"))


def told(text: str, spell: Callable[[dt.date], str] = str) -> str:
    """What such a column says: a sentence of ours in the language that is on, a person's words as they are.

    Somebody may write what looks like a sentence of ours: what cannot be read as one is theirs.
    """
    if not text.startswith(_WRITTEN):
        return text
    try:
        return sentence(json.loads(text), spell)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return text


def _kept(value: Any) -> Any:
    if isinstance(value, Saying | Promise):
        return kept(value)
    if isinstance(value, dt.date):
        return {"at" if isinstance(value, dt.datetime) else "on": value.isoformat()}
    return [_kept(one) for one in value] if isinstance(value, list) else value


def _spoken(value: Any, spell: Callable[[dt.date], str]) -> Any:
    if isinstance(value, list):
        return gettext("、").join(str(_spoken(one, spell)) for one in value)
    if not isinstance(value, dict):
        return value
    if "on" in value:
        return spell(dt.date.fromisoformat(value["on"]))
    return spell(dt.datetime.fromisoformat(value["at"])) if "at" in value else sentence(value, spell)
