"""The grid tree, the shops in it, who rents them when, and which days are working days."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from hege.kernel.mutability import Mutable
from hege.kernel.periods import Lasting
from hege.people.models import OfStreet, Party, Street


class PlaceLevel(models.TextChoices):
    """The layers of the grid (多格合一), from the street down to a building."""

    STREET = "street", _("街镇")
    COMPREHENSIVE_GRID = "comprehensive_grid", _("综合网格")
    RESIDENCE_GRID = "residence_grid", _("居村网格")
    BLOCK = "block", _("街区")
    MICRO_GRID = "micro_grid", _("微网格")
    PREMISES = "premises", _("楼宇/沿街")


class UnitUse(models.TextChoices):
    """What a unit is used for; the holder's own use, vacant shops and the public tap are units too."""

    SHOP = "shop", _("商铺")
    CATERING = "catering", _("餐饮")
    HOSPITAL = "hospital", _("医疗")
    SCHOOL = "school", _("学校")
    RESIDENT = "resident", _("居民")
    OWN = "own", _("户主自用")
    VACANT = "vacant", _("空置")
    PUBLIC = "public", _("公用")
    OTHER = "other", _("其他")


class Place(Lasting):
    """One node of the grid tree with validity; ``path`` lists the codes from the street down, each ended by ``/``."""

    street = models.ForeignKey(Street, on_delete=models.PROTECT, related_name="places")
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    level = models.CharField(max_length=20, choices=PlaceLevel.choices)
    code = models.CharField(max_length=30)
    name = models.CharField(max_length=80)
    path = models.CharField(max_length=200)
    polygon = models.JSONField(null=True, blank=True, help_text="GeoJSON, WGS-84. Never a key to people.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["street", "code", "from_on"], name="place_code_unique")]
        indexes = [models.Index(fields=["street", "path"], name="place_path")]

    def __str__(self) -> str:
        return self.name


class Unit(Mutable):
    """A shop or other user of water behind a supply point (商铺); its code is unique in the street."""

    found_by = ("code", "name")

    street = models.ForeignKey(Street, on_delete=models.PROTECT, related_name="units")
    place = models.ForeignKey(Place, null=True, blank=True, on_delete=models.PROTECT, related_name="units")
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    use = models.CharField(max_length=12, choices=UnitUse.choices, default=UnitUse.SHOP)
    area_sqm = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    link_serial = models.PositiveIntegerField(default=1, help_text="Raised to revoke the unit's printed code.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["street", "code"], name="unit_code_unique")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class UnitLink(Mutable):
    """The printed code (二维码) of a unit: only the hash of its secret is kept; a revoked one still explains itself."""

    street = models.ForeignKey(Street, on_delete=models.PROTECT, related_name="unit_links")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="links")
    serial = models.PositiveIntegerField()
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["street", "unit", "serial"], name="unit_link_serial")]


class Tenancy(Lasting):
    """Unit × party × time (租期). Debts belong to a tenancy; a new tenant never inherits."""

    street = models.ForeignKey(Street, on_delete=models.PROTECT, related_name="tenancies")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="tenancies")
    party = models.ForeignKey(Party, null=True, blank=True, on_delete=models.PROTECT, related_name="tenancies")
    from_on = models.DateField(help_text="The first day in.")
    until_on = models.DateField(null=True, blank=True, help_text="The first day out.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["street", "unit", "from_on"], name="tenancy_start_unique"),
            models.UniqueConstraint(
                fields=["street", "unit"], condition=Q(until_on__isnull=True), name="tenancy_one_open"
            ),
            models.CheckConstraint(
                condition=Q(until_on__isnull=True) | Q(until_on__gt=F("from_on")), name="tenancy_period"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.from_on}"


class DayKind(models.TextChoices):
    """Whether offices work on a day."""

    WORK = "work", _("工作日")
    REST = "rest", _("休息日")


class CalendarDay(OfStreet, Mutable):
    """A day that a street's calendar (工作日历) names: a statutory holiday, or a day a notice or the office moved.

    Days without a row are Monday to Friday. A year is confirmed when it has rows and none waits for the notice.
    """

    day = models.DateField()
    kind = models.CharField(max_length=4, choices=DayKind.choices)
    name = models.CharField(max_length=40, blank=True)
    source = models.CharField(max_length=80)
    confirmed = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["street", "day"], name="calendar_day_unique")]
