"""搜索: the box at the top of every page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from hege.web.access import Desk, opens
from hege.web.pages import page
from hege.web.search.page import clean, find


@opens("search.see")
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What fits the words, kind by kind, within one's own part of the street."""
    words = clean(request.GET.get("q", ""))
    return page(request, "search/index.html", {"words": words, "found": find(desk, words)})
