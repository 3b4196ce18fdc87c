"""The cut-off procedure with its demands, deferrals, conditions and the utility's consent."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from hege.arrears.cutoff.rules import (
    RUNNING_STEPS,
    Affected,
    ConditionKind,
    CutoffStep,
    DeferralState,
    Delivery,
    LapseReason,
)
from hege.cases.models import Case
from hege.kernel.calendar import DAY
from hege.kernel.ids import public_id
from hege.kernel.money import yuan
from hege.kernel.mutability import AppendOnly, Mutable, MutableQuerySet
from hege.mediation.models import Agreement
from hege.metering.models import SupplyPoint
from hege.people.models import OfStreet, Recorded, Street


class CutoffNoticeQuerySet(MutableQuerySet["CutoffNotice"]):
    """Chainable filters over cut-off procedures."""

    def running(self) -> CutoffNoticeQuerySet:
        """Those that have not come to an end."""
        return self.filter(state__in=RUNNING_STEPS)


class CutoffNotice(Mutable):
    """One cut-off procedure of a supply point (停水程序), from the first demand to its end; at most one runs at a time.

    ``affected`` is the frozen list of units at the time of the written notice; ``version`` rises with each change.
    """

    street = models.ForeignKey(Street, on_delete=models.PROTECT, related_name="cutoff_notices")
    public_id = models.CharField(max_length=12, default=public_id)
    point = models.ForeignKey(SupplyPoint, on_delete=models.PROTECT, related_name="cutoff_notices")
    case = models.ForeignKey(Case, null=True, blank=True, on_delete=models.PROTECT, related_name="cutoff_notices")
    state = models.CharField(max_length=10, choices=CutoffStep.choices, default=CutoffStep.DEMANDED)
    version = models.PositiveIntegerField(default=1)
    opened_on = models.DateField()
    affected = models.JSONField(default=list)
    served_at = models.DateTimeField(null=True, blank=True)
    served_how = models.CharField(max_length=16, choices=Delivery.choices, blank=True)
    served_proof = models.CharField(max_length=200, blank=True)
    filing = models.CharField(max_length=200, blank=True, help_text="The regulator's filing note.")
    not_before_at = models.DateTimeField(null=True, blank=True)
    cut_at = models.DateTimeField(null=True, blank=True)
    restore_due_at = models.DateTimeField(null=True, blank=True, help_text="As the last daily run saw it.")
    restored_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_reason = models.CharField(max_length=300, blank=True)

    objects: ClassVar[models.Manager[CutoffNotice]] = models.Manager.from_queryset(CutoffNoticeQuerySet)()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["street", "point"],
                condition=Q(state__in=["demanded", "noticed", "deferred", "cut"]),
                name="cutoff_one_running",
            ),
            models.UniqueConstraint(fields=["street", "public_id"], name="cutoff_public_id_unique"),
            models.CheckConstraint(
                condition=Q(state__in=["demanded", "cleared", "withdrawn"]) | Q(not_before_at__isnull=False),
                name="cutoff_noticed_before_cut",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.point_id} {self.state}"

    @property
    def affected_units(self) -> list[Affected]:
        """The units listed in the written notice."""
        return [Affected(a["code"], a["name"], a["use"], a["sensitive"]) for a in self.affected]


class Demand(OfStreet, Recorded, AppendOnly):
    """A demand for payment (催缴): what was overdue, how it was delivered, by what proof (Civil Code art. 195)."""

    notice = models.ForeignKey(CutoffNotice, on_delete=models.PROTECT, related_name="demands")
    overdue_fen = models.BigIntegerField()
    how = models.CharField(max_length=16, choices=Delivery.choices)
    proof = models.CharField(max_length=200)
    delivered_on = models.DateField()


class DeferralQuerySet(MutableQuerySet["Deferral"]):
    """Chainable filters over deferrals."""

    def running(self) -> DeferralQuerySet:
        """Those that protect at present."""
        return self.filter(state=DeferralState.RUNNING)


class Deferral(Mutable):
    """A cut-off put off on conditions (暂缓停水); half-open: ``until_on`` is the first day without protection."""

    street = models.ForeignKey(Street, on_delete=models.PROTECT, related_name="deferrals")
    public_id = models.CharField(max_length=12, default=public_id)
    notice = models.ForeignKey(CutoffNotice, on_delete=models.PROTECT, related_name="deferrals")
    state = models.CharField(max_length=8, choices=DeferralState.choices, default=DeferralState.RUNNING)
    from_on = models.DateField()
    until_on = models.DateField()
    renews = models.OneToOneField("self", null=True, blank=True, on_delete=models.PROTECT, related_name="renewed_by")
    renewals = models.PositiveSmallIntegerField(default=0)
    agreement = models.ForeignKey(Agreement, null=True, blank=True, on_delete=models.PROTECT, related_name="deferrals")
    decision = models.CharField(max_length=300, blank=True, help_text="Which conference or agreement decided it.")
    lapsed_on = models.DateField(null=True, blank=True)
    lapse_reason = models.CharField(max_length=20, choices=LapseReason.choices, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager[Deferral]] = models.Manager.from_queryset(DeferralQuerySet)()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["street", "notice"], condition=Q(state="running"), name="deferral_one_running"
            ),
            models.UniqueConstraint(fields=["street", "public_id"], name="deferral_public_id_unique"),
            models.CheckConstraint(condition=Q(until_on__gt=F("from_on")), name="deferral_period"),
        ]

    def __str__(self) -> str:
        return f"{self.notice_id} until {self.until_on}"

    @property
    def last_day(self) -> dt.date:
        """The last protected day, as people say it: 暂缓至."""
        return self.until_on - DAY


class UtilityConsent(OfStreet, Recorded, AppendOnly):
    """The utility's own word (水务公司的同意) that a cut waits, or that cut water runs again (no ``deferral`` then).

    ``until_on`` is the first day it does not speak of; ``agreement`` the one it agrees to wait for.
    """

    notice = models.ForeignKey(CutoffNotice, on_delete=models.PROTECT, related_name="consents")
    deferral = models.ForeignKey(Deferral, null=True, blank=True, on_delete=models.PROTECT, related_name="consents")
    agreement = models.ForeignKey(Agreement, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    until_on = models.DateField(null=True, blank=True)
    said_by = models.CharField(max_length=100, help_text="Who spoke for the utility.")
    said_on = models.DateField()
    document = models.CharField(max_length=200)


class DeferralCondition(OfStreet, Mutable):
    """What a deferral rests on; ``due_on`` is the last day to meet it. Money ones are met by the ledger alone."""

    deferral = models.ForeignKey(Deferral, on_delete=models.PROTECT, related_name="conditions")
    kind = models.CharField(max_length=16, choices=ConditionKind.choices)
    fen = models.BigIntegerField(null=True, blank=True)
    text = models.CharField(max_length=300, blank=True)
    due_on = models.DateField()
    fulfilled_on = models.DateField(null=True, blank=True)
    fulfilled_at = models.DateTimeField(null=True, blank=True, help_text="When it was recorded.")
    evidence = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="other", fen__isnull=True) | Q(~Q(kind="other"), fen__isnull=False),
                name="condition_fen_fits_kind",
            )
        ]

    def __str__(self) -> str:
        return self.text if self.fen is None else f"{self.get_kind_display()} {yuan(self.fen)}"
