"""What 活动菜单 shows: what one can still go to, by week and month, and the year; on the screen and on A3."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from typing import NamedTuple
from urllib.parse import urlsplit

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hege.kernel.clock import SHANGHAI, day_of
from hege.programme.activities.queries import waiting_counts
from hege.programme.activities.rules import answer_by
from hege.programme.seasons.almanac import SEASONS_BEGIN, days_of
from hege.programme.seasons.models import Activity, Season, Topic
from hege.programme.seasons.queries import Menu, places_of
from hege.programme.seasons.rules import Board, Seats
from hege.web.jinja import day, daylong, dots, instant, query, weekday
from hege.web.links import in_full, where
from hege.web.shared.boards import BOARDS, BoardMark

DAY = dt.timedelta(days=1)
#: As many rows as a sheet of A3 has room for; with more the type is smaller, with still more there is another sheet.
ROOMY, ON_A_SHEET = 12, 20


def festival_on(on: dt.date) -> str:
    """What a day is called in the almanac, the festival before the term; empty for most."""
    found = days_of(on.year).get(on, ())
    return str(found[0].label) if found else ""


def month(on: dt.date) -> str:
    """``12月``; in English the month's name."""
    names = (
        _("1月"), _("2月"), _("3月"), _("4月"), _("5月"), _("6月"), _("7月"), _("8月"), _("9月"), _("10月"), _("11月"),
        _("12月"),
    )  # fmt: skip
    return names[on.month - 1]


def span(first: dt.date, last: dt.date) -> str:
    """From a day to another, the month said once where it is one: ``12月15日到21日``."""
    if (first.year, first.month) != (last.year, last.month):
        return _("%(first)s到%(last)s") % {"first": day(first), "last": day(last)}
    said = {"month": month(first), "first": first.day, "last": last.day}
    return _("%(month)s%(first)d日到%(last)d日") % said


class Places(NamedTuple):
    """What stands beside an activity of its places: in large, in small, and how full it is in a hundred."""

    said: str
    note: str = ""
    full: int | None = None


