"""One honour for everybody: what whoever scans its code may know, and how to speak against it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from hege.honours.actions import object_to_honour
from hege.honours.queries import shown_honour
from hege.kernel import clock
from hege.web.access import public
from hege.web.pages import form_page, or_404, page, refusals_to
from hege.web.roll.forms import ObjectionForm
from hege.web.roll.honour_page import HonourPage
from hege.web.roll.views import BECAUSE


def shown(shown_id: str, *, number: str = "") -> HonourPage:
    """The page of an honour that anybody may see; 404 for one that was never shown."""
    return HonourPage(or_404(shown_honour(shown_id)), on=clock.today(), number=number)


@public(BECAUSE, listed=True)
@require_safe
def honour(request: HttpRequest, shown_id: str) -> HttpResponse:
    """How it stands, each check with its answer and meaning, who looked when and at what, and what it said before."""
    return page(request, "roll/honour.html", {"h": shown(shown_id, number=request.GET.get("version", ""))})


@public("whoever knows better has no account; what they say becomes an objection that somebody looks into")
def object_to(request: HttpRequest, shown_id: str) -> HttpResponse:
    """Speak against it: who did so stays hidden."""
    one = shown(shown_id)
    form = ObjectionForm(request.POST or None)
    if form.is_bound and form.is_valid():
        with refusals_to(form):
            object_to_honour(one.honour, **form.said, by=None, at=clock.now())
            return redirect("../thanks/")
    return form_page(request, "roll/object.html", {"h": one, "form": form}, form)


@public(BECAUSE)
@require_safe
def thanks(request: HttpRequest, shown_id: str) -> HttpResponse:
    """What happens with what was said."""
    return page(request, "roll/thanks.html", {"h": shown(shown_id)})


@public(BECAUSE)
@require_safe
def certificate(request: HttpRequest, shown_id: str) -> HttpResponse:
    """One sheet of A4 that reports it."""
    return page(request, "roll/certificate.html", {"h": shown(shown_id), "today": clock.today()})
