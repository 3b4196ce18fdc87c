"""Where water is delivered and measured: supply points, meters, their exchanges, readings."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from hege.kernel.mutability import AppendOnly, Mutable, MutableQuerySet
from hege.kernel.periods import Lasting
from hege.ledger.models import Book, SourceRow
from hege.metering.rules import MeterKind, PointRoleKind, ReadingMethod
from hege.people.models import OfStreet, Party, Recorded, Street
from hege.places.models import Place, Unit


class SupplyPoint(Mutable):
    """Where the utility delivers and bills (用水点); keeps its identity when its meter is exchanged."""

    found_by = ("code", "name", "location")

    street = models.ForeignKey(Street, on_delete=models.PROTECT, related_name="supply_points")
    code = models.CharField(max_length=40, help_text="The number of its first master meter.")
    name = models.CharField(max_length=120)
    location = models.CharField(max_length=200, blank=True)
    place = models.ForeignKey(Place, null=True, blank=True, on_delete=models.PROTECT, related_name="supply_points")
    book = models.OneToOneField(Book, on_delete=models.PROTECT, related_name="supply_point")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["street", "code"], name="supply_point_code_unique")]

    def __str__(self) -> str:
        return self.code


class PointRole(OfStreet, Lasting):
    """Who is account holder or collecting agent of a supply point, from when until when."""

    point = models.ForeignKey(SupplyPoint, on_delete=models.PROTECT, related_name="roles")
    kind = models.CharField(max_length=16, choices=PointRoleKind.choices)
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="point_roles")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["street", "point", "kind", "from_on"], name="point_role_start_unique"),
            models.CheckConstraint(
                condition=Q(until_on__isnull=True) | Q(until_on__gt=F("from_on")), name="point_role_period"
            ),
        ]


class Connection(OfStreet, Lasting):
    """Which supply point a unit draws from, from when until when (接水关系)."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="connections")
    point = models.ForeignKey(SupplyPoint, on_delete=models.PROTECT, related_name="connections")
    awaited_sub = models.CharField(
        max_length=40, blank=True, help_text="The sub-meter the roster names while no meter is registered yet."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["street", "unit", "from_on"], name="connection_start_unique"),
            models.UniqueConstraint(
                fields=["street", "unit"], condition=Q(until_on__isnull=True), name="connection_one_open"
            ),
        ]


class MeterQuerySet(MutableQuerySet["Meter"]):
    """Chainable filters over meters."""

    def running(self, day: dt.date) -> MeterQuerySet:
        """Those in service on a day."""
        return self.filter(started_on__lte=day).filter(Q(ended_on__isnull=True) | Q(ended_on__gt=day))


class Meter(Mutable):
    """One physical meter (水表). Its first index counts at the start of ``started_on``, its last at the end of service."""

    found_by = ("number",)

    street = models.ForeignKey(Street, on_delete=models.PROTECT, related_name="meters")
    number = models.CharField(max_length=40)
    kind = models.CharField(max_length=6, choices=MeterKind.choices)
    point = models.ForeignKey(SupplyPoint, on_delete=models.PROTECT, related_name="meters")
    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="meters")
    diameter_mm = models.PositiveSmallIntegerField(null=True, blank=True)
    digits = models.PositiveSmallIntegerField(default=5, help_text="Whole cubic-metre digits of the register.")
    started_on = models.DateField()
    started_litres = models.BigIntegerField(default=0)
    ended_on = models.DateField(null=True, blank=True)
    ended_litres = models.BigIntegerField(null=True, blank=True)
    verified_on = models.DateField(null=True, blank=True)
    location = models.CharField(max_length=200, blank=True)

    objects: ClassVar[models.Manager[Meter]] = models.Manager.from_queryset(MeterQuerySet)()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["street", "number"], name="meter_number_unique"),
            models.CheckConstraint(
                condition=Q(kind="sub") | Q(kind="master", unit__isnull=True), name="meter_unit_only_behind_master"
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True, ended_litres__isnull=True)
                | Q(ended_on__isnull=False, ended_litres__isnull=False),
                name="meter_end_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Reading(Recorded, AppendOnly):
    """An index read at the end of a day (行度), in litres. A correction names the reading it replaces."""

    street = models.ForeignKey(Street, on_delete=models.PROTECT, related_name="readings")
    meter = models.ForeignKey(Meter, on_delete=models.PROTECT, related_name="readings")
    read_on = models.DateField()
    litres = models.BigIntegerField()
    method = models.CharField(max_length=10, choices=ReadingMethod.choices)
    reader = models.CharField(max_length=60, blank=True)
    note = models.CharField(max_length=300, blank=True)
    corrects = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="corrected_by")
    rollovers = models.PositiveSmallIntegerField(default=0, help_text="Times the register has passed zero so far.")
    source_row = models.OneToOneField(SourceRow, null=True, on_delete=models.PROTECT, related_name="reading")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["street", "meter", "read_on"], condition=Q(corrects__isnull=True), name="reading_day_unique"
            ),
            models.CheckConstraint(condition=Q(litres__gte=0), name="reading_not_negative"),
        ]
        indexes = [models.Index(fields=["meter", "read_on"], name="reading_meter_day")]
