"""What long work says while it goes on, that it is to stop, and what it made: files below the data folder.

Not in the database: booking is one transaction, which hides what it writes until it ends and, on SQLite, keeps others from
writing. Worker and site read and write the same folder, as they do with what ``attachments`` keeps.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple

from hege.kernel import shards

_NAME = re.compile(r"([0-9a-z]{1,12})\.(?:told|saying|stop|made|making)")


class Told(NamedTuple):
    """What is being done, how much of it is done, of how much, and when that was said."""

    doing: str
    done: int
    total: int
    at: dt.datetime


def folder() -> Path:
    """Where all of it is, made where it is not there yet."""
    found = shards.folder().joinpath("jobs")
    found.mkdir(mode=0o700, parents=True, exist_ok=True)
    return found


def _path(job_id: str, what: str) -> Path:
    return shards.folder().joinpath("jobs", f"{job_id}.{what}")


def tell(job_id: str, doing: str, done: int, total: int, *, at: dt.datetime) -> None:
    """Say how far it is; a disk that takes no more does not end the work over that."""
    with suppress(OSError):
        part = folder().joinpath(f"{job_id}.saying")
        part.write_text(json.dumps([doing, done, total, at.isoformat()]), encoding="utf-8")
        part.replace(_path(job_id, "told"))


def told(job_id: str) -> Told | None:
    """What was said last; None where nothing was, or nothing that can be read."""
    try:
        doing, done, total, at = json.loads(_path(job_id, "told").read_text(encoding="utf-8"))
        return Told(str(doing), int(done), int(total), dt.datetime.fromisoformat(at))
    except (OSError, ValueError):
        return None


def ask_to_stop(job_id: str) -> None:
    """Let the work know that it is to stop, also while its own transaction keeps the database."""
    with suppress(OSError):  # the row says so too
        folder().joinpath(f"{job_id}.stop").touch(mode=0o600)


def is_to_stop(job_id: str) -> bool:
    """Whether somebody has stopped it."""
    return _path(job_id, "stop").exists()


@contextmanager
def making(job_id: str) -> Iterator[BinaryIO]:
    """A file to write what is made into: there whole, flushed to the disk, or not at all."""
    part = folder().joinpath(f"{job_id}.making")
    try:
        with os.fdopen(os.open(part, os.O_CREAT | os.O_TRUNC | os.O_RDWR, 0o600), "w+b") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        part.replace(made(job_id))
    finally:
        part.unlink(missing_ok=True)


def made(job_id: str) -> Path:
    """Where the file that was made is."""
    return _path(job_id, "made")


def wipe(job_id: str) -> None:
    """What was said of work that has ended is not needed any more."""
    for what in ("told", "stop"):
        _path(job_id, what).unlink(missing_ok=True)


def sweep(*, before: int, wanted: Callable[[set[str]], set[str]]) -> int:
    """Remove what belongs to no work that is ``wanted``, and what a killed worker left behind half written before an
    instant (seconds of the epoch); how many files."""
    found = {path: match and match[1] for path in folder().iterdir() for match in [_NAME.fullmatch(path.name)]}
    kept = wanted(set(filter(None, found.values())))
    stray = [path for path, job_id in found.items() if job_id not in kept and (job_id or _is_old(path, before))]
    for path in stray:
        path.unlink(missing_ok=True)
    return len(stray)


def _is_old(path: Path, before: int) -> bool:
    return path.stat().st_mtime_ns < before * 1_000_000_000
