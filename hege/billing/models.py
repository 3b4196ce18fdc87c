"""Tariffs, utility bills, how they are shared, what was paid to whom, what was admitted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import models
from django.db.models import F, Q

from hege.billing.agent.rules import AgentWordKind, AgentWordState
from hege.billing.applying import models as _applying  # noqa: F401  # so that Django finds their tables
from hege.billing.rules import ComponentKind, Method
from hege.kernel import seal
from hege.kernel.calendar import DAY
from hege.kernel.ids import public_id
from hege.kernel.mutability import AppendOnly, Mutable
from hege.kernel.periods import Lasting
from hege.ledger.models import SourceRow, Transaction
from hege.metering.models import SupplyPoint
from hege.people.models import Acted, OfStreet, Party, Recorded, Street, User
from hege.places.models import Tenancy

# What a transaction seals of the rows beside it: all but their own key and the key of what they belong to. A column added later
# joins with a default that is blank, which says nothing in a seal: one of zero or yes would break every seal before it.
BILL_SAYS = (
    "street_id", "point_id", "number", "from_on", "until_on", "previous_litres", "current_litres", "volume_litres",
    "amount_fen", "due_on", "issued_on",
)  # fmt: skip
ALLOCATION_SAYS = ("street_id", "bill_id", "method", "inputs", "corrects_id", "decision", "by_id", "at")
COMPONENT_SAYS = ("street_id", "kind", "amount_fen")
SHARE_SAYS = ("street_id", "tenancy_id", "weight", "parts_fen", "amount_fen", "estimated")
PAYMENT_SAYS = (
    "street_id", "point_id", "tenancy_id", "agent_id", "amount_fen", "means", "voucher", "counterparty", "note",
)  # fmt: skip


class Tariff(Lasting):
    """A dated price list (价目). Tariffs differ by city and change: data, never constants."""

    street = models.ForeignKey(Street, on_delete=models.PROTECT, related_name="tariffs")
    name = models.CharField(max_length=80)
    sample = models.BooleanField(default=False, help_text="Not a real price list; shown as sample data.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["street", "name", "from_on"], name="tariff_unique")]

    def __str__(self) -> str:
        return self.name


class TariffComponent(OfStreet, Mutable):
    """One component: volume × rate × factor, rounded once per bill. Sewage in Shanghai has factor 0.9."""

    tariff = models.ForeignKey(Tariff, on_delete=models.PROTECT, related_name="components")
    kind = models.CharField(max_length=8, choices=ComponentKind.choices)
    yuan_per_m3 = models.DecimalField(max_digits=10, decimal_places=4)
    factor = models.DecimalField(max_digits=6, decimal_places=4, default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["street", "tariff", "kind"], name="tariff_component_unique")]


class MethodChoice(OfStreet, Acted, AppendOnly):
    """The sharing method of a supply point from a day on, by a recorded decision."""

    point = models.ForeignKey(SupplyPoint, on_delete=models.PROTECT, related_name="method_choices")
    method = models.CharField(max_length=10, choices=Method.choices)
    from_on = models.DateField()
    decision = models.CharField(max_length=300)


class Bill(AppendOnly):
    """A utility bill (水费账单) for one supply point and a half-open period; ``amount_fen`` may be negative (credit)."""

    sealed_by = "its transaction, whose digest the trail carries"

    street = models.ForeignKey(Street, on_delete=models.PROTECT, related_name="bills")
    point = models.ForeignKey(SupplyPoint, on_delete=models.PROTECT, related_name="bills")
    number = models.CharField(max_length=60)
    from_on = models.DateField()
    until_on = models.DateField()
    previous_litres = models.BigIntegerField(null=True)
    current_litres = models.BigIntegerField(null=True)
    volume_litres = models.BigIntegerField()
    amount_fen = models.BigIntegerField()
    due_on = models.DateField()
    issued_on = models.DateField()
    transaction = models.OneToOneField(Transaction, on_delete=models.PROTECT, related_name="bill", db_column="event_id")

    class Meta:
        indexes = [models.Index(fields=["street", "point", "from_on"], name="bill_point_period")]
        constraints = [models.CheckConstraint(condition=Q(until_on__gt=F("from_on")), name="bill_period")]

    def __str__(self) -> str:
        return self.number

    @property
    def last_day(self) -> dt.date:
        """The last day of its period, as bills print it."""
        return self.until_on - DAY

    def document_digest(self, components: Iterable[Sequence[Any]]) -> str:
        """The digest its transaction seals, over the bill and its components (values of ``COMPONENT_SAYS``)."""
        parts = sorted((seal.content(COMPONENT_SAYS, c) for c in components), key=lambda c: str(c["kind"]))
        return seal.digest(seal.content(BILL_SAYS, [getattr(self, name) for name in BILL_SAYS]), parts)


class BillComponent(OfStreet, AppendOnly):
    """One printed component of a bill, in fen, not rounded again."""

    sealed_by = "its transaction, whose digest the trail carries"

    bill = models.ForeignKey(Bill, on_delete=models.PROTECT, related_name="components")
    kind = models.CharField(max_length=8, choices=ComponentKind.choices)
    amount_fen = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["street", "bill", "kind"], name="bill_component_unique")]


class Allocation(Acted, AppendOnly):
    """An allocation statement (分摊单): our split of one bill, its inputs frozen, so that a re-run gives the same rows."""

    sealed_by = "its transaction, whose digest the trail carries"

    street = models.ForeignKey(Street, on_delete=models.PROTECT, related_name="allocations")
    bill = models.ForeignKey(Bill, on_delete=models.PROTECT, related_name="allocations")
    method = models.CharField(max_length=10, choices=Method.choices)
    inputs = models.JSONField()
    transaction = models.OneToOneField(
        Transaction, on_delete=models.PROTECT, related_name="allocation", db_column="event_id"
    )
    corrects = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="corrections")
    decision = models.CharField(max_length=300, blank=True)

    def document_digest(self, shares: Iterable[Sequence[Any]]) -> str:
        """The digest its transaction seals, over the statement and its shares in order (values of ``SHARE_SAYS``)."""
        said = seal.content(ALLOCATION_SAYS, [getattr(self, name) for name in ALLOCATION_SAYS])
        return seal.digest(said, [seal.content(SHARE_SAYS, s) for s in shares])


class Share(OfStreet, AppendOnly):
    """One line of an allocation: a tenancy's part of each component; no tenancy means it stays common."""

    sealed_by = "its transaction, whose digest the trail carries"

    allocation = models.ForeignKey(Allocation, on_delete=models.PROTECT, related_name="shares")
    tenancy = models.ForeignKey(Tenancy, null=True, on_delete=models.PROTECT, related_name="shares")
    weight = models.CharField(max_length=80, help_text="Exact, as a whole number or a fraction.")
    parts_fen = models.JSONField(help_text="Component kind to fen.")
    amount_fen = models.BigIntegerField()
    estimated = models.BooleanField(default=False, help_text="A reading behind it was a guess or drawn between others.")


