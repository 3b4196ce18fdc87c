"""What a payment was named for, plans over a debt, and which debt each payment met."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from hege.kernel.mutability import AppendOnly
from hege.ledger.models import Book, Transaction
from hege.ledger.rules import Side
from hege.people.models import OfStreet, Recorded
from hege.places.models import Tenancy


class Designation(OfStreet, Recorded, AppendOnly):
    """What its payer named a payment for (指定用途): a debt by its code, ``number`` first to last; ``words`` as they were written.

    Given with the payment, or read out of its remark; never changed afterwards (Civil Code art. 560).
    """

    transaction = models.ForeignKey(Transaction, on_delete=models.PROTECT, related_name="designations")
    number = models.PositiveSmallIntegerField()
    debt = models.CharField(max_length=120)
    side = models.CharField(max_length=6, choices=Side.choices, default=Side.PAYER)
    words = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["street", "transaction", "number"], name="designation_number_unique"),
            models.UniqueConstraint(fields=["street", "transaction", "debt"], name="designation_debt_unique"),
        ]


class Plan(OfStreet, Recorded, AppendOnly):
    """How an agreement spreads what a meter owes the utility over days (分期计划): from ``effective_on`` its parts stand in the place
    of ``amount_fen`` of the debts there are. ``number`` is that of its file, ``agreement`` the public id of the agreement.
    """

    book = models.ForeignKey(Book, on_delete=models.PROTECT, related_name="plans")
    number = models.CharField(max_length=60)
    agreement = models.CharField(max_length=12)
    effective_on = models.DateField()
    amount_fen = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["street", "agreement"], name="plan_of_one_agreement"),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="plan_positive"),
        ]

    def __str__(self) -> str:
        return self.number


class PlanPart(OfStreet, AppendOnly):
    """One part of a plan (一期), as the agreement has it."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="parts")
    number = models.PositiveSmallIntegerField()
    due_on = models.DateField()
    amount_fen = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["street", "plan", "number"], name="plan_part_unique"),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="plan_part_positive"),
        ]


class Application(OfStreet, Recorded, AppendOnly):
    """So much of a debt was met on a day (抵充): by a payment (``transaction``), or taken over by a ``plan``; in fen.

    ``tenancy`` names the shop in its relation with the agent; without one it is the utility's with the meter's holder. What was
    met is the sum of the rows: a payment taken back or a bill booked late adds differences, below zero too, and what was known
    on a day stays. ``derived``: worked out at an upgrade, for payments that were booked before there were applications.
    """

    book = models.ForeignKey(Book, on_delete=models.PROTECT, related_name="applications", db_index=False)
    tenancy = models.ForeignKey(
        Tenancy, null=True, on_delete=models.PROTECT, related_name="applications", db_index=False
    )
    transaction = models.ForeignKey(Transaction, null=True, on_delete=models.PROTECT, related_name="applications")
    plan = models.ForeignKey(Plan, null=True, on_delete=models.PROTECT, related_name="applications", db_index=False)
    debt = models.CharField(max_length=120)
    on = models.DateField()
    amount_fen = models.BigIntegerField()
    derived = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(fields=["book"], condition=Q(tenancy__isnull=True), name="application_of_utility"),
            models.Index(fields=["tenancy", "book"], condition=Q(tenancy__isnull=False), name="application_of_shop"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(transaction__isnull=False, plan__isnull=True)
                | Q(transaction__isnull=True, plan__isnull=False, tenancy__isnull=True),
                name="application_by_one",
            ),
            models.CheckConstraint(condition=~Q(amount_fen=0), name="application_of_something"),
        ]
