"""The line of saved views above a list: each of one's own, the one that is shown now, what of its filter is no more."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.http import HttpRequest

from hege.web.asked_for import AskedFor
from hege.workspace.models import SavedView

#: Words of an address that say which part of a list is shown, and not which rows it has.
PARTS = frozenset({"page", "before", "after"})


def filter_of(query: str) -> str:
    """The filter in the query of an address, told one way: without its part and empty words, in the order of names."""
    said = [(name, value) for name, value in parse_qsl(query) if name not in PARTS and value]
    return urlencode(sorted(said))


class SavedBar(NamedTuple):
    """``views`` by name; ``now``: the one that is shown, if any; ``gone``: how many of its conditions are no more;
    ``unsaved``: the address of a filter that has no name yet."""

    views: list[SavedView]
    now: SavedView | None
    gone: int
    unsaved: str


def bar(request: HttpRequest, views: list[SavedView], body: str) -> SavedBar:
    """The line above a list whose page shows ``body``."""
    asked = filter_of(request.GET.urlencode())
    now = next((view for view in views if view.query == asked), None)
    gone = len(_gone(request, body)) if now else 0
    return SavedBar(views, now, gone, f"{request.path}?{asked}" if asked and not now else "")


def _gone(request: HttpRequest, body: str) -> set[str]:
    """The conditions of an address that nobody read, or whose value is not among those that the page offers."""
    asked = request.GET
    offers = _Offers(body, request.path).offered
    unread = asked.unread if isinstance(asked, AskedFor) else set()
    values = {name: asked[name] for name in {*asked} - unread - PARTS if asked[name]}
    return (unread - PARTS) | {name for name, value in values.items() if value not in offers.get(name, {value})}


class _Offers(HTMLParser):
    """The values that a page offers for each word of its address: by links to itself, and by choices of a form."""

    def __init__(self, body: str, path: str) -> None:
        super().__init__(convert_charrefs=True)
        self.path, self.offered = path, dict[str, set[str]]()
        self._select = ""
        self.feed(body)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        says = {name: value or "" for name, value in attrs}
        if tag == "a" and "rel" not in says:  # those to another part say what was asked for
            link = urlsplit(says.get("href", ""))
            for name, value in parse_qsl(link.query) if link.path in ("", self.path) else ():
                self._add(name, value)
        elif tag == "select":
            self._select = says.get("name", "")
        elif tag == "option" and self._select:
            self._add(self._select, says.get("value", ""))
        elif tag == "input" and says.get("type") in ("radio", "checkbox"):
            self._add(says.get("name", ""), says.get("value", "on"))

    def handle_endtag(self, tag: str) -> None:
        self._select = "" if tag == "select" else self._select

    def _add(self, name: str, value: str) -> None:
        self.offered.setdefault(name, set()).add(value)
