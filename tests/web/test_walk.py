"""Every page, walked: it writes nothing, asks the database little, leads nowhere wrong, and speaks one language.

That a GET writes nothing is held by ``ReadOnlyGetMiddleware``, which is part of the product and raises here too.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
from django.apps import apps
from django.db import connection, models
from django.test.utils import CaptureQueriesContext
from django.urls import resolve

from hege.people.models import Role, Session
from hege.privacy.rules import TABLE, Subject
from hege.web.access import MAY
from hege.web.drafts import may_be_kept
from tests.routes import Route, routes
from tests.translations import texts
from tests.web.html import CHINESE, Page
from tests.web.streets import Reader, Streets, each, found, opening, typical
from tests.web.test_links import noted
from tests.web.things import Things

pytestmark = pytest.mark.slow

#: Each way in which a row can be about somebody who signs in: their own page of what is held asks one statement for each.
WAYS_OF_A_USER = [about for rows in TABLE.values() for about in rows.about if about.subject is Subject.USER]
#: The most queries a page may ask, sign-in included. What is not named here has DEFAULT.
DEFAULT = 25
MOST_QUERIES = {
    "cases:detail": 33,  # parties, requests, who follows, tasks, conferences, promises, mediation, money, visits, cut-off, timeline, pictures
    "today:index": 36,  # four kinds of things that are due, each counted and each shown, however many there are
    "month:index": 26,  # sums of six packages, each for this month and some for last
    "account:held": 4 + len(WAYS_OF_A_USER),
    "meters:detail": 35,  # the picture, its claims, trend, forecast, bills and what met them, shops, readings, cut-off, cases, agreements
}

#: Pages about one thing ask as often for a meter of nine shops as for one of three, but for these many more.
MORE_FOR_MORE_SHOPS = 0

#: What is written in Latin letters on a Chinese page, too: keys, formats, products, what is typed letter by letter.
LATIN = {
    "folder", "console", "wangli01", "K7Q4-2M9X-5TBN", "Enter", "English", "Excel", "SQLite", "PostgreSQL", "CSV", "JSON", "csv", "xls", "xlsx", "json", "geojson", "MB",
    "WGS-84", "j", "k", "m", "jpg", "pdf",
}  # fmt: skip
LATIN_WORD = re.compile(r"[A-Za-z_][\w./:@#-]*|[{}\[\]]", re.ASCII)
NUMBERED = re.compile(r"[A-Z]|[A-Z]{1,2}-?[0-9]+|DN[0-9]*")  # how things are numbered: PL-12, ZG01; the bore of a meter
#: No words of people, although a row holds it: a state, a role, a verb, the key of a thing, a number.
CODE = re.compile(r"[a-z]+([_.:][a-z]+)*|(?=[a-z]*[0-9])[0-9a-z]{12}|[0-9.,-]+")
VALUE = re.compile(r"%\(\w+\)[sd]")
LONG_ENOUGH = 4

#: Pages in one language only: samples for those who build pages.
ONE_LANGUAGE = {"gallery"}

GETS = [r for r in routes() if not {"account:sign_out"} & {r.name}]


def words_of_data() -> list[str]:
    """Every text the database holds, longest first: what people wrote is not translated.

    What has choices is no data but a state; a code and a sentence of ours are none either, whoever kept them.
    """
    found: set[str] = set()
    for model in apps.get_models():
        names = [
            f.name
            for f in model._meta.concrete_fields
            if isinstance(f, models.CharField | models.TextField) and not f.choices
        ]
        names += [f.name for f in model._meta.concrete_fields if isinstance(f, models.JSONField)]
        if names and model._meta.app_label not in ("contenttypes", "auth") and model is not Session:
            manager = model._default_manager
            for row in manager.values_list(*names):
                found.update(text for value in row for text in _texts(value))
    words = {" ".join(text.split()) for text in found if len(text) > 1}
    return sorted((text for text in words if not CODE.fullmatch(text) and not is_ours(text)), key=len, reverse=True)


@cache
def sentences() -> dict[str, list[tuple[str, re.Pattern[str]]]]:
    """Our sentences with the longest piece of each that holds no value: what is long enough not to be a person's words.

    By how that piece begins: they are thousands, and what a text may hold of them is looked up.
    """
    found: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
    for message in texts():
        for text in [message.id] if isinstance(message.id, str) else message.id:
            pieces = VALUE.split(text)
            longest = max(pieces, key=len)
            if len("".join(CHINESE.findall(longest))) >= LONG_ENOUGH:
                whole = re.compile(".+".join(map(re.escape, pieces)))
                found.setdefault(longest[:LONG_ENOUGH], []).append((longest, whole))
    return found


def is_ours(text: str) -> bool:
    """Whether a text that is kept is a sentence of ours as it was said in one language; codes are kept instead."""
    beginnings = {text[at : at + LONG_ENOUGH] for at in range(len(text) - LONG_ENOUGH + 1)} & sentences().keys()
    begun = (sentence for beginning in beginnings for sentence in sentences()[beginning])
    return any(longest in text and whole.fullmatch(text) for longest, whole in begun)


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


def is_page(answer: Any) -> bool:
    """Whether it is a page: neither a file nor a refusal of GET nor a way on."""
    return answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/html")


def asks_for_a_secret(answer: Any) -> bool:
    """Whether a page has a field for a password or a code."""
    return (
        re.search(rb'type="password"|autocomplete="(one-time-code|new-password|current-password)"', answer.content)
        is not None
    )


class Walk(Streets):
    """Opens pages as somebody who may."""

    data: list[str]

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.data = words_of_data() if connection.vendor == "sqlite" else []  # words are read on one database

    def viewer(self, route: Route, things: Things) -> Reader:
        """Who opens a page: the first role that may, the member whose it is; nobody where everybody may."""
        found = opening(route)
        if found.member:
            return things.rider
        if found.till:
            return things.till
        if found.public_because:
            return None
        return self.near.cast.of(typical(found.verb)[0]) if found.verb else self.near.cast.coordinator

    def opened(self, route: Route, things: Things, **cookies: str) -> tuple[Any, int]:
        """The answer, and how many queries it took."""
        user = self.viewer(route, things)
        path, client = route.path(**things.arguments(route, user)), self.client_of(user, **cookies)
        with CaptureQueriesContext(connection) as asked:
            answer = client.get(path)
        return answer, len(asked)

    def without_data(self, text: str) -> str:
        for word in self.data:
            if word in text:
                text = text.replace(word, " ")
        return text


@each(GETS, parts=4)
class EveryPage(Walk):
    """One page at a time, opened once for all that is read of it; once more for a larger meter, once more in English."""

    def each_page(self, route: Route) -> Iterator[str]:
        """It opens on both databases; how much it asks of the database, its tags and its words are read on one."""
        answer, asked = self.opened(route, self.near, hege_size="large")
        if connection.vendor != "sqlite":
            return
        _larger, asked_for_more = self.opened(route, self.far)
        if asked > MOST_QUERIES.get(route.name, DEFAULT):
            yield f"asks {asked} queries"
        if asked_for_more > asked + MORE_FOR_MORE_SHOPS:
            yield f"asks {asked} queries for 3 shops, {asked_for_more} for 9"
        if not is_page(answer):
            return
        page = Page(answer.content.decode())
        if asks_for_a_secret(answer) and may_be_kept(answer.request["PATH_INFO"]):
            yield "keeps a secret as a draft"
        yield from self.ill_made(page)
        yield from self.not_chinese(page)
        if route.name not in ONE_LANGUAGE:
            english, _asked = self.opened(route, self.near, hege_size="huge", hege_language="en")
            yield from self.not_english(Page(english.content.decode()))
        if route.name == "today:index":
            yield from self.each_first_page(route.path(**self.near.arguments(route, self.near.cast.coordinator)))

    def each_first_page(self, path: str) -> Iterator[str]:
        """Each role has a first page of its own: what each says, in both languages."""
        for role in Role:
            said = [self.not_chinese, self.not_english]
            for size, language, faults in zip(("large", "huge"), ("zh-hans", "en"), said, strict=True):
                client = self.client_of(self.near.cast.of(role), hege_size=size, hege_language=language)
                page = Page(client.get(path).content.decode())
                yield from (f"{role.label}: {fault}" for fault in [*self.ill_made(page), *faults(page)])

    def ill_made(self, page: Page) -> Iterator[str]:
        """One h1, no heading skipped, no id twice, nothing inline, forms with their tokens; works without script."""
        if page.headings.count("h1") != 1:
            yield f"has the headings {page.headings}"
        if twice := [i for i in set(page.ids) if page.ids.count(i) > 1]:
            yield f"has the ids {twice} twice"
        if page.inline:
            yield f"has {page.inline} inline"
        for form in page.forms:
            if form.method == "post" and not {"csrfmiddlewaretoken", "request_key"} <= form.values.keys():
                yield f"has the form {form.action} without its tokens"

    def not_chinese(self, page: Page) -> Iterator[str]:
        """The Chinese page holds no word, code name, id or JSON but what is listed, marked or what people wrote."""
        if (page.language, "size-large" in page.classes) != ("zh-Hans", True):
            yield f"is in {page.language}, its size is {page.classes}"
        if found := [
            word
            for word in LATIN_WORD.findall(self.without_data(page.text))
            if word not in LATIN and not NUMBERED.fullmatch(word)
        ]:
            yield f"says {found} in Chinese"

    def not_english(self, page: Page) -> Iterator[str]:
        """The English page holds no Chinese but data and what is marked as Chinese, and people's own words are."""
        if (page.language, "size-huge" in page.classes) != ("en", True):
            yield f"is in {page.language}, its size is {page.classes}, asked for in English"
        if found := CHINESE.findall(self.without_data(page.text)):
            yield f"says {found} in English"
        if found := CHINESE.findall(Page(page.html, without_own=True).text):
            yield f"does not say that {found} is Chinese"


