"""单位: the offices and companies that cases are dispatched to, conferences call and people act for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from hege.kernel import clock
from hege.people.models import Membership, Party, PartyKind
from hege.places.staff import actions
from hege.web.access import Desk, opens
from hege.web.action_page import Act, action_page
from hege.web.offices.forms import OfficeForm
from hege.web.pages import page

PAGE_SIZE = 50


@opens("offices.see")
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Every office, the street's own first, with its telephone and who acts for it today."""
    acting = Membership.objects.filter(street=desk.street)
    acting = acting.on(desk.today).select_related("user").order_by("user__full_name")
    rows = Party.objects.filter(street=desk.street, kind=PartyKind.ORGANISATION).order_by("-inside", "name")
    named = rows.prefetch_related(Prefetch("memberships", queryset=acting, to_attr="acting"))
    shown = Paginator(named, PAGE_SIZE).get_page(request.GET.get("page"))
    return page(request, "offices/index.html", {"page": shown})


def _act(desk: Desk, title: str, done: str, **more: Any) -> Act:
    back = reverse("offices:index", args=(desk.street.code,))
    return Act(title=title, button=title, done=done, back=back, crumbs=[(_("单位"), back)], **more)


@opens("offices.add")
def new(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Register an office."""
    form = OfficeForm(request.POST or None)

    def do(said: Mapping[str, Any]) -> object:
        return actions.add_office(desk.street, **said, by=desk.user, at=clock.now())

    return action_page(request, _act(desk, _("登记单位"), _("已登记，派遣和开会时可以选它。")), form, do)


@opens("offices.add")
def amend(request: HttpRequest, desk: Desk, office_id: str) -> HttpResponse:
    """Mend an office's name, telephone, or whose it is."""
    rows = Party.objects.select_related("street")
    party = get_object_or_404(rows, street=desk.street, kind=PartyKind.ORGANISATION, public_id=office_id)
    known = {"name": party.name, "phone": party.phone, "inside": "yes" if party.inside else "no"}
    form = OfficeForm(request.POST or None, initial=known)
    act = _act(desk, _("改单位资料"), _("已改好，原来的写法留在操作留痕里。"), lead=party.name)

    def do(said: Mapping[str, Any]) -> object:
        return actions.amend_office(party, **said, by=desk.user, at=clock.now())

    return action_page(request, act, form, do)
