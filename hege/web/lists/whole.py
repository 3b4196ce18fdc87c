"""A list as its page shows it, all parts of it at once."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import urlsplit

from django.conf import settings
from django.core import signing
from django.http import Http404, HttpRequest, QueryDict
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _

from hege.exports.tables import Sheet
from hege.kernel.refused import Refused
from hege.people.models import Street, User
from hege.web.access import Desk, opening_of
from hege.web.jinja import in_a_table
from hege.web.lists.reading import sheets_of
from hege.web.pages import whole_parts

SALT = "hege.web.lists"
GOOD_FOR = 600  # seconds


def whole(request: HttpRequest, desk: Desk, address: str) -> tuple[str, list[Sheet]]:
    """What a page of this street is called and what its tables say, each list from its first row to its last.

    It is asked as its reader would open it: what they may not see is not there. ``Refused`` where it has no table, or more
    rows than one waits for; ``Http404`` for what is no page of this street.
    """
    said = urlsplit(address)
    try:
        found = resolve(said.path)
    except Resolver404:
        raise Http404 from None
    opening = opening_of(found.func)
    if found.kwargs.get("street_code") != desk.street.code or not (opening and (opening.verb or "").endswith(".see")):
        raise Http404
    asked = _as_opened(request, said.path, said.query)
    asked.resolver_match = found
    with in_a_table(), whole_parts(settings.AT_ONCE_ROWS):
        answer = found.func(asked, *found.args, **found.kwargs)
    is_page = answer.status_code == HTTPStatus.OK and answer.headers["Content-Type"].startswith("text/html")
    title, sheets = sheets_of(answer.content.decode()) if is_page else ("", [])
    if not sheets:
        raise Refused(_("这一页没有可以下载的表格。"))
    return title, sheets


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
