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
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, partial, wraps
from typing import TYPE_CHECKING, Any, NamedTuple, ParamSpec, Self, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import models, router
from django.db.models.base import ModelState
from django.db.models.expressions import Expression
from django.db.models.fields.related_descriptors import ForwardManyToOneDescriptor
from django.db.models.query import ModelIterable, get_related_populators
from django.db.transaction import TransactionManagementError

from hege.kernel.database import asked, rollback_on_error

P = ParamSpec("P")
Row = TypeVar("Row")
Model = TypeVar("Model", bound=models.Model)

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

    def __eq__(self, other: object) -> bool:  # Django compares what expressions were made with, by their signatures
        return isinstance(other, Place) and self.place == other.place

    def __hash__(self) -> int:
        return hash(self.place)


def prepared(rows: Callable[P, models.QuerySet[Any, Row]]) -> Callable[P, list[Row]]:
    """Mark a query that is drawn once in a process; what it takes are values, rows (their keys), short lists of them to
    be found in (``__in``), and models, each a query of its own. With a longer list it is a query as any other.

    It must not look at what it takes, but for what is ``Fixed``. None is refused: SQL has other words for it.
    """

    @wraps(rows)
    def ask(*args: P.args, **kwargs: P.kwargs) -> list[Row]:
        given = [*args, *kwargs.values()]
        shapes = [_shape(value) for value in given]
        if any(shape is TOO_LONG for shape in shapes):
            return list(rows(*args, **kwargs))
        key = (rows, *shapes, *kwargs)
        if key not in _drawn:
            count = iter(range(1000))
            places = [_places(value, shape, count) for value, shape in zip(given, shapes, strict=True)]
            named = dict(zip(kwargs, places[len(args) :], strict=True))
            while len(_drawn) >= MOST_DRAWN:
                _drawn.pop(next(iter(_drawn)), None)
            _drawn[key] = _Drawn.of(rows(*places[: len(args)], **named))
        query = _drawn[key]
        return [] if query is None else query.ask(_flat(given, shapes))

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


#: What is no value of a query but part of it; and the shape of a list that is none.
AS_IT_IS, TOO_LONG = (type, Fixed), object()


def _shape(value: Any) -> Any:
    """By what queries differ: how long a list is, what is no value; None of a value, whatever it is."""
    if isinstance(value, list | tuple):
        return next((length for length in LENGTHS if length >= len(value)), TOO_LONG)
    return value if isinstance(value, AS_IT_IS) else None


def _places(value: Any, shape: Any, count: Iterator[int]) -> Any:
    if shape is None:
        return Place(next(count))
    return value if isinstance(value, AS_IT_IS) else [Place(next(count)) for _one in range(shape)]


def _flat(given: Iterable[Any], shapes: Iterable[Any]) -> list[Any]:
    values: list[Any] = []
    for value, shape in zip(given, shapes, strict=True):
        if shape is None:
            values.append(_plain(value))
        elif not isinstance(value, AS_IT_IS):
            some = [_plain(one) for one in value]
            values += some + some[-1:] * (shape - len(some))
    return values


def _plain(value: Any) -> Any:
    """A value as the driver takes it in a comparison."""
    if type(value) in (str, int):
        return value
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
        self.makers: dict[str, Callable[[Any], models.Model]] | None = {} if _of_models(rows) else None

    def ask(self, values: list[Any]) -> list[Any]:
        """The rows that these values find."""
        if self.locks and not asked().in_atomic_block:
            raise TransactionManagementError("rows are locked within a transaction")
        _asked.values = values
        if self.makers is None:
            return list(self.rows)
        using = asked().alias
        make = self.makers.get(using) or self.makers.setdefault(using, self._maker(using))
        return [make(row) for row in self.results_iter()]

    def _maker(self, using: str) -> Callable[[Any], models.Model]:
        """How a row becomes what a model says, with those it is read along with: as Django does, who asks how for each query."""
        select, model, places = self.select, self.klass_info["model"], self.klass_info["select_fields"]
        first, after = places[0], places[-1] + 1
        names = [one[0].target.attname for one in select[first:after]]
        along: Any = get_related_populators(self.klass_info, select, using)  # type: ignore[call-arg]  # the stubs are of the next
        annotated = [*(self.annotation_col_map or {}).items()]

        def make(row: Any) -> models.Model:
            made: models.Model = model.from_db(using, names, row[first:after])
            for one in along:
                one.populate(row, made)
            for name, place in annotated:
                setattr(made, name, row[place])
            return made

        return make

    def execute_sql(self, **_how: Any) -> list[Any]:
        """For Django: the rows as the database hands them out."""
        asked_with = _asked.values
        return found(self.sql, [asked_with[one.place] if isinstance(one, Place) else one for one in self.params])

    def results_iter(self, results: Any = None, *, tuple_expected: bool = False, **_how: Any) -> Any:
        """For Django: the rows as Python has them."""
        rows = self.execute_sql() if results is None else results
        if self.convert is not None:
            rows = self.convert(rows)
        return map(tuple, rows) if tuple_expected else rows


