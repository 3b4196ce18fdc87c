"""Statements that requests send again and again, drawn once: Django draws each query anew, and PostgreSQL plans it anew, which
takes both ten times as long as to answer it.

    @prepared
    def _till(hashes: Sequence[str], street_code: str) -> QuerySet[Till]:
        return Till.objects.filter(token_hash__in=hashes, street__code=street_code)[:1]

    found = next(iter(_till(list(kept_as(token)), street_code)), None)

The function is called once in a process and hands out a query over places; what it is asked with fills them. Rows are made by
Django as of any other query. On PostgreSQL each connection prepares the statement (``hege.kernel.postgresql``).
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache, partial, wraps
from typing import Any, ParamSpec, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import models
from django.db.models.expressions import Expression
from django.db.transaction import TransactionManagementError

from hege.kernel.database import asked

P = ParamSpec("P")
Row = TypeVar("Row")

#: The longest list for which a query is drawn: what one page shows.
SHORT = 50
#: Lists are sought for as one of these lengths, the last value told again, so that few queries are drawn and kept.
LENGTHS = (0, 1, 2, 4, 8, 16, 32, SHORT)
#: So many are kept, in a process and on a connection; then those drawn first go.
MOST_DRAWN = 1000
#: What was drawn, by function and the shapes it was asked with; and what a thread asks with now.
_drawn: dict[Any, _Drawn | None] = {}
_asked = threading.local()


class Place(Expression):
    """Stands in a query for a value that is known when it is asked."""

    def __init__(self, place: int) -> None:
        super().__init__()
        self.place = place

    def as_sql(self, _compiler: Any, _connection: Any) -> Any:
        return "%s", [self]


def prepared(rows: Callable[P, models.QuerySet[Any, Row]]) -> Callable[P, list[Row]]:
    """Mark a query that is drawn once in a process; what it takes are values, rows (their keys), short lists of them to
    be found in (``__in``), and models, each a query of its own. With a longer list it is a query as any other.

    It must not look at what it takes, but for what is ``Fixed``. None is refused: SQL has other words for it.
    """

    @wraps(rows)
    def ask(*args: P.args, **kwargs: P.kwargs) -> list[Row]:
        given = [*args, *kwargs.values()]
        if any(isinstance(value, list | tuple) and len(value) > SHORT for value in given):
            return list(rows(*args, **kwargs))
        given = [_of_a_length(value) if isinstance(value, list | tuple) else value for value in given]
        key = (rows, *map(_shape, given), *kwargs)
        if key not in _drawn:
            count = iter(range(1000))
            places = [_places(value, count) for value in given]
            named = dict(zip(kwargs, places[len(args) :], strict=True))
            while len(_drawn) >= MOST_DRAWN:
                _drawn.pop(next(iter(_drawn)), None)
            _drawn[key] = _Drawn.of(rows(*places[: len(args)], **named))
        query = _drawn[key]
        return [] if query is None else query.ask(_flat(given))

    return ask


class Fixed:
    """What a query is drawn by, and may look at (``value``): which parts of the grid, how many rows. Each value of it is a
    query of its own, so there are few of them."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Fixed) and self.value == other.value

    def __hash__(self) -> int:
        return hash(self.value)


#: What is no value of a query but part of it.
AS_IT_IS = (type, Fixed)


def _of_a_length(values: Sequence[Any]) -> Sequence[Any]:
    length = next(one for one in LENGTHS if one >= len(values))
    return [*values, *[values[-1] for _more in range(length - len(values))]]


def _shape(value: Any) -> Any:
    return len(value) if isinstance(value, list | tuple) else value if isinstance(value, AS_IT_IS) else None


def _places(value: Any, count: Iterable[int]) -> Any:
    if isinstance(value, list | tuple):
        return [Place(place) for _one, place in zip(value, count, strict=False)]
    return value if isinstance(value, AS_IT_IS) else Place(next(iter(count)))


def _flat(given: Iterable[Any]) -> list[Any]:
    values: list[Any] = []
    for value in given:
        if isinstance(value, list | tuple):
            values += map(_plain, value)
        elif not isinstance(value, AS_IT_IS):
            values.append(_plain(value))
    return values


def _plain(value: Any) -> Any:
    """A value as the driver takes it in a comparison."""
    if value is None:
        raise TypeError("a prepared query was asked with None")
    if isinstance(value, models.Model):
        return value.pk
    if isinstance(value, dt.datetime):
        return asked().ops.adapt_datetimefield_value(value)
    return asked().ops.adapt_datefield_value(value) if isinstance(value, dt.date) else value


def hang(row: models.Model, name: str, rows: Sequence[models.Model]) -> None:
    """Rows that were read apart, as what a relation of a row holds: as Django leaves what it prefetches."""
    relation: Any = row._meta.get_field(name)
    held = relation.related_model._default_manager.all()
    held._result_cache, held._prefetch_done = list(rows), True
    for one in rows:
        relation.field.set_cached_value(one, row)
    row.__dict__.setdefault("_prefetched_objects_cache", {})[relation.cache_name] = held


