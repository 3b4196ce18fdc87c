"""What is found by words: ids of one sort of thing in one street, newest first."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from django.db import models
from django.db.models import BigIntegerField, Expression

from hege.kernel.database import connection
from hege.kernel.grouped import grouped
from hege.kernel.seal import known_as
from hege.people.models import Street
from hege.search.models import Entry, found_models, said_by
from hege.search.rules import LONGEST_WORDS, MOST, fold_text, mark, needles, tags, written

CHUNK = 2000
SOME = 20  # faults of one kind that are named

_SQLITE = (
    "SELECT entry.about_id FROM search_grams JOIN search_entry entry ON entry.id = search_grams.rowid "
    "WHERE search_grams MATCH %s AND {likes} ORDER BY search_grams.rowid DESC LIMIT %s"
)
_POSTGRESQL = (
    "SELECT about_id FROM search_entry entry WHERE string_to_array(grams, ' ') @> %s::text[] AND {likes} "
    "ORDER BY id DESC LIMIT %s"
)

#: All of a sort, for a list that divides them by itself.
_ALL = {
    "sqlite": (
        "SELECT entry.about_id FROM search_grams JOIN search_entry entry ON entry.id = search_grams.rowid "
        "WHERE search_grams MATCH %s AND {likes}"
    ),
    "postgresql": "SELECT about_id FROM search_entry entry WHERE string_to_array(grams, ' ') @> %s::text[] AND {likes}",
}
#: Of each sort the newest. What many have is found among the ``NEAR`` newest; what few have, by its pairs; where more than
#: ``FEW`` have it, the rows are gone through from the newest on, for to sort all that the pairs find takes longer.
NEAR, FEW, FAR = 300, 2_000, 20_000
_NEWEST = {
    "sqlite": """
        SELECT thing, about_id FROM (
            SELECT entry.thing, entry.about_id FROM search_grams JOIN search_entry entry ON entry.id = search_grams.rowid
            WHERE search_grams MATCH %s AND {likes} ORDER BY search_grams.rowid DESC LIMIT %s
        )""",
    "postgresql": """
        SELECT sort.thing, found.about_id
        FROM unnest(%s::text[], %s::text[], %s::int[]) AS sort(thing, mark, most)
        CROSS JOIN LATERAL (
            WITH near AS MATERIALIZED (
                SELECT about_id FROM (
                    SELECT about_id, text FROM search_entry WHERE street_id = %s AND thing = sort.thing
                    ORDER BY about_id DESC LIMIT {near}
                ) entry WHERE {likes} LIMIT sort.most
            ), few AS MATERIALIZED (
                SELECT about_id FROM search_entry entry
                WHERE (SELECT count(*) FROM near) < sort.most
                AND string_to_array(grams, ' ') @> (%s::text[] || sort.mark) AND {likes} LIMIT {few}
            ), far AS MATERIALIZED (
                SELECT about_id FROM (
                    SELECT about_id, text FROM search_entry
                    WHERE (SELECT count(*) FROM few) = {few} AND street_id = %s AND thing = sort.thing
                    ORDER BY about_id DESC LIMIT {far}
                ) entry WHERE {likes} LIMIT sort.most
            )
            SELECT about_id FROM near UNION SELECT about_id FROM few UNION SELECT about_id FROM far
            ORDER BY about_id DESC LIMIT sort.most
        ) found""",
}


def find_newest(
    street: Street, words: str, wanted: Mapping[type[models.Model], int]
) -> dict[type[models.Model], list[int]]:
    """Of each model the ids of the newest rows whose text holds every word, so many at most; of a word that thousands have
    and none of the newest, any. Nothing where the words have no letter or digit. One statement."""
    sought, by_name = needles(words), {known_as(model): model for model in wanted}
    if not sought or not wanted:
        return {}
    likes, runs = _likes(words)
    params: list[Any]
    if connection.vendor == "postgresql":
        marks = [mark(street.pk, thing) for thing in by_name]
        sql = _NEWEST["postgresql"].format(likes=likes, near=NEAR, few=FEW, far=FAR)
        params = [[*by_name], marks, [*wanted.values()], street.pk, *runs, sought, *runs, street.pk, *runs]
    else:
        sql = " UNION ALL ".join([_NEWEST["sqlite"].format(likes=likes)] * len(by_name))
        params = []
        for thing, model in by_name.items():
            params += [_match([*sought, mark(street.pk, thing)]), *runs, wanted[model]]
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        found = grouped(cursor.fetchall())
    return {model: found[thing] for thing, model in by_name.items() if thing in found}


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


class _Rows(Expression):
    """The ids of all rows of a model that a search finds."""

    def __init__(self, street: Street, model: type[models.Model], words: str) -> None:
        super().__init__(output_field=BigIntegerField())
        self.asked = street.pk, known_as(model), words

    def as_sql(self, _compiler: Any, _connection: Any) -> tuple[str, tuple[Any, ...]]:
        street, thing, words = self.asked
        sought, (likes, runs) = [*needles(words), mark(street, thing)], _likes(words)
        if connection.vendor == "postgresql":
            return f"({_ALL['postgresql'].format(likes=likes)})", (sought, *runs)
        return f"({_ALL['sqlite'].format(likes=likes)})", (_match(sought), *runs)


def holding(street: Street, model: type[models.Model], words: str) -> Expression | list[int]:
    """The ids of all rows of a model whose text holds every word, for ``filter(pk__in=…)``; none where the words have no
    letter or digit."""
    return _Rows(street, model, words) if needles(words) else []


def _asked(street: Street, thing: str, words: str, narrowed: Collection[str], most: int) -> tuple[str, list[Any]]:
    sought = [*needles(words), *tags(street.pk, thing, narrowed)]
    likes, runs = _likes(words)
    if connection.vendor == "postgresql":
        return _POSTGRESQL.format(likes=likes), [sought, *runs, most]
    return _SQLITE.format(likes=likes), [_match(sought), *runs, most]


def _likes(words: str) -> tuple[str, list[str]]:
    """That a folded text holds each word of a search, and the words."""
    runs = fold_text(words[:LONGEST_WORDS]).split() or [""]
    position = "strpos(entry.text, %s) > 0" if connection.vendor == "postgresql" else "instr(entry.text, %s) > 0"
    return " AND ".join([position if run else "%s = ''" for run in runs]), runs


def _match(sought: Collection[str]) -> str:
    return " ".join(f'"{gram}"' for gram in sought)


# -- what is not as it should be -----------------------------------------------------------------------------------------


def index_faults(street: Street) -> Iterator[str]:
    """What is found by other words than it says, by none, or is no more; ``hege rebuild`` makes it anew."""
    for model in found_models():
        thing, count = known_as(model), 0
        for wrong in wrong_rows(street, model):
            for pk, said in wrong.items():
                count += 1
                if count <= SOME:
                    yield (
                        f"search: {thing} {pk} is found by other words than it says"
                        if said is not None
                        else (f"search: {thing} {pk} is found, and is not there")
                    )


def wrong_rows(street: Street, model: type[models.Model]) -> Iterator[dict[int, tuple[str, str] | None]]:
    """The rows of a model that the index tells otherwise, some at a time: what it should keep of each, None of who is no more."""
    thing, columns, last = known_as(model), getattr(model, "found_by", ()), 0
    marks = [mark(street.pk, thing)]
    rows = model._base_manager.filter(street=street).order_by("pk").values_list("pk", *columns)
    entries = Entry.objects.filter(street=street, thing=thing).order_by("about_id")
    while some := list(rows.filter(pk__gt=last)[:CHUNK]):
        first, last = last, some[-1][0]
        told = entries.filter(about_id__gt=first, about_id__lte=last).values_list("about_id", "text", "grams")
        standing = {pk: (text, pairs) for pk, text, pairs in told}
        said = {pk: written(said_by(values), marks) for pk, *values in some}
        wrong = {pk: entry for pk, entry in said.items() if standing.get(pk) != entry}
        yield wrong | dict.fromkeys(standing.keys() - said.keys())
    while gone := list(entries.filter(about_id__gt=last).values_list("about_id", flat=True)[:CHUNK]):
        last = gone[-1]
        yield dict.fromkeys(gone)
