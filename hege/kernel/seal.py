"""Seals (封存): one SHA-256 over what rows say, so that a row changed or gone behind our back can be named."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from django.db import models


def _plain(value: Any) -> str:
    """What JSON has no word for, the same whether it comes from an action or back from the database."""
    return _iso(value) if isinstance(value, dt.date) else str(value)


@lru_cache(4096)  # a batch has one instant and few days
def _iso(day_or_instant: dt.date) -> str:
    utc = day_or_instant.astimezone(dt.UTC) if isinstance(day_or_instant, dt.datetime) else day_or_instant
    return utc.isoformat()


# Made once: this runs for every event and row.
_canonical = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True, default=_plain).encode


def digest(*parts: Any) -> str:
    """SHA-256 over plain values, dates, lists and dicts, as hex; the order of a dict's keys does not matter."""
    return hashlib.sha256(_canonical(parts).encode()).hexdigest()


def columns(model: type[models.Model], *leave_out: str) -> list[str]:
    """The columns a seal covers, ``id`` first. A file's content is not one: the SHA-256 beside it stands for it."""
    fields = model._meta.concrete_fields
    return [f.attname for f in fields if f.attname not in leave_out and f.get_internal_type() != "BinaryField"]


def content(names: Sequence[str], values: Sequence[Any]) -> dict[str, Any]:
    """What a row says, by column. Blanks are left out, so that a column added later leaves old seals whole."""
    return {n: v for n, v in zip(names, values, strict=True) if v or (v == 0 and v is not False)}


def says(names: Sequence[str], values: Sequence[Any]) -> bytes:
    """What a row says, as the bytes a seal takes in."""
    return _canonical(content(names, values)).encode()


class Roll:
    """The digest of many rows, added one by one in the order of their ids."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()

    def add(self, names: Sequence[str], values: Sequence[Any]) -> None:
        """One more row."""
        self._hash.update(says(names, values))

    def digest(self) -> str:
        """SHA-256 over the rows so far, as hex."""
        return self._hash.hexdigest()


def rows_of(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> dict[str, Any]:
    """What a line of the trail carries, as ``sealed=``, about rows its action wrote: their ids and one digest.

    ``names`` are ``columns`` of the model in any order with ``id`` first; ``rows`` their values in the order of the ids.
    """
    roll, ids = Roll(), []
    for row in rows:
        roll.add(names, row)
        ids.append(row[0])
    return {model._meta.label_lower: {"ids": ranges(ids), "digest": roll.digest()}} if ids else {}


def rows(made: Sequence[models.Model]) -> dict[str, Any]:
    """``rows_of`` for instances of one model that have just been written."""
    if not made:
        return {}
    names = columns(type(made[0]))
    return rows_of(type(made[0]), names, ([getattr(r, n) for n in names] for r in sorted(made, key=lambda r: r.pk)))


def ranges(ids: Iterable[int]) -> list[list[int]]:
    """Whole numbers as closed ranges: 3, 4, 5, 9 -> [[3, 5], [9, 9]]."""
    out: list[list[int]] = []
    for number in sorted(ids):
        if out and out[-1][1] == number - 1:
            out[-1][1] = number
        else:
            out.append([number, number])
    return out
