"""Blocks that begin where a request begins need no savepoint: to take one back is to take the whole back.

``hege.kernel.sqlite3`` and ``hege.kernel.postgresql`` are Django's databases with this.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

from hege.kernel.database import asked


class SharedPoints(BaseDatabaseWrapper):
    """A connection whose first block within ``begins_here`` shares the point at which that was entered.

    So does a block within it, as long as no statement lies between. All others have savepoints of their own.
    """

    _here: tuple[str | None] | None = None  # the point that may be shared; None in it is the transaction itself
    _sharing: tuple[str, ...] = ()  # the open blocks that share it
    _asked = False  # whether a statement was sent within them

    @contextmanager
    def begins_here(self) -> Iterator[None]:
        """Let the first block share the beginning of the open one, though there was reading before it.

        What is taken back with it are locks too: whoever goes on after a refusal only shows.
        """
        self._here = (next((point for point in reversed(self.savepoint_ids) if point), None),)
        try:
            yield
        finally:
            self._here, self._sharing, self._asked = None, (), False

    def asks(self) -> None:
        """A statement is about to be sent."""
        self._asked = self._asked or bool(self._sharing)

    def _cursor(self, name: str | None = None) -> Any:
        self.asks()
        return super()._cursor(name)  # type: ignore[misc]  # not in the stubs

    def _savepoint(self, sid: str) -> None:
        if self._here is None or self._asked:
            super()._savepoint(sid)  # type: ignore[misc]
        else:
            self._sharing += (sid,)

    def _savepoint_commit(self, sid: str) -> None:
        if sid not in self._sharing:
            super()._savepoint_commit(sid)  # type: ignore[misc]
            return
        self._sharing = self._sharing[:-1]
        if self._asked and not self._sharing:
            self._here, self._asked = None, False

    def _savepoint_rollback(self, sid: str) -> None:
        if sid not in self._sharing:
            super()._savepoint_rollback(sid)  # type: ignore[misc]
            return
        assert self._here is not None
        (point,) = self._here
        if point is not None:
            super()._savepoint_rollback(point)  # type: ignore[misc]
        else:
            self._rollback()  # type: ignore[attr-defined]
            if hasattr(self, "_start_transaction_under_autocommit"):  # SQLite, where it does not begin by itself
                self._start_transaction_under_autocommit()
        self._asked = False


def others_write() -> bool:
    """Whether others write while a transaction is open: SQLite lets one begin after the other."""
    return asked().vendor != "sqlite"


@contextmanager
def begins_here() -> Iterator[None]:
    """The open transaction begins here: see ``SharedPoints.begins_here``."""
    connection = asked()
    assert isinstance(connection, SharedPoints)
    with connection.begins_here():
        yield
