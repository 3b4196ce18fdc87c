"""A season of a street with its topics, and activities as tests want them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hege.kernel.clock import SHANGHAI, at_noon
from hege.people.models import PartyKind, Street, User
from hege.places.actions import name_party
from hege.programme.alliance.actions import join_alliance
from hege.programme.alliance.models import AllianceUnit, Station
from hege.programme.seasons.actions import plan_activity, plan_season, publish_activity
from hege.programme.seasons.models import Activity, Season
from hege.programme.seasons.rules import ActivityDraft, Board, SeasonDraft, TopicDraft

UNIT = "镇总工会"
DAY = dt.date(2025, 11, 7)
AT = at_noon(DAY)
WINTER = SeasonDraft(
    name="暖冬·感恩季",
    slogan="天冷了，来坐坐",
    from_on=dt.date(2025, 11, 7),
    until_on=dt.date(2026, 2, 4),
    budget_fen=2_000_000,
    topics=(
        TopicDraft(1, dt.date(2025, 11, 1), "感恩启程"),
        TopicDraft(2, dt.date(2025, 12, 1), "暖身暖心"),
        TopicDraft(3, dt.date(2026, 1, 1), "平安返乡"),
    ),
)


def at(year: int, month: int, day: int, hour: int, minute: int = 0) -> dt.datetime:
    """The instant of an hour in Shanghai."""
    return dt.datetime(year, month, day, hour, minute, tzinfo=SHANGHAI).astimezone(dt.UTC)


def winter(street: Street, *, by: User | None) -> Season:
    """The season that most tests stand in."""
    return plan_season(street, draft=WINTER, by=by, at=AT)


SPRING = SeasonDraft(
    name="迎春·启程季",
    from_on=dt.date(2026, 2, 4),
    until_on=dt.date(2026, 5, 5),
    topics=(
        TopicDraft(4, dt.date(2026, 2, 1), "团圆守岁"),
        TopicDraft(5, dt.date(2026, 3, 1), "安全上路"),
        TopicDraft(6, dt.date(2026, 4, 1), "学门手艺"),
    ),
)


def draft(**said: Any) -> ActivityDraft:
    """An activity of 18 December 2025 for thirty, as planned; ``said`` is what is otherwise."""
    usual: dict[str, Any] = {
        "title": "冬天骑车怎么不摔",
        "board": Board.GROWTH,
        "starts_at": at(2025, 12, 18, 19),
        "ends_at": at(2025, 12, 18, 20, 30),
        "where": "党群服务中心 2 楼",
        "capacity": 30,
        "budget_fen": 60_000,
    }
    return ActivityDraft(**usual | said)


def unit_of(street: Street, *, by: User | None) -> AllianceUnit:
    """The unit that is in charge of what tests plan."""
    there = AllianceUnit.objects.filter(street=street, party__name=UNIT).first()
    if there is not None:
        return there
    party = name_party(street, name=UNIT, kind=PartyKind.ORGANISATION)
    return join_alliance(street, party=party, from_on=dt.date(2025, 1, 1), by=by, at=AT)


def planned(
    season: Season, *, by: User | None, number: int = 2, station: Station | None = None, **said: Any
) -> Activity:
    """An activity that waits to be published, a unit in charge."""
    topic = season.topics.get(street=season.street_id, number=number)
    unit = unit_of(season.street, by=by)
    return plan_activity(topic, draft=draft(**said), unit=unit, station=station, by=by, at=AT)


def published(season: Season, *, by: User | None, and_by: User | None, **said: Any) -> Activity:
    """An activity that one has planned and another published."""
    return publish_activity(planned(season, by=by, **said), by=and_by, at=AT)
