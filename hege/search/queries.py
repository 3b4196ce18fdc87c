"""What is found by words: ids of one sort of thing in one street, newest first."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import connection
from django.db.models import BigIntegerField, Expression

from hege.people.models import Street
from hege.search.rules import LONGEST_WORDS, MOST, fold_text, needles, tags

_SQLITE = (
    "SELECT entry.about_id FROM search_grams JOIN search_entry entry ON entry.id = search_grams.rowid "
    "WHERE search_grams MATCH %s AND {likes} ORDER BY search_grams.rowid DESC LIMIT %s"
)
_POSTGRESQL = (
    "SELECT about_id FROM search_entry entry WHERE string_to_array(grams, ' ') @> %s::text[] AND {likes} "
    "ORDER BY id DESC LIMIT %s"
)


def find_things(
    street: Street, thing: str, words: str, *, narrowed: Collection[str] = (), most: int = MOST
) -> list[int]:
    """Ids of the newest ``most`` things whose text holds every word of ``words``; with no letter or digit in it, all.

    ``narrowed`` are marks that each must have. One statement; the pairs narrow, the folded text has the last word.
    """
    with connection.cursor() as cursor:
        cursor.execute(*_asked(street, thing, words, narrowed, most))
        return [about_id for (about_id,) in cursor.fetchall()]


class FoundThings(Expression):
    """The same ids to stand within another query: ``filter(pk__in=FoundThings(…))``."""

    def __init__(
        self, street: Street, thing: str, words: str, *, narrowed: Collection[str] = (), most: int = MOST
    ) -> None:
        super().__init__(output_field=BigIntegerField())
        self.asked = _asked(street, thing, words, narrowed, most)

    def as_sql(self, _compiler: Any, _connection: Any) -> tuple[str, tuple[Any, ...]]:
        sql, params = self.asked
        return f"({sql})", tuple(params)


def _asked(street: Street, thing: str, words: str, narrowed: Collection[str], most: int) -> tuple[str, list[Any]]:
    sought = [*needles(words), *tags(street.pk, thing, narrowed)]
    runs = fold_text(words[:LONGEST_WORDS]).split() or [""]
    position = "strpos(entry.text, %s) > 0" if connection.vendor == "postgresql" else "instr(entry.text, %s) > 0"
    likes = " AND ".join([position if run else "%s = ''" for run in runs])
    if connection.vendor == "postgresql":
        return _POSTGRESQL.format(likes=likes), [sought, *runs, most]
    match = " ".join(f'"{gram}"' for gram in sought)
    return _SQLITE.format(likes=likes), [match, *runs, most]
