"""Who is told of what: offers, places given, what was called off or moved, what is tomorrow; each once, and who agreed alone."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from hege.members.actions import set_consents
from hege.members.rules import ConsentKind
from hege.outbox.actions import set_gateway
from hege.outbox.models import Message
from hege.outbox.rules import CONSOLE, Channel, Event
from hege.programme.activities import actions
from hege.programme.activities.rules import SignupState
from hege.programme.seasons.actions import Rescheduled
from hege.trail.models import TrailLine
from tests.cast import first_broken
from tests.programme.activities.evening import BEFORE, END, START, Evening, at

S, DAY = SignupState, dt.timedelta(days=1)


@pytest.fixture
def told(evening: Evening) -> Evening:
    """The same evening in a street that sends SMS."""
    said: dict[str, Any] = {"by": evening.cast.administrator, "at": BEFORE}
    set_gateway(evening.street, channel=Channel.SMS, address=CONSOLE, **said)
    return evening


def messages(evening: Evening, event: Event) -> list[int]:
    """Whom of the members an event was told to, each as often as that is."""
    numbers = {member.public_id: n for n, member in enumerate(evening.members)}
    rows = Message.objects.filter(street=evening.street, event=event).order_by("pk")
    assert {row.channel for row in rows} <= {Channel.SMS}
    return [numbers[row.member_of] for row in rows]


def full(evening: Evening) -> None:
    for n, party in ((0, 3), (1, 2), (2, 2), (3, 2)):
        evening.sign_up(n, party)


def test_who_is_offered_a_place_is_told_until_when_and_where_to_answer(told: Evening):
    full(told)
    actions.cancel_signup(told.signup(1), by=None, at=BEFORE)
    assert messages(told, Event.PLACE_OFFERED) == [2]
    (message,) = Message.objects.filter(event=Event.PLACE_OFFERED)
    assert message.link == f"/m/{told.street.code}/activities/{told.activity.public_id}/"
    assert (message.number, message.said_day) == (told.activity.title, "2025-12-18")
    actions.lapse_offers(told.street, by=None, at=BEFORE + dt.timedelta(hours=12))
    assert messages(told, Event.PLACE_OFFERED) == [2, 3]
    actions.lapse_offers(told.street, by=None, at=BEFORE + dt.timedelta(hours=12))
    assert messages(told, Event.PLACE_OFFERED) == [2, 3]


def test_who_is_asked_again_is_told_again(told: Evening):
    full(told)
    actions.cancel_signup(told.signup(1), by=None, at=BEFORE)
    actions.decline_offer(told.signup(2), by=None, at=BEFORE)
    told.sign_up(2, 2)
    actions.decline_offer(told.signup(3), by=None, at=BEFORE)
    assert messages(told, Event.PLACE_OFFERED) == [2, 3, 2]


def test_who_took_an_offer_or_was_signed_up_by_staff_is_told_of_the_place(told: Evening):
    actions.sign_up(told.activity, member=told.members[0], party=3, by=told.staff, at=BEFORE)
    told.sign_up(1, 2)
    told.sign_up(2, 2)
    assert messages(told, Event.PLACE_CONFIRMED) == [0]
    actions.cancel_signup(told.signup(1), by=None, at=BEFORE)
    actions.take_offer(told.signup(2), by=None, at=BEFORE)
    assert messages(told, Event.PLACE_CONFIRMED) == [0, 2]


def test_who_has_or_awaits_a_place_is_told_that_it_is_called_off(told: Evening):
    full(told)
    actions.cancel_signup(told.signup(0), by=None, at=BEFORE)
    off = actions.call_off(told.activity, reason="下雪", by=told.cast.coordinator, at=BEFORE)
    assert off.reason == "下雪"
    assert messages(told, Event.ACTIVITY_CANCELLED) == [1, 2, 3]
    assert first_broken(told.street) is None


def test_a_move_is_told_and_cuts_offers_that_would_reach_into_the_last_hours(told: Evening):
    full(told)
    actions.cancel_signup(told.signup(1), by=None, at=BEFORE)
    to = Rescheduled(START - dt.timedelta(hours=22), END - dt.timedelta(hours=22), told.activity.where, capacity=8)
    actions.reschedule(told.activity, to=to, reason="讲师有事", by=told.cast.coordinator, at=BEFORE)
    assert messages(told, Event.ACTIVITY_CHANGED) == [0, 2, 3]
    assert told.signup(2).offered_until == to.starts_at - dt.timedelta(hours=3)
    assert told.states()[3] == S.OFFERED
    assert told.now.taken == told.figures().taken == 7
    assert first_broken(told.street) is None


def test_who_has_a_place_is_reminded_once_the_day_before(told: Evening):
    full(told)
    eve = at(6, day=17)
    for _twice in range(2):
        actions.remind_members(told.street, on=(START - DAY).date(), by=None, at=eve)
        actions.remind_members(told.street, on=(START - 2 * DAY).date(), by=None, at=eve)
    assert messages(told, Event.ACTIVITY_SOON) == [0, 1]


def test_who_did_not_agree_is_told_nothing_and_neither_is_anybody_without_a_gateway(evening: Evening, told: Evening):
    set_consents(told.members[2], consents=dict.fromkeys(ConsentKind, False), by=None, at=BEFORE)
    full(told)
    actions.cancel_signup(told.signup(1), by=None, at=BEFORE)
    assert told.states()[2] == S.OFFERED
    assert messages(told, Event.PLACE_OFFERED) == []


def test_without_a_gateway_nothing_is_written(evening: Evening):
    full(evening)
    actions.cancel_signup(evening.signup(1), by=None, at=BEFORE)
    assert Message.objects.filter(event=Event.PLACE_OFFERED).count() == 0


def test_the_trail_names_numbers_and_nobody(told: Evening):
    full(told)
    actions.excuse(told.signup(1), reason="来电话", by=told.staff, at=BEFORE)
    told.check_in(0, when=at(18, 50))
    said = str(list(TrailLine.objects.values_list("data", flat=True)))
    assert not any(member.called in said or member.phone in said for member in told.members)
