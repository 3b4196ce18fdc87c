"""What a search costs: what all have, what a few have, what one has, what none has; in two streets, one ten times the other."""

from __future__ import annotations

from functools import partial

from django.test import Client
from django.urls import reverse

from bench.measure import Figure, count_rows, milliseconds
from bench.today import CODE, fill, opened, street_of
from hege.people.models import Street, User
from hege.search.actions import put_right

WORDS = (("what all have", "件"), ("what one in some hundreds has", "377"), ("a number", "T-1234"), ("nothing", "没有"))
AIM = 30  # ms of program and database


def figures(cases: int, *, runs: int) -> list[Figure]:
    """The search page in a street with a tenth of so many cases, and with all of them."""
    out = []
    for number, size in enumerate((cases // 10, cases)):
        code = f"{CODE[:-1]}{number}"
        street = Street.objects.filter(code=code).first()  # of the page of today, where that was measured before
        if street is None:
            street = street_of(code)
            fill(street, size)
        put_right(street)
        count_rows("search_entry")
        browser = Client()
        browser.force_login(User.objects.get(username=f"today-{street.code}"))
        here = reverse("search:index", args=(street.code,))
        out += [
            milliseconds(
                f"search of {size:,} cases: {name}",
                [partial(opened, browser, f"{here}?q={words}")] * runs,
                cpu_at_most=AIM,
            )
            for name, words in WORDS
        ]
    return out
