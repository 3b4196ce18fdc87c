"""总表台账: the list of master meters, worst first, and the page that says who holds the money of one."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from hege.kernel import clock
from hege.web.access import Desk, opens
from hege.web.marks import Tab
from hege.web.meters import export as workbook
from hege.web.meters.asof import as_of
from hege.web.meters.detail import MeterPage, grid_path
from hege.web.meters.ledger import MeterList
from hege.web.meters.shops import TABS, tab_counts
from hege.web.pages import page
from hege.web.shared.scope import point_or_404, points_of

PAGE_SIZE, SHOPS_PAGE = 50, 100


@opens("meters.see")
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The master meters of one's part of the street, who owes most first; totals follow the filter."""
    ledger = MeterList(points_of(desk), desk, tab=request.GET.get("show", ""), asked=request.GET.get("q", ""))
    rows = Paginator(ledger.ordered, PAGE_SIZE).get_page(request.GET.get("page"))
    return page(request, "meters/index.html", {"ledger": ledger, "page": rows, "rows": ledger.rows(rows.object_list)})


@opens("meters.see")
def detail(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """Who holds the money of one master meter, as of a day, with its shops, bills and what happened lately."""
    point = point_or_404(desk, code)
    asof = as_of(request, desk.today)
    meter = MeterPage(point, asof)
    tab = request.GET.get("shops", "")
    tab = tab if tab in TABS else ""
    shops = Paginator([r for r in meter.shops if r.fits(tab)], SHOPS_PAGE).get_page(request.GET.get("page"))
    base, counts = reverse("meters:detail", args=(desk.street.code, point.code)), tab_counts(meter.shops)
    tabs = [Tab(label, asof.href(base, shops=t) + "#shops", t == tab, counts[t]) for t, label in TABS.items()]
    context = {
        "meter": meter, "point": point, "asof": asof, "tab": tab, "tabs": tabs, "shops": shops,
        "grid_crumbs": grid_path(point.place), "base": base,
    }  # fmt: skip
    return page(request, "meters/detail.html", context, panels=("shops",))


@opens("meters.export")
@require_POST
def export(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """Put an export on the trail, then lead to the file: a look may not write, and a repeated click writes once."""
    point = point_or_404(desk, code, "meters.export")
    asof = as_of(request, desk.today)
    rows = MeterPage(point, asof).shops
    ticket = workbook.permit(point, on=asof.on, rows=len(rows), by=desk.user, at=clock.now())
    return redirect("meters:exported", desk.street.code, point.code, ticket)


@opens("meters.see")
def exported(request: HttpRequest, desk: Desk, code: str, ticket: str) -> HttpResponse:
    """The shops' accounts as a workbook, for the minutes after an export was put on the trail."""
    point = point_or_404(desk, code)
    on = workbook.permitted(ticket, point, by=desk.user)
    if on is None:
        raise Http404
    return workbook.answer(point, on=on, today=desk.today)
