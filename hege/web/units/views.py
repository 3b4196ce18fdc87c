"""商铺与二维码: the roster, the printed code of each shop, and the sheet of posters for all shops of a master meter."""

from __future__ import annotations

import io

import segno
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from hege.kernel import clock
from hege.metering.actions import hang_posters
from hege.places.actions import renew_unit_link, unit_token
from hege.places.models import Unit
from hege.trail.queries import of
from hege.web.access import Desk, opens
from hege.web.meters.scope import point_or_404, points_of
from hege.web.pages import form_page, page, refusals_to
from hege.web.units.forms import RenewForm
from hege.web.units.roster import behind_point, searched, tenancies_of, units_of

PAGE_SIZE = 50
#: Error level Q survives a quarter of the code being scratched or wet; a quiet zone of four modules is the standard's.
ERROR_LEVEL, QUIET = "q", 4


def unit_or_404(desk: Desk, unit_code: str, verb: str = "units.see") -> Unit:
    """One unit by its code, as far as the person may see it for a verb."""
    units = units_of(desk, verb).select_related("street__trail_head")
    one: Unit = get_object_or_404(units, street=desk.street, code=unit_code)
    return one


def shop_address(request: HttpRequest, unit: Unit) -> str:
    """The whole address in a unit's code: who scans it sees this shop's page, and nobody can guess it."""
    return request.build_absolute_uri(reverse("shop:page", args=(unit_token(unit),)))


@opens("units.see")
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The shops of one's part of the street, by code; words and master meter are in the address."""
    asked, meter = request.GET.get("q", "").strip()[:40], request.GET.get("meter", "")[:40]
    units = searched(units_of(desk), asked)
    units = units.filter(point_code=meter) if meter else units
    shown = Paginator(units, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"page": shown, "asked": asked, "meter": meter, "points": points_of(desk, "units.see")}
    return page(request, "units/index.html", context)


@opens("units.see")
def detail(request: HttpRequest, desk: Desk, unit_code: str) -> HttpResponse:
    """One shop with its code, what its poster says, who rented it, and the codes that were revoked."""
    unit = unit_or_404(desk, unit_code)
    context = {"unit": unit, "tenancies": tenancies_of(unit), "links": unit.links.order_by("-serial")}
    return page(request, "units/detail.html", context)


@opens("units.print_codes")
def code(request: HttpRequest, desk: Desk, unit_code: str) -> HttpResponse:
    """A unit's code as a picture that prints sharp in any size."""
    unit = unit_or_404(desk, unit_code, "units.print_codes")
    picture = io.BytesIO()
    qr = segno.make_qr(shop_address(request, unit), error=ERROR_LEVEL)
    qr.save(
        picture,
        kind="svg",
        border=QUIET,
        xmldecl=False,
        svgns=True,
        omitsize=True,
        light="#fff",
        svgclass=None,
        lineclass=None,
    )
    return HttpResponse(picture.getvalue(), content_type="image/svg+xml")


@opens("units.print_codes")
def posters(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """The posters of all shops behind a master meter on A4 sheets, six a sheet, or one unit's alone (``?unit=``)."""
    point = point_or_404(desk, code, "units.print_codes")
    units = behind_point(units_of(desk, "units.print_codes"), point)
    only = request.GET.get("unit", "")
    rows = list(units.filter(code=only) if only else units)
    hung = of(point, street=desk.street).filter(verb="hang_posters").first()
    context = {"point": point, "units": rows, "host": request.get_host(), "hung": hung}
    return page(request, "units/posters.html", context)


@opens("units.print_codes")
@require_POST
def hung(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """The posters of a master meter's shops hang in the shops."""
    point = point_or_404(desk, code, "units.print_codes")
    hang_posters(point, by=desk.user, at=clock.now())
    messages.success(request, _("已记下。换了码的店要重新张贴。"))
    return redirect("units:posters", desk.street.code, point.code)


@opens("units.renew_code")
def renew(request: HttpRequest, desk: Desk, unit_code: str) -> HttpResponse:
    """Revoke a printed code and make a new one; the old one says so to whoever scans it."""
    unit = unit_or_404(desk, unit_code, "units.renew_code")
    form = RenewForm(request.POST or None, initial={"serial": unit.link_serial})
    if request.method == "POST" and form.is_valid():
        with refusals_to(form):
            form.check_serial(unit)
            renew_unit_link(unit, by=desk.user, at=clock.now())
            messages.success(request, _("已换码。旧码作废，请重新打印张贴。"))
            return redirect("units:detail", desk.street.code, unit.code)
    return form_page(request, "units/renew.html", {"unit": unit, "form": form}, form)
