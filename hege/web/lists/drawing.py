"""A list that is too long to wait for, drawn by the worker part after part, as its reader's page would draw it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sessions.backends.signed_cookies import SessionStore
from django.http import Http404, HttpRequest, QueryDict
from django.urls import resolve
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django_htmx.middleware import HtmxDetails

from hege.exports.rules import Wanted
from hege.exports.tables import Sheet, Tell
from hege.kernel.refused import Refused
from hege.people.models import Street, User
from hege.web.access import enter, verb_of
from hege.web.asked_for import AskedFor
from hege.web.jinja import in_a_table
from hege.web.lists.reading import sheets_of
from hege.web.pages import Parts, in_parts

EACH = 997  # rows that are held at once; seldom the length of another table on the page


def drawn(street: Street, wanted: Wanted, tell: Tell) -> Iterator[Sheet]:
    """The tables of a page; the rows of its long list come as they are written, and it says how far it is.

    ``Refused`` where who asked for it may not open it any more, or what is long is no table.
    """
    address, verb = wanted.of["list"], verb_of(wanted.of["list"], street)
    user = User.objects.filter(memberships__street=street, pk=int(wanted.of["by"])).distinct().first()
    if verb is None or user is None:
        raise Refused(_("这一页您现在看不到了。"))
    parts = Parts(EACH)
    first = _tables(user, street, verb, address, parts)
    long = next((sheet for sheet in first if len(list(sheet.rows)) == EACH), None) if parts.rows > EACH else None
    if long is None and parts.rows > EACH:
        raise Refused(_("这一页没有可以下载的表格。"))
    for sheet in first:
        if sheet is not long:
            yield sheet
            continue

        def rows(begin: Sheet = sheet) -> Iterator[Any]:
            yield from begin.rows
            total = parts.rows
            for number in range(2, -(-total // EACH) + 1):
                tell(_("一行行写下"), (number - 1) * EACH, total)
                parts.number = number
                more = _tables(user, street, verb, address, parts)
                yield from next((sheet.rows for sheet in more if sheet.title == begin.title), ())

        yield sheet._replace(rows=rows())


def _tables(user: User, street: Street, verb: str, address: str, parts: Parts) -> list[Sheet]:
    """What the tables of a page say, a part of each; it is opened by right as its reader would, and no session is theirs."""
    said = urlsplit(address)
    found, request = resolve(said.path), HttpRequest()
    request.method, request.path, request.path_info = "GET", said.path, said.path
    request.META = {"SERVER_NAME": "localhost", "SERVER_PORT": "80", "QUERY_STRING": said.query}
    request.GET = AskedFor(said.query) if said.query else QueryDict()  # type: ignore[assignment]  # as ``opens`` does
    request.user, request.session, request.LANGUAGE_CODE = (
        user,
        SessionStore(),
        get_language() or settings.LANGUAGE_CODE,
    )
    request.resolver_match, request.htmx = found, HtmxDetails(request)  # type: ignore[attr-defined]
    try:
        desk = enter(request, street.code, verb)
    except Http404:
        raise Refused(_("这一页您现在看不到了。")) from None
    with in_a_table(), in_parts(parts):
        more = {name: value for name, value in found.kwargs.items() if name != "street_code"}
        answer = found.func.__wrapped__(request, desk, *found.args, **more)  # type: ignore[attr-defined]
    return sheets_of(answer.content.decode())[1]