@dataclass(frozen=True)
class Line:
    """One activity on the menu at an instant."""

    activity: Activity
    at: dt.datetime
    #: How many wait for a place.
    waiting: int = 0

    @cached_property
    def seats(self) -> Seats:
        found = places_of(self.activity).seats(self.at)
        if found is Seats.WAITING and answer_by(self.activity.starts_at, at=self.at) is None:
            return Seats.FULL  # nobody is asked any more
        return found

    @property
    def board(self) -> BoardMark:
        return BOARDS[Board(self.activity.board)]

    @property
    def href(self) -> str:
        return where("menu:activity", self.activity.street.code, self.activity.public_id)

    @property
    def on(self) -> dt.date:
        return day_of(self.activity.starts_at)

    @property
    def time(self) -> str:
        """From when, in Shanghai."""
        return f"{self.activity.starts_at.astimezone(SHANGHAI):%H:%M}"

    @property
    def times(self) -> str:
        """From when until when, with the day of the end where that is another."""
        ends = self.activity.ends_at
        until = f"{ends.astimezone(SHANGHAI):%H:%M}" if day_of(ends) == self.on else instant(ends)
        return _("%(from)s 到 %(until)s") % {"from": self.time, "until": until}

    @property
    def is_today(self) -> bool:
        return self.on == day_of(self.at)

    @property
    def day_said(self) -> str:
        """Beside the number of the day: today, the weekday, the festival."""
        today = _("今天") if self.is_today else ""
        return " ".join(filter(None, [today, weekday(self.on), festival_on(self.on)]))

    @property
    def weekday_said(self) -> str:
        """The same on paper, which does not know today."""
        return " ".join(filter(None, [weekday(self.on), festival_on(self.on)]))

    @property
    def closes(self) -> dt.datetime | None:
        """Until when one may sign up, where that is not when it begins."""
        return self.activity.signup_closes_at if self.signs_up else None

    @property
    def signs_up(self) -> bool:
        return self.seats in (Seats.FREE, Seats.WAITING)

    @property
    def signup_href(self) -> str:
        """Where a member signs up; who is none is asked to join first."""
        return where("member:activity", self.activity.street.code, self.activity.public_id)

    @property
    def near(self) -> str:
        """When, as one says it from today: ``明天 14:00``, ``周日 11:30``, ``1月8日 18:00``."""
        apart = (self.on - day_of(self.at)).days
        near = {0: _("今天"), 1: _("明天"), 2: _("后天")}
        said = near.get(apart) or (weekday(self.on) if 0 < apart < 7 - day_of(self.at).weekday() else day(self.on))
        return f"{said} {self.time}"

    @property
    def about(self) -> list[str]:
        """Where, by whom, and how many may come on one sign-up."""
        activity = self.activity
        unit = _("%(unit)s办") % {"unit": activity.unit.party.name} if activity.unit else ""
        with_others = activity.party_max - 1
        bring = ngettext("可带 %(n)s 人", "可带 %(n)s 人", with_others) % {"n": with_others} if with_others else ""
        return [part for part in (activity.where, unit, bring) if part]

    @property
    def on_paper(self) -> list[str]:
        """What stands below its title on paper: the board in words, and from when one may sign up where that is later."""
        opens = self.activity.signup_opens_at
        later = _("%(when)s 开始报名") % {"when": instant(opens)} if opens and opens > self.at else ""
        return [self.board.label, *self.about, later]

    @property
    def left(self) -> int:
        return (self.activity.capacity or 0) - self.activity.taken

    @property
    def places(self) -> Places:
        """Places left, the number first; what else to know of signing up."""
        capacity = self.activity.capacity
        of = ngettext("共 %(n)s 个", "共 %(n)s 个", capacity or 0) % {"n": capacity}
        left_of = ngettext("个名额，共 %(of)s", "个名额，共 %(of)s", self.left) % {"of": capacity}
        match self.seats:
            case Seats.CANCELLED:
                return Places(_("取消了"), self.activity.reason)
            case Seats.OPEN:
                return Places(_("不用报名"), _("来了就行"))
            case Seats.NOT_YET:
                opens = instant(self.activity.signup_opens_at)
                return Places(_("还没放号"), _("%(when)s 开始报名，%(of)s") % {"when": opens, "of": of})
            case Seats.FREE:
                return Places(str(self.left), left_of, self._percent)
            case Seats.WAITING:
                waiting = ngettext("候补 %(n)s 位", "候补 %(n)s 位", self.waiting) % {"n": self.waiting}
                return Places(_("满了"), waiting if self.waiting else _("可以排候补"), 100)
            case Seats.FULL:
                return Places(_("满了"), _("不收候补"), 100)
            case Seats.CLOSED:
                return Places(_("报名截止了"))
        return Places(_("已经结束"))

    @property
    def left_said(self) -> str:
        """The same on the page of the activity alone."""
        if self.seats is not Seats.FREE:
            return self.places.said
        return ngettext("还有 %(n)s 个", "还有 %(n)s 个", self.left) % {"n": self.left}

    @property
    def left_note(self) -> str:
        capacity = self.activity.capacity or 0
        of = ngettext("共 %(n)s 个", "共 %(n)s 个", capacity) % {"n": capacity}
        return of if self.seats is Seats.FREE else self.places.note

    @property
    def station_said(self) -> str:
        """The station and where it is, without what the place says already."""
        station = self.activity.station
        if station is None:
            return ""
        return str(dots([station.name if station.name != self.activity.where else "", station.address]))

    @property
    def _percent(self) -> int:
        return 100 * self.activity.taken // (self.activity.capacity or 1)

    @property
    def button(self) -> str:
        """What leads to the page of the activity."""
        words = {Seats.FREE: _("报名"), Seats.WAITING: _("排候补"), Seats.OPEN: _("看怎么去")}
        return words.get(self.seats, _("看详情"))

    @property
    def is_off(self) -> bool:
        return self.seats is Seats.CANCELLED

    @property
    def can_go(self) -> bool:
        return self.seats in (Seats.FREE, Seats.OPEN)


class Group(NamedTuple):
    """Activities under one heading, and from when until when it is."""

    title: str
    note: str
    lines: list[Line]


class SeasonOfYear(NamedTuple):
    """A season in the year beside the menu: what it is from until, its topics by month."""

    season: Season
    note: str
    is_now: bool
    topics: list[tuple[Topic, str, bool]]


