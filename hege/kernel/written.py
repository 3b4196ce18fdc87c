"""What a transaction has written and no line of the trail speaks of yet (待封存): it collects itself, as rows are saved.

``trail.record`` comes last in each action and takes it all; what is left when a transaction ends is a fault of the code.
Kept in Django's list of things to do on commit, so that a savepoint taken back takes its part of it along.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from django.db import models

from hege.kernel import seal
from hege.kernel.database import asked, on_commit
from hege.kernel.prepared import prepared

log = logging.getLogger("hege.written")


class Row(NamedTuple):
    """A row that was written: the street it belongs to, if any, and the SHA-256 of what it says."""

    street_id: int | None
    says: bytes


#: By model and key; None where the row has to be read again, because only a part of it was written.
Rows = dict[type[models.Model], dict[int, Row | None]]


class _Written:
    """Rows written under one savepoint since the last line of the trail."""

    def __init__(self) -> None:
        self.rows: Rows = {}
        self.told = False

    def __call__(self) -> None:
        """On commit."""
        if not self.told:
            report(self.rows)


class _Told:
    """A line of the trail took what was written before it, but for rows of other streets."""

    def __init__(self, left: Rows) -> None:
        self.left = left

    def __call__(self) -> None:
        """On commit."""


def report(rows: Rows) -> None:
    """Say in the log that rows were written which no line of the trail speaks of: ``hege verify`` will name them."""
    names = ", ".join(sorted(model._meta.label for model, found in rows.items() if found))
    if names:
        log.error("rows were written that no line of the trail speaks of: %s", names)


def note(model: type[models.Model], rows: Mapping[int, Row | None]) -> None:
    """These rows of a model were written."""
    if not rows:
        return
    connection = asked()
    if not connection.in_atomic_block:
        report({model: dict(rows)})
        return
    under, last = set(connection.savepoint_ids), connection.run_on_commit[-1:]
    if last and isinstance(last[0][1], _Written) and last[0][0] == under:
        here = last[0][1]
    else:
        here = _Written()
        on_commit(here)
    here.rows.setdefault(model, {}).update(rows)


def note_instances(made: Iterable[models.Model]) -> None:
    """These whole rows of one model were written as they are in memory."""
    rows = list(made)
    if rows:
        note(type(rows[0]), {row.pk: _row(row) for row in rows})


def _row(instance: models.Model) -> Row | None:
    says = seal.says_in_memory(instance)
    return None if says is None else Row(street_of(type(instance), instance.__dict__), says)


def street_of(model: type[models.Model], values: Mapping[str, object]) -> int | None:
    """The street a row belongs to, from its columns; a street is its own."""
    found = values["id"] if seal.known_as(model) == "people.street" else values.get("street_id")
    assert found is None or isinstance(found, int)
    return found


def pending() -> Rows:
    """What was written in this transaction since the last line of the trail, the later word of each row."""
    found: list[Rows] = []
    for todo in reversed(asked().run_on_commit):
        if isinstance(todo[1], _Written):
            found.append(todo[1].rows)
        elif isinstance(todo[1], _Told):
            found.append(todo[1].left)
            break
    out: Rows = {}
    for rows in reversed(found):
        for model, some in rows.items():
            out.setdefault(model, {}).update(some)
    return {model: some for model, some in out.items() if some}


def took(*, left: Rows) -> None:
    """A line of the trail carries all that was pending, but for what is ``left``."""
    for todo in reversed(asked().run_on_commit):
        if isinstance(todo[1], _Told):
            break  # what came before it is told
        if isinstance(todo[1], _Written):
            todo[1].told = True
    on_commit(_Told(left))


def read_again(rows: Rows) -> dict[type[models.Model], dict[int, Row]]:
    """The rows with what they say now, those that have to be from the database; one statement a model. Gone ones left out."""
    out: dict[type[models.Model], dict[int, Row]] = {}
    for model, some in rows.items():
        known = {pk: row for pk, row in some.items() if row is not None}
        names, partly = seal.columns(model), sorted(some.keys() - known.keys())
        for first in range(0, len(partly), 5000):
            for values in _as_they_stand(model, partly[first : first + 5000]):
                street = street_of(model, dict(zip(names, values, strict=True)))
                known[values[0]] = Row(street, seal.says(model, values))
        out[model] = known
    return out


@prepared
def _as_they_stand(model: type[models.Model], pks: Sequence[int]) -> models.QuerySet[models.Model, tuple[Any, ...]]:
    rows = model._base_manager.filter(pk__in=pks).order_by("pk")
    return rows.values_list(*seal.columns(model))
