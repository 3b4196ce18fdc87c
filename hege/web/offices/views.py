"""单位: the offices and companies that cases are dispatched to, conferences call and people act for."""

from __future__ import annotations

from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from hege.people.models import Membership, Party, PartyKind
from hege.places.staff import actions
from hege.web.access import Desk, opens
from hege.web.action_page import Act, perform
from hege.web.links import where
from hege.web.offices.forms import OfficeForm
from hege.web.pages import page, part


@opens("offices.see")
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Every office, the street's own first, with its telephone and who acts for it today."""
    posts = Membership.objects.filter(street=desk.street)
    acting = posts.on(desk.today).select_related("user").order_by("user__full_name")
    rows = Party.objects.filter(street=desk.street, kind=PartyKind.ORGANISATION).order_by("-inside", "name")
    named = rows.prefetch_related(Prefetch("memberships", queryset=acting, to_attr="acting"))
    return page(request, "offices/index.html", {"page": part(request, named)})


def _act(desk: Desk, title: str, done: str, lead: str = "") -> Act:
    return Act(title, done, [(_("单位"), where("offices:index", desk.street.code))], lead)


@opens("offices.add")
def new(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Register an office."""
    act = _act(desk, _("登记单位"), _("已登记，派遣和开会时可以选它。"))
    return perform(request, act, OfficeForm(request.POST or None), actions.add_office, desk.street)


@opens("offices.add")
def amend(request: HttpRequest, desk: Desk, office_id: str) -> HttpResponse:
    """Mend an office's name, telephone, or whose it is."""
    rows = Party.objects.select_related("street")
    party = get_object_or_404(rows, street=desk.street, kind=PartyKind.ORGANISATION, public_id=office_id)
    known = {"name": party.name, "phone": party.phone, "inside": "yes" if party.inside else "no"}
    act = _act(desk, _("改单位资料"), _("已改好，原来的写法留在操作留痕里。"), party.name)
    return perform(request, act, OfficeForm(request.POST or None, initial=known), actions.amend_office, party)
