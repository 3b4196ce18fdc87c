"""Charts drawn by the server as SVG (图表): where each column stands and how high, so that they fit any width.

Lengths are hundredths of a per cent of the picture. The page that shows one shows the same figures as a table beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import NamedTuple

#: The whole of the picture.
WHOLE = 10_000
#: Where a column's field ends: below its number, above its name.
TOP, FLOOR = 1_400, 8_400
#: How much of a column's field is the column.
SHARE = 5_600


class Figure(NamedTuple):
    """One figure to be drawn: its name, its value (zero or more), and what is written above it, empty for nothing."""

    name: str
    value: int
    shown: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: left edge, middle, top, width, height."""

    figure: Figure
    left: int
    middle: int
    top: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Line:
    """A line across at a round value: how far down, and the value."""

    down: int
    value: int


@dataclass(frozen=True, slots=True)
class Chart:
    """Columns over lines; ``most`` is the round value of the highest line."""

    columns: Sequence[Column]
    lines: Sequence[Line]
    most: int

    @property
    def is_flat(self) -> bool:
        """Whether it has nothing to show: every value is nothing, or is kept back."""
        return not any(column.height for column in self.columns)

    @staticmethod
    def percent(length: int) -> str:
        """A length as SVG takes it: ``14.05%``."""
        return f"{length // 100}.{length % 100:02}%"

    @property
    def figures(self) -> list[Figure]:
        """What it shows, for the table beside it."""
        return [column.figure for column in self.columns]


def round_steps(most: int, *, at_most: int = 4) -> list[int]:
    """The values of lines across: from nothing up to the first at or above ``most``, by steps of 1, 2 or 5 times a power of ten.

    >>> round_steps(37)
    [0, 10, 20, 30, 40]
    """
    most = max(most, 1)
    sizes = (factor * 10**power for power in count() for factor in (1, 2, 5))
    step = next(size for size in sizes if size * at_most >= most)
    return [step * n for n in range(-(-most // step) + 1)]


def columns(figures: Iterable[Figure]) -> Chart:
    """A chart of columns, in the order of the figures; each stands in a field of the same width."""
    rows = list(figures)
    steps = round_steps(max((row.value for row in rows), default=0))
    most, fields, width = steps[-1], max(len(rows), 1), SHARE // max(len(rows), 1)

    def high(value: int) -> int:
        return (FLOOR - TOP) * value // most

    def middle(n: int) -> int:
        return WHOLE * (2 * n + 1) // (2 * fields)

    drawn = [
        Column(row, middle(n) - width // 2, middle(n), FLOOR - high(row.value), width, high(row.value))
        for n, row in enumerate(rows)
    ]
    return Chart(drawn, [Line(FLOOR - high(value), value) for value in steps], most)
