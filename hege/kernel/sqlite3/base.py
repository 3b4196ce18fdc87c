"""What Django takes for the database: the name is its own."""

from __future__ import annotations

import datetime as dt
import time
from pathlib import Path

from django.db import OperationalError
from django.db.backends.sqlite3 import base
from django.db.backends.utils import debug_transaction

from hege.kernel.folders import held
from hege.kernel.points import SharedPoints
from hege.kernel.trouble import Trouble, trouble_of

LOOK_EVERY = dt.timedelta(milliseconds=2)
#: How often the time that ``OPTIONS["timeout"]`` gives may pass in all for who stands in a queue that moves on.
IN_ALL = 3


class DatabaseWrapper(SharedPoints, base.DatabaseWrapper):
    """SQLite, where writers come in their turn.

    By itself SQLite keeps no queue: everybody looks for the one lock ten times a second, and of six who write without
    pause one in a hundred misses every gap for seconds.
    """

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
