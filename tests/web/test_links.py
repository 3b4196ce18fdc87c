"""What a link knows arrives: a page reads every word that a link to it carries in its address."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.http import HttpRequest, QueryDict

from tests.routes import routes
from tests.test_house import HEGE, sources
from tests.web.streets import Streets, opening, typical

pytestmark = [pytest.mark.slow, pytest.mark.once]
#: A route in quotes, and the query that is put behind its address.
TO_A_ROUTE = re.compile(r"""\(["'](\w+:\w+)["'][^()\n]*\)\s*[~+]\s*(\{[^{}\n]*\}\|query|f?["']\?\w+=)""")
NAME = re.compile(r"""["'?](\w+)(?:["']:|=)""")
READING = ("get", "__getitem__", "__contains__", "getlist")


@contextmanager
def noted() -> Iterator[set[str]]:
    """The names that anybody reads out of an address meanwhile."""
    read: set[str] = set()
    patch = pytest.MonkeyPatch()
    for name in READING:
        plain = getattr(QueryDict, name)

        def noting(self: QueryDict, key: str, *more: Any, plain: Any = plain) -> Any:
            read.add(key)
            return plain(self, key, *more)

        patch.setattr(QueryDict, name, noting)
    try:
        yield read
    finally:
        patch.undo()


class EveryLinkWithAQuery(Streets):
    """Those that stand in the source; tests/web/test_walk.py follows those that stand on a page."""

    def test_every_word_that_is_written_into_a_link_is_read_where_it_leads(self) -> None:
        """Those too that stand on a page only in a state the walk does not meet."""
        wrong = []
        for name, asked in sorted(written()):
            (route,) = [r for r in routes() if r.name == name]
            verb = opening(route).verb
            user = self.near.cast.of(typical(verb)[0]) if verb else None
            with noted() as read:
                self.client_of(user).get(route.path(**self.near.arguments(route, user)), {asked: "1"})
            wrong += [] if asked in read else [f"{name} does not read {asked}"]
        assert wrong == []


def written() -> set[tuple[str, str]]:
    """The routes that templates and code link to with a query, and the names in it."""
    found: set[tuple[str, str]] = set()
    for path in [*sources("hege/web"), *(HEGE / "web" / "templates").rglob("*.html")]:
        text = path.read_text(encoding="utf-8")
        for route, names in TO_A_ROUTE.findall(text):
            found |= {(route, name) for name in NAME.findall(names)}
    return found


def test_links_with_a_query_are_found_in_the_source():
    assert {("cases:new", "report"), ("cases:new", "warning"), ("meters:money", "kind")} <= written()


def test_a_name_that_is_read_is_noted_and_one_that_is_not_is_not():
    request = HttpRequest()
    request.GET = QueryDict("report=1&warning=2")
    with noted() as read:
        request.GET.get("report")
    assert read == {"report"}