class MenuPage:
    """A street's menu at an instant. ``said`` is the address's: ``board`` narrows it."""

    def __init__(self, menu: Menu, said: Mapping[str, str], *, at: dt.datetime) -> None:
        self.menu, self.street, self.season, self.at, self.on = menu, menu.street, menu.season, at, day_of(at)
        self.board = next((BOARDS[board] for board in Board if board.value == said.get("board")), None)
        waiting = waiting_counts(menu.street, [activity.pk for activity in menu.activities])
        self.all = [Line(activity, at, waiting.get(activity.pk, 0)) for activity in menu.activities]

    @property
    def here(self) -> str:
        return where("menu:menu", self.street.code)

    @property
    def title(self) -> str:
        return self.season.name if self.season else _("活动菜单")

    @property
    def days(self) -> str:
        season = self.season
        return "" if season is None else _("%(first)s 到 %(last)s") % {
            "first": daylong(season.from_on), "last": daylong(season.last_on),
        }  # fmt: skip

    @property
    def lines(self) -> list[Line]:
        return [one for one in self.all if self.board is None or one.board is self.board]

    @property
    def boards(self) -> list[tuple[BoardMark, int, str, bool]]:
        """Each board with how many there are, and where a click leads: to it alone, or back to all."""
        counts = Counter(one.board.board for one in self.all)
        return [
            (mark, counts[board], self.here + query({"board": "" if mark is self.board else board.value}), mark is self.board)
            for board, mark in BOARDS.items()
        ]  # fmt: skip

    # -- what one can still go to ---------------------------------------------------------------------------------------

    @cached_property
    def first(self) -> Line | None:
        """The next one that one can still go to: with places rather than without signing up, if both are this week."""
        free = [one for one in self.lines if one.can_go and one.activity.starts_at > self.at]
        week = [one for one in free if one.on < self._monday + 7 * DAY]
        with_places = [one for one in week if one.seats is Seats.FREE]
        return next(iter([*with_places, *free]), None)

    @property
    def _monday(self) -> dt.date:
        return self.on - self.on.weekday() * DAY

    @property
    def question(self) -> str:
        first = self.first
        return _("这周还能去什么？") if first and first.on < self._monday + 7 * DAY else _("接下来能去什么？")

    @property
    def answer(self) -> str:
        """One sentence made of the same rows as the list."""
        one = self.first
        if one is None:
            return _("眼下没有能报名的活动")
        if one.seats is Seats.OPEN:
            return _("%(when)s %(title)s，不用报名") % {"when": one.near, "title": one.activity.title}
        sentence = ngettext("%(when)s %(title)s，还有 %(n)s 个名额", "%(when)s %(title)s，还有 %(n)s 个名额", one.left)
        return sentence % {"when": one.near, "title": one.activity.title, "n": one.left}

    @property
    def also(self) -> str:
        """Another one nobody signs up for, this week."""
        week = [one for one in self.lines if one.seats is Seats.OPEN and one.on < self._monday + 7 * DAY]
        other = next((one for one in week if one is not self.first), None)
        if other is None:
            return ""
        return _("%(when)s %(title)s，不用报名。") % {"when": other.near, "title": other.activity.title}

    # -- by week and month ----------------------------------------------------------------------------------------------

    @property
    def groups(self) -> list[Group]:
        """This week, next week, then by months with their topics."""
        monday = self._monday
        weeks = [(_("本周"), monday, monday + 6 * DAY), (_("下周"), monday + 7 * DAY, monday + 13 * DAY)]
        found = [
            Group(title, span(first, last), [one for one in self.lines if first <= max(one.on, self.on) <= last])
            for title, first, last in weeks
        ]
        later = [one for one in self.lines if one.on > monday + 13 * DAY]
        return [group for group in [*found, *by_month(later)] if group.lines]

    # -- the year beside it -----------------------------------------------------------------------------------------------

    @property
    def year(self) -> list[SeasonOfYear]:
        this = self.on.replace(day=1)
        seasons = self.menu.year.seasons if self.menu.year else []
        return [
            SeasonOfYear(
                season,
                _terms_of(season),
                season.from_on <= self.on < season.until_on,
                [(topic, month(topic.month_on), topic.month_on == this) for topic in season.topics.all()],
            )
            for season in seasons
        ]

    @property
    def topics(self) -> int:
        return sum(len(one.topics) for one in self.year)

    @property
    def units(self) -> str:
        """Who is in charge of what is shown, each once."""
        names = dict.fromkeys(one.activity.unit.party.name for one in self.all if one.activity.unit)
        return _("、").join(names)

    @property
    def join_href(self) -> str:
        return where("member:join", self.street.code)

    @property
    def address(self) -> str:
        """Where the menu stands, as one types it."""
        return in_full(self.here)

    @property
    def site(self) -> str:
        """The same without what nobody has to type."""
        parts = urlsplit(self.address)
        return f"{parts.netloc}{parts.path}"

    # -- on paper ---------------------------------------------------------------------------------------------------------

    @cached_property
    def sheets(self) -> list[Sheet]:
        """What is still to come of the season, by month, cut into sheets; paper says nothing that ages by the day."""
        season = self.season
        lines = [one for one in self.all if season and one.activity.season_id == season.pk and not one.is_off]
        parts = [lines[n : n + ON_A_SHEET] for n in range(0, len(lines), ON_A_SHEET)] or [[]]
        return [Sheet(by_month(part), len(part) > ROOMY) for part in parts]


def by_month(lines: Sequence[Line]) -> list[Group]:
    """Activities by the months they begin in, each under what it is called."""
    groups = groupby(lines, key=lambda one: (one.on.year, one.on.month))
    return [_of_month(list(group)) for _key, group in groups]


def _of_month(lines: list[Line]) -> Group:
    names = dict.fromkeys(one.activity.topic.name for one in lines)
    return Group(month(lines[0].on), _("、").join(names), lines)


def _terms_of(season: Season) -> str:
    """From which of the four beginnings to which, where it is so; else the days."""
    begins, ends = (
        next((one for one in days_of(on.year).get(on, ()) if one in SEASONS_BEGIN), None)
        for on in (season.from_on, season.until_on)
    )
    if begins and ends:
        return _("%(begins)s到%(ends)s") % {"begins": begins.label, "ends": ends.label}
    return _("%(first)s到%(last)s") % {"first": day(season.from_on), "last": day(season.last_on)}


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of A3."""

    groups: list[Group]
    is_full: bool
    boards: Sequence[BoardMark] = field(default_factory=lambda: list(BOARDS.values()))
