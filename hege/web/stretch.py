"""A long list by stretches: each begins where the one before ended, by the values of that row, so that a deep one costs what
the first does and nobody counts the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from hege.web.pages import asked_parts

EACH = 50


class Order(NamedTuple):
    """By which column a list is sorted, and then by key, both up, or both down where ``latest`` come first; rows without a
    value in it come last. An index of the table has it so."""

    column: str
    latest: bool = False


class Place(NamedTuple):
    """Where a row stands in its order: what it has in the column, None for nothing, and its key."""

    value: Any
    pk: int

    def __str__(self) -> str:
        """As it stands in an address."""
        return f"{'' if self.value is None else self.value.isoformat()}_{self.pk}"


class Stretch(NamedTuple):
    """Some rows of a list that follow one another; ``before`` and ``after`` are where others stand, empty where there are none."""

    object_list: list[Any]
    before: str = ""
    after: str = ""


def stretch(
    request: HttpRequest, rows: QuerySet[Any], order: Order, in_full: Callable[[list[int]], Iterable[Any]]
) -> Stretch:
    """The stretch of a list that the address asks for (``?after=…``, ``?before=…``), the first where it asks for none that
    is; within ``in_parts`` one as large as that says. ``rows`` tell which, ``in_full`` reads those that are shown, by their keys."""
    wanted = asked_parts()
    if wanted is not None:
        if wanted.number == 1:
            wanted.rows, wanted.beyond = max(wanted.rows, rows.count()), None
        places = _places(rows, order, wanted.each, beyond=wanted.beyond)
        wanted.beyond = places[-1] if places else wanted.beyond
        return Stretch(_read(places, in_full))
    if at := _asked(request, rows, order, "before"):
        places = _places(rows, order, EACH + 1, beyond=at, back=True)
        some = places[:EACH][::-1]
        if some:
            return Stretch(_read(some, in_full), str(some[0]) if len(places) > EACH else "", str(some[-1]))
    at = _asked(request, rows, order, "after")
    places = _places(rows, order, EACH + 1, beyond=at)
    if at and not places:
        at, places = None, _places(rows, order, EACH + 1)
    some = places[:EACH]
    return Stretch(_read(some, in_full), str(some[0]) if at else "", str(some[-1]) if len(places) > EACH else "")


def _asked(request: HttpRequest, rows: QuerySet[Any], order: Order, word: str) -> Place | None:
    value, _sign, key = request.GET.get(word, "").rpartition("_")
    if not (key.isascii() and key.isdigit() and len(key) < 19):
        return None
    try:
        return Place(rows.model._meta.get_field(order.column).to_python(value) if value else None, int(key))
    except ValidationError:
        return None


def _places(
    rows: QuerySet[Any], order: Order, most: int, *, beyond: Place | None = None, back: bool = False
) -> list[Place]:
    """The places of so many rows beyond one, or of the first; a statement for those with a value, one for those without."""
    column, down, found = order.column, order.latest != back, list[Place]()
    nothing = [False, True] if rows.model._meta.get_field(column).null else [False]
    if back:
        nothing.reverse()
    if beyond:
        here = beyond.value is None
        nothing = nothing[nothing.index(here) :] if here in nothing else []
    sign, past = ("-", "lt") if down else ("", "gt")
    for none in nothing:
        some = rows.filter(**{f"{column}__isnull": none})
        if beyond and none == (beyond.value is None):
            further = Q(**{f"pk__{past}": beyond.pk})
            if not none:  # the first condition is what an index begins at
                at = Q(**{f"{column}__{past}e": beyond.value})
                further = at & (further | Q(**{f"{column}__{past}": beyond.value}))
            some = some.filter(further)
        some = some.order_by(f"{sign}{column}", f"{sign}pk")[: most - len(found)]
        found += (Place(*place) for place in some.values_list(column, "pk"))
        if len(found) == most:
            break
    return found


def _read(places: list[Place], in_full: Callable[[list[int]], Iterable[Any]]) -> list[Any]:
    keys = [place.pk for place in places]
    whole = {row.pk: row for row in in_full(keys)} if keys else {}
    return [whole[key] for key in keys]