def _of_models(rows: Any) -> bool:
    return rows._iterable_class is ModelIterable and not rows._known_related_objects


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
    connection: Any = asked()
    return connection.kept_cursor() if hasattr(connection, "kept_cursor") else connection.cursor()


# -- one row that is sought by what it is known by -------------------------------------------------------------------------


class Rows(models.QuerySet[Model]):
    """Rows of ours: ``get`` by some of their columns alone sends a statement drawn once for these columns."""

    if not TYPE_CHECKING:  # to a type checker it is Django's, which knows of which model

        def get(self, *args: Any, **said: Any) -> Any:
            values = None if args or not said or not _all_rows(self) else _known_by(self.model, said)
            found = None if values is None else _sought(self.model, Fixed(tuple(said)), *values)
            if found is None or len(found) > 1:
                return super().get(*args, **said)
            if not found:
                raise self.model.DoesNotExist(f"{self.model._meta.object_name} matching query does not exist.")
            return found[0]


def _all_rows(rows: Any) -> bool:
    """Whether a query is all rows of its model as they are, on whichever database is asked."""
    query = rows.query
    return (
        not (query.where.children or query.annotations or query.extra or query.select or query.combinator)
        and not (query.select_related or query.select_for_update or query.is_sliced or query.distinct)
        and query.deferred_loading == _NOTHING_LEFT_OUT
        and _of_models(rows)
        and not (rows._prefetch_related_lookups or rows._result_cache or rows._db)
    )


_NOTHING_LEFT_OUT: tuple[frozenset[str], bool] = (frozenset(), True)


def _known_by(model: type[models.Model], said: Mapping[str, Any]) -> list[Any] | None:
    """What columns are asked for as the database has it; None where Django has to look at a value or a name."""
    fields, values = _by_name(model), []
    for name, value in said.items():
        field = fields.get(name)
        if field is not None and isinstance(value, models.Model):
            if not (field.is_relation and isinstance(value, field.related_model) and field.target_field.primary_key):
                return None
            value = value.pk
        elif field is not None and isinstance(value, models.TextChoices):
            value = value.value
        if field is None or value is None or type(value) is not _AS_IT_IS.get(type(field)):
            return None
        values.append(value)
    return values


@lru_cache(1024)
def _by_name(model: type[models.Model]) -> dict[str, Any]:
    """The columns of a model by each name they go by."""
    meta: Any = model._meta
    named = {name: field for field in meta.concrete_fields for name in (field.name, field.attname)}
    return {**named, "pk": meta.pk}


@prepared
def _sought(model: type[models.Model], names: Fixed, *values: Any) -> models.QuerySet[Any, Any]:
    return model._base_manager.filter(**dict(zip(names.value, values, strict=True)))[:2]


class _Forward(ForwardManyToOneDescriptor):  # type: ignore[type-arg]  # takes none when it runs
    """Loads the row that a key points to by a statement drawn once for its model."""

    def get_object(self, instance: models.Model) -> Any:
        field: Any = self.field
        model: Any = field.remote_field.model
        key: Any = instance.__dict__.get(field.attname)
        ours = type(key) is int and field.target_field.primary_key and issubclass(model, Drawn)
        here = ours and instance._state.db in (None, asked().alias)
        found = _pointed_to(model, key) if here else None
        return found[0] if found else super().get_object(instance)


@prepared
def _pointed_to(model: type[models.Model], key: int) -> models.QuerySet[Any, Any]:
    return model._base_manager.filter(pk=key)


# Models are made with it: a relation has no other place to say how it is followed.
models.ForeignKey.forward_related_accessor_class = _Forward


# -- one row that is written -----------------------------------------------------------------------------------------------


class Drawn(models.Model):
    """What all models of ours are: rows are made and saved by what was drawn once for their columns."""

    class Meta:
        abstract = True

    @classmethod
    def from_db(cls, db: str | None, field_names: Iterable[str], values: Iterable[Any], **_how: Any) -> Self:
        """A row of the database, for which nothing has to be asked of each field: none of ours minds being set."""
        made, state = cls.__new__(cls), ModelState()
        state.adding, state.db = False, db
        held = made.__dict__
        held["_state"] = state
        held.update(zip(field_names, values, strict=True))
        return made

    def save(self, *args: Any, **how: Any) -> None:
        if args or not save_row(self, **how):
            super().save(*args, **how)


