"""What Django takes for the database: the name is its own."""

from __future__ import annotations

from itertools import count
from types import SimpleNamespace
from typing import Any

from django.db.backends.postgresql import base

from hege.kernel.points import SharedPoints


class DatabaseWrapper(SharedPoints, base.DatabaseWrapper):
    """PostgreSQL, which keeps the plans of statements that are sent again (``hege.kernel.prepared``)."""

    _names: Names
    _named_in: Any = None

    def literal(self, value: Any) -> str:
        """A value as SQL has it."""
        with self.cursor() as cursor:
            said: str = cursor.mogrify("%s", [value])
        return said

    def keeping(self, cursor: Any) -> Keeping:
        """A cursor that sends a statement's name where the database has planned it before."""
        if self._named_in is not self.connection:
            self._names, self._named_in = Names(), self.connection
        return Keeping(cursor, self._names)


class Names(dict[str, str]):
    """By which name a connection knows each statement that was prepared."""

    def __init__(self) -> None:
        self.fresh = (f"hege_{n}" for n in count())


class Keeping:
    """The driver's cursor, but that each statement is prepared when it is first sent, under a name of its connection.

    By SQL, not by the driver, which forgets all names with each ROLLBACK: a refusal is one.
    """

    def __init__(self, cursor: Any, names: Names) -> None:
        self.cursor, self.names = cursor, names

    def execute(self, sql: str, params: list[Any]) -> None:
        """Send it; of a table whose columns are others since it was prepared the name is forgotten, and this once it fails."""
        self.said = sql, params
        name = self.names.get(sql) or self._prepared(sql, len(params))
        try:
            self.cursor.execute(f"EXECUTE {name}" + (f" ({', '.join(['%s'] * len(params))})" if params else ""), params)
        except self.cursor.connection.NotSupportedError:
            del self.names[sql]
            raise

    def _prepared(self, sql: str, count: int) -> str:
        name = next(self.names.fresh)
        self.cursor.execute(f"PREPARE {name} AS {sql % tuple(f'${n + 1}' for n in range(count))}")
        self.names[sql] = name
        return name

    @property
    def _query(self) -> SimpleNamespace:
        """For Django's list of what was sent: the statement itself."""
        return SimpleNamespace(query=self.cursor.connection.cursor().mogrify(*self.said).encode())

    def __getattr__(self, name: str) -> Any:
        return getattr(self.cursor, name)
