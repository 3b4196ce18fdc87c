"""A shop by hand: opened, put right, left and rented again, given a sub-meter; each as a row of the roster would."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hege.imports import by_hand
from hege.imports.by_hand import Booked, row_of, unit_row
from hege.imports.kinds.meters import Meters
from hege.imports.kinds.units import EMPTY_USES, Units
from hege.metering.rules import MeterKind
from hege.places.models import Unit, UnitUse
from hege.web.access import Desk, opens
from hege.web.action_page import Act, perform
from hege.web.links import where
from hege.web.shared.by_hand import reminding
from hege.web.shared.scope import point_or_404
from hege.web.units.forms import AmendUnitForm, LeaveForm, MoveInForm, SubMeterForm, UnitForm
from hege.web.units.page import UnitPage
from hege.web.units.views import unit_or_404

SHARED = gettext_lazy("已分摊的账单不会跟着变；会受影响的，登记前先提醒。")


def _act(request: HttpRequest, unit: Unit, title: str, done: str, lead: str = "") -> Act:
    code = unit.street.code
    here = where("units:detail", code, unit.code)
    crumbs = [(_("商铺与二维码"), where("units:index", code)), (unit.name, here)]
    return Act(title, done, crumbs, lead, onward=reminding(request, lambda _row: here))


@opens("units.register")
def register(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Open a unit, with who is in it and the master meter it draws from."""
    crumbs, start = [(_("商铺与二维码"), where("units:index", desk.street.code))], {"use": UnitUse.SHOP.value}
    meter = request.GET.get("meter", "")
    if meter:
        point = point_or_404(desk, meter, "units.register")
        start["master"] = point.code
        crumbs = [(point.name, where("meters:detail", desk.street.code, point.code))]
    form = UnitForm(request.POST or None, desk=desk, initial=start)

    def register_unit(*, seen: bool, by: Any, at: Any, **said: Any) -> Booked:
        return by_hand.register_unit(desk.street, row_of(Units.layout, **said), seen=seen, by=by, at=at)

    lead = _("户主自用、空置和公用水点也要开户，否则用水会算成损耗。")
    act = Act(_("加一家商铺"), _("已加上，请打印它的二维码贴到店里。"), crumbs, lead)
    act.onward = reminding(request, lambda row: where("units:detail", desk.street.code, row.code))
    return perform(request, act, form, register_unit)


@opens("units.register")
def amend(request: HttpRequest, desk: Desk, unit_code: str) -> HttpResponse:
    """Put right what is known of a shop; another tenant is a tenancy of their own."""
    unit = unit_or_404(desk, unit_code, "units.register")
    stands = unit_row(unit)
    start = {"name": unit.name, "use": unit.use, "area_sqm": unit.area_sqm}
    form = AmendUnitForm(request.POST or None, desk=desk, stands=stands, initial=start)

    def amend_unit(*, seen: bool, by: Any, at: Any, **said: Any) -> Booked:
        return by_hand.change_unit(desk.street, [unit_row(unit, **said)], seen=seen, by=by, at=at)

    return perform(request, _act(request, unit, _("改商铺"), _("已改，原来的写在操作留痕里。")), form, amend_unit)


@opens("units.register")
def leave(request: HttpRequest, desk: Desk, unit_code: str) -> HttpResponse:
    """Say which day was the latest tenant's first day out."""
    unit = unit_or_404(desk, unit_code, "units.register")
    stands = unit_row(unit)
    lead = _("%(name)s，%(day)s 入驻。") % {"name": stands.operator or _("未登记姓名"), "day": stands.from_on or "—"}
    form = LeaveForm(request.POST or None, initial={"until_on": stands.until_on or desk.today})
    act = _act(request, unit, _("登记退租"), _("已登记退租。"), f"{lead}{SHARED}")
    return perform(request, act, form, by_hand.let_leave, unit)


@opens("units.register")
def move_in(request: HttpRequest, desk: Desk, unit_code: str) -> HttpResponse:
    """Say who came, and when whoever was still in left."""
    unit = unit_or_404(desk, unit_code, "units.register")
    stands, shop = unit_row(unit), UnitPage(unit, desk)
    title, use = _("换租户") if shop.still_in else _("登记入驻"), UnitUse(unit.use)
    start = {
        "until_on": desk.today, "from_on": desk.today, "master": stands.master,
        "use": UnitUse.SHOP.value if use in EMPTY_USES else use.value,
    }  # fmt: skip
    form = MoveInForm(request.POST or None, desk=desk, still_in=shop.still_in, initial=start)
    act = _act(request, unit, title, _("已登记，旧账留在原租期。"), str(SHARED))
    return perform(request, act, form, by_hand.let_in, unit)


@opens("meters.register")
def sub_meter(request: HttpRequest, desk: Desk, unit_code: str) -> HttpResponse:
    """Put the shop's sub-meter on record."""
    unit = unit_or_404(desk, unit_code, "meters.register")
    form = SubMeterForm(request.POST or None, initial={"started_on": desk.today})

    def register_sub_meter(*, seen: bool, by: Any, at: Any, **said: Any) -> Booked:
        return by_hand.register_sub_meter(
            unit, row_of(Meters.layout, kind=MeterKind.SUB, **said), seen=seen, by=by, at=at
        )

    lead = _("接在 %(code)s 后面。换表请到总表的“读数”页登记换表。") % {"code": unit_row(unit).master or "—"}
    return perform(request, _act(request, unit, _("登记分表"), _("已登记。"), lead), form, register_sub_meter)
