"""Activities as the calendar of a telephone takes them (iCalendar, RFC 5545): UTC, one UID for good, SEQUENCE raised with
each change, CANCELLED where one is called off, so that what somebody has put into theirs follows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal

from django.conf import settings
from django.http import HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from icalendar import Calendar, Event
from icalendar.enums import STATUS

from hege.people.models import Street
from hege.programme.seasons.models import Activity
from hege.programme.seasons.rules import ActivityState, Board
from hege.web.links import in_full, where

PRODUCT = "-//Hege//programme//ZH"
#: How often a calendar that is subscribed to looks again.
LOOK_AGAIN = dt.timedelta(hours=6)


def address_of(activity: Activity) -> str:
    """The page of an activity, as one types it."""
    return in_full(where("menu:activity", activity.street.code, activity.public_id))


def event_of(activity: Activity, *, at: dt.datetime) -> Event:
    """One activity; its street and station have been read with it."""
    off = activity.state == ActivityState.CANCELLED
    station = activity.station
    said = [_("取消的原因：%(why)s") % {"why": activity.reason} if off else "", activity.words, address_of(activity)]
    event = Event.new(
        uid=f"{activity.public_id}.{activity.street.code}@hege",
        sequence=activity.ics_sequence,
        stamp=at.replace(microsecond=0),
        start=activity.starts_at,
        end=activity.ends_at,
        summary=_("已取消：%(title)s") % {"title": activity.title} if off else activity.title,
        description="\n".join(filter(None, said)),
        location=_("，").join(filter(None, [activity.where, station.address if station else ""])),
        categories=[str(Board(activity.board).label)],
        status=STATUS.CANCELLED if off else STATUS.CONFIRMED,
        url=address_of(activity),
    )
    if station is not None and station.lat_e6 is not None and station.lon_e6 is not None:
        event.add("geo", (Decimal(station.lat_e6).scaleb(-6), Decimal(station.lon_e6).scaleb(-6)))
    return event


def calendar_of(activities: Iterable[Activity], *, of: str, name: str, at: dt.datetime) -> bytes:
    """A calendar of some activities, that can be taken once or subscribed to; ``of`` tells it from others for good."""
    body: bytes = Calendar.new(
        uid=f"{of}@hege", prodid=PRODUCT, method="PUBLISH", name=name, refresh_interval=LOOK_AGAIN,
        subcomponents=[event_of(activity, at=at) for activity in activities],
    ).to_ical()  # fmt: skip
    return body


def answer(body: bytes, *, name: str) -> HttpResponse:
    """A calendar as a file that telephones open with theirs; the same in every language, so that anybody may keep it."""
    disposition = content_disposition_header(as_attachment=False, filename=f"{name}.ics") or ""
    headers = {"Content-Disposition": disposition, "Content-Language": settings.LANGUAGE_CODE}
    return HttpResponse(body, content_type="text/calendar; charset=utf-8", headers=headers)


def name_of(street: Street) -> str:
    """What the calendar of a street is called in a telephone."""
    return _("%(street)s四季暖“蜂”行动") % {"street": street.name}
