"""商铺与二维码: the roster, the printed code of each shop, and the sheet of posters for all shops of a master meter."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from hege.kernel import clock
from hege.metering.actions import hang_posters
from hege.places.actions import renew_unit_link, unit_token
from hege.places.models import Unit
from hege.places.queries import unit_tokens
from hege.trail.queries import of
from hege.web.access import Desk, opens
from hege.web.action_page import Act, perform
from hege.web.links import in_full, site_host, where
from hege.web.pages import page, part
from hege.web.shared.printed_code import SVG, drawn_code
from hege.web.shared.scope import point_or_404, points_of, units_of, with_words
from hege.web.units.forms import RenewForm
from hege.web.units.page import UnitPage

#: Error level Q survives a quarter of the code being scratched or wet; a quiet zone of four modules is the standard's.
ERROR_LEVEL, QUIET = "q", 4


def unit_or_404(desk: Desk, unit_code: str, verb: str = "units.see") -> Unit:
    """One unit by its code, as far as the person may see it for a verb."""
    units = units_of(desk, verb).select_related("street__trail_head")
    one: Unit = get_object_or_404(units, street=desk.street, code=unit_code)
    return one


@opens("units.see")
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The shops of one's part of the street, by code; words and master meter are in the address."""
    asked, meter = request.GET.get("q", "").strip()[:40], request.GET.get("meter", "")[:40]
    units = with_words(units_of(desk), desk, asked) if asked else units_of(desk)
    units = units.filter(point_code=meter) if meter else units
    context = {"page": part(request, units), "asked": asked, "meter": meter, "points": points_of(desk, "units.see")}
    return page(request, "units/index.html", context)


@opens("units.see")
def detail(request: HttpRequest, desk: Desk, unit_code: str) -> HttpResponse:
    """One shop with its code, what its poster says, who rented it, and the codes that were revoked."""
    unit = unit_or_404(desk, unit_code)
    printable = unit_tokens(desk.street, [unit])
    links = unit.links.order_by("-serial")
    context = {"unit": unit, "shop": UnitPage(unit, desk), "links": links, "printable": printable}
    return page(request, "units/detail.html", context)


@opens("units.print_codes")
def code(request: HttpRequest, desk: Desk, unit_code: str) -> HttpResponse:
    """A unit's code as a picture that prints sharp in any size: who scans it sees this shop's page, and nobody can
    guess its address."""
    unit = unit_or_404(desk, unit_code, "units.print_codes")
    address = in_full(where("shop:page", unit_token(unit)))
    return HttpResponse(drawn_code(address, error=ERROR_LEVEL, quiet=QUIET), content_type=SVG)


@opens("units.print_codes")
def posters(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """The posters of all shops behind a master meter on A4 sheets, six a sheet, or one unit's alone (``?unit=``)."""
    point = point_or_404(desk, code, "units.print_codes")
    units = units_of(desk, "units.print_codes").filter(point_code=point.code)
    only = request.GET.get("unit", "")
    rows = list(units.filter(code=only) if only else units)
    hung = of(point, street=desk.street).filter(verb="hang_posters").first()
    printable = unit_tokens(desk.street, rows)
    context = {"point": point, "units": rows, "host": site_host(), "hung": hung, "printable": printable}
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
    back = where("units:detail", desk.street.code, unit.code)
    act = Act(_("换码"), _("已换码。旧码作废，请重新打印张贴。"), back=back)
    form = RenewForm(request.POST or None, initial={"serial": unit.link_serial})
    return perform(request, act, form, renew_unit_link, unit, template="units/renew.html", unit=unit)
