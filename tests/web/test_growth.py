"""Lists and boards cost the same in a street ten times as large: as many statements, as many rows, as many bytes.

Generated from the table of addresses; in either street every list has more rows than a page shows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple
from unittest.mock import patch

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext

from hege.cases.models import Case
from hege.search.actions import put_right
from tests.routes import Route, routes
from tests.web.growth import multiply, rows_read
from tests.web.streets import Reader, Streets, opening, typical
from tests.web.test_walk import is_page

pytestmark = [pytest.mark.slow, pytest.mark.once]

FEW, MANY = 26, 260
MOST_TIMES = 1.5
#: Fewer rows are no growth.
SLACK_ROWS = 10

#: Every page of a street or its public that is about no one thing: its lists and boards.
PAGES = [r for r in routes() if [name for name, _ in r.parameters] == ["street_code"]]

ALL = "shows all there are on one page"
CHOICES = "offers all there are to choose from"
READS = "shows a part of what it reads"
PLANTED = "a page that reads all cases"
#: Pages that do grow, and how; each is to be made flat, and then goes from here.
GROWS = {
    PLANTED: "so that this net is seen to catch one",
    "today:index": "counts what is due up to a thousand of each sort, and says a thousand or more beyond",
    "month:index": ALL,
    "conferences:index": READS,
    "mediation:index": READS,
    "mediation:agreements": READS,
    "meters:index": READS,
    "warnings:index": READS,
    "honours:index": ALL,
    "honours:clippings": READS,
    "programme:index": ALL,
    "activities:index": ALL,
    "tills:index": READS,
    "settlements:index": "names all units that owe one another",
    "units:index": ALL,
    "imports:learnt": ALL,
    "alliance:index": ALL,
    "stations:index": ALL,
    "settings:index": ALL,
    "messages:index": ALL,
    "trail:papers": READS,
    "member:vouchers": ALL,
    "member:board": ALL,
    "members:sheet": ALL,
    "honours:knowledge": ALL,
    "programme:copy": ALL,
    "cases:new": CHOICES,
    "cases:dispatch_all": CHOICES,
    "vouchers:new": CHOICES,
    "programme:new": CHOICES,
    "tills:add": CHOICES,
    "units:register": CHOICES,
    "people:new": CHOICES,
    "alliance:new": CHOICES,
    "stations:new": CHOICES,
}


class Cost(NamedTuple):
    """What a page asks of the database, what it is handed, what it sends."""

    statements: int
    rows: int
    size: int


class EveryPage(Streets):
    """Opens each page in a street as it is many times over, and in one ten times as large."""

    def reader(self, route: Route) -> Reader:
        found = opening(route)
        if found.member:
            return self.near.rider
        if found.till:
            return self.near.till
        if found.public_because:
            return None
        return self.near.cast.of(typical(found.verb)[0]) if found.verb else self.near.cast.coordinator

    def pages(self) -> dict[str, Callable[[], Any]]:
        """How each page is asked for; and one that reads all cases of its street."""
        street, out = self.near.cast.street, dict[str, Callable[[], Any]]()
        for route in PAGES:
            user = self.reader(route)
            out[route.name] = partial(self.client_of(user).get, route.path(**self.near.arguments(route, user)))
        words = {"q": self.near.case.title}
        out["search:index, asked"] = partial(
            self.client_of(self.near.cast.coordinator).get, f"/{street.code}/search/", words
        )
        out[PLANTED] = lambda: HttpResponse([case.title for case in Case.objects.filter(street=street)])
        return out

    @patch("hege.web.search.page.MOST", FEW - 6)
    def test_no_page_grows_with_its_street(self) -> None:
        pages, street = self.pages(), self.near.cast.street
        assert connection.features.supports_json_field  # Django asks the database once in a process: not in a page here
        multiply(street, 1, FEW)
        put_right(street)
        few = {name: cost(ask) for name, ask in pages.items()}
        multiply(street, FEW + 1, MANY)
        put_right(street)
        grown = {name: list(growth(few[name], cost(ask))) for name, ask in pages.items()}
        wrong = [f"{name}: {what}" for name, whats in grown.items() for what in whats if name not in GROWS]
        wrong += [f"{name} does not grow: take it from GROWS" for name in GROWS if not grown[name]]
        assert not wrong, "\n".join(wrong)


def cost(ask: Callable[[], Any]) -> Cost | None:
    """What a page costs; None of what is no page."""
    with CaptureQueriesContext(connection) as asked, rows_read() as count:
        answer = ask()
    return Cost(len(asked), count[0], len(answer.content)) if is_page(answer) else None


def growth(few: Cost | None, many: Cost | None) -> Iterator[str]:
    """By what one is too much beside the other."""
    if few is None or many is None:
        if few != many:
            yield "is a page in one street and none in the other"
        return
    if many.statements != few.statements:
        yield f"{few.statements} statements, {many.statements} with ten times as much"
    if many.rows > few.rows * MOST_TIMES + SLACK_ROWS:
        yield f"{few.rows} rows, {many.rows} with ten times as much"
    if many.size > few.size * MOST_TIMES:
        yield f"{few.size} bytes, {many.size} with ten times as much"
