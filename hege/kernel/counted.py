"""Counting no further than anybody needs to know: a number, and whether it may be more (N+)."""

from __future__ import annotations

from typing import NamedTuple

from django.db.models import BigIntegerField, Subquery

COUNTED = 1000  # what goes beyond is said to be more: nobody needs to know how many, and counting them costs


class Counted(NamedTuple):
    """A number, and whether it may be more."""

    n: int
    or_more: bool = False

    @classmethod
    def of(cls, n: int) -> Counted:
        """What was counted up to one beyond ``COUNTED``."""
        return cls(min(n, COUNTED), n > COUNTED)

    def __bool__(self) -> bool:
        return self.n > 0

    def __str__(self) -> str:
        return f"{self.n // 100 * 100}+" if self.or_more else str(self.n)


class RowCount(Subquery):
    """How many rows a query has, as a column of another query; slice the query to count no further."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) counted)"
    output_field = BigIntegerField()
