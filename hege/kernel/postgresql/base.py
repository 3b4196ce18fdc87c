"""What Django takes for the database: the name is its own."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Sequence
from select import POLLIN, poll
from types import SimpleNamespace
from typing import Any

from django.db.backends.postgresql import base
from django.db.backends.postgresql.psycopg_any import BaseTzLoader
from psycopg import Error, OperationalError
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import FeatureNotSupported, error_from_result
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus

from hege.kernel.points import SharedPoints

KEPT = "kept"
MOST_KEPT = 1000  # statements a connection; then the one prepared first is given up
JUST_NOW = 10  # seconds: what lies between may forget a connection that is silent for longer


IDLE, TUPLES_OK, COMMAND_OK = TransactionStatus.IDLE, ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK


class DatabaseWrapper(SharedPoints, base.DatabaseWrapper):
    """PostgreSQL, which keeps the plans of statements that are sent again (``hege.kernel.prepared``)."""

    _keeping: Keeping | None = None
    _usable_at: float = -JUST_NOW
    takes_instants = True  # as they are, with their zone
    health_check_enabled: bool
    health_check_done: bool

    def is_usable(self) -> bool:
        """Whether the connection stands. One that was used just now is not asked: a server that ends it says so on the line."""
        if self.connection is None:
            return False
        now, line = time.monotonic(), poll()
        lately, self._usable_at = now - self._usable_at < JUST_NOW, now
        line.register(self.connection.fileno(), POLLIN)
        return (lately and not line.poll(0)) or super().is_usable()

    def literal(self, value: Any) -> str:
        """A value as SQL has it."""
        with self.cursor() as cursor:
            said: str = cursor.mogrify("%s", [value])
        return said

    def _set_autocommit(self, autocommit: bool) -> None:  # noqa: FBT001  # Django's
        """Between transactions the driver has nothing to do for it: it takes a lock and looks whether one is open."""
        if self.connection.pgconn.transaction_status == IDLE:
            self.connection._autocommit = autocommit
        else:
            super()._set_autocommit(autocommit)  # type: ignore[misc]  # not in the stubs

    def _commit(self) -> None:
        kept = self._keeping
        if kept is None or kept.connection is not self.connection or self.queries_logged:
            super()._commit()  # type: ignore[misc]
        else:
            kept.commit()

    def kept_cursor(self) -> Any:
        """A cursor that sends a statement's name where the database has planned it before.

        Django's own wrapper stays around it while something wants to see each statement.
        """
        if self.execute_wrappers or self.queries_logged:
            return self._cursor(KEPT)
        if self.health_check_enabled and not self.health_check_done:
            self.close_if_health_check_failed()
        if self.connection is None:
            self.ensure_connection()
        if self.needs_rollback:
            self.validate_no_broken_transaction()
        if self._sharing:
            self.asks()
        kept = self._keeping
        return kept if kept is not None and kept.connection is self.connection else self.create_cursor(KEPT)

    def create_cursor(self, name: str | None = None) -> Any:
        if name != KEPT:
            return super().create_cursor(name)
        if self._keeping is None or self._keeping.connection is not self.connection:
            self._keeping = Keeping(super().create_cursor(), self.wrap_database_errors)
        return self._keeping


class Instants(BaseTzLoader):  # type: ignore[misc]  # the stubs have none
    """Reads an instant as Python does, a tenth of the driver's own time; what is none of ours as the driver does."""

    timezone = dt.UTC

    def load(self, data: Any) -> dt.datetime:
        said = str(data, "ascii")
        if said.endswith("+00") and said[4] == "-":  # until the year 9999
            return dt.datetime.fromisoformat(said)
        read: dt.datetime = super().load(data)
        return read


class Keeping:
    """One for each connection: prepares a statement when it is first sent. As much of a cursor as is asked of it.

    Not by the driver's cursor, which forgets all names with each ROLLBACK (a refusal is one) and takes four times as long.
    """

    def __init__(self, cursor: Any, errors: Any) -> None:
        self.cursor, self.errors = cursor, errors
        self.connection = cursor.connection
        cursor.adapters.register_loader("timestamptz", Instants)
        self.values = Transformer.from_context(cursor)
        self.names: dict[str, bytes] = {}
        self.count, self.rowcount = 0, -1
        self.rows: list[Any] = []

    def __enter__(self) -> Keeping:
        return self

    def __exit__(self, *_how: object) -> None:
        self.rows = []  # it is kept; what it found is not

    def execute(self, sql: str, params: Sequence[Any] = ()) -> None:
        """Send it; of a table whose columns are others since it was prepared the name is forgotten, and this once it fails."""
        self.said = sql, params
        try:
            name = self.names.get(sql) or self._prepared(sql, len(params))
            line = self.connection.pgconn
            if (
                line.transaction_status == IDLE and not self.connection.autocommit
            ):  # what Django has asked for begins now
                self._take(line.exec_(b"BEGIN"))
            self._take(line.exec_prepared(name, self.values.dump_sequence(params, [PyFormat.TEXT] * len(params))))
        except FeatureNotSupported:
            self.names.pop(sql, None)
            with self.errors:
                raise
        except Error:
            with self.errors:
                raise

    def commit(self) -> None:
        """End the open transaction; without the driver's waiting, as a statement is sent."""
        line = self.connection.pgconn
        if line.transaction_status != IDLE:
            with self.errors:
                self._take(line.exec_(b"COMMIT"))

    def _take(self, result: Any) -> None:
        """Rows, or how many were written; the driver's own error where it is one."""
        status = result.status
        if status == TUPLES_OK:
            self.values.set_pgresult(result)
            self.rowcount = result.ntuples
            self.rows = self.values.load_rows(0, self.rowcount, tuple)
        elif status == COMMAND_OK:
            self.rows, self.rowcount = [], result.command_tuples or 0
        elif self.connection.pgconn.status == ConnStatus.BAD:
            raise OperationalError(result.error_message)
        else:
            raise error_from_result(result, self.values.encoding)

    def _prepared(self, sql: str, count: int) -> bytes:
        if len(self.names) >= MOST_KEPT:
            self.cursor.execute(f"DEALLOCATE {self.names.pop(next(iter(self.names))).decode()}")
        self.count += 1
        name = f"hege_{self.count}"
        self.cursor.execute(f"PREPARE {name} AS {sql % tuple(f'${n + 1}' for n in range(count))}")
        self.names[sql] = name.encode()
        return self.names[sql]

    def fetchall(self) -> list[Any]:
        """The rows of the last statement."""
        return self.rows

    def close(self) -> None:
        """What it found is kept no longer."""
        self.rows = []

    @property
    def _query(self) -> SimpleNamespace:
        """For Django's list of what was sent: the statement itself."""
        return SimpleNamespace(query=self.connection.cursor().mogrify(*self.said).encode())
