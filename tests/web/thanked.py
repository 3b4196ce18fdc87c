"""Thanks for the nets: as far along as a page needs them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hege.kernel import clock
from hege.kernel.clock import at_noon
from hege.members.models import Member
from hege.people.models import User
from hege.programme.activities.actions import agree_entry, enter_by_hand
from hege.programme.alliance.models import AllianceUnit
from hege.programme.seasons.actions import plan_activity, publish_activity
from hege.programme.seasons.models import Activity, Season
from hege.programme.seasons.rules import ActivityDraft, Board
from hege.programme.thanks import actions
from hege.programme.thanks.ceremonies.actions import write_run_sheet
from hege.programme.thanks.ceremonies.rules import Part, SheetDraft
from hege.programme.thanks.models import RunSheet, Thanks
from hege.programme.thanks.rules import ThanksKind
from tests.cast import Cast

#: So long ago that publicity which began then is over.
LONG_AGO = dt.timedelta(days=9)


def an_hour(cast: Cast, season: Season, unit: AllianceUnit, rider: Member, code: str) -> Activity:
    """An activity of last week, with an hour of the rider's that was entered by hand and agreed to: what they are thanked for."""
    now, before = clock.now(), at_noon(clock.today() - LONG_AGO)
    starts_at = at_noon(clock.today() - dt.timedelta(days=5))
    draft = ActivityDraft(
        title=f"来过的 {code}", board=Board.WARM, starts_at=starts_at, ends_at=starts_at + dt.timedelta(hours=1),
        where=f"会场 {code}", capacity=9,
    )  # fmt: skip
    planned = plan_activity(season.topics.get(street=cast.street), draft=draft, unit=unit, by=cast.clerk, at=before)
    activity = publish_activity(planned, by=cast.coordinator, at=before)
    entry = enter_by_hand(activity, member=rider, minutes=60, reason=f"扫不了码 {code}", by=cast.clerk, at=now)
    agree_entry(entry, by=cast.coordinator, at=now)
    return activity


def a_report(activity: Activity, code: str, *, by: User) -> RunSheet:
    """The run sheet of an activity that is over, with what happened, written by somebody."""
    parts = [Part(9 * 60 + 30, f"致敬奋斗 {code}", f"主持人 {code}"), Part(10 * 60, f"点赞先锋 {code}")]
    draft = SheetDraft(parts, words=f"坐满了。{code}", pictures_agreed=True)
    return write_run_sheet(activity, draft=draft, by=by, at=clock.now())


def thank(
    cast: Cast, rider: Member, season: Season, code: str, *, kind: ThanksKind, steps: int, since: dt.datetime
) -> Thanks:
    """Thanks of a kind after so many steps: proposed, reviewed, shown, and given today."""
    said: dict[str, Any] = {"title": f"谢谢您 {code}", "words": f"您替大家留心。{code}"}
    made = actions.propose_thanks(rider, season=season, kind=kind, **said, by=cast.clerk, at=since)
    if steps > 1:
        made = actions.review_thanks(made, words=f"对过 {code}", by=cast.checker, at=since)
    if steps > 2:
        made = actions.show_thanks(made, by=cast.coordinator, at=since)
    if steps > 3:
        made = actions.give_thanks(made, by=cast.coordinator, at=clock.now())
    return made
