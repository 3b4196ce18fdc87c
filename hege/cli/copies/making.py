"""Making a copy (备份): while everything runs, complete or not at all, proven before it is locked where that is asked."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from pyrage.x25519 import Recipient

import hege
from hege.cli.copies import bundle
from hege.cli.copies.drill import Proof, prove
from hege.cli.copies.encryption import encrypt
from hege.cli.copies.figures import sum_of
from hege.cli.copies.folder import check_new
from hege.cli.copies.program import database_kind, newest_migrations
from hege.cli.copies.work import appearing, at_work
from hege.kernel.folders import settle
from hege.kernel.refused import Refused


@dataclass(frozen=True)
class Made:
    """A copy that stands: its size and digest as it lies there, the digest before it was locked, and its drill."""

    file: Path
    size: int
    sha256: str
    plain_sha256: str
    figures: str
    proof: Proof | None


def make_copy(
    file: Path, *, heads: Sequence[str], recipients: Sequence[Recipient], drill: bool, at: dt.datetime
) -> Made:
    """Write a copy of everything as it is at this instant, locked for its ``recipients``, in a file that did not exist.

    ``heads`` are the ends of the trails as printed. With ``drill`` a copy that cannot be restored, or does not hold what
    the database held, is no copy: ``Refused``, as everything that keeps it from being written whole.
    """
    check_new(file)
    try:
        with at_work() as work:
            return _made(file, work, heads=heads, recipients=recipients, drill=drill, at=at)
    except (OSError, sqlite3.Error) as problem:
        raise Refused(
            _("备份没有写成（%(why)s），没写完的已清除，旧的备份都没有动。请看看 %(folders)s 的空间和权限，再运行一次。"),
            why=getattr(problem, "strerror", None) or problem, folders=_("、").join({str(file.parent), str(settings.DATA_DIR)}),
        ) from problem  # fmt: skip


def _made(
    file: Path, work: Path, *, heads: Sequence[str], recipients: Sequence[Recipient], drill: bool, at: dt.datetime
) -> Made:
    told, parts = _parts(work, heads, at)
    plain = work / "plain.tar" if recipients else file
    with appearing(plain) as out:
        bundle.write(out, told, parts)
        out.flush()
        next(iter(parts.values())).unlink()  # the database's copy is in it now
        proof = prove(out.part, work=work, named=file) if drill else None
        size = out.size
    plain_sha256 = sha256 = out.sha256
    if recipients:
        with appearing(file) as locked:
            encrypt(plain, locked, recipients)
        size, sha256 = locked.size, locked.sha256
    settle(file.parent)
    return Made(file, size, sha256, plain_sha256, sum_of(told.figures), proof)


def _parts(work: Path, heads: Sequence[str], at: dt.datetime) -> tuple[bundle.Manifest, dict[str, Path]]:
    """The parts of a copy by name, the database's first, and what the copy says of itself."""
    kind = database_kind()
    database, figures = kind.dump(work)
    told = bundle.Manifest(
        program=hege.__version__, database=kind.VENDOR, made_at=at.isoformat(), migrations=newest_migrations(),
        heads=list(heads), figures=figures,
    )  # fmt: skip
    stored = bundle.attachments_in(settings.DATA_DIR / bundle.ATTACHMENTS)
    return told, {database.name: database, **stored}
