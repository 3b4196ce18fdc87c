"""荣誉榜 for everybody: what others have given, as it was printed and checked; on the screen, on A3, as text."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from hege.honours.roll import streets_with_a_roll, text_of
from hege.kernel import clock
from hege.web.access import public
from hege.web.pages import page
from hege.web.roll.page import PRINTED, RollPage

BECAUSE = "what is on the roll was shown to everybody before, for a public source or with the firm's consent"


@public(BECAUSE, listed=True)
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The roll of the one street that has one, or the streets to choose from."""
    streets = streets_with_a_roll()
    if len(streets) == 1 and not settings.SHARDS:  # else other databases may have some too
        return redirect("roll:roll", streets[0].code)
    return page(request, "roll/streets.html", {"streets": streets})


@public(BECAUSE, listed=True)
@require_safe
def roll(request: HttpRequest, roll_code: str) -> HttpResponse:
    """A street's roll under a search, as cards or as a table."""
    return page(request, "roll/roll.html", {"r": RollPage(roll_code, request.GET, on=clock.today())})


@public(BECAUSE)
@require_safe
def printed(request: HttpRequest, roll_code: str) -> HttpResponse:
    """The same on sheets of A3, four columns and three rows each, as a newspaper prints it."""
    shown = RollPage(roll_code, request.GET, on=clock.today(), each=PRINTED)
    return page(request, "roll/print.html", {"r": shown})


@public(BECAUSE)
@require_safe
def text(request: HttpRequest, roll_code: str) -> HttpResponse:
    """The same as a text with a table of four columns, that can be pasted elsewhere and read again."""
    shown = RollPage(roll_code, request.GET, on=clock.today(), each=PRINTED)
    name = _("荣誉榜 %(street)s %(day)s.txt") % {"street": shown.street.name, "day": shown.on.isoformat()}
    return HttpResponse(
        text_of([cell.entry for cell in shown.cells]), content_type="text/plain; charset=utf-8",
        headers={"Content-Disposition": content_disposition_header(as_attachment=True, filename=name) or ""},
    )  # fmt: skip