class Payment(AppendOnly):
    """Money that changed hands: receipt, remittance or direct payment, by the kind of its transaction."""

    sealed_by = "its transaction, whose digest the trail carries"

    street = models.ForeignKey(Street, on_delete=models.PROTECT, related_name="payments")
    point = models.ForeignKey(SupplyPoint, on_delete=models.PROTECT, related_name="payments")
    transaction = models.OneToOneField(
        Transaction, on_delete=models.PROTECT, related_name="payment", db_column="event_id"
    )
    tenancy = models.ForeignKey(Tenancy, null=True, on_delete=models.PROTECT, related_name="payments")
    agent = models.ForeignKey(Party, null=True, on_delete=models.PROTECT, related_name="payments")
    amount_fen = models.BigIntegerField()
    means = models.CharField(max_length=40, blank=True)
    voucher = models.CharField(max_length=80, blank=True)
    counterparty = models.CharField(max_length=120, blank=True, help_text="As written: who took or who paid it.")
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(amount_fen__gt=0), name="payment_positive")]

    @staticmethod
    def document_digest(values: Sequence[Any]) -> str:
        """The digest its transaction seals, from values of ``PAYMENT_SAYS``: without an instance, there being so many."""
        return seal.digest(seal.content(PAYMENT_SAYS, values))


