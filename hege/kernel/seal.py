"""Seals (封存): one SHA-256 over what rows say, so that a row changed or gone behind our back can be named."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.db import models


def _plain(value: Any) -> str:
    """What JSON has no word for, the same whether it comes from an action or back from the database."""
    return _iso(value) if isinstance(value, dt.date) else str(value)


@lru_cache(4096)  # a batch has one instant and few days
def _iso(day_or_instant: dt.date) -> str:
    """An instant in UTC; one that names no zone is in UTC already (``InUtc``)."""
    if not isinstance(day_or_instant, dt.datetime):
        return day_or_instant.isoformat()
    if day_or_instant.tzinfo is None:
        return day_or_instant.replace(tzinfo=dt.UTC).isoformat()
    return day_or_instant.astimezone(dt.UTC).isoformat()


class InUtc(models.Func):
    """An instant read for its seal: PostgreSQL's driver hands it out several times faster without its zone."""

    template = "(%(expressions)s AT TIME ZONE 'UTC')"
    output_field = models.DateTimeField()

    def as_sqlite(self, compiler: Any, connection: Any, **_context: Any) -> Any:
        return compiler.compile(self.source_expressions[0])


def _encoder() -> Callable[[Any], str]:
    """Canonical JSON; the C encoder is made once, because this runs for every transaction and row."""
    make, spell = getattr(json.encoder, "c_make_encoder", None), getattr(json.encoder, "c_encode_basestring", None)
    if make is None or spell is None:
        return json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True, default=_plain).encode
    sort_keys, skip_keys, allow_nan = True, False, True
    pieces = make(None, _plain, spell, None, ":", ",", sort_keys, skip_keys, allow_nan)
    return lambda value: "".join(pieces(value, 0))


_canonical = _encoder()


def digest(*parts: Any) -> str:
    """SHA-256 over plain values, dates, lists and dicts, as hex; the order of a dict's keys does not matter."""
    return hashlib.sha256(_canonical(parts).encode()).hexdigest()


@lru_cache
def known_as(model: type[models.Model]) -> str:
    """What lines of the trail call the rows of a model: its table, which keeps its name when the class gets a better one."""
    return model._meta.db_table.replace("_", ".", 1)


@lru_cache
def columns(model: type[models.Model], *leave_out: str) -> list[str]:
    """The columns a seal covers, ``id`` first. A file's content is not one: the SHA-256 beside it stands for it."""
    left_out = {*leave_out, *getattr(model, "left_out", ())}
    fields = model._meta.concrete_fields
    return [f.attname for f in fields if f.attname not in left_out and f.get_internal_type() != "BinaryField"]


def content(names: Iterable[str], values: Sequence[Any]) -> dict[str, Any]:
    """What a row says, by column of its table, in seals of the first recipe and of papers: blanks of any kind are left out."""
    return {n: v for n, v in zip(names, values, strict=True) if v or (v == 0 and v is not False)}


# -- what a row says ---------------------------------------------------------------------------------------------------

_NOTHING = object()  # equal to no value


@lru_cache
def _silent(model: type[models.Model]) -> list[tuple[str, Any]]:
    """Each column, as its table names it, with the value at which it says nothing: its default."""
    fields = {f.attname: f for f in model._meta.concrete_fields}
    out: list[tuple[str, Any]] = []
    for field in map(fields.__getitem__, columns(model)):
        told = callable(field.default) and field.default not in (list, dict)
        out.append((str(field.column), _NOTHING if told else _plain_type(field.get_default())))
    return out


def _plain_type(value: Any) -> Any:
    """A choice as the text or number it is."""
    for plain in (str, int):
        if isinstance(value, plain) and not isinstance(value, bool):
            return plain(value)
    return value


def says(model: type[models.Model], values: Sequence[Any]) -> bytes:
    """SHA-256 over what a row says, from its ``columns``. Defaults are left out: a column added later breaks no seal."""
    said = {
        name: value
        for (name, silent), value in zip(_silent(model), values, strict=True)
        if value != silent or type(value) is not type(silent)
    }
    return hashlib.sha256(_canonical(said).encode()).digest()


def says_in_memory(row: models.Model) -> bytes | None:
    """``says`` of an instance that has been written whole; None where only the database knows a value."""
    values = []
    for name, field, plain in _fields(type(row)):
        value = row.__dict__.get(name, _NOTHING)
        if type(value) is plain or value is None:
            values.append(value)
        elif value is _NOTHING or hasattr(value, "resolve_expression"):
            return None
        else:
            values.append(as_kept(field, value))
    return says(type(row), values)


#: Of which type a value is that the database gives back as it is.
_PLAIN = {
    models.CharField: str, models.TextField: str, models.IntegerField: int, models.BooleanField: bool,
    models.DateTimeField: dt.datetime, models.DateField: dt.date,
}  # fmt: skip


@lru_cache
def _fields(model: type[models.Model]) -> list[tuple[str, models.Field[Any, Any], type | None]]:
    """Each column a seal covers, its field, and the type of a value that needs no look at it."""
    fields = {f.attname: f for f in model._meta.concrete_fields}
    out: list[tuple[str, models.Field[Any, Any], type | None]] = []
    for name in columns(model):
        held: Any = getattr(fields[name], "target_field", fields[name])
        out.append(
            (name, fields[name], next((plain for kind, plain in _PLAIN.items() if isinstance(held, kind)), None))
        )
    return out


def as_kept(field: models.Field[Any, Any], value: Any) -> Any:
    """A value as the database will give it back."""
    value = _plain_type(field.to_python(value))
    if isinstance(field, models.DecimalField) and value is not None:
        return value.quantize(Decimal(1).scaleb(-field.decimal_places))
    return value


def says_at_first(model: type[models.Model], values: Sequence[Any]) -> bytes:
    """What a row says in seals of the first recipe, from its ``columns``."""
    return _canonical(content([name for name, _silent_at in _silent(model)], values)).encode()


def ranges(ids: Iterable[int]) -> list[list[int]]:
    """Whole numbers as closed ranges: 3, 4, 5, 9 -> [[3, 5], [9, 9]]."""
    out: list[list[int]] = []
    for number in sorted(ids):
        if out and out[-1][1] == number - 1:
            out[-1][1] = number
        else:
            out.append([number, number])
    return out
