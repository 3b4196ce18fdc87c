"""活动菜单 for everybody: what a street offers riders, one activity, the poster, and both for the calendar of a telephone."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.views.decorators.http import require_safe

from hege.kernel import clock
from hege.programme.activities.queries import waiting_counts
from hege.programme.seasons.queries import shown_activity, streets_with_a_menu, the_menu
from hege.programme.thanks.ceremonies.queries import shown_report
from hege.web.access import public
from hege.web.menu import calendar
from hege.web.menu.page import Line, MenuPage
from hege.web.pages import or_404, page
from hege.web.shared.printed_code import SVG, drawn_code

BECAUSE = "what is published is meant for everybody, and says nothing of anybody who goes there"
#: How long, in seconds, anybody may keep a calendar: an hour is moved seldom, and never within the hour.
KEPT_FOR = 600


def _menu(request: HttpRequest, code: str) -> MenuPage:
    now = clock.now()
    return MenuPage(or_404(the_menu(code, at=now)), request.GET, at=now)


@public(BECAUSE, listed=True)
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The menu of the one street that has one, or the streets to choose from."""
    streets = streets_with_a_menu()
    if len(streets) == 1 and not settings.SHARDS:  # else other databases may have some too
        return redirect("menu:menu", streets[0].code)
    return page(request, "menu/streets.html", {"streets": streets})


@public(BECAUSE, listed=True)
@require_safe
def menu(request: HttpRequest, menu_code: str) -> HttpResponse:
    """What one can still go to, by board, week and month; and the year."""
    return page(request, "menu/menu.html", {"m": _menu(request, menu_code)})


@public(BECAUSE, listed=True)
@require_safe
def activity(request: HttpRequest, menu_code: str, menu_id: str) -> HttpResponse:
    """One activity: when, where, by whom, how many places are left, and how to sign up."""
    found = or_404(shown_activity(menu_code, menu_id))
    waiting = waiting_counts(found.street, [found.pk]).get(found.pk, 0)
    told = shown_report(menu_code, menu_id) is not None
    return page(request, "menu/activity.html", {"l": Line(found, clock.now(), waiting), "told": told})


@public(BECAUSE)
@require_safe
def poster(request: HttpRequest, menu_code: str) -> HttpResponse:
    """The season on sheets of A3, with a code that leads to the menu."""
    return page(request, "menu/poster.html", {"m": _menu(request, menu_code)})


@public(BECAUSE)
@require_safe
def code(request: HttpRequest, menu_code: str) -> HttpResponse:
    """The code on the poster: it stands damage to a quarter of it."""
    drawn = drawn_code(_menu(request, menu_code).address, error="q", quiet=0)
    return HttpResponse(drawn, content_type=SVG, headers={"Content-Language": settings.LANGUAGE_CODE})


@public(BECAUSE, kept_for=KEPT_FOR)
@require_safe
def season_calendar(request: HttpRequest, menu_code: str) -> HttpResponse:
    """All that is to come, for a calendar that is taken once or subscribed to."""
    with translation.override(settings.LANGUAGE_CODE):
        shown = _menu(request, menu_code)
        name = calendar.name_of(shown.street)
        activities = [line.activity for line in shown.all]
        return calendar.answer(
            calendar.calendar_of(activities, of=shown.street.code, name=name, at=shown.at), name=name
        )


@public(BECAUSE, kept_for=KEPT_FOR)
@require_safe
def activity_calendar(request: HttpRequest, menu_code: str, menu_id: str) -> HttpResponse:
    """One activity for a calendar."""
    found = or_404(shown_activity(menu_code, menu_id))
    with translation.override(settings.LANGUAGE_CODE):
        body = calendar.calendar_of([found], of=found.public_id, name=calendar.name_of(found.street), at=clock.now())
        return calendar.answer(body, name=found.title)
