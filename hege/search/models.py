"""What is sought in: one row a thing, made from what is written elsewhere, and made anew when that changes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.db import models

from hege.kernel.mutability import Mutable
from hege.people.models import OfStreet


class Entry(OfStreet, Mutable):
    """One thing that is found (索引条目): ``thing`` is its table's label, ``text`` is folded, ``grams`` its characters and pairs.

    On SQLite a full-text table beside it, kept by triggers, finds by ``grams``; on PostgreSQL an inverted index does.
    """

    unwatched = "made from rows that the trail carries, and made anew from them"

    thing = models.CharField(max_length=40)
    about_id = models.BigIntegerField()
    text = models.TextField()
    grams = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["street", "thing", "about_id"], name="search_one_of_each")]

    def __str__(self) -> str:
        return f"{self.thing} {self.about_id}"


def found_models() -> list[type[models.Model]]:
    """The models whose rows are found by columns of their own: those that say ``found_by``."""
    return [model for model in apps.get_models() if getattr(model, "found_by", ())]


def said_by(values: Iterable[Any]) -> str:
    """What is found by some columns of a row: no word reaches from one into the next."""
    return " ".join(str(value) for value in values if value not in (None, ""))


def said_of(row: models.Model) -> str:
    """``said_by`` of a row in memory."""
    return said_by(_along(row, path) for path in getattr(row, "found_by", ()))


def _along(row: Any, path: str) -> Any:
    for name in path.split("__"):
        row = getattr(row, name) if row is not None else None
    return row
