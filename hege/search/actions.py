"""The index is told what to find, by the action that writes it and in its transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from hege.kernel import bulk
from hege.people.models import Street
from hege.search.models import Entry
from hege.search.rules import LONGEST_TEXT, fold_text, grams, tags

AT_ONCE = 500


class Found(NamedTuple):
    """What one thing is found by: its words, and marks that a search may narrow by."""

    text: str
    tags: Collection[str] = ()


def index_things(street: Street, thing: str, rows: Mapping[int, Found]) -> None:
    """Put things of one sort into the index, by their ids; those that stand there are found by their new words."""
    ids = list(rows)
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        standing = {e.about_id: e for e in Entry.objects.filter(street=street, thing=thing, about_id__in=some)}
        for about_id, entry in standing.items():
            entry.text, entry.grams = _written(street, thing, rows[about_id])
        if standing:
            Entry.objects.bulk_update(standing.values(), ["text", "grams"])
        new = ([street.pk, thing, i, *_written(street, thing, rows[i])] for i in some if i not in standing)
        bulk.append(Entry, ["street_id", "thing", "about_id", "text", "grams"], new)


def forget_things(street: Street, thing: str, ids: Iterable[int]) -> None:
    """Take things out of the index: they are found no more."""
    Entry.objects.filter(street=street, thing=thing, about_id__in=list(ids)).delete()


def _written(street: Street, thing: str, found: Found) -> tuple[str, str]:
    return fold_text(found.text[:LONGEST_TEXT]), " ".join([grams(found.text), *tags(street.pk, thing, found.tags)])
