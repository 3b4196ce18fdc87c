"""A long list by stretches: each row once, in its order, forwards and back, however deep."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import pytest
from django.test import RequestFactory

from hege.cases.models import Case
from hege.people.models import Street
from hege.web import stretch as stretches
from hege.web.pages import Parts, in_parts
from hege.web.stretch import Order, Stretch, stretch
from tests.cast import DAY, Cast

pytestmark = pytest.mark.both

ORDERS = [Order("due_on"), Order("filed_at", latest=True), Order("due_on", latest=True)]


@pytest.fixture
def cases(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> list[Case]:
    """Twenty-three cases, many due on one day, some on none; five in a stretch."""
    monkeypatch.setattr(stretches, "EACH", 5)
    chance = random.Random("stretch")
    at = dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC)
    return Case.objects.bulk_create(
        Case(
            street=cast.street, number=f"S-{n}", title="漏水", state_at=at,
            filed_at=at + chance.randrange(4) * dt.timedelta(microseconds=1),
            due_on=chance.choice([None, DAY, DAY, DAY + dt.timedelta(days=1), DAY + dt.timedelta(days=9)]),
        )
        for n in range(23)
    )  # fmt: skip


def shown(street: Street, order: Order, **asked: str) -> Stretch:
    rows: Any = Case.objects.filter(street=street)
    return stretch(RequestFactory().get("/", asked), rows, order, lambda keys: Case.objects.filter(pk__in=keys))


def as_sorted(cases: list[Case], order: Order) -> list[int]:
    have = [case for case in cases if getattr(case, order.column) is not None]
    none = [case for case in cases if getattr(case, order.column) is None]
    have.sort(key=lambda case: (getattr(case, order.column), case.pk), reverse=order.latest)
    none.sort(key=lambda case: case.pk, reverse=order.latest)
    return [case.pk for case in have + none]


@pytest.mark.parametrize("order", ORDERS)
def test_each_row_stands_once_in_its_order_forwards_and_back(cast, cases, order):
    there = [shown(cast.street, order)]
    while there[-1].after:
        there.append(shown(cast.street, order, after=there[-1].after))
    assert [case.pk for one in there for case in one.object_list] == as_sorted(cases, order)
    back = [there[-1]]
    while back[-1].before:
        back.append(shown(cast.street, order, before=back[-1].before))
    assert back[::-1] == there
    assert [len(one.object_list) for one in there] == [5, 5, 5, 5, 3]


@pytest.mark.parametrize("word", ["after", "before"])
@pytest.mark.parametrize(
    "typed", ["", "x", "_", "2026-01-05_", "nonsense_3", "2026-01-05_-1", "9" * 40, "2026-13-45_1"]
)
def test_an_address_that_tells_no_place_shows_the_first(cast, cases, word, typed):
    assert shown(cast.street, ORDERS[0], **{word: typed}) == shown(cast.street, ORDERS[0])


def test_beyond_the_last_row_the_first_are_shown(cast, cases):
    assert shown(cast.street, ORDERS[0], after="_999999").object_list == shown(cast.street, ORDERS[0]).object_list


@pytest.mark.parametrize("each", [23, 7])
def test_a_list_is_taken_along_in_parts_as_large_as_one_likes(cast, cases, each):
    found, parts = [], Parts(each)
    with in_parts(parts):
        for parts.number in range(1, -(-23 // each) + 1):
            found += shown(cast.street, ORDERS[0]).object_list
    assert (parts.rows, [case.pk for case in found]) == (23, as_sorted(cases, ORDERS[0]))