@pytest.mark.once
class EveryLink(Streets):
    """A page offers only what its reader may open and tells nothing of another street; every address on it leads somewhere,
    and every word in it is read."""

    #: Another of each route, as the first may lie elsewhere or stand otherwise, is looked at by those who see most and least.
    TWO_OF_EACH = (Role.COORDINATOR, Role.AGENT)

    def crawl(self, role: Role) -> Iterator[str]:
        """Follow links from the first page, one or two of each route and one with each set of names in its query; tells
        of those that do not open, mislead, or say what nobody reads."""
        per_route = 2 if role in self.TWO_OF_EACH else 1
        client = self.client_of(self.near.cast.of(role))
        home = f"/{self.near.cast.street.code}/"
        waiting, seen = [(home, "start")], set()
        followed = Counter[str]()
        while waiting:
            address, found_on = waiting.pop()
            names = parse_qs(urlsplit(address).query)
            route = resolve(urlsplit(address).path).view_name
            kind = f"{route}?{sorted(names)}"
            if address in seen or (followed[route] >= per_route and followed[kind]):
                continue
            seen.add(address)
            followed.update([route, kind])
            with noted() as read:
                answer = client.get(address)
            if answer.status_code not in (200, 302):
                yield f"{found_on} leads to {address}: {answer.status_code}"
            if address.startswith(home):
                yield from (f"{address} tells of {mark}" for mark in found(self.foreign_marks, answer))
            yield from (f"{found_on} leads to {address}: {name} is not read" for name in names if name not in read)
            if is_page(answer):
                page = Page(answer.content.decode())
                waiting += [(link, address) for link in page.links if link.startswith("/") and not self.frame(link)]
                for form in page.forms:
                    verb = (
                        self.verb_at(urljoin(address, form.action)) if form.method == "post" and form.action else None
                    )
                    if verb and role not in MAY[verb]:
                        yield f"{address} offers the form {form.action}, which only {sorted(MAY[verb])} may send"

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
        assert list(self.crawl(role)) == []

    return test


for _role in Role:
    setattr(EveryLink, f"test_no_link_misleads_the_{_role.value}", _crawl_test(_role))
