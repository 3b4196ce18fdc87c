"""A member and the activities: where next, how one stands with one, what the page of a scanned code says."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hege.kernel import clock
from hege.kernel.clock import day_of
from hege.kernel.refused import refusal_of
from hege.programme.activities import queries
from hege.programme.activities.models import Signup
from hege.programme.activities.queries import terms_of
from hege.programme.activities.rules import (
    AROUND,
    Pass,
    Presence,
    ScanResult,
    SignupState,
    Way,
    check_cancel,
    check_offer,
    check_scan,
    check_sign_up,
    is_in,
    offers_end,
    scan_result,
)
from hege.programme.seasons.models import Activity
from hege.web.bearers import Rider
from hege.web.jinja import day, instant, weekday
from hege.web.links import where
from hege.web.member.part import Part

# -- where next: a part of the member's own page --------------------------------------------------------------------------


def activities_part(rider: Rider) -> Part:
    """接下来去哪? What is to come of what one signed up for, the next first; what asks for an answer before it."""
    at = clock.now()
    found = [Standing(rider, one.activity, one, at=at) for one in queries.coming_of(rider.member, at=at)]
    found.sort(key=lambda one: one.signup is None or one.signup.state != SignupState.OFFERED)
    return Part(
        "member/coming.html", {"first": found[0] if found else None, "others": found[1:], "menu": menu_of(rider)}
    )


def menu_of(rider: Rider) -> str:
    """The menu of the member's street."""
    return where("menu:menu", rider.street.code)


