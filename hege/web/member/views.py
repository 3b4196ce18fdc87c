"""A member's own page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from hege.web.bearers import Rider, of_member
from hege.web.member.page import parts_of
from hege.web.pages import page


@of_member
@require_safe
def index(request: HttpRequest, rider: Rider) -> HttpResponse:
    """Where next, what can I use, what became of what I said: each part by itself."""
    parts = parts_of(rider)
    buttons = [part.button for part in parts if part.button]
    return page(request, "member/index.html", {"rider": rider, "parts": parts, "buttons": buttons})
