"""A block at the beginning of a request has no savepoint of its own, and is taken back like any other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from django.db.transaction import atomic
from django.test.utils import CaptureQueriesContext

from hege.kernel import written
from hege.kernel.points import begins_here
from hege.kernel.refused import Refused
from hege.people.models import Organisation


def add(name: str, *, refused: bool = False) -> None:
    with atomic():
        Organisation.objects.create(name=name)
        if refused:
            raise Refused("不行")


def refuse(name: str) -> None:
    with pytest.raises(Refused):
        add(name, refused=True)


def names() -> list[str]:
    return list(Organisation.objects.order_by("name").values_list("name", flat=True))


@contextmanager
def savepoints(most: int) -> Iterator[None]:
    with CaptureQueriesContext(connection) as asked:
        yield
    assert len([q for q in asked.captured_queries if q["sql"].startswith("SAVEPOINT")]) == most


@pytest.fixture(params=["alone", "within"])
def whole(request: pytest.FixtureRequest) -> Iterator[None]:
    """A transaction of its own, and one within another that has written already."""
    if request.param == "alone":
        request.getfixturevalue("transactional_db")
        with atomic(), begins_here():
            yield
        return
    request.getfixturevalue("db")
    Organisation.objects.create(name="0")
    with atomic(), begins_here():
        yield
    assert "0" in names()


def test_the_first_block_has_no_savepoint_and_the_second_has(whole: None):
    with savepoints(1):
        names()
        add("a")
        add("b")
    assert [n for n in names() if n != "0"] == ["a", "b"]


def test_a_block_that_opens_at_once_within_the_first_has_none_either(whole: None):
    with savepoints(0), atomic():
        add("a")


def test_a_block_within_the_first_after_a_statement_has_one(whole: None):
    with savepoints(1), atomic():
        add_first = Organisation.objects.create(name="a")
        refuse("b")
    assert [n for n in names() if n != "0"] == [add_first.name]


def test_the_first_block_is_taken_back_alone_and_the_next_is_kept(whole: None):
    with savepoints(0):
        refuse("a")
        add("b")
    assert [n for n in names() if n != "0"] == ["b"]


def test_a_block_taken_back_after_another_takes_only_itself_back(whole: None):
    add("a")
    refuse("b")
    assert [n for n in names() if n != "0"] == ["a"]


def test_what_was_written_in_a_block_taken_back_waits_for_no_line(whole: None):
    before = written.pending()
    refuse("a")
    assert written.pending() == before


def test_an_error_of_the_database_ends_with_the_block(whole: None):
    add("a")
    with pytest.raises(Exception, match=r"(?i)unique"):
        add("a")
    add("b")
    assert [n for n in names() if n != "0"] == ["a", "b"]


def test_outside_a_request_every_block_within_another_has_its_savepoint(db: None):
    with savepoints(2), atomic():
        add("a")
