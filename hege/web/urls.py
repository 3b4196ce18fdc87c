"""All addresses. Office pages start with the street's nine-digit code; a thing's first page is ``<thing>:index``."""

from __future__ import annotations

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path, re_path

from hege.web import links  # noqa: F401  # the areas' addresses are written with its converters
from hege.web.gallery.views import gallery

#: A division code: digits only, so that no page name can ever be taken for a street.
STREET = r"^(?P<street_code>[0-9]{6,9})/"
#: What is let in by a cookie that is no sign-in lies below a letter and the street.
MEMBERS_OF = r"^m/(?P<street_code>[0-9]{6,9})/"
TILLS_OF = r"^t/(?P<street_code>[0-9]{6,9})/"

#: Below ``/<street_code>/``: prefix -> area. Each area is a package with ``urls.py`` (``app_name`` = the thing's name).
AREAS = {
    "": "today",
    "month/": "month",
    "search/": "search",
    "lists/": "lists",
    "reports/": "reports",
    "cases/": "cases",
    "conferences/": "conferences",
    "mediation/": "mediation",
    "meters/": "meters",
    "agent/": "agent",
    "warnings/": "warnings",
    "cutoffs/": "cutoffs",
    "papers/": "papers",
    "vouchers/": "vouchers",
    "honours/": "honours",
    "thanks/": "thanks",
    "members/": "members",
    "programme/": "programme",
    "activities/": "activities",
    "points/": "points",
    "tills/": "tills",
    "settlements/": "settlements",
    "units/": "units",
    "places/": "places",
    "imports/": "imports",
    "people/": "people",
    "offices/": "offices",
    "alliance/": "alliance",
    "stations/": "stations",
    "settings/": "settings",
    "files/": "attachments",
    "trail/": "trail",
    "messages/": "messages",
    "gateways/": "gateways",
    "jobs/": "jobs",
    "wellness/": "wellness",
}

office: list[URLPattern | URLResolver] = [
    path(prefix, include(f"hege.web.{area}.urls")) for prefix, area in AREAS.items()
]

#: The first page of a demo: no other site has it.
demo: list[URLPattern | URLResolver] = [path("demo/", include("hege.web.demo.urls"))] if settings.DEMO else []

#: What most requests ask for comes first: every one before it is looked at. No two begin alike.
urlpatterns: list[URLPattern | URLResolver] = [
    re_path(TILLS_OF, include("hege.web.till.urls")),  # a shop's till (hege.web.bearers)
    re_path(MEMBERS_OF, include("hege.web.member.urls")),  # a member's own pages (hege.web.bearers)
    re_path(STREET, include(office)),
    path("", include("hege.web.roll.urls")),  # the honour roll, for everybody
    *demo,
    path("", include("hege.web.account.urls")),
    path("-/", include("hege.web.wellness.machine")),  # for the machine, not for people
    path("gallery/", gallery, name="gallery"),
    path("u/", include("hege.web.shop.urls")),  # a unit's own page, behind the code on its poster
    path("", include("hege.web.nearby.urls")),  # stations and gates, for everybody
    path("menu/", include("hege.web.menu.urls")),  # what a street offers riders, for everybody
    path("k/", include("hege.web.letters.urls")),  # is this letter of thanks real, for whoever holds one
    path("p/", include("hege.web.paper_check.urls")),  # was this paper issued, for whoever holds one
    path("a/", include("hege.web.answer.urls")),  # an outsider's one question, behind an expiring link
]
