"""Where a request comes from, as far as that can be known."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The address of who asks: the n-th hop from the right of X-Forwarded-For, n = HEGE_PROXIES.

    What stands further left was written by the client and may be a lie; with no proxies, or where that hop is no
    address, it is the connection's own.
    """
    own = str(request.META.get("REMOTE_ADDR", ""))
    hops = [hop.strip() for hop in str(request.META.get("HTTP_X_FORWARDED_FOR", "")).split(",") if hop.strip()]
    if settings.PROXIES == 0 or len(hops) < settings.PROXIES:
        return own
    hop = hops[-int(settings.PROXIES)]
    return hop if is_address(hop) else own


def is_address(text: str) -> bool:
    """Whether a text is an IPv4 or IPv6 address as a database column of addresses takes it."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return "%" not in text  # a zone is the machine's own


def address_of(request: HttpRequest) -> str | None:
    """Where a request comes from; None where that is no address, as behind a socket."""
    address = client_address(request)
    return address if is_address(address) else None
