"""What of small numbers of people is not said (少于5人), so that nobody gets it back from a sum that is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

#: Of fewer people no number is said.
FEWEST = 5
#: More than any number of people.
ANY = 1_000_000_000


class Hidden(TextChoices):
    """Why a number is not said."""

    FEW = "few", _("少于5人")
    APART = "apart", _("不单列")


Shown = int | Hidden
K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class Masked(Generic[K]):
    """Parts and their sum, as they may be shown."""

    parts: Mapping[K, Shown]
    total: Shown


class _Cell(NamedTuple):
    """A part that is not said: what it is, and between which numbers whoever reads the table knows it to be."""

    people: int
    least: int
    most: int


def masked(counts: Mapping[K, int], most: Mapping[K, int] | None = None) -> Masked[K]:
    """How parts of a sum are shown: those under five not at all, and no sum that would give one of them back.

    ``most``: how many each can be at the most, where readers know that (places that were taken). Where one small part alone
    would be the rest of the sum, the next smallest is not said either (不单列); where that does not help, no part or, in the
    end, the sum.
    """
    bounds = {key: most.get(key, ANY) if most else ANY for key in counts}
    total = sum(counts.values())
    if not total:
        return Masked(dict(counts), total)  # nobody is told of
    if total < FEWEST:
        return Masked(dict.fromkeys(counts, Hidden.FEW), Hidden.FEW)
    for parts in _ways(counts):
        cells = [_cell(label, counts[key], bounds[key]) for key, label in parts.items()]
        if _safe(cells):
            return Masked({key: parts.get(key, count) for key, count in counts.items()}, total)
    few = {key: Hidden.FEW if count < FEWEST else count for key, count in counts.items()}
    return Masked(few, Hidden.APART)


def _ways(counts: Mapping[K, int]) -> Iterator[dict[K, Hidden]]:
    """What may be left out, the least first."""
    found = {key: Hidden.FEW for key, count in counts.items() if count < FEWEST}
    yield found
    for key in sorted((key for key in counts if key not in found), key=lambda key: counts[key]):
        found = {**found, key: Hidden.APART}
        yield found
    yield dict.fromkeys(counts, Hidden.APART)


def _cell(label: Hidden, count: int, most: int) -> _Cell:
    if label is Hidden.FEW:
        return _Cell(count, 0, min(FEWEST - 1, most))
    return _Cell(count, FEWEST if count >= FEWEST else 0, most)


def _safe(cells: list[_Cell]) -> bool:
    """Whether each part of at least one and under five could be another number still, by the sum and all the others."""
    hidden = sum(cell.people for cell in cells)
    least, most = sum(cell.least for cell in cells), sum(cell.most for cell in cells)
    for cell in cells:
        if 0 < cell.people < FEWEST:
            from_ = max(cell.least, hidden - (most - cell.most))
            to = min(cell.most, hidden - (least - cell.least))
            if from_ >= to:
                return False
    return True
