"""Folders: held by one process after the other, with nothing written for it, so that who is killed lets go; and made to last."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def held(folder: Path, how: int = fcntl.LOCK_EX) -> Iterator[None]:
    """Hold a folder alone, or with others (``LOCK_SH``), as soon as those let go who came before."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, how)
        yield
    finally:
        os.close(handle)


def settle(path: Path) -> None:
    """Have the disk remember a file's content, or which files a folder holds."""
    known = os.open(path, os.O_RDONLY)
    try:
        os.fsync(known)
    finally:
        os.close(known)
