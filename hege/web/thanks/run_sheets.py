"""The run sheet of an activity: its parts before, what happened afterwards, on the screen and on A4."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from hege.kernel import clock
from hege.programme.activities.queries import the_evening
from hege.programme.seasons.models import Activity
from hege.programme.thanks.ceremonies import actions
from hege.programme.thanks.ceremonies.queries import sheet_of
from hege.programme.thanks.models import RunSheet
from hege.web.access import Desk, opens
from hege.web.action_page import Act, verb
from hege.web.pages import or_404, page
from hege.web.thanks.forms import PressForm, RunSheetForm
from hege.web.thanks.run_sheet_page import RunSheetPage


def activity_or_404(desk: Desk, evening_id: str) -> Activity:
    """An activity of this street that was published."""
    return or_404(the_evening(desk.street, evening_id))


def sheet_or_404(desk: Desk, evening_id: str) -> RunSheet:
    """Its run sheet."""
    return or_404(sheet_of(activity_or_404(desk, evening_id)))


@opens("thanks.see")
def sheet(request: HttpRequest, desk: Desk, evening_id: str) -> HttpResponse:
    """The parts, what happened, the pictures, and who sees them."""
    shown = RunSheetPage(activity_or_404(desk, evening_id), desk, at=clock.now())
    return page(request, "thanks/run_sheet.html", {"s": shown})


@opens("thanks.see")
def printed(request: HttpRequest, desk: Desk, evening_id: str) -> HttpResponse:
    """One sheet of A4 for who runs it."""
    shown = RunSheetPage(sheet_or_404(desk, evening_id).activity, desk, at=clock.now())
    return page(request, "thanks/run_sheet_print.html", {"s": shown})


def _act(thing: Activity | RunSheet, desk: Desk, title: Any, done: Any, **more: Any) -> Act:
    activity = thing if isinstance(thing, Activity) else thing.activity
    here = activity.title, desk.to("thanks:sheet", activity.public_id)
    return Act(title, done, [(_("活动与签到"), desk.to("activities:index")), here], **more)


write = verb(
    _act, activity_or_404, "thanks.propose", actions.write_run_sheet, RunSheetForm, _("流程单和小结"), _("存好了。"),
    lead=_("这是一场活动，不是评比：环节里只致谢。小结改过以后，要另一个人再看一遍才公开。"), button=_("存好"),
)  # fmt: skip
publish = verb(
    _act, sheet_or_404, "thanks.give", actions.publish_report, PressForm, _("公开小结"), _("公开了，谁都能看。"),
    lead=_("请看一遍：有没有写成员的名字，照片里的人是不是都同意。公开的只有环节、人数、小结和同意公开的照片。"),
)  # fmt: skip
