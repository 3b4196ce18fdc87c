"""What 全年计划 shows: seasons by month with terms and festivals, one activity with its way, and a copy of last year."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from hege.kernel.clock import SHANGHAI, day_of
from hege.kernel.money import yuan
from hege.kernel.refused import allows, refusal_of
from hege.programme.seasons import queries, rules
from hege.programme.seasons.almanac import FESTIVALS, SEASONS_BEGIN, Festival, days_of, nearest
from hege.programme.seasons.models import Activity, Season, Topic
from hege.programme.seasons.queries import ActivityCopy, Year, YearCopy
from hege.programme.seasons.rules import ActivityState, Board
from hege.web.access import Desk
from hege.web.jinja import day, daylong, instant, query, share, weekday
from hege.web.links import where
from hege.web.marks import Button, Chip, Step, state
from hege.web.menu.page import Line, month
from hege.web.shared.boards import BOARDS, BoardMark

DAY = dt.timedelta(days=1)
#: The numbers of the twelve topics as they are written.
NUMBERS = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫"


def month_of_year(on: dt.date) -> str:
    """``2025年12月``."""
    return _("%(year)s年%(month)s") % {"year": on.year, "month": month(on)}


class Look(NamedTuple):
    """How an activity stands in its month: the word, and the name of its frame."""

    word: str
    frame: str


@dataclass(frozen=True)
class Row:
    """One activity in the cell of its month."""

    activity: Activity
    at: dt.datetime
    href: str

    @property
    def board(self) -> BoardMark:
        return BOARDS[Board(self.activity.board)]

    @property
    def on(self) -> dt.date:
        return day_of(self.activity.starts_at)

    @property
    def day(self) -> str:
        """The day alone: the month stands above."""
        return (
            _("%(n)d日") % {"n": self.on.day} if self.on.month == self.activity.topic.month_on.month else day(self.on)
        )

    @property
    def is_off(self) -> bool:
        return self.activity.state == ActivityState.CANCELLED

    @property
    def lacks_unit(self) -> bool:
        return self.activity.state == ActivityState.PLANNED and self.activity.unit_id is None

    @property
    def look(self) -> Look:
        if self.is_off:
            return Look(str(ActivityState.CANCELLED.label), "is-off")
        if self.lacks_unit:
            return Look(_("缺单位"), "is-open")
        if self.activity.state == ActivityState.PLANNED:
            return Look(str(ActivityState.PLANNED.label), "is-plan")
        if self.activity.ends_at <= self.at:
            return Look(_("办过了"), "")
        return Look(str(ActivityState.PUBLISHED.label), "")


class Days(NamedTuple):
    """Some days of a month with what they are called: ``立冬 7 · 小雪 22``."""

    terms: str
    festivals: str


def days_in(first: dt.date) -> Days:
    """The terms and festivals of a month."""
    found = [(on, one) for on, names in days_of(first.year).items() if on.month == first.month for one in names]
    terms, festivals = (
        " · ".join(f"{one.label} {on.day}" for on, one in found if (one in FESTIVALS) is wanted)
        for wanted in (False, True)
    )
    return Days(terms, festivals)


@dataclass(frozen=True, slots=True)
class Cell:
    """One month of a season."""

    topic: Topic
    number: str
    name: str
    days: Days
    is_now: bool
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Money:
    """A season's budget in fen: what is spent, what is promised (published and not spent yet), what there is."""

    whole: int
    spent: int
    promised: int

    @property
    def planned(self) -> int:
        return self.spent + self.promised

    def percent(self, part: int) -> str:
        """A part of the whole for the bar, which ends where the whole does."""
        thousandths = min(1000, 1000 * part // self.whole) if self.whole else 0
        return f"{thousandths // 10}.{thousandths % 10}%"

    @property
    def too_much(self) -> int:
        """By how much what is spent and promised is more than there is."""
        return max(0, self.planned - self.whole)


@dataclass(frozen=True, slots=True)
class Band:
    """One season of the year."""

    season: Season
    begins: str
    is_now: bool
    money: Money
    cells: Sequence[Cell]


def year_asked(number: str) -> int | None:
    """The number of a year in an address; None for what is none."""
    return int(number) if number.isascii() and number.isdecimal() and len(number) < 4 else None


class YearPage:
    """The year of the programme that was asked for."""

    def __init__(self, desk: Desk, number: str, *, at: dt.datetime) -> None:
        self.desk, self.at, self.on = desk, at, day_of(at)
        self.year: Year | None = queries.the_year(desk.street, self.on, number=year_asked(number))
        self.activities = queries.activities_of(desk.street, self.year.seasons) if self.year else []
        self.rows = [Row(one, at, desk.to("programme:detail", one.public_id)) for one in self.activities]
        self.alive = [row for row in self.rows if not row.is_off]

    @property
    def title(self) -> str:
        """The answer: how many are planned, and what of them nobody is in charge of."""
        if not self.alive:
            return _("全年计划")
        planned = ngettext("%(n)s 项活动排好了", "%(n)s 项活动排好了", len(self.alive)) % {"n": len(self.alive)}
        lacking = len(self.lacking)
        if not lacking:
            return _("%(planned)s，都有牵头单位") % {"planned": planned}
        lacks = ngettext("%(n)s 项还缺牵头单位", "%(n)s 项还缺牵头单位", lacking) % {"n": lacking}
        return _("%(planned)s，%(lacks)s") % {"planned": planned, "lacks": lacks}

    @property
    def lead(self) -> str:
        """From when until when, and what is to be published next."""
        if self.year is None:
            return _("还没有排季。先排一季，再把活动排在它的专题下面。")
        days = _("%(first)s到%(last)s") % {"first": daylong(self.year.from_on), "last": daylong(self.year.last_on)}
        waiting = [row for row in self.waiting if row.on >= self.on]
        if not waiting:
            return _("%(days)s。没有等着发布的。") % {"days": days}
        first = waiting[0]
        return _("%(days)s。下一件要发布的：%(day)s %(title)s。") % {
            "days": days, "day": day(first.on), "title": first.activity.title,
        }  # fmt: skip

    @property
    def waiting(self) -> list[Row]:
        return [row for row in self.alive if row.activity.state == ActivityState.PLANNED]

    @property
    def lacking(self) -> list[Row]:
        return [row for row in self.alive if row.lacks_unit]

    @property
    def tiles(self) -> list[dict[str, object]]:
        """Five numbers of the year; each leads to the first of what it counts, or to the year itself."""
        published = [row for row in self.alive if row.activity.state == ActivityState.PUBLISHED]
        hung = [row for row in self.alive if row.activity.festival]
        money = [band.money for band in self.bands]
        whole, spent = sum(one.whole for one in money), sum(one.spent for one in money)
        return [
            _tile(len(published), _("已发布"), _("办过的也算"), self._first(published)),
            _tile(len(self.waiting), _("待发布"), _("排的人不能自己发布"), self._first(self.waiting)),
            _tile(len(self.lacking), _("缺牵头单位"), self._earliest, self._first(self.lacking), late=bool(self.lacking)),
            _tile(
                share(spent, whole) if whole else "—", _("预算已用"),
                _("%(spent)s，共 %(whole)s 元") % {"spent": yuan(spent), "whole": yuan(whole)}, self.here,
            ),
            _tile(len(hung), _("跟着节日"), _("明年照排时跟着挪"), self._first(hung)),
        ]  # fmt: skip

    @property
    def _earliest(self) -> str:
        return _("最早 %(day)s") % {"day": day(self.lacking[0].on)} if self.lacking else _("都有人牵头")

    def _first(self, rows: Sequence[Row]) -> str:
        return rows[0].href if rows else self.here

    @property
    def here(self) -> str:
        return self.desk.to("programme:index")

    @cached_property
    def bands(self) -> list[Band]:
        this = self.on.replace(day=1)
        found = []
        for season in self.year.seasons if self.year else []:
            mine = [row for row in self.rows if row.activity.season_id == season.pk]
            cells = [
                Cell(
                    topic, NUMBERS[topic.number - 1], month(topic.month_on), days_in(topic.month_on),
                    topic.month_on == this, [row for row in mine if row.activity.topic_id == topic.pk],
                )
                for topic in season.topics.all()
            ]  # fmt: skip
            is_now = season.from_on <= self.on < season.until_on
            found.append(Band(season, begins(season), is_now, _money_of(season, mine), cells))
        return found

    @property
    def boards(self) -> list[BoardMark]:
        return list(BOARDS.values())

    @property
    def others(self) -> list[tuple[str, str]]:
        """The years beside this one, by the page of each."""
        if self.year is None:
            return []
        around = [(self.year.number - 1, _("上一年")), (self.year.number + 1, _("下一年"))]
        return [(f"{self.here}?year={n}", word) for n, word in around if 1 <= n <= self.year.of]

    @property
    def copy_href(self) -> str:
        """Where this year is planned again for the next; empty where there is none."""
        return "" if self.year is None else f"{self.desk.to('programme:copy')}?year={self.year.number}"

    @property
    def menu_href(self) -> str:
        return where("menu:menu", self.desk.street.code)

    @property
    def poster_href(self) -> str:
        return where("menu:poster", self.desk.street.code)


def _tile(n: object, label: str, note: str, href: str, *, late: bool = False) -> dict[str, object]:
    return {"n": n, "label": label, "note": note, "href": href, "late": late}


def begins(season: Season) -> str:
    """From when, and with which of the four beginnings: ``2025年11月7日 立冬起``."""
    names = [one for one in days_of(season.from_on.year).get(season.from_on, ()) if one in SEASONS_BEGIN]
    if names:
        return _("%(day)s %(term)s起") % {"day": daylong(season.from_on), "term": names[0].label}
    return _("%(day)s起") % {"day": daylong(season.from_on)}


def _money_of(season: Season, rows: Sequence[Row]) -> Money:
    shown = [row.activity for row in rows if row.activity.state == ActivityState.PUBLISHED]
    promised = sum(max(0, one.budget_fen - one.spent_fen) for one in shown if one.ends_at > rows[0].at)
    return Money(season.budget_fen, sum(row.activity.spent_fen for row in rows), promised)


# -- one activity ------------------------------------------------------------------------------------------------------


class ActivityPage:
    """One activity for the office: what it is, how far it has come, and what may be done to it now."""

    def __init__(self, activity: Activity, desk: Desk, *, at: dt.datetime) -> None:
        self.activity, self.desk, self.at = activity, desk, at
        self.line = Line(activity, at)
        self.state = ActivityState(activity.state)

    @property
    def chips(self) -> list[Chip]:
        activity = self.activity
        chips = [state(activity)]
        if self.state is ActivityState.PLANNED and activity.unit is None:
            chips.append(Chip(_("缺牵头单位"), "amber", "alert-triangle"))
        if activity.festival:
            chips.append(
                Chip(_("跟着%(festival)s") % {"festival": Festival(activity.festival).label}, "", "calendar-event")
            )
        return chips

    @property
    def steps(self) -> list[Step]:
        activity, over = self.activity, self.activity.ends_at <= self.at
        planned, shown = self.state is ActivityState.PLANNED, self.state is ActivityState.PUBLISHED
        who = _("%(who)s排") % {"who": activity.planned_by.full_name} if activity.planned_by else ""
        by = activity.published_by.full_name if activity.published_by else ""
        when = f"{by} {instant(activity.published_at)}".strip()
        return [
            Step.of(_("排好"), who, done=True),
            Step.of(_("另一位召集人发布"), when, done=activity.published_at is not None, now=planned),
            Step.of(_("办"), instant(activity.starts_at), done=shown and over, now=shown and not over),
        ]

    @property
    def buttons(self) -> list[Button]:
        """What may be done now, by who may; each is there exactly where its act is not refused for good."""
        return [
            Button(label, self.desk.to(page, self.activity.public_id), icon, main)
            for label, page, icon, main in self._acts
        ]

    @property
    def _acts(self) -> list[tuple[str | Promise, str, str, bool]]:
        desk = self.desk
        found: list[tuple[str | Promise, str, str, bool]] = []
        if desk.may("programme.publish") and self.not_published is None:
            found.append((gettext_lazy("发布"), "programme:publish", "send", True))
        if desk.may("programme.plan") and allows(rules.check_amend, state=self.state):
            found.append((gettext_lazy("修改"), "programme:amend", "pencil", False))
        if desk.may("programme.publish") and allows(
            rules.check_reschedule, **self._facts, ends_at=self.activity.ends_at
        ):
            found.append((gettext_lazy("改期"), "programme:reschedule", "calendar-event", False))
        if desk.may("programme.plan") and self.state is not ActivityState.CANCELLED:
            found.append((gettext_lazy("记花费"), "programme:spending", "coin", False))
        if desk.may("programme.publish") and allows(
            rules.check_cancel, state=self.state, ends_at=self.activity.ends_at, at=self.at
        ):
            found.append((gettext_lazy("取消"), "programme:cancel", "ban", False))
        return found

    @property
    def _facts(self) -> dict[str, object]:
        return {"state": self.state, "planned_by": self.activity.planned_by_id, "by": self.desk.user.pk, "at": self.at}

    @cached_property
    def not_published(self) -> str | None:
        """Why this person cannot publish it, where that is so."""
        activity = self.activity
        refused = refusal_of(
            rules.check_publish, **self._facts, has_unit=activity.unit_id is not None, starts_at=activity.starts_at
        )
        return None if refused is None else str(refused)

    @property
    def note(self) -> str:
        """Why the button to publish is not there, told to who would press it."""
        if self.state is not ActivityState.PLANNED or not self.desk.may("programme.publish"):
            return ""
        return self.not_published or ""

    @property
    def facts(self) -> list[tuple[str, object]]:
        activity, line = self.activity, self.line
        unit = activity.unit.party.name if activity.unit else _("还没有定")
        festival = Festival(activity.festival) if activity.festival else None
        signs_up = activity.capacity is not None
        opens, closes = activity.signup_opens_at, activity.signup_closes_at
        return [
            (_("板块"), line.board.label),
            (_("季和专题"), f"{activity.season.name} · {activity.topic.name}"),
            (_("什么时候"), f"{daylong(line.on)} {weekday(line.on)} {line.times}"),
            (_("跟着节日"), _hung_on(festival, line.on) if festival else None),
            (_("在哪里"), f"{activity.where} {line.station_said}".strip()),
            (_("牵头单位"), unit),
            (_("名额"), f"{activity.taken} / {activity.capacity}" if signs_up else _("不用报名")),
            (_("最多几人"), activity.party_max if signs_up else None),
            (_("报名"), self._signup(opens, closes) if signs_up else None),
            (_("候补"), (_("满了可以排") if activity.waiting_list else _("不收")) if signs_up else None),
            (_("预算"), _("%(sum)s 元") % {"sum": yuan(activity.budget_fen)}),
            (_("已花"), _("%(sum)s 元") % {"sum": yuan(activity.spent_fen)}),
            (_("取消的原因"), activity.reason or None),
        ]

    def _signup(self, opens: dt.datetime | None, closes: dt.datetime | None) -> str:
        first = instant(opens) if opens else _("一发布")
        last = instant(closes) if closes else _("活动开始")
        return _("%(first)s 到 %(last)s") % {"first": first, "last": last}

    @property
    def public_href(self) -> str:
        """The page that everybody reads, once there is one."""
        if self.activity.published_at is None:
            return ""
        return where("menu:activity", self.desk.street.code, self.activity.public_id)


def _hung_on(festival: Festival, on: dt.date) -> str:
    """``腊八 2026年1月26日，当天``, or how many days before or after it."""
    day_of_it = nearest(festival, on)
    apart = (on - day_of_it).days
    if not apart:
        told = _("当天")
    elif apart < 0:
        told = ngettext("前 %(n)s 天", "前 %(n)s 天", -apart) % {"n": -apart}
    else:
        told = ngettext("后 %(n)s 天", "后 %(n)s 天", apart) % {"n": apart}
    return _("%(festival)s %(day)s，%(told)s") % {"festival": festival.label, "day": daylong(day_of_it), "told": told}


class Beginning:
    """What a new activity begins with: a topic of the address, else of this month; and the days its month offers."""

    def __init__(self, desk: Desk, said: Mapping[str, str], *, on: dt.date) -> None:
        self.desk, self.said = desk, said
        topics = queries.topics_from(desk.street, on)
        asked = next((one for one in topics if str(one.pk) == said.get("topic")), None)
        self.topic = asked or next((one for one in topics if one.month_on >= on.replace(day=1)), None)

    @property
    def month(self) -> str:
        return month(self.topic.month_on) if self.topic else ""

    @property
    def initial(self) -> dict[str, object]:
        """The fields as the form begins: two hours from ten o'clock of the day that was asked for."""
        festival = self.said.get("festival", "")
        begins = next(
            (at_ten(on) for on, one in self._offered if one == festival and str(on) == self.said.get("on")), None
        )
        if begins is None:
            return {"topic": self.topic}
        return {"topic": self.topic, "festival": festival, "starts_at": begins, "ends_at": begins + TWO_HOURS}

    @property
    def _offered(self) -> list[tuple[dt.date, Festival]]:
        if self.topic is None:
            return []
        first, season = self.topic.month_on, self.topic.season
        return [
            (on, one)
            for on, names in days_of(first.year).items()
            for one in names
            if on.month == first.month and season.from_on <= on < season.until_on
        ]

    @property
    def days(self) -> list[tuple[str, str]]:
        """The terms and festivals of its month, each with the address that begins the form on it."""
        here = self.desk.to("programme:new")
        return [
            (
                f"{one.label} {day(on)} {weekday(on)}",
                here + query({"topic": str(self.topic.pk) if self.topic else "", "on": str(on), "festival": one.value}),
            )
            for on, one in self._offered
        ]


TWO_HOURS = dt.timedelta(hours=2)


def at_ten(on: dt.date) -> dt.datetime:
    """Ten o'clock in Shanghai."""
    return dt.datetime.combine(on, dt.time(10), SHANGHAI).astimezone(dt.UTC)


# -- a copy of last year -----------------------------------------------------------------------------------------------


class CopyLine:
    """One activity of last year, and what becomes of it."""

    def __init__(self, copy: ActivityCopy) -> None:
        self.copy, self.activity = copy, copy.source
        self.board = BOARDS[Board(self.activity.board)]

    @property
    def was(self) -> str:
        return f"{daylong(self.copy.day)} {weekday(self.copy.day)}"

    @property
    def becomes(self) -> str:
        return f"{daylong(self.copy.to)} {weekday(self.copy.to)}"

    @property
    def why(self) -> str:
        if self.copy.festival:
            return _("跟着%(festival)s") % {"festival": self.copy.festival.label}
        return _("同一个星期几")

    @property
    def note(self) -> str:
        """What else to know: that it is there already, that no season has the day, that it has lost its unit."""
        if self.copy.there:
            return _("已经排了")
        if self.copy.topic is None:
            return _("这一天不在任何一季里，请另排")
        moved = self.copy.topic.name != self.activity.topic.name
        parts = [_("改到专题“%(name)s”") % {"name": self.copy.topic.name}] if moved else []
        if self.activity.unit_id and self.copy.unit is None:
            parts.append(_("牵头单位已不在联盟，要另找"))
        if self.activity.station_id and self.copy.station is None:
            parts.append(_("驿站已关，要另找地方"))
        return _("；").join(parts)


class CopyPage:
    """What a copy of a year would come to, line by line."""

    def __init__(self, plan: YearCopy) -> None:
        self.plan = plan
        self.lines = [CopyLine(one) for one in plan.activities]

    @property
    def seasons(self) -> list[tuple[str, str, str]]:
        """Each season: its name, its days next year, whether it is there already."""
        return [
            (
                one.draft.name,
                _("%(first)s到%(last)s")
                % {"first": daylong(one.draft.from_on), "last": daylong(one.draft.until_on - DAY)},
                _("已经有了") if one.there else _("新排"),
            )
            for one in self.plan.seasons
        ]
