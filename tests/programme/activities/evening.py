"""An evening of five places, and members who would like to come."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from hege.members.actions import join_with_card
from hege.members.models import Member
from hege.members.rules import ConsentKind, MemberWork
from hege.people.models import Street, User
from hege.programme.activities import actions, queries
from hege.programme.activities.models import Signup
from hege.programme.activities.queries import Figures, figures_of
from hege.programme.seasons.models import Activity
from tests.cast import Cast
from tests.programme.seasons.year import AT as PUBLISHED_AT
from tests.programme.seasons.year import at as instant
from tests.programme.seasons.year import published, winter

START = instant(2025, 12, 18, 19)
END = instant(2025, 12, 18, 20, 30)
#: A day before, at noon: signing up is open.
BEFORE = instant(2025, 12, 17, 12)


def at(hour: int, minute: int = 0, day: int = 18) -> dt.datetime:
    """An instant of that December."""
    return instant(2025, 12, day, hour, minute)


@dataclass
class Evening:
    """The activity, who is a member, and who of the office is there."""

    cast: Cast
    activity: Activity
    members: list[Member]

    @property
    def street(self) -> Street:
        return self.cast.street

    @property
    def staff(self) -> User:
        return self.cast.clerk

    @property
    def now(self) -> Activity:
        """The activity as it stands."""
        return Activity.objects.select_related("street").get(pk=self.activity.pk)

    def sign_up(self, member: int, party: int = 1, *, when: dt.datetime = BEFORE) -> Signup:
        return actions.sign_up(self.activity, member=self.members[member], party=party, by=None, at=when)

    def signup(self, member: int) -> Signup:
        found = queries.signup_of(self.activity, self.members[member])
        assert found is not None
        return found

    def states(self) -> dict[int, str]:
        """How each member stands who has to do with it."""
        numbers = {member.pk: n for n, member in enumerate(self.members)}
        return {numbers[s.member_id]: s.state for s in Signup.objects.filter(activity=self.activity).order_by("queued")}

    def figures(self) -> Figures:
        return figures_of(self.street, [self.activity.pk])[self.activity.pk]

    def code(self, when: dt.datetime) -> str:
        return queries.code_now(self.activity, at=when)

    def check_in(self, member: int, *, when: dt.datetime, **said: Any) -> Any:
        said = {"code": self.code(when)} | said
        return actions.check_in(self.activity, member=self.members[member], **said, by=None, at=when)

    def check_out(self, member: int, *, when: dt.datetime) -> Any:
        return actions.check_out(self.activity, member=self.members[member], code=self.code(when), by=None, at=when)


def make_members(cast: Cast, count: int) -> list[Member]:
    """So many members, none of whom agreed to anything but being told."""
    consents = dict.fromkeys(ConsentKind, False) | {ConsentKind.MESSAGES: True}
    return [
        join_with_card(
            cast.street,
            called=f"骑手{n}",
            work=MemberWork.FOOD_RIDER,
            phone=f"1380000{n:04d}",
            consents=consents,
            by=cast.coordinator,
            at=PUBLISHED_AT,
        )
        for n in range(count)
    ]


def make_evening(cast: Cast, *, members: int = 9, **said: Any) -> Evening:
    """An evening that was published, for five, with a waiting list."""
    usual: dict[str, Any] = {"starts_at": START, "ends_at": END, "capacity": 5, "party_max": 3}
    season = winter(cast.street, by=cast.coordinator)
    activity = published(season, by=cast.clerk, and_by=cast.coordinator, **usual | said)
    return Evening(cast, activity, make_members(cast, members))


def another(evening: Evening, **said: Any) -> Evening:
    """Another activity of the same season for the same members."""
    usual: dict[str, Any] = {"starts_at": START, "ends_at": END, "capacity": 5, "party_max": 3}
    activity = published(
        evening.activity.season, by=evening.cast.clerk, and_by=evening.cast.coordinator, **usual | said
    )
    return Evening(evening.cast, activity, evening.members)
