"""What a WSGI server is given: `granian --interface wsgi hege.wsgi:application`, or `hege serve`."""

import os
import sqlite3
from contextlib import suppress
from typing import Any
from urllib.parse import quote

import django
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest
from django.urls import ResolverMatch

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hege.settings")
django.setup(set_prefix=False)


class Site(WSGIHandler):
    """Django's, but that an address whose view a middleware has looked for is not looked through again."""

    def resolve_request(self, request: HttpRequest) -> ResolverMatch:
        return request.resolver_match or super().resolve_request(request)


_site = Site()

from django.conf import settings  # noqa: E402

from hege.web.body import WholeBody, length_of  # noqa: E402  # only now there are settings


def _kept_open(database: dict[str, Any]) -> sqlite3.Connection | None:
    """A connection of its own to an SQLite file for as long as the process lives: on a full disk the first reader could
    not make the journal's index, and nobody could even look."""
    if not database["ENGINE"].endswith("sqlite3"):
        return None
    with suppress(sqlite3.Error):  # then the pages say what is wrong
        kept = sqlite3.connect(f"file:{quote(str(database['NAME']))}?mode=rw", uri=True, check_same_thread=False)
        kept.execute("PRAGMA schema_version").fetchone()
        return kept
    return None


_KEPT_OPEN = [_kept_open(database) for database in settings.DATABASES.values()]


def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """The site, with bodies that say so when they are cut off.

    Answers are handed over whole, static files too: the server sends them off by itself, and no thread of ours waits for
    somebody who reads slowly.
    """
    environ["wsgi.input"] = WholeBody(environ["wsgi.input"], length_of(environ))
    answer = _site(environ, start_response)
    try:
        return [b"".join(answer)]
    finally:
        answer.close()
