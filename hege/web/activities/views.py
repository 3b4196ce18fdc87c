"""活动与签到: what is to come, one activity while people come in, the code on its wall, entries by hand, strikes."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from hege.kernel import clock
from hege.programme.activities import actions, queries
from hege.programme.activities.models import HandEntry, Signup, Strike
from hege.programme.activities.rules import STEP
from hege.programme.seasons.models import Activity
from hege.web.access import Desk, opens
from hege.web.action_page import Act, verb
from hege.web.activities import forms
from hege.web.activities.page import EveningList, EveningPage, StrikeRow, Wall, strike_terms
from hege.web.pages import or_404, page, part


def evening_or_404(desk: Desk, evening_id: str) -> Activity:
    """An activity of this street that was published."""
    return or_404(queries.the_evening(desk.street, evening_id))


def _act(activity: Activity, desk: Desk, title: Any, done: Any, **more: Any) -> Act:
    """The page of one verb at an activity."""
    here = activity.title, desk.to("activities:detail", activity.public_id)
    return Act(title, done, [(_("活动与签到"), desk.to("activities:index")), here], **more)


@opens("activities.see")
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What is to come and under way, the next first; what is over by tab; entries by hand that wait for a second person."""
    found = EveningList(desk, request.GET.get("show", ""), at=clock.now())
    shown = part(request, found.ordered)
    context = {
        "list": found, "part": shown, "rows": found.rows(list(shown)),
        "entries": found.entries(queries.entries_waiting(desk.street)),
    }  # fmt: skip
    return page(request, "activities/index.html", context)


@opens("activities.see")
def detail(request: HttpRequest, desk: Desk, evening_id: str) -> HttpResponse:
    """One activity: who came, who is still expected, who waits for a place."""
    shown = EveningPage(evening_or_404(desk, evening_id), desk, request.GET.get("show", ""), at=clock.now())
    return page(request, "activities/detail.html", {"e": shown, "part": part(request, shown.guests, each=100)})


@opens("activities.run")
def wall(request: HttpRequest, desk: Desk, evening_id: str) -> HttpResponse:
    """The code for the wall; the page asks for itself anew with each new code, without a script."""
    now = clock.now()
    shown = Wall(evening_or_404(desk, evening_id), desk, at=now)
    response = page(request, "activities/wall.html", {"w": shown})
    response["Refresh"] = str(STEP - int(now.timestamp()) % STEP + 1)
    return response


evening_verb = partial(verb, _act, evening_or_404)
sign_up = evening_verb(
    "activities.run", actions.sign_up, forms.SignUpForm, _("代报名"), _("报好了。"),
    lead=_("替打电话来的或者不会弄的成员报。没有位子就排候补，按先后问。"),
)  # fmt: skip
check_in = evening_verb(
    "activities.run", actions.staff_check_in, forms.NumberForm, _("签到"), _("签到了。"),
    lead=_("没有报名的，还有空位子就当场给。"),
)  # fmt: skip
check_out = evening_verb("activities.run", actions.staff_check_out, forms.NumberForm, _("签退"), _("签退了。"))
enter = evening_verb(
    "activities.run", actions.enter_by_hand, forms.EntryForm, _("手工补录"), _("录好了，等另一个人点头才算数。"),
    lead=_("时长本来只从扫码算。补录要写理由、要第二个人点头，这一页会写明补了几条。"),
)  # fmt: skip


def _signup_or_404(desk: Desk, signup_id: str) -> Signup:
    return or_404(queries.the_signup(desk.street, signup_id))


def _signup_act(signup: Signup, desk: Desk, title: Any, done: Any, **more: Any) -> Act:
    return _act(signup.activity, desk, title, done, **more)


excuse = verb(
    _signup_act, _signup_or_404, "activities.run", actions.excuse, forms.ExcuseForm, _("记请假"), _("记下了，不算缺席。"),
    lead=_("活动开始以前请假，位子让给候补的人；开始以后请假，只是不算迟到和缺席。"),
)  # fmt: skip


def _entry_or_404(desk: Desk, entry_id: str) -> HandEntry:
    return or_404(queries.the_entry(desk.street, entry_id))


def _entry_act(entry: HandEntry, desk: Desk, title: Any, done: Any, **more: Any) -> Act:
    said = {"number": entry.member.shown_number, "n": entry.minutes, "who": entry.by.full_name, "why": entry.reason}
    lead = _("成员 %(number)s，%(n)s 分钟，%(who)s录的：%(why)s") % said
    return _act(entry.activity, desk, title, done, lead=lead, **more)


entry_verb = partial(verb, _entry_act, _entry_or_404, "activities.run")
agree = entry_verb(actions.agree_entry, forms.PressForm, _("同意补录"), _("同意了，时长算上了。"))
refuse = entry_verb(actions.refuse_entry, forms.ReasonForm, _("不同意补录"), _("没同意，时长不算。"))


@opens("activities.see")
def strikes(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Who was late or absent and signs up later for that, until when."""
    found = part(request, queries.running_strikes(desk.street, on=desk.today))
    return page(
        request,
        "activities/strikes.html",
        {"part": found, "rows": [StrikeRow(one, desk) for one in found], "terms": strike_terms()},
    )


def _strike_or_404(desk: Desk, strike_id: str) -> Strike:
    return or_404(queries.the_strike(desk.street, strike_id))


def _strike_act(strike: Strike, desk: Desk, title: Any, done: Any, **more: Any) -> Act:
    crumbs = [(_("活动与签到"), desk.to("activities:index")), (_("迟到和缺席"), desk.to("activities:strikes"))]
    lead = _("成员 %(number)s，“%(title)s”。撤销以后，这位报名不再推迟。") % {
        "number": strike.member.shown_number, "title": strike.signup.activity.title,
    }  # fmt: skip
    return Act(title, done, crumbs, lead, **more)


lift = verb(
    _strike_act, _strike_or_404, "activities.lift", actions.lift_strike, forms.ReasonForm, _("撤销记录"), _("撤销了。")
)  # fmt: skip
