"""Many rows at once: COPY on PostgreSQL, many rows a statement on SQLite. Ids are reserved first, so rows can point at each other."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

from django.db import models

from hege.kernel import seal, written
from hege.kernel.database import connection, here
from hege.kernel.prepared import changed

MOST_VALUES = 999  # of a statement on SQLite


def reserve_ids(model: type[models.Model], count: int) -> list[int]:
    """``count`` fresh primary keys of a model's table. Must run inside the transaction that uses them."""
    if count == 0:
        return []
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, count]
            )
            return [row[0] for row in cursor.fetchall()]
        cursor.execute(
            f"SELECT MAX(COALESCE((SELECT seq FROM sqlite_sequence WHERE name = %s), 0), "
            f"COALESCE((SELECT MAX(id) FROM {table}), 0))",
            [table],
        )
        last = cursor.fetchone()[0]
        return list(range(last + 1, last + 1 + count))


def append(
    model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]], *, sealed_by: str = ""
) -> int:
    """Insert rows of plain values in the order of ``columns`` (field names; ``x_id`` for a key). Returns how many; of none the
    database hears nothing.

    Skips ``save`` and its checks: for append-only tables whose action has asked the rules already. The next line of
    the trail seals them, unless ``sealed_by`` or the model names what does.
    """
    if not (sealed_by or getattr(model, "sealed_by", "") or getattr(model, "unwatched", "")):
        rows = list(rows)
        _note(model, columns, rows)
    fields = [model._meta.get_field(name) for name in columns]
    names = [field.column for field in fields if isinstance(field, models.Field)]
    adapters = [_adapter(field) for field in fields]
    table, count = model._meta.db_table, 0
    adapt = [(i, a) for i, a in enumerate(adapters) if a is not None]

    def adapted() -> Iterator[list[Any]]:
        nonlocal count
        for row in rows:
            values = list(row)
            for i, change in adapt:
                if values[i] is not None:
                    values[i] = change(values[i])
            count += 1
            yield values

    quoted, todo = ", ".join(f'"{name}"' for name in names), adapted()
    first = next(todo, None)
    if first is None:
        return 0
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # COPY goes past Django's wrapper: without this a double key would not be an IntegrityError.
            with connection.wrap_database_errors, cursor.copy(f'COPY "{table}" ({quoted}) FROM STDIN') as copy:
                for values in chain([first], todo):
                    copy.write_row(values)
        else:
            _insert(cursor, f'INSERT INTO "{table}" ({quoted})', [first, *todo])
    return count


