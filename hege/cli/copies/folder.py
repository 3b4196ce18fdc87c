"""Folders in which copies stand side by side: named by the instant they were made, the older ones leave."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from collections.abc import Collection
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from hege.cli.copies.encryption import SUFFIX
from hege.cli.copies.work import CHUNK, appearing, sha256_of
from hege.kernel.clock import SHANGHAI
from hege.kernel.refused import Refused

#: How copies are named that were not named by a person; no other file is ever taken away.
NAMED_BY_INSTANT = re.compile(r"hege-\d{8}-\d{6}\.tar(\.age)?")


def name_at(at: dt.datetime, *, encrypted: bool) -> str:
    """The name of a copy made at an instant, in Shanghai's time."""
    return f"hege-{at.astimezone(SHANGHAI):%Y%m%d-%H%M%S}.tar{SUFFIX if encrypted else ''}"


def check_new(file: Path) -> None:
    """``Refused`` where a copy cannot be put there: a copy never takes the place of another file."""
    if file.exists():
        raise Refused(_("%(file)s 已存在。备份从不覆盖旧文件，请换一个文件名。"), file=file)
    if not file.parent.is_dir():
        raise Refused(_("没有 %(folder)s 这个文件夹，请先建立。"), folder=file.parent)


def copy_to(folder: Path, file: Path, *, sha256: str) -> None:
    """Put a finished copy into another folder too, and read it back there."""
    check_new(folder / file.name)
    with file.open("rb") as read, appearing(folder / file.name) as out:
        shutil.copyfileobj(read, out, CHUNK)
    if sha256_of(folder / file.name) != sha256:
        (folder / file.name).unlink()
        raise Refused(_("%(folder)s 里的备份读出来和写进去的不一样，已删除。请检查那里的磁盘。"), folder=folder)


def prune(folder: Path, *, keep: int, never: Collection[str]) -> list[str]:
    """Take away all but the newest copies of a folder, and none that is named in ``never``; which went."""
    there = sorted((file.name for file in folder.iterdir() if NAMED_BY_INSTANT.fullmatch(file.name)), reverse=True)
    gone = [name for name in there[keep:] if name not in never]
    for name in gone:
        (folder / name).unlink()
    return gone
