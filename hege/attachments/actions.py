"""Keeping files: the bytes first, then the row, sealed with the act that brought them; covering; looking at an original."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import asdict, replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from hege.attachments import store
from hege.attachments.models import Attachment
from hege.attachments.preparing import Prepared, with_bars
from hege.attachments.rules import Purpose, check_bars, check_count
from hege.kernel import seal
from hege.kernel.checks import check_words
from hege.kernel.database import atomic
from hege.kernel.mutability import lock
from hege.kernel.refused import Refused
from hege.people.models import User
from hege.trail import actions as trail


def keep_files(
    files: Iterable[Prepared],
    *,
    about: Any,
    unnamed: bool = False,
    on_behalf: str = "",
    by: User | None,
    at: dt.datetime,
) -> list[Attachment]:
    """Keep some files of a row (存附件), within the transaction of the act that brings them; its line on the trail seals them.

    ``unnamed``: the name of a file may tell who sent it, and is not kept.
    """
    some = list(files)
    check_count(len(some))
    return [_keep(file, about, unnamed=unnamed, on_behalf=on_behalf, by=by, at=at) for file in some]


def _keep(file: Prepared, about: Any, *, unnamed: bool = False, **said: Any) -> Attachment:
    columns = asdict(file)
    if unnamed:
        columns["name"] = f"{file.purpose.label}.{file.name.rpartition('.')[2]}"
    kept: Attachment = Attachment.objects.create(
        street=about.street, about=seal.known_as(about._meta.model), about_id=about.pk, **columns, **said
    )
    return kept


@atomic
def add_files(files: Iterable[Prepared], *, about: Any, by: User | None, at: dt.datetime) -> list[Attachment]:
    """Keep some more files of a row that stands (补附件)."""
    kept = keep_files(files, about=about, by=by, at=at)
    if not kept:
        raise Refused(_("请选择文件。"))
    trail.record("add_files", about, by=by, at=at, files=len(kept))
    return kept


@atomic
def cover(file: Attachment, *, bars: list[tuple[int, int, int, int]], by: User, at: dt.datetime) -> Attachment:
    """Draw black bars over parts of a picture (打码): a new picture stands in its place, the former is shown no more.

    ``bars``: left, top, right and bottom of each in thousandths of width and height.
    """
    check_bars(bars)
    if not file.is_picture:
        raise Refused(_("只有照片能打码。"))
    if lock(file).covered.exists():
        raise Refused(_("这张照片已经打过码，请在打过码的那张上再打。"))
    covered = replace(
        with_bars(Purpose(file.purpose), file.name, store.read(file.sha256), bars),
        original_sha256=file.original_sha256,
        original_size=file.original_size,
    )
    kept: Attachment = Attachment.objects.create(
        street=file.street, about=file.about, about_id=file.about_id, covers=file, by=by, at=at, **asdict(covered)
    )
    trail.record("cover_picture", kept, by=by, at=at, covers=file.public_id, bars=len(bars))
    return kept


@atomic
def look_at_original(file: Attachment, *, reason: str, by: User, at: dt.datetime) -> Attachment:
    """Put on the trail that somebody looks at a picture as it came (看原件), and why; it may show place and time."""
    if not file.original_sha256:
        raise Refused(_("这张照片没有另存原件。"))
    said = check_words(reason, field="reason")
    trail.record("look_at_original", file, by=by, at=at, reason=said, sha256=file.original_sha256)
    return file
