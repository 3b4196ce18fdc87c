"""总表台账: the list of master meters, the page that says who holds the money of one, its export and its readings."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from operator import itemgetter
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from hege.billing.queries import is_outdated, shared_by_reading
from hege.cases.queries import pictured_visits
from hege.exports.rules import Wanted, What
from hege.imports import by_hand
from hege.imports.by_hand import Booked
from hege.imports.kinds.meters import Meters
from hege.kernel.refused import Refused
from hege.metering import actions
from hege.metering.models import Meter, Reading, SupplyPoint
from hege.metering.queries import exchanges, master_of, readings_of
from hege.metering.rules import MeterKind
from hege.places.models import Place
from hege.web.access import Desk, opens
from hege.web.action_page import Act, perform, sent_with_files
from hege.web.files import bringing, takes_files
from hege.web.jinja import daylong, m3
from hege.web.links import where
from hege.web.meters.forms import (
    AmendMasterForm,
    CorrectReadingForm,
    ExchangeForm,
    MasterMeterForm,
    ReadingForm,
    meter_words,
)
from hege.web.meters.looking_back import LookingBack
from hege.web.meters.page import TABS, AsOf, MeterList, MeterPage, grid_path
from hege.web.pages import or_404, page, part
from hege.web.shared.by_hand import reminding
from hege.web.shared.exporting import take
from hege.web.shared.kept_files import files_shown
from hege.web.shared.picture import pictured
from hege.web.shared.scope import point_or_404, points_of

SHOPS_PAGE, PICTURED_VISITS = 100, 6
PICTURED_METERS = 25  # each with a picture of who holds its money, from all accounts behind it
#: The rules of readings name the columns of the import templates; here they are fields of a form.
FIELDS = {"行度": "litres", "抄表日期": "read_on", "表号": "number"}


@opens("meters.see")
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The master meters of one's part of the street, who owes most first; totals follow the filter."""
    ledger = MeterList(points_of(desk), desk, tab=request.GET.get("show", ""), asked=request.GET.get("q", ""))
    shown = part(request, ledger.ordered, PICTURED_METERS)
    context = {"ledger": ledger, "page": shown, "rows": pictured(desk, list(shown))}
    return page(request, "meters/index.html", context)


