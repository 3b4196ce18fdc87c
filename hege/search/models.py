"""What is sought in: one row a thing, made from what is written elsewhere, and made anew when that changes."""

from __future__ import annotations

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
