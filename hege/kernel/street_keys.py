"""Keys between tables of streets carry the street (键带街道): the database itself refuses a row that points into another street.

Which keys those are is told by the list of models, as seals are: every model with a ``street`` is of a street, and its key to
another such model says ``(street, key) -> (street, id)``. ``hege migrate`` puts them up after its steps (``carry``), so that no
migration has to name them, and lays the triggers of SQLite aside before its steps: no table that they speak of can be made anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, groupby
from operator import attrgetter
from typing import Any

from django.apps import apps
from django.db import IntegrityError
from django.db.models import ForeignKey
from django.db.transaction import atomic

STREET, ID = "street_id", "id"
#: PostgreSQL's keys of one schema: name, table, columns, parent, its columns, and whether every row was looked at.
KEYS = """
SELECT con.conname, child.relname, con.convalidated, parent.relname,
    ARRAY(SELECT attname FROM unnest(conkey) WITH ORDINALITY AS k (n, i)
        JOIN pg_attribute ON attrelid = conrelid AND attnum = n ORDER BY i)::text[],
    ARRAY(SELECT attname FROM unnest(confkey) WITH ORDINALITY AS k (n, i)
        JOIN pg_attribute ON attrelid = confrelid AND attnum = n ORDER BY i)::text[]
FROM pg_constraint AS con JOIN pg_class AS child ON child.oid = conrelid JOIN pg_class AS parent ON parent.oid = confrelid
WHERE contype = 'f' AND connamespace = current_schema()::regnamespace
"""
#: Its indexes over the street, alone or with the key, that are neither of some rows only nor half made.
INDEXES = """
SELECT own.relname, index.relname, indisunique, indnkeyatts = 2
FROM pg_index JOIN pg_class AS own ON own.oid = indrelid JOIN pg_class AS index ON index.oid = indexrelid
WHERE own.relnamespace = current_schema()::regnamespace AND indisvalid AND indpred IS NULL AND indexprs IS NULL
    AND ARRAY(SELECT attname FROM unnest(indkey::int2[]) WITH ORDINALITY AS k (n, i)
        JOIN pg_attribute ON attrelid = indrelid AND attnum = n ORDER BY i)::text[] IN ('{street_id}', '{street_id,id}')
"""
COLUMNS = {
    "sqlite": "SELECT own.name, info.name FROM sqlite_master AS own, pragma_table_info(own.name) AS info WHERE own.type = 'table'",
    "postgresql": "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema()",
}


@dataclass(frozen=True, order=True)
class StreetKey:
    """A column of one street's table that points to a row of another table of streets, or of the same."""

    table: str
    column: str
    parent: str

    @property
    def name(self) -> str:
        """What PostgreSQL knows it by."""
        return f"{self.table}_{self.column}_same_street"


@dataclass(frozen=True)
class Astray:
    """A row that points into another street: keys and streets as the database has them."""

    key: StreetKey
    row: int
    street: int
    parent_row: int
    parent_street: int


def street_keys() -> list[StreetKey]:
    """Every key between tables of streets, as the models have them."""
    of_streets = [model for model in apps.get_models() if any(f.name == "street" for f in model._meta.concrete_fields)]
    tables = {model: model._meta.db_table for model in of_streets}
    return sorted(
        StreetKey(tables[model], field.column, tables[field.related_model])
        for model in of_streets
        for field in model._meta.concrete_fields
        if isinstance(field, ForeignKey) and field.related_model in tables
    )


def lay_aside(connection: Any) -> None:
    """Take the triggers of SQLite away: a table that one of them speaks of cannot be made anew."""
    if connection.vendor == "sqlite":
        with atomic(connection.alias), connection.cursor() as cursor:
            for name in _triggers(cursor):
                cursor.execute(f"DROP TRIGGER {name}")


