"""Where copies are made and taken apart: one private folder, one process at a time."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from hege.kernel.refused import Refused

CHUNK = 1 << 20


@contextmanager
def at_work() -> Iterator[Path]:
    """A private folder on the disk of the data, for what is not finished; what a killed process left there is gone.

    ``Refused`` while another process makes or restores a copy, and where nothing can be written.
    """
    folder = settings.DATA_DIR / "copying"
    try:
        settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
        lock = (settings.DATA_DIR / "copying.lock").open("w")
    except OSError as problem:
        raise Refused(
            _("不能写 %(folder)s（HEGE_DATA_DIR）：%(why)s。请核对它的属主和权限。"),
            folder=settings.DATA_DIR, why=problem.strerror,
        ) from problem  # fmt: skip
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as taken:
            raise Refused(_("另一次备份、演练或恢复正在进行，请等它做完再来。")) from taken
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


class Written:
    """A file being written: counts and digests what goes by. ``part`` is where it lies meanwhile, ``trouble`` what the disk
    said when it took no more."""

    def __init__(self, file: BinaryIO, part: Path) -> None:
        self.file, self.part, self.size, self.trouble = file, part, 0, OSError()
        self._sum = hashlib.sha256()

    def write(self, some: bytes) -> int:
        """Write it whole."""
        try:
            self.file.write(some)
        except OSError as problem:
            self.trouble = problem
            raise
        self._sum.update(some)
        self.size += len(some)
        return len(some)

    def flush(self) -> None:
        """Hand over what is held back."""
        self.file.flush()

    @property
    def sha256(self) -> str:
        """The digest of all that was written."""
        return self._sum.hexdigest()


def sha256_of(file: Path) -> str:
    """The digest of a file."""
    with file.open("rb") as read:
        return hashlib.file_digest(read, "sha256").hexdigest()


@contextmanager
def appearing(file: Path) -> Iterator[Written]:
    """A file that appears complete or not at all, readable for its owner only."""
    part = file.with_name(f".{file.name}.part")
    part.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as out:
            yield Written(out, part)
            out.flush()
            os.fsync(out.fileno())
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
