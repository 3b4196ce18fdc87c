"""Reads over messages: what is due, what one has not looked at, what did not arrive."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cache, reduce
from operator import or_
from typing import Any, NamedTuple

from django.db.models import Case, Count, Exists, F, Max, Min, OuterRef, Q, QuerySet, When
from django.db.models.functions import Concat

from hege.kernel.clock import SHANGHAI
from hege.kernel.prepared import prepared
from hege.outbox.models import Gateway, Message, Wish
from hege.outbox.rules import CONSOLE, OUTSIDE, UNSETTLED, Channel, MessageState, Telling, Waiting
from hege.people.models import Street, User
from hege.people.queries import streets_of


def due(at: dt.datetime) -> QuerySet[Message]:
    """What may be sent at an instant: its time has come, or who began it is thought dead; nothing of the same matter to
    the same addressee by the same channel is before it."""
    same = Q(user=OuterRef("user")) | Q(
        user__isnull=True, reporter_of=OuterRef("reporter_of"), member_of=OuterRef("member_of")
    )
    before = Message.objects.filter(
        same, street=OuterRef("street"), number=OuterRef("number"), channel=OuterRef("channel"), pk__lt=OuterRef("pk"),
        state__in=UNSETTLED,
    )  # fmt: skip
    now = Q(state=MessageState.WAITING, next_at__lte=at) | Q(state=MessageState.SENDING, leased_until__lte=at)
    return Message.objects.filter(now, ~Exists(before))


def gateways_of(street: Street) -> QuerySet[Gateway]:
    """The gateways of a street, by channel."""
    return Gateway.objects.filter(street=street).select_related("street__trail_head").order_by("channel")


def the_gateway(street: Street, channel: str) -> Gateway | None:
    """A street's gateway of a channel."""
    return gateways_of(street).filter(channel=channel).first()


class Full(NamedTuple):
    """A gateway that may send nothing more for now."""

    street_id: int
    channel: str


def full_gateways(at: dt.datetime) -> list[Full]:
    """The gateways whose messages of this minute or month are used up, and those that are switched off; three queries."""
    rows = list(Gateway.objects.values_list("street", "channel", "on", "a_minute", "a_month"))
    if not any(not on or a_minute or a_month for _s, _c, on, a_minute, a_month in rows):
        return []
    month = at.astimezone(SHANGHAI).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    minute = sent_since(at - dt.timedelta(minutes=1))
    months = sent_since(month) if any(row[4] for row in rows) else {}
    return [
        Full(street, channel)
        for street, channel, on, a_minute, a_month in rows
        if not on
        or (a_minute and minute.get((street, channel), 0) >= a_minute)
        or (a_month and months.get((street, channel), 0) >= a_month)
    ]


def sent_since(at: dt.datetime) -> dict[tuple[int, str], int]:
    """How many messages each street tried by each channel after an instant."""
    rows = Message.objects.filter(tried_at__gt=at).order_by().values_list("street", "channel").annotate(n=Count("pk"))
    return {(street, channel): n for street, channel, n in rows}


def wishes_of(users: Collection[int]) -> dict[int, Wish]:
    """How each of some people wants to be told; who said nothing is not in it."""
    return {wish.user_id: wish for wish in _wishes([*users])}


@prepared
def _wishes(users: Sequence[int]) -> QuerySet[Wish]:
    return Wish.objects.filter(user__pk__in=users)


def wish_of(user: User) -> Wish | None:
    """How one person wants to be told."""
    return Wish.objects.filter(user=user).first()


def channels_open_to(user: User, *, on: dt.date) -> list[Channel]:
    """By what somebody can be told in the streets where they work; what is only written to the log reaches nobody."""
    there = Gateway.objects.filter(street__in=streets_of(user, on=on).order_by(), on=True).exclude(host=CONSOLE)
    found = set(there.values_list("channel", flat=True))
    return [channel for channel in OUTSIDE if channel in found]


def open_channels(street: Street) -> set[str]:
    """By what a street can send."""
    return set(Gateway.objects.filter(street=street, on=True).values_list("channel", flat=True))


def unread_of(user: User, street: Street) -> QuerySet[Message]:
    """What the bell counts: told, and not looked at."""
    return Message.objects.filter(user=user, street=street, channel=Channel.BELL, read_at__isnull=True)


def still_unread(street: Street, telling: Telling) -> set[int]:
    """Who was told the like of the same thing before, and has not looked at it: they need not be told once more."""
    rows = Message.objects.filter(
        street=street, event=telling.event, about=telling.about[0], about_id=str(telling.about[1]), user__in=telling.to,
        channel=Channel.BELL, read_at__isnull=True,
    )  # fmt: skip
    return set(rows.values_list("user", flat=True))


