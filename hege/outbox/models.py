"""Messages, the gateways they leave by, and how each person wants to be told."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import Q

from hege.kernel import ids
from hege.kernel.mutability import Mutable
from hege.outbox.rules import UNSETTLED, Channel, Event, MessageState
from hege.people.models import OfStreet, User


class Gateway(OfStreet, Mutable):
    """By what a street's messages leave on a channel (发送通道): one a channel.

    ``sealed`` is its address and secret (``outbox.sealing``). Limits as data: bytes of one text, messages a minute and a
    month; empty: none.
    """

    channel = models.CharField(max_length=10, choices=Channel.choices)
    host = models.CharField(max_length=120, help_text="What of the address may be shown.")
    sealed = models.TextField()
    most_bytes = models.PositiveIntegerField(null=True, blank=True)
    a_minute = models.PositiveIntegerField(null=True, blank=True)
    a_month = models.PositiveIntegerField(null=True, blank=True)
    on = models.BooleanField(default=True)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["street", "channel"], name="gateway_channel_unique")]


class Wish(Mutable):
    """How a person wants to be told beside the bell (提醒方式): by which channels, where, and when not.

    ``phone`` is where SMS go, and whom a robot calls in its group. Belongs to the person, in whatever streets.
    """

    unwatched = "says how somebody wants to be told; gives nobody a right"

    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="+")
    channels = models.JSONField(default=list)
    mail = models.CharField(max_length=120, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_until = models.TimeField(null=True, blank=True)
    at = models.DateTimeField()

    @property
    def quiet(self) -> tuple[dt.time, dt.time] | None:
        """The hours in which nothing is sent, if any."""
        if self.quiet_from is None or self.quiet_until is None:
            return None
        return self.quiet_from, self.quiet_until


class Message(OfStreet, Mutable):
    """One thing told to one addressee by one channel (消息). It holds number, step and link; no name, no address.

    To a ``user``, or to who made the report ``reporter_of``, or to the member ``member_of`` (or, for a code, to who asked
    for that): of these the row knows a public id and nothing else. ``key`` is what a
    gateway is given to know a message by that comes twice; ``unsure``: an earlier try may have arrived.
    """

    unwatched = "says what was told and how far it came; the act it tells of is on the trail"

    public_id = models.CharField(max_length=12, default=ids.public_id)
    event = models.CharField(max_length=20, choices=Event.choices)
    about = models.CharField(max_length=60)
    about_id = models.CharField(max_length=40)
    number = models.CharField(max_length=60, blank=True)
    said_day = models.CharField(
        max_length=10, blank=True, help_text="The day as the message names it; decides nothing."
    )
    link = models.CharField(max_length=200, blank=True)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reporter_of = models.CharField(max_length=40, blank=True)
    member_of = models.CharField(max_length=12, blank=True, default="")
    round = models.CharField(max_length=20, blank=True, help_text="Tells apart what is told again and again.")
    state = models.CharField(max_length=14, choices=MessageState.choices, default=MessageState.WAITING)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    holder = models.CharField(max_length=60, blank=True)
    tried_at = models.DateTimeField(null=True, blank=True)
    unsure = models.BooleanField(default=False)
    key = models.CharField(max_length=12, default=ids.public_id)
    answer = models.CharField(max_length=40, blank=True)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["street", "public_id"], name="message_public_id_unique"),
            models.UniqueConstraint(
                fields=["street", "event", "about", "about_id", "round", "channel", "user"],
                condition=Q(user__isnull=False),
                name="message_once_for_user",
            ),
            models.UniqueConstraint(
                fields=["street", "event", "about", "about_id", "round", "channel", "reporter_of"],
                condition=~Q(reporter_of=""),
                name="message_once_for_reporter",
            ),
            models.UniqueConstraint(
                fields=["street", "event", "about", "about_id", "round", "channel", "member_of"],
                condition=~Q(member_of=""),
                name="message_once_for_member",
            ),
            models.CheckConstraint(
                condition=Q(user__isnull=False, reporter_of="", member_of="")
                | (Q(user__isnull=True, member_of="") & ~Q(reporter_of=""))
                | (Q(user__isnull=True, reporter_of="") & ~Q(member_of="")),
                name="message_has_one_addressee",
            ),
        ]
        indexes = [
            models.Index(fields=["next_at", "id"], condition=Q(state__in=sorted(UNSETTLED)), name="message_due"),
            models.Index(
                fields=["street", "number", "channel"], condition=Q(state__in=sorted(UNSETTLED)), name="message_order"
            ),
            models.Index(fields=["street", "number"], name="message_number"),
            models.Index(
                fields=["user", "street"], condition=Q(channel="bell", read_at__isnull=True), name="message_unread"
            ),
            models.Index(fields=["street", "user", "channel", "id"], name="message_of_user"),
            models.Index(fields=["street", "channel", "tried_at"], name="message_tried"),
            models.Index(fields=["street", "state"], condition=Q(state="dead"), name="message_dead"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.event} {self.channel}"

    @property
    def day(self) -> dt.date | None:
        """The day it speaks of, if any."""
        return dt.date.fromisoformat(self.said_day) if self.said_day else None

    @property
    def href(self) -> str:
        """The link as somebody outside can open it."""
        return settings.SITE + self.link if self.link else ""
