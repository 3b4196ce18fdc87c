"""Seasons, topics and activities of a street's programme (全年计划)."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import F, Q

from hege.kernel.ids import public_id
from hege.kernel.mutability import AppendOnly, Mutable
from hege.people.models import OfStreet, User
from hege.programme.alliance.models import AllianceUnit, Station
from hege.programme.seasons.rules import ActivityState, Board


class Season(OfStreet, Mutable):
    """A season of the programme (季), half-open: ``until_on`` is the first day after it. Money is fen."""

    public_id = models.CharField(max_length=12, default=public_id)
    name = models.CharField(max_length=20)
    slogan = models.CharField(max_length=60, blank=True)
    from_on = models.DateField()
    until_on = models.DateField()
    budget_fen = models.PositiveBigIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["street", "public_id"], name="season_public_id_unique"),
            models.UniqueConstraint(fields=["street", "from_on"], name="season_start_unique"),
            models.CheckConstraint(condition=Q(until_on__gt=F("from_on")), name="season_days"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def last_on(self) -> dt.date:
        """Its last day."""
        return self.until_on - dt.timedelta(days=1)


class Topic(OfStreet, Mutable):
    """What a month of a season is about (专题); ``month_on`` is the month's first day."""

    season = models.ForeignKey(Season, on_delete=models.PROTECT, related_name="topics")
    number = models.PositiveSmallIntegerField()
    month_on = models.DateField()
    name = models.CharField(max_length=20)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["street", "season", "number"], name="topic_number_unique"),
            models.UniqueConstraint(fields=["street", "season", "month_on"], name="topic_month_unique"),
            models.CheckConstraint(condition=Q(number__gte=1, number__lte=12), name="topic_of_twelve"),
        ]

    def __str__(self) -> str:
        return self.name


class Activity(OfStreet, Mutable):
    """Something riders are asked to (活动). Instants are UTC, money is fen.

    ``unit`` None: nobody is in charge yet (缺单位). ``where`` is what people are told, ``station`` where that is one.
    ``capacity`` None: nobody signs up. ``taken`` counts places that are held or taken, changed by sign-ups alone.
    ``planned_by`` is who wrote it last, ``published_by`` who answers for what the public reads: never the same.
    ``festival`` is the code of the term or festival it hangs on (``almanac``); a copy for another year moves by it.
    """

    public_id = models.CharField(max_length=12, default=public_id)
    season = models.ForeignKey(Season, on_delete=models.PROTECT, related_name="activities")
    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="activities")
    title = models.CharField(max_length=40)
    words = models.TextField(blank=True)
    board = models.CharField(max_length=16, choices=Board.choices)
    unit = models.ForeignKey(AllianceUnit, null=True, blank=True, on_delete=models.PROTECT, related_name="activities")
    station = models.ForeignKey(Station, null=True, blank=True, on_delete=models.PROTECT, related_name="activities")
    where = models.CharField(max_length=60)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    capacity = models.PositiveIntegerField(null=True, blank=True)
    taken = models.PositiveIntegerField(default=0)
    party_max = models.PositiveSmallIntegerField(default=1)
    signup_opens_at = models.DateTimeField(null=True, blank=True)
    signup_closes_at = models.DateTimeField(null=True, blank=True)
    waiting_list = models.BooleanField(default=True)
    budget_fen = models.PositiveBigIntegerField(default=0)
    spent_fen = models.PositiveBigIntegerField(default=0)
    festival = models.CharField(max_length=16, blank=True)
    state = models.CharField(max_length=10, choices=ActivityState.choices, default=ActivityState.PLANNED)
    planned_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    published_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=200, blank=True, help_text="Why it was cancelled.")
    ics_sequence = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["street", "public_id"], name="activity_public_id_unique"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="activity_times"),
            models.CheckConstraint(
                condition=Q(capacity__isnull=True, taken=0) | Q(capacity__isnull=False, taken__lte=F("capacity")),
                name="activity_not_overfull",
            ),
            models.CheckConstraint(
                condition=Q(published_by__isnull=True) | Q(planned_by__isnull=True) | ~Q(published_by=F("planned_by")),
                name="activity_by_another",
            ),
            models.CheckConstraint(
                condition=~Q(state="published") | Q(published_at__isnull=False), name="activity_published_at"
            ),
        ]
        indexes = [models.Index(fields=["street", "state", "starts_at"], name="activity_state_start")]

    def __str__(self) -> str:
        return self.title


class ActivityStep(OfStreet, AppendOnly):
    """How an activity stood from an instant on (活动经过): one row for its publication and for each change after it."""

    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="steps")
    state = models.CharField(max_length=10, choices=ActivityState.choices)
    capacity = models.PositiveIntegerField(null=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["street", "activity", "id"], name="activity_step_latest")]
