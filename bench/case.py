"""What the page of a case with a long history costs: the newspaper's, with its parties, conferences and money."""

from __future__ import annotations

from functools import partial

from django.test import Client
from django.urls import reverse

from bench.measure import Figure, count_rows, milliseconds
from bench.today import opened
from hege.people.models import Role
from hege.stories.crisis import Crisis
from hege.stories.endings import WORST_DAY

CODE, MOST_MS = "310117995", 40


def figures(*, runs: int) -> list[Figure]:
    """The page as its coordinator opens it."""
    story = Crisis(WORST_DAY, suffix="-case", code=CODE)
    story.until_the_worst_day()
    count_rows()
    stage, browser = story.stage, Client()
    browser.force_login(stage.users[Role.COORDINATOR])
    path = reverse("cases:detail", args=(stage.street.code, story.case.public_id))
    return [milliseconds("page: one case", [partial(opened, browser, path)] * runs, cpu_at_most=MOST_MS)]
