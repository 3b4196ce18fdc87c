"""Which files are kept of what, and where their bytes are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q, QuerySet

from hege.attachments import store
from hege.attachments.models import Attachment
from hege.kernel.grouped import grouped
from hege.people.models import Street

CHUNK = 2000


def files_of(street: Street, about: str, ids: Iterable[Any]) -> dict[int, list[Attachment]]:
    """The files of some rows of a table, as the trail names it, by row, in the order they came; one query. ``ids`` may be one
    for the database to ask itself."""
    rows = Attachment.objects.filter(street=street, about=about, about_id__in=ids)
    return grouped((file.about_id, file) for file in rows.shown().select_related("by").order_by("pk"))


def files_about(street: Street, things: Mapping[str, Iterable[Any]]) -> QuerySet[Attachment]:
    """The files of rows of several tables, in the order they came; ``things`` as ``files_of`` takes each."""
    wanted = (Q(about=about, about_id__in=ids) for about, ids in things.items())
    rows = Attachment.objects.filter(reduce(or_, wanted, Q(pk__in=[])), street=street)
    found: QuerySet[Attachment] = rows.shown().select_related("by", "covers").order_by("pk")
    return found


def the_file(street: Street, public_id: str) -> Attachment | None:
    """A file by its public id; None of one that black bars cover."""
    rows = Attachment.objects.filter(street=street, public_id=public_id).select_related("street__trail_head")
    found: Attachment | None = rows.shown().first()
    return found


def named(contents: set[str]) -> set[str]:
    """Which of some contents, by their SHA-256, a row names."""
    rows = Attachment.objects.filter(
        Q(sha256__in=contents) | Q(small_sha256__in=contents) | Q(original_sha256__in=contents)
    )
    return {sha256 for row in rows.values_list("sha256", "small_sha256", "original_sha256") for sha256 in row}


def content_faults(street: Street) -> Iterator[str]:
    """The files whose bytes are gone or are not those that were kept, in words; every one of them is read."""
    rows = Attachment.objects.filter(street=street).order_by("pk")
    for pk, *contents in rows.values_list("pk", "sha256", "small_sha256", "original_sha256").iterator(CHUNK):
        for name, sha256 in zip(("file", "small picture", "original"), contents, strict=True):
            found = store.hash_of(sha256) if sha256 else sha256
            if found is None:
                yield f"attachment {pk}: its {name} is gone"
            elif found != sha256:
                yield f"attachment {pk}: its {name} is not what was kept"
