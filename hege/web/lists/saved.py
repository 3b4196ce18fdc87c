"""常用筛选: the views of a list that one comes back to, above the list and on a page of their own."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlsplit

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from hege.kernel import clock
from hege.kernel.refused import Refused
from hege.web.access import MAY, Desk, opening_of, opens
from hege.web.action_page import Act, perform, sent
from hege.web.forms import Form
from hege.web.pages import or_404, page
from hege.web.saved_views import filter_of
from hege.web.shell import menu_name
from hege.workspace import actions
from hege.workspace.models import SavedView
from hege.workspace.queries import views_of
from hege.workspace.rules import LONGEST_NAME


class NameForm(Form):
    """What a view is called."""

    name = forms.CharField(
        label=gettext_lazy("名字"),
        max_length=LONGEST_NAME,
        help_text=gettext_lazy("只有您自己看得到，例如“三号片区逾期的”。"),
    )


class SavedLine(NamedTuple):
    """One view on the page of all of them; ``list_name`` is empty where its list is no more, or not theirs any more."""

    view: SavedView
    list_name: str | Promise


def _list_name(desk: Desk, path: str) -> str | Promise:
    """What the menu calls a list of this street that the person may see; empty for anything else."""
    try:
        found = resolve(path)
    except Resolver404:
        return ""
    opening = opening_of(found.func)
    verb = (opening.verb or "") if opening else ""
    theirs = (
        verb in MAY and verb.endswith(".see") and desk.may(verb) and found.kwargs == {"street_code": desk.street.code}
    )
    return menu_name(found.app_name) if theirs else ""


def _crumbs(desk: Desk) -> list[tuple[str, str]]:
    return [(_("常用筛选"), desk.to("lists:saved"))]


def _view_or_404(desk: Desk, view_id: str) -> SavedView:
    return or_404(views_of(desk.street, desk.user).filter(public_id=view_id).first())


@opens("lists.see")
def saved(request: HttpRequest, desk: Desk) -> HttpResponse:
    """All views that one has saved in this street."""
    lines = [SavedLine(view, _list_name(desk, view.path)) for view in views_of(desk.street, desk.user)]
    return page(request, "lists/saved.html", {"lines": lines})


@opens("lists.save")
def save(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Give the filter of the list that one comes from a name."""
    address = urlsplit(request.GET.get("address", ""))
    if not address.path:
        raise Refused(_("没有说是哪一张名单：请在名单上选好条件，再按“存下这个筛选”。"))
    name, query = _list_name(desk, address.path), filter_of(address.query)
    if not name:
        raise Http404
    back = f"{address.path}?{query}" if query else address.path
    lead = _("存下的是条件，不是名单：下次打开，看到的是那时候符合条件的。")
    act = Act(_("存下这个筛选"), _("存好了，就在名单上面。"), [(str(name), back)], lead, _("存下"))
    return perform(request, act, NameForm(sent(request)), actions.save_view, desk.street, address.path, query)


@opens("lists.save")
def rename(request: HttpRequest, desk: Desk, view_id: str) -> HttpResponse:
    """Give a saved view another name."""
    view = _view_or_404(desk, view_id)
    act = Act(_("改名字"), _("名字改好了。"), _crumbs(desk), button=_("改名字"))
    return perform(request, act, NameForm(sent(request), initial={"name": view.name}), actions.rename_view, view)


@opens("lists.save")
@require_POST
def drop(request: HttpRequest, desk: Desk, view_id: str) -> HttpResponse:
    """Delete a saved view."""
    actions.drop_view(_view_or_404(desk, view_id), by=desk.user, at=clock.now())
    return redirect(desk.to("lists:saved"))
