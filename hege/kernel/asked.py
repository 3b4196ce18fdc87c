"""A question that is asked again and again: its words are worked out once, which costs twenty times the asking."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.db.models import QuerySet

from hege.kernel.database import connection, here


class Question(NamedTuple):
    """What a database is asked in its own words; of plain columns and counts, which come back as they are kept."""

    sql: str
    params: tuple[Any, ...]

    @classmethod
    def of(cls, rows: QuerySet[Any, Any]) -> Question:
        """The question of a query; not to be kept where it says "now"."""
        return cls(*rows.query.get_compiler(here.get()).as_sql())

    def answer(self) -> list[tuple[Any, ...]]:
        """Every row there is at this moment."""
        with connection.cursor() as cursor:
            cursor.execute(self.sql, self.params)
            return list(cursor.fetchall())