class Standing:
    """How a member stands with an activity at an instant, and what they may do about it."""

    def __init__(self, rider: Rider, activity: Activity, signup: Signup | None, *, at: dt.datetime) -> None:
        self.rider, self.activity, self.signup, self.at = rider, activity, signup, at
        self.terms = terms_of(activity)

    @property
    def state(self) -> SignupState | None:
        return SignupState(self.signup.state) if self.signup else None

    @property
    def href(self) -> str:
        return self.rider.to("member:activity", self.activity.public_id)

    @property
    def cancel_href(self) -> str:
        return self.rider.to("member:cancel", self.activity.public_id)

    @property
    def calendar_href(self) -> str:
        return where("menu:activity_calendar", self.rider.street.code, self.activity.public_id)

    @property
    def near(self) -> str:
        """When, as one says it from today: 今天, 明天, else the day."""
        on = day_of(self.activity.starts_at)
        apart = (on - day_of(self.at)).days
        said = {0: _("今天"), 1: _("明天"), 2: _("后天")}.get(apart) or f"{day(on)} {weekday(on)}"
        return f"{said} {self.activity.starts_at.astimezone(clock.SHANGHAI):%H:%M}"

    # -- how one stands ------------------------------------------------------------------------------------------------

    @cached_property
    def answer(self) -> tuple[str, str, str]:
        """The answer in large, its colour and its icon."""
        if not self.terms.runs:
            return _("这场取消了"), "red", "circle-x"
        if self.is_over:
            return self._outcome
        match self.state:
            case SignupState.CONFIRMED:
                return self._has_place, "green", "circle-check"
            case SignupState.OFFERED:
                return _("有位子了，要不要？"), "amber", "hourglass"
            case SignupState.WAITING:
                return _("候补第 %(n)s 位") % {"n": self.position}, "", "hourglass"
        if self.terms.capacity is None:
            return _("不用报名，来了就行"), "green", "circle-check"
        return (_("还没有报"), "", "") if self.refusal is None else (_("现在报不了"), "amber", "info-circle")

    @property
    def note(self) -> str:
        """What it means, and what comes next."""
        if not self.terms.runs:
            return self.activity.reason
        if self.is_over:
            return ""
        match self.state:
            case SignupState.CONFIRMED:
                return self._check_in_note
            case SignupState.OFFERED:
                said = {"when": instant(self.signup.offered_until if self.signup else None), "n": self.party}
                return (
                    ngettext(
                        "给您留着 %(n)s 个位子，请在 %(when)s 以前答复。不答，就让给后面的人。",
                        "给您留着 %(n)s 个位子，请在 %(when)s 以前答复。不答，就让给后面的人。",
                        self.party,
                    )
                    % said
                )
            case SignupState.WAITING:
                ends = instant(offers_end(self.terms.starts_at))
                return _("有人退，按先后问您，答复有期限；%(when)s 起不再问。只排了候补没轮到，不记缺席。") % {
                    "when": ends
                }
        if self.terms.capacity is None:
            return _("到了会场，对着墙上的码扫一下，时长就记上了。")
        return self._places if self.refusal is None else str(self.refusal.reason)

    @cached_property
    def passes(self) -> list[Pass]:
        """When one went in and out so far; nobody could before it opens."""
        if self.at < self.terms.starts_at - AROUND:
            return []
        return queries.passes_of(self.activity, [self.rider.member.pk])[self.rider.member.pk]

    @property
    def _has_place(self) -> str:
        if self.passes:
            return _("签到了") if is_in(self.passes) else _("签退了")
        return ngettext("报上了，%(n)s 个位子", "报上了，%(n)s 个位子", self.party) % {"n": self.party}

    @property
    def _check_in_note(self) -> str:
        if is_in(self.passes):
            when = instant(self.passes[-1].at)
            return _("%(when)s 起算时长。走的时候再扫一次墙上的码，签退，没签退的不记。") % {"when": when}
        if self.passes:
            return _("时长记上了。再回来，再扫一次就行。")
        return _("%(when)s 起签到：对着会场墙上的码扫一下。") % {"when": instant(self.terms.starts_at - AROUND)}

    @property
    def _places(self) -> str:
        free, capacity = self.terms.free, self.terms.capacity or 0
        if free:
            return ngettext("还有 %(n)s 个位子，共 %(all)s 个。", "还有 %(n)s 个位子，共 %(all)s 个。", free) % {
                "n": free, "all": capacity,
            }  # fmt: skip
        return _("满了。可以排候补：有人退，按先后问您。")

    @property
    def _outcome(self) -> tuple[str, str, str]:
        signup = self.signup
        if signup is None or not signup.presence:
            return str(_("这场办完了")), "", ""
        if signup.minutes:
            hours, minutes = divmod(signup.minutes, 60)
            said = (
                _("%(h)s 小时 %(m)s 分钟") % {"h": hours, "m": minutes} if hours else _("%(m)s 分钟") % {"m": minutes}
            )
            return _("到了，记 %(time)s") % {"time": said}, "green", "circle-check"
        tone = "amber" if signup.presence in (Presence.LATE, Presence.ABSENT) else ""
        return str(Presence(signup.presence).label), tone, ""

    @property
    def is_over(self) -> bool:
        return self.at >= self.terms.ends_at

    @property
    def party(self) -> int:
        return self.signup.party if self.signup else 1

    @cached_property
    def position(self) -> int:
        return queries.position_of(self.signup) if self.signup else 0

    # -- what one may do -----------------------------------------------------------------------------------------------

    @cached_property
    def weight(self) -> int:
        return queries.weight_of(self.rider.member, on=self.rider.today)

    @cached_property
    def refusal(self) -> Any:
        """Why one cannot sign up now, alone; None where one can."""
        facts = {"state": self.state, "party": 1, "weight": self.weight, "at": self.at}
        return refusal_of(check_sign_up, terms=self.terms, **facts)

    @property
    def may_sign_up(self) -> bool:
        """Who waits may where a place has become free and nobody is asked any more."""
        return self.refusal is None

    @property
    def gets_a_place(self) -> bool:
        """Whether signing up alone gets a place at once."""
        return self.terms.free > 0

    @property
    def most(self) -> int:
        """How many may come on one sign-up."""
        return min(self.terms.party_max, self.terms.capacity or 1)

    @property
    def may_cancel(self) -> bool:
        state = self.state
        return state is not None and refusal_of(check_cancel, terms=self.terms, state=state, at=self.at) is None

    @property
    def is_asked(self) -> bool:
        signup = self.signup
        return signup is not None and refusal_of(
            check_offer, state=SignupState(signup.state), offer=None, current=signup.round, until=signup.offered_until,
            at=self.at,
        ) is None  # fmt: skip


def standing_of(rider: Rider, activity: Activity) -> Standing:
    """How a member stands with an activity now."""
    return Standing(rider, activity, queries.signup_of(activity, rider.member), at=clock.now())


# -- the code on the wall ------------------------------------------------------------------------------------------------


class Entry:
    """What the page of a scanned code says: in or out, or why not."""

    def __init__(self, rider: Rider, found: Activity, code: str, *, at: dt.datetime) -> None:
        self.standing = standing_of(rider, found)
        self.passes = queries.passes_of(found, [rider.member.pk])[rider.member.pk]
        self.way = Way.OUT if is_in(self.passes) else Way.IN
        self.result = queries.code_read(found, code, at=at)
        if self.result is ScanResult.COUNTED:
            may_come = self.standing.state is SignupState.CONFIRMED or self.standing.terms.capacity is None
            self.result = scan_result(
                self.standing.terms, way=self.way, has_place=may_come, inside=is_in(self.passes), at=at
            )

    @property
    def is_out(self) -> bool:
        return self.way is Way.OUT

    @property
    def since(self) -> Pass | None:
        """The last time that counted."""
        return self.passes[-1] if self.passes else None

    @property
    def refusal(self) -> Any:
        """Why pressing the button would come to nothing; None where it would do."""
        return refusal_of(check_scan, result=self.result, terms=self.standing.terms)
