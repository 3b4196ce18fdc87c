"""A question that is asked again and again: its words are worked out once, which costs twenty times the asking."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any, Generic, NamedTuple, TypeVar

from django.db import connection, models
from django.db.models import QuerySet

M = TypeVar("M", bound=models.Model)


class Question(NamedTuple):
    """What a database is asked in its own words; of plain columns and counts, which come back as they are kept."""

    sql: str
    params: tuple[Any, ...]

    @classmethod
    def of(cls, rows: QuerySet[Any, Any]) -> Question:
        """The question of a query; not to be kept where it says "now"."""
        return cls(*rows.query.sql_with_params())

    def answer(self) -> list[tuple[Any, ...]]:
        """Every row there is at this moment."""
        with connection.cursor() as cursor:
            cursor.execute(self.sql, self.params)
            return list(cursor.fetchall())


class RowsOf(Generic[M]):
    """Models, with what is read along with them, of one thing after the other: ``RowsOf(lambda key: …filter(key=key))(key)``.

    ``ask`` is a query in which the values, texts and whole numbers, stand as they are; it must not say "now". Its words are
    worked out once for so many values of these sorts. Written against the pinned Django: what its compiler has worked out
    is kept, and rows are made in Django's own way.
    """

    def __init__(self, ask: Callable[..., QuerySet[M]]) -> None:
        self._ask = ask
        self._kept: dict[Any, _Kept] = {}

    def __call__(self, *values: str | int) -> list[M]:
        """Every row there is at this moment; one statement."""
        stand_ins = [_stand_in(n, value) for n, value in enumerate(values)]
        shape = (connection.vendor, *stand_ins)
        kept = self._kept.get(shape) or self._kept.setdefault(shape, _Kept.of(self._ask(*stand_ins)))
        return kept.rows(dict(zip(stand_ins, values, strict=True)))


def _stand_in(n: int, value: str | int) -> str | int:
    """What stands in a query for its nth value, while its words are worked out: nobody asks for that."""
    return f"\0 {n}" if isinstance(value, str) else -(2**62) - n


class _Kept(NamedTuple):
    """A query, and what its compiler has worked out of it."""

    asked: Any
    compiler: Any
    sql: str
    params: tuple[Any, ...]
    converters: Any

    @classmethod
    def of(cls, asked: QuerySet[Any]) -> _Kept:
        compiler: Any = asked.query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        columns = [column for column, *_rest in compiler.select[: compiler.col_count]]
        return cls(asked, compiler, sql, params, compiler.get_converters(columns))

    def rows(self, values: dict[Any, str | int]) -> list[Any]:
        compiler, asked = copy.copy(self.compiler), self.asked.all()
        compiler.connection = connection
        compiler.as_sql = lambda *_args, **_named: (self.sql, tuple(values.get(one, one) for one in self.params))
        compiler.get_converters = lambda _columns: self.converters
        asked.query.get_compiler = lambda *_args, **_named: compiler
        return list(asked)
