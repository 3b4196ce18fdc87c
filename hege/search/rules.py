"""From words to what is sought: what two spellings of one text share, and its characters and pairs of characters."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable
from itertools import pairwise
from typing import NamedTuple

MOST = 50  # of a search's answers, newest first; who wants others says more words
LONGEST_WORDS = 60
LONGEST_TEXT = 4_000


class Found(NamedTuple):
    """What one thing is found by: its words, and marks that a search may narrow by."""

    text: str
    tags: Collection[str] = ()


def fold_text(text: str) -> str:
    """A text as it is sought: width and case do not count, and whatever is no letter and no digit is one blank."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return " ".join("".join(sign if sign.isalnum() else " " for sign in plain).split())


def grams(text: str) -> str:
    """Each character and each pair of neighbours of a text, once, in one string with blanks between."""
    found = set[str]()
    for run in fold_text(text[:LONGEST_TEXT]).split():
        found |= {*run, *map("".join, pairwise(run))}
    return " ".join(sorted(found))


def needles(words: str) -> list[str]:
    """What all the words of a search are found by: their pairs; where no word has one, their only characters."""
    runs = fold_text(words[:LONGEST_WORDS]).split()
    return sorted({"".join(pair) for run in runs for pair in pairwise(run)} or set(runs))


def tags(street: int, thing: str, more: Iterable[str] = ()) -> list[str]:
    """Marks beside the pairs, longer than any pair: the street, the sort of thing, and what else a search narrows by."""
    return [f"street_{street}", f"thing_{thing.replace('.', '_')}".lower(), *(f"tag_{tag}".lower() for tag in more)]


def mark(street: int, thing: str) -> str:
    """The one mark of rows that nothing narrows: their street and sort."""
    return f"row_{street}_{thing.replace('.', '_')}".lower()


def written(text: str, marks: Iterable[str]) -> tuple[str, str]:
    """What the index keeps of a thing: its folded text, and its characters, pairs and marks."""
    return fold_text(text[:LONGEST_TEXT]), " ".join([grams(text), *marks])
