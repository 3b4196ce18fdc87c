"""A list as its page shows it, in parts as large as one likes."""

from __future__ import annotations

from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.http import Http404, HttpRequest, QueryDict
from django.urls import resolve
from django.utils.translation import gettext as _

from hege.exports.tables import Sheet
from hege.kernel import signing
from hege.kernel.refused import Refused
from hege.people.models import Street, User
from hege.web.access import Desk, verb_of
from hege.web.jinja import in_a_table
from hege.web.lists.reading import sheets_of
from hege.web.pages import Parts, in_parts

SALT = "hege.web.lists"
GOOD_FOR = 600  # seconds


class Told(NamedTuple):
    """What a page is called, what its tables say, and how many rows its longest list has in all."""

    title: str
    sheets: list[Sheet]
    rows: int


def first_rows(request: HttpRequest, desk: Desk, address: str) -> Told:
    """What a page of this street says, each list from its first row, as many as one waits for.

    It is asked as its reader would open it: what they may not see is not there. ``Refused`` where it has no table;
    ``Http404`` for what is no page of this street.
    """
    if verb_of(address, desk.street) is None:
        raise Http404
    said = urlsplit(address)
    found = resolve(said.path)
    asked = _as_opened(request, said.path, said.query)
    asked.resolver_match = found
    wanted = Parts(settings.AT_ONCE_ROWS)
    with in_a_table(), in_parts(wanted):
        answer = found.func(asked, *found.args, **found.kwargs)
    is_page = answer.status_code == HTTPStatus.OK and answer.headers["Content-Type"].startswith("text/html")
    title, sheets = sheets_of(answer.content.decode()) if is_page else ("", [])
    if not sheets:
        raise Refused(_("这一页没有可以下载的表格。"))
    return Told(title, sheets, wanted.rows)


def _as_opened(request: HttpRequest, path: str, query: str) -> HttpRequest:
    """The request by which the same browser would open another page."""
    asked = HttpRequest()
    asked.__dict__.update({**request.__dict__, "desk": None})
    asked.META = {name: value for name, value in request.META.items() if not name.startswith("HTTP_HX")}
    asked.META["QUERY_STRING"] = query
    asked.method, asked.path, asked.path_info = "GET", path, path
    asked.GET, asked.POST = QueryDict(query), QueryDict()
    return asked


def ticket(street: Street, address: str, *, by: User) -> str:
    """What lets one person take one list for some minutes."""
    return signing.dumps([street.pk, by.pk, address], salt=SALT, compress=True)


def address_in(desk: Desk, shown: str) -> str:
    """The list that a ticket is for, if it is this person's, here, and not old."""
    try:
        street, user, address = signing.loads(shown, salt=SALT, max_age=GOOD_FOR)
    except signing.BadSignature:
        raise Http404(_("这个链接用过时间了。")) from None
    if (street, user) != (desk.street.pk, desk.user.pk):
        raise Http404
    return str(address)
