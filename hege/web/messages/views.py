"""消息: what one was told in a street, by the matter, the newest first. A link there is a button: looking at it is written down."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from hege.kernel import clock
from hege.outbox import actions
from hege.outbox.queries import matters_of, the_message, unread_of
from hege.web.access import Desk, opens
from hege.web.messages.forms import ReadForm
from hege.web.messages.page import matters, step
from hege.web.pages import or_404, page, part


@opens("messages.see")
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What this person was told in this street, by the matter, and how many they have not looked at."""
    shown = part(request, matters_of(desk.user, desk.street), each=20)
    rows = matters(desk, list(shown.object_list))
    newest = rows[0].newest.pk if rows and shown.number == 1 else 0
    unread = unread_of(desk.user, desk.street).count()
    context = {"page": shown, "rows": rows, "unread": unread, "newest": newest, "step": step}
    return page(request, "messages/index.html", context)


@opens("messages.read")
@require_POST
def open_message(request: HttpRequest, desk: Desk, message_id: str) -> HttpResponse:
    """Look at what a message is about."""
    message = or_404(the_message(desk.user, desk.street, message_id))
    actions.read_message(message, by=desk.user, at=clock.now())
    return redirect(message.link or desk.to("messages:index"))


@opens("messages.read")
@require_POST
def read(request: HttpRequest, desk: Desk) -> HttpResponse:
    """All that stood on the page is looked at; what was told meanwhile is not."""
    form = ReadForm(request.POST)
    if form.is_valid():
        n = actions.read_all(desk.street, until=form.cleaned_data["until"], by=desk.user, at=clock.now())
        messages.success(request, ngettext("%(n)d 条记为已看。", "%(n)d 条记为已看。", n) % {"n": n})
    else:
        messages.error(request, _("没有说明看到哪一条，请刷新后再按。"))
    return redirect(desk.to("messages:index"))
