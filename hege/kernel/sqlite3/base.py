"""What Django takes for the database: the name is its own."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from sqlite3 import Error, register_converter
from typing import Any

from django.db import OperationalError
from django.db.backends.sqlite3 import base
from django.db.backends.sqlite3.operations import DatabaseOperations
from django.db.backends.utils import debug_transaction
from django.db.models.expressions import Col
from django.utils.dateparse import parse_date, parse_datetime

from hege.kernel.folders import held
from hege.kernel.points import SharedPoints
from hege.kernel.trouble import Trouble, trouble_of

LOOK_EVERY = dt.timedelta(milliseconds=2)
#: How often the time that ``OPTIONS["timeout"]`` gives may pass in all for who stands in a queue that moves on.
IN_ALL = 3
#: Statements that a connection keeps taken apart, each savepoint's two among them; the driver's own 128 are fewer than one act sends.
MOST_KEPT = 1000


@lru_cache(4096)
def _date(said: bytes) -> dt.date | None:
    """A day as it is kept: most rows tell of the same few."""
    return parse_date(said.decode())


@lru_cache(4096)
def _instant(said: bytes) -> dt.datetime | None:
    """An instant as Django has it in the end: kept without its zone, which is always this one."""
    read = parse_datetime(said.decode())
    return read and read.replace(tzinfo=dt.UTC)


register_converter("date", _date)
register_converter("datetime", _instant)


@lru_cache(4096)
def _in_its_words(query: str) -> str:
    """A statement with the marks of SQLite for what it is sent with."""
    said: str = base.FORMAT_QMARK_REGEX.sub("?", query).replace("%%", "%")
    return said


class Cursor(base.SQLiteCursorWrapper):
    """Django's, which looks through a statement each time it is sent."""

    def convert_query(self, query: str, *, param_names: Any = None) -> str:
        return _in_its_words(query) if param_names is None else super().convert_query(query, param_names=param_names)


class Operations(DatabaseOperations):
    """Django's, which looks at each day, instant and yes or no once more that the driver has read by the type of its column."""

    READ_BY_THE_DRIVER = ("DateField", "DateTimeField", "BooleanField")

    def get_db_converters(self, expression: Any) -> list[Any]:
        if isinstance(expression, Col) and expression.output_field.get_internal_type() in self.READ_BY_THE_DRIVER:
            return []
        found: list[Any] = super().get_db_converters(expression)
        return found


class DatabaseWrapper(SharedPoints, base.DatabaseWrapper):
    """SQLite, where writers come in their turn.

    By itself SQLite keeps no queue: everybody looks for the one lock ten times a second, and of six who write without
    pause one in a hundred misses every gap for seconds.
    """

    ops_class = Operations

    def get_connection_params(self) -> dict[str, Any]:
        return {"cached_statements": MOST_KEPT, **super().get_connection_params()}

    def create_cursor(self, name: str | None = None) -> Any:
        return self.connection.cursor(factory=Cursor)

    def kept_cursor(self) -> Any:
        """For statements that are sent again (``hege.kernel.prepared``): a cursor with nothing around it.

        Django's own wrapper stays around one while something wants to see each statement.
        """
        if self.execute_wrappers or self.queries_logged or self.connection is None:
            return self._cursor()
        if self.needs_rollback:
            self.validate_no_broken_transaction()
        self.asks()
        return Kept(self.connection, self.wrap_database_errors)

    def _start_transaction_under_autocommit(self) -> None:
        """Begin, within the time that ``OPTIONS["timeout"]`` gives; ``OperationalError`` when it is over.

        Who is next holds the folder and looks for the lock often; the others wait for the folder, first come first
        served. Time counts from when one is next: of many who want one thing at once the last has waited for all others
        and is no more told to try again than the first. ``IN_ALL`` ends the waiting behind somebody who holds the lock long.
        """
        patience_ms = self.connection.execute("PRAGMA busy_timeout").fetchone()[0]
        begun, patience_ns = time.monotonic_ns(), patience_ms * 1_000_000
        if not patience_ms:
            self._begin(begun)
            return
        with held(Path(self.settings_dict["NAME"]).parent):
            until = min(time.monotonic_ns() + patience_ns, begun + IN_ALL * patience_ns)
            self.connection.execute("PRAGMA busy_timeout = 0")
            try:
                self._begin(until)
            finally:
                self.connection.execute(f"PRAGMA busy_timeout = {patience_ms}")

    def _begin(self, until: int) -> None:
        """Without a cursor of Django's: one that was refused stays in the traceback and keeps a closed database open."""
        begin = f"BEGIN {self.transaction_mode or ''}".rstrip()  # type: ignore[attr-defined]  # not in the stubs
        while True:
            try:
                with debug_transaction(self, begin), self.wrap_database_errors:
                    self.connection.execute(begin)
            except OperationalError as kept:
                if trouble_of(kept) is not Trouble.BUSY or time.monotonic_ns() >= until:
                    raise
                time.sleep(LOOK_EVERY.total_seconds())
            else:
                return


class Kept:
    """As much of a cursor as is asked of one that sends a statement and hands out all its rows."""

    def __init__(self, connection: Any, errors: Any) -> None:
        self.connection, self.errors = connection, errors
        self.rows: list[Any] = []
        self.rowcount = -1

    def __enter__(self) -> Kept:
        return self

    def __exit__(self, *_how: object) -> None:
        """The driver's own cursor is closed when its rows are read."""

    def execute(self, sql: str, params: Sequence[Any] = ()) -> None:
        try:
            sent = self.connection.execute(_in_its_words(sql), params)
            self.rows, self.rowcount = sent.fetchall(), sent.rowcount
        except Error:
            with self.errors:
                raise

    def fetchall(self) -> list[Any]:
        """The rows of the last statement."""
        return self.rows
