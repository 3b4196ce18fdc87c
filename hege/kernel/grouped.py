"""Values by what they have in common."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")


def grouped(pairs: Iterable[tuple[K, V]]) -> dict[K, list[V]]:
    """The values of each key in their order; a key that none has is an empty list."""
    out: dict[K, list[V]] = defaultdict(list)
    for key, value in pairs:
        out[key].append(value)
    return out


def summed(pairs: Iterable[tuple[K, int]]) -> dict[K, int]:
    """What the numbers of each key add up to; 0 under a key that none has."""
    out: dict[K, int] = defaultdict(int)
    for key, number in pairs:
        out[key] += number
    return out
