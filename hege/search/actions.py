"""The index is told what to find, by the action that writes it and in its transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db import models

from hege.kernel import bulk
from hege.kernel.database import atomic
from hege.kernel.prepared import change
from hege.kernel.seal import known_as
from hege.people.models import Street
from hege.search.models import Entry, found_models, said_of
from hege.search.queries import wrong_rows
from hege.search.rules import Found, mark, tags, written

AT_ONCE = 500


COLUMNS = ["street_id", "thing", "about_id", "text", "grams"]


def index_rows(rows: Iterable[models.Model]) -> None:
    """Let rows of one model and street be found by what they say now (``found_by``); of one row a statement, or two."""
    some = list(rows)
    if not some:
        return
    street: int = getattr(some[0], "street_id")  # noqa: B009  # every row that is found has one
    thing = known_as(type(some[0]))
    marks = [mark(street, thing)]
    if len(some) > 1:
        _index(street, thing, {row.pk: written(said_of(row), marks) for row in some})
        return
    text, pairs = written(said_of(some[0]), marks)
    if not bulk.insert_new(Entry, COLUMNS, [street, thing, some[0].pk, text, pairs]):
        change(Entry, {"text": text, "grams": pairs}, street_id=street, thing=thing, about_id=some[0].pk)


def index_things(street: Street, thing: str, rows: Mapping[int, Found]) -> None:
    """Put things of one sort into the index, by their ids; those that stand there are found by their new words."""
    _index(
        street.pk, thing, {pk: written(found.text, tags(street.pk, thing, found.tags)) for pk, found in rows.items()}
    )


def _index(street: int, thing: str, rows: Mapping[int, tuple[str, str]]) -> None:
    ids = list(rows)
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        standing = {e.about_id: e for e in Entry.objects.filter(street=street, thing=thing, about_id__in=some)}
        for about_id, entry in standing.items():
            entry.text, entry.grams = rows[about_id]
        if standing:
            Entry.objects.bulk_update(standing.values(), ["text", "grams"])
        bulk.append(Entry, COLUMNS, ([street, thing, i, *rows[i]] for i in some if i not in standing))


def forget_things(street: Street, thing: str, ids: Iterable[int]) -> None:
    """Take things out of the index: they are found no more."""
    Entry.objects.filter(street=street, thing=thing, about_id__in=list(ids)).delete()


@atomic
def put_right(street: Street) -> int:
    """Make the index anew where it is not what the rows of a street say: after an older release, or a fault. How many it was."""
    count = 0
    for model in found_models():
        thing = known_as(model)
        for wrong in wrong_rows(street, model):
            _index(street.pk, thing, {pk: entry for pk, entry in wrong.items() if entry is not None})
            forget_things(street, thing, [pk for pk, entry in wrong.items() if entry is None])
            count += len(wrong)
    return count
