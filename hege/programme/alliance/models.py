"""Units of the alliance and what each brings, stations, and what was verified at the gate of an estate."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from hege.cases.models import Report
from hege.kernel.ids import public_id
from hege.kernel.mutability import AppendOnly, Mutable, MutableQuerySet
from hege.kernel.periods import Lasting, LastingQuerySet
from hege.people.models import Acted, OfStreet, Party, User
from hege.places.models import Place
from hege.programme.alliance.rules import GateFactKind, OfferingKind


class AllianceUnit(OfStreet, Lasting):
    """A unit in the alliance (联盟单位), from when until when. ``contact``: whom the office rings there."""

    public_id = models.CharField(max_length=12, default=public_id)
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="alliance_units")
    contact = models.CharField(max_length=200, blank=True)
    ended_reason = models.CharField(max_length=300, blank=True)

    objects: ClassVar[models.Manager[AllianceUnit]] = models.Manager.from_queryset(LastingQuerySet)()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["street", "public_id"], name="alliance_unit_public_id_unique"),
            models.UniqueConstraint(fields=["street", "party", "from_on"], name="alliance_unit_start_unique"),
            models.UniqueConstraint(
                fields=["street", "party"], condition=Q(until_on__isnull=True), name="alliance_unit_one_open"
            ),
            models.CheckConstraint(
                condition=Q(until_on__isnull=True) | Q(until_on__gt=F("from_on")), name="alliance_unit_period"
            ),
        ]

    def __str__(self) -> str:
        return self.party.name


class Offering(OfStreet, Lasting):
    """What a unit brings (带来什么), from when until when; ``amount_fen`` stands where it is money.

    One that the unit's leaving has ended before it began holds on no day: ``until_on`` is its ``from_on``.
    """

    public_id = models.CharField(max_length=12, default=public_id)
    unit = models.ForeignKey(AllianceUnit, on_delete=models.PROTECT, related_name="offerings")
    kind = models.CharField(max_length=10, choices=OfferingKind.choices)
    words = models.CharField(max_length=200)
    amount_fen = models.BigIntegerField(null=True, blank=True)
    ended_reason = models.CharField(max_length=300, blank=True)

    objects: ClassVar[models.Manager[Offering]] = models.Manager.from_queryset(LastingQuerySet)()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["street", "public_id"], name="offering_public_id_unique"),
            models.CheckConstraint(
                condition=Q(until_on__isnull=True) | Q(until_on__gte=F("from_on")), name="offering_period"
            ),
            models.CheckConstraint(
                condition=Q(kind=OfferingKind.MONEY, amount_fen__gt=0)
                | (~Q(kind=OfferingKind.MONEY) & Q(amount_fen__isnull=True)),
                name="offering_amount_is_money",
            ),
        ]
        indexes = [models.Index(fields=["street", "unit"], name="offering_unit")]

    def __str__(self) -> str:
        return self.words


class StationQuerySet(MutableQuerySet["Station"]):
    """Chainable filters over stations."""

    def standing(self) -> StationQuerySet:
        """Those that were not closed for good."""
        return self.filter(closed_at__isnull=True)


class Station(OfStreet, Mutable):
    """A place where riders rest (驿站): what it has (``rules.Facility``), its hours (``rules.Hours``), who looked last.

    ``place`` is the part of the grid it lies in; the position is WGS-84 in millionths of a degree, or unknown.
    """

    public_id = models.CharField(max_length=12, default=public_id)
    name = models.CharField(max_length=60)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="stations")
    address = models.CharField(max_length=200)
    lon_e6 = models.IntegerField(null=True, blank=True)
    lat_e6 = models.IntegerField(null=True, blank=True)
    facilities = models.JSONField(default=list)
    hours = models.JSONField(default=dict)
    unit = models.ForeignKey(AllianceUnit, null=True, blank=True, on_delete=models.PROTECT, related_name="stations")
    opened_at = models.DateTimeField()
    looked_on = models.DateField()
    looked_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_reason = models.CharField(max_length=300, blank=True)

    objects: ClassVar[models.Manager[Station]] = models.Manager.from_queryset(StationQuerySet)()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["street", "public_id"], name="station_public_id_unique"),
            models.UniqueConstraint(
                fields=["street", "name"], condition=Q(closed_at__isnull=True), name="station_name_unique"
            ),
            models.CheckConstraint(
                condition=Q(lon_e6__isnull=True, lat_e6__isnull=True) | Q(lon_e6__isnull=False, lat_e6__isnull=False),
                name="station_position_whole",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | ~Q(closed_reason=""), name="station_closed_for_reason"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class GateFactQuerySet(MutableQuerySet["GateFact"]):
    """Chainable filters over facts."""

    def standing(self) -> GateFactQuerySet:
        """Those that were not taken off the map."""
        return self.filter(ended_at__isnull=True)


class GateFact(OfStreet, Mutable):
    """One thing to know at the gate of an estate (门口图的一条): what, where, from which verified report, seen when.

    ``place`` is the estate. Words and position end at the entrance of a building: nothing leads to a resident.
    """

    public_id = models.CharField(max_length=12, default=public_id)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="gate_facts")
    kind = models.CharField(max_length=16, choices=GateFactKind.choices)
    words = models.CharField(max_length=200)
    lon_e6 = models.IntegerField(null=True, blank=True)
    lat_e6 = models.IntegerField(null=True, blank=True)
    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="+")
    looked_on = models.DateField()
    looked_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    next_look_on = models.DateField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_reason = models.CharField(max_length=300, blank=True)

    objects: ClassVar[models.Manager[GateFact]] = models.Manager.from_queryset(GateFactQuerySet)()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["street", "public_id"], name="gate_fact_public_id_unique"),
            models.CheckConstraint(
                condition=Q(lon_e6__isnull=True, lat_e6__isnull=True) | Q(lon_e6__isnull=False, lat_e6__isnull=False),
                name="gate_fact_position_whole",
            ),
            models.CheckConstraint(condition=Q(next_look_on__gt=F("looked_on")), name="gate_fact_looks_again"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | ~Q(ended_reason=""), name="gate_fact_ended_for_reason"
            ),
        ]
        indexes = [
            models.Index(fields=["street", "place"], name="gate_fact_place"),
            models.Index(
                fields=["street", "next_look_on"], condition=Q(ended_at__isnull=True), name="gate_fact_next_look"
            ),
        ]

    def __str__(self) -> str:
        return self.words


class StreetMap(OfStreet, Acted, AppendOnly):
    """The roads and rivers of a street's maps (底图的线), as ``rules.check_lines`` keeps them; the last one counts.

    ``source``: who drew them, which stands under each map.
    """

    lines = models.JSONField()
    source = models.CharField(max_length=200)

    def __str__(self) -> str:
        return self.source
