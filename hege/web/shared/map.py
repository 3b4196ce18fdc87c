"""A map of a town drawn by the server as SVG: outlines, lines, numbered places; north up, no tiles from elsewhere.

Whatever asks for a map hands in its things and gets a ``Sheet`` in whole pixels, which ``ui.map`` draws. The list beside
the map says the same in words: each place carries its number.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import chain, pairwise
from typing import Any, NamedTuple

from hege.imports.geojson import Shape
from hege.programme.alliance.rules import METRES_OF_A_TENTH, MICRO, Position, simplified

WIDTH, TALLEST, SMALLEST = 400, 480, 200  # pixels: how wide a sheet is, and how high it may be
EDGE = 16  # pixels round what is drawn
#: A sheet shows this many metres at least, so that one place alone does not lie on a map of its own yard.
LEAST_METRES = 300
#: Metres a scale may stand for.
SCALES = (50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000)


class Area(NamedTuple):
    """A part of the grid as it is handed in; ``chosen`` is drawn stronger."""

    name: str
    shape: Shape
    chosen: bool = False


class Spot(NamedTuple):
    """A numbered place as it is handed in; ``tone``: the class it is drawn with."""

    number: int
    name: str
    at: Position
    tone: str = ""


class DrawnArea(NamedTuple):
    name: str
    path: str
    x: int
    y: int
    chosen: bool


class DrawnSpot(NamedTuple):
    number: int
    name: str
    x: int
    y: int
    tone: str


class Sheet(NamedTuple):
    """A map in whole pixels. ``scale_px`` pixels are ``scale_metres`` metres."""

    width: int
    height: int
    areas: list[DrawnArea]
    lines: list[tuple[str, str]]
    spots: list[DrawnSpot]
    scale_px: int
    scale_metres: int
    source: str

    @property
    def scale_text(self) -> str:
        """The scale as it stands on the sheet: 500 m, 2 km."""
        return f"{self.scale_metres} m" if self.scale_metres < 1_000 else f"{self.scale_metres // 1_000} km"


class _Frame:
    """Millionths of a degree to pixels."""

    def __init__(self, corners: Sequence[Position]) -> None:
        west, south = (min(values) for values in zip(*corners, strict=True))
        east, north = (max(values) for values in zip(*corners, strict=True))
        self.stretch = Fraction(round(math.cos(math.radians(Fraction(south + north, 2 * MICRO))) * MICRO), MICRO)
        least = LEAST_METRES * (MICRO // 10) // METRES_OF_A_TENTH
        wide, high = max(round((east - west) * self.stretch), least), max(north - south, least // 2)
        inner = WIDTH - 2 * EDGE
        tall = min(max(high * inner // wide, SMALLEST - 2 * EDGE), TALLEST - 2 * EDGE)
        #: Pixels of a millionth of a degree of latitude.
        self.zoom = min(Fraction(inner, wide), Fraction(tall, high))
        self.width, self.height = WIDTH, tall + 2 * EDGE
        self.middle = (west + east) // 2, (south + north) // 2

    def at(self, position: Position) -> Position:
        x = (position[0] - self.middle[0]) * self.stretch * self.zoom
        y = (self.middle[1] - position[1]) * self.zoom
        return self.width // 2 + round(x), self.height // 2 + round(y)

    def meets(self, pixels: Sequence[Position]) -> bool:
        """Whether some part of a line may be seen, be it one that runs through without a corner on the sheet."""
        return any(
            max(a, x) >= 0 and min(a, x) <= self.width and max(b, y) >= 0 and min(b, y) <= self.height
            for (a, b), (x, y) in pairwise(pixels)
        )

    @property
    def scale(self) -> tuple[int, int]:
        """A round number of metres that is some hundred pixels long, and how long exactly."""
        metre = self.zoom * Fraction(MICRO // 10, METRES_OF_A_TENTH)
        fits = [metres for metres in SCALES if metres * metre <= Fraction(self.width, 5)]
        metres = fits[-1] if fits else SCALES[0]
        return round(metres * metre), metres


def sheet(
    areas: Iterable[Area] = (), lines: Iterable[dict[str, Any]] = (), spots: Iterable[Spot] = (), *, source: str = ""
) -> Sheet | None:
    """The map of some areas and spots; None where there is neither. ``lines`` as ``alliance.rules.check_lines`` keeps
    them: those that run through the sheet are drawn."""
    some, marked = list(areas), list(spots)
    rings = [[_ring(ring) for rings in area.shape for ring in rings] for area in some]
    corners = [*chain.from_iterable(chain.from_iterable(rings)), *(spot.at for spot in marked)]
    if not corners:
        return None
    frame = _Frame(corners)
    drawn = [_area(frame, area, outline) for area, outline in zip(some, rings, strict=True)]
    runs = [(line["kind"], [frame.at((at[0], at[1])) for at in line["runs"]]) for line in lines]
    px, metres = frame.scale
    placed = _apart([DrawnSpot(spot.number, spot.name, *frame.at(spot.at), spot.tone) for spot in marked])
    return Sheet(
        frame.width, frame.height, [_named_beside(area, placed) for area in drawn],
        [(kind, _path(pixels)) for kind, pixels in runs if frame.meets(pixels)],
        placed, px, metres, source,
    )  # fmt: skip


def centre(shape: Shape) -> Position:
    """The middle of an outline."""
    corners = [corner for rings in shape for corner in _ring(rings[0])]
    xs, ys = zip(*corners, strict=True)
    return (min(xs) + max(xs)) // 2, (min(ys) + max(ys)) // 2


def _ring(ring: Sequence[Position]) -> list[Position]:
    """A ring of ten-millionths of a degree in millionths."""
    return [(x // 10, y // 10) for x, y in ring]


def _area(frame: _Frame, area: Area, rings: Sequence[Sequence[Position]]) -> DrawnArea:
    path = "".join(_path([frame.at(at) for at in ring], closed=True) for ring in rings)
    return DrawnArea(area.name, path, *frame.at(centre(area.shape)), area.chosen)


def _path(pixels: Sequence[Position], *, closed: bool = False) -> str:
    """A line of pixels, each corner as the way from the one before."""
    corners = simplified(pixels, 1)
    if closed and len(corners) > 1 and corners[0] == corners[-1]:
        corners = corners[:-1]
    if len(corners) < 2:  # smaller than a pixel
        return f"M{corners[0][0]},{corners[0][1]}h1"
    steps = (f"{x - a},{y - b}" for (a, b), (x, y) in pairwise(corners))
    return f"M{corners[0][0]},{corners[0][1]}l{' '.join(steps)}{'z' if closed else ''}"


#: Pixels between the middles of two spots, so that both numbers can be read.
APART = 24
#: Pixels by which the name of an area gives way to a spot, and what both may be wide and high.
WAY, NAME_WIDE, NAME_HIGH = 22, 40, 18


def _apart(spots: list[DrawnSpot]) -> list[DrawnSpot]:
    """The spots, those that would lie on another moved off to its side."""
    placed: list[DrawnSpot] = []
    for spot in spots:
        ring = [(0, 0), *((x * n, y * n) for n in (1, 2, 3) for x, y in ((1, 0), (-1, 0), (0, 1), (0, -1)))]
        moved = (spot._replace(x=spot.x + dx * APART, y=spot.y + dy * APART) for dx, dy in ring)
        placed.append(next((one for one in moved if not _hidden(one, placed)), spot))
    return placed


def _hidden(spot: DrawnSpot, placed: Iterable[DrawnSpot]) -> bool:
    return any(abs(spot.x - other.x) < APART and abs(spot.y - other.y) < APART for other in placed)


def _named_beside(area: DrawnArea, spots: Sequence[DrawnSpot]) -> DrawnArea:
    """The area with its name where no spot hides it, if there is such a place near its middle."""

    def hidden(y: int) -> bool:
        return any(abs(spot.x - area.x) < NAME_WIDE and abs(spot.y + 5 - y) < NAME_HIGH for spot in spots)

    return next((area._replace(y=y) for n in (0, 1, -1, 2, -2) if not hidden(y := area.y + n * WAY)), area)
