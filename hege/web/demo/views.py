"""演示: one click signs in as one of the made-up people, for whom everybody may read the password anyway.

Three locks: the addresses are there where DEMO is on, which production refuses; the database holds sample streets and
nothing else; and a click is let in as the printed password would be, so that it opens no account that has another.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from hege.cases.tasks.actions import make_link
from hege.kernel import clock
from hege.people.models import Role
from hege.stories.demo import is_sample, made_up
from hege.stories.street import PASSWORD
from hege.web.access import View, public
from hege.web.account.forms import SignInForm
from hege.web.account.views import let_in
from hege.web.demo.page import DemoPage
from hege.web.idempotency import idempotent
from hege.web.pages import or_404, page


def of_demo(because: str) -> Callable[[Callable[..., HttpResponse]], View]:
    """Mark a page of a demo: 404 wherever there is anything but sample streets."""

    def mark(view: Callable[..., HttpResponse]) -> View:
        @wraps(view)
        def found(request: HttpRequest, **more: Any) -> HttpResponse:
            if not (settings.DEMO and not settings.PRODUCTION and is_sample()):
                raise Http404
            return view(request, **more)

        return public(because)(found)

    return mark


@of_demo("it tells a newcomer what this is, of sample streets alone")
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """What this is, the people to be, the six steps, and the two pages that need no sign-in."""
    return page(request, "demo/index.html", {"d": DemoPage(clock.today())})


@idempotent
@of_demo("whoever tries a demo signs in as one of its made-up people")
@require_POST
def enter(request: HttpRequest, username: str) -> HttpResponse:
    """Sign in as one of the made-up people, and go to their first page or to that of a step."""
    user = or_404(made_up(username))
    step = DemoPage(clock.today()).step(request.POST.get("step", ""))
    form = SignInForm(request, {"username": user.username, "password": PASSWORD})
    if not form.is_valid() or form.user is None:
        messages.warning(
            request, _("%(who)s的密码在演示里被换过，点一下进不去了，请用新密码登录。") % {"who": user.full_name}
        )
        return redirect(f"{reverse('demo:index')}#people")
    return let_in(request, form.user, PASSWORD, onward=step.href if step else reverse("account:home"))


@idempotent
@of_demo("it shows what an outside party is sent: a link to one question")
@require_POST
def outsider(request: HttpRequest) -> HttpResponse:
    """Make a link to an open question as the coordinator would, and follow it; that of before is worth nothing then."""
    task = DemoPage(clock.today()).asked
    if task is None:
        messages.warning(request, _("外单位的事都答复过了，现在没有要问的。"))
        return redirect("demo:index")
    coordinator = or_404(made_up(Role.COORDINATOR.value))
    _link, token = make_link(task, by=coordinator, at=clock.now())
    return redirect("answer:open", token)
