"""Maps as the server draws them: in whole pixels, in proportion, with numbers that can be read."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hege.programme.alliance.rules import distance_metres
from hege.web.shared.map import APART, WIDTH, Area, Spot, centre, sheet

pytestmark = pytest.mark.once

WEST, SOUTH = 121_260_000, 31_160_000


def square(size: int = 10_000, west: int = WEST, south: int = SOUTH):
    """An outline as it is kept, in ten-millionths of a degree; ``size`` in millionths."""
    corners = [(west, south), (west + size, south), (west + size, south + size), (west, south + size), (west, south)]
    return ((tuple((x * 10, y * 10) for x, y in corners),),)


def test_nothing_to_show_is_no_map():
    assert sheet() is None


def test_the_scale_is_as_long_as_it_says():
    """Two spots a thousand metres apart lie as many pixels apart as the scale promises."""
    one, other = (WEST, SOUTH), (WEST, SOUTH + 9_000)
    drawn = sheet([Area("甲", square(20_000))], spots=[Spot(1, "甲", one), Spot(2, "乙", other)])
    assert drawn is not None
    pixels = drawn.spots[0].y - drawn.spots[1].y
    assert abs(pixels * drawn.scale_metres // drawn.scale_px - distance_metres(one, other)) < 40


def test_north_is_up_and_east_is_right():
    drawn = sheet(
        [Area("甲", square())], spots=[Spot(1, "西南", (WEST, SOUTH)), Spot(2, "东北", (WEST + 10_000, SOUTH + 10_000))]
    )
    assert drawn is not None
    first, second = drawn.spots
    assert first.x < second.x
    assert first.y > second.y


def test_a_road_that_runs_past_is_left_out():
    through = {"kind": "rail", "runs": [[WEST - 90_000, SOUTH + 5_000], [WEST + 90_000, SOUTH + 5_000]]}
    near = {
        "kind": "road",
        "runs": [[WEST - 5_000, SOUTH + 5_000], [WEST + 15_000, SOUTH + 5_000], [WEST + 5_000, SOUTH]],
    }
    far = {"kind": "river", "runs": [[WEST + 900_000, SOUTH], [WEST + 910_000, SOUTH]]}
    drawn = sheet([Area("甲", square())], [through, near, far])
    assert drawn is not None
    assert [kind for kind, _path in drawn.lines] == ["rail", "road"]


def test_the_name_of_an_area_gives_way_to_a_number():
    middle = centre(square())
    drawn = sheet([Area("甲", square())], spots=[Spot(1, "驿站", middle)])
    assert drawn is not None
    assert abs(drawn.areas[0].y - drawn.spots[0].y) > 12


@given(st.lists(st.tuples(st.integers(0, 40_000), st.integers(0, 40_000)), min_size=1, max_size=12))
def test_every_number_lies_on_the_sheet_and_none_on_another(offsets: list[tuple[int, int]]):
    spots = [Spot(n, str(n), (WEST + x, SOUTH + y)) for n, (x, y) in enumerate(offsets)]
    drawn = sheet(spots=spots)
    assert drawn is not None
    assert drawn.width == WIDTH
    assert all(-3 * APART <= spot.x <= drawn.width + 3 * APART for spot in drawn.spots)
    if len(spots) <= 4:
        pairs = [(a, b) for n, a in enumerate(drawn.spots) for b in drawn.spots[n + 1 :]]
        assert all(abs(a.x - b.x) >= APART or abs(a.y - b.y) >= APART for a, b in pairs)


def test_an_outline_smaller_than_a_pixel_is_still_a_path():
    drawn = sheet([Area("大", square(40_000)), Area("小", square(2))])
    assert drawn is not None
    assert all(re.fullmatch(r"M-?\d+,-?\d+(h1|l(-?\d+,-?\d+ ?)+z)", area.path) for area in drawn.areas)
