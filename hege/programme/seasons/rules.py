"""What a season, a topic and an activity have to be, who publishes one, and what may still be changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from hege.kernel.checks import check_another, check_line, check_move
from hege.kernel.clock import day_of
from hege.kernel.refused import Refused, RefusedAll, refusal_of
from hege.kernel.several import several
from hege.programme.seasons.almanac import REACH, Festival, nearest


class Board(TextChoices):
    """The four boards of the programme (四大板块)."""

    RED = "red_station", _("红色能量站")
    VITAL = "vital_circle", _("活力能量圈")
    GROWTH = "growth_camp", _("成长能量营")
    WARM = "warm_pack", _("暖心能量包")


class ActivityState(TextChoices):
    """How far an activity has come (活动状态); that it is over is told by its end."""

    PLANNED = "planned", _("待发布")
    PUBLISHED = "published", _("已发布")
    CANCELLED = "cancelled", _("已取消")


NEXT_STATE: Mapping[ActivityState, Set[ActivityState]] = {
    ActivityState.PLANNED: {ActivityState.PLANNED, ActivityState.PUBLISHED, ActivityState.CANCELLED},
    ActivityState.PUBLISHED: {ActivityState.CANCELLED},
    ActivityState.CANCELLED: frozenset(),
}

LONGEST_NAME, LONGEST_TITLE, LONGEST_WHERE, LONGEST_WORDS, LONGEST_REASON = 20, 40, 60, 500, 200
#: A programme has twelve topics (十二个专题), one a month.
TOPICS = 12
LONGEST_SEASON = dt.timedelta(days=184)
LONGEST_ACTIVITY = dt.timedelta(days=31)
MOST_PLACES, MOST_PARTY, MOST_FEN = 20_000, 20, 10_000_000_000


class TopicDraft(NamedTuple):
    """A topic: its number among the twelve of the year, the first day of its month, and its name."""

    number: int
    month_on: dt.date
    name: str


@dataclass(frozen=True, slots=True)
class SeasonDraft:
    """A season as somebody plans it: half-open days, budget in fen, topics by month."""

    name: str
    from_on: dt.date
    until_on: dt.date
    slogan: str = ""
    budget_fen: int = 0
    topics: tuple[TopicDraft, ...] = ()


@dataclass(frozen=True, slots=True)
class ActivityDraft:
    """What an activity is to be: instants are UTC, money is fen.

    ``capacity`` None: everybody may come without signing up. Sign-up opens when the activity is published and closes when
    it begins, unless other instants are given. ``party_max`` is how many come on one sign-up, who signs up counted.
    ``festival`` is the term or festival the day hangs on: next year's activity moves by it.
    """

    title: str
    board: Board
    starts_at: dt.datetime
    ends_at: dt.datetime
    where: str
    words: str = ""
    capacity: int | None = None
    party_max: int = 1
    signup_opens_at: dt.datetime | None = None
    signup_closes_at: dt.datetime | None = None
    waiting_list: bool = True
    budget_fen: int = 0
    festival: Festival | None = None


def check_season(draft: SeasonDraft, taken: Collection[tuple[dt.date, dt.date, str]]) -> None:
    """A season is whole, and lies beside the street's others (``taken``: their half-open days and names)."""
    check_line(draft.name, _("请写明季的名称。"), name="name", most=LONGEST_NAME)
    check_line(draft.slogan, name="slogan", most=LONGEST_WHERE)
    if draft.until_on <= draft.from_on:
        raise Refused(_("结束日期要在开始日期 %(day)s 之后。"), day=draft.from_on.isoformat(), field="until_on")
    if draft.until_on - draft.from_on > LONGEST_SEASON:
        raise Refused(_("一季最多 %(n)d 天，请分成几季。"), n=LONGEST_SEASON.days, field="until_on")
    for from_on, until_on, name in taken:
        if from_on < draft.until_on and draft.from_on < until_on:
            raise Refused(
                _("和“%(name)s”（%(from)s 到 %(last)s）的日子重叠，请改开始或结束日期。"),
                **{"name": name, "from": from_on.isoformat(), "last": (until_on - dt.timedelta(days=1)).isoformat()},
                field="from_on",
            )
    check_money(draft.budget_fen)
    _check_topics(draft)


def _check_topics(draft: SeasonDraft) -> None:
    if not draft.topics:
        raise Refused(_("一季至少要有一个专题，活动都排在专题下面。"), field="topics")
    for topic in draft.topics:
        check_line(topic.name, _("请写明专题的名称。"), name="topics", most=LONGEST_NAME)
        if not 1 <= topic.number <= TOPICS:
            raise Refused(_("专题的序号是 1 到 %(n)d。"), n=TOPICS, field="topics")
        first, last = draft.from_on.replace(day=1), (draft.until_on - dt.timedelta(days=1)).replace(day=1)
        if not first <= topic.month_on <= last:
            raise Refused(_("专题“%(name)s”的月份不在这一季里。"), name=topic.name, field="topics")
    for said in ([topic.number for topic in draft.topics], [topic.month_on for topic in draft.topics]):
        if len(set(said)) < len(said):
            raise Refused(_("每个月一个专题，序号不能重复。"), field="topics")


