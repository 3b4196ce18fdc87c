"""The least that taking one of a stock could cost: a WSGI answer around one statement, beside which pages are measured.

`/claim/N/` and `/refuse/N/` are one guarded UPDATE each, of a row with and of one without anything left; `/redeem/N/` is one
INSERT. Nobody is let in, nothing is locked first, proven or told.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

URL = "HEGE_DATABASE_URL"
CLAIM = "UPDATE bench_bare SET claimed = claimed + 1 WHERE id = {} AND claimed < stock"
STATEMENTS = {
    "claim": CLAIM.format(1), "refuse": CLAIM.format(2), "redeem": "INSERT INTO bench_bare_use (claim) VALUES ({})",
}  # fmt: skip
_own = threading.local()


def _connection(url: str) -> Any:
    """A connection of this thread, each statement of which is a transaction."""
    if urlsplit(url).scheme == "sqlite":
        made: Any = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None, timeout=3)
        return made
    import psycopg

    return psycopg.connect(url, autocommit=True)


def application(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    """One statement: 302 where it changed a row, 422 where it did not."""
    if not hasattr(_own, "connection"):
        _own.connection = _connection(os.environ[URL])
    environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    act, number = environ["PATH_INFO"].strip("/").split("/")
    changed = _own.connection.execute(STATEMENTS[act].format(int(number))).rowcount
    start("302 Found" if changed else "422 Unprocessable Content", [("Location", "/"), ("Content-Length", "0")])
    return [b""]


@contextmanager
def tables(url: str, *, stock: int) -> Iterator[None]:
    """The tables of these statements, for as long as the block."""
    connection = _connection(url)
    for name, columns in (("bench_bare", "id int, stock int, claimed int"), ("bench_bare_use", "claim int unique")):
        connection.execute(f"CREATE TABLE {name} ({columns})")
    try:
        connection.execute(f"INSERT INTO bench_bare VALUES (1, {stock}, 0), (2, 0, 0)")
        yield
    finally:
        for name in ("bench_bare", "bench_bare_use"):
            connection.execute(f"DROP TABLE {name}")
        connection.close()
