"""A proxy that forwards something wrong is told as such: what arrived, and what to mend in its file or in our settings.

What is told are the words of the request itself, the names of settings, and nothing that a setting holds.
"""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port, validate_host
from django.middleware.security import SecurityMiddleware
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hege.web.middleware import LanguageMiddleware
from hege.web.pages import page

log = logging.getLogger("hege.web")
MOST_SHOWN = 100  # characters of what a request says of itself

HOST_LINE = _("请让代理把浏览器里的域名和端口原样作为 Host 传过来，nginx 里写：proxy_set_header Host $http_host;")
NAME_IT = _("大家如果就用这个域名，请把它写进 HEGE_ALLOWED_HOSTS，几个域名之间用英文逗号隔开。")
PROTO_LINE = _("请让代理自己填写 X-Forwarded-Proto，nginx 里写：proxy_set_header X-Forwarded-Proto $scheme;")
COUNT_THEM = _("HEGE_PROXIES 是 0，合格不相信代理写的 X-Forwarded-Proto；请把它设为代理的层数，通常是 1。")


class Wrong(NamedTuple):
    """``said``: sentence with what was seen; ``named``: its values; ``mends``: what would mend it, the likeliest first."""

    said: str | Promise
    named: dict[str, str]
    mends: list[str | Promise]


def wrong_host(request: HttpRequest) -> Wrong | None:
    """A host that nobody allowed: the proxy writes another than the browser's, or an office forgot one of its names."""
    try:
        request.get_host()
    except DisallowedHost:
        said = _("送到合格的域名是“%(host)s”，HEGE_ALLOWED_HOSTS 里没有它。")
        return Wrong(said, {"host": str(request.META.get("HTTP_HOST", ""))[:MOST_SHOWN]}, [NAME_IT, HOST_LINE])
    return None


def endless_redirect(request: HttpRequest) -> Wrong | None:
    """HTTPS whose proxy is not believed, or does not say so: each page would lead to itself."""
    if not settings.SECURE_SSL_REDIRECT or request.is_secure():
        return None
    proto = request.META.get("HTTP_X_FORWARDED_PROTO")
    if settings.PROXIES == 0 and proto == "https":
        return Wrong(_("浏览器用的是 HTTPS，合格却不能相信，网页会不停跳转。"), {}, [COUNT_THEM])
    if settings.PROXIES and proto is None:
        return Wrong(_("代理没有说浏览器用的是不是 HTTPS，网页会不停跳转。"), {}, [PROTO_LINE])
    return None


def wrong_origin(request: HttpRequest) -> Wrong | None:
    """A form whose browser is at another address than the one that arrived, though it was sent from that very address.

    A form of another site is none: its address is no name of ours, and a browser does not call it of the same origin.
    """
    browser = _origin(str(request.META.get("HTTP_ORIGIN") or request.META.get("HTTP_REFERER") or ""))
    if browser is None:
        return None
    scheme, _slashes, place = browser.partition("://")
    ours = validate_host(split_domain_port(place)[0], settings.ALLOWED_HOSTS)
    if not ours and request.META.get("HTTP_SEC_FETCH_SITE") != "same-origin":
        return None
    mends: list[str | Promise] = []
    if place != request.get_host().lower():
        mends += [HOST_LINE] if ours else [HOST_LINE, NAME_IT]
    if scheme != request.scheme:
        believed = settings.PROXIES or "HTTP_X_FORWARDED_PROTO" not in request.META
        mends.append(PROTO_LINE if believed else COUNT_THEM)
    if not mends:
        return None
    arrived = f"{request.scheme}://{request.get_host()}"
    said = _("浏览器在“%(browser)s”，送到合格的却是“%(arrived)s”。")
    return Wrong(said, {"browser": browser[:MOST_SHOWN], "arrived": arrived[:MOST_SHOWN]}, mends)


def _origin(address: str) -> str | None:
    """Scheme, name and port of an address, in small letters; None where it has none, as ``Origin: null``."""
    try:
        parts = urlsplit(address.lower())
    except ValueError:
        return None
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in ("http", "https") and parts.netloc else None


def wrong_proxy(request: HttpRequest, wrong: Wrong, status: HTTPStatus) -> HttpResponse:
    """The page for who looks after the machine; nobody else can mend it. The log has a line of it."""
    log.warning("the proxy in front forwards something wrong: %s", str(wrong.said) % wrong.named)
    context = {"said": str(wrong.said) % wrong.named, "mends": wrong.mends}
    return page(request, "errors/wrong_proxy.html", context, status=status)


class ProxyMiddleware(SecurityMiddleware):
    """Answers itself where a page would be none or lead to itself, with the headers of any other answer. Stands before the
    redirect to HTTPS."""

    def process_request(self, request: HttpRequest) -> HttpResponse | None:  # type: ignore[override]
        host = wrong_host(request)
        wrong, status = host or endless_redirect(request), HTTPStatus.BAD_REQUEST
        if wrong is None:
            return None
        if host is None:
            status = HTTPStatus.INTERNAL_SERVER_ERROR
        return LanguageMiddleware(lambda request: wrong_proxy(request, wrong, status))(request)
