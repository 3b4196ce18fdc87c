"""Keeping what is being typed, and throwing it away."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from hege.kernel import clock
from hege.people.models import User
from hege.trail.queries import was_answered
from hege.web.access import public, signed_in
from hege.web.drafts import keep_what_was_sent
from hege.web.form_key import FIELD
from hege.web.links import onward
from hege.workspace.actions import drop_draft


@public("whose it is says the key of the form: what one types is kept also once the session has ended")
@require_POST
def draft_keep(request: HttpRequest) -> HttpResponse:
    """What a script sends while one types; nothing of a form that has been taken already."""
    if not was_answered(request.POST.get(FIELD, "")):
        keep_what_was_sent(request)
    return HttpResponse(status=HTTPStatus.NO_CONTENT)


@signed_in
@require_POST
def draft_drop(request: HttpRequest) -> HttpResponse:
    """Throw away what one had typed into a form, and begin with an empty one."""
    assert isinstance(request.user, User)
    drop_draft(request.POST.get("address", ""), by=request.user.pk, at=clock.now())
    messages.success(request, _("留着的已经去掉。"))
    return redirect(onward(request.POST.get("next", ""), "/"))
