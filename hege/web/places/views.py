"""网格: the tree of the street's parts, each added, renamed, closed by hand, and what lies in it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from hege.imports.grid import GridFile, import_grid, stage_grid, staged_grid
from hege.imports.models import StagedFile
from hege.kernel import clock
from hege.kernel.database import atomic
from hege.kernel.several import several
from hege.metering.actions import locate_point
from hege.metering.models import SupplyPoint
from hege.places import actions
from hege.places.models import Place, PlaceLevel, Unit
from hege.procedures.actions import close_place
from hege.web.access import Desk, opens
from hege.web.action_page import Act, perform
from hege.web.idempotency import idempotent
from hege.web.links import where
from hege.web.pages import form_page, page, part, refusals_to
from hege.web.places.forms import CloseForm, GridFileForm, MetersForm, PlaceForm, RenameForm, UnitsForm
from hege.web.places.page import PlacePage, drawn, place_or_404, sketch, tree
from hege.web.shared.scope import points_of, units_of

SHOWN = 100  # boxes to tick on one page; more are found by words


@opens("places.see")
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The tree of one's part of the street."""
    branches = tree(desk)
    return page(request, "places/index.html", {"tree": branches, "drawn": drawn(branches)})


@opens("places.see")
def detail(request: HttpRequest, desk: Desk, place_id: int) -> HttpResponse:
    """One part of the grid with the shops and master meters that lie in it."""
    place = place_or_404(desk, place_id)
    context = {
        "shown": PlacePage(place, desk), "place": place, "units": part(request, units_of(desk).filter(place=place)),
        "points": points_of(desk).filter(place=place),
    }  # fmt: skip
    return page(request, "places/detail.html", context)


@opens("places.change")
def new(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Add a part of the grid below another."""
    asked = request.GET.get("parent", "")
    start = {"parent": asked, "level": PlaceLevel.PREMISES, "from_on": desk.today}
    act = Act(_("加一级网格"), _("已加上。"), [(_("网格"), where("places:index", desk.street.code))])
    act.onward = lambda place: where("places:detail", desk.street.code, place.pk)
    form = PlaceForm(request.POST or None, desk=desk, initial=start)
    return perform(request, act, form, actions.add_place, desk.street)


def _act(place: Place, desk: Desk, title: str, done: str, lead: str = "", **more: Any) -> Act:
    return Act(title, done, PlacePage(place, desk).crumbs, lead, **more)


@opens("places.change")
def rename(request: HttpRequest, desk: Desk, place_id: int) -> HttpResponse:
    """Give a part of the grid another name from a day on."""
    place = place_or_404(desk, place_id, "places.change")
    act = _act(place, desk, _("网格改名"), _("已改名，原来的名字写在操作留痕里。"), _("编码和管这一片的岗位都不变。"))
    form = RenameForm(request.POST or None, initial={"name": place.name, "on": desk.today})
    return perform(request, act, form, actions.rename_place, place)


@opens("places.change")
def close(request: HttpRequest, desk: Desk, place_id: int) -> HttpResponse:
    """Close a part of the grid that nothing lies in any more."""
    place = place_or_404(desk, place_id, "places.change")
    act = _act(place, desk, _("关闭网格"), _("已关闭。"), place.name, danger=True)
    act.onward = lambda _place: where("places:index", desk.street.code)
    return perform(request, act, CloseForm(request.POST or None, initial={"on": desk.today}), close_place, place)


def _fitting(
    request: HttpRequest, desk: Desk, place: Place, rows: QuerySet[Any]
) -> tuple[QuerySet[Any], dict[str, Any]]:
    """The rows outside of a part of the grid that fit the words of the address, as many as one page shows; what it says
    of them."""
    asked = request.GET.get("q", "").strip()[:40]
    fit = Q(code__icontains=asked) | Q(name__icontains=asked)
    found = rows.filter(fit, street=desk.street).exclude(place=place).order_by("code")
    some = rows.filter(street=desk.street, pk__in=list(found.values_list("pk", flat=True)[:SHOWN]))
    return some.select_related("place").order_by("code"), {"asked": asked, "most": SHOWN, "found": found.count()}


@opens("places.change")
def units(request: HttpRequest, desk: Desk, place_id: int) -> HttpResponse:
    """Put shops into a part of the grid."""
    place = place_or_404(desk, place_id, "places.change")
    among, said = _fitting(request, desk, place, Unit.objects.all())
    act = _act(place, desk, _("放商铺"), "", _("商铺在哪个网格，就由管那一片的人看。"))
    act.done = lambda n: several("已放入 %(n)d 家商铺。") % {"n": n}
    form, action = UnitsForm(request.POST or None, among=among), partial(actions.locate_units, place)
    return perform(request, act, form, action, template="places/locate.html", **said)


@opens("places.change")
def meters(request: HttpRequest, desk: Desk, place_id: int) -> HttpResponse:
    """Put master meters into a part of the grid."""
    place = place_or_404(desk, place_id, "places.change")
    among, said = _fitting(request, desk, place, SupplyPoint.objects.all())
    act = _act(place, desk, _("放总表"), "", _("没有落格的商铺，跟着它的总表走。"))
    act.done = lambda n: several("已放入 %(n)d 块总表。") % {"n": n}

    @atomic
    def locate_points(*, points: Sequence[SupplyPoint], by: Any, at: Any) -> int:
        for point in points:
            locate_point(point, place=place, by=by, at=at)
        return len(points)

    form = MetersForm(request.POST or None, among=among)
    return perform(request, act, form, locate_points, template="places/locate.html", **said)


@opens("places.change")
@idempotent
def choose(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Choose a file of outlines, and see what it would do; nothing of it is booked."""
    form = GridFileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        with refusals_to(form):
            at, file = clock.now(), form.cleaned_data["file"]
            content = file.read()
            seen = GridFile(desk.street, content, on=desk.today)
            staged = stage_grid(desk.street, content, name=file.name or "", by=desk.user, at=at)
            status = HTTPStatus.UNPROCESSABLE_ENTITY if seen.faulty else HTTPStatus.OK
            return page(request, "places/file.html", _seen(staged, seen), status=status)
    return form_page(request, "places/file.html", {"form": form, "seen": None}, form)


def _seen(staged: StagedFile, seen: GridFile) -> dict[str, Any]:
    return {
        "form": GridFileForm(), "staged": staged, "seen": seen, "drawn": sketch((r.feature.name, r.shape) for r in seen.rows),
        "failed": bool(seen.faulty),
    }  # fmt: skip


@opens("places.change")
@require_POST
def confirm(request: HttpRequest, desk: Desk, staged_id: str) -> HttpResponse:
    """Book a file of outlines that was looked at, all or nothing."""
    at = clock.now()
    staged = staged_grid(desk.street, staged_id, by=desk.user, at=at)
    n = import_grid(desk.street, bytes(staged.content), name=staged.name, by=desk.user, at=at)
    messages.success(request, several("%(file)s：已登记 %(n)d 个网格。") % {"file": staged.name, "n": n})
    return redirect("places:index", desk.street.code)