class _Drawn:
    """A query with its SQL; for Django, which makes the rows, its own compiler."""

    @classmethod
    def of(cls, rows: models.QuerySet[Any, Any]) -> _Drawn | None:
        """None of a query that finds nothing whatever it is asked with."""
        try:
            return cls(rows)
        except EmptyResultSet:
            return None

    def __init__(self, rows: models.QuerySet[Any, Any]) -> None:
        compiler: Any = rows.query.get_compiler(rows.db)
        sql, params = compiler.as_sql()
        self.sql, self.params = _with_constants(sql, params)
        self.locks = rows.query.select_for_update
        self.select, self.klass_info, self.annotation_col_map = (
            compiler.select, compiler.klass_info, compiler.annotation_col_map,
        )  # fmt: skip
        converters = compiler.get_converters([one[0] for one in compiler.select[: compiler.col_count]])
        self.convert = partial(compiler.apply_converters, converters=converters) if converters else None
        rows.query.get_compiler = lambda *_args, **_kwargs: self  # type: ignore[method-assign]
        self.rows: Any = rows._iterable_class(rows)

    def ask(self, values: list[Any]) -> list[Any]:
        """The rows that these values find."""
        if self.locks and not asked().in_atomic_block:
            raise TransactionManagementError("rows are locked within a transaction")
        _asked.values = values
        return list(self.rows)

    def execute_sql(self, **_how: Any) -> list[Any]:
        """For Django: the rows as the database hands them out."""
        values = [_asked.values[one.place] if isinstance(one, Place) else one for one in self.params]
        return found(self.sql, values)

    def results_iter(self, results: Any = None, *, tuple_expected: bool = False, **_how: Any) -> Any:
        """For Django: the rows as Python has them."""
        rows = self.execute_sql() if results is None else results
        if self.convert is not None:
            rows = self.convert(rows)
        return map(tuple, rows) if tuple_expected else rows


def _with_constants(sql: str, params: Sequence[Any]) -> tuple[str, list[Any]]:
    """The constants of a query written into it where its plan may hang on them: an index may be of some rows alone."""
    literal: Callable[[Any], str] | None = getattr(asked(), "literal", None)
    if literal is None:
        return sql, list(params)
    pieces = ["%s" if isinstance(one, Place) else literal(one).replace("%", "%%") for one in params]
    return sql.replace("%%", "%%%%") % tuple(pieces), [one for one in params if isinstance(one, Place)]


def found(sql: str, params: Sequence[Any]) -> list[Any]:
    """Send a statement that will be sent again: the rows it answers."""
    with _cursor() as cursor:
        cursor.execute(sql, params)
        rows: list[Any] = cursor.fetchall()
        return rows


def changed(sql: str, params: Sequence[Any]) -> int:
    """Send a statement that will be sent again and answers no rows: how many it wrote."""
    with _cursor() as cursor:
        cursor.execute(sql, params)
        count: int = cursor.rowcount
        return count


def _cursor() -> Any:
    connection = asked()
    kept: Callable[[], Any] | None = getattr(connection, "kept_cursor", None)
    return connection.cursor() if kept is None else kept()


# -- one row that is written -----------------------------------------------------------------------------------------------


def insert_row(
    row: Any, manager: Any, using: str, fields: Sequence[Any], returning_fields: Sequence[Any], *how: Any
) -> Any:
    """How a model of ours inserts a row (``Model._do_insert``): by SQL drawn once for its columns."""
    values = [field.pre_save(row, add=True) for field in fields]
    if len(returning_fields) != 1 or any(how) or _unusual(fields, values):
        plain: Any = models.Model
        return plain._do_insert(row, manager, using, fields, returning_fields, *how)
    sql = _insert(row._meta.db_table, tuple(field.column for field in fields), returning_fields[0].column)
    return found(sql, _to_save(fields, values))


def update_row(row: Any, base_qs: Any, using: str, pk_val: Any, values: Sequence[Any], *how: Any) -> Any:
    """How a model of ours updates a row (``Model._do_update``): by SQL drawn once for its columns."""
    fields, said = [field for field, _model, _value in values], [value for _field, _model, value in values]
    if not fields or _unusual(fields, said):
        return models.Model._do_update(row, base_qs, using, pk_val, values, *how)
    sql = _update(row._meta.db_table, tuple(field.column for field in fields), (row._meta.pk.column,))
    return changed(sql, [*_to_save(fields, said), pk_val]) > 0


def change(model: type[models.Model], said: Mapping[str, Any], **where: Any) -> int:
    """Change some columns of the rows that these values find, and how many they were. For tables the trail does not follow."""
    fields, sought = [[model._meta.get_field(name) for name in part] for part in (said, where)]
    sql = _update(model._meta.db_table, *(tuple(field.column for field in part) for part in (fields, sought)))  # type: ignore[union-attr]
    return changed(sql, _to_save([*fields, *sought], [*said.values(), *where.values()]))


def _unusual(fields: Iterable[Any], values: Iterable[Any]) -> bool:
    """Whether something is not a plain value for a plain place."""
    return any(hasattr(value, "resolve_expression") for value in values) or any(
        hasattr(field, "get_placeholder") for field in fields
    )


def _to_save(fields: Iterable[Any], values: Iterable[Any]) -> list[Any]:
    connection = asked()
    return [field.get_db_prep_save(value, connection) for field, value in zip(fields, values, strict=True)]


@lru_cache(1024)
def _insert(table: str, columns: tuple[str, ...], returning: str) -> str:
    names, marks = ", ".join(f'"{name}"' for name in columns), ", ".join(["%s"] * len(columns))
    return f'INSERT INTO "{table}" ({names}) VALUES ({marks}) RETURNING "{table}"."{returning}"'


@lru_cache(1024)
def _update(table: str, columns: tuple[str, ...], where: tuple[str, ...]) -> str:
    said, sought = (
        ", ".join(f'"{name}" = %s' for name in columns),
        " AND ".join(f'"{table}"."{name}" = %s' for name in where),
    )
    return f'UPDATE "{table}" SET {said} WHERE ({sought})'
