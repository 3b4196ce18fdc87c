"""Batches of vouchers, the shops that take them, what members have claimed, and how a claim ended; what tills took."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from hege.kernel.ids import public_id
from hege.kernel.mutability import AppendOnly, Mutable, MutableQuerySet
from hege.kernel.periods import Lasting
from hege.members.models import Member
from hege.people.models import OfStreet, Party, User
from hege.places.models import Place
from hege.vouchers.rules import LONGEST_REASON, LONGEST_TITLE, LONGEST_WORDS, BatchState, ClaimEndKind, Terms, Worth
from hege.vouchers.tills.rules import LONGEST_LABEL, ConflictState, ScanFault


class Merchant(OfStreet, Lasting):
    """A shop that takes vouchers (商户), under the name on its sign; ``party`` is who is paid."""

    public_id = models.CharField(max_length=12, default=public_id)
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="merchants")
    name = models.CharField(max_length=60)
    address = models.CharField(max_length=120, blank=True)
    place = models.ForeignKey(Place, null=True, blank=True, on_delete=models.PROTECT, related_name="merchants")
    host = models.ForeignKey(Party, null=True, blank=True, on_delete=models.PROTECT, related_name="hosted_merchants")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["street", "public_id"], name="merchant_public_id_unique"),
            models.UniqueConstraint(
                fields=["street", "name"], condition=Q(until_on__isnull=True), name="merchant_name_unique"
            ),
            models.CheckConstraint(
                condition=Q(until_on__isnull=True) | Q(until_on__gt=F("from_on")), name="merchant_period"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class BatchQuerySet(MutableQuerySet["Batch"]):
    """Chainable filters over batches."""

    def in_state(self, *states: BatchState) -> BatchQuerySet:
        """Those that have come so far."""
        return self.filter(state__in=states)


class Batch(OfStreet, Mutable):
    """A batch of vouchers (券批次): what one is worth, how many, to whom, until when, and who pays (``rules.Terms``).

    ``claimed`` counts its claims but for those taken back; ``committed_fen`` is what the payer owes or may come to owe:
    the cost of each that can still be used, and what was owed for each that was. Both are counted again by ``hege verify``.
    """

    found_by = ("title",)

    public_id = models.CharField(max_length=12, default=public_id)
    title = models.CharField(max_length=LONGEST_TITLE)
    words = models.CharField(max_length=LONGEST_WORDS, blank=True)
    kind = models.CharField(max_length=8, choices=Worth.choices)
    value_fen = models.PositiveBigIntegerField(default=0)
    percent = models.PositiveSmallIntegerField(default=0)
    cost_fen = models.PositiveBigIntegerField(default=0)
    stock = models.PositiveIntegerField()
    claimed = models.PositiveIntegerField(default=0)
    budget_fen = models.PositiveBigIntegerField(default=0)
    committed_fen = models.PositiveBigIntegerField(default=0)
    per_member = models.PositiveIntegerField(default=1)
    point_price = models.PositiveIntegerField(default=0)
    releases_at = models.DateTimeField()
    claim_until_at = models.DateTimeField()
    use_from_on = models.DateField()
    use_until_on = models.DateField()
    weekdays = models.JSONField(default=list, help_text="0 to 6, Monday first.")
    hours = models.JSONField(default=list, help_text="Pairs of minutes of the day; none: all day.")
    payer = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="voucher_batches")
    state = models.CharField(max_length=10, choices=BatchState.choices, default=BatchState.DRAFT)
    version = models.PositiveIntegerField(default=1)
    made_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    approved_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_reason = models.CharField(max_length=LONGEST_REASON, blank=True)

    objects: ClassVar[models.Manager[Batch]] = models.Manager.from_queryset(BatchQuerySet)()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["street", "public_id"], name="batch_public_id_unique"),
            models.CheckConstraint(
                condition=Q(claimed__gte=0, claimed__lte=F("stock")), name="batch_claimed_within_stock"
            ),
            models.CheckConstraint(
                condition=Q(committed_fen__gte=0, committed_fen__lte=F("budget_fen")),
                name="batch_committed_within_budget",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | Q(made_by__isnull=True) | ~Q(approved_by=F("made_by")),
                name="batch_approved_by_another",
            ),
            models.CheckConstraint(
                condition=Q(claim_until_at__gt=F("releases_at"), use_until_on__gt=F("use_from_on")),
                name="batch_periods",
            ),
        ]
        indexes = [models.Index(fields=["street", "state", "use_until_on"], name="batch_state")]

    def __str__(self) -> str:
        return self.title

    @property
    def terms(self) -> Terms:
        """What it says, as the rules take it."""
        said = {name: getattr(self, name) for name in Terms.__dataclass_fields__}
        said |= {"kind": Worth(self.kind), "weekdays": tuple(self.weekdays)}
        return Terms(**said | {"hours": tuple((a, b) for a, b in self.hours)})


class BatchMerchant(OfStreet, Mutable):
    """That a shop takes the vouchers of a batch (收券商户), until it is taken off again."""

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="shops")
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="batches")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["street", "batch", "merchant"], condition=Q(ended_at__isnull=True), name="batch_merchant_unique"
            )
        ]


class Claim(OfStreet, AppendOnly):
    """A voucher a member has claimed (领到的券): the ``seq``-th of a batch that is theirs.

    ``number`` is said at the counter and grants nothing; ``secret`` is sealed (``vouchers.sealing``): what the code that
    moves is made of, on the member's phone and here.
    """

    public_id = models.CharField(max_length=12, default=public_id)
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="claims")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="claims")
    seq = models.PositiveIntegerField()
    number = models.CharField(max_length=8)
    secret = models.TextField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["street", "public_id"], name="claim_public_id_unique"),
            models.UniqueConstraint(fields=["street", "number"], name="claim_number_unique"),
            models.UniqueConstraint(fields=["street", "batch", "member", "seq"], name="claim_once"),
        ]
        indexes = [models.Index(fields=["street", "member", "id"], name="claim_member")]

    def __str__(self) -> str:
        return self.number


class ClaimEnd(OfStreet, AppendOnly):
    """That a voucher nobody used is none any more (券终止): once for each, and so its money is free once."""

    claim = models.OneToOneField(Claim, on_delete=models.PROTECT, related_name="end")
    kind = models.CharField(max_length=10, choices=ClaimEndKind.choices)
    at = models.DateTimeField()


class PaperCode(OfStreet, Mutable):
    """A code on paper that stands in for the moving one, once and online (纸券): derived, never kept (``vouchers.sealing``).

    Printing another ends the one before.
    """

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="papers")
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["street", "claim"], condition=Q(ended_at__isnull=True), name="paper_code_unique"
            )
        ]


# -- at the counter ------------------------------------------------------------------------------------------------------

LONGEST_NONCE = 80


class Till(OfStreet, Mutable):
    """A shop's phone that takes vouchers (收券台): known by a cookie, of which ``token_hash`` is kept; no user, no role.

    Opened once by a link; ``ended_at``: it takes nothing any more, and what it took stays.
    """

    public_id = models.CharField(max_length=12, default=public_id)
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="tills")
    label = models.CharField(max_length=LONGEST_LABEL)
    token_hash = models.CharField(max_length=64, blank=True)
    made_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["street", "public_id"], name="till_public_id_unique"),
            models.UniqueConstraint(
                fields=["street", "token_hash"], condition=~Q(token_hash=""), name="till_token_unique"
            ),
            models.UniqueConstraint(
                fields=["street", "merchant", "label"], condition=Q(ended_at__isnull=True), name="till_label_unique"
            ),
        ]

    def __str__(self) -> str:
        return self.label


class TillLink(OfStreet, Mutable):
    """A link that opens a till once (开通链接); its secret is derived, and ``token_hash`` finds it. Another ends the one before."""

    public_id = models.CharField(max_length=12, default=public_id)
    till = models.ForeignKey(Till, on_delete=models.PROTECT, related_name="links")
    token_hash = models.CharField(max_length=64)
    made_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    until_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["street", "token_hash"], name="till_link_token_unique"),
            models.UniqueConstraint(
                fields=["street", "till"],
                condition=Q(used_at__isnull=True, ended_at__isnull=True),
                name="till_link_one_open",
            ),
        ]


class Redemption(OfStreet, AppendOnly):
    """That a till took a voucher (核销). ``owed_fen`` is what the payer owes the shop for it, ``used_at`` when it was taken.

    ``at`` is when we learnt it: later where it was noted ``offline``. ``bill_fen``: what the customer's bill came to, of a
    percentage. ``after`` names the redemption of the same voucher before it, which was taken back: the first has none and is
    one, each later one follows another and is one, so at most one is not taken back. ``nonce`` and ``content`` tell the same
    sending from another; a redemption that an office wrote down has no till.
    """

    public_id = models.CharField(max_length=12, default=public_id)
    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="redemptions")
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="redemptions")
    till = models.ForeignKey(Till, null=True, on_delete=models.PROTECT, related_name="redemptions")
    nonce = models.CharField(max_length=LONGEST_NONCE)
    content = models.CharField(max_length=64, blank=True)
    offline = models.BooleanField(default=False)
    used_at = models.DateTimeField()
    at = models.DateTimeField()
    owed_fen = models.PositiveBigIntegerField()
    bill_fen = models.PositiveBigIntegerField(null=True)
    after = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="followed_by")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["street", "public_id"], name="redemption_public_id_unique"),
            models.UniqueConstraint(
                fields=["street", "claim"], condition=Q(after__isnull=True), name="redemption_first_once"
            ),
            models.UniqueConstraint(fields=["street", "till", "nonce"], name="redemption_nonce_once"),
            models.CheckConstraint(condition=Q(used_at__lte=F("at")), name="redemption_used_then"),
        ]
        indexes = [
            models.Index(fields=["street", "merchant", "used_at"], name="redemption_of_shop"),
            models.Index(fields=["street", "used_at"], name="redemption_used_at"),
        ]

    def __str__(self) -> str:
        return self.public_id


class Reversal(OfStreet, AppendOnly):
    """That a redemption was taken back (撤销核销): by its till (``till``), or later by somebody of the office (``by``) for a reason."""

    redemption = models.OneToOneField(Redemption, on_delete=models.PROTECT, related_name="reversal")
    till = models.ForeignKey(Till, null=True, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(till__isnull=False) | ~Q(reason=""), name="reversal_by_office_for_reason"
            )
        ]


class ScanFailure(OfStreet, AppendOnly):
    """A scan a till was refused (没收成的扫码), with the reason and its ``facts`` (``rules.Finding``); ``claim`` where the voucher
    is known, ``number`` as it was typed.

    ``noted_at``: when it was noted, of one that was noted offline.
    """

    public_id = models.CharField(max_length=12, default=public_id)
    till = models.ForeignKey(Till, on_delete=models.PROTECT, related_name="failures")
    claim = models.ForeignKey(Claim, null=True, on_delete=models.PROTECT, related_name="failures")
    number = models.CharField(max_length=8, blank=True)
    fault = models.CharField(max_length=14, choices=ScanFault.choices)
    facts = models.JSONField(default=dict)
    nonce = models.CharField(max_length=LONGEST_NONCE)
    content = models.CharField(max_length=64, blank=True)
    offline = models.BooleanField(default=False)
    noted_at = models.DateTimeField(null=True)
    bill_fen = models.PositiveBigIntegerField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["street", "public_id"], name="scan_failure_public_id_unique"),
            models.UniqueConstraint(fields=["street", "till", "nonce"], name="scan_failure_nonce_once"),
        ]
        indexes = [
            models.Index(fields=["street", "at"], name="scan_failure_at"),
            models.Index(fields=["street", "claim", "at"], name="scan_failure_of_claim"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.fault}".strip()


class OfflineConflict(OfStreet, Mutable):
    """A scan that was noted offline and failed when it was sent (离线异常), until somebody decides what becomes of it.

    ``owed_fen``: what the shop is paid for it all the same; ``redemption``: the one that was written down for it.
    """

    public_id = models.CharField(max_length=12, default=public_id)
    failure = models.OneToOneField(ScanFailure, on_delete=models.PROTECT, related_name="conflict")
    state = models.CharField(max_length=10, choices=ConflictState.choices, default=ConflictState.OPEN)
    owed_fen = models.PositiveBigIntegerField(default=0)
    redemption = models.OneToOneField(Redemption, null=True, on_delete=models.PROTECT, related_name="conflict")
    reason = models.CharField(max_length=300, blank=True)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["street", "public_id"], name="offline_conflict_public_id_unique"),
            models.CheckConstraint(
                condition=(Q(state="open") & Q(decided_at__isnull=True) & Q(reason=""))
                | (~Q(state="open") & Q(decided_at__isnull=False) & ~Q(reason="")),
                name="offline_conflict_decided_for_reason",
            ),
            models.CheckConstraint(
                condition=Q(state="redeemed", redemption__isnull=False)
                | (~Q(state="redeemed") & Q(redemption__isnull=True)),
                name="offline_conflict_redeemed",
            ),
            models.CheckConstraint(condition=Q(state="paid") | Q(owed_fen=0), name="offline_conflict_paid"),
        ]
        indexes = [models.Index(fields=["street", "state", "id"], name="offline_conflict_state")]

    def __str__(self) -> str:
        return self.public_id