def save_row(
    row: models.Model,
    *,
    force_insert: bool = False,
    force_update: bool = False,
    using: str | None = None,
    update_fields: Iterable[str] | None = None,
) -> bool:
    """Insert or update a row as ``Model.save`` does; whether that was done, or is left to Django: what is no plain value for a
    plain place, or what is wrong. Nothing listens to signals (tests/test_house.py), so none are sent."""
    model, state, held, connection = type(row), row._state, row.__dict__, asked()
    adding = held.get("id") is None
    names = None if update_fields is None else tuple(update_fields)
    columns = _columns(model, names, adding)
    if columns is None or force_update or (adding, state.adding, force_insert) not in _USUAL:
        return False
    if using not in (None, connection.alias):
        return False
    for name, key, their_key in columns.relations:
        other = state.fields_cache.get(name)
        if other is not None and (other.__dict__.get(their_key) is None or other.__dict__[their_key] != held.get(key)):
            return False  # it was saved after it was put here, or never
    values = [held.get(name, row) if before is None else before(row, adding) for name, before in columns.places]
    if any(value is row or hasattr(value, "resolve_expression") for value in values):
        return False
    values = _to_save(columns.fields, values)
    alias = using or router.db_for_write(model, instance=row)
    with rollback_on_error():
        if adding:
            ((held["id"],),) = found(columns.sql, values)
        elif not changed(columns.sql, [*values, held["id"]]):
            return False
    state.adding, state.db = False, alias
    return True


#: (no key yet, ``adding``, ``force_insert``) of rows that are new, and of rows that are there.
_USUAL = {(True, True, False), (True, True, True), (False, False, False)}


class _Columns(NamedTuple):
    """How some columns of a model are saved: the SQL; name, and what is asked before each save, if anything, and field of each;
    and of the relations among all columns where the other row is held, the key here, and there."""

    sql: str
    places: list[tuple[str, Callable[[Any, bool], Any] | None]]
    fields: list[Any]
    relations: list[tuple[str, str, str]]


@lru_cache(1024)
def _columns(model: type[models.Model], names: tuple[str, ...] | None, adding: bool) -> _Columns | None:  # noqa: FBT001
    """None of a model or of columns that are saved otherwise."""
    meta: Any = model._meta
    every = [field for field in meta.concrete_fields if field is not meta.pk]
    fields = [field for field in every if names is None or {field.name, field.attname} & {*names}]
    if meta.pk.attname != "id" or meta.pk is not meta.auto_field or meta.concrete_model is not model or meta.parents:
        return None
    if meta.order_with_respect_to or meta.private_fields or meta.db_returning_fields != [meta.pk]:
        return None
    if not fields or (names is not None and (adding or len(fields) != len({*names}))):
        return None
    own_place = [field for field in fields if hasattr(field, "get_placeholder")]
    if any(field.generated for field in fields) or any(type(field) is not models.BinaryField for field in own_place):
        return None
    draw = partial(_insert, returning="id") if adding else partial(_update, where=("id",))
    own = [None if type(field).pre_save is models.Field.pre_save else field.pre_save for field in fields]
    related = [field for field in every if field.is_relation]
    return _Columns(
        draw(meta.db_table, tuple(field.column for field in fields)),
        [(field.attname, before) for field, before in zip(fields, own, strict=True)],
        fields,
        [(field.cache_name, field.attname, field.target_field.attname) for field in related],
    )


def change(model: type[models.Model], said: Mapping[str, Any], **where: Any) -> int:
    """Change some columns of the rows that these values find, and how many they were. For tables the trail does not follow."""
    sql, fields = _change(model, tuple(said), tuple(where))
    return changed(sql, _to_save(fields, [*said.values(), *where.values()]))


@lru_cache(1024)
def _change(model: type[models.Model], said: tuple[str, ...], where: tuple[str, ...]) -> tuple[str, list[Any]]:
    fields: list[Any] = [model._meta.get_field(name) for name in (*said, *where)]
    columns = tuple(field.column for field in fields)
    return _update(model._meta.db_table, columns[: len(said)], columns[len(said) :]), fields


#: Of which type a value is that goes to the database as it is, by the sort of its column.
_AS_IT_IS = {
    models.CharField: str, models.TextField: str, models.BooleanField: bool, models.ForeignKey: int,
    models.OneToOneField: int, models.IntegerField: int, models.BigIntegerField: int, models.SmallIntegerField: int,
    models.PositiveIntegerField: int, models.PositiveBigIntegerField: int, models.PositiveSmallIntegerField: int,
    models.BigAutoField: int,
}  # fmt: skip


def _to_save(fields: Iterable[Any], values: Iterable[Any]) -> list[Any]:
    connection = asked()
    instants = hasattr(connection, "takes_instants")
    return [
        value
        if value is None
        or type(value) is _AS_IT_IS.get(type(field))
        or (instants and type(field) is models.DateTimeField and getattr(value, "tzinfo", None) is dt.UTC)
        else field.get_db_prep_save(value, connection)
        for field, value in zip(fields, values, strict=True)
    ]


def _insert(table: str, columns: tuple[str, ...], returning: str) -> str:
    names, marks = ", ".join(f'"{name}"' for name in columns), ", ".join(["%s"] * len(columns))
    return f'INSERT INTO "{table}" ({names}) VALUES ({marks}) RETURNING "{table}"."{returning}"'


def _update(table: str, columns: tuple[str, ...], where: tuple[str, ...]) -> str:
    said, sought = (
        ", ".join(f'"{name}" = %s' for name in columns),
        " AND ".join(f'"{table}"."{name}" = %s' for name in where),
    )
    return f'UPDATE "{table}" SET {said} WHERE ({sought})'
