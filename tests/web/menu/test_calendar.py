"""Activities as telephones take them (RFC 5545), read back by the library and looked at line by line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
import time_machine
from django.db import models
from django.test import Client
from icalendar import Calendar, Event

from hege.places.actions import add_place
from hege.places.models import PlaceLevel
from hege.programme.alliance.actions import open_station
from hege.programme.seasons.actions import Rescheduled, cancel_activity, reschedule_activity
from hege.programme.seasons.models import Activity
from tests.cast import Cast
from tests.programme.seasons.year import AT, DAY, at, published, winter

pytestmark = pytest.mark.django_db
NOW = at(2025, 12, 1, 9)
HOSTILE = 'BEGIN:VEVENT; a, b\\n "引号" 冬' + "长" * 20


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def activity(cast: Cast) -> Activity:
    season = winter(cast.street, by=cast.clerk)
    return published(season, by=cast.clerk, and_by=cast.coordinator, words="带上自己的车。\n当场看刹车。")


def events(client: Client, address: str) -> list[Event]:
    answer = client.get(address)
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    return list(Calendar.from_ical(answer.content).events)


def season_of(activity: Activity) -> str:
    return f"/menu/{activity.street.code}/calendar.ics"


def own(activity: Activity) -> str:
    return f"/menu/{activity.street.code}/{activity.public_id}/calendar.ics"


def test_an_activity_is_told_in_utc_by_an_id_that_stays(client: Client, activity: Activity):
    (event,) = events(client, own(activity))
    lines = client.get(own(activity)).content.decode().split("\r\n")
    assert "DTSTART:20251218T110000Z" in lines
    assert "DTEND:20251218T123000Z" in lines
    assert event["UID"] == f"{activity.public_id}.{activity.street.code}@hege"
    assert (event["SEQUENCE"], event["STATUS"]) == (0, "CONFIRMED")
    assert event["SUMMARY"] == "冬天骑车怎么不摔"
    assert "当场看刹车。" in str(event["DESCRIPTION"])
    assert f"/menu/{activity.street.code}/{activity.public_id}/" in str(event["URL"])


def test_both_calendars_are_whole_by_the_standard(client: Client, activity: Activity):
    for address in (season_of(activity), own(activity)):
        body = client.get(address).content
        lines = body.decode().split("\r\n")
        assert lines[:2] == ["BEGIN:VCALENDAR", "VERSION:2.0"]
        assert lines[-2:] == ["END:VCALENDAR", ""]
        assert "METHOD:PUBLISH" in lines
        assert max(len(line.encode()) for line in lines) <= 75
        assert len([line for line in lines if line.startswith("UID:")]) == 2  # the calendar's own, and the event's
        assert client.get(address).content == body  # asked again it is the same


def test_a_change_raises_the_sequence_and_keeps_the_id(client: Client, cast: Cast, activity: Activity):
    before = events(client, own(activity))[0]["UID"]
    to = Rescheduled(at(2025, 12, 19, 19), at(2025, 12, 19, 20), activity.where, capacity=30)
    reschedule_activity(activity, to=to, reason="讲师有事", by=cast.coordinator, at=AT)
    (event,) = events(client, season_of(activity))
    assert (event["UID"], event["SEQUENCE"]) == (before, 1)
    assert event.start == at(2025, 12, 19, 19)


def test_what_is_called_off_stays_in_the_calendar_as_cancelled(client: Client, cast: Cast, activity: Activity):
    cancel_activity(activity, reason="大雪", by=cast.coordinator, at=AT)
    for address in (season_of(activity), own(activity)):
        (event,) = events(client, address)
        assert (event["STATUS"], event["SEQUENCE"], event["SUMMARY"]) == ("CANCELLED", 1, "已取消：冬天骑车怎么不摔")
        assert "取消的原因：大雪" in str(event["DESCRIPTION"])


def test_a_station_gives_its_address_and_position(client: Client, cast: Cast, activity: Activity):
    place = add_place(
        cast.street, level=PlaceLevel.STREET, code="310117", name="街道", from_on=DAY, by=None, at=AT
    )  # fmt: skip
    station = open_station(
        cast.street, name="驿站", place=place, address="华强街 288 号", facilities=[], hours={"1": [[0, 1440]]},
        lon_e6=121_233_000, lat_e6=31_238_000, by=cast.clerk, at=AT,
    )  # fmt: skip
    models.QuerySet(Activity).filter(pk=activity.pk).update(station=station)
    (event,) = events(client, own(activity))
    assert event["LOCATION"] == "党群服务中心 2 楼，华强街 288 号"
    assert event["GEO"].to_ical() == "31.238;121.233"


def test_signs_that_mean_something_to_calendars_are_words_alone(client: Client, activity: Activity):
    models.QuerySet(Activity).filter(pk=activity.pk).update(title=HOSTILE[:40], words=f"{HOSTILE}\nEND:VCALENDAR")
    (event,) = events(client, own(activity))
    assert event["SUMMARY"] == HOSTILE[:40]
    assert f"{HOSTILE}\nEND:VCALENDAR" in str(event["DESCRIPTION"])


def test_anybody_may_keep_it_for_a_while_in_whichever_language_they_read(client: Client, activity: Activity):
    client.cookies["hege_language"] = "en"
    answer = client.get(season_of(activity))
    assert answer.headers["Cache-Control"] == "public, max-age=600"
    assert answer.headers["Content-Language"] == "zh-hans"
    assert "四季暖“蜂”行动" in answer.content.decode()


def test_the_calendar_of_a_street_without_activities_is_empty_and_whole(client: Client, cast: Cast):
    answer = client.get(f"/menu/{cast.street.code}/calendar.ics")
    assert answer.status_code == 200
    assert list(Calendar.from_ical(answer.content).events) == []


def test_what_is_over_has_left_the_calendar(client: Client, activity: Activity):
    with time_machine.travel(activity.ends_at - dt.timedelta(seconds=1), tick=False):
        assert len(events(client, season_of(activity))) == 1
    with time_machine.travel(activity.ends_at, tick=False):
        assert events(client, season_of(activity)) == []
