"""Warnings: what the books showed, since when, and who took it up."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from django.db import models

from hege.arrears.early_warning.rules import Finding, Trace, TraceKind, WarningKind, WarningState
from hege.cases.models import Report
from hege.kernel.ids import public_id
from hege.kernel.mutability import Mutable, MutableQuerySet
from hege.metering.models import SupplyPoint
from hege.people.models import Street, User


class EarlyWarningQuerySet(MutableQuerySet["EarlyWarning"]):
    """Chainable filters over warnings."""

    def holding(self) -> EarlyWarningQuerySet:
        """Those whose state still holds, as far as the last daily run saw."""
        return self.filter(ended_on__isnull=True)

    def waiting(self) -> EarlyWarningQuerySet:
        """Those that hold and that nobody has taken up."""
        return self.holding().filter(state=WarningState.OPEN)


class EarlyWarning(Mutable):
    """A warning that fired (预警), once for its state; what people did about it is ``state``, ``ended_on`` when it ended."""

    street = models.ForeignKey(Street, on_delete=models.PROTECT, related_name="warnings")
    public_id = models.CharField(max_length=12, default=public_id)
    point = models.ForeignKey(SupplyPoint, on_delete=models.PROTECT, related_name="warnings")
    kind = models.CharField(max_length=20, choices=WarningKind.choices)
    state_key = models.CharField(max_length=120)
    since = models.DateField(help_text="The first day it was so.")
    figures = models.JSONField()
    evidence = models.JSONField()
    fired_on = models.DateField()
    seen_on = models.DateField(help_text="The last day a run saw it; figures and evidence are of that day.")
    ended_on = models.DateField(null=True, blank=True, help_text="The first day a run no longer saw it.")
    state = models.CharField(max_length=12, choices=WarningState.choices, default=WarningState.OPEN)
    acknowledged_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=300, blank=True)
    report = models.OneToOneField(Report, null=True, blank=True, on_delete=models.PROTECT, related_name="warning")

    objects: ClassVar[models.Manager[EarlyWarning]] = models.Manager.from_queryset(EarlyWarningQuerySet)()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["street", "point", "kind", "state_key"], name="warning_state_unique"),
            models.UniqueConstraint(fields=["street", "public_id"], name="warning_public_id_unique"),
        ]
        indexes = [models.Index(fields=["street", "ended_on", "state"], name="warning_holding")]

    def __str__(self) -> str:
        return f"{self.kind} {self.point_id} {self.since}"

    @property
    def finding(self) -> Finding:
        """The values its sentences are made of (``early_warning.sentences``)."""
        evidence = tuple(
            Trace(TraceKind(t["kind"]), t["number"], dt.date.fromisoformat(t["on"]), t["fen"]) for t in self.evidence
        )
        return Finding(WarningKind(self.kind), self.since, self.state_key, self.figures, evidence)
