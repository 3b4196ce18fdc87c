"""积分与时长: what came and went, by which rule and in which rounds; no page of it joins a member to a report."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from hege.people.models import Role
from hege.points.actions import set_point_rule
from hege.points.chart import MINUTES, POINTS
from hege.points.queries import rule_on, rules_of, sums_of
from hege.programme.deeds.queries import meetings, posted_deeds, rounds_of, season_on
from hege.web.access import Desk, opens
from hege.web.action_page import Act, perform, sent
from hege.web.pages import page, part
from hege.web.points.forms import RuleForm
from hege.web.points.page import PointsPage


@opens("points.see")
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Sums, the rules, the rounds; to the auditor how often one verifier met one member, and never which."""
    street, today = desk.street, desk.today
    season = season_on(street, today)
    audits = season is not None and any(member.role == Role.AUDITOR for member in desk.memberships)
    counted = PointsPage(
        sums_of(street, POINTS.name, on=today), sums_of(street, MINUTES.name, on=today),
        posted_deeds(street, season=season), season=season.name if season else "",
    )  # fmt: skip
    context: dict[str, Any] = {
        "p": counted, "rules": rules_of(street), "rounds": part(request, rounds_of(street)), "audits": audits,
        "met": meetings(street, from_on=season.from_on, until_on=season.until_on) if season and audits else [],
    }  # fmt: skip
    return page(request, "points/index.html", context)


@opens("points.set")
def rule(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Say how points are given from a day on."""
    now = rule_on(desk.street, desk.today)
    form = RuleForm(sent(request), initial=now._asdict())
    crumbs = [(_("积分与时长"), desk.to("points:index"))]
    lead = _("已经发的积分不变；新规则只管那天起报的事。")
    act = Act(_("定积分规则"), _("已定好，从那天起按它算。"), crumbs, lead, _("就这样定"))
    return perform(request, act, form, set_point_rule, desk.street)
