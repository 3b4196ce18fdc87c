"""抄表: every reading of a master meter and the meters behind it; recorded, put right; meters exchanged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from hege.billing.queries import is_outdated, shared_by_reading
from hege.kernel import clock
from hege.kernel.refused import Refused
from hege.metering import actions
from hege.metering.models import Reading
from hege.metering.rules import ReadingMethod
from hege.web.access import Desk, opens
from hege.web.action_page import action_page
from hege.web.jinja import daylong, m3
from hege.web.meters.acts import point_act
from hege.web.meters.detail import readings_of
from hege.web.meters.forms import CorrectReadingForm, ExchangeForm, ReadingForm, meter_words
from hege.web.pages import form_page, page, refusals_to
from hege.web.shared.scope import point_or_404

READINGS_PAGE = 50
#: The rules of readings name the columns of the import templates; here they are fields of a form.
FIELDS = {"行度": "litres", "抄表日期": "read_on", "表号": "number"}


@contextmanager
def _columns_as_fields(**more: str) -> Iterator[None]:
    try:
        yield
    except Refused as no:
        field = no.field or ""
        raise Refused(no.reason, field=more.get(FIELDS.get(field, field), FIELDS.get(field, field))) from no


@opens("meters.see")
def readings(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """Every reading of the master meter and the meters behind it, newest first."""
    point = point_or_404(desk, code)
    shown = Paginator(readings_of(point), READINGS_PAGE).get_page(request.GET.get("page"))
    return page(request, "meters/readings.html", {"point": point, "page": shown})


@opens("meters.read")
def record(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """Write down an index that was read; a wrong one is corrected, never written twice."""
    point = point_or_404(desk, code, "meters.read")
    start = {"read_on": desk.today, "reader": desk.user.full_name}
    form = ReadingForm(request.POST or None, point=point, on=desk.today, initial=start)
    act = point_act(point, (_("抄表"), "meters:readings"), _("登记抄表"), _("已登记。"))

    def do(said: Mapping[str, Any]) -> object:
        draft = actions.ReadingDraft(**{**said, "method": ReadingMethod(said["method"])})
        with _columns_as_fields():
            return actions.record_readings(desk.street, [draft], by=desk.user, at=clock.now())

    return action_page(request, act, form, do)


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
    act = point_act(point, (_("抄表"), "meters:readings"), _("更正读数"), _("已更正，原来的读数留着。"), lead=lead)
    form = CorrectReadingForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_to(form), _columns_as_fields():
            actions.correct_reading(reading, **form.cleaned_data, by=desk.user, at=clock.now())
            messages.success(request, str(act.done))
            return _on_to_share_again(request, desk, point.code, shared) or redirect(act.back)
    return form_page(request, "act.html", {"act": act, "form": form}, form)


def _on_to_share_again(request: HttpRequest, desk: Desk, code: str, shared: list[Any]) -> HttpResponse | None:
    """To the first bill that would now be shared otherwise, after naming all of them; ``None`` when there is none."""
    old = [bill for bill, allocation in shared if is_outdated(bill, allocation)]
    if not old:
        return None
    numbers = _("、").join(bill.number for bill in old)
    messages.warning(request, _("账单 %(numbers)s 是按更正以前的读数分摊的，请重新分摊。") % {"numbers": numbers})
    return redirect("meters:bill", desk.street.code, code, old[0].pk)


@opens("meters.read")
def exchange(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """One meter out and another in: the last index of the old and the first of the new, on one day."""
    point = point_or_404(desk, code, "meters.read")
    form = ExchangeForm(request.POST or None, point=point, on=desk.today, initial={"on": desk.today})
    lead = _("换表那天的读数两块表各记一次，水量接得上。换表前请先拍下旧表的字轮。")
    act = point_act(point, (_("抄表"), "meters:readings"), _("登记换表"), _("已换表，旧表的读数都留着。"), lead=lead)

    def do(said: Mapping[str, Any]) -> object:
        old, rest = said["meter"], {name: value for name, value in said.items() if name != "meter"}
        with _columns_as_fields(litres="last_litres"):
            return actions.exchange_meter(old, **rest, by=desk.user, at=clock.now())

    return action_page(request, act, form, do)
