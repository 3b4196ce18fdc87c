"""Charts drawn by the server as SVG (图表): where each column stands and how high, so that they fit any width.

Lengths are hundredths of a per cent of the picture. The page that shows one shows the same figures as a table beside it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import count, pairwise
from typing import NamedTuple

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from hege.kernel.grouped import grouped
from hege.kernel.money import yuan

#: The whole of the picture.
WHOLE = 10_000
#: Where a column's field ends: below its number, above its name.
TOP, FLOOR = 1_400, 8_400
#: How much of a column's field is the column.
SHARE = 5_600


def percent(length: int) -> str:
    """A length as SVG takes it: ``14.05%``."""
    return f"{length // 100}.{length % 100:02}%"


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

    percent = staticmethod(percent)

    @property
    def figures(self) -> list[Figure]:
        """What it shows, for the table beside it."""
        return [column.figure for column in self.columns]


def round_steps(most: int, *, least: int = 0, at_most: int = 4) -> list[int]:
    """The values of lines across: from nothing, or the last at or below ``least``, up to the first at or above ``most``, by steps
    of 1, 2 or 5 times a power of ten.

    >>> round_steps(37)
    [0, 10, 20, 30, 40]
    >>> round_steps(37, least=-8)
    [-20, 0, 20, 40]
    """
    most = max(most, least + 1)
    sizes = (factor * 10**power for power in count() for factor in (1, 2, 5))
    step = next(size for size in sizes if size * at_most >= most - least)
    return [step * n for n in range(least // step, -(-most // step) + 1)]


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


# -- time lines --------------------------------------------------------------------------------------------------------

#: Where lines end: below the upper edge, above the days.
HIGHEST, LOWEST = 500, 8_600
#: How far apart names at the ends of lines stand at least.
APART = 1_000
#: Within how much of the last day no other is written, none on a narrow screen, and none where type is large or it is very narrow.
TOUCHES, CLOSE, NEAR = 1_000, 2_000, 3_000
#: From how much on a scale counts in ten thousands (万), in fen.
LARGE = 1_000_000


class Series(NamedTuple):
    """One line of a time line: what money it is (as the bar of who holds the money has it: ``owed``, ``held``, …), its name, and
    in fen its value on each day, None where nobody knows it."""

    kind: str
    name: str
    values: Sequence[int | None]


class Dot(NamedTuple):
    """One known value: where it stands, and how much it is."""

    x: int
    y: int
    fen: int
    on: dt.date


@dataclass(frozen=True, slots=True)
class Track:
    """One drawn line: the runs of its known values, and where its name stands at its end."""

    series: Series
    runs: Sequence[Sequence[Dot]]
    named_at: int
    floor: int

    @property
    def strokes(self) -> list[tuple[Dot, Dot]]:
        """Each stretch from one known value to the next; none across what nobody knows."""
        return [stroke for run in self.runs for stroke in pairwise(run)]

    @property
    def areas(self) -> list[str]:
        """What lies between the line and nothing, as the corners of polygons."""
        return [
            " ".join(
                f"{x},{y}" for x, y in ((run[0].x, self.floor), *((d.x, d.y) for d in run), (run[-1].x, self.floor))
            )
            for run in self.runs
            if len(run) > 1
        ]

    @property
    def first(self) -> Dot:
        return self.runs[0][0]

    @property
    def last(self) -> Dot:
        return self.runs[-1][-1]


class Moment(NamedTuple):
    """One day: its name below the line and when it is shown (``""`` always, ``often`` and ``near`` by the room, ``never``), what
    the pointer is told of there (from, width), and each series with its value."""

    on: dt.date
    name: str
    shown: str
    x: int
    left: int
    width: int
    values: Sequence[tuple[Series, Dot | None]]


class Unknown(NamedTuple):
    """A stretch of which nobody knows a value: from, width, whose."""

    left: int
    width: int
    series: Series


class Event(NamedTuple):
    """Something that happened on a day and is marked on a time line: a short label, and what it is."""

    on: dt.date
    label: str
    what: str


class Mark(NamedTuple):
    """Where the events of one day stand: how far across, their labels and how far down those are written, what they are."""

    x: int
    label: str
    down: int
    whats: Sequence[str]


@dataclass(frozen=True, slots=True)
class TimeLine:
    """Lines over time, days at their true distance; by month ends as a rule."""

    tracks: Sequence[Track]
    moments: Sequence[Moment]
    lines: Sequence[Line]
    unknown: Sequence[Unknown]
    marks: Sequence[Mark] = ()

    percent = staticmethod(percent)

    def in_short(self, fen: int) -> str:
        """A value of the scale in round yuan, in Chinese by ten thousands where it is large: ``7.5 万``."""
        most = max(abs(line.value) for line in self.lines)
        if most >= LARGE and get_language() != "en":
            whole, rest = divmod(abs(fen), LARGE)
            n = f"{'-' if fen < 0 else ''}{whole}.{rest:06}".rstrip("0").removesuffix(".")
            return _("%(n)s 万") % {"n": n} if fen else "0"
        return yuan(fen).removesuffix(".00")

    @property
    def scale_room(self) -> str:
        """How wide the scale is, as SVG takes it."""
        return _room(self.in_short(line.value) for line in self.lines)

    @property
    def names_room(self) -> str:
        """How wide the names at the ends are with their last values."""
        return _room(f"{track.series.name} {yuan(track.last.fen)}" for track in self.tracks)


def _room(texts: Iterable[str]) -> str:
    """The width of the longest in ``em``: a figure is a little more than half as wide as a Chinese character."""
    hundredths = 40 + max((sum(100 if c > "⺀" else 58 for c in text) for text in texts), default=0)
    return f"{hundredths // 100}.{hundredths % 100:02}em"


def time_line(days: Sequence[tuple[dt.date, str]], series: Sequence[Series], events: Sequence[Event] = ()) -> TimeLine:
    """A time line (走势) of two days or more, each with its name, the oldest first; one without a name has none below the line.
    ``events`` are marked at their day."""
    first, last = days[0][0], days[-1][0]
    known = [fen for one in series for fen in one.values if fen is not None]
    steps = round_steps(max([0, *known]), least=min([0, *known]), at_most=5)

    def across(on: dt.date) -> int:
        return WHOLE * (on - first).days // max((last - first).days, 1)

    def down(fen: int) -> int:
        return LOWEST - (LOWEST - HIGHEST) * (fen - steps[0]) // (steps[-1] - steps[0])

    at = [across(on) for on, _name in days]
    rows = [
        [
            None if fen is None else Dot(x, down(fen), fen, on)
            for fen, x, (on, _name) in zip(one.values, at, days, strict=True)
        ]
        for one in series
    ]
    drawn = [(one, runs) for one, row in zip(series, rows, strict=True) if (runs := _runs(row))]
    places = _apart([runs[-1][-1].y for _one, runs in drawn])
    named = [n for n, (_on, name) in enumerate(days) if name]
    edges = [0, *((a + b) // 2 for a, b in pairwise(at)), WHOLE]
    moments = [
        Moment(
            on, name, _needful(n, at, named), at[n], edges[n], edges[n + 1] - edges[n],
            [(one, row[n]) for one, row in zip(series, rows, strict=True)],
        )
        for n, (on, name) in enumerate(days)
    ]  # fmt: skip
    return TimeLine(
        [Track(one, runs, place, down(0)) for (one, runs), place in zip(drawn, places, strict=True)],
        moments,
        [Line(down(value), value) for value in steps],
        [gap for one in series for gap in _gaps(one, at)],
        _marks(events, across),
    )


#: How far apart labels of marks stand at least in one row, how high a row is, and how many there are.
BESIDE, ROW, ROWS = 1_100, 700, 4


def _marks(events: Sequence[Event], across: Callable[[dt.date], int]) -> list[Mark]:
    """The events day by day, each day's labels in the first row in which they touch none."""
    by_day = grouped((event.on, event) for event in sorted(events, key=lambda event: event.on))
    ends = [-WHOLE] * ROWS
    marks = []
    for on, here in by_day.items():
        x = across(on)
        row = next((n for n, end in enumerate(ends) if x - end >= BESIDE), ROWS - 1)
        ends[row] = x + (len(here) - 1) * BESIDE // 2
        marks.append(Mark(x, " ".join(event.label for event in here), 200 + row * ROW, [e.what for e in here]))
    return marks


