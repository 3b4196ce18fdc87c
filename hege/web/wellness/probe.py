"""Asking the database something that must be answered soon, be the database stopped, hung or out of reach."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from concurrent.futures import Future
from contextvars import copy_context
from threading import Lock, Thread
from typing import Any, Generic, TypeVar

from django.db import connections

from hege.kernel.database import asked, here

T = TypeVar("T")

#: What PostgreSQL's library and server are told, so that a question is given up even where nobody waits for it any more.
BOUNDS: dict[str, Any] = {
    "connect_timeout": 2, "tcp_user_timeout": 2000, "keepalives_idle": 1, "keepalives_interval": 1, "keepalives_count": 2,
}  # fmt: skip
STATEMENT_MS = 1000


class Probe(Generic[T]):
    """Asks in a thread and on a new connection of its own. Who asks while one is under way gets that one's answer, so
    that no threads pile up behind a database that hangs."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.running: Future[T] | None = None

    def ask(self, question: Callable[[], T], *, within_ms: int) -> T:
        """The answer; ``TimeoutError`` where there is none in time."""
        with self.lock:
            running = self.running
            if running is None or running.done():
                running = self.running = Future()
                Thread(target=copy_context().run, args=(_answer, running, question), daemon=True).start()
        return running.result(dt.timedelta(milliseconds=within_ms).total_seconds())


def _answer(answer: Future[T], question: Callable[[], T]) -> None:
    try:
        connections[here.get()] = bounded = asked().copy()
        if bounded.vendor == "postgresql":
            options = bounded.settings_dict["OPTIONS"]
            options.update(BOUNDS, options=f"{options.get('options', '')} -c statement_timeout={STATEMENT_MS}")
        try:
            answer.set_result(question())
        finally:
            bounded.close()
    except BaseException as problem:  # noqa: BLE001  # told to whoever waits
        answer.set_exception(problem)
