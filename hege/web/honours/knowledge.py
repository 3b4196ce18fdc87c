"""What the roll goes by: number patterns of the office, awarding bodies, its terms, the firms' own particulars."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _

from hege.honours import actions, queries
from hege.honours.models import AwardingBody, Firm, NumberPattern
from hege.web.access import Desk, opens
from hege.web.action_page import Act, perform, sent, verb
from hege.web.honours import forms
from hege.web.pages import or_404, page


@opens("honours.see")
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Number patterns, awarding bodies, terms."""
    terms = [(kind.label, days) for kind, days in queries.settings_of(desk.street).items()]
    context = {"patterns": queries.patterns_of(desk.street), "bodies": queries.bodies_of(desk.street), "terms": terms}
    return page(request, "honours/knowledge.html", context)


def _act(desk: Desk, title: Any, done: Any, **more: Any) -> Act:
    roll, here = (_("荣誉榜"), desk.to("honours:index")), (_("号码格式和期限"), desk.to("honours:knowledge"))
    return Act(title, done, [roll, here], **more)


@opens("honours.rule")
def new_pattern(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Add how a sort of number is written."""
    lead = _(
        "大括号里先写这一段叫什么，再用 9 表示一个数字、A 一个字母、X 两样都行，末尾加 + 可以重复；括号外的字照写。例如：沪评字{年:9999}-{序号:9+}。"
    )
    act = _act(desk, _("添加号码格式"), _("已添加，以后核号码会用它。"), lead=lead)
    return perform(request, act, forms.PatternForm(sent(request)), actions.add_pattern, desk.street)


@opens("honours.rule")
def end_pattern(request: HttpRequest, desk: Desk, pattern_id: int) -> HttpResponse:
    """Check no more numbers by a pattern."""
    pattern = get_object_or_404(NumberPattern, street=desk.street, pk=pattern_id, ended_at__isnull=True)
    act = _act(desk, _("停用“%(name)s”") % {"name": pattern.name}, _("已停用。"))
    return perform(request, act, forms.EndForm(sent(request)), actions.end_pattern, pattern)


@opens("honours.rule")
def amend_body(request: HttpRequest, desk: Desk, body_id: int) -> HttpResponse:
    """Say what an awarding body is, and where it publishes."""
    body = get_object_or_404(AwardingBody.objects.select_related("street"), street=desk.street, pk=body_id)
    act = _act(desk, body.name, _("已改好，原来的写法留在操作留痕里。"), button=_("改好"))
    return perform(request, act, forms.BodyForm(sent(request), thing=body), actions.amend_body, body)


@opens("honours.rule")
def set_term(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Set one of the roll's terms."""
    act = _act(desk, _("改期限"), _("已改好；已经开始的公示不变。"))
    return perform(
        request, act, forms.SettingForm(sent(request), thing=desk.street), actions.set_honour_setting, desk.street
    )


def _firm_act(firm: Firm, desk: Desk, title: Any, done: Any) -> Act:
    return Act(title, done, [(_("荣誉榜"), desk.to("honours:index"))], firm.name)


def _firm(desk: Desk, firm_id: str) -> Firm:
    return or_404(queries.the_firm(desk.street, firm_id))


def _amend(firm: Firm, **said: Any) -> Firm:
    return actions.amend_firm(firm, place=firm.place, **said)


amend_firm = partial(verb, _firm_act, _firm)(
    "honours.take_in", _amend, forms.FirmForm, _("改企业资料"), _("已改好，原来的写法留在操作留痕里。")
)
