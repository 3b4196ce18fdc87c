"""Activities for the nets: one to sign up for, one's own, one that asks, one while people come in, one that is over."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from hege.kernel import clock
from hege.members.models import Member
from hege.programme.activities import actions, queries
from hege.programme.activities.models import HandEntry, Signup, Strike
from hege.programme.activities.rules import AROUND
from hege.programme.seasons.actions import plan_activity, publish_activity
from hege.programme.seasons.models import Activity, Season
from hege.programme.seasons.rules import ActivityDraft, Board
from tests.cast import Cast

MINUTE, DAY = dt.timedelta(minutes=1), dt.timedelta(days=1)


@dataclass(frozen=True)
class Evenings:
    """``open``: nobody signed up; ``own``: the rider did; ``asks``: the rider is offered a place; ``now``: people come in,
    the rider not yet; ``inside``: the rider did; ``over``: the rider did not come, another is entered by hand."""

    open: Activity
    own: Activity
    asks: Activity
    now: Activity
    inside: Activity
    over: Activity
    signup: Signup
    entry: HandEntry
    strike: Strike

    @property
    def code(self) -> str:
        """What stands on the wall of the one while people come in."""
        return queries.code_now(self.now, at=clock.now())


def make_evenings(cast: Cast, season: Season, unit: Any, rider: Member, other: Member, code: str) -> Evenings:
    """Six activities whose names end with ``code``."""
    now = clock.now()
    before = now - DAY

    def shown(name: str, starts_at: dt.datetime, capacity: int = 30) -> Activity:
        draft = ActivityDraft(
            title=f"{name} {code}", board=Board.VITAL, starts_at=starts_at, ends_at=starts_at + 60 * MINUTE,
            where=f"会场 {code}", capacity=capacity, party_max=min(3, capacity),
        )  # fmt: skip
        planned = plan_activity(season.topics.get(street=cast.street), draft=draft, unit=unit, by=cast.clerk, at=before)
        return publish_activity(planned, by=cast.coordinator, at=before)

    def signed_up(activity: Activity, member: Member) -> Signup:
        return actions.sign_up(activity, member=member, by=None, at=before + MINUTE)

    own, asks, over = (
        shown("自己的", now + 9 * DAY),
        shown("问我的", now + 8 * DAY, 1),
        shown("办过的", before + 4 * MINUTE),
    )
    going_on, inside = shown("正在办的", now + MINUTE), shown("在里面的", now + MINUTE)
    signup = signed_up(own, rider)
    theirs = signed_up(asks, other)
    for activity in (asks, going_on, inside, over):
        signed_up(activity, rider)
    actions.cancel_signup(theirs, by=None, at=now)
    actions.staff_check_in(inside, member=rider, by=cast.clerk, at=now)
    actions.close_attendances(cast.street, by=None, at=over.ends_at + AROUND)
    entry = actions.enter_by_hand(
        over, member=other, minutes=30, reason=f"手机没电 {code}", by=cast.clerk, at=over.ends_at + AROUND
    )
    strike = Strike.objects.get(street=cast.street, member=rider)
    return Evenings(shown("开放的", now + 7 * DAY), own, asks, going_on, inside, over, signup, entry, strike)
