"""Planning a season and its activities, publishing, moving and calling off; each asks its rule and stands on the trail."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from hege.kernel.checks import check_line, check_same_street
from hege.kernel.clock import day_of
from hege.kernel.database import atomic
from hege.kernel.mutability import lock
from hege.kernel.refused import Refused, RefusedAll, Stale, refusal_of
from hege.people.models import Street, User
from hege.people.queries import locked_street
from hege.programme.alliance.models import AllianceUnit, Station
from hege.programme.seasons.models import Activity, ActivityStep, Season, Topic
from hege.programme.seasons.queries import ActivityCopy, Year, year_copied
from hege.programme.seasons.rules import (
    LONGEST_REASON,
    LONGEST_WHERE,
    ActivityDraft,
    ActivityState,
    Board,
    SeasonDraft,
    check_activity,
    check_amend,
    check_cancel,
    check_capacity,
    check_money,
    check_publish,
    check_reschedule,
    check_season,
    check_signup,
    check_station,
    check_still_within,
    check_times,
    check_unit,
)
from hege.trail import actions as trail


def _lock_activity(activity: Activity, version: int | None) -> Activity:
    locked = lock(activity)
    if version is not None and version != locked.version:
        raise Stale(_("这项活动刚被别人改动，请刷新后再办。"))
    return locked


@atomic
def plan_season(street: Street, *, draft: SeasonDraft, by: User | None, at: dt.datetime) -> Season:
    """Plan a season with its topics (排一季). ``Refused`` where another season of the street has one of its days."""
    locked_street(street.pk)  # so that no two seasons get one day
    taken = Season.objects.filter(street=street).values_list("from_on", "until_on", "name")
    check_season(draft, list(taken))
    season = Season.objects.create(
        street=street, name=draft.name.strip(), slogan=draft.slogan.strip(), from_on=draft.from_on,
        until_on=draft.until_on, budget_fen=draft.budget_fen,
    )  # fmt: skip
    for topic in draft.topics:
        Topic.objects.create(
            street=street, season=season, number=topic.number, month_on=topic.month_on, name=topic.name.strip()
        )
    trail.record(
        "plan_season", season, by=by, at=at, name=season.name, from_on=season.from_on, until_on=season.until_on,
        budget_fen=season.budget_fen, topics=len(draft.topics),
    )  # fmt: skip
    return season


@atomic
def amend_season(
    season: Season, *, draft: SeasonDraft, version: int | None = None, by: User | None, at: dt.datetime
) -> Season:
    """Change a season (改一季): name, slogan, days, budget, and what its topics are called.

    ``Refused`` where an activity would lie outside, and where a topic that has activities is left out.
    """
    street = locked_street(season.street_id)
    locked = lock(season)
    if version is not None and version != locked.version:
        raise Stale(_("这一季刚被别人改动，请刷新后再办。"))
    others = Season.objects.filter(street=street).exclude(pk=locked.pk)
    check_season(draft, list(others.values_list("from_on", "until_on", "name")))
    alive = Activity.objects.filter(street=street, season=locked).exclude(state=ActivityState.CANCELLED)
    check_still_within(draft, list(alive.values_list("title", "starts_at")))
    renamed = _amend_topics(locked, draft, by=by, at=at)
    wanted = {
        "name": draft.name.strip(), "slogan": draft.slogan.strip(), "from_on": draft.from_on,
        "until_on": draft.until_on, "budget_fen": draft.budget_fen,
    }  # fmt: skip
    if renamed or any(getattr(locked, name) != value for name, value in wanted.items()):
        trail.amend("amend_season", locked, {**wanted, "version": locked.version + 1}, by=by, at=at)
    return locked


def _amend_topics(season: Season, draft: SeasonDraft, *, by: User | None, at: dt.datetime) -> bool:
    """Call the topics as the draft does, by month; a topic keeps its number. Answers whether any is otherwise now."""
    kept = {topic.month_on: topic for topic in season.topics.select_for_update().filter(street=season.street_id)}
    wanted = {topic.month_on: topic for topic in draft.topics}
    gone = [topic.name for month_on, topic in kept.items() if month_on not in wanted]
    if gone:
        raise Refused(_("专题“%(name)s”不能去掉，可以改名。"), name=gone[0], field="topics")
    changed = False
    for month_on, topic in wanted.items():
        row = kept.get(month_on) or Topic(street=season.street, season=season, month_on=month_on, number=topic.number)
        was, row.name = row.name, topic.name.strip()
        if was != row.name:
            row.save()
            trail.record("amend_topic", row, by=by, at=at, month_on=month_on, name=row.name, before=was)
            changed = True
    return changed


@atomic
def plan_activity(
    topic: Topic,
    *,
    draft: ActivityDraft,
    unit: AllianceUnit | None = None,
    station: Station | None = None,
    by: User | None,
    at: dt.datetime,
) -> Activity:
    """Put an activity under a topic (排活动); nobody outside the office sees it before another has published it."""
    season = topic.season
    check_same_street(topic.street_id, season, unit, station)
    _check(draft, season, unit, station)
    activity = Activity.objects.create(
        street=topic.street, season=season, topic=topic, unit=unit, station=station, planned_by=by, **_columns(draft)
    )
    trail.record(
        "plan_activity", activity, by=by, at=at, title=activity.title, board=activity.board,
        starts_at=activity.starts_at, capacity=activity.capacity, budget_fen=activity.budget_fen, unit=activity.unit_id,
    )  # fmt: skip
    return activity


def _check(draft: ActivityDraft, season: Season, unit: AllianceUnit | None, station: Station | None) -> None:
    """What is said, and whether unit and station will be there; every fault at once."""
    refusals: list[Refused] = []
    try:
        check_activity(draft, season=_days_of(season))
    except RefusedAll as refused:
        refusals += refused.refusals
    if unit is not None:
        days = {"from_on": unit.from_on, "until_on": unit.until_on, "day": day_of(draft.starts_at)}
        refusals += filter(None, [refusal_of(check_unit, **days)])
    if station is not None:
        refusals += filter(None, [refusal_of(check_station, closed=station.closed_at is not None)])
    if refusals:
        raise RefusedAll(refusals)


def _days_of(season: Season) -> SeasonDraft:
    return SeasonDraft(name=season.name, from_on=season.from_on, until_on=season.until_on)


def _columns(draft: ActivityDraft) -> dict[str, Any]:
    """The columns that a draft fills."""
    signs_up = draft.capacity is not None
    return {
        "title": draft.title.strip(), "words": draft.words.strip(), "board": draft.board, "where": draft.where.strip(),
        "starts_at": draft.starts_at, "ends_at": draft.ends_at, "capacity": draft.capacity,
        "party_max": draft.party_max if signs_up else 1,
        "signup_opens_at": draft.signup_opens_at if signs_up else None,
        "signup_closes_at": draft.signup_closes_at if signs_up else None,
        "waiting_list": draft.waiting_list and signs_up, "budget_fen": draft.budget_fen,
        "festival": draft.festival or "",
    }  # fmt: skip


@atomic
def publish_activity(activity: Activity, *, version: int | None = None, by: User | None, at: dt.datetime) -> Activity:
    """Publish an activity (发布): from now on it is on the menu, and people may sign up. Never by who planned it."""
    locked = _lock_activity(activity, version)
    check_publish(
        ActivityState(locked.state), planned_by=locked.planned_by_id, by=by.pk if by else None,
        has_unit=locked.unit_id is not None, starts_at=locked.starts_at, at=at,
    )  # fmt: skip
    locked.state, locked.published_by, locked.published_at = ActivityState.PUBLISHED, by, at
    locked.version += 1
    locked.save(update_fields=["state", "published_by", "published_at", "version"])
    _step(locked, at=at)
    trail.record("publish_activity", locked, by=by, at=at, title=locked.title, starts_at=locked.starts_at)
    return locked


def _step(activity: Activity, *, at: dt.datetime) -> None:
    """Keep how an activity stands from now on, so that any day can be told afterwards."""
    ActivityStep.objects.create(
        street=activity.street, activity=activity, state=activity.state, capacity=activity.capacity, at=at
    )


@atomic
def cancel_activity(
    activity: Activity, *, reason: str, version: int | None = None, by: User | None, at: dt.datetime
) -> Activity:
    """Call an activity off (取消), with the reason that the public reads."""
    said = check_line(reason, _("请写明为什么取消，报名的人会看到。"), name="reason", most=LONGEST_REASON)
    locked = _lock_activity(activity, version)
    check_cancel(ActivityState(locked.state), ends_at=locked.ends_at, at=at)
    was = locked.state
    locked.state, locked.reason = ActivityState.CANCELLED, said
    locked.ics_sequence, locked.version = locked.ics_sequence + 1, locked.version + 1
    locked.save(update_fields=["state", "reason", "ics_sequence", "version"])
    if locked.published_at is not None:
        _step(locked, at=at)
    trail.record("cancel_activity", locked, by=by, at=at, title=locked.title, was=was, reason=said)
    return locked


@atomic
def amend_activity(
    activity: Activity,
    *,
    draft: ActivityDraft,
    topic: Topic | None = None,
    unit: AllianceUnit | None = None,
    station: Station | None = None,
    version: int | None = None,
    by: User | None,
    at: dt.datetime,
) -> Activity:
    """Change an activity that is not published yet (改活动), and put it under another topic where one is given.

    Who changed it last counts as who planned it.
    """
    locked = _lock_activity(activity, version)
    check_amend(ActivityState(locked.state))
    under = topic or locked.topic
    check_same_street(locked.street_id, under, unit, station)
    _check(draft, under.season, unit, station)
    wanted = {**_columns(draft), "topic": under, "season": under.season, "unit": unit, "station": station}
    if any(getattr(locked, name) != value for name, value in wanted.items()):
        later = {**wanted, "planned_by": by, "version": locked.version + 1}
        trail.amend("amend_activity", locked, later, by=by, at=at)
    return locked


@dataclass(frozen=True, slots=True)
class Rescheduled:
    """When, where and for how many a published activity is from now on."""

    starts_at: dt.datetime
    ends_at: dt.datetime
    where: str
    station: Station | None = None
    capacity: int | None = None
    signup_closes_at: dt.datetime | None = None


@atomic
def reschedule_activity(
    activity: Activity, *, to: Rescheduled, reason: str, version: int | None = None, by: User | None, at: dt.datetime
) -> Activity:
    """Move a published activity (改期): time, place or number of places, with the reason; who does it answers for it.

    Nobody who has a place loses it. Calendars that have the activity take the new hour over.
    """
    said = check_line(reason, _("请写明为什么改，报名的人会看到。"), name="reason", most=LONGEST_REASON)
    locked = _lock_activity(activity, version)
    check_reschedule(
        ActivityState(locked.state), planned_by=locked.planned_by_id, by=by.pk if by else None,
        ends_at=locked.ends_at, at=at,
    )  # fmt: skip
    check_times(to.starts_at, to.ends_at)
    if to.starts_at <= at:
        raise Refused(_("新的开始时间已经过了。"), field="starts_at")
    check_capacity(to.capacity, party_max=locked.party_max, taken=locked.taken)
    check_signup(locked.signup_opens_at, to.signup_closes_at, starts_at=to.starts_at)
    check_same_street(locked.street_id, to.station)
    if to.station is not None:
        check_station(closed=to.station.closed_at is not None)
    wanted = {
        "starts_at": to.starts_at, "ends_at": to.ends_at, "capacity": to.capacity, "station": to.station,
        "where": check_line(to.where, _("请写明在哪里。"), name="where", most=LONGEST_WHERE),
        "signup_closes_at": to.signup_closes_at if to.capacity is not None else None,
    }  # fmt: skip
    before = {name: getattr(locked, name) for name, value in wanted.items() if getattr(locked, name) != value}
    if not before:
        raise Refused(_("时间、地点、名额都没有变。"), field="starts_at")
    for name, value in wanted.items():
        setattr(locked, name, value)
    locked.published_by, locked.version = by, locked.version + 1
    locked.ics_sequence += 1
    locked.save(update_fields=[*wanted, "published_by", "version", "ics_sequence"])
    _step(locked, at=at)
    after = {name: wanted[name] for name in before}
    trail.record("reschedule_activity", locked, by=by, at=at, reason=said, before=before, after=after)
    return locked


@atomic
def record_spending(
    activity: Activity, *, spent_fen: int, version: int | None = None, by: User | None, at: dt.datetime
) -> Activity:
    """Say what an activity has cost so far, in fen (记花费): it replaces what was said before."""
    check_money(spent_fen, field="spent_fen")
    locked = _lock_activity(activity, version)
    trail.amend("record_spending", locked, {"spent_fen": spent_fen, "version": locked.version + 1}, by=by, at=at)
    return locked


@atomic
def copy_year(
    street: Street, *, year: Year, chosen: Collection[str], digest: str = "", by: User | None, at: dt.datetime
) -> list[Activity]:
    """Plan next year as this one was (照去年排): its seasons, where there are none yet, and the ``chosen`` activities.

    ``chosen`` are public ids of last year's, ``digest`` that of the preview; ``Stale`` if it would come out otherwise
    now. Everything waits for another person to publish it; nobody has signed up and nothing is spent.
    """
    locked_street(street.pk)
    plan = year_copied(street, year)
    if digest and digest != plan.digest:
        raise Stale(_("全年计划刚被别人改动，请刷新后再看一遍。"))
    wanted = [one for one in plan.activities if one.source.public_id in chosen and one.can]
    if not wanted and all(one.there for one in plan.seasons):
        raise Refused(_("没有要照排的：请至少勾选一项活动。"), field="chosen")
    topics: dict[tuple[int, dt.date], Topic] = {}
    for season in plan.seasons:
        row = season.there or plan_season(street, draft=season.draft, by=by, at=at)
        topics |= {(season.source.pk, topic.month_on): topic for topic in row.topics.filter(street=street)}
    made = []
    for one in wanted:
        assert one.season is not None and one.topic is not None  # noqa: PT018  # both or none
        topic = topics[one.season.source.pk, one.topic.month_on]
        topic.street = street
        made.append(plan_activity(topic, draft=_draft_again(one), unit=one.unit, station=one.station, by=by, at=at))
    return made


def _draft_again(one: ActivityCopy) -> ActivityDraft:
    source = one.source
    starts_at, ends_at = one.shifted(source.starts_at), one.shifted(source.ends_at)
    assert starts_at is not None
    assert ends_at is not None
    return ActivityDraft(
        title=source.title, board=Board(source.board), starts_at=starts_at, ends_at=ends_at, where=source.where,
        words=source.words, capacity=source.capacity, party_max=source.party_max,
        signup_opens_at=one.shifted(source.signup_opens_at), signup_closes_at=one.shifted(source.signup_closes_at),
        waiting_list=source.waiting_list, budget_fen=source.budget_fen, festival=one.festival,
    )  # fmt: skip
