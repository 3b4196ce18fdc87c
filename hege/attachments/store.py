"""Where the bytes are: one file for each content, named by its SHA-256, below the data folder. Written once, never changed.

A file stands whole or not at all: it is written under a name of its own, flushed to the disk and then renamed, and so is
the folder, all before the row that names it is committed. What no row came for is swept.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import secrets
from collections.abc import Callable
from pathlib import Path

from hege.kernel import shards
from hege.kernel.folders import held, settle

CHUNK = 1 << 20
_NAME = re.compile(r"[0-9a-f]{62}")
_BEING_WRITTEN = ".writing-"


def digest(data: bytes) -> str:
    """The name of a content: its SHA-256 as hex."""
    return hashlib.sha256(data).hexdigest()


def folder() -> Path:
    """Where all contents are."""
    return shards.folder().joinpath("attachments")


def path_of(sha256: str) -> Path:
    """Where a content is, whether it is there or not."""
    return folder().joinpath(sha256[:2], sha256[2:])


def put(data: bytes) -> str:
    """Keep a content; its SHA-256. Raises ``OSError`` where the disk takes no more, and leaves nothing half behind."""
    sha256 = digest(data)
    target = path_of(sha256)
    _made(target.parent)
    with held(target.parent, fcntl.LOCK_SH):  # nobody sweeps it
        if not _freshened(target, data):
            _write(target, data)
    return sha256


def _made(prefix: Path) -> None:
    """The folder of a prefix, there also after the machine has lost its power."""
    for made in (prefix.parent, prefix):
        if not made.is_dir():
            made.mkdir(mode=0o700, parents=True, exist_ok=True)
            settle(made.parent)


def _freshened(target: Path, data: bytes) -> bool:
    """Whether it is there already, and whole; then it counts as written now, so that nobody sweeps it."""
    try:
        if target.read_bytes() != data:
            return False
        os.utime(target)
    except FileNotFoundError:
        return False
    return True


def _write(target: Path, data: bytes) -> None:
    part = target.with_name(f"{_BEING_WRITTEN}{secrets.token_hex(8)}")
    try:
        with part.open("xb") as out:
            os.fchmod(out.fileno(), 0o600)
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    settle(target.parent)


def read(sha256: str) -> bytes:
    """A content. Raises ``FileNotFoundError``."""
    return path_of(sha256).read_bytes()


def is_there(sha256: str) -> bool:
    """Whether a content is there, whole or not."""
    return path_of(sha256).is_file()


def hash_of(sha256: str) -> str | None:
    """The SHA-256 of what the file of a content holds now; None where it is gone."""
    found = hashlib.sha256()
    try:
        with path_of(sha256).open("rb") as stored:
            while chunk := stored.read(CHUNK):
                found.update(chunk)
    except FileNotFoundError:
        return None
    return found.hexdigest()


def sweep(*, before: int, wanted: Callable[[set[str]], set[str]]) -> int:
    """Remove what was written before an instant (seconds of the epoch) and no row names; how many files.

    ``wanted`` says which of some contents have a row. Looked at and removed under a lock: a content that is put again
    meanwhile is new, and stays.
    """
    gone = 0
    for prefix in sorted(folder().glob("[0-9a-f][0-9a-f]")):
        with held(prefix):
            old = {p for p in prefix.iterdir() if p.stat().st_mtime_ns < before * 1_000_000_000}
            named = {prefix.name + p.name: p for p in old if _NAME.fullmatch(p.name)}
            kept = wanted(set(named))
            stray = [p for sha256, p in named.items() if sha256 not in kept]
            stray += [p for p in old if p.name.startswith(_BEING_WRITTEN)]
            for path in stray:
                path.unlink(missing_ok=True)
            gone += len(stray)
    return gone