class Acknowledgement(Recorded, AppendOnly):
    """A unit admits in writing what it has not paid (欠费确认); the latest one counts, up to what it owes."""

    street = models.ForeignKey(Street, on_delete=models.PROTECT, related_name="acknowledgements")
    point = models.ForeignKey(SupplyPoint, on_delete=models.PROTECT, related_name="acknowledgements")
    tenancy = models.ForeignKey(Tenancy, on_delete=models.PROTECT, related_name="acknowledgements")
    on = models.DateField()
    amount_fen = models.BigIntegerField()
    voucher = models.CharField(max_length=80, blank=True)
    note = models.CharField(max_length=300, blank=True)
    source_row = models.OneToOneField(SourceRow, null=True, on_delete=models.PROTECT, related_name="acknowledgement")

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(amount_fen__gte=0), name="acknowledgement_not_negative")]
        indexes = [models.Index(fields=["street", "tenancy", "on"], name="acknowledgement_latest")]


class AgentWord(OfStreet, Mutable):
    """What a collecting agent says of the money (代收人的说法): kept as said, beside the ledger and never in it.

    ``on``, ``amount_fen``, ``means`` and ``voucher`` are of money that is not booked; ``transaction`` is the line it speaks of,
    or, once it was taken up, the one that was booked from it.
    """

    public_id = models.CharField(max_length=12, default=public_id)
    point = models.ForeignKey(SupplyPoint, on_delete=models.PROTECT, related_name="agent_words")
    agent = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="agent_words")
    kind = models.CharField(max_length=10, choices=AgentWordKind.choices)
    tenancy = models.ForeignKey(Tenancy, null=True, on_delete=models.PROTECT, related_name="agent_words")
    transaction = models.ForeignKey(Transaction, null=True, on_delete=models.PROTECT, related_name="agent_words")
    on = models.DateField(null=True)
    amount_fen = models.BigIntegerField(null=True)
    means = models.CharField(max_length=40, blank=True)
    voucher = models.CharField(max_length=80, blank=True)
    text = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    said_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=AgentWordState.choices, default=AgentWordState.WAITING)
    note = models.CharField(max_length=300, blank=True)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["street", "public_id"], name="agent_word_public_id_unique"),
            models.CheckConstraint(
                condition=Q(kind__in=["collected", "remitted"], on__isnull=False, amount_fen__gt=0)
                | Q(kind__in=["confirmed", "denied", "explained"], transaction__isnull=False, amount_fen__isnull=True),
                name="agent_word_of_money_or_line",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | Q(by__isnull=True) | ~Q(decided_by=F("by")),
                name="agent_word_decided_by_another",
            ),
        ]
        indexes = [models.Index(fields=["street", "state"], name="agent_word_state")]

    def __str__(self) -> str:
        return f"{self.kind} {self.public_id}"


class UtilityAccount(OfStreet, Mutable):
    """Where a shop may pay the utility directly (水务公司的收款账户): the utility's own, never the street's or an agent's.

    ``words``: how else one may pay, as the letter says; ``document``: the letter. Shown once ``confirmed_by`` has checked it.
    """

    holder = models.CharField(max_length=120)
    bank = models.CharField(max_length=120)
    number = models.CharField(max_length=30)
    words = models.CharField(max_length=300, blank=True)
    document = models.CharField(max_length=300)
    named_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    named_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | Q(named_by__isnull=True) | ~Q(confirmed_by=F("named_by")),
                name="utility_account_by_two",
            )
        ]

    def __str__(self) -> str:
        return self.holder
