"""The newspaper's honour roll plays to its end on both databases: what is on the roll verifies twice, what has ended by neither."""

from __future__ import annotations

import datetime as dt

import pytest

from hege.honours.numbers.rules import Answer, check
from hege.integrity.queries import faults
from hege.stories.honours import FIRST_ON_THE_ROLL, TABLE, WRONG, HonourRoll
from hege.stories.street import set_stage
from tests.honours.intake.test_reading import PAGE


def test_the_table_is_the_newspapers():
    assert TABLE == PAGE


@pytest.mark.parametrize("kind", WRONG, ids=str)
def test_each_wrong_number_of_the_story_does_not_fit(kind):
    assert check(WRONG[kind], kind=kind, on=FIRST_ON_THE_ROLL).answer is Answer.DOES_NOT_FIT


@pytest.mark.slow
@pytest.mark.both
@pytest.mark.django_db
def test_the_roll_ends_with_twelve_that_verify_two_that_do_not_and_clean_books():
    stage = set_stage(
        code="310118107", name="华新镇", grid="网格", residence="居委", block="街区", premises="沿街",
        since=dt.date(2025, 1, 1), years=range(2025, 2028), suffix="",
    )  # fmt: skip
    story = HonourRoll(stage, FIRST_ON_THE_ROLL)
    story.until_the_roll()
    story.to_the_end()
    figures = {name: value for step in story.steps for name, value in step.figures.items()}
    assert (figures["cells"], figures["open_doubts"], figures["joined"], figures["green_food"]) == (12, 2, 5, 6)
    assert (figures["fits"], figures["numbers"], figures["refused"], figures["same"]) == (8, 8, len(WRONG) + 1, 1)
    assert story.proven() == (12, 2, [])
    assert list(faults(stage.street)) == []
