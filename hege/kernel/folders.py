"""A folder that one process after the other holds: nothing is written for it, and who is killed lets go."""

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
