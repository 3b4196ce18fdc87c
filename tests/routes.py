"""The table of all addresses, walked: tests made from it cannot forget a route."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern

# What stands for each kind of converter when nobody cares which thing is meant; none of them exists.
SAMPLES = {"int": "999999", "id": "999999", "year": "2099", "str": "nothing", "slug": "nothing", "path": "nothing"}
#: Pages that answer this machine alone, and no person; asked in tests/web/wellness.
FOR_THE_MACHINE = "machine:"
NAMED = {"street_code": "310117999"}


@dataclass(frozen=True)
class Route:
    """One address: its route as written, its full name, the view behind it, the parameters it takes."""

    route: str
    name: str
    view: Any
    parameters: tuple[tuple[str, str], ...]  # (name, converter)

    def path(self, **values: object) -> str:
        """An address of this route; parameters not given are filled with things that do not exist."""
        path = "/" + self.route
        for name, converter in self.parameters:
            sample = values.get(name) or NAMED.get(name) or SAMPLES.get(converter, "nothing")
            path = path.replace(f"<{converter}:{name}>", str(sample)).replace(f"<{name}>", str(sample))
        return path


def routes() -> list[Route]:
    """Every address of the site, in the order in which they are tried."""
    return list(_walk(get_resolver().url_patterns, "", (), ()))


def _walk(
    patterns: list[URLPattern | URLResolver],
    prefix: str,
    spaces: tuple[str, ...],
    parameters: tuple[tuple[str, str], ...],
) -> Iterator[Route]:
    for pattern in patterns:
        plain = _plain(pattern)
        route = prefix + plain
        taken = (*parameters, *_parameters(plain))
        if isinstance(pattern, URLResolver):
            space = (*spaces, pattern.namespace) if pattern.namespace else spaces
            yield from _walk(pattern.url_patterns, route, space, taken)
        else:
            yield Route(route, ":".join((*spaces, pattern.name or "")), pattern.callback, taken)


def _plain(pattern: URLPattern | URLResolver) -> str:
    """A route as `path()` writes it, also where a regular expression wrote it: `^(?P<street_code>…)/` too."""
    if isinstance(pattern.pattern, RoutePattern):
        return str(pattern.pattern)
    named = re.sub(r"\(\?P<(\w+)>[^()]*\)", r"<str:\1>", str(pattern.pattern))
    return named.removeprefix("^").removesuffix("$").replace("\\Z", "")


def _parameters(route: str) -> Iterator[tuple[str, str]]:
    for part in route.split("<")[1:]:
        converter, _, name = part.partition(">")[0].rpartition(":")
        yield name, converter or "str"
