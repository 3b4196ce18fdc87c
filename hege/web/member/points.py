"""My two counters, where they come from, and the board of the season (积分、荣誉时长、季度榜)."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from hege.members.queries import consents_of
from hege.members.rules import ConsentKind
from hege.points.queries import Counters, board, counters_of, entries_of, rule_on
from hege.points.rules import MINUTE_MILESTONES, POINT_MILESTONES, milestone
from hege.programme.deeds.queries import season_on
from hege.web.bearers import Rider, of_member
from hege.web.member.part import Part
from hege.web.pages import page, part

MOST_ENTRIES = 50


class Told(NamedTuple):
    """What the two cards say."""

    counters: Counters
    hours: int
    minutes: int
    ladder: list[bool]
    next_hours: int


def told_of(counters: Counters) -> Told:
    """Hours and minutes apart, the steps of the ladder that were passed, and how many hours the next one has (0: none)."""
    hours, minutes = divmod(counters.minutes, 60)
    ladder = [counters.minutes >= step for step in MINUTE_MILESTONES]
    ahead = next((step for step in MINUTE_MILESTONES if counters.minutes < step), 0)
    return Told(counters, hours, minutes, ladder, ahead // 60)


def points_part(rider: Rider) -> Part:
    """Both counters; one query."""
    return Part("member/points_part.html", {"told": told_of(counters_of(rider.member, on=rider.today)), "rider": rider})


@of_member
@require_safe
def points(request: HttpRequest, rider: Rider) -> HttpResponse:
    """What came and went of both, newest first, and by which rule."""
    member = rider.member
    context: dict[str, Any] = {
        "rider": rider, "told": told_of(counters_of(member, on=rider.today)), "rule": rule_on(rider.street, rider.today),
        "entries": entries_of(member, most=MOST_ENTRIES), "served": entries_of(member, minutes=True, most=MOST_ENTRIES),
    }  # fmt: skip
    return page(request, "member/points.html", context)


@of_member
@require_safe
def season_board(request: HttpRequest, rider: Rider) -> HttpResponse:
    """Who wants to stand there, in the order of nicknames, with the milestones they have passed."""
    season = season_on(rider.street, rider.today)
    rows = board(rider.street, season.from_on, season.until_on) if season else []
    on_it = consents_of(rider.member)[ConsentKind.BOARD]
    context = {"rider": rider, "season": season, "rows": part(request, rows), "on_it": on_it, "said": said}
    return page(request, "member/board.html", context)


def said(points: int, minutes: int) -> str:
    """The milestones somebody has passed, in words; empty for none yet."""
    steps = [
        (milestone(points, POINT_MILESTONES), _("%(n)s 分")),
        (milestone(minutes, MINUTE_MILESTONES) // 60, _("%(n)s 小时")),
    ]
    return " · ".join(words % {"n": step} for step, words in steps if step)