def missing(connection: Any) -> list[StreetKey]:
    """The keys that the database does not hold, or of which it has not looked at every row."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            there = _triggers(cursor)
            wanted = _wanted_triggers(street_keys())
            bare = {table for table, made in wanted.items() if not made.items() <= there.items()}
            return [key for key in street_keys() if {key.table, key.parent} & bare]
        held = {key for key, (_name, looked_at) in _held(cursor).items() if looked_at}
        return [key for key in street_keys() if key not in held]


def carry(connection: Any) -> list[Astray]:
    """Put up every key that is not there yet, while others work. Answers rows that are astray; their keys stay ``missing``.

    Of a database that is not brought up to date, those whose tables are there.
    """
    with connection.cursor() as cursor:
        keys = _known(connection, cursor)
        return list((_carry_sqlite if connection.vendor == "sqlite" else _carry_postgresql)(connection, cursor, keys))


def _known(connection: Any, cursor: Any) -> list[StreetKey]:
    cursor.execute(COLUMNS[connection.vendor])
    there = set(cursor.fetchall())

    def has(table: str, column: str) -> bool:
        return {(table, STREET), (table, column)} <= there

    return [key for key in street_keys() if has(key.table, key.column) and has(key.parent, ID)]


def _astray(cursor: Any, key: StreetKey) -> Iterator[Astray]:
    """The first few rows whose street is not that of the row they point to."""
    cursor.execute(
        f"SELECT child.id, child.street_id, parent.id, parent.street_id FROM {key.table} AS child"
        f" JOIN {key.parent} AS parent ON parent.id = child.{key.column} AND parent.street_id <> child.street_id"
        " ORDER BY child.id LIMIT 3"
    )
    for row in cursor.fetchall():
        yield Astray(key, *row)


# -- PostgreSQL: the key itself ------------------------------------------------------------------------------------------


def _held(cursor: Any) -> dict[StreetKey, tuple[str, bool]]:
    """The keys with the street that are there: name, and whether every row was looked at."""
    cursor.execute(KEYS)
    return {
        StreetKey(table, columns[1], parent): (name, looked_at)
        for name, table, looked_at, parent, columns, theirs in cursor.fetchall()
        if len(columns) == 2 and columns[0] == STREET and theirs == [STREET, ID]
    }


def _carry_postgresql(connection: Any, cursor: Any, keys: list[StreetKey]) -> Iterator[Astray]:
    """First said, for rows to come, then looked through; each a transaction of its own that nobody waits for long.

    Django's key of the one column says nothing more then, and its index of the street nothing that the parent's does not.
    """
    _index_parents(connection, cursor, sorted({key.parent for key in keys}))
    held = _held(cursor)
    for table, news in groupby((key for key in keys if key not in held), attrgetter("table")):
        said = [
            f"DROP CONSTRAINT IF EXISTS {key.name}, ADD CONSTRAINT {key.name} FOREIGN KEY ({STREET}, {key.column})"
            f" REFERENCES {key.parent} ({STREET}, {ID}) DEFERRABLE INITIALLY DEFERRED NOT VALID"
            for key in news
        ]
        cursor.execute(f"ALTER TABLE {table} {', '.join(said)}")
    for key, (name, looked_at) in sorted(_held(cursor).items()):
        if not looked_at and key in keys:
            try:
                with atomic(connection.alias):
                    cursor.execute(f"ALTER TABLE {key.table} VALIDATE CONSTRAINT {name}")
            except IntegrityError:
                found = list(_astray(cursor, key))
                if not found:  # it points nowhere
                    raise
                yield from found
    _drop_what_says_no_more(cursor)


def _index_parents(connection: Any, cursor: Any, parents: Iterable[str]) -> None:
    """UNIQUE (street, id) of each parent, made beside the work; begun again where it was broken off before."""
    cursor.execute(INDEXES)
    found = cursor.fetchall()
    unique = {table for table, _name, is_unique, both in found if is_unique and both}
    beside = "" if connection.in_atomic_block else " CONCURRENTLY"
    for table in parents:
        if table not in unique:
            cursor.execute(f"DROP INDEX{beside} IF EXISTS {table}_of_street")
            cursor.execute(f"CREATE UNIQUE INDEX{beside} {table}_of_street ON {table} ({STREET}, {ID})")
        for own, name, is_unique, both in found:
            if own == table and not is_unique and not both:
                cursor.execute(f"DROP INDEX{beside} {name}")


def _drop_what_says_no_more(cursor: Any) -> None:
    proven = {(key.table, key.column) for key, (_name, looked_at) in _held(cursor).items() if looked_at}
    cursor.execute(KEYS)
    for name, table, _looked_at, _parent, columns, _theirs in cursor.fetchall():
        if len(columns) == 1 and (table, columns[0]) in proven:
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")


# -- SQLite: a trigger of each table -------------------------------------------------------------------------------------


def _triggers(cursor: Any) -> dict[str, str]:
    """Those of ours that are there, by name."""
    cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%same_street%'")
    return dict(cursor.fetchall())


def _wanted_triggers(keys: list[StreetKey]) -> dict[str, dict[str, str]]:
    """For each table its triggers, by name: one when a row comes, and one when a key or the street is changed.

    A row that others may point to stays in its street. A key has to find its row at once, also one that is deferred.
    """
    parents = {key.parent for key in keys}
    wanted: dict[str, dict[str, str]] = {}
    for table in sorted(parents | {key.table for key in keys}):
        own = [key for key in keys if key.table == table]
        asks = "".join(
            f" SELECT RAISE(ABORT, 'of another street: {table}.{key.column}') WHERE NEW.{key.column} IS NOT NULL AND NOT EXISTS"
            f" (SELECT 1 FROM {key.parent} WHERE {ID} = NEW.{key.column} AND {STREET} = NEW.{STREET});"
            for key in own
        )
        stays = f" SELECT RAISE(ABORT, 'to another street: {table}') WHERE NEW.{STREET} IS NOT OLD.{STREET};"
        columns = [STREET, *(key.column for key in own)]
        changed = " OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in columns)
        insert, update = f"{table}_same_street_insert", f"{table}_same_street_update"
        wanted[table] = {
            update: f"CREATE TRIGGER {update} AFTER UPDATE OF {', '.join(columns)} ON {table} WHEN {changed}"
            f" BEGIN{stays if table in parents else ''}{asks} END"
        }
        if own:
            wanted[table][insert] = f"CREATE TRIGGER {insert} AFTER INSERT ON {table} BEGIN{asks} END"
    return wanted


def _carry_sqlite(connection: Any, cursor: Any, keys: list[StreetKey]) -> Iterator[Astray]:
    """Of a table whose rows are all in their street; one where some are not is asked for again by the next ``hege migrate``."""
    there = _triggers(cursor)
    bare = {table: made for table, made in _wanted_triggers(keys).items() if not made.items() <= there.items()}
    found = {table: [astray for key in keys if key.table == table for astray in _astray(cursor, key)] for table in bare}
    with atomic(connection.alias):
        for name, sql in chain.from_iterable(bare[table].items() for table in bare if not found[table]):
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
            cursor.execute(sql)
    yield from chain.from_iterable(found.values())
