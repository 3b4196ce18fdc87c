"""Putting a copy back (恢复): everything is checked first, then the database is replaced in one step."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from pyrage.x25519 import Identity

from hege.cli.copies.bundle import ATTACHMENTS
from hege.cli.copies.opening import open_copy, unlocked
from hege.cli.copies.ours import is_empty
from hege.cli.copies.work import at_work, sha256_of
from hege.kernel import clock
from hege.kernel.refused import Refused


def restore_from(file: Path, *, force: bool, identities: Sequence[Identity] = ()) -> Path | None:
    """Put a copy in the place of the database; where the former SQLite file was kept, if there was one.

    Refuses a database that holds anything unless ``force``, a copy of another kind of database or of a newer program, a
    damaged copy, one that is not Hege's or holds no street, and (SQLite) a database that another process still uses. All
    or nothing: attachments are named by what they hold, so those of the copy are added before the database is replaced,
    and both the former database and the new one find theirs.
    """
    with at_work() as work:
        copy = open_copy(unlocked(file, identities, work=work), into=work, named=file)
        if not force and not is_empty():
            raise Refused(_("数据库里已有数据或别的程序的表。请先备份，确认要用备份替换它时再加 --force。"))
        with copy.kind.ready(copy.database, work=work, named=file) as fresh:
            _add(copy.attachments)
            kept: Path | None = copy.kind.take_the_place(fresh, named=file)
            return kept


def _add(attachments: Mapping[str, Path]) -> None:
    """Add stored files to those that are there; one of the same name that holds something else is kept aside."""
    aside = f"{ATTACHMENTS}.before-restore-{clock.now():%Y%m%d-%H%M%S}"
    for name, file in attachments.items():
        target = settings.DATA_DIR / name
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if target.exists():
            if sha256_of(target) == sha256_of(file):
                continue
            kept = settings.DATA_DIR / aside / target.relative_to(settings.DATA_DIR / ATTACHMENTS)
            kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.link(target, kept)
        file.replace(target)
