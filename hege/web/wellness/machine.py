"""Addresses for the machine, not for people: is the site alive, is it ready, how much does it do (``/-/…``).

Asked on the machine itself, whatever name is used for it, and before a session, a name or the database is looked at. Who
comes through a proxy or from elsewhere finds nothing there; figures are for whoever shows the token.
"""

from __future__ import annotations

import ipaddress
from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict, replace
from functools import wraps
from http import HTTPStatus

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.security import SecurityMiddleware
from django.urls import URLPattern, path, resolve
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from hege.installation.queries import database_away, disk, ready_findings
from hege.installation.rules import Finding
from hege.kernel import clock
from hege.kernel.shards import within
from hege.web.access import View, public
from hege.web.middleware import Middleware
from hege.web.wellness.probe import Probe

PREFIX = "/-/"
#: What proxies write about whom they speak for.
BY_PROXY = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PROTO", "HTTP_X_REAL_IP", "HTTP_FORWARDED",
            "HTTP_VIA")  # fmt: skip
TEXT = "text/plain; charset=utf-8"
#: So long the database is waited for.
PATIENCE_MS = 800
#: One for each shard, or the one for the one database.
_probes: dict[str, Probe[list[Finding]]] = defaultdict(Probe)


class MachineMiddleware(Middleware):
    """Answers for these addresses, and lets everything else through."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        super().__init__(get_response)
        self.headers = SecurityMiddleware(get_response)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(PREFIX):
            return self.get_response(request)
        return self.headers.process_response(request, _answer(request))


def _answer(request: HttpRequest) -> HttpResponse:
    try:
        found = request.resolver_match = resolve(request.path_info)
        answer: HttpResponse = found.func(request, *found.args, **found.kwargs)
    except Http404:
        return HttpResponse("404\n", status=HTTPStatus.NOT_FOUND, content_type=TEXT)
    return answer


def on_the_machine(request: HttpRequest) -> bool:
    """Whether somebody asks from this machine, for themselves."""
    try:
        address = ipaddress.ip_address(str(request.META.get("REMOTE_ADDR", "")))
    except ValueError:
        return False
    own = getattr(address, "ipv4_mapped", None) or address
    return own.is_loopback and not any(name in request.META for name in BY_PROXY)


def for_the_machine(view: View) -> View:
    """Mark a page that is found from this machine alone."""

    @wraps(view)
    def let_in(request: HttpRequest) -> HttpResponse:
        if not on_the_machine(request):
            raise Http404
        return view(request)

    return public("asked by this machine's own service manager, never through a proxy")(let_in)


@for_the_machine
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """This process answers. No database is asked."""
    return HttpResponse("ok\n", content_type=TEXT)


@for_the_machine
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """Whether work can be given to the site (200 or 503), and every line of what was looked at, within a second."""
    lines = looked_at()
    fit = not any(line.stops for line in lines)
    said = {"ready": fit, "at": clock.now().isoformat(timespec="seconds"), "lines": [asdict(line) for line in lines]}
    status = HTTPStatus.OK if fit else HTTPStatus.SERVICE_UNAVAILABLE
    return JsonResponse(said, status=status, json_dumps_params={"ensure_ascii": False})


def looked_at() -> list[Finding]:
    """What is looked at each time; where the database does not answer in time, what can be told without it. Of several
    databases each says its name."""
    if not settings.SHARDS:
        return _asked(_probes[""])
    found = []
    for name in settings.SHARDS:
        with within(name):
            found += [replace(line, text=f"〔{name}〕{line.text}") for line in _asked(_probes[name])]
    return found


def _asked(probe: Probe[list[Finding]]) -> list[Finding]:
    try:
        return probe.ask(lambda: list(ready_findings(at=clock.now())), within_ms=PATIENCE_MS)
    except TimeoutError:
        return [disk(), database_away(_("一秒内没有回答"))]


@public("for the monitoring system, which shows a token instead of signing in")
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Figures in the text format of Prometheus, for who shows the token; without one in the settings nothing is here."""
    shown = request.headers.get("Authorization", "")
    if not settings.METRICS_TOKEN or not constant_time_compare(shown, f"Bearer {settings.METRICS_TOKEN}"):
        raise Http404
    from hege.web.wellness.metrics import CONTENT_TYPE, exposition  # only who asks for them pays for them

    return HttpResponse(exposition(), content_type=CONTENT_TYPE)


app_name = "machine"
urlpatterns: list[URLPattern] = [
    path("live", live, name="live"),
    path("ready", ready, name="ready"),
    path("metrics", metrics, name="metrics"),
]