def _insert(cursor: Any, into: str, rows: Sequence[Sequence[Any]], twice: str = "") -> None:
    """Rows into a table of SQLite, many a statement: where a trigger asks, each statement keeps what it changes until it ends."""
    one, many = f"({', '.join(['%s'] * len(rows[0]))})", max(1, MOST_VALUES // len(rows[0]))
    whole = len(rows) - len(rows) % many
    if whole:
        lots = [list(chain.from_iterable(rows[n : n + many])) for n in range(0, whole, many)]
        cursor.executemany(f"{into} VALUES {', '.join([one] * many)} {twice}", lots)
    if rest := list(chain.from_iterable(rows[whole:])):
        cursor.execute(f"{into} VALUES {', '.join([one] * (len(rows) - whole))} {twice}", rest)


def append_instances(rows: Sequence[models.Model]) -> None:
    """``append`` of whole instances of one model, with every default; ids are reserved for all, or are there for all."""
    if not rows:
        return
    model = type(rows[0])
    if rows[0].pk is None:
        for row, pk in zip(rows, reserve_ids(model, len(rows)), strict=True):
            row.pk = pk
    names = [field.attname for field in model._meta.concrete_fields]
    append(model, names, [[getattr(row, name) for name in names] for row in rows])
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


def change_instances(rows: Sequence[models.Model], names: Sequence[str]) -> int:
    """Write some columns of many whole instances of one model, by key. Returns how many rows were changed.

    Django writes a CASE of all keys for each column, which takes it longer than the database. No expressions, no columns of lists.
    """
    if not rows:
        return 0
    model = type(rows[0])
    fields = [field for name in names if isinstance(field := model._meta.get_field(name), models.Field)]
    columns, key = [field.column for field in fields], model._meta.pk
    assert key is not None
    adapters = [_adapter(field) or _as_it_is for field in fields]
    values: list[list[Any]] = [
        [
            None if (said := seal.as_kept(field, getattr(row, field.attname))) is None else adapt(said)
            for field, adapt in zip(fields, adapters, strict=True)
        ]
        for row in rows
    ]
    table = model._meta.db_table
    if connection.vendor == "postgresql":
        lists = ", ".join(f"%s::{field.cast_db_type(connection)}[]" for field in (key, *fields))
        sets = ", ".join(f'"{name}" = moved."{name}"' for name in columns)
        given = ", ".join(f'"{name}"' for name in (key.column, *columns))
        by_column = [_list(column) for column in zip(*values, strict=True)]
        return changed(
            f'UPDATE "{table}" SET {sets} FROM unnest({lists}) AS moved ({given}) '
            f'WHERE "{table}"."{key.column}" = moved."{key.column}"',
            [_list([row.pk for row in rows]), *by_column],
        )
    sets = ", ".join(f'"{name}" = %s' for name in columns)
    with connection.cursor() as cursor:
        cursor.executemany(
            f'UPDATE "{table}" SET {sets} WHERE "{key.column}" = %s',
            [[*some, row.pk] for some, row in zip(values, rows, strict=True)],
        )
        return int(cursor.rowcount)


def add_up(model: type[models.Model], keys: Sequence[str], sums: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Add whole numbers to the rows with these keys; one that is not there begins with them. For projections: no trail, no checks.

    ``rows`` say keys and numbers in that order, each key once, in one order for all who add: their rows stay locked.
    """
    if not rows:
        return
    found = [model._meta.get_field(name) for name in (*keys, *sums)]
    fields = [field for field in found if isinstance(field, models.Field)]
    table, columns = model._meta.db_table, [field.column for field in fields]
    names, unique = (", ".join(f'"{name}"' for name in some) for some in (columns, columns[: len(keys)]))
    added = ", ".join(f'"{name}" = "{table}"."{name}" + excluded."{name}"' for name in columns[len(keys) :])
    into, twice = f'INSERT INTO "{table}" ({names})', f"ON CONFLICT ({unique}) DO UPDATE SET {added}"
    if connection.vendor == "postgresql":
        lists = ", ".join(f"%s::{field.cast_db_type(connection)}[]" for field in fields)
        changed(f"{into} SELECT * FROM unnest({lists}) {twice}", [_list(column) for column in zip(*rows, strict=True)])
        return
    adapters = [_adapter(field) or _as_it_is for field in fields]
    adapted = [[adapt(value) for adapt, value in zip(adapters, row, strict=True)] for row in rows]
    with connection.cursor() as cursor:
        _insert(cursor, into, adapted, twice)


def left_over(parts: Sequence[models.QuerySet[Any, Any]], *, keys: int, most: int) -> list[tuple[Any, ...]]:
    """By which ``keys``, the first columns of each row, the rows of all parts do not add up to nothing in each of the other columns;
    ``most`` of them, in their order. One statement: for a projection held against what it was made of."""
    drawn = [part.query.get_compiler(here.get()).as_sql() for part in parts]
    width = len(parts[0].query.values_select) + len(parts[0].query.annotation_select)
    names = [f"c{n}" for n in range(width)]
    by, left = ", ".join(names[:keys]), " OR ".join(f"SUM({name}) <> 0" for name in names[keys:])
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH moved ({', '.join(names)}) AS ({' UNION ALL '.join(sql for sql, _params in drawn)}) "
            f"SELECT {by} FROM moved GROUP BY {by} HAVING {left} ORDER BY {by} LIMIT %s",
            [*chain.from_iterable(params for _sql, params in drawn), most],
        )
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def _list(column: Sequence[Any]) -> Any:
    """A list for PostgreSQL; one of whole numbers as it writes them itself, for which the driver takes ten times as long."""
    if all(type(value) is int for value in column):
        return f"{{{','.join(map(str, column))}}}"
    return list(column)


def _as_it_is(value: Any) -> Any:
    return value


def insert_new(model: type[models.Model], columns: Sequence[str], row: Sequence[Any]) -> bool:
    """Insert one row unless one with its key is there; whether it was inserted. For tables the trail does not follow.

    Waits for another transaction that is inserting the same key.
    """
    sql, adapters = _insert_new(model, tuple(columns))
    adapted = [value if adapt is None else adapt(value) for adapt, value in zip(adapters, row, strict=True)]
    return bool(changed(sql, adapted))


@lru_cache
def _insert_new(model: type[models.Model], columns: tuple[str, ...]) -> tuple[str, list[Callable[[Any], Any] | None]]:
    names, marks = ", ".join(f'"{name}"' for name in columns), ", ".join(["%s"] * len(columns))
    sql = f'INSERT INTO "{model._meta.db_table}" ({names}) VALUES ({marks}) ON CONFLICT DO NOTHING'
    return sql, [_adapter(model._meta.get_field(name)) for name in columns]


def _note(model: type[models.Model], columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Tell what is going to be written; a column that is not given has its default, which says nothing."""
    given = {name: place for place, name in enumerate(columns)}
    names = [name for name in seal.columns(model) if name in given]
    if set(seal.columns(model)) - set(names):
        raise ValueError(f"{model.__name__}: every column must be given, the id too, or nobody can seal the rows")
    fields = {f.attname: f for f in model._meta.concrete_fields}
    places, street = [(given[name], fields[name]) for name in names], given.get("street_id")

    def says(row: Sequence[Any]) -> bytes:
        values = [v if type(v := row[i]) in _KEPT_AS_IT_IS else seal.as_kept(field, v) for i, field in places]
        return seal.says(model, values)

    written.note(
        model, {row[given["id"]]: written.Row(None if street is None else row[street], says(row)) for row in rows}
    )


_KEPT_AS_IT_IS = (str, int, bool, dict, list, type(None))


def _adapter(field: Any) -> Callable[[Any], Any] | None:
    """How a value of this field is handed to the driver; None where it goes as it is."""
    if isinstance(field, models.JSONField):
        return json.JSONEncoder(ensure_ascii=False).encode
    if connection.vendor == "postgresql":
        return None
    if isinstance(field, models.DateTimeField):
        return lru_cache(1024)(connection.ops.adapt_datetimefield_value)  # one instant for a whole batch
    if isinstance(field, models.DateField):
        return lru_cache(4096)(connection.ops.adapt_datefield_value)
    if isinstance(field, models.DecimalField):
        return lambda value: connection.ops.adapt_decimalfield_value(value, field.max_digits, field.decimal_places)
    return None
