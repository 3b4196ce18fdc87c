"""全年计划: the year, a season, an activity, each step it takes, and next year as this one was."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from hege.exports.rules import Wanted, What
from hege.kernel import clock
from hege.programme.activities import actions as activities
from hege.programme.seasons import actions, queries
from hege.programme.seasons.almanac import suggested_season
from hege.programme.seasons.models import Activity, Season, Topic
from hege.web.access import Desk, opens
from hege.web.action_page import Act, perform, sent, verb
from hege.web.pages import or_404, page
from hege.web.programme import forms
from hege.web.programme.figures import FiguresPage
from hege.web.programme.page import ActivityPage, Beginning, CopyPage, YearPage, year_asked
from hege.web.shared.exporting import take


def activity_or_404(desk: Desk, activity_id: str) -> Activity:
    """An activity of this street."""
    return or_404(queries.the_activity(desk.street, activity_id))


def _act(activity: Activity, desk: Desk, title: Any, done: Any, **more: Any) -> Act:
    """The page of one verb of an activity."""
    here = activity.title, desk.to("programme:detail", activity.public_id)
    return Act(title, done, [(_("全年计划"), desk.to("programme:index")), here], **more)


@opens("programme.see")
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The year: a row a season, a cell a month, with terms, festivals and activities."""
    return page(request, "programme/index.html", {"y": YearPage(desk, request.GET.get("year", ""), at=clock.now())})


@opens("programme.see")
def detail(request: HttpRequest, desk: Desk, activity_id: str) -> HttpResponse:
    """One activity: what it is, how far it has come, what may be done now."""
    shown = ActivityPage(activity_or_404(desk, activity_id), desk, at=clock.now())
    return page(request, "programme/detail.html", {"a": shown})


@opens("figures.see")
def figures(request: HttpRequest, desk: Desk, season_id: str) -> HttpResponse:
    """What a season has come to: who came, how often, what it cost, what was noticed."""
    season = or_404(queries.the_season(desk.street, season_id))
    return page(request, "programme/figures.html", {"f": FiguresPage(season, desk, at=clock.now())})


@opens("figures.export")
@require_POST
def export(request: HttpRequest, desk: Desk, season_id: str) -> HttpResponse:
    """The same as a workbook."""
    season = or_404(queries.the_season(desk.street, season_id))
    of = {"season": season.public_id, "name": season.name, "at": clock.now().isoformat(timespec="minutes")}
    return take(desk, Wanted(What.FIGURES, of))


def _season_act(desk: Desk, title: Any, done: Any, lead: Any = "") -> Act:
    return Act(title, done, [(_("全年计划"), desk.to("programme:index"))], lead)


@opens("programme.plan")
def new_season(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Plan a season; its days are proposed from one of the four beginnings to the next, after the last one planned."""
    last = queries.last_season(desk.street)
    from_on, until_on = suggested_season(last.until_on if last else desk.today - dt.timedelta(days=45))
    numbered = max((topic.number for topic in last.topics.all()), default=0) if last else 0
    form = forms.SeasonForm(
        sent(request), near=from_on, version=None, topics=forms.topics_suggested(from_on, until_on, numbered),
        initial={"from_on": from_on, "last_on": until_on - dt.timedelta(days=1)},
    )  # fmt: skip
    act = _season_act(desk, _("排一季"), _("排好了，可以往专题下面排活动。"))
    return perform(request, act, form, actions.plan_season, desk.street, template="programme/season.html")


@opens("programme.plan")
def amend_season(request: HttpRequest, desk: Desk, season_id: str) -> HttpResponse:
    """Change a season's name, days, budget, or what its topics are called."""
    season: Season = or_404(queries.the_season(desk.street, season_id))
    known = {name: getattr(season, name) for name in ("name", "slogan", "from_on", "last_on", "budget_fen")}
    topics = forms.topics_said(season)
    form = forms.SeasonForm(sent(request), near=season.from_on, thing=season, topics=topics, initial=known)
    act = _season_act(desk, _("改一季"), _("改好了。"), season.name)
    return perform(request, act, form, actions.amend_season, season, template="programme/season.html")


@opens("programme.plan")
def new(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Plan an activity; the address may name a topic to begin with, and a day with its festival."""

    def onward(made: Activity) -> str:
        return desk.to("programme:detail", made.public_id)

    def plan(topic: Topic, **said: Any) -> Activity:
        return actions.plan_activity(topic, **said)

    begin = Beginning(desk, request.GET, on=desk.today)
    form = forms.ActivityForm(sent(request), version=None, street=desk.street, on=desk.today, initial=begin.initial)
    lead = _("排好以后由另一位召集人看过再发布，发布了才会出现在菜单上。")
    crumbs = [(_("全年计划"), desk.to("programme:index"))]
    act = Act(_("加一项活动"), _("排好了，等另一位召集人发布。"), crumbs, lead, onward=onward)
    return perform(request, act, form, plan, template="programme/form.html", days=begin.days, month=begin.month)


@opens("programme.plan")
def amend(request: HttpRequest, desk: Desk, activity_id: str) -> HttpResponse:
    """Change what is not published yet."""
    activity = activity_or_404(desk, activity_id)
    first = min(desk.today, activity.season.from_on)
    form = forms.ActivityForm(
        sent(request), thing=activity, street=desk.street, on=first, initial=forms.as_said(activity)
    )
    act = _act(
        activity, desk, _("修改活动"), _("改好了，等另一位召集人发布。"), lead=_("改的人算是排的人，要由别人发布。")
    )
    return perform(request, act, form, actions.amend_activity, activity, template="programme/form.html", days=[])


activity_verb = partial(verb, _act, activity_or_404)
publish = activity_verb(
    "programme.publish", actions.publish_activity, forms.PressForm, _("发布"), _("已发布，菜单上看得到，可以报名了。"),
    lead=_("发布以后内容不能再改，只能改期或取消。您看过时间、地点、名额没有错再发布。"),
    looks=lambda activity, desk: ActivityPage(activity, desk, at=clock.now()).facts,
)  # fmt: skip
reschedule = activity_verb(
    "programme.publish", activities.reschedule, forms.RescheduleForm, _("改期"),
    _("已改期，手机日历里的会跟着改。"), lead=_("报了名的人名额都留着。"),
)  # fmt: skip
cancel = activity_verb(
    "programme.publish", activities.call_off, forms.CancelForm, _("取消活动"), _("已取消，菜单和手机日历里都会写明。"),
    danger=True,
)  # fmt: skip
spending = activity_verb(
    "programme.plan", actions.record_spending, forms.SpendingForm, _("记花费"), _("记下了。"),
)  # fmt: skip


@opens("programme.plan")
def copy(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Next year as this one was: a preview that writes nothing, ticked line by line, then one yes."""
    year = or_404(queries.the_year(desk.street, desk.today, number=year_asked(request.GET.get("year", ""))))
    plan = queries.year_copied(desk.street, year)
    form = forms.CopyForm(sent(request), plan=plan)
    act = _season_act(
        desk, _("照这一年排明年"), _("排好了，等另一位召集人一项一项看过再发布。"),
        _("跟着节日的按明年的节日挪，其余排在同一个星期几。名额、预算照旧，报名和花费从零起。"),
    )  # fmt: skip
    return perform(
        request, act, form, partial(actions.copy_year, year=year), desk.street, template="programme/copy.html",
        c=CopyPage(plan),
    )  # fmt: skip