@opens("meters.see")
def detail(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """Who holds the money of one master meter, as of a day, with its shops, bills and what happened lately."""
    point = point_or_404(desk, code)
    asof = AsOf.asked(request, desk.today)
    meter, tab = MeterPage(point, asof), request.GET.get("shops", "")
    tab, asked = tab if tab in TABS else "", request.GET.get("find", "").strip()[:40]
    visits = list(pictured_visits(point, on=asof.on, most=PICTURED_VISITS))
    context = {
        "meter": meter, "point": point, "asof": asof, "tab": tab, "grid_crumbs": grid_path(point.place),
        "visits": visits, "files": files_shown(desk, "visits", [visit.pk for visit in visits]) if visits else {},
        "shops": part(request, meter.shops_under(tab, asked), SHOPS_PAGE), "asked": asked,
        "base": where("meters:detail", desk.street.code, point.code),
    }  # fmt: skip
    return page(request, "meters/detail.html", context, panels=("shops",))


@opens("warnings.see")
def looking_back(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """When each kind of signal would have come first, and what was owed that day."""
    point = point_or_404(desk, code, "warnings.see")
    shown = LookingBack(point, desk, view=request.GET.get("view", ""))
    return page(request, "meters/looking_back.html", {"point": point, "back": shown})


@opens("meters.export")
@require_POST
def export(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """The accounts of its shops as a workbook."""
    point = point_or_404(desk, code, "meters.export")
    on = AsOf.asked(request, desk.today).on
    return take(desk, Wanted(What.SHOPS, {"point": point.code, "on": on.isoformat()}))


def point_act(point: SupplyPoint, name: str, list_: str, title: str, done: Any, lead: str = "", **more: Any) -> Act:
    """The page of one verb of a master meter; it leads back to a list of it, of this name."""
    code = point.street.code
    crumbs = [
        (_("总表台账"), where("meters:index", code)),
        (point.name, where("meters:detail", code, point.code)),
        (name, where(f"meters:{list_}", code, point.code)),
    ]
    return Act(title, done, crumbs, lead, **more)


@opens("meters.register")
def register(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Put a master meter on record, with its account holder, agent and way of sharing."""
    form = MasterMeterForm(request.POST or None, desk=desk, initial={"started_on": desk.today})

    def register_master(*, place: Place | None, seen: bool, by: Any, at: Any, **said: Any) -> Booked:
        row = by_hand.row_of(Meters.layout, kind=MeterKind.MASTER, **said)
        return by_hand.register_master(desk.street, row, place=place, seen=seen, by=by, at=at)

    crumbs = [(_("总表台账"), where("meters:index", desk.street.code))]
    act = Act(
        _("登记总表"),
        _("已登记，可以接着加商铺。"),
        crumbs,
        _("水司按它出账单的那块表；换表请到它的“读数”页登记换表。"),
    )
    act.onward = reminding(request, lambda row: where("meters:detail", desk.street.code, row.meter))
    return perform(request, act, form, register_master)


@opens("meters.register")
def amend(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """Say of a master meter what was not known, or put right what measures nothing."""
    point = point_or_404(desk, code, "meters.register")
    meter = or_404(master_of(point, on=desk.today))
    start = {"diameter_mm": meter.diameter_mm, "location": meter.location, "verified_on": meter.verified_on}
    form = AmendMasterForm(request.POST or None, thing=point, desk=desk, initial=start)
    act = point_act(
        point,
        "",
        "detail",
        _("改总表"),
        _("已改，原来的写在操作留痕里。"),
        _("表号、启用日期和起码不能改；换表请登记换表。"),
    )
    act.crumbs, act.onward = act.crumbs[:-1], reminding(request, lambda _row: act.back)
    return perform(request, act, form, by_hand.change_meter, meter)


@opens("meters.see")
def readings(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """Every reading of the master meter and the meters behind it, newest first."""
    point = point_or_404(desk, code)
    shown = part(request, readings_of(point))
    meters = Meter.objects.filter(street=desk.street, point=point).order_by("-started_on", "number")
    exchanged = files_shown(desk, "meters", meters.order_by().values("pk"))
    dials = files_shown(desk, "readings", [row.pk for row in shown.object_list])
    new = exchanges(meters)
    context = {
        "point": point, "page": shown, "dials": dials,
        "exchanged": [(meter.number, exchanged[meter.pk]) for meter in meters if meter.pk in exchanged],
        "unseen": [meter for meter in new if meter.pk not in exchanged],
    }  # fmt: skip
    return page(request, "meters/readings.html", context)


def _by_fields(action: Callable[..., Any], **more: str) -> Callable[..., Any]:
    """An action whose refusals name the fields of the form instead of columns."""

    @wraps(action)
    def told(*things: Any, **said: Any) -> Any:
        try:
            return action(*things, **said)
        except Refused as no:
            field = FIELDS.get(no.field or "", no.field or "")
            raise Refused(no.reason, field=more.get(field, field)) from no

    return told


@takes_files(ReadingForm)
@opens("meters.read")
def record(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """Write down an index that was read; a wrong one is corrected, never written twice."""
    point = point_or_404(desk, code, "meters.read")
    start = {"read_on": desk.today, "reader": desk.user.full_name}
    form = ReadingForm(*sent_with_files(request), thing=point, desk=desk, initial=start)
    act = point_act(point, _("抄表"), "readings", _("登记抄表"), _("已登记。"))

    @_by_fields
    def record_reading(by: Any, at: Any, **said: Any) -> list[Reading]:
        return actions.record_readings(desk.street, [actions.ReadingDraft(**said)], by=by, at=at)

    return perform(request, act, form, bringing(record_reading, about=itemgetter(0)))


@takes_files(CorrectReadingForm)
@opens("meters.read")
def correct(request: HttpRequest, desk: Desk, code: str, reading_id: int) -> HttpResponse:
    """Put a wrong reading right; the wrong one stays. Bills it was shared by are named, and lead to sharing again."""
    point = point_or_404(desk, code, "meters.read")
    found = readings_of(point).select_related("meter__unit", "street")
    reading: Reading = get_object_or_404(found, street=desk.street, pk=reading_id)
    shared = shared_by_reading(reading)
    said = {"meter": meter_words(reading.meter), "day": daylong(reading.read_on), "m3": m3(reading.litres)}
    lead = _("%(meter)s，%(day)s 抄的是 %(m3)s m³。原来的读数留着，注明已被更正。") % said
    if shared:
        numbers = _("、").join(bill.number for bill, _allocation in shared)
        lead += _("账单 %(numbers)s 是按它分摊的，更正以后要重新分摊。") % {"numbers": numbers}
    act = point_act(point, _("抄表"), "readings", _("更正读数"), _("已更正，原来的读数留着。"), lead)

    def share_again(_made: object) -> str:
        """To the first bill that would now be shared otherwise, after naming all of them; back when there is none."""
        old = [bill for bill, allocation in shared if is_outdated(bill, allocation)]
        if not old:
            return act.back
        numbers = _("、").join(bill.number for bill in old)
        messages.warning(request, _("账单 %(numbers)s 是按更正以前的读数分摊的，请重新分摊。") % {"numbers": numbers})
        return where("meters:bill", desk.street.code, point.code, old[0].pk)

    act.onward = share_again
    form = CorrectReadingForm(*sent_with_files(request))
    return perform(request, act, form, bringing(_by_fields(actions.correct_reading)), reading)


@takes_files(ExchangeForm)
@opens("meters.read")
def exchange(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """One meter out and another in: the last index of the old and the first of the new, on one day."""
    point = point_or_404(desk, code, "meters.read")
    form = ExchangeForm(*sent_with_files(request), thing=point, desk=desk, initial={"on": desk.today})
    lead = _("换表那天的读数两块表各记一次，水量接得上。换表前请先拍下旧表的字轮，往后有争议，照片比数字说得清。")
    act = point_act(point, _("抄表"), "readings", _("登记换表"), "", lead)

    def done(_new: Meter) -> str:
        if form.said["papers"]:
            return _("已换表，旧表的读数都留着。")
        return _("已换表，旧表的读数都留着。没有表盘照片，旧表最后的行度只有登记的数字。")

    act.done = done

    def exchange_meter(*, meter: Meter, **said: Any) -> Meter:
        return actions.exchange_meter(meter, **said)

    return perform(request, act, form, bringing(_by_fields(exchange_meter, litres="last_litres")))
