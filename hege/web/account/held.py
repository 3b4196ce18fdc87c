"""您的个人信息: what is held on who is signed in, with what for and until when; all of it as a file, on the trail."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST, require_safe

from hege.kernel import clock
from hege.people.models import User
from hege.privacy.actions import take_copy
from hege.privacy.copies import FORMS
from hege.privacy.queries import Held, held_on
from hege.web.access import signed_in
from hege.web.pages import page

#: Rows of a kind on the page; all of them are in the file.
MOST = 5


@signed_in
@require_safe
def held(request: HttpRequest) -> HttpResponse:
    """The latest of each kind, by what it is for."""
    assert isinstance(request.user, User)
    by_purpose: dict[str, list[Held]] = {}
    for kind in held_on(request.user, most=MOST):
        by_purpose.setdefault(str(kind.why), []).append(kind)
    return page(request, "account/held.html", {"by_purpose": by_purpose, "at": clock.now()})


@signed_in
@require_POST
def held_copy(request: HttpRequest) -> HttpResponse:
    """All of it, as a table or for a program."""
    assert isinstance(request.user, User)
    at = clock.now()
    ending = "json" if request.POST.get("as") == "json" else "csv"
    form = FORMS[ending]
    found = take_copy(request.user, by=request.user, at=at)
    name = f"{request.user.username}-{clock.day_of(at)}.{ending}"
    headers = {"Content-Disposition": content_disposition_header(as_attachment=True, filename=name)}
    return HttpResponse(form.write(found), content_type=form.content_type, headers=headers)