def check_still_within(draft: SeasonDraft, activities: Sequence[tuple[str, dt.datetime]]) -> None:
    """A season keeps the days of its activities (titles and beginnings)."""
    for title, starts_at in activities:
        if not draft.from_on <= day_of(starts_at) < draft.until_on:
            raise Refused(
                _("活动“%(title)s”在 %(day)s，不在新的日子里，请先改它。"),
                title=title, day=day_of(starts_at).isoformat(), field="until_on",
            )  # fmt: skip


def check_money(fen: int, *, field: str = "budget_fen") -> None:
    """A sum of an activity or a season, in fen."""
    if not 0 <= fen <= MOST_FEN:
        raise Refused(_("金额要在 0 到 %(most)d 元之间。"), most=MOST_FEN // 100, field=field)


def check_activity(draft: ActivityDraft, *, season: SeasonDraft) -> None:
    """What an activity says is whole and possible; every fault at once, each with its field."""
    checks = (_check_words, _check_days, _check_places)
    refusals = [said for check in checks if (said := refusal_of(check, draft=draft, season=season))]
    if refusals:
        raise RefusedAll(refusals)


def _check_words(draft: ActivityDraft, season: SeasonDraft) -> None:
    check_line(draft.title, _("请写明活动名称。"), name="title", most=LONGEST_TITLE)
    check_line(draft.where, _("请写明在哪里。"), name="where", most=LONGEST_WHERE)
    for line in draft.words.splitlines():
        check_line(line, name="words", most=LONGEST_WORDS)
    if len(draft.words.strip()) > LONGEST_WORDS:
        raise Refused(_("最多 %(most)d 个字，这里有 %(n)d 个。"), most=LONGEST_WORDS, n=len(draft.words), field="words")


def _check_days(draft: ActivityDraft, season: SeasonDraft) -> None:
    check_times(draft.starts_at, draft.ends_at)
    if not season.from_on <= day_of(draft.starts_at) < season.until_on:
        raise Refused(
            _("“%(name)s”从 %(from)s 到 %(last)s，活动要在这些日子里开始。"),
            **{
                "name": season.name, "from": season.from_on.isoformat(),
                "last": (season.until_on - dt.timedelta(days=1)).isoformat(),
            },
            field="starts_at",
        )  # fmt: skip
    if draft.festival is not None:
        hung_on = nearest(draft.festival, day_of(draft.starts_at))
        if abs(day_of(draft.starts_at) - hung_on) > REACH:
            raise Refused(
                _("离%(festival)s（%(day)s）超过 %(n)d 天，不算跟着它办。"),
                festival=draft.festival.label, day=hung_on.isoformat(), n=REACH.days, field="festival",
            )  # fmt: skip


def check_times(starts_at: dt.datetime, ends_at: dt.datetime) -> None:
    """An activity ends after it has begun, and not months later."""
    if ends_at <= starts_at:
        raise Refused(_("结束时间要在开始时间之后。"), field="ends_at")
    if ends_at - starts_at > LONGEST_ACTIVITY:
        raise Refused(_("一项活动最多 %(n)d 天，请分成几项。"), n=LONGEST_ACTIVITY.days, field="ends_at")


def _check_places(draft: ActivityDraft, season: SeasonDraft) -> None:
    check_money(draft.budget_fen)
    if not 1 <= draft.party_max <= MOST_PARTY:
        raise Refused(_("一人报名最多带到 %(most)d 人，至少是本人 1 人。"), most=MOST_PARTY, field="party_max")
    check_capacity(draft.capacity, party_max=draft.party_max)
    if draft.capacity is not None:
        check_signup(draft.signup_opens_at, draft.signup_closes_at, starts_at=draft.starts_at)


def check_capacity(capacity: int | None, *, party_max: int = 1, taken: int = 0) -> None:
    """How many places there are: room for the largest party, and for whoever has one already."""
    if capacity is None:
        if taken:
            raise Refused(several("已经有 %(n)d 人报名，不能改成不用报名。"), n=taken, field="capacity")
        return
    if not 1 <= capacity <= MOST_PLACES:
        raise Refused(_("名额要在 1 到 %(most)d 之间；不用报名就空着。"), most=MOST_PLACES, field="capacity")
    if capacity < party_max:
        raise Refused(_("名额比一人报名能带的人数还少。"), field="capacity")
    if capacity < taken:
        raise Refused(several("已经有 %(n)d 人报名，名额不能更少。"), n=taken, field="capacity")


def check_signup(opens_at: dt.datetime | None, closes_at: dt.datetime | None, *, starts_at: dt.datetime) -> None:
    """Sign-up opens before it closes, and closes at the latest when the activity begins."""
    if closes_at is not None and closes_at > starts_at:
        raise Refused(_("报名截止不能晚于活动开始。"), field="signup_closes_at")
    if opens_at is not None and opens_at >= (closes_at or starts_at):
        raise Refused(_("报名开始要早于报名截止。"), field="signup_opens_at")


def check_publish(
    state: ActivityState,
    *,
    planned_by: int | None,
    by: int | None,
    has_unit: bool,
    starts_at: dt.datetime,
    at: dt.datetime,
) -> None:
    """Published by another than who planned it or changed it last, before it begins, with a unit in charge (排的人不能自己发布)."""
    check_move(state, ActivityState.PUBLISHED, NEXT_STATE)
    if not has_unit:
        raise Refused(_("还缺牵头单位，先修改、写明由哪家单位办，再发布。"))
    check_another(by=by, first=planned_by, sentence=_("排活动的人不能自己发布，请另一位召集人看过再发布。"))
    if starts_at <= at:
        raise Refused(_("活动开始的时间已经过了，先改时间再发布。"))


def check_unit(*, from_on: dt.date, until_on: dt.date | None, day: dt.date) -> None:
    """The unit in charge is in the alliance on the day (``until_on`` is its first day out)."""
    if day < from_on or (until_on is not None and day >= until_on):
        raise Refused(_("%(day)s 这家单位不在联盟里，请选别家。"), day=day.isoformat(), field="ally")


def check_station(*, closed: bool) -> None:
    """Nobody is sent to a station that was closed for good."""
    if closed:
        raise Refused(_("这个驿站已经关了，请选别处。"), field="station")


def check_amend(state: ActivityState) -> None:
    """What is published is rescheduled or cancelled, never rewritten: people have read it."""
    if state is ActivityState.PUBLISHED:
        raise Refused(_("已经发布，内容不能再改；时间、地点、名额请办“改期”，不办了请办“取消”。"))
    check_move(state, ActivityState.PLANNED, NEXT_STATE)


def check_reschedule(
    state: ActivityState, *, planned_by: int | None, by: int | None, ends_at: dt.datetime, at: dt.datetime
) -> None:
    """When, where and for how many a published activity is may be changed until it is over, by another than who planned it."""
    if state is not ActivityState.PUBLISHED:
        raise Refused(_("只有已发布的活动要办改期；没有发布的直接修改。"))
    check_another(by=by, first=planned_by, sentence=_("排活动的人不能自己改已发布的活动，请另一位召集人办。"))
    if ends_at <= at:
        raise Refused(_("活动已经结束，不能再改期。"))


def check_cancel(state: ActivityState, *, ends_at: dt.datetime, at: dt.datetime) -> None:
    """An activity may be called off until it is over."""
    check_move(state, ActivityState.CANCELLED, NEXT_STATE)
    if state is ActivityState.PUBLISHED and ends_at <= at:
        raise Refused(_("活动已经结束，不能再取消。"))


# -- what the public is told of places -------------------------------------------------------------------------------------


class Seats(Enum):
    """Whether one can still go (还能不能去), as the menu says it."""

    OPEN = "open"  #: nobody signs up: come
    NOT_YET = "not_yet"  #: sign-up opens later
    FREE = "free"
    WAITING = "waiting"  #: full, and there is a waiting list
    FULL = "full"
    CLOSED = "closed"  #: sign-up is over, the activity is not
    OVER = "over"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Places:
    """What decides whether one can still sign up. Instants are UTC; ``opens_at`` None: from publication on."""

    state: ActivityState
    starts_at: dt.datetime
    ends_at: dt.datetime
    capacity: int | None
    taken: int
    waiting_list: bool
    opens_at: dt.datetime | None = None
    closes_at: dt.datetime | None = None

    def seats(self, at: dt.datetime) -> Seats:
        """How it stands at an instant; of what is published alone."""
        if self.state is ActivityState.CANCELLED:
            return Seats.CANCELLED
        if self.ends_at <= at:
            return Seats.OVER
        if self.capacity is None:
            return Seats.OPEN
        if self.opens_at is not None and at < self.opens_at:
            return Seats.NOT_YET
        if at >= (self.closes_at or self.starts_at):
            return Seats.CLOSED
        if self.taken < self.capacity:
            return Seats.FREE
        return Seats.WAITING if self.waiting_list else Seats.FULL


# -- a year after the other --------------------------------------------------------------------------------------------


#: A season that begins so long after the first of a year begins another year of the programme.
YEAR = dt.timedelta(days=350)


def years(begins: Sequence[dt.date]) -> list[list[int]]:
    """Which seasons make up a year of the programme, by their places among the first days, which are in order."""
    found: list[list[int]] = []
    for n, day in enumerate(begins):
        if found and day - begins[found[-1][0]] < YEAR:
            found[-1].append(n)
        else:
            found.append([n])
    return found


def topic_for(topics: Sequence[TopicDraft], *, name: str, day: dt.date) -> TopicDraft:
    """Under which topic of its new season an activity goes: that of the same name, else of its month, else the last before."""
    same = [topic for topic in topics if topic.name == name]
    before = [topic for topic in sorted(topics, key=lambda one: one.month_on) if topic.month_on <= day]
    return (same or before[-1:] or list(topics))[0]
