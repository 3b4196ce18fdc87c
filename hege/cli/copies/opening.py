"""Opening a copy: unlocked, taken apart and checked in a private folder, before anything is touched."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _
from pyrage.x25519 import Identity

from hege.cli.copies import bundle, postgresql, sqlite
from hege.cli.copies.encryption import decrypt, is_encrypted
from hege.cli.copies.program import database_kind, newer_steps
from hege.cli.copies.work import appearing
from hege.kernel.refused import Refused


class Copy(NamedTuple):
    """A copy taken apart: the database's part, the attachments by name; a bare copy of an earlier release has no manifest."""

    database: Path
    attachments: dict[str, Path]
    manifest: bundle.Manifest | None

    @property
    def kind(self) -> ModuleType:
        """The kind of database it is of."""
        return database_kind()


def unlocked(file: Path, identities: Sequence[Identity], *, work: Path) -> Path:
    """The file itself where it is not locked, else what it holds, in a private folder."""
    if not file.is_file():
        raise Refused(_("没有 %(file)s 这个文件。"), file=file)
    if not is_encrypted(file):
        return file
    if not identities:
        raise Refused(_("%(file)s 是加密的。请用 --identity 指明私钥文件（age-keygen 生成的那一份）。"), file=file)
    plain = work / "plain.tar"
    with appearing(plain) as out:
        decrypt(file, out, identities)
    return plain


def open_copy(file: Path, *, into: Path, named: Path) -> Copy:
    """Take a copy that is not locked apart; ``Refused`` where it is damaged, newer than this program, or of another kind
    of database. ``named`` is how who asked knows it."""
    kind = database_kind()
    if not bundle.is_bundle(file):
        with file.open("rb") as bare:
            magic = bare.read(len(sqlite.MAGIC))
        if not magic.startswith(kind.MAGIC):
            raise _of_another_kind(named, magic)
        return Copy(file, {}, None)
    told = bundle.manifest_of(file, named=named)
    if told.database != kind.VENDOR:
        raise _of_another_kind(named, {"sqlite": sqlite.MAGIC, "postgresql": postgresql.MAGIC}[told.database])
    newer = newer_steps(told.migrations)
    if newer:
        raise Refused(
            _("%(file)s 是更新版本的合格（%(program)s）写的，这一版不认识 %(steps)s。请先升级合格，再恢复。"),
            file=named, program=told.program, steps=_("、").join(newer),
        )  # fmt: skip
    bundle.unpack(file, into, named=named)
    return Copy(into / bundle.DATABASE[told.database], bundle.attachments_in(into / bundle.ATTACHMENTS), told)


def _of_another_kind(file: Path, magic: bytes) -> Refused:
    for kind in (sqlite, postgresql):
        if magic.startswith(kind.MAGIC):
            return Refused(
                _("%(file)s 是 %(kind)s 数据库的备份，正在用的不是这一种。请核对文件和 HEGE_DATABASE_URL。"),
                file=file, kind=kind.NAME,
            )  # fmt: skip
    return Refused(_("%(file)s 不是合格的备份，请核对文件。"), file=file)
