"""Half-open periods (起止日期): a row holds from a day on, until another day exclusive; without an end it goes on."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar, Self, TypeVar

from django.db import models
from django.db.models import Q

from hege.kernel.mutability import Mutable, MutableQuerySet

M = TypeVar("M", bound=models.Model)


def not_over(day: dt.date, of: str = "") -> Q:
    """Rows that have not ended by a day, those that have yet to begin too; ``of``: the way to them, ``"unit__"``."""
    return Q(**{f"{of}until_on__isnull": True}) | Q(**{f"{of}until_on__gt": day})


def holds_on(day: dt.date, of: str = "") -> Q:
    """Rows that hold on a day."""
    return Q(**{f"{of}from_on__lte": day}) & not_over(day, of)


class LastingQuerySet(MutableQuerySet[M]):
    """Chainable filters over rows with a period."""

    def on(self, day: dt.date) -> Self:
        """Those that hold on a day."""
        return self.filter(holds_on(day))

    def not_over(self, day: dt.date) -> Self:
        """Those that hold on a day or later."""
        return self.filter(not_over(day))

    def overlapping(self, from_on: dt.date, until_on: dt.date | None) -> Self:
        """Those that share at least one day with a half-open period."""
        rows = self.not_over(from_on)
        return rows if until_on is None else rows.filter(from_on__lt=until_on)


class Lasting(Mutable):
    """Rows that hold for a time."""

    from_on = models.DateField()
    until_on = models.DateField(null=True, blank=True)

    objects: ClassVar[models.Manager[Self]] = models.Manager.from_queryset(LastingQuerySet)()

    class Meta:
        abstract = True