def messages_of(user: User, street: Street) -> QuerySet[Message]:
    """What somebody was told in a street, the newest first."""
    rows = Message.objects.filter(user=user, street=street, channel=Channel.BELL)
    return rows.order_by("-pk")


#: What holds together what somebody was told: the number of the matter (agreements are numbered as cases are); what has
#: none, or counts several, by its event.
_MATTER = Case(
    When(Q(number="") | Q(about="people.street"), then=F("event")),
    When(about__startswith="mediation.", then=Concat("about", "number")),
    default=F("number"),
)


def matters_of(user: User, street: Street) -> QuerySet[Any, Any]:
    """The matters somebody was told of in a street (按事合并), that of the newest message first: each with how many, and
    how many of them they have not looked at."""
    rows = messages_of(user, street).order_by().annotate(matter=_MATTER).values("matter")
    counted = rows.annotate(newest=Max("pk"), n=Count("pk"), unread=Count("pk", filter=Q(read_at__isnull=True)))
    return counted.order_by("-newest")


def told_of(user: User, street: Street, matters: Collection[str]) -> dict[str, list[Message]]:
    """What somebody was told of some matters, by the matter, the newest first; one query."""
    found: dict[str, list[Message]] = {matter: [] for matter in matters}
    for row in messages_of(user, street).annotate(matter=_MATTER).filter(matter__in=list(matters)):
        found[row.matter].append(row)
    return found


def the_message(user: User, street: Street, public_id: str) -> Message | None:
    """One thing somebody was told."""
    return messages_of(user, street).filter(public_id=public_id).first()


def told_about(street: Street, number: str, *things: str, most: int) -> list[Message]:
    """What users were told of things of some tables under a number, the newest first; one query. Nothing of reporters."""
    return _told(most)(street, number, list(things))


@cache
def _told(most: int) -> Callable[[Street, str, list[str]], list[Message]]:
    @prepared
    def told(street: Street, number: str, things: list[str]) -> QuerySet[Message]:
        rows = Message.objects.filter(street=street, number=number, about__in=things, user__isnull=False)
        return rows.select_related("user").order_by("-pk")[:most]

    return told


def not_arrived(street: Street) -> QuerySet[Message]:
    """What was tried in vain (没送到), the oldest first."""
    return Message.objects.filter(street=street, state=MessageState.DEAD).select_related("user").order_by("pk")


def told_before(at: dt.datetime) -> QuerySet[Message]:
    """What was told before an instant, read or not, but what still waits and what nobody has decided about."""
    return Message.objects.filter(at__lt=at).exclude(state__in=[*UNSETTLED, MessageState.DEAD])


def the_sent(street: Street, public_id: str) -> Message | None:
    """A message by its public id, among those that left the house or should have."""
    rows = Message.objects.filter(street=street, public_id=public_id, channel__in=OUTSIDE)
    return rows.select_related("street__trail_head", "user").first()


class Counts(NamedTuple):
    """How a street's messages by one channel stand."""

    waiting: int
    arrived: int
    twice: int
    written: int
    dead: int


def counts_of(street: Street, *, since: dt.datetime) -> dict[str, Counts]:
    """How the messages since an instant stand, by channel; one query."""

    def n(*states: MessageState) -> Count:
        return Count("pk", filter=Q(state__in=states))

    rows = Message.objects.filter(street=street, at__gte=since, channel__in=OUTSIDE).order_by().values_list("channel")
    counted = rows.annotate(
        w=n(*UNSETTLED), a=n(MessageState.DELIVERED), t=n(MessageState.PERHAPS_TWICE), l=n(MessageState.WRITTEN),
        d=n(MessageState.DEAD),
    )  # fmt: skip
    return {channel: Counts(*rest) for channel, *rest in counted}


def waiting(at: dt.datetime, streets: Iterable[Street]) -> Waiting:
    """How old the outbox is at an instant: what should have been sent by then and was not; one query, or three.

    What waits for a gateway that is switched off is not late, nor what waits for the next minute or month.
    """
    rows = Message.objects.filter(street__in=streets, state__in=[*UNSETTLED, MessageState.DEAD])
    dead = Count("pk", filter=Q(state=MessageState.DEAD))
    late = Q(state__in=UNSETTLED, next_at__lte=at)
    found = Waiting(**rows.aggregate(since=Min("next_at", filter=late), dead=dead))
    full = [Q(street=street, channel=channel) for street, channel in full_gateways(at)] if found.since else []
    if not full:
        return found
    return Waiting(**rows.aggregate(since=Min("next_at", filter=late & ~reduce(or_, full)), dead=dead))
