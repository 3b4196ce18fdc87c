"""Reading the trail and proving that it is whole."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from django.db import models

from hege.kernel import seal
from hege.people.models import Street
from hege.trail.models import TrailHead, TrailLine

SOME = 20  # of one kind of fault are named; more would bury the others


def of(thing: models.Model, *, street: Street) -> models.QuerySet[TrailLine]:
    """The lines about one thing, newest first."""
    return (
        TrailLine.objects.filter(street=street, thing=thing._meta.label_lower, thing_id=str(thing.pk))
        .select_related("by")
        .order_by("-seq")
    )


def last_proof(street: Street) -> TrailLine | None:
    """The line of the last time somebody had the whole chain recomputed, with what was found in its data."""
    return of(street, street=street).filter(verb="prove_trail").first()


def first_broken(street: Street) -> str | None:
    """The first broken link of a street's chain in words, or None. Recomputes every hash."""
    previous, seq = "", 0
    for line in TrailLine.objects.filter(street=street).select_related("by", "street").order_by("seq").iterator(2000):
        seq += 1
        if line.seq != seq:
            return f"trail {street.code}: line {seq} is missing"
        if line.previous != previous or line.hash != line.expected_hash():
            return f"trail {street.code}: line {seq} was changed"
        previous = line.hash
    head = TrailHead.objects.filter(street=street).first()
    if (head.seq, head.hash) != (seq, previous) if head else seq:
        return f"trail {street.code}: its end does not match its head (line {seq})"
    return None


class _Told(NamedTuple):
    """What a line of the trail says about rows of one table that its action wrote."""

    seq: int
    ids: list[list[int]]
    digest: str


def _told(street: Street, model: type[models.Model]) -> list[_Told]:
    label = model._meta.label_lower
    lines = TrailLine.objects.filter(street=street, data__sealed__has_key=label).order_by("seq")
    rows = [(seq, data["sealed"][label]) for seq, data in lines.values_list("seq", "data").iterator(2000)]
    return [_Told(seq, row["ids"], row["digest"]) for seq, row in rows]


def ids_told(street: Street, model: type[models.Model]) -> set[int]:
    """The ids of a table's rows that lines of the trail speak of."""
    return {pk for told in _told(street, model) for first, last in told.ids for pk in range(first, last + 1)}


def row_faults(street: Street, model: type[models.Model], *, all_told: bool = True) -> Iterator[str]:
    """The rows of an append-only table that are not what the trail sealed (``kernel.seal.rows``), in words.

    Changed, by the line that wrote them; gone; and, where ``all_told``, those that no line speaks of. One pass over
    the table beside one over the ids the lines name, both in the order of the ids.
    """
    label, names, told = model._meta.label_lower, seal.columns(model), _told(street, model)
    spans = sorted((first, last, place) for place, line in enumerate(told) for first, last in line.ids)
    named = ((pk, place) for first, last, place in spans for pk in range(first, last + 1))
    rolls = [seal.Roll() for _line in told]
    gone: list[tuple[int, int]] = []
    loose: list[int] = []
    pk, place = next(named, (None, 0))
    rows = model._default_manager.filter(street=street).order_by("pk").values_list(*names)
    for row in rows.iterator(2000):
        while pk is not None and pk < row[0]:
            gone.append((pk, told[place].seq))
            pk, place = next(named, (None, 0))
        if pk == row[0]:
            rolls[place].add(names, row)
            pk, place = next(named, (None, 0))
        else:
            loose.append(row[0])
    if pk is not None:
        gone.append((pk, told[place].seq))
    gone += [(pk, told[place].seq) for pk, place in islice(named, SOME)]
    for pk, seq in gone[:SOME]:
        yield f"{label} {pk}: is gone; line {seq} of the trail wrote it"
    for line, roll in zip(told, rolls, strict=True):
        if roll.digest() != line.digest:
            ids = ", ".join(f"{first}-{last}" if last > first else str(first) for first, last in line.ids[:SOME])
            yield f"{label} {ids}: not what line {line.seq} of the trail wrote"
    for pk in loose[:SOME] if all_told else []:
        yield f"{label} {pk}: no line of the trail speaks of it"
