"""The grid tree."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hege.kernel.refused import Refused
from hege.people.models import Street
from hege.places.actions import add_place, draw_place, locate_units, rename_place
from hege.places.models import Place, PlaceLevel
from hege.places.queries import places_within
from hege.places.rules import covers, path_of
from hege.trail import queries as trail
from tests.cast import DAY, NOW, Cast, Row, make_row

pytestmark = pytest.mark.once


def add(street: Street, level: PlaceLevel, code: str, parent: Place | None = None) -> Place:
    return add_place(street, level=level, code=code, name=code, parent=parent, from_on=DAY, by=None, at=NOW)


@pytest.fixture
def top(street: Street) -> Place:
    return add(street, PlaceLevel.STREET, "310117006")


@pytest.mark.both
def test_a_path_lists_the_codes_from_the_top_down(top: Place):
    grid = add(top.street, PlaceLevel.COMPREHENSIVE_GRID, "PL", top)
    block = add(top.street, PlaceLevel.BLOCK, "PL-01", grid)  # a layer is left out
    assert block.path == "310117006/PL/PL-01/"
    assert [p.pk for p in places_within(top.street, [grid.path])] == [grid.pk, block.pk]


def test_adding_a_place_is_on_the_trail(cast: Cast, top: Place):
    grid = add_place(
        cast.street,
        level=PlaceLevel.COMPREHENSIVE_GRID,
        code="PL",
        name="蟠龙综合网格",
        parent=top,
        from_on=DAY,
        by=cast.administrator,
        at=NOW,
    )
    line = trail.of(grid, street=cast.street).get()
    assert (line.verb, line.by) == ("add_place", cast.administrator)


@pytest.mark.both
def test_nothing_is_seen_without_a_part_of_the_tree(top: Place):
    assert list(places_within(top.street, [])) == []
    assert list(places_within(top.street)) == [top]


def test_a_place_lies_below_its_parent(top: Place):
    block = add(top.street, PlaceLevel.BLOCK, "B1", top)
    with pytest.raises(Refused) as refusal:
        add(top.street, PlaceLevel.COMPREHENSIVE_GRID, "G1", block)
    assert refusal.value.field == "level"


def test_only_the_street_has_no_parent(street: Street):
    with pytest.raises(Refused) as refusal:
        add(street, PlaceLevel.BLOCK, "B1")
    assert refusal.value.field == "parent"


@pytest.mark.parametrize("code", ["", "a/b", "x" * 31])
def test_a_code_that_breaks_a_path_is_refused(top: Place, code: str):
    with pytest.raises(Refused) as refusal:
        add(top.street, PlaceLevel.BLOCK, code, top)
    assert refusal.value.field == "code"


def test_a_code_is_taken_once_in_a_street(top: Place):
    add(top.street, PlaceLevel.BLOCK, "B1", top)
    with pytest.raises(Refused) as refusal:
        add(top.street, PlaceLevel.BLOCK, "B1", top)
    assert refusal.value.field == "code"


def test_a_parent_of_another_street_is_not_found(top: Place, other_street: Street):
    with pytest.raises(Place.DoesNotExist):
        add(other_street, PlaceLevel.BLOCK, "B1", top)


def test_a_part_covers_what_lies_in_it_and_not_its_neighbour():
    assert covers("", "a/b/")
    assert covers(path_of("a/", "b"), "a/b/c/")
    assert not covers("a/b/", "a/b2/")


# -- changed, and what lies in it --------------------------------------------------------------------------------------


@pytest.fixture
def block(top: Place) -> Place:
    return add(top.street, PlaceLevel.BLOCK, "B1", top)


@pytest.fixture
def closed(block: Place) -> Place:
    Place.objects.filter(pk=block.pk).update(until_on=NOW.date())
    block.refresh_from_db()
    return block


@pytest.mark.both
@pytest.mark.parametrize(
    "act",
    [
        lambda place: rename_place(place, name="别名", on=NOW.date(), by=None, at=NOW),
        lambda place: draw_place(place, polygon={}, by=None, at=NOW),
        lambda place: locate_units(place, units=[], by=None, at=NOW),
        lambda place: add(place.street, PlaceLevel.PREMISES, "Y1", place),
    ],
    ids=["rename", "draw", "locate", "add"],
)
def test_a_closed_place_is_not_changed_and_takes_nothing_in(closed: Place, act: Callable[[Place], object]):
    with pytest.raises(Refused, match="已经关闭"):
        act(closed)


def test_the_same_name_again_is_no_line_on_the_trail(block: Place):
    rename_place(block, name="B1", on=NOW.date(), by=None, at=NOW)
    assert trail.of(block, street=block.street).filter(verb="rename_place").count() == 0


@pytest.mark.both
def test_units_that_lie_there_already_are_not_moved_again(block: Place, row: Row):
    assert locate_units(block, units=row.units[:2], by=None, at=NOW) == 2
    assert locate_units(block, units=row.units, by=None, at=NOW) == 1
    told = trail.of(block, street=block.street).filter(verb="locate_units").latest("seq")
    assert told.data["units"] == [["ZB-1-03", None]]


def test_units_of_another_street_are_not_put_here(block: Place, other_street: Street):
    theirs = make_row(other_street, code="ZB-FAR").units
    with pytest.raises(ValueError, match="another street"):
        locate_units(block, units=theirs, by=None, at=NOW)


@pytest.mark.both
def test_codes_that_are_too_long_together_are_refused(top: Place):
    parent = add(top.street, PlaceLevel.COMPREHENSIVE_GRID, "G", top)
    Place.objects.filter(pk=parent.pk).update(path="x" * 180 + "/")
    with pytest.raises(Refused, match="超过 200 个字符"):
        add(top.street, PlaceLevel.BLOCK, "B" * 30, parent)