def _runs(row: Sequence[Dot | None]) -> list[list[Dot]]:
    """What is known without a gap, run by run."""
    runs: list[list[Dot]] = [[]]
    for dot in row:
        if dot is None:
            runs.append([])
        else:
            runs[-1].append(dot)
    return [run for run in runs if run]


def _gaps(series: Series, at: Sequence[int]) -> list[Unknown]:
    """Each stretch between known values, or from an edge, of which nobody knows the value."""
    known = [n for n, fen in enumerate(series.values) if fen is not None]
    bounds = pairwise([0, *known, len(at) - 1])
    missing = {n for n, fen in enumerate(series.values) if fen is None}
    return [Unknown(at[a], at[b] - at[a], series) for a, b in bounds if missing & set(range(a, b + 1))]


def _needful(n: int, at: Sequence[int], named: Sequence[int]) -> str:
    """The last day is always written, each third with a name before it too; none so near the last that they would touch."""
    if n not in named:
        return "never"
    before = len(named) - 1 - named.index(n)
    left = at[-1] - at[n]
    if before and left < TOUCHES:
        return "never"
    if before % 3 or (before and left < CLOSE):
        return "often"
    return "near" if before and left < NEAR else ""


def _apart(downs: Sequence[int]) -> list[int]:
    """The same places, moved until no two names touch: the order stays, and none falls below the lowest line."""
    order = sorted(range(len(downs)), key=lambda n: downs[n])
    places = list(downs)
    for above, below in pairwise(order):
        places[below] = max(places[below], places[above] + APART)
    for below, above in pairwise(reversed(order)):
        places[below] = min(places[below], LOWEST)
        places[above] = min(places[above], places[below] - APART)
    return places
