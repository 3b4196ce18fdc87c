"""Every page, walked: it writes nothing, asks the database little, leads nowhere wrong, and speaks one language.

That a GET writes nothing is held by ``ReadOnlyGetMiddleware``, which is part of the product and raises here too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import cast
from urllib.parse import urlsplit

import pytest
from django.apps import apps
from django.db import connection, models
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext
from django.urls import resolve

from hege.people.models import Role, User
from hege.web.access import MAY
from tests.routes import Route, routes
from tests.web.html import Page
from tests.web.streets import Streets, each, opening, typical
from tests.web.things import Things

pytestmark = pytest.mark.slow

#: The most queries a page may ask, sign-in included. What is not named here has DEFAULT.
DEFAULT = 25
MOST_QUERIES = {
    "cases:detail": 30,  # parties, tasks, conferences, promises, mediation, money, visits, cut-off, timeline
    "today:index": 36,  # four kinds of things that are due, each counted and each shown, however many there are
    "meters:detail": 34,  # the picture, its claims, trend, bills, shops, readings, cut-off, cases, agreements
}

#: Pages about one thing ask as often for a meter of nine shops as for one of three, but for these many more.
MORE_FOR_MORE_SHOPS = 0

#: Latin words that stand in Chinese pages: units, formats, keys, the other language's own name.
LATIN = {"hege", "serve", "daily", "Excel", "Enter", "English", "xlsx", "xls", "csv", "SHA", "testserver"}
LATIN_WORD = re.compile(r"(?<![\w./@-])[A-Za-z][a-z]{2,9}(?![\w/@-])")
LATIN_RUN = re.compile(r"[A-Za-z]{2,}\s+[A-Za-z]{2,}(?:\s+[A-Za-z]{2,})*")
CHINESE = re.compile(r"[\u4e00-\u9fff]+")

#: Pages in one language only: samples for those who build pages.
ONE_LANGUAGE = {"gallery"}

GETS = [r for r in routes() if not {"account:sign_out"} & {r.name}]


def words_of_data() -> list[str]:
    """Every text the database holds, longest first: data is not translated. What has choices is no data but a state."""
    found: set[str] = set()
    for model in apps.get_models():
        names = [
            f.name
            for f in model._meta.concrete_fields
            if isinstance(f, models.CharField | models.TextField) and not f.choices
        ]
        names += [f.name for f in model._meta.concrete_fields if isinstance(f, models.JSONField)]
        if names and model._meta.app_label not in ("sessions", "contenttypes", "auth", "axes"):
            manager = model._default_manager
            for row in manager.values_list(*names):
                found.update(text for value in row for text in _texts(value))
    return sorted((" ".join(text.split()) for text in found if len(text) > 1), key=len, reverse=True)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
        yield from value.splitlines()
    elif isinstance(value, dict):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)


class Walk(Streets):
    """Opens pages as somebody who may."""

    data: list[str]

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.data = words_of_data()

    def viewer(self, route: Route) -> User | None:
        """Who opens a page: the first role that may; nobody where everybody may."""
        found = opening(route)
        if found.public_because:
            return None
        return self.near.cast.of(typical(found.verb)[0]) if found.verb else self.near.cast.coordinator

    def open(self, route: Route, things: Things | None = None, **cookies: str) -> HttpResponse | None:
        """The page, or ``None`` for one that only takes a POST or leads on."""
        user = self.viewer(route)
        path = route.path(**(things or self.near).arguments(route, user))
        answer = self.client_of(user, **cookies).get(path)
        return cast(HttpResponse, answer) if answer.status_code == 200 else None

    def page(self, route: Route, **cookies: str) -> Page | None:
        """The same, read; ``None`` also for a file."""
        answer = self.open(route, None, **cookies)
        if answer is None or not answer.headers["Content-Type"].startswith("text/html"):
            return None
        return Page(answer.content.decode())

    def without_data(self, text: str) -> str:
        for word in self.data:
            if word in text:
                text = text.replace(word, " ")
        return text


@each(GETS)
class EveryPageAsks(Walk):
    """One page at a time: what it asks of the database."""

    def each_costs_little(self, route: Route) -> None:
        """A page asks a bounded number of queries, and no more for a meter with three times the shops."""
        user = self.viewer(route)
        counts = []
        for things in (self.near, self.far):
            path = route.path(**things.arguments(route, user))
            client = self.client_of(user)
            with CaptureQueriesContext(
                connection,
            ) as asked:
                client.get(path)
            counts.append(len(asked))
        assert counts[0] <= MOST_QUERIES.get(route.name, DEFAULT), f"{counts[0]} queries"
        assert counts[1] <= counts[0] + MORE_FOR_MORE_SHOPS, f"{counts[0]} queries for 3 shops, {counts[1]} for 9"


@pytest.mark.markup
@each(GETS)
class EveryPageSays(Walk):
    """One page at a time: its tags and its words."""

    def each_is_well_made(self, route: Route) -> None:
        """One h1, no heading skipped, no id twice, nothing inline, forms with their tokens; works without script."""
        page = self.page(route)
        if page is None:
            return
        assert page.headings.count("h1") == 1
        assert [i for i in set(page.ids) if page.ids.count(i) > 1] == []
        assert page.inline == []
        for form in page.forms:
            if form.method == "post":
                assert {"csrfmiddlewaretoken", "request_key"} <= form.values.keys(), form.action

    def each_is_chinese(self, route: Route) -> None:
        """The Chinese page holds no English words but units, formats and data."""
        page = self.page(route, hege_size="large")
        if page is None:
            return
        assert (page.language, "size-large" in page.classes) == ("zh-Hans", True)
        text = self.without_data(page.text)
        found = [w for w in LATIN_RUN.findall(text) + LATIN_WORD.findall(text) if not set(w.split()) <= LATIN]
        assert found == []

    def each_is_english(self, route: Route) -> None:
        """The English page holds no Chinese but data and what is marked as Chinese."""
        page = self.page(route, hege_size="huge", hege_language="en")
        if page is None or route.name in ONE_LANGUAGE:
            return
        assert (page.language, "size-huge" in page.classes) == ("en", True)
        assert CHINESE.findall(self.without_data(page.text)) == []


class EveryLink(Walk):
    """A page offers only what its reader may open, and every address on it leads somewhere."""

    PER_ROUTE = 2

    def crawl(self, role: Role) -> list[str]:
        """Follow links from the first page; answers those that did not open."""
        user = self.near.cast.of(role)
        client, street = self.client_of(user), self.near.cast.street.code
        waiting, seen, wrong = [(f"/{street}/", "start")], set(), []
        opened: dict[str, int] = {}
        while waiting:
            address, found_on = waiting.pop()
            path = urlsplit(address).path
            route = resolve(path).view_name
            if address in seen or opened.get(route, 0) >= self.PER_ROUTE:
                continue
            seen.add(address)
            opened[route] = opened.get(route, 0) + 1
            answer = client.get(address)
            if answer.status_code not in (200, 302):
                wrong.append(f"{found_on} leads to {address}: {answer.status_code}")
            if answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/html"):
                page = Page(answer.content.decode())
                waiting += [(link, address) for link in page.links if link.startswith("/") and not self.frame(link)]
                wrong += [
                    f"{address} offers the form {form.action}, which only {sorted(MAY[verb])} may send"
                    for form in page.forms
                    if form.method == "post"
                    and form.action
                    and (verb := self.verb_at(form.action))
                    and role not in MAY[verb]
                ]
        return wrong

    def frame(self, link: str) -> bool:
        return link.startswith(("/size/", "/language/", "/static/"))

    def verb_at(self, action: str) -> str | None:
        return opening_verb(urlsplit(action).path)


@cache
def opening_verb(path: str) -> str | None:
    """The verb of the view behind an address."""
    found = resolve(path).func
    return getattr(found, "opening").verb  # noqa: B009  # set by the markers


def _crawl_test(role: Role):
    def test(self: EveryLink) -> None:
        assert self.crawl(role) == []

    return test


for _role in Role:
    setattr(EveryLink, f"test_no_link_misleads_the_{_role.value}", _crawl_test(_role))
