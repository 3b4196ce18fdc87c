"""Which of several databases a request is about (分库): by its address, before a session or anything else is read.

A street's address says it by its code. A printed code that names no street is sought in one database after the other. Pages of
one's own and those to sign in are of the shard that their address, the page one came from or the browser's cookie says. Where
none does, the person chooses. With one database nothing of this is in the way.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from urllib.parse import parse_qs, urlencode, urlsplit

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.core.exceptions import MiddlewareNotUsed
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from hege.cases.models import TaskLink
from hege.cases.queries import link_hash
from hege.honours.models import Honour
from hege.kernel.ids import read_check_code
from hege.kernel.shards import answers, current, each_in_turn, reading_from, replica_of, shard_of, within
from hege.papers.queries import paper_by_code
from hege.programme.thanks.models import ServiceCertificate, Thanks
from hege.web.account.lockout import KNOWN_COOKIE
from hege.web.middleware import Middleware
from hege.web.shop.page import link_of

#: Says in an address which shard a page that names no street is of; and in a cookie, which one the browser was in last.
ASKED, COOKIE = "shard", "hege_shard"
COOKIE_SECONDS = 365 * 24 * 3600
#: Cookies that are of one shard alone: a browser has one of each for every shard.
OF_ONE_SHARD = (settings.SESSION_COOKIE_NAME, KNOWN_COOKIE, CookieStorage.cookie_name)

#: Where an address names its street by the code.
STREET = re.compile(r"/(?:[mt]/|roll/|menu/|stations/|gate/|h/issuer/|k/(?:shown|status|reports)/)?([0-9]{6,9})/")
#: Where it names one thing by a code of its own; and how that is found.
CODED = re.compile(r"/(?P<of>[uapkh])/(?P<code>[^/]+)/")
PAPER = "p"
FOUND: Mapping[str, Callable[[str], bool]] = {
    "u": lambda code: link_of(code) is not None,
    "a": lambda code: TaskLink.objects.filter(token_hash=link_hash(code)).exists(),
    PAPER: lambda code: paper_by_code(read_check_code(code)) is not None,
    "k": lambda code: any(table.objects.filter(public_id=code).exists() for table in (Thanks, ServiceCertificate)),
    "h": lambda code: Honour.objects.filter(public_id=code).exists(),
}
#: What is the same whichever database is asked, or asks none.
ANYWHERE = re.compile(r"/(?:streets|size|language|gallery|static|h/check)/")


def cookie_of(name: str, shard: str) -> str:
    """What a cookie is called in a shard."""
    return f"{name}_{shard}"


class ShardMiddleware(Middleware):
    """Asks the shard that a request is about; sends who has to choose to where one chooses."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        super().__init__(get_response)
        if not settings.SHARDS:
            raise MiddlewareNotUsed

    def __call__(self, request: HttpRequest) -> HttpResponse:
        said, address = _said(request.get_full_path()), _by_code(request.path_info)
        shard = address or said or _by_last(request)
        if shard is None:
            on = request.get_full_path()
            return redirect(reverse("account:everywhere") + (f"?{urlencode({'next': on})}" if on != "/" else ""))
        if address is None and said is None and _is_own_page(request):
            return redirect(f"{request.path}?{_with_shard(request, shard)}")
        _hand_in(request, shard)
        with within(shard):
            response = self.get_response(request)
        return _hand_out(request, response, shard)


def _by_code(path: str) -> str | None:
    """The shard of a street's address, or that in which a printed code is found. A code of no shard is sought in the first:
    nobody finds it there."""
    street, coded = STREET.match(path), CODED.match(path)
    if street:
        return shard_of(street[1]) or next(iter(settings.SHARDS))
    if coded and coded["code"] != "check":
        return _sought(coded)
    return next(iter(settings.SHARDS)) if ANYWHERE.match(path) else None


def is_found(of: str, code: str) -> bool:
    """Whether a printed code is found in any database there is."""
    found = [FOUND[of](code) for _shard in each_in_turn()]  # each is left as it was entered
    return any(found)


def _sought(coded: re.Match[str]) -> str:
    """The shard in which a code is found; a database that is away is no trouble to the others' codes."""
    away = None
    for name in settings.SHARDS:
        try:
            with within(name):
                if FOUND[coded["of"]](coded["code"]):
                    return name
        except DatabaseError as problem:
            away = problem
    if away is not None:
        raise away
    return next(iter(settings.SHARDS))


def _said(address: str) -> str | None:
    """The shard that an address names, or that of the street to go on to."""
    asked = parse_qs(urlsplit(address).query)
    named, onward = asked.get(ASKED, [""])[-1], STREET.match(asked.get("next", [""])[-1])
    return named if named in settings.SHARDS else shard_of(onward[1]) if onward else None


def _by_last(request: HttpRequest) -> str | None:
    """The shard of the page one came from, else the one this browser was in last."""
    came_from = request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(came_from, {request.get_host()}):
        street = STREET.match(urlsplit(came_from).path)
        found = shard_of(street[1]) if street else _said(came_from)
        if found is not None:
            return found
    last = request.COOKIES.get(COOKIE, "")
    return last if last in settings.SHARDS else None


def _is_own_page(request: HttpRequest) -> bool:
    """Whether a page is looked at on which somebody may send a form about themselves: its address says the shard, so that what
    is sent goes where the page came from, whatever other pages are open."""
    return request.method == "GET" and request.path_info.startswith(("/me/", "/sign-in/"))


def _with_shard(request: HttpRequest, shard: str) -> str:
    asked = request.GET.copy()
    asked[ASKED] = shard
    return asked.urlencode()


def _hand_in(request: HttpRequest, shard: str) -> None:
    """The cookies of this shard, by their plain names."""
    for name in OF_ONE_SHARD:
        request.COOKIES.pop(name, None)
        if (held := request.COOKIES.get(cookie_of(name, shard))) is not None:
            request.COOKIES[name] = held


def _hand_out(request: HttpRequest, response: HttpResponse, shard: str) -> HttpResponse:
    """The cookies of this shard, by the names they have in the browser."""
    for name in OF_ONE_SHARD:
        if (held := response.cookies.pop(name, None)) is not None:
            named = cookie_of(name, shard)
            held.set(named, held.value, held.coded_value)
            response.cookies[named] = held
    if request.COOKIES.get(COOKIE) != shard and not ANYWHERE.match(request.path_info):
        _set(response, COOKIE, shard, COOKIE_SECONDS)
    return response


def _set(response: HttpResponse, name: str, value: str, seconds: int) -> None:
    response.set_cookie(
        name, value, max_age=seconds, secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax"
    )


# -- reading from a copy ---------------------------------------------------------------------------------------------------

#: A browser that has sent anything reads from the database itself for so long: the copy may be behind.
WROTE, WROTE_SECONDS = "hege_wrote", 30


class ReplicaMiddleware(Middleware):
    """Has a page that only shows read from the copy of the shard's database, where one is named and answers: never for who has
    just written. Who asks, and what they may, is asked of the database itself."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        super().__init__(get_response)
        if not any(map(replica_of, settings.SHARDS)):
            raise MiddlewareNotUsed

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            response = self.get_response(request)
            _set(response, WROTE, "1", WROTE_SECONDS)
            return response
        replica = None if WROTE in request.COOKIES else replica_of(current())
        _ = request.user.is_authenticated  # with the posts, before anything is read from the copy
        with reading_from(replica) if replica and answers(replica) else nullcontext():
            return self.get_response(request)
