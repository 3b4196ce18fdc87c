"""What shops are owed for the vouchers they took: months that were frozen, their lists and lines; answers; payments."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from hege.kernel.ids import public_id
from hege.kernel.mutability import AppendOnly, Mutable
from hege.ledger.models import Transaction
from hege.people.models import Acted, OfStreet, Party
from hege.programme.settlements.rules import LONGEST_SERIAL, LONGEST_WORDS, LineKind, PaymentKind, SettlementState
from hege.vouchers.models import Claim, Merchant, OfflineConflict, Redemption, Reversal, Till


class SettlementMonth(OfStreet, Acted, AppendOnly):
    """That the lists of a month were frozen (月度冻结), once: what comes later goes into the lists of the next one."""

    month_on = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["street", "month_on"], name="settlement_month_once")]

    def __str__(self) -> str:
        return f"{self.month_on:%Y-%m}"


class Settlement(OfStreet, Mutable):
    """A list (结算名单): what a shop is owed for a month, for the vouchers of one payer, frozen.

    ``payee`` is who is paid for the shop; ``paid_by`` pays it: the payer itself, or the shop's host, who gets it back.
    ``digest`` is over whose it is and every line (``rules.list_digest``). ``paid_fen`` sums the parts of the payments that
    stand; ``hege verify`` sums them again.
    """

    public_id = models.CharField(max_length=12, default=public_id)
    month = models.ForeignKey(SettlementMonth, on_delete=models.PROTECT, related_name="lists")
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="settlements")
    payee = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    payer = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    paid_by = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    lines_count = models.PositiveIntegerField()
    total_fen = models.PositiveBigIntegerField()
    paid_fen = models.PositiveBigIntegerField(default=0)
    digest = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=SettlementState.choices, default=SettlementState.FROZEN)
    transaction = models.OneToOneField(Transaction, null=True, on_delete=models.PROTECT, related_name="settlement")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["street", "public_id"], name="settlement_public_id_unique"),
            models.UniqueConstraint(fields=["street", "month", "merchant", "payer"], name="settlement_once"),
            models.CheckConstraint(condition=Q(lines_count__gt=0), name="settlement_of_something"),
            models.CheckConstraint(condition=Q(paid_fen__lte=F("total_fen")), name="settlement_paid_within_total"),
            models.CheckConstraint(
                condition=Q(state="paid", paid_fen=F("total_fen"))
                | Q(state="confirmed", paid_fen__lt=F("total_fen"))
                | Q(state__in=["frozen", "disputed"], paid_fen=0),
                name="settlement_paid_once_confirmed",
            ),
            models.CheckConstraint(
                condition=Q(total_fen=0, transaction__isnull=True) | Q(total_fen__gt=0, transaction__isnull=False),
                name="settlement_booked",
            ),
        ]
        indexes = [models.Index(fields=["street", "merchant", "month"], name="settlement_of_shop")]

    def __str__(self) -> str:
        return self.public_id

    @property
    def open_fen(self) -> int:
        """What is still to be paid of it."""
        return self.total_fen - self.paid_fen


class SettlementLine(OfStreet, AppendOnly):
    """A line of a list (名单行): a redemption, one taken back after it was on a list, or a scan that is paid all the same.

    Each is on one list, once. ``fen`` is below zero where something is taken back.
    """

    settlement = models.ForeignKey(Settlement, on_delete=models.PROTECT, related_name="lines")
    redemption = models.OneToOneField(Redemption, null=True, on_delete=models.PROTECT, related_name="settled")
    reversal = models.OneToOneField(Reversal, null=True, on_delete=models.PROTECT, related_name="settled")
    conflict = models.OneToOneField(OfflineConflict, null=True, on_delete=models.PROTECT, related_name="settled")
    used_at = models.DateTimeField()
    fen = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(redemption__isnull=False, reversal__isnull=True, conflict__isnull=True, fen__gte=0)
                | Q(redemption__isnull=True, reversal__isnull=False, conflict__isnull=True, fen__lte=0)
                | Q(redemption__isnull=True, reversal__isnull=True, conflict__isnull=False, fen__gte=0),
                name="settlement_line_of_one",
            )
        ]

    @property
    def what(self) -> LineKind:
        """What it is."""
        if self.redemption_id is not None:
            return LineKind.REDEEMED
        return LineKind.TAKEN_BACK if self.reversal_id is not None else LineKind.PAID_ALL_THE_SAME

    @property
    def claim(self) -> Claim:
        """The voucher it is of."""
        redeemed = self.redemption or (self.reversal.redemption if self.reversal else None)
        claim = redeemed.claim if redeemed else self.conflict.failure.claim if self.conflict else None
        assert isinstance(claim, Claim)
        return claim


class SettlementStep(OfStreet, Acted, AppendOnly):
    """A step of a list (名单办理): to which state, by the shop on its till or by somebody of the office, with what words."""

    settlement = models.ForeignKey(Settlement, on_delete=models.PROTECT, related_name="steps")
    to = models.CharField(max_length=10, choices=SettlementState.choices)
    words = models.CharField(max_length=LONGEST_WORDS, blank=True)
    till = models.ForeignKey(Till, null=True, on_delete=models.PROTECT, related_name="+")


class SettlementPayment(OfStreet, Acted, Mutable):
    """Money that left a bank account (付款): to a shop for its lists, or from unit to unit. A bank's serial number counts once.

    One that was written down wrong is taken back (``reversed_at``); then its serial number is free for what is right.
    """

    public_id = models.CharField(max_length=12, default=public_id)
    kind = models.CharField(max_length=10, choices=PaymentKind.choices)
    payer = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    payee = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    amount_fen = models.PositiveBigIntegerField()
    bank_serial = models.CharField(max_length=LONGEST_SERIAL)
    paid_on = models.DateField()
    transaction = models.OneToOneField(Transaction, on_delete=models.PROTECT, related_name="settlement_payment")
    reversed_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=LONGEST_WORDS, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["street", "public_id"], name="settlement_payment_public_id_unique"),
            models.UniqueConstraint(
                fields=["street", "bank_serial"],
                condition=Q(reversed_at__isnull=True),
                name="settlement_payment_serial_once",
            ),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="settlement_payment_positive"),
            models.CheckConstraint(
                condition=Q(reversed_at__isnull=True, reason="") | (Q(reversed_at__isnull=False) & ~Q(reason="")),
                name="settlement_payment_reversed_for_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.bank_serial


class SettlementPart(OfStreet, AppendOnly):
    """How much of a payment is for one list (付款分配)."""

    payment = models.ForeignKey(SettlementPayment, on_delete=models.PROTECT, related_name="parts")
    settlement = models.ForeignKey(Settlement, on_delete=models.PROTECT, related_name="parts")
    fen = models.PositiveBigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["street", "payment", "settlement"], name="settlement_part_unique"),
            models.CheckConstraint(condition=Q(fen__gt=0), name="settlement_part_positive"),
        ]
